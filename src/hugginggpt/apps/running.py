"""What the commands share: following a run to its end, and showing what was found."""

import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hugginggpt.apps import screen
from hugginggpt.apps.doctor import Report, gibibytes
from hugginggpt.apps.exits import INCOMPLETE, NO_ANSWER, NOT_UNDERSTOOD, OK, STOPPED
from hugginggpt.engine import HuggingGPT
from hugginggpt.errors import InputError, StorageFull
from hugginggpt.flow.choice import Candidate
from hugginggpt.flow.event import EVENT, Event, RunId
from hugginggpt.flow.run import ENDED, Run
from hugginggpt.ports import RunInfo
from hugginggpt.selection import Survey
from hugginggpt.stores.export import save

Folder = Callable[[RunId], Path]
"""Where a run's files go."""


def ready_folder(out: Path | None) -> Folder:
    """Make sure, before any work is done, that files can be saved: in `out`, else in `./hugginggpt-out/RUN`.

    Raises:
        InputError: nothing can be written there.
    """
    folder = out or Path("hugginggpt-out")
    try:
        if out:
            if out == Path():
                raise OSError("the name is empty")
            out.mkdir(parents=True, exist_ok=True)
        # The default folder is made when there is something to save.
        with tempfile.TemporaryFile(dir=folder if folder.exists() else Path()):
            pass
    except OSError as error:
        raise InputError(
            f"files cannot be saved in {str(folder)!r}: {error.strerror or error}",
            cure="name another folder with --out",
        ) from None
    return lambda run: out or Path("hugginggpt-out") / run


async def follow(gpt: HuggingGPT, events: AsyncGenerator[Event, None], folder: Folder | None, *, as_json: bool) -> int:
    """Show a run to its end, print its answer, save its files if there is a folder for them; the exit code."""
    run: Run | None = None
    with contextlib.nullcontext() if as_json else screen.Screen() as shown:
        async with contextlib.aclosing(events):
            async for event in events:
                run = run.after(event) if run else Run.begin(event)
                if shown:
                    shown.show(run, event)
                else:
                    sys.stdout.write(EVENT.dump_json(event).decode() + "\n")
                    sys.stdout.flush()
    if run is None:
        return NO_ANSWER
    # The answer first: it is there even if its files cannot be saved.
    if run.answer and not as_json:
        screen.say(run.answer.text.rstrip())
    if run.artifacts and folder:
        try:
            saved = await save(run, gpt.blobs, folder(run.id))
        except (InputError, StorageFull) as error:
            error.cure += f"; nothing is lost: hugginggpt runs show {run.id} --out DIR"
            raise
        paths = [path for paths in saved.values() for path in paths]
        if paths and not as_json:
            screen.say("\nFiles:")
        for path in paths:
            (screen.hint if as_json else screen.say)(str(path))
    if as_json:
        return exit_code(run)
    if run.error:
        cure = f"; {run.error.cure}" if run.error.cure else ""
        screen.hint(f"error: {run.error.message}{cure}")
    elif run.state == "cancelled":
        screen.hint("this run was cancelled")
    return exit_code(run)


def tell_state(info: RunInfo) -> None:
    """Why a replayed run has no end, if it has none."""
    if info.state == "interrupted":
        screen.hint(f"this run was interrupted; finish it with: hugginggpt runs resume {info.id}")
    elif info.state not in ENDED:
        screen.hint(f"somebody is working on this run; stop it with: hugginggpt runs cancel {info.id}")


def exit_code(run: Run) -> int:
    """What a run's end means to a shell."""
    if run.state == "cancelled":
        return STOPPED
    if run.answer is None:
        return NO_ANSWER
    if run.answer.form == "not-understood":
        return NOT_UNDERSTOOD
    return INCOMPLETE if run.failures or run.dropped else OK


def show_models(fields: Sequence[Survey], *, as_json: bool, told: bool) -> int:
    """Who could do each kind here, best first, and why the others cannot."""
    console = Console(highlight=False)
    for field in fields:
        if as_json:
            sys.stdout.write(json.dumps(_field_json(field)) + "\n")
            continue
        if not (field.options or field.refused or told):
            continue
        console.print(Text(field.kind, style="bold"))
        for number, option in enumerate(field.options, start=1):
            _print_card(console, f"{number}.", option.candidate, Text(option.offer.state, style="green"))
        for card, refusals in field.refused:
            why = "; ".join(f"{r.reason}" + (f" ({r.cure})" if r.cure else "") for r in refusals[:1])
            _print_card(console, "-", card, Text(f"cannot run here: {why}", style="yellow"))
        if not field.options:
            console.print(Padding(Text(f"{field.why_none}; {field.cure}", style="yellow"), (0, 0, 0, 2)))
    return OK


def _print_card(console: Console, mark: str, card: Candidate, state: Text) -> None:
    head = Text.assemble(f"  {mark} ", (card.id, "cyan"), "  ", state, "  ", (card.licence or "licence unknown", "dim"))
    console.print(head)
    console.print(Padding(Text(card.summary), (0, 0, 0, 5)))
    if card.limits:
        console.print(Padding(Text(f"Weak: {card.limits}", style="dim"), (0, 0, 0, 5)))


def _field_json(field: Survey) -> dict[str, object]:
    return {
        "kind": field.kind,
        "options": [option.model_dump(mode="json") for option in field.options],
        "refused": [
            {"candidate": card.model_dump(mode="json"), "refusals": [r.model_dump(mode="json") for r in refusals]}
            for card, refusals in field.refused
        ],
        "cure": "" if field.options else field.cure,
    }


def show_report(report: Report, *, as_json: bool) -> None:
    """The doctor's words."""
    if as_json:
        sys.stdout.write(json.dumps(report.as_json()) + "\n")
        return
    table = Table(box=None, padding=(0, 2), show_header=False, pad_edge=False)
    extras = {e: "complete" if not m else f"missing {', '.join(m)}" for e, m in report.extras.items()}
    rows = {
        "version": report.version,
        "python": report.python,
        "machine": f"{report.machine}, {report.cores} cores",
        "memory": f"{gibibytes(report.memory_bytes)}, {gibibytes(report.free_memory_bytes)} free",
        "disk": f"{gibibytes(report.free_disk_bytes)} free for {report.data_dir}",
        "device": report.device,
        "settings": report.settings_file,
        "controller": f"{report.controller} (plans by itself, no LLM)"
        if report.controller == "offline"
        else report.controller,
        "backends": ", ".join(report.backends),
        **{f"extra {extra}": state for extra, state in extras.items()},
        **{f"program {name}": "found" if there else "not on the PATH" for name, there in report.programs.items()},
        **{f"key {k}": "set, unused by this version" if there else "not set" for k, there in report.keys.items()},
        "kinds": f"{len(report.runnable)} of {report.kinds} run here",
    }
    for name, value in rows.items():
        table.add_row(Text(name, style="bold"), Text(value))
    for kind, model in report.runnable.items():
        table.add_row("", Text(f"{kind}: {model}", style="dim"))
    console = Console(highlight=False)
    console.print(table)
    if report.more:
        console.print(Text("To get more:", style="bold"))
        for cure in report.more:
            console.print(Text(f"  {cure}"))
