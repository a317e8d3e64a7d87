"""One mail from its text to its ``Understanding``: the stages in their order, and what is judged only when all are known.

Upstream: ``parse``, ``screen``; downstream: ``decide``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.understanding import (
    Action,
    Correction,
    Intent,
    Kind,
    Participant,
    RequestKind,
    Screening,
    Understanding,
)
from mailbot.settings import Event, Settings
from mailbot.understand import forms, meaning, onetap, reasons, verdict
from mailbot.understand import intent as intents
from mailbot.understand.answers import agreed
from mailbot.understand.choices import choices
from mailbot.understand.corrections import corrections
from mailbot.understand.events import event_names
from mailbot.understand.evidence import SUBJECT, Findings, Reader, reader
from mailbot.understand.language import language
from mailbot.understand.lexicon import Lexicons, lexicons
from mailbot.understand.mentions import EMAIL
from mailbot.understand.normal import MAX_WORDS, fold, visible
from mailbot.understand.opinion import by_sentence, linear, opinion
from mailbot.understand.people import People, people
from mailbot.understand.text import OwnText, own_text
from mailbot.understand.tokens import tags
from mailbot.understand.wishes import Context

_PEOPLED = {Intent.REGISTRATION, Intent.CANCELLATION}
_OURS = frozenset({"context_mailing", "context_registered", "context_invitation"})  # which kind of mail of ours is answered
_FEW_WORDS, _LITTLE = 14, 6
_ARROWS = ("->", "→", "=>")
_STRANGERS = ((70, 0.95), (25, 0.85))  # from so many words on, a mail that has no tie to us must be so sure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Everything that was read of one mail."""

    mail: IncomingMail
    own: OwnText
    subject: str
    prefix: str
    found: Findings
    tags: tuple[str, ...]
    language: str
    words: int
    related: bool

    @property
    def removed(self) -> tuple[tuple[str, str], ...]:
        """What does not count, with the reason; the subject of a reply or a forwarded mail is another mail's."""
        before = ((f"subject of a {self.prefix}", self.mail.subject),) if self.prefix else ()
        return (*before, *self.own.removed)


def understand(mail: IncomingMail, screening: Screening, settings: Settings, as_intent: Intent | None = None) -> Understanding:
    """Say what the mail means, judged from the mail alone; ``as_intent``: a human has said what it is, so only the rest is read."""
    known = lexicons()
    if as_intent is None and screening.kind is not Kind.HUMAN:
        provider = screening.kind is Kind.PROVIDER_UNSUBSCRIBE
        intent, action = (Intent.UNSUBSCRIBE, Action.ACT) if provider else (Intent.AUTOMATIC, Action.IGNORE)
        return _plain(_read(mail, settings, known), intent, action, screening)
    ruled = by_rules(mail, settings)
    read, reading, who = ruled.read, ruled.reading, ruled.who
    if read.language in linear().languages or read.language not in known.by_language:
        view = opinion(read.found, ruled.context, reading, linear())
        tied = bool(read.found.events or read.tags or read.prefix)
        floor = 0.0 if tied else _floor(read.words)
        reading = verdict.weigh(
            reading, view, lambda: by_sentence(read.found, linear()), settings.certainty, floor=floor, tied=tied
        )
        reading = agreed(reading, read.found, known, token=bool(read.tags))
    if as_intent is not None:
        reading = meaning.told(reading, as_intent)
        who = _people(read, ruled.listed, known, registering=as_intent is Intent.REGISTRATION)
    if who is None and _PEOPLED & {reading.intent, *reading.wishes}:
        who = _people(read, ruled.listed, known)
    if reading.intent is Intent.REGISTRATION and who and verdict.only_unsure(reading) and _particulars_only(read, who):
        reading = replace(reading, action=Action.ACT, doubts=(), why="gives the particulars of participants and little else")
    ours = (settings.organiser.contact, settings.controller.email, settings.privacy.data_protection_officer)
    if (doubt := _doubted(screening)) and reading.action in {Action.ACT, Action.ASK}:
        reading = replace(reading, action=Action.REVIEW, doubts=(*reading.doubts, doubt))
    return _understanding(read, who or People(), reading, ours, known)


def _doubted(screening: Screening) -> str:
    """What the screening has against acting without a human; "" where nothing."""
    return "came through a contact form: the sender's address reads nothing" if screening.web_form else screening.suspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What the rules make of a mail, before its words are weighed."""

    read: _Read
    reading: meaning.Reading
    context: Context
    listed: list[Participant]
    who: People | None


def by_rules(mail: IncomingMail, settings: Settings) -> Ruled:
    """Read a human's mail by the rules alone; what the second opinion is learnt from and weighs."""
    known = lexicons()
    read = _read(mail, settings, known)
    listed, form = forms.particulars(read.own.text, read.own.answers, known)
    who = _people(read, listed, known) if read.tags or read.found.all("replacement") else None
    context = _context(read, form, who, known, settings)
    reading = onetap.read(read.subject, read.own.text, known) or intents.read(read.found, context)
    return Ruled(read=read, reading=reading, context=context, listed=listed, who=who)


def _people(read: _Read, listed: list[Participant], known: Lexicons, *, registering: bool = False) -> People:
    return people(read.own, listed, read.mail, read.subject, read.found, known, registering=registering)


def _read(mail: IncomingMail, settings: Settings, known: Lexicons) -> _Read:
    own = own_text(mail, known)
    prefix, subject = _subject(mail.subject, known)
    found = _reader(settings.events).read(subject if not prefix else "", SUBJECT)
    found = _reader(settings.events).read(own.text, into=found)
    words = [w.text for s in found.sentences for w in s.words]
    spoken = language(words, own.text, known) or language((fold(w) for w in own.signature.split()), "", known)
    domains = frozenset(m.address.partition("@")[2].lower() for m in settings.mailboxes)
    found_tags = tags(mail, own.quoted, domains)
    return _Read(
        mail=mail,
        own=own,
        subject=subject,
        prefix=prefix,
        found=found,
        tags=found_tags,
        language=spoken or language((fold(w) for w in subject.split()), subject, known) or settings.organiser.languages[0],
        words=len(own.text.split()),
        related=found.named or _addressed(mail, settings) or _answers_us(mail, found_tags),
    )


def _floor(words: int) -> float:
    """Newsletters and mails to others have no tie to us; the longer they are, the less they are meant for us."""
    return next((floor for more_than, floor in _STRANGERS if words > more_than), 0.0)


def _addressed(mail: IncomingMail, settings: Settings) -> bool:
    """Whether the mail was sent to a mailbox of ours; a mail to other people that reached us may have nothing to do with us."""
    ours = {fold_address(m.address) for m in settings.mailboxes}
    return any(_without_tag(a.key) in ours for a in mail.recipients)


def _answers_us(mail: IncomingMail, found_tags: tuple[str, ...]) -> bool:
    """Whether the subject or the threading headers bring a token of ours back; a word in quoted text may look like one."""
    threads = " ".join((*mail.in_reply_to, *mail.references)).lower()
    return any(f"[#{tag}]" in mail.subject.lower() or tag in threads for tag in found_tags)


def _without_tag(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


_readers: dict[int, Reader] = {}


def _reader(events: tuple[Event, ...]) -> Reader:
    return _reader_of(lexicons(), events)


def _reader_of(known: Lexicons, events: tuple[Event, ...]) -> Reader:
    key = id(events)
    if key not in _readers:
        _readers.clear()
        _readers[key] = reader(known, event_names(events, known))
    return _readers[key]


def _subject(text: str, known: Lexicons) -> tuple[str, str]:
    """Part "Re:", "WG:" from a subject: prefix "reply", "forward" or "", and the rest."""
    reply, forward = frozenset(known.text("reply")), frozenset(known.text("forward"))
    prefix, rest = "", visible(text).strip()
    for _ in range(6):
        head, colon, tail = rest.partition(":")
        key = fold(head.strip().rstrip("0123456789[]"))
        if not colon or key not in reply | forward:
            break
        prefix = prefix or ("reply" if key in reply else "forward")
        rest = tail.strip()
    return prefix, rest


def _plain(read: _Read, intent: Intent, action: Action, screening: Screening) -> Understanding:
    return Understanding(
        intent=intent,
        action=action,
        confidence=1.0,
        language=read.language,
        wishes=(intent,),
        tags=read.tags,
        events=read.found.events,
        own_text=read.own.text,
        removed=read.removed,
        reasons=reasons.screened(screening),
        related=read.related,
    )


def _context(read: _Read, listed: bool, who: People | None, known: Lexicons, settings: Settings) -> Context:
    quoted = Findings()
    if read.found.all("bare_leave", "yes"):  # only then does it matter which mail of ours is answered
        history = f"{read.own.quoted[:3000]}\n\n{read.subject if read.prefix else ''}"
        quoted = _reader(settings.events).read(history, only=_OURS)
    return Context(
        token=bool(read.tags),
        forward=read.prefix == "forward" or read.own.forwarded,
        to_mailing=bool(quoted.plain("context_mailing")),
        to_registration=bool(quoted.plain("context_registered")),
        to_invitation=bool(read.prefix == "reply" and quoted.all("context_invitation") and not quoted.plain("context_registered")),
        foreign=read.language not in known.by_language,
        form=listed,
        replaced=who is not None and bool(who.leaving) and any(p.name for p in who.participants),
        completed=who is not None and _completed(read, who),
        words=read.words + len(read.subject.split()),
        text_words=read.words,
    )


def _particulars_only(read: _Read, who: People) -> bool:
    """Whether a mail with a tie to us holds complete particulars and next to nothing else: "Anna Meier, Stadt Büren, 11. März"."""
    told = {w for p in who.participants for value in (p.name, p.institution) if value for w in map(fold, value.split())}
    said = [w.text for s in read.found.sentences for w in s.words if not w.text.startswith("§")]
    complete = all(p.name and p.institution for p in who.participants) and bool(told & set(said))
    return complete and bool(read.found.events or read.prefix) and sum(w not in told for w in said) <= _LITTLE


def _completed(read: _Read, who: People) -> bool:
    """A short reply with our token that gives a name, an institution or "privat"."""
    first = who.participants[0] if who.participants else Participant()
    said = {fold(w.strip(".,;:!()")) for w in read.own.text.split()}
    house = {fold(w) for w in (first.institution or "").split()}
    named = said & (house | {fold(w) for w in (first.name or "").split()})
    return bool(read.tags and named and read.words <= _FEW_WORDS and not read.found.questions)


def _understanding(read: _Read, who: People, reading: meaning.Reading, ours: tuple[str, ...], known: Lexicons) -> Understanding:
    registering = Intent.REGISTRATION in {reading.intent, *reading.wishes}
    participants = who.participants if registering else ()
    fixes = _corrections(read, ours) if RequestKind.RECTIFICATION in reading.kinds else ()
    action, doubts = _action(read, reading, participants, bool(fixes))
    if registering and action in {Action.ACT, Action.ASK} and _corrects(read, ours):
        action, doubts = Action.REVIEW, ("says which value becomes which, as a correction does",)
    if action is Action.ACT and registering and len(participants) == 1 and (more := read.found.plain("companions")):
        action, reading = Action.ASK, replace(reading, against=tuple(more))  # somebody comes along whom the mail does not name
    return Understanding(
        intent=reading.intent,
        action=action,
        confidence=reading.confidence,
        language=read.language,
        wishes=reading.wishes or (reading.intent,),
        request_kinds=reading.kinds,
        participants=participants,
        corrections=fixes,
        about=_about(read, reading, (*(p.email for p in participants), *(c.new for c in fixes), *ours)),
        tags=read.tags,
        answer=reading.answer,
        events=read.found.events,
        bare_leave=reading.bare_leave,
        against_mailings=reading.against_mailings,
        wants_mailings=reading.wants_mailings,
        leaving=who.leaving if reading.intent is not Intent.REGISTRATION or Intent.CANCELLATION in reading.wishes else (),
        on_behalf=bool(read.found.plain("on_behalf")),
        choices=choices(read.own.text, known),
        own_text=read.own.text,
        removed=read.removed,
        reasons=reasons.reasons(reading, doubts, action, read.found),
        related=read.related,
    )


def _corrections(read: _Read, ours: tuple[str, ...]) -> tuple[Correction, ...]:
    return corrections(f"{read.own.text}\n\n{read.subject}", (*ours, *(a.key for a in read.mail.recipients)))


def _corrects(read: _Read, ours: tuple[str, ...]) -> bool:
    """Whether a mail that reads like a registration names an old value beside a new one; looked for only where words hint at it."""
    hinted = read.found.all("rectification") or any(arrow in read.own.text for arrow in _ARROWS)
    return bool(hinted) and any(c.old for c in _corrections(read, ours))


def _action(
    read: _Read, reading: meaning.Reading, participants: tuple[Participant, ...], fixed: bool
) -> tuple[Action, tuple[str, ...]]:
    """What may be done at most, and why not more: nobody to answer, or something missing, lowers it."""
    if reading.action not in {Action.ACT, Action.ASK}:
        return reading.action, reading.doubts
    if unsafe := _unsafe(read):
        return Action.REVIEW, (unsafe, *reading.doubts)
    if reading.action is Action.ASK:
        return Action.ASK, reading.doubts
    if reading.intent is Intent.REGISTRATION and (missing := _missing(participants)):
        return Action.ASK, missing
    if RequestKind.RECTIFICATION in reading.kinds and not fixed:
        return (Action.ASK if len(reading.kinds) == 1 else Action.REVIEW), ("does not say plainly what is right instead",)
    return Action.ACT, ()


def _unsafe(read: _Read) -> str:
    """Why a human should look at whatever this mail wishes; "" where nothing is in the way."""
    if read.mail.sender is None:
        return "has no single sender who could be answered"
    if not read.related:
        return "was neither sent to this mailbox nor names the event"
    if read.mail.half_read:
        return "could not be read to its end"
    return "is longer than what is read for certain" if read.own.cut or read.words > MAX_WORDS else ""


def _missing(participants: tuple[Participant, ...]) -> tuple[str, ...]:
    """What a registration still needs, one sentence part a person."""
    found = []
    for person in participants:
        values = (("name", person.name), ("institution", person.institution), ("e-mail address", person.email))
        if lacking := [word for word, value in values if not value]:
            whom = f" of {person.name}" if person.name and len(participants) > 1 else ""
            found.append(f"does not give the {' and the '.join(lacking)}{whom}")
    return tuple(dict.fromkeys(found))


def _about(read: _Read, reading: meaning.Reading, known: Iterable[str | None]) -> str | None:
    """The one other address that the mail speaks of: neither the sender's nor ours, nor one that has its place already."""
    if reading.intent in {Intent.REGISTRATION, Intent.CONFIRMATION, Intent.QUESTION, Intent.AUTOMATIC}:
        return None
    taken = {fold_address(a) for a in known if a} | {a.key for a in (*read.mail.senders, *read.mail.recipients)}
    found = dict.fromkeys(m[0].rstrip(".") for m in EMAIL.finditer(read.own.text))
    others = [a for a in found if fold_address(a) not in taken]
    return others[0] if len(others) == 1 else None
