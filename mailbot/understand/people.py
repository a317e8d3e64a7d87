"""Who shall take part: names, institutions and addresses, in the order of trust text, signature, header. Role words are no names.

Upstream: ``text``, ``forms``, ``names``; downstream: ``reading``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.domain.mail import Address
from mailbot.domain.understanding import Participant
from mailbot.understand import forms, names, prose, signature
from mailbot.understand.evidence import Findings
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.text import OwnText


@dataclass(frozen=True, slots=True)
class People:
    """The people of a mail; ``form``: given in form lines or a list; ``sender`` is the writer as far as known."""

    participants: tuple[Participant, ...] = ()
    form: bool = False
    sender: Participant = Participant()
    leaving: tuple[str, ...] = ()


def people(own: OwnText, sender: Address | None, copies: Sequence[Address], subject: str, found: Findings, lexicons: Lexicons) -> People:
    """Find the people that a mail names, as if it were a registration."""
    signed = signature.read(own, sender)
    listed = forms.records(own.text, lexicons)
    answered = forms.answered(own.answers, lexicons)
    if answered is not None:
        listed = listed or [answered]
    said = prose.read(own.text, subject, found, lexicons)
    me = _writer(said.sender, signed, _header(sender))
    chosen = listed or _told(said, me)
    email = sender.email if sender else None
    other = said.email if len(chosen) == 1 else None
    known = {names.fold(a.name): a.email for a in copies if a.name}
    filled = [_fill(p, me, known.get(names.fold(p.name or ""), other or email), alone=len(chosen) == 1) for p in chosen]
    return People(tuple(_distinct(filled)), form=bool(listed), sender=replace(me, email=email), leaving=said.leaving)


def _header(sender: Address | None) -> Participant:
    """The From header, the least trusted: a display name that looks like a person's."""
    if sender is None or not sender.name:
        return Participant()
    shown, _, behind = sender.name.partition("|")
    name = names.clean_name(shown)
    institution = names.clean_institution(behind) if behind.strip() and names.has_mark(behind) else None
    if names.is_name(name):
        return Participant(name=name, institution=institution)
    if names.has_mark(sender.name):
        return Participant(institution=names.clean_institution(sender.name))
    return Participant()


def _writer(said: Participant, signed: Participant, header: Participant) -> Participant:
    name = said.name or signed.name or header.name
    if name and header.name and _shorter(name, header.name):
        name = header.name
    return Participant(name=name, institution=said.institution or signed.institution or header.institution)


def _shorter(one: str, other: str) -> bool:
    """"Enno" or "F. Kösters" where the header has it in full."""
    return len(one.split()) == 1 or any(len(w.strip(".")) == 1 for w in one.split()) and not any(len(w.strip(".")) == 1 for w in other.split())


def _told(said: prose.Said, me: Participant) -> list[Participant]:
    others = [p for p in said.others if names.fold(p.name or "") != names.fold(me.name or "")]
    mine = [p for p in said.others if p not in others]
    if others and not said.includes_sender:
        return [*mine, *others]
    institution = mine[0].institution if mine and mine[0].institution else me.institution
    return [replace(me, institution=institution, email=mine[0].email if mine else None), *others]


def _fill(person: Participant, me: Participant, email: str | None, *, alone: bool) -> Participant:
    """What a person's own entry does not say: the writer's institution is theirs too, and mails go to the writer."""
    name = person.name or (me.name if alone else None)
    return Participant(name=name, institution=person.institution or me.institution, email=person.email or email)


def _distinct(people_: Sequence[Participant]) -> list[Participant]:
    seen: set[tuple[str, str]] = set()
    found = []
    for person in people_:
        key = (names.fold(person.name or ""), (person.email or "").casefold())
        if key not in seen:
            seen.add(key)
            found.append(person)
    return found
