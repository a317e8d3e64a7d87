"""Learn the weights of ``understand/models/opinion.json``: ``python -m tests.training.opinion`` (needs the extra ``train``).

Logistic regression, one class against the rest, over the features of ``understand.opinion``; the same texts give the same weights.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mailbot.domain.understanding import Intent, Kind, RequestKind
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.understand import linear, opinion, reading
from tests.training.corpus import digest, labelled
from tests.unit.understanding import BOT, RECEIVED, SETTINGS

TARGET = Path(opinion.__file__).parent / "models" / "opinion.json"
WISHES = {Intent.REGISTRATION, Intent.CANCELLATION, Intent.UNSUBSCRIBE, Intent.DATA_SUBJECT_REQUEST}
RARE = 2  # features of fewer texts say nothing in general
SMALL = 0.1


def examples() -> Iterator[tuple[set[str], dict[str, Any]]]:
    """Every text with its features and its label; mails that ``screen`` takes for a machine's are never judged by words."""
    for content, label in labelled():
        if (seen := seen_in(content)) is not None:
            yield seen, label


def seen_in(content: bytes) -> set[str] | None:
    """Give the features of a mail as ``understand`` weighs them; None for a machine's."""
    mail = parse(content, received_at=RECEIVED)
    if screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=()).kind is not Kind.HUMAN:
        return None
    ruled = reading.by_rules(mail, SETTINGS)
    return opinion.features(ruled.read.found, ruled.context, ruled.reading)


def classes() -> list[str]:
    """The columns: intents, rights, and whether a human should look."""
    return [*Intent, *RequestKind, opinion.HUMAN]


def holds(name: str, label: dict[str, Any]) -> bool | None:
    """Whether a label belongs to a class; None where it says nothing about it."""
    if name == opinion.HUMAN:
        return label["action"][0] == "review" if label["intent"][0] in WISHES else None
    if name in set(RequestKind):
        return name in label["request_kinds"] if label["intent"][0] == Intent.DATA_SUBJECT_REQUEST else None
    return bool(label["intent"][0] == name)


def learn(rows: Sequence[tuple[set[str], dict[str, Any]]]) -> dict[str, Any]:
    """Fit one regression a class; features are weighed by how rare they are and by how many a mail has."""
    import numpy as np  # noqa: PLC0415 - the extra "train", needed here alone
    from scipy import sparse  # noqa: PLC0415
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    vectors = DictVectorizer()
    matrix = vectors.fit_transform([dict.fromkeys(sorted(seen), 1.0) for seen, _ in rows])
    often = np.asarray((matrix != 0).sum(0)).ravel()
    matrix, names = matrix[:, often >= RARE], np.array(vectors.feature_names_)[often >= RARE]
    counts = np.asarray((matrix != 0).sum(1)).ravel()
    rarity = np.sqrt(np.log(len(rows) / often[often >= RARE]))
    scaled = sparse.csr_matrix(sparse.diags([linear.scale(int(n)) for n in counts]) @ matrix @ sparse.diags(rarity))
    columns, start = [], []
    for name in classes():
        truth = [holds(name, label) for _, label in rows]
        known = np.array([t is not None for t in truth])
        model = LogisticRegression(C=1.0 if name in set(Intent) else 3.0, solver="liblinear", random_state=0)
        model.fit(scaled[known], np.array([bool(t) for t in truth])[known])
        columns.append(model.coef_[0] * rarity)
        start.append(round(float(model.intercept_[0]), 3))
    table = np.array(columns).T
    weights = {
        str(name): linear.row(round(float(w) * 100) for w in row)
        for name, row in zip(names, table, strict=True)
        if abs(row).max() >= SMALL
    }
    languages = sorted({"de", "en"})
    return {
        "languages": languages,
        "classes": [str(c) for c in classes()],
        "start": start,
        "texts": digest(),
        "weights": dict(sorted(weights.items())),
    }


def main() -> None:
    """Write the weights."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(learn(list(examples())), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
