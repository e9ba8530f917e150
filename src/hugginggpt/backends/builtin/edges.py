"""The edges of a picture, white on black as ControlNet takes them: thin by Canny, or thick by steepness."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hugginggpt import media
from hugginggpt.backends.builtin.pictures import picture
from hugginggpt.backends.expert import Job, Made

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from PIL.Image import Image

    Edges = NDArray[numpy.uint8]


def canny(job: Job) -> Sequence[Made]:
    """Thin edges, found by Canny's method; its two bounds follow from how bright the picture is on the whole."""
    return _drawn(job, canny_of(picture(job)))


def scharr(job: Job) -> Sequence[Made]:
    """Thick edges: wherever the brightness changes steeply."""
    return _drawn(job, scharr_of(picture(job)))


def canny_of(image: "Image") -> "Edges":
    """Canny's edges, 255 on 0, as large as the picture."""
    import cv2
    import numpy

    pixels = cv2.GaussianBlur(numpy.asarray(image, dtype=numpy.uint8), (3, 3), 0)
    # In colour, so that red beside green is an edge. A third below and above the median, as is usual; kept within bounds,
    # or a bright picture would show its blackest lines only and a dark one its noise.
    middle = float(numpy.median(numpy.asarray(image.convert("L"))))
    high = min(max(1.33 * middle, 90.0), 160.0)
    return numpy.asarray(cv2.Canny(pixels, high / 2, high, L2gradient=True), dtype=numpy.uint8)


def scharr_of(image: "Image") -> "Edges":
    """Where the gradient is steep, 255 on 0, as large as the picture."""
    import cv2
    import numpy

    pixels = cv2.GaussianBlur(numpy.asarray(image, dtype=numpy.uint8), (5, 5), 0)
    steep = cv2.magnitude(cv2.Scharr(pixels, cv2.CV_32F, 1, 0), cv2.Scharr(pixels, cv2.CV_32F, 0, 1)).max(axis=2)
    peak = float(numpy.percentile(steep, 99.5))
    if peak < 64:
        # Nothing but noise: a bound taken from it would call the noise an edge.
        return numpy.zeros(steep.shape, dtype=numpy.uint8)
    scaled = numpy.clip(steep * (255 / peak), 0, 255).astype(numpy.uint8)
    bound, _ = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return numpy.asarray((scaled > max(0.6 * bound, 40)) * 255, dtype=numpy.uint8)


def _drawn(job: Job, edges: "Edges") -> Sequence[Made]:
    from PIL import Image

    path = job.folder / "edges.png"
    media.write_png(path, Image.fromarray(edges).convert("RGB"))
    return [Made(path, name="edges.png")]
