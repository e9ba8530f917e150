"""Experts in processes that may be killed or crash without harm."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from hugginggpt.backends.worker import Workers
from hugginggpt.errors import BackendError, ExpertCrashed, InputError, InputRefused
from hugginggpt.flow.artifact import Data, Image, Part, Text
from hugginggpt.media import Caps
from hugginggpt.ports import Call, Progress
from hugginggpt.stores.blobs import DiskBlobs
from hugginggpt.testing import candidate

HERE = "tests.stand_in_experts"


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    workers = Workers(most=2)
    yield workers
    await workers.aclose()


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")


def call(blobs: DiskBlobs, *, said: list[Any] | None = None, **inputs: Part) -> Call:
    report = (said if said is not None else []).append
    return Call(
        candidate=candidate("test/expert", "text-generation"),
        inputs={slot: (part,) for slot, part in inputs.items()},
        deadline_s=10,
        blobs=blobs,
        report=report,
    )


def pid_of(parts: Sequence[Part]) -> int:
    (data,) = [part for part in parts if isinstance(part, Data)]
    assert isinstance(data.value, dict)
    pid = data.value["pid"]
    assert isinstance(pid, int)
    return pid


async def test_an_expert_gets_text_reports_progress_and_gives_text(workers: Workers, blobs: DiskBlobs) -> None:
    said: list[Any] = []
    parts = await workers.run(f"{HERE}:shout", call(blobs, said=said, text=Text(text="hello")))
    assert parts[0] == Text(text="HELLO")
    assert said == [Progress(0.5, "shouting")]


async def test_pictures_cross_as_files_and_keep_their_readable_names(workers: Workers, blobs: DiskBlobs) -> None:
    (red,) = await workers.run(f"{HERE}:draw", call(blobs))
    assert isinstance(red, Image)
    assert (red.width_px, red.height_px, red.name) == (4, 3, "red.png")
    (cyan,) = await workers.run(f"{HERE}:invert", call(blobs, image=red))
    assert isinstance(cyan, Image)
    from PIL import Image as Pictures

    with Pictures.open(await blobs.path(cyan.blob)) as picture:
        assert picture.getpixel((0, 0)) == (0, 255, 255)


async def test_a_process_is_kept_for_the_next_call(workers: Workers, blobs: DiskBlobs) -> None:
    first = await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a")))
    second = await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="b")))
    assert pid_of(first) == pid_of(second)


async def test_two_calls_run_side_by_side_in_two_processes(workers: Workers, blobs: DiskBlobs) -> None:
    both = [workers.run(f"{HERE}:shout", call(blobs, text=Text(text=word))) for word in ("a", "b")]
    first, second = await asyncio.gather(*both)
    assert pid_of(first) != pid_of(second)


async def test_more_calls_than_processes_wait_their_turn(workers: Workers, blobs: DiskBlobs) -> None:
    many = [workers.run(f"{HERE}:shout", call(blobs, text=Text(text=str(n)))) for n in range(10)]
    results = await asyncio.gather(*many)
    assert [parts[0] for parts in results] == [Text(text=str(n)) for n in range(10)]
    assert len({pid_of(parts) for parts in results}) <= 2


async def test_a_call_past_its_deadline_is_killed_within_a_second_with_all_that_it_started(
    workers: Workers, blobs: DiskBlobs, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    hanging = asyncio.create_task(workers.run(f"{HERE}:hang_with_child", call(blobs, text=Text(text=str(pids)))))
    while not (pids.exists() and pids.read_text()):  # noqa: ASYNC110  (another process writes it)
        await asyncio.sleep(0.02)
    started = time.monotonic()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert time.monotonic() - started < 1
    worker, child = map(int, pids.read_text().split())
    assert not psutil.pid_exists(worker)
    with pytest.raises((psutil.NoSuchProcess, TimeoutError)):
        # A zombie until its new parent reaps it; it runs no more.
        for _ in range(50):
            if psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
                raise TimeoutError
            await asyncio.sleep(0.02)
    assert (await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="next"))))[0] == Text(text="NEXT")


@pytest.mark.parametrize(("expert", "signal"), [("abort", "SIGABRT"), ("kill_itself", "SIGKILL")])
async def test_a_crash_ends_one_call_and_the_next_one_works(
    workers: Workers, blobs: DiskBlobs, expert: str, signal: str
) -> None:
    with pytest.raises(ExpertCrashed, match=signal):
        await workers.run(f"{HERE}:{expert}", call(blobs))
    assert (await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="still here"))))[0] == Text(text="STILL HERE")


async def test_a_refusal_and_a_bug_come_back_as_errors_and_the_process_stays(
    workers: Workers, blobs: DiskBlobs
) -> None:
    before = await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a")))
    with pytest.raises(InputRefused) as refused:
        await workers.run(f"{HERE}:refuse", call(blobs))
    assert (refused.value.message, refused.value.cure) == ("this is not for me", "ask somebody else")
    with pytest.raises(BackendError, match="ZeroDivisionError: a bug"):
        await workers.run(f"{HERE}:stumble", call(blobs))
    assert pid_of(before) == pid_of(await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a"))))


async def test_an_expert_cannot_hand_out_a_file_from_elsewhere(workers: Workers, blobs: DiskBlobs) -> None:
    with pytest.raises(InputError, match="hostname"):
        await workers.run(f"{HERE}:lie", call(blobs))


async def test_a_long_text_crosses_whole(workers: Workers, blobs: DiskBlobs) -> None:
    (text,) = await workers.run(f"{HERE}:long_text", call(blobs))
    assert isinstance(text, Text) and len(text.text) == 5_000_000


async def test_an_idle_process_is_ended(blobs: DiskBlobs) -> None:
    workers = Workers(most=1, idle_s=0.1)
    pid = pid_of(await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a"))))
    for _ in range(100):
        if not psutil.pid_exists(pid):
            break
        await asyncio.sleep(0.02)
    assert not psutil.pid_exists(pid)
    assert pid != pid_of(await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a"))))
    await workers.aclose()


async def test_an_expert_is_loaded_ahead(workers: Workers, blobs: DiskBlobs) -> None:
    workers.prepare(f"{HERE}:shout")
    me = psutil.Process()
    for _ in range(200):
        if prepared := {child.pid for child in me.children()}:
            break
        await asyncio.sleep(0.02)
    assert pid_of(await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a")))) in prepared


async def test_a_program_that_outlives_its_expert_does_not_hold_up_the_kill(
    workers: Workers, blobs: DiskBlobs, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    hanging = asyncio.create_task(workers.run(f"{HERE}:hang_with_orphan", call(blobs, text=Text(text=str(started)))))
    while not started.exists():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    began = time.monotonic()
    hanging.cancel()
    await asyncio.wait({hanging})
    assert time.monotonic() - began < 1


async def test_an_expert_that_hangs_while_it_loads_is_killed_with_the_call_that_waits_for_it(
    workers: Workers, blobs: DiskBlobs
) -> None:
    entry = "tests.stand_in_slow_load:shout"
    workers.prepare(entry)
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(workers.run(entry, call(blobs)))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.wait({waiting})
    for _ in range(50):
        if not psutil.Process().children():
            return
        await asyncio.sleep(0.02)
    pytest.fail("the process that hangs is still there a second later")


async def test_what_a_decoder_cut_in_half_is_mended(workers: Workers, blobs: DiskBlobs) -> None:
    assert await workers.run(f"{HERE}:half_a_sign", call(blobs)) == [Text(text="a?")]


async def test_closing_kills_processes_that_are_busy(blobs: DiskBlobs, tmp_path: Path) -> None:
    workers, pids = Workers(most=1), tmp_path / "pids"
    hanging = asyncio.create_task(workers.run(f"{HERE}:hang_with_child", call(blobs, text=Text(text=str(pids)))))
    while not (pids.exists() and pids.read_text()):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await workers.aclose()
    with pytest.raises(ExpertCrashed):
        await hanging
    assert psutil.Process().children() == []


async def test_what_an_expert_makes_is_held_to_the_caps(blobs: DiskBlobs) -> None:
    workers = Workers(most=1, caps=Caps(pixels=11))
    with pytest.raises(InputError, match="pixels"):
        await workers.run(f"{HERE}:draw", call(blobs))  # 4 by 3
    await workers.aclose()


async def test_closing_leaves_no_process(blobs: DiskBlobs) -> None:
    workers = Workers(most=2)
    pid = pid_of(await workers.run(f"{HERE}:shout", call(blobs, text=Text(text="a"))))
    await workers.aclose()
    assert not psutil.pid_exists(pid)


async def test_a_worker_whose_parent_was_killed_ends_by_itself(tmp_path: Path) -> None:
    """The whole program is killed while an expert hangs: nothing stays behind."""
    import sys

    pids = tmp_path / "pids"
    program = (
        "import asyncio; from pathlib import Path; from hugginggpt.backends.worker import Workers; "
        "from hugginggpt.flow.artifact import Text; from hugginggpt.ports import Call; "
        "from hugginggpt.stores.blobs import DiskBlobs; from hugginggpt.testing import candidate; "
        f"call = Call(candidate('a/b', 'text-generation'), {{'text': [Text(text={str(pids)!r})]}}, 9, "
        f"DiskBlobs(Path({str(tmp_path / 'b')!r})), print); "
        f"asyncio.run(Workers().run('{HERE}:hang_with_child', call))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment)
    while not (pids.exists() and pids.read_text()):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    worker, _ = map(int, pids.read_text().split())
    parent.kill()
    await parent.wait()
    for _ in range(100):
        if not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE:
            return
        await asyncio.sleep(0.02)
    os.kill(worker, 9)
    pytest.fail("the worker outlived its parent by two seconds")
