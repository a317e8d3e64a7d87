"""Learn the weights of ``mailbot.understand.chain`` from ``texts/**/*.jsonl``: ``python -m tests.training.entities`` (extra ``train``).

The same texts give the same weights; the digest of the texts stands beside them, so that a test can tell stale weights.
"""

import hashlib
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from mailbot.understand import linear
from mailbot.understand.features import groups
from tests.training.marks import Text, example, variants

TEXTS = Path(__file__).parent / "texts"
MODEL = Path(__file__).parents[2] / "mailbot" / "understand" / "models" / "entities.json"
SEED = 11
_SPELT = ("w0=", "e2=", "e3=", "e4=", "e6=", "p3=", "p5=")
_HIDDEN = 0.25  # of these are hidden while learning, so that a word is known by its company too
_LEAST = 11  # hundredths; a smaller weight is left out
_SETTINGS = {"c1": 0.15, "c2": 0.6, "max_iterations": 90, "feature.possible_transitions": True, "feature.minfreq": 2}


def texts(folder: Path = TEXTS) -> list[Text]:
    """Every training text, in the order of the files."""
    lines = [line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def digest(folder: Path = TEXTS) -> str:
    """What tells whether the weights belong to the texts."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.jsonl")):
        found.update(path.read_bytes())
    return found.hexdigest()


def learn(examples: Sequence[Text], file: str) -> dict[str, Any]:
    """Train a chain and give its weights in whole hundredths."""
    pycrfsuite = importlib.import_module("pycrfsuite")  # the extra `train`, needed here alone

    trainer = pycrfsuite.Trainer(verbose=False)
    random = Random(SEED)
    for text in examples:
        e = example(text)
        if e.words:
            words = [[f for g in found for f in g] for found in groups(e.words, e.display, e.address)]
            trainer.append([[f for f in word if not f.startswith(_SPELT) or random.random() > _HIDDEN] for word in words], e.labels)
    trainer.set_params(_SETTINGS)
    trainer.train(file)
    tagger = pycrfsuite.Tagger()
    tagger.open(file)
    return table(tagger)


def table(tagger: Any) -> dict[str, Any]:
    """The weights of a trained tagger as plain data, rounded and without the least ones."""
    info = tagger.info()
    labels = sorted(tagger.labels())
    weights: dict[str, list[int]] = {}
    for (feature, label), weight in sorted(info.state_features.items()):
        if abs(value := round(weight * 100)) >= _LEAST:
            weights.setdefault(feature, [0] * len(labels))[labels.index(label)] = value
    moves = [[round(100 * info.transitions.get((a, b), 0.0)) for a in labels] for b in labels]
    rows = {feature: linear.row(row) for feature, row in weights.items()}
    return {"labels": labels, "moves": moves, "weights": rows}


def main() -> None:
    """Write the model."""
    with tempfile.TemporaryDirectory() as folder:
        learnt = learn(list(variants(texts(), SEED)), f"{folder}/entities.crfsuite")
    content = json.dumps({"texts": digest(), **learnt}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    MODEL.write_text(content + "\n", "utf-8")
    sys.stdout.write(f"{len(learnt['weights'])} features, {len(content) // 1000} kB\n")


if __name__ == "__main__":
    main()
