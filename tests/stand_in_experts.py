"""Experts that misbehave, run in real worker processes by the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from hugginggpt.backends.expert import Job, Made
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Data, Text


def shout(job: Job) -> Sequence[Text | Data | Made]:
    print("what an expert prints must not reach the pipe")
    job.progress(0.5, "shouting")
    return [Text(text=job.text("text").upper()), Data(value={"pid": os.getpid()})]


def draw(job: Job) -> Sequence[Text | Data | Made]:
    from PIL import Image

    path = job.folder / "drawn.png"
    Image.new("RGB", (4, 3), "red").save(path)
    return [Made(path, "red.png")]


def invert(job: Job) -> Sequence[Text | Data | Made]:
    from PIL import Image, ImageOps

    path = job.folder / "inverted.png"
    ImageOps.invert(Image.open(job.file("image")).convert("RGB")).save(path)
    return [Made(path, "inverted.png")]


def hang(job: Job) -> Sequence[Text | Data | Made]:
    time.sleep(3600)
    return []


def hang_with_child(job: Job) -> Sequence[Text | Data | Made]:
    """Starts a program, writes its process id where the test finds it, and never returns."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    with open(job.text("text"), "w", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {child.pid}")
    time.sleep(3600)
    return []


def hang_with_orphan(job: Job) -> Sequence[Text | Data | Made]:
    """Starts a program outside its own process group that keeps standard error open, and never returns."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(6)"], start_new_session=True)
    with open(job.text("text"), "w", encoding="utf-8") as file:
        file.write("started")
    time.sleep(3600)
    return []


def half_a_sign(job: Job) -> Sequence[Text | Data | Made]:
    return [Text.model_construct(text="a\ud83d")]


def abort(job: Job) -> Sequence[Text | Data | Made]:
    os.abort()


def kill_itself(job: Job) -> Sequence[Text | Data | Made]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def refuse(job: Job) -> Sequence[Text | Data | Made]:
    raise InputRefused("this is not for me", cure="ask somebody else")


def stumble(job: Job) -> Sequence[Text | Data | Made]:
    raise ZeroDivisionError("a bug")


def lie(job: Job) -> Sequence[Text | Data | Made]:
    """Names a file outside its folder."""
    from pathlib import Path

    return [Made(Path("/etc/hostname"))]


def long_text(job: Job) -> Sequence[Text | Data | Made]:
    return [Text(text="x" * 5_000_000)]


def append_line(job: Job) -> Sequence[Text | Data | Made]:
    """Writes a line to the file that its text names, after a moment: evidence of each time it ran."""
    name, _, rest = job.text("text").partition("\n")
    time.sleep(0.3)
    with open(name, "a", encoding="utf-8") as file:
        file.write(f"{rest.splitlines()[0] if rest else 'ran'}\n")
    return [Text(text=job.text("text"))]
