"""Speak a text: three voices, each a program or a library that is run in a process of its own.

A text reaches a voice through a file or a pipe: no shell sees it, and none of it can be read as an option. It is spoken
sentence by sentence, so that a long one shows how far it is, and levelled so that nothing is clipped.
"""

import functools
import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hugginggpt.backends.builtin.reading import SCRIPTS, ascii_only, scripts, sentences
from hugginggpt.backends.expert import Job, Made
from hugginggpt.errors import BackendError, InputRefused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16]

LONGEST_CHARACTERS = 20_000
"""Some twenty minutes of prose."""
LONGEST_BYTES = 49_000_000
"""A file past 50 MB is not taken from an expert; a text of nothing but numbers takes longer than its characters tell."""
PAUSE_S = 0.25
"""Between two sentences; no pause is longer."""
PEAK = 0.9
"""Of full scale, for the loudest sample."""
FLITE_STRETCH = 1.1
"""Flite's voice slt is hurried."""
ESPEAK_WORDS_PER_MIN = 165
FOREIGN_SHARE = 0.2
"""With more letters of other scripts than this, an English voice would leave out too much."""

Chunk = tuple[str, str]
"""What is said, and the espeak-ng language that says it."""
Voice = Callable[[Sequence[Chunk], Path], Iterator[Path]]
"""Writes each chunk as a WAV of 16 bits into the folder, in order."""


def flite(job: Job) -> Sequence[Made]:
    """Speak English with flite: its voice slt where it has it, else its own first.

    Raises:
        InputRefused: nothing in the text can be spoken, it is too long, or not in the Latin alphabet.
    """
    said = _said(job)
    letters = scripts(" ".join(said))
    foreign = [script for script in letters if script != "LATIN"]
    if sum(letters[script] for script in foreign) > FOREIGN_SHARE * letters.total():
        raise InputRefused(
            f"flite speaks English only, and {_short(job.text('text'))} is written in {foreign[0].lower()} letters",
            cure="use 'builtin/espeak-ng', or translate it first",
        )
    plain = [piece for piece in map(ascii_only, said) if any(map(str.isalnum, piece))]
    return _spoken(job, [(piece, "en-us") for piece in plain], _flite)


def espeak_ng(job: Job) -> Sequence[Made]:
    """Speak with the program espeak-ng: English, or by their letters Russian, Greek, Chinese and others.

    Raises:
        InputRefused: nothing in the text can be spoken, it is too long, or in letters that no voice reads.
    """
    return _spoken(job, _in_languages(_said(job)), _espeak)


def espeak_ng_loader(job: Job) -> Sequence[Made]:
    """The same with the library that the package espeakng-loader brings, loaded by a child process only: it is GPL-3.

    Raises:
        InputRefused: nothing in the text can be spoken, it is too long, or in letters that no voice reads.
    """
    return _spoken(job, _in_languages(_said(job)), _espeak_library)


def _said(job: Job) -> list[str]:
    """The text of a job in pieces to be spoken, checked."""
    text = job.text("text")
    if len(text) > LONGEST_CHARACTERS:
        raise InputRefused(
            f"the text has {len(text):,} characters, and at most {LONGEST_CHARACTERS:,} are spoken at once",
            cure="cut it, or have it summarised first",
        )
    said = sentences(text)
    if not said:
        raise InputRefused(f"there is nothing to speak in {_short(text)}", cure="give a text with words or numbers")
    return said


def _in_languages(said: Iterable[str]) -> list[Chunk]:
    chunks = []
    for piece in said:
        letters = scripts(piece)
        # Kana decide: Japanese is mostly written in Chinese characters.
        script = next((kana for kana in ("HIRAGANA", "KATAKANA") if letters[kana]), "")
        script = script or next((name for name, _ in letters.most_common(1)), "LATIN")
        if script not in SCRIPTS:
            raise InputRefused(
                f"espeak-ng has no voice here for {script.lower()} letters, such as {_short(piece)}",
                cure=f"give a text in one of these: {', '.join(name.lower() for name in SCRIPTS)}",
            )
        chunks.append((piece, SCRIPTS[script]))
    return chunks


def _spoken(job: Job, chunks: Sequence[Chunk], voice: Voice) -> Sequence[Made]:
    """The chunks one after the other as one WAV, its loudest sample at `PEAK`, quiet ends cut off."""
    import numpy as np

    rate_hz, peak = 0, 0
    chunks = _joined(chunks)
    raw = job.folder / "speech.raw"
    with raw.open("wb") as kept:
        for number, path in enumerate(voice(chunks, job.folder)):
            samples, rate_hz = _read(path)
            path.unlink()
            samples = _tightened(samples, rate_hz)
            if samples.size:
                pause = np.zeros(int(PAUSE_S * rate_hz) if kept.tell() else 0, dtype="<i2")
                kept.write(pause.tobytes() + samples.astype("<i2").tobytes())
                peak = max(peak, int(np.abs(samples.astype(np.int32)).max()))
            if kept.tell() > LONGEST_BYTES:
                raise InputRefused(
                    f"the text takes more than {kept.tell() / 2 / rate_hz / 60:.0f} minutes to speak",
                    cure="cut it in two",
                )
            job.progress((number + 1) / len(chunks), "speaking")
    if not peak:
        raise BackendError(f"the voice said nothing for {_short(chunks[0][0])}", cure="try another voice")
    speech = job.folder / "speech.wav"
    with raw.open("rb") as kept, wave.open(str(speech), "wb") as made:
        made.setparams((1, 2, rate_hz, 0, "NONE", ""))
        while block := kept.read(1 << 20):
            louder = np.frombuffer(block, "<i2").astype(np.float32) * (PEAK * 32767 / peak)
            made.writeframes(np.round(louder).astype("<i2").tobytes())
    raw.unlink()
    return [Made(speech, name="speech.wav")]


def _joined(chunks: Sequence[Chunk], longest: int = 400) -> list[Chunk]:
    """Short neighbours in one language as one, so that a voice is started once for several sentences."""
    joined: list[Chunk] = []
    for said, language in chunks:
        if joined and joined[-1][1] == language and len(joined[-1][0]) + len(said) < longest:
            joined[-1] = (f"{joined[-1][0]}\n{said}", language)
        else:
            joined.append((said, language))
    return joined


@functools.cache
def _flite_voice() -> tuple[str, ...]:
    voices = subprocess.run(
        ["flite", "-lv"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    ).stdout
    return ("-voice", "slt") if "slt" in voices.split() else ()


def _flite(chunks: Sequence[Chunk], folder: Path) -> Iterator[Path]:
    text, made = folder / "said.txt", folder / "said.wav"
    for said, _ in chunks:
        text.write_text(said + "\n", encoding="ascii")
        stretch = ("--setf", f"duration_stretch={FLITE_STRETCH}")
        _run(["flite", *_flite_voice(), *stretch, "-f", str(text), "-o", str(made)])
        yield made
    text.unlink()


def _espeak(chunks: Sequence[Chunk], folder: Path) -> Iterator[Path]:
    program = "espeak-ng" if shutil.which("espeak-ng") else "espeak"
    made = folder / "said.wav"
    for said, language in chunks:
        # `-b 1`: UTF-8. Without `-m` no markup is read.
        options = ["-v", language, "-s", str(ESPEAK_WORDS_PER_MIN), "-b", "1", "-w", str(made), "--stdin"]
        _run([program, *options], said)
        yield made


def _run(command: list[str], said: str = "") -> None:
    try:
        done = subprocess.run(command, input=said.encode(), capture_output=True, check=False)
    except FileNotFoundError:
        raise BackendError(f"there is no program {command[0]!r} here", cure=f"apt install {command[0]}") from None
    if done.returncode:
        about = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise BackendError(f"{command[0]} ended with {done.returncode}: {about[-1]}")


def _espeak_library(chunks: Sequence[Chunk], folder: Path) -> Iterator[Path]:
    made = folder / "said.wav"
    # `-P`: what lies in the working folder is not imported.
    command = [
        sys.executable,
        "-P",
        "-m",
        "hugginggpt.backends.builtin.espeak_child",
        str(made),
        str(ESPEAK_WORDS_PER_MIN),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin and child.stdout and child.stderr  # pipes, one line above
        for chunk in chunks:
            try:
                child.stdin.write(json.dumps(chunk).encode() + b"\n")
                child.stdin.flush()
            except BrokenPipeError:
                pass  # it ended; the next line says why
            if child.stdout.readline().strip() != b"done":
                about = child.stderr.read().decode(errors="replace").strip().splitlines() or ["no message"]
                raise BackendError(
                    f"the process with espeak-ng's library ended: {about[-1]}", cure="pip install espeakng-loader"
                )
            yield made
        child.stdin.close()


def _read(path: Path) -> "tuple[Samples, int]":
    """The samples of a WAV and their rate."""
    import numpy as np

    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise BackendError(
                f"the voice wrote {file.getnchannels()} channels of {8 * file.getsampwidth()} bits, not one of 16"
            )
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def _tightened(samples: "Samples", rate_hz: int) -> "Samples":
    """With at most 50 ms of silence at both ends, and no longer pause inside than `PAUSE_S`."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 0.01 * 32767)
    if not loud.size:
        return samples[:0]
    margin, half = rate_hz // 20, int(PAUSE_S * rate_hz / 2)
    gaps = np.flatnonzero(np.diff(loud) > 2 * half)
    starts = [max(0, loud[0] - margin), *(loud[gaps + 1] - half)]
    ends = [*(loud[gaps] + half), loud[-1] + margin]
    return np.concatenate([samples[start:end] for start, end in zip(starts, ends, strict=True)])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
