"""Who shall take part: names, institutions and addresses, in the order of trust text, signature, header. Role words are no names.

Upstream: ``text``, ``forms``, ``prose``, ``attendance``; downstream: ``reading``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from mailbot.domain.mail import IncomingMail
from mailbot.domain.understanding import Participant
from mailbot.understand import houses, names, prose, rows
from mailbot.understand.attendance import Told, attending
from mailbot.understand.entities import Entity, EntityKind, entities
from mailbot.understand.events import NAME
from mailbot.understand.evidence import SUBJECT, TEXT, Evidence, Findings
from mailbot.understand.features import Zone
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.mentions import PRIVATE, Mentions, institution_of
from mailbot.understand.normal import fold
from mailbot.understand.text import OwnText

_WORD = 2
_SEVERAL = ("plural", "companions", "register", "attend")
_SENTENCE = 5  # words
_CLOSING_LINES, _LEAD_WORDS = 2, 2  # "Mit freundlichen Grüßen", "i. A."


@dataclass(frozen=True, slots=True)
class People:
    """The people of a mail; ``form``: given in form lines or a list; ``sender`` is the writer as far as known."""

    participants: tuple[Participant, ...] = ()
    form: bool = False
    sender: Participant = field(default_factory=Participant)
    leaving: tuple[str, ...] = ()
    children: bool = False  # of an age that the mail tells


@dataclass(frozen=True, slots=True)
class Heard:
    """What a mail says of people, before it is judged who takes part."""

    own: OwnText
    mentions: Mentions
    said: prose.Said
    me: Participant

    @property
    def told(self) -> Told:
        """What the sentences alone say."""
        people_ = [p.name for p in _told(self.said, self.me)]
        return Told(self.said.records, self.me.name, people_)


def heard(
    own: OwnText, mail: IncomingMail, subject: str, found: Findings, lexicons: Lexicons, *, registering: bool = False
) -> Heard:
    """Read what a mail says of people, as if it were a registration.

    ``registering``: a human says that it is one, so names count in every sentence, not only in those that register somebody.
    """
    sender = mail.sender
    email = (sender.email if sender else None) or ""
    empty = not own.text.strip() and not own.signature.strip()
    own, subject = (replace(own, text=subject), "") if empty else (own, subject)  # the subject is all there is
    own, mentions = _mentions(own, sender.name if sender else "", subject, email, found, lexicons)
    mentions = replace(mentions, ours=frozenset(a.key for a in mail.recipients))
    said = prose.read(mentions, found, lexicons, registering=registering or empty)
    me = _writer(said, mentions, own, email, subject_counts=prose.in_subject(found))
    return Heard(own, mentions, said, me)


def people(one: Heard, listed: list[Participant], mail: IncomingMail, found: Findings) -> People:
    """Say who takes part, completed by what is said of all; ``listed``: the mail's form lines."""
    email = mail.sender.email if mail.sender else None
    said, me, mentions = one.said, one.me, one.mentions
    common = listed[0].institution if len(listed) == 1 and not listed[0].name and len(said.people) > 1 else None
    listed = [] if common else listed  # "Institution: …" below a list of names
    if not listed and (coming := attending(one.told, mentions, found)):
        records = [r for r in said.records if any(r in c.records for c in coming)]
        said = replace(prose.taken(said, records, includes_writer=any(c.writer for c in coming)), group=False)
    said = replace(said, for_all=common or said.for_all)
    chosen = listed or _told(said, me)
    mine = next((p for p in chosen if p.institution and names.same(p.name, me.name)), me)
    me = replace(me, institution=mine.institution) if mine.institution != PRIVATE else me
    if said.nameless and len(chosen) == 1 and chosen[0].name == me.name:
        chosen, me = [replace(chosen[0], name=None)], replace(me, name=None)  # who writes is not who comes
    filled = [_spelt(p, mentions) for p in _completed(chosen, said, me, mail, mentions)]
    return People(
        tuple(_distinct(filled)),
        form=bool(listed) or said.listed,
        sender=replace(me, email=email),
        leaving=said.leaving,
        children=mentions.children,
    )


def _completed(
    chosen: Sequence[Participant], said: prose.Said, me: Participant, mail: IncomingMail, mentions: Mentions
) -> list[Participant]:
    """With each one's address: beside the name, of the name, of a recipient of this name, or the sender's."""
    alone = len(chosen) == 1
    known = {fold(a.name): a.email for a in mail.recipients if a.name}
    email = (said.email if alone else None) or (mail.sender.email if mail.sender else None)
    addresses = [e for _, e in mentions.emails]
    theirs = [p if alone else replace(p, email=_theirs(p, chosen, addresses) or p.email) for p in chosen]
    surnames_ = {n.split()[-1] for p in (*chosen, me) if " " in (n := p.name or "")}
    theirs = [replace(p, name=_with_surname(p, surnames_)) for p in theirs]
    return [_fill(p, me, known.get(fold(p.name or ""), email), said, alone=alone) for p in theirs]


def _mentions(
    own: OwnText, shown: str, subject: str, address: str, found: Findings, lexicons: Lexicons
) -> tuple[OwnText, Mentions]:
    """What the parts of the mail name; the text goes on where a list of people was taken for a signature."""
    zones = ((Zone.HEADER, shown), (Zone.SUBJECT, subject), (Zone.TEXT, own.text), (Zone.SIGNATURE, own.signature))
    tagged = rows.signed(own.signature, entities(zones, address), address)
    wrong = [_elsewhere(e, own, tagged, address) or _contact(e, lexicons) or _of_event(e, found) or _running(e) for e in tagged]
    tagged = tuple(e for e, no in zip(tagged, wrong, strict=True) if not no)
    own, joined = rows.joined_below(own, tagged, several=bool(found.all(*_SEVERAL)))
    return own, Mentions(own.text, rows.completed(own.text, joined))


def _of_event(entity: Entity, found: Findings) -> bool:
    """Whether an institution is only part of an event's name: "die Klima-Werkstatt der Stadt Büren"."""
    zone = {Zone.TEXT: TEXT, Zone.SUBJECT: SUBJECT}.get(entity.zone)
    named = (w for s in found.sentences if s.where == zone for w in s.words if w.text == NAME)
    return entity.kind is EntityKind.INSTITUTION and any(w.start < entity.end and entity.start < w.end for w in named)


def _running(entity: Entity) -> bool:
    """Whether what was taken for an institution is running text of a language that was not learnt: many words, no capital."""
    words = entity.text.split()
    small = len(words) >= _SENTENCE and not any(names.is_capital(w) for w in words if w[:1].isalpha())
    return entity.kind is EntityKind.INSTITUTION and small and not names.has_plain_mark(entity.text)


def _contact(entity: Entity, lexicons: Lexicons) -> bool:
    """Whether what was taken for "privat" speaks of an address: "ohne eigene Mailadresse"."""
    words = names.folded(entity.text) if entity.kind is EntityKind.PRIVATE else []
    return any(kind == "email" and label.endswith(w) for w in words[-1:] for label, kind in lexicons.labels.items())


def _elsewhere(entity: Entity, own: OwnText, tagged: Sequence[Entity], address: str) -> bool:
    """Whether an entity is a place: a town that closes a signature, or one behind a function in the header."""
    if entity.kind is EntityKind.INSTITUTION and entity.zone is Zone.SIGNATURE:
        return rows.a_place(own.signature, entity, address)
    led = any(e.kind is EntityKind.ROLE and e.zone is entity.zone and 0 <= entity.start - e.end <= 1 for e in tagged)
    alone = entity.kind is EntityKind.NAME and entity.zone is Zone.HEADER and " " not in entity.text
    return alone and led and not _vouched(entity.text, address)


def _spelt(person: Participant, mentions: Mentions) -> Participant:
    """First name first, and the institution as the signature or the header spells it."""
    spelt = [e.text for zone in (Zone.SIGNATURE, Zone.HEADER) for e in mentions.of(EntityKind.INSTITUTION, zone=zone)]
    institution = houses.as_spelt(person.institution, [names.clean_institution(text) for text in spelt])
    return replace(person, name=names.in_order(person.name, mentions.fulls) if person.name else None, institution=institution)


def _theirs(person: Participant, everybody: Sequence[Participant], addresses: Sequence[str]) -> str | None:
    """The address whose local part holds more of this name than of any other: "alan.buchan@…" is Alan Buchan's."""
    fits = [
        a
        for a in dict.fromkeys(addresses)
        if _held(person, a) and all(_held(p, a) < _held(person, a) for p in everybody if p is not person)
    ]
    return fits[0] if len(fits) == 1 else None


def _with_surname(person: Participant, surnames: Collection[str]) -> str | None:
    """A first name with the surname that its own address holds: "Eva" of "eva.meier@…" where Jan Meier writes."""
    local = fold((person.email or "").partition("@")[0])
    if not person.name or " " in person.name or fold(person.name) not in local:
        return person.name
    fits = [s for s in surnames if fold(s) != fold(person.name) and len(s) > _WORD and fold(s) in local]
    return f"{person.name} {fits[0]}" if len(fits) == 1 else person.name


def _held(person: Participant, address: str) -> int:
    """How many words of the name stand in the address before the "@"."""
    local = fold(address.partition("@")[0])
    return sum(len(w) > _WORD and w in local for w in names.words_of(person.name or ""))


def _writer(said: prose.Said, mentions: Mentions, own: OwnText, address: str, *, subject_counts: bool) -> Participant:
    """Who writes: said in the text, signed, named in a subject that registers, or shown in the header."""
    signed = _signed(mentions, own)
    subject = _first(mentions, Zone.SUBJECT) if subject_counts else Participant()
    header = _first(mentions, Zone.HEADER)
    name = said.writer.name or signed.name or subject.name or header.name or _only(mentions, said)
    shown = header.name and not said.writer.name and not names.same(name, header.name) and _vouched(header.name, address)
    if shown and not _signs(mentions, own):
        name = header.name  # the signature is a house's and names its head
    if name:
        full = names.fuller(name, mentions.fulls)
        name = next((n for n in mentions.fulls if names.same(n, full)), full)
    told = said.for_all if said.for_all == PRIVATE else said.writer.institution or said.for_all
    institution = told or subject.institution or signed.institution or header.institution
    return Participant(name=name, institution=institution or mentions.department)


def _signs(mentions: Mentions, own: OwnText) -> bool:
    """Whether the signature begins with a name, below its closing."""
    first = next((e for e in mentions.of(EntityKind.NAME, zone=Zone.SIGNATURE)), None)
    above, _, before = own.signature[: first.start if first else 0].rpartition("\n")
    return first is not None and len(above.split("\n")) <= _CLOSING_LINES and len(before.split()) <= _LEAD_WORDS


def _only(mentions: Mentions, said: prose.Said) -> str | None:
    """The one name of a text whose header and signature have none."""
    found = {r.person.name for r in mentions.records} - set(said.leaving)
    return found.pop() if len(found) == 1 else None


def _vouched(name: str, address: str) -> bool:
    """Whether the address before the "@" holds a word of the name."""
    return _held(Participant(name=name), address) > 0


def _signed(mentions: Mentions, own: OwnText) -> Participant:
    """The signature, else the last lines of the text that hold nothing but a name and an institution."""
    signed = _first(mentions, Zone.SIGNATURE)
    last = mentions.records[-1] if mentions.records else None
    end = len(own.text.rstrip())
    trailing = last and last.end >= end - 200 and (last.entry or last.end >= end - 2)
    if trailing and last:
        return Participant(name=signed.name or last.person.name, institution=signed.institution or last.person.institution)
    return signed


def _first(mentions: Mentions, zone: Zone) -> Participant:
    """The first name and the first institution of a zone."""
    people_ = (e for e in mentions.of(EntityKind.NAME, zone=zone) if names.names_somebody(e.text))
    name = next((e for e in people_ if not names.is_function(e.text)), None)
    kinds = (EntityKind.PRIVATE, EntityKind.INSTITUTION)
    found = [e for kind in kinds for e in mentions.of(kind, zone=zone) if not houses.is_postal(e.text)]
    return Participant(
        name=names.clean_name(name.text) or None if name else None,
        institution=institution_of(found[0]) if found else None,
    )


def _told(said: prose.Said, me: Participant) -> list[Participant]:
    """Those whom the text registers, the writer in full; nobody named means the writer."""
    mine = [p for p in said.people if names.same(p.name, me.name)]
    others = [p for p in said.people if p not in mine]
    if mine:
        private = me.institution == PRIVATE and not others
        full = replace(me, institution=(not private and mine[0].institution) or me.institution, email=mine[0].email)
        people_ = [full if p is mine[0] else p for p in said.people if p is mine[0] or p in others]
        return people_ if others or not said.unnamed else [*people_, Participant()]
    if others and (not (said.includes_writer and me.name) or (said.group and len(others) > 1)):
        return others
    return [me, *others] if others or not said.unnamed else [me, Participant()]


def _fill(person: Participant, me: Participant, email: str | None, said: prose.Said, *, alone: bool) -> Participant:
    """What a person's own entry does not say: an institution said for all, else the writer's if nothing speaks against it."""
    name = person.name or (me.name if alone else None)
    shared = said.beside or me.institution
    open_ = None if person.institution == "" else said.for_all or (shared if alone or _same_house(person.email, email) else None)
    institution = person.institution or open_  # an empty cell of a table is not filled with what is said of others
    mine = person.email or email
    called = name if name and not _of_the_house(name, institution, mine) else None
    return Participant(name=_capitals(called) if called else None, institution=institution, email=mine)


def _of_the_house(name: str, institution: str | None, email: str | None) -> bool:
    """Whether a word that is no first name is the mailbox's or the institution's: "Hausmeister" <hausmeister@…>, "… Scharmede"."""
    words = names.folded(name)
    if len(words) != 1 or words[0] in names.listed("first_names"):
        return False
    return words[0] in names.folded(institution or "") or words[0] == fold((email or "").partition("@")[0])


def _capitals(name: str) -> str:
    return name.title() if name == name.lower() else name


def _same_house(one: str | None, other: str | None) -> bool:
    """No address of their own, or one of the writer's domain."""
    return one is None or other is None or one.rpartition("@")[2].casefold() == other.rpartition("@")[2].casefold()


def _distinct(people_: Sequence[Participant]) -> list[Participant]:
    seen: set[tuple[str, str]] = set()
    found = []
    for person in people_:
        key = (fold(person.name or ""), (person.email or "").casefold())
        if key not in seen:
            seen.add(key)
            found.append(person)
    return found


def missing(participants: Sequence[Participant]) -> tuple[str, ...]:
    """What a registration still needs, one sentence part a person."""
    found = []
    for person in participants:
        partial = person.name and " " not in person.name
        values = (
            ("full name" if partial else "name", not partial and person.name),
            ("institution", person.institution),
            ("e-mail address", person.email),
        )
        if lacking := [word for word, value in values if not value]:
            whom = f" of {person.name}" if person.name and len(participants) > 1 else ""
            found.append(f"does not give the {' and the '.join(lacking)}{whom}")
    return tuple(dict.fromkeys(found))


def unnamed(found: Findings, participants: Sequence[Participant]) -> list[Evidence]:
    """What tells that somebody comes along whom the mail does not name, or not in full."""
    if len(participants) == 1:
        return found.plain("companions")
    return found.all("name_follows") if any(" " not in (p.name or "") for p in participants) else []


__all__ = ["PRIVATE", "People", "heard", "missing", "people", "unnamed"]
