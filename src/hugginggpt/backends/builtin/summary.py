"""Summaries made of a text's own sentences: the ones most like the others (TextRank), or the first ones."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hugginggpt.backends.builtin.sentences import Sentence, split
from hugginggpt.backends.builtin.words import content
from hugginggpt.backends.expert import Job
from hugginggpt.flow.artifact import Text

_MOST_SENTENCES = 1_500
"""A longer text is summed up from this many of its sentences, evenly spaced: the work grows with their square."""


def textrank(job: Job) -> Sequence[Text]:
    """The sentences that share most with the others, in their own order."""
    sentences = _worth_telling(job.text("text"))
    scores = rank(sentences)
    return [Text(text=_told(sentences, _spread(sentences, scores), Length.of(job)))]


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
    sentences = _worth_telling(job.text("text"))
    return [Text(text=_told(sentences, range(len(sentences)), Length.of(job)))]


def rank(sentences: Sequence[Sentence]) -> list[float]:
    """How central each sentence is: PageRank over the likeness of their words, weighed by rarity.

    A paragraph's opening sentence gets a little more: it says what the paragraph is on.
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
    return [
        float(score) * (1.15 if first else 1.0) * (1.15 if number == 0 else 1.0) * (0.5 if few else 1.0)
        for number, (score, first, few) in enumerate(zip(scores, opens, short, strict=True))
    ]


def _worth_telling(text: str) -> list[Sentence]:
    """A text's sentences without its headings, unless there is nothing else."""
    sentences = split(text)
    told = [sentence for sentence in sentences if not sentence.heading] or sentences
    if len(told) > _MOST_SENTENCES:
        told = [told[number * len(told) // _MOST_SENTENCES] for number in range(_MOST_SENTENCES)]
    return told


def _told(sentences: Sequence[Sentence], best: Iterable[int], length: "Length") -> str:
    """The best sentences that the length allows, in their own order; at least one."""
    allowed = length.sentences or _fifth(len(sentences))
    chosen: list[int] = []
    words = 0
    for number in best:
        size = len(sentences[number].text.split())
        if length.words:
            if chosen and words + size > length.words:
                continue
        elif len(chosen) == allowed:
            break
        if any(sentences[number].text == sentences[other].text for other in chosen):
            continue
        chosen.append(number)
        words += size
    told = [sentences[number].text for number in sorted(chosen)]
    return " ".join(text if re.search(r"\W$", text) else f"{text}." for text in told)


def _fifth(count: int) -> int:
    return min(count, max(2, min(5, round(count / 5))))


# How long it should be

_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"a": 1, "an": 1, "single": 1, "couple": 2, "few": 3, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}
_NUMBER = rf"(?P<n>\d+|{'|'.join(_NUMBERS)})"
_COUNTED = re.compile(
    rf"\b{_NUMBER}\b(?:\s+(?:of|or \w+|to \w+|hundred|short|simple|brief|key|main|clear|full|long|single))*[\s-]+"
    r"(?P<what>sentences?|lines?|bullets?|bullet points?|points?|words?|paragraphs?)\b",
    re.IGNORECASE,
)
_LENGTHS = (
    (re.compile(r"\b(?:one[- ]liner|headline|tl;?dr|very (?:short|brief)|shortest)", re.IGNORECASE), 1),
    (re.compile(r"\b(?:short|brief|briefly|concise|quick|in a nutshell|shortly)\b", re.IGNORECASE), 2),
    (re.compile(r"\bparagraph\b", re.IGNORECASE), 4),
    (re.compile(r"\b(?:long|detailed|detail|in depth|thorough)\b", re.IGNORECASE), 8),
)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a summary should be: so many sentences or words; neither: a fifth."""

    sentences: int | None = None
    words: int | None = None

    @staticmethod
    def of(job: Job) -> "Length":
        """What the instruction says, if there is one that says something."""
        return Length.said(" ".join(job.texts("instruction")))

    @staticmethod
    def said(instruction: str) -> "Length":
        """What plain words say: "in three sentences", "50 words", "short"."""
        if counted := _COUNTED.search(instruction):
            said = counted["n"].casefold()
            number = max(1, _NUMBERS[said] if said in _NUMBERS else int(said[:6]))
            if re.search(r"\bhundred\b", counted.group(), re.IGNORECASE) and said != "hundred":
                number *= 100
            what = counted["what"].casefold()
            if what.startswith("word"):
                return Length(words=number)
            return Length(sentences=number * (4 if what.startswith("paragraph") else 1))
        return Length(sentences=next((count for pattern, count in _LENGTHS if pattern.search(instruction)), None))
