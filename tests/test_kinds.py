"""Every name of a task that people know resolves to a kind."""

import pytest

from hugginggpt.flow.kinds import ALIASES, Kind, Kinds, Slot, builtin_kinds

KINDS = builtin_kinds()

# The 35 task names that HuggingGPT's planner was told of.
ORIGINAL = """
    token-classification text2text-generation summarization translation question-answering conversational text-generation
    sentence-similarity tabular-classification object-detection image-classification image-to-image image-to-text text-to-image
    text-to-video visual-question-answering document-question-answering image-segmentation depth-estimation text-to-speech
    automatic-speech-recognition audio-to-audio audio-classification canny-control hed-control mlsd-control normal-control
    openpose-control canny-text-to-image depth-text-to-image hed-text-to-image mlsd-text-to-image normal-text-to-image
    openpose-text-to-image seg-text-to-image
""".split()
# Served by its model server, though its planner was not told.
ORIGINAL_TOO = """
    text-classification scribble-control scribble-text-to-image midas-control midas-text-to-image seg-control depth-control
""".split()
# The Hub's pipeline tags that take or give text, image, audio, video, a document or a table.
HUB = """
    text-classification token-classification table-question-answering question-answering zero-shot-classification translation
    summarization feature-extraction text-generation fill-mask sentence-similarity text-to-speech text-to-audio
    automatic-speech-recognition audio-to-audio audio-classification audio-text-to-text voice-activity-detection
    depth-estimation image-classification object-detection image-segmentation text-to-image image-to-text image-to-image
    image-to-video unconditional-image-generation video-classification tabular-classification tabular-regression
    tabular-to-text table-to-text multiple-choice text-ranking text-retrieval time-series-forecasting text-to-video
    image-text-to-text image-text-to-image image-text-to-video visual-question-answering document-question-answering
    zero-shot-image-classification mask-generation zero-shot-object-detection text-to-3d image-to-3d image-feature-extraction
    video-text-to-text keypoint-detection visual-document-retrieval any-to-any video-to-video
""".split()
# Tags that are gone from the Hub and still on old cards, and tasks that libraries know without a tag.
RETIRED = "conversational text2text-generation zero-shot-audio-classification keypoint-matching".split()


def test_the_original_had_thirty_five_names() -> None:
    assert len(set(ORIGINAL)) == 35


@pytest.mark.parametrize("name", sorted({*ORIGINAL, *ORIGINAL_TOO, *HUB, *RETIRED}))
def test_a_name_that_people_know_is_a_kind(name: str) -> None:
    signature = KINDS.find(name)
    assert signature is not None
    assert signature.outputs
    assert signature.summary.endswith(".")


@pytest.mark.parametrize("name", HUB)
def test_a_tag_of_the_hub_is_a_kind_by_its_own_name(name: str) -> None:
    assert KINDS.find(name) is KINDS[Kind(name)]


@pytest.mark.parametrize(("alias", "kind"), sorted(ALIASES.items()))
def test_an_alias_is_its_kind(alias: str, kind: str) -> None:
    assert KINDS.find(alias) is KINDS[Kind(kind)]


def test_names_are_found_as_people_write_them() -> None:
    asr = KINDS[Kind("automatic-speech-recognition")]
    for name in ("ASR", " Automatic Speech  Recognition ", "automatic_speech_recognition", "Speech-To-Text"):
        assert KINDS.find(name) is asr


def test_a_name_that_nobody_knows_is_none_and_gets_near_ones() -> None:
    assert KINDS.find("sumarise") is None
    assert "summarization" in KINDS.like("sumarisation")
    assert KINDS.like("zzzzzz") == []


def test_an_alias_must_lead_to_a_kind_and_hide_none() -> None:
    rows = list(KINDS.values())
    for aliases in ({"new-name": "no-such-kind"}, {"summarization": "translation"}):
        with pytest.raises(ValueError, match="is no alias"):
            Kinds(rows, aliases)


def test_a_text_slot_takes_a_document_and_a_list_stays_apart() -> None:
    assert KINDS[Kind("summarization")].inputs["text"] == Slot(media=("text", "document"))
    assert KINDS[Kind("zero-shot-classification")].inputs["labels"] == Slot(media=("text", "document"), many=True)


def test_every_kind_but_the_one_that_needs_nothing_takes_something() -> None:
    assert [kind for kind, signature in KINDS.items() if not signature.inputs] == ["unconditional-image-generation"]
