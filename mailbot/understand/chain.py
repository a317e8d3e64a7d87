"""A linear chain over words: the likeliest labels by learnt weights (Viterbi). Knows neither mails nor what labels mean.

A feature's weights for all labels are one whole number, a field a label, so that summing up features is adding numbers.
The weights are learnt by ``tests/training/entities.py``. Upstream: ``features``; downstream: ``entities``.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import repeat
from operator import add
from types import MappingProxyType
from typing import Any

_FIELD = 24  # bits: hundredths of some hundred features
_MASK = (1 << _FIELD) - 1
_STRAIGHT: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Chain:
    """The weights of each feature, and those of a label behind another: ``moves[to][from]``; all in hundredths."""

    labels: tuple[str, ...]
    moves: tuple[tuple[int, ...], ...]
    weights: dict[str, int]

    def weigh(self, words: Iterable[Sequence[tuple[str, ...]]]) -> list[list[int]]:
        """Give each word's weight for each label (and one constant more), from its groups of features."""
        shifts = range(0, _FIELD * len(self.labels), _FIELD)
        level = _packed([1 << (_FIELD - 1)] * len(self.labels))  # no field below zero
        totals = (sum(map(self.group, groups), level) for groups in words)
        return [[total >> shift & _MASK for shift in shifts] for total in totals]

    @cached_property
    def group(self) -> Callable[[tuple[str, ...]], int]:
        """Sum up the features of a group; groups recur."""
        get = self.weights.get
        return lru_cache(maxsize=65_536)(lambda features: sum(map(get, features, repeat(0))))

    def label(self, words: Sequence[Sequence[int]], lean: Mapping[str, int] = _STRAIGHT) -> list[str]:
        """Give the likeliest labels of weighed words; ``lean`` adds to the weight of labels."""
        if not words:
            return []
        more = tuple(lean.get(name, 0) for name in self.labels)
        score: Sequence[int] = [*map(add, words[0], more)]
        back: list[list[int]] = []
        for here in words[1:]:
            steps = [[*map(add, score, moves)] for moves in self.moves]
            best = [max(step) for step in steps]
            back.append([step.index(top) for step, top in zip(steps, best, strict=True)])
            score = [*map(sum, zip(best, here, more, strict=True))]
        path = [score.index(max(score))]
        for step in reversed(back):
            path.append(step[path[-1]])
        return [self.labels[i] for i in reversed(path)]


def _packed(row: Sequence[int]) -> int:
    """One number with a field for each label; a negative field borrows of the next, which sums give back."""
    return sum(value << (_FIELD * i) for i, value in enumerate(row))


def parsed(table: Mapping[str, Any]) -> Chain:
    """Make a chain of what the training wrote; a row is as in CSV, nothing for nought."""
    weights = {feature: _packed([int(value or 0) for value in row.split(",")]) for feature, row in table["weights"].items()}
    return Chain(tuple(table["labels"]), tuple(tuple(row) for row in table["moves"]), weights)


@lru_cache(maxsize=1)
def chain() -> Chain:
    """Read the learnt weights of the package, once."""
    return parsed(json.loads(files("mailbot.understand").joinpath("models", "entities.json").read_text("utf-8")))
