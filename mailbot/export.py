"""CSV, XLSX and JSON for people: the one place that defuses spreadsheet formulas, and that reads lists to import.

Knows nothing of the store. Upstream: the command line's rows; downstream: a file.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from mailbot.errors import UsageError

FORMATS = ("csv", "xlsx", "json")
Row = Mapping[str, object]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # the full-width ones are folded by Excel
_MAX_CELL = 32_767  # Excel refuses longer ones


def defuse(value: object) -> str:
    """Give a cell's text that no spreadsheet takes for a formula: what could start one gets an apostrophe (OWASP)."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    text = "".join(c for c in text if c.isprintable() or c in "\n\t")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def to_bytes(rows: Sequence[Row], columns: Sequence[str], form: str) -> bytes:
    """Give a table in one of ``FORMATS``; JSON holds the values as they are, since no spreadsheet reads it as cells."""
    if form == "json":
        plain = [{column: _plain(row.get(column)) for column in columns} for row in rows]
        return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")
    return _csv(rows, columns) if form == "csv" else _xlsx(rows, columns)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _csv(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """RFC 4180, UTF-8 with a mark at the start, without which Excel reads it in a legacy code page."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([defuse(row.get(column)) for column in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    import openpyxl  # noqa: PLC0415 - a quarter of a second that only this format costs
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("mailbot")
    sheet.freeze_panes = "A2"
    for values in (columns, *([row.get(column) for column in columns] for row in rows)):
        cells = []
        for value in values:
            cell = WriteOnlyCell(sheet, value=defuse(value)[:_MAX_CELL])
            cell.data_type = "s"  # text, whatever it looks like
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_csv(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, str]]:
    """Read a list with a header line; raises UsageError that names line and column. Comma, semicolon or tab between columns."""
    text = _text(path)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    header = [(name or "").strip().casefold() for name in reader.fieldnames or ()]
    _check_header(path, header, required, optional)
    reader.fieldnames = header
    try:
        return list(_rows(reader, path))
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num + 1}: {error}", remedy="correct the line: nothing was imported") from None


def _text(path: Path) -> str:
    remedy = "save it as CSV in UTF-8: nothing was imported"
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not written in UTF-8", remedy=remedy) from None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}", remedy="name a file that can be read") from None


def _check_header(path: Path, header: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> None:
    expected = ",".join(required) + "".join(f"[,{name}]" for name in optional)
    for name in required:
        if name not in header:
            raise UsageError(f"{path}: the column '{name}' is missing", remedy=f"the first line must be {expected}")
    unknown = [name for name in header if name not in (*required, *optional)]
    if unknown:
        raise UsageError(f"{path}: unknown column '{unknown[0]}'", remedy=f"the first line must be {expected}")


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterable[dict[str, str]]:
    for row in reader:
        if None in row or None in row.values():
            problem = f"{path}, line {reader.line_num}: {'more' if None in row else 'fewer'} values than columns"
            raise UsageError(problem, remedy="put values that hold a separator into quotes: nothing was imported")
        clean = {name: _bare(value) for name, value in row.items()}
        if any(clean.values()):
            yield {**clean, "line": str(reader.line_num)}


def _bare(value: str) -> str:
    """Take back what ``defuse`` put in front, so that an export can be imported."""
    text = value.strip()
    return text[1:] if text.startswith("'") and text[1:].lstrip(" \u00a0").startswith(_FORMULA) else text
