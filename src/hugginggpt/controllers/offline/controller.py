"""No LLM at all: plans by the words of the request, chooses what comes first, writes from templates."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

from hugginggpt.controllers.offline.writer import pieces
from hugginggpt.flow.answer import Usage
from hugginggpt.flow.artifact import TaskId
from hugginggpt.flow.choice import Choice, Option, RunnerUp
from hugginggpt.flow.kinds import Kinds
from hugginggpt.flow.plan import Task, faults
from hugginggpt.flow.request import Request
from hugginggpt.flow.run import Run
from hugginggpt.ports import Dropped, ReplyDelta

if TYPE_CHECKING:
    from hugginggpt.controllers.offline.planner import Draft

RUNNERS_UP = 3

_STATES = {
    "loaded": "it is loaded already",
    "ready": "it starts in a moment",
    "cold": "it must be fetched or woken first",
}


class OfflineController:
    """Plans, chooses and writes without a model, a key or a network. The same request always gets the same plan."""

    name = "offline"

    async def plan(
        self, request: Request, kinds: Kinds, *, run: Run | None = None
    ) -> AsyncGenerator[Task | Dropped | ReplyDelta | Usage, None]:
        """The tasks of the request, or a reply. With `run`, only those that are not in it yet."""
        # In a thread: the first plan loads the tables and the classifier, and none holds up the others.
        draft = await asyncio.to_thread(_draft, request, kinds)
        recorded = {task_id: record.task for task_id, record in run.tasks.items()} if run else {}
        if not draft.tasks:
            if not recorded:
                yield ReplyDelta(text=draft.reply, understood=draft.understood)
            return
        known: dict[TaskId, Task] = dict(recorded)
        for task in draft.tasks:
            if task.id not in known and not faults(task, known, kinds):
                known[task.id] = task
                yield task

    async def choose(
        self, request: Request, asks: Sequence[tuple[Task, Sequence[Option]]]
    ) -> AsyncGenerator[Choice | Usage, None]:
        """The first option of each task: they come best first."""
        for task, options in asks:
            first, *others = options
            yield Choice(
                task=task.id,
                model=first.model,
                backend=first.backend,
                reason=_reason(first, len(options)),
                runners_up=tuple(
                    RunnerUp(model=option.model, backend=option.backend) for option in others[:RUNNERS_UP]
                ),
            )

    async def write(self, run: Run) -> AsyncGenerator[str | Usage, None]:
        """What was understood, what was made by whom, what failed and what to do about it."""
        for piece in pieces(run):
            yield piece

    async def aclose(self) -> None:
        """Nothing is held."""


def _draft(request: Request, kinds: Kinds) -> "Draft":
    # Here, not above: its tables take a tenth of a second to compile, and nobody needs them before the first plan.
    from hugginggpt.controllers.offline.planner import draft

    return draft(request, kinds)


def _reason(option: Option, count: int) -> str:
    card = " ".join(option.candidate.summary.split())
    card = card if len(card) <= 160 else f"{card[:157]}..."
    which = "the only model that can run here" if count == 1 else f"ranked first of {count} models that can run here"
    price = "" if option.offer.price_usd is None else f", for about ${option.offer.price_usd:.4f}"
    return f'{which[0].upper()}{which[1:]}; {_STATES[option.offer.state]}{price}; its card says: "{card}"'
