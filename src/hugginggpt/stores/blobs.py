"""Bytes by their sha256, in a folder: `ab/cdef...`, written whole or not at all."""

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path
from typing import IO

from hugginggpt.errors import NotFound, StoreError
from hugginggpt.flow.artifact import Blob
from hugginggpt.stores.disk import in_thread, in_words, make_folder

CHUNK_BYTES = 64 * 1024
BATCH_BYTES = 1024 * 1024
"""A source's pieces are gathered to this size before a thread writes them: a hop to a thread costs more than a small write."""
STALE_S = 24 * 3600.0
"""A part file this old was left by a process that died; no upload takes a day."""


class DiskBlobs:
    """Bytes in a folder that may be shared by many processes. All file work happens in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._swept = False

    async def put(self, data: AsyncIterable[bytes] | bytes, media_type: str) -> Blob:
        """Keep bytes, whole or not at all; the same bytes again cost nothing but their hash.

        Raises:
            StorageFull: there is no room; nothing is left behind.
            StoreError: the folder cannot be written.
        """
        if isinstance(data, bytes | bytearray | memoryview):
            data = bytes(data)
            sha256 = await in_thread(self._put_whole, data)
            return Blob(sha256=sha256, media_type=media_type, size_bytes=len(data))
        incoming = _Incoming(self)
        try:
            await in_thread(incoming.begin)
            batch = bytearray()
            async for piece in data:
                batch += piece
                if len(batch) >= BATCH_BYTES:
                    await in_thread(incoming.write, bytes(batch))
                    batch.clear()
            sha256, size_bytes = await in_thread(incoming.finish, bytes(batch))
        finally:
            await in_thread(incoming.drop)
        return Blob(sha256=sha256, media_type=media_type, size_bytes=size_bytes)

    async def open(self, blob: Blob) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces of 64 KiB.

        Raises:
            NotFound: they are not kept here.
            StoreError: the file is damaged or cannot be read.
        """
        file = await in_thread(self._opened, blob)
        try:
            while piece := await in_thread(file.read, CHUNK_BYTES):
                yield piece
        except OSError as error:
            raise in_words(error, self._place(blob.sha256)) from error
        finally:
            await in_thread(file.close)

    async def path(self, blob: Blob) -> Path:
        """A file with the bytes, to be read only.

        Raises:
            NotFound: they are not kept here.
            StoreError: the file is damaged.
        """
        return await in_thread(self._found, blob)

    async def forget(self, blob: Blob) -> None:
        """Drop bytes; nothing happens if they are not kept here."""
        place = self._place(blob.sha256)
        try:
            await in_thread(place.unlink, missing_ok=True)
        except OSError as error:
            raise in_words(error, place) from error

    async def kept(self) -> list[str]:
        """The sha256 of all that is kept, in order."""
        return await in_thread(self._kept)

    def _kept(self) -> list[str]:
        try:
            return sorted(
                name
                for path in self._folder.glob("??/*")
                if re.fullmatch(r"[0-9a-f]{64}", name := path.parent.name + path.name)
            )
        except OSError as error:
            raise in_words(error, self._folder) from error

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]

    def _found(self, blob: Blob) -> Path:
        place = self._place(blob.sha256)
        try:
            size_bytes = place.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(
                f"the bytes {blob.sha256} ({blob.media_type}) are not kept in {str(self._folder)!r}"
            ) from None
        except OSError as error:
            raise in_words(error, place) from error
        if size_bytes != blob.size_bytes:
            raise StoreError(
                f"{str(place)!r} is damaged: it has {size_bytes} bytes, not {blob.size_bytes}",
                cure="remove that file and make or attach it again",
            )
        return place

    def _opened(self, blob: Blob) -> IO[bytes]:
        place = self._found(blob)
        try:
            return place.open("rb", buffering=0)
        except FileNotFoundError:  # forgotten since the line above
            raise NotFound(f"the bytes {blob.sha256} are not kept in {str(self._folder)!r}") from None
        except OSError as error:
            raise in_words(error, place) from error

    def _put_whole(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._holds(sha256, len(data)):
            incoming = _Incoming(self)
            try:
                incoming.begin()
                incoming.finish(data)
            finally:
                incoming.drop()
        return sha256

    def _holds(self, sha256: str, size_bytes: int) -> bool:
        # The size too: a disk that lost power may keep a file's name and lose its end.
        with contextlib.suppress(OSError):
            return self._place(sha256).stat().st_size == size_bytes
        return False

    def _sweep(self) -> None:
        """Drop what processes that died in the middle of a write left behind."""
        if self._swept:
            return
        self._swept = True
        for part in self._folder.glob("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > STALE_S:
                    part.unlink()


class _Incoming:
    """A file on its way in, hashed as it comes. Every method blocks; `drop` is due in the end, whatever happened."""

    def __init__(self, blobs: DiskBlobs) -> None:
        self._blobs = blobs
        self._folder = blobs._folder
        self._part = self._folder / f"{secrets.token_hex(8)}.part"
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._size_bytes = 0

    def begin(self) -> None:
        """Open a part file."""
        try:
            make_folder(self._folder)
            self._blobs._sweep()
            self._file = open(self._part, "xb", buffering=0)
        except OSError as error:
            raise in_words(error, self._folder) from error

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        assert self._file, "`begin` comes first"
        self._hash.update(piece)
        self._size_bytes += len(piece)
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise in_words(error, self._folder) from error

    def finish(self, last: bytes) -> tuple[str, int]:
        """Add the last piece and put the file in its place; its sha256 and size."""
        self.write(last)
        assert self._file
        sha256 = self._hash.hexdigest()
        if not self._blobs._holds(sha256, self._size_bytes):
            place = self._blobs._place(sha256)
            try:
                os.fchmod(self._file.fileno(), 0o400)  # an expert that is handed the path must not change it
                os.fsync(self._file.fileno())
                make_folder(place.parent)
                os.replace(self._part, place)
            except OSError as error:
                raise in_words(error, self._folder) from error
        return sha256, self._size_bytes

    def drop(self) -> None:
        """Close, and leave no part file behind."""
        with contextlib.suppress(OSError):
            if self._file:
                self._file.close()
            self._part.unlink()
