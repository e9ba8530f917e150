"""The stand-ins pass the conformance checks, and the checks catch what breaks a promise."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from hugginggpt.errors import BackendError, ControllerError, ExpertCrashed
from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import Part, TaskId, Text
from hugginggpt.flow.choice import Candidate, Choice, Offer, Option, Refusal
from hugginggpt.flow.event import Event, RunId
from hugginggpt.flow.kinds import Kind, Kinds, builtin_kinds
from hugginggpt.flow.plan import Ref, Task
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run
from hugginggpt.ports import Call, Dropped, Lease, ReplyDelta
from hugginggpt.stores.blobs import DiskBlobs
from hugginggpt.stores.sqlite import SqliteStore
from hugginggpt.testing import (
    Does,
    ListCatalog,
    PlannedController,
    StandInBackend,
    candidate,
    check_backend,
    check_controller,
    check_store,
    crashes,
    echoes,
    fails,
    fails_first,
    hangs,
    says,
    story,
)

KINDS = builtin_kinds()
ASKED = Request(text="make it short and say it")
SHORTEN = Task(id=TaskId("short"), kind=Kind("summarization"), inputs={"text": (Text(text="long"),)})
SPEAK = Task(
    id=TaskId("say"), kind=Kind("text-to-speech"), inputs={"text": (Ref(task=TaskId("short"), output="text"),)}
)


def a_call(folder: Path, kind: str = "summarization", model: str = "m") -> Call:
    return Call(
        candidate=candidate(model, kind),
        inputs={"text": (Text(text="long"),)},
        deadline_s=5,
        blobs=DiskBlobs(folder),
        report=lambda _: None,
    )


async def test_the_planned_controller_is_a_controller() -> None:
    await check_controller(lambda: PlannedController([SHORTEN, SPEAK]), ASKED)


async def test_the_stand_in_is_a_backend(tmp_path: Path) -> None:
    await check_backend(lambda: StandInBackend({"m": says("short")}), a_call(tmp_path))


class PlansAgain(PlannedController):
    """Breaks: plans recorded tasks again."""

    async def plan(
        self, request: Request, kinds: Kinds, *, run: Run | None = None
    ) -> AsyncGenerator[Task | Dropped | ReplyDelta | Usage, None]:
        for task in (SHORTEN, SPEAK):
            yield task


class ChoosesOnce(PlannedController):
    """Breaks: leaves out all asks but the first."""

    async def choose(
        self, request: Request, asks: Sequence[tuple[Task, Sequence[Option]]]
    ) -> AsyncGenerator[Choice | Usage, None]:
        async for choice in super().choose(request, asks[:1]):
            yield choice


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: PlansAgain(), "does not plan a recorded task again"),
        (lambda: ChoosesOnce([SHORTEN, SPEAK]), "one choice for each task"),
        (lambda: PlannedController([SHORTEN], text=" "), "an answer has words"),
        (lambda: PlannedController([]), "must need a task"),
    ],
)
async def test_a_controller_that_breaks_a_promise_is_caught(make: Callable[[], PlannedController], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        await check_controller(make, ASKED)


class OffersAll(StandInBackend):
    """Breaks: offers what it cannot run."""

    def offer(self, candidate: Candidate) -> Offer | Refusal:
        return Offer()


async def never_lets_go(call: Call) -> Sequence[Part]:
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        await asyncio.sleep(2)
    return [Text(text="short")]


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (lambda: OffersAll({"m": says("short")}), "summarization", "nobody knows is refused"),
        (lambda: StandInBackend({}), "summarization", "must offer 'm'"),
        (lambda: StandInBackend({"m": says()}), "summarization", "at least one part"),
        (lambda: StandInBackend({"m": says("a picture?")}), "text-to-image", "makes no 'text'"),
        (lambda: StandInBackend({"m": never_lets_go}), "summarization", "lets go within a second"),
    ],
)
async def test_a_backend_that_breaks_a_promise_is_caught(
    make: Callable[[], StandInBackend], kind: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=says):
        await check_backend(make, a_call(tmp_path, kind))


class Forgetful(SqliteStore):
    """Breaks: does not look at the lease."""

    async def append(self, event: Event, *, lease: Lease) -> None:
        renewed = await self.lease(event.run, holder="one", ttl_s=60) or await self.lease(
            event.run, holder="three", ttl_s=60
        )
        await super().append(event, lease=renewed or lease)


class Lossy(SqliteStore):
    """Breaks: never tells of the last event."""

    async def read(self, run: RunId, *, after: int = -1, follow: bool = False) -> AsyncGenerator[Event, None]:
        events = [event async for event in super().read(run, after=after)]
        for event in events[:-1]:
            yield event


@pytest.mark.parametrize("broken", [Forgetful, Lossy])
async def test_a_store_that_breaks_a_promise_is_caught(broken: type[SqliteStore]) -> None:
    with pytest.raises(AssertionError):
        await check_store(lambda: broken(":memory:"))


async def test_the_stand_in_does_what_its_table_says_and_counts(tmp_path: Path) -> None:
    table: dict[str, Does] = {
        "slow": says("done", after_s=0.02),
        "wrong": fails(BackendError("it broke")),
        "dead": crashes(),
        "stuck": hangs(),
        "moody": fails_first(1, BackendError("not now"), [Text(text="now")]),
        "echo": echoes(),
    }
    backend = StandInBackend(table, refusals={"big": Refusal(reason="too big", cure="buy memory")})

    async def run(model: str) -> Sequence[Part]:
        return await backend.run(a_call(tmp_path, model=model))

    assert list(await asyncio.gather(run("slow"), run("slow"))) == [(Text(text="done"),)] * 2
    assert (backend.most_at_once, backend.running) == (2, 0)
    with pytest.raises(BackendError, match="it broke"):
        await run("wrong")
    with pytest.raises(ExpertCrashed):
        await run("dead")
    with pytest.raises(BackendError, match="not now"):
        await run("moody")
    assert await run("moody") == [Text(text="now")]
    assert await run("echo") == [Text(text="long")]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run("stuck"), 0.02)
    assert backend.cancelled == {"stuck": 1}
    assert backend.count == {"slow": 2, "wrong": 1, "dead": 1, "moody": 2, "echo": 1, "stuck": 1}
    assert backend.offer(candidate("big", "summarization")) == Refusal(reason="too big", cure="buy memory")


async def test_a_plan_that_is_cut_short_raises_after_its_tasks() -> None:
    controller = PlannedController([SHORTEN, SPEAK], plan_error=ControllerError("the line went dead"))
    planned = []
    with pytest.raises(ControllerError):
        async for each in controller.plan(ASKED, KINDS):
            planned.append(each)
    assert planned == [SHORTEN, SPEAK]


async def test_a_list_is_searched_by_kind_words_and_number() -> None:
    cards = [candidate(f"m{number}", "summarization", summary=f"for {number % 2}") for number in range(4)]
    catalog = ListCatalog([*cards, candidate("x", "translation")])
    kind = Kind("summarization")
    assert await catalog.search(kind) == cards
    assert await catalog.search(kind, limit=1) == cards[:1]
    assert await catalog.search(kind, text="FOR 1") == [cards[1], cards[3]]


def test_a_story_is_told_as_far_as_it_went() -> None:
    assert [record.state for record in story(ASKED, [SHORTEN, SPEAK]).tasks.values()] == ["done", "done"]
    assert [record.state for record in story(ASKED, [SHORTEN], failing=True).tasks.values()] == ["failed"]
    assert not story(ASKED, [SHORTEN], settle=False).planned
