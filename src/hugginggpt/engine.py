"""HuggingGPT: a request in, events out. Plan, select, execute, respond.

A run is nothing but the events it stores, in order; everything else reads them.
"""

import asyncio
import contextlib
import math
import secrets
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from hugginggpt import media
from hugginggpt.errors import (
    Conflict,
    InputError,
    RunError,
    StoreError,
    TooLarge,
    UsageError,
)
from hugginggpt.fetch import FetchCaps, Fetcher, read_data_url
from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import Audio, Data, Document, Frozen, Image, Part, Table, TaskId, Text, Video
from hugginggpt.flow.event import (
    AnswerReady,
    Event,
    RequestReceived,
    RunCancelled,
    RunFailed,
    RunId,
    now,
)
from hugginggpt.flow.kinds import Kind, Kinds, builtin_kinds
from hugginggpt.flow.plan import Plan, Task, faults
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run
from hugginggpt.ports import Backend, Blobs, Catalog, Controller, Dropped, Lease, ReplyDelta, Store
from hugginggpt.selection import Survey, fixed_models, survey
from hugginggpt.working import LEASE_S, Limits, Plugged, Working


class HuggingGPT:
    """The engine. Used as an async context manager, it lets go of all it holds at the end."""

    def __init__(
        self,
        *,
        controller: Controller,
        catalog: Catalog,
        backends: Sequence[Backend],
        store: Store,
        blobs: Blobs,
        fallback: Controller | None = None,
        kinds: Kinds | None = None,
        limits: Limits | None = None,
        caps: media.Caps | None = None,
        fetcher: Fetcher | None = None,
        holder: str = "",
    ) -> None:
        self.plugged = Plugged(
            controller=controller,
            fallback=fallback,
            catalog=catalog,
            backends=tuple(backends),
            store=store,
            blobs=blobs,
            kinds=kinds or builtin_kinds(),
            limits=limits or Limits(),
            # Two engines of one process are two holders.
            holder=f"{holder or 'anonymous'}/{secrets.token_hex(4)}",
        )
        self._working: set[Working] = set()
        self.caps = caps or media.Caps()
        self.fetcher = fetcher or Fetcher()

    @property
    def controller(self) -> Controller:
        """Who plans, chooses and writes."""
        return self.plugged.controller

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Where models run."""
        return self.plugged.backends

    @property
    def store(self) -> Store:
        """Where runs are kept."""
        return self.plugged.store

    @property
    def blobs(self) -> Blobs:
        """Where bytes are kept."""
        return self.plugged.blobs

    @property
    def kinds(self) -> Kinds:
        """The table of kinds."""
        return self.plugged.kinds

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Let go of everything."""
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of everything."""
        # Runs first: each ends with an event that says so, which needs the store.
        for working in self._working:
            working.stop()
        await asyncio.gather(*(working.wait() for working in self._working))
        closing: list[Coroutine[Any, Any, None]] = [backend.aclose() for backend in self.backends]
        closing += [self.controller.aclose(), self.plugged.catalog.aclose(), self.fetcher.aclose()]
        if self.plugged.fallback:
            closing.append(self.plugged.fallback.aclose())
        await asyncio.gather(*closing)
        await self.store.aclose()

    async def request(self, text: str, files: Iterable[str | Path | Part] = ()) -> Request:
        """A request with its files read: paths, http(s) and data URLs, or parts. Their bytes go to the blob store.

        Raises:
            InputError: the text is empty, or a file cannot be used; says which and why.
            TooLarge: past a cap; names it.
        """
        if not text.strip():
            raise InputError("the request is empty", cure="say in plain words what to do")
        if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise InputError("the request has bytes that are no text", cure="write it in UTF-8")
        if len(text) > self.plugged.limits.request_chars:
            raise TooLarge(
                f"the request has {len(text):,} characters, more than {self.plugged.limits.request_chars:,}",
                cure="put the long part into a file and attach it",
            )
        files = [files] if isinstance(files, str | Path) else list(files)
        if len(files) > self.plugged.limits.attachments:
            raise TooLarge(
                f"{len(files)} files are attached, more than {self.plugged.limits.attachments}", cure="attach fewer"
            )
        return Request(text=text.strip(), attachments=tuple([await self.part(file) for file in files]))

    async def part(self, file: str | Path | Part) -> Part:
        """One attachment, its bytes kept."""
        match file:
            case Text() | Image() | Audio() | Video() | Document() | Table() | Data():
                return file
            case "":
                raise InputError("a file's name is empty", cure="name a file, or leave it out")
            case str() if file.startswith("data:"):  # noqa: ASYNC240  (a text here, no path)
                fetched = read_data_url(file, FetchCaps(size_bytes=self.caps.size_bytes))
            case str() if "://" in file:
                fetched = await self.fetcher.fetch(file)
            case str() | Path():
                return await media.read_file(Path(file), self.blobs, self.caps)
            case _:
                raise InputError(f"{file!r} is no file", cure="give a path, a URL, or a part")
        return await media.read_bytes(fetched.data, name=fetched.name, blobs=self.blobs, caps=self.caps)

    async def plan(self, request: Request) -> "Planned":
        """What would be done, without doing it."""
        plan, dropped, reply, understood = dict[TaskId, Task](), list[Dropped](), "", True
        async with contextlib.aclosing(self.controller.plan(request, self.kinds)) as items:
            async for item in items:
                match item:
                    case Task():
                        if wrong := faults(item, plan, self.kinds):
                            dropped.append(Dropped(task=item.id, reason="; ".join(wrong)))
                        else:
                            plan[item.id] = item
                    case Dropped():
                        dropped.append(item)
                    case ReplyDelta():
                        reply += item.text
                        understood = understood and item.understood
                    case Usage():
                        pass
        return Planned(
            plan=Plan(tasks=tuple(plan.values())), dropped=tuple(dropped), reply=reply, understood=understood
        )

    async def survey(self, kind: Kind) -> Survey:
        """All models known for a kind: those that can run here, best first, and why the others cannot."""
        return await survey(kind, self.plugged.catalog, self.backends)

    async def stream(
        self,
        request: str | Request,
        *,
        files: Iterable[str | Path | Part] = (),
        plan: Plan | None = None,
        models: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The run's events, each stored before it is shown. Closing the stream stops the work.

        With `plan` the controller is not asked for one. `models` fixes models by kind.

        Raises:
            UsageError: the request, a file, a kind or a model cannot be used; nothing was begun.
            StoreError: events could not be kept; the run can be resumed when that is mended.
        """
        if isinstance(request, str):
            request = await self.request(request, files)
        if deadline_s is not None and not 0 < deadline_s < math.inf:
            raise UsageError(f"a deadline of {deadline_s} s cannot be kept", cure="give some seconds, or none at all")
        fixed = await fixed_models(models or {}, self.kinds, self.plugged.catalog)
        run_id = RunId(f"{now():%y%m%d}-{secrets.token_hex(8)}")
        lease = await self._lease(run_id)
        first = RequestReceived(
            run=run_id,
            seq=0,
            request=request,
            controller=self.controller.name,
            models=fixed,
            deadline_s=deadline_s,
            plan=plan,
        )
        try:
            await self.store.append(first, lease=lease)
        except BaseException:
            with contextlib.suppress(StoreError):
                await self.store.release(lease)
            raise
        async with contextlib.aclosing(self._work(lease, Run.begin(first), [first])) as events:
            async for event in events:
                yield event

    async def resume(self, run_id: RunId) -> AsyncGenerator[Event, None]:
        """All events of an interrupted run: those recorded, then those of its rest. What was finished is not redone.

        A run that has ended is only replayed.

        Raises:
            NotFound: there is no such run.
            Conflict: somebody is working on it.
        """
        # Read before leasing, so that an unknown run raises `NotFound` and leaves no lease behind.
        recorded = [event async for event in self.store.read(run_id)]
        run = Run.of(recorded)
        if run is None or run.ended:
            for event in recorded:
                yield event
            return
        lease = await self._lease(run_id)
        # Again: the one who held it may have written since.
        recorded = [event async for event in self.store.read(run_id)]
        run = Run.of(recorded)
        assert run is not None  # it had events before, and events stay
        async with contextlib.aclosing(self._work(lease, run, recorded)) as events:
            async for event in events:
                yield event

    async def run(
        self,
        request: str | Request,
        *,
        files: Iterable[str | Path | Part] = (),
        plan: Plan | None = None,
        models: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """The answer to a request: the end of its stream.

        Raises:
            RunError: the run ended without an answer.
            UsageError, StoreError: as `stream`.
        """
        stream = self.stream(request, files=files, plan=plan, models=models, deadline_s=deadline_s)
        async with contextlib.aclosing(stream) as events:
            async for event in events:
                match event:
                    case AnswerReady(answer=answer):
                        return answer
                    case RunFailed(code=code, message=message, cure=cure):
                        raise RunError(message, cure=cure, run_code=code)
                    case RunCancelled():
                        raise RunError("the run was cancelled", run_code="cancelled")
                    case _:
                        pass
        raise RunError("the run was left unfinished")

    async def _work(self, lease: Lease, run: Run, recorded: Sequence[Event]) -> AsyncGenerator[Event, None]:
        working = Working(self.plugged, lease, run)
        self._working.add(working)
        try:
            async with contextlib.aclosing(working.events(recorded)) as events:
                async for event in events:
                    yield event
        finally:
            self._working.discard(working)

    async def _lease(self, run_id: RunId) -> Lease:
        lease = await self.store.lease(run_id, holder=self.plugged.holder, ttl_s=LEASE_S)
        if lease is None:
            raise Conflict(
                f"somebody is working on run {run_id}",
                cure="wait until it ends, or ask it to stop with `hugginggpt runs cancel`",
            )
        return lease


class Planned(Frozen):
    """What a controller would do."""

    plan: Plan
    dropped: tuple[Dropped, ...] = ()
    reply: str = ""
    understood: bool = True
