"""Stand-ins for the ports, and the conformance checks that every adapter must pass; needs no test library.

async def test_it_is_a_store() -> None:
    await check_store(lambda: MyStore(...))  # each call makes a new, empty one
"""

import asyncio
import datetime as dt
import hashlib
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import JsonValue

from hugginggpt.errors import Conflict, ExpertCrashed, NotFound
from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import Artifact, Blob, Failure, ModelId, Part, TaskId, Text
from hugginggpt.flow.choice import Candidate, Choice, Offer, Option, Refusal, RunnerUp
from hugginggpt.flow.event import (
    AnswerBegun,
    AnswerDelta,
    AnswerReady,
    ArtifactMade,
    Event,
    ModelChosen,
    PlanMade,
    RequestReceived,
    RunId,
    TaskFailed,
    TaskPlanned,
    TaskStarted,
)
from hugginggpt.flow.kinds import Kind, Kinds, builtin_kinds
from hugginggpt.flow.plan import Plan, Task
from hugginggpt.flow.request import ConversationId, Owner, Request
from hugginggpt.flow.run import Run
from hugginggpt.ports import Backend, Blobs, Call, Controller, Dropped, Lease, Records, ReplyDelta, Store

Does = Callable[[Call], Awaitable[Sequence[Part]]] | tuple[float, Sequence[Part]]
"""What a stand-in model does: a function of its own, or parts after so many seconds."""


# Stand-ins


def candidate(id: str, kind: str, **facts: Any) -> Candidate:
    """A model's card that says no more than it must."""
    told = {"summary": f"a stand-in for {kind}", "source": "hugginggpt.testing", "as_of": dt.date(2026, 1, 1), **facts}
    return Candidate.model_validate({"id": id, "kind": kind, **told})


class PlannedController:
    """A controller that plans what it was given, chooses the first option, and writes a line for each task.

    `delay_s` passes before each thing that it plans, so that a plan can be seen growing. `plan_error` is raised when all is
    planned, so the plan is cut short; `choose_error` at once; `write_error` after the first piece.
    """

    def __init__(
        self,
        tasks: Iterable[Task | Dropped | ReplyDelta | Usage] = (),
        *,
        name: str = "planned",
        delay_s: float = 0.0,
        choose_delay_s: float = 0.0,
        text: str | None = None,
        plan_error: Exception | None = None,
        choose_error: Exception | None = None,
        write_error: Exception | None = None,
    ) -> None:
        self.name = name
        self.tasks = tuple(tasks)
        self.delay_s = delay_s
        self.choose_delay_s = choose_delay_s
        self.text = text
        self.plan_error = plan_error
        self.choose_error = choose_error
        self.write_error = write_error
        self.planned: list[TaskId] = []
        """The tasks that it yielded, over all its plans."""
        self.asked: list[tuple[TaskId, ...]] = []
        """The tasks of each call of `choose`."""
        self.written: list[Run] = []
        """The run of each call of `write`."""
        self.closed = False

    async def plan(
        self, request: Request, kinds: Kinds, *, run: Run | None = None
    ) -> AsyncGenerator[Task | Dropped | ReplyDelta | Usage, None]:
        """What it was given, less the tasks that the run has."""
        for each in self.tasks:
            if isinstance(each, Task) and run and each.id in run.tasks:
                continue
            await asyncio.sleep(self.delay_s)
            if isinstance(each, Task):
                self.planned.append(each.id)
            yield each
        if self.plan_error:
            raise self.plan_error

    async def choose(
        self, request: Request, asks: Sequence[tuple[Task, Sequence[Option]]]
    ) -> AsyncGenerator[Choice | Usage, None]:
        """The first option of each, the others as its runners-up."""
        self.asked.append(tuple(task.id for task, _ in asks))
        await asyncio.sleep(self.choose_delay_s)
        if self.choose_error:
            raise self.choose_error
        for task, (first, *others) in asks:
            yield Choice(
                task=task.id,
                model=first.model,
                backend=first.backend,
                reason="the first that can run here",
                runners_up=tuple(RunnerUp(model=other.model, backend=other.backend) for other in others),
            )

    async def write(self, run: Run) -> AsyncGenerator[str | Usage, None]:
        """`text`, or what came of each task, a line at a time."""
        self.written.append(run)
        lines = [f"{artifact.task}: {artifact.text or artifact.parts[0].type}" for artifact in run.artifacts]
        lines += [f"{failure.task} failed: {failure.message}" for failure in run.failures]
        pieces = [self.text] if self.text is not None else [f"{line}\n" for line in lines or ["nothing to do"]]
        for piece in pieces:
            yield piece
            if self.write_error:
                raise self.write_error

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True


class ListCatalog:
    """A catalog of the candidates it was given, in their order."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        self.candidates = tuple(candidates)
        self.searches: Counter[Kind] = Counter()

    async def search(self, kind: Kind, *, text: str = "", limit: int = 10) -> Sequence[Candidate]:
        """Those of that kind whose card has all the words of `text`."""
        self.searches[kind] += 1
        words = text.casefold().split()
        found = [
            each
            for each in self.candidates
            if each.kind == kind and all(word in f"{each.id} {each.summary}".casefold() for word in words)
        ]
        return found[:limit]

    async def aclose(self) -> None:
        """Nothing to let go of."""


class StandInBackend:
    """A backend that runs the models of a table, and remembers how.

    Give `refusals` for models that it refuses with a reason of their own; models in neither table are refused too.
    """

    def __init__(
        self,
        table: Mapping[str, Does] | None = None,
        *,
        name: str = "stand-in",
        refusals: Mapping[str, Refusal] | None = None,
        offers: Mapping[str, Offer] | None = None,
    ) -> None:
        self.name = name
        self.table = dict(table or {})
        self.refusals = dict(refusals or {})
        self.offers = dict(offers or {})
        self.calls: list[Call] = []
        """Every call, in the order of their starts."""
        self.count: Counter[str] = Counter()
        """How often each model was called."""
        self.cancelled: Counter[str] = Counter()
        self.prepared: list[str] = []
        self.running = 0
        self.most_at_once = 0
        self.refreshed = 0
        self.closed = False

    def offer(self, candidate: Candidate) -> Offer | Refusal:
        """An offer for the models of the table."""
        if refusal := self.refusals.get(candidate.id):
            return refusal
        if candidate.id not in self.table:
            return Refusal(reason=f"{self.name} has no model {candidate.id!r}", cure="add it to the stand-in's table")
        return self.offers.get(candidate.id, Offer())

    async def refresh(self) -> None:
        """Count it."""
        self.refreshed += 1

    async def prepare(self, candidate: Candidate) -> None:
        """Remember it."""
        self.prepared.append(candidate.id)

    async def run(self, call: Call) -> Sequence[Part]:
        """What the table says."""
        model = call.candidate.id
        self.calls.append(call)
        self.count[model] += 1
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            match self.table[model]:
                case (delay_s, parts):
                    await asyncio.sleep(delay_s)
                    return parts
                case does:
                    return await does(call)
        except asyncio.CancelledError:
            self.cancelled[model] += 1
            raise
        finally:
            self.running -= 1

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def says(*texts: str, after_s: float = 0.0) -> Does:
    """A model that makes texts."""
    return after_s, tuple(Text(text=text) for text in texts)


def fails(error: Exception, *, after_s: float = 0.0) -> Does:
    """A model that raises."""

    async def raises(call: Call) -> Sequence[Part]:
        await asyncio.sleep(after_s)
        raise error

    return raises


def fails_first(times: int, error: Exception, then: Sequence[Part]) -> Does:
    """A model that raises so many times, and then makes parts."""
    left = times

    async def sometimes(call: Call) -> Sequence[Part]:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return then

    return sometimes


def crashes() -> Does:
    """A model whose process dies."""
    return fails(ExpertCrashed("the stand-in's process died", cure="none: it is a stand-in"))


def hangs() -> Does:
    """A model that never answers, and goes when it is cancelled."""

    async def waits(call: Call) -> Sequence[Part]:
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets was set")

    return waits


def echoes() -> Does:
    """A model that makes what it is given, slot by slot."""

    async def repeats(call: Call) -> Sequence[Part]:
        return [part for parts in call.inputs.values() for part in parts]

    return repeats


# Conformance. `AssertionError` is raised by hand, so that the checks hold under `python -O` too.


def expect(true: object, otherwise: str) -> None:
    """Or an `AssertionError` that says what else was seen."""
    if not true:
        raise AssertionError(otherwise)


async def expect_error(error: type[BaseException], doing: Awaitable[object], what: str) -> None:
    """An awaitable raises that error, or this does."""
    try:
        got = await doing
    except error:
        return
    raise AssertionError(f"{what} must raise {error.__name__}, and returned {got!r}")


async def check_store(make_store: Callable[[], Store]) -> None:
    """What every `Store` promises. `make_store` makes a new, empty one each time. Takes about a second."""
    for check in _STORE_CHECKS:
        store = make_store()
        try:
            await check(store)
        finally:
            await store.aclose()
            await store.aclose()  # twice does no harm


async def check_records(make_records: Callable[[], Records]) -> None:
    """What every `Records` promises. The caller closes what it made."""
    records = make_records()
    expect(await records.get("nobody:put:this") is None, "a record that nobody put is None")
    values: list[JsonValue] = ["word", 1, 2.5, True, None, [], {"a": [1, None, {"ü": "\u2028"}]}]
    for value in values:
        await records.put("a/key with: all sorts", value, ttl_s=60)
        got = await records.get("a/key with: all sorts")
        expect(got == value, f"a record comes back as it went in: {value!r}, not {got!r}")
    await records.put("short", "lived", ttl_s=0.02)
    await records.put("long", "lived", ttl_s=60)
    await asyncio.sleep(0.05)
    expect(await records.get("short") is None, "a record is gone when its time is over")
    await records.put("short", "again", ttl_s=60)
    expect(await records.get("short") == "again", "a record may be put again after its time")
    await records.forget("short")
    await records.forget("short")
    expect(await records.get("short") is None, "a record that was forgotten is None")
    expect(await records.get("long") == "lived", "forgetting one record leaves the others")


async def check_blobs(make_blobs: Callable[[], Blobs]) -> None:
    """What every `Blobs` promises. `make_blobs` makes a new, empty one."""
    blobs = make_blobs()
    for data in (b"", b"a", bytes(range(256)) * 1500):
        sha256 = hashlib.sha256(data).hexdigest()
        whole = await blobs.put(data, "application/x-check")
        expect(
            whole == Blob(sha256=sha256, media_type="application/x-check", size_bytes=len(data)),
            f"a blob is named by its bytes, its media type and its size, not {whole!r}",
        )
        expect(await blobs.put(_in_pieces(data), "application/x-check") == whole, "pieces and the whole are one blob")
        expect(await _all_of(blobs, whole) == data, "bytes come back as they went in")
        path = await blobs.path(whole)
        expect(await asyncio.to_thread(path.read_bytes) == data, "the path has the bytes")

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"the first half"
        raise ZeroDivisionError

    await expect_error(ZeroDivisionError, blobs.put(breaks_off(), "text/plain"), "a source that breaks off")
    lost = _blob_of(b"the first half")
    await expect_error(NotFound, blobs.path(lost), "the path of half a blob")
    await expect_error(NotFound, _all_of(blobs, lost), "opening half a blob")

    endless = asyncio.create_task(blobs.put(_endless(), "text/plain"))
    await asyncio.sleep(0.05)
    endless.cancel()
    await expect_error(asyncio.CancelledError, endless, "putting an endless source, when cancelled")

    twins = await asyncio.gather(*(blobs.put(_in_pieces(b"twin" * 50_000), "text/plain") for _ in range(4)))
    expect(len(set(twins)) == 1, "the same bytes put by four at once are one blob")
    expect(await _all_of(blobs, twins[0]) == b"twin" * 50_000, "the same bytes put by four at once are whole")
    async with aclosing(blobs.open(twins[0])) as pieces:
        async for _ in pieces:
            break  # leaving early must not complain


async def check_backend(make_backend: Callable[[], Backend], call: Call) -> None:
    """What every `Backend` promises, tried on a call that it can do; its parts must fit the candidate's kind."""
    backend = make_backend()
    try:
        expect(backend.name, "a backend has a name")
        await backend.refresh()
        offer = backend.offer(call.candidate)
        expect(isinstance(offer, Offer), f"the backend must offer {call.candidate.id!r}; it says {offer!r}")
        began = time.perf_counter()
        unknown = backend.offer(candidate("nobody/made-this", call.candidate.kind))
        expect(time.perf_counter() - began < 0.05, "an offer does no I/O, so it takes no 50 ms")
        expect(isinstance(unknown, Refusal) and unknown.reason, "a model that nobody knows is refused, with a reason")
        await backend.prepare(call.candidate)
        makes = builtin_kinds().get(call.candidate.kind)
        for _ in range(2):
            parts = await asyncio.wait_for(backend.run(call), call.deadline_s)
            expect(parts, "a run makes at least one part")
            for part in parts:
                expect(makes is None or part.type in makes.outputs, f"{call.candidate.kind!r} makes no {part.type!r}")
                if not isinstance(part, Text) and part.type != "data":
                    await call.blobs.path(part.blob)  # raises NotFound: its bytes are kept
        work = asyncio.create_task(_run(backend, call))
        await asyncio.sleep(0)
        began = time.perf_counter()
        work.cancel()
        await asyncio.wait({work}, timeout=5)
        expect(time.perf_counter() - began < 1.5, "a cancelled call lets go within a second")
        expect(await asyncio.wait_for(backend.run(call), call.deadline_s), "a call after a cancelled one works")
    finally:
        await backend.aclose()
        await backend.aclose()


async def check_controller(
    make_controller: Callable[[], Controller], request: Request, *, kinds: Kinds | None = None
) -> None:
    """What every `Controller` promises, tried on a request that needs at least one task."""
    kinds = kinds or builtin_kinds()
    controller = make_controller()
    try:
        expect(controller.name, "a controller has a name")
        tasks = [each async for each in controller.plan(request, kinds) if isinstance(each, Task)]
        expect(tasks, f"{request.text!r} must need a task for this check")
        Plan.checked(tasks, kinds)  # raises ValueError: every task fits

        async with aclosing(controller.plan(request, kinds)) as plan:
            async for _ in plan:
                break  # leaving early must not complain

        begun = story(request, tasks[:1], settle=False)
        again = [each async for each in controller.plan(request, kinds, run=begun) if isinstance(each, Task)]
        expect(tasks[0].id not in {task.id for task in again}, "a resumed plan does not plan a recorded task again")
        Plan.checked([tasks[0], *again], kinds)

        asks = [(task, _options(task)) for task in tasks]
        choices = [each async for each in controller.choose(request, asks) if isinstance(each, Choice)]
        expect(
            sorted(choice.task for choice in choices) == sorted(task.id for task in tasks),
            f"one choice for each task that was asked about, not for {[choice.task for choice in choices]}",
        )
        for choice in choices:
            offered = {
                (option.model, option.backend) for task, options in asks if task.id == choice.task for option in options
            }
            expect((choice.model, choice.backend) in offered, f"{choice.model!r} was no option for {choice.task!r}")
            expect(choice.reason, "a choice has a reason")
            nexts = {(each.model, each.backend) for each in choice.runners_up}
            expect(
                nexts <= offered - {(choice.model, choice.backend)}, "runners-up are the other options, or some of them"
            )

        for failing in (False, True):
            pieces = [
                each async for each in controller.write(story(request, tasks, failing=failing)) if isinstance(each, str)
            ]
            expect("".join(pieces).strip(), "an answer has words, also when every task failed")
    finally:
        await controller.aclose()
        await controller.aclose()


def story(request: Request, tasks: Sequence[Task], *, settle: bool = True, failing: bool = False) -> Run:
    """A run of these tasks, so far as `write` or a resumed `plan` gets to see one: each made a text, or failed, or is planned."""
    run = Run.of(_events(RunId("story"), request, tasks, settle=settle, failing=failing))
    assert run
    return run


def _events(
    run: RunId,
    request: Request,
    tasks: Sequence[Task],
    *,
    settle: bool = True,
    failing: bool = False,
    end: bool = False,
) -> list[Event]:
    happened: list[dict[str, Any]] = [{"of": RequestReceived, "request": request, "controller": "story"}]
    happened += [{"of": TaskPlanned, "task": task} for task in tasks]
    if settle:
        happened.append({"of": PlanMade})
        for task in tasks:
            model = ModelId(f"stand-in/{task.kind}")
            choice = Choice(task=task.id, model=model, backend="stand-in", reason="it is the only one")
            happened.append({"of": ModelChosen, "choice": choice})
            happened.append({"of": TaskStarted, "task": task.id, "model": model, "backend": "stand-in"})
            if failing:
                failure = Failure(task=task.id, code="backend", message="it broke", cure="mend it")
                happened.append({"of": TaskFailed, "failure": failure})
            else:
                made = (Text(text=f"what {task.kind} made"),)
                artifact = Artifact(task=task.id, parts=made, model=model, backend="stand-in", elapsed_s=0.1)
                happened.append({"of": ArtifactMade, "artifact": artifact})
    if end:
        happened.append({"of": AnswerBegun, "controller": "story"})
        happened.append({"of": AnswerDelta, "text": "Done."})
        happened.append({"of": AnswerReady, "answer": Answer(text="Done.")})
    return [each.pop("of")(run=run, seq=seq, **each) for seq, each in enumerate(happened)]


def _options(task: Task) -> list[Option]:
    return [
        Option(candidate=candidate(f"stand-in/{task.kind}-{place}", task.kind), backend="stand-in", offer=Offer())
        for place in (1, 2)
    ]


async def _run(backend: Backend, call: Call) -> Sequence[Part]:
    return await backend.run(call)


async def _in_pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"more" * 1000
        await asyncio.sleep(0)


def _blob_of(data: bytes) -> Blob:
    return Blob(sha256=hashlib.sha256(data).hexdigest(), media_type="text/plain", size_bytes=len(data))


async def _all_of(blobs: Blobs, blob: Blob) -> bytes:
    async with aclosing(blobs.open(blob)) as pieces:
        return b"".join([piece async for piece in pieces])


_ASKED = Request(text="say it\nin two lines", owner=Owner("anna"), conversation=ConversationId("talk"))
_TASKS = (Task(id=TaskId("speak"), kind=Kind("text-to-speech"), inputs={"text": (Text(text="hello"),)}),)


async def _leased(store: Store, run: RunId, holder: str = "one", ttl_s: float = 60) -> Lease:
    lease = await store.lease(run, holder=holder, ttl_s=ttl_s)
    if lease is None:
        raise AssertionError(f"a free run can be leased; {holder!r} could not")
    expect(lease.run == run, "a lease is for the run that was asked for")
    return lease


async def _kept(store: Store, run: RunId, **asked: Any) -> list[Event]:
    async with aclosing(store.read(run, **asked)) as events:
        return [event async for event in events]


async def _events_come_back(store: Store) -> None:
    run = RunId("round-trip")
    events = _events(run, _ASKED, _TASKS, end=True)
    await expect_error(NotFound, _kept(store, run), "reading a run that is not there")
    lease = await _leased(store, run)
    for event in events:
        await store.append(event, lease=lease)
    expect(await _kept(store, run) == events, "events come back as they went in, in order")
    expect(await _kept(store, run, after=2) == events[3:], "`after` leaves out what came up to it")
    expect(await _kept(store, run, follow=True) == events, "following a run that has ended ends")
    await expect_error(NotFound, _kept(store, RunId("another")), "reading another run")


async def _a_place_is_taken_once(store: Store) -> None:
    run = RunId("places")
    events = _events(run, _ASKED, _TASKS)
    lease = await _leased(store, run)
    await expect_error(Conflict, store.append(events[1], lease=lease), "a first event that is not at 0")
    await store.append(events[0], lease=lease)
    await store.append(events[0], lease=lease)
    await expect_error(Conflict, store.append(events[2], lease=lease), "leaving a gap")
    await store.append(events[1], lease=lease)
    await store.append(events[0], lease=lease)
    other = PlanMade(run=run, seq=1)
    await expect_error(Conflict, store.append(other, lease=lease), "another event at a place that is taken")
    stranger = Lease(RunId("stranger"), lease.token)
    await expect_error(Conflict, store.append(events[2], lease=stranger), "the lease of another run")
    expect(await _kept(store, run) == events[:2], "what was refused left nothing behind")


async def _one_writes_at_a_time(store: Store) -> None:
    run = RunId("leases")
    events = _events(run, _ASKED, _TASKS)
    first = await _leased(store, run, "one", 60)
    expect(await store.lease(run, holder="two", ttl_s=60) is None, "a run that is held cannot be leased by another")
    expect(await store.lease(run, holder="one", ttl_s=60) == first, "the same holder keeps its lease")
    await store.append(events[0], lease=first)
    await store.release(first)
    second = await _leased(store, run, "two", 0.02)
    expect(second != first, "a new lease is another one")
    await expect_error(Conflict, store.append(events[1], lease=first), "a lease that was given back")
    await store.append(events[1], lease=second)
    await asyncio.sleep(0.05)
    third = await _leased(store, run, "three", 60)
    await expect_error(
        Conflict, store.append(events[2], lease=second), "a lease whose time is over and that another took"
    )
    await store.release(second)  # a stale one: nothing
    await store.append(events[2], lease=third)
    expect(await _kept(store, run) == events[:3], "each event is there once")


async def _what_was_left_is_found(store: Store) -> None:
    expect(await store.lease(None, holder="one", ttl_s=60) is None, "an empty store has no run to take")
    left, ended, held, blank = (RunId(name) for name in ("left", "ended", "held", "blank"))
    for run, ttl_s, ends in ((left, 0.02, False), (ended, 0.02, True), (held, 60.0, False)):
        lease = await _leased(store, run, "one", ttl_s)
        for event in _events(run, _ASKED, _TASKS, end=ends):
            await store.append(event, lease=lease)
    await _leased(store, blank, "one", 0.02)
    await asyncio.sleep(0.05)
    taken = await store.lease(None, holder="two", ttl_s=60)
    expect(taken and taken.run == left, f"the run that was left is taken, not {taken!r}")
    expect(await store.lease(None, holder="two", ttl_s=60) is None, "what is held, even by the asker, is not taken")


async def _runs_are_listed(store: Store) -> None:
    names = [RunId(name) for name in ("first", "second", "third")]
    for number, run in enumerate(names):
        request = Request(text=f"number {number}\nof three", owner=Owner("anna" if number else "bob"))
        lease = await _leased(store, run, "one", 60)
        for event in _events(run, request, _TASKS, end=run == "second"):
            await store.append(event, lease=lease)
        if run == "first":
            await store.release(lease)
    infos = await store.runs()
    expect([info.id for info in infos] == names[::-1], f"the newest runs come first, not {[info.id for info in infos]}")
    states = [info.state for info in infos]
    expect(states == ["executing", "done", "interrupted"], f"the states are those of the events, not {states}")
    expect(infos[0].text == "number 2 of three", f"the text is one line, not {infos[0].text!r}")
    expect([info.id for info in await store.runs(owner=Owner("bob"))] == ["first"], "`owner` leaves out the others")
    expect(not await store.runs(conversation=ConversationId("talk")), "`conversation` leaves out the others")
    expect([info.id for info in await store.runs(state="interrupted")] == ["first"], "`state` leaves out the others")
    expect(
        [info.id for info in await store.runs(state="executing")] == ["third"], "an interrupted run is not executing"
    )
    expect([info.id for info in await store.runs(limit=1)] == ["third"], "`limit` leaves out the oldest")


async def _a_follower_sees_each_event(store: Store) -> None:
    run = RunId("followed")
    events = _events(run, _ASKED, _TASKS, end=True)
    lease = await _leased(store, run)
    await store.append(events[0], lease=lease)
    following = asyncio.create_task(_kept(store, run, follow=True))
    for event in events[1:]:
        await asyncio.sleep(0)
        await store.append(event, lease=lease)
    expect(await asyncio.wait_for(following, 5) == events, "a follower sees each event once, and stops at the end")


async def _cancelling_is_asked_for(store: Store) -> None:
    run = RunId("unwanted")
    lease = await _leased(store, run)
    await store.append(_events(run, _ASKED, _TASKS)[0], lease=lease)
    expect(not await store.cancel_asked(run), "nobody has asked yet")
    await store.ask_cancel(run)
    await store.ask_cancel(run)
    expect(await store.cancel_asked(run), "somebody has asked")
    expect(not await store.cancel_asked(RunId("another")), "nobody has asked for another run")


async def _runs_are_deleted(store: Store) -> None:
    run = RunId("deleted")
    await expect_error(NotFound, store.delete(run), "deleting a run that is not there")
    lease = await _leased(store, run)
    events = _events(run, _ASKED, _TASKS)
    for event in events:
        await store.append(event, lease=lease)
    await expect_error(Conflict, store.delete(run), "deleting a run that somebody works on")
    await store.release(lease)
    await store.delete(run)
    await expect_error(NotFound, _kept(store, run), "reading a run that was deleted")
    expect(not await store.runs(), "a run that was deleted is not listed")
    await expect_error(Conflict, store.append(events[0], lease=lease), "writing to a run that was deleted")
    again = await _leased(store, run)
    await expect_error(Conflict, store.append(events[0], lease=lease), "a lease from before the run was deleted")
    await store.append(events[0], lease=again)


async def _a_run_ends_once(store: Store) -> None:
    run = RunId("over")
    lease = await _leased(store, run)
    events = _events(run, _ASKED, _TASKS, end=True)
    for event in events:
        await store.append(event, lease=lease)
    await store.append(events[-1], lease=lease)
    more = AnswerDelta(run=run, seq=len(events), text="and")
    await expect_error(Conflict, store.append(more, lease=lease), "an event after the end")


_STORE_CHECKS: tuple[Callable[[Store], Awaitable[None]], ...] = (
    _events_come_back,
    _a_place_is_taken_once,
    _one_writes_at_a_time,
    _what_was_left_is_found,
    _runs_are_listed,
    _a_follower_sees_each_event,
    _cancelling_is_asked_for,
    _runs_are_deleted,
    _a_run_ends_once,
)
