"""The snapshot catalog: what ships, what users add, and what happens to a row that cannot be read."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

from hugginggpt.backends.builtin import ENTRIES
from hugginggpt.catalogs.snapshot import SnapshotCatalog
from hugginggpt.errors import SettingsError
from hugginggpt.flow.artifact import ModelId
from hugginggpt.flow.choice import Candidate
from hugginggpt.flow.kinds import Kind, builtin_kinds

ROW = {
    "id": "mine/first",
    "kind": "summarization",
    "summary": "Makes it short.",
    "source": "https://example.org/first",
    "as_of": "2026-01-31",
}


def written(folder: Path, *rows: object, name: str = "mine.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


async def shipped() -> list[Candidate]:
    catalog = SnapshotCatalog()
    return [card for kind in builtin_kinds() for card in await catalog.search(kind, limit=1000)]


async def test_every_builtin_expert_has_one_card_and_every_builtin_card_an_expert() -> None:
    cards = Counter(card.id for card in await shipped() if card.id.startswith("builtin/"))
    assert cards == Counter({model: 1 for model in ENTRIES})


async def test_every_card_says_what_it_is_where_that_can_be_checked_and_since_when() -> None:
    for card in await shipped():
        assert card.summary.endswith(".") and card.source and card.as_of <= dt.date.today(), card.id
        assert card.source.startswith("https://") or Path(card.source.removeprefix("hugginggpt: ")).suffix == ".py", (
            card.id
        )


async def test_a_source_in_this_repository_is_there() -> None:
    root = Path(__file__).parent.parent
    ours = [
        card.source.removeprefix("hugginggpt: ") for card in await shipped() if card.source.startswith("hugginggpt: ")
    ]
    assert ours and all((root / path).is_file() for path in ours)


async def test_a_builtin_card_has_its_limits_and_its_licence_and_no_guessed_figure() -> None:
    for card in await shipped():
        if card.id.startswith("builtin/"):
            assert card.limits and card.licence, card.id
            figures = (card.downloads, card.likes, card.parameters, card.size_bytes, card.gated)
            assert figures == (None,) * 5, card.id


async def test_at_least_two_kinds_have_two_experts_so_that_there_is_a_choice() -> None:
    kinds = Counter(card.kind for card in await shipped())
    assert {kind for kind, count in kinds.items() if count >= 2} >= {"summarization", "canny-control", "text-to-speech"}


async def test_the_order_of_the_file_is_the_ranking() -> None:
    voices = await SnapshotCatalog().search(Kind("text-to-speech"))
    assert [card.id for card in voices] == ["builtin/flite", "builtin/espeak-ng", "builtin/espeak-ng-loader"]


async def test_a_limit_cuts_and_a_text_filters() -> None:
    catalog = SnapshotCatalog()
    assert [card.id for card in await catalog.search(Kind("text-to-speech"), limit=1)] == ["builtin/flite"]
    found = await catalog.search(Kind("text-to-speech"), text="ESPEAK pip")
    assert [card.id for card in found] == ["builtin/espeak-ng-loader"]
    assert await catalog.search(Kind("text-to-speech"), text="opera") == []
    assert await catalog.search(Kind("text-to-video")) == []


async def test_a_model_is_found_by_its_id() -> None:
    catalog = SnapshotCatalog()
    assert [card.kind for card in catalog.get(ModelId("builtin/vader"))] == ["text-classification"]
    assert catalog.get(ModelId("builtin/nobody")) == []


async def test_the_users_rows_come_after_the_shipped_ones(tmp_path: Path) -> None:
    mine = written(tmp_path, "# my models\n", "\n", ROW, {**ROW, "id": "mine/second"})
    found = await SnapshotCatalog(mine).search(Kind("summarization"))
    assert [card.id for card in found] == ["builtin/textrank", "builtin/lead", "mine/first", "mine/second"]


async def test_a_users_row_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    mine = written(tmp_path, {**ROW, "id": "builtin/textrank", "summary": "Mine."})
    found = await SnapshotCatalog(mine).search(Kind("summarization"))
    assert [(card.id, card.summary) for card in found][0] == ("builtin/textrank", "Mine.")


async def test_without_the_shipped_rows_only_the_users_remain(tmp_path: Path) -> None:
    catalog = SnapshotCatalog(written(tmp_path, ROW), shipped=False)
    assert [card.id for card in await catalog.search(Kind("summarization"))] == ["mine/first"]


async def test_the_files_are_read_once(tmp_path: Path) -> None:
    mine = written(tmp_path, ROW)
    catalog = SnapshotCatalog(mine)
    before = await catalog.search(Kind("summarization"))
    mine.unlink()
    assert await catalog.search(Kind("summarization")) == before


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in ROW.items() if key != name}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("{'id': 1}\n", "no JSON"),
        ("[1, 2]\n", "wanted a JSON object, got list"),
        (without("source"), "source: Field required"),
        (without("as_of"), "as_of: Field required"),
        ({**ROW, "as_of": "last week"}, "as_of: "),
        ({**ROW, "downloads": "many"}, "downloads: "),
        ({**ROW, "stars": 5}, "no field 'stars'"),
    ],
)
async def test_a_broken_row_is_named_by_file_and_line(tmp_path: Path, row: object, wrong: str) -> None:
    mine = written(tmp_path, ROW, row)
    with pytest.raises(SettingsError) as raised:
        await SnapshotCatalog(mine).search(Kind("summarization"))
    assert f"{mine}, line 2: " in raised.value.message and wrong in raised.value.message
    assert raised.value.cure


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff\xfe\x00")]
)
async def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, make: object) -> None:
    path = tmp_path / "cards.jsonl"
    make(path)  # type: ignore[operator]
    with pytest.raises(SettingsError, match=r"cards\.jsonl' cannot be read: "):
        await SnapshotCatalog(path).search(Kind("summarization"))
