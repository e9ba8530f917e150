"""The answer from templates: what was understood, what was made by whom, what failed and what to do about it.

What a model wrote is shown indented, as it is, and never as part of our own sentences: no mark-up in it comes to life.
"""

import json
import re
from collections.abc import Iterator, Sequence

from hugginggpt.flow.artifact import Artifact, Audio, Data, Document, Failure, Image, Part, Table, TaskId, Text, Video
from hugginggpt.flow.kinds import builtin_kinds
from hugginggpt.flow.plan import Ref, Task
from hugginggpt.flow.run import Run, TaskRecord

LONGEST_RESULT = 6_000
"""Characters of a result that are shown; the rest is in the artifact."""
LONGEST_STEP = 600
"""The same for what was only made on the way."""

SPEAKING = "text-to-speech"

DOING: dict[str, tuple[str, str]] = {
    # kind: what is done, and what comes of it
    "image-to-text": ("read the picture", "What the picture says"),
    "automatic-speech-recognition": ("write down what is said", "What is said"),
    "text-to-speech": ("read the text aloud", "Read aloud"),
    "summarization": ("summarise", "Summary"),
    "translation": ("translate", "Translation"),
    "text-classification": ("say what the text is like", "What the text is like"),
    "question-answering": ("answer the question from the text", "Answer"),
    "document-question-answering": ("answer the question from the page", "Answer"),
    "visual-question-answering": ("answer the question about the picture", "Answer"),
    "table-question-answering": ("answer the question from the table", "Answer"),
    "canny-control": ("draw the edges of the picture", "Edges"),
    "text-to-image": ("draw a picture", "Picture"),
    "text-to-video": ("make a video", "Video"),
    "text-to-audio": ("make a sound", "Sound"),
    "text-generation": ("write a text", "Text"),
    "conversational": ("answer in conversation", "Answer"),
    "token-classification": ("find the names in the text", "Names"),
    "object-detection": ("find the objects in the picture", "Objects"),
    "image-classification": ("say what the picture shows", "Class"),
    "image-segmentation": ("cut the picture into its parts", "Segments"),
    "depth-estimation": ("estimate the depth of the picture", "Depth"),
    "image-to-image": ("turn the picture into another", "Picture"),
    "image-text-to-image": ("edit the picture", "Picture"),
    "audio-to-audio": ("clean the sound", "Sound"),
    "audio-classification": ("say what kind of sound it is", "Sound"),
    "sentence-similarity": ("compare the texts", "Similarity"),
    "fill-mask": ("fill the gap", "Filled in"),
    "zero-shot-classification": ("sort the text under the labels", "Label"),
}
"""How a kind is spoken of; others are spoken of by the summary in the table of kinds."""


def pieces(run: Run) -> Iterator[str]:
    """The answer in a few pieces that follow one another: what came of it, what did not, and how it was done."""
    records = list(run.tasks.values())
    if not records:
        yield "Nothing was planned, so there is nothing to report.\n"
        return
    made = [record for record in records if isinstance(record.outcome, Artifact)]
    # What nobody went on with is what was asked for, and what was only read aloud is too; what was made on the way comes
    # after it, in brief.
    consumed = {need for record in records if record.task.kind != SPEAKING for need in record.task.needs}
    last = {record.task.id for record in made if record.task.id not in consumed}
    # ... but where all that it led to failed, it is the best there is.
    results = [r for r in made if r.task.id in last or not _leads_to(r.task.id, last, records)]
    for number, record in enumerate(results):
        yield ("\n" if number else "") + _shown_under(record, run, LONGEST_RESULT)
    failed = [record for record in records if isinstance(record.outcome, Failure)]
    if failed:
        yield ("\n" if results else "") + "Not done:\n" + "".join(_failure(record) for record in failed)
    if on_the_way := [record for record in made if record not in results]:
        yield "\nOn the way:\n" + "".join("\n" + _shown_under(record, run, LONGEST_STEP) for record in on_the_way)
    unsettled = [record for record in records if record.outcome is None]
    if unsettled:
        yield "\nNot finished: " + ", ".join(_doing(record.task) for record in unsettled) + ".\n"
    by = "".join(
        f"- {_doing(record.task)}: {_by(record.outcome)}\n" for record in made if isinstance(record.outcome, Artifact)
    )
    yield f"\nI understood: {_plan([record.task for record in records])}.\n" + (f"Done by\n{by}" if by else "")


def _leads_to(task: TaskId, made: set[TaskId], records: Sequence[TaskRecord]) -> bool:
    reached, found = {task}, False
    for record in records:  # references point backwards, so one pass is enough
        if record.task.needs & reached and record.outcome is not None:
            reached.add(record.task.id)
            found = found or record.task.id in made
    return found


def _plan(tasks: Sequence[Task]) -> str:
    """The plan in a sentence: what follows on each other with "then", what stands beside it with "and also"."""
    chains: list[list[Task]] = []
    for task in tasks:
        chain = next((chain for chain in chains if chain[-1].id in task.needs), None)
        if chain is not None:
            chain.append(task)
        else:
            chains.append([task])
    said = [", then ".join(_doing(task) for task in chain) for chain in chains]
    counted = list(dict.fromkeys(said))
    return "; and also ".join(
        f"{text} ({said.count(text)} times)" if said.count(text) > 1 else text for text in counted
    )


def _doing(task: Task) -> str:
    if task.kind in DOING:
        return DOING[task.kind][0]
    summary = _SUMMARIES.get(task.kind)
    return f"{summary[0].lower()}{summary[1:].rstrip('.')}" if summary else task.kind


_SUMMARIES: dict[str, str] = {signature.kind: signature.summary for signature in builtin_kinds().values()}


def _title(task: Task, run: Run) -> str:
    title = DOING[task.kind][1] if task.kind in DOING else task.kind
    question = next((value.text for value in task.inputs.get("question", ()) if isinstance(value, Text)), "")
    name = _source(task, run)
    about = f' to "{_one_line(question, 160)}"' if question else ""
    return f"{title}{about}" + (f" ({_one_line(name, 60)})" if name else "")


def _source(task: Task, run: Run) -> str:
    """The name of the file that a task works on, at first or second hand."""
    values = [value for values in task.inputs.values() for value in values]
    own = next((value.name for value in values if not isinstance(value, Ref) and value.name), "")
    return own or next((name for ref in task.refs if (name := _source(run.tasks[ref.task].task, run))), "")


def _by(artifact: Artifact) -> str:
    return f"`{artifact.model}`, {artifact.elapsed_s:.1f} s"


def _shown_under(record: TaskRecord, run: Run, most: int) -> str:
    """What a task made, under its title."""
    artifact = record.outcome
    assert isinstance(artifact, Artifact)
    return f"{_title(record.task, run)}:\n\n{_shown(artifact, most)}\n"


def _shown(artifact: Artifact, most: int) -> str:
    text = artifact.text.strip()
    things = [line for part in artifact.parts if (line := _thing(part))]
    if text:
        things.insert(0, _quoted(text, most))
    elif not things:
        data = [part.value for part in artifact.parts if isinstance(part, Data)]
        things.append(
            _quoted(json.dumps(data[0] if len(data) == 1 else data, ensure_ascii=False), min(most, 1_000))
            if data
            else "    (nothing)"
        )
    return "\n".join(things)


def _thing(part: Part) -> str:
    """A file by what it is; where it lies is for the application to say."""
    match part:
        case Image():
            said = f"a picture of {part.width_px} by {part.height_px} pixels"
        case Audio():
            said = f"a sound of {part.duration_s:.1f} seconds"
        case Video():
            said = "a video" + (f" of {part.duration_s:.1f} seconds" if part.duration_s else "")
        case Document():
            said = "a document" + (f" of {part.pages} pages" if part.pages else "")
        case Table():
            said = "a table" + (f" of {part.rows} rows" if part.rows is not None else "")
        case _:
            return ""
    return f"    [{said}]"


def _failure(record: TaskRecord) -> str:
    failure = record.outcome
    assert isinstance(failure, Failure)
    doing, message, cure = _doing(record.task), _one_line(failure.message, 600), _one_line(failure.cure, 400)
    if failure.code == "skipped":
        return f"- {doing}: skipped; {message}\n"
    return f"- {doing}: {message}" + (f"\n  What helps: {cure}\n" if cure else "\n")


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What could steer a terminal or turn the direction of a line."""


def _quoted(text: str, most: int) -> str:
    """A text as it is, each line indented: literal in Markdown and plain to read elsewhere."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    more = len(text) - most
    if more > 0:
        text = text[:most].rstrip()
    lines = [f"    {line}".rstrip() for line in re.split(r"[\n\x0b\x0c\u2028\u2029\u0085]", text)]
    return "\n".join(lines) + (f"\n    [... and {more} characters more]" if more > 0 else "")


def _one_line(text: str, most: int) -> str:
    """A text inside one of our own lines: no line break, nothing that a renderer would follow."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    line = line.replace("](", "] (").replace("<", "‹").replace("`", "'")
    return line if len(line) <= most else f"{line[: most - 3]}..."
