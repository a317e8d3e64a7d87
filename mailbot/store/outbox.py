"""The outbox: claim what is due, with the attempt and the next due time written before anyone dials; mark what came of it.

Each call is a transaction of its own. A mail that was accepted is never claimed again. Never renders, never speaks SMTP.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, case, func, or_, select, update

from mailbot.domain.states import OutboxStatus
from mailbot.errors import StoreUnwritable
from mailbot.store import tables
from mailbot.store.engine import reading, writing
from mailbot.store.locks import Locks
from mailbot.store.tables import table

OUTBOX = table(tables.Outbox)
# at once, then after 5 min, 15 min, 1 h, 2 h, 4 h, 8 h, 16 h, and four times 24 h: given up after five days (RFC 5321 §4.5.4.1)
PAUSES = tuple(timedelta(minutes=m) for m in (5, 15, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440))
LOST = timedelta(hours=1)  # a mail that nobody gave back so long after its next due time is taken up again
HOUR = timedelta(hours=1)
RESTART = (0.5, 1, 2, 4, 8)  # seconds between attempts to note what was sent
ERROR_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A mail to be sent now."""

    id: str
    envelope_from: str
    to: str
    content: bytes
    template: str
    tries: int


def pause(tries: int) -> timedelta | None:
    """How long to wait after so many attempts; None: give up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None


class Outbox:
    """The outbox of one store; ``worker`` is this process's mark on what it claims."""

    def __init__(self, engine: Engine, locks: Locks, per_hour: int) -> None:
        self._engine = engine
        self._locks = locks
        self._per_hour = per_hour

    def claim(self, now: datetime, limit: int) -> list[Queued]:
        """Take up to ``limit`` mails that are due, oldest first, within ``limits.per_hour``."""
        self._locks.hold_worker()
        with writing(self._engine, alone=False) as connection:
            room = min(limit, self._per_hour - self._lately(connection, now))
            rows = connection.execute(self._due(connection, now).limit(room)).all() if room > 0 else []
            for tries in {row.tries + 1 for row in rows}:
                mine = OUTBOX.c.seq.in_([row.seq for row in rows if row.tries + 1 == tries])
                values = {"status": OutboxStatus.SENDING.value, "tries": tries, "claimed_by": self._locks.worker}
                due = now + (pause(tries) or PAUSES[-1])
                connection.execute(update(OUTBOX).where(mine).values(**values, due_at=due, attempted_at=now))
        return [_queued(row) for row in rows]

    def _lately(self, connection: Connection, now: datetime) -> int:
        tried = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.attempted_at > now - HOUR)
        return int(connection.execute(tried).scalar_one())

    def _due(self, connection: Connection, now: datetime) -> Any:  # noqa: ANN401 - SQLAlchemy's own type
        queued = (OUTBOX.c.status == OutboxStatus.QUEUED.value) & (OUTBOX.c.due_at <= now)
        sending = OUTBOX.c.status == OutboxStatus.SENDING.value
        lost = sending & (OUTBOX.c.due_at <= now - LOST)
        dead = sending & OUTBOX.c.claimed_by.in_(self._dead(connection))
        due = select(OUTBOX).where(or_(queued, lost, dead)).order_by(OUTBOX.c.due_at, OUTBOX.c.seq)
        return due.with_for_update(skip_locked=True)  # SQLite has one writer anyway and leaves it out

    def _dead(self, connection: Connection) -> list[str]:
        """Workers that left mails behind and are no more."""
        left = select(OUTBOX.c.claimed_by).where(OUTBOX.c.status == OutboxStatus.SENDING.value).distinct()
        return [w for w in connection.execute(left).scalars() if w and self._locks.is_dead(w)]

    def mark_sent(self, ids: Sequence[str], now: datetime) -> None:
        """They were accepted: never sent again, their bodies are blanked. A database that restarts is waited for."""
        for seconds in RESTART:
            try:
                return self._finish(ids, OutboxStatus.SENT, now, None)
            except StoreUnwritable:
                time.sleep(seconds)
        return self._finish(ids, OutboxStatus.SENT, now, None)

    def mark_drafted(self, queued_id: str, now: datetime) -> None:
        """It lies in Drafts: a human sends it."""
        self._finish([queued_id], OutboxStatus.DRAFTED, now, None)

    def mark_failed(self, queued_id: str, reason: str, now: datetime) -> None:
        """It was refused for good; a human sees it in ``status``."""
        self._finish([queued_id], OutboxStatus.FAILED, now, reason)

    def _finish(self, ids: Sequence[str], status: OutboxStatus, now: datetime, reason: str | None) -> None:
        done: dict[str, Any] = {"status": status.value, "claimed_by": None, "last_error": _short(reason)}
        if status is not OutboxStatus.FAILED:
            done |= {"sent_at": now, "content": b""}
        if ids:
            self._update(ids, done)

    def mark_later(self, queued_id: str, reason: str, now: datetime) -> None:
        """It could not be delivered now: again at the time that was written when it was claimed, or given up."""
        with reading(self._engine) as connection:
            tries = connection.execute(select(OUTBOX.c.tries).where(OUTBOX.c.seq == int(queued_id))).scalar_one_or_none() or 0
        wait = pause(tries)
        if wait is None:
            self.mark_failed(queued_id, reason, now)
            return
        self._update(
            [queued_id],
            {"status": OutboxStatus.QUEUED.value, "claimed_by": None, "last_error": _short(reason), "due_at": now + wait},
        )

    def release(self, queued_id: str, now: datetime) -> None:
        """Give it back untried: due again at once, the attempt does not count."""
        back = {"status": OutboxStatus.QUEUED.value, "claimed_by": None, "due_at": now, "attempted_at": None}
        self._update([queued_id], {**back, "tries": case((OUTBOX.c.tries > 0, OUTBOX.c.tries - 1), else_=0)})

    def _update(self, ids: Sequence[str], values: dict[str, Any]) -> None:
        """Only what this worker holds: a mail erased or taken over meanwhile is nobody's to mark."""
        mine = (OUTBOX.c.status == OutboxStatus.SENDING.value, OUTBOX.c.claimed_by == self._locks.worker)
        with writing(self._engine, alone=False) as connection:
            connection.execute(update(OUTBOX).where(OUTBOX.c.seq.in_([int(i) for i in ids]), *mine).values(**values))


def _queued(row: Any) -> Queued:  # noqa: ANN401 - a row
    return Queued(
        id=str(row.seq), envelope_from=row.envelope_from, to=row.to, content=row.content, template=row.template, tries=row.tries + 1
    )


def _short(reason: str | None) -> str | None:
    return reason[:ERROR_LIMIT] if reason is not None else None
