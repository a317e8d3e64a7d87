"""A linear model over named features (logistic regression, one class against the rest): how likely each class is.

The weights are data of the package, in hundredths; ``tests/training`` learns them. Knows neither mails nor what classes mean.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from math import exp
from typing import Any

from mailbot.understand import packed

_FAR = 30.0
_UNITS = 100


@dataclass(frozen=True)
class Linear:
    """One row a feature, one column a class."""

    texts: str  # what the weights were learnt from, in short
    languages: frozenset[str]
    classes: tuple[str, ...]
    start: tuple[float, ...]
    weights: Mapping[str, str]  # as in CSV, nothing for nought

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "Linear":
        """The model of a table as it is stored."""
        return cls(table["texts"], frozenset(table["languages"]), tuple(table["classes"]), tuple(table["start"]), table["weights"])

    @cached_property
    def columns(self) -> dict[str, int]:
        """Class → its column."""
        return {name: column for column, name in enumerate(self.classes)}

    def rows(self, seen: Iterable[str]) -> dict[str, int]:
        """The features that weigh anything, each with its packed row."""
        return {name: packed.read(row) for name in seen if (row := self.weights.get(name))}

    def likely(self, rows: Mapping[str, int]) -> dict[str, float]:
        """How likely each class is, between 0 and 1; together they need not make a whole."""
        share = scale(len(rows)) / _UNITS
        columns = packed.sums(tuple(rows.values()), len(self.classes))
        values = [start + share * column for start, column in zip(self.start, columns, strict=True)]
        return {name: 1 / (1 + exp(-max(-_FAR, min(_FAR, value)))) for name, value in zip(self.classes, values, strict=True)}


@lru_cache(maxsize=4)
def linear(name: str) -> Linear:
    """Read the learnt weights of this name from the package, once."""
    return Linear.of(json.loads(files("mailbot.understand").joinpath("models", f"{name}.json").read_text("utf-8")))


def row(weights: Iterable[int]) -> str:
    """A feature's weights as the model holds them."""
    return ",".join(str(weight or "") for weight in weights)


def scale(count: int) -> float:
    """How much each of so many features weighs: a long mail must not be surer than a short one for its length."""
    return float(max(count, 1) ** -0.25)
