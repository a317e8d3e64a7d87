"""What one mail mentions, by place: entities in their sentences and lines, what stands beside a name, what introduces it.

Never decides who takes part. Upstream: ``entities``, ``names``; downstream: ``prose``, ``people``.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from mailbot.domain.mail import fold_address
from mailbot.domain.understanding import Participant
from mailbot.understand import names, rows
from mailbot.understand.entities import Entity, EntityKind
from mailbot.understand.features import Zone
from mailbot.understand.normal import fold

EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9À-ÿ-]{1,63}(?:\.[A-Za-z0-9À-ÿ-]{1,63}){1,5}")
PRIVATE = "privat"
_NEAR = 90
_ENTRY = 400  # a longer line is running text
_MAX = 8_000
_ENDS = re.compile(r"[.!?]\s+(?=[A-ZÀ-Þ])|\n\s*\n")
_BRACKETS = re.compile(r"\([^()\n]{0,60}\)")
_SMALL = re.compile(r"[^\W\d_]+")
_FEW = 2
_ROW_GAP = 8  # between names of one row
_BLOCK = 4  # lines below a name that still speak of it
_INTRODUCTION = 5
_AGE = re.compile(r" ?\((?:[5-9]|1[0-7])\)|, (?:[5-9]|1[0-7]),")


@dataclass(frozen=True, slots=True)
class Record:
    """A name with what stands beside it, and its place in the text."""

    person: Participant
    start: int
    end: int
    line: int
    entry: bool = False  # a line or a block that holds nothing else


@dataclass(frozen=True)
class Mentions:
    """The entities of one mail and the text that the sender wrote."""

    text: str
    entities: tuple[Entity, ...]
    ours: frozenset[str] = frozenset()  # addresses that are nobody's of the mail, folded

    def of(self, *kinds: EntityKind, zone: Zone = Zone.TEXT) -> list[Entity]:
        """The entities of these kinds in one zone, in their order."""
        return [e for e in self.entities if e.zone is zone and e.kind in kinds]

    def between(self, kind: EntityKind, start: int, end: int) -> list[Entity]:
        """The entities of this kind between two places of the text."""
        return [e for e in self.of(kind) if start <= e.start < end]

    @property
    def children(self) -> bool:
        """Whether an age of five to seventeen stands behind a name: "Emil Kröger (9)", "Emil, 9, und"; less may count people."""
        return any(_AGE.match(self.text, e.end) for e in self.of(EntityKind.NAME))

    @cached_property
    def fulls(self) -> list[str]:
        """Every name of the mail that is given in full, the text's first."""
        order = (Zone.TEXT, Zone.SIGNATURE, Zone.SUBJECT, Zone.HEADER)
        found = [names.clean_name(e.text) for zone in order for e in self.of(EntityKind.NAME, zone=zone)]
        found = [r.person.name or "" for r in self.records] + found
        return [n for n in dict.fromkeys(found) if names.is_full(n)]

    @cached_property
    def houses(self) -> list[Entity]:
        """The institutions of the text, an institute with its university, and what stands for one: "privat"."""
        found = self.of(EntityKind.PRIVATE, EntityKind.INSTITUTION)
        parts = {p.end: p for p in self.of(EntityKind.DEPARTMENT)}
        return [self._with_part(e, parts) if e.kind is EntityKind.INSTITUTION else e for e in found]

    def _with_part(self, entity: Entity, parts: Mapping[int, Entity]) -> Entity:
        """Such as "Institut für Wasserbau der TH Soest"; not "Bauabteilung der Stadt Soest"."""
        before = next((p for end, p in parts.items() if end <= entity.start and self._joined(end, entity.start)), None)
        inner = before is not None and any(w in names.vocabulary().bindings for w in names.folded(before.text))
        if before is None or (names.is_department(before.text) and not inner) or not names.has_plain_mark(before.text):
            return entity
        return replace(entity, text=" ".join(self.text[before.start : entity.end].split()), start=before.start)

    def _joined(self, start: int, end: int) -> bool:
        words = self.text[start:end].split() if end - start < _INTRODUCTION * 2 else ["", ""]
        return len(words) <= 1 and all(w in names.vocabulary().articles | {"of", "at"} for w in words)

    @cached_property
    def department(self) -> str | None:
        """A department, where the mail names nothing else."""
        found = [e for zone in (Zone.TEXT, Zone.SIGNATURE) for e in self.of(EntityKind.DEPARTMENT, zone=zone)]
        return institution_of(found[0]) if found else None

    @cached_property
    def emails(self) -> list[tuple[int, str]]:
        """Every address in the text, with its place; not the mailbox that the mail was sent to."""
        found = [(m.start(), m[0].rstrip(".")) for m in EMAIL.finditer(self.text[:_MAX])]
        return [(at, email) for at, email in found if fold_address(email) not in self.ours]

    @cached_property
    def _breaks(self) -> list[int]:
        return [i for i, c in enumerate(self.text) if c == "\n"]

    def line_of(self, place: int) -> int:
        """The number of the line that a place stands in."""
        return bisect_right(self._breaks, place - 1) if place else 0

    def line(self, number: int) -> tuple[int, int]:
        """Where a line begins and ends."""
        start = self._breaks[number - 1] + 1 if number else 0
        return start, self._breaks[number] if number < len(self._breaks) else len(self.text)

    @cached_property
    def records(self) -> list[Record]:
        """Every name of the text with the institution, "privat" and the address that stand beside it."""
        found = [self._record(e, e.start, self._reach(i)) for i, e in enumerate(self._people)]
        return _led(self.text, list(_shared(self.text, _couples(self.text, found))))

    @cached_property
    def _people(self) -> list[Entity]:
        found = [e for e in self.of(EntityKind.NAME) if names.names_somebody(e.text)]
        return [e for e in found if " " in e.text or not (self._household(e) or self._of_relative(e))]

    def _household(self, entity: Entity) -> bool:
        """Whether a surname stands for a family: "Familie Meier"."""
        before = self.text[max(0, entity.start - 12) : entity.start].split()[-1:] or [""]
        return fold(before[0].strip(".")) in names.vocabulary().households

    def _of_relative(self, entity: Entity) -> bool:
        """Whether a surname only says whose relative somebody is: "Frau Meiers Tochter"."""
        behind = self.text[entity.end : entity.end + 20].split(maxsplit=1)[:1] or [""]
        return entity.text[-1] in "s'’" and not behind[0].startswith(",") and fold(behind[0]) in names.vocabulary().relatives

    def _in_list(self, entity: Entity, number: int) -> bool:
        """Whether a name begins its line, and another name a line beside it."""
        beside = [e for e in self._people if e is not entity and self.line_of(e.start) in {number - 1, number + 1}]
        return rows.begins_row(self.text, entity) and any(rows.begins_row(self.text, e) for e in beside)

    def _reach(self, i: int) -> int:
        """Where what belongs to a name must end: at the next name, or at the end of its line, block or sentence."""
        entity = self._people[i]
        limit = self._people[i + 1].start if i + 1 < len(self._people) else len(self.text)
        start, end = self.line(self.line_of(entity.start))
        if self._entry(start, end):
            stop = self.text.find("\n\n", entity.end)
            block = len(self.text) if stop < 0 else stop
            reach = end
            for number in range(self.line_of(entity.start) + 1, min(self.line_of(block), self.line_of(entity.start) + _BLOCK) + 1):
                a, b = self.line(number)
                if not self._entry(a, b):
                    break
                reach = b
            return min(limit, reach)
        match = next((m for m in _ENDS.finditer(self.text, entity.end) if not self._abbreviation(m.start())), None)
        sentence = match.start() if match else len(self.text)
        return min(limit, sentence, entity.end + _NEAR)

    def _abbreviation(self, place: int) -> bool:
        word = self.text[max(0, place - 12) : place].split()[-1:] or [""]
        key = fold(word[0].strip("("))
        return self.text[place] == "." and (len(key) <= 1 or key in names.vocabulary().abbreviations or "." in key)

    def _entry(self, start: int, end: int) -> bool:
        """Whether a line holds entities and addresses and next to nothing else."""
        if end - start > _ENTRY:
            return False
        inside = [(e.start, e.end) for e in self.entities if e.zone is Zone.TEXT and start <= e.start < end]
        inside += [(at, at + len(email)) for at, email in self.emails if start <= at < end]
        if not inside:
            return False
        left = "".join(self.text[i] if not any(a <= i < b for a, b in inside) else " " for i in range(start, end))
        return len(_SMALL.findall(left)) <= _FEW

    def _record(self, entity: Entity, start: int, reach: int) -> Record:
        number = self.line_of(start)
        begun, ended = self.line(number)
        beside = [e for e in self.houses if entity.end <= e.start < reach]
        beside = beside or self._before(entity, begun)
        email = next((found for at, found in self.emails if entity.end <= at < reach), None)
        institution = institution_of(beside[0]) if beside else None
        person = Participant(name=names.clean_name(self._titled(entity)), institution=institution, email=email)
        return Record(person, start, entity.end, number, entry=self._entry(begun, ended) or self._in_list(entity, number))

    def _titled(self, entity: Entity) -> str:
        """A name with a title that was taken for a role: "Pfarrer i. R. Johannes Finke"."""
        role = next(
            (e for e in self.of(EntityKind.ROLE) if e.end < entity.start and not self.text[e.end : entity.start].strip()), None
        )
        first = fold(role.text.split()[0].strip(".")) if role else ""
        return f"{role.text} {entity.text}" if role and first in names.vocabulary().titles else entity.text

    @cached_property
    def closing(self) -> Record | None:
        """The name in the last lines that holds one name and nothing that is no entity: a signature that closes the text."""
        last = self.records[-1] if self.records else None
        if last is None or not last.entry or not self._nothing_but_entries(last.line + 1):
            return None
        above = last.line - 1
        rows_ = {r.line for r in self.records if r.entry}
        while above >= 0 and (above in rows_ or self._entry(*self.line(above))):
            above -= 1
        others = [r for r in self.records[:-1] if r.line > above]
        blank = last.line and not self.text[slice(*self.line(last.line - 1))].strip()
        further = any(r.entry for r in self.records[:-1]) and not blank
        return None if others or not above + 1 or (further and last.line - above > 1) else last

    def _nothing_but_entries(self, number: int) -> bool:
        rest = range(number, self.line_of(len(self.text)) + 1)
        return all(self._entry(*self.line(n)) or not self.text[slice(*self.line(n))].strip() for n in rest)

    def _before(self, entity: Entity, begun: int) -> list[Entity]:
        """What stands before a name at the beginning of its line: "Stadt Büren: Anna Meier", "privat – Jan Ott"."""
        found = [e for e in self.houses if begun <= e.start < entity.start]
        between = self.text[found[-1].end : entity.start] if found else ""
        return found[-1:] if found and len(_SMALL.findall(between)) == 0 and len(between) < _INTRODUCTION else []

    def introduced(self, entity: Entity, phrases: Sequence[str]) -> bool:
        """Whether one of these phrases (folded) stands right before an entity."""
        words = [fold(w.strip(",;:.!\"'„“(")) for w in self.text[max(0, entity.start - 60) : entity.start].split()]
        words = [w for w in words if w]
        while words and words[-1] in names.vocabulary().salutations:
            words.pop()
        before = " ".join(words)
        return any(before == phrase or before.endswith(f" {phrase}") for phrase in phrases)


def institution_of(entity: Entity) -> str | None:
    """What an entity says of a person's institution: "privat" or its cleaned name."""
    return PRIVATE if entity.kind is EntityKind.PRIVATE else names.clean_institution(entity.text) or None


def _couples(text: str, found: Sequence[Record]) -> Iterator[Record]:
    """Such as "Anna und Jan Ott": one surname for two."""
    whole = rows.surnames(text, [(r.person.name or "", r.start, r.end) for r in found])
    return (replace(r, person=replace(r.person, name=name)) for r, name in zip(found, whole, strict=True))


def _shared(text: str, found: Iterator[Record]) -> Iterator[Record]:
    """Such as "Anna Meier and Jan Ott, Delta B.V.": said behind the last, meant of those before it in the sentence."""
    records = list(found)
    for i, record in enumerate(records):
        last = next((r for r in records[i + 1 :] if r.person.institution), None)
        if record.person.institution is None and last and not _ENDS.search(text, record.end, last.start):
            between = text[last.end : last.end + _NEAR].split()[:3]
            everybody = bool({fold(w.strip("(,")) for w in between} & names.vocabulary().all_of_them)
            if everybody or _in_a_row(text, [*records[i : records.index(last)], last]):
                yield replace(record, person=replace(record.person, institution=last.person.institution))
                continue
        yield record


def _led(text: str, records: Sequence[Record]) -> list[Record]:
    """Such as "Stadt Büren: Anna Meier, Jan Ott": said before the first, meant of those behind it in the row."""
    done = list(records[:1])
    led = {r.start for r in records if text[: r.start].rstrip().endswith(":") and r.person.institution}
    for record in records[1:]:
        last = done[-1]
        if last.start in led and record.person.institution is None and _parted(text, [last, record]):
            led.add(record.start)
            record = replace(record, person=replace(record.person, institution=last.person.institution))  # noqa: PLW2901
        done.append(record)
    return done


def _in_a_row(text: str, records: Sequence[Record]) -> bool:
    """Whether nothing but commas and "und" parts these names, and no bracket makes what follows the last one's alone."""
    return _parted(text, records) and text[records[-1].end :].lstrip()[:1] == ","


def _parted(text: str, records: Sequence[Record]) -> bool:
    """Whether nothing but commas, "und" and what stands in brackets parts names."""
    gaps = [_BRACKETS.sub(" ", text[a.end : b.start]) for a, b in pairwise(records)]
    words = {word for gap in gaps for word in names.folded(gap)}
    return all("\n" not in gap and len(gap) < _ROW_GAP for gap in gaps) and words <= names.vocabulary().conjunctions
