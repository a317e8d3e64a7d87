"""Which person is meant, where a family or an office shares one address. A guess is never taken for an answer. Pure."""

import re
from collections.abc import Sequence

from mailbot.domain.facts import Registration
from mailbot.intents.base import Case

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def words(text: str | None) -> tuple[str, ...]:
    """The words of a text, case-folded, without punctuation."""
    return tuple(_WORD.findall((text or "").casefold()))


def fold_name(name: str | None) -> str:
    """The form in which two spellings of one name are equal."""
    return " ".join((name or "").casefold().split())


def is_partial(name: str) -> bool:
    """Whether it is only a first name or only a surname."""
    return " " not in name.strip()


def with_other_word(name: str | None, said: str | None) -> str | None:
    """A name as it is known, or as it is said where that adds the other word: "Heike", "Heike Meier"."""
    if not name:
        return said
    adds = said and is_partial(name) and len(words(said)) > 1 and set(words(name)) <= set(words(said))
    return said if adds else name


def persons(rows: Sequence[Registration]) -> set[str]:
    """The different people among rows of one address, by their folded names."""
    return {fold_name(r.name) for r in rows}


def named(rows: Sequence[Registration], name: str | None) -> tuple[Registration, ...]:
    """The rows of the one person whom a name means: equal, else the only one of whom all words fit; () when unclear."""
    exact = tuple(r for r in rows if name and fold_name(r.name) == fold_name(name))
    if exact:
        return exact
    wanted = set(words(name))
    alike = tuple(r for r in rows if _alike(wanted, set(words(r.name))))
    return alike if len(persons(alike)) == 1 else ()


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


def in_text(rows: Sequence[Registration], text: str, *, first_names: bool = False) -> tuple[Registration, ...]:
    """The rows whose full names stand in a text (or, in an answer to our question, whose first name alone does)."""
    said = words(text)
    found = tuple(r for r in rows if len(words(r.name)) > 1 and _contains(said, words(r.name)))
    if found or not first_names:
        return found
    firsts = {fold_name(r.name): words(r.name)[0] for r in rows if words(r.name)}
    unique = {name for name, first in firsts.items() if list(firsts.values()).count(first) == 1 and first in said}
    return tuple(r for r in rows if fold_name(r.name) in unique)


def _contains(said: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return any(said[i : i + len(name)] == name for i in range(len(said) - len(name) + 1))


def meant(case: Case, rows: Sequence[Registration]) -> tuple[Registration, ...] | None:
    """The rows of whom the mail speaks; None when several people share the address and it names nobody: ask.

    An answer to our question counts first, then a single full name in the mail's own words, then the sender's name.
    """
    everybody = tuple(rows)
    if case.meant is not None:
        return tuple(r for r in everybody if r.id in case.meant)
    if len(persons(everybody)) <= 1:
        return everybody
    spoken = in_text(everybody, case.understanding.own_text)
    if spoken:
        return spoken if len(persons(spoken)) == 1 else None
    listed = [p.name for p in case.understanding.participants if p.name] if len(case.understanding.participants) == 1 else []
    return next((found for name in (*listed, case.sender_name) if (found := named(everybody, name))), None)
