"""The command line: `hugginggpt run "read this receipt and say the total aloud" receipt.png`.

Standard output holds what was asked for (the answer, or JSON), standard error how it is going. Engine, media and storage are
imported by the commands that need them, so that `--help` is quick.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hugginggpt import __version__
from hugginggpt.apps.exits import INCOMPLETE, NO_ANSWER, NOT_UNDERSTOOD, OK, STOPPED, USAGE
from hugginggpt.errors import HuggingGPTError, InputError, NotFound, UsageError

if TYPE_CHECKING:
    from hugginggpt.engine import HuggingGPT
    from hugginggpt.ports import RunInfo

_ALL = 1_000_000
_PIPED_BYTES = 200_000_000
"""More is not read from standard input; the cap that the settings name is checked on what was."""

app = typer.Typer(
    name="hugginggpt",
    help="Plain words and files in; answers, pictures and sound out. Models do the work, each where it is good.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all done; 3 some task failed or cannot run here; 4 not understood; 1 no answer; 2 wrong usage.",
)
runs_app = typer.Typer(
    help="Past runs: list, show, resume, cancel, delete.", no_args_is_help=True, rich_markup_mode=None
)
bench_app = typer.Typer(help="Measure: planning scores, overhead.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(runs_app, name="runs")
app.add_typer(bench_app, name="bench")

RequestText = Annotated[str, typer.Argument(metavar="REQUEST", help="What to do, in plain words.", show_default=False)]
Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE|URL|-]...", help="Files to work on; - is standard input.", show_default=False),
]
Json = Annotated[
    bool, typer.Option("--json", help="For programs: JSON, one object a line, and nothing else on standard output.")
]
ControllerName = Annotated[
    str | None, typer.Option("--controller", metavar="NAME", help="Who plans and writes: offline, or module:Class.")
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", metavar="KIND=ID", help="Use this model for that kind of task. May be given several times."
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where files are saved; default ./hugginggpt-out/RUN.")
]
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, the beginning of one, or `last`.", show_default=False)
]


@app.callback()
def options(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what happens inside to standard error.")
    ] = False,
) -> None:
    """What comes before the command."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.CRITICAL,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


@app.command()
def run(
    request: RequestText,
    files: Files = None,
    as_json: Json = False,
    controller: ControllerName = None,
    model: Models = None,
    deadline: Annotated[
        float | None, typer.Option("--deadline", metavar="S", min=0.1, help="Give up after so many seconds.")
    ] = None,
    out: Out = None,
) -> None:
    """Do what a request asks, and answer.

    Example: hugginggpt run "What is the total on this receipt? Say it aloud." receipt.png
    """
    piped = _standard_input(files)

    async def work() -> int:
        from hugginggpt.apps.running import follow, ready_folder

        folder = ready_folder(out)
        async with _engine(controller) as gpt:
            asked = await gpt.request(request, await _attached(gpt, files, piped))
            events = gpt.stream(asked, models=_models(model), deadline_s=deadline)
            return await follow(gpt, events, folder, as_json=as_json)

    _go(work)


@app.command()
def plan(
    request: RequestText,
    files: Files = None,
    as_json: Json = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid flow chart.")] = False,
    controller: ControllerName = None,
) -> None:
    """Show what would be done, without doing it."""
    if as_json and mermaid:
        raise typer.BadParameter("choose one of --json and --mermaid")
    piped = _standard_input(files)

    async def work() -> int:
        from rich.console import Console

        from hugginggpt.apps import screen

        async with _engine(controller) as gpt:
            planned = await gpt.plan(await gpt.request(request, await _attached(gpt, files, piped)))
        if as_json:
            sys.stdout.write(planned.model_dump_json() + "\n")
        elif mermaid:
            screen.say(screen.mermaid(planned.plan))
        elif planned.plan.tasks:
            Console(highlight=False).print(screen.plan_table(planned.plan))
        else:
            screen.say(planned.reply)
        for dropped in planned.dropped:
            screen.hint(f"left out {dropped.task}: {dropped.reason}")
        if planned.plan.tasks:
            return INCOMPLETE if planned.dropped else OK
        return OK if planned.reply and planned.understood else NOT_UNDERSTOOD

    _go(work)


@app.command()
def kinds(as_json: Json = False) -> None:
    """List the kinds of task, what each takes and gives, and whether it runs here."""

    async def work() -> int:
        from rich.console import Console
        from rich.table import Table

        async with _engine() as gpt:
            rows = [(signature, await gpt.survey(kind)) for kind, signature in gpt.kinds.items()]
        if as_json:
            for signature, field in rows:
                row = signature.model_dump(mode="json") | {"runs_here": bool(field.options)}
                sys.stdout.write(json.dumps(row) + "\n")
            return OK
        console = Console(highlight=False)
        table = Table(box=None, padding=(0, 2), pad_edge=False)
        for head in ("kind", "here", "takes and gives", "what it is"):
            table.add_column(head, header_style="bold", no_wrap=head in ("kind", "here"))
        for signature, field in rows:
            takes = ", ".join(name if slot.required else f"({name})" for name, slot in signature.inputs.items())
            here = "yes" if field.options else "-"
            table.add_row(
                signature.kind, here, f"{takes or 'nothing'} → {', '.join(signature.outputs)}", signature.summary
            )
        if console.width < 120:  # what it is would be a column of single words
            table.columns.pop()
        console.print(table)
        return OK

    _go(work)


@app.command()
def models(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="A kind of task; all that run here if none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show which models could do a kind of task here, best first, and why the others cannot."""

    async def work() -> int:
        from hugginggpt.apps.running import show_models
        from hugginggpt.selection import known_kind

        async with _engine() as gpt:
            wanted = list(gpt.kinds) if kind is None else [known_kind(kind, gpt.kinds).kind]
            fields = [await gpt.survey(one) for one in wanted]
        return show_models(fields, as_json=as_json, told=kind is not None)

    _go(work)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine can do, and what to do to get more."""

    async def work() -> int:
        from hugginggpt.apps.doctor import examine
        from hugginggpt.apps.running import show_report
        from hugginggpt.settings import build, load

        settings = load()
        async with build(settings) as gpt:
            report = await examine(gpt, settings)
        show_report(report, as_json=as_json)
        return OK

    _go(work)


@app.command()
def version() -> None:
    """Print the version."""
    sys.stdout.write(f"hugginggpt {__version__}\n")


@runs_app.command("list")
def runs_list(
    as_json: Json = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 20,
) -> None:
    """List past runs, the newest first."""

    async def work() -> int:
        from dataclasses import asdict

        from hugginggpt.apps import screen

        async with _engine() as gpt:
            infos = await gpt.store.runs(limit=limit)
        for info in infos:
            if as_json:
                sys.stdout.write(json.dumps(asdict(info)) + "\n")
            else:
                screen.say(f"{info.id}  {info.started_at[:16]}  {info.state:<11}  {screen.shorten(info.text)}")
        if not infos and not as_json:
            screen.hint('there are no runs yet; begin with: hugginggpt run "..." FILE')
        return OK

    _go(work)


@runs_app.command("show")
def runs_show(run: RunName, as_json: Json = False, out: Out = None) -> None:
    """Replay a run from the store. With --out, save its files there."""

    async def work() -> int:
        from hugginggpt.apps.running import follow, ready_folder, tell_state

        async with _engine() as gpt:
            info = await _run_info(gpt, run)
            folder = ready_folder(out) if out else None
            code = await follow(gpt, gpt.store.read(info.id), folder, as_json=as_json)
            if code == NO_ANSWER and not as_json:
                tell_state(info)
            return code

    _go(work)


@runs_app.command("resume")
def runs_resume(run: RunName, as_json: Json = False, out: Out = None) -> None:
    """Finish what was interrupted; what was finished is not redone."""

    async def work() -> int:
        from hugginggpt.apps.running import follow, ready_folder

        folder = ready_folder(out)
        async with _engine() as gpt:
            return await follow(gpt, gpt.resume((await _run_info(gpt, run)).id), folder, as_json=as_json)

    _go(work)


@runs_app.command("cancel")
def runs_cancel(run: RunName) -> None:
    """Ask whoever works on a run to stop."""

    async def work() -> int:
        from hugginggpt.apps import screen
        from hugginggpt.flow.run import ENDED

        async with _engine() as gpt:
            info = await _run_info(gpt, run)
            if info.state in ENDED:
                raise UsageError(f"run {info.id} has ended: {info.state}")
            await gpt.store.ask_cancel(info.id)
        screen.hint(f"asked {info.id} to stop")
        return OK

    _go(work)


@runs_app.command("delete")
def runs_delete(runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to forget.")]) -> None:
    """Forget runs and their events. What they read and made stays in the data folder for now."""

    async def work() -> int:
        from hugginggpt.apps import screen

        async with _engine() as gpt:
            # All names are looked up first, so that a wrong one deletes nothing.
            for run_id in dict.fromkeys([(await _run_info(gpt, run)).id for run in runs]):
                await gpt.store.delete(run_id)
                screen.hint(f"deleted {run_id}")
        return OK

    _go(work)


@bench_app.command("taskbench")
def bench_taskbench(
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help="Labelled requests, JSON Lines.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many.")] = None,
    as_json: Json = False,
) -> None:
    """Score the planner on TaskBench: node F1, edge F1, exact plans, milliseconds."""

    async def work() -> int:
        from hugginggpt.bench.taskbench import evaluate

        report = await asyncio.to_thread(evaluate, data, limit)
        sys.stdout.write((report.model_dump_json() if as_json else str(report)) + "\n")
        return OK

    _go(work)


@bench_app.command("engine")
def bench_engine(as_json: Json = False) -> None:
    """Measure what the engine adds to the work of stand-in experts."""

    async def work() -> int:
        from hugginggpt.bench.engine import measure

        report = await measure()
        sys.stdout.write((report.model_dump_json() if as_json else str(report)) + "\n")
        return OK

    _go(work)


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows only ASCII still shows something
    # A stream that the caller closed is None; what goes there is for nobody.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")
    app(prog_name="hugginggpt")


def _go(work: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """Run a command to its exit code; an error is one line on standard error."""
    try:
        code = asyncio.run(work())
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stderr.write("stopped\n")
        code = STOPPED
    except HuggingGPTError as error:
        _complain(str(error))
        code = USAGE if isinstance(error, UsageError | NotFound) else NO_ANSWER
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # `| head` is no error of ours
            _complain(f"the output cannot be written: {error.strerror or error}")
        code = NO_ANSWER
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it flushes
        code = code or NO_ANSWER
    raise typer.Exit(code)


def _complain(message: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"error: {_one_line(message)}\n")


def _one_line(text: str) -> str:
    from hugginggpt.apps.screen import clean

    return " ".join(clean(text).split())


@contextlib.asynccontextmanager
async def _engine(controller: str | None = None) -> "AsyncGenerator[HuggingGPT, None]":
    from hugginggpt.settings import build, load

    async with build(load(controller=controller) if controller else load()) as gpt:
        yield gpt


def _standard_input(files: list[str] | None) -> bytes:
    """What is piped in, if `-` is among the files.

    Read before the event loop runs: a thread that waits for it there could not be interrupted by Ctrl-C.
    """
    if "-" not in (files or ()):
        return b""
    if sys.stdin is None:
        raise typer.BadParameter("- stands for standard input, which is closed")
    try:
        return sys.stdin.buffer.read(_PIPED_BYTES)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


async def _attached(gpt: "HuggingGPT", files: list[str] | None, piped: bytes) -> list[Any]:
    """The files as the engine takes them."""
    from hugginggpt import media

    return [
        await media.read_bytes(piped, name="stdin", blobs=gpt.blobs, caps=gpt.caps) if file == "-" else file
        for file in files or ()
    ]


def _models(given: list[str] | None) -> dict[str, str]:
    models = {}
    for one in given or ():
        kind, equals, model = one.partition("=")
        if not (kind and equals and model):
            raise UsageError(f"--model {one!r} is not of the form KIND=ID", cure="such as summarization=builtin/lead")
        models[kind] = model
    return models


async def _run_info(gpt: "HuggingGPT", name: str) -> "RunInfo":
    """The run that a person means: an id, the beginning of one, or `last`."""
    infos = await gpt.store.runs(limit=_ALL)
    if not name:
        raise InputError("a run's id is empty", cure="`hugginggpt runs list` shows them")
    if name == "last":
        found = list(infos[:1])
    else:
        found = [each for each in infos if each.id == name] or [each for each in infos if each.id.startswith(name)]
    if not found:
        raise NotFound(f"there is no run {name!r}", cure="`hugginggpt runs list` shows them")
    if len(found) > 1:
        raise InputError(f"{name!r} could be {len(found)} runs", cure="write more of its id")
    return found[0]
