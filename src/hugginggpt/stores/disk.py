"""What all stores ask of a disk: a file is written whole or not at all, and what the disk says comes in words."""

import asyncio
import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec, TypeVar

from hugginggpt.errors import StorageFull, StoreError

P = ParamSpec("P")
T = TypeVar("T")

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def in_words(error: OSError, place: Path, *, cure: str = "make it writable, or set another data folder") -> StoreError:
    """What a failed write or read at a place means, and what to do."""
    if error.errno in FULL:
        return full(place)
    return StoreError(f"cannot use {str(place)!r}: {error.strerror or error}", cure=cure)


def full(place: Path) -> StorageFull:
    """There is no room at a place."""
    return StorageFull(
        f"no room is left for {str(place)!r}", cure="free some space on that disk, or set a data folder on another one"
    )


def make_folder(folder: Path) -> None:
    """A folder that nobody else on the machine can read, unless it was there before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file in its place once all of it is on the disk; on any error nothing is left behind. Blocks."""
    part = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run in a thread, and to its end even when cancelled.

    `asyncio.to_thread` alone lets go of the thread when cancelled; the caller's clean-up would then close or unlink a file
    that the thread is still writing to.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # or asyncio complains that nobody looked at it
        raise
