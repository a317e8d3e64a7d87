"""A linear chain over words: the likeliest labels by learnt weights (Viterbi). Knows neither mails nor what labels mean.

The weights are learnt by ``tests/training/entities.py``. Upstream: ``features``; downstream: ``entities``.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from operator import add, sub
from types import MappingProxyType
from typing import Any

from mailbot.understand import packed
from mailbot.understand.features import Group

_FAR = 1 << 40  # beyond every sum of weights
_STRAIGHT: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Chain:
    """The weights of each feature, and those of a label behind another: ``moves[to][from]``; all in hundredths."""

    labels: tuple[str, ...]
    moves: tuple[tuple[int, ...], ...]
    weights: Mapping[str, str]  # a row a feature: as in CSV, nothing for nought

    def weigh(self, words: Iterable[Sequence[Group]]) -> list[list[int]]:
        """Give each word's weight for each label (and one constant more), from its groups of features."""
        columns = len(self.labels)
        level = packed.level(columns)
        return [packed.fields(sum(map(self.group, groups), level), columns) for groups in words]

    @cached_property
    def group(self) -> Callable[[Group], int]:
        """Sum up the features of a group; groups recur."""
        get = self.weights.get
        return lru_cache(maxsize=8192)(lambda features: sum(map(packed.read, filter(None, map(get, features)))))

    def label(self, words: Sequence[Sequence[int]], lean: Mapping[str, int] = _STRAIGHT) -> list[str]:
        """Give the likeliest labels of weighed words; ``lean`` adds to the weight of labels."""
        if not words:
            return []
        more = tuple(lean.get(name, 0) for name in self.labels)
        score: Sequence[int] = [*map(add, words[0], more)]
        back: list[Sequence[int]] = []
        for here in words[1:]:
            at = self._ahead(score)
            if at is None:
                steps = [[*map(add, score, moves)] for moves in self.moves]
                best = [max(step) for step in steps]
                back.append([step.index(top) for step, top in zip(steps, best, strict=True)])
            else:
                best = [score[at] + move for move in self._behind[at]]
                back.append([at] * len(best))
            score = [*map(sum, zip(best, here, more, strict=True))]
        path = [score.index(max(score))]
        for step in reversed(back):
            path.append(step[path[-1]])
        return [self.labels[i] for i in reversed(path)]

    def _ahead(self, score: Sequence[int]) -> int | None:
        """The label that leads by so much that every label's best way comes from it, as in most of a text; None where none does."""
        at = max(range(len(score)), key=score.__getitem__)
        reach = map(add, score, self._reach[at])
        return at if max(reach) < score[at] else None

    @cached_property
    def _behind(self) -> list[tuple[int, ...]]:
        """The weights of all labels behind one: ``[from][to]``."""
        return list(zip(*self.moves, strict=True))

    @cached_property
    def _reach(self) -> list[list[int]]:
        """By how much a label's moves are better than those of the one that leads, at most: ``[leading][other]``."""
        pairs = [[max(map(sub, other, leading)) for other in self._behind] for leading in self._behind]
        return [[-_FAR if i == leading else gain for i, gain in enumerate(gains)] for leading, gains in enumerate(pairs)]


def parsed(table: Mapping[str, Any]) -> Chain:
    """Make a chain of what the training wrote."""
    return Chain(tuple(table["labels"]), tuple(tuple(row) for row in table["moves"]), table["weights"])


@lru_cache(maxsize=1)
def chain() -> Chain:
    """Read the learnt weights of the package, once."""
    return parsed(json.loads(files("mailbot.understand").joinpath("models", "entities.json").read_text("utf-8")))
