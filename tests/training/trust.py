"""Learn the trees of ``understand/models/trust.json``: ``python -m tests.training.trust`` (needs the extra ``train``).

Each text is judged with an opinion that was learnt from other texts, as an unseen mail will be; then boosted trees learn when
acting on the likeliest reading was right. Run after ``entities`` and ``attendance``.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mailbot.domain.understanding import Intent, Kind
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.settings import Certainty
from mailbot.understand import opinion, reading, verdict
from mailbot.understand import trust as trusting
from mailbot.understand.lexicon import lexicons
from mailbot.understand.linear import Linear
from mailbot.understand.meaning import Reading
from tests.training import opinion as opinions
from tests.training.corpus import digest, labelled
from tests.unit.understanding import BOT, RECEIVED, SETTINGS

TARGET = Path(trusting.__file__).parent / "models" / "trust.json"
FOLDS, TOGETHER = 5, 7  # neighbours in a file were written by one author
Example = tuple[reading.Ruled, dict[str, Any]]
Row = tuple[dict[str, float], bool]


def examples() -> Iterator[Example]:
    """Every text as the rules read it, with its label; not what ``screen`` takes for a machine's."""
    for content, label in labelled():
        mail = parse(content, received_at=RECEIVED)
        if screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=()).kind is Kind.HUMAN:
            yield reading.by_rules(mail, SETTINGS), label


def rows(known: Sequence[Example]) -> Iterator[Row]:
    """The figures of each text that would be acted on, and whether that is right."""
    seen = [opinion.features(r.read.found, r.context, r.reading) for r, _ in known]
    for fold in range(FOLDS):
        mine = [(n // TOGETHER) % FOLDS == fold for n in range(len(known))]
        others = [(s, label) for s, (_, label), out in zip(seen, known, mine, strict=True) if not out]
        model = Linear.of(opinions.learn(others))
        for (ruled, label), out in zip(known, mine, strict=True):
            if out and (row := judged(ruled, label, model)):
                yield row


def judged(ruled: reading.Ruled, label: dict[str, Any], model: Linear) -> Row | None:
    """One text by an opinion that does not know it."""
    view = opinion.opinion(ruled.read.found, ruled.context, ruled.reading, model)
    likeliest = verdict.likeliest(ruled.reading, view, Certainty(), tied=ruled.read.tied)
    if not likeliest.open:
        return None
    who = reading.who_takes_part(ruled, likeliest, lexicons())
    return trusting.figures(reading.case(ruled, likeliest, view, who, model)), right(likeliest, label)


def right(read: Reading, label: dict[str, Any]) -> bool:
    """Whether a label lets mailbot act on a reading, or ask back."""
    kinds = {k.value for k in read.kinds}
    wanted = set(label.get("request_kinds") or ())
    exact = read.intent is not Intent.DATA_SUBJECT_REQUEST or wanted <= kinds <= {*wanted, *(label.get("optional_kinds") or ())}
    return exact and read.intent.value in label["intent"] and bool({"act", "ask"} & set(label["action"]))


def learn(judged_: Sequence[Row]) -> dict[str, Any]:
    """Grow the trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - the extra "train", needed here alone
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415

    vectors = DictVectorizer(sparse=False)
    table = vectors.fit_transform([figures for figures, _ in judged_])
    model = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.06, max_leaf_nodes=12, l2_regularization=5, early_stopping=False, random_state=0
    )
    model.fit(table, [fine for _, fine in judged_])
    return {
        "texts": digest(),
        "columns": [str(name) for name in vectors.feature_names_],
        "start": round(float(model._baseline_prediction.ravel()[0]), 6),
        "trees": [_tree(predictor.nodes, 0) for (predictor,) in model._predictors],
    }


def _tree(nodes: Any, at: int) -> Any:
    node = nodes[at]
    if node["is_leaf"]:
        return round(float(node["value"]), 6)
    return [int(node["feature_idx"]), float(node["num_threshold"]), _tree(nodes, node["left"]), _tree(nodes, node["right"])]


def main() -> None:
    """Write the trees."""
    table = learn(list(rows(list(examples()))))
    TARGET.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
