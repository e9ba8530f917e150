"""What all tests share."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the user's settings or runs, and none leaves anything there."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("HUGGINGGPT_") and name != "HUGGINGGPT_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUGGINGGPT_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with labelled planning data and real samples; tests that need it are skipped where it is not."""
    folder = Path(os.environ.get("HUGGINGGPT_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared data is not here: set HUGGINGGPT_SHARED")
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("a small disk can be mounted only by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
