"""Boosted decision trees over named figures: how likely one thing is.

The trees are data of the package; ``tests/training`` learns them. Knows neither mails nor what the figures mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp
from typing import Any, TypeAlias

Node: TypeAlias = "float | list[Any]"  # what a leaf adds, or [column, limit, node up to the limit, node above it]
_FAR = 30.0


@dataclass(frozen=True)
class Forest:
    """The sum of many small trees, as log odds."""

    texts: str  # what the trees were learnt from, in short
    columns: tuple[str, ...]
    start: float
    trees: tuple[Node, ...]

    def likely(self, figures: Mapping[str, float]) -> float:
        """How likely it is, between 0 and 1; a figure that is not given is 0."""
        row = [figures.get(name, 0.0) for name in self.columns]
        odds = self.start + sum([_leaf(tree, row) for tree in self.trees])
        return 1 / (1 + exp(-max(-_FAR, min(_FAR, odds))))


def _leaf(node: Node, row: list[float]) -> float:
    while isinstance(node, list):
        column, limit, low, high = node
        node = low if row[column] <= limit else high
    return node


@lru_cache(maxsize=4)
def forest(name: str) -> Forest:
    """Read the learnt trees of this name from the package, once."""
    table = json.loads(files("mailbot.understand").joinpath("models", f"{name}.json").read_text("utf-8"))
    return Forest(table["texts"], tuple(table["columns"]), float(table["start"]), tuple(table["trees"]))
