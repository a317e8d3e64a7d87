"""Carry out a decision: its changes, its mails and the ledger row, in the caller's transaction. Decides nothing.

``Change`` is a closed union: a change without its case here is an error of mypy's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import bindparam, delete, insert, select, update

from mailbot.domain.decision import (
    AddRegistration,
    Change,
    ChangeRegistration,
    Decision,
    ErasePerson,
    GrantToken,
    MarkInformed,
    Nature,
    NoteBounce,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
    Unsuppress,
    UseToken,
)
from mailbot.domain.facts import Registration
from mailbot.domain.mail import IncomingMail, OutgoingMail, RawMail, fold_address
from mailbot.domain.states import OutboxStatus, Outcome, RequestStatus, SubscriptionStatus, check_request
from mailbot.domain.understanding import Understanding
from mailbot.store import ledger, tables, wipe
from mailbot.store.journal import ANY_EVENT, Entry
from mailbot.store.key import Use
from mailbot.store.tables import table
from mailbot.store.work import REGISTRATION, Work

_SUBSCRIPTION, _SUPPRESSION, _OUTBOX = table(tables.Subscription), table(tables.Suppression), table(tables.Outbox)
_REQUEST, _STEP, _TOKEN = table(tables.Request), table(tables.RequestStep), table(tables.Token)
_INFORMED, _INTRODUCED, _BOUNCE = table(tables.Informed), table(tables.Introduced), table(tables.Bounce)
_CLOSED = {RequestStatus.DONE, RequestStatus.REFUSED}
_ROW_KEY = ("event", "address_hash", "name_key")
_ROW_VALUES = tuple(c.name for c in REGISTRATION.columns if c.name not in {"seq", *_ROW_KEY})
_ROW = select(REGISTRATION).where(REGISTRATION.c.id == bindparam("row_id"))
_SAME = select(REGISTRATION.c.seq).where(*(REGISTRATION.c[name] == bindparam(f"the_{name}") for name in _ROW_KEY))


def commit(
    work: Work,
    raw: RawMail,
    mail: IncomingMail,
    understood: Understanding,
    decision: Decision,
    outgoing: Sequence[OutgoingMail],
    now: datetime,
    ledger_id: str,
) -> None:
    """Write everything that one mail leads to."""
    apply(work, decision.changes, now, proof=ledger.identity_hash(work, mail.identity))
    enqueue(work, outgoing, now)
    ledger.write(work, raw, mail, understood, decision, outgoing, now, ledger_id)
    erased = {fold_address(c.address) for c in decision.changes if isinstance(c, ErasePerson) and c.whole_address}
    if erased and decision.outcome is Outcome.DONE and mail.sender and mail.sender.key in erased:
        wipe.wipe_sender(work, [mail.sender.key], now)  # the confirming mail itself is the person's data too


def enqueue(work: Work, outgoing: Iterable[OutgoingMail], now: datetime) -> None:
    """Put rendered mails into the outbox."""
    for mail in outgoing:
        hashed = work.key.address(mail.to)
        row = {
            "message_id": mail.message_id,
            "to_hash": hashed,
            "to": mail.to,
            "envelope_from": mail.envelope_from,
            "content": mail.content,
            "template": mail.template,
            "nature": mail.nature,
            "event": mail.event,
            "status": OutboxStatus.QUEUED.value,
            "tries": 0,
            "due_at": mail.not_before or now,
            "created_at": now,
        }
        work.put_later(_OUTBOX, row, hashed)


def apply(work: Work, changes: Iterable[Change], now: datetime, *, proof: bytes | None = None) -> None:
    """Apply changes in their order; ``proof`` is the hash of the mail that holds a consent."""
    for change in changes:
        _apply(work, change, now, proof)


def _apply(work: Work, change: Change, now: datetime, proof: bytes | None) -> None:
    match change:
        case AddRegistration() | ChangeRegistration():
            _registration(work, change, now)
        case SetSubscription():
            _set_subscription(work, change, now, proof)
        case Suppress() | Unsuppress():
            _suppression(work, change, now)
        case OpenRequest() | SetRequest():
            _request(work, change, now)
        case GrantToken() | UseToken():
            _token(work, change, now)
        case MarkInformed() | NoteBounce():
            _correspondence(work, change, now)
        case ErasePerson():
            _erase_person(work, change, now)
        case _:
            assert_never(change)


def name_key(work: Work, name: str | None) -> bytes | None:
    """The hash of a folded name; None while no name is known."""
    folded = " ".join((name or "").casefold().split())
    return work.key.text(Use.NAME, folded) if folded else None


def _registration(work: Work, change: AddRegistration | ChangeRegistration, now: datetime) -> None:
    if isinstance(change, AddRegistration):
        _add_registration(work, change, now)
    else:
        _change_registration(work, change, now)


def _add_registration(work: Work, change: AddRegistration, now: datetime) -> None:
    """Insert a row; where the same person has one already, it is taken over: never doubled, whatever was decided."""
    by = fold_address(change.by) if change.by else None
    row = Registration(
        id=change.id,
        event=change.event,
        email=change.email,
        name=change.name,
        institution=change.institution,
        status=change.status,
        registered_at=now,
        language=change.language,
        by=by,
    )
    hashed, by_hash = work.key.address(row.email), work.key.address(by) if by else None
    values = {
        "id": row.id,
        "event": row.event,
        "address_hash": hashed,
        "email": row.email,
        "name_key": name_key(work, row.name),
        "name": row.name,
        "institution": row.institution,
        "status": row.status.value,
        "registered_at": now,
        "language": row.language,
        "by_hash": by_hash,
        "by": by,
        "restricted": False,
        "event_mails": True,
    }
    if _is_taken(work, values):
        work.seats.forget()
    else:
        work.seats.add(row)
    work.put_later(REGISTRATION, values, hashed, by_hash, keys=_ROW_KEY, update=_ROW_VALUES)
    if by and by != fold_address(row.email):
        work.put_later(_INTRODUCED, {"sender_hash": by_hash, "address_hash": hashed, "at": now}, by_hash)


def _is_taken(work: Work, values: dict[str, Any]) -> bool:
    """Whether this person has a row already; of an address that was just seen to have none, nothing needs to be read."""
    if values["address_hash"] in work.newcomers:
        work.newcomers.remove(values["address_hash"])
        return False
    return work.execute(_SAME, {f"the_{k}": values[k] for k in _ROW_KEY}).first() is not None


def _change_registration(work: Work, change: ChangeRegistration, now: datetime) -> None:
    row = work.execute(_ROW, {"row_id": change.id}).mappings().first()
    if row is None:
        return  # erased meanwhile
    given = {k: getattr(change, k) for k in ("status", "name", "institution", "email", "restricted", "event_mails")}
    values: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    if change.requeue:
        values["registered_at"] = now
    if change.email is not None:
        values["address_hash"] = work.key.address(change.email)
    if change.name is not None:
        values["name_key"] = name_key(work, change.name)
    if not values:
        return
    if values.keys() & set(_ROW_KEY):
        _make_way(work, {**row, **values})
    if "status" in values:
        values["status"] = values["status"].value
    work.execute(update(REGISTRATION).where(REGISTRATION.c.seq == row["seq"]).values(**values))
    work.seats.forget()


def _make_way(work: Work, row: dict[str, Any]) -> None:
    """One person has one row: another one with the key that this row is about to get is replaced by it."""
    if row["name_key"] is not None:
        same = (REGISTRATION.c[name] == row[name] for name in _ROW_KEY)
        work.execute(delete(REGISTRATION).where(*same, REGISTRATION.c.seq != row["seq"]))


def _set_subscription(work: Work, change: SetSubscription, now: datetime, proof: bytes | None) -> None:
    values: dict[str, Any] = {
        "address_hash": work.key.address(change.email),
        "email": change.email,
        "status": change.status.value,
        "since": now,
        "language": change.language,
    }
    if change.name is not None:
        values["name"] = change.name
    if change.consent_text is not None:
        wish = work.execute(
            select(_SUBSCRIPTION.c.consent_text).where(_SUBSCRIPTION.c.address_hash == values["address_hash"])
        ).scalar()
        values |= {
            "consent_text": "\n\n".join(t for t in (wish, change.consent_text) if t)[
                : ledger.TEXT_LIMIT
            ],  # the wish and its confirmation
            "consent_at": change.consent_at or now,
            "consent_source": change.consent_source,
            "notice_version": change.notice_version,
            "mail_hash": proof,
        }
    work.put(_SUBSCRIPTION, ("address_hash",), tuple(k for k in values if k != "address_hash"), values)
    if change.status is SubscriptionStatus.UNSUBSCRIBED:
        _drop_queued_mailings(work, change.email)


def _drop_queued_mailings(work: Work, email: str) -> None:
    """Nothing more may go out that was queued before the person said stop."""
    queued = (_OUTBOX.c.status == OutboxStatus.QUEUED.value, _OUTBOX.c.nature == Nature.MAILING.value)
    work.execute(delete(_OUTBOX).where(_OUTBOX.c.to_hash == work.key.address(email), *queued))


def _suppression(work: Work, change: Suppress | Unsuppress, now: datetime) -> None:
    folded = fold_address(change.email)
    value = work.key.text(Use.SUPPRESS, folded)
    if isinstance(change, Suppress):
        done, kind = work.put(_SUPPRESSION, ("hash",), (), {"hash": value, "at": now}), Entry.SUPPRESSED
        _drop_queued_mailings(work, change.email)
    else:
        done, kind = work.execute(delete(_SUPPRESSION).where(_SUPPRESSION.c.hash == value)).rowcount, Entry.UNSUPPRESSED
    if done:
        work.note(kind, Use.SUPPRESS, [folded], ANY_EVENT, now)


def _request(work: Work, change: OpenRequest | SetRequest, now: datetime) -> None:
    step = "received"
    if isinstance(change, OpenRequest):
        values = {k: getattr(change, k) for k in ("id", "address", "received_at", "target", "due", "event")}
        hashed = work.key.address(change.address)
        work.execute(
            insert(_REQUEST), {**values, "address_hash": hashed, "kinds": list(change.kinds), "status": change.status.value}
        )
    else:
        step = change.step
        if not _move_request(work, change, now):
            return
    work.execute(insert(_STEP), {"request_id": change.id, "status": change.status.value, "step": step, "at": now})


def _move_request(work: Work, change: SetRequest, now: datetime) -> bool:
    status = work.execute(select(_REQUEST.c.status).where(_REQUEST.c.id == change.id)).scalar_one_or_none()
    if status is None:
        return False  # its time had passed
    check_request(RequestStatus(status), change.status)
    values: dict[str, Any] = {"status": change.status.value, "closed_at": None}
    if change.status in _CLOSED:
        values |= {"closed_at": now, "address": None}  # DESIGN section 7: its keyed hash remains
    values |= {k: v for k in ("target", "due") if (v := getattr(change, k)) is not None}
    work.execute(update(_REQUEST).where(_REQUEST.c.id == change.id).values(**values))
    return True


def _token(work: Work, change: GrantToken | UseToken, now: datetime) -> None:
    tag_hash = work.key.text(Use.TOKEN, change.tag)
    if isinstance(change, UseToken):
        work.execute(update(_TOKEN).where(_TOKEN.c.tag_hash == tag_hash).values(used_at=now))
        return
    values = {
        "tag_hash": tag_hash,
        "address_hash": work.key.address(change.address),
        "address": change.address,
        "purpose": change.purpose.value,
        "event": change.event,
        "action": change.action,
        "data": dict(change.data),
        "granted_at": now,
        "expires_at": change.expires_at,
    }
    work.put_later(_TOKEN, values, tag_hash)


def _correspondence(work: Work, change: MarkInformed | NoteBounce, now: datetime) -> None:
    if isinstance(change, MarkInformed):
        hashed = work.key.address(change.email)
        values = {"address_hash": hashed, "notice_version": change.notice_version, "at": now}
        work.put_later(_INFORMED, values, hashed, keys=("address_hash",), update=("notice_version", "at"))
        return
    hashed = work.key.address(change.address)
    news = {"permanent": change.permanent, "status": change.status, "at": now}
    if not work.execute(update(_BOUNCE).where(_BOUNCE.c.address_hash == hashed).values(**news, count=_BOUNCE.c.count + 1)).rowcount:
        work.execute(insert(_BOUNCE), {"address_hash": hashed, "address": change.address, "count": 1, **news})


def _erase_person(work: Work, change: ErasePerson, now: datetime) -> None:
    if change.whole_address:
        wipe.wipe_address(work, fold_address(change.address), now)
    else:
        wipe.wipe_registrations(work, change.registration_ids, now)
    work.seats.forget()
