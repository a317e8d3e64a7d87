"""The writing side of a transaction: rows wait and are inserted together, one statement for the rows of many mails.

Whoever could miss a waiting row has it written first (``Work.execute`` always, look-ups by hash when one of theirs waits), so
that a person's second mail sees the first. A savepoint is told to the database only when something inside it was written.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import Insert

from mailbot.store.tables import all_tables

Row = dict[str, Any]
_PARENTS_FIRST = {of.name: number for number, of in enumerate(all_tables())}


class Writes:
    """What one transaction has still to insert. ``changed``: hashes whose rows may differ from what was read before."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[Insert, tuple[str, ...]], list[Row]] = {}
        self._waiting: set[bytes] = set()
        self._before: dict[tuple[Insert, tuple[str, ...]], int] | None = None  # inside a savepoint: rows that are not its own
        self._saved = False
        self.changed: set[bytes] = set()

    def later(self, statement: Insert, row: Row, *found_by: bytes | None) -> None:
        """Insert a row at the end, or when a look-up by one of these hashes could miss it."""
        self._rows.setdefault((statement, tuple(row)), []).append(row)
        hashes = {h for h in found_by if h is not None}
        self._waiting |= hashes
        self.changed |= hashes

    def holds(self, hashes: Iterable[bytes]) -> bool:
        """Whether a row waits that is found by one of these hashes."""
        return not self._waiting.isdisjoint(hashes)

    def flush(self, *, then_write: bool = False) -> None:
        """Insert everything that waits; ``then_write``: the caller is going to write, too."""
        if self._before is not None and not self._saved:
            own = self._cut(self._before)
            self._insert()
            self._before = {}
            if not own and not then_write:
                return
            self._connection.exec_driver_sql("SAVEPOINT mail")  # half the cost of SQLAlchemy's own
            self._saved, self._rows = True, own
        self._insert()

    def _cut(self, lengths: dict[tuple[Insert, tuple[str, ...]], int]) -> dict[tuple[Insert, tuple[str, ...]], list[Row]]:
        """Take away the rows that came after there were so many; gives them."""
        cut = {kind: rows[lengths.get(kind, 0) :] for kind, rows in self._rows.items()}
        self._rows = {kind: rows[: lengths.get(kind, 0)] for kind, rows in self._rows.items()}
        return {kind: rows for kind, rows in cut.items() if rows}

    def _insert(self) -> None:
        kinds, self._rows = self._rows, {}
        self._waiting = set()
        for kind, rows in sorted(kinds.items(), key=lambda item: _PARENTS_FIRST[item[0][0].table.name]):
            if rows:
                self._connection.execute(kind[0], rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is written inside when it raises; the rest of the transaction stays."""
        self._before = {kind: len(rows) for kind, rows in self._rows.items()}
        try:
            yield
        except BaseException:
            if self._saved:
                self._rows = {}
                self._end("ROLLBACK TO SAVEPOINT mail", "RELEASE SAVEPOINT mail")
            else:
                self._cut(self._before)
            raise
        else:
            if self._saved:
                self._end("RELEASE SAVEPOINT mail")
        finally:
            self._before = None

    def _end(self, *statements: str) -> None:
        for statement in statements:
            self._connection.exec_driver_sql(statement)
        self._saved = False
