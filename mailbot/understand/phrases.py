"""Phrases of the lexicons and where they occur: words, prefixes, classes and gaps, matched in time linear in the text.

A phrase is written as one reads it: ``melde* ... (mich|uns) ... an``. ``word*`` begins so, ``*word`` ends so, ``*word*`` holds it;
``(a|b)`` one of these; ``{class}`` a class of the lexicon; ``word?`` may be missing; ``..`` up to four words between, ``...`` up to
fourteen; ``^`` the sentence begins, ``$`` it ends. There are no regular expressions over texts, so nothing can take long.
Upstream: ``lexicon``; downstream: ``evidence``.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from rapidfuzz.distance import OSA

from mailbot.errors import MailbotError
from mailbot.understand.normal import Sentence, fold

_GAPS = {"..": 4, "...": 14}
_PART = re.compile(r"\([^()]*\)\??|\S+")
_MIN_TYPO = 6
Slots = frozenset[int]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase: the slots that its words must fill and how many words may stand before each."""

    signal: str
    language: str
    text: str
    slots: tuple[int, ...]
    gaps: tuple[int, ...]
    begins: bool
    needed: Slots
    tail: int | None  # how many words may follow up to the sentence's end; None: any


class Match(NamedTuple):
    """Where a phrase stands in a sentence: the places of its words."""

    phrase: Phrase
    path: tuple[int, ...]


class Matcher:
    """Every phrase of every lexicon, compiled once."""

    def __init__(self, phrases: Iterable[tuple[str, str, str, Mapping[str, Sequence[str]]]], typos: Iterable[str]) -> None:
        """``phrases``: (signal, language, text, classes); ``typos``: words that are recognised in spite of one wrong letter."""
        self._ids: dict[frozenset[str], int] = {}
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._prefix: dict[str, set[int]] = defaultdict(set)
        self._suffix: dict[str, set[int]] = defaultdict(set)
        self._inside: dict[str, set[int]] = defaultdict(set)
        self.slots = lru_cache(maxsize=8192)(self._slots)
        self._anchors = lru_cache(maxsize=4)(self._anchored)
        self._typos: dict[str, list[str]] = defaultdict(list)  # by their first letter, which nobody mistypes
        for word in {fold(w) for w in typos}:
            self._typos[word[0]].append(word)
        compiled = [p for signal, language, text, classes in phrases for p in self._compile(signal, language, text, classes)]
        use = Counter(slot for p in compiled for slot in set(p.slots))
        sizes = [len(words) for words in self._ids]  # a slot's number is its place
        self._by_anchor: dict[int, list[tuple[Slots, Phrase]]] = defaultdict(list)
        for phrase in compiled:
            self._by_anchor[min(phrase.slots, key=lambda s: (use[s], sizes[s]))].append((phrase.needed, phrase))
        self._lengths = sorted({len(p) for p in self._prefix}), sorted({len(s) for s in self._suffix})

    def _slot(self, words: frozenset[str]) -> int:
        if words not in self._ids:
            number = self._ids[words] = len(self._ids)
            for word in words:
                bare = fold(word.strip("*"))
                kinds = {
                    (False, False): self._exact,
                    (False, True): self._prefix,
                    (True, False): self._suffix,
                    (True, True): self._inside,
                }
                kinds[word.startswith("*"), word.endswith("*")][bare].add(number)
        return self._ids[words]

    def _compile(self, signal: str, language: str, text: str, classes: Mapping[str, Sequence[str]]) -> Iterator[Phrase]:
        """Give every way to read one phrase: optional words and alternatives of several words make several."""
        parts = _PART.findall(text)
        begins, ends = parts[:1] == ["^"], parts[-1:] == ["$"]
        steps: list[list[list[frozenset[str]]]] = []
        before: list[int] = []
        gap = 0
        for part in parts[begins : len(parts) - ends]:
            if part in _GAPS:
                gap = _GAPS[part]
                continue
            steps.append(_choices(part, classes, f"{language}: {text}"))
            before.append(gap)
            gap = 0
        for choice in product(*steps):
            items = [(word, g if first else 0) for step, g in zip(choice, before, strict=True) for first, word in _marked(step)]
            if items:
                slots, gaps = tuple(self._slot(w) for w, _ in items), tuple(g for _, g in items)
                yield Phrase(signal, language, text, slots, gaps, begins, frozenset(slots), gap if ends else None)

    def _anchored(self, only: frozenset[str]) -> dict[int, list[tuple[Slots, Phrase]]]:
        """The phrases of these signals, or all if none are given, each by the slot that fewest others need."""
        if not only:
            return self._by_anchor
        found = {slot: [pair for pair in pairs if pair[1].signal in only] for slot, pairs in self._by_anchor.items()}
        return {slot: pairs for slot, pairs in found.items() if pairs}

    def _slots(self, word: str) -> Slots:
        """Every slot that this folded word fills."""
        found = self._look_up(word)
        if word not in self._exact and (corrected := self._corrected(word)):
            found |= self._look_up(corrected)
        return found

    def _look_up(self, word: str) -> Slots:
        heads = [word[:size] for size in self._lengths[0] if size <= len(word)]
        tails = [word[-size:] for size in self._lengths[1] if size <= len(word)]
        inner = [numbers for part, numbers in self._inside.items() if part in word]
        known = (self._exact.get(word), *map(self._prefix.get, heads), *map(self._suffix.get, tails), *inner)
        return frozenset().union(*filter(None, known))

    def _corrected(self, word: str) -> str:
        """A key word with one slip of the pen; none when two are equally near (anmelden, abmelden)."""
        if len(word) < _MIN_TYPO or not word.isalpha():
            return ""
        alike = self._typos.get(word[0], ())
        near = [w for w in alike if abs(len(w) - len(word)) <= 1 and OSA.distance(w, word, score_cutoff=1) <= 1]
        return near[0] if len(near) == 1 else ""

    def find(self, sentence: Sentence, only: frozenset[str] = frozenset()) -> list[Match]:
        """Every phrase that stands in this sentence, once each; ``only``: of these signals, if any are given."""
        filled = [self.slots(w.text) for w in sentence.words]
        present: Slots = frozenset().union(*filled)
        anchored = filter(None, map(self._anchors(only).get, present))
        candidates = [p for phrases in anchored for needed, p in phrases if needed <= present]
        return [Match(p, path) for p in candidates if (path := _path(p, filled)) is not None]


def _marked(step: list[frozenset[str]]) -> list[tuple[bool, frozenset[str]]]:
    return [(i == 0, word) for i, word in enumerate(step)]


def _choices(part: str, classes: Mapping[str, Sequence[str]], where: str) -> list[list[frozenset[str]]]:
    """Read ``(a|b c|{class})?``: the single words are one choice, each group of words another, nothing if optional."""
    single: set[str] = set()
    several: list[list[frozenset[str]]] = []
    for item in part.removesuffix("?").strip("()").split("|"):
        words = [_members(word, classes, where) for word in item.split()]
        if len(words) == 1:
            single |= words[0]
        elif words:
            several.append(words)
    choices = ([[frozenset(single)]] if single else []) + several
    return [*choices, []] if part.endswith("?") else choices


def _members(word: str, classes: Mapping[str, Sequence[str]], where: str) -> frozenset[str]:
    if not word.startswith("{"):
        return frozenset({word})
    if word.strip("{}") not in classes:
        msg = f"lexicon {where}: there is no class {word}"
        raise MailbotError(msg)
    return frozenset(classes[word.strip("{}")])


def _place(phrase: Phrase, filled: Sequence[Slots], last: int) -> tuple[int, ...] | None:
    """The first place of a single word."""
    slot, furthest = phrase.slots[0], min(phrase.gaps[0], last) if phrase.begins else last
    first = 0 if phrase.tail is None else max(0, last - phrase.tail)
    return next(((i,) for i in range(first, furthest + 1) if slot in filled[i]), None)


def _path(phrase: Phrase, filled: Sequence[Slots]) -> tuple[int, ...] | None:
    """The places of the phrase's words; the nearest of several ways."""
    last = len(filled) - 1
    if len(phrase.slots) == 1:
        return _place(phrase, filled, last)
    head, furthest = phrase.slots[0], phrase.gaps[0] if phrase.begins else last
    reached: dict[int, tuple[int, ...]] = {i: (i,) for i in range(min(furthest, last) + 1) if head in filled[i]}
    for slot, gap in zip(phrase.slots[1:], phrase.gaps[1:], strict=True):
        following: dict[int, tuple[int, ...]] = {}
        for place, path in reached.items():
            for i in range(place + 1, min(place + gap + 1, last) + 1):
                if slot in filled[i]:
                    following[i] = (*path, i)
        reached = following
        if not reached:
            return None
    ways = [path for place, path in reached.items() if phrase.tail is None or last - place <= phrase.tail]
    return min(ways, key=lambda p: p[-1] - p[0]) if ways else None
