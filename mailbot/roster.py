"""Participants and subscribers that a human adds, imports or removes: decided by the same intents as a mail would be.

A command becomes the mail that the person could have written themselves, so capacity, waiting list, duplicates, information
duties and undo are the same. Upstream: the command line; downstream: ``decide``, ``render`` and ``store``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from email_validator import EmailNotValidError, validate_email

from mailbot.decide import decide, query
from mailbot.domain.decision import (
    AddRegistration,
    Change,
    ChangeRegistration,
    Decision,
    GrantToken,
    Letter,
    Link,
    LinkWord,
    MarkInformed,
    Nature,
    SetSubscription,
)
from mailbot.domain.facts import Query
from mailbot.domain.mail import Address, IncomingMail, fold_address
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, SubscriptionStatus
from mailbot.domain.understanding import Action, Intent, Kind, Participant, Screening, Understanding
from mailbot.errors import MailbotError, UsageError
from mailbot.intents.base import Case
from mailbot.pipeline import Pipeline
from mailbot.store import Tx

_LOOK = "nothing was changed; see `mailbot participants list`, and add --name where several people share the address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom a human names, with the event that it is about; ``line`` of a list, for messages."""

    email: str
    name: str | None = None
    institution: str | None = None
    event: str | None = None
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A subscriber of a list; without time and text of the consent they are never written to (Art. 7 (1))."""

    email: str
    name: str | None = None
    at: datetime | None = None
    text: str | None = None
    source: str | None = None
    line: str = ""


@dataclass(slots=True)
class Tally:
    """What a command did: how many rows changed, were so already, or were skipped and why; letters queued."""

    changed: int = 0
    same: int = 0
    letters: int = 0
    pending: int = 0
    skipped: int = 0
    statuses: Counter[RegistrationStatus] = field(default_factory=Counter)  # what who was added now is


def address(text: str, line: str = "") -> str:
    """Check an address's form (not whether it exists); raises UsageError that names the line."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        where = f"line {line}: " if line else ""
        raise UsageError(f"{where}'{text}' is no e-mail address", remedy="correct it: nothing was changed") from None


def add(pipeline: Pipeline, people: Sequence[Person], now: datetime, *, quiet: bool) -> Tally:
    """Register people, all or (on an error) none; each gets the mail that a registration by mail gets, unless ``quiet``."""
    for person in people:
        _check(pipeline, person, complete=quiet)
    tally = Tally()
    with pipeline.store.transaction() as tx:
        for person in people:
            named = Participant(name=person.name, institution=person.institution, email=person.email)
            wish = _wish(pipeline, Intent.REGISTRATION, events=(person.event,) if person.event else (), participants=(named,))
            decision = _decide(pipeline, tx, person, wish, now)
            changed = [change for change in decision.changes if isinstance(change, AddRegistration | ChangeRegistration)]
            if changed:
                tally.statuses.update(change.status for change in changed if change.status is not None)
                _commit(pipeline, tx, person, decision, now, tally, quiet=quiet)
            else:
                tally.same += 1
    return tally


def remove(pipeline: Pipeline, person: Person, now: datetime, *, quiet: bool) -> Tally:
    """Cancel a registration; who waits moves up and is told. ``quiet`` spares the person's own mail only."""
    _check(pipeline, person, complete=False)
    tally = Tally()
    with pipeline.store.transaction() as tx:
        leaving = (person.name,) if person.name else ()
        wish = _wish(pipeline, Intent.CANCELLATION, events=(person.event,) if person.event else (), leaving=leaving)
        decision = _decide(pipeline, tx, person, wish, now, remedy=_LOOK)
        if not any(isinstance(change, ChangeRegistration) for change in decision.changes):
            raise MailbotError(
                f"nothing was cancelled for {person.email}: not registered, or several people share the address",
                remedy=_LOOK,
            )
        _commit(pipeline, tx, person, decision, now, tally, quiet=quiet)
    return tally


def unsubscribe(pipeline: Pipeline, email: str, now: datetime, *, quiet: bool) -> Tally:
    """Stop information mails to an address for good; the person is told how to undo it, unless ``quiet``."""
    person, tally = Person(email=address(email)), Tally()
    with pipeline.store.transaction() as tx:
        decision = _decide(pipeline, tx, person, _wish(pipeline, Intent.UNSUBSCRIBE), now)
        _commit(pipeline, tx, person, decision, now, tally, quiet=quiet)
    return tally


def subscribe(pipeline: Pipeline, people: Sequence[Consent], now: datetime) -> Tally:
    """Add subscribers: with a recorded consent at once, without one as pending; nobody is written to.

    Who has unsubscribed or objected stays so: a list is no new wish (Art. 21 (3)).
    """
    tally = Tally()
    rows = [replace(person, email=address(person.email, person.line)) for person in people]
    with pipeline.store.transaction() as tx:
        for person in rows:
            _subscribe(pipeline, tx, person, now, tally)
    return tally


def _subscribe(pipeline: Pipeline, tx: Tx, person: Consent, now: datetime, tally: Tally) -> None:
    key = fold_address(person.email)
    facts = tx.facts(Query(sender=key, addresses=frozenset({key})), now)
    known = facts.subscriptions.get(key)
    proved = person.at is not None and bool(person.text)
    if key in facts.suppressed or (known and known.status is SubscriptionStatus.UNSUBSCRIBED):
        tally.skipped += 1
    elif known and (known.status is SubscriptionStatus.SUBSCRIBED or not proved):
        tally.same += 1
    else:
        tally.changed += 1
        tally.pending += not proved
        change = SetSubscription(
            email=person.email,
            name=person.name,
            status=SubscriptionStatus.SUBSCRIBED if proved else SubscriptionStatus.PENDING,
            language=pipeline.settings.organiser.languages[0],
            consent_text=person.text,
            consent_at=person.at,
            consent_source=person.source,
        )
        tx.apply((change,), now)


def _check(pipeline: Pipeline, person: Person, *, complete: bool) -> None:
    where = f"line {person.line}: " if person.line else ""
    address(person.email, person.line)
    events = [event.id for event in pipeline.settings.events]
    if person.event not in events and (person.event or len(events) > 1):
        what = f"there is no event '{person.event}'" if person.event else "which event?"
        raise UsageError(f"{where}{what}", remedy=f"name one of {', '.join(events)}: nothing was changed")
    if complete and not (person.name and person.institution):
        raise UsageError(
            f"{where}name and institution are needed where the person is not asked",
            remedy="give both, or leave out --quiet so that the person is asked for what is missing",
        )


def _wish(
    pipeline: Pipeline,
    intent: Intent,
    *,
    events: tuple[str, ...] = (),
    participants: tuple[Participant, ...] = (),
    leaving: tuple[str, ...] = (),
) -> Understanding:
    return Understanding(
        intent=intent,
        action=Action.ACT,
        confidence=1.0,
        language=pipeline.settings.organiser.languages[0],
        wishes=(intent,),
        events=events,
        participants=participants,
        leaving=leaving,
    )


def _decide(
    pipeline: Pipeline, tx: Tx, person: Person, wish: Understanding, now: datetime, *, remedy: str = "nothing was changed"
) -> Decision:
    """Decide as if the person had written; what the intents would hand to a human is an error for the human who asks."""
    mail = IncomingMail(identity=b"", received_at=now, senders=(Address(email=person.email, name=person.name or ""),))
    case = Case(
        mail=mail,
        screening=Screening(kind=Kind.HUMAN),
        understanding=wish,
        facts=tx.facts(query(mail, wish), now),
        settings=pipeline.settings,
        mailbox=pipeline.settings.mailboxes[0],
        now=now,
        ids=pipeline.ids,
        forced=True,
    )
    decision = decide(case)
    if decision.outcome is Outcome.REVIEW:
        where = f"line {person.line}: " if person.line else ""
        raise MailbotError(f"{where}{person.email}: {'; '.join(decision.reasons)}", remedy=remedy)
    return decision


def _commit(pipeline: Pipeline, tx: Tx, person: Person, decision: Decision, now: datetime, tally: Tally, *, quiet: bool) -> None:
    changes, letters = _quiet(decision, person.email) if quiet else (decision.changes, decision.letters)
    mailbox = pipeline.settings.mailboxes[0]
    made: list[GrantToken] = []
    sent = [_as_notice(pipeline, letter, person.email, made) for letter in letters]
    tx.apply((*changes, *made), now)
    tx.enqueue(tuple(pipeline.renderer.render(letter, mailbox=mailbox, now=now) for letter in sent), now)
    tally.changed += 1
    tally.letters += len(sent)


def _quiet(decision: Decision, email: str) -> tuple[tuple[Change, ...], tuple[Letter, ...]]:
    """Leave out the person's own letters, their tokens, and the note that they were informed, which they were not."""
    key = fold_address(email)
    letters = tuple(letter for letter in decision.letters if fold_address(letter.to) != key)
    changes = tuple(
        change
        for change in decision.changes
        if not (isinstance(change, GrantToken) and fold_address(change.address) == key)
        and not (isinstance(change, MarkInformed) and fold_address(change.email) == key)
    )
    return changes, letters


def _as_notice(pipeline: Pipeline, letter: Letter, email: str, made: list[GrantToken]) -> Letter:
    """Make an answer a notice: nobody wrote, so it carries the way to unsubscribe (DESIGN section 6)."""
    if fold_address(letter.to) != fold_address(email) or any(link.word is LinkWord.UNSUBSCRIBE for link in letter.links):
        return letter
    tag = pipeline.ids.tag("mailbot")
    made.append(GrantToken(tag=tag, purpose=Purpose.UNSUBSCRIBE, address=letter.to, event=letter.event))
    links = (*letter.links, Link(word=LinkWord.UNSUBSCRIBE, tag=tag))
    return replace(letter, nature=Nature.NOTICE, links=links, not_before=None)


def consent_time(text: str, line: str = "") -> datetime | None:
    """Read ``consent_at``: a date, or a date and time (UTC unless it says otherwise); None when there is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        where = f"line {line}: " if line else ""
        raise UsageError(f"{where}'{text}' is no time", remedy="write 2027-03-11 or 2027-03-11T18:00:00+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
