"""What an expert in a worker process sees: its inputs as texts and files, a folder to write into, a way to say how far it is.

An expert is a plain function `(job: Job) -> Sequence[Text | Data | Made]`. It may block, use all of its process, and be
killed at any moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Data, Part, Text


@dataclass(frozen=True, slots=True)
class Made:
    """A file that an expert wrote in its job's folder; what it holds is read off its content."""

    path: Path
    name: str = ""
    """How a person should see it, such as `speech.wav`."""


@dataclass(frozen=True, slots=True)
class Job:
    """One call, as the expert sees it."""

    inputs: Mapping[str, Sequence[Part]]
    """By slot name; a slot without a value is not there."""
    files: Mapping[str, Path]
    """Where the bytes of each blob lie, by sha256; read only."""
    folder: Path
    """An empty folder for what it makes; gone afterwards."""
    progress: Callable[[float | None, str], None] = lambda fraction, note: None
    """Says how far it is: a fraction in 0..1 or None, and a word."""

    def texts(self, slot: str) -> list[str]:
        """The texts of a slot, each on its own."""
        return [part.text for part in self.inputs.get(slot, ()) if isinstance(part, Text)]

    def text(self, slot: str) -> str:
        """The texts of a slot, joined by line breaks.

        Raises:
            InputRefused: there is no word in them.
        """
        text = "\n".join(self.texts(slot))
        if not text.strip():
            files = [part.name or part.type for part in self.inputs.get(slot, ()) if not isinstance(part, Text | Data)]
            raise InputRefused(f"{files[0]} is no plain text" if files else f"the {slot} is empty")
        return text

    def file(self, slot: str) -> Path:
        """The file of the first value of a slot that has one.

        Raises:
            InputRefused: there is none.
        """
        for part in self.inputs.get(slot, ()):
            if not isinstance(part, Text | Data):
                return self.files[part.blob.sha256]
        raise InputRefused(f"there is no file for {slot!r}")


Expert = Callable[[Job], Sequence[Text | Data | Made]]
