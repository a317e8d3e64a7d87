"""The final step's part in the store (DESIGN section 7): a job with the values to look for, the rows, the record.

Every function is one transaction and may be called again after a crash: a job that is open is gone on with, and its counts
add up. Folders, vacuum and search lie between, called by ``final_step``.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, true, update
from sqlalchemy.sql import Select

from mailbot.domain.mail import fold_address
from mailbot.domain.states import OutboxStatus, SubscriptionStatus
from mailbot.domain.understanding import RequestKind
from mailbot.settings import Rule
from mailbot.store import tables, wipe
from mailbot.store.ledger import LEDGER
from mailbot.store.listing import OPEN
from mailbot.store.marks import Who
from mailbot.store.needles import Needles
from mailbot.store.tables import marked, table
from mailbot.store.work import REGISTRATION, Work

Record = dict[str, Any]
CLOSING = ("data-erased", "thanks")
_JOB, _RECORD, _REQUEST = table(tables.ErasureJob), table(tables.ErasureRecord), table(tables.Request)
_SUBSCRIPTION, _OUTBOX = table(tables.Subscription), table(tables.Outbox)

_TOKEN, _STEP = table(tables.Token), table(tables.RequestStep)
BLACK = "…"
_FREE = tuple(
    (of.c[name], tuple(of.primary_key))
    for of, name in ((_SUBSCRIPTION, "consent_text"), (_SUBSCRIPTION, "consent_source"), (_STEP, "step"), (_TOKEN, "data"))
)  # free texts in rows about other people


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An erasure under way. ``kept`` counts by reason who stays; their values are not among those to look for."""

    id: str
    event: str
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    message_ids: frozenset[str]
    kept: Mapping[str, int]

    @property
    def values(self) -> tuple[str, ...]:
        """What must not be found afterwards: addresses, and full names of two or more words."""
        return (*self.addresses, *(n for n in self.names if len(n.split()) > 1))


@dataclass(frozen=True, slots=True)
class _Picture:
    """Whose data of an event go: ``gone`` lose what belongs to the event, of ``free`` nothing remains at all."""

    gone: frozenset[bytes]
    free: frozenset[bytes]
    kept: Mapping[str, int]
    rows: tuple[Any, ...]


def _picture(work: Work, event: str) -> _Picture:
    rows = tuple(work.execute(select(REGISTRATION).where(REGISTRATION.c.event == event)))
    everyone = frozenset(bytes(r.address_hash) for r in rows)
    reasons = {reason: frozenset(bytes(h) for h in work.execute(query).scalars()) for reason, query in _reasons(event).items()}
    reasons["restriction"] &= _claimed_restriction(work)
    held = reasons["open_request"] | reasons["restriction"]  # what a claim is about is not erased under its eyes (Art. 18 (1))
    gone = everyone - held
    free = gone - reasons["subscription"] - reasons["other_event"]
    return _Picture(gone, free, {reason: len(who) for reason, who in reasons.items() if who}, rows)


def _claimed_restriction(work: Work) -> frozenset[bytes]:
    """Who claimed a restriction (Art. 18). A row that an objection restricted is kept by the open request alone."""
    claims = work.execute(select(_REQUEST.c.address_hash, _REQUEST.c.kinds)).all()
    return frozenset(bytes(hashed) for hashed, kinds in claims if RequestKind.RESTRICTION.value in kinds)


def _reasons(event: str) -> dict[str, Select[Any]]:
    """Who of the event's people has another reason to stay, as address hashes."""
    mine = select(REGISTRATION.c.address_hash).where(REGISTRATION.c.event == event)
    elsewhere = select(REGISTRATION.c.address_hash).where(REGISTRATION.c.event != event, REGISTRATION.c.address_hash.in_(mine))
    subscribed = select(_SUBSCRIPTION.c.address_hash).where(_SUBSCRIPTION.c.status != SubscriptionStatus.UNSUBSCRIBED.value)
    asking = select(_REQUEST.c.address_hash).where(_REQUEST.c.status.in_(OPEN))
    return {
        "subscription": subscribed.where(_SUBSCRIPTION.c.address_hash.in_(mine)),
        "other_event": elsewhere,
        "open_request": asking.where(_REQUEST.c.address_hash.in_(mine)),
        "restriction": mine.where(REGISTRATION.c.restricted),
    }


def start_job(work: Work, event: str, rule: Rule, now: datetime) -> Job:
    """Write the job with everything to look for; an open one is brought up to date and gone on with."""
    before = work.execute(select(_JOB).where(_JOB.c.event == event)).first()
    job = _job(work, event, before)
    values = {"wanted": _pack(job), "kept": dict(job.kept)}
    if before is not None:
        work.execute(update(_JOB).where(_JOB.c.id == before.id).values(**values))
    else:
        fresh = {"id": job.id, "event": event, "rule": describe(rule), "tables": {}, "folders": {}, "started_at": now}
        work.execute(insert(_JOB), {**fresh, **values})
    return job


def preview_job(work: Work, event: str) -> Job:
    """The job as it would be."""
    return _job(work, event, work.execute(select(_JOB).where(_JOB.c.event == event)).first())


def open_jobs(work: Work) -> tuple[Job, ...]:
    """Every job that is not complete."""
    return tuple(_unpack(work, row) for row in work.execute(select(_JOB).order_by(_JOB.c.started_at, _JOB.c.id)).all())


def _job(work: Work, event: str, before: Any) -> Job:  # noqa: ANN401 - a row, or None
    seen = _picture(work, event)
    mine = [r for r in seen.rows if bytes(r.address_hash) in seen.free]
    others = _names_elsewhere(work, event)
    names = {" ".join(r.name.split()) for r in mine if r.name and bytes(r.name_key) not in others}
    addresses = {fold_address(r.email) for r in mine}
    ids = _message_ids(work, event, seen)
    if before is not None:
        old = _unpack(work, before)
        addresses, names, ids = addresses | set(old.addresses), names | set(old.names), ids | old.message_ids
    return Job(
        id=f"erasure-{event}",
        event=event,
        addresses=tuple(sorted(addresses)),
        names=tuple(sorted(names)),
        message_ids=frozenset(ids),
        kept=seen.kept,
    )


def _names_elsewhere(work: Work, event: str) -> frozenset[bytes]:
    """Names of people who stay: a namesake's name can't be a trace."""
    names = select(REGISTRATION.c.name_key).where(REGISTRATION.c.event != event, REGISTRATION.c.name_key.is_not(None))
    return frozenset(bytes(key) for key in work.execute(names).scalars())


def _message_ids(work: Work, event: str, seen: _Picture) -> set[str]:
    """Mails of and to the people who go: known by the ledger and the outbox."""
    found: set[str] = set()
    for of, who in ((LEDGER, LEDGER.c.sender_hash), (_OUTBOX, _OUTBOX.c.to_hash)):
        rows = work.execute(select(of.c.message_id, who, of.c.event).where(who.is_not(None), of.c.message_id.is_not(None)))
        for message_id, hashed, about in rows:
            if message_id and (bytes(hashed) in seen.free or (bytes(hashed) in seen.gone and about == event)):
                found.add(message_id)
    return found


def _pack(job: Job) -> bytes:
    listed = {"addresses": job.addresses, "names": job.names, "message_ids": sorted(job.message_ids)}
    return json.dumps(listed, ensure_ascii=False).encode()


def _unpack(work: Work, row: Any) -> Job:  # noqa: ANN401 - a row
    packed = bytes(row.wanted)
    listed = json.loads(packed if packed.startswith(b"{") else work.key.mask(row.id, packed[1:]))
    return Job(
        id=row.id,
        event=row.event,
        addresses=tuple(listed["addresses"]),
        names=tuple(listed["names"]),
        message_ids=frozenset(listed["message_ids"]),
        kept=row.kept,
    )


def forget(work: Work, job: Job) -> None:
    """Mask the job's list: were it deleted, a crash before the record would leave nothing to search for."""
    masked = b"\0" + work.key.mask(job.id, _pack(job))
    work.execute(update(_JOB).where(_JOB.c.id == job.id).values(wanted=masked))


def note_folders(work: Work, job: Job, folders: Mapping[str, int]) -> None:
    """Add to the job's counts of deleted mails: an interrupted erasure must not lose them."""
    stored = work.execute(select(_JOB.c.folders).where(_JOB.c.id == job.id)).scalar_one()
    work.execute(update(_JOB).where(_JOB.c.id == job.id).values(folders=dict(+(Counter(stored) + Counter(folders)))))


def erase_rows(work: Work, job: Job, now: datetime) -> Mapping[str, int]:
    """Erase in the order journal, outbox, tables; counts of an interrupted run are added to."""
    counts = _erase(work, job, now)
    stored = work.execute(select(_JOB.c.tables).where(_JOB.c.id == job.id)).scalar_one()
    total = dict(+(Counter(stored) + counts))
    work.execute(update(_JOB).where(_JOB.c.id == job.id).values(tables=total))
    return total


def _erase(work: Work, job: Job, now: datetime) -> Counter[str]:
    seen = _picture(work, job.event)
    free = {work.key.address(a) for a in job.addresses}
    wipe.note_erased(work, sorted({fold_address(r.email) for r in seen.rows if bytes(r.address_hash) in seen.gone}), job.event, now)
    counts = wipe.wipe_hashes(work, free, wipe.WITH_EVENT, lambda of: ~wipe.OWED if of is _OUTBOX else true())
    counts += wipe.wipe_hashes(work, seen.gone - free, wipe.WITH_EVENT, wipe.of_event(job.event))
    counts += _wipe_mentions(work, job)
    _blacken(work, job)
    wipe.settle(work)
    work.seats.forget()
    return counts


def _wipe_mentions(work: Work, job: Job) -> Counter[str]:
    """Empty the stored text of other people's mails that name one of them."""
    wanted = Needles(v.casefold() for v in job.values)
    counts: Counter[str] = Counter()
    if not wanted:
        return counts
    named = [LEDGER.c.text, LEDGER.c.subject, LEDGER.c.message_id, LEDGER.c.sender]
    for row in work.execute(select(LEDGER.c.id, *named)).all():
        text = "\n".join(value for value in row[1:] if value).casefold()
        if wanted.any_in(text):
            columns = [c for c, m in marked(LEDGER) if m.who is Who.SENDER]
            counts[LEDGER.name] += wipe.wipe(work, LEDGER, columns, LEDGER.c.id == row.id)
    return counts


def _blacken(work: Work, job: Job) -> None:
    """Blacken them in what is kept of others: the wording of a consent, a human's reason, what a question was about."""
    if not job.values:
        return
    wanted = Needles(v.casefold() for v in job.values)  # tells fast that there is nothing to do
    mention = re.compile("|".join(re.escape(v) for v in sorted(job.values, key=len, reverse=True)), re.IGNORECASE)
    for column, keys in _FREE:
        for row in work.execute(select(column, *keys).where(column.is_not(None))).all():
            text = row[0]
            if not wanted.any_in("\n".join(text.values() if isinstance(text, dict) else [text]).casefold()):
                continue
            clear = {k: mention.sub(BLACK, v) for k, v in text.items()} if isinstance(text, dict) else mention.sub(BLACK, text)
            if clear != text:
                same = (key == value for key, value in zip(keys, row[1:], strict=True))
                work.execute(update(column.table).where(*same).values({column.key: clear}))


def describe(rule: Rule) -> dict[str, Any]:
    """A rule as the configuration writes it."""
    return {"after": rule.after, "keep": _iso(rule.keep.months, rule.keep.exact), "round_up_to": rule.round_up_to}


def _iso(months: int, exact: timedelta) -> str:
    days, seconds = exact.days, exact.seconds
    date = (f"{months}M" if months else "") + (f"{days}D" if days or not (months or seconds) else "")
    return "P" + date + (f"T{seconds}S" if seconds else "")


def _record(job: Job, rule: Any, counts: Mapping[str, int], folders: Mapping[str, int], found: int, at: datetime | None) -> Record:  # noqa: ANN401 - JSON
    record: Record = {
        "event": job.event,
        "erased_at": at.isoformat() if at else None,
        "rule": rule,
        "counts": {"tables": dict(counts), "folders": dict(folders), "kept": dict(job.kept)},
        "found_again": found,
    }
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**record, "sha256": hashlib.sha256(canonical.encode()).hexdigest()}


def finish_job(work: Work, job: Job, folders: Mapping[str, int], found_again: int, now: datetime) -> Record:
    """Write the record and drop the job, in one; with something found again the job stays open and is done once more."""
    row = work.execute(select(_JOB).where(_JOB.c.id == job.id)).first()
    if row is None:
        return next(r for r in reversed(records(work.connection)) if r["event"] == job.event)  # finished before
    total = dict(+(Counter(row.folders) + Counter(folders)))
    record = _record(job, row.rule, row.tables, total, found_again, now)
    if found_again:
        work.execute(update(_JOB).where(_JOB.c.id == job.id).values(folders=total))
        return record
    work.execute(delete(_JOB).where(_JOB.c.id == job.id))
    work.execute(insert(_RECORD), {"event": job.event, "erased_at": now, "record": record})
    return record


def plan(work: Work, event: str, rule: Rule, now: datetime) -> Record:
    """What the erasure would do; the caller undoes it."""
    job = start_job(work, event, rule, now)
    return _record(job, describe(rule), erase_rows(work, job, now), {}, 0, None)


def records(connection: Connection) -> tuple[Record, ...]:
    """All records, oldest first."""
    return tuple(connection.execute(select(_RECORD.c.record).order_by(_RECORD.c.seq)).scalars())


def closing_mails_pending(connection: Connection, event: str) -> bool:
    """Whether a closing mail is neither accepted nor refused yet."""
    unsent = (OutboxStatus.QUEUED.value, OutboxStatus.SENDING.value)
    query = select(func.count()).where(_OUTBOX.c.event == event, _OUTBOX.c.template.in_(CLOSING), _OUTBOX.c.status.in_(unsent))
    return bool(connection.execute(query).scalar_one())


def leftover_events(work: Work) -> frozenset[str]:
    """Erased events that still have people whose other reason is gone."""
    left = (
        work.execute(select(REGISTRATION.c.event).distinct().where(REGISTRATION.c.event.in_(select(_RECORD.c.event))))
        .scalars()
        .all()
    )
    return frozenset(event for event in left if _picture(work, event).gone)
