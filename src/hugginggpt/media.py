"""Bytes become parts, by what is inside them and never by their name; files become pictures and sound for experts.

What is read is one table, `_FORMATS`: how a format begins, and the function that reads it. One without a reader is known
by name only, so that its refusal can say what it is.
"""

import asyncio
import codecs
import importlib
import io
import os
import re
import stat
import struct
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from pydantic import ConfigDict, Field

from hugginggpt.errors import BackendError, InputError, TooLarge
from hugginggpt.flow.artifact import Audio, Blob, Data, Document, Frozen, Image, Part, Table, Text, Video
from hugginggpt.ports import Blobs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import PIL.Image
    import soundfile


class Caps(Frozen):
    """What one file may hold at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bytes: int = Field(default=50_000_000, gt=0)
    pixels: int = Field(default=50_000_000, gt=0)
    duration_s: float = Field(default=3600.0, gt=0)
    text_chars: int = Field(default=200_000, gt=0)


async def read_file(path: Path, blobs: Blobs, caps: Caps = Caps()) -> Part:
    """What a file holds. Reading and decoding happen in a thread.

    Raises:
        TooLarge: it is past a cap; its size is looked at before it is read, its pixels before they are decoded.
        InputError: it is not there, no file, empty, broken, or of a kind that is not read.
        StoreError: its bytes could not be kept.
    """
    data = await asyncio.to_thread(_bytes_of, path, caps)
    return await _read(data, str(path), path.name, blobs, caps)


async def read_bytes(data: bytes, *, name: str, blobs: Blobs, caps: Caps = Caps()) -> Part:
    """What bytes hold; `name` is only what a person calls them.

    Raises:
        TooLarge: they are past a cap.
        InputError: they are empty, broken, or of a kind that is not read.
        StoreError: they could not be kept.
    """
    return await _read(data, name, name, blobs, caps)


def open_image(path: Path) -> "PIL.Image.Image":
    """A picture as seen: decoded, turned as its orientation tag says, on white where it was clear, RGB.

    For files that were read with `read_file` or `read_bytes` before: the caps are theirs to check.

    Raises:
        InputError: it is no picture, or broken.
    """
    import PIL.Image

    data = path.read_bytes()
    form = _form(data)
    if form is None or form.name not in _PLUGINS:
        raise InputError(f"{path.name!r} is no picture", cure=f"give one in {_listed('picture')} format")
    with _broken_is_an_input_error(path.name, form):
        image = _decoded(data, path.name, form, pixels=None)
        if image.mode.startswith(("I", "F")):
            image = _eight_bits(image)
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = PIL.Image.alpha_composite(PIL.Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")


def read_audio(path: Path, *, sample_rate_hz: int | None = None) -> "tuple[npt.NDArray[np.float32], int]":
    """The samples of a sound, its channels mixed into one, and their rate: its own, or the one asked for.

    Raises:
        InputError: it is no sound, or broken.
    """
    import numpy as np

    with path.open("rb") as file:
        form = _form(file.read(_PROBE_BYTES))
    if form is None or form.read is not _read_audio:
        raise InputError(f"{path.name!r} is no sound", cure=f"give one in {_listed('sound')} format")
    with _broken_is_an_input_error(path.name, form), _opened(path) as sound:
        rate_hz = sample_rate_hz or sound.samplerate
        blocks = _mono_blocks(sound)
        if rate_hz != sound.samplerate:
            blocks = _resampled(blocks, sound.samplerate, rate_hz)
        kept = list(blocks)
        return (np.concatenate(kept) if kept else np.zeros(0, np.float32)), rate_hz


def write_wav(path: Path, samples: "npt.NDArray[Any]", sample_rate_hz: int) -> None:
    """Write samples in -1..1, one column per channel, as a 16-bit WAV. What is louder is clipped, what is no number is silent."""
    import numpy as np
    import soundfile

    if samples.dtype != np.int16:
        unit = np.clip(np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
        samples = np.round(unit * 32767).astype(np.int16)
    soundfile.write(path, samples, sample_rate_hz, format="WAV", subtype="PCM_16")


def write_png(path: Path, image: "PIL.Image.Image") -> None:
    """Write a picture as a PNG, whatever the name of the file."""
    image.save(path, format="PNG")


def describe(part: Part) -> str:
    """A part in a few words: `picture 640x480 receipt.png`, `sound 7.1 s memo.wav`, `text 1,204 characters note.txt`."""
    match part:
        case Text(text=text):
            words = f"text {len(text):,} character{'s' * (len(text) != 1)}"
        case Image(width_px=width, height_px=height):
            words = f"picture {width}x{height}"
        case Audio(duration_s=duration_s):
            words = f"sound {duration_s:.1f} s"
        case Video(duration_s=None):
            words = "film"
        case Video(duration_s=duration_s):
            words = f"film {duration_s:.1f} s"
        case Document(pages=None):
            words = "document"
        case Document(pages=pages):
            words = f"document {pages:,} page{'s' * (pages != 1)}"
        case Table(rows=None):
            words = "table"
        case Table(rows=rows):
            words = f"table {rows:,} row{'s' * (rows != 1)}"
        case Data():
            words = "data"
        case _:
            assert_never(part)
    return f"{words} {part.name}".rstrip()


Made = Text | Callable[[Blob], Part]
"""What a reader makes: a text, or a part that waits for its bytes to be kept."""
Reader = Callable[[bytes, str, str, "Form", Caps], Made]
"""Takes the bytes, how messages call them, their clean name, their format and the caps."""


class Form(NamedTuple):
    """A format: its name, what it is, how it begins, and who reads it."""

    name: str
    what: str
    magic: re.Pattern[bytes]
    media_type: str = ""
    read: Reader | None = None

    def __str__(self) -> str:
        return f"{self.what} in {self.name} format"


async def _read(data: bytes, shown: str, name: str, blobs: Blobs, caps: Caps) -> Part:
    form, made = await asyncio.to_thread(_made, data, shown, _clean(name), caps)
    return made if isinstance(made, Text) else made(await blobs.put(data, form.media_type))


def _made(data: bytes, shown: str, name: str, caps: Caps) -> tuple[Form, Made]:
    if not data:
        raise InputError(f"{shown!r} is empty", cure="give a file with something in it")
    if len(data) > caps.size_bytes:
        raise _too_large(shown, len(data), caps)
    form = _form(data) or _TEXT
    if form.read is None:
        raise InputError(f"{shown!r} is {form}, which is not read yet", cure=f"give {_all_listed()}")
    return form, form.read(data, shown, name, form, caps)


def _too_large(shown: str, size_bytes: int, caps: Caps) -> TooLarge:
    return TooLarge(f"{shown!r} has {size_bytes:,} bytes; the cap is {caps.size_bytes:,}", cure="give a smaller file")


# --- files ------------------------------------------------------------------------------------------------------------

_NO_FILES: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (lambda mode: True, "a device"),
)
_OS_ERRORS: tuple[tuple[type[OSError], str, str], ...] = (
    (FileNotFoundError, "there is no file {!r}", "check its spelling and the folder"),
    (NotADirectoryError, "there is no file {!r}", "a part of its path is a file and not a folder"),
    (PermissionError, "{!r} may not be read", "give yourself the right to read it, such as with chmod u+r"),
)


def _bytes_of(path: Path, caps: Caps) -> bytes:
    try:
        # Looked at before it is opened: to open a device can already do something.
        _check_is_file(path, path.stat(), caps)
        # Without waiting, and looked at again: by now a pipe may have taken its place, and would block for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with open(descriptor, "rb") as file:
            _check_is_file(path, os.fstat(descriptor), caps)
            data = file.read(caps.size_bytes + 1)
    except OSError as error:
        for kind, words, cure in _OS_ERRORS:
            if isinstance(error, kind):
                raise InputError(words.format(str(path)), cure=cure) from None
        reason = error.strerror or type(error).__name__
        raise InputError(f"{str(path)!r} cannot be read: {reason}", cure="check the path and the disk") from None
    except ValueError:
        raise InputError(f"{str(path)!r} is no path", cure="check its spelling") from None
    return data


def _check_is_file(path: Path, about: os.stat_result, caps: Caps) -> None:
    if not stat.S_ISREG(about.st_mode):
        what = next(words for fits, words in _NO_FILES if fits(about.st_mode))
        raise InputError(f"{str(path)!r} is {what} and not a file", cure="give a file")
    if about.st_size > caps.size_bytes:
        raise _too_large(str(path), about.st_size, caps)


_LONGEST_NAME = 120


def _clean(name: str) -> str:
    """The base name, printable: no folders, no control characters, nothing that turns the direction of writing."""
    base = re.split(r"[/\\]", name)[-1]
    clean = "".join(char if char.isprintable() else "_" for char in base).strip()
    stem, dot, suffix = clean.rpartition(".")
    if len(clean) > _LONGEST_NAME and dot and len(suffix) < 16:
        return f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return clean[:_LONGEST_NAME]


# --- pictures ---------------------------------------------------------------------------------------------------------

# Pillow's readers by name, and not `PIL.Image.open`: that one tries many formats, and warns about bombs where we refuse.
_PLUGINS = {
    "PNG": "PngImagePlugin.PngImageFile",
    "JPEG": "JpegImagePlugin.JpegImageFile",
    "WebP": "WebPImagePlugin.WebPImageFile",
    "GIF": "GifImagePlugin.GifImageFile",
    "TIFF": "TiffImagePlugin.TiffImageFile",
    "BMP": "BmpImagePlugin.BmpImageFile",
}


def _read_image(data: bytes, shown: str, name: str, form: Form, caps: Caps) -> Made:
    with _broken_is_an_input_error(shown, form):
        width_px, height_px = _decoded(data, shown, form, pixels=caps.pixels).size
    return lambda blob: Image(blob=blob, width_px=width_px, height_px=height_px, name=name)


def _decoded(data: bytes, shown: str, form: Form, *, pixels: int | None) -> "PIL.Image.Image":
    """All of its (first) picture, turned the right way; its size is checked first."""
    import PIL.Image

    _hush()
    module, _, reader = _PLUGINS[form.name].partition(".")
    try:
        image: PIL.Image.Image = getattr(importlib.import_module(f"PIL.{module}"), reader)(io.BytesIO(data))
    except PIL.Image.DecompressionBombError as error:
        raise TooLarge(f"{shown!r} has too many pixels: {error}", cure="give a smaller picture") from None
    width_px, height_px = image.size
    if pixels is not None and width_px * height_px > pixels:
        raise TooLarge(
            f"{shown!r} has {width_px:,} x {height_px:,} pixels; the cap is {pixels:,}", cure="give a smaller picture"
        )
    # All of it: a file that breaks off has a perfect header.
    image.load()
    exif = image.info.get("exif")
    # Pillow turns TIFF by itself.
    if form.name != "TIFF" and isinstance(exif, bytes) and (turn := _TURNS.get(_orientation(exif))):
        return image.transpose(PIL.Image.Transpose[turn])
    return image


_ODD_TAGS = r"PIL\.\w+ImagePlugin"


def _hush() -> None:
    """Keep Pillow from warning about odd tags in pictures that it reads well, here and from now on.

    For good, because `catch_warnings` is not safe in threads: one that ends late brings back the filters of another.
    """
    if not any(entry[3] == re.compile(_ODD_TAGS) for entry in warnings.filters):
        warnings.filterwarnings("ignore", category=UserWarning, module=_ODD_TAGS)


_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ORIENTATION_TAG = 0x0112
_SHORT = 3


def _orientation(exif: bytes) -> int:
    """The orientation in EXIF bytes, 1 if there is none. Pillow's own reading warns about tags that are none of ours."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * index)
            if tag == _ORIENTATION_TAG and kind == _SHORT:
                return int(value)
    except struct.error:
        pass
    return 1


def _eight_bits(image: "PIL.Image.Image") -> "PIL.Image.Image":
    """Shades of 16 or 32 bits or floats as 8 bits: Pillow would cut them off at 255."""
    import numpy as np
    import PIL.Image

    shades = np.nan_to_num(np.asarray(image).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        low, high = float(shades.min()), float(shades.max())
    return PIL.Image.fromarray(((shades - low) * (255 / ((high - low) or 1))).round().astype(np.uint8))


# --- sound ------------------------------------------------------------------------------------------------------------

_SOUND_FORMATS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3"})
_BLOCK_SAMPLES = 1 << 20
# 192 kHz in stereo, 48 kHz in eight channels: more than that is no recording but a way to keep us busy.
_SAMPLES_PER_S = 384_000


def _read_audio(data: bytes, shown: str, name: str, form: Form, caps: Caps) -> Made:
    with _broken_is_an_input_error(shown, form), _opened(io.BytesIO(data)) as sound:
        rate_hz, channels = sound.samplerate, sound.channels
        longest = min(caps.duration_s * rate_hz, caps.duration_s * _SAMPLES_PER_S / channels)
        if sound.frames > longest:
            raise _too_long(shown, sound.frames / rate_hz, caps)
        frames = 0
        # Heard to the end: what a header says of the length is not always so.
        while read := len(sound.read(_BLOCK_SAMPLES // channels, dtype="int16", always_2d=True)):
            frames += read
            if frames > longest:
                raise _too_long(shown, frames / rate_hz, caps)
    if not frames:
        raise InputError(f"{shown!r} is {form} with no sound in it", cure="record it again")
    return lambda blob: Audio(
        blob=blob, duration_s=frames / rate_hz, sample_rate_hz=rate_hz, channels=channels, name=name
    )


def _too_long(shown: str, duration_s: float, caps: Caps) -> TooLarge:
    return TooLarge(
        f"{shown!r} lasts {duration_s:,.0f} s or more; the cap is {caps.duration_s:,.0f} s", cure="give a shorter piece"
    )


@contextmanager
def _opened(source: "Path | io.BytesIO") -> "Iterator[soundfile.SoundFile]":
    import soundfile

    with soundfile.SoundFile(source) as sound:
        if sound.format not in _SOUND_FORMATS:
            raise ValueError(f"{sound.format} inside")
        if sound.samplerate < 1:
            raise ValueError("no sample rate")
        yield sound


def _mono_blocks(sound: "soundfile.SoundFile") -> "Iterator[npt.NDArray[np.float32]]":
    import numpy as np

    while len(block := sound.read(_BLOCK_SAMPLES // sound.channels, dtype="float32", always_2d=True)):
        # A float WAV may hold infinities, and an expert's arithmetic must not.
        yield np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0).mean(axis=1, dtype=np.float64).astype(np.float32)


def _resampled(
    blocks: "Iterator[npt.NDArray[np.float32]]", from_hz: int, to_hz: int
) -> "Iterator[npt.NDArray[np.float32]]":
    import numpy as np

    try:
        import soxr
    except ModuleNotFoundError:
        raise BackendError("a sound of another sample rate needs soxr", cure="install hugginggpt[builtin]") from None
    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


@contextmanager
def _broken_is_an_input_error(shown: str, form: Form) -> Iterator[None]:
    try:
        yield
    except (InputError, BackendError):
        raise
    # All of them: on broken files the decoders raise whatever they ran into, from struct.error to MemoryError.
    except Exception as error:
        reason = " ".join(str(getattr(error, "error_string", "") or error).split())[:200] or type(error).__name__
        raise InputError(f"{shown!r} is {form}, but broken: {reason}", cure="make or download it again") from None


# --- text -------------------------------------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Not among them: tab, line ends, form feed, backspace and escape (terminal logs), substitute (the end of old DOS files).
_CONTROLS = re.compile("[\x00-\x07\x0e-\x19\x1c-\x1f\x7f-\x84\x86-\x9f]")
_LOOKED_AT_CHARS = 1_000_000


def _read_text(data: bytes, shown: str, name: str, form: Form, caps: Caps) -> Made:
    text = _as_text(data, shown)
    if text is None:
        raise InputError(f"{shown!r} is a binary file of an unknown kind", cure=f"give {_all_listed()}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"{shown!r} holds no text but blank space", cure="give a file with something in it")
    if len(text) > caps.text_chars:
        raise TooLarge(
            f"{shown!r} has {len(text):,} characters; the cap is {caps.text_chars:,}", cure="give a shorter text"
        )
    return Text(text=text, name=name)


def _as_text(data: bytes, shown: str) -> str | None:
    """Its text, or None if it is none."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                return None
            return None if _binary(text) or _strange(text) else text
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _western(data, error.start, shown)
    return None if _binary(text) else text


def _western(data: bytes, broken_at: int, shown: str) -> str | None:
    """Text of the encoding that old Windows and web pages have, where it looks like it."""
    mended = data.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if not _binary(mended) and sum(char > "\x7f" for char in mended) - broken > broken:
        # Most of its accents are good UTF-8. Read as anything else they would be gibberish.
        raise InputError(f"{shown!r} is UTF-8 text, but broken at byte {broken_at:,}", cure="save it as UTF-8 again")
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    # A western text is mostly ASCII; a Russian one in its old encoding is not, and is better refused than garbled.
    return None if _binary(text) or sum(char > "\x7f" for char in text) > 0.3 * len(text) else text


def _binary(text: str) -> bool:
    looked_at = text[:_LOOKED_AT_CHARS]
    return "\0" in text or len(_CONTROLS.findall(looked_at)) > len(looked_at) / 100


def _strange(text: str) -> bool:
    """Whether many of its characters have no meaning: nearly all pairs of bytes are some character of UTF-16."""
    looked_at = text[:_LOOKED_AT_CHARS]
    return sum(unicodedata.category(char) in ("Cn", "Co", "Cs") for char in looked_at) > 2 + len(looked_at) / 20


# --- the table --------------------------------------------------------------------------------------------------------

_PROBE_BYTES = 1 << 16


def _form(data: bytes) -> Form | None:
    """The format that the bytes begin like; the end is looked at too, where a ZIP keeps the names of what it holds."""
    probe = data if len(data) <= 2 * _PROBE_BYTES else data[:_PROBE_BYTES] + data[-_PROBE_BYTES:]
    return next((form for form in _FORMATS if form.magic.match(probe)), None)


def _listed(what: str) -> str:
    return ", ".join(form.name for form in _FORMATS if form.read and form.what == f"a {what}")


def _all_listed() -> str:
    """What is read, in a sentence."""
    return f"a picture ({_listed('picture')}), a sound ({_listed('sound')}) or plain text"


def _known(name: str, what: str, magic: bytes, media_type: str = "", read: Reader | None = None) -> Form:
    return Form(name, what, re.compile(magic, re.DOTALL), media_type, read)


_TEXT = _known("plain text", "a text", b"", "text/plain", _read_text)

# The first that fits. Signatures that are letters alone take in the bytes after them, so that no prose begins like one.
_FORMATS: tuple[Form, ...] = (
    _known("PNG", "a picture", rb"\x89PNG\r\n\x1a\n", "image/png", _read_image),
    _known("JPEG", "a picture", rb"\xff\xd8\xff", "image/jpeg", _read_image),
    _known("WebP", "a picture", rb"RIFF.{4}WEBP", "image/webp", _read_image),
    _known("GIF", "a picture", rb"GIF8[79]a", "image/gif", _read_image),
    _known("TIFF", "a picture", rb"II[*+]\0|MM\0[*+]", "image/tiff", _read_image),
    _known("BMP", "a picture", rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "image/bmp", _read_image),
    _known("WAV", "a sound", rb"(?:RIFF|RF64).{4}WAVE", "audio/wav", _read_audio),
    _known("FLAC", "a sound", rb"fLaC[\0\x80]", "audio/flac", _read_audio),
    _known("OGG", "a sound", rb"OggS\0", "audio/ogg", _read_audio),
    _known("MP3", "a sound", rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3\xe2\xe3]", "audio/mpeg", _read_audio),
    _known("PDF", "a document", rb"\s{0,8}%PDF-"),
    _known("DOCX", "a document", rb"PK\x03\x04.*word/"),
    _known("XLSX", "a table", rb"PK\x03\x04.*xl/"),
    _known("PPTX", "a document", rb"PK\x03\x04.*ppt/"),
    _known("OpenDocument", "a document", rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis"),
    _known("EPUB", "a document", rb"PK\x03\x04.{26}mimetypeapplication/epub"),
    _known("ZIP", "an archive", rb"PK(?:\x03\x04|\x05\x06)"),
    _known("old Office (DOC, XLS, PPT)", "a document", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _known("RTF", "a document", rb"\{\\rtf"),
    _known("PostScript", "a document", rb"%!PS"),
    _known("HEIC", "a picture", rb".{4}ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)"),
    _known("AVIF", "a picture", rb".{4}ftypavi[fs]"),
    _known("JPEG XL", "a picture", rb"\xff\x0a|\0\0\0\x0cJXL "),
    _known("JPEG 2000", "a picture", rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
    _known("PSD", "a picture", rb"8BPS\0"),
    _known("ICO", "a picture", rb"\0\0[\x01\x02]\0[\x01-\xff]\0"),
    _known("M4A", "a sound", rb".{4}ftypM4[AB]"),
    _known("QuickTime", "a film", rb".{4}(?:ftypqt  |moov|mdat)"),
    _known("MP4", "a film", rb".{4}ftyp"),
    _known("Matroska or WebM", "a film", rb"\x1a\x45\xdf\xa3"),
    _known("AVI", "a film", rb"RIFF.{4}AVI "),
    _known("MPEG", "a film", rb"\0\0\x01[\xb3\xba]"),
    _known("FLV", "a film", rb"FLV\x01"),
    _known("ASF (WMA, WMV)", "a sound or film", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    _known("AIFF", "a sound", rb"FORM.{4}AIF[FC]"),
    _known("AAC", "a sound", rb"\xff[\xf0\xf1\xf8\xf9]"),
    _known("AMR", "a sound", rb"#!AMR"),
    _known("MIDI", "a piece of music", rb"MThd\0\0\0\x06"),
    _known("AU", "a sound", rb"\.snd\0"),
    _known("GZIP", "an archive", rb"\x1f\x8b\x08"),
    _known("BZIP2", "an archive", rb"BZh[1-9]1AY&SY"),
    _known("XZ", "an archive", rb"\xfd7zXZ\0"),
    _known("Zstandard", "an archive", rb"\x28\xb5\x2f\xfd"),
    _known("7-Zip", "an archive", rb"7z\xbc\xaf\x27\x1c"),
    _known("RAR", "an archive", rb"Rar!\x1a\x07"),
    _known("TAR", "an archive", rb".{257}ustar[\0 ]"),
    _known("Parquet", "a table", rb"PAR1[\0-\x1f]"),
    _known("SQLite", "a database", rb"SQLite format 3\0"),
    _known("NumPy", "an array", rb"\x93NUMPY"),
    _known("ELF", "a program", rb"\x7fELF"),
    _known("Windows", "a program", rb"MZ.{0,2}\0"),
    _known("Mach-O", "a program", rb"[\xcf\xce]\xfa\xed\xfe|\xca\xfe\xba\xbe"),
    _known("WebAssembly", "a program", rb"\0asm"),
)
