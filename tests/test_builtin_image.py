"""The builtin experts for pictures: reading, answers from pages, edges."""

import hashlib
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cv2", reason="needs hugginggpt[builtin]")
pytest.importorskip("rapidocr", reason="needs hugginggpt[builtin]")

from PIL import Image as Pictures
from PIL import ImageChops, ImageDraw, ImageFont, ImageStat

from hugginggpt import media
from hugginggpt.backends.builtin import documents, edges, ocr
from hugginggpt.backends.builtin.ocr import Line, Page
from hugginggpt.backends.expert import Expert, Job, Made
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Blob, Data, Document, Image, Text

EXAMPLES = Path(__file__).parent.parent / "examples"
RECEIPT = EXAMPLES / "inputs" / "receipt.png"

RECEIPT_TEXT = """HARBOUR CAFE
12 Quay Street, Harrow Bay
Tel. 555 0142

Date: 14 May 2026 Time: 10:42
Receipt no. 20817 Table 6

2 Flat white 7.80
1 Pot of tea 3.20
1 Cheese scone 2.95
1 Lemon tart 4.50
1 Orange juice 3.60

Subtotal 22.05
Sales tax 8% 1.76
TOTAL $23.81
Card 23.81

Thank you, come again!"""


def job(path: Path, folder: Path, **texts: str) -> Job:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    blob = Blob(sha256=sha256, media_type="image/png", size_bytes=len(content))
    picture = Image(blob=blob, width_px=1, height_px=1, name=path.name)
    asked = {slot: (Text(text=text),) for slot, text in texts.items()}
    return Job({"image": (picture,), **asked}, {sha256: path}, folder)


def drawn(folder: Path, image: Pictures.Image) -> Path:
    path = folder / "drawn.png"
    image.save(path)
    return path


def read(path: Path, folder: Path) -> tuple[str, Any]:
    text, data = ocr.read_text(job(path, folder))
    assert isinstance(text, Text) and isinstance(data, Data)
    return text.text, data.value


def opened(path: Path) -> Pictures.Image:
    with Pictures.open(path) as image:
        return image.convert("RGB")


# Reading


def test_a_receipt_is_read_row_by_row_amounts_beside_their_labels(tmp_path: Path) -> None:
    text, data = read(RECEIPT, tmp_path)
    assert text == RECEIPT_TEXT
    total = next(line for line in data["lines"] if line["text"] == "$23.81")
    (left, top), _, (right, bottom), _ = total["box"]
    assert 430 < left < right < 590 and 690 < top < bottom < 770 and total["score"] > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("turned", ["tilted", "on its side", "upside down"])
def test_a_receipt_is_read_however_it_lies(turned: str, tmp_path: Path) -> None:
    image = opened(RECEIPT)
    image = {
        "tilted": image.rotate(-6, expand=True, fillcolor=(70, 60, 50)),
        "on its side": image.transpose(Pictures.Transpose.ROTATE_90),
        "upside down": image.transpose(Pictures.Transpose.ROTATE_180),
    }[turned]
    text, data = read(drawn(tmp_path, image), tmp_path)
    assert text == RECEIPT_TEXT
    corners = [corner for line in data["lines"] for corner in line["box"]]
    assert all(-5 <= x <= image.width + 5 and -5 <= y <= image.height + 5 for x, y in corners)


@pytest.mark.slow
def test_a_line_on_a_page_that_lies_on_its_side_is_boxed_where_it_is_seen(tmp_path: Path) -> None:
    _, data = read(drawn(tmp_path, opened(RECEIPT).transpose(Pictures.Transpose.ROTATE_90)), tmp_path)
    first = data["lines"][0]
    xs, ys = [x for x, _ in first["box"]], [y for _, y in first["box"]]
    # The top of the receipt is at the left now, its name's letters standing on end.
    assert first["text"] == "HARBOUR CAFE" and max(xs) < 120 and max(ys) - min(ys) > 300


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("sign.png", ["NO SWIMMING", "Strong current", "Ferry dock 200 m"]),
        ("poster.png", ["SUMMER", "REGATTA", "Harrow Bay", "Saturday 20 June, 11 am", "Free entry"]),
    ],
)
def test_signs_and_posters_are_read(name: str, lines: list[str], tmp_path: Path) -> None:
    text, _ = read(EXAMPLES / "inputs" / name, tmp_path)
    assert [line for line in text.splitlines() if line] == lines


@pytest.mark.slow
def test_columns_of_running_text_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [
        "The last steam ferry leaves",
        "the north dock on Friday.",
        "The town has used it for",
        "eighty years and more.",
    ]
    right = [
        "The market hall is to be",
        "painted green. Some of the",
        "traders wanted blue, but",
        "the paint was there.",
    ]
    image = Pictures.new("RGB", (900, 330), "white")
    draw = ImageDraw.Draw(image)
    draw.text((40, 20), "Ferry to end, hall to be green", "black", ImageFont.load_default(40))
    for number, lines in enumerate(zip(left, right, strict=True)):
        for x, line in zip((40, 480), lines, strict=True):
            draw.text((x, 110 + 46 * number), line, "black", ImageFont.load_default(28))
    text, _ = read(drawn(tmp_path, image), tmp_path)
    assert [line for line in text.splitlines() if line] == ["Ferry to end, hall to be green", *left, *right]


def test_real_pages_are_read(shared: Path, tmp_path: Path) -> None:
    text, _ = read(shared / "samples" / "en.jpg", tmp_path)
    assert text.splitlines()[0] == "3 MovieShots Dataset" and "46K shots from 7858 movies" in text
    assert read(shared / "samples" / "img_exif_orientation.jpg", tmp_path)[0] == "我是中国人"
    assert "30" in read(shared / "samples" / "g.jpg", tmp_path)[0].split()


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (300, 200)])
def test_a_picture_without_text_is_said_to_have_none(size: tuple[int, int], tmp_path: Path) -> None:
    assert read(drawn(tmp_path, Pictures.new("RGB", size, "white")), tmp_path) == (ocr.NO_TEXT, {"lines": []})


def test_nothing_is_printed_and_no_address_is_called(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("an expert opened a connection")

    monkeypatch.setattr("socket.socket.connect", refuse)
    ocr._engine.cache_clear()
    read(EXAMPLES / "inputs" / "sign.png", tmp_path)
    assert capfd.readouterr().out == ""


# Answers from a page


@cache
def receipt() -> Page:
    return ocr.read(opened(RECEIPT))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the total on this receipt?", "$23.81"),
        ("What is the total on this receipt, and read the whole receipt to me", "$23.81"),
        ("How much did I spend?", "$23.81"),
        ("What is the subtotal?", "22.05"),
        ("How much tax was paid?", "1.76"),
        ("What is the tax rate?", "8%"),
        ("How much was the tea?", "3.20"),
        ("How much did the lemon tart cost?", "4.50"),
        ("How many flat whites were ordered?", "2"),
        ("What is the most expensive item?", "Lemon tart (4.50)"),
        ("What is the date?", "14 May 2026"),
        ("What time was it?", "10:42"),
        ("What is the name of the cafe?", "HARBOUR CAFE"),
        ("What is the receipt number?", "20817"),
        ("What is the phone number?", "555 0142"),
        ("What is the address?", "12 Quay Street, Harrow Bay"),
        ("How was it paid?", "Card"),
        ("What did they order?", "2 Flat white, Pot of tea, Cheese scone, Lemon tart, Orange juice"),
    ],
)
def test_a_receipt_answers(question: str, answer: str) -> None:
    assert [value.text for value in documents.ask(receipt(), question).values()] == [answer]


@pytest.mark.parametrize(
    "question",
    ["How much tip was given?", "Who is the customer?", "How much was the coffee?", "What is the capital of France?"],
)
def test_what_the_receipt_does_not_say_is_not_made_up(question: str) -> None:
    assert documents.ask(receipt(), question) == {}


def page(*rows: str) -> Page:
    """A page whose cells stand where their text stands: `a | b`, a character 10 px wide and a row 30 px high."""
    made = []
    for number, row in enumerate(rows):
        lines, start = [], 0
        for cell in row.split("|"):
            left = 10 * (start + len(cell) - len(cell.lstrip()))
            right, top = left + 10 * len(cell.strip()), 30 * number
            start += len(cell) + 1
            box = ((left, top), (right, top), (right, top + 20), (left, top + 20))
            lines.append(Line(cell.strip(), tuple((float(x), float(y)) for x, y in box), 1.0))
        made.append(tuple(lines))
    return Page(tuple(made), frozenset())


INVOICE = page(
    "INVOICE                      | Nordlicht Print GmbH",
    "                               info@nordlicht.example",
    "Bill to:          | Invoice no.  | Invoice date   | Due date",
    "Marta Keller      | INV-2041     | 3 March 2025   | 2 April 2025",
    "Description       | Qty          | Unit price     | Amount",
    "Business cards    | 500          | 0,12           | 60,00 €",
    "Poster A2         | 20           | 4,50           | 90,00 €",
    "                                 Sub total       | 150,00 €",
    "                                 VAT 19%         | 28,50 €",
    "                                 TOTAL DUE       | 178,50 €",
    "Please pay within 30 days to IBAN DE12 5001 0517 0648 4898 90.",
)
TILL = page(
    "SPAR MARKET", "RECEIPT 0081-22", "03/02/2025 18:22", "MILK 1L | 1.29 A", "2 x 0.99", "BANANA | 1.98 B", "SUB-TOTAL 3.27",
    "T0TAL | EUR 3 .27", "CASH | 5.00", "CHANGE | 1.73", "YOU WERE SERVED BY: JO",
)  # fmt: skip
FORM = page("Name: | Amara Osei", "Date of birth: | 7 July 1990", "Blood group | 0 negative", "Signed on | 2 May 2024")

SIDE_BY_SIDE = page(
    "Halvorsen Plumbing Ltd.                                  | INVOICE",
    "VAT reg. GB 381 2291 07",
    "Bill to:             | Invoice number:   | 2025-0317",
    "Mrs. Eleanor Whitby  | Invoice date:     | 28 March 2025",
    "3 Castle Terrace     | Due date:         | 27 April 2025",
    "Dunmore DN4 7QT      | Customer no.:     | 5519",
    "Description          | Qty               | Unit price     | Amount",
    "Call-out charge      | 1                 | 30.00          | 30.00",
    "                                           VAT 20%        | £6.00",
    "                                           Total due      | £36.00",
    "Please pay within 30 days to account 20-44-91 77120385.",
)
NO_COLONS = page(
    "Nordlicht Elektro GmbH",
    "Bill to         | Invoice number   | RE-2291",
    "Anders Holm     | Invoice date     | 3 May 2025",
    "5 Fjord Street  | Due date         | 2 June 2025",
    "Desk lamp                                      | 39.90",
    "Total                                          | 39.90",
)
TICKET = page(
    "         PARKING VIOLATION",
    "Ticket no.                | PV-774-20913",
    "Issued by                 | City of Northbridge",
    "Officer                   | D. Hallam, badge 318",
    "Date                      | 12 June 2025",
    "Location                  | Elm Street 54",
    "Fine                      | $65.00",
    "Pay by                    | 12 July 2025",
    "         Late payment adds $20.00",
)
SHOP_SIGN = page("The Copper Kettle", "Open Tue - Sun 8 am - 5 pm", "Closed on Mondays")
CARD = page(
    "Dr. Samuel Okonkwo", "Veterinary Surgeon", "Brookside Animal Clinic", "Phone 555-0173", "samuel@brookside.example",
    "www.brookside.example",
)  # fmt: skip
BILL = page("Trattoria Bellavista", "Date: 2 November 2024 Server: Marco", "Service | € 3.00", "Amount due | € 61.90")
ERROR = page("Backup Manager | X", "The backup could not be completed.", "Error code: 0x80070070", "Retry | Cancel")


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (SIDE_BY_SIDE, "What is the phone number?"),
        (NO_COLONS, "What is the account number?"),
        (NO_COLONS, "What is the VAT number?"),
        (TICKET, "What is the phone number?"),
        (SHOP_SIGN, "What is the phone number?"),
    ],
)
def test_no_other_number_stands_in_for_the_one_asked_for(asked: Page, question: str) -> None:
    assert documents.ask(asked, question) == {}


@pytest.mark.parametrize(
    ("asked", "question", "answer"),
    [
        *(
            (asked, question, answer)
            for asked, number, date, due, customer in (
                (SIDE_BY_SIDE, "2025-0317", "28 March 2025", "27 April 2025", "Mrs. Eleanor Whitby"),
                (NO_COLONS, "RE-2291", "3 May 2025", "2 June 2025", "Anders Holm"),
            )
            for question, answer in (
                ("What is the invoice number?", number),
                ("What is the invoice date?", date),
                ("What date is the invoice?", date),
                ("When is this invoice due?", due),
                ("What is the due date?", due),
                ("Who is the customer?", customer),
            )
        ),
        (SIDE_BY_SIDE, "What is the customer number?", "5519"),
        (SIDE_BY_SIDE, "What is the account number?", "20-44-91 77120385"),
        (SIDE_BY_SIDE, "What is the VAT number?", "GB 381 2291 07"),
        (SIDE_BY_SIDE, "What is the unit price of the call-out charge?", "30.00"),
        (SIDE_BY_SIDE, "What is the total?", "£36.00"),
        (TICKET, "How much do I have to pay?", "$65.00"),
        (TICKET, "Look at the ticket and tell me how much I have to pay", "$65.00"),
        (TICKET, "Who issued this ticket?", "City of Northbridge"),
        (TICKET, "Where was I parked?", "Elm Street 54"),
        (TICKET, "What is the date?", "12 June 2025"),
        (SHOP_SIGN, "On which day is the shop closed?", "Mondays"),
        (SHOP_SIGN, "When do they close?", "5 pm"),
        (CARD, "What is his name?", "Dr. Samuel Okonkwo"),
        (CARD, "What is the website?", "www.brookside.example"),
        (CARD, "What is the phone number?", "555-0173"),
        (CARD, "Which company does Dr. Okonkwo work for?", "Brookside Animal Clinic"),
        (BILL, "Who served us?", "Marco"),
        (BILL, "What is the service charge?", "€3.00"),
        (ERROR, "What is the error code?", "0x80070070"),
        (INVOICE, "What is the total?", "178,50 €"),
        (INVOICE, "What is the amount before tax?", "150,00 €"),
        (INVOICE, "How much is the VAT?", "28,50 €"),
        (INVOICE, "What is the invoice number?", "INV-2041"),
        (INVOICE, "What is the invoice date?", "3 March 2025"),
        (INVOICE, "When is it due?", "2 April 2025"),
        (INVOICE, "Who is the customer?", "Marta Keller"),
        (INVOICE, "Which company sent this invoice?", "Nordlicht Print GmbH"),
        (INVOICE, "How many posters were ordered?", "20"),
        (INVOICE, "What is the unit price of the posters?", "4,50"),
        (INVOICE, "What is the IBAN?", "DE12 5001 0517 0648 4898 90"),
        (INVOICE, "What is the email address?", "info@nordlicht.example"),
        (TILL, "What is the total?", "EUR 3.27"),
        (TILL, "How much change was given?", "1.73"),
        (TILL, "How much cash was given?", "5.00"),
        (TILL, "When was this bought?", "03/02/2025"),
        (TILL, "Who served?", "JO"),
        (TILL, "What shop is it?", "SPAR MARKET"),
        (TILL, "How much were the bananas?", "1.98"),
        (TILL, "What is the receipt number?", "0081-22"),
        (FORM, "What is the date of birth?", "7 July 1990"),
        (FORM, "What is the blood group?", "0 negative"),
        (FORM, "What is the name?", "Amara Osei"),
    ],
)
def test_other_layouts_answer_too(asked: Page, question: str, answer: str) -> None:
    assert [value.text for value in documents.ask(asked, question).values()] == [answer]


def test_a_number_is_answered_beside_something_else() -> None:
    found = documents.ask(TICKET, "What is the ticket number and where was I parked?")
    assert {name: value.text for name, value in found.items()} == {
        "location": "Elm Street 54",
        "ticket number": "PV-774-20913",
    }


@pytest.mark.slow
def test_two_things_asked_for_are_both_answered(tmp_path: Path) -> None:
    text, data = documents.answer(job(RECEIPT, tmp_path, question="What is the total and the date?"))
    assert isinstance(text, Text) and text.text == "total: $23.81; date: 14 May 2026"
    assert isinstance(data, Data) and isinstance(data.value, dict)
    assert [row["answer"] for row in data.value["answers"]] == ["$23.81", "14 May 2026"]  # type: ignore[index, call-overload, union-attr]


@pytest.mark.slow
def test_an_answer_says_where_it_stands(tmp_path: Path) -> None:
    text, data = documents.answer(job(RECEIPT, tmp_path, question="What is the total?"))
    assert isinstance(text, Text) and text.text == "$23.81"
    assert isinstance(data, Data) and isinstance(data.value, dict) and isinstance(data.value["box"], list)
    assert data.value["answer"] == "$23.81" and len(data.value["box"]) == 4


@pytest.mark.slow
def test_a_page_that_does_not_answer_is_refused_with_the_question(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="the page has nothing that answers 'Who is the king of Spain\\?'"):
        documents.answer(job(RECEIPT, tmp_path, question="Who is the king of Spain?"))
    with pytest.raises(InputRefused, match="no text was found"):
        blank = drawn(tmp_path, Pictures.new("RGB", (200, 100), "white"))
        documents.answer(job(blank, tmp_path, question="What is the total?"))


def test_a_poster_says_when(tmp_path: Path) -> None:
    text, _ = documents.answer(job(EXAMPLES / "inputs" / "poster.png", tmp_path, question="When is the regatta?"))
    assert isinstance(text, Text) and text.text == "Saturday 20 June, 11 am"


# Edges


@pytest.mark.parametrize("expert", [edges.canny, edges.scharr])
def test_edges_are_white_on_black_and_as_large_as_the_picture(expert: Expert, tmp_path: Path) -> None:
    (made,) = expert(job(EXAMPLES / "inputs" / "poster.png", tmp_path))
    assert isinstance(made, Made) and made.name == "edges.png" and made.path.parent == tmp_path
    image = media.open_image(made.path)
    assert image.size == (600, 800)
    grey = image.convert("L")
    counts = grey.histogram()
    assert counts[0] + counts[255] == 600 * 800 and 0.01 < counts[255] / (600 * 800) < 0.2
    # The sun's rim and the water's edge are edges, the sky is not.
    assert grey.crop((335, 155, 345, 165)).getextrema()[1] == 255
    assert grey.crop((480, 555, 490, 565)).getextrema()[1] == 255
    assert grey.crop((20, 250, 120, 290)).getextrema()[1] == 0


def test_the_two_experts_for_edges_draw_them_thin_and_thick() -> None:
    image = opened(EXAMPLES / "inputs" / "poster.png")
    assert edges.canny_of(image).mean() < 0.6 * edges.scharr_of(image).mean()


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (3, 3)])
@pytest.mark.parametrize("expert", [edges.canny, edges.scharr])
def test_a_tiny_picture_has_no_edges(expert: Expert, size: tuple[int, int], tmp_path: Path) -> None:
    (made,) = expert(job(drawn(tmp_path, Pictures.new("RGB", size, "grey")), tmp_path))
    assert isinstance(made, Made)
    assert media.open_image(made.path).size == size and media.open_image(made.path).convert("L").getextrema() == (0, 0)


# All of them


@pytest.mark.parametrize("expert", [ocr.read_text, documents.answer, edges.canny, edges.scharr])
def test_what_is_no_picture_is_refused(expert: Expert, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(RECEIPT.read_bytes()[:3000])
    with pytest.raises(InputRefused):
        expert(job(broken, tmp_path, question="What is the total?"))
    pdf = Document(blob=Blob(sha256="0" * 64, media_type="application/pdf", size_bytes=1), name="a.pdf")
    with pytest.raises(InputRefused, match=r"'a\.pdf' is not a picture") as refused:
        expert(Job({"image": (pdf,), "question": (Text(text="What is the total?"),)}, {}, tmp_path))
    assert refused.value.cure


def test_the_example_pictures_are_what_their_script_draws(tmp_path: Path) -> None:
    runpy.run_path(str(EXAMPLES / "make_inputs.py"))["main"](tmp_path)
    for made in sorted(tmp_path.iterdir()):
        kept = EXAMPLES / "inputs" / made.name
        apart = ImageStat.Stat(ImageChops.difference(opened(made), opened(kept)))
        # Equal but for how one FreeType or another smooths a letter's rim.
        assert kept.stat().st_size < 60_000 and max(apart.mean) < 2, made.name
