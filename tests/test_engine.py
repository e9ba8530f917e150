"""A request in, events out: the engine with stand-ins plugged in."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hugginggpt import media
from hugginggpt.engine import HuggingGPT
from hugginggpt.errors import (
    BackendError,
    Conflict,
    ControllerError,
    InputError,
    InputRefused,
    NotFound,
    RunError,
    StorageFull,
    TooLarge,
    UnknownKind,
    UnknownModel,
    UsageError,
)
from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import Failure, Part, TaskId, Text
from hugginggpt.flow.choice import Candidate, Choice, Option, Refusal
from hugginggpt.flow.event import (
    AnswerBegun,
    AnswerDelta,
    Event,
    ModelChosen,
    PlanMade,
    RunCancelled,
    RunId,
    TaskDropped,
    TaskPlanned,
    TaskProgress,
    TaskStarted,
)
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Plan, Ref, Task
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run
from hugginggpt.ports import Call, Controller, Dropped, Lease, Progress, ReplyDelta
from hugginggpt.stores.blobs import DiskBlobs
from hugginggpt.stores.sqlite import SqliteStore
from hugginggpt.testing import (
    ListCatalog,
    PlannedController,
    StandInBackend,
    candidate,
    crashes,
    echoes,
    fails,
    hangs,
    says,
)
from hugginggpt.working import Limits

GENERATE = Kind("text-generation")


def task(id: str, *needs: str, kind: str = GENERATE, text: str = "") -> Task:
    """A task that takes its own id, or the text given, and the text of those it needs."""
    refs = [Ref(task=TaskId(need), output="text") for need in needs]
    return Task(id=TaskId(id), kind=Kind(kind), inputs={"text": (Text(text=text or id), *refs)})


DIAMOND = [task("top"), task("left", "top"), task("right", "top"), task("bottom", "left", "right")]

MakeGPT = Callable[..., HuggingGPT]


@pytest.fixture
async def make_gpt(tmp_path: Path) -> AsyncIterator[MakeGPT]:
    """An engine that plans `tasks`; each task of kind `text-generation` may go to the models in `does`."""
    made = contextlib.AsyncExitStack()
    store = SqliteStore(tmp_path / "runs.sqlite")

    def make(
        tasks: Sequence[Any] = (),
        does: Mapping[str, Any] | None = None,
        *,
        controller: Controller | None = None,
        candidates: Sequence[Candidate] | None = None,
        backend: StandInBackend | None = None,
        **more: Any,
    ) -> HuggingGPT:
        does = does or {"a/echo": echoes()}
        gpt = HuggingGPT(
            controller=controller or PlannedController(tasks),
            catalog=ListCatalog([candidate(model, GENERATE) for model in does] if candidates is None else candidates),
            backends=[backend or StandInBackend(does)],
            store=more.pop("store", store),
            blobs=DiskBlobs(tmp_path / "blobs"),
            **more,
        )
        made.push_async_callback(gpt.aclose)
        return gpt

    yield make
    await made.aclose()


async def events_of(gpt: HuggingGPT, request: str = "do it", **more: Any) -> list[Event]:
    return [event async for event in gpt.stream(request, **more)]


def folded(events: Sequence[Event]) -> Run:
    run = Run.of(events)
    assert run is not None
    return run


async def test_a_chain_hands_each_result_to_the_next(make_gpt: MakeGPT) -> None:
    answer = await make_gpt([task("one"), task("two", "one"), task("three", "two")]).run("do it")
    assert [(a.task, a.text) for a in answer.artifacts] == [
        ("one", "one"),
        ("two", "two\none"),
        ("three", "three\ntwo\none"),
    ]
    assert answer.text.splitlines()[0] == "one: one"
    assert answer.form == "results" and answer.failures == ()


async def test_the_stream_tells_the_story_in_order_and_is_what_the_store_keeps(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")])
    events = await events_of(gpt)
    assert [event.type for event in events] == [
        "request.received",
        "task.planned",
        "plan.made",
        "model.chosen",
        "task.started",
        "artifact.made",
        "answer.begun",
        "answer.delta",
        "answer.ready",
    ]
    assert [event.seq for event in events] == list(range(len(events)))
    assert [event async for event in gpt.store.read(events[0].run)] == events


async def test_an_event_is_stored_before_it_is_shown(make_gpt: MakeGPT) -> None:
    gpt = make_gpt(DIAMOND)
    async for event in gpt.stream("do it"):
        stored = [e.seq async for e in gpt.store.read(event.run)]
        assert event.seq in stored


async def test_independent_tasks_run_side_by_side(make_gpt: MakeGPT) -> None:
    backend = StandInBackend({"a/slow": says("done", after_s=0.1)})
    gpt = make_gpt(DIAMOND, {"a/slow": None}, backend=backend)
    await gpt.run("do it")
    assert backend.most_at_once == 2
    assert backend.count["a/slow"] == 4


async def test_the_first_task_runs_while_the_plan_is_still_being_written(make_gpt: MakeGPT) -> None:
    gpt = make_gpt(controller=PlannedController([task("one"), task("two")], delay_s=0.3))
    types = [event.type for event in await events_of(gpt)]
    assert types.index("artifact.made") < types.index("plan.made")


async def test_choices_are_made_ahead_and_share_calls(make_gpt: MakeGPT) -> None:
    controller = PlannedController([task("one"), task("two", "one"), task("three", "two")], choose_delay_s=0.05)
    gpt = make_gpt(controller=controller, does={"a/slow": says("x", after_s=0.3)})
    events = await events_of(gpt)
    chosen = [event.at for event in events if isinstance(event, ModelChosen)]
    first_made = next(event.at for event in events if event.type == "artifact.made")
    assert len(chosen) == 3 and max(chosen) < first_made
    assert controller.asked in ([("one",), ("two", "three")], [("one", "two", "three")], [("one", "two"), ("three",)])


async def test_a_model_is_prepared_while_its_task_waits(make_gpt: MakeGPT) -> None:
    backend = StandInBackend({"a/slow": says("x", after_s=0.1)})
    await make_gpt([task("one"), task("two", "one")], {"a/slow": None}, backend=backend).run("do it")
    assert backend.prepared == ["a/slow"]  # for the second task; the first starts at once


async def test_a_failed_task_skips_only_what_needs_it(make_gpt: MakeGPT) -> None:
    async def some(call: Call) -> Sequence[Part]:
        (text, *_) = call.inputs["text"]
        assert isinstance(text, Text)
        if text.text == "left":
            raise BackendError("no luck", cure="try again")
        return [text]

    answer = await make_gpt(DIAMOND, {"a/some": some}).run("do it")
    assert {f.task: (f.code, f.message, f.cure) for f in answer.failures} == {
        "left": ("backend", "a/some: no luck", "try again"),
        "bottom": ("skipped", "it needs 'left', which failed", ""),
    }
    assert [a.task for a in answer.artifacts] == ["top", "right"]


async def test_a_failed_model_gives_way_to_the_runner_up_and_the_events_say_so(make_gpt: MakeGPT) -> None:
    does = {"a/dead": crashes(), "b/slow": hangs(), "c/good": says("there")}
    gpt = make_gpt([task("one")], does, limits=Limits(task_deadline_s=0.1))
    events = await events_of(gpt)
    chosen = [event.choice for event in events if isinstance(event, ModelChosen)]
    assert [choice.model for choice in chosen] == ["a/dead", "b/slow", "c/good"]
    assert "a/dead failed (the stand-in's process died)" in chosen[1].reason
    assert "b/slow failed (it was stopped at its deadline of 0.1 s)" in chosen[2].reason
    run = folded(events)
    assert run.answer is not None
    assert [(a.model, a.text) for a in run.answer.artifacts] == [("c/good", "there")]


async def test_when_all_have_failed_the_failure_names_each(make_gpt: MakeGPT) -> None:
    does = {"a/one": fails(BackendError("broken")), "b/two": fails(InputRefused("too blue", cure="paint it red"))}
    answer = await make_gpt([task("one")], does).run("do it")
    assert answer.failures == (
        Failure(task=TaskId("one"), code="backend", message="a/one: broken; b/two: too blue", cure="paint it red"),
    )
    assert "broken" in answer.text


async def test_a_bug_in_a_backend_is_a_failure_like_any_other(make_gpt: MakeGPT) -> None:
    answer = await make_gpt([task("one")], {"a/bug": fails(ZeroDivisionError("oops"))}).run("do it")
    assert answer.failures[0].message == "a/bug: backend 'stand-in' broke: ZeroDivisionError: oops"


async def test_what_is_not_of_the_kind_is_no_result(make_gpt: MakeGPT) -> None:
    answer = await make_gpt([task("one")], {"a/empty": (0, [])}).run("do it")
    assert answer.failures[0].message == "a/empty: it gave nothing where text was due"


async def test_nothing_that_runs_is_a_failure_whose_message_is_the_fix(make_gpt: MakeGPT) -> None:
    backend = StandInBackend({}, refusals={"a/big": Refusal(reason="needs 80 GB", cure="buy a GPU")})
    draw = Task(id=TaskId("draw"), kind=Kind("text-to-image"), inputs={"prompt": (Text(text="a cat"),)})
    gpt = make_gpt([task("one"), draw], {}, backend=backend, candidates=[candidate("a/big", GENERATE)])
    one, two = (await gpt.run("do it")).failures
    assert (one.code, one.message, one.cure) == (
        "no-model",
        "no backend here runs 'text-generation': a/big needs 80 GB",
        "buy a GPU",
    )
    assert two.message == "no backend here runs 'text-to-image'" and "backends" in two.cure


async def test_a_fixed_model_is_used_and_nobody_stands_in_for_it(make_gpt: MakeGPT) -> None:
    does = {"a/first": says("a"), "b/dead": crashes()}
    gpt = make_gpt([task("one")], does)
    answer = await gpt.run("do it", models={"text2text generation": "b/dead"})  # a retired name of the kind
    assert [failure.message for failure in answer.failures] == ["b/dead: the stand-in's process died"]


async def test_unknown_models_and_kinds_are_refused_before_anything_begins(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")])
    with pytest.raises(UnknownModel, match="no model 'x/y' for 'text-generation'; known here: 'a/echo'"):
        await gpt.run("do it", models={"text-generation": "x/y"})
    with pytest.raises(UnknownKind, match="did you mean 'text-generation'"):
        await gpt.run("do it", models={"txt-generation": "x/y"})
    assert await gpt.store.runs() == []


async def test_a_choice_that_was_not_offered_gives_way_to_the_best_ranked(make_gpt: MakeGPT) -> None:
    class Inventive(PlannedController):
        async def choose(self, request: Request, asks: Sequence[tuple[Task, Sequence[Option]]]) -> Any:
            for task, _ in asks:
                yield Choice(task=task.id, model="evil/model", backend="stand-in", reason="trust me")

    events = await events_of(make_gpt(controller=Inventive([task("one")])))
    (choice,) = [event.choice for event in events if isinstance(event, ModelChosen)]
    assert choice.model == "a/echo" and "'evil/model', which was not offered" in choice.reason


async def test_a_controller_that_cannot_choose_leaves_the_best_ranked(make_gpt: MakeGPT) -> None:
    controller = PlannedController([task("one")], choose_error=ControllerError("no quota"))
    events = await events_of(make_gpt(controller=controller))
    (choice,) = [event.choice for event in events if isinstance(event, ModelChosen)]
    assert choice.model == "a/echo" and "no quota" in choice.reason


async def test_wrong_tasks_are_dropped_with_all_reasons_and_the_right_ones_run(make_gpt: MakeGPT) -> None:
    forward = task("early", "late")
    unknown = Task(id=TaskId("odd"), kind=Kind("text-generatoin"), inputs={})
    events = await events_of(make_gpt([forward, unknown, task("late"), Dropped(task="half", reason="cut off")]))
    assert [(e.task, e.reason) for e in events if isinstance(e, TaskDropped)] == [
        ("early", "'late' is no earlier task"),
        ("odd", "'text-generatoin' is no kind of task; did you mean 'text-generation', 'text-ranking'?"),
        ("half", "cut off"),
    ]
    run = folded(events)
    assert run.answer and [a.task for a in run.answer.artifacts] == ["late"]


async def test_a_plan_has_a_bound(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task(str(n)) for n in range(9)], limits=Limits(tasks=3))
    run = folded(await events_of(gpt))
    assert len(run.tasks) == 3 and len(run.dropped) == 6


async def test_a_request_that_needs_no_task_is_answered_by_the_plan(make_gpt: MakeGPT) -> None:
    answer = await make_gpt([ReplyDelta(text="Hello "), ReplyDelta(text="there."), Usage(calls=1)]).run("hi")
    assert (answer.text, answer.form, answer.usage.calls) == ("Hello there.", "reply", 1)


async def test_a_request_that_is_not_understood_says_so(make_gpt: MakeGPT) -> None:
    answer = await make_gpt([ReplyDelta(text="What?", understood=False)]).run("asdf")
    assert (answer.text, answer.form) == ("What?", "not-understood")


async def test_a_controller_that_cannot_plan_fails_the_run_with_its_reason(make_gpt: MakeGPT) -> None:
    controller = PlannedController(plan_error=ControllerError("no key", cure="set one"))
    with pytest.raises(RunError, match="no key; set one") as failed:
        await make_gpt(controller=controller).run("do it")
    assert failed.value.run_code == "controller"


async def test_a_plan_cut_short_is_worked_off_as_far_as_it_goes(make_gpt: MakeGPT) -> None:
    controller = PlannedController([task("one")], plan_error=ControllerError("the line went dead"))
    run = folded(await events_of(make_gpt(controller=controller)))
    assert run.answer and [a.task for a in run.answer.artifacts] == ["one"]
    assert run.dropped[0].reason == "the line went dead"


async def test_a_plan_of_nothing_is_no_answer(make_gpt: MakeGPT) -> None:
    with pytest.raises(RunError, match="no plan was made: it found nothing to do"):
        await make_gpt().run("do it")


async def test_the_fallback_writes_when_the_controller_cannot(make_gpt: MakeGPT) -> None:
    broken = PlannedController([task("one")], text="half an ans", write_error=ControllerError("cut off"))
    events = await events_of(make_gpt(controller=broken, fallback=PlannedController(name="spare", text="All of it.")))
    assert [event.controller for event in events if isinstance(event, AnswerBegun)] == ["planned", "spare"]
    run = folded(events)
    assert run.answer and run.answer.text == "All of it."  # the first attempt's pieces are void


async def test_without_a_fallback_a_run_that_cannot_be_written_fails_and_keeps_what_was_made(make_gpt: MakeGPT) -> None:
    broken = PlannedController([task("one")], write_error=ControllerError("cut off", cure="go on"))
    run = folded(await events_of(make_gpt(controller=broken)))
    assert run.error and (run.error.code, run.error.cure) == ("controller", "go on")
    assert [a.task for a in run.artifacts] == ["one"]


async def test_usage_of_controllers_and_experts_adds_up(make_gpt: MakeGPT) -> None:
    async def costly(call: Call) -> Sequence[Part]:
        call.report(Usage(calls=1, cost_usd=0.5))
        call.report(Progress(0.5, "half"))
        return [Text(text="x")]

    gpt = make_gpt([Usage(calls=1, tokens_in=7), task("one")], {"a/costly": costly})
    events = await events_of(gpt)
    run = folded(events)
    assert run.answer and run.answer.usage == Usage(calls=2, tokens_in=7, cost_usd=0.5)
    assert [(e.fraction, e.note) for e in events if isinstance(e, TaskProgress)] == [(0.5, "half")]


async def test_a_report_after_the_end_of_a_call_is_not_heard(make_gpt: MakeGPT) -> None:
    late: list[Call] = []

    async def keeps(call: Call) -> Sequence[Part]:
        late.append(call)
        return [Text(text="x")]

    gpt = make_gpt([task("one"), task("two", "one")], {"a/keeps": keeps})
    async for event in gpt.stream("do it"):
        if isinstance(event, TaskStarted) and event.task == "two":
            late[0].report(Progress(0.9, "too late"))
        assert not isinstance(event, TaskProgress)


async def test_an_expert_that_never_returns_is_stopped_at_its_deadline_and_the_rest_goes_on(make_gpt: MakeGPT) -> None:
    backend = StandInBackend({"a/hangs": hangs()})
    draw = Task(id=TaskId("x"), kind=Kind("summarization"), inputs={"text": (Text(text="t"),)})
    gpt = make_gpt(
        [task("one"), task("two", "one"), draw],
        backend=backend,
        candidates=[candidate("a/hangs", GENERATE), candidate("a/quick", "summarization")],
        limits=Limits(task_deadline_s=0.2),
    )
    backend.table["a/quick"] = says("quick")
    started = time.monotonic()
    answer = await gpt.run("do it")
    assert time.monotonic() - started < 1.5
    assert {f.task: f.code for f in answer.failures} == {"one": "deadline", "two": "skipped"}
    assert [a.task for a in answer.artifacts] == ["x"]
    assert backend.cancelled["a/hangs"] == 1


async def test_at_the_runs_deadline_what_is_left_fails_and_what_was_made_is_answered(make_gpt: MakeGPT) -> None:
    async def some(call: Call) -> Sequence[Part]:
        (text, *_) = call.inputs["text"]
        assert isinstance(text, Text)
        if text.text == "left":
            await asyncio.Event().wait()
        return [text]

    run = folded(await events_of(make_gpt(DIAMOND, {"a/some": some}), deadline_s=0.5))
    assert run.answer is not None
    assert [a.task for a in run.answer.artifacts] == ["top", "right"]
    assert {f.task: f.code for f in run.answer.failures} == {"left": "deadline", "bottom": "deadline"}
    assert run.state == "done"


async def test_a_controller_that_never_plans_ends_at_the_runs_deadline(make_gpt: MakeGPT) -> None:
    with pytest.raises(RunError, match="made no plan within the run's deadline") as failed:
        await make_gpt(controller=PlannedController([task("one")], delay_s=60)).run("do it", deadline_s=0.2)
    assert failed.value.run_code == "deadline"


async def test_a_controller_that_stops_planning_midway_ends_at_the_deadline_with_what_was_made(
    make_gpt: MakeGPT,
) -> None:
    class Stalls(PlannedController):
        async def plan(self, request: Request, kinds: Any, *, run: Run | None = None) -> Any:
            yield task("one")
            await asyncio.Event().wait()

    run = folded(await events_of(make_gpt(controller=Stalls()), deadline_s=0.3))
    assert run.answer and [a.task for a in run.answer.artifacts] == ["one"]


async def test_closing_the_stream_stops_the_work_and_the_run_is_cancelled(make_gpt: MakeGPT) -> None:
    backend = StandInBackend({"a/hangs": hangs()})
    gpt = make_gpt([task("one")], {"a/hangs": None}, backend=backend)
    async with contextlib.aclosing(gpt.stream("do it")) as events:
        async for event in events:
            if isinstance(event, TaskStarted):
                break
    assert backend.cancelled["a/hangs"] == 1 and backend.running == 0
    stored = [event async for event in gpt.store.read(event.run)]
    assert isinstance(stored[-1], RunCancelled)
    assert folded(stored).state == "cancelled"


async def test_a_run_that_somebody_else_asks_to_stop_stops(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")], {"a/hangs": hangs()})
    types = []
    async for event in gpt.stream("do it"):
        types.append(event.type)
        if isinstance(event, TaskStarted):
            await gpt.store.ask_cancel(event.run)
    assert types[-1] == "run.cancelled"


async def test_no_task_or_process_is_left_when_a_run_is_over(make_gpt: MakeGPT) -> None:
    gpt = make_gpt(DIAMOND)
    await gpt.run("first")
    before = len(asyncio.all_tasks())
    await gpt.run("again")
    assert len(asyncio.all_tasks()) <= before


async def test_a_given_plan_is_carried_out_without_asking_the_controller(make_gpt: MakeGPT) -> None:
    controller = PlannedController([task("not this")])
    answer = await make_gpt(controller=controller).run("do it", plan=Plan(tasks=(task("this"),)))
    assert [a.task for a in answer.artifacts] == ["this"] and controller.planned == []


async def test_many_runs_at_once_do_not_mix(make_gpt: MakeGPT) -> None:
    gpt = make_gpt(DIAMOND, {"a/echo": echoes()})
    streams = await asyncio.gather(*(events_of(gpt, f"request {n}") for n in range(20)))
    for number, events in enumerate(streams):
        run = folded(events)
        assert run.request.text == f"request {number}"
        assert run.answer and len(run.answer.artifacts) == 4
    assert len({events[0].run for events in streams}) == 20


# --- resume ------------------------------------------------------------------------------------------------------------


async def interrupted(gpt: HuggingGPT, until: Callable[[Event], bool]) -> RunId:
    """Record a run only up to some event, as if the program had been killed right after it."""
    kept: list[Event] = []
    async for event in gpt.stream("do it"):
        kept.append(event)
        if until(event):
            break
    run_id = RunId(f"{kept[0].run}-cut")
    lease = await gpt.store.lease(run_id, holder="dead", ttl_s=60)
    assert lease is not None
    for event in kept:
        await gpt.store.append(event.model_copy(update={"run": run_id}), lease=lease)
    await gpt.store.release(lease)
    return run_id


@pytest.mark.parametrize(
    "cut",
    ["request.received", "task.planned", "plan.made", "model.chosen", "task.started", "artifact.made", "answer.begun"],
)
async def test_a_run_cut_anywhere_is_finished_and_nothing_finished_is_redone(make_gpt: MakeGPT, cut: str) -> None:
    backend = StandInBackend({"a/echo": echoes()})
    gpt = make_gpt(DIAMOND, {"a/echo": None}, backend=backend)
    run_id = await interrupted(gpt, lambda event: event.type == cut)
    recorded = folded([event async for event in gpt.store.read(run_id)])
    backend.count.clear()
    events = [event async for event in gpt.resume(run_id)]
    run = folded(events)
    assert run.answer and [a.task for a in run.answer.artifacts] == ["top", "left", "right", "bottom"]
    assert backend.count["a/echo"] == 4 - len(recorded.artifacts)
    assert [event async for event in gpt.store.read(run_id)] == events
    assert sum(isinstance(event, PlanMade) for event in events) == 1
    assert sum(isinstance(event, TaskPlanned) for event in events) == 4


async def test_a_given_plan_that_was_cut_short_is_finished_as_it_was_given(make_gpt: MakeGPT) -> None:
    controller = PlannedController([task("something else")])
    gpt = make_gpt(controller=controller)
    kept: list[Event] = []
    async for event in gpt.stream("do it", plan=Plan(tasks=(task("one"), task("two", "one")))):
        kept.append(event)
        if isinstance(event, TaskPlanned):
            break
    run_id = RunId("given")
    lease = await gpt.store.lease(run_id, holder="dead", ttl_s=60)
    assert lease is not None
    for event in kept:
        await gpt.store.append(event.model_copy(update={"run": run_id}), lease=lease)
    await gpt.store.release(lease)
    run = folded([event async for event in gpt.resume(run_id)])
    assert run.answer and [a.task for a in run.answer.artifacts] == ["one", "two"]
    assert controller.planned == []


async def test_a_reply_cut_short_is_told_again(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([ReplyDelta(text="Hel"), ReplyDelta(text="lo")])
    run_id = await interrupted(gpt, lambda event: isinstance(event, AnswerDelta))
    run = folded([event async for event in gpt.resume(run_id)])
    assert run.answer and run.answer.text == "Hello"


async def test_resuming_a_run_that_has_ended_only_replays_it(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")])
    events = await events_of(gpt)
    assert [event async for event in gpt.resume(events[0].run)] == events


async def test_a_run_that_is_being_worked_on_cannot_be_taken(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")], {"a/hangs": hangs()})
    other = make_gpt([task("one")])
    async with contextlib.aclosing(gpt.stream("do it")) as events:
        async for event in events:
            if isinstance(event, TaskStarted):
                with pytest.raises(Conflict, match="somebody is working on run"):
                    await anext(other.resume(event.run))
                break


async def test_an_unknown_run_cannot_be_resumed(make_gpt: MakeGPT) -> None:
    with pytest.raises(NotFound):
        await anext(make_gpt().resume(RunId("never-was")))


# --- what breaks under the engine --------------------------------------------------------------------------------------


class FullAt(SqliteStore):
    """A store whose disk is full from some event on."""

    def __init__(self, path: Path, seq: int) -> None:
        super().__init__(path)
        self.seq = seq

    async def append(self, event: Event, *, lease: Lease) -> None:
        if event.seq >= self.seq:
            raise StorageFull("the disk is full", cure="make room")
        await super().append(event, lease=lease)


@pytest.mark.parametrize("seq", range(12))
async def test_a_full_disk_ends_the_stream_with_one_clear_error_and_the_run_can_be_resumed(
    make_gpt: MakeGPT, tmp_path: Path, seq: int
) -> None:
    store = FullAt(tmp_path / "full.sqlite", seq)
    gpt = make_gpt(DIAMOND, store=store)
    seen = []
    with pytest.raises(StorageFull, match="the disk is full; make room"):
        async for event in gpt.stream("do it"):
            seen.append(event)
    assert [event.seq for event in seen] == list(range(seq))
    if seen:
        store.seq = 1_000_000  # somebody made room
        run = folded([event async for event in gpt.resume(seen[0].run)])
        assert run.answer and len(run.answer.artifacts) == 4


async def test_a_stream_closed_when_nothing_can_be_stored_any_more_closes(make_gpt: MakeGPT, tmp_path: Path) -> None:
    store = FullAt(tmp_path / "full.sqlite", 1_000_000)
    gpt = make_gpt([task("one")], {"a/hangs": hangs()}, store=store)
    async with asyncio.timeout(5):
        async with contextlib.aclosing(gpt.stream("do it")) as events:
            async for event in events:
                if isinstance(event, TaskStarted):
                    store.seq = 0  # the disk fills up
                    break


async def test_a_stream_closed_at_its_first_event_ends_its_run(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([task("one")])
    async with contextlib.aclosing(gpt.stream("do it")) as events:
        event = await anext(events)
    assert folded([event async for event in gpt.store.read(event.run)]).state == "cancelled"
    assert await gpt.store.lease(RunId(f"{event.run}-other"), holder="x", ttl_s=1) is not None


async def test_closing_the_engine_ends_its_runs_first(tmp_path: Path) -> None:
    backend, path = StandInBackend({"a/hangs": hangs()}), tmp_path / "closing.sqlite"
    gpt = HuggingGPT(
        controller=PlannedController([task("one")]),
        catalog=ListCatalog([candidate("a/hangs", GENERATE)]),
        backends=[backend],
        store=SqliteStore(path),
        blobs=DiskBlobs(tmp_path / "blobs"),
    )
    running = asyncio.create_task(gpt.run("do it"))
    while not backend.running:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await gpt.aclose()
    with pytest.raises(RunError, match="cancelled"):
        await running
    store = SqliteStore(path)
    assert [info.state for info in await store.runs()] == ["cancelled"]
    await store.aclose()


async def test_a_bug_in_the_controller_ends_the_run_and_says_so(make_gpt: MakeGPT) -> None:
    run = folded(await events_of(make_gpt(controller=PlannedController(plan_error=KeyError("oops")))))
    assert run.error and run.error.code == "internal"


# --- requests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", InputError, "the request is empty"),
        ("  \n ", InputError, "the request is empty"),
        (
            "x" * 100_000,
            TooLarge,
            "the request has 100,000 characters, more than 20,000; put the long part into a file",
        ),
    ],
)
async def test_a_request_that_cannot_be_used_says_why(
    make_gpt: MakeGPT, text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await make_gpt().run(text)


@pytest.mark.parametrize("deadline_s", [0, -1, float("nan"), float("inf")])
async def test_a_deadline_that_cannot_be_kept_is_refused(make_gpt: MakeGPT, deadline_s: float) -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        await make_gpt([task("one")]).run("do it", deadline_s=deadline_s)


async def test_bytes_that_are_no_text_are_refused(make_gpt: MakeGPT) -> None:
    with pytest.raises(InputError, match="bytes that are no text"):
        await make_gpt().run("\udcff hello")


@pytest.mark.parametrize("file", ["", 5, None])
async def test_what_is_no_file_is_refused(make_gpt: MakeGPT, file: Any) -> None:
    with pytest.raises(InputError):
        await make_gpt().request("read", [file])


async def test_too_many_files_are_refused(make_gpt: MakeGPT) -> None:
    with pytest.raises(TooLarge, match="33 files are attached, more than 32"):
        await make_gpt().run("read these", files=[Text(text="x")] * 33)


async def test_files_become_parts_and_data_urls_too(make_gpt: MakeGPT, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("buy milk", encoding="utf-8")
    gpt = make_gpt(caps=media.Caps())
    request = await gpt.request("read", [tmp_path / "note.txt", str(tmp_path / "note.txt"), "data:text/plain,hello"])
    assert [part.text for part in request.attachments if isinstance(part, Text)] == ["buy milk", "buy milk", "hello"]


async def test_a_url_to_a_private_address_is_blocked(make_gpt: MakeGPT) -> None:
    with pytest.raises(InputError, match="127.0.0.1"):
        await make_gpt().run("read", files=["http://127.0.0.1:1/secret.png"])


async def test_plan_only_shows_what_would_be_done(make_gpt: MakeGPT) -> None:
    gpt = make_gpt([*DIAMOND, task("late", "nobody"), Dropped(task="x", reason="no")])
    planned = await gpt.plan(await gpt.request("do it"))
    assert [one.id for one in planned.plan] == ["top", "left", "right", "bottom"]
    assert [dropped.task for dropped in planned.dropped] == ["late", "x"]
    assert await gpt.store.runs() == []
