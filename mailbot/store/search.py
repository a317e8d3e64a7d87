"""Search everything for what must not be there any more, as bytes; and rebuild the files so that no deleted byte is left.

SQLite: database, ``-wal``, ``-shm`` and the journal, byte by byte. PostgreSQL: every column as text (its files and server-side
logs are out of reach: the organiser's job, as the documentation says).
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from sqlalchemy import Engine, LargeBinary, Text, cast, func, select, text

from mailbot.errors import StoreUnwritable
from mailbot.settings import Store as StoreSettings
from mailbot.store.engine import bare, database_path, is_sqlite
from mailbot.store.marks import CleanText
from mailbot.store.tables import all_tables
from mailbot.store.work import Work


def vacuum(engine: Engine) -> None:
    """Rebuild the database and empty its write-ahead log."""
    sqlite = engine.dialect.name == "sqlite"
    checkpoint(engine, must=True)
    with bare(engine) as connection:
        ours = ", ".join(of.name for of in all_tables())
        for statement in ("VACUUM",) if sqlite else (f"VACUUM (FULL, ANALYZE) {ours}", "CHECKPOINT"):
            connection.execute(text(statement))
    checkpoint(engine, must=True)


def checkpoint(engine: Engine, *, must: bool = False) -> None:
    """Write the log into the database and cut it to nothing, now or (somebody still reads in it) with the next call.

    ``must``: it has to be now; raises StoreUnwritable if it can't.
    """
    if engine.dialect.name != "sqlite":
        return
    with bare(engine) as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
    if busy and must:
        problem = "the store's write-ahead log can't be emptied: another program keeps it in use"
        raise StoreUnwritable(problem, remedy="close it; the next run goes on")


def search(work: Work, values: Collection[str], settings: StoreSettings) -> int:
    """Count the values that are found; one that is only part of somebody else's kept address or name does not count."""
    if is_sqlite(settings.url):
        path = database_path(settings.url)
        files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), settings.journal]
        excuses = _excuses(work, values)
        return sum(_in_file(file, values, excuses) for file in files if file.exists())
    return _in_columns(work, values)


def _forms(value: str) -> set[bytes]:
    """The spellings to look for in bytes whose ASCII letters are lower-cased."""
    return {
        form.encode("utf-8", "replace").lower() for form in (value, value.lower(), value.upper(), value.casefold(), value.title())
    }


def _excuses(work: Work, values: Collection[str]) -> dict[str, list[bytes]]:
    """For each value the longer texts, stored about others, that hold it: anna@x stands in joanna@x."""
    folded = {v: v.casefold() for v in values}
    found: dict[str, list[bytes]] = {}
    for kept in set(_short_texts(work)):
        longer = kept.casefold()
        for value, wanted in folded.items():
            if wanted in longer and wanted != longer and not _stands_alone(wanted, longer):
                found.setdefault(value, []).extend(_forms(kept))
    return found


def _stands_alone(value: str, inside: str) -> bool:
    """Whether a value is there as a whole, not as part of a longer word."""
    return re.search(rf"(?<![\w.+%-]){re.escape(value)}(?![\w-])", inside) is not None


def _short_texts(work: Work) -> Iterator[str]:
    """Addresses and names that are stored still."""
    names = {"email", "name", "address", "to", "sender", "by"}
    for of in all_tables():
        for column in of.columns:
            if column.key in names and isinstance(column.type, CleanText):
                yield from work.execute(select(column).where(column.is_not(None)).distinct()).scalars()


def _in_file(path: Path, values: Iterable[str], excuses: dict[str, list[bytes]]) -> int:
    """Count occurrences in a file."""
    try:
        content = path.read_bytes().lower()
    except OSError as error:
        raise StoreUnwritable(f"{path} can't be searched: {error.strerror}") from error
    return sum(_hits(content, form, excuses.get(value, [])) for value in values for form in _forms(value))


def _hits(content: bytes, form: bytes, excuses: list[bytes]) -> int:
    hits, start = 0, content.find(form)
    while start >= 0:
        hits += not any(_excused(content, start, form, longer) for longer in excuses)
        start = content.find(form, start + 1)
    return hits


def _excused(content: bytes, start: int, form: bytes, longer: bytes) -> bool:
    offset = longer.find(form)
    while offset >= 0:
        if start >= offset and content[start - offset : start - offset + len(longer)] == longer:
            return True
        offset = longer.find(form, offset + 1)
    return False


def _in_columns(work: Work, values: Iterable[str]) -> int:
    """Count rows of PostgreSQL that hold a value in any column."""
    hits = 0
    wanted = [v.casefold() for v in values]
    for of in all_tables():
        for column in of.columns:
            shown = func.encode(column, "escape") if isinstance(column.type, LargeBinary) else cast(column, Text)
            for content in work.execute(select(shown).where(column.is_not(None))).scalars():
                folded = content.casefold()
                hits += sum(_stands_alone(v, folded) for v in wanted if v in folded)
    return hits
