"""Results on standard output: listings as text or JSON. Whatever a participant wrote is shown, never obeyed by the terminal."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from mailbot.errors import MailbotError, UsageError


def safe(text: str) -> str:
    """Show control characters, escape sequences and direction marks as visible escapes instead of sending them."""
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    if char in "\n\r\t\u00a0\u202f":  # the harmless ones become a space
        return " "
    return char.encode("unicode_escape").decode("ascii")


def to_json(value: object, *, indent: int | None = 2) -> str:
    """Give JSON that keeps letters readable and holds no raw control character (C1 ones are no concern of JSON)."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return "".join(c if c.isprintable() or c == "\n" else _json_escaped(c) for c in text)


def _json_escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def emit(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str, columns: Sequence[str], zone: tzinfo = UTC) -> None:
    """Print a listing: a JSON array, or aligned columns under their names; ``empty`` when there is nothing."""
    if as_json:
        click.echo(to_json(rows))
    elif rows:
        for line in table(rows, columns, zone):
            click.echo(line)
    else:
        click.echo(empty)


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str], zone: tzinfo = UTC) -> list[str]:
    """Give aligned lines: the names of the columns, then one line a row."""
    cells = [[column.replace("_", " ") for column in columns]] + [
        [shown(row.get(column), zone) for column in columns] for row in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def shown(value: object, zone: tzinfo = UTC) -> str:
    """Give a value as a person reads it: times on the clock of ``zone``, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return safe(", ".join(str(item) for item in value))
    return safe(str(value))


def write_file(content: bytes, path: Path | None, *, binary: bool) -> None:
    """Write to a file that only its owner reads, or to standard output (never binary data to a terminal)."""
    if path is None:
        if binary and sys.stdout.isatty():
            raise UsageError("this format is no text", remedy="add --output FILE")
        sys.stdout.buffer.write(content)
        return
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise MailbotError(f"{path} can't be written: {error.strerror}", remedy="name another file") from None
    click.echo(f"written: {path}", err=True)
