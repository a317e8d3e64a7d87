"""Who takes part, by the sentences of a mail: "ich bin …", "bitte melden Sie Anna Meier und Jan Ott an", "statt mir kommt …".

Upstream: ``mentions``, ``evidence``; downstream: ``people``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mailbot.domain.understanding import Participant
from mailbot.understand import names
from mailbot.understand.entities import Entity, EntityKind
from mailbot.understand.evidence import SUBJECT, TEXT, Findings
from mailbot.understand.features import Zone
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.mentions import PRIVATE, Mentions, Record, institution_of
from mailbot.understand.normal import fold

_JOIN, _LEAVE = ("register", "attend"), ("cancel", "cannot")
_ELSEWHERE = ("absence", "already", "former", "thanks", "instead_of_me", "substitution", *_LEAVE)  # sentences about something else
_GREETING_WORDS = 6
_PARTED = re.compile(r"[,!:;]|\.\s+[^\W\d_]{4}")  # "Hallo, wir sind Anna, …" greets nobody called Anna


@dataclass(frozen=True, slots=True)
class _Text:
    """One text with what was found in it, and the sentences that register somebody."""

    mentions: Mentions
    found: Findings
    lexicons: Lexicons
    joining: frozenset[int]
    elsewhere: frozenset[int]
    anywhere: bool  # names count in every sentence

    def sentence(self, place: int) -> int | None:
        """The number of the sentence that a place stands in."""
        spans = ((i, s) for i, s in enumerate(self.found.sentences) if s.where == TEXT and s.words)
        return next((i for i, s in spans if s.words[0].start <= place <= s.words[-1].end), None)

    def span(self, number: int) -> tuple[int, int]:
        """Where a sentence begins and ends."""
        words = self.found.sentences[number].words
        return words[0].start, words[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The writer, the people who shall take part, the institution, and who shall not take part any more."""

    text: _Text
    writer: Participant = field(default_factory=Participant)
    people: tuple[Participant, ...] = ()  # the writer too where named among them
    records: tuple[Record, ...] = ()  # where it names somebody who may take part, but for who signs
    includes_writer: bool = True  # though others are named
    group: bool = False  # "we would like to come: A and B", and no "I"
    unnamed: bool = False  # somebody comes along whom the mail does not name: "meine Frau und ich"
    leaving: tuple[str, ...] = ()
    nameless: bool = False  # the name follows later: "wer kommt, steht noch nicht fest"
    email: str | None = None
    listed: bool = False  # the people stand in lines of their own
    for_all: str | None = None  # an institution that no single person has to themselves
    beside: str | None = None  # the only one beside names: "Anna Meier und Jan Ott, Stadt Büren"; "privat" if nothing else is named


def read(mentions: Mentions, found: Findings, lexicons: Lexicons, *, registering: bool = False) -> Said:
    """Read the sentences of a text."""
    joining = _sentences(found, *_JOIN, "replacement")
    elsewhere = frozenset(e.sentence for e in found.all(*_ELSEWHERE) if e.where == TEXT) - joining
    anywhere = registering or bool(found.all("plural") and joining)
    text = _Text(mentions, found, lexicons, joining, elsewhere, anywhere)
    gone = _gone(text)
    out = (*gone, *_apart(text))
    present = [r for r in mentions.records if not (_addressed(text, r) or any(names.same(r.person.name, g) for g in out))]
    me = _introduced(text)
    listed = sum(r.entry for r in present) > 1
    taking = [r for r in present if _takes_part(text, r) or (listed and r.entry)]
    if (closing := mentions.closing) and _signs(mentions, closing, taking):
        taking = [r for r in taking if r.start != closing.start]
        present = [r for r in present if r.start != closing.start]
    introduced = me is not None and any(names.same(me.person.name, r.person.name) for r in taking)
    said = Said(
        text=text,
        writer=me.person if me else Participant(),
        records=tuple(present),
        group=bool(found.where("plural") & joining) and not _names_writer(found),
        unnamed=_unnamed(text),
        leaving=gone,
        nameless=any(not e.negated for e in found.all("name_follows") if e.where == TEXT),
        email=_email(text),
        listed=listed,
    )
    return taken(said, taking, includes_writer=_includes_writer(text) or introduced)


def taken(said: Said, records: Sequence[Record], *, includes_writer: bool) -> Said:
    """What a text says if those take part whom these places name; ``includes_writer``: and who wrote."""
    people = _merged(records, said.text.mentions.fulls)
    mentions = said.text.mentions
    houses = {p.institution for p in people if p.institution}
    other = [e for zone in (Zone.TEXT, Zone.SIGNATURE) for e in mentions.of(EntityKind.INSTITUTION, zone=zone)]
    return replace(
        said,
        people=tuple(people),
        includes_writer=includes_writer,
        for_all=_institution(said.text, people),
        beside=houses.pop() if len(houses) == 1 and not (PRIVATE in houses and other) else None,
    )


def _signs(mentions: Mentions, closing: Record, taking: Sequence[Record]) -> bool:
    """Whether the last name is the writer's: who signs a list is not on it."""
    shown = [e.text for e in mentions.of(EntityKind.NAME, zone=Zone.HEADER)]
    others = [r for r in taking if r.start != closing.start and not names.same(r.person.name, closing.person.name)]
    mine = any(names.same(closing.person.name, n) for n in shown)
    return mine or (not closing.person.email and bool(others)) or not shown


def _merged(records: Sequence[Record], fulls: Sequence[str]) -> list[Participant]:
    """One entry for each person, by the fullest spelling; a surname that fits several is nobody's own."""
    found: list[Participant] = []
    for record in records:
        person = record.person
        name = names.fuller(person.name or "", fulls)
        at = next((i for i, p in enumerate(found) if names.same(p.name, name)), None)
        if at is None:
            found.append(Participant(name=name, institution=person.institution, email=person.email))
            continue
        old = found[at]
        longer = max(old.name or "", name, key=lambda n: (names.is_full(n), n == old.name))
        found[at] = Participant(name=longer, institution=old.institution or person.institution, email=old.email or person.email)
    return found


def _introduced(text: _Text) -> Record | None:
    """The writer who says who they are: "ich bin Anna Meier", "my name is …"."""
    phrases = text.lexicons.people("name_intro")
    people = {e.start: e for e in text.mentions.of(EntityKind.NAME)}
    records = (r for r in text.mentions.records if r.start in people)
    return next((r for r in records if text.mentions.introduced(people[r.start], phrases)), None)


def _takes_part(text: _Text, record: Record) -> bool:
    """Whether the sentence of a name registers somebody, or tells of a companion by name."""
    sentence = text.sentence(record.start)
    if sentence in text.joining:
        return not _source(text, record, sentence)
    if sentence in text.elsewhere:
        return False
    if (text.anywhere and names.is_full(record.person.name or "")) or record.person.email:
        return True
    before = [fold(w.strip(",.;:(")) for w in text.mentions.text[max(0, record.start - 40) : record.start].split()[-3:]]
    related = any(w in names.vocabulary().relatives for w in before)
    entity = next((e for e in text.mentions.of(EntityKind.NAME) if e.start == record.start), None)
    named = entity is not None and text.mentions.introduced(entity, text.lexicons.people("other_intro"))
    return bool(text.found.where("plural", "companions") & text.joining) and (related or named)


def _source(text: _Text, record: Record, sentence: int) -> bool:
    """Somebody who told the writer: "ich habe von Jan Ott davon gehört"; not "die Anmeldung von Jan Ott"."""
    before = names.folded(text.mentions.text[max(0, record.start - 40) : record.start])
    before = [w for w in before if w not in names.vocabulary().salutations]
    told = bool(before) and before[-1] in text.lexicons.people("told_by")
    return (
        told
        and sentence in text.found.where("first_person")
        and not any(w in text.lexicons.people("enrolments") for w in before[-2:-1])
    )


def _addressed(text: _Text, record: Record) -> bool:
    """Whether a name belongs to a greeting: "Sehr geehrte Frau Meier,"."""
    whole = text.mentions.text
    start, _ = text.mentions.line(text.mentions.line_of(record.start))
    words = whole[start : record.start].split()
    first = fold(words[0].strip(",.!")) if words else ""
    greets = {phrase.split()[0] for phrase in text.lexicons.text("greetings")}
    greeted = first in greets and len(words) < _GREETING_WORDS and whole[record.end : record.end + 1] in {",", "!", "\n", ""}
    return greeted and not _PARTED.search(whole, start, record.start)


def _institution(text: _Text, taking: Sequence[Participant]) -> str | None:
    """The writer's or everybody's: outside questions, and not what stands beside one of several people."""
    asked = [text.span(i) for i, s in enumerate(text.found.sentences) if s.question and s.where == TEXT and s.words]
    taken = {p.institution for p in taking} if len(taking) > 1 else set()
    said = [e for e in text.mentions.houses if institution_of(e) not in taken]
    said = [e for e in said if not any(a <= e.start < b for a, b in asked)] or (said if len(said) == 1 else [])
    private = [e for e in said if e.kind is EntityKind.PRIVATE]
    wishing = [e for e in said if text.sentence(e.start) in text.joining]
    first = next(iter((*private, *wishing, *said)), None)
    if first is None and not taken - {None} and text.found.plain("private_person"):
        return PRIVATE
    return institution_of(first) if first else None


def _email(text: _Text) -> str | None:
    """The one address that the text gives; not whom to write to while somebody is away."""
    away = [text.span(n) for n in text.found.where("absence") if text.found.sentences[n].where == TEXT]
    emails = {e.casefold(): e for at, e in text.mentions.emails if not any(a <= at <= b for a, b in away)}
    return next(iter(emails.values())) if len(emails) == 1 else None


def _sentences(found: Findings, *signals: str) -> frozenset[int]:
    return frozenset(e.sentence for e in found.all(*signals) if e.where == TEXT and not e.negated)


def _gone(text: _Text) -> tuple[str, ...]:
    """Names in sentences about not coming, and those behind "anstelle von"."""
    leaving = _sentences(text.found, *_LEAVE) - text.joining
    gone: list[Entity] = [e for n in sorted(leaving) for e in text.mentions.between(EntityKind.NAME, *text.span(n))]
    for e in text.found.plain("substitution", "replacement"):
        if e.where == TEXT and e.sentence not in _sentences(text.found, "instead_of_me"):
            start, end = text.span(e.sentence)
            gone += text.mentions.between(EntityKind.NAME, max(start, e.start), end)[:1]
    gone += [e for e in text.mentions.of(EntityKind.NAME) if text.mentions.introduced(e, text.lexicons.people("instead_of"))]
    return tuple(dict.fromkeys(names.clean_name(e.text) for e in gone))


def _apart(text: _Text) -> Iterator[str]:
    """Others who register on their own or have done so: "Jan Ott meldet sich selbst an"."""
    shown = [e.text for zone in (Zone.HEADER, Zone.SIGNATURE) for e in text.mentions.of(EntityKind.NAME, zone=zone)]
    for number in sorted(_sentences(text.found, "apart")):
        for entity in text.mentions.between(EntityKind.NAME, *text.span(number)):
            if not any(names.same(entity.text, name) for name in shown):
                yield names.clean_name(entity.text)


def _names_writer(found: Findings) -> bool:
    """Such as "ich melde mich und Anna Meier an"; not "ich möchte Anna Meier anmelden, Mails bitte an mich"."""
    spans = [(e.start, e.start + len(e.quote)) for e in found.all(*_JOIN) if e.where == TEXT and not e.negated]
    beside = [e for e in found.all("including_me") if e.sentence in _sentences(found, *_JOIN) and " " in e.quote]
    return bool(beside) or any(begin <= e.start < end for e in found.all("including_me") for begin, end in spans)


def _includes_writer(text: _Text) -> bool:
    """Whether the writer takes part beside others: "ich und …", "ich nehme mit Anna Meier teil"; not who registered before."""
    found = text.found
    mine = _sentences(found, "first_person")
    if found.plain("instead_of_me") or _sentences(found, "already") & mine:
        return False
    refused = {e.sentence for e in found.all("attend") if e.negated and e.where == TEXT}
    attending = _sentences(found, "attend") - _sentences(found, "register") - refused
    return _names_writer(found) or bool(mine & attending) or bool(_sentences(found, "companions") & mine)


def _unnamed(text: _Text) -> bool:
    """Whether the writer brings a relative or colleague: "meine Frau und ich nehmen teil"."""
    pairs = [e for e in text.found.plain("companions") if e.sentence in text.joining]
    beside = text.found.where("including_me")
    return any(e.sentence in beside and set(names.folded(e.quote)) & names.vocabulary().relatives for e in pairs)


def in_subject(found: Findings) -> bool:
    """Whether the subject registers somebody: "Anmeldung Klima-Werkstatt: Anna Meier, Stadt Büren"."""
    return any(e.where == SUBJECT for e in found.plain(*_JOIN))
