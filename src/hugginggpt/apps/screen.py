"""A run on a terminal: the plan as it grows, then the answer. Draws a `Run`, decides nothing."""

import contextlib
import datetime as dt
import re
import sys
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from hugginggpt.flow.artifact import Failure
from hugginggpt.flow.event import (
    ArtifactMade,
    Event,
    ModelChosen,
    RequestReceived,
    TaskDropped,
    TaskFailed,
    TaskPlanned,
    TaskProgress,
    TaskStarted,
    now,
)
from hugginggpt.flow.plan import Plan, Ref
from hugginggpt.flow.run import Run, TaskRecord

_MARKS = {
    "planned": ("·", "dim"),
    "chosen": ("·", "dim"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("-", "yellow"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text made by a model or a stranger, with nothing in it that steers a terminal."""
    return _CONTROL.sub("", text)


class Screen:
    """Shows a run on standard error while it goes on, so that standard output holds only the answer.

    On a terminal a table that is drawn again as things happen; elsewhere a line for each thing.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live: Live | None = None
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=8, transient=False, auto_refresh=True)
        self._spinner = Spinner("dots", style="cyan")
        self._planning = Spinner("dots", text=Text("planning", style="dim"), style="cyan")
        self._run: Run | None = None

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._live:
            self._live.get_renderable = self._draw  # type: ignore[method-assign]
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture standing."""
        if self._live:
            self._live.stop()
            if self._run and self._run.tasks:
                self._console.print()

    def show(self, run: Run, event: Event) -> None:
        """What just happened, and what it all adds up to."""
        self._run = run
        if not self._live and (line := _line(run, event)):
            with contextlib.suppress(OSError):  # nobody looks; the run goes on
                self._console.print(Text(clean(line)), soft_wrap=True)

    def _draw(self) -> RenderableType:
        if self._run is None or self._run.tasks or self._run.dropped:
            return draw(self._run, self._spinner) if self._run else Text("")
        return Text("") if self._run.ended or self._run.text else self._planning


def draw(run: Run, spinner: Spinner | None = None) -> RenderableType:
    """The plan with the state, the model and the time of each task."""
    table = Table(box=None, padding=(0, 1), show_header=False, pad_edge=False)
    table.add_column(width=1)
    for _ in range(5):
        table.add_column(overflow="fold")
    for record in run.tasks.values():
        mark: RenderableType
        if record.state == "running" and spinner:
            mark = spinner
        else:
            sign, style = _MARKS.get(record.state, ("›", "cyan"))
            mark = Text(sign, style=style)
        table.add_row(
            mark,
            Text(record.task.id, style="bold"),
            Text(record.task.kind),
            Text(record.choice.model if record.choice else "", style="dim"),
            Text(_seconds(record), style="dim"),
            Text(clean(_remark(record)), style="red" if record.state == "failed" else "dim"),
        )
    dropped = [Text(clean(f"- left out {d.task}: {d.reason}"), style="yellow") for d in run.dropped]
    return Group(table, *dropped)


def _seconds(record: TaskRecord) -> str:
    if record.started_at is None:
        return ""
    until: dt.datetime = record.settled_at or now()
    return f"{max(0.0, (until - record.started_at).total_seconds()):.1f} s"


def _remark(record: TaskRecord) -> str:
    match record.outcome:
        case Failure(message=message, cure=cure):
            return f"{message}; {cure}" if cure else message
        case None if record.state == "running":
            share = f"{record.progress:.0%} " if record.progress is not None else ""
            return share + record.note
        case None:
            needs = ", ".join(sorted(record.task.needs))
            return f"waits for {needs}" if needs else ""
        case _:
            return ""


def _line(run: Run, event: Event) -> str:
    match event:
        case RequestReceived():
            return f"run      {run.id}"
        case TaskPlanned(task=task):
            needs = f", after {', '.join(sorted(task.needs))}" if task.needs else ""
            return f"planned  {task.id} {task.kind}{needs}"
        case TaskDropped(task=name, reason=reason):
            return f"left out {name}: {reason}"
        case ModelChosen(choice=choice):
            return f"chosen   {choice.task} {choice.model}: {choice.reason}"
        case TaskStarted(task=task_id, model=model):
            return f"started  {task_id} {model}"
        case TaskProgress(task=task_id, fraction=fraction, note=note):
            share = f"{fraction:.0%} " if fraction is not None else ""
            return f"         {task_id} {share}{note}"
        case ArtifactMade(artifact=artifact):
            return f"done     {artifact.task} in {artifact.elapsed_s:.2f} s"
        case TaskFailed(failure=failure):
            how = "skipped " if failure.code == "skipped" else "failed  "
            return f"{how} {failure.task}: {failure.message}" + (f"; {failure.cure}" if failure.cure else "")
        case _:
            return ""


def say(text: str = "") -> None:
    """Plain text to standard output."""
    sys.stdout.write(clean(text) + "\n")
    sys.stdout.flush()


def hint(text: str) -> None:
    """Plain text to standard error."""
    with contextlib.suppress(OSError):
        sys.stderr.write(clean(text) + "\n")


def plan_table(plan: Plan) -> Table:
    """A plan as a table: what each task takes, and from whom."""
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for head in ("task", "kind", "takes"):
        table.add_column(head, header_style="bold")
    for task in plan:
        takes = []
        for slot, values in task.inputs.items():
            for value in values:
                if isinstance(value, Ref):
                    takes.append(f"{slot} = {value.output} of {value.task}")
                elif value.type == "text" and not value.name:
                    takes.append(f"{slot} = {shorten(value.text)!r}")
                else:
                    takes.append(f"{slot} = {value.name or value.type}")
        table.add_row(task.id, task.kind, Text(clean("\n".join(takes))))
    return table


def mermaid(plan: Plan) -> str:
    """A plan as a Mermaid flow chart, arrows carrying the media."""
    names = {task.id: f"n{number}" for number, task in enumerate(plan)}
    lines = ["flowchart LR"]
    lines += [f'    {names[task.id]}["{_quoted(task.id)}: {_quoted(task.kind)}"]' for task in plan]
    lines += [f"    {names[ref.task]} -->|{ref.output}| {names[task.id]}" for task in plan for ref in task.refs]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return clean(text).replace('"', "#quot;")


def shorten(text: str, most: int = 60) -> str:
    """One line of at most so many characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
