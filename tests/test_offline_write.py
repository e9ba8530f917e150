"""How the offline controller chooses and writes: the first that can run, and an answer for each way a run can end."""

import datetime as dt
from collections.abc import Sequence

from hugginggpt.controllers.offline.controller import OfflineController
from hugginggpt.flow.artifact import Artifact, Audio, Blob, Data, Failure, Image, ModelId, Part, TaskId, Text
from hugginggpt.flow.choice import Candidate, Choice, Offer, Option, RunnerUp
from hugginggpt.flow.event import ArtifactMade, Event, PlanMade, RequestReceived, RunId, TaskFailed, TaskPlanned
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Ref, Task
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run

BLOB = Blob(sha256="0" * 64, media_type="image/png", size_bytes=1)
RECEIPT = Image(blob=BLOB, width_px=640, height_px=480, name="receipt.png")
QUESTION = Task(
    id=TaskId("t1"),
    kind=Kind("document-question-answering"),
    inputs={"image": (RECEIPT,), "question": (Text(text="What is the total?"),)},
)
SPOKEN = Task(id=TaskId("t2"), kind=Kind("text-to-speech"), inputs={"text": (Ref(task=TaskId("t1"), output="text"),)})
EDGES = Task(id=TaskId("t3"), kind=Kind("canny-control"), inputs={"image": (RECEIPT,)})
SOUND = Audio(blob=BLOB, duration_s=2.5, sample_rate_hz=16_000)


def made(task: Task, *parts: Part, model: str = "builtin/one") -> Artifact:
    return Artifact(task=task.id, parts=parts, model=ModelId(model), backend="builtin", elapsed_s=0.25)


def run(tasks: Sequence[Task], *outcomes: Artifact | Failure) -> Run:
    """The run in which these tasks settled so."""
    happened: list[Event] = [RequestReceived(run=RunId("r"), seq=0, request=Request(text="..."), controller="offline")]
    for task in tasks:
        happened.append(TaskPlanned(run=RunId("r"), seq=len(happened), task=task))
    happened.append(PlanMade(run=RunId("r"), seq=len(happened)))
    for outcome in outcomes:
        seq = len(happened)
        match outcome:
            case Artifact():
                happened.append(ArtifactMade(run=RunId("r"), seq=seq, artifact=outcome))
            case Failure():
                happened.append(TaskFailed(run=RunId("r"), seq=seq, failure=outcome))
    folded = Run.of(happened)
    assert folded
    return folded


async def written(tasks: Sequence[Task], *outcomes: Artifact | Failure) -> str:
    pieces = [piece async for piece in OfflineController().write(run(tasks, *outcomes))]
    assert all(isinstance(piece, str) for piece in pieces)
    return "".join(str(piece) for piece in pieces)


async def test_one_result_is_given_with_its_question_and_its_model() -> None:
    text = await written([QUESTION], made(QUESTION, Text(text="12.40"), Data(value={"score": 0.9})))
    assert text == (
        'Answer to "What is the total?" (receipt.png):\n\n    12.40\n'
        "\nI understood: answer the question from the page.\n"
        "Done by\n- answer the question from the page: `builtin/one`, 0.2 s\n"
    )


async def test_what_is_only_read_aloud_is_a_result_too() -> None:
    text = await written([QUESTION, SPOKEN], made(QUESTION, Text(text="12.40")), made(SPOKEN, SOUND, model="flite"))
    assert text == (
        'Answer to "What is the total?" (receipt.png):\n\n    12.40\n'
        "\nRead aloud (receipt.png):\n\n    [a sound of 2.5 seconds]\n"
        "\nI understood: answer the question from the page, then read the text aloud.\n"
        "Done by\n- answer the question from the page: `builtin/one`, 0.2 s\n- read the text aloud: `flite`, 0.2 s\n"
    )


async def test_a_chain_gives_its_end_first_and_what_was_made_on_the_way_in_brief() -> None:
    read = Task(id=TaskId("t1"), kind=Kind("image-to-text"), inputs={"image": (RECEIPT,)})
    refs = (Ref(task=TaskId("t1"), output="text"),)
    short = Task(id=TaskId("t2"), kind=Kind("summarization"), inputs={"text": refs})
    text = await written([read, short], made(read, Text(text="12.40 " * 200)), made(short, Text(text="It is 12.40.")))
    head, _, way = text.partition("\nOn the way:\n")
    assert head == "Summary (receipt.png):\n\n    It is 12.40.\n"
    assert "12.40 12.40" in way
    assert "characters more" in way
    assert len(way) < 1000


async def test_two_results_stand_beside_each_other() -> None:
    text = await written([QUESTION, EDGES], made(QUESTION, Text(text="12.40")), made(EDGES, RECEIPT))
    assert "\nI understood: answer the question from the page; and also draw the edges of the picture.\n" in text
    assert "    12.40\n" in text
    assert "    [a picture of 640 by 480 pixels]\n" in text
    assert "On the way" not in text


async def test_a_long_text_is_given_whole_and_a_very_long_one_says_what_is_left_out() -> None:
    task = Task(id=TaskId("t1"), kind=Kind("image-to-text"), inputs={"image": (RECEIPT,)})
    whole = "\n".join(f"line {number}" for number in range(300))
    text = await written([task], made(task, Text(text=whole)))
    assert [line.strip() for line in text.splitlines()[2:302]] == whole.splitlines()
    cut = await written([task], made(task, Text(text="x" * 10_000)))
    assert "[... and 4000 characters more]" in cut


async def test_structured_results_without_words_are_shown_as_they_are() -> None:
    task = Task(id=TaskId("t1"), kind=Kind("feature-extraction"), inputs={"text": (Text(text="a"),)})
    text = await written([task], made(task, Data(value=[0.5, 1])))
    assert text.startswith("feature-extraction:\n\n    [0.5, 1]\n")
    assert "I understood: turn a text into a vector.\n" in text


async def test_a_failure_is_told_with_what_helps_and_a_skipped_task_with_why() -> None:
    text = await written(
        [QUESTION, SPOKEN],
        Failure(task=QUESTION.id, code="no-model", message="no backend here runs 'x'", cure="set HF_TOKEN"),
        Failure(task=SPOKEN.id, code="skipped", message="'t1' failed"),
    )
    assert text == (
        "Not done:\n"
        "- answer the question from the page: no backend here runs 'x'\n"
        "  What helps: set HF_TOKEN\n"
        "- read the text aloud: skipped; 't1' failed\n"
        "\nI understood: answer the question from the page, then read the text aloud.\n"
    )


async def test_what_led_to_a_failure_is_given_in_full() -> None:
    text = await written(
        [QUESTION, SPOKEN],
        made(QUESTION, Text(text="12.40")),
        Failure(task=SPOKEN.id, code="backend", message="no voice"),
    )
    assert text.index("    12.40\n") < text.index("Not done:")
    assert "On the way" not in text


async def test_what_a_model_wrote_stays_a_quotation() -> None:
    evil = "![x](http://evil/?q=1)\n\n# Heading\x1b[31m\r<script>\u202e\u2028- item\n```\n`rm`"
    text = await written([QUESTION], made(QUESTION, Text(text=evil)))
    body = text.split(":\n\n", 1)[1].split("\n\nI understood", 1)[0]
    assert all(line == "" or line.startswith("    ") for line in body.split("\n"))
    assert not any(sign in text for sign in ("\x1b", "\r", "\u202e", "\u2028"))
    failed = await written([QUESTION], Failure(task=QUESTION.id, code="backend", message=evil))
    (line,) = [line for line in failed.splitlines() if line.startswith("- ")]
    assert not any(sign in line for sign in ("](", "<", "`", "\x1b"))


async def test_an_answer_comes_in_a_few_pieces() -> None:
    settled = run([QUESTION, EDGES], made(QUESTION, Text(text="12.40")), made(EDGES, RECEIPT))
    assert len([piece async for piece in OfflineController().write(settled)]) == 3


async def test_a_run_without_tasks_has_nothing_to_report() -> None:
    assert await written([]) == "Nothing was planned, so there is nothing to report.\n"


def option(name: str, summary: str = "Reads print.", offer: Offer | None = None) -> Option:
    card = Candidate(
        id=ModelId(name), kind=Kind("image-to-text"), summary=summary, source="here", as_of=dt.date(2026, 1, 1)
    )
    return Option(candidate=card, backend="builtin", offer=offer or Offer())


async def chosen(*options: Option) -> Choice:
    (choice,) = [item async for item in OfflineController().choose(Request(text="..."), [(QUESTION, options)])]
    assert isinstance(choice, Choice)
    return choice


async def test_the_first_option_is_chosen_and_the_next_three_are_runners_up() -> None:
    choice = await chosen(*(option(name) for name in "abcdef"))
    assert choice.model == "a"
    assert choice.runners_up == tuple(RunnerUp(model=ModelId(name), backend="builtin") for name in "bcd")
    assert choice.reason == (
        'Ranked first of 6 models that can run here; it starts in a moment; its card says: "Reads print."'
    )


async def test_the_only_option_is_called_that_and_a_card_is_quoted_in_brief() -> None:
    choice = await chosen(option("a", "Best!\n" * 200, Offer(state="loaded", price_usd=0.01)))
    assert choice.runners_up == ()
    assert choice.reason.startswith(
        'The only model that can run here; it is loaded already, for about $0.0100; its card says: "Best! Best!'
    )
    assert len(choice.reason) < 300
    assert "\n" not in choice.reason


async def test_each_task_that_is_asked_about_gets_its_choice() -> None:
    asks = [(QUESTION, [option("a")]), (EDGES, [option("b")])]
    choices = [item async for item in OfflineController().choose(Request(text="..."), asks)]
    assert [(choice.task, choice.model) for choice in choices if isinstance(choice, Choice)] == [
        ("t1", "a"),
        ("t3", "b"),
    ]
