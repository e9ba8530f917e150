"""The fold of a run's events, and that stored events replay."""

import copy
import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import Artifact, Failure
from hugginggpt.flow.event import EVENT, ArtifactMade, Event, RequestReceived, TaskFailed, TaskPlanned, UsageReported
from hugginggpt.flow.run import Run
from tests.strategies import histories

STORED = Path(__file__).parent / "data" / "events-v1.jsonl"
TYPES = sorted(member.model_fields["type"].default for member in get_args(get_args(Event)[0]))


@given(histories())
def test_any_start_of_a_run_folds_and_says_what_happened(events: list[Event]) -> None:
    assert Run.of([]) is None
    for end in range(1, len(events) + 1):
        prefix = events[:end]
        run = Run.of(prefix)
        assert run is not None
        assert run.seq == end - 1
        assert run.received is prefix[0]
        assert list(run.tasks) == [event.task.id for event in prefix if isinstance(event, TaskPlanned)]
        assert [task.id for task in run.plan] == list(run.tasks)
        outcomes: dict[str, Artifact | Failure] = {}
        for event in prefix:
            match event:
                case ArtifactMade(artifact=outcome):
                    outcomes[outcome.task] = outcome
                case TaskFailed(failure=failed):
                    outcomes[failed.task] = failed
        assert {task: record.outcome for task, record in run.tasks.items() if record.outcome} == outcomes
        assert len(run.artifacts) + len(run.failures) == len(outcomes)
        assert run.usage == sum((event.usage for event in prefix if isinstance(event, UsageReported)), Usage())
        ends = {"answer.ready": "done", "run.failed": "failed", "run.cancelled": "cancelled"}
        assert run.ended == (prefix[-1].type in ends)
        if run.ended:
            assert run.state == ends[prefix[-1].type]
            assert run.ended_at == prefix[-1].at


@given(histories(), st.data())
def test_folding_a_start_and_then_the_rest_is_folding_all(events: list[Event], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(events)))
    run = Run.of(events[:cut])
    assert run is not None
    for event in events[cut:]:
        run = run.after(event)
    assert run == Run.of(events)


@given(histories())
def test_folding_leaves_the_run_before_as_it_was(events: list[Event]) -> None:
    run = Run.of(events[:-1])
    if run is not None:
        before = copy.deepcopy(run)
        run.after(events[-1])
        assert run == before


@given(histories())
def test_events_come_back_from_json(events: list[Event]) -> None:
    back = [EVENT.validate_json(EVENT.dump_json(event)) for event in events]
    assert back == events
    assert Run.of(back) == Run.of(events)


@given(histories(), st.data())
def test_an_event_out_of_place_does_not_fold(events: list[Event], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(events) - 1))
    if gone < len(events) - 1:
        with pytest.raises(ValueError):
            Run.of(events[:gone] + events[gone + 1 :])
    with pytest.raises(ValueError):
        Run.of([*events, events[gone]])


@given(histories())
def test_fields_that_a_newer_version_added_are_dropped(events: list[Event]) -> None:
    for event in events:
        assert EVENT.validate_python({**event.model_dump(mode="json"), "added-later": {"by": "nobody"}}) == event


def stored() -> list[Event]:
    return [EVENT.validate_json(line) for line in STORED.read_text(encoding="utf-8").splitlines()]


def test_events_stored_by_the_first_version_still_replay() -> None:
    events = stored()
    assert sorted({event.type for event in events}) == TYPES, (
        "add a line for a new event; never change one that is there"
    )
    by_run: dict[str, list[Event]] = {}
    for event in events:
        by_run.setdefault(event.run, []).append(event)
    runs = {name: Run.of(its) for name, its in by_run.items()}
    assert {name: run.state for name, run in runs.items() if run} == {
        "20260801-answered": "done",
        "20260801-failed": "failed",
        "20260801-cancelled": "cancelled",
    }
    answered = runs["20260801-answered"]
    assert answered is not None and answered.answer is not None
    assert {task: record.state for task, record in answered.tasks.items()} == {
        "read": "done",
        "total": "done",
        "say": "failed",
        "edges": "done",
        "draw": "skipped",
    }
    assert answered.tasks[answered.failures[0].task].choice is not None
    assert answered.answer.text == answered.text == "The total is 12.50."
    assert answered.usage == Usage(calls=3, tokens_in=812, tokens_out=95, cost_usd=0.0021)
    assert [part.type for part in answered.request.attachments] == [
        "image", "audio", "video", "document", "table", "data", "text",
    ]  # fmt: skip


def test_nothing_that_was_stored_is_lost_in_reading_it() -> None:
    for line in STORED.read_text(encoding="utf-8").splitlines():
        old = json.loads(line)
        new = json.loads(EVENT.dump_json(EVENT.validate_json(line)))
        assert contains(new, old), line


def contains(new: object, old: object) -> bool:
    """Whether all of the old is in the new, which may have more fields."""
    match new, old:
        case dict(), dict():
            return all(key in new and contains(new[key], value) for key, value in old.items())
        case list(), list():
            return len(new) == len(old) and all(map(contains, new, old))
        case _:
            return new == old


def test_a_run_begins_with_its_request() -> None:
    first, second = stored()[:2]
    assert isinstance(first, RequestReceived)
    with pytest.raises(ValueError, match="begins with its request"):
        Run.of([second])
