"""Small CPU experts that work right after install: no key, no network, no download.

Adding one is adding a function `(job) -> parts` in this folder, a row to `ENTRIES`, and a card to the snapshot catalog.
"""

import importlib.util
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hugginggpt.backends.worker import Workers
from hugginggpt.flow.artifact import ModelId, Part
from hugginggpt.flow.choice import Candidate, Offer, Refusal
from hugginggpt.ports import Call

_EXTRA = "pip install 'hugginggpt[builtin]'"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an expert's function is, and what it needs on this machine."""

    function: str
    """`module:function`."""
    packages: tuple[str, ...] = ()
    """All of these must be installed, named as they are imported."""
    programs: tuple[str, ...] = ()
    """One of these must be on the PATH."""
    cure: str = _EXTRA
    """What to do where something is missing."""


_HERE = "hugginggpt.backends.builtin"

ENTRIES: Mapping[ModelId, Entry] = {
    ModelId(model): entry
    for model, entry in {
        "builtin/rapidocr": Entry(f"{_HERE}.ocr:read_text", packages=("rapidocr", "onnxruntime", "cv2")),
        "builtin/page-answers": Entry(f"{_HERE}.documents:answer", packages=("rapidocr", "onnxruntime", "cv2")),
        "builtin/passage-answers": Entry(f"{_HERE}.answers:answer"),
        "builtin/vader": Entry(f"{_HERE}.sentiment:classify", packages=("vaderSentiment",)),
        "builtin/textrank": Entry(f"{_HERE}.summary:textrank"),
        "builtin/lead": Entry(f"{_HERE}.summary:lead"),
        "builtin/canny": Entry(f"{_HERE}.edges:canny", packages=("cv2",)),
        "builtin/scharr-edges": Entry(f"{_HERE}.edges:scharr", packages=("cv2",)),
        "builtin/pocketsphinx": Entry(f"{_HERE}.recognition:transcribe", packages=("pocketsphinx", "soxr")),
        "builtin/flite": Entry(f"{_HERE}.speech:flite", programs=("flite",), cure="apt install flite"),
        "builtin/espeak-ng": Entry(
            f"{_HERE}.speech:espeak_ng", programs=("espeak-ng", "espeak"), cure="apt install espeak-ng"
        ),
        "builtin/espeak-ng-loader": Entry(
            f"{_HERE}.speech:espeak_ng_loader",
            packages=("espeakng_loader",),
            cure="pip install 'hugginggpt[voice]'",
        ),
    }.items()
}


class BuiltinBackend:
    """Runs the experts of `ENTRIES` in worker processes."""

    name = "builtin"

    def __init__(self, workers: Workers | None = None, entries: Mapping[ModelId, Entry] = ENTRIES) -> None:
        self._workers = workers or Workers()
        self._entries = entries
        self._refusals = self._look()

    def offer(self, candidate: Candidate) -> Offer | Refusal:
        """Ready if all that the expert needs was there at the last look."""
        if candidate.id not in self._entries:
            return Refusal(reason=f"{candidate.id!r} is not a builtin expert")
        return self._refusals.get(candidate.id) or Offer(state="ready")

    async def refresh(self) -> None:
        """Look again at what is installed."""
        self._refusals = self._look()

    async def prepare(self, candidate: Candidate) -> None:
        """Load an expert in a spare process, without waiting for it."""
        self._workers.prepare(self._entries[candidate.id].function)

    async def run(self, call: Call) -> Sequence[Part]:
        """The parts that the expert makes.

        Raises:
            BackendError: it failed, refused its input, or its process died.
        """
        return await self._workers.run(self._entries[call.candidate.id].function, call)

    async def aclose(self) -> None:
        """Kill the worker processes."""
        await self._workers.aclose()

    def _look(self) -> dict[ModelId, Refusal]:
        refusals = {}
        for model, entry in self._entries.items():
            missing = [f"the package {name!r}" for name in entry.packages if importlib.util.find_spec(name) is None]
            if entry.programs and not any(map(shutil.which, entry.programs)):
                missing.append(f"the program {' or '.join(map(repr, entry.programs))}")
            if missing:
                refusals[model] = Refusal(reason=f"needs {' and '.join(missing)}", cure=entry.cure)
        return refusals
