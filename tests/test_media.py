"""`media.py` on real files, whole and broken: small ones made here, larger ones from the shared samples where they are."""

import asyncio
import hashlib
import io
import os
import resource
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageOps
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hugginggpt.errors import InputError, StorageFull, TooLarge
from hugginggpt.flow.artifact import Audio, Blob, Data, Document, Image, Part, Table, Text, Video
from hugginggpt.media import Caps, describe, open_image, read_audio, read_bytes, read_file, write_png, write_wav

SHARED = Path(os.environ.get("HUGGINGGPT_SHARED", Path(__file__).parents[1] / ".." / "shared"))
needs_samples = pytest.mark.skipif(not (SHARED / "samples").is_dir(), reason="the shared samples are not here")


class Kept:
    """Blobs in a dict."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    async def put(self, data: AsyncIterable[bytes] | bytes, media_type: str) -> Blob:
        assert isinstance(data, bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        self.data[sha256] = data
        return Blob(sha256=sha256, media_type=media_type, size_bytes=len(data))

    async def open(self, blob: Blob) -> AsyncGenerator[bytes, None]:
        yield self.data[blob.sha256]

    async def path(self, blob: Blob) -> Path:
        raise NotImplementedError


def read(data: bytes, name: str = "file", caps: Caps = Caps()) -> Part:
    return asyncio.run(read_bytes(data, name=name, blobs=Kept(), caps=caps))


def read_path(path: Path, caps: Caps = Caps()) -> Part:
    return asyncio.run(read_file(path, Kept(), caps))


def picture(width_px: int = 32, height_px: int = 24) -> PIL.Image.Image:
    """White, with a red square at the top left."""
    image = PIL.Image.new("RGB", (width_px, height_px), "white")
    PIL.ImageDraw.Draw(image).rectangle((0, 0, width_px // 4, height_px // 4), fill="red")
    return image


def saved(image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def tone(
    form: str, subtype: str | None = None, *, seconds: float = 0.5, rate_hz: int = 8000, channels: int = 1
) -> bytes:
    """A sine of half the full loudness."""
    wave = 0.5 * np.sin(np.arange(int(seconds * rate_hz)) * 2 * np.pi * 440 / rate_hz)
    file = io.BytesIO()
    soundfile.write(file, np.stack([wave] * channels, axis=1), rate_hz, format=form, subtype=subtype)
    return file.getvalue()


def turned(orientation: int) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return exif


PICTURES: dict[str, tuple[bytes, str]] = {
    "png": (saved(picture(), "PNG"), "image/png"),
    "jpeg": (saved(picture(), "JPEG"), "image/jpeg"),
    "progressive jpeg": (saved(picture(), "JPEG", progressive=True), "image/jpeg"),
    "cmyk jpeg": (saved(picture().convert("CMYK"), "JPEG"), "image/jpeg"),
    "two pictures in one jpeg": (saved(picture(), "MPO", save_all=True, append_images=[picture()]), "image/jpeg"),
    "webp": (saved(picture(), "WEBP"), "image/webp"),
    "moving webp": (saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)]), "image/webp"),
    "gif": (saved(picture(), "GIF"), "image/gif"),
    "moving gif": (saved(picture(), "GIF", save_all=True, append_images=[picture().rotate(180)]), "image/gif"),
    "tiff": (saved(picture(), "TIFF"), "image/tiff"),
    "packed tiff": (saved(picture(), "TIFF", compression="tiff_lzw"), "image/tiff"),
    "bmp": (saved(picture(), "BMP"), "image/bmp"),
}
SOUNDS: dict[str, tuple[bytes, str]] = {
    "wav": (tone("WAV"), "audio/wav"),
    "float wav": (tone("WAV", "FLOAT"), "audio/wav"),
    "24-bit wav": (tone("WAV", "PCM_24"), "audio/wav"),
    "rf64": (tone("RF64"), "audio/wav"),
    "flac": (tone("FLAC"), "audio/flac"),
    "vorbis": (tone("OGG", "VORBIS"), "audio/ogg"),
    "opus": (tone("OGG", "OPUS"), "audio/ogg"),
    "mp3": (tone("MP3"), "audio/mpeg"),
}
WORDS = "Grüße aus Köln – 世界 🙂\n"
TEXTS: dict[str, tuple[bytes, str]] = {
    "utf-8": (WORDS.encode(), WORDS),
    "utf-8 with bom": (WORDS.encode("utf-8-sig"), WORDS),
    "utf-16": (WORDS.encode("utf-16"), WORDS),
    "utf-16 big-endian": (b"\xfe\xff" + WORDS.encode("utf-16-be"), WORDS),
    "utf-32": (WORDS.encode("utf-32"), WORDS),
    "cp1252": ("“Café crème” – 5 €, at the window".encode("cp1252"), "“Café crème” – 5 €, at the window"),
    "latin-1": ("Grüße aus Köln".encode("latin-1"), "Grüße aus Köln"),
    "dos line ends": (b"a\r\nb\rc\n", "a\nb\nc\n"),
    "csv": (b"a,b\n1,2\n", "a,b\n1,2\n"),
    "markdown": (b"# Title\n\n*text*\n", "# Title\n\n*text*\n"),
    "one letter": (b"a", "a"),
    "terminal log": (b"\x1b[31mred\x1b[0m\n", "\x1b[31mred\x1b[0m\n"),
    "one new emoji in utf-16": ("\U0001fae9".encode("utf-16"), "\U0001fae9"),
    "prose that begins like a signature": (b"BM, MZ, PK, ID3, FORM, RIFF and GIF8 are how files begin.", ""),
}


@pytest.mark.parametrize("form", PICTURES)
def test_a_picture_is_read_with_its_size(form: str) -> None:
    data, media_type = PICTURES[form]
    part = read(data, "holiday.dat")
    blob = Blob(sha256=hashlib.sha256(data).hexdigest(), media_type=media_type, size_bytes=len(data))
    assert part == Image(blob=blob, width_px=32, height_px=24, name="holiday.dat")


@pytest.mark.parametrize("form", SOUNDS)
def test_a_sound_is_read_with_its_length(form: str) -> None:
    data, media_type = SOUNDS[form]
    part = read(data, "memo.dat")
    assert isinstance(part, Audio)
    assert (part.sample_rate_hz, part.channels, part.blob.media_type) == (8000, 1, media_type)
    assert part.duration_s == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("form", TEXTS)
def test_a_text_is_read_whatever_its_encoding(form: str) -> None:
    data, text = TEXTS[form]
    assert read(data, "note.dat") == Text(text=text or data.decode(), name="note.dat")


async def test_the_bytes_are_kept_as_they_came(tmp_path: Path) -> None:
    data, _ = PICTURES["jpeg"]
    (tmp_path / "a.txt").write_bytes(data)
    kept = Kept()
    part = await read_file(tmp_path / "a.txt", kept)
    assert isinstance(part, Image) and part.name == "a.txt"
    assert kept.data == {part.blob.sha256: data}


async def test_a_full_store_says_so() -> None:
    class Full(Kept):
        async def put(self, data: AsyncIterable[bytes] | bytes, media_type: str) -> Blob:
            raise StorageFull("the disk is full")

    with pytest.raises(StorageFull):
        await read_bytes(PICTURES["png"][0], name="a.png", blobs=Full())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_seen_as_its_orientation_tag_says(form: str, orientation: int, tmp_path: Path) -> None:
    as_seen = picture(32, 24)
    backwards = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the `Transpose` that undoes each
    stored = as_seen.transpose(PIL.Image.Transpose(backwards[orientation])) if orientation > 1 else as_seen
    lossless = {"lossless": True} if form == "WEBP" else {}
    path = tmp_path / "turned"
    path.write_bytes(saved(stored, form, exif=turned(orientation), **lossless))
    part = read_path(path)
    assert isinstance(part, Image) and (part.width_px, part.height_px) == (32, 24)
    difference = np.asarray(open_image(path)).astype(int) - np.asarray(as_seen)
    assert np.abs(difference).mean() < 8


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"x"]
)
def test_a_broken_orientation_tag_changes_nothing(exif: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(picture(), "JPEG", exif=exif))
    assert open_image(tmp_path / "a.jpg").size == (32, 24)


@needs_samples
def test_the_samples_are_read() -> None:
    described = {path.name: describe(read_path(path)) for path in sorted((SHARED / "samples").iterdir())}
    texts = described.pop("README.md")
    assert texts.startswith("text ") and len(described) >= 8
    assert all(words.split()[0] == ("sound" if ".wav" in name else "picture") for name, words in described.items())
    tagged = SHARED / "samples" / "img_exif_orientation.jpg"
    with PIL.Image.open(tagged) as stored:
        assert stored.getexif()[0x0112] != 1
        assert open_image(tagged).tobytes() == PIL.ImageOps.exif_transpose(stored).tobytes()


def first_pixel(image: PIL.Image.Image) -> tuple[int, ...]:
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(shade) for shade in pixel)


@pytest.mark.parametrize(
    ("image", "form", "seen"),
    [
        (PIL.Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG", (255, 255, 255)),
        (PIL.Image.new("RGBA", (4, 4), (255, 0, 0, 255)), "PNG", (255, 0, 0)),
        (PIL.Image.new("LA", (4, 4), (0, 0)), "PNG", (255, 255, 255)),
        (PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 0)), "WEBP", (255, 255, 255)),
        (PIL.Image.new("1", (4, 4), 1), "TIFF", (255, 255, 255)),
        (PIL.Image.new("L", (4, 4), 100), "BMP", (100, 100, 100)),
        (PIL.Image.new("I;16", (4, 4), 100 * 257), "PNG", (100, 100, 100)),
        (PIL.Image.new("F", (4, 4), 0.5), "TIFF", (0, 0, 0)),
    ],
)
def test_an_expert_sees_rgb_on_white(image: PIL.Image.Image, form: str, seen: tuple[int, ...], tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(saved(image, form))
    opened = open_image(tmp_path / "a")
    assert (opened.mode, first_pixel(opened)) == ("RGB", seen)


def test_a_clear_palette_colour_becomes_white(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved(picture().quantize(4), "PNG", transparency=bytes(4)))
    assert first_pixel(open_image(tmp_path / "a.png")) == (255, 255, 255)


def test_shades_of_a_float_picture_are_spread_over_eight_bits(tmp_path: Path) -> None:
    ramp = np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16)
    ramp[0, 0] = np.nan
    (tmp_path / "a.tif").write_bytes(saved(PIL.Image.fromarray(ramp), "TIFF"))
    assert open_image(tmp_path / "a.tif").getextrema() == ((0, 255),) * 3


def test_a_picture_is_written_as_png_whatever_the_name(tmp_path: Path) -> None:
    write_png(tmp_path / "edges.dat", picture())
    assert describe(read_path(tmp_path / "edges.dat")) == "picture 32x24 edges.dat"
    assert open_image(tmp_path / "edges.dat").tobytes() == picture().tobytes()


def test_an_expert_hears_one_channel(tmp_path: Path) -> None:
    stereo = np.stack([np.full(800, 0.5), np.full(800, -0.1)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 8000, subtype="FLOAT")
    samples, rate_hz = read_audio(tmp_path / "a.wav")
    assert samples.dtype == np.float32
    assert (samples.shape, rate_hz) == ((800,), 8000)
    assert samples == pytest.approx(0.2)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 16000), (44100, 16000), (16000, 16000), (48000, 8000)])
def test_an_expert_hears_at_the_rate_it_asks_for(from_hz: int, to_hz: int, tmp_path: Path) -> None:
    pytest.importorskip("soxr")
    (tmp_path / "a.wav").write_bytes(tone("WAV", seconds=2, rate_hz=from_hz))
    samples, rate_hz = read_audio(tmp_path / "a.wav", sample_rate_hz=to_hz)
    assert rate_hz == to_hz and len(samples) == pytest.approx(2 * to_hz, abs=2)
    loudest_hz = int(np.argmax(np.abs(np.fft.rfft(samples)))) * to_hz / len(samples)
    assert loudest_hz == pytest.approx(440, abs=1) and np.abs(samples).max() == pytest.approx(0.5, abs=0.05)


def test_a_long_sound_is_resampled_without_seams(tmp_path: Path) -> None:
    soxr = pytest.importorskip("soxr")
    wave = (0.5 * np.sin(np.arange(3_000_000) / 20)).astype(np.float32)  # several blocks
    soundfile.write(tmp_path / "a.wav", wave, 44100, subtype="FLOAT")
    samples, _ = read_audio(tmp_path / "a.wav", sample_rate_hz=16000)
    assert np.abs(samples - soxr.resample(wave, 44100, 16000)[: len(samples)]).max() < 1e-3


def test_infinities_in_a_sound_are_not_passed_on(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([np.nan, np.inf, -np.inf, 0.25], np.float32), 8000, subtype="FLOAT")
    samples, _ = read_audio(tmp_path / "a.wav")
    assert samples.tolist() == [0.0, 1.0, -1.0, 0.25]


def test_a_wav_is_clipped_and_not_wrapped(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.dat", np.array([0.0, 0.5, 1.0, -1.0, 1.5, -7.0, np.nan, np.inf]), 16000)
    assert soundfile.info(tmp_path / "a.dat").subtype == "PCM_16"
    written, rate_hz = soundfile.read(tmp_path / "a.dat", dtype="int16")
    assert (written.tolist(), rate_hz) == ([0, 16384, 32767, -32767, 32767, -32767, 0, 32767], 16000)


def test_a_wav_of_whole_numbers_and_two_channels_is_written_as_it_is(tmp_path: Path) -> None:
    samples = np.array([[1, -2], [32767, -32768]], np.int16)
    write_wav(tmp_path / "a.wav", samples, 8000)
    written, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert written.tolist() == samples.tolist()


@pytest.mark.parametrize("reader", [open_image, read_audio])
def test_an_expert_that_opens_something_else_is_told(reader: Callable[[Path], object], tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    with pytest.raises(InputError, match="'note.txt' is no (picture|sound); give one in (PNG|WAV)"):
        reader(tmp_path / "note.txt")


# --- what is refused --------------------------------------------------------------------------------------------------


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, os.urandom(100_000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a document in PDF format, which is not read yet"),
        (zipped("[Content_Types].xml", "word/document.xml"), "is a document in DOCX format"),
        (zipped("[Content_Types].xml", "xl/workbook.xml", "xl/a.xml"), "is a table in XLSX format"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "is a document in PPTX format"),
        (zipped("a.txt"), "is an archive in ZIP format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a document in old Office (DOC, XLS, PPT) format"),
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "is a picture in HEIC format"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "is a picture in AVIF format"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "is a film in MP4 format"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "is a film in QuickTime format"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom", "is a sound in M4A format"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm", "is a film in Matroska or WebM format"),
        (b"RIFF\x10\0\0\0AVI LIST", "is a film in AVI format"),
        (tone("AIFF"), "is a sound in AIFF format"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "is an archive in GZIP format"),
        (b"SQLite format 3\0\x10\0", "is a database in SQLite format"),
        (Path(sys.executable).read_bytes()[:1000], "is a program in"),
        (rb"{\rtf1\ansi hello}", "is a document in RTF format"),
    ],
)
def test_a_format_that_is_not_read_yet_is_named(data: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, "thing.png")
    assert words in str(caught.value)
    assert str(caught.value).endswith(
        "; give a picture (PNG, JPEG, WebP, GIF, TIFF, BMP), a sound (WAV, FLAC, OGG, MP3) or plain text"
    )


@pytest.mark.parametrize(
    "data",
    [
        os.urandom(2000),
        b"text with a \0 in it",
        "Привет, как дела?".encode("cp1251") * 9,
        "こんにちは、元気ですか".encode("shift-jis") * 9,
        b"\xff\xfe" + bytes(range(1, 255)) * 9,
        b"\xff\xfea",
        ("\ufeff" + "".join(chr(0xE000 + 37 * i) for i in range(100))).encode("utf-16-le"),
        "hello".encode("utf-16-le"),
        b"\x01\x02\x03\x04\x05 mostly controls",
        (np.arange(4000) % 251).astype(np.uint8).tobytes(),
        b"\x81\x8d plain",
    ],
)
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(InputError, match="'notes.txt' is a binary file of an unknown kind; give a picture"):
        read(data, "notes.txt")


def test_broken_utf_8_is_not_read_as_something_else() -> None:
    data = "Grüße aus Köln".encode() + b" \xc3"
    with pytest.raises(InputError, match=r"'a.txt' is UTF-8 text, but broken at byte 18; save it as UTF-8 again"):
        read(data, "a.txt")


@pytest.mark.parametrize("data", [b" \n\t\r\n", b"\xef\xbb\xbf", "\ufeff \n".encode("utf-16-le")])
def test_a_text_of_blank_space_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="holds no text but blank space"):
        read(data)


@pytest.mark.parametrize("form", [form for form in PICTURES if form != "two pictures in one jpeg"])
def test_a_picture_that_breaks_off_is_refused(form: str) -> None:
    image = PIL.Image.effect_noise((64, 64), 90).convert("RGB")
    pillow_form = {"progressive jpeg": "JPEG", "cmyk jpeg": "JPEG", "moving webp": "WEBP", "moving gif": "GIF"}
    data = saved(
        image,
        pillow_form.get(form, form.removeprefix("packed ").upper()),
        **{"progressive": True} if "pro" in form else {},
    )
    assert isinstance(read(data), Image)
    with pytest.raises(
        InputError, match=r"'file' is a picture in \w+ format, but broken: .*; make or download it again"
    ):
        read(data[: len(data) * 2 // 3])


def test_a_png_with_a_broken_body_is_refused() -> None:
    data = bytearray(saved(PIL.Image.effect_noise((64, 64), 90), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(InputError, match="a picture in PNG format, but broken"):
        read(bytes(data))


@pytest.mark.parametrize("form", [form for form in SOUNDS if "wav" not in form and form not in ("rf64", "mp3")])
def test_a_sound_that_breaks_off_is_refused(form: str) -> None:
    data, _ = SOUNDS[form]
    with pytest.raises(InputError, match=r"'file' is a sound in \w+ format, but broken"):
        read(data[: len(data) // 3])


def test_a_wav_that_breaks_off_keeps_what_is_there() -> None:
    data, _ = SOUNDS["wav"]
    part = read(data[: len(data) // 2 + 22])
    assert isinstance(part, Audio) and part.duration_s == pytest.approx(0.25, abs=0.01)


def test_a_wav_without_samples_is_refused() -> None:
    with pytest.raises(InputError, match="'file' is a sound in WAV format with no sound in it; record it again"):
        read(tone("WAV", seconds=0))


def png_of_zeros(width_px: int, height_px: int) -> bytes:
    """A whole black picture of one bit per pixel, made without holding it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes((width_px // 8 + 1) * height_px), 1)
    header = struct.pack(">IIBBBBB", width_px, height_px, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def claiming(form: str, width_px: int, height_px: int) -> bytes:
    """A small picture whose header says that it is large."""
    data = bytearray(saved(PIL.Image.new("RGB", (16, 16)), form))
    at, layout = {
        "GIF": (6, "<HH"),
        "BMP": (18, "<ii"),
        "JPEG": (data.find(b"\xff\xc0") + 5, ">HH"),
        "WEBP": (26, "<HH"),
    }[form]
    sizes = (height_px, width_px) if form == "JPEG" else (width_px, height_px)
    struct.pack_into(layout, data, at, *sizes)
    return bytes(data)


def test_a_picture_of_200_megapixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_of_zeros(20_000, 10_000))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge) as caught:
        read_path(tmp_path / "huge.png")
    path = str(tmp_path / "huge.png")
    assert str(caught.value) == f"{path!r} has 20,000 x 10,000 pixels; the cap is 50,000,000; give a smaller picture"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000
    assert isinstance(read(png_of_zeros(2_000, 1_000)), Image)


@pytest.mark.parametrize("pixels", [(12_000, 8_000), (16_000, 12_500)])
@pytest.mark.parametrize("form", ["JPEG", "GIF", "BMP", "WEBP"])
def test_a_picture_that_only_claims_to_be_huge_is_refused_too(form: str, pixels: tuple[int, int]) -> None:
    with pytest.raises(TooLarge, match="pixels.*; give a smaller picture"):
        read(claiming(form, *pixels))


def test_caps_can_be_set() -> None:
    png, wav = PICTURES["png"][0], SOUNDS["wav"][0]
    assert isinstance(read(png, caps=Caps(pixels=32 * 24)), Image)
    with pytest.raises(TooLarge, match="has 32 x 24 pixels; the cap is 767"):
        read(png, caps=Caps(pixels=32 * 24 - 1))
    assert isinstance(read(wav, caps=Caps(duration_s=0.5)), Audio)
    with pytest.raises(TooLarge, match="cap is 0 s; give a shorter piece"):
        read(wav, caps=Caps(duration_s=0.49))
    assert isinstance(read(b"12345", caps=Caps(text_chars=5)), Text)
    with pytest.raises(TooLarge, match="'file' has 5 characters; the cap is 4; give a shorter text"):
        read(b"12345", caps=Caps(text_chars=4))
    with pytest.raises(TooLarge, match="'file' has 5 bytes; the cap is 4; give a smaller file"):
        read(b"12345", caps=Caps(size_bytes=4))


def test_an_hour_and_a_second_is_too_long() -> None:
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(3601 * 100, np.int16), 100, format="FLAC")
    with pytest.raises(TooLarge, match="'memo.flac' lasts 3,601 s or more; the cap is 3,600 s"):
        read(silence.getvalue(), "memo.flac")


def test_very_many_channels_count_as_length() -> None:
    wide = io.BytesIO()
    soundfile.write(wide, np.zeros((3000, 200), np.int16), 8000, format="WAV")
    assert isinstance(read(wide.getvalue(), caps=Caps(duration_s=2)), Audio)
    with pytest.raises(TooLarge):
        read(wide.getvalue(), caps=Caps(duration_s=1))


def test_a_file_past_the_cap_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(TooLarge, match="has 1,000,000,000,000 bytes; the cap is 50,000,000"):
        read_path(tmp_path / "sparse")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    (tmp_path / "empty.wav").touch()
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    refusals = {
        tmp_path / "missing.png": "there is no file {!r}; check its spelling and the folder",
        tmp_path / "empty.wav" / "a": "there is no file {!r}; a part of its path is a file and not a folder",
        tmp_path: "{!r} is a folder and not a file; give a file",
        tmp_path / "pipe": "{!r} is a pipe and not a file; give a file",
        tmp_path / "socket": "{!r} is a socket and not a file; give a file",
        Path("/dev/zero"): "{!r} is a device and not a file; give a file",
        tmp_path / "empty.wav": "{!r} is empty; give a file with something in it",
        tmp_path / "ring": "{!r} cannot be read: Too many levels of symbolic links; check the path and the disk",
        tmp_path / ("a" * 300): "{!r} cannot be read: File name too long; check the path and the disk",
        Path("a\0b"): "{!r} is no path; check its spelling",
    }
    for path, words in refusals.items():
        with pytest.raises(InputError) as caught:
            read_path(path)
        assert str(caught.value) == words.format(str(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "secret.txt").chmod(0)
    with pytest.raises(InputError, match="may not be read; give yourself the right"):
        read_path(tmp_path / "secret.txt")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "note.txt")
    assert read_path(tmp_path / "link.txt") == Text(text="a note", name="link.txt")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("a\nb\x1b[31m.txt", "a_b_[31m.txt"),
        ("evil\u202egpj.exe", "evil_gpj.exe"),
        ("bad\udcff.txt", "bad_.txt"),
        ("Quittung für Köln 世界.png", "Quittung für Köln 世界.png"),
        ("folder/", ""),
        ("a" * 300 + ".png", "a" * 116 + ".png"),
        ("a" * 300, "a" * 120),
    ],
)
def test_a_name_is_a_printable_base_name(name: str, clean: str) -> None:
    part = read(b"a note", name)
    assert isinstance(part, Text) and part.name == clean


BLOB = Blob(sha256="0" * 64, media_type="a/b", size_bytes=1)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Image(blob=BLOB, width_px=640, height_px=480, name="receipt.png"), "picture 640x480 receipt.png"),
        (Audio(blob=BLOB, duration_s=7.125, sample_rate_hz=16000, name="memo.wav"), "sound 7.1 s memo.wav"),
        (Text(text="a" * 1204, name="note.txt"), "text 1,204 characters note.txt"),
        (Text(text="a"), "text 1 character"),
        (Video(blob=BLOB, name="a.mp4"), "film a.mp4"),
        (Video(blob=BLOB, duration_s=3), "film 3.0 s"),
        (Document(blob=BLOB), "document"),
        (Document(blob=BLOB, pages=1, name="a.pdf"), "document 1 page a.pdf"),
        (Table(blob=BLOB), "table"),
        (Table(blob=BLOB, rows=1200, name="a.csv"), "table 1,200 rows a.csv"),
        (Data(value=None, name="labels"), "data labels"),
    ],
)
def test_a_part_is_described_in_a_few_words(part: Part, words: str) -> None:
    assert describe(part) == words


async def test_the_loop_goes_on_while_a_picture_is_decoded() -> None:
    data = png_of_zeros(7_000, 7_000)
    ticks = 0
    task = asyncio.create_task(read_bytes(data, name="large.png", blobs=Kept()))
    while not task.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert isinstance(await task, Image) and ticks > 10


def test_importing_media_loads_no_decoder() -> None:
    code = "import sys, hugginggpt.media; assert not {'numpy', 'PIL', 'soundfile', 'soxr'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- broken files of every kind ---------------------------------------------------------------------------------------

WHOLE = [data for samples in (PICTURES, SOUNDS, TEXTS) for data, _ in samples.values()]


@st.composite
def broken_files(draw: st.DrawFn) -> bytes:
    """A real file with bytes changed, put in, taken out or doubled, and perhaps cut off."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 6))):
        if not data:
            break
        # Half of the changes in the first hundred bytes: that is where headers are.
        at = draw(st.integers(0, len(data) - 1) | st.integers(0, min(100, len(data)) - 1))
        match draw(st.sampled_from(["flip", "set", "extreme", "double", "cut"])):
            case "flip":
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "set":
                data[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
            case "extreme":
                data[at : at + 4] = draw(
                    st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"])
                )
            case "double":
                data[at:at] = data[at : at + draw(st.integers(0, 64))]
            case "cut":
                del data[at + draw(st.integers(0, len(data))) :]
    return bytes(data)


def is_read_or_refused(data: bytes) -> None:
    try:
        part = read(data, caps=Caps(pixels=5_000_000))
    except InputError as error:
        assert "\n" not in str(error) and error.cure
    else:
        assert len(describe(part)) < 100


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken_files())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    is_read_or_refused(data)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken_files())
def test_very_many_bytes_are_read_or_refused(data: bytes) -> None:
    is_read_or_refused(data)


@given(st.binary(max_size=300))
def test_noise_is_read_or_refused(data: bytes) -> None:
    is_read_or_refused(data)
