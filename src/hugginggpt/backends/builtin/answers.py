"""Answers to questions, cut out of a text: no model, but a feel for what a question is after.

The sentences are weighed by the words they share with the question, rare words most. The kind of thing asked for (a date, a
person, a length) gives the candidates; one is taken for standing near those words, in the same clause. What happened counts: of
"construction began in 1923, it opened in 1932" only 1932 is near `open`.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hugginggpt.backends.builtin.sentences import split
from hugginggpt.backends.builtin.words import STOPWORDS, Word, stem, words
from hugginggpt.backends.expert import Job
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Data, Text

LEAST_SCORE = 0.42
"""Below this the text is said not to answer."""
_LONGEST_QUESTION_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """An answer where it stands."""

    text: str
    score: float
    """From 0 to 1: how much of the question it accounts for; not a probability."""
    sentence: str


def answer(job: Job) -> Sequence[Text | Data]:
    """The words of the context that answer the question, and the sentence that they stand in."""
    question = job.text("question")
    if not job.inputs.get("context"):
        raise InputRefused(f"there is no text to answer {_short(question)!r} from", cure="attach a text")
    found = find(question, job.text("context"))
    if found is None:
        raise InputRefused(f"the text does not seem to answer {_short(question)!r}")
    value = {"answer": found.text, "score": round(found.score, 3), "sentence": found.sentence}
    return [Text(text=found.text), Data(value=value)]


def find(question: str, passage: str) -> Found | None:
    """The best answer that a text gives, or None."""
    asked = Asked.of(question)
    if asked is None:
        return None
    sentences = [Weighed.of(s.text, s.heading) for s in split(passage)]
    sentences = [s for s in sentences if s.words]
    if not sentences:
        return None
    line = _asking_line(question)
    if letter := _letter_part(line):
        found = _in_letter(letter, passage)
        if found or not re.search(rf"\b{_LETTER}\b", passage, re.IGNORECASE):
            return found
    if known := _WHO_IS.search(line):
        return _told_of(known["name"], sentences)
    naming = Naming.of(line)
    if naming and ((found := naming.find(sentences)) or naming.thing or not naming.known(sentences)):
        return found
    rarity = _rarity(asked, sentences)
    total = sum(rarity[term] for term in asked.terms)
    best: Found | None = None
    for place, sentence in enumerate(sentences):
        before = sentences[max(0, place - 2) : place]
        if not any(_matches(term, s) for s in (sentence, *before) for term in asked.terms):
            continue
        context = [*before, *(sentences[:1] if place > 2 else ())]
        if naming and not naming.told(sentence):
            continue
        for span in _spans(asked, sentence):
            score = _score(asked, sentence, span, context, rarity) / total
            if best is None or score > best.score + 1e-9:
                best = Found(_trim(sentence.text[span.start : span.end]), score, sentence.text)
    return None if best is None or best.score < LEAST_SCORE else Found(best.text, min(best.score, 1.0), best.sentence)


# The question


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is after."""

    wanted: str
    """A key of `SEEKERS`."""
    terms: tuple[str, ...]
    """The stems of its words that say something, each once."""
    verb: str | None
    """The stem of what happens in it."""
    focus: str | None
    """The stem of what is counted or chosen: `people` of "how many people"."""
    active: bool
    """Whether the one asked about acts: "who built it", not "who was it built by" nor "whom did she marry"."""

    @staticmethod
    def of(question: str) -> "Asked | None":
        """Read a question; None if no word of it says anything."""
        line = _asking_line(question)
        wanted, head = next(((kind, m) for kind, pattern in _WANTED if (m := pattern.match(line))), ("sentence", None))
        rest = line[head.end() :] if head else line
        tail = [w for w in words(rest) if w.stem not in _EMPTY]
        terms = [w.stem for w in tail if not w.stops]
        named = head.groupdict() if head else {}
        focus = stem(named["focus"].split()[-1]) if named.get("focus") else None
        terms += [stem(w) for w in (named.get("focus") or "").split() if w.casefold() not in STOPWORDS]
        terms += [stem(w) for w in (named.get("term") or "").split()]
        if not terms:
            return None
        passive = bool(re.search(r"\bby\b\W*$", line)) or (
            wanted == "person" and bool(re.match(r"\s*(did|does|do)\b", rest))
        )
        verb = _verb(rest)
        if wanted == "person" and not re.match(r"\s*(did|does|do|will|has|had)\b", rest):
            # "Who founded it" has its verb at once; "who is the mayor" has none.
            verb = None if re.match(r"\s*(is|was|are|were)\b", rest) else terms[0]
        return Asked(wanted, tuple(dict.fromkeys(terms)), verb, focus, active=not passive)


def _asking_line(question: str) -> str:
    """Of a long request only the sentence that asks, from the word that asks."""
    sentences = [s.text for s in split(question[:_LONGEST_QUESTION_CHARACTERS])]
    asking = [s for s in sentences if s.rstrip("\"'”’)").endswith("?")] or sentences
    line = asking[-1].strip() if asking else ""
    found = _ASKING.search(line)
    return line[found.start() :] if found else line


_ASKING = re.compile(
    r"\b(who|whom|whose|when|where|why|how|what|which|until when|since when"
    r"|(?:in|on|at|by|for|from|to|with|after|under) (?:what|which|whom))\b",
    re.IGNORECASE,
)
_FAINT = frozenset(map(stem, "need use require have get take want happen exist involve end actually usually".split()))
_EMPTY = frozenset(
    "please tell say read answer text article page passage document accord exact exactly name call".split()
)

_PAYING = (
    r"(?:costs?|price|pay|paid|charged?|worth|sell|sold|spen[dt]|money|owe[ds]?|raised?|earn(?:ed)?|dollars?|euros?|pounds?"
    r"|remains?)"
)
_SUM_OF_MONEY = r"(?:price|costs?|fee|balance|amount|budget|salary|revenue|turnover|deposit|rent)"
_IN = r"(?:in |on |at |with |from |for |by )?"
_VERBS = r"(?:is|was|are|were|did|does|do|has|have|had|will|can|could|should)"

# What is asked for, by how the question begins; the first that fits counts. `focus` is what is counted or chosen, `term` an
# adjective that the text may repeat ("36 metres tall").
_WANTED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("year", r"(?:in |since |by )?(?:what|which) year\b"),
        ("clock", r"(?:at |by )?what time\b|how (?:early|late)\b"),
        ("date", r"(?:since |until |by |from )?when\b|(?:on |in |by )?(?:what|which) (?:date|day|month|century|season)s?\b"),
        ("person", r"(?:by |to |for |with |from )?who(?:m|se)?\b|(?:what|which) (?:person|man|woman)\b"),
        ("place", r"where\b|(?:in |at |to |from )?(?:what|which) (?:city|country|town|village|place|state|region|street)\b"),
        ("reason", r"why\b|how come\b|what (?:is|was) the (?:reason|cause)\b|what caused\b|for what reason\b"),
        ("percentage", r"(?:what|how many|which) (?:percentage|percent|per cent|share)\b"),
        ("span", r"how long(?= (?:ago|did|does|do|will|has|have|had|should|must|can|may|until|was .* (?:closed|delayed)))"),
        ("span", r"for how long\b|how long\b(?= is the (?:guarantee|warranty|battery|journey|trip|flight|wait|delay))"),
        ("span", r"how many (?P<focus>seconds|minutes|hours|days|weeks|months|years)\b"),
        ("age", r"how old\b|(?:at )?what age\b"),
        ("weight", r"how (?P<term>heavy)\b|how much (?=.*\bweigh)|what (?:is|was) the (?=weight\b)"),
        ("extent", r"how (?P<term>long|high|tall|wide|deep|thick|far|big|large)(?: away)?\b"),
        ("extent", r"what (?:is|was) the (?=(?:length|height|width|depth|distance|size|span|diameter|area)\b)"),
        ("speed", r"how fast\b|(?:what (?:is|was) the|at what) (?=speed\b)"),
        ("warmth", r"(?:at )?what (?=temperature\b)|how (?:hot|cold|warm)\b|what (?:is|was) the (?=temperature\b)"),
        # The word itself is seldom in the text: "312 euros in the till".
        ("money", r"(?:for )?how much (?:money|cash)\b"),
        ("money", rf"(?:for )?how much\b(?=.*\b{_PAYING}\b)"),
        ("money", rf"what (?:is|was|were|are) the (?=(?:\w+ )?{_SUM_OF_MONEY}\b)"),
        ("money", r"how much (?:is|was|were|are)\b"),
        ("amount", r"how much (?P<focus>(?!of\b|do|did|is|was)\w+)"),
        ("amount", r"how much\b"),
        ("count", r"how many (?:of the |other |more |different )?(?P<focus>\w+)|what (?:is|was) the number of (?P<term>\w+)"),
        ("count", r"what (?:is|was) the (?=population\b)"),
        ("often", r"how often\b"),
        ("manner", r"how (?=(?:did|does|do|is|was|were|are|can|could|has|have|will|should|to)\b)"),
        ("colour", r"(?:what|which) colou?rs?\b"),
        ("choice", rf"{_IN}(?:what|which) (?!{_VERBS}\b|happen)(?P<focus>(?:kind|type|sort)s? of \w+|\w+)"),
        ("thing", r"(?:in |on |at |with |from |for |by |to |after )?(?:what|which)(?:'s|’s)?\b"),
    )
)  # fmt: skip

_AUXILIARY = re.compile(
    r"^\W*(?:did|does|do|was|were|is|are|has|have|had|will|would|can|could|should|must|may|might)\b", re.IGNORECASE
)

_COPULA = re.compile(r"^\W*(?:is|was|are|were)\b", re.IGNORECASE)


def _verb(rest: str) -> str | None:
    """The stem of the verb after an auxiliary: the end of the first run of words that has a subject and a verb.

    After "is" and "was" it must look like a participle: "was the film shot", but not "is the head office".
    """
    aux = _AUXILIARY.match(rest)
    if not aux:
        return None
    runs: list[list[Word]] = [[]]
    last = aux.end()
    for word in words(rest[aux.end() :]):
        gap = rest[aux.end() :][last - aux.end() : word.start]
        last = aux.end() + word.end
        if word.stops or "," in gap:
            pronoun = word.text.casefold() in {"it", "he", "she", "they", "we", "you", "i", "there"}
            runs.append([word] if pronoun else [])
        elif not word.text.endswith("ly"):
            runs[-1].append(word)
    run = next((run for run in runs if len(run) > 1), None) or next((run for run in runs[::-1] if run), None)
    if not run or (_COPULA.match(rest) and run[-1].stem == run[-1].text.casefold()):
        return None
    return run[-1].stem


# The text


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence made ready to be searched."""

    text: str
    words: tuple[Word, ...]
    stems: dict[str, list[int]]
    """Where each stem stands, by the number of the word."""
    clauses: tuple[int, ...]
    """Which clause each word is in."""
    heading: bool

    @staticmethod
    def of(text: str, heading: bool) -> "Weighed":
        """Cut a sentence into words and clauses."""
        found = tuple(words(text))
        stems: dict[str, list[int]] = {}
        clauses: list[int] = []
        clause, end = 0, 0
        for number, word in enumerate(found):
            gap = text[end : word.start]
            lower = word.text.casefold()
            if re.search(r"[;:—–()]|, ?$", gap) or (lower in _CLAUSE_WORDS and number):
                clause += 1
            clauses.append(clause)
            end = word.end
            stems.setdefault(word.stem, []).append(number)
        return Weighed(text, found, stems, tuple(clauses), heading)

    def near(self, position: int) -> int:
        """The number of the word at a place in the text, or of the next one."""
        return next((n for n, word in enumerate(self.words) if word.end > position), len(self.words) - 1)


_CLAUSE_WORDS = frozenset("and but while whereas because although who which until where when after before".split())


def _rarity(asked: Asked, sentences: Sequence[Weighed]) -> dict[str, float]:
    """How much each word of the question tells sentences apart; what the text does not know at all tells most."""
    rarity = {}
    for term in asked.terms:
        known = sum(bool(_matches(term, s)) for s in sentences)
        telling = term == asked.verb or any(character.isdigit() for character in term)
        weight = 0.3 if term in _FAINT else 1.5 if telling else 1.0
        rarity[term] = math.log(1 + len(sentences) / (known or 0.5)) * weight
    return rarity


# Words that ask for each other, though neither is a form of the other.
_SIMILAR = [
    frozenset(map(stem, group.split()))
    for group in (
        "design draw plan",
        "close shut",
        "open inaugurate",
        "come reach",
        "own belong owner",
        "receive get supply",
        "win receive award",
        "mayor elect",
        "inhabitant person live",
        "cost charge pay worth",
        "remain owe",
        "use need require",
        "locate situate lie stand",
        "live inhabit habitat find found",
        "move relocate transfer",
        "play match beat",
        "prize award medal trophy",
        "make manufacture produce",
        "employ work staff",
        "rise climb increase",
        "happen occur",
        "doctor physician",
        "car automobile vehicle",
        "film movie",
    )
]


def _matches(term: str, sentence: Weighed) -> list[tuple[int, float]]:
    """Where a word of the question stands in a sentence, and how truly."""
    if places := sentence.stems.get(term):
        return [(place, 1.0) for place in places]
    return [
        (place, 0.6)
        for group in _SIMILAR
        if term in group
        for other in sorted(group - {term})
        for place in sentence.stems.get(other, ())
    ]


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate in its sentence."""

    start: int
    end: int
    fit: float = 1.0
    """How well it is what was asked for, before its neighbours are looked at."""


_PRONOUN = frozenset("it he she they we this that these those its his her their i".split())
_UNREAL = frozenset(
    "not never plan expect hope intend schedul propos estimat suggest refus almost nearly originally suppos".split()
)

_MEANT_TO = re.compile(r"\b(?:was|were|is|are) (?:first |once |originally )?to \w", re.IGNORECASE)


def _score(asked: Asked, sentence: Weighed, span: Span, context: Sequence[Weighed], rarity: dict[str, float]) -> float:
    """How much of the question a candidate accounts for."""
    first, last = sentence.near(span.start), sentence.near(span.end - 1)
    here = set(sentence.clauses[first : last + 1])
    points = 0.0
    for term in asked.terms:
        best = 0.0
        for place, truth in _matches(term, sentence):
            inside = first <= place <= last
            apart = 0 if inside else min(abs(place - first), abs(place - last))
            close = 1.0 if sentence.clauses[place] in here else 0.8
            best = max(best, truth * close * (0.7 + 0.3 / (1 + apart / 4)))
        if not best:
            # Not in this sentence, but spoken of: "It opened ..." after a sentence on the bridge.
            refers = any(word.text.casefold() in _PRONOUN for word in sentence.words[:6])
            carried = (0.7 if refers else 0.45) if term != asked.verb else 0.1
            best = carried if any(_matches(term, other) for other in context) else 0.0
        points += rarity[term] * best
    # "It was to open in 1930": planned, not done. What the candidate itself says is its own affair.
    around = {
        word.stem
        for number, (word, clause) in enumerate(zip(sentence.words, sentence.clauses, strict=True))
        if clause in here and not first <= number <= last
    }
    unreal = (around & _UNREAL) - set(asked.terms)
    lead = sentence.text[
        sentence.words[min(n for n, clause in enumerate(sentence.clauses) if clause in here)].start : span.start
    ]
    if (unreal or _MEANT_TO.search(lead)) and not ("not" in around and "until" in around):
        points *= 0.75
    if sentence.heading:
        points *= 0.8
    return points * span.fit


# What can be an answer, by what is asked for

MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DAYPART = r"(?:\s+(?:morning|afternoon|evening|night))?"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = (
    r"(?:1\d{3}|20\d{2})(?!\d|[.,]\d|\s*(?:%|percent|people|men|women|metres?|meters?|kilomet|miles?|feet|dollars|euros"
    r"|pounds))"
)
_HOUR = r"(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s?(?:[ap]m\b|[ap]\.m\.)"
_CLOCK = (
    rf"(?:between\s+)?(?:(?:[01]?\d|2[0-3])(?::[0-5]\d)?\s*(?:-|–|to|and)\s*)?{_HOUR}|(?:[01]?\d|2[0-3])[:.][0-5]\d(?!\d)"
    r"|\b(?:noon|midnight|midday)\b|half past \w+|(?:a )?quarter (?:to|past) \w+|\w+ o['’]clock"
)
DATES = (
    rf"\b(?:{_WEEKDAY}{_DAYPART},?\s+(?:the\s+)?)?{_DAY}(?:\s+of)?\s+{MONTH}(?:,?\s+{_YEAR})?\b",
    rf"\b(?:{_WEEKDAY}{_DAYPART},?\s+)?{MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?\b(?!\d)",
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})\b",
    rf"\bthe\s+(?:first|second|third|fourth|last)\s+(?:week|half|day|weekend)\s+of\s+{MONTH}(?:\s+{_YEAR})?",
    rf"\b(?:(?:early|late|mid)[- ])?{MONTH}(?:\s+of)?\s+{_YEAR}\b",
    rf"\b(?:the\s+)?(?:(?:early|late|mid)[- ])?(?:spring|summer|autumn|fall|winter)\s+(?:of\s+)?{_YEAR}\b",
    r"\b(?:the\s+)?(?:(?:early|late|mid)[- ])?(?:1\d|20)\d0s\b|\b(?:the\s+)?\d{1,2}(?:st|nd|rd|th)\s+century\b",
    rf"(?<![$€£.,\d]){_YEAR}\b",
    rf"\b{_WEEKDAY}{_DAYPART}\b",
    rf"(?<=\b[Ii]n )(?:{MONTH})\b|(?<=\b[Bb]y )(?:{MONTH})\b|(?<=\b[Ss]ince )(?:{MONTH})\b",
    r"\b(?:yesterday|today|tomorrow|tonight|(?:last|next|this) (?:week|month|year|night|spring|summer|autumn|winter))\b",
)
_SMALL = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
_NUMBER_WORD = rf"(?:{'|'.join(_SMALL.split())})"
_ONE_NUMBER = (
    rf"(?:\d+(?:[,.]\d+)*(?:\s(?:hundred|thousand|million|billion|trillion))?"
    rf"|{_NUMBER_WORD}(?:[- ]{_NUMBER_WORD})*(?:\s(?:hundred|thousand|million|billion))*"
    rf"|(?:an?\s)?(?:half a )?(?:hundred|thousand|million|billion|dozen)|half)"
)
_NUMBER = rf"(?:between\s)?{_ONE_NUMBER}(?:(?:\s?[-–]\s?|\s(?:to|or|and)\s){_ONE_NUMBER})?"
_MONEY = (
    rf"(?:[$€£¥]\s?\d+(?:[,.]\d+)*(?:\s(?:thousand|million|billion|trillion|[mk]n?)\b)?"
    rf"|\b{_NUMBER}\s(?:dollars?|euros?|pounds?|cents?|pence|yen|francs?|crowns?|rupees?|USD|EUR|GBP|CHF)\b(?:\s(?:an?|per)\s\w+)?"
    rf"|\b\d+(?:[,.]\d+)*\s(?:million|billion)\b(?!\s(?:people|years|tons|tonnes|visitors|inhabitants)))"
)
_UNITS = {
    "extent": r"(?:kilo|centi|milli)?met(?:re|er)s?|km|cm|mm|m|miles?|feet|foot|ft|inch(?:es)?|yards?|hectares?|acres?"
    r"|square (?:\w+)|storeys?|stories|floors?|pages?",
    "weight": r"(?:kilo|milli)?grams?|kilos?|kg|g|mg|tonnes?|tons?|pounds?|lbs?|ounces?|oz|stone",
    "span": r"seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centuries|century|mins?|hrs?",
    "speed": r"(?:km/h|mph|kph|knots|(?:kilomet(?:re|er)s|miles|metres|meters)\s(?:an|per)\s(?:hour|second))",
    "warmth": r"(?:degrees?(?:\s(?:Celsius|Fahrenheit|C|F))?|°\s?[CF]?)",
    "volume": r"(?:milli|centi)?lit(?:re|er)s?|ml|cl|l|gallons?|pints?|cups?|(?:table|tea)?spoons?|[GMT]B|watts?|kW|MW|tins?"
    r"|loaves",
}
_HEDGE = (
    r"(?:(?:about|around|nearly|almost|some|over|more than|less than|at least|up to|roughly|approximately|only)\s)?"
)


def _measure(units: str) -> str:
    one = rf"\b{_NUMBER}[\s-]?(?:{units})\b"
    return rf"{one}(?:(?:,|\sand)?\s{one})?"


Seek = Callable[[Asked, Weighed], Iterator[Span]]


def _by(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> Seek:
    """Whatever fits one of the patterns; the earlier pattern is the fuller answer and hides what it covers."""
    compiled = [re.compile(pattern, flags) for pattern in patterns]

    def seek(asked: Asked, sentence: Weighed) -> Iterator[Span]:
        taken: list[tuple[int, int]] = []
        for rank, pattern in enumerate(compiled):
            for match in pattern.finditer(sentence.text):
                if all(match.end() <= start or match.start() >= end for start, end in taken):
                    taken.append(match.span())
                    yield Span(*match.span(), fit=1.0 - 0.015 * rank)

    return seek


def _ages(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    for match in re.finditer(
        rf"\b(?:aged|age of|was then|was|turned|at)\s(?P<n>{_NUMBER})(?:\syears?\sold)?(?=[\s,.;)]|$)"
        rf"|\b(?P<m>{_NUMBER})[\s-]years?[\s-]old",
        sentence.text,
        re.IGNORECASE,
    ):
        name = "n" if match.group("n") else "m"
        yield Span(*match.span(name))


def _counts(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    """A number and what it counts: it must be what was asked about."""
    focus = asked.focus or next((term for term in asked.terms if term != asked.verb), None)
    places = [place for place, _ in _matches(focus, sentence)] if focus else []
    for match in re.finditer(
        rf"{_HEDGE}\b(?P<n>{_NUMBER})\b(?!\s?(?:%|percent|per cent|am\b|pm\b))", sentence.text, re.IGNORECASE
    ):
        if re.match(_YEAR, match.group("n")) and re.search(
            r"\b(?:in|since|by|of|from|until|after|before)\s$", sentence.text[: match.start("n")]
        ):
            continue
        at = sentence.near(match.end("n") - 1)
        after = [place for place in places if 0 < place - at <= 3]
        if after and sentence.clauses[after[0]] == sentence.clauses[at]:
            yield Span(match.start("n"), sentence.words[after[0]].end, fit=1.1)
        elif any(abs(place - at) <= 12 for place in places):
            yield Span(*match.span("n"), fit=0.75)


def _amounts(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    units = "|".join((_UNITS["weight"], _UNITS["volume"], _UNITS["extent"]))
    for match in re.finditer(
        rf"{_measure(units)}|{_MONEY}|\b{_NUMBER}(?:\s?%| per ?cent)", sentence.text, re.IGNORECASE
    ):
        at = sentence.near(match.end() - 1)
        of = asked.focus and any(0 < place - at <= 3 for place, _ in _matches(asked.focus, sentence))
        yield Span(*match.span(), fit=1.1 if of else 0.85)


_NAME = re.compile(
    r"(?:(?:President|King|Queen|Prince|Princess|Sir|Lord|Lady|Dr\.?|Prof\.?|Professor|Mr\.?|Mrs\.?|Ms\.?|Captain|General|Mayor|Pope|Saint|St\.?)\s+)?"
    r"\b[^\W\d_a-zà-öø-ÿ][\w’'-]*(?:\s+(?:(?:de|da|di|van|von|der|den|del|la|le|bin|al|of the|of)\s+)?[^\W\d_a-zà-öø-ÿ][\w’'-]*)*"
)
_NO_NAME = re.compile(rf"^(?:{MONTH}|{_WEEKDAY}|I|OK)$")
_INTO_PLACE = re.compile(
    r"\b(?:in|at|near|to|from|through|of|into|towards?|across|outside|around|via|for)\s+(?:the\s+)?$", re.IGNORECASE
)
_PLACE_NAME = re.compile(
    r"^(?:Port|Mount|Lake|Cape|North|South|East|West)\s"
    r"|\s(?:Islands?|Street|Road|Lane|Avenue|Square|Bridge|River|Lake|Bay|Hall|Park|Station|Valley|County|Harbour)$"
)
_BY = re.compile(r"\b(?:by|from|under|with)\s+(?:(?:the|a|an|its|his|her|their)\s+)?(?:[a-z-]+\s+){0,2}$")


def _names(sentence: Weighed) -> Iterator[re.Match[str]]:
    for match in _NAME.finditer(sentence.text):
        name = match.group()
        lead = name.split()[0].casefold().replace("’", "'")
        if lead in STOPWORDS or lead in _LEADS or _NO_NAME.match(name):
            # "The Oru Dam", "In Leeds": what follows the little word is the name.
            rest = re.compile(_NAME.pattern).search(sentence.text, match.start() + len(name.split()[0]))
            if rest and rest.end() <= match.end() and not _NO_NAME.match(rest.group()):
                yield rest
            continue
        yield match


_LEADS = frozenset(
    "the dear adults critics today females males construction work minutes present members yours according unlike".split()
)


def _people(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    terms = set(asked.terms)
    verbs = [place for place, _ in _matches(asked.verb, sentence)] if asked.verb else []
    for match in _names(sentence):
        name = re.sub(r"['’]s$", "", match.group())
        if {stem(word) for word in re.findall(r"\w+", name)} & terms or name.isupper() and len(name) > 3:
            continue
        before = sentence.text[: match.start()]
        fit = 1.0 if " " in name else 0.93
        by = re.search(r"\bby\s+(?:(?:the|a|an|its)\s+)?(?:[a-z-]+\s+){0,2}$", before)
        if by:
            fit += 0.12
        elif _INTO_PLACE.search(before) or _PLACE_NAME.search(name):
            fit -= 0.3
        at = sentence.near(match.start())
        follows = bool(verbs) and min(verbs, key=lambda place: abs(place - at)) < at
        if verbs and not by and follows == asked.active:
            fit -= 0.15
        yield Span(match.start(), match.start() + len(name), fit)
    if not terms & {"keeper", "name"}:
        yield from _roles(asked, sentence, verbs)


def _roles(asked: Asked, sentence: Weighed, verbs: Sequence[int]) -> Iterator[Span]:
    """A person without a name: "the oldest clerk" before "opened the safe"."""
    for place in verbs:
        start = sentence.words[place].start
        found = re.search(
            r"\b((?:the|a|an|my|our|his|her|their)\s(?:[a-z-]+\s){1,3})$", sentence.text[:start], re.IGNORECASE
        )
        if found and asked.active:
            yield Span(found.start(1), found.end(1), 0.7)


# Who writes to whom

_LETTER = r"(?:letter|e-?mail|mail|note|message|postcard|card)"
# The questions after the two ends of a letter.
_LETTER_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (part, re.compile(pattern, re.IGNORECASE))
    for part, pattern in (
        ("to", rf"who(?:m|'s|’s)?\b.*\b(?:{_LETTER}|it|this)\b.*\b(?:to|for)\W*$"),
        ("to", rf"to whom\b.*\b(?:{_LETTER}|it|this)\b|\b(?:recipient|addressee)(?:['’]s name)?\b"),
        ("from", rf"who (?:wrote|signed|sent|is writing|has (?:written|signed|sent)) (?:this|the|that) {_LETTER}\W*$"),
        ("from", rf"who(?:m|'s|’s)?\b.*\b{_LETTER}\b.*\b(?:from|by)\W*$|(?:from|by) whom\b.*\b{_LETTER}\b"),
        ("from", rf"\b(?:sender|(?:author|writer|name) (?:of|under) (?:this|the) {_LETTER})\b"),
    )
)
_SIGNED = (
    r"(?:[^\W\d_a-z][\w’'-]*\.?|[A-Z]\.)"
    r"(?:[ \t]+(?:(?:de|da|van|von|der|den|la|le|and|&)[ \t]+)?(?:[^\W\d_a-z][\w’'-]*|[A-Z]\.))*"
)
_CLOSING = (
    r"(?:yours? (?:\w+ )?(?:sincerely|faithfully|truly|ever)|yours|(?:sincerely|faithfully|truly)(?: yours)?"
    r"|(?:with )?(?:(?:kind|best|warm|kindest|warmest|many) )*(?:regards|wishes|greetings)|all the best|cheers|cordially"
    r"|respectfully|(?:with |lots of |much )?love|(?:many )?thanks|thank you)"
)
_LETTER_ENDS: dict[str, tuple[re.Pattern[str], ...]] = {
    "from": (
        re.compile(
            rf"(?:^[ \t]*|[.!?]\s)(?i:{_CLOSING})(?:[ \t]*[,.!–-]\s*|\s*\n\s*)(?P<name>{_SIGNED})", re.MULTILINE
        ),
        re.compile(r"^[ \t]*From:[ \t]*(?P<name>[^\n<]+)", re.MULTILINE),
    ),
    "to": (
        re.compile(
            r"(?:^|[.!?]\s)[ \t]*(?i:(?:my )?dear(?:est)?|hello|hi) +(?P<name>[^\n,:!;]{1,60}?)\s*(?:[,:!]|\n|$)",
            re.MULTILINE,
        ),
        re.compile(r"^[ \t]*To:[ \t]*(?P<name>[^\n<]+)", re.MULTILINE),
    ),
}


def _letter_part(line: str) -> str | None:
    """Which end of a letter a question is after."""
    return next((part for part, pattern in _LETTER_PARTS if pattern.search(line)), None)


def _in_letter(part: str, passage: str) -> Found | None:
    """The name under the closing, or the one in the salutation."""
    for pattern in _LETTER_ENDS[part]:
        matches = list(pattern.finditer(passage[-4_000:] if part == "from" else passage[:4_000]))
        if matches:
            match = matches[-1 if part == "from" else 0]
            return Found(match["name"].strip(), 0.9, " ".join(match.group().split()))
    return None


# Names of persons in a role and of things

_PROPER = (
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|St)\.?\s)?[^\W\d_a-zà-öø-ÿ][\w’'-]*(?:\s(?:(?:de|da|di|van|von|der|den|del|la|le|al|of the|of)\s)?"
    r"[^\W\d_a-zà-öø-ÿ][\w’'-]*|\s\d{1,3}\b(?![.,]\d)){0,6}"
)
# "Who is Carl Dunmore?" is after what the text says he is, not after a name.
_WHO_IS = re.compile(rf"^(?i:who(?:'s|’s| is| was)) (?P<name>{_PROPER})\W*$")


def _told_of(name: str, sentences: Sequence[Weighed]) -> Found | None:
    """What a text says someone is: "the engineer Ada Lindqvist", "Tom Bellamy, who runs the bakery"."""
    last = re.escape(name.split()[-1])
    whole = rf"(?:{_PROPER}\s)?{last}\b"
    for pattern in (
        rf"\b{whole}(?:\s\(|,\s)(?P<is>(?:who|the|an?|our|my|his|her|their)\s[^,.;()]+)",
        rf"\b{whole}\s(?:is|was)\s(?P<is>(?:the|an?|our|my|his|her|their)\s[^,.;()]+)",
        rf"\b(?P<is>(?:(?:the|our|his|her)\s(?:[a-z-]+\s){{1,3}}|[A-Z][a-z]+|[a-z]+ [a-z]+(?:er|or|ist|ian|ant|ee|man))\s?)\b"
        rf"(?<=\s){whole}",
    ):
        for sentence in sentences:
            for match in re.finditer(pattern, sentence.text) if name.split()[-1] in sentence.text else ():
                told = match["is"].strip()
                if (
                    told.casefold() not in STOPWORDS
                    and told not in name
                    and told.split()[-1].casefold() not in _NO_ROLE
                ):
                    return Found(told, 0.8, sentence.text)
    return None


_NO_ROLE = frozenset("said by and from with to of dear in at on for mr mrs ms dr".split())

_ANY = r"(?i:the|a|an|our|their|its|his|her|my|this)"
_QUOTE = r"[\"'“‘«]?"
_MORE = r"(?:[a-z-]+\s){0,2}"
_ROLE = r"[\w-]+(?: [\w-]+){0,2}"
_OWNER = r"(?: (?P<of>(?:of|in|at|for|on|from) [^?]+))?"

# How a text gives a name to what it speaks of; `ROLE` stands for the noun asked about, NAME for a proper name. The surest first.
_GIVEN: tuple[tuple[str, float], ...] = (
    (rf"\bROLE(?:['’]s)?,?\s(?i:(?:(?:is|was|are|were|been)\s)?(?:named|called|christened|known as))"
     rf"\s(?:(?i:the)\s)?{_QUOTE}(?P<name>NAME)", 1.0),
    (rf"\bROLE['’]s\sname\s(?i:is|was)\s(?:the\s)?{_QUOTE}(?P<name>NAME)", 1.0),
    (rf"\bROLE\b[^.;]{{0,60}}\sname,?\s{_QUOTE}(?P<name>NAME)", 0.9),
    (rf"\b(?i:name\sof)\s(?:{_ANY}\s)?ROLE(?:\sof\sNAME)?\s(?i:is|was)\s(?:the\s)?{_QUOTE}(?P<name>NAME)", 1.0),
    (rf"\bROLE(?:\s(?:of|in|at)\s(?:the\s)?NAME)?(?:\s(?i:is|was)|:)\s(?:the\s)?{_QUOTE}(?P<name>NAME)(?!\s(?:and|or)\s)", 0.95),
    (rf"\bROLE(?:\s(?:of|in|at)\s(?:the\s)?NAME)?,\s(?:the\s)?{_QUOTE}(?P<name>NAME){_QUOTE}(?=[,.;:)])", 0.95),
    (rf"\b(?P<name>NAME)(?:\s\(|,\s)(?:{_ANY}\s)?{_MORE}ROLE\b", 0.9),
    (rf"\b(?P<name>NAME)\s(?i:is|was|became|(?:was\s)?elected|(?:was\s)?appointed)\s(?:{_ANY}\s)?{_MORE}ROLE\b", 0.85),
)  # fmt: skip
# Before a name only a role stands so; of a thing "the ferry Sea Lark" does, too, but "the ferry Monday" does not.
_TITLED = r"\bROLE\s(?P<name>NAME)"
# "The Kestrel Bridge", asked what the bridge is called.
_WITHIN = r"(?P<name>NAME)(?<=\sROLE)"

_NAMING: tuple[tuple[bool, re.Pattern[str]], ...] = tuple(
    (thing, re.compile(pattern, re.IGNORECASE))
    for thing, pattern in (
        (True, rf"\bname of (?:{_ANY}\s)?(?P<role>{_ROLE}?){_OWNER}\W*$"),
        (True, rf"\b(?:is|was|'s|’s|know|me)\s(?:{_ANY}\s)?(?P<role>{_ROLE})['’]s? names?\W*$"),
        (True, rf"(?:what|how) (?:is|was|'s) (?:{_ANY}\s)(?P<role>{_ROLE}?){_OWNER}"
               r" (?:called|named)\W*$"),
        (False, rf"\bwho(?:'s|’s| is| was| are| were) (?:{_ANY}\s|(?P<whose>[\w-]+)['’]s )(?P<role>{_ROLE}?)"
                rf"{_OWNER}(?: now| today| currently| here)?\W*$"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Naming:
    """A question after the name of someone in a role, or of a thing: "who is the mayor of Leeds", "what is the ferry called"."""

    role: tuple[str, ...]
    """The words of the noun, the one that counts last."""
    owner: tuple[str, ...]
    """The stems of what it belongs to."""
    thing: bool
    """Whether its name is asked for in so many words: then nothing but a name serves."""

    @staticmethod
    def _fitting(match: re.Match[str], thing: bool) -> "Naming | None":
        """What a question that fits asks; None if its noun is none ("who was the last to leave")."""
        role = tuple(match["role"].casefold().split())
        if any(word in STOPWORDS or word.endswith("ed") for word in role) or _letter_part(match.string):
            return None
        named = match.groupdict()
        owner = " ".join(filter(None, (named.get("of"), named.get("whose"))))
        return Naming(role, tuple(w.stem for w in words(owner) if not w.stops and w.stem not in _EMPTY), thing)

    @staticmethod
    def of(line: str) -> "Naming | None":
        """What a question asks, if it asks for a name."""
        for thing, pattern in _NAMING:
            if match := pattern.search(line[:300]):
                return Naming._fitting(match, thing)
        return None

    def told(self, sentence: Weighed) -> bool:
        """Whether a sentence speaks of the role."""
        return bool(_matches(stem(self.role[-1]), sentence))

    def known(self, sentences: Sequence[Weighed]) -> bool:
        """Whether the text speaks of the role, and of what it belongs to."""
        return all(any(_matches(term, s) for s in sentences) for term in (stem(self.role[-1]), *self.owner))

    def find(self, sentences: Sequence[Weighed]) -> Found | None:
        """The name that the text gives it."""
        if not self.known(sentences):
            return None
        best: Found | None = None
        for phrase, worth in dict.fromkeys(((self.role, 1.0), (self.role[-1:], 0.9))):
            noun = r"(?i:" + r"\s".join(map(re.escape, phrase)) + r")"
            patterns = (*_GIVEN, (_TITLED, 0.9), *(((_WITHIN, 0.7),) if self.thing else ()))
            for pattern, sure in patterns:
                compiled = re.compile(pattern.replace("ROLE", noun).replace("NAME", _PROPER))
                for sentence in sentences:
                    if phrase[-1] not in sentence.text.casefold():
                        continue
                    for match in compiled.finditer(sentence.text):
                        name = _bare(match["name"])
                        score = sure * worth * (1 + 0.02 * sum(bool(_matches(term, sentence)) for term in self.owner))
                        if name and (best is None or score > best.score):
                            best = Found(name, min(score, 1.0), sentence.text)
        return best


def _bare(name: str) -> str | None:
    """A proper name without its article; None if it is a month, or a word that only begins its sentence."""
    name = re.sub(r"['’]s$", "", name.strip())
    lead, _, rest = name.partition(" ")
    if lead.casefold().replace("’", "'") in STOPWORDS or lead.casefold() in _LEADS:
        name = rest
    return name if name and not _NO_NAME.match(name.split()[0]) else None


_AFTER_PLACE = re.compile(
    r"\s(?:in (?=\d|[a-z]+ \d)|on (?=\d|the \d|[A-Z][a-z]+day)|at (?=\d)|and (?=\w+ed\b)|because|when|while|where|which|who"
    r"|that|over|for|by|with|until|since|as|before|after|but|was|is|were|to|from)\b"
)
_NO_PLACE = re.compile(
    rf"(?:the\s)?(?:{_YEAR}|{_NUMBER}\b|{MONTH}\b|{_WEEKDAY}|early|late|order|front|addition|fact|general|time|least|first|bed)",
    re.IGNORECASE,
)


def _places(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    terms = set(asked.terms)
    towards = (
        r"(?:in|at|on|near|to|into|from|off|outside|beside|behind|under|along|across|inside|between|through|around)"
    )
    for match in re.finditer(rf"\b{towards}\s+(?=(?P<np>[^,.;:()]+))", sentence.text):
        start = match.start("np")
        phrase = _AFTER_PLACE.split(match.group("np"))[0]
        if _NO_PLACE.match(phrase):
            continue
        inside = {word.stem for word in words(phrase) if not word.stops}
        if not inside or inside <= terms:
            continue
        # "the move from Leeds to Bradford": where it is now is the last of them.
        fit = {"from": 0.85, "to": 0.9, "between": 0.9}.get(match.group().split()[0].casefold(), 1.0)
        fit += 0.03 if re.search(r"[A-Z]", phrase) else -0.1
        yield Span(start, start + len(phrase), fit)


def _clause_after(text: str, position: int, *, lists: bool = True) -> tuple[int, int]:
    """From a place to the end of what is said there: to the next stop, or to a word that opens something else."""
    rest = text[position:]
    lead = len(rest) - len(rest.lstrip(" ,:"))
    end = len(rest)
    for match in re.finditer(
        r"[;:()—]|,(?=\s)"
        r"|\s(?=(?:because|but|while|whereas|although|which|who|when|where|until|since|after|before|so that|if)\b)"
        rf"|\s(?=(?:in|on|since|from|by|at)\s(?:{_YEAR}|{MONTH}\b|{_DAY}\s{MONTH}|{_WEEKDAY}|the age))",
        rest[lead:],
    ):
        comma = match.group() == ","
        following = rest[lead + match.end() :]
        if (
            comma
            and lists
            and re.match(r"\s(?:[\w'’-]+\s){0,4}[\w'’-]+(?:,|\sand\s|\sor\s)", following)
            and not re.match(r"\s(?:and|but|or)?\s?(?:it|he|she|they|we|the|in|on|then|which|who)\b", following)
        ):
            continue
        end = lead + match.start()
        break
    return position + lead, position + end


_CAUSE = re.compile(
    r"\b(?P<lead>because of|because|due to|owing to|thanks to|as a result of|on account of|since(?!\s(?:\d|then|the\s\d|last))|"
    r"so that|in order to|for fear of|caused by)\s+",
    re.IGNORECASE,
)


def _reasons(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    text = sentence.text
    for match in _CAUSE.finditer(text):
        end = re.search(r"[;:—]|, (?:and|but|so)\b|(?<=\w)\.(?=\s|$)|$", text[match.end() :])
        yield Span(match.end(), match.end() + (end.start() if end else len(text)), 1.15)
    for match in re.finditer(
        r"\bsent off (?P<why>for [^,.;]+)|\b(?:so|in order) (?P<aim>to [a-z]+ [^,.;]+)|, (?P<to>to [a-z]+ [^,.;]+)",
        text,
    ):
        name = match.lastgroup or "why"
        yield Span(*match.span(name), 0.95)
    verbs = [place for place, _ in _matches(asked.verb, sentence)] if asked.verb else []
    for place in verbs:
        # "Rust in the hangers closed it": whoever did that to it is the reason.
        after = sentence.text[sentence.words[place].end :]
        infinitive = text[: sentence.words[place].start].endswith("to ")
        if re.match(r"\s(?:it|him|her|them|the|its|his|their)\b", after) and not infinitive:
            subject = _subject(text, sentence.words[place].start)
            if subject and not {w.stem for w in words(text[slice(*subject)])} & set(asked.terms):
                yield Span(*subject, 0.95)
    yield Span(0, len(text), 0.62)


def _subject(text: str, end: int) -> tuple[int, int] | None:
    """What stands before a verb in its clause."""
    before = re.sub(
        r"(?:\s(?:has|have|had|was|were|is|are|will|would|also|then|later|nearly|first))*\s*$", " ", text[:end]
    )
    start = max(
        (m.end() for m in re.finditer(r"[,;:—(]\s*|\b(?:and|but|because|that|who|which|while)\s", before)), default=0
    )
    subject = before[start:].strip()
    if not subject or subject.casefold() in _PRONOUN:
        return None
    at = text.index(subject, start)
    return at, at + len(subject)


def _manners(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    for match in re.finditer(
        r"\bby \w+ing\b[^,.;]*|\b(?:using|with the help of|by means of|on foot"
        r"|by (?:train|car|boat|bus|air|sea|ferry|bicycle|hand|foot))\b[^,.;]*",
        sentence.text,
    ):
        yield Span(*match.span(), 1.0)
    yield Span(0, len(sentence.text), 0.7)


def _things(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    """What is said of the thing asked about: what follows its verb, what it is, what did it."""
    text, terms = sentence.text, set(asked.terms)

    def new(start: int, end: int, fit: float) -> Iterator[Span]:
        # An answer must say something that the question did not.
        said = {word.stem for word in words(text[start:end]) if not word.stops}
        if said - terms and end - start <= 200:
            yield Span(start, end, fit)

    verbs = [place for place, _ in _matches(asked.verb, sentence)] if asked.verb else []
    for place in verbs:
        start, end = _clause_after(text, sentence.words[place].end)
        particle = re.match(
            r"(?:first |only |also |after |up |off |out |for |from |of |as |about |to be )+", text[start:end]
        )
        yield from new(start + (particle.end() if particle else 0), end, 1.0)
        if subject := _subject(text, sentence.words[place].start):
            yield from new(*subject, 0.75)
    for match in re.finditer(r"\b(?:is|was|are|were|means|became|remains)\s+(?!\w+ed\b)", text):
        before = {word.stem for word in words(text[: match.start()])}
        if before & terms:
            yield from new(*_clause_after(text, match.end()), 0.95)
        after = {word.stem for word in words(text[match.end() :])}
        if after & terms and (subject := _subject(text, match.start())):
            yield from new(*subject, 0.8)
    for match in re.finditer(r", (?P<np>(?:an?|the|its|his|her) [^,;.]+)(?=[,;.])", text):
        yield from new(*match.span("np"), 0.8)
    for match in _names(sentence):
        yield from new(*match.span(), 0.75)


def _choices(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    """Which one of a sort: a name, or what the noun asked about has before or after it."""
    yield from (Span(s.start, s.end, s.fit * 0.9) for s in _things(asked, sentence))
    for place, _ in _matches(asked.focus or "", sentence):
        word = sentence.words[place]
        found = re.search(r"((?:[\w'’-]+\s){1,3})$", sentence.text[: word.start])
        if found:
            yield Span(found.start(1), word.end, 0.85)


_COLOUR = (
    r"(?:(?:light|dark|pale|bright|deep)\s)?(?:black|white|red|green|blue|yellow|orange|purple|pink|brown|gr[ae]y|silver|gold(?:en)?"
    r"|violet|turquoise|beige|crimson|scarlet|ivory|navy)"
)

SEEKERS: dict[str, Seek] = {
    "year": _by(rf"(?<![$€£.,\d]){_YEAR}\b"),
    "date": _by(*DATES, _CLOCK),
    "clock": _by(_CLOCK),
    "person": _people,
    "place": _places,
    "reason": _reasons,
    "manner": _manners,
    "percentage": _by(rf"\b{_NUMBER}\s?(?:%|per ?cent\b)"),
    "age": _ages,
    "span": _by(_measure(_UNITS["span"])),
    "extent": _by(_measure(_UNITS["extent"]), _measure(_UNITS["span"])),
    "weight": _by(_measure(_UNITS["weight"])),
    "speed": _by(rf"\b{_NUMBER}\s?{_UNITS['speed']}"),
    "warmth": _by(rf"\b{_NUMBER}\s?{_UNITS['warmth']}"),
    "money": _by(_MONEY),
    "amount": _amounts,
    "count": _counts,
    "often": _by(
        rf"\b(?:once|twice|{_NUMBER} times)\b(?:\s(?:an?|per|every)\s\w+)?",
        rf"\bevery (?:{_NUMBER} )?\w+|\b(?:daily|weekly|monthly|yearly|annually)\b",
    ),
    "colour": _by(rf"\b{_COLOUR}(?:(?:,\s|\sand\s|,\sand\s|\sor\s){_COLOUR})*\b"),
    "choice": _choices,
    "thing": _things,
    "sentence": lambda asked, sentence: iter([Span(0, len(sentence.text), 0.9)]),
}
"""How to find what can be an answer, by what is asked for."""


def _spans(asked: Asked, sentence: Weighed) -> Iterator[Span]:
    for span in SEEKERS[asked.wanted](asked, sentence):
        if sentence.text[span.start : span.end].strip():
            yield span


def _trim(text: str) -> str:
    text = text.strip().strip(",;:—–").strip()
    text = re.sub(r"['’]s$", "", text)
    if text.endswith(".") and not re.search(r"\b(?:[A-Za-z]\.)+$", text):
        text = text[:-1]
    return text


def _short(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= 120 else line[:117] + "..."
