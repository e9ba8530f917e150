"""Events and records in one SQLite file that many processes may share; `":memory:"` is the in-memory store.

One thread owns the connection and does one transaction per hop. Measured against aiosqlite, where each statement of a
transaction is a hop of its own, an append took 0.18 ms instead of 0.52 ms; and a caller that is cancelled in the middle cannot
leave a transaction open.
"""

import asyncio
import contextlib
import datetime as dt
import functools
import json
import os
import platform
import shutil
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import JsonValue, ValidationError

from hugginggpt.errors import Conflict, NotFound, StoreError
from hugginggpt.flow.event import EVENT, Event, RequestReceived, RunId
from hugginggpt.flow.request import ConversationId, Owner
from hugginggpt.flow.run import ENDED, RunState
from hugginggpt.ports import Lease, RunInfo
from hugginggpt.stores.disk import full, in_words, make_folder

T = TypeVar("T")

BUSY_S = 10.0
"""How long to wait for another process that is writing."""
POLL_S = 0.1
"""How often a follower looks for what other processes wrote; what this one wrote wakes it at once."""
PAGE_EVENTS = 500
LINE_CHARACTERS = 200
APPLICATION_ID = 0x48475054
"""Marks the file as ours, so that a path to somebody else's database does no harm to it."""

STATES: dict[str, RunState] = {
    "request.received": "planning",
    "plan.made": "executing",
    "answer.begun": "responding",
    "answer.ready": "done",
    "run.failed": "failed",
    "run.cancelled": "cancelled",
}
"""What an event makes of a run's state; the others leave it. The same as `Run.after`, which a test holds."""


def this_holder() -> str:
    """Who this process is, as a lease's holder: `host/pid/start`.

    `/` and anything may follow it where one process has several holders. A lease whose holder of this host is no longer alive
    is free at once.
    """
    import psutil

    return f"{platform.node()}/{os.getpid()}/{psutil.Process().create_time():.2f}"


def _may_be_alive(holder: str) -> bool:
    """False only if the holder is a process of this host that has surely ended."""
    import psutil

    match holder.split("/"):
        case [host, pid, start, *_] if host == platform.node() and pid.isdecimal():
            try:
                process = psutil.Process(int(pid))
                # Two seconds of grace: the clock that start times are read off may have been set since.
                return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - float(start)) < 2
            except psutil.NoSuchProcess:
                return False
            except (psutil.Error, ValueError, OverflowError):
                return True
        case _:
            return True


def _first_tables(db: sqlite3.Connection) -> None:
    db.execute(
        """
        CREATE TABLE runs (
            run TEXT NOT NULL PRIMARY KEY,
            seq INTEGER NOT NULL DEFAULT -1,  -- of the last event; -1: leased, and nothing has happened yet
            state TEXT NOT NULL DEFAULT 'planning',
            text TEXT NOT NULL DEFAULT '',
            started_at TEXT NOT NULL DEFAULT '',
            owner TEXT,
            conversation TEXT,
            cancel_asked INTEGER NOT NULL DEFAULT 0
        )
        """
    )
    db.execute("CREATE INDEX runs_by_start ON runs (started_at)")
    db.execute(
        "CREATE TABLE events (run TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (run, seq))"
    )
    # AUTOINCREMENT: a token is never given twice in the life of the file, not even after its row is gone.
    db.execute(
        """
        CREATE TABLE leases (
            token INTEGER PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL UNIQUE,
            holder TEXT NOT NULL,
            until REAL NOT NULL
        )
        """
    )
    db.execute("CREATE TABLE records (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, until REAL NOT NULL)")
    db.execute("CREATE INDEX records_by_end ON records (until)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first_tables,)
"""Applied in order, each once; the file's `user_version` says how many it has seen. Only ever add to the end."""


class SqliteStore:
    """Runs and records in one file. Opened on first use; an event is safe from `kill -9` once `append` has returned.

    Implements `Store` and `Records`. After a power cut the last events may be missing; the file stays whole.
    """

    def __init__(self, path: Path | Literal[":memory:"], *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-store")
        self._db: sqlite3.Connection | None = None
        self._closed = False
        self._followers: dict[RunId, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    # The log

    async def lease(self, run: RunId | None, *, holder: str, ttl_s: float) -> Lease | None:
        """The right to write to a run, new or left by a dead holder; with None, to any unfinished run that nobody holds.

        The same holder again keeps its lease for another `ttl_s`.
        """
        return await self._do(lambda db: self._lease(db, run, holder, ttl_s))

    async def release(self, lease: Lease) -> None:
        """Give the right back."""
        await self._do(lambda db: self._release(db, lease))

    async def append(self, event: Event, *, lease: Lease) -> None:
        """Add an event at its place. The same event again does nothing.

        Raises:
            Conflict: another event has that place, a place before it is empty, the run has ended, or the lease is stale.
            StorageFull: there is no room.
        """
        await self._do(lambda db: self._append(db, event, lease))
        for loop, news in self._followers.get(event.run, ()):
            with contextlib.suppress(RuntimeError):  # that follower's loop is gone
                loop.call_soon_threadsafe(news.set)

    async def read(self, run: RunId, *, after: int = -1, follow: bool = False) -> AsyncGenerator[Event, None]:
        """The events past `after`, in order; with `follow`, also those to come, until the run has ended.

        A run that is leased and has not begun is there, and empty.

        Raises:
            NotFound: there is no such run, or it was deleted meanwhile.
            StoreError: an event is damaged.
        """
        after = max(after, -1)
        news = asyncio.Event()
        follower = (asyncio.get_running_loop(), news)
        self._followers.setdefault(run, set()).add(follower)
        try:
            while True:
                news.clear()  # before looking, so that what comes while we look is not missed
                last, ended, rows = await self._do(functools.partial(self._page, run=run, after=after))
                for seq, text in rows:
                    event = self._parsed(run, after + 1, seq, text)
                    after = seq
                    yield event
                if after < last:
                    if not rows:
                        raise self._damaged(run, after + 1)
                    continue
                if ended or not follow:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), POLL_S)
        finally:
            self._followers[run].discard(follower)
            if not self._followers[run]:
                del self._followers[run]

    async def ask_cancel(self, run: RunId) -> None:
        """Ask whoever works on a run to stop.

        Raises:
            NotFound: there is no such run.
        """
        await self._do(lambda db: self._ask_cancel(db, run))

    async def cancel_asked(self, run: RunId) -> bool:
        """Whether somebody asked for that."""
        found = await self._do(lambda db: db.execute("SELECT cancel_asked FROM runs WHERE run = ?", (run,)).fetchone())
        return bool(found and found[0])

    async def runs(
        self,
        *,
        owner: Owner | None = None,
        conversation: ConversationId | None = None,
        state: RunState | Literal["interrupted"] | None = None,
        limit: int = 50,
    ) -> Sequence[RunInfo]:
        """The newest runs first."""
        return await self._do(lambda db: self._runs(db, owner, conversation, state, limit))

    async def delete(self, run: RunId) -> None:
        """Forget a run and its events; not the bytes that they name.

        Raises:
            NotFound: there is no such run.
            Conflict: it has not ended and somebody is working on it.
        """
        await self._do(lambda db: self._delete(db, run))

    async def aclose(self) -> None:
        """Close the file; safe to call twice. What comes after is refused."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
            self._thread.shutdown(wait=False)

    # Records

    async def get(self, key: str) -> JsonValue:
        """The fact, or None if there is none or its time is over."""
        found = await self._do(
            lambda db: db.execute(
                "SELECT value FROM records WHERE key = ? AND until > ?", (key, self._clock())
            ).fetchone()
        )
        if found is None:
            return None
        try:
            value: JsonValue = json.loads(found[0])
        except (TypeError, ValueError) as error:
            raise StoreError(f"record {key!r} in {self._name} is damaged", cure=_DAMAGED_CURE) from error
        return value

    async def put(self, key: str, value: JsonValue, *, ttl_s: float) -> None:
        """Keep a fact for a time."""
        text = json.dumps(value)
        await self._do(lambda db: self._put(db, key, text, ttl_s))

    async def forget(self, key: str) -> None:
        """Drop a fact."""
        await self._do(lambda db: db.execute("DELETE FROM records WHERE key = ?", (key,)) and None)

    # On the thread

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreError(f"the store {self._name} is closed", cure="use it before its `aclose`")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._in_words():
            if self._db is None:
                self._db = self._open()
            return work(self._db)

    def _open(self) -> sqlite3.Connection:
        if isinstance(self._path, Path):
            make_folder(self._path.parent)
            # Made here, or SQLite would let everybody on the machine read it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        # Autocommit: transactions are begun by hand, as IMMEDIATE. One that begins by reading and then writes fails at once
        # when somebody else wrote in between, however long it is told to wait.
        db = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            self._refuse_what_is_not_ours(db)
            mode = _write_ahead(db)
            # With a write-ahead log NORMAL survives the death of the process; file systems that cannot have one need FULL.
            db.execute(f"PRAGMA synchronous = {'NORMAL' if mode in ('wal', 'memory') else 'FULL'}")
            _migrate(db)
        except BaseException:
            db.close()
            raise
        return db

    def _refuse_what_is_not_ours(self, db: sqlite3.Connection) -> None:
        # In one look: between two, another process may have made the tables.
        db.execute("BEGIN")
        try:
            [application] = db.execute("PRAGMA application_id").fetchone()
            [tables] = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            version = _version(db)
        finally:
            db.execute("ROLLBACK")
        if tables and application != APPLICATION_ID:
            raise StoreError(f"{self._name} is another program's database", cure="set another path for the store")
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{self._name} was written by a newer hugginggpt (layout {version}; this one knows {len(MIGRATIONS)})",
                cure="upgrade hugginggpt, or set another path for the store",
            )

    def _close(self) -> None:
        if self._db is not None:
            with self._in_words():
                self._db.close()
            self._db = None

    def _lease(self, db: sqlite3.Connection, run: RunId | None, holder: str, ttl_s: float) -> Lease | None:
        with _transaction(db):
            now = self._clock()
            if run is None:
                unfinished = db.execute(
                    f"""
                    SELECT runs.run, holder, until FROM runs LEFT JOIN leases ON leases.run = runs.run
                    WHERE seq >= 0 AND state NOT IN ({_ENDED_SQL}) ORDER BY started_at, runs.rowid
                    """
                )
                run = next((each for each, who, until in unfinished if not _live(who, until, now)), None)
                if run is None:
                    return None
            else:
                held = db.execute("SELECT token, holder, until FROM leases WHERE run = ?", (run,)).fetchone()
                if held and held[1] == holder:
                    db.execute("UPDATE leases SET until = ? WHERE token = ?", (now + ttl_s, held[0]))
                    return Lease(run, held[0])
                if held and _live(held[1], held[2], now):
                    return None
            db.execute("INSERT OR IGNORE INTO runs (run) VALUES (?)", (run,))
            taken = db.execute(
                "INSERT OR REPLACE INTO leases (run, holder, until) VALUES (?, ?, ?)", (run, holder, now + ttl_s)
            )
            assert taken.lastrowid is not None
            return Lease(run, taken.lastrowid)

    def _release(self, db: sqlite3.Connection, lease: Lease) -> None:
        with _transaction(db):
            gone = db.execute("DELETE FROM leases WHERE token = ? AND run = ?", (lease.token, lease.run)).rowcount
            if gone:  # a run in which nothing happened leaves no trace
                db.execute("DELETE FROM runs WHERE run = ? AND seq < 0", (lease.run,))

    def _append(self, db: sqlite3.Connection, event: Event, lease: Lease) -> None:
        text = event.model_dump_json()
        with _transaction(db):
            row = db.execute(
                "SELECT seq, state, token FROM runs LEFT JOIN leases ON leases.run = runs.run WHERE runs.run = ?",
                (event.run,),
            ).fetchone()
            if row is None or lease.run != event.run or row[2] != lease.token:
                raise Conflict(
                    f"lease {lease.token} of run {lease.run!r} is stale: run {event.run!r} is no longer its to write",
                    cure="stop; whoever holds the run goes on with it",
                )
            last, state, _ = row
            if event.seq <= last:
                self._must_be_the_same(db, event, text)
                return
            if event.seq > last + 1:
                raise Conflict(
                    f"run {event.run!r} has no event at seq {last + 1} yet, so none can stand at {event.seq}"
                )
            if state in ENDED:
                raise Conflict(f"run {event.run!r} has ended ({state}); {event.type!r} cannot follow")
            if isinstance(event, RequestReceived) != (event.seq == 0):
                raise Conflict(f"a run has its request at seq 0 and nowhere else, not {event.type!r} at {event.seq}")
            db.execute("INSERT INTO events (run, seq, event) VALUES (?, ?, ?)", (event.run, event.seq, text))
            db.execute(
                "UPDATE runs SET seq = ?, state = ? WHERE run = ?",
                (event.seq, STATES.get(event.type, state), event.run),
            )
            if isinstance(event, RequestReceived):
                request = event.request
                db.execute(
                    "UPDATE runs SET text = ?, started_at = ?, owner = ?, conversation = ? WHERE run = ?",
                    (
                        _line(request.text),
                        _iso(event),
                        request.owner,
                        request.conversation,
                        event.run,
                    ),
                )

    def _must_be_the_same(self, db: sqlite3.Connection, event: Event, text: str) -> None:
        found = db.execute("SELECT event FROM events WHERE run = ? AND seq = ?", (event.run, event.seq)).fetchone()
        if found is None:
            raise self._damaged(event.run, event.seq)
        # As events too: one that an older version stored may lack a field that has a default by now.
        if found[0] != text and self._parsed(event.run, event.seq, event.seq, found[0]) != event:
            raise Conflict(f"another event stands at seq {event.seq} of run {event.run!r}")

    def _page(self, db: sqlite3.Connection, run: RunId, after: int) -> tuple[int, bool, list[tuple[int, str]]]:
        # The run first: events that come in between are then more than it says, never fewer.
        row = db.execute("SELECT seq, state FROM runs WHERE run = ?", (run,)).fetchone()
        if row is None:
            raise _no_such(run)
        events = db.execute(
            "SELECT seq, event FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?", (run, after, PAGE_EVENTS)
        )
        return row[0], row[1] in ENDED, events.fetchall()

    def _parsed(self, run: RunId, expected: int, seq: int, text: str) -> Event:
        if seq != expected:
            raise self._damaged(run, expected)
        try:
            event = EVENT.validate_json(text)
        except ValidationError as error:
            raise self._damaged(run, seq) from error
        if event.run != run or event.seq != seq:
            raise self._damaged(run, seq)
        return event

    def _ask_cancel(self, db: sqlite3.Connection, run: RunId) -> None:
        with _transaction(db):
            if not db.execute("UPDATE runs SET cancel_asked = 1 WHERE run = ?", (run,)).rowcount:
                raise _no_such(run)

    def _runs(
        self,
        db: sqlite3.Connection,
        owner: Owner | None,
        conversation: ConversationId | None,
        state: RunState | Literal["interrupted"] | None,
        limit: int,
    ) -> list[RunInfo]:
        now = self._clock()
        rows = db.execute(
            """
            SELECT runs.run, state, text, started_at, owner, conversation, holder, until
            FROM runs LEFT JOIN leases ON leases.run = runs.run
            WHERE seq >= 0 AND (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR conversation = ?2)
            ORDER BY started_at DESC, runs.rowid DESC
            """,
            (owner, conversation),
        )
        infos: list[RunInfo] = []
        for run, stored, text, started_at, its_owner, its_conversation, holder, until in rows:
            if len(infos) >= limit:
                break
            left = stored not in ENDED and not _live(holder, until, now)
            info = RunInfo(run, "interrupted" if left else stored, text, started_at, its_owner, its_conversation)
            if state in (None, info.state):
                infos.append(info)
        return infos

    def _delete(self, db: sqlite3.Connection, run: RunId) -> None:
        with _transaction(db):
            row = db.execute(
                "SELECT state, holder, until FROM runs LEFT JOIN leases ON leases.run = runs.run WHERE runs.run = ?",
                (run,),
            ).fetchone()
            if row is None:
                raise _no_such(run)
            if row[0] not in ENDED and _live(row[1], row[2], self._clock()):
                raise Conflict(
                    f"{row[1]!r} is working on run {run!r}",
                    cure="stop it with `hugginggpt runs cancel`, or wait for its end",
                )
            for table in ("events", "leases", "runs"):
                db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))

    def _put(self, db: sqlite3.Connection, key: str, text: str, ttl_s: float) -> None:
        now = self._clock()
        with _transaction(db):
            db.execute("DELETE FROM records WHERE until <= ?", (now,))
            db.execute("INSERT OR REPLACE INTO records (key, value, until) VALUES (?, ?, ?)", (key, text, now + ttl_s))

    # What went wrong, in words

    @property
    def _name(self) -> str:
        return repr(str(self._path))

    def _damaged(self, run: RunId, seq: int) -> StoreError:
        return StoreError(
            f"event {seq} of run {run!r} in {self._name} is missing or damaged",
            cure=f"delete that run (`hugginggpt runs delete {run}`), or restore the file from a backup",
        )

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translated(error) from error
        except OSError as error:
            raise in_words(error, Path(self._path)) from error

    def _translated(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte is the plain code
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(Path(self._path))):
            return full(Path(self._path))
        wrong, cure = _MEANINGS.get(code, ("cannot be used", "see what SQLite says"))
        return StoreError(f"{self._name} {wrong}: {error}", cure=cure)


_ENDED_SQL = ", ".join(f"'{state}'" for state in sorted(ENDED))
_DAMAGED_CURE = "move it away to start with an empty one, or restore it from a backup"
_UNWRITABLE_CURE = "make the file and its folder writable, or set another data folder"
_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_CORRUPT: ("is damaged", _DAMAGED_CURE),
    sqlite3.SQLITE_NOTADB: ("is no database, or damaged", _DAMAGED_CURE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _UNWRITABLE_CURE),
    sqlite3.SQLITE_READONLY: ("cannot be written", _UNWRITABLE_CURE),
    sqlite3.SQLITE_PERM: ("cannot be opened", _UNWRITABLE_CURE),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "check the disk, or set another data folder"),
    sqlite3.SQLITE_BUSY: ("is locked by another process", f"end what has held it for {BUSY_S:.0f} s, then try again"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", f"end what has held it for {BUSY_S:.0f} s, then try again"),
}


def _live(holder: str | None, until: float | None, now: float) -> bool:
    return holder is not None and until is not None and until > now and _may_be_alive(holder)


def _line(text: str) -> str:
    """A request cut to a line."""
    line = " ".join(text[: 8 * LINE_CHARACTERS].split())
    return line if len(line) <= LINE_CHARACTERS else line[: LINE_CHARACTERS - 1] + "…"


def _iso(event: RequestReceived) -> str:
    """Its time in UTC, always with all six digits, so that it sorts as text."""
    return event.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _no_such(run: RunId) -> NotFound:
    return NotFound(f"there is no run {run!r}", cure="see `hugginggpt runs list`")


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < 64 * 1024
    except OSError:
        return False


def _write_ahead(db: sqlite3.Connection) -> str:
    """Switch to a write-ahead log; the mode that the file has in the end.

    Two processes that open a new file at once may both be told that it is locked, without any wait.
    """
    patient_until = time.monotonic() + BUSY_S
    while True:
        try:
            [mode] = db.execute("PRAGMA journal_mode = WAL").fetchone()
            return str(mode)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > patient_until:
                raise
            time.sleep(0.01)


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the file up to date; one that is gets no write, so that it opens on a full disk too."""
    if _version(db) == len(MIGRATIONS):
        return
    with _transaction(db):
        seen = _version(db)  # again: another process may have been first
        for step, migrate in enumerate(MIGRATIONS[seen:], start=seen + 1):
            migrate(db)
            db.execute(f"PRAGMA user_version = {step}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _version(db: sqlite3.Connection) -> int:
    [version] = db.execute("PRAGMA user_version").fetchone()
    return int(version)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and the only writer meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite itself rolls back when the disk is full
            db.execute("ROLLBACK")
        raise
