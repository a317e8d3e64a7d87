"""What the parts of one transaction share: connection, key, journal lines to be written, and the seats as counted so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import Insert

from mailbot.domain.facts import Registration, Seats
from mailbot.domain.states import RegistrationStatus
from mailbot.settings import Settings
from mailbot.store import tables
from mailbot.store.journal import Entry, Line
from mailbot.store.key import Key, Use
from mailbot.store.tables import table
from mailbot.store.writes import Row, Writes

REGISTRATION = table(tables.Registration)
_COUNT = (
    select(REGISTRATION.c.event, func.count())
    .where(
        REGISTRATION.c.status == RegistrationStatus.REGISTERED.value, REGISTRATION.c.event.in_(bindparam("events", expanding=True))
    )
    .group_by(REGISTRATION.c.event)
)
_QUEUE = (
    select(REGISTRATION)
    .where(REGISTRATION.c.status == RegistrationStatus.WAITING.value, REGISTRATION.c.event.in_(bindparam("events", expanding=True)))
    .order_by(REGISTRATION.c.registered_at, REGISTRATION.c.seq)
)
_RECORDS = select(table(tables.ErasureRecord).c.event).distinct()


def as_registration(row: Any) -> Registration:  # noqa: ANN401 - a row
    """Make the frozen value of a row."""
    return Registration(
        id=row.id,
        event=row.event,
        email=row.email,
        name=row.name,
        institution=row.institution,
        status=RegistrationStatus(row.status),
        registered_at=row.registered_at,
        language=row.language,
        by=row.by,
        restricted=row.restricted,
        event_mails=row.event_mails,
    )


@lru_cache(maxsize=64)
def upsert(dialect: str, into: Table, keys: tuple[str, ...], update: tuple[str, ...]) -> Insert:
    """An INSERT that updates these columns, or does nothing when there are none, where the key exists."""
    if not keys:
        return insert(into)
    made = postgresql.insert(into) if dialect == "postgresql" else sqlite.insert(into)
    counted = made.execution_options(preserve_rowcount=True)
    if not update:
        return counted.on_conflict_do_nothing(index_elements=list(keys))
    return counted.on_conflict_do_update(index_elements=list(keys), set_={name: counted.excluded[name] for name in update})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What was read about some address hashes: rows of registrations, and kind → hash → number (see ``facts``)."""

    hashes: frozenset[bytes]
    since: datetime
    rows: tuple[Any, ...]
    notes: Mapping[str, Mapping[bytes, int]]


@dataclass(slots=True)
class SeatBook:
    """Seats and waiting lists of this transaction: read once, kept up to date by additions, dropped by other changes."""

    _counts: dict[str, int] | None = None
    _queues: dict[str, list[Registration]] = field(default_factory=dict)
    _erased: frozenset[str] | None = None

    def forget(self) -> None:
        """Read again when asked next."""
        self._counts = None
        self._queues = {}

    def add(self, row: Registration) -> None:
        """Count a new row."""
        if self._counts is None:
            return
        if row.status is RegistrationStatus.REGISTERED:
            self._counts[row.event] = self._counts.get(row.event, 0) + 1
        elif row.status is RegistrationStatus.WAITING:
            self.forget()  # its place in the queue is the database's to say

    def seats(self, work: "Work", events: Sequence[str]) -> Mapping[str, Seats]:
        """The numbers of these events."""
        if self._counts is None:
            self._counts = {row[0]: row[1] for row in work.execute(_COUNT, {"events": events})}
            for row in work.execute(_QUEUE, {"events": events}):
                self._queues.setdefault(row.event, []).append(as_registration(row))
        return {e: Seats(registered=self._counts.get(e, 0), queue=tuple(self._queues.get(e, ()))) for e in events}

    def erased(self, work: "Work") -> frozenset[str]:
        """Events whose data have been erased."""
        if self._erased is None:
            self._erased = frozenset(work.execute(_RECORDS).scalars())
        return self._erased


@dataclass(slots=True)
class Work:
    """One transaction under way."""

    connection: Connection
    key: Key
    settings: Settings
    lines: list[Line] = field(default_factory=list)
    seats: SeatBook = field(default_factory=SeatBook)
    mails: dict[tuple[str, bytes], Any] = field(default_factory=dict)  # (mailbox, identity's hash) → row of the ledger, or None
    people: People | None = None  # what was read about the people of a whole batch
    newcomers: set[bytes] = field(default_factory=set)  # address hashes that were seen to have no registration
    writes: Writes = field(init=False)

    def __post_init__(self) -> None:
        self.writes = Writes(self.connection)

    def forget(self) -> None:
        """Trust nothing that was read before: a savepoint was undone."""
        self.seats.forget()
        self._forget_read()

    def _forget_read(self) -> None:
        self.mails, self.people, self.newcomers = {}, None, set()

    def execute(self, statement: Executable, values: Any = None) -> Any:  # noqa: ANN401 - SQLAlchemy's own result
        """Run a statement with its values (one mapping, or a list of them), after everything that waits to be written."""
        if statement.is_select:
            self.writes.flush()
        else:
            self.writes.flush(then_write=True)
            self._forget_read()
        return self.connection.execute(statement, values)

    def look_up(self, statement: Executable, values: Mapping[str, Any], hashes: Iterable[bytes]) -> Any:  # noqa: ANN401 - as above
        """Run a query that finds rows by these hashes only: other rows may wait."""
        if self.writes.holds(hashes):
            self.writes.flush()
        return self.connection.execute(statement, values)

    def put(self, into: Table, keys: tuple[str, ...], update: tuple[str, ...], values: Mapping[str, Any]) -> int:
        """Insert or update a row; gives how many rows changed."""
        return int(self.execute(upsert(self.connection.dialect.name, into, keys, update), dict(values)).rowcount)

    def put_later(
        self, into: Table, values: Row, *found_by: bytes | None, keys: tuple[str, ...] = (), update: tuple[str, ...] = ()
    ) -> None:
        """As ``put`` (without ``keys``: a plain insert), together with the rows of other mails; see ``writes``."""
        self.writes.later(upsert(self.connection.dialect.name, into, keys, update), values, *found_by)

    def note(self, kind: Entry, use: Use, values: Iterable[str], event: str, now: datetime) -> None:
        """Add lines for the journal: written and fsynced before the commit."""
        self.lines.extend(Line(kind=kind, hash=self.key.text(use, v).hex(), event=event, time=now) for v in values)
