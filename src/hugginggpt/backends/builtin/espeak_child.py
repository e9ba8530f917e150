"""A child process that speaks with espeak-ng's library: `python -m hugginggpt.backends.builtin.espeak_child WAV WORDS_PER_MIN`.

Each line of its input is `[text, language]` in JSON; it writes the speech into the WAV and answers with the line `done`. The
library is GPL-3, so it is loaded here and nowhere else.
"""

import ctypes
import json
import os
import sys
import wave
from collections.abc import Callable

# From espeak-ng/speak_lib.h.
_OUTPUT_SYNCHRONOUS = 2
_PATH_OPTIONS = 0x8000  # do not exit where the data are missing
_RATE = 1
_POS_CHARACTER = 1
_CHARS_UTF8 = 1  # alone: neither SSML nor phonemes in brackets are read


def main() -> None:
    """Speak line by line until the input ends."""
    path, words_per_min = sys.argv[1], int(sys.argv[2])
    # The library may write to the standard output, where the answers go.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    speak, rate_hz = _opened(words_per_min)
    for line in sys.stdin.buffer:
        text, language = json.loads(line)
        sound = speak(text, language)
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, rate_hz, 0, "NONE", ""))
            file.writeframes(sound)
        print("done", file=answers, flush=True)


def _opened(words_per_min: int) -> tuple[Callable[[str, str], bytes], int]:
    """A function from a text and a language to samples of 16 bits, and their rate."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path())
    rate_hz = library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, data.encode(), _PATH_OPTIONS)
    if rate_hz <= 0:
        sys.exit(f"espeak-ng's library does not start with its data in {data!r}")
    pieces: list[bytes] = []

    def take(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(take)
    library.espeak_SetSynthCallback(callback)
    number, pointer = ctypes.c_uint, ctypes.c_void_p
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        number,
        ctypes.c_int,
        number,
        number,
        pointer,
        pointer,
    ]

    # `callback` is named here so that it lives as long as the function.
    def speak(text: str, language: str, *, callback: object = callback) -> bytes:
        pieces.clear()
        if library.espeak_SetVoiceByName(language.encode()) != 0:
            sys.exit(f"espeak-ng's library has no voice {language!r}")
        library.espeak_SetParameter(_RATE, words_per_min, 0)
        encoded = text.encode()
        if library.espeak_Synth(encoded, len(encoded) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None) != 0:
            sys.exit(f"espeak-ng's library does not speak {text[:40]!r}")
        library.espeak_Synchronize()
        return b"".join(pieces)

    return speak, rate_hz


if __name__ == "__main__":
    main()
