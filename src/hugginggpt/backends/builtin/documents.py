"""Answers to questions about a page: a receipt, an invoice, a form, a poster.

The page is read, then searched as people search it: for a label that means what was asked, and beside or below it for a
value of the right sort; for an item's row; for what stands out. What is left is asked of the page's text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hugginggpt.backends.builtin import answers
from hugginggpt.backends.builtin.ocr import Line, Page, read
from hugginggpt.backends.builtin.ocr import load as load  # a worker makes the engine ready ahead
from hugginggpt.backends.builtin.pictures import picture
from hugginggpt.backends.builtin.words import content, stem
from hugginggpt.backends.expert import Job
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Data, Text

_CURRENCY = r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|Rs\.?|kr\.?|zł|Kč)(?=[\s\d]|$))"
_MONEY = re.compile(
    rf"(?<![\w.,])(?:-\s?)?(?:{_CURRENCY}\s?)?(?:-\s?)?\d{{1,3}}(?:[ ,.’']?\d{{3}})*\s?[.,]\s?\d{{2}}(?!\d|[.,]\d|\s?%)"
    rf"(?:\s?{_CURRENCY})?"
    rf"|(?<!\w){_CURRENCY}\s?\d+(?:[ ,.]\d{{3}})*(?![\d.,]\d)"
    rf"|(?<![\w.,])\d+(?:[ ,.]\d{{3}})*\s?{_CURRENCY}",
    re.IGNORECASE,
)
_DATE = re.compile(
    "|".join(
        (
            rf"\b\d{{1,2}}[-\s]{answers.MONTH}[-\s,]+\d{{2,4}}\b",
            r"\b\d{1,2}-\d{1,2}-\d{4}\b",
            *answers.DATES[:3],
            *answers.DATES[4:5],
        )
    ),
    re.IGNORECASE,
)
_ANY_DATE = re.compile("|".join(answers.DATES), re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?:[01]?\d|2[0-3])[:.h][0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?!\d)|\b\d{1,2}\s?[ap]m\b", re.IGNORECASE
)
_CODE = re.compile(r"(?=[\w./#-]*\d)[A-Z]{0,6}#?[\w][\w./-]*(?![\w./-]|\s?%)", re.IGNORECASE)
_TAX_NUMBER = re.compile(r"(?:\b[A-Z]{2}\s?)?\b\d[\d .-]{5,}\d\b")
_PHONE = re.compile(r"(?<![\w-])\+?\(?\d[\d\s()./-]{5,}\d(?!\w)")
_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(
    r"(?:https?://)?(?:www\.)[\w.-]+(?:/\S*)?|https?://\S+|(?<![@\w.-])[\w-]+\.(?:com|org|net|co\.uk|de|fr|eu|shop|cafe)\b(?:/\S*)?",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b")
_ACCOUNT = re.compile(rf"{_IBAN.pattern}|\b\d[\d -]{{5,}}\d\b")
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
_DAYS = re.compile(rf"\b{_WEEKDAY}\b(?:\s*(?:,|-|–|&|and|to)\s*{_WEEKDAY}\b)*", re.IGNORECASE)
_HOURS = re.compile(
    rf"(?:{_CLOCK.pattern}|\b\d{{1,2}})\s*(?:-|–|to|until|till)\s*(?P<end>{_CLOCK.pattern})", re.IGNORECASE
)
_RATE = re.compile(r"\d+(?:[.,]\d+)?\s?%")
_ANYTHING = re.compile(r"\S.*")
_STREET = re.compile(
    r".*\b(?:street|st\.?|avenue|ave\.?|road|rd\.?|lane|ln\.?|drive|square|quay|boulevard|blvd|way|place|plaza|court|highway|row|hill"
    r"|\w*straße|\w*strasse|rue|via|calle)\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """An answer and where it stands."""

    text: str
    score: float
    line: Line | None = None

    def as_json(self) -> dict[str, Any]:
        """As it stands in the results."""
        box = self.line.as_json()["box"] if self.line else None
        return {"answer": self.text, "score": round(min(self.score, 1.0), 3), "box": box}


@dataclass(frozen=True, slots=True)
class Sought:
    """Something that people ask of a page."""

    name: str
    asked: re.Pattern[str]
    """How a question for it sounds."""
    labels: tuple[re.Pattern[str], ...] = ()
    """What stands beside or above it, the surest first."""
    value: re.Pattern[str] = _ANYTHING
    unless: re.Pattern[str] | None = None
    """What makes a label mean something else."""
    otherwise: Callable[[Page, str], Value | None] | None = None
    """Where to look if there is no label."""


def answer(job: Job) -> Sequence[Text | Data]:
    """What the page says to the question, as it is printed there, and where."""
    question = " ".join(job.text("question").split())
    page = read(picture(job))
    if not page.lines:
        raise InputRefused("no text was found in this picture, so there is nothing to answer from")
    found = ask(page, question)
    if not found:
        shown = question if len(question) <= 120 else question[:117] + "..."
        raise InputRefused(f"the page has nothing that answers {shown!r}")
    if len(found) == 1:
        value = next(iter(found.values()))
        return [Text(text=value.text), Data(value=value.as_json())]
    text = "; ".join(f"{name}: {value.text}" for name, value in found.items())
    first = next(iter(found.values())).as_json()
    each = [{"name": name, **value.as_json()} for name, value in found.items()]
    score = min(value.score for value in found.values())
    return [Text(text=text), Data(value={**first, "answer": text, "score": round(min(score, 1.0), 3), "answers": each})]


def ask(page: Page, question: str) -> dict[str, Value]:
    """The answers of a page, by the name of what was asked; several if the question asks for several things."""
    clauses = [clause for clause in re.split(r",?\s+and\s+(?:also\s+)?|[;?]\s*|,\s+", question) if clause.strip()]
    sought: dict[str, tuple[Sought, str]] = {}
    for clause in clauses:
        if one := next((one for one in SOUGHT if one.asked.search(clause)), None):
            sought.setdefault(one.name, (one, clause))
    found: dict[str, Value] = {}
    for name, (one, clause) in sought.items():
        value = _item(page, clause if len(sought) > 1 else question) if one.value is _MONEY else None
        value = (
            value
            or _keyed(page, clause, exact=True)
            or _labelled(page, one)
            or (one.otherwise(page, question) if one.otherwise else None)
        )
        if value:
            found[name] = value
    if found:
        # What has no row in the table but a number of its own: "the ticket number and where ...".
        known = {clause for _, clause in sought.values()}
        for clause in clauses:
            asked = _NUMBER_OF.search(clause) if clause not in known else None
            if asked and (value := _numbered(page, clause)):
                found.setdefault(asked.group().casefold(), value)
        return found
    for other in (_item, _numbered, _keyed, _told, _only_one):
        if value := other(page, question):
            return {"answer": value}
    return {}


# Labels and what stands beside or below them


def _labelled(page: Page, sought: Sought) -> Value | None:
    best: Value | None = None
    for rank, label in enumerate(sought.labels):
        for number, row in enumerate(page.rows):
            for place, line in enumerate(row):
                match = label.search(line.text)
                if not match or (sought.unless and sought.unless.search(_around(line.text, match))):
                    continue
                # The lower one wins among equals: sums stand at the end.
                for value in _beside(page, number, place, match.end(), sought.value):
                    score = value.score * (1 - 0.06 * rank)
                    if best is None or score >= best.score:
                        best = Value(value.text, score, value.line)
                    break
    return best


def _around(text: str, match: re.Match[str]) -> str:
    """A label with the word before it and the words after it, without the amounts."""
    before = re.search(r"[\w-]*[\s-]*$", text[: match.start()])
    after = re.match(r"[^\d]*", text[match.end() :])
    return (before.group() if before else "") + match.group() + (after.group() if after else "")


def _beside(page: Page, number: int, place: int, end: int, pattern: re.Pattern[str]) -> Iterator[Value]:
    """What fits right after a label in its own line, then in the lines to its right, then below it."""
    row, label = page.rows[number], page.rows[number][place]
    amount = pattern is _MONEY
    own = _fitting(label.text[end:].lstrip(" :.#-–=|"), pattern, last=amount)
    if own:
        yield Value(own, label.score, label)
    right = () if _heads(page, number) else _up_to_a_label(row, place + 1)
    # The amount of a row is its last one; of other values the nearest is meant.
    for line in reversed(right) if amount else right:
        if text := _fitting(line.text, pattern, last=amount):
            yield Value(text, 0.97 * line.score, line)
    if own == "" and label.text[end:].strip(" :.#-–") and pattern is not _ANYTHING:
        return
    left, wide = label.left_px, label.right_px
    for below in page.rows[number + 1 : number + 3]:
        for at, line in enumerate(below):
            if min(wide, line.right_px) - max(left, line.left_px) <= 0:
                continue
            # What stands from another label on belongs to that one.
            if _is_label(below, at):
                return
            if text := _fitting(line.text, pattern, last=amount):
                yield Value(text, 0.8 * line.score, line)


def _up_to_a_label(row: Sequence[Line], start: int) -> Sequence[Line]:
    """The lines of a row from one on, as far as the next label: what stands behind that belongs to it."""
    end = next((place for place in range(start, len(row)) if _is_label(row, place)), len(row))
    return row[start:end]


_LABEL = re.compile(r"(?:[^\W\d]+\s){1,2}(?:no|number|num|nr|id|code|ref(?:erence)?|date)", re.IGNORECASE)


def _is_label(row: Sequence[Line], place: int) -> bool:
    """Whether a line only names what stands beside or below it."""
    text = row[place].text.strip()
    bare = text.strip(" :.#-")
    if not bare or len(text) > 40 or re.search(r"\d", bare):
        return False
    if text.endswith(":"):
        return True
    # A single word at the end of a row may well be a value: "Payment method | Cash".
    return (" " in bare or place + 1 < len(row)) and _known_label(bare)


@lru_cache(maxsize=512)
def _known_label(text: str) -> bool:
    return bool(_LABEL.fullmatch(text)) or any(label.fullmatch(text) for sought in SOUGHT for label in sought.labels)


def _heads(page: Page, number: int) -> bool:
    """Whether a row is the head of columns: three labels or more, and values right below them."""
    row = page.rows[number]
    below = page.rows[number + 1] if number + 1 < len(page.rows) else ()
    # Figures are values, and labels below labels are a list of details beside another block.
    if len(row) < 3 or any(re.search(r"\d", _RATE.sub("", one.text)) for one in row):
        return False
    under = [
        place
        for place, other in enumerate(below)
        if any(abs(one.left_px - other.left_px) < 0.7 * one.height_px for one in row)
    ]
    return len(under) >= 2 and not any(_is_label(below, place) for place in under)


def _fitting(text: str, pattern: re.Pattern[str], *, last: bool = False) -> str:
    found = [match.group() for match in pattern.finditer(text) if match.group().strip()]
    return _tidy(found[-1 if last else 0]) if found else ""


def _tidy(text: str) -> str:
    text = text.strip(" :;,|")
    # "12. 40" and "$ 12.40" are how the eye of the machine spaces "12.40" and "$12.40".
    text = re.sub(r"(?<=\d)\s?([.,])\s?(?=\d\d(?!\d))", r"\1", text) if _MONEY.fullmatch(text) else text
    return re.sub(r"^([-$€£¥₹]+)\s+(?=\d)", r"\1", text)


# Items


@dataclass(frozen=True, slots=True)
class Item:
    """A row of goods: what, how many, for how much."""

    name: str
    quantity: int
    price: str
    """For all of them."""
    unit_price: str
    """As printed in a column of its own, else empty."""
    line: Line

    @property
    def each(self) -> float:
        """What one of them costs."""
        digits = re.sub(r"[^\d.,]", "", self.price)
        whole, part = re.fullmatch(r"(.*?)(?:[.,](\d\d))?", digits).groups()  # type: ignore[union-attr]
        return (float(re.sub(r"\D", "", whole) or 0) + float(part or 0) / 100) / self.quantity


_SUM = re.compile(
    r"\b(?:sub-?\s?total|total|tax|vat|gst|hst|change|cash|card|visa|master\s?card|amex|debit|credit|balance|amount|tip|gratuity"
    r"|discount|due|paid|tendered|payment|rounding|service|shipping|delivery|deposit|net|gross|sum|savings?)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"^\s*(?P<n>\d{1,3})\s*(?:[x×*@]\s*|\s+)(?=[^\W\d])|\s[x×*]\s?(?P<m>\d{1,3})\b|\b(?:qty|quantity)\W*(?P<q>\d{1,3})\b",
    re.IGNORECASE,
)


_COLUMNS = {
    "quantity": re.compile(r"^\W*(?:qty|quantity|units?|pcs|pieces|count|number)\W*$", re.IGNORECASE),
    "each": re.compile(r"^\W*(?:unit(?: price| cost)?|price(?: each| per unit)?|each|rate)\W*$", re.IGNORECASE),
}


def _items(page: Page) -> list[Item]:
    items = []
    heads: dict[str, Line] = {}
    for row in page.rows:
        named = {name: line for line in row for name, pattern in _COLUMNS.items() if pattern.match(line.text)}
        if named and not any(_MONEY.search(line.text) for line in row):
            heads = named
            continue
        text = "  ".join(line.text for line in row)
        amounts = list(_MONEY.finditer(text))
        name = text[: amounts[0].start()] if amounts else ""
        if not re.search(r"[^\W\d_]{2}", name) or _SUM.search(name):
            continue
        under = {head: _under(line, row) for head, line in heads.items()}
        quantity = _QUANTITY.search(name)
        n = next((int(g) for g in quantity.groups() if g), 1) if quantity else 1
        if re.fullmatch(r"\d{1,6}", under.get("quantity", "")):
            n = int(under["quantity"])
        bare = re.sub(r"\s+\d{1,6}$", "", _QUANTITY.sub(" ", name).strip(" :.-–@x×*"))
        each = _fitting(under.get("each", ""), _MONEY)
        items.append(Item(" ".join(bare.split()), n, _tidy(amounts[-1].group()), each, row[-1]))
    return items


def _under(head: Line, row: Sequence[Line]) -> str:
    """The text of a row that stands under a column's head."""
    near = [one for one in row if min(one.right_px, head.right_px) - max(one.left_px, head.left_px) > 0]
    return near[0].text if near else ""


_PRICE = re.compile(r"\b(?:how much|price|cost|charged?|pa(?:y|id) for)\b", re.IGNORECASE)
_MOST = re.compile(r"\b(?:most expensive|dearest|priciest|highest price|cost(?:s)? (?:the )?most)\b", re.IGNORECASE)
_LEAST = re.compile(r"\b(?:cheapest|least expensive|lowest price|cost(?:s)? (?:the )?least)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:unit price|each|per unit|one of)\b", re.IGNORECASE)
_ASKING = frozenset(
    map(
        stem,
        "much price cost charge pay receipt bill invoice item product many buy order page each single unit one".split(),
    )
)


def _item(page: Page, question: str) -> Value | None:
    """The price or the number of an item that the question names, or the dearest or cheapest one."""
    items = _items(page)
    for extreme, pick in ((_MOST, max), (_LEAST, min)):
        if items and extreme.search(question):
            one = pick(items, key=lambda item: item.each)
            return Value(f"{one.name} ({one.price})", one.line.score, one.line)
    count = re.search(r"\bhow many\b|\bquantity\b", question, re.IGNORECASE)
    if not (count or _PRICE.search(question)):
        return None
    asked = {word.stem for word in content(question)} - _ASKING
    scored = [(len(asked & {w.stem for w in content(item.name)}), item) for item in items]
    hits, item = max(scored, key=lambda pair: pair[0], default=(0, None))
    if not item or not hits or 2 * hits < len(asked):
        return None
    price = item.unit_price if item.unit_price and _EACH.search(question) else item.price
    return Value(str(item.quantity) if count else price, hits / len(asked) * item.line.score, item.line)


def _item_list(page: Page, question: str) -> Value | None:
    items = _items(page)
    if re.search(r"\bhow many\b", question, re.IGNORECASE):
        return Value(str(sum(item.quantity for item in items)), 0.8, items[0].line) if items else None
    names = [f"{item.quantity} {item.name}" if item.quantity > 1 else item.name for item in items]
    return Value(", ".join(names), 0.85, items[0].line) if items else None


# What stands out


_NO_SELLER = re.compile(
    r"^\W*(?:(?:tax |sales |cash |guest |customer )?"
    r"(?:receipt|invoice|bill|order|statement|quote|check|welcome|copy|page|date|thank you)\b.*|[\W\d]+)$",
    re.IGNORECASE,
)


def _heading(page: Page, question: str) -> Value | None:
    """The name at the top: the tallest line of the first rows that is no word such as RECEIPT."""
    rows = [row for row in page.rows[:6] if not any(_MONEY.search(line.text) for line in row)]
    top = [
        line for row in rows for line in row if re.search(r"[^\W\d_]{2}", line.text) and not _NO_SELLER.match(line.text)
    ]
    named = [
        line
        for line in top[:5]
        if ":" not in line.text and sum(c.isdigit() for c in line.text) < 4 and "@" not in line.text
    ]
    if not named:
        return None
    tallest = max(named, key=lambda line: line.height_px - 0.15 * named[0].height_px * named.index(line))
    return Value(tallest.text, 0.8 * tallest.score, tallest)


def _anywhere(pattern: re.Pattern[str], score: float) -> Callable[[Page, str], Value | None]:
    """The first thing on the page that looks like it."""

    def look(page: Page, question: str) -> Value | None:
        for line in page.lines:
            if match := pattern.search(line.text):
                return Value(_tidy(match.group()), score * line.score, line)
        return None

    return look


_NO_PHONE = re.compile(
    r"\b(?:vat|tax|reg|account|a/c|iban|bic|invoice|receipt|order|ticket|customer|member|card|ref\w*|id|no|nr|number|code|badge"
    r"|date|licen[cs]e)\b|#",
    re.IGNORECASE,
)


def _phone(page: Page, question: str) -> Value | None:
    """What is spaced as a phone number is, where nothing says that it is another number."""
    for row in page.rows:
        for place, line in enumerate(row):
            before = row[place - 1].text if place else ""
            for match in _PHONE.finditer(line.text):
                text, digits = match.group(), sum(c.isdigit() for c in match.group())
                named = _NO_PHONE.search(f"{before} {line.text[: match.start()]}")
                plain = text.isdigit() or _ANY_DATE.search(text) or _MONEY.search(text)
                if not named and not plain and 7 <= digits <= 15:
                    return Value(_tidy(text), 0.6 * line.score, line)
    return None


def _date(page: Page, question: str) -> Value | None:
    """The first whole date, else the first part of one that is no part of a number."""
    return _anywhere(_DATE, 0.75)(page, question) or _anywhere(_LOOSE_DATE, 0.75)(page, question)


_LOOSE_DATE = re.compile(rf"(?<![\w/#-])(?:{_ANY_DATE.pattern})(?![\w/-])", re.IGNORECASE)


def _closing(page: Page, question: str) -> Value | None:
    """The end of the hours; if there are several of them, all with their days."""
    found = [(match, line) for line in page.lines if (match := _HOURS.search(line.text))]
    if not found:
        return None
    match, line = found[0]
    text = match["end"] if len(found) == 1 else "; ".join(line.text for _, line in found)
    return Value(_tidy(text), 0.75 * line.score, line)


def _person(page: Page, question: str) -> Value | None:
    """The name on a card: what stands out on a page that tells how to reach someone and has no prices."""
    reach = any(_EMAIL.search(line.text) or _PHONE.search(line.text) for line in page.lines)
    priced = any(_MONEY.search(line.text) for line in page.lines)
    return _heading(page, question) if reach and not priced else None


def _employer(page: Page, question: str) -> Value | None:
    """The firm on a card: the line that shares a word with its addresses on the net."""
    nets = [m.group().casefold() for line in page.lines for p in (_EMAIL, _WEB) for m in p.finditer(line.text)]
    hosts = " ".join(net.rpartition("@")[2] for net in nets)
    for line in page.lines:
        if not re.search(r"@|www|://", line.text) and any(
            len(word) > 3 and word.casefold() in hosts for word in re.findall(r"[^\W\d_]+", line.text)
        ):
            return Value(line.text, 0.75 * line.score, line)
    return None


_MEANS = re.compile(
    r"^\W*((?:credit |debit )?card|cash|visa(?: debit)?|master\s?card|maestro|amex|american express|paypal|cheque|check|apple pay"
    r"|google pay|bank transfer|voucher)\b",
    re.IGNORECASE,
)


def _paid_with(page: Page, question: str) -> Value | None:
    for line in page.lines:
        if match := _MEANS.search(line.text):
            return Value(match.group(1), 0.85 * line.score, line)
    return None


def _all_of_it(page: Page, question: str) -> Value | None:
    return Value(page.text, min(line.score for line in page.lines))


def _any(*patterns: str) -> re.Pattern[str]:
    """A pattern that is found where one of these is, whatever the case; each stands between the borders of words."""
    return re.compile("|".join(rf"(?<!\w)(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _each(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_any(pattern) for pattern in patterns)


_THIS = r"(?:it|this|that|the (?:receipt|invoice|bill|order|check|ticket|page|document))"
_SHOP = (
    r"(?:shop|store|supermarket|restaurant|caf[eé]|company|seller|merchant|vendor|business|supplier|hotel|retailer|bar"
    r"|bakery|firm)"
)
_BUYER = r"(?:customer|buyer|client|guest|passenger|recipient|payer)"
_GOODS = r"(?:items|things|products|articles|goods)"
_SOMEBODY = r"(?:i|we|you|he|she|they|the \w+)"
_TOTAL = r"[t7][o0]tal\b"

SOUGHT: tuple[Sought, ...] = (
    Sought(
        "subtotal",
        asked=_any(
            r"sub-?\s?total\b", r"(?:before|without) (?:the )?(?:sales )?(?:tax|vat)\b", r"net (?:amount|total)\b"
        ),
        labels=_each(rf"sub-?\s?{_TOTAL}", r"net(?: amount| total)?\b", r"total (?:before|excl)"),
        value=_MONEY,
    ),
    Sought(
        "tax rate",
        asked=_any(r"(?:tax|vat|gst) (?:rate|percentage)\b", r"percent\w* .*\b(?:tax|vat)\b"),
        labels=_each(r"(?:tax|vat|gst)\b"),
        value=_RATE,
    ),
    Sought(
        "tax number",
        asked=_any(r"(?:tax|vat|gst) (?:id|no|number|reg\w*)\b"),
        labels=_each(r"(?:tax|vat|gst)\s?(?:id|no|number|reg\w*)\b\.?(?: (?:no|number)\b)?"),
        value=_TAX_NUMBER,
    ),
    Sought(
        "tax",
        asked=_any(r"(?:tax(?:es)?|vat|gst|hst)\b(?! (?:id|no|number|reg)\b)"),
        labels=_each(r"(?:total|sales) (?:tax|vat)\b", r"(?:tax(?:es)?|vat|v\.a\.t\.?|gst|hst|mwst|tva|iva)\b"),
        value=_MONEY,
        unless=_any(
            r"(?:before|excl\w*|incl\w*|without) (?:\w+ )?(?:tax|vat)\b",
            r"(?:tax|vat) (?:id|no|number|invoice|reg)",
            r"total incl",
        ),
    ),
    Sought(
        "tip",
        asked=_any(r"(?:tip|gratuity|service charge)\b"),
        labels=_each(r"(?:tip|gratuity|service(?: charge)?)\b"),
        value=_MONEY,
    ),
    Sought(
        "discount",
        asked=_any(r"(?:discount|savings?|saved?|reduction|rebate)\b"),
        labels=_each(r"(?:discount|savings?|you saved|reduction|coupon|rebate)\b"),
        value=_MONEY,
    ),
    Sought("change", asked=_any(r"change\b"), labels=_each(r"change(?: due)?\b"), value=_MONEY),
    Sought(
        "shipping",
        asked=_any(r"(?:shipping|delivery|postage|freight)\b(?! (?:date|address|time))"),
        labels=_each(r"(?:shipping|delivery|postage|freight|p&p)\b"),
        value=_MONEY,
    ),
    Sought("deposit", asked=_any(r"deposit\b"), labels=_each(r"deposit\b"), value=_MONEY),
    Sought(
        "cash given",
        asked=_any(r"how much cash\b", r"(?:cash|money) (?:was |did .* )?(?:given|tendered|handed|give)\b"),
        labels=_each(r"(?:cash|tendered)\b"),
        value=_MONEY,
    ),
    Sought(
        "due date",
        asked=_any(r"due (?:date|by|on)\b", r"when\b.*\b(?:due|be paid|pay)\b", r"deadline\b"),
        labels=_each(
            r"(?:payment )?due(?: date| by| on)?\b", r"(?:pay(?:able|ment)?|paid) (?:by|before|until)\b", r"deadline\b"
        ),
        value=_DATE,
    ),
    Sought(
        "payment",
        asked=_any(
            r"how (?:was|were|did|is|has)\b.*\b(?:pay|paid)\b",
            r"payment (?:method|type)\b",
            r"paid (?:by|with|in)\b",
            r"means of payment\b",
        ),
        labels=_each(r"payment (?:method|type)\b", r"paid (?:by|with)\b", r"method\b"),
        otherwise=_paid_with,
    ),
    Sought(
        "items",
        asked=_any(
            rf"how many (?:different )?{_GOODS}\b",
            rf"(?:what|which) (?:{_GOODS}|food)\b(?!.*\b(?:cheapest|expensive|most|least)\b)",
            r"what (?:did|was|were|has|have)\b.*\b(?:buy|bought|order(?:ed)?|purchased?|eat|ate)\b(?! (?:date|number))",
            r"list\b.*\bitems\b",
        ),
        otherwise=_item_list,
    ),
    Sought(
        "total",
        asked=_any(
            r"(?<!sub)(?<!sub-)(?<!sub )total\b(?! (?:tax|vat|items?|number|savings?|discount))",
            r"(?:amount|balance) (?:is |was )?(?:due|owed|payable|to pay)\b",
            r"sum\b|altogether\b|all together\b|in all\b",
            r"how much (?:is|was) (?:it|the (?:bill|receipt|invoice|check|meal|dinner|lunch|order))\b",
            rf"how much (?:do|does|did|must|should|have|has|will) {_SOMEBODY}\b.*\b(?:pay|paid|spen[dt]|owe|cost)\b(?! for)",
            rf"how much (?:money )?{_SOMEBODY} (?:paid|spent|owed?|(?:ha(?:ve|s|d)|needs?) to pay|(?:must|should) pay)\b(?! for)",
            r"how much (?:money )?(?:was|were|is) (?:paid|spent|owed|due)\b(?! for)",
            r"(?:final|whole|overall|full) (?:price|cost|amount)\b",
        ),
        labels=_each(
            rf"(?:grand\s?{_TOTAL}|(?:[t7][o0]tal|amount|total amount|balance)\s?(?:due|to pay|payable)\b)",
            rf"{_TOTAL}(?!\s?(?:tax|vat|items?|qty|savings?|discount|number))|to pay\b",
            r"(?:sum|amount|balance)\b",
            # Only a line's first word: a "late fine" is another sum.
            r"(?<!\w\s)(?:fine|penalty|toll|fare)\b",
        ),
        value=_MONEY,
        unless=_any(
            rf"sub-?\s?{_TOTAL}",
            r"total (?:before|excl\w*|net|tax|vat|savings?|discount|items?|qty)\b",
            r"(?:tax|vat|net) total\b",
        ),
    ),
    Sought(
        "closed on",
        asked=_any(r"(?:which|what) days?\b.*\b(?:closed?|shut)\b", r"when (?:is|are)\b.*\b(?:closed|shut)\b"),
        labels=_each(r"(?:closed|shut)(?: on)?\b"),
        value=_DAYS,
    ),
    Sought(
        "closing time",
        asked=_any(r"(?:when|what time)\b.*\b(?:closes?|closing|shuts?)\b", r"closing (?:time|hour)"),
        labels=_each(r"clos(?:es?|ing)(?: time| at)?\b"),
        value=_CLOCK,
        otherwise=_closing,
    ),
    Sought(
        "time",
        asked=_any(r"what time\b", r"at what hour\b", r"time of (?:day|purchase|sale)\b"),
        labels=_each(r"time\b"),
        value=_CLOCK,
        otherwise=_anywhere(_CLOCK, 0.8),
    ),
    Sought(
        "phone",
        asked=_any(r"(?:phone|telephone|mobile|fax|tel)\b", r"number .*\bcall\b"),
        labels=_each(r"(?:tel(?:ephone)?|phone|ph|mobile|call|fax)\b"),
        value=_PHONE,
        otherwise=_phone,
    ),
    Sought(
        "IBAN",
        asked=_any(r"iban\b", r"account number\b"),
        labels=_each(r"iban\b", r"account(?: number| no\.?)\b", r"(?:account|a/c|acct)\b"),
        value=_ACCOUNT,
        otherwise=_anywhere(_IBAN, 0.9),
    ),
    Sought(
        "email", asked=_any(r"e-?mail\b"), labels=_each(r"e-?mail\b"), value=_EMAIL, otherwise=_anywhere(_EMAIL, 0.9)
    ),
    Sought(
        "website",
        asked=_any(r"(?:web ?site|web address|url|home ?page)\b"),
        labels=_each(r"(?:web ?site|web|url)\b"),
        value=_WEB,
        otherwise=_anywhere(_WEB, 0.9),
    ),
    Sought(
        "location",
        asked=_any(
            r"where\b.*\b(?:parked|happen(?:ed)?|take place|took place)\b", r"(?:what|which) (?:location|venue)\b"
        ),
        labels=_each(r"(?:location|venue|place)\b(?= *:| *$)"),
    ),
    Sought(
        "address",
        asked=_any(r"address\b", r"what street\b", rf"where is (?:the |this )?{_SHOP}\b", r"located\b"),
        labels=_each(r"address\b"),
        otherwise=_anywhere(_STREET, 0.8),
    ),
    Sought(
        "employer",
        asked=_any(
            r"(?:who|where|which|what)\b.*\bworks? (?:for|at)\b", r"where (?:does|do) .*\bwork\b", r"employer\b"
        ),
        labels=_each(r"(?:employer|company)\b(?= *:| *$)"),
        otherwise=_employer,
    ),
    Sought(
        "seller",
        asked=_any(
            rf"(?:what|which) (?:is|was) (?:the )?(?:name of )?(?:the |this )?{_SHOP}\b",
            rf"(?:name of|what|which) (?:the |this )?{_SHOP}\b",
            rf"{_SHOP}(?:'s|’s)? name\b",
            rf"who (?:issued|sent|sold|wrote|made|gave)(?: me| us)? {_THIS}\b",
            rf"who is {_THIS} from\b",
            r"where (?:did|was|were|is|has)\b.*\b(?:buy|bought|purchased?|from|eat|shop|issued|spent|go)\b",
            rf"who is the {_SHOP}\b",
        ),
        labels=_each(rf"(?:{_SHOP}|sold by|from)\s*:", r"issued by\b|issuer\b"),
        otherwise=_heading,
    ),
    Sought(
        "customer",
        asked=_any(
            rf"(?:who (?:is|was)|name of|what is) (?:the )?{_BUYER}\b(?!(?:'s|’s)? (?:no|number|id|code|ref\w*)\b)",
            r"billed? to\b",
            rf"who (?:is|was) {_THIS} (?:for|to|addressed|billed)\b",
            rf"{_BUYER}(?:'s|’s)? name\b",
            r"who (?:bought|ordered|must pay|has to pay)\b",
        ),
        labels=_each(
            r"(?:bill(?:ed)?|sold|invoice|ship) to\b",
            rf"(?:{_BUYER}|name|attn)(?: name)?(?=\s*:|\s*$)",
        ),
    ),
    Sought(
        "name",
        asked=_any(r"(?:his|her|their|person(?:'s|’s)?) (?:full )?name\b", r"whose (?:business |visiting )?card\b"),
        labels=_each(r"(?:full )?name(?=\s*:|\s*$)"),
        otherwise=_person,
    ),
    Sought(
        "served by",
        asked=_any(r"(?:served|server|cashier|waiter|waitress|clerk|sales ?person|assistant)\b"),
        labels=_each(
            r"(?:you were )?served by\b", r"(?:server|cashier|waiter|waitress|clerk|operator|sales ?person)\b"
        ),
    ),
    Sought(
        "date",
        asked=_any(
            r"date\b",
            rf"when (?:was|were|is|did)\b.*\b{_THIS}\b",
            r"when (?:was|were|is|did)\b.*\b(?:issued?|bought|buy|purchased?|order(?:ed)?|paid|pay|printed|written|dated|sold)\b",
            r"(?:on )?(?:what|which) day\b",
        ),
        labels=_each(
            r"(?:invoice|order|issue|receipt|purchase|transaction|bill)\s?date\b|date of (?:issue|invoice|purchase)\b",
            r"dated?\b",
            r"issued(?: on)?\b(?! by)",
        ),
        value=_DATE,
        unless=_any(r"(?:due|delivery|expir\w+|best before|birth) ?(?:date)?\b", r"date of birth\b"),
        otherwise=_date,
    ),
    Sought(
        "text",
        asked=re.compile(
            r"^\W*(?:what does (?:it|this|that|the \w+)(?: \w+)? say|what is written|what(?:'s| is) the text"
            r"|read (?:it|this|the \w+))\b\W*(?:here|on (?:it|this)|(?:aloud|out|to me)*)\W*$",
            re.IGNORECASE,
        ),
        otherwise=_all_of_it,
    ),
)
"""What people ask of a page. The first row whose question fits counts, so the narrower ones come first."""


# Everything else


_NUMBER_OF = re.compile(
    r"\b(?P<what>[\w-]+)(?:'s)? (?:no\b\.?|number|num|nr|id|code|ref(?:erence)?)\b|\bnumber of the (?P<of>\w+)"
    r"|\bwhat (?P<which>table|room|seat|gate|page|order|flight|platform|floor)\b",
    re.IGNORECASE,
)


def _numbered(page: Page, question: str) -> Value | None:
    """The number, code or id of something: invoice, order, table, account."""
    asked = _NUMBER_OF.search(question)
    if not asked:
        return None
    what = re.escape(next(group for group in asked.groups() if group))
    number = r"(?:no\b|number|num\b|nr\b|n°|№|#|id\b|code|ref\w*)"
    pattern = re.compile(rf"\b{what}\s*(?:{number}\s*)?[.:#]*(?=\s|\d|$|:)", re.IGNORECASE)
    exact = re.compile(rf"\b{what}\s*{number}\s*[.:#]*", re.IGNORECASE)
    value = _labelled(
        page, Sought("number", asked.re, (exact, pattern), _CODE, re.compile(r"\b(?:date|due|total)\b", re.IGNORECASE))
    )
    return None if value and _MONEY.fullmatch(value.text) else value


_KEY = re.compile(r"^\s*(?P<key>[^:]{2,40}?)\s*[:：](?P<value>.*)$")
_VALUE_FOR = {"date": _ANY_DATE, "year": _ANY_DATE, "clock": _CLOCK, "money": _MONEY}


def _keyed(page: Page, question: str, *, exact: bool = False) -> Value | None:
    """A label, whatever it is, whose words the question has; with `exact`, two or more and no others: "date of birth"."""
    asked = {word.stem for word in content(question)}
    sort = answers.Asked.of(question)
    if re.match(r"\W*(?:what happens|why)\b", question, re.IGNORECASE):
        return None
    pattern = _VALUE_FOR.get(sort.wanted, _ANYTHING) if sort else _ANYTHING
    best: Value | None = None
    for number, row in enumerate(page.rows):
        for place, line in enumerate(row):
            key = _KEY.match(line.text)
            label, end = (key["key"], key.start("value")) if key else (line.text, len(line.text))
            stems = {word.stem for word in content(label)}
            # A line without a colon is a label only if another line stands beside it.
            if not stems or len(label) > 40 or not (key or len(row) > place + 1) or not stems <= asked:
                continue
            if exact and (len(stems) < 2 or stems != asked):
                continue
            for value in _beside(page, number, place, end, pattern):
                score = 0.9 * value.score * min(1.0, len(stems) / max(1, len(asked)) + 0.4)
                if best is None or score > best.score:
                    best = Value(value.text, score, value.line)
                break
    return best


def _told(page: Page, question: str) -> Value | None:
    """What the page says in sentences."""
    found = answers.find(question, page.text)
    if found is None:
        return None
    # "When" of a poster is its day, which may stand far from the sentence with the hour.
    asked = answers.Asked.of(question)
    hour_only = asked and asked.wanted == "date" and not _ANY_DATE.search(found.text)
    if hour_only and (day := _only_one(page, question)):
        return day
    return Value(found.text, 0.9 * found.score, _line_of(page, found.text))


def _only_one(page: Page, question: str) -> Value | None:
    """The only date, time or price of a page that speaks of the thing asked about: the date of a poster."""
    asked = answers.Asked.of(question)
    pattern = _VALUE_FOR.get(asked.wanted) if asked else None
    if not asked or not pattern or not {word.stem for word in content(page.text)} & set(asked.terms):
        return None
    found = [(match.group(), line) for line in page.lines for match in pattern.finditer(line.text)]
    if not found or (asked.wanted != "date" and len(found) > 1) or len({line.text for _, line in found}) > 1:
        return None
    text, line = found[0]
    return Value(_tidy(line.text if asked.wanted == "date" else text), 0.6 * line.score, line)


def _line_of(page: Page, text: str) -> Line | None:
    """The line where an answer begins."""
    return next((line for line in page.lines if text[:12] in line.text or line.text in text), None)
