"""A text taken apart into paragraphs and sentences, headings known as such."""

import re
import textwrap
from dataclasses import dataclass

_ABBREVIATIONS = frozenset(
    """mr mrs ms mx dr prof rev fr sr jr st gen col capt lt sgt gov sen rep pres hon messrs mme mlle
    vs etc cf al ca approx est rd ave blvd hwy dept univ assn bros inc ltd co corp llc plc no nos vol fig figs pp ed eds tel ext
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
    e.g i.e a.m p.m u.s u.k u.n ph.d b.c a.d b.a m.a d.c min max avg incl excl""".split()
)
# After these a capital or a figure rarely begins a sentence: "Dr. Lang", "no. 5", "e.g. Paris". After the others it may.
_BIND_RIGHT = frozenset(
    """mr mrs ms mx dr prof rev fr st gen col capt lt sgt gov sen rep pres hon messrs mme mlle
    vs cf ca approx est no nos vol fig figs pp tel ext e.g i.e""".split()
)
_CLOSERS = "\"'”’»)]"
_END = re.compile(rf"(?:[.!?…]+[{re.escape(_CLOSERS)}]*(?=\s|$))|(?:[。！？]+[”’」』）]*)")
LIST_MARK = re.compile(r"^\s*(?:[-*•–·]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_HEADING_CHARACTERS = 70
_LONGEST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it stands, its line breaks made spaces."""

    text: str
    paragraph: int
    heading: bool = False
    """A title or a list's label: no full stop, and short."""


def split(text: str) -> list[Sentence]:
    """The sentences of a text in order.

    A line that fills its width runs on into the next; a short line without a full stop stands for itself, as headings, list
    items and lines of verse do. Nothing is lost but white space.
    """
    blocks = [(number, block) for number, lines in enumerate(_paragraphs(text)) for block in _blocks(lines)]
    found: list[Sentence] = []
    for number, block in blocks:
        pieces = _pieces(block)
        alone = len(pieces) == 1 and len(block) <= _HEADING_CHARACTERS and not _END.search(block[-3:])
        found.extend(Sentence(piece, number, heading=alone and len(blocks) > 1) for piece in pieces)
    return found


def _paragraphs(text: str) -> list[list[str]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            paragraphs[-1].append(" ".join(line.split()))
        elif paragraphs[-1]:
            paragraphs.append([])
    return [lines for lines in paragraphs if lines]


def _blocks(lines: list[str]) -> list[str]:
    """Lines that run on, joined. Only a line nearly as long as the longest of its paragraph can run on."""
    width = max(map(len, lines))
    blocks = [lines[0]]
    for before, line in zip(lines, lines[1:], strict=False):
        ended = _END.search(before[-3:]) is not None
        filled = len(before) > 40 and len(before) >= 0.65 * width
        goes_on = (filled or line[0].islower()) and not LIST_MARK.match(line)
        if goes_on or (ended and not LIST_MARK.match(line) and filled):
            # A word cut at the end of its line is one word again.
            cut = re.search(r"[a-z]-$", blocks[-1]) and line[0].islower()
            blocks[-1] = blocks[-1][:-1] + line if cut else f"{blocks[-1]} {line}"
        else:
            blocks.append(line)
    return blocks


def _pieces(block: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for end in _END.finditer(block):
        if end.end() < len(block) and not _ends(block, start, end):
            continue
        pieces.extend(_cut(block[start : end.end()]))
        start = end.end()
    pieces.extend(_cut(block[start:]))
    return pieces


def _cut(piece: str) -> list[str]:
    """A piece without an end in sight, cut between words: nothing downstream should meet a sentence of a megabyte."""
    return (
        textwrap.wrap(piece, _LONGEST_CHARACTERS)
        if len(piece) > _LONGEST_CHARACTERS
        else [piece.strip()] * bool(piece.strip())
    )


def _ends(block: str, start: int, end: re.Match[str]) -> bool:
    """Whether a stop ends a sentence here, and not an abbreviation, an initial, a list's number or a quoted aside."""
    stop = end.group()
    if stop[0] in "。！？":
        return True
    # Looks at a window only: over all of a long block this would take the square of its length.
    after = block[end.end() : end.end() + 60].lstrip()
    first = after.lstrip("\"'“‘«([¿¡")[:1]
    if first.islower() and (stop[-1] in _CLOSERS or stop[0] == "…" or stop.startswith("..")):
        # "No!" she said. / well ... perhaps
        return False
    if stop[0] != "." or stop.startswith(".."):
        return True
    before = block[max(start, end.start() - 40) : end.start()]
    bare = before.split()[-1].lstrip("\"'“‘«([").casefold() if before.strip() and not before[-1].isspace() else ""
    if bare in _BIND_RIGHT:
        return False
    if bare in _ABBREVIATIONS:
        # "at 5 p.m. The hall" ends; "about 5 p.m. on Friday", "Jan. 5" and "Smith Inc. reports" do not.
        return not first.islower() and _starts_a_sentence(after)
    if len(bare) == 1 and bare.isalpha() and bare != "i":
        return False
    # "1. First do this": a list's number where a sentence begins.
    return not (bare.isdigit() and len(bare) <= 2 and before.strip() == bare)


_OPENERS = frozenset(
    """the a an this that these those it he she they we you i in on at by for from with as if when while after before since
    but and or so yet then there here his her its their our your my what who why how where no not all some many
    most each""".split()
)


def _starts_a_sentence(after: str) -> bool:
    word = re.match(r"[\"'“‘«(\[]*([^\W\d_]+)", after)
    return bool(word and word.group(1).casefold() in _OPENERS)
