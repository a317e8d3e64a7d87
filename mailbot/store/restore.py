"""After a backup was restored: what the journal knows and the database does not is done again, before any mail is read."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select

from mailbot.domain.mail import fold_address
from mailbot.settings import Settings
from mailbot.store import tables, wipe
from mailbot.store.expire import latest_anchor
from mailbot.store.journal import ANY_EVENT, Entry, Line
from mailbot.store.key import Use
from mailbot.store.tables import all_tables, marked, table
from mailbot.store.work import REGISTRATION, Work

_SUPPRESSION, _SUBSCRIPTION = table(tables.Suppression), table(tables.Subscription)
_ADDRESSES = {"email", "to", "address", "sender"}


def reapply(work: Work, lines: Sequence[Line], settings: Settings, now: datetime) -> int:
    """Make the database agree with the journal; gives how many hashes were missing or too many."""
    zone = settings.organiser.timezone
    oldest = latest_anchor(settings.retention.erased_hashes, now, zone)
    young = [line for line in lines if line.kind is Entry.ERASED and line.time > oldest]
    return _suppressions(work, lines) + _erasures(work, young)


def _suppressions(work: Work, lines: Iterable[Line]) -> int:
    last = {line.hash: line for line in lines if line.kind is not Entry.ERASED}
    known = {bytes(h).hex() for h in work.execute(select(_SUPPRESSION.c.hash)).scalars()}
    changed = 0
    for hashed, line in last.items():
        if line.kind is Entry.SUPPRESSED and hashed not in known:
            changed += work.put(_SUPPRESSION, ("hash",), (), {"hash": bytes.fromhex(hashed), "at": line.time})
        elif line.kind is Entry.UNSUPPRESSED and hashed in known:
            changed += work.execute(delete(_SUPPRESSION).where(_SUPPRESSION.c.hash == bytes.fromhex(hashed))).rowcount
    return changed + _end_subscriptions(work, last)


def _end_subscriptions(work: Work, last: dict[str, Line]) -> int:
    """An old copy may hold subscribers who have said stop since."""
    stopped = {h for h, line in last.items() if line.kind is Entry.SUPPRESSED}
    ended = 0
    for row in work.execute(select(_SUBSCRIPTION.c.address_hash, _SUBSCRIPTION.c.email)).all() if stopped else ():
        if work.key.text(Use.SUPPRESS, fold_address(row.email)).hex() in stopped:
            ended += work.execute(delete(_SUBSCRIPTION).where(_SUBSCRIPTION.c.address_hash == row.address_hash)).rowcount
    return ended


def _erasures(work: Work, lines: Sequence[Line]) -> int:
    """Erase again who is missing in the mirror: rows that came after the erasure are somebody's new wish and stay."""
    known = {(e, bytes(h).hex()) for e, h in work.execute(select(wipe.ERASED.c.event, wipe.ERASED.c.hash))}
    missing = {(line.event, line.hash): line.time for line in lines if (line.event, line.hash) not in known}
    if not missing:
        return 0
    for address in _every_address(work):
        if time := missing.get((ANY_EVENT, work.key.text(Use.ERASED, address).hex())):
            wipe.wipe_hashes(work, [work.key.address(address)], wipe.WITH_PERSON, wipe.until(time))
    _registrations(work, missing)
    for (event, hashed), time in missing.items():
        work.put(wipe.ERASED, ("event", "hash"), ("at",), {"event": event, "hash": bytes.fromhex(hashed), "at": time})
    work.seats.forget()
    return len(missing)


def _registrations(work: Work, missing: dict[tuple[str, str], datetime]) -> None:
    for row in work.execute(select(REGISTRATION)).all():
        keys = (fold_address(row.email), wipe.person(row.email, row.name))
        times = [t for key in keys if (t := missing.get((row.event, work.key.text(Use.ERASED, key).hex())))]
        if times and row.registered_at <= max(times):
            work.execute(delete(REGISTRATION).where(REGISTRATION.c.seq == row.seq))
            if not wipe.takes_part(work, row.address_hash, row.event):
                wipe.wipe_hashes(work, [row.address_hash], wipe.WITH_EVENT, _rest(work, row, max(times)))


def _rest(work: Work, row: Any, time: datetime) -> Callable[[Table], wipe.Where]:  # noqa: ANN401 - a row
    """What goes with the last registration of an address: everything, or the event's part when it is still on record."""
    stays = any(_known(work, of, [row.address_hash]) for of in (REGISTRATION, _SUBSCRIPTION))
    return wipe.of_event(row.event) if stays else wipe.until(time)


def _every_address(work: Work) -> set[str]:
    found: set[str] = set()
    for of in all_tables():
        for column, mark in marked(of):
            if mark.personal and column.key in _ADDRESSES:
                found |= {fold_address(a) for a in work.execute(select(column).where(column.is_not(None)).distinct()).scalars()}
    return found


def among_erased(work: Work, addresses: Collection[str]) -> int:
    """How many of the addresses were erased and are not on record again."""
    erased = {bytes(h) for h in work.execute(select(wipe.ERASED.c.hash)).scalars()}
    gone = [fold_address(a) for a in addresses if work.key.text(Use.ERASED, fold_address(a)) in erased]
    hashes = [work.key.address(a) for a in gone]
    back = {bytes(h) for of in (REGISTRATION, _SUBSCRIPTION) for h in _known(work, of, hashes)}
    return sum(h not in back for h in hashes)


def _known(work: Work, of: Table, hashes: Collection[bytes]) -> list[bytes]:
    return list(work.execute(select(of.c.address_hash).where(of.c.address_hash.in_(list(hashes)))).scalars())
