"""`docs/events.md` says what the code does: every event, every field, and examples that are exactly what is written."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from hugginggpt.flow import answer, artifact, choice, plan, request
from hugginggpt.flow.artifact import Frozen
from hugginggpt.flow.event import EVENT, Event, Happened

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs" / "events.md").read_text(encoding="utf-8")
EVENTS: dict[str, type[Happened]] = {
    member.model_fields["type"].default: member for member in get_args(get_args(Event)[0])
}
SHAPES: dict[str, type[Frozen]] = {
    name: shape
    for module in (answer, artifact, choice, plan, request)
    for name, shape in vars(module).items()
    if isinstance(shape, type) and issubclass(shape, Frozen) and shape is not Frozen
}
NOT_IN_EVENTS = {"Candidate", "Offer", "Option", "Refusal", "Plan"}


def sections() -> dict[str, str]:
    return dict(re.findall(r"^### `?([\w.]+)`?\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))


def fields(section: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", section, re.M)


def test_the_page_has_every_event_and_everything_that_they_carry_and_nothing_else() -> None:
    assert list(sections()) == [*EVENTS, *(name for name in sections() if name in SHAPES)]
    assert set(sections()) - set(EVENTS) == set(SHAPES) - NOT_IN_EVENTS


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_the_fields_that_the_page_says(name: str) -> None:
    shared = set(Happened.model_fields) | {"type"}
    assert fields(sections()[name]) == [field for field in EVENTS[name].model_fields if field not in shared]


@pytest.mark.parametrize("name", sorted(set(SHAPES) - NOT_IN_EVENTS))
def test_what_they_carry_has_the_fields_that_the_page_says(name: str) -> None:
    assert fields(sections()[name]) == list(SHAPES[name].model_fields)


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_what_the_code_writes(name: str) -> None:
    [example] = re.findall(r"^```json\n(.*?)\n```$", sections()[name], re.M | re.S)
    event = EVENT.validate_json(example)
    assert event.type == name
    assert json.loads(EVENT.dump_json(event)) == json.loads(example)


def test_every_event_has_what_the_page_says_they_share() -> None:
    [shared] = re.findall(r"^## What every event has\n(.*?)(?=^##)", PAGE, re.M | re.S)
    assert set(fields(shared)) == set(Happened.model_fields) | {"type"}


def test_the_python_on_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    stored = (HERE / "data" / "events-v1.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "events.jsonl").write_text(
        "".join(line for line in stored if '"20260801-answered"' in line), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/events.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[0] == "done The total is 12.50."
