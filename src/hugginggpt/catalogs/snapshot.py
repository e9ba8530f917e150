"""Models from JSONL files: the one that ships with the package, and the user's own. Offline, and the same every time."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from hugginggpt.errors import SettingsError
from hugginggpt.flow.artifact import ModelId
from hugginggpt.flow.choice import Candidate
from hugginggpt.flow.kinds import Kind


class SnapshotCatalog:
    """The shipped cards, then those of the user's files, each file in its own order: the first of a kind is its best.

    A file has one `Candidate` a line; empty lines and lines that begin with `#` are skipped. A later row for the same model and
    kind takes the place of the earlier one, so that a user's file can correct a shipped card.
    """

    name = "snapshot"

    def __init__(self, *more: Path, shipped: bool = True) -> None:
        self._more = more
        self._shipped = shipped

    async def search(self, kind: Kind, *, text: str = "", limit: int = 10) -> Sequence[Candidate]:
        """The models of a kind whose card has all words of the text, best first.

        Raises:
            SettingsError: a row cannot be read; it names the file, the line and what is wrong.
        """
        words = text.casefold().split()
        found = (card for card in self._cards if card.kind == kind and all(word in _told(card) for word in words))
        return [card for card, _ in zip(found, range(limit), strict=False)]

    def get(self, model: ModelId) -> Sequence[Candidate]:
        """A model's cards, one for each kind it does; none if it is not known here."""
        return [card for card in self._cards if card.id == model]

    async def aclose(self) -> None:
        """Nothing to let go of."""

    @cached_property
    def _cards(self) -> Sequence[Candidate]:
        cards: dict[tuple[ModelId, Kind], Candidate] = {}
        for card in self._read():
            cards[card.id, card.kind] = card
        return tuple(cards.values())

    def _read(self) -> Iterator[Candidate]:
        if self._shipped:
            shipped = files("hugginggpt.catalogs") / "snapshot.jsonl"
            yield from _rows(str(shipped), shipped.read_text(encoding="utf-8").splitlines())
        for path in self._more:
            try:
                lines = path.read_text(encoding="utf-8-sig").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
                raise SettingsError(
                    f"the catalog file {str(path)!r} cannot be read: {reason}",
                    cure="mend it, or take it out of the settings",
                ) from error
            yield from _rows(str(path), lines)


def _told(card: Candidate) -> str:
    return " ".join((card.id, card.summary, card.limits, card.library or "", card.licence or "")).casefold()


def _rows(name: str, lines: Iterable[str]) -> Iterator[Candidate]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SettingsError(
                f"{name}, line {number}: no JSON ({error})",
                cure="write one whole JSON object on each line",
            ) from error
        yield _card(name, number, row)


def _card(name: str, number: int, row: object) -> Candidate:
    if not isinstance(row, dict):
        raise SettingsError(
            f"{name}, line {number}: wanted a JSON object, got {type(row).__name__}",
            cure='begin the line with {"id": ...}',
        )
    if unknown := sorted(set(row) - set(Candidate.model_fields)):
        raise SettingsError(
            f"{name}, line {number}: a card has no field {unknown[0]!r}",
            cure=f"use {', '.join(Candidate.model_fields)}",
        )
    try:
        return Candidate.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the row"
        raise SettingsError(
            f"{name}, line {number}: {field}: {first['msg']}, got {first['input']!r:.80}",
            cure=f"mend {field!r}; a card needs {', '.join(_NEEDED)}",
        ) from error


_NEEDED = tuple(name for name, field in Candidate.model_fields.items() if field.is_required())
