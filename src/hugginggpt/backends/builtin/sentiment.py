"""Whether an English text is positive, negative or neutral, by VADER's lexicon and rules."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from hugginggpt.backends.builtin.sentences import split
from hugginggpt.backends.builtin.words import STOPWORDS
from hugginggpt.backends.expert import Job
from hugginggpt.errors import InputRefused
from hugginggpt.flow.artifact import Data, Text

Label = Literal["positive", "negative", "neutral"]

_TELLING = 0.05
"""VADER's own bounds: a score beyond it, either way, is a feeling."""
_PLAIN_WEIGHT = 0.25


def classify(job: Job) -> Sequence[Text | Data]:
    """The label of a text and its score from -1 to 1."""
    text = job.text("text")
    if not _english(text):
        raise InputRefused(
            "the text does not look English, and this expert knows English words only", cure="translate it first"
        )
    score, known = weigh(text)
    label: Label = "positive" if score >= _TELLING else "negative" if score <= -_TELLING else "neutral"
    said = f"The text is {label} (score {score:+.2f} on a scale from -1 to 1)."
    if not known:
        said = "The text is neutral: no word in it carries a feeling (score 0 on a scale from -1 to 1)."
    share = 1 - abs(score) if label == "neutral" else abs(score)
    return [Text(text=said), Data(value=[{"label": label, "score": round(share, 3), "compound": round(score, 3)}])]


def weigh(text: str) -> tuple[float, bool]:
    """A text's score from -1 to 1, and whether any word of it carries a feeling.

    A long text is weighed sentence by sentence, for VADER's sum over all of it would be -1 or 1 whatever it says. Sentences
    without feeling count a quarter: a review tells what happened, too, and is still a bad one.
    """
    analyser = _analyser()
    pieces = [sentence.text for sentence in split(text)]
    scores = [analyser.polarity_scores(piece) for piece in pieces]
    # A word whose feeling is cancelled by another's is a feeling too, hence not the sum.
    weights = [1.0 if score["pos"] or score["neg"] else _PLAIN_WEIGHT for score in scores]
    if 1.0 not in weights:
        return 0.0, False
    return sum(w * s["compound"] for w, s in zip(weights, scores, strict=True)) / sum(weights), True


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


# Little words of the languages nearest at hand that are no English words; a text with more of these than of ours is not English.
_FOREIGN = frozenset(
    """der das und ist nicht ein eine einen dem den mit sich auf wir ich sie es im zum zur aber sehr auch wurde haben
    le les des et est une dans pour pas nous vous avec sur très mais cette était je il elle du au aux qui que
    el los las es una por muy pero con para del fue como estaba nos su en y
    il lo gli della che non è sono molto ma anche per di un era nella
    het een niet zijn wij ze maar ook heel bij voor van de
    o os uma não muito mas com foi em da dos""".split()
) - {"a", "no", "me", "i", "as", "so", "an", "in", "was", "die", "war"}


def _english(text: str) -> bool:
    """Whether a text may be English: by its letters, and by its little words where it has any."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        # Emoji alone speak every language; figures alone say nothing in any.
        return any(unicodedata.category(character) == "So" for character in text)
    latin = sum("LATIN" in unicodedata.name(character, "") for character in letters)
    if latin < 0.8 * len(letters):
        return False
    found = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.casefold())
    ours = sum(word in STOPWORDS for word in found)
    return sum(word in _FOREIGN for word in found) <= max(1, ours)
