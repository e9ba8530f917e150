"""A plan constructs only if references point back, and is checked only if everything fits."""

from collections.abc import Sequence

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from hugginggpt.flow.artifact import Media, TaskId
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Plan, Ref, Task, Value
from tests.strategies import KINDS, PARTS, task_lists

# What any kind takes here is read off its row by hand, so that this oracle shares no line with `faults`.
TAKES = {
    kind: {name: (set(slot.media), slot.required, slot.many) for name, slot in signature.inputs.items()}
    for kind, signature in KINDS.items()
}
MAKES = {kind: set(signature.outputs) for kind, signature in KINDS.items()}


def medium(value: Value) -> Media:
    return value.output if isinstance(value, Ref) else value.type


def points_back(tasks: Sequence[Task]) -> bool:
    names = [task.id for task in tasks]
    return len(set(names)) == len(names) and all(
        value.task in names[:place]
        for place, task in enumerate(tasks)
        for values in task.inputs.values()
        for value in values
        if isinstance(value, Ref)
    )


def fits(tasks: Sequence[Task]) -> bool:
    if not points_back(tasks) or not all(task.kind in TAKES for task in tasks):
        return False
    kind_of = {task.id: task.kind for task in tasks}
    for task in tasks:
        slots = TAKES[task.kind]
        if not set(task.inputs) <= set(slots):
            return False
        for name, (takes, required, many) in slots.items():
            values = task.inputs.get(name, ())
            if required and len(values) == 0:
                return False
            if len(values) >= 2 and not many and {medium(value) for value in values} != {"text"}:
                return False
            if not {medium(value) for value in values} <= takes:
                return False
            if any(isinstance(value, Ref) and value.output not in MAKES[kind_of[value.task]] for value in values):
                return False
    return True


def constructs(tasks: Sequence[Task]) -> bool:
    try:
        Plan(tasks=tuple(tasks))
    except ValueError:
        return False
    return True


def checks(tasks: Sequence[Task]) -> bool:
    try:
        plan = Plan.checked(tasks, KINDS)
    except ValueError:
        return False
    assert plan.tasks == tuple(tasks)
    return True


@given(task_lists())
def test_a_plan_is_checked_exactly_if_every_task_fits(tasks: list[Task]) -> None:
    event(f"{len(tasks)} tasks, fits: {fits(tasks)}")
    assert checks(tasks) == fits(tasks)


@given(task_lists())
def test_a_plan_constructs_exactly_if_every_reference_points_back(tasks: list[Task]) -> None:
    assert constructs(tasks) == points_back(tasks)


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 5), max_size=3)), max_size=6))
def test_no_cycle_constructs(edges: list[tuple[int, list[int]]]) -> None:
    tasks = [
        Task(
            id=TaskId(str(name)),
            kind=Kind("text-generation"),
            inputs={"text": tuple(Ref(task=TaskId(str(need)), output="text") for need in needs) or (PARTS["text"],)},
        )
        for name, needs in edges
    ]
    if constructs(tasks):
        needs = {task.id: set(task.needs) for task in tasks}
        while needs:  # take away what needs nothing, again and again: a cycle would stay
            free = {name for name, left in needs.items() if not left}
            assert free, f"a cycle among {sorted(needs)}"
            needs = {name: left - free for name, left in needs.items() if name not in free}


@given(task_lists())
def test_a_plan_comes_back_from_json(tasks: list[Task]) -> None:
    if constructs(tasks):
        plan = Plan(tasks=tuple(tasks))
        assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_any_start_of_a_checked_plan_is_a_checked_plan() -> None:
    tasks = [
        Task(id=TaskId("read"), kind=Kind("image-to-text"), inputs={"image": (PARTS["image"],)}),
        Task(
            id=TaskId("ask"),
            kind=Kind("question-answering"),
            inputs={"question": (PARTS["text"],), "context": (Ref(task=TaskId("read"), output="text"),)},
        ),
        Task(
            id=TaskId("say"),
            kind=Kind("text-to-speech"),
            inputs={"text": (PARTS["text"], Ref(task=TaskId("ask"), output="text"))},
        ),
    ]
    assert all(checks(tasks[:end]) for end in range(len(tasks) + 1))
    assert Plan.checked(tasks, KINDS).tasks[2].needs == {"ask"}


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (Task(id=TaskId("a"), kind=Kind("sumarization")), "did you mean 'summarization'"),
        (Task(id=TaskId("a"), kind=Kind("summarization")), "'summarization' needs 'text': text or document"),
        (
            Task(id=TaskId("a"), kind=Kind("text-to-speech"), inputs={"text": (PARTS["image"],)}),
            "'text' of 'text-to-speech' takes text or document, not image",
        ),
        (
            Task(id=TaskId("a"), kind=Kind("text-to-speech"), inputs={"text": (Ref(task=TaskId("b"), output="text"),)}),
            "'b' is no earlier task",
        ),
        (
            Task(id=TaskId("a"), kind=Kind("canny-control"), inputs={"image": (PARTS["image"], PARTS["image"])}),
            "'canny-control' takes one 'image', not 2",
        ),
        (
            Task(id=TaskId("a"), kind=Kind("canny-control"), inputs={"image": (PARTS["image"],), "soft": ()}),
            "'canny-control' takes no input 'soft'; it takes image",
        ),
    ],
)
def test_what_does_not_fit_is_said(task: Task, says: str) -> None:
    with pytest.raises(ValueError) as raised:
        Plan.checked([task], KINDS)
    assert says in str(raised.value)
