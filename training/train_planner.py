"""Train the offline planner's second opinion on TaskBench's train.jsonl, and write it into the package.

    pip install scikit-learn
    python training/train_planner.py ../shared/taskbench/train.jsonl            # train and write
    python training/train_planner.py ../shared/taskbench/train.jsonl --folds 5  # cross-validate the whole planner; writes nothing

Only the file given is read. The same file gives the same weights (seeded; no randomness is left after the seed).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import hugginggpt.controllers.offline as package
from hugginggpt.bench.taskbench import Labelled, read_labelled, score, tools_to_kinds
from hugginggpt.controllers.offline.ngrams import BUCKETS, WEIGHTS_FILE, Classifier, weighed, words_of
from hugginggpt.controllers.offline.planner import fits
from hugginggpt.flow.kinds import builtin_kinds

SEED = 20231130
KINDS = tuple(sorted(tools_to_kinds().values()))


def train(lines: Sequence[Labelled]) -> Classifier:
    tools = tools_to_kinds()
    wanted = np.array([[kind in {tools[tool] for tool in line.tasks} for kind in KINDS] for line in lines])
    matrix = _matrix([line.request for line in lines])
    weights = np.zeros((BUCKETS, len(KINDS)), dtype=np.float32)
    bias = np.zeros(len(KINDS), dtype=np.float32)
    for column in range(len(KINDS)):
        if not wanted[:, column].any():
            bias[column] = -1.0
            continue
        model = LinearSVC(C=1.0, random_state=SEED).fit(matrix, wanted[:, column])
        weights[:, column], bias[column] = model.coef_[0], model.intercept_[0]
    # A byte a weight: cross-validation sees no difference, and the file is a tenth.
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
    classifier = Classifier(
        kinds=KINDS,
        weights=np.round(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias,
        links=_link_odds(lines),
        link_weights=np.zeros(5, dtype=np.float32),
    )
    return _with_link_weights(classifier, lines)


def _matrix(requests: Sequence[str]) -> sparse.csr_matrix:
    rows, columns, values = [], [], []
    for row, request in enumerate(requests):
        for bucket, value in weighed(words_of(request)).items():
            rows.append(row)
            columns.append(bucket)
            values.append(value)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(requests), BUCKETS))


def _link_odds(lines: Sequence[Labelled]) -> np.ndarray:
    """Log-odds of a link where both ends are there, drawn towards what is usual where few were seen."""
    tools = tools_to_kinds()
    at = {kind: number for number, kind in enumerate(KINDS)}
    linked, together = np.zeros((len(KINDS),) * 2), np.zeros((len(KINDS),) * 2)
    for line in lines:
        present = [at[tools[tool]] for tool in line.tasks]
        for one in present:
            for other in present:
                together[one, other] += one != other
        for one, other in line.links:
            linked[at[tools[one]], at[tools[other]]] += 1
    usual = linked.sum() / together.sum()
    share = (linked + 4 * usual) / (together + 4)
    return np.log(share / (1 - share)).astype(np.float32)


def _with_link_weights(classifier: Classifier, lines: Sequence[Labelled]) -> Classifier:
    tools, table = tools_to_kinds(), builtin_kinds()
    pairs, linked = [], []
    for line in lines:
        present = [tools[tool] for tool in line.tasks]
        places = {kind: classifier.opinion(line.request).places[kind] for kind in present} if len(present) > 1 else {}
        links = {(tools[one], tools[other]) for one, other in line.links}
        for one in present:
            for other in present:
                if one != other and fits(one, other, table):
                    pairs.append(classifier.pair(one, other, places))
                    linked.append((one, other) in links)
    model = LogisticRegression(C=1.0, fit_intercept=False, random_state=SEED).fit(np.array(pairs), linked)
    return Classifier(
        classifier.kinds,
        classifier.weights,
        classifier.scale,
        classifier.bias,
        classifier.links,
        model.coef_[0].astype(np.float32),
    )


def cross_validate(lines: Sequence[Labelled], folds: int) -> None:
    order = np.random.default_rng(SEED).permutation(len(lines))
    reports = []
    for fold in range(folds):
        held = set(order[fold::folds].tolist())
        classifier = train([line for at, line in enumerate(lines) if at not in held])
        reports.append(
            score([line for at, line in enumerate(lines) if at in held], name=f"fold {fold + 1}", classifier=classifier)
        )
        print(f"fold {fold + 1}: node F1 {reports[-1].node_f1:.3f}, edge F1 {reports[-1].edge_f1:.3f}", flush=True)
    nodes, edges = ([getattr(report, name) for report in reports] for name in ("node_f1", "edge_f1"))
    print(
        f"mean: node F1 {np.mean(nodes):.3f} (spread {np.std(nodes):.3f}), "
        f"edge F1 {np.mean(edges):.3f} (spread {np.std(edges):.3f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(package.__path__[0]) / WEIGHTS_FILE)
    chosen = parser.parse_args()
    lines = read_labelled(chosen.data)
    if chosen.folds:
        cross_validate(lines, chosen.folds)
        return
    model = train(lines)
    np.savez_compressed(
        chosen.out,
        kinds=np.array(model.kinds),
        weights=model.weights,
        scale=model.scale,
        bias=model.bias,
        links=model.links,
        link_weights=model.link_weights,
    )
    print(
        f"{chosen.out}: {chosen.out.stat().st_size / 1e6:.2f} MB, link weights {model.link_weights.round(2).tolist()}"
    )


if __name__ == "__main__":
    main()
