"""A run being worked on: plan, select, execute, respond; the only writer of the run's events."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from hugginggpt.errors import (
    BackendError,
    Conflict,
    ControllerError,
    DeadlinePassed,
    HuggingGPTError,
    NothingRuns,
    StoreError,
)
from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import Artifact, Failure, Frozen, Outcome, Part, TaskId
from hugginggpt.flow.choice import Candidate, Choice
from hugginggpt.flow.event import (
    AnswerBegun,
    AnswerDelta,
    AnswerReady,
    ArtifactMade,
    Event,
    Happened,
    ModelChosen,
    PlanMade,
    RunCancelled,
    RunFailed,
    TaskDropped,
    TaskFailed,
    TaskPlanned,
    TaskProgress,
    TaskStarted,
    UsageReported,
)
from hugginggpt.flow.kinds import Kind, Kinds
from hugginggpt.flow.plan import Ref, Task, faults
from hugginggpt.flow.run import Run
from hugginggpt.ports import Backend, Blobs, Call, Catalog, Controller, Dropped, Lease, Progress, ReplyDelta, Store
from hugginggpt.selection import Chooser, Survey, next_choice, survey

_log = logging.getLogger(__name__)

LEASE_S = 15.0
"""How long a run stays ours without a sign of life."""
_DELTA_S = 0.05
"""An answer is told in at most 20 pieces a second."""


Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Limits(Frozen):
    """What one run may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_deadline_s: Seconds = 300.0
    """For one call of an expert, the wait for a free process included."""
    run_deadline_s: Seconds = 900.0
    write_s: Seconds = 60.0
    """For the answer, after the deadline too: what was made is always reported."""
    tasks: int = Field(default=64, gt=0)
    request_chars: int = Field(default=20_000, gt=0)
    attachments: int = Field(default=32, ge=0)


@dataclass(frozen=True, slots=True)
class Plugged:
    """What is plugged into the engine."""

    controller: Controller
    fallback: Controller | None
    """Writes the answer when `controller` cannot."""
    catalog: Catalog
    backends: tuple[Backend, ...]
    store: Store
    blobs: Blobs
    kinds: Kinds
    limits: Limits
    holder: str
    """Who we are to the store: whoever asks for a lease under this name gets ours."""


class Working:
    """One run being worked on: the only writer of its events."""

    def __init__(self, gpt: Plugged, lease: Lease, run: Run) -> None:
        received = run.received
        assert received is not None  # every run begins with one
        self._gpt = gpt
        self._lease = lease
        self._run = run
        self._given = received.plan
        self._limits = gpt.limits
        deadline_s = gpt.limits.run_deadline_s if received.deadline_s is None else received.deadline_s
        self._deadline = time.monotonic() + deadline_s
        self._out: asyncio.Queue[Event | None] = asyncio.Queue()
        self._inbox: asyncio.Queue[tuple[Callable[..., Event], dict[str, Any], asyncio.Future[None] | None]] = (
            asyncio.Queue()
        )
        self._writer: asyncio.Task[None]
        self._doing: asyncio.Task[None] | None = None
        self._stopped = False
        self._over = asyncio.Event()
        self._broken: HuggingGPTError | None = None
        self._tasks = {task_id: record.task for task_id, record in run.tasks.items()}
        """All tasks planned so far; `_run` follows a moment later, when their events are stored."""
        self._outcomes: dict[TaskId, asyncio.Future[Outcome]] = {}
        self._surveys: dict[Kind, asyncio.Task[Survey]] = {}
        self._chooser = Chooser(run.request, gpt.controller, self._survey, received.models, self._used)
        self._plan_error: ControllerError | None = None
        self._reply_understood: bool | None = None
        """None until the controller replies without a task."""

    # --- the stream ----------------------------------------------------------------------------------------------------

    async def events(self, recorded: Sequence[Event]) -> AsyncGenerator[Event, None]:
        """What is recorded, then what happens."""
        # A queue, not `yield` inside the task group: a generator that yields there can be resumed in another task, and then
        # cancelling the group cancels the wrong one.
        ending = asyncio.create_task(self._work_and_end())
        try:
            for event in recorded:
                yield event
            while (happened := await self._out.get()) is not None:
                yield happened
            await ending
            if self._broken:
                raise self._broken
        finally:
            self.stop()
            with contextlib.suppress(asyncio.CancelledError):
                await ending

    def stop(self) -> None:
        """Cancel the work; the run then ends by itself, with an event that says so."""
        self._stopped = True
        if self._doing:
            self._doing.cancel()

    async def wait(self) -> None:
        """Until the run has been let go of."""
        await self._over.wait()

    async def _work_and_end(self) -> None:
        self._writer = asyncio.create_task(self._write_events())
        self._writer.add_done_callback(lambda _: self.stop())  # it ends early only when the store is broken
        work = self._doing = asyncio.create_task(self._work())
        if self._stopped:
            work.cancel()
        keeper = asyncio.create_task(self._keep_lease())
        try:
            await work
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._end(RunCancelled)
        except Exception:
            # A bug of ours, or of an adapter's, that got past everything: the run still ends, and says so.
            if not self._broken:
                _log.exception("run %s broke", self._run.id)
            message = "the run broke; the log (`hugginggpt -v ...`) says how"
            await self._end(RunFailed, code="internal", message=message, cure="please report it")
        finally:
            keeper.cancel()
            with contextlib.suppress(HuggingGPTError):
                await self._flush()
            self._writer.cancel()
            for survey_ in self._surveys.values():
                survey_.cancel()
            await asyncio.gather(keeper, self._writer, *self._surveys.values(), return_exceptions=True)
            with contextlib.suppress(StoreError):
                await self._gpt.store.release(self._lease)
            self._out.put_nowait(None)
            self._over.set()

    async def _end(self, happened: type[Happened], **fields: Any) -> None:
        """Say how the run ended, unless it has, or nothing can be said any more."""
        with contextlib.suppress(HuggingGPTError):
            await self._flush()
            if not self._run.ended:
                await self._tell(happened, **fields)

    async def _keep_lease(self) -> None:
        """Renew the right to write, and stop the work when that is lost or somebody asks for a stop."""
        store, renewed = self._gpt.store, time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            try:
                if await store.cancel_asked(self._run.id):
                    self.stop()
                    return
                if time.monotonic() - renewed > LEASE_S / 3:
                    if await store.lease(self._run.id, holder=self._gpt.holder, ttl_s=LEASE_S) is None:
                        self._broken = Conflict(f"run {self._run.id} was taken over by somebody else")
                        self.stop()
                        return
                    renewed = time.monotonic()
            except StoreError as error:
                _log.warning("run %s: its lease could not be renewed: %s", self._run.id, error)

    # --- writing events ------------------------------------------------------------------------------------------------

    async def _write_events(self) -> None:
        """Number, store, fold and show events, one at a time.

        One writer, so that a task cancelled while it tells something cannot leave a gap or a place written twice.
        """
        while True:
            make, fields, told = await self._inbox.get()
            event = make(run=self._run.id, seq=self._run.seq + 1, **fields)
            try:
                await self._gpt.store.append(event, lease=self._lease)
            except HuggingGPTError as error:
                self._broken = error
                return
            except Exception as error:
                _log.exception("run %s: an event could not be kept", self._run.id)
                self._broken = StoreError(f"an event could not be kept: {type(error).__name__}: {error}"[:500])
                return
            finally:
                self._inbox.task_done()
            self._run = self._run.after(event)
            self._out.put_nowait(event)
            if told and not told.done():
                told.set_result(None)

    async def _tell(self, happened: type[Happened], **fields: Any) -> None:
        """Say that something happened, and wait until it is stored."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((happened, fields, told))  # type: ignore[arg-type]  # each Happened is an Event
        await self._unless_broken(told)

    async def _flush(self) -> None:
        """Wait until all that was said is stored."""
        await self._unless_broken(asyncio.ensure_future(self._inbox.join()))

    async def _unless_broken(self, waited_for: "asyncio.Future[Any]") -> None:
        """Wait, but not for a writer that is no more.

        Raises:
            HuggingGPTError: the events cannot be stored.
        """
        try:
            await asyncio.wait({waited_for, self._writer}, return_when=asyncio.FIRST_COMPLETED)
            if not waited_for.done():
                raise self._broken or StoreError("events cannot be stored any more")
        finally:
            waited_for.cancel()

    def _mention(self, happened: type[Happened], **fields: Any) -> None:
        """Say that something happened, without waiting."""
        self._inbox.put_nowait((happened, fields, None))  # type: ignore[arg-type]

    def _used(self, usage: Usage) -> None:
        self._mention(UsageReported, usage=usage)

    # --- plan, select, execute, respond --------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            async with asyncio.timeout(self._left_s()):
                await self._plan_and_execute()
        except TimeoutError:
            await self._flush()
            if not self._run.tasks:
                await self._tell(
                    RunFailed,
                    code="deadline",
                    message=f"the controller {self._gpt.controller.name!r} made no plan within the run's deadline",
                    cure="give the run more time",
                )
                return
            await self._fail_the_rest()
        if not self._run.planned:
            await self._tell(PlanMade)
        await self._respond()

    async def _plan_and_execute(self) -> None:
        chooser = asyncio.create_task(self._chooser.serve())
        try:
            async with asyncio.TaskGroup() as executing:
                for record in self._run.tasks.values():
                    self._begin(record.task, executing, record.outcome)
                # A reply that was cut short is planned again: nothing of it was kept but its pieces.
                if not (self._run.planned and self._run.tasks):
                    async with contextlib.aclosing(self._items()) as items:
                        async for item in items:
                            match item:
                                case Task():
                                    self._add(item, executing)
                                case Dropped(task=task, reason=reason):
                                    self._mention(TaskDropped, task=task, reason=reason)
                                case ReplyDelta():
                                    await self._reply(item)
                                case Usage():
                                    self._used(item)
                if not self._run.planned:
                    await self._tell(PlanMade)
        finally:
            chooser.cancel()

    async def _items(self) -> AsyncGenerator[Task | Dropped | ReplyDelta | Usage, None]:
        """What the plan is made of. A controller that fails after its first task leaves a shorter plan, and says so."""
        if self._given is not None:
            for task in self._given:
                if task.id not in self._tasks:
                    yield task
            return
        run = self._run if self._run.tasks else None
        planning = self._gpt.controller.plan(self._run.request, self._gpt.kinds, run=run)
        async with contextlib.aclosing(planning) as items:
            try:
                async for item in items:
                    yield item
            except ControllerError as error:
                if not self._tasks:
                    self._plan_error = error
                    return
                yield Dropped(task="the rest of the plan", reason=str(error))

    def _add(self, task: Task, executing: asyncio.TaskGroup) -> None:
        if wrong := faults(task, self._tasks, self._gpt.kinds):
            self._mention(TaskDropped, task=task.id, reason="; ".join(wrong))
        elif len(self._tasks) >= self._limits.tasks:
            self._mention(TaskDropped, task=task.id, reason=f"a plan has at most {self._limits.tasks} tasks")
        else:
            self._tasks[task.id] = task
            self._mention(TaskPlanned, task=task)
            self._begin(task, executing, None)

    def _begin(self, task: Task, executing: asyncio.TaskGroup, outcome: Outcome | None) -> None:
        future = self._outcomes[task.id] = asyncio.get_running_loop().create_future()
        if outcome:
            future.set_result(outcome)
        else:
            executing.create_task(self._perform(task), name=f"task {task.id}")

    async def _perform(self, task: Task) -> None:
        """See a task through. Every outcome passes here, so that none is lost."""
        await self._settle(await self._outcome(task))

    async def _settle(self, outcome: Outcome) -> None:
        match outcome:
            case Artifact():
                await self._tell(ArtifactMade, artifact=outcome)
            case Failure():
                await self._tell(TaskFailed, failure=outcome)
        self._outcomes[outcome.task].set_result(outcome)

    async def _outcome(self, task: Task) -> Outcome:
        asked = self._chooser.ask(task)  # ahead: a choice needs no result of another task
        try:
            choice: Choice | None = await asked
        except NothingRuns as error:
            return Failure(task=task.id, code=error.code, message=error.message, cure=error.cure)
        except HuggingGPTError as error:
            return Failure(task=task.id, code=error.code, message=str(error))
        assert choice is not None
        self._mention(ModelChosen, choice=choice)
        waits = [self._outcomes[needed] for needed in task.needs]
        if not all(future.done() for future in waits):
            await self._prepare(task, choice)
        inputs = await self._inputs(task)
        if isinstance(inputs, Failure):
            return inputs
        failed: list[tuple[str, BackendError]] = []
        while choice:
            try:
                return await self._attempt(task, choice, inputs)
            except BackendError as error:
                failed.append((choice.model, error))
                choice = next_choice(choice, error.message) if self._left_s() > 0 else None
                if choice:
                    self._mention(ModelChosen, choice=choice)
        # Told by the one who was chosen first; those after it stood in.
        _, first = failed[0]
        return Failure(
            task=task.id,
            code=first.code,
            message="; ".join(f"{model}: {error.message}" for model, error in failed),
            cure=next((error.cure for _, error in failed if error.cure), ""),
            retryable=any(error.retryable for _, error in failed),
        )

    async def _inputs(self, task: Task) -> dict[str, list[Part]] | Failure:
        """A task's inputs with references resolved, once all that they refer to has settled."""
        inputs: dict[str, list[Part]] = {}
        for slot, values in task.inputs.items():
            inputs[slot] = []
            for value in values:
                if not isinstance(value, Ref):
                    inputs[slot].append(value)
                    continue
                match await asyncio.shield(self._outcomes[value.task]):
                    case Failure():
                        reason = f"it needs {value.task!r}, which failed"
                    case Artifact() as artifact if parts := artifact.of(value.output):
                        inputs[slot].extend(parts)
                        continue
                    case Artifact():
                        reason = f"it needs {value.output} from {value.task!r}, which made none"
                return Failure(task=task.id, code="skipped", message=reason)
        return inputs

    async def _prepare(self, task: Task, choice: Choice) -> None:
        """Load the model while the task waits for what it needs."""
        try:
            await self._backend(choice).prepare(await self._candidate(task, choice))
        except BackendError as error:
            _log.info("%s could not be prepared: %s", choice.model, error)

    async def _attempt(self, task: Task, choice: Choice, inputs: Mapping[str, Sequence[Part]]) -> Artifact:
        deadline_s = min(self._limits.task_deadline_s, self._left_s())
        open_ = True

        def report(said: Progress | Usage) -> None:
            if not open_:
                return
            if isinstance(said, Usage):
                self._used(said)
            else:
                self._mention(TaskProgress, task=task.id, fraction=said.fraction, note=said.note)

        candidate = await self._candidate(task, choice)
        call = Call(candidate, inputs, deadline_s, self._gpt.blobs, report)
        self._mention(TaskStarted, task=task.id, model=choice.model, backend=choice.backend)
        started = time.monotonic()
        try:
            async with asyncio.timeout(deadline_s):
                parts = tuple(await self._backend(choice).run(call))
        except TimeoutError:
            raise DeadlinePassed(
                f"it was stopped at its deadline of {deadline_s:.3g} s", cure="give it more time with --deadline"
            ) from None
        except BackendError:
            raise
        except HuggingGPTError as error:
            raise BackendError(error.message, cure=error.cure) from error
        except Exception as error:
            _log.exception("backend %s broke at task %s", choice.backend, task.id)
            raise BackendError(f"backend {choice.backend!r} broke: {type(error).__name__}: {error}"[:500]) from error
        finally:
            open_ = False
        made = {part.type for part in parts}
        signature = self._gpt.kinds.get(task.kind)
        if signature and not made & set(signature.outputs):
            wanted = " or ".join(signature.outputs)
            raise BackendError(f"it gave {' and '.join(sorted(made)) or 'nothing'} where {wanted} was due")
        elapsed_s = round(time.monotonic() - started, 4)
        return Artifact(task=task.id, parts=parts, model=choice.model, backend=choice.backend, elapsed_s=elapsed_s)

    async def _fail_the_rest(self) -> None:
        """At the run's deadline: what has not settled settles as a failure."""
        for task_id, record in self._run.tasks.items():
            if record.outcome is None:
                started = "it was stopped at" if record.state == "running" else "it had not started by"
                await self._tell(
                    TaskFailed,
                    failure=Failure(
                        task=task_id,
                        code="deadline",
                        message=f"{started} the run's deadline",
                        cure="give the run more time with --deadline",
                        retryable=True,
                    ),
                )

    async def _reply(self, delta: ReplyDelta) -> None:
        if self._reply_understood is None:
            await self._tell(AnswerBegun, controller=self._gpt.controller.name)
            self._reply_understood = True
        self._reply_understood = self._reply_understood and delta.understood
        await self._tell(AnswerDelta, text=delta.text)

    async def _respond(self) -> None:
        """Tell the answer: the controller's reply, or what is written from the results."""
        if not self._run.tasks:
            if error := self._plan_error:
                await self._tell(RunFailed, code=error.code, message=error.message, cure=error.cure)
                return
            if self._reply_understood is None:
                reasons = "; ".join(dropped.reason for dropped in self._run.dropped) or "it found nothing to do"
                await self._tell(
                    RunFailed, code="no-plan", message=f"no plan was made: {reasons}", cure="say it differently"
                )
                return
            form = "reply" if self._reply_understood else "not-understood"
            await self._tell(AnswerReady, answer=Answer(text=self._run.text, form=form, usage=self._run.usage))
            return
        unwritten: ControllerError | None = None
        for controller in filter(None, (self._gpt.controller, self._gpt.fallback)):
            try:
                async with asyncio.timeout(self._limits.write_s):
                    await self._write(controller)
            except TimeoutError:
                unwritten = ControllerError(f"{controller.name!r} wrote no answer within {self._limits.write_s:g} s")
            except ControllerError as error:
                unwritten = error
            else:
                answer = Answer(
                    text=self._run.text,
                    artifacts=self._run.artifacts,
                    failures=self._run.failures,
                    usage=self._run.usage,
                )
                await self._tell(AnswerReady, answer=answer)
                return
        assert unwritten is not None  # there is at least one controller
        message = f"no answer could be written: {unwritten.message}"
        await self._tell(RunFailed, code=unwritten.code, message=message, cure=unwritten.cure)

    async def _write(self, controller: Controller) -> None:
        await self._tell(AnswerBegun, controller=controller.name)
        waiting, told_at = "", 0.0
        async with contextlib.aclosing(controller.write(self._run)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Usage):
                    self._used(piece)
                    continue
                waiting += piece
                if waiting and time.monotonic() - told_at >= _DELTA_S:
                    await self._tell(AnswerDelta, text=waiting)
                    waiting, told_at = "", time.monotonic()
        if waiting:
            await self._tell(AnswerDelta, text=waiting)

    # --- small things --------------------------------------------------------------------------------------------------

    def _left_s(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    async def _survey(self, kind: Kind) -> Survey:
        if kind not in self._surveys:
            self._surveys[kind] = asyncio.create_task(survey(kind, self._gpt.catalog, self._gpt.backends))
        return await asyncio.shield(self._surveys[kind])

    def _backend(self, choice: Choice) -> Backend:
        return next(backend for backend in self._gpt.backends if backend.name == choice.backend)

    async def _candidate(self, task: Task, choice: Choice) -> Candidate:
        found = await self._survey(task.kind)
        return next(option.candidate for option in found.options if option.model == choice.model)
