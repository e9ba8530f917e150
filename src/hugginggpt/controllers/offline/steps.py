"""The steps that a request asks for, found by its cues and put into the order in which they are meant."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from hugginggpt.controllers.offline.phrases import (
    ALREADY,
    ANSWERING,
    AROUND_FACT,
    BARE_FACT,
    CUES,
    FACT,
    LANGUAGE,
    NEGATION,
    NO_QUESTION,
    ONCE_IN_CLAUSE,
    PREPARED,
    PREPARES,
    QUESTION,
    SHORTHAND,
    SPOKEN_ONLY,
    Cue,
)
from hugginggpt.controllers.offline.reading import GIVEN, Clause, Reading, clauses
from hugginggpt.flow.artifact import Media


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is asked for."""

    act: str
    start: int
    end: int
    """Where its cue stands in the ask."""
    clause: Clause
    """Where it speaks of what it is done to."""
    weight: int = 5
    question: str = ""
    """For a question: its own words, as they were written."""
    target: str = ""
    """For a translation: the language."""
    also: tuple[str, ...] = field(default=())
    """Acts that stand in the same clause and come first."""


def steps_of(reading: Reading, media: Set[Media]) -> list[Step]:
    """What is asked for, in the order meant; nothing if no cue was found."""
    parts = list(clauses(reading.ask))
    found = _cues(reading.ask, media)
    found += _languages(reading, found)
    found = _wanted(reading.ask, found, parts)
    placed = [(cue, start, end, _clause_at(parts, start)) for cue, start, end in found]
    placed = _without_scenery(placed, reading)
    asked = {clause.start for _, _, _, clause in placed}
    parts = _merged(parts, asked, reading.ask)
    steps = [
        Step(
            act=act,
            start=start,
            end=end,
            clause=_clause_at(parts, start),
            weight=weight,
            target=_target(reading, act, start, end, parts),
        )
        for (act, weight), start, end, _ in placed
    ]
    steps += _questions(reading, parts, steps)
    steps = _facts(reading, steps, parts, media)
    steps = _absorb(steps, reading, media)
    return _in_order(steps, parts, reading)


_Found = tuple[tuple[str, int], int, int]


def _cues(ask: str, media: Set[Media]) -> list[_Found]:
    hits: list[tuple[int, int, int, int, Cue]] = []
    for cue in CUES:
        if cue.media and not cue.media & media:
            continue
        # A cue that was written for something attached weighs a little more than one that was written for anything.
        weight = cue.weight * 2 + bool(cue.media)
        for at in cue.pattern.finditer(ask):
            hits.append((-weight, -(at.end() - at.start()), at.start(), at.end(), cue))
    kept: list[tuple[int, int, Cue]] = []
    for _, _, start, end, cue in sorted(hits, key=lambda hit: hit[:4]):
        if all(end <= other_start or start >= other_end for other_start, other_end, _ in kept):
            kept.append((start, end, cue))
    return [((cue.act, cue.weight), start, end) for start, end, cue in sorted(kept, key=lambda hit: hit[0])]


_IN_LANGUAGE = re.compile(
    rf"(?<!\w)(?:in|into|to)(?: \w+)? ({LANGUAGE})(?!\w)(?! (?:class|lesson|text|article|translation to)\b)"
)
_LANGUAGE_OF_RESULT = re.compile(rf"(?<!\w)({LANGUAGE}) (?:summary|description|caption|recap|synopsis|subtitles)(?!\w)")


def _languages(reading: Reading, found: list[_Found]) -> list[_Found]:
    """A translation for "... in French", where none is asked for otherwise and the text is not said to be French."""
    if any(act == "translate" for (act, _), _, _ in found):
        return []
    if found and (at := _LANGUAGE_OF_RESULT.search(reading.ask)):
        return [(("translate", 5), at.start(1), at.end(1))]
    describing = any(act == "describe" for (act, _), _, _ in found)
    for at in _IN_LANGUAGE.finditer(reading.ask):
        if (
            found
            and (describing or not ALREADY.search(reading.ask[: at.start()]))
            and any(start < at.start() for _, start, _ in found)
        ):
            if any(act in {"write", "chat", "draw"} for (act, _), _, _ in found):
                return []
            return [(("translate", 5), at.start(), at.end())]
    return []


def _wanted(ask: str, found: Sequence[_Found], parts: Sequence[Clause]) -> list[_Found]:
    """Without what is said not to be wanted: "but don't read it aloud"."""
    kept: list[_Found] = []
    unwanted: set[tuple[str, int]] = set()
    for at in found:
        (act, _), start, _ = at
        clause = _clause_at(parts, start)
        family = "speak" if act == "read" else act
        before = ask[clause.start : start]
        if NEGATION.search(before) and not re.search(r"\bif not\b|\bwhy not\b|can(?:not|'t) you", before):
            unwanted.add((family, clause.start))
        elif (family, clause.start) not in unwanted:
            kept.append(at)
    return kept


def _clause_at(parts: Sequence[Clause], place: int) -> Clause:
    at = parts[0] if parts else Clause(0, 0)
    for clause in parts:
        if clause.start <= place:
            at = clause
    return at


_SCENERY = re.compile(
    r"(?:\b(?:a|an|the|this|my|that|of|some|our|your|from the|in the|on the|of the|from this|from my)\s+(?:[\w-]+ )?)$"
)
_NOUN_CUES = frozenset(
    {
        "summarise",
        "transcribe",
        "translate",
        "sentiment",
        "canny",
        "depth",
        "segment",
        "describe",
        "openpose",
        "scribble",
    }
)


def _without_scenery(
    placed: list[tuple[tuple[str, int], int, int, Clause]], reading: Reading
) -> list[tuple[tuple[str, int], int, int, Clause]]:
    """Without the cues that only name what an earlier one makes: "read *the summary* to me"."""
    kept: list[tuple[tuple[str, int], int, int, Clause]] = []
    for at in placed:
        (act, _), start, end, clause = at
        words = reading.ask[start:end]
        named = act in _NOUN_CUES and bool(_THE.search(reading.ask[clause.start : start]))
        others = [other for other in placed if other is not at and other[0][0] == act]
        if named and any(not _THE.search(reading.ask[other[3].start : other[1]]) for other in others):
            continue
        earlier = [other for other in kept if other[0][0] == act]
        noun = act in _NOUN_CUES and _SCENERY.search(reading.ask[clause.start : start])
        if earlier and (
            noun or words.endswith(("ed", "ion", "ary")) or words.startswith(("in ", "short", "brief", "bullet"))
        ):
            continue
        if earlier and act in ONCE_IN_CLAUSE and clause.start == earlier[-1][3].start:
            continue
        kept.append(at)
    return kept


_THE = re.compile(r"\b(?:the|that|this|its|your)(?: \w+)?\s+$")


def _merged(parts: Sequence[Clause], asked: Set[int], ask: str) -> list[Clause]:
    """Clauses that ask for nothing of their own join the one before; the first ones are what is spoken about."""
    merged: list[Clause] = []
    for clause in parts:
        own = clause.start in asked or _is_question(ask[clause.start : clause.end], clause) or _is_fact(ask, clause)
        if (
            merged
            and not own
            and clause.sentence == merged[-1].sentence
            and clause.joint not in {"before", "after", "once"}
        ):
            merged[-1] = replace(merged[-1], end=clause.end)
        else:
            merged.append(clause)
    return merged


def _is_question(said: str, clause: Clause) -> re.Match[str] | None:
    found = QUESTION.match(said)
    if not found:
        return None
    question = found["q"]
    if len(question.split()) < 2:
        return None
    # "... and which is nice": a relative clause, not a question.
    if (
        clause.joint == ","
        and question == said.lstrip()
        and question.startswith(("which ", "who ", "where ", "when ", "whose ", "if ", "as "))
    ):
        return None
    if question.startswith(NO_QUESTION) and not said.rstrip().endswith("?"):
        return None
    return found


def _is_fact(ask: str, clause: Clause) -> re.Match[str] | None:
    return FACT.search(ask[clause.start : clause.end])


def _target(reading: Reading, act: str, start: int, end: int, parts: Sequence[Clause]) -> str:
    if act != "translate":
        return ""
    clause = _clause_at(parts, start)
    piece = reading.ask[clause.start : clause.end]
    # The language after "to" or "in"; else any that is named in the clause but not after "from".
    for pattern in (
        rf"(?:into|to|in) (?:\w+ )?({LANGUAGE})(?!\w)",
        rf"({LANGUAGE}) (?:version|translation)",
        rf"(?<!from )(?<!the )({LANGUAGE})(?!\w)(?! (?:text|article|sign|letter|note|to\b|into\b))",
    ):
        where = re.search(pattern, piece) or (re.search(pattern, reading.ask) if "(?<!" not in pattern else None)
        if where:
            return where[1].capitalize()
    return ""


def _questions(reading: Reading, parts: Sequence[Clause], steps: Sequence[Step]) -> list[Step]:
    found: list[Step] = []
    quoted = {
        int(at[1])
        for at in GIVEN.finditer(reading.ask)
        if int(at[1]) < len(reading.given) and reading.given[int(at[1])].question
    }
    for clause in parts:
        piece = reading.ask[clause.start : clause.end]
        mine = [step for step in steps if step.clause.start == clause.start]
        marks = [int(at[1]) for at in GIVEN.finditer(piece) if int(at[1]) in quoted]
        if marks and (
            not any(step.act in ANSWERING or step.act in {"speak", "translate"} for step in mine)
            or re.search(r"\banswer|\bquestion|\bask", piece)
        ):
            for mark in marks:
                at = reading.ask.find(f"⟦{mark}⟧")
                found.append(Step("ask", at, at, clause, question=reading.given[mark].text))
            continue
        question = _is_question(piece, clause)
        if not question or any(step.act in ANSWERING for step in mine):
            continue
        if any(step.act == "translate" and ("how" in piece or "⟦" in piece) for step in mine):
            continue
        start = clause.start + question.start("q")
        end = clause.end
        # "..., read aloud" at the end belongs to the voice.
        cut = [step.start for step in mine if step.start > start and step.act in {*SPOKEN_ONLY, "translate", "read"}]
        end = min([end, *cut])
        words = reading.original(start, end).strip(" .,;:!?")
        if len(words.split()) >= 2:
            found.append(Step("ask", start, end, clause, question=_as_question(words)))
    return found


_OPENERS = re.compile(
    r"^(?:what|who|when|where|why|how|which|whose|whom|is|are|was|were|do|does|did|can|could|will|has|have|had|should)\b",
    re.IGNORECASE,
)


def _as_question(words: str) -> str:
    """A question as one would ask it: "whether it is red" -> "Is it red?"."""
    words = re.sub(
        r"^(?:whether|if)\s+(it|this|that|he|she|they|there|the \w+|this \w+) (is|are|was|were|has|can|will|does)\s+",
        r"\2 \1 ",
        words,
        flags=re.IGNORECASE,
    )
    words = re.sub(
        r"^(how much|how many \w+|when|where|who|what) ((?:the|this|that|my|our)(?: \w+){1,3}) (is|was|are|were)$",
        r"\1 \3 \2",
        words,
        flags=re.IGNORECASE,
    )
    # What answers looks for the words of the question, so a misspelt one is put right there too.
    words = re.sub(r"[^\W\d_]{4,}", lambda word: SHORTHAND.get(word[0].lower(), word[0]), words)
    return f"{words[:1].upper()}{words[1:]}?" if words else ""


def _facts(reading: Reading, steps: list[Step], parts: Sequence[Clause], media: Set[Media]) -> list[Step]:
    """With a question for each fact that is asked for by name, where what is attached may hold it."""
    if not media - {"data"}:
        return steps
    if not steps and media <= {"image", "document"} and (bare := BARE_FACT.fullmatch(reading.ask)):
        words = re.sub(r"\b(?:no|nr)$", "number", bare["fact"])
        return [Step("ask-page", *bare.span("fact"), parts[0], question=f"What is the {words}?")]
    added: list[Step] = []
    for found in FACT.finditer(reading.ask):
        start, end = found.span("fact")
        if any(step.start < end and step.end > start and step.act not in SPOKEN_ONLY for step in steps):
            continue
        inside = [step for step in steps if step.clause.start <= start < step.clause.end]
        if any(
            step.act in {"ask", "sentiment", "draw", "write", "edit", "film", "forecast", "predict", "names"}
            for step in inside
        ):
            continue
        words = reading.ask[start:end]
        noun = AROUND_FACT.sub("", words).strip()
        earlier = [
            step
            for step in [*steps, *added]
            if step.act in {"ask", "ask-page"} and noun and noun.split()[-1] in step.question.lower()
        ]
        if earlier or not noun:
            continue
        clause = _clause_at(parts, start)
        verb = (
            "are"
            if noun.split()[0].endswith("s")
            and noun.split()[-1] in {"dates", "totals", "amounts", "numbers", "opening hours"}
            else "is"
        )
        added.append(Step("ask-page", start, start + len(noun) + 4, clause, question=f"What {verb} the {noun}?"))
    return steps + added


def _absorb(steps: list[Step], reading: Reading, media: Set[Media]) -> list[Step]:
    """Without plain reading that only leads up to what is asked: "read this receipt and tell me the total"."""
    kept: list[Step] = []
    for step in steps:
        others = [other for other in steps if other is not step]
        said = reading.ask[step.clause.start : step.clause.end].strip()
        if step.act == "read" and others:
            same_clause = [
                other for other in others if other.clause.start == step.clause.start and other.act != "speak"
            ]
            if any(other.act in {"ask", "ask-page", "read-text", "transcribe", "describe"} for other in same_clause):
                continue
            later = [other for other in others if other.start > step.start]
            if PREPARES.match(said) and any(other.act in PREPARED for other in later):
                continue
        if step.act == "ask" and any(
            other.act in {"transcribe", "read-text"} and other.clause.start == step.clause.start for other in others
        ):
            continue
        kept.append(step)
    return kept


_BACKWARDS = frozenset({"after", "once", "having"})


def _in_order(steps: list[Step], parts: Sequence[Clause], reading: Reading) -> list[Step]:
    """In the order meant: as said, but "B after A" and "before B, A" the other way round; within a clause, speaking last."""
    rank = {clause.start: place for place, clause in enumerate(parts)}
    order = {start: float(place) for start, place in rank.items()}
    for place, clause in enumerate(parts):
        if clause.joint in _BACKWARDS:
            # "B after A": A comes right before B. At a sentence's start ("after A, B") the order said is the order meant.
            if (
                place
                and parts[place - 1].sentence == clause.sentence
                and not re.match(r"\s*that\b", reading.ask[clause.start : clause.end])
            ):
                order[clause.start] = order[parts[place - 1].start] - 0.5
        elif (
            clause.joint == "before"
            and (not place or parts[place - 1].sentence != clause.sentence)
            and place + 1 < len(parts)
        ):
            order[clause.start] = order[parts[place + 1].start] + 0.5
    return sorted(
        steps, key=lambda step: (order.get(step.clause.start, 0.0), _LAST_IN_CLAUSE.get(step.act, 0), step.start)
    )


_LAST_IN_CLAUSE = {"clean-audio": -2, "transcribe": -1, "read-text": -1, "translate": 1, "speak": 2}
