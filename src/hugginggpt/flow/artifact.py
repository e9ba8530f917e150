"""Parts, and what a task ended in: an `Artifact` or a `Failure`."""

from typing import Annotated, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Media = Literal["text", "image", "audio", "video", "document", "table", "data"]
TaskId = NewType("TaskId", str)
ModelId = NewType("ModelId", str)


class Frozen(BaseModel):
    """The base of everything that travels: immutable; fields unknown to this version are dropped, so that old code can
    read new events."""

    model_config = ConfigDict(frozen=True)


class Blob(Frozen):
    """Bytes kept in the blob store under their sha256; never inside an event."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str
    size_bytes: int = Field(ge=0)


class Text(Frozen):
    """Plain text, carried in the event itself."""

    type: Literal["text"] = "text"
    text: str
    name: str = ""
    """The file it came from, if any."""


class Image(Frozen):
    """A picture. Width and height are as seen, that is after its orientation tag has been honoured."""

    type: Literal["image"] = "image"
    blob: Blob
    width_px: int
    height_px: int
    name: str = ""


class Audio(Frozen):
    """Sound."""

    type: Literal["audio"] = "audio"
    blob: Blob
    duration_s: float
    sample_rate_hz: int
    channels: int = 1
    name: str = ""


class Video(Frozen):
    """Moving pictures, with or without sound."""

    type: Literal["video"] = "video"
    blob: Blob
    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    name: str = ""


class Document(Frozen):
    """A document with pages: PDF and its kin."""

    type: Literal["document"] = "document"
    blob: Blob
    pages: int | None = None
    name: str = ""


class Table(Frozen):
    """Rows under named columns, kept as CSV."""

    type: Literal["table"] = "table"
    blob: Blob
    columns: tuple[str, ...] = ()
    rows: int | None = None
    name: str = ""


class Data(Frozen):
    """Structured results (labels, scores, boxes, spans) as JSON."""

    type: Literal["data"] = "data"
    value: JsonValue
    name: str = ""


Part = Annotated[Text | Image | Audio | Video | Document | Table | Data, Field(discriminator="type")]
"""One piece of content, of one medium; `part.type` is its `Media`."""


class Artifact(Frozen):
    """What a task made."""

    type: Literal["artifact"] = "artifact"
    task: TaskId
    parts: tuple[Part, ...]
    model: ModelId
    backend: str
    elapsed_s: float

    def of(self, media: Media) -> tuple[Part, ...]:
        """Its parts of one medium, in order."""
        return tuple(part for part in self.parts if part.type == media)

    @property
    def text(self) -> str:
        """Its text, parts joined by line breaks; empty if it has none."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))


class Failure(Frozen):
    """Why a task made nothing, and what to do about it."""

    type: Literal["failure"] = "failure"
    task: TaskId
    code: str
    """An error's code (`backend`, `crashed`, `deadline`, `refused`, ...), or `no-model`, or `skipped`."""
    message: str
    cure: str = ""
    retryable: bool = False


Outcome = Annotated[Artifact | Failure, Field(discriminator="type")]
