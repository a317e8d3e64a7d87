"""The ledger: one row per mail ever handled, and where it was seen. It is what makes handling idempotent (I1, I2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from mailbot.domain.decision import Decision, Folder
from mailbot.domain.mail import IncomingMail, OutgoingMail, RawMail
from mailbot.domain.states import Outcome, check_ledger
from mailbot.domain.understanding import Understanding
from mailbot.store import tables
from mailbot.store.key import Use
from mailbot.store.tables import table
from mailbot.store.work import Work

TRIES = 3
TEXT_LIMIT = 20_000
LEDGER, SIGHTING = table(tables.Ledger), table(tables.Sighting)
_FIND = select(LEDGER.c.mailbox, LEDGER.c.identity, LEDGER.c.id, LEDGER.c.outcome, LEDGER.c.filing, LEDGER.c.tries).where(
    LEDGER.c.identity.in_(bindparam("hashes", expanding=True)), LEDGER.c.mailbox.in_(bindparam("boxes", expanding=True))
)
_UPDATE = update(LEDGER).where(LEDGER.c.id == bindparam("row_id"))
_PLACE = ("mailbox", "folder", "uidvalidity", "uid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What the ledger says about a mail."""

    id: str
    outcome: Outcome
    filing: Folder | None
    tries: int


def identity_hash(work: Work, identity: bytes) -> bytes:
    """The keyed hash under which a mail is known."""
    return work.key.hash(Use.IDENTITY, identity)


def handled(work: Work, mailbox_id: str, identity: bytes) -> Handled | None:
    """Look a mail up by its identity; None when it was never seen."""
    key = (mailbox_id, identity_hash(work, identity))
    if key not in work.mails or key[1] in work.writes.changed:
        _find(work, [key])
    row = work.mails[key]
    if row is None:
        return None
    return Handled(id=row.id, outcome=Outcome(row.outcome), filing=Folder(row.filing) if row.filing else None, tries=row.tries)


def foresee(work: Work, mails: Iterable[tuple[str, bytes]]) -> None:
    """Look up all mails of a batch (mailbox and identity) at once."""
    _find(work, [(mailbox_id, identity_hash(work, identity)) for mailbox_id, identity in mails])


def _find(work: Work, keys: Sequence[tuple[str, bytes]]) -> None:
    hashes = [hashed for _, hashed in keys]
    found = work.look_up(_FIND, {"hashes": hashes, "boxes": list({box for box, _ in keys})}, hashes)
    work.mails |= dict.fromkeys(keys) | {(row.mailbox, bytes(row.identity)): row for row in found}


def sight(work: Work, raw: RawMail, ledger_id: str, *, filed_at: datetime | None = None) -> None:
    """Note where a mail stands; seen again at another UID or UIDVALIDITY it is only noted, and filed again."""
    place = {"mailbox": raw.mailbox, "folder": raw.folder, "uidvalidity": raw.uidvalidity, "uid": raw.uid}
    work.put_later(SIGHTING, {**place, "ledger_id": ledger_id, "filed_at": filed_at}, keys=_PLACE, update=("ledger_id", "filed_at"))


def write(
    work: Work,
    raw: RawMail,
    mail: IncomingMail,
    understood: Understanding,
    decision: Decision,
    outgoing: Iterable[OutgoingMail],
    now: datetime,
    ledger_id: str,
) -> None:
    """Write a mail's outcome; a mail that was there before (tried, in review, moved by a human) keeps its row."""
    sender = mail.sender.email if mail.sender else None
    values = {
        "sender_hash": work.key.address(sender) if sender else None,
        "message_id": mail.message_id,
        "sender": sender,
        "subject": mail.subject,
        "text": understood.own_text[:TEXT_LIMIT],
        "intent": understood.intent.value,
        "kinds": [k.value for k in understood.request_kinds],
        "language": understood.language,
        "action": understood.action.value,
        "reasons": list(decision.reasons),
        "outcome": decision.outcome.value,
        "filing": decision.filing.value,
        "error": None,
        "event": _event(understood, decision, outgoing),
        "handled_at": now,
    }
    row_id = _put(work, raw, mail.identity, values, ledger_id)
    sight(work, raw, row_id)


def _event(understood: Understanding, decision: Decision, outgoing: Iterable[OutgoingMail]) -> str | None:
    """The event that a mail is about: as acted on, as answered, or as named."""
    acted = (getattr(change, "event", None) for change in decision.changes)
    answered = (mail.event for mail in outgoing)
    named = understood.events if len(understood.events) == 1 else ()
    return next((e for e in (*acted, *answered, *named) if e), None)


def _put(work: Work, raw: RawMail, identity: bytes, values: Mapping[str, Any], ledger_id: str) -> str:
    before = handled(work, raw.mailbox, identity)
    if before is not None:
        check_ledger(before.outcome, Outcome(values["outcome"]))
        work.execute(_UPDATE, {**values, "row_id": before.id})
        return before.id
    key = identity_hash(work, identity)
    fixed = {"id": ledger_id, "mailbox": raw.mailbox, "identity": key, "received_at": raw.received_at}
    work.put_later(LEDGER, {"tries": 0, **fixed, **values}, key)
    return ledger_id


def _bare(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """A row without anything of the mail."""
    return {"intent": "", "kinds": [], "language": "", "action": "", "reasons": [], "outcome": outcome.value, "handled_at": now}


def note_old(work: Work, raw: RawMail, identity: bytes, now: datetime, ledger_id: str) -> None:
    """Note a mail that arrived longer ago than ``max_age``: it stays where it is, nothing of it is stored."""
    before = handled(work, raw.mailbox, identity)
    if before is None:
        _put(work, raw, identity, _bare(Outcome.OLD, now), ledger_id)
    sight(work, raw, before.id if before else ledger_id, filed_at=now)


def note_failure(work: Work, raw: RawMail, identity: bytes, error_name: str, now: datetime, ledger_id: str) -> int:
    """Count a failure; the third makes the mail ``failed``, to be filed for a human. Gives the number of tries."""
    before = handled(work, raw.mailbox, identity)
    tries = (before.tries if before else 0) + 1
    given_up = tries >= TRIES
    outcome = Outcome.FAILED if given_up else Outcome.TRYING
    filing = Folder.FAILED.value if given_up else None
    values = {"outcome": outcome.value, "filing": filing, "tries": tries, "error": error_name, "handled_at": now}
    if before is None:
        values = {**_bare(outcome, now), **values}
    row_id = _put(work, raw, identity, values, ledger_id)
    if given_up:
        sight(work, raw, row_id)
    return tries


def taken_away(work: Work, mailbox_id: str, present: Iterable[bytes]) -> int:
    """Settle mails that waited for a human and are in no folder of ours any more: the human took them; gives how many."""
    there = {identity_hash(work, identity) for identity in present}
    unfiled = select(SIGHTING.c.ledger_id).where(SIGHTING.c.mailbox == mailbox_id, SIGHTING.c.filed_at.is_(None))
    waiting = LEDGER.c.outcome.in_((Outcome.REVIEW.value, Outcome.FAILED.value))
    rows = work.execute(
        select(LEDGER.c.id, LEDGER.c.identity).where(LEDGER.c.mailbox == mailbox_id, waiting, LEDGER.c.id.not_in(unfiled))
    )
    gone = [row.id for row in rows.all() if bytes(row.identity) not in there]
    for row_id in gone:
        work.execute(_UPDATE.values(outcome=Outcome.DONE.value), {"row_id": row_id})
    return len(gone)


def _here(mailbox_id: str, folder: str, uidvalidity: int) -> tuple[Any, ...]:
    return SIGHTING.c.mailbox == mailbox_id, SIGHTING.c.folder == folder, SIGHTING.c.uidvalidity == uidvalidity


def missing_uids(connection: Connection, mailbox_id: str, folder: str, uidvalidity: int, uids: Iterable[int]) -> set[int]:
    """Those of the UIDs that have no outcome yet."""
    wanted = set(uids)
    if not wanted:
        return wanted
    spread = SIGHTING.c.uid.between(min(wanted), max(wanted))
    joined = select(SIGHTING.c.uid).join(LEDGER, LEDGER.c.id == SIGHTING.c.ledger_id)
    known = joined.where(*_here(mailbox_id, folder, uidvalidity), spread, LEDGER.c.outcome != Outcome.TRYING.value)
    return wanted - set(connection.execute(known).scalars())


def unfiled(connection: Connection, mailbox_id: str, folder: str, uidvalidity: int) -> dict[int, Folder]:
    """What was committed but not filed yet: UID → folder."""
    joined = select(SIGHTING.c.uid, LEDGER.c.filing).join(LEDGER, LEDGER.c.id == SIGHTING.c.ledger_id)
    left = joined.where(*_here(mailbox_id, folder, uidvalidity), SIGHTING.c.filed_at.is_(None), LEDGER.c.filing.is_not(None))
    return {uid: Folder(filing) for uid, filing in connection.execute(left.order_by(SIGHTING.c.uid))}


def mark_filed(connection: Connection, mailbox_id: str, folder: str, uidvalidity: int, uids: Iterable[int], now: datetime) -> None:
    """Note that mails were moved to their folders."""
    todo = list(uids)
    for start in range(0, len(todo), 1000):
        part = todo[start : start + 1000]
        connection.execute(
            update(SIGHTING).where(*_here(mailbox_id, folder, uidvalidity), SIGHTING.c.uid.in_(part)).values(filed_at=now)
        )
