"""Who could do a task, and who was chosen."""

import datetime as dt
from typing import Literal

from hugginggpt.flow.artifact import Frozen, ModelId, TaskId
from hugginggpt.flow.kinds import Kind


class Candidate(Frozen):
    """A model's card. What has no checkable source is None: unknown, not guessed."""

    id: ModelId
    kind: Kind
    summary: str
    limits: str = ""
    """What it is weak at, in plain words."""
    library: str | None = None
    licence: str | None = None
    downloads: int | None = None
    likes: int | None = None
    parameters: int | None = None
    size_bytes: int | None = None
    gated: bool | None = None
    providers: tuple[str, ...] = ()
    source: str
    """Where these facts can be checked."""
    as_of: dt.date


class Offer(Frozen):
    """A backend can run a candidate here and now."""

    state: Literal["loaded", "ready", "cold"] = "ready"
    """`loaded`: answers at once; `ready`: starts in a moment; `cold`: must be downloaded or woken first."""
    price_usd: float | None = None


class Refusal(Frozen):
    """A backend cannot run a candidate; `cure` is what would change that, empty if nothing would."""

    reason: str
    cure: str = ""


class Option(Frozen):
    """A candidate that something here can run."""

    candidate: Candidate
    backend: str
    offer: Offer

    @property
    def model(self) -> ModelId:
        """The candidate's id."""
        return self.candidate.id


class RunnerUp(Frozen):
    """Who is next if the chosen one fails."""

    model: ModelId
    backend: str


class Choice(Frozen):
    """Who does a task, why, and who is next if that fails."""

    task: TaskId
    model: ModelId
    backend: str
    reason: str
    runners_up: tuple[RunnerUp, ...] = ()
