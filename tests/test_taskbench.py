"""The planning benchmark: the table of tools, the scores, and what the shipped planner reaches."""

import json
import time
from pathlib import Path

import pytest

from hugginggpt.bench.taskbench import Labelled, Report, evaluate, read_labelled, score, tool_of_kind, tools_to_kinds
from hugginggpt.errors import InputError
from hugginggpt.flow.kinds import builtin_kinds


def line(request: str, tasks: list[str], links: list[tuple[str, str]] | None = None) -> Labelled:
    links = links or []
    form = "single" if len(tasks) == 1 else "chain"
    return Labelled.model_validate({"id": "1", "type": form, "request": request, "tasks": tasks, "links": links})


def test_each_tool_has_one_kind_and_each_kind_one_tool() -> None:
    table = tools_to_kinds()
    assert len(table) == 23
    assert {kind: tool for tool, kind in table.items()} == tool_of_kind()
    assert len(tool_of_kind()) == 23
    assert set(table.values()) <= set(builtin_kinds())
    assert table["Image Editing"] == "image-text-to-image"


def test_the_table_has_the_tools_of_the_data(shared: Path) -> None:
    tools = json.loads((shared / "taskbench" / "tools.json").read_text(encoding="utf-8"))
    assert {tool["id"] for tool in tools} == set(tools_to_kinds())


def test_a_right_plan_scores_one_and_a_wrong_one_less() -> None:
    chain = line(
        "Transcribe 'example.wav' and summarise it",
        ["Automatic Speech Recognition", "Summarization"],
        [("Automatic Speech Recognition", "Summarization")],
    )
    right = score([chain], name="right")
    assert (right.node_f1, right.edge_f1, right.exact, right.no_plan) == (1, 1, 1, 0)
    # Two tools found, one of them true, of one true: 2 * 1 / (2 + 1).
    half = score([line("Transcribe 'example.wav' and summarise it", ["Summarization"])], name="half")
    assert (half.node_f1, half.edge_f1, half.exact) == (0.6667, 0, 0)


def test_f1_is_taken_over_all_requests_together() -> None:
    report = score(
        [
            line("Transcribe the audio file example.wav", ["Automatic Speech Recognition"]),
            line("asdf qwer", ["Summarization", "Translation", "Text-to-Speech"], [("Summarization", "Translation")]),
        ],
        name="two",
    )
    assert report.node_f1 == pytest.approx(2 * 1 / (1 + 4))
    assert report.edge_f1 == 0
    assert report.no_plan == 0.5
    assert {name: part.requests for name, part in report.by_type.items()} == {"single": 1, "chain": 1}


def test_a_file_that_is_only_spoken_of_is_attached_when_the_planner_asks_for_it() -> None:
    report = score([line("Please transcribe this recording", ["Automatic Speech Recognition"])], name="one")
    assert (report.node_f1, report.asked_for_a_file) == (1, 1)


def test_a_report_is_a_table_for_people_and_json_for_programs() -> None:
    report = score([line("Transcribe the audio file example.wav", ["Automatic Speech Recognition"])], name="one")
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert str(report).splitlines()[0].split() == ["requests", "node", "F1", "edge", "F1", "exact"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}\n", "line 1"),
        ('{"id": "1", "type": "single", "request": "x", "tasks": ["Juggling"], "links": []}\n', "Juggling"),
        ("\n\nno json\n", "line 3"),
    ],
)
def test_a_line_that_is_no_labelled_request_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_labelled(file)


def test_a_file_that_is_not_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        evaluate(tmp_path / "none.jsonl")


def test_an_empty_file_scores_nothing(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text("", encoding="utf-8")
    report = evaluate(file)
    assert (report.requests, report.node_f1, report.latency_ms_p95) == (0, 0, 0)


def test_the_limit_takes_the_first_lines(shared: Path) -> None:
    assert evaluate(shared / "taskbench" / "dev.jsonl", limit=5).requests == 5


def test_the_planner_finds_four_of_five_tools_on_lines_that_it_never_saw(shared: Path) -> None:
    began = time.perf_counter()
    report = evaluate(shared / "taskbench" / "dev.jsonl")
    assert time.perf_counter() - began < 60
    assert report.requests == 200
    assert report.node_f1 >= 0.80
    assert report.edge_f1 >= 0.35
    assert report.no_plan <= 0.05
