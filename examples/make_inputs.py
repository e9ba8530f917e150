"""Draws the example pictures, the same on every machine: Pillow and its bundled font, nothing else.

python examples/make_inputs.py [FOLDER]
"""

import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

INK = (38, 38, 42)
PAPER = (250, 249, 244)

ITEMS = (
    ("2 Flat white", "7.80"),
    ("1 Pot of tea", "3.20"),
    ("1 Cheese scone", "2.95"),
    ("1 Lemon tart", "4.50"),
    ("1 Orange juice", "3.60"),
)
SUMS = (("Subtotal", "22.05"), ("Sales tax 8%", "1.76"))


def font(size: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.load_default(size)
    assert isinstance(face, ImageFont.FreeTypeFont), "this Pillow was built without FreeType"
    return face


def receipt() -> Image.Image:
    width = 620
    image = Image.new("RGB", (width, 1010), PAPER)
    draw = ImageDraw.Draw(image)

    def centred(y: int, text: str, size: int) -> None:
        draw.text((width // 2, y), text, INK, font(size), anchor="ma")

    def row(y: int, left: str, right: str, size: int = 30) -> None:
        draw.text((50, y), left, INK, font(size))
        draw.text((width - 50, y), right, INK, font(size), anchor="ra")

    def rule(y: int) -> None:
        for x in range(50, width - 50, 14):
            draw.line((x, y, x + 7, y), INK, 2)

    centred(40, "HARBOUR CAFE", 46)
    centred(102, "12 Quay Street, Harrow Bay", 26)
    centred(138, "Tel. 555 0142", 26)
    rule(196)
    row(216, "Date: 14 May 2026", "Time: 10:42", 26)
    row(254, "Receipt no. 20817", "Table 6", 26)
    rule(304)
    y = 328
    for name, price in ITEMS:
        row(y, name, price)
        y += 48
    rule(y + 12)
    y += 36
    for name, price in SUMS:
        row(y, name, price)
        y += 48
    row(y + 4, "TOTAL", "$23.81", 40)
    y += 76
    row(y, "Card", "23.81")
    rule(y + 62)
    centred(y + 90, "Thank you, come again!", 28)
    return image


def sign() -> Image.Image:
    image = Image.new("RGB", (760, 420), (207, 219, 224))
    draw = ImageDraw.Draw(image)
    draw.rectangle((365, 300, 395, 420), (120, 120, 124))
    draw.rounded_rectangle((60, 40, 700, 330), 28, (20, 92, 66), (245, 245, 240), 8)
    for y, text, size in ((78, "NO SWIMMING", 74), (178, "Strong current", 48), (244, "Ferry dock 200 m", 48)):
        draw.text((380, y), text, (248, 248, 244), font(size), anchor="ma")
    return image


def poster() -> Image.Image:
    image = Image.new("RGB", (600, 800), (244, 226, 190))
    draw = ImageDraw.Draw(image)
    draw.ellipse((340, 60, 540, 260), (226, 98, 60))
    draw.polygon(((0, 560), (170, 300), (300, 470), (410, 350), (600, 560)), (86, 110, 128))
    draw.polygon(((128, 364), (170, 300), (204, 345), (172, 372)), (250, 250, 250))
    draw.rectangle((0, 560, 600, 800), (36, 56, 84))
    draw.polygon(((80, 540), (220, 540), (196, 580), (104, 580)), (160, 60, 44))
    draw.polygon(((146, 410), (146, 530), (84, 530)), (252, 250, 244))
    draw.polygon(((156, 430), (156, 530), (206, 530)), (252, 250, 244))
    draw.text((40, 60), "SUMMER", (36, 56, 84), font(66))
    draw.text((40, 136), "REGATTA", (36, 56, 84), font(66))
    for y, text, size in ((614, "Harrow Bay", 54), (686, "Saturday 20 June, 11 am", 38), (738, "Free entry", 34)):
        draw.text((300, y), text, (250, 244, 228), font(size), anchor="ma")
    return image


PICTURES = {"receipt.png": receipt, "sign.png": sign, "poster.png": poster}


def grained(image: Image.Image) -> Image.Image:
    """A little unevenness, as of paper; seeded, so that it is the same each time."""
    chance = random.Random(7)
    grain = Image.frombytes("L", (62, 62), bytes(chance.randrange(118, 138) for _ in range(62 * 62)))
    tile = grain.resize(image.size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.blend(image, tile, 0.04)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        picture = grained(draw()).quantize(48, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(folder / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "inputs")
