"""The picture that a job is about, as a person sees it."""

from typing import TYPE_CHECKING

from hugginggpt import media
from hugginggpt.backends.expert import Job
from hugginggpt.errors import InputError, InputRefused
from hugginggpt.flow.artifact import Document

if TYPE_CHECKING:
    from PIL.Image import Image


def picture(job: Job) -> "Image":
    """The first picture of the slot `image`: RGB, turned as its orientation tag says.

    Raises:
        InputRefused: there is none, or it cannot be decoded.
    """
    first = next(iter(job.inputs.get("image", ())), None)
    if isinstance(first, Document):
        raise InputRefused(
            f"{first.name or 'the document'!r} is not a picture, and this expert reads pictures only",
            cure="attach its pages as PNG or JPEG",
        )
    try:
        return media.open_image(job.file("image"))
    except InputError as error:
        raise InputRefused(error.message, cure=error.cure) from error
