"""The second opinion: hashed word and character n-grams, one linear classifier a kind.

The weights are trained by `training/train_planner.py`.

numpy comes with the weights, at the first plan that asks for an opinion, so that importing this costs nothing.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from hugginggpt.controllers.offline.reading import FILE, FILE_MEDIA
from hugginggpt.flow.kinds import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUCKETS = 1 << 15
WEIGHTS_FILE = "ngrams.npz"
CHARACTERS_COUNT = 1.5
"""How much the characters count beside the words."""
_MOST_WORDS = 600
"""Words past this are not looked at: what is asked for stands at the beginning or the end of a longer text."""
_WINDOW_WORDS = 5

_TOKEN = re.compile(r"\w+|[?:']")
_QUOTED = re.compile(r"(?<!\w)(['\"])(?=\S)(.{0,600}?\S)['\"](?!\w)", re.DOTALL)


def words_of(text: str) -> list[str]:
    """The words of a request: a file's name is the word of its medium, a quoted text one word; a quoted question stays."""
    text = FILE.sub(lambda found: f" file{FILE_MEDIA.get(found[1].lower(), 'any')} ", text[:20_000])
    text = _QUOTED.sub(
        lambda found: f" quotedquestion {found[2]} " if found[2].rstrip().endswith("?") else " quotedtext ", text
    )
    words = _TOKEN.findall(text.lower())
    if len(words) > _MOST_WORDS:
        words = [*words[: _MOST_WORDS // 2], *words[-_MOST_WORDS // 2 :]]
    return [word[:40] for word in words]


def features(words: Sequence[str]) -> Iterator[tuple[bool, int, int]]:
    """Each n-gram's bucket and place: one to three words (True), and three to five characters of a word (False)."""
    padded = [*words, "</s>"]
    for at, word in enumerate(words):
        for size in (1, 2, 3):
            if at + size <= len(padded):
                yield True, _bucket(f"{size} {' '.join(padded[at : at + size])}"), at
        edged = f"<{word}>"
        for size in (3, 4, 5):
            for start in range(len(edged) - size + 1):
                yield False, _bucket(f"c{edged[start : start + size]}"), at


def weighed(words: Sequence[str]) -> dict[int, float]:
    """The weight of each bucket that occurs: words and characters each of length one, whatever the length of the text."""
    by_words: set[int] = set()
    by_characters: set[int] = set()
    for is_word, bucket, _ in features(words):
        (by_words if is_word else by_characters).add(bucket)
    weights = dict.fromkeys(by_words, len(by_words) ** -0.5 if by_words else 0.0)
    for bucket in by_characters:
        weights[bucket] = weights.get(bucket, 0.0) + CHARACTERS_COUNT * len(by_characters) ** -0.5
    return weights


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS  # the same on every machine, unlike `hash`


@dataclass(frozen=True)
class Opinion:
    """What the classifier thinks of one request."""

    scores: Mapping[Kind, float]
    """Above zero: asked for; the further from zero, the surer."""
    places: Mapping[Kind, float]
    """Where each is spoken of, from 0 at the beginning to 1 at the end."""


@dataclass(frozen=True)
class Classifier:
    """Weights, one column a kind, and how likely one kind's result goes to another."""

    kinds: tuple[Kind, ...]
    weights: "NDArray[np.int8]"
    scale: "NDArray[np.float32]"
    bias: "NDArray[np.float32]"
    links: "NDArray[np.float32]"
    """[from, to]: log-odds that the one feeds the other where both are asked for."""
    link_weights: "NDArray[np.float32]"
    """For a pair: bias, its log-odds, spoken of before, spoken of right before, distance."""

    def opinion(self, text: str) -> Opinion:
        """Its view of a request."""
        import numpy as np

        words = words_of(text)
        weights = weighed(words)
        if not weights:
            return Opinion({}, {})
        rows = np.fromiter(weights, dtype=np.int64, count=len(weights))
        values = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
        table = self.weights[rows].astype(np.float32)
        scores = (values @ table) * self.scale + self.bias
        row_of = {int(row): at for at, row in enumerate(rows)}
        pull = table * values[:, None]
        by_word = np.zeros((len(words) + 2 * _WINDOW_WORDS, len(self.kinds)), dtype=np.float32)
        found = list(features(words))
        np.add.at(by_word, [at + _WINDOW_WORDS for _, _, at in found], pull[[row_of[bucket] for _, bucket, _ in found]])
        running = np.cumsum(by_word, axis=0)
        windows = running[_WINDOW_WORDS:] - running[:-_WINDOW_WORDS]
        places = windows.argmax(axis=0) / max(len(words), 1)
        return Opinion(
            {kind: float(score) for kind, score in zip(self.kinds, scores, strict=True)},
            {kind: float(place) for kind, place in zip(self.kinds, places, strict=True)},
        )

    def link(self, one: Kind, other: Kind, order: Mapping[Kind, float]) -> float:
        """Log-odds that the result of one goes to the other; `order` says where each is spoken of."""
        if one not in self.kinds or other not in self.kinds:
            return -1.0
        return float(self.link_weights @ self.pair(one, other, order))

    def pair(self, one: Kind, other: Kind, order: Mapping[Kind, float]) -> "NDArray[np.float32]":
        """What is known of a pair."""
        import numpy as np

        ranked = sorted(order, key=lambda kind: order[kind])
        distance = ranked.index(other) - ranked.index(one)
        odds = self.links[self.kinds.index(one), self.kinds.index(other)]
        return np.array([1.0, odds, distance > 0, distance == 1, min(abs(distance), 4)], dtype=np.float32)


@cache
def shipped() -> Classifier | None:
    """The classifier that comes with the package; None if it was left out of an installation."""
    import numpy as np

    file = resources.files("hugginggpt.controllers.offline") / WEIGHTS_FILE
    if not file.is_file():
        return None
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
        return Classifier(
            kinds=tuple(Kind(str(kind)) for kind in held["kinds"]),
            weights=held["weights"],
            scale=held["scale"],
            bias=held["bias"],
            links=held["links"],
            link_weights=held["link_weights"],
        )


def best_links(nodes: Sequence[Kind], link: Mapping[tuple[Kind, Kind], float]) -> list[tuple[Kind, Kind]]:
    """The links of the likeliest way through all the nodes: one after another, broken where no link is likely.

    `link` holds the log-odds of each pair that can be linked at all.
    """
    if len(nodes) > 9:
        ranked = sorted(((score, pair) for pair, score in link.items() if score > 0), reverse=True)
        return _greedy([pair for _, pair in ranked])
    # Exact: the best order of each set of nodes that ends in a given one.
    best: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {
        (1 << at, at): (0.0, (at,)) for at in range(len(nodes))
    }
    for _ in range(len(nodes) - 1):
        longer: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {}
        for (used, last), (score, path) in best.items():
            for at in range(len(nodes)):
                if used >> at & 1:
                    continue
                gain = max(link.get((nodes[last], nodes[at]), 0.0), 0.0)
                key = (used | 1 << at, at)
                if key not in longer or score + gain > longer[key][0]:
                    longer[key] = (score + gain, (*path, at))
        best = longer
    if not best:
        return []
    _, path = max(best.values())
    return [(nodes[a], nodes[b]) for a, b in pairwise(path) if link.get((nodes[a], nodes[b]), 0.0) > 0]


def _greedy(pairs: Sequence[tuple[Kind, Kind]]) -> list[tuple[Kind, Kind]]:
    kept: list[tuple[Kind, Kind]] = []
    root: dict[Kind, Kind] = {}

    def end(kind: Kind) -> Kind:
        while kind in root:
            kind = root[kind]
        return kind

    for one, other in pairs:
        if other not in {b for _, b in kept} and one not in {a for a, _ in kept} and end(one) != end(other):
            kept.append((one, other))
            root[end(other)] = end(one)
    return kept
