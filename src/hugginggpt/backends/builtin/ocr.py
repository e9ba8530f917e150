"""Reads the text of a picture with RapidOCR, whose models come inside its package, and puts the lines in reading order."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from hugginggpt.backends.builtin.pictures import picture
from hugginggpt.backends.expert import Job
from hugginggpt.errors import BackendError
from hugginggpt.flow.artifact import Data, Text

if TYPE_CHECKING:
    from PIL.Image import Image

NO_TEXT = "No text was found in this picture."

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Words found together, and the four corners around them as the picture is seen, clockwise from their upper left."""

    text: str
    box: tuple[Point, ...]
    score: float

    def as_json(self) -> dict[str, Any]:
        """As it stands in the results."""
        box = [[round(x), round(y)] for x, y in self.box]
        return {"text": self.text, "box": box, "score": round(self.score, 3)}

    @property
    def left_px(self) -> float:
        """Where it begins."""
        return min(x for x, _ in self.box)

    @property
    def right_px(self) -> float:
        """Where it ends."""
        return max(x for x, _ in self.box)

    @property
    def width_px(self) -> float:
        """How wide its box is."""
        return self.right_px - self.left_px

    @property
    def height_px(self) -> float:
        """How tall its box is."""
        return max(y for _, y in self.box) - min(y for _, y in self.box)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a picture: rows from top to bottom, in each its lines from left to right."""

    rows: tuple[tuple[Line, ...], ...]
    gaps: frozenset[int]
    """The rows with clear space before them."""

    @property
    def lines(self) -> list[Line]:
        """All lines in reading order."""
        return [line for row in self.rows for line in row]

    @property
    def text(self) -> str:
        """A line for each row, an empty one at each gap."""
        return "".join(
            ("\n\n" if number in self.gaps else "\n" if number else "") + " ".join(line.text for line in row)
            for number, row in enumerate(self.rows)
        )


def read_text(job: Job) -> Sequence[Text | Data]:
    """The text of a picture in reading order, and each line with its place."""
    image = picture(job)
    job.progress(None, "reading")
    page = read(image)
    return [Text(text=page.text or NO_TEXT), Data(value={"lines": [line.as_json() for line in page.lines]})]


def read(image: "Image") -> Page:
    """Read a picture that is the right way up, on its side or upside down, straight or a little tilted."""
    lines = _recognise(image)
    turn = _turn(image, lines)
    if turn:
        turned = image.rotate(turn, expand=True)
        lines = [
            Line(line.text, tuple(_unturn(point, turn, image.size) for point in line.box), line.score)
            for line in _recognise(turned)
        ]
        return _page(lines, turn, image.size)
    return _page(lines, 0, image.size)


# The engine

_SIDE_PX = 1600
"""Text is looked for on a picture shrunk to this. Finer costs time and finds no more, unless the picture is a long strip."""
_LEAST_SIDE_PX = 12
_MARGIN_PX = 16


@lru_cache(maxsize=2)
def _engine(side_px: int) -> Any:
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    # By path, or the package looks whether its models are there and whole, and downloads them if it thinks not.
    models = {part: next(folder.glob(f"*{part.lower()}*.onnx"), None) for part in ("Det", "Rec", "Cls")}
    if missing := [part for part, path in models.items() if path is None]:
        raise BackendError(
            f"rapidocr came without its models ({', '.join(missing)}) in {str(folder)!r}",
            cure="pip install --force-reinstall rapidocr",
        )
    # Half of the cores: two experts can run side by side, and on two cores one thread was faster than two, which wait
    # for each other by spinning.
    threads = max(1, min(4, (os.cpu_count() or 2) // 2))
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            # Lines are cut out of the picture at its full size; only the search for them works on a smaller one.
            "Global.max_side_len": 1_000_000,
            "Det.limit_type": "max",
            "Det.limit_side_len": side_px,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            **{f"{part}.model_path": str(path) for part, path in models.items()},
        }
    )


def load() -> None:
    """Make the engine ready, so that the first picture does not wait for it."""
    _engine(_SIDE_PX)


def _recognise(image: "Image") -> list[Line]:
    """The lines of a picture in no special order."""
    import numpy
    from PIL import Image as Pictures

    if min(image.size) < _LEAST_SIDE_PX:
        return []
    # Text that touches the edge is missed, so there is always an edge around it.
    framed = Pictures.new("RGB", (image.width + 2 * _MARGIN_PX, image.height + 2 * _MARGIN_PX), _paper(image))
    framed.paste(image, (_MARGIN_PX, _MARGIN_PX))
    strip = max(framed.size) / min(framed.size)
    side = _SIDE_PX * (1 if strip < 2.5 else 2 if strip < 8 else 4)
    pixels = numpy.ascontiguousarray(numpy.asarray(framed)[:, :, ::-1])
    found = _engine(side)(pixels, use_det=True, use_cls=True, use_rec=True)
    if found.txts is None or found.boxes is None:
        return []
    return [
        Line(
            " ".join(text.split()), tuple((float(x) - _MARGIN_PX, float(y) - _MARGIN_PX) for x, y in box), float(score)
        )
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
        if text.strip()
    ]


def _paper(image: "Image") -> tuple[int, int, int]:
    """The colour that prevails along the edge."""
    import numpy

    pixels = numpy.asarray(image)
    edge = numpy.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = (int(value) for value in numpy.median(edge, axis=0))
    return red, green, blue


# A page that lies on its side


def _turn(image: "Image", lines: Sequence[Line]) -> int:
    """By how many degrees, anticlockwise, the picture must be turned for its text to stand upright."""
    telling = sorted((line for line in lines if len(line.text) >= 3), key=lambda line: -len(line.text))
    if not telling:
        return 0
    standing = [line for line in telling if line.height_px > 1.5 * line.width_px]
    turn = 90 if 2 * len(standing) > len(telling) else 0
    shown = image.rotate(turn, expand=True) if turn else image
    sample = (standing if turn else telling)[:7]
    upside_down = [_upside_down(shown, [_turned(point, turn, image.size) for point in line.box]) for line in sample]
    return turn + (180 if 2 * sum(upside_down) > len(upside_down) else 0)


def _upside_down(image: "Image", box: Sequence[Point]) -> bool:
    import numpy

    xs, ys = [x for x, _ in box], [y for _, y in box]
    cut = image.crop((max(0, int(min(xs))), max(0, int(min(ys))), math.ceil(max(xs)), math.ceil(max(ys))))
    if min(cut.size) < 4:
        return False
    pixels = numpy.ascontiguousarray(numpy.asarray(cut)[:, :, ::-1])
    found = _engine(_SIDE_PX)(pixels, use_det=False, use_cls=True, use_rec=False)
    return any(label == "180" and score > 0.9 for label, score in found.cls_res or ())


def _turned(point: Point, turn: int, size: tuple[int, int]) -> Point:
    """Where a point of a picture of this size lies once the picture is turned."""
    (x, y), (width, height) = point, size
    return {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}[turn]


def _unturn(point: Point, turn: int, size: tuple[int, int]) -> Point:
    """Where a point of the turned picture lies in the picture, which has this size."""
    (x, y), (width, height) = point, size
    return {0: (x, y), 90: (width - y, x), 180: (width - x, height - y), 270: (y, height - x)}[turn]


# Reading order


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line where it would lie on a page that is upright and straight."""

    line: Line
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)


def _page(lines: Sequence[Line], turn: int, size: tuple[int, int]) -> Page:
    rows: list[tuple[Line, ...]] = []
    gaps: set[int] = set()
    laid = _lay(lines, turn, size)
    tall = median(one.height for one in laid) if laid else 1.0
    for block in _columns(laid):
        end = None
        for row in _rows(block):
            top = min(one.top for one in row)
            if rows and (end is None or top - end > 0.9 * tall):
                gaps.add(len(rows))
            rows.append(tuple(one.line for one in row))
            end = max(one.bottom for one in row)
    return Page(tuple(rows), frozenset(gaps))


def _lay(lines: Sequence[Line], turn: int, size: tuple[int, int]) -> list[_Laid]:
    """The lines as on a straight page: the tilt that most of them share is taken out."""
    boxes = [[_turned(point, turn, size) for point in line.box] for line in lines]
    tilts = [
        math.atan2(box[1][1] - box[0][1], box[1][0] - box[0][0])
        for box in boxes
        if len(box) == 4 and math.dist(box[0], box[1]) > 3 * math.dist(box[1], box[2])
    ]
    tilt = median(tilts) if tilts else 0.0
    sine, cosine = math.sin(-tilt), math.cos(-tilt)
    laid = []
    for line, box in zip(lines, boxes, strict=True):
        xs = [x * cosine - y * sine for x, y in box]
        ys = [x * sine + y * cosine for x, y in box]
        laid.append(_Laid(line, min(xs), max(xs), min(ys), max(ys)))
    return laid


def _rows(laid: Sequence[_Laid]) -> list[list[_Laid]]:
    """Lines side by side share a row: a label and its amount."""
    rows: list[list[_Laid]] = []
    for one in sorted(laid, key=lambda one: (one.top + one.bottom) / 2):
        row = rows[-1] if rows else []
        shared = [min(one.bottom, other.bottom) - max(one.top, other.top) for other in row]
        fits = [share > 0.5 * min(one.height, other.height) for share, other in zip(shared, row, strict=True)]
        # Most must agree, or a slanted row would swallow the next one.
        if row and sum(fits) * 2 >= len(row) and fits[-1]:
            row.append(one)
        else:
            rows.append([one])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _columns(laid: Sequence[_Laid]) -> list[list[_Laid]]:
    """Blocks to be read one after the other: columns of running text, each for itself; all else together.

    Amounts to the right of their labels are no column: running text fills its width, line after line.
    """
    for gutter in sorted({one.left for one in laid}):
        left = [one for one in laid if one.right <= gutter + 0.3 * one.height and one.left < gutter]
        right = [one for one in laid if one.left >= gutter - 0.3 * one.height]
        across = [one for one in laid if one not in left and one not in right]
        if not (_running(left) and _running(right)) or len(across) > len(laid) / 4:
            continue
        blocks: list[list[_Laid]] = []
        edges = [-math.inf, *sorted(one.top for one in across), math.inf]
        headings = [[], *([one] for one in sorted(across, key=lambda one: one.top))]
        for heading, start, end in zip(headings, edges, edges[1:], strict=False):
            for part in (
                heading,
                [one for one in left if start <= one.top < end],
                [one for one in right if start <= one.top < end],
            ):
                if part:
                    blocks.extend(_columns(part) if part is not heading else [part])
        return blocks
    return [list(laid)] if laid else []


def _running(column: Sequence[_Laid]) -> bool:
    if len(column) < 3:
        return False
    width = max(one.right for one in column) - min(one.left for one in column)
    return (
        median(len(one.line.text) for one in column) >= 12
        and median(one.right - one.left for one in column) >= 0.7 * width
    )
