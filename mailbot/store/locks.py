"""Who may work at the same time: one ``run`` per SQLite store; on PostgreSQL many workers, each known to be alive by its lock."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

from sqlalchemy import Connection, Engine, text

from mailbot.errors import StoreBusy, StoreUnwritable
from mailbot.store.engine import database_path, is_sqlite, translated

_WORKERS, _MAILBOXES = 0x6D62, 0x6D63  # classes of advisory locks
_POLL_SECONDS = 0.1


class Locks:
    """The locks of one open store; they end with the process at the latest."""

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._file = database_path(url).with_name(database_path(url).name + ".lock") if is_sqlite(url) else None
        self._session: Connection | None = None
        self._exclusive = False
        self.worker = str(secrets.randbits(30))

    @contextmanager
    def exclusive(self, wait_seconds: float) -> Iterator[None]:
        """Hold the store's lock; raises StoreUnwritable when another ``run`` keeps it that long."""
        if self._file is None:
            self.hold_worker()
            yield
            return
        descriptor = self._open()
        try:
            self._wait(descriptor, wait_seconds)
            self._exclusive = True
            yield
        finally:
            self._exclusive = False
            os.close(descriptor)

    def _open(self) -> int:
        assert self._file is not None
        try:
            return os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnwritable(f"the lock {self._file} can't be opened: {error.strerror}") from error

    @staticmethod
    def _wait(descriptor: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise StoreBusy("another mailbot run is at work with this store", remedy="wait for it, or stop it") from None
                time.sleep(_POLL_SECONDS)
            else:
                return

    def hold_worker(self) -> None:
        """Show that this worker lives (PostgreSQL); its lock ends with its session, and is taken anew when that broke off."""
        if self._file is None:
            self._try(_WORKERS, int(self.worker))

    def is_dead(self, worker: str) -> bool:
        """Whether another worker is gone: its lock is free, or this process alone may work with the store."""
        if worker == self.worker:
            return False
        if self._file is not None:
            return self._exclusive
        free = self._try(_WORKERS, int(worker))
        if free:
            self._release(_WORKERS, int(worker))
        return free

    @contextmanager
    def mailbox(self, mailbox_id: str) -> Iterator[bool]:
        """Whether this worker may read a mailbox now: one at a time."""
        if self._file is not None:
            yield True
            return
        number = crc32(mailbox_id.encode()) & 0x7FFFFFFF
        mine = self._try(_MAILBOXES, number)
        try:
            yield mine
        finally:
            if mine:
                self._release(_MAILBOXES, number)

    def _ask(self, function: str, kind: int, number: int) -> bool:
        try:
            with translated():
                if self._session is None:
                    self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                answer = self._session.execute(text(f"SELECT {function}(:kind, :number)"), {"kind": kind, "number": number})
                return bool(answer.scalar_one())
        except StoreUnwritable:
            self.close()  # the session is gone and its locks with it
            raise

    def _try(self, kind: int, number: int) -> bool:
        return self._ask("pg_try_advisory_lock", kind, number)

    def _release(self, kind: int, number: int) -> None:
        self._ask("pg_advisory_unlock", kind, number)

    def close(self) -> None:
        """Let go of everything."""
        if self._session is not None:
            self._session.close()
            self._session = None
