"""The kinds of task: what each takes and gives. Adding a kind is adding a row to `SIGNATURES`.

Names are the Hub's pipeline tags and, for the control family, the names of the HuggingGPT paper's implementation.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import NewType

from hugginggpt.flow.artifact import Frozen, Media

Kind = NewType("Kind", str)


class Slot(Frozen):
    """One input of a kind."""

    media: tuple[Media, ...]
    """What may stand here."""
    required: bool = True
    many: bool = False
    """Whether several values stay apart. Texts in a slot that is not `many` are joined."""


class Signature(Frozen):
    """What a kind of task takes and gives."""

    kind: Kind
    summary: str
    inputs: dict[str, Slot]
    outputs: tuple[Media, ...]
    """The media of what it makes, the main one first; a `Ref` names one of them."""


class Kinds(Mapping[Kind, Signature]):
    """The table of kinds: a value that settings build from ours and the user's own."""

    def __init__(self, signatures: Iterable[Signature], aliases: Mapping[str, str] | None = None) -> None:
        self._table = {signature.kind: signature for signature in signatures}
        self.aliases = {alias: Kind(kind) for alias, kind in (aliases or {}).items()}
        for alias, kind in self.aliases.items():
            if kind not in self._table or alias in self._table:
                raise ValueError(f"alias {alias!r} of {kind!r} is no alias of a kind")

    def __getitem__(self, kind: Kind) -> Signature:
        """The signature of a kind by its own name."""
        return self._table[kind]

    def __iter__(self) -> Iterator[Kind]:
        """The kinds, in the table's order."""
        return iter(self._table)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._table)

    def find(self, name: str) -> Signature | None:
        """The signature for a name as people write it: any case, spaces or underscores for hyphens, retired names too."""
        key = "-".join(name.casefold().replace("_", " ").replace("-", " ").split())
        return self._table.get(self.aliases.get(key, Kind(key)))

    def like(self, name: str) -> list[Kind]:
        """Kinds whose name or alias resembles this one, nearest first; for "did you mean"."""
        close = difflib.get_close_matches(name.casefold(), [*self._table, *self.aliases], n=3, cutoff=0.5)
        return list(dict.fromkeys(self.aliases.get(match, Kind(match)) for match in close))


def _slot(spec: str) -> Slot:
    """A slot from its short form: media separated by `|`, then `?` if it may be empty, `*` if values stay apart."""
    bare = spec.rstrip("?*")
    media = {"text": "text|document"}.get(bare, bare)
    return Slot.model_validate({"media": media.split("|"), "required": "?" not in spec, "many": "*" in spec})


def _row(kind: str, inputs: dict[str, str], outputs: str, summary: str) -> Signature:
    slots = {name: _slot(spec) for name, spec in inputs.items()}
    return Signature.model_validate({"kind": kind, "summary": summary, "inputs": slots, "outputs": outputs.split()})


_TEXT = {"text": "text"}
_IMAGE = {"image": "image"}
_AUDIO = {"audio": "audio"}
_PAGE = {"image": "image|document"}
_CONTROLLED = {"image": "image", "prompt": "text?"}

SIGNATURES: tuple[Signature, ...] = (
    # text
    _row("text-classification", _TEXT, "text data", "Label a text: sentiment, language, topic."),
    _row("token-classification", _TEXT, "text data", "Find names, dates, places and amounts, or parts of speech."),
    _row(
        "zero-shot-classification", {"text": "text", "labels": "text*"}, "text data", "Sort a text under given labels."
    ),
    _row("question-answering", {"question": "text", "context": "text?"}, "text data", "Answer a question from a text."),
    _row(
        "table-question-answering",
        {"question": "text", "table": "table|document"},
        "text data",
        "Answer a question from a table.",
    ),
    _row(
        "summarization", {"text": "text", "instruction": "text?"}, "text", "Make a text shorter, keeping what matters."
    ),
    _row("translation", {"text": "text", "target": "text?"}, "text", "Say a text in another language."),
    _row("text-generation", {"text": "text"}, "text", "Write, continue or rephrase a text."),
    _row("conversational", {"text": "text"}, "text", "Answer in a conversation."),
    _row("fill-mask", _TEXT, "text data", "Fill the gap in a sentence."),
    _row("feature-extraction", _TEXT, "data", "Turn a text into a vector."),
    _row(
        "sentence-similarity",
        {"source": "text", "sentences": "text*"},
        "text data",
        "Say how alike texts are in meaning.",
    ),
    _row("text-ranking", {"query": "text", "texts": "text*"}, "text data", "Order texts by how well they fit a query."),
    _row("text-retrieval", {"query": "text", "texts": "text*?"}, "text data", "Find the texts that fit a query."),
    _row(
        "multiple-choice", {"question": "text", "choices": "text*"}, "text data", "Pick the right one of given answers."
    ),
    # tables
    _row(
        "tabular-classification",
        {"table": "table|document|image", "target": "text?"},
        "text data table",
        "Label the rows of a table.",
    ),
    _row(
        "tabular-regression", {"table": "table", "target": "text?"}, "text data table", "Predict a number for each row."
    ),
    _row("tabular-to-text", {"table": "table"}, "text", "Describe a table of records in words."),
    _row("table-to-text", {"table": "table"}, "text", "Put a table into words."),
    _row("time-series-forecasting", {"table": "table"}, "table data", "Continue a series of numbers."),
    # images
    _row("image-to-text", _PAGE, "text data", "Read the text in a picture, or describe it."),
    _row("image-classification", _IMAGE, "text data", "Say what a picture as a whole shows."),
    _row("object-detection", _IMAGE, "image text data", "Find things in a picture and box them."),
    _row("image-segmentation", _IMAGE, "image data", "Cut a picture into its things, or out of its background."),
    _row("depth-estimation", _IMAGE, "image", "Say how far away each point of a picture is."),
    _row("image-to-image", {"image": "image", "prompt": "text?"}, "image", "Turn a picture into another picture."),
    _row("image-text-to-image", {"image": "image", "prompt": "text"}, "image", "Edit a picture as a text says."),
    _row("image-feature-extraction", _IMAGE, "data", "Turn a picture into a vector."),
    _row("keypoint-detection", _IMAGE, "image data", "Find the landmarks of a picture."),
    _row("keypoint-matching", {"images": "image*"}, "image data", "Match the landmarks of two pictures."),
    _row("mask-generation", _IMAGE, "image data", "Outline everything in a picture."),
    _row(
        "zero-shot-image-classification",
        {"image": "image", "labels": "text*"},
        "text data",
        "Sort a picture under given labels.",
    ),
    _row(
        "zero-shot-object-detection",
        {"image": "image", "labels": "text*"},
        "image text data",
        "Find named things in a picture.",
    ),
    _row(
        "visual-question-answering",
        {"image": "image", "question": "text"},
        "text data",
        "Answer a question about a picture.",
    ),
    _row(
        "document-question-answering",
        {"image": "image|document", "question": "text"},
        "text data",
        "Answer a question from a page: a receipt, a form, a scan.",
    ),
    _row(
        "visual-document-retrieval",
        {"query": "text", "pages": "image|document*"},
        "text data",
        "Find the pages that fit a query.",
    ),
    _row(
        "image-text-to-text",
        {"image": "image|document*", "text": "text"},
        "text",
        "Write about pictures as a text asks.",
    ),
    # images from words
    _row("text-to-image", {"prompt": "text"}, "image", "Draw a picture from words."),
    _row("unconditional-image-generation", {}, "image", "Make a picture out of nothing."),
    _row("text-to-3d", {"prompt": "text"}, "data", "Make a 3D shape from words."),
    _row("image-to-3d", _IMAGE, "data", "Make a 3D shape from a picture."),
    # video
    _row("text-to-video", {"prompt": "text"}, "video", "Make a video from words."),
    _row("image-to-video", {"image": "image", "prompt": "text?"}, "video", "Bring a picture to life."),
    _row(
        "image-text-to-video", {"image": "image", "prompt": "text"}, "video", "Make a video from a picture and words."
    ),
    _row("video-classification", {"video": "video"}, "text data", "Say what a video shows."),
    _row("video-text-to-text", {"video": "video", "text": "text"}, "text", "Answer about a video."),
    _row("video-to-video", {"video": "video", "prompt": "text?"}, "video", "Turn a video into another video."),
    # audio
    _row("automatic-speech-recognition", {"audio": "audio|video"}, "text data", "Write down what is said."),
    _row("text-to-speech", _TEXT, "audio", "Read a text aloud."),
    _row("text-to-audio", {"prompt": "text"}, "audio", "Make sounds or music from words."),
    _row("audio-to-audio", _AUDIO, "audio", "Clean, separate or change sound."),
    _row("audio-classification", _AUDIO, "text data", "Say what kind of sound it is."),
    _row(
        "zero-shot-audio-classification",
        {"audio": "audio", "labels": "text*"},
        "text data",
        "Sort a sound under given labels.",
    ),
    _row("voice-activity-detection", _AUDIO, "text data", "Find where somebody speaks."),
    _row("audio-text-to-text", {"audio": "audio", "text": "text"}, "text", "Answer about a sound."),
    _row(
        "any-to-any",
        {"text": "text?", "image": "image*?", "audio": "audio*?", "video": "video*?"},
        "text image audio",
        "Take anything, give anything.",
    ),
    # the control family: a picture to a control picture ...
    _row("canny-control", _IMAGE, "image", "Draw the edges of a picture."),
    _row("hed-control", _IMAGE, "image", "Draw the soft edges of a picture."),
    _row("mlsd-control", _IMAGE, "image", "Draw the straight lines of a picture."),
    _row("normal-control", _IMAGE, "image", "Draw which way each surface of a picture faces."),
    _row("openpose-control", _IMAGE, "image", "Draw the poses of the people in a picture."),
    _row("scribble-control", _IMAGE, "image", "Turn a picture into a scribble."),
    _row("midas-control", _IMAGE, "image", "Draw the depth of a picture, as a control picture."),
    # ... and a control picture to a new one
    _row("canny-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps given edges."),
    _row("depth-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps a given depth."),
    _row("hed-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps given soft edges."),
    _row("mlsd-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps given straight lines."),
    _row("normal-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps given surfaces."),
    _row("openpose-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps given poses."),
    _row("scribble-text-to-image", _CONTROLLED, "image", "Draw a picture from a scribble."),
    _row("seg-text-to-image", _CONTROLLED, "image", "Draw a picture that keeps a given layout."),
)

ALIASES: dict[str, str] = {
    # retired or renamed on the Hub, or another library's name for it
    "text2text-generation": "text-generation",
    "chat": "conversational",
    "chat-completion": "conversational",
    "sentiment-analysis": "text-classification",
    "ner": "token-classification",
    "named-entity-recognition": "token-classification",
    "summarisation": "summarization",
    "qa": "question-answering",
    "vqa": "visual-question-answering",
    "docvqa": "document-question-answering",
    "image-captioning": "image-to-text",
    "ocr": "image-to-text",
    "asr": "automatic-speech-recognition",
    "speech-to-text": "automatic-speech-recognition",
    "speech-recognition": "automatic-speech-recognition",
    "tts": "text-to-speech",
    "speech-synthesis": "text-to-speech",
    "text-to-music": "text-to-audio",
    "image-editing": "image-text-to-image",
    "inpainting": "image-text-to-image",
    "tabular-question-answering": "table-question-answering",
    "text-reranking": "text-ranking",
    # original names whose control picture is another kind's work
    "seg-control": "image-segmentation",
    "depth-control": "depth-estimation",
    "midas-text-to-image": "depth-text-to-image",
}


def builtin_kinds() -> Kinds:
    """Our own table."""
    return Kinds(SIGNATURES, ALIASES)
