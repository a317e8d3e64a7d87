"""Read-only listings for people: frozen values, no rows. Never decides, never changes anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.sql import ColumnElement

from mailbot.domain.facts import Registration, Subscription
from mailbot.domain.states import OutboxStatus, Outcome, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.domain.understanding import Intent
from mailbot.store import tables
from mailbot.store.facts import as_subscription
from mailbot.store.tables import table
from mailbot.store.work import REGISTRATION, as_registration

_LEDGER, _OUTBOX, _REQUEST = table(tables.Ledger), table(tables.Outbox), table(tables.Request)
_STEP, _SUBSCRIPTION, _RECORD = table(tables.RequestStep), table(tables.Subscription), table(tables.ErasureRecord)
_STATE = table(tables.MailboxState)
OPEN = tuple(s.value for s in (RequestStatus.IDENTITY_PENDING, RequestStatus.OPEN, RequestStatus.EXTENDED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a request."""

    status: RequestStatus
    step: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestItem:
    """A data-subject request. ``address`` is None once it is closed; ``language`` is that of the person's last mail."""

    id: str
    kinds: tuple[str, ...]
    status: RequestStatus
    address: str | None
    event: str | None
    received_at: datetime
    target: datetime
    due: datetime
    closed_at: datetime | None
    language: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """A mail that a human decides about. ``folder`` is a key of ``Folder``."""

    id: str
    mailbox: str
    message_id: str
    intent: str
    reasons: tuple[str, ...]
    received_at: datetime
    folder: str
    outcome: Outcome
    subject: str
    text: str
    sender: str
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A request that waits for a confirming reply, and the mail that claimed it ("" where the ledger lost it)."""

    id: str
    ledger_id: str = ""
    mailbox: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCounts:
    """Everything that ``status`` shows: counts and times, no names. ``registered`` and ``queued`` are by event."""

    waiting: int = 0
    old: int = 0
    last_poll: datetime | None = None
    outbox_queued: int = 0
    outbox_failed: int = 0
    review_waiting: int = 0
    review_failed: int = 0
    requests_open: int = 0
    requests_overdue: int = 0
    requests_next_due: datetime | None = None
    open_erasures: int = 0
    registered: Mapping[str, int] = field(default_factory=dict)
    queued: Mapping[str, int] = field(default_factory=dict)


def participants(
    connection: Connection, event: str | None, statuses: Iterable[RegistrationStatus] | None
) -> tuple[Registration, ...]:
    """The rows of one event or of all, in the order of registration."""
    query = select(REGISTRATION).order_by(REGISTRATION.c.event, REGISTRATION.c.registered_at, REGISTRATION.c.seq)
    if event is not None:
        query = query.where(REGISTRATION.c.event == event)
    if statuses is not None:
        query = query.where(REGISTRATION.c.status.in_([s.value for s in statuses]))
    return tuple(as_registration(row) for row in connection.execute(query))


def subscribers(connection: Connection, status: SubscriptionStatus | None) -> tuple[Subscription, ...]:
    """The subscribers in a status, or all."""
    query = select(_SUBSCRIPTION).order_by(_SUBSCRIPTION.c.since, _SUBSCRIPTION.c.email)
    if status is not None:
        query = query.where(_SUBSCRIPTION.c.status == status.value)
    return tuple(as_subscription(row) for row in connection.execute(query))


def requests(connection: Connection, request_id: str | None = None) -> tuple[RequestItem, ...]:
    """All requests (or one), the most urgent open ones first."""
    query = select(_REQUEST).order_by(_REQUEST.c.closed_at.is_not(None), _REQUEST.c.due, _REQUEST.c.id)
    if request_id is not None:
        query = query.where(_REQUEST.c.id == request_id)
    return tuple(_request(connection, row, full=request_id is not None) for row in connection.execute(query).all())


def _request(connection: Connection, row: Any, *, full: bool) -> RequestItem:  # noqa: ANN401 - a row
    steps: tuple[Step, ...] = ()
    language = None
    if full:
        found = connection.execute(select(_STEP).where(_STEP.c.request_id == row.id).order_by(_STEP.c.seq))
        steps = tuple(Step(status=RequestStatus(s.status), step=s.step, at=s.at) for s in found)
        last = select(_LEDGER.c.language).where(_LEDGER.c.sender_hash == row.address_hash).order_by(_LEDGER.c.received_at.desc())
        language = connection.execute(last.limit(1)).scalar()
    return RequestItem(
        id=row.id,
        kinds=tuple(row.kinds),
        status=RequestStatus(row.status),
        address=row.address,
        event=row.event,
        received_at=row.received_at,
        target=row.target,
        due=row.due,
        closed_at=row.closed_at,
        language=language or "",
        steps=steps,
    )


def reviews(connection: Connection, outcomes: Iterable[Outcome], ledger_id: str | None = None) -> tuple[ReviewItem, ...]:
    """Mails with one of these outcomes (or one mail), oldest first."""
    query = select(_LEDGER).where(_LEDGER.c.outcome.in_([o.value for o in outcomes])).order_by(_LEDGER.c.received_at, _LEDGER.c.id)
    if ledger_id is not None:
        query = query.where(_LEDGER.c.id == ledger_id)
    return tuple(_review(row) for row in connection.execute(query))


def _review(row: Any) -> ReviewItem:  # noqa: ANN401 - a row
    return ReviewItem(
        id=row.id,
        mailbox=row.mailbox,
        message_id=row.message_id or "",
        intent=row.intent,
        reasons=tuple(row.reasons) or ((f"failed: {row.error}",) if row.error else ()),
        received_at=row.received_at,
        folder=row.filing or "",
        outcome=Outcome(row.outcome),
        subject=row.subject or "",
        text=row.text or "",
        sender=row.sender or "",
        event=row.event,
    )


def erased_at(connection: Connection) -> dict[str, datetime]:
    """When each erased event was erased for the last time."""
    rows = connection.execute(select(_RECORD.c.event, func.max(_RECORD.c.erased_at)).group_by(_RECORD.c.event))
    return {row[0]: row[1] for row in rows}


def status(connection: Connection, now: datetime) -> StatusCounts:
    """Count everything that a human may have to look at."""
    mails, outbox = _by(connection, _LEDGER.c.outcome), _by(connection, _OUTBOX.c.status)
    waiting, last_poll = connection.execute(select(func.sum(_STATE.c.waiting), func.max(_STATE.c.last_poll))).one()
    due = connection.execute(select(_REQUEST.c.due).where(_REQUEST.c.status.in_(OPEN)).order_by(_REQUEST.c.due)).scalars().all()
    jobs = connection.execute(select(func.count()).select_from(table(tables.ErasureJob))).scalar_one()
    return StatusCounts(
        waiting=int(waiting or 0),
        old=mails.get(Outcome.OLD.value, 0),
        last_poll=last_poll,
        outbox_queued=outbox.get(OutboxStatus.QUEUED.value, 0) + outbox.get(OutboxStatus.SENDING.value, 0),
        outbox_failed=outbox.get(OutboxStatus.FAILED.value, 0),
        review_waiting=mails.get(Outcome.REVIEW.value, 0),
        review_failed=mails.get(Outcome.FAILED.value, 0),
        requests_open=len(due),
        requests_overdue=sum(d < now for d in due),
        requests_next_due=due[0] if due else None,
        open_erasures=int(jobs),
        registered=_by_event(connection, RegistrationStatus.REGISTERED),
        queued=_by_event(connection, RegistrationStatus.WAITING),
    )


def _by(connection: Connection, key: ColumnElement[str]) -> Mapping[str, int]:
    return {row[0]: row[1] for row in connection.execute(select(key, func.count()).group_by(key))}


def _by_event(connection: Connection, state: RegistrationStatus) -> Mapping[str, int]:
    key = REGISTRATION.c.event
    rows = connection.execute(select(key, func.count()).where(REGISTRATION.c.status == state.value).group_by(key))
    return {row[0]: row[1] for row in rows}


def unconfirmed(connection: Connection, before: datetime) -> tuple[Unconfirmed, ...]:
    """Requests that were received by then and that nobody has confirmed; a mail and its request share INTERNALDATE."""
    claims = _LEDGER.c.intent == Intent.DATA_SUBJECT_REQUEST.value
    joined = _REQUEST.outerjoin(_LEDGER, (_LEDGER.c.received_at == _REQUEST.c.received_at) & claims)
    waits = _REQUEST.c.status == RequestStatus.IDENTITY_PENDING.value
    query = select(_REQUEST.c.id, _LEDGER.c.id.label("ledger_id"), _LEDGER.c.mailbox, _LEDGER.c.message_id).select_from(joined)
    rows = connection.execute(query.where(waits, _REQUEST.c.received_at <= before))
    return tuple(
        Unconfirmed(id=r.id, ledger_id=r.ledger_id or "", mailbox=r.mailbox or "", message_id=r.message_id or "") for r in rows
    )
