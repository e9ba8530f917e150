"""What the engine adds to the work of its experts: wall time against the critical path, with stand-in experts.

The store, the blobs and the offline writer are the real ones; only planning and the experts stand in, so that their times
are known. Ratios and differences within one run can be compared; seconds of different machines cannot.
"""

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from hugginggpt.engine import HuggingGPT
from hugginggpt.flow.artifact import Frozen, TaskId, Text
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Plan, Ref, Task
from hugginggpt.testing import ListCatalog, PlannedController, StandInBackend, candidate, says

_KIND = Kind("text-generation")
_MODEL = "stand-in/expert"


class Row(Frozen):
    """One plan, measured."""

    plan: str
    tasks: int
    expert_s: float
    """How long each stand-in expert takes."""
    critical_path_s: float
    wall_s: float
    overhead_ms: float
    """Wall time over the critical path, median."""
    worst_overhead_ms: float
    cpu_ms: float
    """Processor time of one run, median."""


class Report(Frozen):
    """All plans, measured."""

    rows: tuple[Row, ...]
    repeats: int
    idle_memory_bytes: int

    def __str__(self) -> str:
        """A table."""
        lines = [f"{'plan':<10}{'tasks':>6}{'path s':>9}{'wall s':>9}{'over ms':>9}{'worst':>8}{'cpu ms':>8}"]
        lines += [
            f"{r.plan:<10}{r.tasks:>6}{r.critical_path_s:>9.3f}{r.wall_s:>9.3f}{r.overhead_ms:>9.1f}"
            f"{r.worst_overhead_ms:>8.1f}{r.cpu_ms:>8.1f}"
            for r in self.rows
        ]
        lines.append(f"median of {self.repeats} runs; {self.idle_memory_bytes / 2**20:.0f} MiB resident")
        return "\n".join(lines)


def _task(name: str, *needs: str) -> Task:
    refs = [Ref(task=TaskId(need), output="text") for need in needs]
    return Task(id=TaskId(name), kind=_KIND, inputs={"text": (Text(text=name), *refs)})


PLANS: dict[str, tuple[tuple[Task, ...], float, int]] = {
    "one": ((_task("a"),), 0.2, 1),
    "pair": ((_task("a"), _task("b")), 1.0, 1),
    "chain3": ((_task("a"), _task("b", "a"), _task("c", "b")), 0.2, 3),
    "diamond4": ((_task("a"), _task("b", "a"), _task("c", "a"), _task("d", "b", "c")), 0.2, 3),
    "wide16": (tuple(_task(str(number)) for number in range(16)), 0.2, 1),
    "chain16": (tuple(_task(str(n), *([str(n - 1)] if n else [])) for n in range(16)), 0.05, 16),
}
"""By name: the tasks, the seconds of each expert, and how many of them the critical path has."""


async def measure(repeats: int = 5) -> Report:
    """Run each plan several times, after one run to warm up."""
    rows = []
    for name, (tasks, expert_s, depth) in PLANS.items():
        walls, cpus = [], []
        with tempfile.TemporaryDirectory() as folder:
            async with _engine(Path(folder), expert_s) as gpt:
                for number in range(repeats + 1):
                    wall, cpu = time.perf_counter(), time.process_time()
                    answer = await gpt.run("measure this", plan=Plan(tasks=tasks))
                    if len(answer.artifacts) != len(tasks):
                        raise RuntimeError(f"the plan {name!r} failed: {answer.failures}")
                    if number:
                        walls.append(time.perf_counter() - wall)
                        cpus.append(time.process_time() - cpu)
        path_s = depth * expert_s
        rows.append(
            Row(
                plan=name,
                tasks=len(tasks),
                expert_s=expert_s,
                critical_path_s=path_s,
                wall_s=round(statistics.median(walls), 4),
                overhead_ms=round((statistics.median(walls) - path_s) * 1000, 2),
                worst_overhead_ms=round((max(walls) - path_s) * 1000, 2),
                cpu_ms=round(statistics.median(cpus) * 1000, 2),
            )
        )
    return Report(rows=tuple(rows), repeats=repeats, idle_memory_bytes=psutil.Process().memory_info().rss)


def _engine(folder: Path, expert_s: float) -> HuggingGPT:
    from hugginggpt.stores.blobs import DiskBlobs
    from hugginggpt.stores.sqlite import SqliteStore

    return HuggingGPT(
        controller=PlannedController(),
        catalog=ListCatalog([candidate(_MODEL, _KIND)]),
        backends=[StandInBackend({_MODEL: says("done", after_s=expert_s)})],
        store=SqliteStore(folder / "runs.sqlite"),
        blobs=DiskBlobs(folder / "blobs"),
    )
