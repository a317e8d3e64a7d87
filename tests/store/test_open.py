"""Opening: files for their owner alone, errors that say what to do, locks."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from mailbot.errors import ConfigError, StoreUnwritable
from mailbot.store import Store, migrate
from tests.servers.postgres import postgres
from tests.store.example import NOW, add, handle, settings


def test_every_file_is_for_its_owner_alone(tmp_path):
    """Database, log, journal, key and lock have mode 0600, whatever the umask is."""
    old = os.umask(0)
    try:
        with Store.open(settings(tmp_path)) as store, store.exclusive(0):
            handle(store, add())
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert set(modes) == {"mailbot.db", "mailbot.db-wal", "mailbot.db-shm", "mailbot.db.lock", "mailbot.journal", "mailbot.key"}
    assert set(modes.values()) == {0o600}


def test_pragmas_are_set(sqlite):
    """Durable commits, overwritten deletions, checked references, no temporary files."""
    with sqlite.reading() as tx:
        pragmas = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
        found = [tx.work.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    assert found == ["wal", 2, 1, 1, 2]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "postgresql://x/y"])
def test_a_wrong_url_is_a_configuration_error(tmp_path, url):
    """The message names the key."""
    with pytest.raises(ConfigError, match="store.url"):
        Store.open(settings(tmp_path, url))


def test_a_file_that_is_no_database_is_a_configuration_error(tmp_path):
    """Nothing is written into somebody else's file."""
    (tmp_path / "mailbot.db").write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(ConfigError, match="not a usable database"):
        Store.open(settings(tmp_path))
    assert (tmp_path / "mailbot.db").read_bytes().startswith(b"Dear diary")


def test_a_newer_schema_is_a_configuration_error(tmp_path):
    """An older mailbot does not touch a newer store."""
    Store.open(settings(tmp_path)).close()
    connection = sqlite3.connect(tmp_path / "mailbot.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigError, match="newer"):
        Store.open(settings(tmp_path))


def test_postgresql_is_migrated_only_when_told(tmp_path):
    """Opening an empty PostgreSQL store says what to do; ``migrate`` does it."""
    with postgres() as url:
        with pytest.raises(ConfigError, match="is empty") as caught:
            Store.open(settings(tmp_path, url))
        assert "mailbot migrate" in caught.value.remedy
        assert migrate(settings(tmp_path, url)) is None
        Store.open(settings(tmp_path, url)).close()


def test_an_unreachable_server_is_unwritable(tmp_path):
    """Exit 75: the same thing may work later."""
    with pytest.raises(StoreUnwritable):
        Store.open(settings(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:1/none"))


def test_a_folder_in_the_way_is_unwritable(tmp_path):
    """What can't be opened is named."""
    (tmp_path / "mailbot.db").mkdir()
    with pytest.raises(StoreUnwritable, match=r"mailbot\.db"):
        Store.open(settings(tmp_path))


def test_a_read_only_database_is_unwritable(sqlite):
    """A database that refuses writes is StoreUnwritable, and nothing happened."""
    with sqlite.reading() as tx:
        tx.work.connection.connection.driver_connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnwritable, match="readonly"):
        handle(sqlite, add())


def test_a_full_disk_is_unwritable_and_nothing_is_lost(sqlite):
    """The transaction that did not fit has not happened; the one after it does."""
    handle(sqlite, add("r1"))
    with sqlite.reading() as tx:
        pages = tx.work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.work.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreUnwritable, match="full") as caught:
        handle(sqlite, add("r2", "other@post.example"), uid=2, text="x" * 20_000)
    assert "room" in caught.value.remedy
    with sqlite.reading() as tx:
        tx.work.connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    handle(sqlite, add("r3", "third@post.example"), uid=3)
    assert [r.id for r in sqlite.participants()] == ["r1", "r3"]


def test_a_locked_database_is_unwritable(tmp_path, monkeypatch):
    """Another writer is waited for, then said."""
    monkeypatch.setattr("mailbot.store.engine._PRAGMAS", ("busy_timeout = 50", "journal_mode = WAL"))
    with Store.open(settings(tmp_path)) as store, sqlite3.connect(tmp_path / "mailbot.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnwritable, match="locked"):
            handle(store, add())


def test_errors_never_show_values(store):
    """Not even a bug of ours prints an address: parameters are hidden."""
    handle(store, add("r1"))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the database raises
        handle(store, add("r1", "secret.person@post.example", "Secret Person"), uid=2)
    assert "secret.person" not in str(caught.value)


def test_one_run_at_a_time(tmp_path):
    """The second run is told, also by another process; the lock ends with its holder."""
    with Store.open(settings(tmp_path)) as store, Store.open(settings(tmp_path)) as other:
        with store.exclusive(0), pytest.raises(StoreUnwritable, match="another mailbot run"), other.exclusive(0):
            pass
        with other.exclusive(0):
            pass


def test_a_killed_run_leaves_no_lock(tmp_path):
    """The lock of a process that was killed is free."""
    code = (
        "import fcntl, os, sys, time\n"
        f"f = os.open({str(tmp_path / 'mailbot.db.lock')!r}, os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    )
    with Store.open(settings(tmp_path)) as store, subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnwritable), store.exclusive(0):
            pass
        holder.kill()
        with store.exclusive(5):
            pass


def test_one_worker_reads_a_mailbox(configured):
    """On PostgreSQL a second worker is told that the mailbox is taken; on SQLite there is only one."""
    shared = configured.store.url.startswith("postgresql")
    with Store.open(configured) as store, Store.open(configured) as other:
        with store.mailbox_lock("main") as first, other.mailbox_lock("main") as second, other.mailbox_lock("second") as third:
            assert (first, second, third) == (True, not shared, True)
        with other.mailbox_lock("main") as again:
            assert again


def test_writers_wait_for_each_other(configured):
    """What one transaction read stays true until its commit: two workers never give the last seat twice."""
    seen = []
    with Store.open(configured) as store, Store.open(configured) as other:
        with store.transaction() as tx:
            thread = threading.Thread(target=lambda: (handle(other, uid=2), seen.append("second")))
            thread.start()
            thread.join(0.3)
            assert seen == []
            tx.apply((add(),), NOW)
            seen.append("first")
        thread.join(10)
    assert seen == ["first", "second"]


def test_a_used_store_without_its_key_or_journal_stops(configured):
    """Without the key nobody would be found; without the journal nobody knows who was erased: exit 78 for both."""
    with Store.open(configured) as store:
        handle(store, add())
    for path in (configured.store.journal, configured.store.key_file):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(ConfigError, match=str(path)):
            Store.open(configured)
        path.write_bytes(content)
    configured.store.key_file.write_bytes(b"short")
    with pytest.raises(ConfigError, match="no key file"):
        Store.open(configured)


def test_an_empty_store_makes_its_files(configured):
    """A first start needs nothing."""
    Store.open(configured).close()
    assert len(configured.store.key_file.read_bytes()) == 32
    assert configured.store.journal.read_bytes() == b""
