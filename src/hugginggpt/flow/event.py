"""The things that happen in a run, each with its run, its place and its time.

Their JSON is public (docs/events.md): one schema for `--json`, for streams and for the store. A field may be added with a
default; none is renamed or removed, so that stored events of every past version still replay.
"""

import datetime as dt
from typing import Annotated, Literal, NewType

from pydantic import AwareDatetime, Field, TypeAdapter

from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import Artifact, Failure, Frozen, ModelId, TaskId
from hugginggpt.flow.choice import Choice
from hugginggpt.flow.plan import Plan, Task
from hugginggpt.flow.request import Request

RunId = NewType("RunId", str)


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Happened(Frozen):
    """What all events share."""

    run: RunId
    seq: int = Field(ge=0)
    """Its place in the run: 0, 1, 2, ... without a gap."""
    at: AwareDatetime = Field(default_factory=now)


class RequestReceived(Happened):
    """A run begins."""

    type: Literal["request.received"] = "request.received"
    request: Request
    controller: str
    models: dict[str, ModelId] = {}
    """Models that the caller fixed, by kind."""
    deadline_s: float | None = None
    """Seconds for the run; the engine's own limit if None."""
    plan: Plan | None = None
    """A plan that the caller gave; the controller is then not asked for one."""


class TaskPlanned(Happened):
    """A task was planned, checked, and may start as soon as what it refers to is there."""

    type: Literal["task.planned"] = "task.planned"
    task: Task


class TaskDropped(Happened):
    """A task that the controller wrote could not be used; it is not part of the plan."""

    type: Literal["task.dropped"] = "task.dropped"
    task: str
    reason: str


class PlanMade(Happened):
    """No more tasks will be planned."""

    type: Literal["plan.made"] = "plan.made"


class ModelChosen(Happened):
    """Who does a task. Chosen again, with the reason, when the one before has failed."""

    type: Literal["model.chosen"] = "model.chosen"
    choice: Choice


class TaskStarted(Happened):
    """An expert was called."""

    type: Literal["task.started"] = "task.started"
    task: TaskId
    model: ModelId
    backend: str


class TaskProgress(Happened):
    """An expert says how far it is."""

    type: Literal["task.progress"] = "task.progress"
    task: TaskId
    fraction: float | None = Field(default=None, ge=0, le=1)
    note: str = ""


class ArtifactMade(Happened):
    """A task ended well."""

    type: Literal["artifact.made"] = "artifact.made"
    artifact: Artifact


class TaskFailed(Happened):
    """A task ended without an artifact, after all that could be tried, or was skipped."""

    type: Literal["task.failed"] = "task.failed"
    failure: Failure


class UsageReported(Happened):
    """A controller or an expert used something up."""

    type: Literal["usage.reported"] = "usage.reported"
    usage: Usage


class AnswerBegun(Happened):
    """An attempt at the answer begins; deltas of an earlier attempt are void."""

    type: Literal["answer.begun"] = "answer.begun"
    controller: str


class AnswerDelta(Happened):
    """The next piece of the answer's text."""

    type: Literal["answer.delta"] = "answer.delta"
    text: str


class AnswerReady(Happened):
    """The run ended with an answer."""

    type: Literal["answer.ready"] = "answer.ready"
    answer: Answer


class RunFailed(Happened):
    """The run ended without an answer."""

    type: Literal["run.failed"] = "run.failed"
    code: str
    message: str
    cure: str = ""


class RunCancelled(Happened):
    """The run was stopped by whoever asked for it."""

    type: Literal["run.cancelled"] = "run.cancelled"


Event = Annotated[
    RequestReceived
    | TaskPlanned
    | TaskDropped
    | PlanMade
    | ModelChosen
    | TaskStarted
    | TaskProgress
    | ArtifactMade
    | TaskFailed
    | UsageReported
    | AnswerBegun
    | AnswerDelta
    | AnswerReady
    | RunFailed
    | RunCancelled,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads and writes an event's JSON."""
