"""Constructions that say which value becomes which ("statt {old} bitte {new}"), looked for in a text of words and values.

Never looks into a value. The constructions are data of the lexicons. Upstream: ``values``; downstream: ``corrections``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailbot.understand.lexicon import lexicons
from mailbot.understand.mentions import PRIVATE
from mailbot.understand.normal import fold
from mailbot.understand.values import Item, field_word

_GAP, _SKIPPED = 8, 6
_WEIGHT, _PAIR, _WEAK = 10, 5, 20
_VALUE, _LABEL = "{}", "{label}"


@dataclass(frozen=True, slots=True)
class _Atom:
    """A word or one of several, a value with its role, or any words (``gap``)."""

    words: frozenset[str] = frozenset()
    role: str = ""
    hint: str = ""
    label: bool = False
    gap: bool = False
    any: bool = False
    optional: bool = False

    def fits(self, item: Item) -> bool:
        if self.role:
            if self.hint in {"email", "private"}:
                return item.kind == "value" and ("@" in item.text if self.hint == "email" else item.text == PRIVATE)
            return item.kind == "value"
        if self.label:
            return item.kind == "word" and field_word(item.key) is not None
        if self.any:
            return item.kind in {"word", "value"}
        return item.kind != "value" and item.key in self.words


@dataclass(frozen=True, slots=True)
class Match:
    """A construction found: the places of its values by role (``old``, ``new``, ``now``), and how sure it is."""

    places: tuple[tuple[str, int], ...]
    hint: str
    weight: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    atoms: tuple[_Atom, ...]
    needed: tuple[frozenset[str], ...]

    def possible(self, keys: frozenset[str]) -> bool:
        """Whether a text with these words can hold it."""
        return not any(words.isdisjoint(keys) for words in self.needed)


@dataclass(slots=True)
class _Walk:
    at: int
    words: int = 0
    passed: int = 0


def matches(items: Sequence[Item]) -> list[Match]:
    """Every construction of a text."""
    keys = frozenset(item.key for item in items if item.kind != "value")
    begins = [(at, first) for at, item in enumerate(items) for first in _firsts(item) if first in _patterns()]
    possible = {first: [p for p in _patterns()[first] if p.possible(keys)] for first in {first for _, first in begins}}
    tries = (_match(items, at, p.atoms) for at, first in begins for p in possible[first])
    return [match for match in tries if match]


def _firsts(item: Item) -> tuple[str, ...]:
    """What a construction that begins here may begin with."""
    if item.kind == "value":
        return (_VALUE,)
    return (item.key, _LABEL) if item.kind == "word" and field_word(item.key) else (item.key,)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, tuple[_Pattern, ...]]:
    """The constructions by the word that they begin with."""
    found: dict[str, list[_Pattern]] = {}
    for line in lexicons().correction_patterns:
        atoms = tuple(_atom(word) for word in line.split())
        pattern = _Pattern(atoms, tuple(a.words for a in atoms[1:] if a.words and not a.optional))
        first = atoms[0]
        for key in [_VALUE] if first.role else [_LABEL] if first.label else first.words:
            found.setdefault(key, []).append(pattern)
    return {key: tuple(several) for key, several in found.items()}


def _atom(word: str) -> _Atom:
    optional, word = word.endswith("?"), word.removesuffix("?")
    if word in {"~", "_", _LABEL}:
        return _Atom(gap=word == "~", any=word == "_", label=word == _LABEL, optional=optional)
    if word.startswith("{"):
        role, _, hint = word.strip("{}").partition(":")
        return _Atom(role=role, hint=hint)
    keys = [w if w in {":", "->"} else fold(w) for w in word.strip("()").split("|")]
    return _Atom(words=frozenset(keys), optional=optional)


def _match(items: Sequence[Item], at: int, atoms: tuple[_Atom, ...]) -> Match | None:
    walk, places, hint, loose = _Walk(at), [], "", False
    for number, atom in enumerate(atoms):
        if atom.gap:
            loose = True
            continue
        place = at if number == 0 else _seek(items, walk, atom, loose=loose)
        if place is None:
            if atom.optional:
                continue
            return None
        walk.at, loose = place + 1, False
        walk.words += 1
        if atom.role:
            places.append((atom.role, place))
            hint = hint or ("institution" if atom.hint == "private" else atom.hint)
    weak = _WEAK if any(role == "now" for role, _ in places) else 0
    return Match(tuple(places), hint, walk.words * _WEIGHT + _PAIR * len(places) - walk.passed - weak)


def _seek(items: Sequence[Item], walk: _Walk, atom: _Atom, *, loose: bool) -> int | None:
    """The next place where this fits; between may stand signs, words that say nothing, and (``loose``) some other words."""
    passed = 0
    for place in range(walk.at, min(len(items), walk.at + 2 * (_GAP + _SKIPPED))):
        item = items[place]
        if atom.fits(item):
            walk.passed += passed
            return place
        if not (_free(item, loose=loose) or (loose and _passable(item))):
            return None
        passed += item.kind == "word"
        if passed > (_GAP if loose else _SKIPPED):
            return None
    return None


def _free(item: Item, *, loose: bool) -> bool:
    if item.kind == "soft":
        return not loose or item.key in {":", "\n", "("}
    return item.kind == "word" and (item.key in lexicons().corrections("skipped") or field_word(item.key) is not None)


def _passable(item: Item) -> bool:
    return item.kind == "word" and item.key not in _barriers()


@lru_cache(maxsize=1)
def _barriers() -> frozenset[str]:
    return lexicons().words("negation") | lexicons().corrections("contrary")
