"""Settings, the only reader of environment and files, and `build()`, which turns names into objects.

Each value comes from the first of: the caller, an environment variable (`HUGGINGGPT_DATA_DIR`, `HUGGINGGPT_LIMITS__TASKS`), the
settings file (`HUGGINGGPT_CONFIG`, else `config.yaml` in the user's configuration folder), the default.
"""

import difflib
import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import platformdirs
import yaml
from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from hugginggpt.engine import HuggingGPT
from hugginggpt.errors import HuggingGPTError, SettingsError
from hugginggpt.flow.artifact import Frozen, ModelId
from hugginggpt.media import Caps
from hugginggpt.ports import Backend, Controller
from hugginggpt.working import Limits

CONTROLLERS = {"offline": "hugginggpt.controllers.offline.controller:OfflineController"}
BACKENDS = {"builtin": "hugginggpt.backends.builtin:BuiltinBackend"}
"""Short names. Anything else is named as `module:Class`; the class is called without arguments."""

CONFIG_VARIABLE = "HUGGINGGPT_CONFIG"
NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "HUGGINGGPT_SHARED"})
"""Variables of our prefix that are none of `Settings`; the second is the tests'."""


def _folder_or_file(path: Path) -> Path:
    if not str(path).strip() or path == Path():
        raise ValueError("a path must not be empty")
    return path.expanduser()


UserPath = Annotated[Path, AfterValidator(_folder_or_file)]
"""A path as people write it: `~` is their home."""


class WorkerSettings(Frozen):
    """The processes that the builtin experts run in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most: int | None = Field(default=None, ge=1, le=64)
    """How many at once; by default one for each core, from 2 to 4."""
    idle_s: float = Field(default=60.0, gt=0)
    """How long one may sit idle before it is ended."""


class Settings(BaseSettings):
    """All that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="HUGGINGGPT_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    controller: str = "offline"
    """Who plans, chooses and writes: `offline`, or `module:Class`."""
    fallback: str | None = None
    """Who writes the answer when the controller cannot."""
    backends: tuple[str, ...] = ("builtin",)
    """Where models run: `builtin`, or `module:Class`."""
    catalogs: tuple[UserPath, ...] = ()
    """Your own models: JSON Lines files of the snapshot catalog's form."""
    data_dir: UserPath = Field(default_factory=lambda: platformdirs.user_data_path("hugginggpt"))
    """Where runs and files are kept."""
    limits: Limits = Limits()
    caps: Caps = Caps()
    allow_hosts: frozenset[str] = frozenset()
    """Private hosts that a URL in a request may lead to, as `host:port`."""
    workers: WorkerSettings = WorkerSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Caller, environment, file."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _read(config_file()))


def config_file() -> Path:
    """Where the settings file is, or would be."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("hugginggpt") / "config.yaml"


def load(**values: Any) -> Settings:
    """The settings, with what the caller says on top.

    Raises:
        SettingsError: a file or a variable cannot be used; says which, where in it, and what to do.
    """
    known = [f"HUGGINGGPT_{name.upper()}" for name in Settings.model_fields]
    for variable in os.environ:
        if variable.startswith("HUGGINGGPT_") and variable not in NOT_SETTINGS:
            top = variable.partition("__")[0]
            if top.upper() not in known:
                near = difflib.get_close_matches(top, known, n=1)
                cure = f"did you mean {near[0]}?" if near else "unset it, or see docs/settings.md"
                raise SettingsError(f"the variable {variable} is no setting", cure=cure)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        message = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise SettingsError(f"{_origin(place)}: {place!r}: {message}", cure=_near(place)) from None
    except HuggingGPTError:
        raise
    except ValueError as error:  # pydantic-settings: an environment variable that should hold JSON does not
        raise SettingsError(f"the environment: {error}", cure="write lists and tables there as JSON") from None


def build(settings: Settings | None = None, **values: Any) -> HuggingGPT:
    """The engine that settings describe; `values` are settings said by the caller, such as `data_dir=...`.

    Use it as `async with hugginggpt.build() as gpt: ...`.

    Raises:
        SettingsError: a setting cannot be used.
    """
    if settings and values:
        raise TypeError("build() takes settings, or values to load them with, but not both")
    settings = settings or load(**values)
    # Imported here: `hugginggpt --help` needs none of them.
    from hugginggpt.backends.builtin import BuiltinBackend
    from hugginggpt.backends.worker import Workers
    from hugginggpt.catalogs.snapshot import SnapshotCatalog
    from hugginggpt.fetch import FetchCaps, Fetcher
    from hugginggpt.stores.blobs import DiskBlobs
    from hugginggpt.stores.sqlite import SqliteStore, this_holder

    workers = Workers(most=settings.workers.most, idle_s=settings.workers.idle_s, caps=settings.caps)
    catalog = SnapshotCatalog(*settings.catalogs)
    catalog.get(ModelId(""))  # reads the files: a broken one is an error now and not in the middle of a run
    return HuggingGPT(
        controller=_adapter(settings.controller, CONTROLLERS, "controller", Controller),
        fallback=_adapter(settings.fallback, CONTROLLERS, "fallback", Controller) if settings.fallback else None,
        catalog=catalog,
        backends=[
            BuiltinBackend(workers) if name == "builtin" else _adapter(name, BACKENDS, "backends", Backend)
            for name in settings.backends
        ],
        store=SqliteStore(settings.data_dir / "runs.sqlite"),
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        limits=settings.limits,
        caps=settings.caps,
        fetcher=Fetcher(caps=FetchCaps(size_bytes=settings.caps.size_bytes), allow_hosts=settings.allow_hosts),
        holder=this_holder(),
    )


def _adapter(name: str, known: dict[str, str], setting: str, port: type) -> Any:
    """An object of the class that a setting names."""
    module, colon, attribute = known.get(name, name).partition(":")
    listed = ", ".join(map(repr, known))
    if not colon:
        raise SettingsError(f"{setting}: there is no {name!r}", cure=f"use {listed}, or name a class as 'module:Class'")
    try:
        made = getattr(importlib.import_module(module), attribute)()
    except Exception as error:  # whatever somebody's module raises when it is imported or called
        reason = f"{type(error).__name__}: {error}"
        raise SettingsError(
            f"{setting}: {name!r} cannot be loaded: {reason}", cure=f"use {listed}, or mend it"
        ) from error
    if missing := [each for each in vars(port) if not each.startswith("_") and not hasattr(made, each)]:
        raise SettingsError(f"{setting}: {name!r} has no {missing[0]!r}", cure=f"see hugginggpt.ports.{port.__name__}")
    return made


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.exists() and not file.is_file():
            raise SettingsError(f"{file} is no file", cure="it must be a YAML file")
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if os.environ.get(CONFIG_VARIABLE):
            raise SettingsError(
                f"{CONFIG_VARIABLE} names {str(file)!r}, which is not there", cure="write it, or unset the variable"
            ) from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}", cure="it must be a YAML file in UTF-8") from None
    try:
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        tab = "use spaces, not tabs" if "\t" in text else "mend it, or remove the file to go by the defaults"
        raise SettingsError(f"{file}, line {line}: {error.problem or 'this is no YAML'}", cure=tab) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = "" if isinstance(error, RecursionError) else f" ({error})"
        cure = "mend it, or remove the file to go by the defaults"
        raise SettingsError(f"{file}: this is no YAML{reason}", cure=cure) from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise SettingsError(
            f"{file}: it must hold `name: value` lines, not {type(values).__name__}", cure="see docs/settings.md"
        )
    return values


def _origin(place: str) -> str:
    """Where a bad value came from, as far as a person needs it."""
    variable = "HUGGINGGPT_" + place.upper().replace(".", "__")
    if any(
        name == variable or variable.startswith(name + "__") for name in os.environ if name.startswith("HUGGINGGPT_")
    ):
        return f"the variable {variable}"
    file = config_file()
    return _at_line(file, place) if file.exists() else "the settings"


def _at_line(file: Path, place: str) -> str:
    key = place.rsplit(".", maxsplit=1)[-1]
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip().startswith(f"{key}:"):
            return f"{file}, line {number}"
    return str(file)


def _near(place: str) -> str:
    *parents, key = place.split(".")
    model: Any = Settings
    for parent in parents:
        field = model.model_fields.get(parent) if hasattr(model, "model_fields") else None
        model = field.annotation if field else None
    names: Iterable[str] = getattr(model, "model_fields", {}) if model else ()
    if near := difflib.get_close_matches(key, names, n=1):
        return f"did you mean {near[0]!r}?" if near[0] != key else "see docs/settings.md"
    return "see docs/settings.md"
