"""Processes that host experts, and may crash or be killed without harm.

The parent keeps a few of them. Each does one call at a time, so that killing it stops exactly that call; each keeps what it
has loaded, so that the next call of the same expert is warm. They speak JSON lines over the child's standard input and a
private copy of its standard output; media cross as files in the blob store, never through the pipe.

Run as `python -m hugginggpt.backends.worker`, this module is the child.
"""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import queue
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import IO, Any, assert_never

from pydantic import TypeAdapter

from hugginggpt import media
from hugginggpt.backends.expert import Expert, Job, Made
from hugginggpt.errors import BackendError, ExpertCrashed, InputError, InputRefused
from hugginggpt.flow.artifact import Data, Part, Text
from hugginggpt.ports import Call, Json, Progress

_log = logging.getLogger(__name__)
_PARTS: TypeAdapter[dict[str, list[Part]]] = TypeAdapter(dict[str, list[Part]])
_LINE_BYTES = 64 * 1024 * 1024
_TAIL_BYTES = 4096


class Workers:
    """A few processes that host experts; more calls than processes wait their turn.

    A process is started when it is first needed, ended after `idle_s` without a call, killed when its call is cancelled or
    over its deadline, and replaced after a crash.
    """

    def __init__(self, *, most: int | None = None, idle_s: float = 60.0, caps: media.Caps | None = None) -> None:
        """`caps` bound each file that an expert makes."""
        self._most = most or min(4, max(2, os.cpu_count() or 2))
        self._idle_s = idle_s
        self._caps = caps or media.Caps()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._room = asyncio.Semaphore(self._most)
        self._closed = False
        self._loading: dict[str, asyncio.Task[None]] = {}

    async def run(self, entry: str, call: Call) -> Sequence[Part]:
        """The parts that the expert `module:function` makes.

        Raises:
            ExpertCrashed: its process died.
            InputRefused: it cannot work on this input.
            BackendError: it raised something else.
        """
        files = {
            part.blob.sha256: str(await call.blobs.path(part.blob))
            for parts in call.inputs.values()
            for part in parts
            if not isinstance(part, Text | Data)
        }
        with tempfile.TemporaryDirectory(prefix="hugginggpt-", ignore_cleanup_errors=True) as folder:
            job = {
                "entry": entry,
                "inputs": _PARTS.dump_python({slot: list(parts) for slot, parts in call.inputs.items()}, mode="json"),
                "files": files,
                "folder": folder,
            }
            if loading := self._loading.get(entry):
                try:
                    await asyncio.wait({loading})  # sooner there than by starting another
                except asyncio.CancelledError:
                    loading.cancel()  # one that hangs is killed with the call that waits for it
                    raise
            async with self._worker(entry) as worker:
                made = await worker.do(job, call)
            # Kept before the folder goes, decoded by the same code that reads what a user attaches.
            return [await self._kept(item, call, Path(folder)) for item in made]

    def prepare(self, entry: str) -> None:
        """Load an expert ahead in a process that has nothing to do; nothing happens where there is none to spare."""
        warm = entry in self._loading or any(entry in worker.entries for worker in self._idle)
        if warm or self._room.locked() or self._closed:
            return
        loading = self._loading[entry] = asyncio.get_running_loop().create_task(self._load(entry))
        loading.add_done_callback(lambda _: self._loading.pop(entry))

    async def aclose(self) -> None:
        """Kill all processes."""
        self._closed = True
        loading = list(self._loading.values())
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in workers))

    async def _load(self, entry: str) -> None:
        with contextlib.suppress(BackendError):
            async with self._worker(entry) as worker:
                await worker.load(entry)

    async def _kept(self, item: Json, call: Call, folder: Path) -> Part:
        """An expert's output as a part, its bytes in the blob store."""
        if "part" in item:
            return _PARTS.validate_python({"": [item["part"]]})[""][0]
        path = folder / Path(item["path"]).name  # whatever else it says, only files of its folder are taken
        part = await media.read_file(path, call.blobs, self._caps)
        return part.model_copy(update={"name": item["name"] or path.name})

    @contextlib.asynccontextmanager
    async def _worker(self, entry: str) -> AsyncGenerator["_Worker", None]:
        """A process for one call. It goes back to the idle ones unless the call was cut short."""
        async with self._room:
            worker = self._take(entry) or await _Worker.start()
            self._busy.add(worker)
            try:
                yield worker
            finally:
                self._busy.discard(worker)
                if worker.busy or worker.dead or self._closed:
                    await worker.kill()
                else:
                    self._idle.append(worker)
                    worker.leave_after(self._idle_s, self._idle)

    def _take(self, entry: str) -> "_Worker | None":
        while self._idle:
            warm = next((worker for worker in self._idle if entry in worker.entries), self._idle[-1])
            self._idle.remove(warm)
            warm.stay()
            if not warm.dead:
                return warm
        return None


class _Worker:
    """One process, as its parent sees it."""

    def __init__(self, process: asyncio.subprocess.Process, stderr: IO[bytes]) -> None:
        self._process = process
        self._stderr = stderr
        self._timer: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None
        self.busy = False
        self.entries: set[str] = set()

    @classmethod
    async def start(cls) -> "_Worker":
        """A new process, in a group of its own: what an expert starts is killed with it, and Ctrl-C does not reach it.

        It imports from where we do and from nowhere else: `-P`, or a `json.py` in the current folder would be run.
        """
        # A file and not a pipe: a pipe could be held open by something that the process started, and never end.
        stderr = tempfile.TemporaryFile()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "hugginggpt.backends.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=_LINE_BYTES,
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except BaseException:
            stderr.close()
            raise
        return cls(process, stderr)

    @property
    def dead(self) -> bool:
        return self._process.returncode is not None

    async def load(self, entry: str) -> None:
        """Import an expert ahead."""
        await self._ask({"load": entry}, None)
        self.entries.add(entry)

    async def do(self, job: Json, call: Call) -> list[Json]:
        """What the expert gave, as JSON."""
        self.entries.add(job["entry"])
        return await self._ask(job, call)

    async def _ask(self, message: Json, call: Call | None) -> list[Json]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # pipes, see `start`
        self.busy = True
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()
            while line := await stdout.readline():
                said = json.loads(line)
                if "progress" in said:
                    if call:
                        call.report(Progress(*said["progress"]))
                    continue
                self.busy = False
                if error := said.get("error"):
                    raise (InputRefused if error["refused"] else BackendError)(error["message"], cure=error["cure"])
                made: list[Json] = said["made"]
                return made
        except (BrokenPipeError, ConnectionResetError):
            pass  # it died before it took the job; its exit status says how
        code = await self._process.wait()
        _log.warning("a worker process died: %s\n%s", _how_it_died(code), self._last_words())
        raise ExpertCrashed(f"its process died ({_how_it_died(code)})")

    def _last_words(self) -> str:
        """The end of what it wrote to standard error."""
        if self._stderr.closed:  # killed meanwhile
            return ""
        end = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, end - _TAIL_BYTES))
        return self._stderr.read().decode(errors="replace")

    def leave_after(self, idle_s: float, idle: list["_Worker"]) -> None:
        """End the process if it is still idle then."""

        def leave() -> None:
            if self in idle:
                idle.remove(self)
            self._leaving = asyncio.ensure_future(self.kill())

        self._timer = asyncio.get_running_loop().call_later(idle_s, leave)

    def stay(self) -> None:
        """Be idle no more."""
        if self._timer:
            self._timer.cancel()

    async def kill(self) -> None:
        """End the process and what it started, at once."""
        self.stay()
        if not self.dead:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._stderr.close()
        # Waited for even if the caller is cancelled meanwhile, or the process would stay a zombie.
        await asyncio.shield(self._process.wait())
        if self._process.stdin:
            self._process.stdin.close()


def _how_it_died(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


# --- the child ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Do jobs from standard input, one at a time, until it ends."""
    warnings.simplefilter("ignore")
    # What libraries print must not get between our lines, so standard output becomes standard error.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Nor may what an expert starts read the jobs that are meant for us.
    lines = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    jobs: queue.SimpleQueue[Json] = queue.SimpleQueue()
    doing: list[Json] = []
    threading.Thread(target=_listen, args=(lines, jobs, doing), daemon=True).start()
    while True:
        job = jobs.get()
        doing[:] = [job]
        said = _answer(job, out)
        doing.clear()
        _say(out, said)


def _listen(lines: IO[bytes], jobs: "queue.SimpleQueue[Json]", doing: list[Json]) -> None:
    """Take jobs while the parent lives. When it is gone, so are we, with all that we started and wrote."""
    for line in lines:
        jobs.put(json.loads(line))
    for job in doing:
        shutil.rmtree(job.get("folder", ""), ignore_errors=True)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(job: Json, out: IO[str]) -> Json:
    try:
        if "load" in job:
            # A module may have more to make ready than its import: a `load()` of its own.
            getattr(sys.modules[_expert(job["load"]).__module__], "load", lambda: None)()
            return {"made": []}
        parts = _expert(job["entry"])(
            Job(
                inputs=_PARTS.validate_python(job["inputs"]),
                files={sha256: Path(path) for sha256, path in job["files"].items()},
                folder=Path(job["folder"]),
                progress=lambda fraction, note: _say(out, {"progress": [fraction, note]}),
            )
        )
        return {"made": [_outgoing(part) for part in parts]}
    except (InputRefused, InputError) as error:  # the latter from decoding: another expert may decode more
        return _error(error.message, error.cure, refused=True)
    except BackendError as error:
        return _error(error.message, error.cure)
    except ImportError as error:
        return _error(f"it cannot be loaded: {error}", "")
    except MemoryError:
        return _error("it ran out of memory", "try a smaller file")
    except Exception as error:
        logging.getLogger(__name__).exception("an expert failed")
        return _error(f"{type(error).__name__}: {error}"[:500], "")


def _expert(entry: str) -> Expert:
    module, _, function = entry.partition(":")
    expert: Expert = getattr(importlib.import_module(module), function)
    return expert


def _outgoing(part: Text | Data | Made) -> Json:
    match part:
        case Made():
            return {"path": str(part.path), "name": part.name}
        case Text():
            # Half a surrogate pair, as a decoder may leave it, could not be stored.
            return {"part": {**part.model_dump(), "text": part.text.encode(errors="replace").decode()}}
        case Data():
            return {"part": part.model_dump(mode="json")}
        case _:
            assert_never(part)


def _error(message: str, cure: str, *, refused: bool = False) -> Json:
    return {"error": {"message": message, "cure": cure, "refused": refused}}


def _say(out: IO[str], message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
