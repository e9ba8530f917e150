"""What this machine can do, and what to do to get more."""

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass, field

import psutil

from hugginggpt import __version__
from hugginggpt.engine import HuggingGPT
from hugginggpt.selection import NOTHING_RUNS_IT
from hugginggpt.settings import Settings, config_file

EXTRAS = {
    "builtin": ("cv2", "onnxruntime", "pocketsphinx", "rapidocr", "soxr", "vaderSentiment"),
    "voice": ("espeakng_loader",),
}
"""The packages of each extra, as they are imported."""
PROGRAMS = ("flite", "espeak-ng")
KEYS = ("HF_TOKEN", "OPENAI_API_KEY")


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. Keys are never shown, only whether they are there."""

    version: str
    python: str
    machine: str
    cores: int
    memory_bytes: int
    free_memory_bytes: int
    free_disk_bytes: int
    device: str
    settings_file: str
    data_dir: str
    controller: str
    backends: tuple[str, ...]
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By extra: the packages that are missing."""
    programs: dict[str, bool] = field(default_factory=dict)
    keys: dict[str, bool] = field(default_factory=dict)
    kinds: int = 0
    runnable: dict[str, str] = field(default_factory=dict)
    """By kind that runs here: who would do it."""
    more: tuple[str, ...] = ()
    """What to do to get more."""

    def as_json(self) -> dict[str, object]:
        """The same as JSON."""
        return asdict(self)


async def examine(gpt: HuggingGPT, settings: Settings) -> Report:
    """Look at this machine."""
    fields = [await gpt.survey(kind) for kind in gpt.kinds]
    cures = dict.fromkeys(
        refusal.cure for found in fields for _, refusals in found.refused for refusal in refusals[:1] if refusal.cure
    )
    home = settings.data_dir
    while not home.exists():
        home = home.parent
    memory = psutil.virtual_memory()
    return Report(
        version=__version__,
        python=f"{platform.python_version()} ({sys.executable})",
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=os.cpu_count() or 1,
        memory_bytes=memory.total,
        free_memory_bytes=memory.available,
        free_disk_bytes=shutil.disk_usage(home).free,
        device=_device(),
        settings_file=f"{config_file()}" + ("" if config_file().exists() else " (not there: defaults)"),
        data_dir=str(settings.data_dir),
        controller=gpt.controller.name,
        backends=tuple(backend.name for backend in gpt.backends),
        extras={extra: tuple(p for p in packages if not _installed(p)) for extra, packages in EXTRAS.items()},
        programs={program: shutil.which(program) is not None for program in PROGRAMS},
        keys={key: bool(os.environ.get(key)) for key in KEYS},
        kinds=len(gpt.kinds),
        runnable={found.kind: found.options[0].model for found in fields if found.options},
        more=(*cures, f"for the other kinds: {NOTHING_RUNS_IT}"),
    )


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _device() -> str:
    if shutil.which("nvidia-smi"):
        return "CPU; an NVIDIA GPU is there, which nothing in this version uses"
    return "CPU"


def gibibytes(size_bytes: int) -> str:
    """Bytes for people."""
    return f"{size_bytes / 2**30:.1f} GiB"
