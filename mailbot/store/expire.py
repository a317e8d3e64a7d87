"""Every retention rule but the final step: a table of what goes when, from which both the deletion and the audit are made."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, and_, case, delete, exists, func, or_, select

from mailbot.domain.decision import Nature
from mailbot.domain.states import OutboxStatus, Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.retention import rule_end
from mailbot.settings import Rule, Settings
from mailbot.store import tables, wipe
from mailbot.store.journal import Entry, Journal
from mailbot.store.key import Use
from mailbot.store.ledger import LEDGER
from mailbot.store.listing import OPEN
from mailbot.store.marks import Who
from mailbot.store.tables import marked, table
from mailbot.store.wipe import REMOVAL, Where
from mailbot.store.work import REGISTRATION, Work

UNCONFIRMED = timedelta(days=30)  # a question of ours that nobody answered
DAY = timedelta(days=1)
_CENTURY = timedelta(days=36_525)
_SUBSCRIPTION, _REQUEST, _TOKEN, _OUTBOX = (table(t) for t in (tables.Subscription, tables.Request, tables.Token, tables.Outbox))
_CONTENTS = [c for c, m in marked(LEDGER) if m.who is Who.SENDER]
_TRIED = LEDGER.c.outcome == Outcome.TRYING.value
_FINAL = tuple(s.value for s in (OutboxStatus.SENT, OutboxStatus.DRAFTED, OutboxStatus.FAILED))


@dataclass(frozen=True, slots=True)
class Due:
    """Rows whose time has passed: deleted, or only the columns named emptied."""

    of: Table
    where: Where
    columns: Collection[Column[Any]] = ()


def latest_anchor(rule: Rule, now: datetime, zone: str) -> datetime:
    """The latest moment whose rule has ended by ``now``: what is anchored then or before has to go."""
    low, high = now - _CENTURY, now
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if rule_end(rule, middle, zone) <= now else (low, middle)
    return (high if rule_end(rule, high, zone) <= now else low).astimezone(UTC)


def _takes_part(hashed: Column[Any]) -> Where:
    return exists(select(REGISTRATION.c.seq).where(REGISTRATION.c.address_hash == hashed))


def _subscribes(hashed: Column[Any]) -> Where:
    return exists(select(_SUBSCRIPTION.c.address_hash).where(_SUBSCRIPTION.c.address_hash == hashed))


def _asks(hashed: Column[Any]) -> Where:
    return exists(select(_REQUEST.c.id).where(_REQUEST.c.address_hash == hashed, _REQUEST.c.status.in_(OPEN)))


def _free(hashed: Column[Any]) -> Where:
    """Nothing keeps this person's correspondence: it does not go with an event, no request is open."""
    return and_(~_takes_part(hashed), ~_asks(hashed))


def due(settings: Settings, now: datetime) -> Iterator[Due]:
    """Everything whose time has passed, by rule."""
    zone = settings.organiser.timezone
    keep = settings.retention
    mails = latest_anchor(keep.mails, now, zone)
    yield from _correspondence(mails, now)
    yield from _people(settings, now, zone)
    contents = or_(*(c.is_not(None) for c in _CONTENTS))
    yield Due(LEDGER, and_(LEDGER.c.received_at <= mails, contents, ~_TRIED, _unclaimed()), _CONTENTS)
    spent = latest_anchor(keep.ledger, now, zone)
    anchor = case((LEDGER.c.outcome == Outcome.OLD.value, LEDGER.c.handled_at), else_=LEDGER.c.received_at)  # old when first seen
    yield Due(LEDGER, and_(anchor <= spent, ~contents, ~wipe.WAITING))
    yield Due(_REQUEST, and_(_REQUEST.c.closed_at.is_not(None), _REQUEST.c.closed_at <= latest_anchor(keep.requests, now, zone)))
    yield Due(wipe.ERASED, wipe.ERASED.c.at <= latest_anchor(keep.erased_hashes, now, zone))


def _unclaimed() -> Where:
    return or_(LEDGER.c.sender_hash.is_(None), _free(LEDGER.c.sender_hash))


def _correspondence(mails: datetime, now: datetime) -> Iterator[Due]:
    sent = _OUTBOX.c.status.in_(_FINAL)
    old = _OUTBOX.c.created_at <= mails
    rights = and_(_OUTBOX.c.nature == Nature.RIGHTS.value, ~_subscribes(_OUTBOX.c.to_hash))  # goes with the data that it was about
    yield Due(_OUTBOX, and_(sent, or_(old, rights), _free(_OUTBOX.c.to_hash)))
    spent = or_(_TOKEN.c.expires_at <= now, and_(_TOKEN.c.expires_at.is_(None), _TOKEN.c.purpose == Purpose.THREAD.value))
    lasting = and_(_TOKEN.c.expires_at.is_(None), ~_subscribes(_TOKEN.c.address_hash))
    yield Due(_TOKEN, and_(or_(spent, lasting), _TOKEN.c.granted_at <= mails, _free(_TOKEN.c.address_hash)))
    yield Due(REMOVAL, REMOVAL.c.at <= mails)  # by then the mail is gone by its own rule
    introduced = table(tables.Introduced)
    yield Due(introduced, introduced.c.at <= now - DAY)
    for of in (table(tables.Informed), table(tables.Mailing), table(tables.Bounce)):
        hashed = of.c.address_hash
        yield Due(of, and_(of.c.at <= mails, _free(hashed), ~_subscribes(hashed)))


def _people(settings: Settings, now: datetime, zone: str) -> Iterator[Due]:
    """Subscriptions that ended, and wishes that were never confirmed."""
    ended = latest_anchor(settings.retention.subscriptions, now, zone)
    undo = exists(
        select(_TOKEN.c.tag_hash).where(
            _TOKEN.c.address_hash == _SUBSCRIPTION.c.address_hash,
            _TOKEN.c.purpose == Purpose.UNDO.value,
            _TOKEN.c.action == "unsubscribe",
            _TOKEN.c.used_at.is_(None),
            _TOKEN.c.expires_at > now,  # the person may still take it back (DESIGN section 6)
        )
    )
    gone = and_(_SUBSCRIPTION.c.status == SubscriptionStatus.UNSUBSCRIBED.value, _SUBSCRIPTION.c.since <= ended, ~undo)
    waits = and_(_SUBSCRIPTION.c.status == SubscriptionStatus.PENDING.value, _SUBSCRIPTION.c.since <= now - UNCONFIRMED)
    yield Due(_SUBSCRIPTION, or_(gone, waits))
    pending = REGISTRATION.c.status == RegistrationStatus.PENDING.value
    yield Due(REGISTRATION, and_(pending, REGISTRATION.c.registered_at <= now - UNCONFIRMED, ~REGISTRATION.c.restricted))
    closed = _REQUEST.c.status.in_((RequestStatus.DONE.value, RequestStatus.REFUSED.value))
    yield Due(_REQUEST, and_(closed, _REQUEST.c.address.is_not(None)), [_REQUEST.c.address])


def expire(work: Work, settings: Settings, now: datetime) -> Mapping[str, int]:
    """Carry it out; gives counts by table."""
    counts: Counter[str] = Counter()
    for what in due(settings, now):
        if what.columns:
            counts[what.of.name] += wipe.wipe(work, what.of, what.columns, what.where)
        else:
            counts[what.of.name] += work.execute(delete(what.of).where(what.where)).rowcount
    wipe.settle(work)
    return dict(+counts)


def overdue(work: Work, settings: Settings, now: datetime) -> Mapping[str, int]:
    """Count what should be gone, and registrations of events that the configuration has forgotten."""
    counts: Counter[str] = Counter()
    for what in due(settings, now):
        counts[what.of.name] += work.execute(select(func.count()).select_from(what.of).where(what.where)).scalar_one()
    known = [e.id for e in settings.events]
    orphans = select(func.count()).select_from(REGISTRATION).where(REGISTRATION.c.event.not_in(known))
    counts["registration of an unknown event"] = work.execute(orphans).scalar_one()
    return dict(+counts)


def expirable(work: Work, mailbox_id: str, identities: Collection[bytes], _now: datetime) -> frozenset[bytes]:
    """Those of the mails that were handled and that nothing keeps: no event and no open request."""
    by_hash = {work.key.hash(Use.IDENTITY, identity): identity for identity in identities}
    mine = (LEDGER.c.mailbox == mailbox_id, ~_TRIED, _unclaimed())
    found: set[bytes] = set()
    hashes = list(by_hash)
    for start in range(0, len(hashes), wipe.CHUNK):
        query = select(LEDGER.c.identity).where(*mine, LEDGER.c.identity.in_(hashes[start : start + wipe.CHUNK]))
        found.update(by_hash[bytes(h)] for h in work.execute(query).scalars())
    return frozenset(found)


def removals(work: Work, mailbox_id: str) -> frozenset[str]:
    """Message-IDs that must go from our folders."""
    return frozenset(work.execute(select(REMOVAL.c.message_id).where(REMOVAL.c.mailbox == mailbox_id)).scalars())


def removed(work: Work, mailbox_id: str, message_ids: Collection[str]) -> None:
    """Note that they are gone."""
    done = REMOVAL.c.message_id.in_(list(message_ids))
    work.execute(delete(REMOVAL).where(REMOVAL.c.mailbox == mailbox_id, done))


def shorten_journal(journal: Journal, settings: Settings, now: datetime) -> None:
    """Drop hashes of erased people whose rule has ended; suppressions stay."""
    oldest = latest_anchor(settings.retention.erased_hashes, now, settings.organiser.timezone)
    lines = journal.lines()
    kept = [line for line in lines if line.kind is not Entry.ERASED or line.time > oldest]
    if len(kept) < len(lines):
        journal.rewrite(kept)
