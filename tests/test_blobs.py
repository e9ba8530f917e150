"""Bytes by their sha256, whole or not at all; and the files that a run leaves for a person."""

import asyncio
import errno
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hugginggpt.errors import InputError, NotFound, StorageFull, StoreError
from hugginggpt.flow.answer import Answer
from hugginggpt.flow.artifact import Artifact, Blob, Data, Image, ModelId, Part, TaskId, Text
from hugginggpt.flow.event import AnswerReady, ArtifactMade, Event, RequestReceived, RunId, TaskPlanned
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Task
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run
from hugginggpt.stores.blobs import BATCH_BYTES, CHUNK_BYTES, STALE_S, DiskBlobs
from hugginggpt.stores.export import extension, save
from hugginggpt.testing import check_blobs


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def content(blobs: DiskBlobs, blob: Blob) -> bytes:
    async with aclosing(blobs.open(blob)) as pieces:
        return b"".join([piece async for piece in pieces])


async def pieces_of(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_a_folder_keeps_blobs(tmp_path: Path) -> None:
    await check_blobs(lambda: DiskBlobs(tmp_path / "new" / "blobs"))
    assert not [name for name in files(tmp_path) if name.endswith(".part")]


async def test_a_blob_lies_under_its_sha256(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    blob = await blobs.put(b"hello", "text/plain")
    sha256 = hashlib.sha256(b"hello").hexdigest()
    assert blob == Blob(sha256=sha256, media_type="text/plain", size_bytes=5)
    assert await blobs.path(blob) == tmp_path / sha256[:2] / sha256[2:]
    assert (await blobs.path(blob)).stat().st_mode & 0o777 == 0o400
    assert await blobs.kept() == [sha256]


@given(data=st.binary(max_size=3000), size=st.integers(1, 999))
@settings(max_examples=30, deadline=None)
def test_however_bytes_are_cut_they_are_one_blob(
    data: bytes, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def put() -> None:
        blobs = DiskBlobs(tmp_path_factory.getbasetemp() / "cut")
        blob = await blobs.put(pieces_of(data, size), "text/plain")
        assert blob == await blobs.put(data, "text/plain")
        assert await content(blobs, blob) == data

    asyncio.run(put())


async def test_large_bytes_come_in_batches_and_go_in_chunks(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    data = os.urandom(2 * BATCH_BYTES + 12345)
    blob = await blobs.put(pieces_of(data, 100_000), "video/mp4")
    async with aclosing(blobs.open(blob)) as pieces:
        sizes = [len(piece) async for piece in pieces]
    assert set(sizes[:-1]) == {CHUNK_BYTES}
    assert await content(blobs, blob) == data


async def test_the_same_bytes_again_leave_the_file_as_it_is(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    before = (await blobs.path(await blobs.put(b"hello", "text/plain"))).stat()
    again = await blobs.put(b"hello", "text/markdown")
    streamed = await blobs.put(pieces_of(b"hello", 2), "text/plain")
    for blob in (again, streamed):
        assert (await blobs.path(blob)).stat().st_ino == before.st_ino
    assert again.media_type == "text/markdown"
    assert len(files(tmp_path)) == 1


async def test_a_put_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(300_000)
            await asyncio.sleep(0)

    for after_s in (0.0, 0.001, 0.01, 0.05):
        putting = asyncio.create_task(blobs.put(endless(), "text/plain"))
        await asyncio.sleep(after_s)
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting
        assert files(tmp_path) == []


async def test_forgotten_bytes_are_gone(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    one, two = await blobs.put(b"one", "text/plain"), await blobs.put(b"two", "text/plain")
    await blobs.forget(one)
    await blobs.forget(one)
    assert await blobs.kept() == [two.sha256]
    with pytest.raises(NotFound, match=one.sha256):
        await blobs.path(one)
    with pytest.raises(NotFound):
        await content(blobs, one)


async def test_an_empty_or_missing_folder_keeps_nothing(tmp_path: Path) -> None:
    assert await DiskBlobs(tmp_path / "missing").kept() == []


async def test_a_file_that_lost_its_end_is_damaged_and_put_again_is_whole(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    blob = await blobs.put(b"hello", "text/plain")
    path = await blobs.path(blob)
    path.chmod(0o600)
    path.write_bytes(b"hel")
    with pytest.raises(StoreError, match="is damaged: it has 3 bytes, not 5"):
        await content(blobs, blob)
    await blobs.put(b"hello", "text/plain")
    assert await content(blobs, blob) == b"hello"


async def test_what_a_killed_process_left_is_swept_a_day_later(tmp_path: Path) -> None:
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - STALE_S - 1
    os.utime(old, (long_ago, long_ago))
    await DiskBlobs(tmp_path).put(b"hello", "text/plain")
    assert not old.exists()
    assert new.exists()


async def test_a_folder_that_cannot_be_written_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    blobs = DiskBlobs(tmp_path / "file" / "blobs")
    for data in (b"hello", pieces_of(b"hello", 2)):
        with pytest.raises(StoreError, match="blobs.*set another data folder"):
            await blobs.put(data, "text/plain")


async def test_a_full_disk_is_said_and_nothing_is_left_behind(small_disk: Path) -> None:
    blobs = DiskBlobs(small_disk)
    kept = await blobs.put(b"hello", "text/plain")
    before = files(small_disk)
    for data in (bytes(400_000), pieces_of(os.urandom(4_000_000), 100_000)):
        with pytest.raises(StorageFull, match="no room is left for .*free some space"):
            await blobs.put(data, "image/png")
        assert files(small_disk) == before
    assert await content(blobs, kept) == b"hello"
    assert await blobs.put(bytes(100_000), "image/png"), "there is room for what fits"


async def test_the_loop_goes_on_while_bytes_are_written(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    data = os.urandom(32 * 1024 * 1024)
    putting = asyncio.create_task(blobs.put(data, "video/mp4"))
    longest_s, last = 0.0, time.perf_counter()
    while not putting.done():
        await asyncio.sleep(0.001)
        longest_s, last = max(longest_s, time.perf_counter() - last), time.perf_counter()
    blob = await putting
    assert blob.size_bytes == len(data)
    assert longest_s < 0.5


KILLED = """
import asyncio, os, sys
from pathlib import Path
from hugginggpt.stores.blobs import DiskBlobs

async def main():
    blobs = DiskBlobs(Path(sys.argv[1]))
    number = 0
    while True:
        blob = await blobs.put(str(number).encode() * 50_000, "text/plain")
        print(blob.sha256, blob.size_bytes, flush=True)
        number += 1

asyncio.run(main())
"""


def putting_process(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True)


async def test_what_was_put_survives_a_kill_and_nothing_is_half_there(tmp_path: Path) -> None:
    child = putting_process(tmp_path)
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(5)]
    child.kill()
    rest, _ = child.communicate()
    lines += rest[: rest.rfind("\n") + 1].splitlines(keepends=True)
    blobs = DiskBlobs(tmp_path)
    for line in lines:
        sha256, size_bytes = line.split()
        data = await content(blobs, Blob(sha256=sha256, media_type="text/plain", size_bytes=int(size_bytes)))
        assert hashlib.sha256(data).hexdigest() == sha256
    for sha256 in await blobs.kept():
        assert hashlib.sha256((tmp_path / sha256[:2] / sha256[2:]).read_bytes()).hexdigest() == sha256


# What a run leaves for a person


def run_of(made: dict[str, tuple[Part, ...]], answer: str | None = "Here you are.") -> Run:
    run = RunId("r")
    events: list[Event] = [RequestReceived(run=run, seq=0, request=Request(text="make it"), controller="test")]
    for task in map(TaskId, made):
        events.append(TaskPlanned(run=run, seq=len(events), task=Task(id=task, kind=Kind("canny-control"))))
        artifact = Artifact(task=task, parts=made[task], model=ModelId("m"), backend="b", elapsed_s=0.1)
        events.append(ArtifactMade(run=run, seq=len(events), artifact=artifact))
    if answer is not None:
        events.append(AnswerReady(run=run, seq=len(events), answer=Answer(text=answer)))
    folded = Run.of(events)
    assert folded is not None
    return folded


def picture(blob: Blob, name: str = "") -> Image:
    return Image(blob=blob, width_px=1, height_px=1, name=name)


async def test_a_run_is_saved_under_readable_names(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    png = await blobs.put(b"\x89PNG and so on", "image/png")
    long = "A long text. " * 30
    run = run_of(
        {
            "edges": (picture(png), picture(png), Text(text="short")),
            "read": (Text(text=long), Data(value={"told": "by the text"})),
            "embed": (Data(value={"zeile": "Größe"}),),
            "draw": (picture(png, "cat.png"), picture(png, "C:\\pictures\\cat.jpeg")),
        }
    )
    out = tmp_path / "deep" / "out"
    saved = await save(run, blobs, out)
    assert {task: [path.name for path in paths] for task, paths in saved.items()} == {
        "edges": ["edges-canny-control.png", "edges-canny-control-2.png"],
        "read": ["read-canny-control.txt"],
        "embed": ["embed-canny-control.json"],
        "draw": ["draw-cat.png", "draw-cat-2.png"],
        "answer": ["answer.txt"],
    }
    assert sorted(path.name for path in out.iterdir()) == sorted(
        path.name for paths in saved.values() for path in paths
    )
    assert (out / "edges-canny-control.png").read_bytes() == b"\x89PNG and so on"
    assert (out / "read-canny-control.txt").read_text(encoding="utf-8") == long + "\n"
    assert json.loads((out / "embed-canny-control.json").read_text(encoding="utf-8")) == {"zeile": "Größe"}
    assert (out / "answer.txt").read_text(encoding="utf-8") == "Here you are.\n"
    assert os.access(out / "edges-canny-control.png", os.W_OK)
    again = await save(run, blobs, out)
    assert again == saved, "saving again replaces"


async def test_a_run_that_did_not_answer_leaves_what_it_made(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    png = await blobs.put(b"png", "image/png")
    saved = await save(run_of({"edges": (picture(png),)}, answer=None), blobs, tmp_path / "out")
    assert files(tmp_path / "out") == ["edges-canny-control.png"]
    assert list(saved) == ["edges"]


HOSTILE = [
    "../../etc/passwd",
    "..",
    "",
    "/",
    "a/b",
    ".ssh",
    "con\x00\x1b[31m\u202e",
    "x" * 300,
    "ü" * 300,
    "a\nb",
    "~",
    "-rf",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_name_leads_out_of_the_folder_or_fools_a_screen(name: str, tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    png = await blobs.put(b"png", "image/png")
    out = tmp_path / "out"
    saved = await save(run_of({name or "t": (picture(png, name), picture(png, name))}), blobs, out)
    paths = [path for each in saved.values() for path in each]
    assert len(paths) == len(set(paths)) == 3
    for path in paths:
        assert path.parent == out and path.is_file()
        assert len(path.name) <= 80 and len(path.name.encode()) <= 255
        assert path.name.isprintable() and path.name[0] not in ".-"


@given(st.lists(st.tuples(st.text(max_size=100), st.text(max_size=100)), max_size=5, unique_by=lambda pair: pair[0]))
@settings(max_examples=50, deadline=None)
def test_any_names_give_different_files(names: list[tuple[str, str]]) -> None:
    from hugginggpt.stores.export import _free, _name

    taken = {"answer.txt"}
    got = [_free(_name(TaskId(task), Kind("any"), Data(value=1, name=name)), taken) for task, name in names]
    assert len({each.casefold() for each in got}) == len(got)
    for each in got:
        assert 0 < len(each) <= 80 and len(each.encode()) <= 255
        assert each.endswith(".json") and each.isprintable() and "/" not in each and each[0] not in ".-"


async def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    out, mine = tmp_path / "out", tmp_path / "mine.txt"
    out.mkdir()
    mine.write_text("do not touch", encoding="utf-8")
    (out / "answer.txt").symlink_to(mine)
    await save(run_of({}), blobs, out)
    assert mine.read_text(encoding="utf-8") == "do not touch"
    assert (out / "answer.txt").read_text(encoding="utf-8") == "Here you are.\n"


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(InputError, match=f"cannot write into '{folder}'.*choose another folder"):
            await save(run_of({}), DiskBlobs(tmp_path / "blobs"), folder)


async def test_a_folder_on_a_full_disk_is_named(small_disk: Path, tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "blobs")
    big = await blobs.put(bytes(400_000), "audio/wav")
    with pytest.raises(StorageFull, match=f"no room is left in '{small_disk}'"):
        await save(run_of({"say": (picture(big),)}), blobs, small_disk)
    assert files(small_disk) == []


@pytest.mark.parametrize(
    ("media_type", "ending"),
    [
        ("audio/wav", ".wav"),
        ("audio/x-wav", ".wav"),
        ("image/jpeg", ".jpg"),
        ("image/PNG", ".png"),
        ("text/csv; charset=utf-8", ".csv"),
        ("application/zip", ".zip"),
        ("no/such-type", ".bin"),
        ("", ".bin"),
    ],
)
def test_a_media_type_has_an_ending(media_type: str, ending: str) -> None:
    assert extension(media_type) == ending


def test_what_counts_as_full() -> None:
    from hugginggpt.stores.disk import in_words

    assert isinstance(in_words(OSError(errno.EDQUOT, "Disk quota exceeded"), Path("p")), StorageFull)
    assert not isinstance(in_words(OSError(errno.EACCES, "Permission denied"), Path("p")), StorageFull)
