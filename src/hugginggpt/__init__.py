"""HuggingGPT: a language model plans, the models of the Hugging Face ecosystem do the work.

    async with hugginggpt.build() as gpt:
        answer = await gpt.run("What is the total on this receipt?", files=["receipt.png"])
        print(answer.text)

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hugginggpt.engine import HuggingGPT, Planned
    from hugginggpt.errors import (
        BackendError,
        ControllerError,
        HuggingGPTError,
        InputError,
        NothingRuns,
        RunError,
        SettingsError,
        StoreError,
        UsageError,
    )
    from hugginggpt.flow.answer import Answer, Usage
    from hugginggpt.flow.artifact import Artifact, Audio, Blob, Data, Document, Failure, Image, Part, Table, Text, Video
    from hugginggpt.flow.choice import Candidate, Choice
    from hugginggpt.flow.event import EVENT, Event
    from hugginggpt.flow.kinds import Kind, Kinds, Signature, builtin_kinds
    from hugginggpt.flow.plan import Plan, Ref, Task
    from hugginggpt.flow.request import Request, Turn
    from hugginggpt.flow.run import Run
    from hugginggpt.settings import Settings, build, load
    from hugginggpt.working import Limits

_HOMES = {
    "engine": "HuggingGPT Planned",
    "errors": "BackendError ControllerError HuggingGPTError InputError NothingRuns RunError SettingsError StoreError UsageError",
    "flow.answer": "Answer Usage",
    "flow.artifact": "Artifact Audio Blob Data Document Failure Image Part Table Text Video",
    "flow.choice": "Candidate Choice",
    "flow.event": "EVENT Event",
    "flow.kinds": "Kind Kinds Signature builtin_kinds",
    "flow.plan": "Plan Ref Task",
    "flow.request": "Request Turn",
    "flow.run": "Run",
    "settings": "Settings build load",
    "working": "Limits",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "EVENT",
    "Answer",
    "Artifact",
    "Audio",
    "BackendError",
    "Blob",
    "Candidate",
    "Choice",
    "ControllerError",
    "Data",
    "Document",
    "Event",
    "Failure",
    "HuggingGPT",
    "HuggingGPTError",
    "Image",
    "InputError",
    "Kind",
    "Kinds",
    "Limits",
    "NothingRuns",
    "Part",
    "Plan",
    "Planned",
    "Ref",
    "Request",
    "Run",
    "RunError",
    "Settings",
    "SettingsError",
    "Signature",
    "StoreError",
    "Table",
    "Task",
    "Text",
    "Turn",
    "Usage",
    "UsageError",
    "Video",
    "__version__",
    "build",
    "builtin_kinds",
    "load",
]


def __getattr__(name: str) -> Any:
    """A public name, from its home."""
    if name not in _HOME:
        raise AttributeError(f"module 'hugginggpt' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"hugginggpt.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    """All public names."""
    return __all__
