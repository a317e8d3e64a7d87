"""Open the database: pragmas, transactions out of the driver's hands, files that only their owner reads, and migrations.

SQLite migrates when it is opened; PostgreSQL, which several workers share, only by ``mailbot migrate``.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InternalError, NoSuchModuleError, OperationalError

from mailbot.errors import ConfigError, StoreUnwritable
from mailbot.store.marks import clean
from mailbot.store.tables import HEAD

BUSY_SECONDS = 10
WRITE_LOCK = (0x6D61, 1)  # advisory lock on PostgreSQL: one writing transaction at a time, as on SQLite
_PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000}",
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit that was reported survives a power cut
    "foreign_keys = ON",
    "secure_delete = ON",  # deleted bytes are overwritten; the rest of the file's traces go with the vacuum
    "temp_store = MEMORY",  # no personal value in temporary files
)
_OURS = ("no such table", "no such column", "syntax error")  # a bug, not the store's state


def is_sqlite(url: str) -> bool:
    """Whether the store is SQLite."""
    return url.startswith("sqlite")


def database_path(url: str) -> Path:
    """The file of an SQLite store; raises ConfigError where there is none."""
    name = parse_url(url).database
    if not name or name == ":memory:":
        raise ConfigError(["store.url: mailbot must remember what it did: name a file, for example sqlite:///mailbot.db"])
    return Path(name)


def parse_url(url: str) -> URL:
    """Read ``store.url``; raises ConfigError for one that is no store of ours."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigError(["store.url: write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"])
    return parsed


def make_engine(url: str) -> Engine:
    """Make the engine; the database file is created with mode 0600. Nothing is written into it yet."""
    parsed = parse_url(url)
    options: dict[str, Any] = {"hide_parameters": True, "json_serializer": _dump_json}
    try:
        if is_sqlite(url):
            _touch(database_path(url))
            engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **options)
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            engine = create_engine(parsed, connect_args={"connect_timeout": BUSY_SECONDS}, pool_pre_ping=True, **options)
    except (ImportError, NoSuchModuleError) as error:
        remedy = "pip install 'mailbot[postgres]'"
        raise ConfigError(["store.url: the driver of PostgreSQL is not installed"], remedy=remedy) from error
    event.listen(engine, "begin", _begin)
    return engine


def _touch(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives ``-wal`` and ``-shm`` the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnwritable(f"the store {path} can't be opened: {error.strerror}") from error


def _dump_json(value: object) -> str:
    """Write JSON with letters as they are (the search for a name must find it), without what databases refuse."""
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\\u0000", ""))


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # else the driver opens and closes transactions by its own rules
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get("writes", False)
    if options.get("bare", False):
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")  # IMMEDIATE: what was read stays true till the commit
    elif writes and options.get("alone", True):
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:kind, :number)"), dict(zip(("kind", "number"), WRITE_LOCK, strict=True))
        )


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database that can't be reached, read or written into a ``StoreUnwritable`` that says why."""
    try:
        yield
    except (OperationalError, InternalError) as error:
        reason = _reason(error)
        if any(sign in reason for sign in _OURS):
            raise
        raise StoreUnwritable(f"the store can't be used now: {reason}", remedy=_remedy(reason)) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # constraints and the like are bugs of ours
            raise
        raise ConfigError(
            [f"store.url: this file is not a usable database ({_reason(error)}): name another, or restore it"]
        ) from error


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


def _remedy(reason: str) -> str:
    if "locked" in reason:
        return "another program is writing to it: try again"
    if "full" in reason or "space" in reason:
        return "make room on the disk and run again: nothing was lost"
    return "see that the file or server can be reached and written to, and run again"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection to read with; whatever is written in it all the same is undone."""
    with translated(), engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@contextmanager
def writing(engine: Engine, *, alone: bool = True) -> Iterator[Connection]:
    """Give a connection inside one writing transaction; ``alone=False`` lets others write beside it on PostgreSQL."""
    options = {"writes": True, "alone": alone}
    with translated(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def bare(engine: Engine) -> Iterator[Connection]:
    """Give a connection outside any transaction, for what refuses to run in one (VACUUM, checkpoints)."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with translated(), engine.connect().execution_options(bare=True, **level) as connection:
        yield connection


def revision(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(engine: Engine) -> str | None:
    """Bring the schema to the newest revision in one transaction; gives the revision before."""
    with writing(engine) as connection:
        before = revision(connection)
        if before == HEAD:
            return before
        from mailbot.store import migrations  # noqa: PLC0415 - alembic takes a quarter of a second to load

        if before is not None and not migrations.known(before):
            raise ConfigError(
                [f"store.url: the store was written by a newer mailbot (schema {before}): install that version or restore a backup"]
            )
        migrations.upgrade(connection)
    return before


def require_head(engine: Engine) -> None:
    """Raise ConfigError unless the schema is the newest."""
    with reading(engine) as connection:
        now = revision(connection)
    if now != HEAD:
        what = "is empty" if now is None else f"has the schema {now}, this mailbot needs {HEAD}"
        raise ConfigError([f"store.url: the store {what}"], remedy="run 'mailbot migrate' (on all machines the same version)")
