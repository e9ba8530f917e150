"""The voices and the recogniser, on real speech."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from hugginggpt.backends.builtin import recognition, speech
from hugginggpt.backends.builtin.reading import sentences
from hugginggpt.backends.expert import Expert, Job, Made
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Audio, Blob, Data, Text

EXAMPLES = Path(__file__).parents[1] / "examples" / "inputs"
SHA256 = "0" * 64


def _installed(module: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


has_flite = pytest.mark.skipif(not shutil.which("flite"), reason="flite is not on the PATH")
has_espeak = pytest.mark.skipif(
    not (shutil.which("espeak-ng") or shutil.which("espeak")), reason="espeak-ng is not on the PATH"
)
has_loader = pytest.mark.skipif(not _installed("espeakng_loader"), reason="espeakng-loader is not installed")
has_recogniser = pytest.mark.skipif(not _installed("pocketsphinx, soxr"), reason="pocketsphinx is not installed")

VOICES = [
    pytest.param(speech.flite, marks=has_flite, id="flite"),
    pytest.param(speech.espeak_ng, marks=has_espeak, id="espeak-ng"),
    pytest.param(speech.espeak_ng_loader, marks=has_loader, id="espeak-ng-loader"),
]
ESPEAKS = VOICES[1:]

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]
Speak = Callable[[Expert, str], tuple[Samples, int]]


@pytest.fixture
def speak(tmp_path: Path) -> Speak:
    """The samples of a text that a voice has spoken, and their rate."""

    def spoken(voice: Expert, text: str) -> tuple[Samples, int]:
        [made] = voice(Job(inputs={"text": [Text(text=text)]}, files={}, folder=tmp_path))
        assert isinstance(made, Made)
        assert [path.name for path in tmp_path.iterdir()] == [made.name] == ["speech.wav"]
        return _samples(made.path)

    return spoken


def _samples(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


def _hear(
    path: Path, tmp_path: Path, report: Callable[[float | None, str], None] = lambda *_: None
) -> tuple[str, Data]:
    heard = Audio(
        blob=Blob(sha256=SHA256, media_type="audio/wav", size_bytes=1), duration_s=1, sample_rate_hz=1, name=path.name
    )
    text, data = recognition.transcribe(Job({"audio": [heard]}, {SHA256: path}, tmp_path, report))
    assert isinstance(text, Text) and isinstance(data, Data)
    return text.text, data


def word_error_rate(said: str, heard: str) -> float:
    """Words put in, left out or changed, over the words said."""
    want, got = (re.findall(r"[a-z']+", text.lower()) for text in (said, heard))
    row = list(range(len(got) + 1))
    for i, word in enumerate(want, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1] / len(want)


PROSE = (
    "The old bridge over the river opened in the spring of nineteen twelve after four years of work. It was built by two "
    "hundred men who lived in wooden huts on the northern bank. The first car crossed it on a cold morning in March, and "
    "the mayor gave a long speech that nobody could hear because of the wind. For many years farmers used it to bring milk "
    "and vegetables to the market in town. After the war the bridge was painted green, and a second lane was added for "
    "buses. Today it carries about nine thousand cars every day."
)
RECEIPT = """CORNER SHOP
12 High Street
2024-05-03 18:30
-------------------------
MILK 2L ....... $1.20
BREAD x2        $3.98
TOTAL           $5.18
THANK YOU FOR YOUR VISIT!!!
"""
# How many words each is when it is spoken: `$5.18` is "five dollars and eighteen cents".
LENGTHS = [
    pytest.param("The total is twelve dollars.", 5, id="5 words"),
    pytest.param(
        "The quick brown fox jumps over the lazy dog, then it runs home before the rain starts.", 17, id="17 words"
    ),
    pytest.param(PROSE, len(PROSE.split()), id="100 words"),
    pytest.param("In 2024 the company sold 1,250 units at 3.5 percent less than in 2023.", 25, id="numbers"),
    pytest.param(RECEIPT, 41, id="receipt"),
]


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(("text", "words"), LENGTHS)
def test_speech_lasts_what_its_words_need(voice: Expert, text: str, words: int, speak: Speak) -> None:
    samples, rate_hz = speak(voice, text)
    assert 0.75 <= len(samples) / rate_hz / (0.36 * words) <= 1.35


@pytest.mark.parametrize("voice", VOICES)
def test_speech_is_loud_but_not_clipped_and_does_not_begin_or_end_in_silence(voice: Expert, speak: Speak) -> None:
    samples, rate_hz = speak(voice, "Congratulations! The old bridge is open again.")
    level = np.abs(samples.astype(int))
    assert 0.85 <= level.max() / 32768 < 0.95
    assert np.count_nonzero(level == level.max()) < 4  # no flat top
    [loud] = np.nonzero(level > 300)
    assert loud[0] < 0.1 * rate_hz
    assert len(samples) - loud[-1] < 0.1 * rate_hz


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", ["...", "😀 🎉", "---\n***", "\x01\x02 $"])
def test_a_text_with_nothing_to_speak_is_refused(voice: Expert, text: str, speak: Speak) -> None:
    with pytest.raises(InputRefused, match="nothing to speak"):
        speak(voice, text)


@pytest.mark.parametrize("voice", VOICES)
def test_a_text_past_the_cap_is_refused_with_the_cap(voice: Expert, speak: Speak) -> None:
    with pytest.raises(InputRefused, match="at most 20,000"):
        speak(voice, "word " * 4001)


@has_flite
def test_flite_refuses_what_is_not_in_the_latin_alphabet(speak: Speak) -> None:
    with pytest.raises(InputRefused, match="English only.*cyrillic"):
        speak(speech.flite, "Привет, как дела?")


@has_flite
def test_flite_speaks_accented_letters_as_plain_ones(speak: Speak) -> None:
    accented, _ = speak(speech.flite, "A café for the naïve.")
    plain, _ = speak(speech.flite, "A cafe for the naive.")
    assert np.array_equal(accented, plain)


@pytest.mark.parametrize("voice", ESPEAKS)
def test_espeak_reads_other_letters_in_their_language(voice: Expert, speak: Speak) -> None:
    # An English voice says "Cyrillic letter pe" and so on, which takes many times as long.
    samples, rate_hz = speak(voice, "Привет, как дела?")
    assert 0.5 < len(samples) / rate_hz < 2.5


@pytest.mark.parametrize("voice", ESPEAKS)
def test_espeak_refuses_letters_that_no_voice_reads(voice: Expert, speak: Speak) -> None:
    with pytest.raises(InputRefused, match="no voice here for runic letters"):
        speak(voice, "ᚠᚢᚦᚨᚱᚲ")


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(
    "text", ["--help", "-o out.wav", "--version", "$(touch out.wav)", "`touch out.wav`; touch out.wav"]
)
def test_no_text_is_read_as_an_option_or_a_command(
    voice: Expert, text: str, speak: Speak, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    samples, rate_hz = speak(voice, text)
    assert 0.3 < len(samples) / rate_hz < 8
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", ["<speak>hello <break time='9s'/>there</speak>", "hello [[ ]] there"])
def test_no_markup_is_interpreted_or_read_out(voice: Expert, text: str, speak: Speak) -> None:
    plain, rate_hz = speak(voice, "hello, there")
    marked, _ = speak(voice, text)
    assert len(marked) == pytest.approx(len(plain), abs=0.4 * rate_hz)


@pytest.mark.parametrize("voice", VOICES)
def test_a_long_text_shows_how_far_it_is(voice: Expert, tmp_path: Path) -> None:
    shown: list[tuple[float | None, str]] = []
    voice(Job({"text": [Text(text=PROSE * 2)]}, {}, tmp_path, lambda *progress: shown.append(progress)))
    count = len(shown)
    assert count > 2
    assert shown == [((number + 1) / count, "speaking") for number in range(count)]


@has_loader
def test_speech_needs_no_program_where_the_library_is_installed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "job").mkdir()
    script = """
import json, pathlib, sys
from hugginggpt.backends.builtin.speech import espeak_ng_loader
from hugginggpt.backends.expert import Job
from hugginggpt.flow.artifact import Text

[made] = espeak_ng_loader(Job({"text": [Text(text="The total is twelve dollars.")]}, {}, pathlib.Path(sys.argv[1])))
maps = pathlib.Path("/proc/self/maps")
print(json.dumps([str(made.path), "espeak" in maps.read_text(encoding="utf-8") if maps.exists() else False]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "job")],
        env={**os.environ, "PATH": str(tmp_path / "empty")},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    path, loaded_here = json.loads(done.stdout)
    samples, rate_hz = _samples(Path(path))
    assert 0.75 <= len(samples) / rate_hz / (0.36 * 5) <= 1.35
    assert not loaded_here  # the GPL-3 library is in the child only


def test_importing_the_voices_loads_no_heavy_library() -> None:
    modules = "hugginggpt.backends.builtin.speech, hugginggpt.backends.builtin.recognition"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, {modules}; print({{'numpy', 'pocketsphinx', 'soundfile'}} & set(sys.modules))",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Total: $12.40!!!", ["Total: 12 dollars and 40 cents!"]),
        ("$1.00 or $0.99 or £3.50", ["1 dollar or 99 cents or 3 pounds and 50 pence."]),
        ("12,40 € and EUR 5 and $3.5 million", ["12 euros and 40 cents and 5 euros and 3.5 million dollars."]),
        ("It cost $1,234.50, so -$2.00.", ["It cost 1234 dollars and 50 cents, so minus 2 dollars."]),
        ("# Title\n\n- **one** thing\n* `two`\n1. three", ["Title.", "one thing.", "two.", "1, three."]),
        ("See https://www.example.com/a?b=1.", ["See example dot com."]),
        ("[the page](https://a.example/b) by ann@example.com", ["the page by ann at example dot com."]),
        ("| item | price |\n|---|---|\n| tea | $2 |", ["item, price.", "tea, 2 dollars."]),
        ("Open 9:00-17:30, 5% off, 20°C", ["Open 9 o'clock to 17 30, 5 percent off, 20 degrees Celsius."]),
        ("2024-05-03", ["May 3, 2024."]),
        ("THANK YOU FOR COMING TO THE USA", ["Thank You For Coming To The USA."]),
        ("NASA said HELLO", ["NASA said HELLO."]),
        ("Dr. Smith came. He left, e.g. by car.", ["Dr. Smith came.", "He left, e.g. by car."]),
        ("[[h@'loU]] <break time='9s'/> there", ["h at 'loU, there."]),
        ("a" * 100, [f"{'a' * 40} {'a' * 40} {'a' * 20}."]),
        ("Привет! Это $5.", ["Привет!", "Это 5."]),
        ("", []),
    ],
)
def test_a_text_is_read_as_a_person_would(written: str, said: Sequence[str]) -> None:
    assert sentences(written) == said


def test_a_hard_wrapped_paragraph_is_read_as_one() -> None:
    wrapped = (
        textwrap.fill(PROSE.split(". ")[0] + " and of two years in which nobody came to London at all", width=60) + "."
    )
    assert wrapped.count("\n") > 1
    assert sentences(wrapped) == [wrapped.replace("\n", " ")]


def test_no_piece_is_longer_than_asked_for() -> None:
    pieces = sentences(" ".join(["word"] * 1000), longest=100)
    assert max(map(len, pieces)) <= 101  # and its full stop
    assert " ".join(pieces).rstrip(".").split() == ["word"] * 1000


@has_recogniser
def test_the_example_memo_is_understood(tmp_path: Path) -> None:
    text, data = _hear(EXAMPLES / "memo.wav", tmp_path)
    assert (
        word_error_rate("We are very happy with our new garden thank you very much for the beautiful flowers", text)
        <= 0.1
    )
    assert isinstance(data.value, dict) and isinstance(data.value["segments"], list)
    assert " ".join(str(segment["text"]) for segment in data.value["segments"] if isinstance(segment, dict)) == text


@has_recogniser
@pytest.mark.slow
def test_phrases_carry_the_times_at_which_they_were_said(tmp_path: Path) -> None:
    memo, rate_hz = _samples(EXAMPLES / "memo.wav")
    twice = tmp_path / "twice.wav"
    with wave.open(str(twice), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(np.concatenate([memo, np.zeros(12 * rate_hz, np.int16), memo]).tobytes())
    shown: list[float | None] = []
    text, data = _hear(twice, tmp_path, lambda fraction, _: shown.append(fraction))
    assert text.lower().count("happy") == 2
    assert isinstance(data.value, dict) and isinstance(data.value["segments"], list)
    starts = [segment["start_s"] for segment in data.value["segments"] if isinstance(segment, dict)]
    second = len(memo) / rate_hz + 12
    assert starts[0] == pytest.approx(0, abs=0.5)
    assert any(start == pytest.approx(second, abs=0.5) for start in starts)
    assert len(shown) == 2 and shown[-1] == 1


NOISE = np.random.default_rng(0).normal(0, 1, 48_000)
TONE = np.sin(2 * np.pi * 440 * np.arange(48_000) / 16_000)


@has_recogniser
@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros(0), id="nothing at all"),
        pytest.param(NOISE * 0, id="digital silence"),
        pytest.param(NOISE * 20, id="soft hiss"),
        pytest.param(NOISE * 3000, id="loud hiss"),
        pytest.param(TONE * 9000, id="a tone"),
        pytest.param(np.concatenate([TONE * 0, TONE[:30] * 30_000, TONE * 0]), id="a click"),
    ],
)
def test_a_recording_without_speech_is_refused(
    sound: np.ndarray[tuple[int], np.dtype[np.float64]], tmp_path: Path
) -> None:
    quiet = tmp_path / "quiet.wav"
    with wave.open(str(quiet), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(sound.astype(np.int16).tobytes())
    with pytest.raises(InputRefused, match=r"no speech was heard in 'quiet\.wav'"):
        _hear(quiet, tmp_path)


def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    ranges = recognition.utterances(np.random.default_rng(0).normal(0, 0.1, 100 * 16_000).astype(np.float32))
    assert max(end - start for start, end in ranges) <= 26 * 16_000
    assert (ranges[0][0], ranges[-1][1]) == (0, 100 * 16_000)
    assert all(after[0] <= before[1] for before, after in zip(ranges, ranges[1:], strict=False))


SENTENCES = (
    "The museum is open every day except Monday.",
    "Turn left at the corner and then go straight ahead.",
    "Nobody knew why the lights went out last night.",
    "Your package will arrive on Wednesday or Thursday.",
    "He asked the teacher a difficult question about history.",
)


@has_flite
@has_recogniser
@pytest.mark.slow
def test_most_words_that_flite_says_are_recognised(tmp_path: Path) -> None:
    rates = []
    for number, sentence in enumerate(SENTENCES):
        folder = tmp_path / str(number)
        folder.mkdir()
        [made] = speech.flite(Job({"text": [Text(text=sentence)]}, {}, folder))
        rates.append(word_error_rate(sentence, _hear(made.path, tmp_path)[0]))
    assert sum(rates) / len(rates) <= 0.25


@has_recogniser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "austen-1.wav",
            "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them",
        ),
        ("austen-2.wav", "unless to be rather cold hearted and rather selfish is to be ill disposed"),
    ],
)
def test_more_than_half_of_what_a_person_reads_is_recognised(
    file: str, said: str, shared: Path, tmp_path: Path
) -> None:
    assert word_error_rate(said, _hear(shared / "samples" / file, tmp_path)[0]) <= 0.45
