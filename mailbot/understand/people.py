"""Who shall take part: names, institutions and addresses, in the order of trust text, signature, header. Role words are no names.

Upstream: ``text``, ``forms``, ``names``; downstream: ``reading``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailbot.domain.mail import Address, IncomingMail
from mailbot.domain.understanding import Participant
from mailbot.understand import forms, names, prose, signature
from mailbot.understand.evidence import Findings
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold
from mailbot.understand.text import OwnText

_PRIVATE = "privat"
_IN_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_PIECE = re.compile(r"\s/\s|[,;:!?\n()|]\s?|(?<=\w{4})\.\s")


@dataclass(frozen=True, slots=True)
class People:
    """The people of a mail; ``form``: given in form lines or a list; ``sender`` is the writer as far as known."""

    participants: tuple[Participant, ...] = ()
    form: bool = False
    sender: Participant = field(default_factory=Participant)
    leaving: tuple[str, ...] = ()


def people(
    own: OwnText,
    listed: list[Participant],
    mail: IncomingMail,
    subject: str,
    found: Findings,
    lexicons: Lexicons,
    *,
    registering: bool = False,
) -> People:
    """Find the people that a mail names, as if it were a registration; ``listed``: its form lines and lists.

    ``registering``: a human says that it is one, so names count in every sentence, not only in those that register somebody.
    """
    sender = mail.sender
    said = prose.read(own.text, subject, found, lexicons, registering=registering)
    signed = signature.read(own, sender)
    if not (said.sender.name or signed.name) or not (said.mine or said.sender.institution or signed.institution):
        signed = _more(signed, vouched(own.text, sender))
    me = _writer(said, signed, _header(sender))
    chosen = listed or _told(said, me)
    if len(chosen) == 1 and said.i_am_private:  # "ich bin privat hier", whatever the signature says
        chosen = [replace(chosen[0], institution=_PRIVATE)]
    email = sender.email if sender else None
    other = said.email if len(chosen) == 1 else None
    known = {fold(a.name): a.email for a in mail.recipients if a.name}
    all_ = said.sender.institution or said.somewhere
    addresses = [m[0].rstrip(".") for m in forms.EMAIL.finditer(own.text[:8000])]
    chosen = [replace(p, email=p.email or _theirs(p, addresses)) for p in chosen] if len(chosen) > 1 else chosen
    filled = [_fill(p, me, known.get(fold(p.name or ""), other or email), all_, alone=len(chosen) == 1) for p in chosen]
    return People(tuple(_distinct(filled)), form=bool(listed), sender=replace(me, email=email), leaving=said.leaving)


def vouched(text: str, sender: Address | None) -> Participant:
    """A name in any case that the sender's address or display name vouches for: "mika sonntag" <mika.sonntag@…>."""
    if sender is None:
        return Participant()
    shown = _IN_BRACKETS.sub(" ", sender.name)
    vouchers = {w for w in names.folded(re.sub(r"[._+-]", " ", f"{shown} {sender.email.partition('@')[0]}")) if len(w) > 2}  # noqa: PLR2004
    pieces = [p.strip() for p in _PIECE.split(text[:4000]) if p.strip()]
    for i, piece in enumerate(pieces):
        words = names.folded(piece)
        if 2 <= len(words) <= 4 and sum(w in vouchers for w in words) >= 2 and not names.has_plain_mark(piece):  # noqa: PLR2004
            name = piece if piece != piece.lower() else piece.title()
            behind = next((p for p in pieces[i + 1 : i + 3] if names.is_private(p) or _marked(p)), None) or _next(text, pieces, i)
            return Participant(name=names.clean_name(name), institution=names.institution_or_private(behind) if behind else None)
    return Participant()


def _next(text: str, pieces: Sequence[str], i: int) -> str | None:
    """What stands behind the name's comma, if it has several words and is no name itself: "Friends of the River"."""
    piece = pieces[i + 1] if i + 1 < len(pieces) else ""
    several = len(piece.split()) > 1 and names.is_institution(piece) and not names.is_name(piece)
    return piece if several and f"{pieces[i]}, {piece}" in text else None


def _marked(piece: str) -> bool:
    return names.has_mark(piece) and names.is_institution(piece if piece != piece.lower() else piece.title())


def _more(signed: Participant, also: Participant) -> Participant:
    return Participant(name=signed.name or also.name, institution=signed.institution or also.institution)


def _theirs(person: Participant, addresses: Sequence[str]) -> str | None:
    """The address whose local part holds a word of the name: "alan.buchan@…" is Alan Buchan's."""
    words = [w for w in names.folded(person.name or "") if len(w) > 3]  # noqa: PLR2004 - short words are in anything
    fits = [a for a in addresses if any(w in fold(a.partition("@")[0]) for w in words)]
    return fits[0] if len(set(fits)) == 1 else None


def _header(sender: Address | None) -> Participant:
    """The From header, the least trusted: a display name that looks like a person's."""
    if sender is None or not sender.name:
        return Participant()
    shown, _, behind = sender.name.partition("|")
    name = names.clean_name(shown)
    institution = names.clean_institution(behind) if behind.strip() and names.has_mark(behind) else None
    if names.is_name(name):
        return Participant(name=name, institution=institution or _bracketed(shown))
    if names.has_mark(sender.name):
        return Participant(institution=names.without_parts(names.clean_institution(sender.name)))
    return Participant()


def _bracketed(shown: str) -> str | None:
    """Such as "Anna Meier (Stadt Büren)"."""
    inner = shown.partition("(")[2].partition(")")[0]
    return names.clean_institution(inner) if inner and names.has_mark(inner) else None


def _writer(said: prose.Said, signed: Participant, header: Participant) -> Participant:
    name = said.sender.name or signed.name or header.name
    if name and header.name and _shorter(name, header.name):
        name = header.name
    institution = said.mine or said.sender.institution or signed.institution or header.institution
    return Participant(name=name or said.single_name, institution=institution or said.somewhere)


def _shorter(one: str, other: str) -> bool:
    """Such as "Enno" or "F. Kösters" where the header has it in full."""
    return len(one.split()) == 1 or (
        any(len(w.strip(".")) == 1 for w in one.split()) and not any(len(w.strip(".")) == 1 for w in other.split())
    )


def _told(said: prose.Said, me: Participant) -> list[Participant]:
    others = [p for p in said.others if fold(p.name or "") != fold(me.name or "")]
    if others and said.replaces_sender:
        return others
    mine = [p for p in said.others if p not in others]
    if others and (
        not said.includes_sender or (len(others) > 1 and not mine and (me.name is None or (said.plural and not said.names_sender)))
    ):
        return [*mine, *others]
    institution = mine[0].institution if mine and mine[0].institution else me.institution
    return [replace(me, institution=institution, email=mine[0].email if mine else None), *others]


def _fill(person: Participant, me: Participant, email: str | None, for_all: str | None, *, alone: bool) -> Participant:
    """What a person's own entry does not say: an institution said for all, else the writer's if nothing speaks against it."""
    name = person.name or (me.name if alone else None)
    theirs = for_all or (me.institution if alone or _same_house(person.email, email) else None)
    return Participant(name=name, institution=person.institution or theirs, email=person.email or email)


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
