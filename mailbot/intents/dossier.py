"""What is stored about one person, as tables, JSON and CSV; other people's data left out (GDPR Art. 15 (4)). Pure."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.domain.facts import Record, Registration
from mailbot.domain.mail import Attachment, fold_address
from mailbot.intents.base import Case
from mailbot.intents.people import fold_name, in_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would carry these out


def tables(case: Case, address: str, mine: Sequence[Registration]) -> list[dict[str, object]] | None:
    """Every stored row about the person, table by table; None when the store was not asked for them."""
    records = case.facts.dossiers.get(fold_address(address))
    if records is None:
        return None
    own = {r.id for r in mine}
    others = [
        r for r in case.facts.registered(address) if r.id not in own and fold_name(r.name) not in {fold_name(m.name) for m in mine}
    ]
    kept = [r for r in records if _is_mine(r, own, others)]
    return [
        {"table": table, "rows": [dict(r.values) for r in kept if r.table == table]}
        for table in dict.fromkeys(r.table for r in kept)
    ]


def _is_mine(record: Record, own: set[str], others: Sequence[Registration]) -> bool:
    """A registration by its id; anything else unless it speaks of somebody else who shares the address."""
    if record.table == "registration" and "id" in record.values:
        return str(record.values["id"]) in own
    said = " ".join(str(value) for value in record.values.values() if value is not None)
    return not in_text(others, said)


def as_json(made: Sequence[Mapping[str, object]]) -> Attachment:
    """The tables as they are, machine-readable."""
    return _attachment("data.json", "application/json", json.dumps(made, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def as_csv(made: Sequence[Mapping[str, object]]) -> tuple[Attachment, ...]:
    """One CSV file per table (RFC 4180); a cell never becomes a formula."""
    return tuple(_attachment(f"{table['table']}.csv", "text/csv", _csv(table["rows"])) for table in made)


def _csv(rows: object) -> str:
    assert isinstance(rows, list)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else _plain(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _attachment(filename: str, content_type: str, text: str) -> Attachment:
    content = text.encode()
    return Attachment(filename=filename, content_type=content_type, content=content, size=len(content))
