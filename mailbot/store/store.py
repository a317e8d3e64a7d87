"""The store as a whole: opened once, then transactions, the outbox, listings, retention and erasure. Holds no logic of its own."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Self

from sqlalchemy import Engine, select

from mailbot.domain.decision import Folder
from mailbot.domain.facts import Registration, Subscription
from mailbot.domain.states import Outcome, RegistrationStatus, SubscriptionStatus
from mailbot.settings import Rule, Settings
from mailbot.store import engine as db
from mailbot.store import erase, expire, ledger, listing, restore, search, tables, wipe
from mailbot.store.erase import Job, Record
from mailbot.store.journal import Entry, Journal
from mailbot.store.key import Key, load_key
from mailbot.store.listing import RequestItem, ReviewItem, StatusCounts, Unconfirmed
from mailbot.store.locks import Locks
from mailbot.store.outbox import Outbox
from mailbot.store.tables import table
from mailbot.store.transaction import Tx

_STATE = table(tables.MailboxState)
_FILLED = (tables.Ledger, tables.Registration, tables.Subscription, tables.Suppression, tables.Request, tables.ErasureRecord)
_WAITING = (Outcome.REVIEW, Outcome.FAILED)


def migrate(settings: Settings) -> str | None:
    """Bring the store to the newest schema; gives the revision that it had (None: it was empty)."""
    engine = db.make_engine(settings.store.url)
    try:
        return db.migrate(engine)
    finally:
        engine.dispose()


class Store:
    """An open store. Use ``Store.open``; a context manager that closes it."""

    def __init__(self, settings: Settings, engine: Engine, key: Key, journal: Journal) -> None:
        self._settings = settings
        self._engine = engine
        self._key = key
        self._journal = journal
        self._locks = Locks(engine, settings.store.url)
        self.outbox = Outbox(engine, self._locks, settings.limits.per_hour)

    @classmethod
    def open(cls, settings: Settings, *, migrate: bool = True) -> Self:
        """Open it, making what is missing. SQLite is migrated; PostgreSQL never is, since other workers may run.

        Raises StoreUnwritable, or ConfigError for a wrong URL or schema, or a store in use without its key or journal.
        """
        engine = db.make_engine(settings.store.url)
        try:
            if migrate and db.is_sqlite(settings.store.url):
                db.migrate(engine)
            else:
                db.require_head(engine)
            filled = _is_filled(engine)
            key = load_key(settings.store.key_file, create=not filled)
            journal = Journal(settings.store.journal)
            journal.ensure(filled=filled)
            return cls(settings, engine, key, journal)
        except BaseException:
            engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of locks and connections."""
        self._locks.close()
        self._engine.dispose()

    def exclusive(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Be the only ``run`` at work (SQLite), or a worker known to be alive (PostgreSQL); may raise StoreUnwritable."""
        return self._locks.exclusive(wait_seconds)

    def mailbox_lock(self, mailbox_id: str) -> AbstractContextManager[bool]:
        """Whether this worker may read a mailbox now."""
        return self._locks.mailbox(mailbox_id)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One writing transaction: what was read in it stays true until its commit; journal lines are on disk before."""
        with db.writing(self._engine) as connection:
            tx = Tx(connection, self._key, self._settings)
            yield tx
            tx.work.writes.flush()
            self._journal.append(tx.work.lines)
        if any(line.kind is Entry.ERASED for line in tx.work.lines):
            search.checkpoint(self._engine)  # the write-ahead log still holds what was erased

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A transaction that only reads."""
        with db.reading(self._engine) as connection:
            yield Tx(connection, self._key, self._settings)

    def missing_uids(self, mailbox_id: str, folder: str, uidvalidity: int, uids: Iterable[int]) -> set[int]:
        """Those of the UIDs that have no outcome yet."""
        with db.reading(self._engine) as connection:
            return ledger.missing_uids(connection, mailbox_id, folder, uidvalidity, uids)

    def unfiled(self, mailbox_id: str, folder: str, uidvalidity: int) -> dict[int, Folder]:
        """What was committed but not filed yet."""
        with db.reading(self._engine) as connection:
            return ledger.unfiled(connection, mailbox_id, folder, uidvalidity)

    def mark_filed(self, mailbox_id: str, folder: str, uidvalidity: int, uids: Iterable[int], now: datetime) -> None:
        """Note that mails were moved to their folders."""
        with db.writing(self._engine) as connection:
            ledger.mark_filed(connection, mailbox_id, folder, uidvalidity, uids, now)

    def polled(self, mailbox_id: str, now: datetime, waiting: int = 0) -> None:
        """Note that a mailbox was read, and how many mails wait in it still."""
        with self.transaction() as tx:
            tx.work.put(
                _STATE, ("mailbox",), ("last_poll", "waiting"), {"mailbox": mailbox_id, "last_poll": now, "waiting": waiting}
            )

    def participants(
        self, event: str | None = None, statuses: Iterable[RegistrationStatus] | None = None
    ) -> tuple[Registration, ...]:
        """All registrations, of one event or of every one."""
        with db.reading(self._engine) as connection:
            return listing.participants(connection, event, statuses)

    def subscribers(self, status: SubscriptionStatus | None = None) -> tuple[Subscription, ...]:
        """All subscribers."""
        with db.reading(self._engine) as connection:
            return listing.subscribers(connection, status)

    def requests(self) -> tuple[RequestItem, ...]:
        """All data-subject requests, the most urgent first, without their steps."""
        with db.reading(self._engine) as connection:
            return listing.requests(connection)

    def request(self, request_id: str) -> RequestItem | None:
        """One request with its steps."""
        with db.reading(self._engine) as connection:
            return next(iter(listing.requests(connection, request_id)), None)

    def reviews(self, outcomes: Iterable[Outcome] = _WAITING) -> tuple[ReviewItem, ...]:
        """Mails that a human decides about."""
        with db.reading(self._engine) as connection:
            return listing.reviews(connection, outcomes)

    def review(self, ledger_id: str) -> ReviewItem | None:
        """One of them."""
        with db.reading(self._engine) as connection:
            return next(iter(listing.reviews(connection, _WAITING, ledger_id)), None)

    def unconfirmed(self, before: datetime) -> tuple[Unconfirmed, ...]:
        """Requests of before then that nobody has confirmed."""
        with db.reading(self._engine) as connection:
            return listing.unconfirmed(connection, before)

    def status_counts(self, now: datetime) -> StatusCounts:
        """Everything that ``status`` shows."""
        with db.reading(self._engine) as connection:
            return listing.status(connection, now)

    def erased_at(self, event: str) -> datetime | None:
        """When the event's data were erased for the last time; None when they were not."""
        with db.reading(self._engine) as connection:
            return listing.erased_at(connection).get(event)

    def records(self) -> tuple[Record, ...]:
        """All erasure records, oldest first."""
        with db.reading(self._engine) as connection:
            return erase.records(connection)

    def closing_mails_pending(self, event: str) -> bool:
        """Whether a closing mail of the event still waits to be accepted or refused."""
        with db.reading(self._engine) as connection:
            return erase.closing_mails_pending(connection, event)

    def leftover_events(self) -> frozenset[str]:
        """Erased events with people who were kept for a reason that is gone now."""
        with self.reading() as tx:
            return erase.leftover_events(tx.work)

    def open_jobs(self) -> tuple[Job, ...]:
        """Erasures that are not complete."""
        with self.reading() as tx:
            return erase.open_jobs(tx.work)

    def start_job(self, event: str, rule: Rule, now: datetime) -> Job:
        """Write down the values to look for, or go on with an interrupted job."""
        with self.transaction() as tx:
            return erase.start_job(tx.work, event, rule, now)

    def preview_job(self, event: str) -> Job:
        """The job as it would be, without starting it."""
        with self.reading() as tx:
            return erase.preview_job(tx.work, event)

    def erase_rows(self, job: Job, now: datetime) -> Mapping[str, int]:
        """Erase the job's people from outbox and tables; gives counts by table, those of interrupted runs included."""
        with self.transaction() as tx:
            return erase.erase_rows(tx.work, job, now)

    def note_folders(self, job: Job, folders: Mapping[str, int]) -> None:
        """Add to the job's counts of mails that were deleted from folders."""
        with self.transaction() as tx:
            erase.note_folders(tx.work, job, folders)

    def forget(self, job: Job) -> None:
        """Mask the job's list of values, so that the search that follows does not find it."""
        with self.transaction() as tx:
            erase.forget(tx.work, job)

    def finish_job(self, job: Job, folders: Mapping[str, int], found_again: int, now: datetime) -> Record:
        """Close the job with its record. Where something was found again the job stays open and the record is not kept."""
        with self.transaction() as tx:
            record = erase.finish_job(tx.work, job, folders, found_again, now)
        search.checkpoint(self._engine)
        return record

    def plan(self, event: str, rule: Rule, now: datetime) -> Record:
        """The record as it would be (``erased_at`` is null); everything is undone."""
        with db.writing(self._engine) as connection:
            with connection.begin_nested() as rehearsal:
                record = erase.plan(Tx(connection, self._key, self._settings).work, event, rule, now)
                rehearsal.rollback()
            return record

    def vacuum(self) -> None:
        """Rebuild the database's files, so that no deleted byte is left in them."""
        search.vacuum(self._engine)

    def search_bytes(self, values: Collection[str]) -> int:
        """How often the values stand in the database (SQLite: in its files' bytes) or in the journal."""
        with self.reading() as tx:
            return search.search(tx.work, values, self._settings.store)

    def expire(self, settings: Settings, now: datetime) -> Mapping[str, int]:
        """Carry out every retention rule that is due but the final step; gives counts by table."""
        with self.transaction() as tx:
            counts = expire.expire(tx.work, settings, now)
        expire.shorten_journal(self._journal, settings, now)
        search.checkpoint(self._engine)  # also what an erasure had to leave to the next call
        return counts

    def overdue(self, settings: Settings, now: datetime) -> Mapping[str, int]:
        """What ``expire`` would do, counted by table."""
        with self.reading() as tx:
            return expire.overdue(tx.work, settings, now)

    def expirable(self, mailbox_id: str, identities: Collection[bytes], now: datetime) -> frozenset[bytes]:
        """Those mails of the bot's folders whose time by the rule ``mails`` counts: nobody takes part, nothing is open."""
        with self.reading() as tx:
            return expire.expirable(tx.work, mailbox_id, identities, now)

    def taken_away(self, mailbox_id: str, present: Iterable[bytes]) -> int:
        """Settle mails in review that no folder of ours holds any more; ``present``: the identities of those that are there."""
        with self.transaction() as tx:
            return ledger.taken_away(tx.work, mailbox_id, present)

    def mails_gone(self, mailbox_id: str, identities: Collection[bytes]) -> None:
        """These mails are deleted from the folders: their contents go, and nobody has to decide about them."""
        with self.transaction() as tx:
            wipe.mails_gone(tx.work, mailbox_id, identities)

    def removals(self, mailbox_id: str) -> frozenset[str]:
        """Message-IDs of mails that must go from our folders since their person was erased."""
        with self.reading() as tx:
            return expire.removals(tx.work, mailbox_id)

    def removed(self, mailbox_id: str, message_ids: Collection[str]) -> None:
        """They are gone."""
        with self.transaction() as tx:
            expire.removed(tx.work, mailbox_id, message_ids)

    def among_erased(self, addresses: Collection[str]) -> int:
        """How many of the addresses belong to people who were erased and have not come back."""
        with self.reading() as tx:
            return restore.among_erased(tx.work, addresses)

    def reapply_journal(self, settings: Settings, now: datetime) -> int:
        """Repeat suppressions and erasures that an old copy of the database has not seen; gives how many."""
        with self.transaction() as tx:
            return restore.reapply(tx.work, self._journal.lines(), settings, now)


def _is_filled(engine: Engine) -> bool:
    with db.reading(engine) as connection:
        return any(connection.execute(select(table(model)).limit(1)).first() is not None for model in _FILLED)
