"""Who could do a task here and now, best first; and who does it, chosen ahead of the task."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from hugginggpt.errors import HuggingGPTError, NothingRuns, UnknownKind, UnknownModel
from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import ModelId, TaskId
from hugginggpt.flow.choice import Candidate, Choice, Option, Refusal, RunnerUp
from hugginggpt.flow.kinds import Kind, Kinds, Signature
from hugginggpt.flow.plan import Task
from hugginggpt.flow.request import Request
from hugginggpt.ports import Backend, Catalog, Controller

_STATES = ("loaded", "ready", "cold")
_RUNNERS_UP = 3

NOTHING_RUNS_IT = (
    "set `backends` in the settings to one of yours that does (docs/backends.md); "
    "the Hub's models, with HF_TOKEN or hugginggpt[local], come with a later version"
)
"""The cure where no model for a kind is known here at all."""


@dataclass(frozen=True, slots=True)
class Survey:
    """All models known for a kind: those that can run here, best first, and why the others cannot."""

    kind: Kind
    options: tuple[Option, ...]
    refused: tuple[tuple[Candidate, tuple[Refusal, ...]], ...]

    @property
    def cure(self) -> str:
        """What would make something run this kind."""
        cures = dict.fromkeys(r.cure for _, refusals in self.refused for r in refusals if r.cure)
        return " or ".join(cures) or NOTHING_RUNS_IT

    @property
    def why_none(self) -> str:
        """Why nothing runs this kind here."""
        reasons = [f"{c.id} {refusals[0].reason}" for c, refusals in self.refused if refusals]
        return f"no backend here runs {self.kind!r}" + (f": {'; '.join(reasons)}" if reasons else "")


async def survey(kind: Kind, catalog: Catalog, backends: Sequence[Backend], *, limit: int = 30) -> Survey:
    """Ask the catalog who there is, and each backend whom it can run."""
    options: list[Option] = []
    refused: list[tuple[Candidate, tuple[Refusal, ...]]] = []
    for candidate in await catalog.search(kind, limit=limit):
        refusals: list[Refusal] = []
        for backend in backends:
            match backend.offer(candidate):
                case Refusal() as refusal:
                    refusals.append(refusal)
                case offer:
                    options.append(Option(candidate=candidate, backend=backend.name, offer=offer))
        if len(refusals) == len(backends):
            # The most useful reason first: one with a cure.
            refused.append((candidate, tuple(sorted(refusals, key=lambda refusal: not refusal.cure))))
    # Stable: among equals the catalog's order, which is deliberate, decides.
    options.sort(key=lambda option: _STATES.index(option.offer.state))
    return Survey(kind, tuple(options), tuple(refused))


def known_kind(name: str, kinds: Kinds) -> Signature:
    """The kind that a person names.

    Raises:
        UnknownKind: there is none; it says which are like it.
    """
    if signature := kinds.find(name):
        return signature
    near = ", ".join(map(repr, kinds.like(name)))
    cure = f"did you mean {near}?" if near else "`hugginggpt kinds` lists them"
    raise UnknownKind(f"{name!r} is no kind of task", cure=cure)


async def fixed_models(models: Mapping[str, str], kinds: Kinds, catalog: Catalog) -> dict[str, ModelId]:
    """The models that a caller fixed, by the kind's own name.

    Raises:
        UnknownKind: a name is no kind.
        UnknownModel: the catalog has no such model for that kind.
    """
    fixed: dict[str, ModelId] = {}
    for name, model in models.items():
        signature = known_kind(name, kinds)
        known = [candidate.id for candidate in await catalog.search(signature.kind, limit=1000)]
        if model not in known:
            listed = ", ".join(map(repr, known[:5])) or "no model at all"
            raise UnknownModel(f"there is no model {model!r} for {signature.kind!r}", cure=f"known here: {listed}")
        fixed[signature.kind] = ModelId(model)
    return fixed


class Chooser:
    """Makes choices ahead of the tasks that need them.

    A choice leaves at once; tasks that are asked for while one is in flight share the next call of the controller.
    """

    def __init__(
        self,
        request: Request,
        controller: Controller,
        survey: Callable[[Kind], Awaitable[Survey]],
        fixed: Mapping[str, ModelId],
        used: Callable[[Usage], None],
    ) -> None:
        self._request = request
        self._controller = controller
        self._survey = survey
        self._fixed = fixed
        self._used = used
        self._asked: list[tuple[Task, asyncio.Future[Choice]]] = []
        self._more = asyncio.Event()

    def ask(self, task: Task) -> "asyncio.Future[Choice]":
        """Who does this task. The future raises `NothingRuns` if nobody can."""
        future: asyncio.Future[Choice] = asyncio.get_running_loop().create_future()
        # Whoever asked may be cancelled before it looks; its exception is then nobody's.
        future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._asked.append((task, future))
        self._more.set()
        return future

    async def serve(self) -> None:
        """Answer what is asked until cancelled."""
        while True:
            await self._more.wait()
            self._more.clear()
            asked, self._asked = self._asked, []
            try:
                await self._answer(asked)
            except Exception as error:
                for _, future in asked:
                    if not future.done():
                        future.set_exception(error)

    async def _answer(self, asked: Sequence[tuple[Task, "asyncio.Future[Choice]"]]) -> None:
        asks: list[tuple[Task, Sequence[Option]]] = []
        waiting: dict[TaskId, asyncio.Future[Choice]] = {}
        for task, future in asked:
            if future.cancelled():
                continue
            found = await self._survey(task.kind)
            options: Sequence[Option] = found.options
            if model := self._fixed.get(task.kind):
                options = [option for option in options if option.model == model]
                if options:
                    future.set_result(_choice(task, options[:1], f"{model} was asked for"))
                else:
                    refusals = next((refusals for c, refusals in found.refused if c.id == model), ())
                    reason = "; ".join(refusal.reason for refusal in refusals[:1])
                    cure = next((refusal.cure for refusal in refusals if refusal.cure), "")
                    future.set_exception(
                        NothingRuns(f"{model!r} was asked for, but {reason or 'cannot run here'}", cure=cure)
                    )
            elif not options:
                future.set_exception(NothingRuns(found.why_none, cure=found.cure))
            else:
                asks.append((task, options))
                waiting[task.id] = future
        if not asks:
            return
        offered = {task.id: (task, options) for task, options in asks}
        why = "the best ranked of those that run here"
        try:
            async with contextlib.aclosing(self._controller.choose(self._request, asks)) as choices:
                async for choice in choices:
                    if isinstance(choice, Usage):
                        self._used(choice)
                    elif choice.task in waiting:
                        _settle(waiting.pop(choice.task), _checked(choice, *offered[choice.task]))
        except HuggingGPTError as error:
            why += f"; the controller could not choose: {error.message}"
        for task_id, future in waiting.items():
            task, options = offered[task_id]
            _settle(future, _choice(task, options, why))


def _settle(future: "asyncio.Future[Choice]", choice: Choice) -> None:
    if not future.done():
        future.set_result(choice)


def _choice(task: Task, options: Sequence[Option], reason: str) -> Choice:
    first, *others = options
    runners_up = tuple(RunnerUp(model=option.model, backend=option.backend) for option in others[:_RUNNERS_UP])
    return Choice(task=task.id, model=first.model, backend=first.backend, reason=reason, runners_up=runners_up)


def _checked(choice: Choice, task: Task, options: Sequence[Option]) -> Choice:
    """A controller's choice if it is one of the options, else the best ranked, saying why."""
    offered = {(option.model, option.backend) for option in options}
    if (choice.model, choice.backend) not in offered:
        return _choice(task, options, f"the best ranked; the controller named {choice.model!r}, which was not offered")
    runners_up = tuple(
        r for r in choice.runners_up if (r.model, r.backend) in offered - {(choice.model, choice.backend)}
    )
    return choice.model_copy(update={"runners_up": runners_up})


def next_choice(choice: Choice, failed: str) -> Choice | None:
    """The choice after the chosen one failed; None if nobody is left."""
    if not choice.runners_up:
        return None
    first, *others = choice.runners_up
    return choice.model_copy(
        update={
            "model": first.model,
            "backend": first.backend,
            "reason": f"next in line: {choice.model} failed ({failed})",
            "runners_up": tuple(others),
        }
    )
