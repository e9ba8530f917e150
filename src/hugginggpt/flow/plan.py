"""Tasks that refer to earlier tasks; anything else does not construct."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hugginggpt.flow.artifact import Audio, Data, Document, Frozen, Image, Media, Table, TaskId, Text, Video
from hugginggpt.flow.kinds import Kind, Kinds


class Ref(Frozen):
    """What another task will make: all its parts of one medium."""

    type: Literal["ref"] = "ref"
    task: TaskId
    output: Media


Value = Annotated[Text | Image | Audio | Video | Document | Table | Data | Ref, Field(discriminator="type")]


class Task(Frozen):
    """One step: a kind, and its inputs by name. A dependency *is* a reference; it is written down nowhere else."""

    id: TaskId = Field(min_length=1)
    kind: Kind
    inputs: dict[str, tuple[Value, ...]] = {}

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Its references, in the order of its inputs."""
        return tuple(value for values in self.inputs.values() for value in values if isinstance(value, Ref))

    @property
    def needs(self) -> frozenset[TaskId]:
        """The tasks that must have settled before it can start."""
        return frozenset(ref.task for ref in self.refs)


class Plan(Frozen):
    """Tasks in an order in which every reference points back, so there are no cycles.

    A new plan is made with `Plan.checked`, so that its media fit too. Replaying an old one does not ask the table of kinds, so
    that a kind which is gone does not break history.
    """

    tasks: tuple[Task, ...] = ()

    @model_validator(mode="after")
    def _references_point_back(self) -> Self:
        seen: set[TaskId] = set()
        for task in self.tasks:
            if task.id in seen:
                raise ValueError(f"task {task.id!r} stands twice in the plan")
            if unknown := sorted(task.needs - seen):
                raise ValueError(f"task {task.id!r} refers to {unknown[0]!r}, which is no earlier task")
            seen.add(task.id)
        return self

    @classmethod
    def checked(cls, tasks: Iterable[Task], kinds: Kinds) -> Self:
        """A plan whose every task fits its kind.

        Raises:
            ValueError: with all that is wrong with the first task that does not fit.
        """
        earlier: dict[TaskId, Task] = {}
        for task in tasks:
            if wrong := faults(task, earlier, kinds):
                raise ValueError("; ".join(wrong))
            earlier[task.id] = task
        return cls(tasks=tuple(earlier.values()))

    def __iter__(self) -> Iterator[Task]:  # type: ignore[override]
        """Its tasks, in order."""
        return iter(self.tasks)


def faults(task: Task, earlier: Mapping[TaskId, Task], kinds: Kinds) -> list[str]:
    """All that is wrong with a task that follows earlier ones; nothing if it may start."""
    if task.id in earlier:
        return [f"task {task.id!r} stands twice in the plan"]
    signature = kinds.get(task.kind)
    if signature is None:
        near = ", ".join(map(repr, kinds.like(task.kind)))
        return [f"{task.kind!r} is no kind of task" + (f"; did you mean {near}?" if near else "")]
    wrong = [
        f"{task.kind!r} takes no input {name!r}; it takes {', '.join(signature.inputs) or 'nothing'}"
        for name in task.inputs
        if name not in signature.inputs
    ]
    for name, slot in signature.inputs.items():
        values = task.inputs.get(name, ())
        if slot.required and not values:
            wrong.append(f"{task.kind!r} needs {name!r}: {' or '.join(slot.media)}")
        if len(values) > 1 and not slot.many and any(_media(value) != "text" for value in values):
            wrong.append(f"{task.kind!r} takes one {name!r}, not {len(values)}")
        for value in values:
            if isinstance(value, Ref):
                wrong.extend(_ref_faults(value, earlier, kinds))
            if _media(value) not in slot.media:
                wrong.append(f"{name!r} of {task.kind!r} takes {' or '.join(slot.media)}, not {_media(value)}")
    return wrong


def _media(value: Value) -> Media:
    return value.output if isinstance(value, Ref) else value.type


def _ref_faults(ref: Ref, earlier: Mapping[TaskId, Task], kinds: Kinds) -> Iterator[str]:
    source = earlier.get(ref.task)
    if source is None:
        yield f"{ref.task!r} is no earlier task"
    elif (signature := kinds.get(source.kind)) and ref.output not in signature.outputs:
        yield f"{ref.task!r} is {source.kind!r}, which makes {', '.join(signature.outputs)}, not {ref.output}"
