"""TaskBench: how well the offline planner finds the tools that a request needs, and how they feed each other."""

import json
import statistics
import time
from collections.abc import Iterable, Sequence, Set
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hugginggpt.controllers.offline.ngrams import Classifier
from hugginggpt.controllers.offline.planner import Draft, draft
from hugginggpt.controllers.offline.reading import FILE, FILE_MEDIA
from hugginggpt.errors import InputError
from hugginggpt.flow.artifact import Audio, Blob, Document, Image, Media, Part, Table, Text, Video
from hugginggpt.flow.kinds import Kind, builtin_kinds
from hugginggpt.flow.request import Request


class Labelled(BaseModel):
    """One line of a TaskBench file."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: Literal["single", "chain", "dag"]
    request: str
    tasks: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


class Score(BaseModel):
    """Micro F1 over some requests."""

    model_config = ConfigDict(frozen=True)

    requests: int
    node_f1: float
    edge_f1: float
    exact: float
    """Share of requests whose tools and links are all right."""


class Report(Score):
    """What `evaluate` measured."""

    data: str
    no_plan: float
    """Share of requests that got a reply instead of a plan."""
    asked_for_a_file: float
    """Share of requests that name no file, for which one was attached when the planner asked for it."""
    latency_ms_p50: float
    latency_ms_p95: float
    by_type: dict[str, Score] = Field(default_factory=dict)

    def __str__(self) -> str:
        """A table for people."""
        rows = [("", "requests", "node F1", "edge F1", "exact")]
        rows_of: list[tuple[str, Score]] = [*self.by_type.items(), ("all", self)]
        rows += [
            (name, str(score.requests), f"{score.node_f1:.3f}", f"{score.edge_f1:.3f}", f"{score.exact:.3f}")
            for name, score in rows_of
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        lines.append(
            f"no plan {self.no_plan:.1%}; asked for a file {self.asked_for_a_file:.1%}; "
            f"planning takes {self.latency_ms_p50:.1f} ms (median), {self.latency_ms_p95:.1f} ms (95th percentile)"
        )
        return "\n".join(lines)


def evaluate(data: Path, limit: int | None = None) -> Report:
    """Plan each request of a TaskBench file with the offline planner and score the plans; blocks for some milliseconds a request.

    Files that a request names are attached. Where it only says that there is one ("my recording"), the planner asks for it;
    then it is attached, as a person would do.

    Raises:
        InputError: the file cannot be read, or a line is no labelled request; it says which.
    """
    return score(read_labelled(data)[:limit], name=data.name)


def score(labelled: Sequence[Labelled], *, name: str, classifier: Classifier | None = None) -> Report:
    """The scores of some labelled requests; `classifier`: another one than ships."""
    kinds = builtin_kinds()
    tools = tool_of_kind()
    outcomes: list[_Outcome] = []
    if labelled:
        draft(
            _request(labelled[0].request, ()), kinds, classifier=classifier
        )  # what is loaded once is not part of a latency
    for line in labelled:
        began = time.perf_counter()
        plan = draft(_request(line.request, ()), kinds, classifier=classifier)
        elapsed_ms = (time.perf_counter() - began) * 1000
        asked = 0
        lent: tuple[Media, ...] = ()
        while plan.missing and asked < 4:
            asked += 1
            lent = (
                *lent,
                *dict.fromkeys(lacks.media[0] for lacks in plan.missing if lacks.media and lacks.media[0] not in lent),
            )
            plan = draft(_request(line.request, lent), kinds, classifier=classifier)
        outcomes.append(_Outcome.of(line, plan, tools, elapsed_ms, asked > 0))
    by_type = {
        kind: _score([outcome for outcome in outcomes if outcome.line.type == kind])
        for kind in ("single", "chain", "dag")
        if any(outcome.line.type == kind for outcome in outcomes)
    }
    latencies = sorted(outcome.elapsed_ms for outcome in outcomes) or [0.0]
    whole = _score(outcomes)
    return Report(
        data=name,
        requests=whole.requests,
        node_f1=whole.node_f1,
        edge_f1=whole.edge_f1,
        exact=whole.exact,
        no_plan=_share(not outcome.planned for outcome in outcomes),
        asked_for_a_file=_share(outcome.asked for outcome in outcomes),
        latency_ms_p50=round(statistics.median(latencies), 2),
        latency_ms_p95=round(latencies[min(int(len(latencies) * 0.95), len(latencies) - 1)], 2),
        by_type=by_type,
    )


def read_labelled(data: Path) -> list[Labelled]:
    """The lines of a TaskBench file.

    Raises:
        InputError: it cannot be read, or a line is no labelled request.
    """
    try:
        lines = data.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {str(data)!r}: {error}", cure="give a TaskBench file, one JSON object a line"
        ) from error
    known = tools_to_kinds()
    labelled = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = Labelled.model_validate_json(line)
        except ValidationError as error:
            raise InputError(
                f"line {number} of {data.name!r} is no labelled request: {error.errors()[0]['msg']}",
                cure='each line holds {"id", "type", "request", "tasks", "links"}',
            ) from error
        if unknown := sorted(set(record.tasks) - set(known)):
            raise InputError(f"line {number} of {data.name!r} names {unknown[0]!r}, which is no tool of the table")
        labelled.append(record)
    return labelled


@cache
def tools_to_kinds() -> dict[str, Kind]:
    """TaskBench's names of tools and our kinds, one to one."""
    text = (resources.files("hugginggpt.bench") / "taskbench_tools.json").read_text(encoding="utf-8")
    return {tool: Kind(kind) for tool, kind in json.loads(text).items()}


def tool_of_kind() -> dict[Kind, str]:
    """The same table the other way."""
    return {kind: tool for tool, kind in tools_to_kinds().items()}


def _request(text: str, lent: Sequence[Media]) -> Request:
    named = dict.fromkeys(
        (found[0], FILE_MEDIA[found[1].lower()]) for found in FILE.finditer(text) if found[1].lower() in FILE_MEDIA
    )
    parts = [_stand_in(name, medium, at) for at, (name, medium) in enumerate(named)]
    parts += [_stand_in("", medium, len(parts) + at) for at, medium in enumerate(lent)]
    return Request(text=text, attachments=tuple(parts))


def _stand_in(name: str, medium: Media, number: int) -> Part:
    """A file that is never opened: planning looks at media and names only."""
    blob = Blob(sha256=f"{number:064x}", media_type="application/octet-stream", size_bytes=0)
    match medium:
        case "image":
            return Image(blob=blob, width_px=1, height_px=1, name=name)
        case "audio":
            return Audio(blob=blob, duration_s=1, sample_rate_hz=16_000, name=name)
        case "video":
            return Video(blob=blob, name=name)
        case "document":
            return Document(blob=blob, name=name)
        case "table":
            return Table(blob=blob, name=name)
        case _:
            return Text(text="A text that stands in for the one that was meant.", name=name)


class _Outcome:
    """One request's labels and what was planned for it."""

    def __init__(
        self,
        line: Labelled,
        tools: set[str],
        links: set[tuple[str, str]],
        elapsed_ms: float,
        asked: bool,
        planned: bool,
    ) -> None:
        self.line = line
        self.tools, self.links = tools, links
        self.true_tools, self.true_links = set(line.tasks), set(line.links)
        self.elapsed_ms, self.asked, self.planned = elapsed_ms, asked, planned

    @classmethod
    def of(cls, line: Labelled, plan: Draft, names: dict[Kind, str], elapsed_ms: float, asked: bool) -> "_Outcome":
        # A kind that TaskBench has no tool for counts as a wrong tool under its own name.
        name = {task.id: names.get(task.kind, task.kind) for task in plan.tasks}
        links = {
            (name[source], name[task.id])
            for task in plan.tasks
            for source in task.needs
            if name[source] != name[task.id]
        }
        return cls(line, set(name.values()), links, elapsed_ms, asked, bool(plan.tasks))

    @property
    def exact(self) -> bool:
        return self.tools == self.true_tools and self.links == self.true_links


def _score(outcomes: Sequence[_Outcome]) -> Score:
    return Score(
        requests=len(outcomes),
        node_f1=_f1([(outcome.tools, outcome.true_tools) for outcome in outcomes]),
        edge_f1=_f1([(outcome.links, outcome.true_links) for outcome in outcomes]),
        exact=_share(outcome.exact for outcome in outcomes),
    )


def _f1(pairs: Iterable[tuple[Set[object], Set[object]]]) -> float:
    both = total = 0
    for found, true in pairs:
        both += len(found & true)
        total += len(found) + len(true)
    return round(2 * both / total, 4) if total else 0.0


def _share(which: Iterable[bool]) -> float:
    flags = list(which)
    return round(sum(flags) / len(flags), 4) if flags else 0.0
