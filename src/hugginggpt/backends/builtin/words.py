"""English words as the text experts compare them: cut out of a text, and brought to one form."""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(
    r"""(?:[$€£¥₹]\s?)?\d+(?:[.,:]\d+)*(?:st|nd|rd|th|%|(?:am|pm)\b)?   # figures, with what belongs to them
        |[^\W\d_]+(?:['’\-][^\W\d_]+)*                                  # words, with inner apostrophes and hyphens
        |[\u3040-\u30ff\u3400-\u9fff]""",  # each character of scripts without spaces
    re.VERBOSE | re.IGNORECASE,
)

STOPWORDS = frozenset(
    """a an the this that these those and or but nor so yet if then than as at by for from in into of off on onto out over per
    to up upon with within without about above after again against all also am any are aren't be because been before being
    below between both can can't could couldn't did didn't do does doesn't doing don't down during each few further had
    hadn't has hasn't have haven't having he her here hers herself him himself his how i i'm is isn't it it's its itself
    just let's me more most my myself no not now off once only other our ours ourselves own same she should shouldn't some such
    that's their theirs them themselves there there's they they're through too under until us very was wasn't we were weren't
    what what's when where which while who whom whose why will won't would wouldn't you your yours yourself one ones
    every many much may might must shall still even ever never though although however""".split()
)

# Forms that no ending explains, and words that ask for the same thing in another dress.
_FORMS = {
    form: base
    for base, forms in {
        "be": "is are was were been being am",
        "begin": "began begun beginning start started starts starting",
        "build": "built builder builders building construct constructed construction erect erected",
        "write": "wrote written writer author authors",
        "win": "won winner winning",
        "make": "made maker makes making",
        "manufacture": "manufactures manufactured manufacturer",
        "lead": "led leader leads leading head heads",
        "sell": "sold sells selling sale sales",
        "buy": "bought buys buying purchase purchased",
        "hold": "held holds holding",
        "take": "took taken takes taking",
        "give": "gave given gives giving",
        "grow": "grew grown grows growth",
        "run": "ran runs running",
        "use": "used uses using",
        "meet": "met meets meeting meetings",
        "become": "became becomes becoming",
        "speak": "spoke spoken speaks",
        "say": "said says saying",
        "fly": "flew flown flies flight flights",
        "draw": "drew drawn draws",
        "fall": "fell fallen falls",
        "break": "broke broken breaks",
        "pay": "paid pays payment payments",
        "teach": "taught teaches teacher",
        "think": "thought thinks",
        "bring": "brought brings",
        "keep": "kept keeps keeper",
        "lose": "lost loses loss",
        "send": "sent sends",
        "spend": "spent spends",
        "go": "went gone goes going",
        "come": "came comes coming arrive arrived arrives arrival",
        "see": "saw seen sees",
        "know": "knew known knows",
        "choose": "chose chosen chooses choice",
        "drive": "drove driven drives driver",
        "ride": "rode ridden rides",
        "rise": "rose risen rises",
        "die": "died dies dying death dead",
        "birth": "born",
        "marry": "marrying married marries wife husband marriage",
        "found": "founded founder founders founds",
        "invent": "invented inventor invention invents",
        "design": "designed designer designs",
        "direct": "directed director directs",
        "paint": "painted painter paints",
        "compose": "composed composer composes",
        "cost": "costs price prices priced",
        "high": "height tall",
        "long": "length",
        "wide": "width",
        "deep": "depth",
        "weigh": "weighs weighed weight heavy",
        "old": "age aged",
        "far": "distance away",
        "fast": "speed",
        "large": "big size larger largest biggest",
        "person": "people persons",
        "child": "children",
        "man": "men",
        "woman": "women",
        "foot": "feet",
        "finish": "finished finishes complete completed completes completion",
        "inhabitant": "inhabitants population residents resident",
        "leave": "left leaves leaving departed depart",
        "catch": "caught catches",
        "stand": "stood stands",
        "sit": "sat sits sitting",
        "shoot": "shot shoots shooting filmed",
        "burn": "burnt burned burns",
        "light": "lit lights",
        "eat": "ate eaten eats eating",
        "drink": "drank drunk drinks",
        "sing": "sang sung singer sings",
        "steal": "stole stolen steals",
        "tell": "told tells",
        "hide": "hid hidden",
        "find": "finds finding",
        "late": "delay delayed delays delaying",
    }.items()
    for form in (base, *forms.split())
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands in its text."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def stops(self) -> bool:
        """Whether it says nothing on its own."""
        return self.text.casefold().replace("’", "'") in STOPWORDS


def words(text: str) -> list[Word]:
    """The words of a text, in order."""
    return [Word(m.group(), stem(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


def content(text: str) -> list[Word]:
    """The words that say something on their own."""
    return [word for word in words(text) if not word.stops]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """One form for the forms of a word: opened, opens and opening are all `open`. Rough, and the same for same."""
    word = word.casefold().replace("’", "'").removesuffix("'s").strip("'-")
    if word in _FORMS:
        return _FORMS[word]
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    cut = _plural(word)
    cut = _FORMS.get(cut, cut)
    for ending, least in (("ing", 3), ("ed", 3), ("er", 4), ("tion", 4), ("sion", 4), ("ment", 4), ("ly", 4)):
        if cut.endswith(ending) and len(cut) - len(ending) >= least and re.search("[aeiouy]", cut[: -len(ending)]):
            cut = _undouble(cut[: -len(ending)])
            break
    cut = cut[:-1] + "i" if cut.endswith("y") and len(cut) > 3 else cut
    return cut[:-1] if cut.endswith("e") and len(cut) > 3 else cut


def _plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _undouble(word: str) -> str:
    """`stopp` is `stop`; `sell` stays."""
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz" else word
