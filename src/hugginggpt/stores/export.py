"""What a run made, as files that a person can find again: `transcribe-audio.wav`, `answer.txt`."""

import json
import mimetypes
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from hugginggpt.errors import InputError, StorageFull
from hugginggpt.flow.artifact import Data, Part, TaskId, Text
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.run import Run
from hugginggpt.ports import Blobs
from hugginggpt.stores.disk import FULL, in_thread, write_whole

LONG_TEXT_CHARACTERS = 200
"""A shorter text stands in the answer; a file for it would only be in the way."""
NAME_CHARACTERS = 80
COPY_BYTES = 1024 * 1024

EXTENSIONS: dict[str, str] = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/wave": ".wav",
    "audio/webm": ".weba",
    "audio/x-flac": ".flac",
    "audio/x-wav": ".wav",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "model/gltf-binary": ".glb",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
"""First here: what `mimetypes` says differs from machine to machine."""


async def save(run: Run, blobs: Blobs, folder: Path) -> dict[str, list[Path]]:
    """Write what a run made into a folder, and its answer as `answer.txt`; the paths by task, the answer's under `answer`.

    Each file is whole or not there. Files of the same names are replaced.

    Raises:
        InputError: the folder cannot be written.
        StorageFull: there is no room in it.
        NotFound: bytes are no longer kept.
    """
    try:
        await in_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(error, folder) from error
    saved: dict[str, list[Path]] = {}
    taken: set[str] = {"answer.txt"}
    for artifact in run.artifacts:
        kind = run.tasks[artifact.task].task.kind
        for part in artifact.parts:
            if isinstance(part, Text) and len(part.text) <= LONG_TEXT_CHARACTERS:
                continue
            if isinstance(part, Data) and artifact.text:
                continue  # the text says it for people; programs have the events
            path = folder / _free(_name(artifact.task, kind, part), taken)
            await _write(part, blobs, path)
            saved.setdefault(artifact.task, []).append(path)
    if run.answer:
        path = folder / "answer.txt"
        await _put(path, [_line_ended(run.answer.text)])
        saved.setdefault("answer", []).append(path)
    return saved


def extension(media_type: str) -> str:
    """What a file of that media type should end in; `.bin` if nobody knows."""
    bare = media_type.partition(";")[0].strip().casefold()
    return EXTENSIONS.get(bare) or mimetypes.guess_extension(bare) or ".bin"


async def _write(part: Part, blobs: Blobs, path: Path) -> None:
    match part:
        case Text():
            await _put(path, [_line_ended(part.text)])
        case Data():
            pretty = json.dumps(part.value, ensure_ascii=False, indent=2)
            await _put(path, [_line_ended(pretty)])
        case _:
            await _put(path, _pieces(await blobs.path(part.blob)))


async def _put(path: Path, pieces: Iterable[bytes]) -> None:
    try:
        await in_thread(write_whole, path, pieces)
    except OSError as error:
        raise _refused(error, path.parent) from error


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(COPY_BYTES):
            yield piece


def _line_ended(text: str) -> bytes:
    return (text if text.endswith("\n") else text + "\n").encode("utf-8")


def _name(task: TaskId, kind: Kind, part: Part) -> str:
    """`<task>-<name or kind>.<extension>`, with the extension that its content has, whatever its name says."""
    match part:
        case Text():
            ending = ".txt"
        case Data():
            ending = ".json"
        case _:
            ending = extension(part.blob.media_type)
    called = part.name.replace("\\", "/").rpartition("/")[2]
    stem = called.rpartition(".")[0] or called
    return _plain(f"{task}-{stem or kind}", NAME_CHARACTERS - len(ending)) + ending


def _plain(name: str, length: int) -> str:
    """A name that any disk takes and no shell or screen stumbles over."""
    kept = "".join(each if unicodedata.category(each)[0] in "LMN" or each in " ._-+()" else "_" for each in name)
    # Bytes and not characters are what file systems count: 255 of them.
    short = "-".join(kept.split()).strip("._-")[:length].encode("utf-8")[:200].decode("utf-8", errors="ignore")
    return short.strip("._-") or "file"


def _free(name: str, taken: set[str]) -> str:
    """That name, or the next one with a number that is not taken; upper and lower case are one, as on a Mac."""
    stem, dot, ending = name.rpartition(".")
    number = 1
    free = name
    while free.casefold() in taken:
        number += 1
        tail = f"-{number}"
        free = f"{stem[: NAME_CHARACTERS - len(tail) - len(dot) - len(ending)]}{tail}{dot}{ending}"
    taken.add(free.casefold())
    return free


def _refused(error: OSError, folder: Path) -> InputError | StorageFull:
    if error.errno in FULL:
        return StorageFull(
            f"no room is left in {str(folder)!r}", cure="free some space on that disk, or choose another folder"
        )
    return InputError(f"cannot write into {str(folder)!r}: {error.strerror or error}", cure="choose another folder")
