"""From a request to tasks, or to a reply: the offline planner, on one page.

The cues of `phrases.py` come first. A long request, where they tell less, gets a second opinion from the classifier of
`ngrams.py`; where the two differ, the kinds that both together find likely are wired by how kinds are usually linked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hugginggpt.controllers.offline.inputs import Assembly, Missing
from hugginggpt.controllers.offline.ngrams import Classifier, Opinion, best_links, shipped
from hugginggpt.controllers.offline.phrases import ASKS
from hugginggpt.controllers.offline.reading import Clause, Reading, clauses, read
from hugginggpt.controllers.offline.replies import NOT_UNDERSTOOD, lacking, small_talk
from hugginggpt.controllers.offline.steps import Step, steps_of
from hugginggpt.flow.artifact import Part, TaskId
from hugginggpt.flow.kinds import Kind, Kinds, builtin_kinds
from hugginggpt.flow.plan import Task
from hugginggpt.flow.request import Request

LONG_WORDS = 10
"""From here on a request is long: its cues are no longer all there is to it."""
LONG_WORDS_WITHOUT_FILES = 18
"""The same for a request that neither names a file nor has one attached."""
ENOUGH = -0.2
"""The score from which a kind is taken to be asked for (the margin that served best in cross-validation)."""
CUE_COUNTS = 0.3
"""What a cue adds to a score."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Tasks, or a reply if there are none."""

    tasks: tuple[Task, ...] = ()
    reply: str = ""
    understood: bool = True
    missing: tuple[Missing, ...] = field(default=())
    """What a person would have to attach first."""


_KINDS = builtin_kinds()
"""What the planner knows. What is planned is checked against the table that the run goes by, which may hold other kinds."""


def draft(request: Request, table: Kinds, *, classifier: Classifier | None = None) -> Draft:
    """The plan for a request: the same request always gets the same one. `classifier`: another one than ships."""
    kinds = _KINDS
    if reply := small_talk(request.text, attached=bool(request.attachments)):
        return Draft(reply=reply)
    attachments = _at_hand(request)
    reading = read(request.text, asks=ASKS)
    steps = steps_of(reading, {part.type for part in attachments})
    assembly = Assembly(reading, attachments, kinds)
    for step in steps:
        assembly.add(step)
    found = {task.kind for task in assembly.tasks.values()} | {lacks.kind for lacks in assembly.missing}
    if _worth_asking(reading, attachments, found) and (classifier := classifier or shipped()):
        opinion = classifier.opinion(request.text)
        agreed = _agreed(found, opinion, kinds)
        if agreed and agreed != found:
            assembly = _wired(reading, attachments, kinds, agreed, steps, opinion, classifier)
    if assembly.missing:
        lacks = tuple(assembly.missing)
        return Draft(reply=lacking(lacks[0], request.text, _names(attachments)), understood=False, missing=lacks)
    tasks = assembly.checked(table)
    return Draft(tuple(tasks)) if tasks else Draft(reply=NOT_UNDERSTOOD, understood=False)


def _worth_asking(reading: Reading, attachments: Sequence[Part], found: set[Kind]) -> bool:
    """Whether the classifier has something to say: about long requests that describe their files in words.

    It learned from such; "this" with a file attached it has never seen, so there it speaks only where the cues found nothing.
    """
    count = len(reading.words)
    names = _names(attachments)
    named = {name for _, name in reading.files}
    if found and count < LONG_WORDS_WITHOUT_FILES and len(named) > 1 and named <= names:
        return False  # each file is named where its task is spoken of
    if not found or reading.files:
        return count >= LONG_WORDS
    return not attachments and count >= LONG_WORDS_WITHOUT_FILES


RELATED: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("text-classification", "zero-shot-classification", "zero-shot-image-classification", "zero-shot-audio-classification"),
        frozenset({"image-classification", "audio-classification", "tabular-classification", "token-classification"}),
    ),
    **dict.fromkeys(("image-to-video", "image-text-to-video", "video-to-video", "video-classification"),
        frozenset({"text-to-video"})),
    **dict.fromkeys(
        ("zero-shot-object-detection", "keypoint-detection", "mask-generation"),
        frozenset({"object-detection", "image-segmentation"})
    ),
    **dict.fromkeys(
        ("canny-control", "hed-control", "mlsd-control", "normal-control",
         "openpose-control", "scribble-control", "midas-control"),
        frozenset({"depth-estimation", "image-to-image", "image-segmentation"}),
    ),
    **dict.fromkeys(
        ("canny-text-to-image", "depth-text-to-image", "hed-text-to-image", "mlsd-text-to-image", "normal-text-to-image",
         "openpose-text-to-image", "scribble-text-to-image", "seg-text-to-image"),
        frozenset({"text-to-image", "image-to-image", "image-text-to-image"}),
    ),
    "text-to-audio": frozenset({"text-to-speech"}),
    "image-text-to-text": frozenset({"image-to-text", "text-generation"}),
    "table-to-text": frozenset({"tabular-classification", "image-to-text"}),
}  # fmt: skip
"""Kinds that the classifier does not know, each with those that it knows for something like it: where it finds one of
these likely, the cue was taken for its neighbour."""


def _agreed(found: set[Kind], opinion: Opinion, kinds: Kinds) -> set[Kind]:
    """The kinds that cues and classifier together find likely; those that the classifier does not know stay as found."""
    likely = {
        kind
        for kind, score in opinion.scores.items()
        if kind in kinds and score + CUE_COUNTS * (kind in found) > ENOUGH
    }
    unknown = {kind for kind in found if kind not in opinion.scores}
    return likely | {kind for kind in unknown if not RELATED.get(kind, frozenset()) & likely}


def _wired(
    reading: Reading,
    attachments: Sequence[Part],
    kinds: Kinds,
    wanted: set[Kind],
    steps: Sequence[Step],
    opinion: Opinion,
    classifier: Classifier,
) -> Assembly:
    """Tasks of these kinds, linked the likeliest way that their media allow."""
    places = {kind: opinion.places.get(kind, 1.0) for kind in wanted}
    nodes = sorted(wanted, key=lambda kind: (places[kind], kind))
    possible = _possible(nodes, kinds, places, classifier)
    links = best_links(nodes, possible)
    assembly = Assembly(reading, attachments, kinds)
    made: dict[Kind, TaskId] = {}
    parts = list(clauses(reading.ask)) or [Clause(0, len(reading.ask))]
    waiting = list(nodes)
    while waiting:
        kind = next(kind for kind in waiting if all(one not in waiting for one, other in links if other == kind))
        waiting.remove(kind)
        around = _around(kind, places[kind], parts, steps, reading)
        sources = [made[one] for one, other in links if other == kind and one in made]
        if not sources and not assembly.holds(kind):
            feeders = sorted(made, key=lambda one: possible.get((one, kind), -9.0))
            sources = [made[one] for one in feeders[-1:] if (one, kind) in possible]
        if kind == "sentence-similarity" and not sources:
            sources = list(made.values())[-2:]
        if task := assembly.place(kind, sources, around):
            made[kind] = task
    return assembly


def _possible(
    nodes: Sequence[Kind], kinds: Kinds, places: Mapping[Kind, float], classifier: Classifier
) -> dict[tuple[Kind, Kind], float]:
    return {
        (one, other): classifier.link(one, other, places)
        for one in nodes
        for other in nodes
        if one != other and fits(one, other, kinds)
    }


def fits(one: Kind, other: Kind, kinds: Kinds) -> bool:
    """Whether the one makes something that the other takes."""
    takes = {medium for slot in kinds[other].inputs.values() for medium in slot.media}
    return bool((set(kinds[one].outputs) - {"data"}) & takes)


def _around(kind: Kind, place: float, parts: Sequence[Clause], steps: Sequence[Step], reading: Reading) -> Step:
    """The step whose words fill the other slots of a task: of its own kind, or the clause where it is spoken of."""
    spot = place * len(reading.ask)
    clause = min(parts, key=lambda clause: abs((clause.start + clause.end) / 2 - spot))
    same = [step for step in steps if step.act in {"ask", "ask-page"}] if kind.endswith("question-answering") else []
    if same:
        return min(same, key=lambda step: abs(step.start - spot))
    questions = [given.text for given in reading.given if given.question]
    asked = Step("", clause.start, clause.start, clause, question=questions[0] if questions else "")
    return (
        replace(asked, target=next((step.target for step in steps if step.target), ""))
        if kind == "translation"
        else asked
    )


def _names(parts: Sequence[Part]) -> set[str]:
    return {getattr(part, "name", "").lower() for part in parts}


def _at_hand(request: Request) -> tuple[Part, ...]:
    """What is attached; else what was attached to, or made in, the latest turn that had anything."""
    if request.attachments:
        return request.attachments
    return next((turn.parts for turn in reversed(request.history) if turn.parts), ())
