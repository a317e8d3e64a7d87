"""What of an access answer a person reads in the mail: their data, the most important first, without technical values.

Pure. Never shortens the attached file, which holds every value (GDPR Art. 15 (3)); the mail says so.
"""

from collections.abc import Iterable, Mapping

_FIRST = ("registration", "subscription", "request", "ledger", "outbox", "mailing")
_TECHNICAL_TABLES = {"token", "sighting", "introduced"}
_TECHNICAL = {
    "id", "mailbox", "message_id", "action", "reasons", "filing", "tries", "error", "envelope_from", "nature", "due_at",
    "attempted_at", "last_error", "handled_at",
}  # fmt: skip
_EMPTY: tuple[object, ...] = (None, "", [], {})


def readable(records: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Give the tables with the rows as they are shown; what is unknown here is shown rather than left out."""
    shown = [table for table in records if table["table"] not in _TECHNICAL_TABLES]
    order = {name: number for number, name in enumerate(_FIRST)}
    shown.sort(key=lambda table: order.get(str(table["table"]), len(order)))
    return [{"table": table["table"], "rows": [_row(str(table["table"]), row) for row in _rows(table)]} for table in shown]


def _rows(table: Mapping[str, object]) -> list[Mapping[str, object]]:
    rows = table["rows"]
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _row(table: str, row: Mapping[str, object]) -> dict[str, object]:
    kept = {column: value for column, value in row.items() if column not in _TECHNICAL and value not in _EMPTY}
    if table == "subscription" and kept.get("status") == "pending":
        kept["status"] = "identity_pending"  # nothing is incomplete: it waits for the reply that confirms it
    return kept
