"""Steps become tasks: the right file to the right task, quoted text as text, and a converting task wherever a text must come
out of a picture or a sound first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hugginggpt.controllers.offline.phrases import (
    ABOUT_WRITING,
    ACTS,
    DESCRIBES,
    EACH,
    FIELD,
    FROM_CONTROL,
    FROM_IT,
    LEAD_IN,
    LISTED,
    NOUNS,
    OF_PHOTO,
    PAGE_ALWAYS,
    PAGE_NOUNS,
    PAGE_QUESTION,
    PEOPLE_IN_PICTURES,
    PHOTO_QUESTION,
    POINTS,
    POINTS_ONLY,
    PRONOUN,
    RESULT_KINDS,
    RESULTS,
    TAIL,
    TOGETHER,
    TRANSFORMS,
    WHOLE,
    WISH,
    WISH_APART,
    kind_of,
)
from hugginggpt.controllers.offline.reading import FILE, FILE_MEDIA, GIVEN, Reading
from hugginggpt.controllers.offline.steps import Step
from hugginggpt.flow.artifact import Media, Part, TaskId, Text
from hugginggpt.flow.kinds import Kind, Kinds
from hugginggpt.flow.plan import Ref, Task, Value, faults

CONVERTERS: dict[Media, Kind] = {
    "image": Kind("image-to-text"),
    "audio": Kind("automatic-speech-recognition"),
    "video": Kind("automatic-speech-recognition"),
    "table": Kind("table-to-text"),
}
"""What makes a text out of something else."""

_ASIDE = frozenset({"question", "query", "labels", "instruction", "target", "choices"})
"""Slots that say how or what for; what a kind is done to stands in another."""

FAITHFUL = frozenset(
    {"automatic-speech-recognition", "image-to-text", "translation", "text-generation", "table-to-text"}
)
"""Kinds whose text stands for the whole of what they were given, so that later questions may be put to it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file or a text that a step needs and that nobody gave."""

    act: str
    kind: Kind
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class _Lane:
    """One thing that a step can be done to."""

    value: Value
    medium: Media
    origin: int | None = None
    """Which attachment it is or came from."""


@dataclass(frozen=True, slots=True)
class _Done:
    """A step that became tasks."""

    step: Step
    kind: Kind
    lanes: tuple[_Lane, ...]
    """What it was done to, one for each of its tasks."""
    tasks: tuple[TaskId, ...]


def primary_slot(kind: Kind, kinds: Kinds) -> str | None:
    """The slot for what a kind is done to; None if it takes nothing."""
    slots = kinds[kind].inputs
    files = [name for name, slot in slots.items() if "text" not in slot.media]
    rest = [name for name in slots if name not in _ASIDE]
    return next(iter(files or rest or slots), None)


class Assembly:
    """Tasks made from steps, in order; a new one for each request."""

    def __init__(self, reading: Reading, attachments: Sequence[Part], kinds: Kinds) -> None:
        self.reading = reading
        self.kinds = kinds
        self.tasks: dict[TaskId, Task] = {}
        self.missing: list[Missing] = []
        self._attached = [_Lane(part, part.type, at) for at, part in enumerate(attachments) if part.type != "data"]
        self._names = [getattr(part, "name", "") for part in attachments]
        self._done: list[_Done] = []
        self._taken_from: set[int] = set()

    def add(self, step: Step) -> None:
        """Make the tasks of one more step, or note what it lacks."""
        step = self._settled(step)
        if step.act in {"chat"} and not self._attached:
            self._make(step, Kind("conversational"), (), [{"text": (Text(text=self._whole()),)}])
            return
        if step.act == "draw-anything":
            self._make(step, Kind("unconditional-image-generation"), (), [{}])
            return
        if step.act == "alike":
            self._compare(step)
            return
        prompt = self._prompt(step)
        kind = kind_of(step.act, None)
        if prompt and step.act in _FROM_WORDS:
            with_picture = (
                step.act == "film"
                and any(lane.medium == "image" for lane in self._attached)
                and POINTS.search(self._said(step))
            )
            if not with_picture:
                slot = primary_slot(kind, self.kinds) or "text"
                self._make(step, kind, (), [{slot: (Text(text=prompt),)}])
                return
        lanes = self._subject(step)
        if not lanes:
            if self._takes_text(kind) and (inline := self._inline(step)):
                lanes = [_Lane(Text(text=inline), "text")]
        if not lanes:
            if step.act in {"ask", "ask-page"} and step.question:
                self._ask_nobody(step)
            elif step.act in {"write", "chat"}:
                kind = Kind("text-generation" if step.act == "write" else "conversational")
                self._make(step, kind, (), [{"text": (Text(text=self._clause_text(step)),)}])
            else:
                lacking = primary_slot(kind, self.kinds)
                self.missing.append(Missing(step.act, kind, self.kinds[kind].inputs[lacking].media if lacking else ()))
            return
        if len(lanes) > 1 and self._as_one(step, lanes):
            self._make_joined(step, lanes)
            return
        for lane in lanes:
            self._make_one(step, lane)

    # what a step is done to

    def _settled(self, step: Step) -> Step:
        """With acts made definite by what is attached: a mood in a picture of people is a question about the picture."""
        said = self._said(step)
        media = {lane.medium for lane in self._attached}
        if (
            step.act == "sentiment"
            and media == {"image"}
            and not any(step.clause.start == done.step.clause.start for done in self._done)
        ):
            writing = ABOUT_WRITING.search(said)
            if not writing and (PEOPLE_IN_PICTURES.search(said) or not self._done):
                question = self.reading.original(step.clause.start, step.clause.end).strip(" .,;:?!")
                question = re.sub(
                    r"^(?:please |can you |could you )?(?:tell me |say |find out |and |then |check )+",
                    "",
                    question,
                    flags=re.IGNORECASE,
                )
                return replace(step, act="ask", question=f"{question[:1].upper()}{question[1:]}?")
        if step.act == "describe" and self._shows(said, media):
            asked = self._clause_text(step)
            asks = re.match(r"(?:what|who|which)\b", asked, re.IGNORECASE)
            return replace(step, act="look", question=f"{asked}?" if asks else asked)
        if step.act == "sentiment" and media == {"video"} and not self._done:
            return step
        if step.act in {"draw", "draw-canny"} and self._done and FROM_IT.search(said):
            for done in reversed(self._done):
                if done.kind in FROM_CONTROL:
                    return replace(step, act=FROM_CONTROL[done.kind])
        return step

    def _shows(self, said: str, media: set[Media]) -> bool:
        """Whether what a photo shows is asked for: nothing that only reads its letters tells that."""
        if "image" not in media or self.reading.files and len(self.reading.words) >= _LONG_WITH_NAMES:
            return False
        of_image = media == {"image"} or NOUNS["image"].search(said)
        return bool(of_image and DESCRIBES.search(said) and not PAGE_NOUNS.search(said))

    def _said(self, step: Step) -> str:
        return self.reading.ask[step.clause.start : step.clause.end]

    def _clause_text(self, step: Step) -> str:
        text = self.reading.original(step.clause.start, step.clause.end).strip(" ,;:")
        return re.sub(r"^(?:and|then|also|please)\s+", "", text, flags=re.IGNORECASE) or self._whole()

    def _whole(self) -> str:
        return self.reading.original(0, len(self.reading.ask)).strip() or "?"

    def _takes_text(self, kind: Kind) -> bool:
        slot = primary_slot(kind, self.kinds)
        return slot is not None and "text" in self.kinds[kind].inputs[slot].media

    def _subject(self, step: Step) -> list[_Lane]:
        said = self._said(step)
        same = [done for done in self._done if done.step.clause.start == step.clause.start]
        if same and step.act in {"speak", "translate"} and (lanes := self._results(step, same[-1:])):
            return lanes
        if given := self._given(step):
            return given
        if named := self._named(said):
            return self._fitting(step, named)
        if pointed := self._pointed(step, said):
            return pointed
        nouns = self._by_noun(step, said)
        wants_whole = WHOLE.search(said) and not any(pattern.search(said) for pattern in RESULTS.values())
        if self._done and step.act in TRANSFORMS and not (nouns or wants_whole):
            for done in reversed(self._done):
                if lanes := self._results(step, [done]):
                    if step.act == "speak" and re.search(
                        r"\beverything\b|\bboth\b|\bthe results\b|\ball of (?:it|that)\b", said
                    ):
                        every = [lane for other in self._done for lane in self._results(step, [other])]
                        return every
                    return lanes
        if self._done and step.act not in TRANSFORMS and (not nouns or PRONOUN.search(said)):
            for done in reversed(self._done):
                stands_for_it = done.kind == "audio-to-audio" or (done.kind in FAITHFUL and not self._reads_files(step))
                if stands_for_it and (lanes := self._results(step, [done])):
                    return lanes
        if lanes := self._fitting(step, nouns or self._attached):
            return lanes
        if lanes := self._fitting(step, self._attached):
            return lanes
        loose = [
            given.text
            for at, given in enumerate(self.reading.given)
            if at not in self._taken_from and not given.question
        ]
        if loose and self._takes_text(kind_of(step.act, "text")):
            return [_Lane(Text(text=loose[0]), "text")]
        for done in reversed(self._done):
            if lanes := self._results(step, [done]) or self._results(step, [done], convert=True):
                return lanes
        return []

    def _reads_files(self, step: Step) -> bool:
        """Whether an act looks at a file itself: then the file is better than a text made of it."""
        media = set(ACTS[step.act]) | set(
            self.kinds[kind_of(step.act, None)]
            .inputs.get(primary_slot(kind_of(step.act, None), self.kinds) or "", _NO_SLOT)
            .media
        )
        return any(lane.medium in media and lane.medium != "text" for lane in self._attached)

    def _given(self, step: Step) -> list[_Lane]:
        if step.act in {"ask", "ask-page"}:
            if self._attached:
                return []
            texts = [given.text for given in self.reading.given if not given.question]
            return [_Lane(Text(text=texts[-1]), "text")] if texts else []
        if not self._takes_text(kind_of(step.act, "text")):
            return []
        marks = [int(at[1]) for at in GIVEN.finditer(self._said(step))]
        marks = [at for at in marks if at < len(self.reading.given)]
        if not marks:
            # A text with its label in a sentence of its own: "Is this review positive? Text: '...'".
            loose = [at for at, given in enumerate(self.reading.given) if not given.question]
            mentioned = self._done and any(self._results(step, [done]) for done in self._done)
            if loose and not self._attached and not mentioned:
                marks = loose[:1]
            elif (
                loose
                and not self._done
                and not self._by_noun(step, self._said(step))
                and step.act not in {"sort", "draw"}
            ):
                marks = loose[:1]
        if step.act in {"sort", "rank", "retrieve", "pick"} and len(marks) > 1:
            marks = marks[:1]
        if step.act == "sort" and self._attached:
            return []
        self._taken_from.update(marks)
        return [_Lane(Text(text=self.reading.given[at].text), "text") for at in marks]

    def _named(self, said: str) -> list[_Lane]:
        lanes = []
        for lane in self._attached:
            name = self._names[lane.origin or 0].casefold()
            if not name:
                continue
            stem = name.rsplit(".", 1)[0]
            whole = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", said)
            # A file that is called like any file ("text", "image") is not named by that word.
            if whole or (
                len(stem) > 2
                and (re.search(r"[\d_-]", stem) and re.search(rf"(?<![\w.]){re.escape(stem)}(?![\w.])", said))
            ):
                lanes.append(lane)
        return lanes

    def _pointed(self, step: Step, said: str) -> list[_Lane]:
        """What an earlier step made, where a word says so."""
        around = said
        for name, pattern in RESULTS.items():
            found = pattern.search(around)
            if not found:
                continue
            wanted = RESULT_KINDS.get(name, frozenset({name}))
            for done in reversed(self._done):
                if (
                    done.kind in wanted
                    and done.kind != kind_of(step.act, None)
                    and (lanes := self._results(step, [done]))
                ):
                    return lanes
        return []

    def _by_noun(self, step: Step, said: str) -> list[_Lane]:
        """The attachments that the clause speaks of: "the article", "my second photo"."""
        if lanes := self._by_word_of_name(said):
            return lanes
        if step.act == "read-text":  # "what text is on the photo" speaks of the photo
            said = f"{self.reading.ask[step.clause.start : step.start]} {self.reading.ask[step.end : step.clause.end]}"
        lanes = [lane for lane in self._attached if NOUNS[lane.medium].search(said)]
        return lanes

    def _by_word_of_name(self, said: str) -> list[_Lane]:
        """Of several attachments, those with a word of their own in their name that was said: `shop_sign.png`, "the sign"."""
        if len(self._attached) < 2:
            return []
        words = [
            set(re.findall(r"[^\W\d_]{3,}", name.casefold().rsplit(".", 1)[0])) - _ANY_FILE for name in self._names
        ]
        heard = set(re.findall(r"[^\W_]+", said))
        chosen = []
        for lane in self._attached:
            at = lane.origin or 0
            own = words[at].difference(*(other for place, other in enumerate(words) if place != at))
            if own & heard:
                chosen.append(lane)
        return chosen

    def _results(self, step: Step, done: Iterable[_Done], *, convert: bool = False) -> list[_Lane]:
        lanes: list[_Lane] = []
        for other in done:
            outputs = self.kinds[other.kind].outputs
            for medium in _useful(outputs):
                kind = kind_of(step.act, medium)
                slot = primary_slot(kind, self.kinds)
                fits = slot is not None and medium in self.kinds[kind].inputs[slot].media
                if fits or (convert and medium in CONVERTERS and self._takes_text(kind)):
                    lanes += [
                        _Lane(Ref(task=task, output=medium), medium, lane.origin)
                        for task, lane in zip(other.tasks, _padded(other), strict=True)
                    ]
                    break
        return lanes

    def _fitting(self, step: Step, lanes: Sequence[_Lane]) -> list[_Lane]:
        """Those of one medium that the act can be done to, directly if possible; by their place if the request says which."""
        direct: dict[Media, list[_Lane]] = {}
        indirect: dict[Media, list[_Lane]] = {}
        for lane in lanes:
            kind = kind_of(step.act, lane.medium)
            slot = primary_slot(kind, self.kinds)
            if slot is not None and lane.medium in self.kinds[kind].inputs[slot].media:
                direct.setdefault(lane.medium, []).append(lane)
            elif lane.medium in CONVERTERS and self._takes_text(kind):
                indirect.setdefault(lane.medium, []).append(lane)
        found = direct or indirect
        if not found:
            return []
        said = self._said(step)
        usual = kind_of(step.act, None)
        slot = primary_slot(usual, self.kinds)
        first = self.kinds[usual].inputs[slot].media[0] if slot else None
        medium = max(
            found, key=lambda medium: (bool(NOUNS[medium].search(said)), medium == first, medium in ACTS[step.act])
        )
        group = found[medium]
        if EACH.search(said) and not re.search(r"\b(?:first|second|third|last)\b", said):
            return (
                [lane for lanes in found.values() for lane in lanes] if re.search(r"\bfiles\b|\ball\b", said) else group
            )
        return _by_place(group, said) or group

    # what the words say

    def _prompt(self, step: Step) -> str:
        """The words that tell what to make, for acts that make something out of words."""
        if step.act not in _FROM_WORDS:
            return ""
        marks = [int(at[1]) for at in GIVEN.finditer(self._said(step))]
        marks = [at for at in marks if at < len(self.reading.given)]
        if marks:
            return self.reading.given[marks[0]].text
        rest = self.reading.ask[step.end : step.clause.end]
        words = LEAD_IN.sub("", rest)
        if words.strip() and POINTS_ONLY.fullmatch(words) and (self._attached or self._done):
            return ""
        if (
            self._done
            and (PRONOUN.search(words) or any(pattern.search(words) for pattern in RESULTS.values()))
            and len(words.split()) <= 6
        ):
            return ""
        if (
            any(NOUNS[lane.medium].search(words) for lane in self._attached)
            and POINTS.search(words)
            and len(words.split()) <= 6
        ):
            return ""
        start = step.end + len(rest) - len(words)
        text = self.reading.original(start, step.clause.end).strip(" ,;:.!?")
        text = re.sub(r"\s+(?:please|pls|for me|thanks|thank you)$", "", text, flags=re.IGNORECASE)
        if text:
            return text
        loose = [given.text for given in self.reading.given if not given.question]
        if loose:
            return loose[0]
        # "Compose a short melody": all that was said, rather than nothing.
        return "" if POINTS.search(self._said(step)) else self._clause_text(step)

    def _inline(self, step: Step) -> str:
        """A text that stands in the request itself, without quotation marks: "translate good morning to French"."""
        rest = self.reading.ask[step.end : step.clause.end]
        cut = TAIL.search(rest)
        end = step.clause.end - (len(rest) - cut.start() if cut else 0)
        words = self.reading.ask[step.end : end]
        if step.act in _BEFORE_IT and self._outside(step):
            return self._outside(step)
        start = step.end
        if lead := re.match(
            r"\s*(?:(?:of|the (?:word|words|phrase|sentence|text|following)|this (?:sentence|phrase|text)|for|that)\b\s*)*:?\s*",
            words,
        ):
            start += lead.end()
            words = words[lead.end() :]
        if step.act not in {"speak", "translate", "names", "write", "fill", "vector"} or not re.search(r"\w", words):
            return self._clause_text(step) if step.act == "fill" else ""
        if POINTS_ONLY.fullmatch(words) or re.match(
            r"(?:this|that|these|those|it|my|the|aloud|out|an? (?:file|text|article|recording|note))\b", words
        ):
            return ""
        if step.act == "fill":
            return self._clause_text(step)
        text = self.reading.original(start, end).strip(" ,;:\n")
        return "" if FILE.fullmatch(text) else text

    def _outside(self, step: Step) -> str:
        """What was said before the clause that asks, if that is a text of some length."""
        before = self.reading.original(0, step.clause.start).strip(" ,;:-\n")
        return (
            before
            if len(before.split()) >= 3
            and not self._done
            and not re.match(r"(?:please|can|could|i have|here|look|hi|hello)\b", before.lower())
            else ""
        )

    # tasks

    def _as_one(self, step: Step, lanes: Sequence[_Lane]) -> bool:
        kind = kind_of(step.act, lanes[0].medium)
        slot = primary_slot(kind, self.kinds)
        if slot and self.kinds[kind].inputs[slot].many:
            return True
        texts = all(lane.medium == "text" for lane in lanes)
        from_files = all(lane.origin is not None for lane in lanes)
        if step.act == "speak" and not from_files:
            return texts
        if step.act in {"ask", "ask-page"}:
            return texts and not EACH.search(self._said(step))
        return texts and bool(TOGETHER.search(self._said(step)))

    def _make_joined(self, step: Step, lanes: Sequence[_Lane]) -> None:
        kind = kind_of(step.act, lanes[0].medium)
        slot = primary_slot(kind, self.kinds) or "text"
        inputs: dict[str, tuple[Value, ...]] = {slot: tuple(lane.value for lane in lanes), **self._aside(step, kind)}
        self._make(step, kind, lanes[:1], [inputs])

    def _make_one(self, step: Step, lane: _Lane) -> None:
        kind = kind_of(step.act, lane.medium)
        if step.act in {"ask", "ask-page"} and lane.medium == "image":
            kind = self._kind_of_question(step)
        slot = primary_slot(kind, self.kinds)
        if slot is None:
            self._make(step, kind, (), [{}])
            return
        if lane.medium not in self.kinds[kind].inputs[slot].media:
            if lane.medium not in CONVERTERS:
                self.missing.append(Missing(step.act, kind, self.kinds[kind].inputs[slot].media))
                return
            lane = self._converted(lane)
            kind = kind_of(step.act, "text")
            slot = primary_slot(kind, self.kinds) or "text"
        inputs: dict[str, tuple[Value, ...]] = {slot: (lane.value,), **self._aside(step, kind)}
        if step.act in {"write"} and lane.medium == "text":
            inputs[slot] = (
                (Text(text=self._clause_text(step)), lane.value)
                if not GIVEN.search(self._said(step))
                else (Text(text=self._clause_text(step)),)
            )
        self._make(step, kind, (lane,), [inputs])

    def _converted(self, lane: _Lane) -> _Lane:
        """A text of what is no text; made once, and again used by whoever needs it."""
        kind = CONVERTERS[lane.medium]
        slot = primary_slot(kind, self.kinds) or "text"
        task = self._task(kind, {slot: (lane.value,)})
        return _Lane(Ref(task=task, output="text"), "text", lane.origin)

    def _kind_of_question(self, step: Step) -> Kind:
        question = step.question.lower()
        everything = " ".join([self.reading.ask, *self._names]).lower()
        page_noun = bool(
            PAGE_NOUNS.search(everything)
            or re.search(
                r"receipt|invoice|scan|letter|form|document|menu|poster|ticket|sign", " ".join(self._names).lower()
            )
        )
        shown = re.sub(r"\b(?:food|dish|any(?:one|body)|people|persons?)\b", " ", question) if page_noun else question
        photo = PHOTO_QUESTION.search(shown) or (OF_PHOTO.search(question) and not page_noun)
        page = step.act == "ask-page" or PAGE_ALWAYS.search(question) or (page_noun and PAGE_QUESTION.search(question))
        return Kind("visual-question-answering" if photo and not page else "document-question-answering")

    def _ask_nobody(self, step: Step) -> None:
        """A question about nothing that was given: to be answered in conversation."""
        question = step.question.lower()
        for named in FILE.finditer(question):
            if medium := FILE_MEDIA.get(named[1]):
                asked = Kind(_ASKED_OF.get(medium, "question-answering"))
                asked = self._kind_of_question(step) if medium == "image" else asked
                self.missing.append(Missing("ask", asked, (medium,)))
                return
        if _ASKS_PAGE.search(question):
            self.missing.append(Missing("ask", Kind("document-question-answering"), ("image",)))
            return
        if re.search(r"\b(?:this|these|my|attached)\b", question):
            for medium, kind in _ASKED_OF.items():
                if NOUNS[medium].search(question):
                    self.missing.append(Missing("ask", Kind(kind), (medium,)))
                    return
        if re.search(r"\b(?:this|these) (?:text|article|letter|note|review|story|file)\b", question):
            self.missing.append(Missing("ask", Kind("question-answering"), ("text",)))
            return
        self._make(step, Kind("conversational"), (), [{"text": (Text(text=step.question),)}])

    def _aside(self, step: Step, kind: Kind) -> dict[str, tuple[Value, ...]]:
        """What goes into the other slots: the question, the language, the labels, the wish."""
        filled: dict[str, tuple[Value, ...]] = {}
        slots = self.kinds[kind].inputs
        primary = primary_slot(kind, self.kinds)
        for name, slot in slots.items():
            if name == primary:
                continue
            texts = self._words_for(name, step, kind)
            if texts:
                filled[name] = tuple(Text(text=text) for text in texts)
            elif slot.required and "text" in slot.media:
                filled[name] = (Text(text=self._clause_text(step)),)
        return filled

    def _words_for(self, slot: str, step: Step, kind: Kind) -> list[str]:
        said = self._said(step)
        match slot:
            case "question" | "query":
                return [step.question or self._clause_text(step)]
            case "target" if kind == "translation":
                return [step.target] if step.target else []
            case "instruction":
                if found := WISH.search(said):
                    return [found[0].strip()]
                apart = WISH_APART.search(self.reading.ask)
                return [apart["wish"]] if apart else []
            case "labels":
                return self._labels(step)
            case "choices":
                return [given.text for given in self.reading.given] or self._labels(step)
            case "prompt":
                if kind in {"image-to-image", "image-text-to-image", "image-text-to-video"} or kind.endswith(
                    "-text-to-image"
                ):
                    return [self._clause_text(step)]
                return []
            case "text":
                return [step.question or self._clause_text(step)]
            case _:
                return []

    def _labels(self, step: Step) -> list[str]:
        quoted = [
            given.text
            for at, given in enumerate(self.reading.given)
            if f"⟦{at}⟧" in self._said(step) and at not in self._taken_from
        ]
        if len(quoted) > 1:
            return quoted
        said = GIVEN.sub(" ", self.reading.ask[step.start : step.clause.end])
        found = LISTED.search(said)
        if found:
            listed = re.split(r",? (?:or|and) |, ", found[1])
            labels = [
                re.sub(r"^(?:either|an?|the|as|about|into|between|is|it|this|on) ", "", label.strip()).strip()
                for label in listed
            ]
            labels = [label for label in labels if label]
            if len(labels) > 1:
                return list(dict.fromkeys(labels))
        return quoted

    def _compare(self, step: Step) -> None:
        """Two or more texts beside each other: given ones, files, or what was made."""
        texts: list[_Lane] = [
            _Lane(Text(text=given.text), "text")
            for given in self.reading.given
            if not given.question or len(self.reading.given) > 1
        ]
        made = [lane for done in self._done for lane in self._results(replace(step, act="summarise"), [done])]
        files = [lane for lane in self._attached if lane.medium in {"text", "document"} or lane.medium in CONVERTERS]
        lanes = (
            [*made, *texts]
            if len(made) + len(texts) > 1
            else [*made, *texts, *[lane for lane in files if lane.origin not in {other.origin for other in made}]]
        )
        lanes = [self._converted(lane) if lane.medium in CONVERTERS else lane for lane in lanes]
        if len(lanes) < 2:
            self.missing.append(Missing(step.act, Kind("sentence-similarity"), ("text",)))
            return
        inputs: dict[str, tuple[Value, ...]] = {
            "source": (lanes[0].value,),
            "sentences": tuple(lane.value for lane in lanes[1:]),
        }
        self._make(step, Kind("sentence-similarity"), lanes[:1], [inputs])

    def _make(
        self, step: Step, kind: Kind, lanes: Sequence[_Lane], inputs: Sequence[Mapping[str, tuple[Value, ...]]]
    ) -> None:
        ids = tuple(self._task(kind, slots) for slots in inputs)
        last = self._done[-1] if self._done else None
        if last and last.step is step and last.kind == kind:
            self._done[-1] = replace(last, lanes=(*last.lanes, *lanes), tasks=(*last.tasks, *ids))
        else:
            self._done.append(_Done(step, kind, tuple(lanes), ids))

    def _task(self, kind: Kind, inputs: Mapping[str, tuple[Value, ...]]) -> TaskId:
        for task in self.tasks.values():
            if task.kind == kind and task.inputs == inputs:
                return task.id
        task = Task(id=TaskId(f"t{len(self.tasks) + 1}"), kind=kind, inputs=dict(inputs))
        self.tasks[task.id] = task
        return task.id

    def place(self, kind: Kind, sources: Sequence[TaskId], around: Step) -> TaskId | None:
        """Make one task of a kind from what earlier tasks make, or else from what was given; None if something is lacking."""
        slot = primary_slot(kind, self.kinds)
        if slot is None:
            return self._task(kind, {})
        media = self.kinds[kind].inputs[slot].media
        values: list[Value] = []
        for source in sources:
            outputs = self.kinds[self.tasks[source].kind].outputs
            if medium := next((medium for medium in outputs if medium in media and medium != "data"), None):
                values.append(Ref(task=source, output=medium))
        if kind == "sentence-similarity":
            return self._place_comparison(values, around)
        inputs = self._aside(around, kind)
        if not values:
            values = self._rooted(kind, media, around)
        if not values:
            # What feeds only the words beside it ("edit the picture as the recording says") still lacks the picture.
            self.missing.append(Missing("", kind, media))
            return None
        aside = self._aside_sources(kind, slot, sources, values)
        return self._task(kind, {slot: tuple(values), **inputs, **aside})

    def holds(self, kind: Kind) -> bool:
        """Whether something was given that this kind can be done to as it is."""
        slot = primary_slot(kind, self.kinds)
        if slot is None or kind in _MADE_FROM_WORDS:
            return True
        media = self.kinds[kind].inputs[slot].media
        given = "text" in media and any(not text.question for text in self.reading.given)
        return given or any(lane.medium in media for lane in self._attached)

    def _aside_sources(
        self, kind: Kind, slot: str, sources: Sequence[TaskId], values: Sequence[Value]
    ) -> dict[str, tuple[Value, ...]]:
        used = {value.task for value in values if isinstance(value, Ref)}
        filled: dict[str, tuple[Value, ...]] = {}
        for name, spec in self.kinds[kind].inputs.items():
            if name == slot:
                continue
            for source in sources:
                outputs = self.kinds[self.tasks[source].kind].outputs
                if source not in used and (
                    medium := next((m for m in outputs if m in spec.media and m != "data"), None)
                ):
                    filled[name] = (*filled.get(name, ()), Ref(task=source, output=medium))
                    used.add(source)
        return filled

    def _rooted(self, kind: Kind, media: tuple[Media, ...], around: Step) -> list[Value]:
        """What a task that nothing feeds is done to."""
        if "text" in media:
            quoted = [given.text for given in self.reading.given if not given.question]
            if kind == "conversational" and not quoted:
                return [Text(text=self._whole())]
            if quoted:
                return [Text(text=quoted[0])]
        direct = [lane for lane in self._attached if lane.medium in media]
        if direct:
            named = [lane for lane in self._named(self._said(around)) if lane in direct]
            return [(named or direct)[0].value]
        if "text" not in media:
            return []
        if kind in _MADE_FROM_WORDS:
            return [Text(text=self._clause_text(around))]
        convertible = [lane for lane in self._attached if lane.medium in CONVERTERS]
        if convertible and kind not in {"question-answering"}:
            return [self._converted(convertible[0]).value]
        if kind == "question-answering":
            questions = [given.text for given in self.reading.given if given.question]
            return [Text(text=questions[0] if questions else self._whole())]
        return []

    def _place_comparison(self, values: list[Value], around: Step) -> TaskId | None:
        texts: list[Value] = [Text(text=given.text) for given in self.reading.given if not given.question]
        files: list[Value] = [lane.value for lane in self._attached if lane.medium in {"text", "document"}]
        both = [*values, *texts, *files]
        if len(both) == 1:
            both.append(Text(text=self._whole()))
        if len(both) < 2:
            self.missing.append(Missing("alike", Kind("sentence-similarity"), ("text",)))
            return None
        return self._task(Kind("sentence-similarity"), {"source": (both[0],), "sentences": tuple(both[1:])})

    def checked(self, table: Kinds) -> list[Task]:
        """The tasks that fit a table of kinds; what does not, and what needs it, is left out."""
        kept: dict[TaskId, Task] = {}
        for task in self.tasks.values():
            if not faults(task, kept, table):
                kept[task.id] = task
        return list(kept.values())


class _NoSlot:
    media: tuple[Media, ...] = ("data",)


_NO_SLOT = _NoSlot()

_LONG_WITH_NAMES = 12
"""From here on a request that names its files is one of those where "describe" stands for reading (TaskBench)."""

_ANY_FILE = frozenset(
    "text texts file image audio video document words sound the and this that read what for with edges summary".split()
)
"""Words in a file's name that tell no file from another."""

_ASKS_PAGE = re.compile(
    r"^(?:what(?:'s| is| was| are)|how much is|when is) the (?!(?:date|time|change|price|cost|address|title|sum|deadline)\W*$)"
    rf"(?:{FIELD})\W*$|"
    r"\b(?:on|of|in|from|according to) (?:the|this|my|that) "
    r"(?:receipt|invoice|bill|ticket|menu|form|contract|poster|sign|scan|letterhead|label)\W*$"
)
"""Asked of a page that nobody attached: "what is the total", "when was it paid according to the receipt"."""

_ASKED_OF: dict[Media, str] = {
    "image": "visual-question-answering",
    "audio": "automatic-speech-recognition",
    "video": "video-text-to-text",
    "document": "document-question-answering",
}

_MADE_FROM_WORDS = frozenset({"text-to-image", "text-to-video", "text-generation", "conversational"})
_FROM_WORDS = frozenset({"draw", "film", "compose", "shape"})
_BEFORE_IT = frozenset({"sentiment", "classify", "names", "sort", "summarise"})


def _useful(outputs: Sequence[Media]) -> list[Media]:
    """Outputs that another task can take, the main one first, but a text before a picture with boxes."""
    return [medium for medium in outputs if medium != "data"]


def _padded(done: _Done) -> list[_Lane]:
    nothing = _Lane(Text(text=""), "text")
    lanes = list(done.lanes)[: len(done.tasks)]
    return [*lanes, *[nothing] * (len(done.tasks) - len(lanes))]


_PLACES = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "last": -1,
    "one": 0,
}


def _by_place(lanes: Sequence[_Lane], said: str) -> list[_Lane]:
    chosen = []
    for found in re.finditer(
        r"\b(?:first|1st|second|2nd|third|3rd|fourth|4th|last) \w+|"
        r"\b(?:the|my) (?:first|1st|second|2nd|third|3rd|fourth|4th|last)\W*$",
        said,
    ):
        place = next(_PLACES[word] for word in re.findall(r"\w+", found[0]) if word in _PLACES)
        if -len(lanes) <= place < len(lanes):
            chosen.append(lanes[place])
    return chosen
