"""The main job, end to end: what a person types, on real files, with the offline controller and the builtin experts.

Each row is run through the command line, in worker processes, with nothing stood in for.
"""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hugginggpt.apps.cli import app

pytest.importorskip("rapidocr", reason="needs hugginggpt[builtin]")
pytest.importorskip("pocketsphinx", reason="needs hugginggpt[builtin]")

INPUTS = Path(__file__).parents[1] / "examples" / "inputs"


def has_voice() -> bool:
    from hugginggpt.backends.builtin import BuiltinBackend
    from hugginggpt.flow.choice import Offer
    from hugginggpt.testing import candidate

    voices = ("builtin/flite", "builtin/espeak-ng", "builtin/espeak-ng-loader")
    return any(isinstance(BuiltinBackend().offer(candidate(voice, "text-to-speech")), Offer) for voice in voices)


speaks = pytest.mark.skipif(not has_voice(), reason="needs a voice: flite, espeak-ng or hugginggpt[voice]")

ASR, OCR, TTS = "automatic-speech-recognition", "image-to-text", "text-to-speech"
DOCQA, QA, SENTIMENT = "document-question-answering", "question-answering", "text-classification"

TABLE = [
    pytest.param("What does this say?", ["sign.png"], [OCR], 0, ["swim"], id="sign"),
    pytest.param(
        "Transcribe this and tell me whether the speaker is happy",
        ["memo.wav"],
        [ASR, SENTIMENT],
        0,
        ["positive"],
        id="memo",
    ),
    pytest.param("Read this aloud", ["note.txt"], [TTS], 0, [], id="note", marks=speaks),
    pytest.param(
        "Summarise this article in three sentences and read the summary to me",
        ["article.txt"],
        ["summarization", TTS],
        0,
        ["bridge"],
        id="article",
        marks=speaks,
    ),
    pytest.param(
        "What is the total on this receipt, and read the whole receipt to me",
        ["receipt.png"],
        [DOCQA, OCR, TTS],
        0,
        ["$23.81"],
        id="receipt",
        marks=speaks,
    ),
    pytest.param(
        "Make an edge map of this picture and read the text in it",
        ["poster.png"],
        ["canny-control", OCR],
        0,
        ["edge"],
        id="poster",
    ),
    pytest.param(
        "Is this review positive? Text: 'The room was cold and the staff rude.'",
        [],
        [SENTIMENT],
        0,
        ["negative"],
        id="review",
    ),
    pytest.param("When did the bridge open?", ["article.txt"], [QA], 0, ["1932"], id="bridge"),
    pytest.param("Draw a cat", [], ["text-to-image"], 3, ["no backend here runs 'text-to-image'"], id="cat"),
    pytest.param("hello", [], [], 0, ["hello"], id="hello"),
    pytest.param("asdf qwer", [], [], 4, ["LLM"], id="gibberish"),
]


def run(*arguments: str) -> tuple[int, list[dict[str, object]], str]:
    """A run's exit code, events and standard error."""
    result = CliRunner().invoke(app, ["run", "--json", *arguments])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def kinds_of(events: list[dict[str, object]]) -> list[str]:
    return [event["task"]["kind"] for event in events if event["type"] == "task.planned"]  # type: ignore[index]


def answer_of(events: list[dict[str, object]]) -> str:
    (answer,) = [event["answer"]["text"] for event in events if event["type"] == "answer.ready"]  # type: ignore[index]
    assert isinstance(answer, str)
    return answer


@pytest.mark.parametrize(("request_", "files", "kinds", "code", "words"), TABLE)
def test_what_a_person_types_is_done(
    request_: str,
    files: list[str],
    kinds: list[str],
    code: int,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    got, events, _ = run(request_, *(str(INPUTS / file) for file in files))
    assert sorted(kinds_of(events)) == sorted(kinds)
    assert got == code
    answer = answer_of(events).casefold()
    for word in words:
        assert word.casefold() in answer
    if TTS in kinds:
        assert list(tmp_path.glob("hugginggpt-out/*/*.wav"))
    if "canny-control" in kinds:
        assert list(tmp_path.glob("hugginggpt-out/*/*.png"))


def test_two_things_asked_of_a_picture_are_done_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, events, _ = run("Make an edge map of this picture and read the text in it", str(INPUTS / "poster.png"))
    tasks = [event["task"] for event in events if event["type"] == "task.planned"]
    assert not any("ref" in json.dumps(task["inputs"]) for task in tasks)  # type: ignore[index]
    types = [event["type"] for event in events]
    assert types.index("artifact.made") > max(n for n, type_ in enumerate(types) if type_ == "task.started")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("request_", "sample", "kinds", "words"),
    [
        ("What does this say?", "en.jpg", [OCR], ["MovieShots", "Dataset"]),
        ("Read the text in this picture", "g.jpg", [OCR], ["30"]),
        ("Read what is written here", "img_exif_orientation.jpg", [OCR], []),
        ("Transcribe this", "austen-1.wav", [ASR], ["power"]),
        ("Write down what she says", "austen-2.wav", [ASR], ["selfish"]),
        ("Show me the edges in this photo", "a.jpg", ["canny-control"], []),
        ("Trace the edges of the zebra", "b.jpg", ["canny-control"], []),
    ],
)
def test_real_samples_are_worked_on(
    request_: str,
    sample: str,
    kinds: list[str],
    words: list[str],
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, events, _ = run(request_, str(shared / "samples" / sample))
    assert (kinds_of(events), code) == (kinds, 0)
    for word in words:
        assert word.casefold() in answer_of(events).casefold()


@pytest.mark.slow
@speaks
def test_a_voice_is_heard_by_the_recogniser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was spoken can be transcribed again: the sound is speech, not noise."""
    if not shutil.which("flite"):
        pytest.skip("the other voices are too robotic for the recogniser: needs flite")
    monkeypatch.chdir(tmp_path)
    run("Read this aloud: 'The weather is very nice today and the children play in the garden.'")
    (wav,) = tmp_path.glob("hugginggpt-out/*/*.wav")
    _, events, _ = run("transcribe", str(wav))
    answer = answer_of(events).casefold()
    assert sum(word in answer for word in ("weather", "very", "nice", "today", "children", "play", "garden")) >= 5
