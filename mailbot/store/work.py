"""What the parts of one transaction share: connection, key, journal lines to be written, and the seats as counted so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from mailbot.domain.facts import Registration, Seats
from mailbot.domain.states import RegistrationStatus
from mailbot.settings import Settings
from mailbot.store import tables
from mailbot.store.journal import Entry, Line
from mailbot.store.key import Key, Use
from mailbot.store.tables import table

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


def as_registration(row: Row[Any]) -> Registration:
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
def upsert(dialect: str, into: Table, keys: tuple[str, ...], update: tuple[str, ...]) -> Executable:
    """An INSERT that updates these columns, or does nothing when there are none, where the key exists."""
    made = postgresql.insert(into) if dialect == "postgresql" else sqlite.insert(into)
    insert = made.execution_options(preserve_rowcount=True)
    if not update:
        return insert.on_conflict_do_nothing(index_elements=list(keys))
    return insert.on_conflict_do_update(index_elements=list(keys), set_={name: insert.excluded[name] for name in update})


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

    def seats(self, connection: Connection, events: Sequence[str]) -> Mapping[str, Seats]:
        """The numbers of these events."""
        if self._counts is None:
            self._counts = {row[0]: row[1] for row in connection.execute(_COUNT, {"events": events})}
            for row in connection.execute(_QUEUE, {"events": events}):
                self._queues.setdefault(row.event, []).append(as_registration(row))
        return {e: Seats(registered=self._counts.get(e, 0), queue=tuple(self._queues.get(e, ()))) for e in events}

    def erased(self, connection: Connection) -> frozenset[str]:
        """Events whose data have been erased."""
        if self._erased is None:
            self._erased = frozenset(connection.execute(_RECORDS).scalars())
        return self._erased


@dataclass(slots=True)
class Work:
    """One transaction under way."""

    connection: Connection
    key: Key
    settings: Settings
    lines: list[Line] = field(default_factory=list)
    seats: SeatBook = field(default_factory=SeatBook)
    unknown_mail: tuple[str, bytes] | None = None  # the last look-up in the ledger that found nothing
    newcomers: set[bytes] = field(default_factory=set)  # address hashes that were seen to have no registration

    def forget(self) -> None:
        """Trust nothing that was read before: a savepoint was undone."""
        self.seats.forget()
        self.newcomers = set()
        self.unknown_mail = None

    def execute(self, statement: Executable, values: Any = None) -> Any:  # noqa: ANN401 - SQLAlchemy's own result
        """Run a statement with its values (one mapping, or a list of them)."""
        return self.connection.execute(statement, values)

    def put(self, into: Table, keys: tuple[str, ...], update: tuple[str, ...], values: Mapping[str, Any]) -> int:
        """Insert or update a row; gives how many rows changed."""
        statement = upsert(self.connection.dialect.name, into, keys, update)
        return int(self.connection.execute(statement, dict(values)).rowcount)

    def note(self, kind: Entry, use: Use, values: Iterable[str], event: str, now: datetime) -> None:
        """Add lines for the journal: written and fsynced before the commit."""
        self.lines.extend(Line(kind=kind, hash=self.key.text(use, v).hex(), event=event, time=now) for v in values)
