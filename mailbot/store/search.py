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
from mailbot.store.needles import Needles
from mailbot.store.tables import all_tables
from mailbot.store.work import Work

_PIECE, _REACH = 1 << 20, 2048  # bytes read at once; more than any address or name with what surrounds it


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


def _forms(value: str) -> set[str]:
    """The spellings to look for in bytes whose ASCII letters are lower-cased (each byte a character)."""
    forms = (value, value.lower(), value.upper(), value.casefold(), value.title())
    return {form.encode("utf-8", "replace").lower().decode("latin-1") for form in forms}


def _excuses(work: Work, values: Collection[str]) -> dict[str, list[str]]:
    """For each form of a value the longer texts, stored about others, that hold it: anna@x stands in joanna@x."""
    forms: dict[str, set[str]] = {}
    for value in values:
        forms.setdefault(value.casefold(), set()).update(_forms(value))
    wanted = Needles(forms)
    found: dict[str, list[str]] = {}
    for kept in set(_short_texts(work)):
        longer = kept.casefold()
        for value in {v for v, _ in wanted.within(longer) if v != longer and not _stands_alone(v, longer)}:
            for form in forms[value]:
                found.setdefault(form, []).extend(_forms(kept))
    return found


def _stands_alone(value: str, inside: str) -> bool:
    """Whether a value is there as a whole, not as part of a longer word."""
    return re.search(rf"(?<![\w.+%-]){re.escape(value)}(?![\w-])", inside) is not None


def _short_texts(work: Work) -> Iterator[str]:
    """Addresses and names that are stored still."""
    names = {"email", "name", "institution", "address", "to", "sender", "by"}
    for of in all_tables():
        for column in of.columns:
            if column.key in names and isinstance(column.type, CleanText):
                yield from work.execute(select(column).where(column.is_not(None)).distinct()).scalars()


def _in_file(path: Path, values: Iterable[str], excuses: dict[str, list[str]]) -> int:
    """Count occurrences in a file, read piece by piece."""
    wanted = Needles(form for value in values for form in _forms(value))
    hits = 0
    try:
        for content, start, end in _pieces(path):
            found = (hit for hit in wanted.within(content) if start <= hit[1] < end)
            hits += sum(not any(_excused(content, at, form, longer) for longer in excuses.get(form, ())) for form, at in found)
    except OSError as error:
        raise StoreUnwritable(f"{path} can't be searched: {error.strerror}") from error
    return hits


def _pieces(path: Path) -> Iterator[tuple[str, int, int]]:
    """Give a file's content, ASCII letters lower-cased, in overlapping pieces, with the part of each that is to be looked at."""
    content, start = "", 0
    with path.open("rb") as file:
        while block := file.read(_PIECE):
            content += block.lower().decode("latin-1")
            end = max(start, len(content) - _REACH)
            yield content, start, end
            cut = max(0, end - _REACH)
            content, start = content[cut:], end - cut
    yield content, start, len(content)


def _excused(content: str, start: int, form: str, longer: str) -> bool:
    offset = longer.find(form)
    while offset >= 0:
        if start >= offset and content.startswith(longer, start - offset):
            return True
        offset = longer.find(form, offset + 1)
    return False


def _in_columns(work: Work, values: Iterable[str]) -> int:
    """Count rows of PostgreSQL that hold a value in any column."""
    hits = 0
    wanted = Needles(v.casefold() for v in values)
    for of in all_tables():
        for column in of.columns:
            shown = func.encode(column, "escape") if isinstance(column.type, LargeBinary) else cast(column, Text)
            for content in work.execute(select(shown).where(column.is_not(None))).scalars():
                folded = content.casefold()
                hits += sum(_stands_alone(v, folded) for v in {v for v, _ in wanted.within(folded)})
    return hits
