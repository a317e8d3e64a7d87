"""The journal: an append-only file outside the database with the keyed hashes of who was suppressed or erased.

Written and fsynced before the commit, so that an old copy of the database can be brought up to date. Holds no address.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from mailbot.errors import ConfigError, StoreUnwritable

ANY_EVENT = "*"


class Entry(StrEnum):
    """What a line says about its hash."""

    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``event`` is an event's id, or ``*`` for everything; ``hash`` is hexadecimal."""

    kind: Entry
    hash: str
    event: str
    time: datetime

    def dump(self) -> bytes:
        """Write the line as JSON."""
        return json.dumps({**asdict(self), "time": self.time.isoformat()}).encode() + b"\n"


def _load(raw: bytes) -> Line:
    values = json.loads(raw)
    kind, time = Entry(values["kind"]), datetime.fromisoformat(values["time"])
    return Line(kind=kind, hash=str(values["hash"]), event=str(values["event"]), time=time)


class Journal:
    """The file; opened for each write, since writes are rare and another process may have replaced it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ensure(self, *, filled: bool) -> None:
        """Make the file for a new store; raises ConfigError when a filled store has lost it."""
        if self.path.exists():
            return
        if filled:
            problem = f"store.journal: {self.path} is missing although the store is in use"
            lost = "without it nobody knows who was erased or unsubscribed since a backup"
            raise ConfigError([f"{problem}: {lost}"], remedy="put it back; make an empty file only if the database is no old copy")
        self._write([], os.O_CREAT)

    def append(self, lines: Sequence[Line]) -> None:
        """Append lines and wait until they are on disk."""
        if lines:
            self._write(lines, 0)

    def _write(self, lines: Iterable[Line], flags: int) -> None:
        data = b"".join(line.dump() for line in lines)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | flags, 0o600)
            try:
                if data and not self._ends_with_newline(descriptor):
                    data = b"\n" + data  # the last line was torn by a crash
                _write_all(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StoreUnwritable(f"the journal {self.path} can't be written: {error.strerror}") from error

    @staticmethod
    def _ends_with_newline(descriptor: int) -> bool:
        size = os.fstat(descriptor).st_size
        return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"

    def lines(self) -> tuple[Line, ...]:
        """Read every line; one torn by a crash belongs to a transaction that never happened and is passed over."""
        try:
            raws = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise StoreUnwritable(f"the journal {self.path} can't be read: {error.strerror}") from error
        return tuple(line for raw in raws if raw.strip() and (line := _try_load(raw)))

    def rewrite(self, lines: Sequence[Line]) -> None:
        """Replace the file by these lines (what was too old is gone); all or nothing."""
        fresh = Journal(self.path.with_name(self.path.name + ".new"))
        try:
            fresh.path.unlink(missing_ok=True)
            fresh._write(lines, os.O_CREAT)
            fresh.path.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise StoreUnwritable(f"the journal {self.path} can't be rewritten: {error.strerror}") from error


def _try_load(raw: bytes) -> Line | None:
    try:
        return _load(raw)
    except (ValueError, KeyError, TypeError):
        return None


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
