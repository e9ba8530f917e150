"""Summaries made of a text's own sentences: the ones most like the others (TextRank), or the first ones."""

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hugginggpt.backends.builtin.sentences import LIST_MARK, Sentence, split
from hugginggpt.backends.builtin.words import content
from hugginggpt.backends.expert import Job
from hugginggpt.flow.artifact import Text

_MOST_SENTENCES = 1_500
"""A longer text is summed up from this many of its sentences, evenly spaced: the work grows with their square."""


def textrank(job: Job) -> Sequence[Text]:
    """The sentences that share most with the others, in their own order."""
    length = Length.of(job)
    sentences = _worth_telling(job.text("text"), length)
    scores = rank(sentences)
    return [Text(text=_told(sentences, _spread(sentences, scores), length))]


def _spread(sentences: Sequence[Sentence], scores: Sequence[float]) -> Iterator[int]:
    """The best sentence first, then always the best of the rest, those of a paragraph already told counting less."""
    left = dict(enumerate(scores))
    told: Counter[int] = Counter()
    while left:
        best = max(left, key=lambda number: left[number] * 0.75 ** told[sentences[number].paragraph])
        told[sentences[best].paragraph] += 1
        del left[best]
        yield best


def lead(job: Job) -> Sequence[Text]:
    """The first sentences, as news puts first what matters."""
    length = Length.of(job)
    sentences = _worth_telling(job.text("text"), length)
    return [Text(text=_told(sentences, range(len(sentences)), length))]


def rank(sentences: Sequence[Sentence]) -> list[float]:
    """How central each sentence is: PageRank over the likeness of their words, weighed by rarity.

    A paragraph's opening sentence gets a little more: it says what the paragraph is on. So does an early one; one that cannot
    stand alone, or that only arranges something, gets less.
    """
    import numpy

    bags = [Counter(word.stem for word in content(sentence.text)) for sentence in sentences]
    count = len(sentences)
    spread = Counter(stem for bag in bags for stem in bag)
    rarity = {stem: math.log(1 + count / times) for stem, times in spread.items()}
    # A word of one sentence makes it like no other; it counts for its length only, and needs no column.
    shared = {stem: number for number, stem in enumerate(stem for stem, times in spread.items() if times > 1)}
    weights = numpy.zeros((count, len(shared)), dtype=numpy.float32)
    for row, bag in enumerate(bags):
        weighed = {stem: (1 + math.log(times)) * rarity[stem] for stem, times in bag.items()}
        norm = math.sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
        for stem in weighed.keys() & shared.keys():
            weights[row, shared[stem]] = weighed[stem] / norm
    alike = weights @ weights.T
    numpy.fill_diagonal(alike, 0)
    # A sentence said twice would vote for itself.
    alike[alike > 0.95] = 0
    sums = alike.sum(axis=1, keepdims=True)
    steps = numpy.divide(alike, sums, out=numpy.full_like(alike, 1 / count), where=sums > 0)
    scores = numpy.full(count, 1 / count)
    for _ in range(50):
        following = 0.15 / count + 0.85 * (scores @ steps)
        if abs(following - scores).sum() < 1e-7:
            break
        scores = following
    opens = [n == 0 or sentences[n - 1].paragraph != sentence.paragraph for n, sentence in enumerate(sentences)]
    short = [len(bag) < 4 for bag in bags]
    early = [1 + _EARLY * (1 - number / count) for number in range(count)]
    return [
        float(score)
        * (1.15 if first else 1.0)
        * (1.15 if number == 0 else 1.0)
        * (0.5 if few else 1.0)
        * early[number]
        * math.prod(factor for pattern, factor in _OPENINGS if pattern.search(sentences[number].text))
        for number, (score, first, few) in enumerate(zip(scores, opens, short, strict=True))
    ]


_EARLY = 0.3
"""How much more the first sentence counts than the last, for its place alone."""
_ALONE = "it|he|she|they|him|them|this|these|those|that|his|her|its|their"
_ARRANGES = (
    r"(?:the\s)?next (?:meeting|session|call|appointment)|present|absent|apologies|attend(?:ees|ance)|minutes|agenda|date|time"
    r"|venue|tel|phone|fax|e-?mail|subject|from|to|cc|page|photo|copyright|published|posted|updated"
)
# What a sentence begins with makes it a better or a worse one to tell: so much is left of its score.
_OPENINGS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(rf"^\W*(?:\d{{1,2}}[.)]\s+)?(?:{pattern})", re.IGNORECASE), factor)
    for pattern, factor in (
        # Nobody can tell who "he" is when the sentence before is not told.
        (rf"(?:(?:and|but|so|then|yet)\s)?(?:{_ALONE})\b", 0.5),
        (r"(?:and|but|so|then|yet|however|also|moreover|nevertheless|besides|therefore|as agreed)\b", 0.8),
        (rf"(?:{_ARRANGES})\b(?=:|\s(?:is|was|will|of|by|on)\b|\W*\d)", 0.3),
        (r"dear\s|thank you\b|thanks\b|yours (?:sincerely|faithfully)|(?:kind|best) regards", 0.5),
        (r"I(?: am|'m|’m) writing to\b", 1.6),
        # What somebody said is colour, seldom the gist.
        (r"(?<=[\"“«])", 0.8),
    )
)


def _worth_telling(text: str, length: "Length") -> list[Sentence]:
    """A text's sentences without its headings, unless there is nothing else, or too little for the list asked for."""
    sentences = split(text)
    told = [sentence for sentence in sentences if not sentence.heading] or sentences
    if length.bullets and len(told) < (length.sentences or 0):
        told = sentences
    if len(told) > _MOST_SENTENCES:
        told = [told[number * len(told) // _MOST_SENTENCES] for number in range(_MOST_SENTENCES)]
    return told


def _told(sentences: Sequence[Sentence], best: Iterable[int], length: "Length") -> str:
    """The best sentences that the length allows, in their own order; at least one, the shortest if all are too long."""
    allowed = length.sentences or (len(sentences) if length.words else _fifth(len(sentences)))
    texts = [_line(sentence.text) if length.bullets else _closed(sentence.text) for sentence in sentences]
    chosen: list[int] = []
    words = 0
    for number in best:
        if len(chosen) == allowed:
            break
        size = len(texts[number].split())
        if length.words and words + size > length.words:
            continue
        if any(texts[number] == texts[other] for other in chosen):
            continue
        chosen.append(number)
        words += size
    chosen = chosen or [min(range(len(texts)), key=lambda number: len(texts[number].split()))]
    return ("\n" if length.bullets else " ").join(texts[number] for number in sorted(chosen))


def _closed(text: str) -> str:
    """A sentence as it stands among others: with a full stop, and without the number that it had in a list."""
    text = LIST_MARK.sub("", text, count=1).strip() or text
    return text if re.search(r"\W$", text) else f"{text}."


def _line(text: str) -> str:
    """A sentence as a line of a list, without the mark that it had in another one."""
    return f"- {LIST_MARK.sub('', text, count=1).strip() or text}"


def _fifth(count: int) -> int:
    return min(count, max(2, min(5, round(count / 5))))


# How long it should be

_SMALL = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
} | {
    word: 20 + 10 * place for place, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_VAGUE = {"a": 1, "an": 1, "single": 1, "couple": 2, "few": 3, "dozen": 12}
_WORD_NUMBER = rf"(?:{'|'.join(sorted(_SMALL, key=len, reverse=True))}|(?:(?:a|\d)\s)?hundred)"
_NUMBER = rf"(?P<n>{_WORD_NUMBER}(?:(?:[\s-]|\sand\s){_WORD_NUMBER})*|\d+|{'|'.join(_VAGUE)})"
_COUNTED = re.compile(
    rf"\b{_NUMBER}\b(?:\s+(?:of|or \w+|to \w+|hundred|short|simple|brief|key|main|clear|full|long|single|complete))*[\s-]+"
    r"(?=(?P<what>bullet[ -]points?|[a-z]+)\b)",
    re.IGNORECASE,
)
_LESS_THAN = re.compile(r"\b(?:less|fewer|under|below|shorter) ?(?:than)?\s+$", re.IGNORECASE)
_UNITS = {
    unit + ending: kind
    for kind, units in {
        "sentence": ("sentence", "line"),
        "bullet": ("bullet", "bullet point", "bullet-point", "point"),
        "word": ("word",),
        "paragraph": ("paragraph",),
    }.items()
    for unit in units
    for ending in ("", "s")
}


def _unit(word: str) -> str | None:
    """What is counted, misspelt or not: "sentances", "paragrahps"."""
    word = word.casefold()
    # Short words are too like others: "lives" is no "lines".
    near = (
        difflib.get_close_matches(word, [unit for unit in _UNITS if len(unit) > 6], n=1, cutoff=0.8)
        if len(word) > 6
        else []
    )
    return _UNITS.get(word) or (_UNITS[near[0]] if near else None)


def _count(said: str) -> int:
    """The number that words or digits say: "two hundred and fifty"."""
    said = said.casefold()
    if said in _VAGUE:
        return _VAGUE[said]
    total = 0
    for part in re.findall(r"\w+", said):
        if part == "hundred":
            total = max(total, 1) * 100
        elif part not in ("and", "a"):
            total += _SMALL[part] if part in _SMALL else int(part[:6])
    return total


_LENGTHS = (
    (re.compile(r"\b(?:one[- ]liner|headline|tl;?dr|very (?:short|brief)|shortest)", re.IGNORECASE), 1),
    (re.compile(r"\b(?:short|brief|briefly|concise|quick|in a nutshell|shortly)\b", re.IGNORECASE), 2),
    (re.compile(r"\bparagraph\b", re.IGNORECASE), 4),
    (re.compile(r"\b(?:long|detailed|detail|in depth|thorough)\b", re.IGNORECASE), 8),
)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a summary should be: at most so many sentences, words, or both; neither: a fifth."""

    sentences: int | None = None
    words: int | None = None
    bullets: bool = False
    """Whether each sentence is a line of a list."""

    @staticmethod
    def of(job: Job) -> "Length":
        """What the instruction says, if there is one that says something."""
        return Length.said(" ".join(job.texts("instruction")))

    @staticmethod
    def said(instruction: str) -> "Length":
        """What plain words say: "in three sentences", "50 words", "short"."""
        counts: dict[str, int] = {}
        for counted in _COUNTED.finditer(instruction):
            if unit := _unit(counted["what"]):
                number = _count(counted["n"])
                if (
                    re.search(r"\bhundred\b", counted.group(), re.IGNORECASE)
                    and "hundred" not in counted["n"].casefold()
                ):
                    number *= 100
                number -= bool(_LESS_THAN.search(instruction[: counted.start()]))
                counts.setdefault(unit, max(1, number))
        bullets = "bullet" in counts or bool(_LISTED.search(instruction))
        words = counts.get("word")
        sentences = counts.get("bullet") or counts.get("sentence")
        if sentences is None and words is None:
            paragraphs = counts.get("paragraph")
            vague = next((count for pattern, count in _LENGTHS if pattern.search(instruction)), None)
            sentences = 4 * paragraphs if paragraphs else None if bullets else vague
        return Length(sentences, words, bullets)


_LISTED = re.compile(r"\bbullet(?:s|ed|[ -]?points?)\b|\bas a list\b", re.IGNORECASE)
