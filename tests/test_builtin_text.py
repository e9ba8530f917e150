"""The builtin experts for texts: answers, sentiment, summaries."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hugginggpt.backends.builtin import answers, sentiment, summary
from hugginggpt.backends.builtin.sentences import split
from hugginggpt.backends.builtin.words import stem
from hugginggpt.backends.expert import Expert, Job
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Blob, Data, Document, Text

INPUTS = Path(__file__).parent.parent / "examples" / "inputs"
TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "passages.json").read_text(encoding="utf-8"))
ARTICLE = (INPUTS / "article.txt").read_text(encoding="utf-8")
PASSAGES: dict[str, str] = {**TABLE["passages"], "article": ARTICLE}


def job(**texts: str) -> Job:
    return Job({slot: (Text(text=text),) for slot, text in texts.items()}, {}, Path("nowhere"))


def said(expert: Expert, **texts: str) -> str:
    """The text that an expert makes."""
    (text,) = [part.text for part in expert(job(**texts)) if isinstance(part, Text)]
    return text


def data(expert: Expert, **texts: str) -> Any:
    (value,) = [part.value for part in expert(job(**texts)) if isinstance(part, Data)]
    return value


# Questions


def plain(text: str) -> str:
    return re.sub(r"[^\w$£€:.]+", " ", text.casefold()).strip(" .")


def right(found: answers.Found | None, wanted: list[str] | None) -> bool:
    """Whether an answer has one of the wanted ones and at most four words more; or is none, as wanted."""
    if wanted is None or found is None:
        return wanted is None and found is None
    got = plain(found.text)
    return any(
        re.search(rf"(?<!\w){re.escape(plain(one))}(?!\w)", got) and len(got.split()) <= len(plain(one).split()) + 4
        for one in wanted
    )


def wrong_ones(part: str) -> list[tuple[str, str | None]]:
    found = [(question, answers.find(question, PASSAGES[name]), wanted) for name, question, wanted in TABLE[part]]
    return [(question, got.text if got else None) for question, got, wanted in found if not right(got, wanted)]


def test_every_question_that_it_was_tuned_on_is_answered_rightly() -> None:
    assert len(TABLE["tuned"]) >= 30 and wrong_ones("tuned") == []


def test_nine_in_ten_questions_kept_aside_are_answered_rightly() -> None:
    # 36 of 40 when they were first asked; four were looked at since.
    assert len(TABLE["held_out"]) >= 40 and len(wrong_ones("held_out")) <= 4


def test_when_relates_the_date_to_what_happened() -> None:
    text = "Construction began in 1923, the bridge opened in 1932, and it was closed for repair in 1998."
    asked = (
        "When did the bridge open?",
        "When was the opening of the bridge?",
        "When was it closed?",
        "When did construction begin?",
    )
    assert [said(answers.answer, question=question, context=text) for question in asked] == [
        "1932",
        "1932",
        "1998",
        "1923",
    ]


def test_what_was_only_planned_is_not_what_happened() -> None:
    text = "The hall was to open in 1930. Money ran out. It opened at last in 1934."
    assert said(answers.answer, question="When did the hall open?", context=text) == "1934"


def test_the_answer_comes_with_its_sentence() -> None:
    value = data(answers.answer, question="When did the bridge open?", context=ARTICLE)
    assert value["answer"] == "14 May 1932" and value["sentence"] == "The bridge opened on 14 May 1932."
    assert 0.5 < value["score"] <= 1


def test_of_a_long_request_the_sentence_that_asks_counts() -> None:
    request = "Here is an article about Harrow Bay. When did the bridge open? Please be brief."
    assert said(answers.answer, question=request, context=ARTICLE) == "14 May 1932"


@pytest.mark.parametrize(
    "question",
    [
        "Who is the prime minister of Norway?",
        "What is the speed of light?",
        "Why?",
        "???",
        "桥什么时候开放的？",
        "x" * 50_000,
    ],
)
def test_a_text_that_does_not_answer_is_said_to(question: str) -> None:
    with pytest.raises(InputRefused, match="does not seem to answer"):
        answers.answer(job(question=question, context=ARTICLE))


def test_a_question_without_a_text_is_refused_by_name() -> None:
    with pytest.raises(InputRefused, match="no text to answer 'When did it open\\?' from"):
        answers.answer(job(question="When did it open?"))


FERRY, LETTER, NOTES = (PASSAGES[name] for name in ("ferry", "notice", "notes"))


@pytest.mark.parametrize(
    ("text", "question", "wanted"),
    [
        (FERRY, "What is the mayor's name?", "Helen Strand"),
        (FERRY, "Who is the mayor of Port Ellery?", "Helen Strand"),
        (FERRY, "Who is the mayor?", "Helen Strand"),
        (FERRY, "What is the ferry called?", "Sea Lark"),
        (FERRY, "What is the name of the ferry?", "Sea Lark"),
        (FERRY, "Who is the project leader?", "Maria Okafor"),
        (FERRY, "Who is Carl Dunmore?", "Fisherman"),
        (ARTICLE, "Who was the engineer?", "Ada Lindqvist"),
        (ARTICLE, "What was the last ferry called?", "Marigold"),
        (ARTICLE, "What is the name of the bridge?", "Kestrel Bridge"),
        (PASSAGES["town"], "What is the mayor's name?", "Ruth Pemberton"),
        (PASSAGES["match"], "Who is United's captain?", "Luke Farrow"),
        ("The ward is led by Dr. Amal Said. The doctor Jane Roe left.", "Who is the doctor?", "Jane Roe"),
        ("They have a dog called Biscuit and two cats.", "What is the dog's name?", "Biscuit"),
        (LETTER, "Who wrote this letter?", "Naomi Fletcher"),
        (LETTER, "Who signed the letter?", "Naomi Fletcher"),
        (LETTER, "Who is the letter addressed to?", "Mr. Pemberton"),
        (PASSAGES["letter"], "Who wrote this letter?", "Hannah Birch"),
        (PASSAGES["letter"], "To whom is the letter addressed?", "Mrs Lang"),
        (NOTES, "How much money is in the till?", "312 euros"),
        (NOTES, "How much is in the till?", "312 euros"),
    ],
)
def test_who_holds_a_role_and_what_a_thing_is_called(text: str, question: str, wanted: str) -> None:
    assert said(answers.answer, question=question, context=text) == wanted


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (FERRY, "Who is the mayor of London?"),
        (FERRY, "Who is the captain?"),
        (FERRY, "What is the name of the captain?"),
        (FERRY, "What is the bakery called?"),
        (FERRY.replace(", named Sea Lark,", ""), "What is the ferry called?"),
        (FERRY, "Who is Bob Smith?"),
        (LETTER, "What is the landlord's name?"),
        (NOTES, "Who wrote this letter?"),
    ],
)
def test_a_name_that_the_text_does_not_give_is_refused(text: str, question: str) -> None:
    with pytest.raises(InputRefused, match="does not seem to answer"):
        answers.answer(job(question=question, context=text))


@pytest.mark.parametrize(
    "text", ["no stops at all " * 6_000, "A B C. " * 20_000, "1 2 3 4 5 6 7 " * 10_000, ("Ann " * 300 + ". ") * 50]
)
def test_a_huge_text_is_searched_in_seconds(text: str) -> None:
    for question in (
        "When did the bridge open in A?",
        "Who stops at all?",
        "How many stops are there?",
        "What is 3?",
        "Where is A?",
        "What is the name of the Ann?",
        "Who is Ann?",
    ):
        answers.find(question, text[:100_000])


# Sentiment


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this little cafe.", "positive"),
        ("The room was cold and the staff rude.", "negative"),
        ("Not good.", "negative"),
        ("The train leaves at nine.", "neutral"),
        ("😀 👍", "positive"),
        ((INPUTS / "review.txt").read_text(encoding="utf-8"), "negative"),
        ("The hall was great. " * 40 + "The hall was horrible. " * 2, "positive"),
    ],
)
def test_a_feeling_is_named(text: str, label: str) -> None:
    assert said(sentiment.classify, text=text).startswith(f"The text is {label}")
    (row,) = data(sentiment.classify, text=text)
    assert row["label"] == label and 0 <= row["score"] <= 1 and -1 <= row["compound"] <= 1


def test_the_score_is_on_the_scale_that_the_sentence_names() -> None:
    assert said(sentiment.classify, text="The room was cold and the staff rude.") == (
        "The text is negative (score -0.46 on a scale from -1 to 1)."
    )


def test_a_long_text_is_weighed_by_its_sentences_and_does_not_end_at_the_end_of_the_scale() -> None:
    (row,) = data(sentiment.classify, text="The bed was good. The soup was bad. " * 50)
    assert abs(row["compound"]) < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "这个房间很冷",
        "Das Zimmer war kalt und der Service ist nicht gut",
        "La chambre était très froide et le lit dur",
        "12 345",
    ],
)
def test_what_is_not_english_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(InputRefused, match="translate it first"):
        sentiment.classify(job(text=text))


# Summaries


@pytest.mark.parametrize("expert", [summary.textrank, summary.lead])
@pytest.mark.parametrize(
    ("instruction", "count"),
    [
        ("in three sentences", 3),
        ("Summarise this in 2 sentences, please", 2),
        ("one sentence", 1),
        ("one paragraph", 4),
        ("keep it short", 2),
        ("", 3),
    ],
)
def test_a_summary_has_as_many_sentences_as_were_asked_for(expert: Expert, instruction: str, count: int) -> None:
    told = split(said(expert, text=ARTICLE, instruction=instruction) if instruction else said(expert, text=ARTICLE))
    whole = [sentence.text for sentence in split(ARTICLE)]
    places = [whole.index(sentence.text) for sentence in told]
    assert len(places) == count and places == sorted(places)


def test_a_summary_stays_within_the_words_that_were_asked_for() -> None:
    assert 30 <= len(said(summary.textrank, text=ARTICLE, instruction="about 50 words").split()) <= 50
    assert 150 <= len(said(summary.textrank, text=ARTICLE, instruction="in two hundred words").split()) <= 200


@pytest.mark.parametrize("expert", [summary.textrank, summary.lead])
@pytest.mark.parametrize("text", [ARTICLE, FERRY, LETTER, NOTES])
@pytest.mark.parametrize(
    ("instruction", "most"),
    [
        ("50 words max", 50),
        ("at most 40 words", 40),
        ("in one paragraph of at most 40 words", 40),
        ("no more than twenty-five words", 25),
        ("fewer than 30 words", 29),
        ("3 bullet points of at most 40 words in all", 40),
        ("one hundred and ten words", 110),
    ],
)
def test_a_limit_of_words_is_never_exceeded(expert: Expert, text: str, instruction: str, most: int) -> None:
    assert most / 2 <= len(said(expert, text=text, instruction=instruction).split()) <= most


def test_when_every_sentence_is_too_long_the_shortest_is_told() -> None:
    text = "The old mill by the river burned down. It burned for two whole days. Nobody was hurt in the fire at all."
    assert said(summary.textrank, text=text, instruction="3 words") == "It burned for two whole days."


@pytest.mark.parametrize(
    ("instruction", "length"),
    [
        ("no more than two sentences", summary.Length(sentences=2)),
        ("two sentances", summary.Length(sentences=2)),
        ("a few sentences", summary.Length(sentences=3)),
        ("two sentences of at most 40 words", summary.Length(sentences=2, words=40)),
        ("3 bullet points", summary.Length(sentences=3, bullets=True)),
        ("in bullets", summary.Length(bullets=True)),
        ("a hundred words", summary.Length(words=100)),
        ("2 paragraphs", summary.Length(sentences=8)),
    ],
)
def test_a_length_is_read_from_plain_words(instruction: str, length: summary.Length) -> None:
    assert summary.Length.said(instruction) == length


@pytest.mark.parametrize("expert", [summary.textrank, summary.lead])
@pytest.mark.parametrize("text", [FERRY, LETTER, NOTES, "Tasks\n\n- milk\n- bread\n- eggs\n"])
def test_bullet_points_are_so_many_lines_of_a_list(expert: Expert, text: str) -> None:
    lines = said(expert, text=text, instruction="3 bullet points").split("\n")
    assert len(lines) == 3 and all(re.match(r"- \w|- \"", line) for line in lines)


def test_one_sentence_stands_alone_and_is_an_early_one() -> None:
    text = (
        "The council met on Monday about the new library. It decided that the council would build the library on Mill Street. "
        "They said the library on Mill Street would cost the council nine million. "
        "Next meeting: the council meets at the library on Mill Street on 4 May."
    )
    assert said(summary.textrank, text=text, instruction="one sentence").startswith("The council met")
    assert said(summary.textrank, text=FERRY, instruction="one sentence").startswith("PORT ELLERY - The car ferry")
    assert said(summary.textrank, text=LETTER, instruction="one sentence").startswith("I am writing to tell you")
    assert not said(summary.textrank, text=NOTES, instruction="one sentence").startswith(("Next", "Present"))


def test_textrank_takes_what_the_text_is_about_and_leaves_the_aside() -> None:
    text = (
        "The council will build a new library on Mill Street. My aunt keeps parrots. The library will cost nine million pounds, "
        "and the council will borrow half of that. The old library on Mill Street closes in May. It rained on Tuesday."
    )
    told = said(summary.textrank, text=text, instruction="two sentences")
    assert "parrots" not in told and "rained" not in told and "library" in told


def test_lead_takes_the_first_sentences_and_no_heading() -> None:
    assert said(summary.lead, text=ARTICLE, instruction="one sentence") == (
        "Every morning some 41,000 people cross the Kestrel Bridge without giving it a thought."
    )


@pytest.mark.parametrize(
    "text", ["One.", "no stop", "!!! ???", "😀", "标题。内容在这里。", "x " * 60_000, "Same. " * 5_000]
)
@pytest.mark.parametrize("expert", [summary.textrank, summary.lead])
def test_an_odd_text_is_summed_up_by_something_of_its_own(expert: Expert, text: str) -> None:
    told = said(expert, text=text)
    assert told and set(told) - set(" .") <= set(text)


# All of them


@pytest.mark.parametrize("expert", [answers.answer, sentiment.classify, summary.textrank, summary.lead])
def test_an_empty_text_is_refused(expert: Expert) -> None:
    with pytest.raises(InputRefused, match="is empty"):
        expert(job(text=" \n", question="When?", context=" "))


@pytest.mark.parametrize("expert", [sentiment.classify, summary.textrank, summary.lead])
def test_a_document_that_is_no_plain_text_is_refused(expert: Expert) -> None:
    blob = Blob(sha256="0" * 64, media_type="application/pdf", size_bytes=1)
    with pytest.raises(InputRefused):
        expert(Job({"text": (Document(blob=blob, name="a.pdf"),)}, {}, Path("nowhere")))


# Sentences and words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Lang paid $3.50 at 5 p.m. on Friday. He left.", ["Dr. Lang paid $3.50 at 5 p.m. on Friday.", "He left."]),
        ('"Stop!" she said. Why?', ['"Stop!" she said.', "Why?"]),
        ("J. R. Hill lives in the U.S. The hall is no. 5.", ["J. R. Hill lives in the U.S.", "The hall is no. 5."]),
        (
            "A title\n\nA line that is wrapped in the mid-\ndle. Two.",
            ["A title", "A line that is wrapped in the middle.", "Two."],
        ),
        ("- milk\n- bread", ["- milk", "- bread"]),
        ("great place. would come again", ["great place.", "would come again"]),
        ("今天很好。我们去！", ["今天很好。", "我们去！"]),
        ("1. Cut it. 2. Glue it.", ["1. Cut it.", "2. Glue it."]),
        (" \n ", []),
    ],
)
def test_a_text_is_split_into_its_sentences(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split(text)] == sentences


def test_a_title_is_known_as_a_heading() -> None:
    assert [sentence.heading for sentence in split("A title\n\nA sentence.")] == [True, False]


@pytest.mark.parametrize(
    "forms",
    [
        "open opened opens opening",
        "stop stopped stops stopping",
        "began begin beginning started",
        "city cities",
        "move moved moves moving",
        "built building constructed",
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


def test_what_reopens_does_not_open() -> None:
    assert stem("reopened") != stem("opened")
