"""Mails to many: planned mails of an event, closing mails, mailings called by hand, and the digest to the contact.

Each is queued once per template, event and address, in one transaction with its token: the same call again resumes.
Never sends anything itself. Upstream: ``service`` and the command line; downstream: ``store`` and ``render``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from mailbot.domain.decision import Calendar, GrantToken, Letter, Link, LinkWord, Nature
from mailbot.domain.facts import Registration
from mailbot.domain.mail import OutgoingMail, fold_address
from mailbot.domain.states import Purpose, RegistrationStatus, SubscriptionStatus
from mailbot.errors import UsageError
from mailbot.pipeline import Pipeline
from mailbot.retention import rule_end
from mailbot.settings import Event, EventMail
from mailbot.store import Tx

OF_EVENTS = ("reminder", "event-changed", "event-cancelled", "thanks", "privacy-notice-changed", "data-erased")
TO_SUBSCRIBERS = ("invitation", "privacy-notice-changed")
_CALENDAR = {"event-changed": Calendar.PUBLISH, "event-cancelled": Calendar.CANCEL}
_TO_WAITING = ("event-changed", "event-cancelled", "privacy-notice-changed", "data-erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody who gets a mail of one mailing; ``people`` are their rows of the event."""

    address: str
    name: str | None
    language: str
    people: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One template to many. ``run`` tells two calls of the same mailing apart (e.g. a second change of the event)."""

    template: str
    event: Event | None
    run: str = ""

    def __post_init__(self) -> None:
        """Refuse a mail that its receivers may not get."""
        allowed = OF_EVENTS if self.event else TO_SUBSCRIBERS
        if self.template not in allowed:
            whom = "participants" if self.event else "subscribers"
            raise UsageError(f"'{self.template}' can't be sent to {whom}", remedy="choose one of: " + ", ".join(allowed))


def receivers(tx: Tx, mailing: Mailing) -> list[Receiver]:
    """Give everybody who shall get it: participants who hold a place, or confirmed subscribers."""
    if mailing.event is None:
        found = tx.subscribers(SubscriptionStatus.SUBSCRIBED)
        return [Receiver(address=s.email, name=s.name, language=s.language) for s in found]
    return list(_participants(tx, mailing))


def _participants(tx: Tx, mailing: Mailing) -> Iterator[Receiver]:
    assert mailing.event is not None
    waiting = (RegistrationStatus.WAITING,) if mailing.template in _TO_WAITING else ()
    statuses = (RegistrationStatus.REGISTERED, *waiting)
    rows: dict[str, list[Registration]] = {}
    for row in tx.participants(mailing.event.id, statuses):
        if not row.restricted or row.event_mails:  # Art. 18: nothing is done with the row but storing it
            rows.setdefault(fold_address(row.email), []).append(row)
    for people in rows.values():
        name = people[0].name if len(people) == 1 else None
        yield Receiver(address=people[0].email, name=name, language=people[0].language, people=tuple(people))


def queue(pipeline: Pipeline, mailing: Mailing, now: datetime) -> int:
    """Queue the mailing for everybody who has not got it yet; gives how many were queued."""
    queued = 0
    with pipeline.store.transaction() as tx:
        for receiver in receivers(tx, mailing):
            key = mailing.event.id if mailing.event else None
            if tx.claim_mailing(mailing.template + mailing.run, key, receiver.address, now):
                tx.enqueue((write(pipeline, tx, mailing, receiver, now),), now)
                queued += 1
    return queued


def write(pipeline: Pipeline, tx: Tx, mailing: Mailing, receiver: Receiver, now: datetime) -> OutgoingMail:
    """Render one receiver's mail and grant its tokens."""
    event = mailing.event
    word = event.id.split("-")[0][:12] if event else "mailbot"
    tag, leave = pipeline.ids.tag(word), pipeline.ids.tag(word)
    for made, purpose in ((tag, Purpose.THREAD), (leave, Purpose.UNSUBSCRIBE)):
        grant = GrantToken(tag=made, purpose=purpose, address=receiver.address, event=event.id if event else None)
        tx.apply((grant,), now)
    letter = Letter(
        template=mailing.template,
        to=receiver.address,
        name=receiver.name,
        language=receiver.language,
        nature=Nature.NOTICE if event else Nature.MAILING,
        tag=tag,
        event=event.id if event else _announced(pipeline, now),
        links=_links(mailing, tag, leave),
        calendar=_CALENDAR.get(mailing.template),
        values=_values(mailing, receiver),
    )
    return pipeline.renderer.render(letter, mailbox=pipeline.settings.mailboxes[0], now=now)


def _announced(pipeline: Pipeline, now: datetime) -> str | None:
    """The event that a mail to subscribers speaks of: the next one that has not started."""
    coming = sorted((e for e in pipeline.settings.events if e.starts > now), key=lambda e: e.starts)
    return coming[0].id if coming else None


def _links(mailing: Mailing, tag: str, leave: str) -> tuple[Link, ...]:
    unsubscribe = Link(word=LinkWord.UNSUBSCRIBE, tag=leave)
    if mailing.event is None:
        wish = (Link(word=LinkWord.REGISTER),) if mailing.template == "invitation" else ()
        return (*wish, unsubscribe)
    may_cancel = mailing.template in {"reminder", "event-changed", "privacy-notice-changed"}
    return (*((Link(word=LinkWord.CANCEL, tag=tag),) if may_cancel else ()), unsubscribe)


def _values(mailing: Mailing, receiver: Receiver) -> Mapping[str, object]:
    if mailing.template in {"data-erased", "invitation", "privacy-notice-changed"}:
        return {}
    rows = receiver.people
    people = [{"name": r.name or "", "institution": r.institution or "", "email": r.email, "status": r.status.value} for r in rows]
    return {"people": people}


def queue_planned(pipeline: Pipeline, now: datetime) -> int:
    """Queue the mails of ``[[events]] mails`` whose time has come: before the start, or after the end till the erasure."""
    queued = 0
    for event in pipeline.settings.events:
        erased = rule_end(pipeline.settings.retention.registrations, event.ends, event.timezone)
        for planned in event.mails:
            last = event.starts if planned.before else max(erased, event.ends + timedelta(days=1))
            if planned_at(event, planned) <= now < last and not pipeline.store.erased_at(event.id):
                queued += queue(pipeline, Mailing(template=planned.template, event=event), now)
    return queued


def planned_at(event: Event, planned: EventMail) -> datetime:
    """When a planned mail is due (aware, in the event's zone)."""
    if planned.before is not None:
        due: datetime = event.starts - relativedelta(months=planned.before.months) - planned.before.exact
        return due
    after = planned.after
    later: datetime = event.ends + (relativedelta(months=after.months) + after.exact if after else timedelta())
    return later


def queue_digest(pipeline: Pipeline, lines: Iterable[Mapping[str, object]], now: datetime) -> bool:
    """Tell the contact once a day what waits for a human: counts and ids, no participant's data."""
    shown = [dict(line) for line in lines]
    organiser = pipeline.settings.organiser
    if not shown:
        return False
    with pipeline.store.transaction() as tx:
        if not tx.claim_mailing("digest", now.date().isoformat(), organiser.contact, now):
            return False
        _enqueue(pipeline, tx, _to_contact(pipeline, "digest", {"lines": shown}), now)
    return True


def queue_record(pipeline: Pipeline, record: Mapping[str, object], now: datetime) -> None:
    """Send the record of an erasure to the contact."""
    with pipeline.store.transaction() as tx:
        _enqueue(pipeline, tx, _to_contact(pipeline, "erasure-record", {"record": dict(record)}), now)


def _to_contact(pipeline: Pipeline, template: str, values: Mapping[str, object]) -> Letter:
    organiser = pipeline.settings.organiser
    return Letter(
        template=template,
        to=organiser.contact,
        language=organiser.languages[0],
        nature=Nature.ALARM,
        tag=pipeline.ids.tag("mailbot"),
        values=values,
    )


def _enqueue(pipeline: Pipeline, tx: Tx, letter: Letter, now: datetime) -> None:
    mailbox = pipeline.settings.mailboxes[0]
    tx.enqueue((pipeline.renderer.render(letter, mailbox=mailbox, now=now),), now)
