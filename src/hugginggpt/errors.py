"""What can go wrong, as one tree; every error says what was wanted, what was got, and what to do.

HuggingGPTError
├── UsageError          the caller asked for something that cannot be asked for
│   ├── SettingsError       a settings file or an environment variable
│   ├── InputError          a file, a URL or a text that cannot be used
│   │   ├── TooLarge            past a cap on bytes, pixels, seconds or characters
│   │   └── BlockedAddress      a URL that leads somewhere a stranger must not send us
│   ├── UnknownKind         no such kind of task
│   └── UnknownModel        no such model for that kind
├── ControllerError     the controller could not plan, choose or write
├── NothingRuns         no model for a task can run here
├── BackendError        an expert failed
│   ├── ExpertCrashed       its process died
│   ├── DeadlinePassed      it was stopped at its deadline
│   └── InputRefused        it cannot work on this input; another expert may
├── StoreError          events or bytes could not be kept or found
│   ├── Conflict            somebody else holds the run, or wrote first
│   ├── NotFound            no such run or blob
│   └── StorageFull         the disk is full
└── RunError            a run that ended without an answer
"""

from typing import ClassVar


class HuggingGPTError(Exception):
    """The root: `code` for programs, `cure` for people, `retryable` for the engine."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}; {self.cure}" if self.cure else self.message


class UsageError(HuggingGPTError):
    """The caller asked for something that cannot be asked for."""

    code = "usage"


class SettingsError(UsageError):
    """A settings file or an environment variable cannot be used."""

    code = "settings"


class InputError(UsageError):
    """A file, a URL or a text cannot be used."""

    code = "input"


class TooLarge(InputError):
    """Past a cap on bytes, pixels, seconds or characters."""

    code = "too-large"


class BlockedAddress(InputError):
    """A URL leads somewhere that a stranger must not send us."""

    code = "blocked-address"


class UnknownKind(UsageError):
    """No such kind of task."""

    code = "unknown-kind"


class UnknownModel(UsageError):
    """No such model for that kind."""

    code = "unknown-model"


class ControllerError(HuggingGPTError):
    """The controller could not plan, choose or write."""

    code = "controller"


class NothingRuns(HuggingGPTError):
    """No model for a task can run here; `cure` says what would change that."""

    code = "no-model"


class BackendError(HuggingGPTError):
    """An expert failed; the runner-up is tried next."""

    code = "backend"


class ExpertCrashed(BackendError):
    """The expert's process died."""

    code = "crashed"
    retryable = True


class DeadlinePassed(BackendError):
    """The expert was stopped at its deadline."""

    code = "deadline"
    retryable = True


class InputRefused(BackendError):
    """The expert cannot work on this input; another one may."""

    code = "refused"


class StoreError(HuggingGPTError):
    """Events or bytes could not be kept or found."""

    code = "store"


class Conflict(StoreError):
    """Somebody else holds the run, or wrote at that place first."""

    code = "conflict"


class NotFound(StoreError):
    """No such run or blob."""

    code = "not-found"


class StorageFull(StoreError):
    """The disk is full; nothing that was stored is lost."""

    code = "storage-full"


class RunError(HuggingGPTError):
    """A run ended without an answer: it failed or was cancelled. `run_code` is the event's code."""

    code = "run"

    def __init__(self, message: str, *, cure: str = "", run_code: str = "") -> None:
        super().__init__(message, cure=cure)
        self.run_code = run_code
