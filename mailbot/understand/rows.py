"""Names that stand in rows: families with one surname, lists a line each, and rows that a closing parted from the text.

Never decides who takes part. Upstream: ``entities``, ``names``; downstream: ``mentions``, ``people``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from mailbot.understand import names
from mailbot.understand.entities import Entity, EntityKind
from mailbot.understand.features import Zone
from mailbot.understand.normal import fold
from mailbot.understand.text import OwnText

_BETWEEN = re.compile(r"\s{0,3},\s{1,3}([^\W\d_][\w'’-]{1,30})(?:\s{0,3},\s{1,3}|\s{1,3}([^\W\d_]{1,5}|&|\+)\s{1,3})")
_BULLET = re.compile(r"\s{0,20}(?:[-–•*·]|\d{1,2}[.)])?\s{0,6}")
_TOP = 3  # lines that a signature's name stands in: below the closing, below an empty line
_INITIAL = 2
_GAP_END = 12  # between two names of a row
_MORE = ("\t", "  ", " (", " |", ";", " ;", "|", " – ", " - ", ",", ":")  # what parts a name from the rest of its row


def surnames(text: str, found: Sequence[tuple[str, int, int]]) -> list[str]:
    """Complete the first names of a row by the surname that ends it: "Anna, Eva und Jan Ott"; a place for each name."""
    shared: str | None = None
    done: list[str] = []
    for i in range(len(found) - 1, -1, -1):
        name, start, end = found[i]
        if " " in name:
            shared = None
        elif i + 1 < len(found):
            following, begun, _ = found[i + 1]
            gap = text[end:begun]
            if " " in following:
                shared = following.split()[-1] if _joined(gap) else None
            elif not (_joined(gap) or gap.strip() == ","):
                shared = None
        if shared and not _called(text, start):
            done.append(f"{name} {shared}")
            continue
        shared = None
        done.append(name)
    return done[::-1]


def _joined(gap: str) -> bool:
    return len(words := gap.split()) == 1 and fold(words[0]) in names.vocabulary().conjunctions


def _called(text: str, start: int) -> bool:
    """Whether it is a surname, called by "Frau" or "Herr"."""
    before = text[max(0, start - 8) : start].split()[-1:] or [""]
    return fold(before[0].strip(".")) in names.vocabulary().salutations


def completed(text: str, found: Sequence[Entity]) -> tuple[Entity, ...]:
    """With the names of a row or a list that only their neighbours give away."""
    people = [e for e in found if e.zone is Zone.TEXT and e.kind is EntityKind.NAME]
    more = [*_between(text, people), *_lines(text, people)]
    free = [m for m in more if not any(e.zone is Zone.TEXT and e.start < m.end and m.start < e.end for e in found)]
    return tuple(sorted((*found, *free), key=lambda e: (list(Zone).index(e.zone), e.start))) if free else tuple(found)


def _between(text: str, people: Sequence[Entity]) -> Iterator[Entity]:
    """One word between names of a row: "Anna, Xyz und Jan Ott"."""
    for one, other in pairwise(people):
        match = _BETWEEN.fullmatch(text, one.end, other.start) if other.start - one.end < _GAP_END * 4 else None
        if match and names.is_capital(match[1]) and not names.is_mark(fold(match[1])):
            joined = match[2] is None or fold(match[2]) in names.vocabulary().conjunctions
            if joined and fold(match[1]) not in names.vocabulary().everyday:
                yield Entity(EntityKind.NAME, match[1], Zone.TEXT, match.start(1), match.end(1))


def _lines(text: str, people: Sequence[Entity]) -> Iterator[Entity]:
    """A line that is a name, beside a line that is one."""
    rows = _rows(text)
    taken = {text.count("\n", 0, e.start) for e in people if begins_row(text, e)}
    begun = {text.count("\n", 0, e.start) for e in people}
    for number, (start, end) in enumerate(rows):
        if number not in begun and {number - 1, number + 1} & taken:
            at = _BULLET.match(text, start, end)
            begin = at.end() if at else start
            if names.is_name(text[begin:end]) and end - begin < _GAP_END * 4:
                yield Entity(EntityKind.NAME, text[begin:end].rstrip(), Zone.TEXT, begin, begin + len(text[begin:end].rstrip()))


def _rows(text: str) -> list[tuple[int, int]]:
    breaks = [-1, *(m.start() for m in re.finditer("\n", text)), len(text)]
    return [(a + 1, b) for a, b in pairwise(breaks)]


def begins_row(text: str, entity: Entity) -> bool:
    """Whether a name begins its line and something sets it apart from the rest."""
    line = text.rfind("\n", 0, entity.start) + 1
    lead = _BULLET.match(text, line)
    rest = text[entity.end : entity.end + 3]
    return lead is not None and lead.end() >= entity.start and (rest[:1] in {"", "\n"} or rest.startswith(_MORE))


def joined_below(own: OwnText, found: Sequence[Entity], *, several: bool) -> tuple[OwnText, tuple[Entity, ...]]:
    """Text and signature as one where the signature begins with a list of people; ``several``: the mail speaks of more than one."""
    signed = [e for e in found if e.zone is Zone.SIGNATURE and e.kind is EntityKind.NAME]
    announced = bool(signed) and own.text.rstrip().endswith(":")  # "Es nehmen teil:"
    if not (announced or _listed(own.signature, signed, several=several)):
        return own, tuple(found)
    offset = len(own.text) + 2 if own.text else 0
    whole = f"{own.text}\n\n{own.signature}" if own.text else own.signature
    moved = [
        replace(e, zone=Zone.TEXT, start=e.start + offset, end=e.end + offset) if e.zone is Zone.SIGNATURE else e for e in found
    ]
    return replace(own, text=whole, signature=""), tuple(moved)


def _listed(signature: str, signed: Sequence[Entity], *, several: bool) -> bool:
    """Whether two people stand in a row or in lines one below the other; lines with an address each say so themselves."""
    for one, other in pairwise(signed):
        gap = signature[one.end : other.start]
        below = begins_row(signature, one) and begins_row(signature, other) and gap.count("\n") == 1 and ":" not in gap
        addressed = "@" in gap and "@" in signature[other.end :].partition("\n")[0]
        if (several and _joined(gap)) or (below and (several or addressed) and not names.same(one.text, other.text)):
            return True
    return False


def signed(signature: str, found: Sequence[Entity], address: str) -> tuple[Entity, ...]:
    """With the name that a signature begins with, where nothing in it was taken for one."""
    here = [e for e in found if e.zone is Zone.SIGNATURE]
    if any(e.kind is EntityKind.NAME for e in here):
        return tuple(found)
    for start, end in _rows(signature)[:_TOP]:
        line = signature[start:end].strip()
        known = fold(line.partition(" ")[0]) in names.listed("first_names") and not names.has_plain_mark(line)
        if known and names.is_name(line) and names.folded(line)[0] not in names.vocabulary().everyday:
            at = start + signature[start:end].index(line)
            name = Entity(EntityKind.NAME, line, Zone.SIGNATURE, at, at + len(line))
            left = [e for e in found if e.zone is not Zone.SIGNATURE or not (e.start < name.end and name.start < e.end)]
            return (*left, name) if _own(line, address) or not _replaced(here, name) else tuple(found)
    return tuple(found)


def _replaced(here: Sequence[Entity], name: Entity) -> bool:
    return any(e.kind is EntityKind.INSTITUTION and e.start < name.end and name.start < e.end for e in here)


def _own(name: str, address: str) -> bool:
    """Whether the address before the "@" holds a word of the name."""
    local = fold(address.partition("@")[0])
    return any(len(word) > _INITIAL and word in local for word in names.words_of(name))


def a_place(signature: str, entity: Entity, address: str) -> bool:
    """Whether a single word that closes a signature right below a name is where somebody lives: "Anna Meier", "Musterstadt"."""
    key = fold(entity.text)
    alone = entity.text.isalpha() and not entity.text.isupper() and not signature[entity.end :].strip()
    above = signature[: entity.start].rstrip(" ").rstrip("\n").rpartition("\n")[2]
    bare = not signature[: entity.start].rpartition("\n")[2].strip()
    return alone and bare and names.is_name(above) and not names.is_mark(key) and key not in fold(address)
