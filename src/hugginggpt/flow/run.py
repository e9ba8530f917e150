"""What the events so far add up to: a pure fold that draws a screen, replays history and resumes a run."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import Artifact, Failure, TaskId
from hugginggpt.flow.choice import Choice
from hugginggpt.flow.event import (
    AnswerBegun,
    AnswerDelta,
    AnswerReady,
    ArtifactMade,
    Event,
    ModelChosen,
    PlanMade,
    RequestReceived,
    RunCancelled,
    RunFailed,
    RunId,
    TaskDropped,
    TaskFailed,
    TaskPlanned,
    TaskProgress,
    TaskStarted,
    UsageReported,
)
from hugginggpt.flow.plan import Plan, Task
from hugginggpt.flow.request import Request

RunState = Literal["planning", "executing", "responding", "done", "failed", "cancelled"]
ENDED: frozenset[RunState] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task and all that has happened to it."""

    task: Task
    choice: Choice | None = None
    started_at: dt.datetime | None = None
    settled_at: dt.datetime | None = None
    progress: float | None = None
    note: str = ""
    outcome: Artifact | Failure | None = None

    @property
    def state(self) -> Literal["planned", "chosen", "running", "done", "failed", "skipped"]:
        """Where it is on its way."""
        match self.outcome:
            case Artifact():
                return "done"
            case Failure(code="skipped"):
                return "skipped"
            case Failure():
                return "failed"
        if self.started_at:
            return "running"
        return "chosen" if self.choice else "planned"


@dataclass(frozen=True, slots=True)
class Run:
    """What the events so far add up to."""

    id: RunId
    request: Request
    controller: str = ""
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    received: RequestReceived | None = None
    tasks: dict[TaskId, TaskRecord] = field(default_factory=dict)
    dropped: tuple[TaskDropped, ...] = ()
    planned: bool = False
    """Whether the plan is complete."""
    text: str = ""
    """The answer's text so far."""
    answer: Answer | None = None
    error: RunFailed | None = None
    usage: Usage = field(default_factory=Usage)
    state: RunState = "planning"
    seq: int = -1
    """The place of the last event."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    @property
    def plan(self) -> Plan:
        """The tasks planned so far."""
        return Plan(tasks=tuple(record.task for record in self.tasks.values()))

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """What was made so far, in the plan's order."""
        return tuple(record.outcome for record in self.tasks.values() if isinstance(record.outcome, Artifact))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What failed so far, in the plan's order."""
        return tuple(record.outcome for record in self.tasks.values() if isinstance(record.outcome, Failure))

    @staticmethod
    def of(events: Iterable[Event]) -> "Run | None":
        """The fold of events in order; None if there are none.

        Raises:
            ValueError: the first event is not the request, or one is out of place.
        """
        run: Run | None = None
        for event in events:
            run = run.after(event) if run else Run.begin(event)
        return run

    @staticmethod
    def begin(event: Event) -> "Run":
        """The run of its first event."""
        if not isinstance(event, RequestReceived) or event.seq != 0:
            raise ValueError(f"a run begins with its request at seq 0, not with {event.type!r} at {event.seq}")
        return Run(
            id=event.run,
            request=event.request,
            controller=event.controller,
            started_at=event.at,
            received=event,
            seq=0,
        )

    def after(self, event: Event) -> "Run":
        """This run and one event more."""
        if event.run != self.id or event.seq != self.seq + 1:
            raise ValueError(f"after {self.id} seq {self.seq} came {event.run} seq {event.seq}")
        run = replace(self, seq=event.seq)
        match event:
            case RequestReceived():
                raise ValueError("a run has one request")
            case TaskPlanned(task=task):
                return replace(run, tasks={**self.tasks, task.id: TaskRecord(task)})
            case TaskDropped():
                return replace(run, dropped=(*self.dropped, event))
            case PlanMade():
                return replace(run, planned=True, state="executing")
            case ModelChosen(choice=choice):
                return run._with(choice.task, choice=choice, started_at=None, progress=None, note="")
            case TaskStarted(task=task_id):
                return run._with(task_id, started_at=event.at)
            case TaskProgress(task=task_id):
                return run._with(task_id, progress=event.fraction, note=event.note)
            case ArtifactMade(artifact=artifact):
                return run._with(artifact.task, outcome=artifact, settled_at=event.at)
            case TaskFailed(failure=failure):
                return run._with(failure.task, outcome=failure, settled_at=event.at)
            case UsageReported(usage=usage):
                return replace(run, usage=self.usage + usage)
            case AnswerBegun():
                return replace(run, text="", state="responding")
            case AnswerDelta(text=text):
                return replace(run, text=self.text + text)
            case AnswerReady(answer=answer):
                return replace(run, answer=answer, text=answer.text, state="done", ended_at=event.at)
            case RunFailed():
                return replace(run, error=event, state="failed", ended_at=event.at)
            case RunCancelled():
                return replace(run, state="cancelled", ended_at=event.at)
            case _:
                assert_never(event)

    def _with(self, task: TaskId, **changes: object) -> "Run":
        record = replace(self.tasks[task], **changes)  # type: ignore[arg-type]
        return replace(self, tasks={**self.tasks, task: record})
