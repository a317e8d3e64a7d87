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
from mailbot.settings import Settings
from mailbot.understand import forms, meaning, names, onetap, reasons, verdict
from mailbot.understand import intent as intents
from mailbot.understand.answers import agreed
from mailbot.understand.chain import chain
from mailbot.understand.choices import choices
from mailbot.understand.corrections import corrections
from mailbot.understand.forest import forest
from mailbot.understand.gathered import Gathered, gather, surroundings
from mailbot.understand.html import readable
from mailbot.understand.lexicon import Lexicons, lexicons
from mailbot.understand.linear import Linear, linear
from mailbot.understand.meaning import Reading
from mailbot.understand.mentions import EMAIL
from mailbot.understand.normal import MAX_WORDS
from mailbot.understand.opinion import Opinion, by_sentence, opinion, weights
from mailbot.understand.people import People, heard, missing, people, unnamed
from mailbot.understand.trust import Case, trust
from mailbot.understand.wishes import Context

_PEOPLED = {Intent.REGISTRATION, Intent.CANCELLATION}
_AGAINST = 0.9  # as likely must it be where the rules found something against it
_HARMLESS = 0.2  # and as unlikely a case for a human
_UNKNOWN = 0.85  # the likelihood of a wish that the rules don't see in a mail without a tie to us
_ARROWS = ("->", "→", "=>")
_STRANGERS = ((70, 0.95), (25, 0.9))  # from so many words on, a mail that has no tie to us must be so sure


def understand(mail: IncomingMail, screening: Screening, settings: Settings, as_intent: Intent | None = None) -> Understanding:
    """Say what the mail means, judged from the mail alone; ``as_intent``: a human has said what it is, so only the rest is read."""
    known = lexicons()
    if as_intent is None and screening.kind is not Kind.HUMAN:
        provider = screening.kind is Kind.PROVIDER_UNSUBSCRIBE
        intent, action = (Intent.UNSUBSCRIBE, Action.ACT) if provider else (Intent.AUTOMATIC, Action.IGNORE)
        return _plain(gather(mail, settings, known, wishes=False), intent, action, screening)
    ruled = by_rules(mail, settings)
    read, reading, who = ruled.read, ruled.reading, ruled.who
    if as_intent is None and (read.language in weights().languages or read.language not in known.by_language):
        view = opinion(read.found, ruled.context, reading, weights())
        reading = verdict.likeliest(reading, view, settings.certainty, tied=read.tied)
        reading = agreed(reading, read.found, known, token=bool(read.tags))
        if reading.open:
            who = who_takes_part(ruled, reading, known)
            reading = _weighed(ruled, reading, view, who, settings)
    if as_intent is not None:
        reading = meaning.told(reading, as_intent)
        who = _people(read, ruled.listed, known, registering=as_intent is Intent.REGISTRATION)
    who = who or who_takes_part(ruled, reading, known)
    ours = (settings.organiser.contact, settings.controller.email, settings.privacy.data_protection_officer)
    if (doubt := _doubted(screening)) and reading.action in {Action.ACT, Action.ASK}:
        reading = replace(reading, action=Action.REVIEW, doubts=(*reading.doubts, doubt))
    return _understanding(read, who or People(), reading, ours, known)


def prepare() -> None:
    """Read what every mail is understood with: the lists of words, what was learnt, and what reads HTML."""
    readable("<p>")
    lexicons()
    names.vocabulary()
    names.listed("first_names")
    names.listed("last_names")
    weights()
    linear("attendance")
    chain()
    forest("trust")


def _doubted(screening: Screening) -> str:
    """What the screening has against acting without a human; "" where nothing."""
    return "came through a contact form: the sender's address reads nothing" if screening.web_form else screening.suspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What the rules make of a mail, before its words are weighed."""

    read: Gathered
    reading: Reading
    context: Context
    listed: list[Participant]
    who: People | None


def by_rules(mail: IncomingMail, settings: Settings) -> Ruled:
    """Read a human's mail by the rules alone; what the second opinion is learnt from and weighs."""
    known = lexicons()
    read = gather(mail, settings, known)
    listed, form = forms.particulars(read.own.text, read.own.answers, known)
    who = _people(read, listed, known) if read.tags or read.found.all("replacement") else None
    context = surroundings(read, form, who, known, settings)
    reading = onetap.read(read.subject, read.own.text, known) or intents.read(read.found, context)
    return Ruled(read=read, reading=reading, context=context, listed=listed, who=who)


def who_takes_part(ruled: Ruled, reading: Reading, known: Lexicons) -> People | None:
    """Give the people of a mail whose reading has to do with seats."""
    if ruled.who or not _PEOPLED & {reading.intent, *reading.wishes}:
        return ruled.who
    return _people(ruled.read, ruled.listed, known)


def case(ruled: Ruled, reading: Reading, view: Opinion, who: People | None, model: Linear) -> Case:
    """Everything that is known when it is judged whether to act on a reading."""
    return Case(
        ruled=ruled.reading,
        reading=reading,
        view=view,
        sentences=by_sentence(ruled.read.found, model),
        found=ruled.read.found,
        context=ruled.context,
        tied=ruled.read.tied,
        people=who.participants if who else (),
        form=who is not None and who.form,
    )


def _people(read: Gathered, listed: list[Participant], known: Lexicons, *, registering: bool = False) -> People:
    one = heard(read.own, read.mail, read.subject, read.found, known, registering=registering)
    return people(one, listed, read.mail, read.found)


def _weighed(ruled: Ruled, reading: Reading, view: Opinion, who: People | None, settings: Settings) -> Reading:
    """Judge whether to act on an open reading; to ask for what is missing of a registration less is needed."""
    people_ = who.participants if who else ()
    registers = reading.intent is Intent.REGISTRATION
    asks = registers and all(missing([p]) for p in people_)  # else who is complete gets a place at once
    needed = settings.certainty.of(reading.intent)
    needed = settings.certainty.ask if asks and needed <= 1 else needed  # where registering is never right, neither is asking
    return verdict.judged(
        reading,
        trust(case(ruled, reading, view, who, weights())),
        needed=max(needed, _AGAINST) if reading.against else needed,
        doubt=_strange(ruled, reading, lacking=registers and (not people_ or bool(missing(people_)))) or _grave(reading, view),
    )


def _grave(reading: Reading, view: Opinion) -> str:
    """Say that a human should look, from what the rules found against acting; "" where that is no matter."""
    signals = {e.signal for e in reading.against}
    if reading.intent is Intent.CANCELLATION and "keep_registration" in signals:
        return "speaks of who leaves and of who stays"
    return "reads like a case for a human" if signals and view.human >= _HARMLESS else ""


def _strange(ruled: Ruled, reading: Reading, *, lacking: bool) -> str:
    """Say that a mail without a tie to us does not plainly mean us; "" where it has one or does.

    Newsletters and mails to others have none; the longer they are, the less they are meant for us. A wish in none of the phrases
    that are known must be plain from the words without a tie, and give all particulars.
    """
    floor = next((floor for more_than, floor in _STRANGERS if ruled.read.words > more_than), 0.0)
    guessed = ruled.reading.intent is not reading.intent
    plain = reading.confidence >= (max(floor, _UNKNOWN) if guessed else floor) and not (guessed and lacking)
    return "" if ruled.read.tied or plain else "is not plain, names no event of ours and answers no mail of ours"


def _plain(read: Gathered, intent: Intent, action: Action, screening: Screening) -> Understanding:
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


def _understanding(read: Gathered, who: People, reading: Reading, ours: tuple[str, ...], known: Lexicons) -> Understanding:
    registering = Intent.REGISTRATION in {reading.intent, *reading.wishes}
    participants = who.participants if registering else ()
    fixes = _corrections(read, ours) if RequestKind.RECTIFICATION in reading.kinds else ()
    action, doubts = _action(read, reading, participants, bool(fixes))
    if action in {Action.ACT, Action.ASK} and who.children:
        action, doubts = Action.REVIEW, ("is about a child",)
    if registering and action in {Action.ACT, Action.ASK} and _corrects(read, ours):
        action, doubts = Action.REVIEW, ("says which value becomes which, as a correction does",)
    if action is Action.ACT and reading.intent is Intent.REGISTRATION and (more := unnamed(read.found, participants)):
        action, reading = Action.ASK, replace(reading, against=tuple(more))
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


def _corrections(read: Gathered, ours: tuple[str, ...]) -> tuple[Correction, ...]:
    return corrections(f"{read.own.text}\n\n{read.subject}", (*ours, *(a.key for a in read.mail.recipients)))


def _corrects(read: Gathered, ours: tuple[str, ...]) -> bool:
    """Whether a mail that reads like a registration names an old value beside a new one; looked for only where words hint at it."""
    hinted = read.found.all("rectification") or any(arrow in read.own.text for arrow in _ARROWS)
    return bool(hinted) and any(c.old for c in _corrections(read, ours))


def _action(read: Gathered, reading: Reading, participants: tuple[Participant, ...], fixed: bool) -> tuple[Action, tuple[str, ...]]:
    """What may be done at most, and why not more: nobody to answer, or something missing, lowers it."""
    if reading.action not in {Action.ACT, Action.ASK}:
        return reading.action, reading.doubts
    if unsafe := _unsafe(read):
        return Action.REVIEW, (unsafe, *reading.doubts)
    if reading.action is Action.ASK:
        return Action.ASK, reading.doubts
    if reading.intent is Intent.REGISTRATION and (lacking := missing(participants)):
        return Action.ASK, lacking
    if RequestKind.RECTIFICATION in reading.kinds and not fixed:
        return (Action.ASK if len(reading.kinds) == 1 else Action.REVIEW), ("does not say plainly what is right instead",)
    return Action.ACT, ()


def _unsafe(read: Gathered) -> str:
    """Why a human should look at whatever this mail wishes; "" where nothing is in the way."""
    if read.mail.sender is None:
        return "has no single sender who could be answered"
    if not read.related:
        return "was neither sent to this mailbox nor names the event"
    if read.mail.half_read:
        return "could not be read to its end"
    return "is longer than what is read for certain" if read.own.cut or read.words > MAX_WORDS else ""


def _about(read: Gathered, reading: Reading, known: Iterable[str | None]) -> str | None:
    """The one other address that the mail speaks of: neither the sender's nor ours, nor one that has its place already."""
    if reading.intent in {Intent.REGISTRATION, Intent.CONFIRMATION, Intent.QUESTION, Intent.AUTOMATIC}:
        return None
    taken = {fold_address(a) for a in known if a} | {a.key for a in (*read.mail.senders, *read.mail.recipients)}
    found = dict.fromkeys(m[0].rstrip(".") for m in EMAIL.finditer(read.own.text))
    others = [a for a in found if fold_address(a) not in taken]
    return others[0] if len(others) == 1 else None
