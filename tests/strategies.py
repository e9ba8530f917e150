"""Random tasks, parts and runs for the property tests."""

import datetime as dt
from collections.abc import Callable
from typing import Any, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from hugginggpt.flow.answer import Answer, Usage
from hugginggpt.flow.artifact import (
    Artifact,
    Audio,
    Blob,
    Data,
    Document,
    Failure,
    Image,
    Media,
    ModelId,
    Part,
    Table,
    TaskId,
    Text,
    Video,
)
from hugginggpt.flow.choice import Choice, RunnerUp
from hugginggpt.flow.event import (
    AnswerBegun,
    AnswerDelta,
    AnswerReady,
    ArtifactMade,
    Event,
    ModelChosen,
    PlanMade,
    RequestReceived,
    RunCancelled,
    RunFailed,
    RunId,
    TaskDropped,
    TaskFailed,
    TaskPlanned,
    TaskProgress,
    TaskStarted,
    UsageReported,
)
from hugginggpt.flow.kinds import Kind, builtin_kinds
from hugginggpt.flow.plan import Ref, Task, Value
from hugginggpt.flow.request import ConversationId, Owner, Request, Turn

# No clock in these tests: a machine that is busy with something else is no reason to fail.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

KINDS = builtin_kinds()
MEDIA: tuple[Media, ...] = get_args(Media)
BLOB = Blob(sha256="0" * 64, media_type="application/octet-stream", size_bytes=1)
PARTS: dict[Media, Part] = {
    "text": Text(text="words"),
    "image": Image(blob=BLOB, width_px=1, height_px=1),
    "audio": Audio(blob=BLOB, duration_s=1.0, sample_rate_hz=16000),
    "video": Video(blob=BLOB),
    "document": Document(blob=BLOB),
    "table": Table(blob=BLOB),
    "data": Data(value={"label": "cat"}),
}
"""A part of each medium."""

words = st.text(max_size=20)
ids = st.sampled_from("abcdef").map(TaskId)
media = st.sampled_from(MEDIA)
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
blobs = st.builds(
    Blob,
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    media_type=st.sampled_from(["image/png", "audio/wav", "text/csv"]),
    size_bytes=st.integers(0, 2**40),
)
sizes = st.integers(1, 10**5)
seconds = st.floats(0, 1e6)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, text=words, name=words),
    st.builds(Data, value=json_values, name=words),
    st.builds(Image, blob=blobs, width_px=sizes, height_px=sizes, name=words),
    st.builds(Audio, blob=blobs, duration_s=seconds, sample_rate_hz=sizes, channels=st.integers(1, 8)),
    st.builds(Video, blob=blobs, duration_s=st.none() | seconds, width_px=st.none() | sizes),
    st.builds(Document, blob=blobs, pages=st.none() | sizes),
    st.builds(Table, blob=blobs, columns=st.lists(words, max_size=3).map(tuple), rows=st.none() | sizes),
)
times = st.datetimes(
    dt.datetime(2000, 1, 1),
    dt.datetime(2100, 1, 1),
    timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))]),
)
usages = st.builds(
    Usage,
    calls=st.integers(0, 9),
    tokens_in=st.integers(0, 10**6),
    tokens_out=st.integers(0, 10**6),
    cost_usd=st.none() | st.integers(0, 64).map(lambda n: n / 64),
)
requests = st.builds(
    Request,
    text=words,
    attachments=st.lists(parts, max_size=2).map(tuple),
    history=st.lists(st.builds(Turn, request=words, answer=words), max_size=1).map(tuple),
    conversation=st.none() | words.map(ConversationId),
    owner=st.none() | words.map(Owner),
)


@st.composite
def task_lists(draw: st.DrawFn) -> list[Task]:
    """Tasks that mostly fit and may be wrong in any way: each wrong thing is rare, so that whole plans are right quite often."""

    def rarely() -> bool:
        return draw(st.integers(0, 24)) == 24

    tasks: list[Task] = []
    for number in range(draw(st.integers(0, 5))):
        kind = Kind("no-such-kind") if rarely() else draw(st.sampled_from(list(KINDS)))
        signature = KINDS.get(kind)
        inputs: dict[str, tuple[Value, ...]] = {}
        for name, slot in signature.inputs.items() if signature else ():
            least = 0 if not slot.required or rarely() else 1
            most = 3 if slot.many or rarely() else 1
            fitting: list[Value] = [
                Ref(task=earlier.id, output=output)
                for earlier in tasks
                for output in MEDIA
                if output in slot.media and (made := KINDS.get(earlier.kind)) and output in made.outputs
            ]
            fitting += [PARTS[medium] for medium in slot.media]
            wrong: st.SearchStrategy[Value] = st.builds(Ref, task=ids, output=media) | media.map(PARTS.__getitem__)
            values = [
                draw(wrong if rarely() else st.sampled_from(fitting)) for _ in range(draw(st.integers(least, most)))
            ]
            if draw(st.booleans()) or values:
                inputs[name] = tuple(values)
        if rarely():
            inputs["stray"] = (PARTS["text"],)
        tasks.append(Task(id=draw(ids) if rarely() else TaskId("abcdef"[number]), kind=kind, inputs=inputs))
    return tasks


@st.composite
def histories(draw: st.DrawFn, run: RunId = RunId("r")) -> list[Event]:
    """The events of a run as an engine may tell them, complete or cut off anywhere, second attempts included."""
    events: list[Event] = []

    def happens(of: Callable[..., Event], **fields: Any) -> None:
        events.append(of(run=run, seq=len(events), at=draw(times), **fields))

    happens(
        RequestReceived,
        request=draw(requests),
        controller=draw(words),
        models=draw(st.dictionaries(words, words.map(ModelId), max_size=2)),
        deadline_s=draw(st.none() | seconds),
    )
    unsettled: set[TaskId] = set()
    planned: list[TaskId] = []
    complete = False
    for _ in range(draw(st.integers(0, 15))):
        steps = ["usage", "drop"]
        if not complete:
            steps += ["plan"] * 4 + ["plan made"]
        if unsettled:
            steps += ["choose", "start", "progress", "artifact", "fail"] * 2
        match draw(st.sampled_from(steps)):
            case "usage":
                happens(UsageReported, usage=draw(usages))
            case "drop":
                happens(TaskDropped, task=draw(words), reason=draw(words))
            case "plan":
                task = Task(
                    id=TaskId(f"t{len(planned)}"),
                    kind=Kind(draw(words)),
                    inputs={
                        draw(words): tuple(
                            draw(
                                st.lists(
                                    parts | st.builds(Ref, task=st.sampled_from(planned), output=media)
                                    if planned
                                    else parts,
                                    max_size=2,
                                )
                            )
                        )
                    },
                )
                planned.append(task.id)
                unsettled.add(task.id)
                happens(TaskPlanned, task=task)
            case "plan made":
                complete = True
                happens(PlanMade)
            case step:
                task_id = draw(st.sampled_from(sorted(unsettled)))
                _task_happens(draw, happens, step, task_id)
                if step in ("artifact", "fail"):
                    unsettled.remove(task_id)
    if complete and not unsettled:
        for _ in range(draw(st.integers(0, 2))):
            happens(AnswerBegun, controller=draw(words))
            for _ in range(draw(st.integers(0, 3))):
                happens(AnswerDelta, text=draw(words))
    match draw(st.sampled_from(["", "answer", "failed", "cancelled"])):
        case "answer":
            happens(AnswerReady, answer=draw(st.builds(Answer, text=words, usage=usages)))
        case "failed":
            happens(RunFailed, code=draw(words), message=draw(words), cure=draw(words))
        case "cancelled":
            happens(RunCancelled)
    return events


def _task_happens(draw: st.DrawFn, happens: Callable[..., None], step: str, task: TaskId) -> None:
    model, backend = ModelId(draw(words)), draw(words)
    match step:
        case "choose":
            runners_up = draw(st.lists(st.builds(RunnerUp, model=words.map(ModelId), backend=words), max_size=2))
            choice = Choice(task=task, model=model, backend=backend, reason=draw(words), runners_up=tuple(runners_up))
            happens(ModelChosen, choice=choice)
        case "start":
            happens(TaskStarted, task=task, model=model, backend=backend)
        case "progress":
            happens(TaskProgress, task=task, fraction=draw(st.none() | st.floats(0, 1)), note=draw(words))
        case "artifact":
            made = tuple(draw(st.lists(parts, max_size=3)))
            artifact = Artifact(task=task, parts=made, model=model, backend=backend, elapsed_s=draw(seconds))
            happens(ArtifactMade, artifact=artifact)
        case "fail":
            code = draw(st.sampled_from(["backend", "skipped", "no-model"]))
            failure = Failure(task=task, code=code, message=draw(words), retryable=draw(st.booleans()))
            happens(TaskFailed, failure=failure)
        case other:
            raise AssertionError(other)
