"""How a written text is read aloud: signs become words, lines become sentences, and what nobody speaks is left out.

No markup reaches a voice: tags, brackets and control characters are gone, so that none can be told what to do by its text.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

SCRIPTS: dict[str, str] = {
    "LATIN": "en-us",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "CJK": "cmn",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
"""The first word of a letter's Unicode name, and the espeak-ng language that reads it."""

CURRENCIES: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "CHF": ("franc", "francs", "centime", "centimes"),
}
"""One and many of the whole, one and many of the hundredth."""

SIZES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
MONTHS = "January February March April May June July August September October November December".split()
SPELLED = frozenset(
    "USA UK EU TV PC ID VAT GST ATM PIN DIY IBM FBI CIA CEO CPU GPU PDF URL API HTML NHS BBC CNN AI QR".split()
)
"""Capitals that are said letter by letter, even in a line that is all capitals."""
UNITS = {
    "kg": "kilograms",
    "g": "grams",
    "L": "litres",
    "l": "litres",
    "ml": "millilitres",
    "km": "kilometres",
    "cm": "centimetres",
    "mm": "millimetres",
    "GB": "gigabytes",
    "MB": "megabytes",
    "kWh": "kilowatt hours",
    "mph": "miles per hour",
    "°C": "degrees Celsius",
    "°F": "degrees Fahrenheit",
    "°": "degrees",
}
LONGEST_WORD = 40
WRAPPED = 50
"""A line of so many letters without a stop goes on in the next."""

_AMOUNT = r"(\d{1,3}(?:[.,]\d{3})+|\d+)(?:[.,](\d{1,2}))?(?:\s?(k|m|bn|b|thousand|million|billion)\b)?(?!\d)"
_SIGN = "[$€£¥₹]"
_CODE = "USD|EUR|GBP|CHF"

_LINE_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^\s*(```|~~~).*$", ""),  # the fence of a code block
        (r"^\s*[-*_=~#+|:.\s]{3,}$", ""),  # a rule, the line under a table's head, dots
        (r"^\s*>+\s?", ""),
        (r"^\s{0,3}#{1,6}\s+", ""),
        (r"^\s*(?:[-*+•◦▪‣·–—]|\[[ xX]\])\s+(?:\[[ xX]\]\s+)?", ""),
        (r"^\s*(\d{1,3})[.)]\s+", r"\1, "),
        (r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)", r"\1"),  # a link or a picture: its words
        (r"</?[A-Za-z!?][^<>]*>", " "),  # tags, SSML's too
        (r"(\*\*|__|~~|``?)(?=\S)(.+?)(?<=\S)\1", r"\2"),
        (r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2"),
        (
            r"\b(?:https?|ftp)://(?:[^\s/@]*@)?(?:www\.)?([\w.-]+\w)(?::\d+)?(?:[/?#][^\s<>()\]]*(?<![.,;:!?]))?",
            r" \1 ",
        ),
        (r"\bwww\.([\w.-]+\w)(?:/[^\s<>()\]]*(?<![.,;:!?]))?", r" \1 "),
        (r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b", r"\1 at \2"),
        (r"\s*[|\t]+\s*", ", "),
        (r"\s*(?:\.\s?){4,}", ", "),  # the dots between an item and its price
        (r"\s*[-_=~]{3,}\s*", ", "),
        (r"\s*(?:—|–(?!\d)|--)\s*|\s-\s(?!\d)|(?<=\S)\s{3,}(?=\S)", ", "),
        (r"\s*…", "."),
        (r"\.{2,}", "."),
    )
)
_ENGLISH_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"(?<=[A-Za-z0-9])\.(?=[a-z]{2,})", " dot "),
        (r"(\d)\s?%", r"\1 percent"),
        (r"(?<![\w.-])(\d{1,4})\s?[–-]\s?(\d{1,4})(?![\w-])", r"\1 to \2"),
        (r"(?<![\w.])-(?=\d)", "minus "),
        (r"(?<![\w.])\+(?=\d)", "plus "),
        (r"(\d)\s?[x×]\s?(?=\d)", r"\1 times "),
        (r"(?<!\w)(\d+)\s?[x×](?!\w)", r"\1 times"),
        (r"(?<!\w)[x×]\s?(\d+)(?!\w)", r"times \1"),
        (r"#\s?(?=\d)", "number "),
        (r"\s*&\s*", " and "),
        (r"\s*@\s*", " at "),
        (r"(?<=\w)\s\+\s(?=\w)", " plus "),
        (r"(?<=\w)\s=\s(?=\w)", " equals "),
        (r"(?<=\w)\s<\s(?=\w)", " is less than "),
        (r"(?<=\w)\s>\s(?=\w)", " is more than "),
        (r"(?<=[A-Za-z])/(?=[A-Za-z])", " or "),
        (r"(?<=\d)/(?=\d)", " slash "),
    )
)
_UNIT = re.compile(r"(?<=\d)\s?(" + "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True)) + r")(?!\w)")
_DATE = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b")
_CLOCK = re.compile(r"(?P<to>(?<=\d)\s?[–-]\s?)?\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?\b")
_MONEY = re.compile(
    rf"((?<!\w)-)?(?:(?P<sign>{_SIGN}|\b(?:{_CODE}))\s?{_AMOUNT}|(?<![\w.,]){_AMOUNT}\s?(?P<after>{_SIGN}|(?:{_CODE})\b))",
    re.I,
)
_ITEM = re.compile(r"\s*(?:[-*+•◦▪‣·–—>#|]|\d{1,3}[.)]\s)")
_CAPS = re.compile(r"\b[A-Z][A-Z']+\b")
_ABBREVIATED = "[A-Za-z] Dr Mr Ms Mrs St Jr Sr Prof No vs etc Inc Ltd Co".split()
_SENTENCE_END = re.compile(
    r"(?<=[.!?。！？])" + "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATED) + r"[\"')\]]*\s+|(?<=[。！？])"
)


def sentences(text: str, *, longest: int = 400) -> list[str]:
    """What is said, in pieces of at most `longest` characters that each end where a speaker would pause.

    Empty if there is no letter and no digit in it. Numbers, money and signs become English words where the text is in the
    Latin alphabet.
    """
    pieces: list[str] = []
    for line in _lines(text):
        for sentence in _SENTENCE_END.split(line):
            pieces.extend(piece for piece in _cut(sentence.strip(), longest) if any(map(str.isalnum, piece)))
    return pieces


def scripts(text: str) -> Counter[str]:
    """How many letters of each script: the names in `SCRIPTS`, and the Unicode word of any other."""
    return Counter(
        unicodedata.name(letter, "UNKNOWN").split(" ")[0].split("-")[0] for letter in text if letter.isalpha()
    )


def ascii_only(text: str) -> str:
    """The text without accents, and without the words that have letters beyond them."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(word for word in kept.split() if word.isascii())


_LIGATURES = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "Æ": "Ae", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ð": "d"}
)
_PLAIN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "\u00ad": None,
        "⁄": "/",
        "½": " one half",
        "¼": " one quarter",
        "¾": " three quarters",
    }
)
_UNSPOKEN = re.compile(r"[\"\[\]{}()<>\\^`~*_|#=+]")


def _lines(text: str) -> Iterator[str]:
    """What each line says, with a stop at its end; the lines of a hard-wrapped paragraph as one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("№", "#").translate(_PLAIN)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(sign if sign in "\n\t" or unicodedata.category(sign)[0] != "C" else " " for sign in text)
    english = all(script == "LATIN" for script, _ in scripts(text).most_common(1))
    joined, last = "", ""
    for line in [*text.split("\n"), ""]:
        said = _said(line, english=english)
        wrapped = said[:1].islower() or (len(last) >= WRAPPED and said and not _ITEM.match(line))
        if wrapped and len(joined.split()) > 3 and last.rstrip()[-1:] not in tuple(".!?:。！？"):
            joined = f"{joined}{',' if last.rstrip().endswith(',') else ''} {said}"
        else:
            if joined:
                yield joined if joined[-1] in ".!?。！？" else f"{joined}."
            joined = said
        last = line


def _said(line: str, *, english: bool) -> str:
    for pattern, to in _LINE_RULES:
        line = pattern.sub(to, line)
    if english:
        line = _uncapitalised(line)
        line = _DATE.sub(lambda found: f"{MONTHS[int(found[2]) - 1]} {int(found[3])}, {found[1]}", line)
        line = _MONEY.sub(_money, line)
        line = _CLOCK.sub(_clock, line)
        line = _UNIT.sub(lambda found: f" {UNITS[found[1]]}", line)
        for pattern, to in _ENGLISH_RULES:
            line = pattern.sub(to, line)
    line = "".join(sign if not unicodedata.category(sign).startswith("S") else " " for sign in line)
    line = _UNSPOKEN.sub(_bracket, line)
    line = re.sub(r"([!?])[!?.]+", r"\1", line)
    line = re.sub(r"\s*[,;:]+\s*([.!?])(?!\d)", r"\1", line)
    line = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", line)
    line = re.sub(r"\s+([,.;:!?])", r"\1", line)
    line = (
        re.sub(rf"(\S{{{LONGEST_WORD}}})(?=\S)", r"\1 ", line)
        if re.search(rf"\S{{{2 * LONGEST_WORD}}}", line)
        else line
    )
    return re.sub(r"\s+", " ", line).strip(" ,;:-'/")


def _bracket(found: re.Match[str]) -> str:
    return ", " if found[0] in "()[]{}" else " "


def _money(found: re.Match[str]) -> str:
    """`$12.40` as `12 dollars and 40 cents`."""
    sign = (found["sign"] or found["after"]).strip().upper()
    whole, part, size = (found[3], found[4], found[5]) if found["sign"] else (found[6], found[7], found[8])
    one, many, little_one, little_many = CURRENCIES[sign]
    whole = re.sub("[.,]", "", whole)
    minus = "minus " if found[1] else ""
    if size:
        decimals = f".{part}" if part else ""
        return f"{minus}{whole}{decimals} {SIZES.get(size.lower(), size.lower())} {many}"
    pence = int(f"{part or 0}0"[:2])
    spoken = [f"{whole} {one if int(whole) == 1 else many}"] if int(whole) or not pence else []
    if pence:
        spoken.append(f"{pence} {little_one if pence == 1 else little_many}")
    return minus + " and ".join(spoken)


def _clock(found: re.Match[str]) -> str:
    """`9:05` as `9 oh 5`, `17:30` as `17 30`."""
    hour, minute = int(found["hour"]), int(found["minute"])
    rest = f"{minute}" if minute >= 10 else f"oh {minute}" if minute else "o'clock" if hour <= 12 else "hundred"
    return f"{' to ' if found['to'] else ''}{hour} {rest}"


def _uncapitalised(line: str) -> str:
    """Shouted words as words. In a line of mixed case a short word in capitals stays: it is likely spelled out."""
    shouted = sum(map(len, _CAPS.findall(line))) > 0.75 * sum(map(str.isalpha, line))

    def lower(found: re.Match[str]) -> str:
        word = found[0]
        spelled = word in SPELLED or not re.search(r"[AEIOUY]", word) or (not shouted and len(word) <= 5)
        return word if spelled else word.capitalize()

    return _CAPS.sub(lower, line)


def _cut(sentence: str, longest: int) -> Iterator[str]:
    """Pieces of a sentence that is too long: at a comma if there is one, else at a space, else anywhere."""
    while len(sentence) > longest:
        at = max(sentence.rfind(sign, longest // 2, longest) for sign in (", ", "; ", ": "))
        at = at + 1 if at > 0 else sentence.rfind(" ", 1, longest)
        at = at if at > 0 else longest
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    if sentence:
        yield sentence
