"""Who of the people that a mail names takes part: the weights fit the texts, and the figures hold on mails that they don't know."""

import time
from collections.abc import Iterator

import pytest

from mailbot.understand import names
from mailbot.understand.attendance import TAKES_PART
from mailbot.understand.linear import Linear, linear, scale
from tests.training import corpus
from tests.training.attendance import judged
from tests.unit.test_blind import UNLEARNT, labels
from tests.unit.understanding import people, read

ONE = Linear("", frozenset(), ("yes",), (-1.0,), {"a": "300", "b": "-100"})


def test_a_likelihood_is_the_sum_of_what_is_known() -> None:
    """Features that were not learnt weigh nothing; many known ones weigh less each."""
    assert ONE.likely(ONE.rows({"unknown"}))["yes"] == pytest.approx(0.2689, abs=1e-4)
    assert ONE.likely(ONE.rows({"a", "unknown"}))["yes"] == pytest.approx(0.8808, abs=1e-4)
    assert 0.5 < ONE.likely(ONE.rows({"a", "b"}))["yes"] < 0.8808
    assert scale(16) == 0.5


def test_the_weights_were_learnt_from_the_texts_of_the_repository() -> None:
    """Who changes a text learns again (``python -m tests.training.attendance``): stale weights are seen."""
    assert linear("attendance").texts == corpus.digest()


def unlearnt() -> Iterator[tuple[bool, bool]]:
    """For each unseen mail that names several people: whether the weights alone, and whether the rules alone, find who takes part."""
    model = linear("attendance")
    for name in UNLEARNT:
        for label, content in labels(name):
            if label.get("participants") and (rows := judged(content, [p["name"] for p in label["participants"] if p["name"]])):
                likely = [model.likely(model.rows(seen))[TAKES_PART] >= 0.5 for seen, _ in rows]
                told = [any(name.endswith("told True") for name in seen) for seen, _ in rows]
                comes = [coming for _, coming in rows]
                yield likely == comes, told == comes


def test_more_is_found_than_by_the_sentences_alone() -> None:
    """Of unseen mails with several names at least three quarters are wholly right, and more than by the rules."""
    found = list(unlearnt())
    assert len(found) > 40
    assert sum(mine for mine, _ in found) / len(found) >= 0.75
    assert sum(mine for mine, _ in found) > sum(rules for _, rules in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please put Jan Ott and Eva Lenz from Blue Fern on the list. Both are looking forward to it.", ["Jan Ott", "Eva Lenz"]),
    ],
)
def test_who_takes_part(text: str, expected: list[str]) -> None:
    """Who is put on the list in words that the rules don't know does."""
    assert [name for name, *_ in people(read(text))] == expected


def spent(count: int) -> float:
    """CPU seconds for a list of so many people, the best of three."""
    people_ = zip(sorted(names.listed("first_names"))[::7], sorted(names.listed("last_names"))[::7], strict=False)
    lines = [f"{first.title()} {last.title()}, Verein Lippe" for first, last in people_][:count]
    took = []
    for _ in range(3):
        begun = time.process_time()
        read("Bitte melden Sie an:\n\n" + "\n".join(lines), subject="Klima-Werkstatt")
        took.append(time.process_time() - begun)
    assert len(lines) == count
    return min(took)


def test_a_long_list_takes_no_longer_than_its_length() -> None:
    """Eight times the names cost no more than eight times as much: nobody is compared with everybody."""
    assert spent(240) < 8 * spent(30)
