"""The builtin backend under the engine: real worker processes, real crashes, the runner-up."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from hugginggpt.backends.builtin import ENTRIES, BuiltinBackend, Entry
from hugginggpt.backends.worker import Workers
from hugginggpt.catalogs.snapshot import SnapshotCatalog
from hugginggpt.engine import HuggingGPT
from hugginggpt.flow.artifact import ModelId, TaskId, Text
from hugginggpt.flow.choice import Offer, Refusal
from hugginggpt.flow.event import AnswerReady, ModelChosen
from hugginggpt.flow.kinds import Kind
from hugginggpt.flow.plan import Plan, Task
from hugginggpt.ports import Call
from hugginggpt.stores.blobs import DiskBlobs
from hugginggpt.stores.sqlite import SqliteStore
from hugginggpt.testing import ListCatalog, PlannedController, candidate, check_backend
from hugginggpt.working import Limits

MODELS = {
    ModelId(f"test/{name}"): Entry(f"tests.stand_in_experts:{name}")
    for name in ("hang", "abort", "kill_itself", "refuse", "shout")
}


def one_task(text: str = "hello") -> Plan:
    inputs = {"text": (Text(text=text),)}
    return Plan(tasks=(Task(id=TaskId("t"), kind=Kind("text-generation"), inputs=inputs),))


@pytest.fixture
async def gpt(tmp_path: Path) -> AsyncIterator[HuggingGPT]:
    async with HuggingGPT(
        controller=PlannedController(),
        catalog=ListCatalog([candidate(model, "text-generation") for model in MODELS]),
        backends=[BuiltinBackend(Workers(most=2), MODELS)],
        store=SqliteStore(":memory:"),
        blobs=DiskBlobs(tmp_path / "blobs"),
        limits=Limits(task_deadline_s=1.5),
    ) as gpt:
        yield gpt


async def test_an_expert_that_never_returns_is_killed_at_its_deadline_and_the_next_request_works(
    gpt: HuggingGPT,
) -> None:
    started = time.monotonic()
    answer = await gpt.run("x", plan=one_task(), models={"text-generation": "test/hang"})
    assert time.monotonic() - started < 2.5
    assert [failure.code for failure in answer.failures] == ["deadline"]
    assert psutil.Process().children() == []  # killed, not left behind
    answer = await gpt.run("x", plan=one_task(), models={"text-generation": "test/shout"})
    assert answer.artifacts[0].text == "HELLO"


async def test_after_hangs_crashes_and_refusals_the_last_in_line_answers(gpt: HuggingGPT) -> None:
    events = [event async for event in gpt.stream("x", plan=one_task())]
    chosen = [event.choice for event in events if isinstance(event, ModelChosen)]
    assert [choice.model for choice in chosen] == list(MODELS)
    for choice, why in zip(chosen[1:], ("deadline", "SIGABRT", "SIGKILL", "this is not for me"), strict=True):
        assert why in choice.reason
    assert isinstance(events[-1], AnswerReady) and events[-1].answer.artifacts[0].text == "HELLO"


async def test_the_backend_keeps_what_every_backend_promises(tmp_path: Path) -> None:
    call = Call(
        candidate=candidate("builtin/lead", "summarization"),
        inputs={"text": [Text(text="One bridge stands. Two bridges stood. Three will stand.")]},
        deadline_s=20,
        blobs=DiskBlobs(tmp_path / "blobs"),
        report=lambda said: None,
    )
    await check_backend(lambda: BuiltinBackend(Workers(most=1)), call)


def test_every_entry_has_a_card_and_every_card_an_entry_that_can_be_found() -> None:
    from importlib import import_module

    catalog = SnapshotCatalog()
    for model, entry in ENTRIES.items():
        (card,) = catalog.get(model)
        assert card.id == model
        module, _, function = entry.function.partition(":")
        assert callable(getattr(import_module(module), function))


def test_what_is_missing_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    entries = {
        ModelId("a/speaks"): Entry("x:y", programs=("flite", "espeak"), cure="apt install flite"),
        ModelId("a/sees"): Entry("x:y", packages=("numpy", "no_such_package")),
        ModelId("a/thinks"): Entry("x:y"),
    }
    backend = BuiltinBackend(Workers(), entries)
    assert backend.offer(candidate("a/speaks", "text-to-speech")) == Refusal(
        reason="needs the program 'flite' or 'espeak'", cure="apt install flite"
    )
    assert backend.offer(candidate("a/sees", "image-to-text")) == Refusal(
        reason="needs the package 'no_such_package'", cure="pip install 'hugginggpt[builtin]'"
    )
    assert backend.offer(candidate("a/thinks", "text-generation")) == Offer(state="ready")
    assert isinstance(backend.offer(candidate("a/stranger", "text-generation")), Refusal)
