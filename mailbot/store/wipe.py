"""Erase people from the tables by the marks of their columns: the next column is erased without a line here.

Where all values about a person can be emptied, the row stays as a number (the ledger); else it is deleted. Every erasure
leaves a keyed hash in the journal, to be repeated after a restore. Upstream: ``commit``, ``erase``, ``restore``.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, or_, select, true, update
from sqlalchemy.sql import ColumnElement

from mailbot.domain.decision import Nature
from mailbot.domain.mail import fold_address
from mailbot.domain.states import OutboxStatus, Outcome
from mailbot.store import tables
from mailbot.store.journal import ANY_EVENT, Entry
from mailbot.store.key import Use
from mailbot.store.ledger import LEDGER
from mailbot.store.marks import Keep, Mark, Who
from mailbot.store.tables import all_tables, marked, table
from mailbot.store.work import REGISTRATION, Work

OUTBOX, ERASED, REMOVAL = table(tables.Outbox), table(tables.Erased), table(tables.Removal)
WITH_EVENT = frozenset({Keep.REGISTRATIONS, Keep.MAILS})
WITH_PERSON = WITH_EVENT | {Keep.SUBSCRIPTIONS}
CHUNK = 500
_BORN = ("registered_at", "since", "handled_at", "created_at", "granted_at", "at")  # when a row came into being
Where = ColumnElement[bool]
_UNSENT = (OutboxStatus.QUEUED.value, OutboxStatus.SENDING.value)
# An answer about a right that has not gone out yet is still owed (GDPR Art. 12 (3)); it goes once it was sent.
OWED: Where = OUTBOX.c.status.in_(_UNSENT) & (OUTBOX.c.nature == Nature.RIGHTS.value)
WAITING: Where = LEDGER.c.outcome.in_((Outcome.REVIEW.value, Outcome.FAILED.value, Outcome.TRYING.value))  # a human's turn


def finders(rules: Collection[Keep]) -> Iterable[tuple[Table, Column[Any], Mark]]:
    """Every column by which a person is found in data under these rules."""
    return ((of, c, m) for of in all_tables() for c, m in marked(of) if m.finds and m.rule in rules)


def about(of: Table, found_by: Mark) -> list[Column[Any]]:
    """The columns that hold values about the person whom a column finds."""
    return [c for c, m in marked(of) if m.who is found_by.who]


def wipe(work: Work, of: Table, columns: Collection[Column[Any]], where: Where) -> int:
    """Empty the columns of rows, or delete the rows where they can't be empty; gives how many."""
    if all(c.nullable for c in columns):
        filled = or_(*(c.is_not(None) for c in columns))
        return int(work.execute(update(of).where(where, filled).values({c.key: None for c in columns})).rowcount)
    return int(work.execute(delete(of).where(where)).rowcount)


def settle(work: Work) -> None:
    """Take mails of which nothing is left out of review: there is nothing that a human could still decide.

    Not those that failed: of them nothing was stored, and they still lie in their folder.
    """
    emptied = [c.is_(None) for c, m in marked(LEDGER) if m.who is Who.SENDER]
    work.execute(update(LEDGER).where(LEDGER.c.outcome == Outcome.REVIEW.value, *emptied).values(outcome=Outcome.DONE.value))


def mails_gone(work: Work, mailbox_id: str, identities: Collection[bytes]) -> None:
    """Empty the ledger's contents of mails that are deleted from their folder: no human can decide about them any more."""
    columns = [c for c, m in marked(LEDGER) if m.who is Who.SENDER]
    hashes = [work.key.hash(Use.IDENTITY, identity) for identity in identities]
    for start in range(0, len(hashes), CHUNK):
        mine = (LEDGER.c.mailbox == mailbox_id) & LEDGER.c.identity.in_(hashes[start : start + CHUNK])
        wipe(work, LEDGER, columns, mine)
        work.execute(update(LEDGER).where(mine, WAITING).values(outcome=Outcome.DONE.value))


def wipe_hashes(
    work: Work, hashes: Collection[bytes], rules: Collection[Keep], but: Callable[[Table], Where] = lambda _: true()
) -> Counter[str]:
    """Wipe everything about the people with these address hashes; ``but`` narrows the rows of a table."""
    counts: Counter[str] = Counter()
    wanted = list(hashes)
    for of, column, mark in finders(rules):
        for start in range(0, len(wanted), CHUNK):
            found = column.in_(wanted[start : start + CHUNK])
            counts[of.name] += wipe(work, of, about(of, mark), found & but(of))
    return counts


def spare_what_is_owed(of: Table) -> Where:
    """Leave answers that are owed, and mails that wait for a human."""
    return {OUTBOX.name: ~OWED, LEDGER.name: ~WAITING}.get(of.name, true())


def condemn(work: Work, where: Where, now: datetime) -> None:
    """Note mails of the ledger that must go from our IMAP folders too."""
    ids = select(LEDGER.c.mailbox, LEDGER.c.message_id).where(where, LEDGER.c.message_id.is_not(None), LEDGER.c.message_id != "")
    for mailbox, message_id in work.execute(ids.distinct()).all():
        work.put(REMOVAL, ("mailbox", "message_id"), (), {"mailbox": mailbox, "message_id": message_id, "at": now})


def wipe_address(work: Work, address: str, now: datetime) -> Counter[str]:
    """Erase everything about one address (Art. 17) but open requests, what is owed, and what waits for a human."""
    note_erased(work, [address], ANY_EVENT, now)
    hashed = work.key.address(address)
    condemn(work, (LEDGER.c.sender_hash == hashed) & ~WAITING, now)
    return wipe_hashes(work, [hashed], WITH_PERSON, spare_what_is_owed)


def wipe_sender(work: Work, addresses: Iterable[str], now: datetime) -> None:
    """Empty the ledger's contents of these senders' mails."""
    hashes = [work.key.address(a) for a in addresses]
    mine = LEDGER.c.sender_hash.in_(hashes) & ~WAITING
    condemn(work, mine, now)
    wipe_hashes(work, hashes, {Keep.MAILS}, lambda of: ~WAITING if of is LEDGER else ~true())


def wipe_registrations(work: Work, ids: Iterable[str], now: datetime) -> Counter[str]:
    """Erase some people of a shared address; their correspondence goes with the last of them."""
    counts: Counter[str] = Counter()
    for row in work.execute(select(REGISTRATION).where(REGISTRATION.c.id.in_(list(ids)))).all():
        note_erased(work, [person(row.email, row.name)], row.event, now)
        counts[REGISTRATION.name] += work.execute(delete(REGISTRATION).where(REGISTRATION.c.seq == row.seq)).rowcount
        if not takes_part(work, row.address_hash, row.event):
            counts += wipe_hashes(work, [row.address_hash], WITH_EVENT, of_event(row.event))
    return counts


def takes_part(work: Work, address_hash: bytes, event: str) -> bool:
    """Whether anybody of an address is (still) a participant of an event."""
    rows = select(REGISTRATION.c.seq).where(REGISTRATION.c.address_hash == address_hash, REGISTRATION.c.event == event)
    return work.execute(rows.limit(1)).first() is not None


def until(moment: datetime) -> Callable[[Table], Where]:
    """Narrow to the rows that were there at a moment: what came later is somebody's new wish."""

    def narrowed(of: Table) -> Where:
        born = next(name for name in _BORN if name in of.c)
        return (of.c[born] <= moment) & spare_what_is_owed(of)

    return narrowed


def of_event(event: str) -> Callable[[Table], Where]:
    """Narrow to the rows of one event; tables that know no event are left."""

    def narrowed(of: Table) -> Where:
        return (of.c.event == event) & spare_what_is_owed(of) if "event" in of.c else ~true()

    return narrowed


def person(email: str, name: str | None) -> str:
    """What is hashed to find one of several people of an address again."""
    return f"{fold_address(email)}\n{' '.join((name or '').casefold().split())}"


def note_erased(work: Work, values: Collection[str], event: str, now: datetime) -> None:
    """Write keyed hashes of who is erased: into the journal before the commit, and into the table that mirrors it."""
    work.note(Entry.ERASED, Use.ERASED, values, event, now)
    for value in values:
        work.put(ERASED, ("event", "hash"), ("at",), {"event": event, "hash": work.key.text(Use.ERASED, value), "at": now})
