"""How likely each person that a mail names takes part: a linear model over what stands around the name, and what the rules say.

The weights are learnt by ``tests/training/attendance.py`` from texts written for it, never from participants' mails.
Upstream: ``mentions``, ``evidence``; downstream: ``people``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbot.understand import names
from mailbot.understand.entities import EntityKind
from mailbot.understand.evidence import TEXT, Findings
from mailbot.understand.features import Zone
from mailbot.understand.linear import linear
from mailbot.understand.mentions import Mentions, Record
from mailbot.understand.normal import Sentence, fold

_JOIN = ("register", "attend", "replacement", "substitution")
_TELLING = (
    *_JOIN,
    "already",
    "apart",
    "absence",
    "cancel",
    "cannot",
    "companions",
    "including_me",
    "instead_of_me",
    "name_follows",
    "on_behalf",
    "plural",
    "thanks",
    "wavering",
    "former",
)
TAKES_PART = "takes part"
_LIKELIER = 0.5
_LIST = 40  # names; so many are a list, and comparing each with each would take long
_BESIDE, _NEAR = 3, 60
_MANY, _FEW = 4, 2
_READ = 6  # sentences, where none registers
_MARKS = {
    EntityKind.NAME: "N",
    EntityKind.INSTITUTION: "I",
    EntityKind.PRIVATE: "P",
    EntityKind.ROLE: "R",
    EntityKind.DEPARTMENT: "D",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may take part: their places in the text (none: only the signature or the header names them)."""

    name: str
    records: tuple[Record, ...]
    writer: bool
    told: bool  # the rules say that they take part


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules made of the people of a mail."""

    records: Sequence[Record]  # where the text names somebody who may take part
    writer: str | None
    people: Sequence[str | None]


def attending(told: Told, mentions: Mentions, found: Findings) -> list[Candidate]:
    """Those of a mail's people who are likelier to take part than not; none where it names one, nobody who is, or a long list."""
    if len(told.records) > _LIST:
        return []
    everybody = candidates(told, mentions)
    if len(everybody) == 1:
        return []
    model = linear("attendance")
    return [c for c in everybody if model.likely(model.rows(features(c, everybody, mentions, found)))[TAKES_PART] >= _LIKELIER]


def candidates(told: Told, mentions: Mentions) -> list[Candidate]:
    """One for each person in the order of the text, then the writer if the text does not name them."""
    grouped: dict[str, list[Record]] = {}
    for record in told.records:
        name = names.fuller(record.person.name or "", mentions.fulls)
        known = next((n for n in grouped if names.same(n, name)), name)
        grouped.setdefault(known, []).append(record)
    found = [_candidate(name, records, told) for name, records in grouped.items()]
    return [*found, *([_candidate(told.writer, (), told)] if told.writer and not any(c.writer for c in found) else ())]


def _candidate(name: str, records: Sequence[Record], told: Told) -> Candidate:
    return Candidate(
        name,
        tuple(records),
        writer=bool(told.writer) and names.same(name, told.writer),
        told=any(names.same(name, n) for n in told.people),
    )


def features(one: Candidate, everybody: Sequence[Candidate], mentions: Mentions, found: Findings) -> set[str]:
    """Everything that the model may weigh, as short names; the same for learning and for judging."""
    seen = {*_place(one, everybody, mentions)}
    joining = {e.sentence for e in found.all(*_JOIN)}
    numbered = [(n, s) for n, s in enumerate(found.sentences) if s.where == TEXT and s.words]
    for record in one.records:
        seen.update(_beside(record, mentions))
        number = next((n for n, s in numbered if s.words[0].start <= record.start <= s.words[-1].end), None)
        if number is not None:
            seen.add("s joins" if number in joining else "s else")
            seen.update(f"s {w}" for w in _words(found.sentences[number], mentions, record))
            for name, at in (("p", number - 1), ("s", number), ("t", number + 1)):
                seen.update(f"{name} {t}" for t in _signals(found, at))
    if one.writer:
        read = [s for n, s in numbered if n in joining] or [s for _, s in numbered[:_READ]]
        seen.update(f"m {w}" for s in read for w in _words(s, mentions, None))
        seen.update(f"m {e.where} {signal}" for signal in _TELLING for e in found.all(signal))
    role = "w" if one.writer else "o"
    return {f"{role}{name}" for name in seen} | {f"={name}" for name in seen if name[0] not in "sm"}


def _place(one: Candidate, everybody: Sequence[Candidate], mentions: Mentions) -> Iterator[str]:
    """Where the mail names somebody, among how many, and what the rules say."""
    zones = "".join(
        zone.value for zone in Zone if any(names.same(e.text, one.name) for e in mentions.of(EntityKind.NAME, zone=zone))
    )
    inside = [c for c in everybody if c.records]
    others = [c for c in everybody if c is not one]
    yield f"z {zones}"
    yield f"told {one.told}"
    yield f"told {one.told} {sum(c.told for c in others)}"
    yield f"n {min(len(others), _MANY)}"
    yield f"n {min(len(others), _MANY)} {one.told}"
    yield f"in {bool(one.records)} others {min(sum(bool(c.records) for c in others), _FEW)}"
    yield f"full {names.is_full(one.name)}"
    if one.records:
        yield "first" if one is inside[0] else "last" if one is inside[-1] else "between"
        yield f"times {min(len(one.records), _FEW)}"


def _beside(record: Record, mentions: Mentions) -> Iterator[str]:
    """What stands right before and behind a name, and beside it."""
    text = mentions.text
    before = [w for w in (_plain(w) for w in text[max(0, record.start - _NEAR) : record.start].split()[-_BESIDE:]) if w]
    behind = [w for w in (_plain(w) for w in text[record.end : record.end + _NEAR].split()[:_BESIDE]) if w]
    yield f"b {' '.join(before[-1:])}"
    yield f"bb {' '.join(before[-2:])}"
    yield from (f"b3 {w}" for w in before)
    yield f"a {' '.join(behind[:1])}"
    yield f"aa {' '.join(behind[:2])}"
    yield from (f"a3 {w}" for w in behind)
    yield f"c {text[: record.start].rstrip(' ')[-1:]!r}"
    yield f"d {text[record.end :].lstrip(' ')[:1]!r}"
    yield f"entry {record.entry}"
    yield f"house {bool(record.person.institution)}"
    yield f"mail {bool(record.person.email)}"


def _plain(word: str) -> str:
    return "9" if word[:1].isdigit() else "@" if "@" in word else fold(word.strip(".,;:!?()\"'„“"))


def _words(sentence: Sentence, mentions: Mentions, own: Record | None) -> Iterator[str]:
    """Words and pairs of a sentence, what is named in it as its kind; ``own``: the one who is judged."""
    told: list[str] = []
    for word in sentence.words:
        entity = next((e for e in mentions.of(*_MARKS) if e.start <= word.start < e.end), None)
        mark = word.text if entity is None else "@" if own and own.start <= word.start < own.end else _MARKS[entity.kind]
        if entity is None or not told or told[-1] != mark:
            told.append("9" if mark.isdigit() else mark)
    before = "^"
    for mark in told:
        yield mark
        yield f"{before} {mark}"
        before = mark
    yield f"{before} $"


def _signals(found: Findings, number: int) -> Iterator[str]:
    for signal in _TELLING:
        for e in found.all(signal):
            if e.sentence == number:
                yield f"§{signal}{'-' if e.negated else ''}{'?' if e.question else ''}"
