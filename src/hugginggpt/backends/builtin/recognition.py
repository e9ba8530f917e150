"""Write down what is said in a recording, with pocketsphinx and the US English model in its package.

Measured in docs/speech.md: clear speech in plain words comes out mostly right; names, noise and accents do not.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hugginggpt.backends.expert import Job
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Audio, Data, Text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

RATE_HZ = 16_000
FRAME_S = 0.02
QUIETEST = 10 ** (-55 / 20)
"""Of full scale, as root mean square: nothing below is speech."""
BELOW_LOUD = 10 ** (-38 / 20)
"""Of the loudest frames: softer than this is a pause."""
PAUSE_S = 0.4
"""A silence of this length ends a phrase."""
SHORTEST_S = 0.1
"""A sound shorter than this is a click."""
UTTERANCE_S = 12.0
"""Phrases are put together up to this length: cepstral means, taken over what is decoded at once, need some seconds."""
LONGEST_S = 25.0
"""Speech without a pause is cut after this."""
MARGIN_S = 0.3
"""Kept around what is loud: words begin and end softly."""
SILENCE_S = 0.2
"""Put before and after what is decoded; without it first and last words suffer."""
FLATTEST = 0.35
"""Spectral flatness of the louder half: white noise has 0.57, speech 0.01, and 0.1 in hiss 26 dB below it."""
VOICED_SHARE = 0.1
"""Of the time in which a voice detector must hear a voice; it hears one in no tone and no rumble."""
LEVEL = 0.5
"""Of full scale, for the loudest sample."""
HISS = 4 / 32768
"""Added noise: digital silence has no logarithm, and the model has never heard it."""

# Wider beams than the defaults, and at most 3000 states at once: on twenty sentences of flite's the word error rate fell from
# 0.11 to 0.08 for twice the time; without that limit it takes four times as long and hears no better.
_SEARCH = {
    "beam": 1e-60,
    "wbeam": 1e-40,
    "pbeam": 1e-60,
    "lpbeam": 1e-50,
    "lponlybeam": 1e-40,
    "fwdflatbeam": 1e-80,
    "fwdflatwbeam": 1e-40,
    "maxhmmpf": 3000,
}
_ABBREVIATED = {"mr": "mister", "mr.": "mister", "mrs": "missus", "mrs.": "missus", "dr": "doctor", "dr.": "doctor"}
"""The model's spelling, and the words that were said."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it was heard."""

    text: str
    start_s: float
    end_s: float


def transcribe(job: Job) -> Sequence[Text | Data]:
    """The words in a recording as sentences, and as segments with times.

    Raises:
        InputRefused: no speech was heard in it.
    """
    from hugginggpt import media

    path = job.file("audio")
    samples, _ = media.read_audio(path, sample_rate_hz=RATE_HZ)
    ranges = utterances(samples)
    total = sum(end - start for start, end in ranges) or 1
    words: list[Word] = []
    done = 0
    for start, end in ranges:
        if _like_speech(samples[start:end]):
            words.extend(_decoded(samples[start:end], start / RATE_HZ))
        done += end - start
        job.progress(done / total, "listening")
    if not words:
        raise InputRefused(
            f"no speech was heard in {_name(job)}", cure="give a recording in which somebody speaks English"
        )
    segments = [_segment(phrase) for phrase in _phrases(words)]
    return [Text(text=" ".join(str(segment["text"]) for segment in segments)), Data(value={"segments": segments})]


def utterances(samples: "Samples") -> list[tuple[int, int]]:
    """Where to decode, as ranges of samples: cut at pauses, put together to a good length."""
    import numpy as np

    frame = int(FRAME_S * RATE_HZ)
    count = len(samples) // frame
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    loudness = np.sqrt(frames.var(axis=1)) if count else np.zeros(0)
    threshold = max(QUIETEST, BELOW_LOUD * float(np.percentile(loudness, 95))) if count else QUIETEST
    spoken: list[tuple[int, int]] = []
    for start, end in _runs(loudness > threshold):
        if spoken and (start - spoken[-1][1]) * FRAME_S < PAUSE_S:
            spoken[-1] = (spoken[-1][0], end)
        else:
            spoken.append((start, end))
    together: list[tuple[int, int]] = []
    for start, end in spoken:
        if (end - start) * FRAME_S < SHORTEST_S:
            continue
        if together and (end - together[-1][0]) * FRAME_S <= UTTERANCE_S:
            together[-1] = (together[-1][0], end)
        else:
            together.append((start, end))
    margin = int(MARGIN_S * RATE_HZ)
    return [
        (max(0, first * frame - margin), min(len(samples), last * frame + margin))
        for start, end in together
        for first, last in _cut(loudness, start, end)
    ]


def _runs(mask: "npt.NDArray[np.bool_]") -> Iterator[tuple[int, int]]:
    """Where it is true, as ranges."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _cut(loudness: "npt.NDArray[np.float64]", start: int, end: int) -> Iterator[tuple[int, int]]:
    """A range of frames in parts that are not too long, cut where it is softest."""
    longest = int(LONGEST_S / FRAME_S)
    while end - start > longest:
        at = start + longest // 2 + int(loudness[start + longest // 2 : start + longest].argmin())
        yield start, at
        start = at
    yield start, end


def _like_speech(samples: "Samples") -> bool:
    """Whether it may be speech. The recogniser itself hears words in any noise."""
    import numpy as np
    from pocketsphinx import Vad

    size = 512
    if len(samples) < size:
        return False
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, axis=1))[:, 4:200] ** 2 + 1e-9  # 125 to 6200 Hz
    flatness = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
    loudness = power.sum(axis=1)
    if np.median(flatness[loudness >= np.median(loudness)]) > FLATTEST:
        return False
    # Mode 3 is the strictest.
    detector = Vad(mode=3, sample_rate=RATE_HZ, frame_length=0.03)
    frame = detector.frame_bytes // 2
    level = (samples * (LEVEL * 32767 / max(float(np.abs(samples).max()), 1e-6))).astype("<i2")
    heard = [detector.is_speech(level[at : at + frame].tobytes()) for at in range(0, len(level) - frame + 1, frame)]
    return sum(map(bool, heard)) > VOICED_SHARE * len(heard)


def _decoded(samples: "Samples", offset_s: float) -> Iterator[Word]:
    """The words in some seconds of speech, without fillers and noises."""
    import numpy as np

    level = samples - samples.mean()
    level *= LEVEL / max(float(np.abs(level).max()), 1e-6)
    level += np.random.default_rng(0).normal(0, HISS, len(level)).astype(np.float32)
    silence = np.random.default_rng(1).normal(0, HISS, int(SILENCE_S * RATE_HZ)).astype(np.float32)
    padded = np.concatenate([silence, level, silence])
    decoder = _decoder()
    decoder.start_utt()
    decoder.process_raw((np.clip(padded, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    for heard in decoder.seg() if decoder.hyp() else ():
        text = re.sub(r"\(\d+\)$", "", heard.word)
        if re.match(r"[<\[+]", text):
            continue
        start_s, end_s = (round(offset_s - SILENCE_S + at / 100, 2) for at in (heard.start_frame, heard.end_frame + 1))
        yield Word(_ABBREVIATED.get(text, text), max(0.0, start_s), end_s)


@functools.cache
def _decoder() -> Any:
    """One for the process: its model takes half a second to load."""
    import pocketsphinx

    return pocketsphinx.Decoder(loglevel="FATAL", cmn="batch", **_SEARCH)


def _phrases(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words between pauses."""
    phrase: list[Word] = []
    for word in words:
        if phrase and word.start_s - phrase[-1].end_s > PAUSE_S:
            yield phrase
            phrase = []
        phrase.append(word)
    if phrase:
        yield phrase


def _segment(phrase: Sequence[Word]) -> dict[str, float | str]:
    said = " ".join("I" + word.text[1:] if re.match(r"i(?:'|$)", word.text) else word.text for word in phrase)
    return {"start_s": phrase[0].start_s, "end_s": phrase[-1].end_s, "text": f"{said[0].upper()}{said[1:]}."}


def _name(job: Job) -> str:
    return next(
        (repr(part.name) for part in job.inputs["audio"] if isinstance(part, Audio) and part.name), "the recording"
    )
