"""Learn the weights of ``understand/models/attendance.json``: ``python -m tests.training.attendance`` (needs the extra ``train``).

From the texts and mails that say who takes part; logistic regression over the features of ``understand.attendance``.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mailbot.parse import parse
from mailbot.understand import attendance, linear, names, reading
from mailbot.understand.lexicon import lexicons
from mailbot.understand.people import heard
from tests.training.corpus import digest, with_participants
from tests.unit.understanding import RECEIVED, SETTINGS

TARGET = Path(attendance.__file__).parent / "models" / "attendance.json"
RARE = 2  # features of fewer people say nothing in general
SMALL = 0.05
Row = tuple[set[str], bool]


def rows() -> Iterator[list[Row]]:
    """The people of each mail that names several: their features, and whether they take part."""
    for content, coming in with_participants():
        yield from filter(None, [judged(content, coming)])


def judged(content: bytes, coming: Sequence[str]) -> list[Row]:
    """The people of one mail, of whom these take part; nothing where there is nothing to choose."""
    mail = parse(content, received_at=RECEIVED)
    read = reading.by_rules(mail, SETTINGS).read
    one = heard(read.own, mail, read.subject, read.found, lexicons())
    everybody = attendance.candidates(one.told, one.mentions)
    seen = [attendance.features(c, everybody, one.mentions, read.found) for c in everybody]
    found = [any(names.same(c.name, name) for name in coming) for c in everybody]
    return list(zip(seen, found, strict=True)) if len(everybody) > 1 else []


def learn(examples: Sequence[Row]) -> dict[str, Any]:
    """Fit the regression."""
    import numpy as np  # noqa: PLC0415 - the extra "train", needed here alone
    from scipy import sparse  # noqa: PLC0415
    from sklearn.feature_extraction import DictVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    vectors = DictVectorizer()
    matrix = vectors.fit_transform([dict.fromkeys(sorted(seen), 1.0) for seen, _ in examples])
    often = np.asarray((matrix != 0).sum(0)).ravel() >= RARE
    matrix, known = matrix[:, often], np.array(vectors.feature_names_)[often]
    counts = np.asarray((matrix != 0).sum(1)).ravel()
    scaled = sparse.csr_matrix(sparse.diags([linear.scale(int(n)) for n in counts]) @ matrix)
    model = LogisticRegression(C=2.0, solver="liblinear", random_state=0)
    model.fit(scaled, np.array([coming for _, coming in examples]))
    weights = {
        str(name): linear.row([round(float(w) * 100)]) for name, w in zip(known, model.coef_[0], strict=True) if abs(w) >= SMALL
    }
    return {
        "languages": ["de", "en"],
        "classes": [attendance.TAKES_PART],
        "start": [round(float(model.intercept_[0]), 3)],
        "texts": digest(),
        "weights": dict(sorted(weights.items())),
    }


def main() -> None:
    """Write the weights."""
    examples = [row for mail in rows() for row in mail]
    TARGET.write_text(json.dumps(learn(examples), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
