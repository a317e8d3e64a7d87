"""Names of people and institutions, departments, roles and words such as "privat" in a mail: runs of words of one label.

The labels come from ``chain``, whose weights are learnt from texts that were written for it, never from participants' mails.
Says what stands where, never who takes part. Upstream: ``text``, ``features``; downstream: ``mentions``, ``people``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mailbot.understand import houses, names
from mailbot.understand.chain import chain
from mailbot.understand.features import Piece, Zone, groups, pieces

_SHORT = 4
_UNNAMED = {"line", "gap"}
_ENDS = {";", "|", "!", "?", ":"}


class EntityKind(StrEnum):
    """What a run of words names."""

    NAME = "N"
    INSTITUTION = "I"
    DEPARTMENT = "D"
    ROLE = "R"
    PRIVATE = "P"


@dataclass(frozen=True, slots=True)
class Entity:
    """One run of words; ``start`` and ``end`` are places in its zone's text."""

    kind: EntityKind
    text: str
    zone: Zone
    start: int
    end: int


_HOUSES = {EntityKind.INSTITUTION, EntityKind.PRIVATE}
_LEAN = {"I": 120, "P": 60}  # hundredths


def entities(zones: Sequence[tuple[Zone, str]], address: str) -> tuple[Entity, ...]:
    """Find what the zones of a mail name, in their order; ``address`` is the sender's."""
    words = pieces(zones)
    texts = dict(zones)
    model = chain()
    weighed = model.weigh(groups(words, texts.get(Zone.HEADER, ""), address))
    found = runs(words, model.label(weighed), texts)
    if any(e.kind in _HOUSES for e in found):
        return tuple(found)
    leaned = runs(words, model.label(weighed, _LEAN), texts)  # a mail without one is rarer than one that was overlooked
    return tuple(e for e in leaned if e.kind is not EntityKind.INSTITUTION or _a_house(e.text))


def _a_house(text: str) -> bool:
    """Whether it may be an institution by its spelling: "der Keller vollgelaufen" ends with a small word behind a capital."""
    words = text.split()
    return not (names.is_capital(words[0]) and words[-1].isalpha() and words[-1].islower())


def runs(words: Sequence[Piece], labels: Sequence[str], texts: dict[Zone, str]) -> list[Entity]:
    """Join neighbours of one label into entities."""
    found: list[Entity] = []
    going = False
    for piece, kind in zip(words, labels, strict=True):
        if kind == "O" or piece.kind in _UNNAMED or (piece.kind == "mark" and _parts(found[-1].text if going else "", piece.text)):
            going = False
            continue
        last = found[-1] if going else None
        if last and last.kind == kind and last.zone is piece.zone:
            text = " ".join(texts[piece.zone][last.start : piece.end].split())
            found[-1] = Entity(last.kind, text, last.zone, last.start, piece.end)
        else:
            found.append(Entity(EntityKind(kind), piece.text, piece.zone, piece.start, piece.end))
        going = True
    return [_whole(_closed(e), texts) for e in found if any(c.isalnum() for c in e.text)]


def _parts(before: str, mark: str) -> bool:
    """Whether a mark ends an entity whatever its labels: "… Anna Meier. Jan Ott …"; not behind a short word as in "Pvt. Ltd."."""
    return mark in _ENDS or (mark == "." and len(before.rpartition(" ")[2]) > _SHORT)


def _closed(entity: Entity) -> Entity:
    """Without a bracket that is opened and not closed: "River Trust (small"."""
    head, bracket, _ = entity.text.partition("(")
    if not bracket or ")" in entity.text or not head.strip():
        return entity
    return replace(entity, text=head.strip(), end=entity.start + len(head.rstrip()))


def _whole(entity: Entity, texts: dict[Zone, str]) -> Entity:
    """With the legal form that stands right behind an institution: "Turnverein Verl" and "e. V."; and with what leads to it."""
    if entity.kind is not EntityKind.INSTITUTION:
        return entity
    text = texts[entity.zone]
    gap = len(text) - len(text[entity.end :].lstrip(" "))
    legal = names.vocabulary().legal.match(text, gap) if gap - entity.end <= 1 else None
    end = legal.end() + (text[legal.end() : legal.end() + 1] == "." and "." in legal[0]) if legal else entity.end
    start, end, value = houses.whole(text, entity.start, end)
    return replace(entity, text=value, start=start, end=end)
