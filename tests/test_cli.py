"""The command line as a person or a script meets it: exit codes, streams, one-line errors."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hugginggpt
from hugginggpt.apps.cli import app

REVIEW = "Summarise this in one sentence: 'The old bridge was closed in May. Trains used it for a century. It opens again soon.'"
"""A request that needs no extra."""


def cli(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def error_of(result: Result) -> str:
    """The one line on standard error; nothing on standard output."""
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return str(line.removeprefix("error: "))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_answer_is_on_standard_output_and_the_progress_on_standard_error() -> None:
    result = cli("run", REVIEW)
    assert result.exit_code == 0
    assert "bridge" in result.stdout and "planned" not in result.stdout
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["run", "planned", "chosen", "started", "done"]


def test_json_is_one_event_a_line_and_nothing_else_and_is_what_the_store_replays() -> None:
    result = cli("run", "--json", REVIEW)
    events = [hugginggpt.EVENT.validate_json(line) for line in result.stdout.splitlines()]
    run = hugginggpt.Run.of(events)
    assert run is not None and run.state == "done"
    assert cli("runs", "show", "--json", "last").stdout == result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.png"], "'nowhere.png'"),
        (["."], "'.' is a folder and not a file"),
        (["corrupt.png"], "'corrupt.png'"),
        (["empty.wav"], "'empty.wav'"),
        (["bomb.png"], "pixels"),
        (["binary.txt"], "'binary.txt'"),
        (["http://127.0.0.1:9/x.png"], "127.0.0.1"),
        (["http://169.254.169.254/latest/meta-data"], "169.254.169.254"),
        (["ftp://example.com/x.png"], "ftp"),
        (
            ["--model", "summarization=no/such"],
            "no model 'no/such' for 'summarization'; known here: 'builtin/textrank'",
        ),
        (["--model", "nonsense"], "'nonsense' is not of the form KIND=ID"),
        (["--model", "sumarization=builtin/lead"], "did you mean 'summarization'"),
        (["--controller", "gpt9"], "there is no 'gpt9'; use 'offline', or name a class as 'module:Class'"),
        (["--out", "corrupt.png/out"], "files cannot be saved in 'corrupt.png/out'"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    for argument in arguments:
        make_bad_file(tmp_path / argument.partition("/")[0])
    result = cli("run", "What does this say?", *arguments)
    assert words in error_of(result)
    assert result.exit_code == 2
    assert cli("runs", "list").stdout == ""  # nothing was begun


def make_bad_file(file: Path) -> None:
    from PIL import Image

    match file.name:
        case "corrupt.png":
            Image.effect_noise((64, 64), 50).save(file)
            file.write_bytes(file.read_bytes()[:2000])
        case "empty.wav":
            file.write_bytes(b"")
        case "binary.txt":
            file.write_bytes(bytes(range(256)) * 20)
        case "bomb.png":
            Image.new("1", (20_000, 10_000)).save(file)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("", "the request is empty"),
        ("  ", "the request is empty"),
        ("x" * 100_000, "100,000 characters, more than 20,000"),
    ],
)
def test_a_request_that_cannot_be_used_is_exit_code_2(request_: str, words: str) -> None:
    result = cli("run", request_)
    assert words in error_of(result) and result.exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("limits:\n  tasks: many\n", "config.yaml, line 2: 'limits.tasks': Input should be a valid integer"),
        ("limit:\n  tasks: 3\n", "config.yaml, line 1: 'limit': there is no such setting; did you mean 'limits'?"),
        ("limits:\n\ttasks: 3\n", "config.yaml, line 2"),
        ("just words", "it must hold `name: value` lines"),
        ("a: [1, 2", "config.yaml, line"),
        (b"\xff\xfe\x00\x80", "cannot be read"),
    ],
)
def test_a_broken_settings_file_is_named_with_its_line(
    text: str | bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv("HUGGINGGPT_CONFIG", str(file))
    result = cli("run", "hello")
    assert words in error_of(result)
    assert result.exit_code == 2


def test_a_settings_file_that_is_named_but_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGGINGGPT_CONFIG", "/nowhere/config.yaml")
    assert "HUGGINGGPT_CONFIG names '/nowhere/config.yaml', which is not there" in error_of(cli("run", "hello"))


def test_settings_come_from_the_file_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("limits: {tasks: 3, request_chars: 5}\n", encoding="utf-8")
    monkeypatch.setenv("HUGGINGGPT_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("HUGGINGGPT_LIMITS__TASKS", "7")
    settings = hugginggpt.load()
    assert (settings.limits.tasks, settings.limits.request_chars) == (7, 5)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HUGGINGGPT_LIMITS__TAKS", "3", "'limits.taks': there is no such setting; did you mean 'tasks'?"),
        ("HUGGINGGPT_LIMITS__TASKS", "-1", "greater than 0"),
        ("HUGGINGGPT_CONTROLER", "offline", "is no setting; did you mean HUGGINGGPT_CONTROLLER?"),
        ("HUGGINGGPT_DATA_DIR", "", "a path must not be empty"),
        ("HUGGINGGPT_CONTROLLER", "os:getcwd", "'os:getcwd' has no 'plan'"),
        ("HUGGINGGPT_BACKENDS", '[":x"]', "':x' cannot be loaded"),
        ("HUGGINGGPT_CATALOGS", '["/nowhere.jsonl"]', "'/nowhere.jsonl' cannot be read"),
    ],
)
def test_settings_that_are_half_understood_are_not_used(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    result = cli("run", "hello")
    assert words in error_of(result) and result.exit_code == 2


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGGINGGPT_LIMITS__TASKS", "many")
    assert "HUGGINGGPT_LIMITS__TASKS" in error_of(cli("run", "hello"))


def test_a_data_folder_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGGINGGPT_DATA_DIR", "/dev/null/data")
    result = cli("run", "hello")
    assert "/dev/null/data" in error_of(result) and result.exit_code == 1


def test_a_full_disk_is_one_line_and_loses_nothing(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small_disk / "fill").write_bytes(b"x" * 200_000)
    monkeypatch.setenv("HUGGINGGPT_DATA_DIR", str(small_disk / "data"))
    result = cli("run", "hello")
    assert "no room" in result.stderr.splitlines()[-1] and result.exit_code == 1
    assert "Traceback" not in result.stderr


def test_files_that_do_not_fit_where_they_should_go_are_kept(small_disk: Path) -> None:
    with contextlib.suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as fill:
        while True:
            fill.write(b"x" * 4096)
    result = cli("run", "--out", str(small_disk / "out"), REVIEW)
    assert "bridge" in result.stdout  # the answer is told all the same
    last = result.stderr.splitlines()[-1]
    assert "no room" in last and "nothing is lost: hugginggpt runs show" in last
    assert result.exit_code == 1


def test_standard_input_is_a_file_too() -> None:
    result = cli("run", "--json", "summarise this", "-", stdin=b"One bridge. Two bridges. Three bridges stand here.")
    assert result.exit_code == 0
    received = json.loads(result.stdout.splitlines()[0])
    assert received["request"]["attachments"][0]["name"] == "stdin"


def test_empty_standard_input_is_an_error() -> None:
    result = cli("run", "summarise this", "-", stdin=b"")
    assert "stdin" in error_of(result) and result.exit_code == 2


@pytest.mark.parametrize("request_", ["hello", "asdf qwer"])
def test_a_direct_reply_saves_nothing(request_: str, tmp_path: Path) -> None:
    cli("run", request_)
    assert list(tmp_path.iterdir()) == []


def test_a_fixed_model_is_used() -> None:
    result = cli("run", "--json", "--model", "summarization=builtin/lead", REVIEW)
    chosen = [json.loads(line) for line in result.stdout.splitlines() if '"model.chosen"' in line]
    assert [event["choice"]["model"] for event in chosen] == ["builtin/lead"]


def test_plan_shows_and_does_nothing() -> None:
    planned = json.loads(cli("plan", "--json", REVIEW).stdout)
    assert [task["kind"] for task in planned["plan"]["tasks"]] == ["summarization"]
    assert "summarization" in cli("plan", REVIEW).stdout
    assert cli("plan", "--mermaid", REVIEW).stdout.startswith("flowchart LR\n")
    assert cli("plan", "asdf qwer").exit_code == 4
    assert cli("plan", "hello").exit_code == 0
    assert cli("runs", "list").stdout == ""


def test_a_file_name_cannot_style_the_table(tmp_path: Path) -> None:
    (tmp_path / "[red]x[b].txt").write_text("A text.", encoding="utf-8")
    assert "[red]x[b].txt" in cli("plan", "Read this aloud", "[red]x[b].txt").stdout
    assert cli("plan", "Read this aloud: [/b] hello").exit_code == 0


def test_a_mermaid_chart_shows_what_flows_where(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The bridge opened in 1932. It is long. People like it.", encoding="utf-8")
    chart = cli("plan", "--mermaid", "Summarise this and read the summary aloud", "a.txt").stdout
    assert "-->|text|" in chart


def test_kinds_and_models_say_what_runs_here() -> None:
    table = cli("kinds").stdout
    assert "summarization" in table and "text-to-video" in table
    rows = [json.loads(line) for line in cli("kinds", "--json").stdout.splitlines()]
    assert {row["kind"]: row["runs_here"] for row in rows}["summarization"] is True
    result = cli("models", "summarization")
    assert result.stdout.index("builtin/textrank") < result.stdout.index("builtin/lead")
    none = json.loads(cli("models", "--json", "text-to-video").stdout)
    assert none["options"] == [] and "backends" in none["cure"]
    assert "did you mean 'summarization'" in error_of(cli("models", "sumarization"))


def test_the_doctor_says_what_is_here_and_never_shows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_canary_in_the_mine")
    result = cli("doctor")
    assert result.exit_code == 0
    for word in ("offline", "builtin", "memory", "controller", "key HF_TOKEN", "kinds"):
        assert word in result.stdout
    report = json.loads(cli("doctor", "--json").stdout)
    assert report["keys"]["HF_TOKEN"] is True
    assert "canary" not in result.stdout + json.dumps(report)


def test_past_runs_are_listed_shown_and_deleted(tmp_path: Path) -> None:
    cli("run", REVIEW)
    cli("run", "hello")
    listed = cli("runs", "list").stdout.splitlines()
    assert [line.split()[2] for line in listed] == ["done", "done"]
    run_id = listed[1].split()[0]
    assert "bridge" in cli("runs", "show", run_id).stdout
    assert "bridge" in cli("runs", "show", run_id[:-4]).stdout
    assert cli("runs", "resume", run_id).exit_code == 0  # it has ended: only replayed
    assert not (tmp_path / "hugginggpt-out" / "other").exists()
    before = sorted(tmp_path.rglob("*"))
    cli("runs", "show", run_id)
    assert sorted(tmp_path.rglob("*")) == before  # nothing is saved unless asked for
    cli("runs", "show", run_id, "--out", "kept")
    assert (tmp_path / "kept" / "answer.txt").exists()
    assert "has ended: done" in error_of(cli("runs", "cancel", run_id))
    assert "a run's id is empty" in error_of(cli("runs", "delete", ""))
    assert "there is no run 'nothing'" in error_of(cli("runs", "show", "nothing"))
    assert cli("runs", "delete", run_id).exit_code == 0
    assert run_id not in cli("runs", "list").stdout


def test_version_and_help_read_well() -> None:
    assert cli("version").stdout == f"hugginggpt {hugginggpt.__version__}\n"
    text = cli("--help").stdout
    for word in ("run", "plan", "kinds", "models", "runs", "doctor", "bench", "Exit codes", "--install-completion"):
        assert word in text
    assert "receipt.png" in cli("run", "--help").stdout
    assert cli("run").exit_code == 2


def test_what_a_model_says_cannot_steer_the_terminal() -> None:
    from hugginggpt.apps.screen import clean

    assert clean("a\x1b[31mred\x07\x9b2J\r\n\tb\u202etxt") == "a[31mred2J\n\tbtxt"


# --- the real program -------------------------------------------------------------------------------------------------


def python(*arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, encoding="utf-8", check=False, **more
    )


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "torch transformers openai gradio fastapi onnxruntime cv2 numpy PIL ray mcp httpx2"
    seen = python("-c", f"import sys, hugginggpt; print([m for m in '{heavy}'.split() if m in sys.modules])")
    assert seen.stdout.strip() == "[]"
    public = "import sys, hugginggpt; [getattr(hugginggpt, name) for name in hugginggpt.__all__]; "
    heavy = "torch transformers openai gradio fastapi onnxruntime cv2"
    seen = python("-c", f"{public} print([m for m in '{heavy}'.split() if m in sys.modules])")
    assert seen.stdout.strip() == "[]", seen.stderr


def test_the_module_runs_as_a_program_and_a_closed_pipe_is_no_error() -> None:
    assert python("-m", "hugginggpt", "version").stdout.startswith("hugginggpt ")
    shell = f"{sys.executable} -m hugginggpt kinds --json | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_files_in_the_current_folder_are_not_imported(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the current folder was imported')", encoding="utf-8")
    program = Path(sys.executable).with_name("hugginggpt")
    if not program.exists():
        pytest.skip("the console script is not installed")
    done = subprocess.run([program, "run", REVIEW], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


STALLING = """
import asyncio, hugginggpt.testing as t
from hugginggpt.flow.plan import Task, Ref
from hugginggpt.flow.artifact import Text

def task(id, *needs, file):
    refs = [Ref(task=n, output="text") for n in needs]
    return Task(id=id, kind="text-generation", inputs={"text": (Text(text=file + "\\n" + id), *refs)})

class Controller(t.PlannedController):
    name = "stalling"
    def __init__(self):
        import os
        file = os.environ["RAN"]
        super().__init__([task("a", file=file), task("b", "a", file=file), task("c", "b", file=file)], name="stalling")

    async def plan(self, request, kinds, *, run=None):
        import os
        async for item in super().plan(request, kinds, run=run):
            yield item
            if os.environ.get("STALL") == "plan" and item.id == "b":
                await asyncio.sleep(3600)

class Backend(t.StandInBackend):
    def __init__(self):
        import os
        async def ran(call):
            file, name = call.inputs["text"][0].text.split("\\n")
            if os.environ.get("STALL") == "run" and name == "b":
                await asyncio.sleep(3600)
            with open(file, "a") as f:
                f.write(name + "\\n")
            return [Text(text=name)]
        super().__init__({"a/ran": ran}, name="ran")
"""


@pytest.fixture
def stalling(tmp_path: Path) -> dict[str, str]:
    """The environment of a program whose controller and backend write down what ran, and stall where `STALL` says."""
    (tmp_path / "stalling.py").write_text(STALLING, encoding="utf-8")
    card = {"id": "a/ran", "kind": "text-generation", "summary": "x", "source": "this test", "as_of": "2026-01-01"}
    (tmp_path / "cards.jsonl").write_text(json.dumps(card) + "\n", encoding="utf-8")
    return os.environ | {
        "PYTHONPATH": str(tmp_path),
        "HUGGINGGPT_CONTROLLER": "stalling:Controller",
        "HUGGINGGPT_BACKENDS": '["stalling:Backend"]',
        "HUGGINGGPT_CATALOGS": json.dumps([str(tmp_path / "cards.jsonl")]),
        "RAN": str(tmp_path / "ran"),
    }


@pytest.mark.parametrize("stall", ["plan", "run"])
def test_a_run_killed_in_the_middle_is_resumed_and_no_finished_task_runs_twice(
    stall: str, tmp_path: Path, stalling: dict[str, str]
) -> None:
    """`kill -9` in the middle of a run, or of its plan; then `runs resume`."""
    program = [sys.executable, "-m", "hugginggpt"]
    with subprocess.Popen(
        [*program, "run", "do it"], env=stalling | {"STALL": stall}, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        ran = tmp_path / "ran"
        wait_until(
            lambda: ran.exists() and ran.read_text(encoding="utf-8").count("\n") >= (2 if stall == "plan" else 1)
        )
        time.sleep(0.2)
        running.kill()
    before = ran.read_text(encoding="utf-8").split()
    listed = python("-m", "hugginggpt", "runs", "list", env=stalling).stdout
    assert listed.split()[2] == "interrupted"
    resumed = python("-m", "hugginggpt", "runs", "resume", listed.split()[0], "--json", env=stalling)
    assert resumed.returncode == 0, resumed.stderr
    events = [hugginggpt.EVENT.validate_json(line) for line in resumed.stdout.splitlines()]
    run = hugginggpt.Run.of(events)
    assert run is not None and run.state == "done"
    assert [artifact.task for artifact in run.artifacts] == ["a", "b", "c"]
    assert before == ["a", "b"][: len(before)]
    assert ran.read_text(encoding="utf-8").split() == ["a", "b", "c"]


def test_ctrl_c_stops_cleanly_and_leaves_no_process(tmp_path: Path, stalling: dict[str, str]) -> None:
    import signal

    import psutil

    with subprocess.Popen(
        [sys.executable, "-m", "hugginggpt", "run", "do it"],
        env=stalling | {"STALL": "run"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        wait_until(lambda: (tmp_path / "ran").exists())
        children = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=10)
    assert running.returncode == 130
    assert "Traceback" not in stderr and stderr.splitlines()[-1].startswith("stopped")
    assert not any(child.is_running() for child in children)
    assert python("-m", "hugginggpt", "runs", "list", env=stalling).stdout.split()[2] == "cancelled"


def test_waiting_for_standard_input_ends_at_ctrl_c() -> None:
    import signal

    with subprocess.Popen(
        [sys.executable, "-m", "hugginggpt", "run", "read this aloud", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as waiting:
        time.sleep(1.5)
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(timeout=5) == 130


@pytest.mark.parametrize("redirect", [">/dev/full", "2>/dev/full", ">&-", "2>&-", "<&-"])
def test_a_stream_that_takes_nothing_is_no_traceback(redirect: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    shell = f"{sys.executable} -m hugginggpt run hello {redirect}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert done.returncode == (1 if redirect == ">/dev/full" else 0)


def test_a_terminal_that_knows_only_ascii_still_shows_something() -> None:
    done = python("-m", "hugginggpt", "kinds", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and "\\u2192" in done.stdout


def wait_until(true: Callable[[], bool], timeout_s: float = 30) -> None:
    give_up = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)
