"""The sockets: what plugs into the engine, as protocols. `testing.py` has a stand-in and the conformance checks for each."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import JsonValue

from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import Blob, Frozen, Part
from hugginggpt.flow.choice import Candidate, Choice, Offer, Option, Refusal
from hugginggpt.flow.event import Event, RunId
from hugginggpt.flow.kinds import Kind, Kinds
from hugginggpt.flow.plan import Task
from hugginggpt.flow.request import ConversationId, Owner, Request
from hugginggpt.flow.run import Run, RunState


class Dropped(Frozen):
    """A task that a controller wrote and could not mend."""

    task: str
    reason: str


class ReplyDelta(Frozen):
    """The next piece of a reply to a request that needs no task."""

    text: str
    understood: bool = True
    """False: the reply says what can be asked instead."""


class Controller(Protocol):
    """Who plans, chooses and writes: an LLM, or the offline planner.

    Each method may raise `ControllerError`; the engine then goes on with its fallback where there is one.
    """

    name: str

    def plan(
        self, request: Request, kinds: Kinds, *, run: Run | None = None
    ) -> AsyncGenerator[Task | Dropped | ReplyDelta | Usage, None]:
        """Task by task, each as soon as it is known, or a reply in pieces if no task is needed.

        With `run`, an interrupted run is continued: its recorded tasks stay and are not yielded again.
        """
        ...

    def choose(
        self, request: Request, asks: Sequence[tuple[Task, Sequence[Option]]]
    ) -> AsyncGenerator[Choice | Usage, None]:
        """One choice for each task that is asked about, from its options, which come best first and are never empty."""
        ...

    def write(self, run: Run) -> AsyncGenerator[str | Usage, None]:
        """The answer's text in pieces, from a run whose tasks have all settled."""
        ...

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


class Catalog(Protocol):
    """Where models are found."""

    async def search(self, kind: Kind, *, text: str = "", limit: int = 10) -> Sequence[Candidate]:
        """Models for a kind, best known first."""
        ...

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an expert is: `fraction` in 0..1 or unknown."""

    fraction: float | None = None
    note: str = ""


Report = Callable[[Progress | Usage], None]
"""How an expert speaks while it works; never blocks."""


class Blobs(Protocol):
    """Bytes by their sha256."""

    async def put(self, data: AsyncIterable[bytes] | bytes, media_type: str) -> Blob:
        """Keep bytes, whole or not at all; the same bytes again cost nothing.

        Raises:
            StorageFull: there is no room; nothing is left behind.
        """
        ...

    def open(self, blob: Blob) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces.

        Raises:
            NotFound: they are not kept here.
        """
        ...

    async def path(self, blob: Blob) -> Path:
        """A file with the bytes, to be read only.

        Raises:
            NotFound: they are not kept here.
        """
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an expert."""

    candidate: Candidate
    inputs: Mapping[str, Sequence[Part]]
    """By slot name; references are already resolved."""
    deadline_s: float
    blobs: Blobs
    report: Report


class Backend(Protocol):
    """Where models run."""

    name: str

    def offer(self, candidate: Candidate) -> Offer | Refusal:
        """Whether it can run this model here and now. No I/O."""
        ...

    async def refresh(self) -> None:
        """The I/O that offers rest on."""
        ...

    async def prepare(self, candidate: Candidate) -> None:
        """Load ahead; may do nothing."""
        ...

    async def run(self, call: Call) -> Sequence[Part]:
        """The parts that the model makes. Cancelling frees what the call holds.

        Raises:
            BackendError: the engine takes the runner-up.
        """
        ...

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one run. A later lease of the same run makes it stale."""

    run: RunId
    token: int


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run in a list."""

    id: RunId
    state: RunState | Literal["interrupted"]
    """`interrupted`: not ended, and nobody is working on it."""
    text: str
    """What was asked, cut to a line."""
    started_at: str
    """ISO 8601, UTC."""
    owner: Owner | None = None
    conversation: ConversationId | None = None


class Store(Protocol):
    """Where runs are kept: an append-only log, one writer at a time."""

    async def lease(self, run: RunId | None, *, holder: str, ttl_s: float) -> Lease | None:
        """The right to write to a run, new or left by a dead holder; with None, to any run left by one.

        None if somebody alive holds it, or if there is none to take. The holder asks again before `ttl_s` is over to keep it.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give the right back."""
        ...

    async def append(self, event: Event, *, lease: Lease) -> None:
        """Add an event at its place. The same event again does nothing.

        Raises:
            Conflict: another event has that place, a place before it is empty, or the lease is stale.
            StorageFull: there is no room.
        """
        ...

    def read(self, run: RunId, *, after: int = -1, follow: bool = False) -> AsyncGenerator[Event, None]:
        """The events past `after`, in order; with `follow`, also those to come, until the run has ended.

        Raises:
            NotFound: there is no such run.
        """
        ...

    async def ask_cancel(self, run: RunId) -> None:
        """Ask whoever works on a run to stop."""
        ...

    async def cancel_asked(self, run: RunId) -> bool:
        """Whether somebody asked for that."""
        ...

    async def runs(
        self,
        *,
        owner: Owner | None = None,
        conversation: ConversationId | None = None,
        state: RunState | Literal["interrupted"] | None = None,
        limit: int = 50,
    ) -> Sequence[RunInfo]:
        """The newest runs first."""
        ...

    async def delete(self, run: RunId) -> None:
        """Forget a run and its events.

        Raises:
            NotFound: there is no such run.
            Conflict: somebody is working on it.
        """
        ...

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


class Records(Protocol):
    """Small facts that are not events, each with a time to live: health of a model, caches, limits."""

    async def get(self, key: str) -> JsonValue:
        """The fact, or None if there is none or its time is over."""
        ...

    async def put(self, key: str, value: JsonValue, *, ttl_s: float) -> None:
        """Keep a fact for a time."""
        ...

    async def forget(self, key: str) -> None:
        """Drop a fact."""
        ...


Json = dict[str, Any]
"""Somebody else's JSON, before the next line turns it into ours."""
