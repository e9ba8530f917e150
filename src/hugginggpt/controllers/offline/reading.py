"""A request as read: what is asked, apart from what is given with it (quotations, text after a colon, names of files)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hugginggpt.controllers.offline.phrases import KNOWN, RIGHT, SHORTHAND
from hugginggpt.flow.artifact import Media

LONGEST_ASK = 3_000
"""Characters of a request that are read as asking; what lies between the beginning and the end of a longer one is given text."""

OPEN, CLOSE = "⟦", "⟧"
"""Around the number of a given text, where it stood in what is asked."""
GIVEN = re.compile(rf"{OPEN}(\d+){CLOSE}")

FILE = re.compile(r"(?<![\w./])\w[\w\-]*(?:\(\d+\))?(?:\.[\w\-]+)*\.([a-z][a-z0-9]{1,4})\b", re.IGNORECASE)
FILE_MEDIA: dict[str, Media] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "heic"), "image"),
    **dict.fromkeys(("wav", "mp3", "flac", "ogg", "m4a", "aac", "opus"), "audio"),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv", "webm"), "video"),
    **dict.fromkeys(("txt", "md", "rst", "html"), "text"),
    **dict.fromkeys(("csv", "tsv", "xlsx", "xls"), "table"),
    **dict.fromkeys(("pdf", "docx", "odt"), "document"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A text that came with the request."""

    text: str
    question: bool = False
    label: str = ""
    """The word before its colon, if any: `text`, `question`, `review`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked, and what is given."""

    ask: str
    """In lower case, spelling mended, with a numbered mark where a given text stood."""
    said: str
    """The same letter for letter as it was written; `place` leads from one to the other."""
    places: tuple[int, ...]
    given: tuple[Given, ...]
    files: tuple[tuple[int, str], ...]
    """Names of files in what is asked, each with its place."""

    def original(self, start: int, end: int) -> str:
        """What stood at this part of the ask, as it was written, given texts put back."""
        if start >= end:
            return ""
        last = min(end, len(self.places)) - 1
        piece = self.said[self.places[start] : self.places[last] + 1]
        return GIVEN.sub(lambda mark: self._put_back(mark), piece).strip()

    def _put_back(self, mark: re.Match[str]) -> str:
        at = int(mark[1])
        return self.given[at].text if at < len(self.given) else ""

    @property
    def words(self) -> list[str]:
        """The words of the ask."""
        return re.findall(r"[^\W_]+", GIVEN.sub(" ", self.ask))


def read(text: str, *, asks: re.Pattern[str]) -> Reading:
    """Take a request apart. `asks` finds a word that asks for something."""
    text = text.replace(OPEN, "[").replace(CLOSE, "]").replace("\x00", " ")
    text = text.translate(_STRAIGHT)
    given: list[Given] = []
    text = _shorten(text, given)
    text = _take_quotations(text, given)
    text = _take_paragraphs(text, given, asks)
    text = _take_after_colon(text, given, asks)
    ask, places = _mend(text)
    files = tuple((at.start(), at[0]) for at in FILE.finditer(ask) if at[1].lower() in FILE_MEDIA)
    return Reading(ask, text, places, tuple(given), files)


_STRAIGHT = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " ", "\t": " "}
)


def _mark(given: list[Given], text: str, *, question: bool = False, label: str = "") -> str:
    given.append(Given(text, question or text.rstrip().endswith("?"), label))
    return f"{OPEN}{len(given) - 1}{CLOSE}"


def _shorten(text: str, given: list[Given]) -> str:
    if len(text) <= LONGEST_ASK:
        return text
    start = max(text.rfind(" ", 0, LONGEST_ASK // 2), text.rfind("\n", 0, LONGEST_ASK // 2))
    start = start if start > 0 else LONGEST_ASK // 2
    # A request whose first words end in a colon gives all that follows.
    if (colon := re.search(r":\s", text[:400])) and not re.search(r"[.?!]\s+\S", text[colon.end() : colon.end() + 20]):
        start = colon.end()
    end = len(text) - 200
    tail = re.search(r"[.?!\n]\s*\S", text[end:])
    end = end + tail.end() - 1 if tail else len(text)
    return f"{text[:start]} {_mark(given, text[start:end].strip())} {text[end:]}"


_QUOTATIONS = (
    re.compile(r'(?<!\w)"(?=\S)([^"]{1,4000}?)"(?!\w)'),
    re.compile(r"`([^`]{1,4000}?)`"),
    re.compile(r"(?<![\w'])'(?=[^\s'])((?:[^'\n]|'(?=\w)|\n(?!\n)){1,2000}?)'(?!\w)"),
)


def _take_quotations(text: str, given: list[Given]) -> str:
    def take(found: re.Match[str]) -> str:
        inside = found[1].strip()
        if not inside or GIVEN.search(inside):
            return found[0]
        if FILE.fullmatch(inside):
            return f" {inside} "
        lead = text[max(found.start() - 40, 0) : found.start()]
        asked = len(inside.split()) <= 25 and _OPENS_QUESTION.match(inside) and _SAYS_QUESTION.search(lead)
        return _mark(given, inside, question=bool(asked))

    for pattern in _QUOTATIONS:
        text = pattern.sub(take, text)
    return text


_OPENS_QUESTION = re.compile(
    r"(?:what|who|when|where|why|how|which|whose|is|are|was|were|do|does|did|can|has|have)\b", re.IGNORECASE
)
_SAYS_QUESTION = re.compile(r"\b(?:questions?|answers?|asks?|asking)\b", re.IGNORECASE)

_LABEL = (
    r"text|review|sentence|paragraph|passage|article|comment|message|tweet|post|e-?mail|letter|note|poem|story|input|content|"
    r"context|quote|words?|phrase|lines?|following|aloud|loud|this|it|here|below|prompt|description|feedback|sentences|document"
)
_LABELLED = re.compile(rf"(?:^|(?<=[\s(]))({_LABEL}|questions?)(?: is| are)?\s*[:=]\s+", re.IGNORECASE)
_COLON = re.compile(r":\s+|:(?=[^\W\d_])")
_STEPS_FOLLOW = re.compile(
    r"(?:\bsteps?|\bdo|\bto|\bplease|\bthings?|\btasks?|\bfollowing(?: steps)?|\bfirst)\s*$", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?<=[.?!\n])\s*(?=(?:and then|then|after that|afterwards|and finally|finally)\b[^.?!\n]{0,80}"
    r"\b(?:it|this|that|the (?:result|summary|translation|text|answer))\b[^.?!\n]{0,60}[.?!]?\s*$)",
    re.IGNORECASE,
)
"""What is asked after a text that was given: words that lead on, and a word that points back. Less is part of the text."""


def _take_after_colon(text: str, given: list[Given], asks: re.Pattern[str]) -> str:
    labelled = [found for found in _LABELLED.finditer(text) if not GIVEN.match(text[found.end() :].lstrip())]
    for found in labelled:
        rest = text[found.end() :]
        if _lists_steps(rest, asks):
            continue
        label = found[1].lower()
        if label.startswith("question"):
            end = (rest.find("?") + 1) or len(rest)
            return f"{text[: found.start()]} {_mark(given, rest[:end].strip(), question=True, label='question')} {rest[end:]}"
        return text[: found.end()] + _give_rest(rest, given, asks, label)
    for found in _COLON.finditer(text):
        head, rest = text[: found.start()], text[found.end() :]
        if re.search(r"\b(?:no|not|don't|without)\b", head[-40:].lower()):
            continue
        if not rest.strip() or rest.startswith("//") or GIVEN.match(rest.lstrip()) or re.search(r"\d$", head):
            continue
        if (
            asks.search(head.lower())
            and not (_STEPS_FOLLOW.search(head) and asks.search(rest.lower()))
            and not _lists_steps(rest, asks)
        ):
            return f"{head} " + _give_rest(rest, given, asks, "")
    return text


def _lists_steps(rest: str, asks: re.Pattern[str]) -> bool:
    return bool(re.match(r"\s*(?:1[.)]|\(1\)|[-*•]|first\b|a\))", rest, re.IGNORECASE) and asks.search(rest.lower()))


def _give_rest(rest: str, given: list[Given], asks: re.Pattern[str], label: str) -> str:
    tail = ""
    if (found := _TAIL.search(rest)) and asks.search(rest[found.end() :].lower()):
        rest, tail = rest[: found.start()], rest[found.end() :]
    return f"{_mark(given, rest.strip(), label=label)} {tail}" if rest.strip() else tail


def _take_paragraphs(text: str, given: list[Given], asks: re.Pattern[str]) -> str:
    paragraphs = [piece for piece in re.split(r"\n\s*\n|\n(?=.{60})|(?<=.{60})\n", text.strip()) if piece.strip()]
    if len(paragraphs) < 2:
        return text
    first, last = paragraphs[0], paragraphs[-1]
    for ask, rest, front in ((first, paragraphs[1:], True), (last, paragraphs[:-1], False)):
        body = "\n\n".join(rest).strip()
        if len(ask.split()) <= 40 and len(body.split()) >= 8 and asks.search(ask.lower()) and not GIVEN.fullmatch(body):
            if front and _lists_steps(body, asks):
                continue
            mark = _mark(given, GIVEN.sub(lambda at: given[int(at[1])].text, body))
            return f"{ask.rstrip(': ')} {mark}" if front else f"{mark} {ask}"
    return text


_KNOWN_BY_LETTER: dict[str, list[str]] = {}
for _word in KNOWN:
    if len(_word) >= 6:
        _KNOWN_BY_LETTER.setdefault(_word[0], []).append(_word)
_WORD = re.compile(
    rf"{OPEN}\d+{CLOSE}|\w[\w\-]*(?:\(\d+\))?(?:\.[\w\-]+)*\.[A-Za-z][A-Za-z0-9]{{1,4}}\b|[^\W_]+(?:'[^\W_]+)?",
    re.UNICODE,
)


def _mend(text: str) -> tuple[str, tuple[int, ...]]:
    """Lower case, shorthand written out, misspelt key words mended; with each character's place in the text."""
    pieces: list[str] = []
    places: list[int] = []

    def add(piece: str, start: int, end: int) -> None:
        pieces.append(piece)
        length = max(end - start, 1)
        places.extend(start + min(at, length - 1) for at in range(len(piece)))
        if piece and end > start:
            places[-1] = end - 1

    at = 0
    for found in _WORD.finditer(text):
        if found.start() > at:
            add(_plain(text[at : found.start()]), at, found.start())
        add(_mended(_plain(found[0])), found.start(), found.end())
        at = found.end()
    if at < len(text):
        add(_plain(text[at:]), at, len(text))
    return "".join(pieces), tuple(places)


def _plain(text: str) -> str:
    # `lower` may change the length of a text (İ); what it lengthens is left as it is.
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _mended(word: str) -> str:
    if word in SHORTHAND:
        return SHORTHAND[word]
    if len(word) < 6 or not word.isalpha() or word in RIGHT or word in KNOWN:
        return word
    for known in _KNOWN_BY_LETTER.get(word[0], ()):
        if abs(len(known) - len(word)) <= 2 and _near(word, known, 2 if len(known) >= 9 else 1):
            return known
    return word


def _near(one: str, other: str, most: int) -> bool:
    """Whether at most so many letters are wrong, missing, too many or swapped."""
    if one + "s" == other or other + "s" == one or one + "d" == other or other + "d" == one:
        return False  # another form of a word that was written rightly
    before_last: Sequence[int] = ()
    last: list[int] = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1] <= most


_BREAK = re.compile(
    r"(?P<stop>(?<!\bmr)(?<!\bmrs)(?<!\bdr)[.?!;]+(?=\s|$)|\n+)"
    r"|(?P<join>,?\s*\b(?:and then|and after that|after that|and afterwards|afterwards|and finally|and also|and|then|also|"
    r"plus|but|"
    r"while|so that|as well as|next)\b,?|,|&|\s[-–—]\s|\+)"
    r"|(?P<turn>,?\s*\b(?:before|after|once|having)\b)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the ask between two joints."""

    start: int
    end: int
    joint: str = ""
    """What stands before it: `before`, `after`, a joining word, or nothing at a sentence's start."""
    sentence: int = 0


def clauses(ask: str) -> Iterator[Clause]:
    """The clauses of an ask, in order."""
    start, joint, sentence = 0, "", 0
    for found in _BREAK.finditer(ask):
        if found.start() > start and ask[start : found.start()].strip():
            yield Clause(start, found.start(), joint, sentence)
            joint = ""
        if found["stop"]:
            joint, sentence = "", sentence + 1
        elif word := found[0].strip(" ,"):
            joint = word
        else:
            joint = joint or ","
        start = found.end()
    if ask[start:].strip():
        yield Clause(start, len(ask), joint, sentence)
