"""The tables: every column is marked, and models and migrations are the same."""

import re

from sqlalchemy import create_engine, inspect, text

from mailbot.store import Store, migrate, migrations
from mailbot.store import engine as db
from mailbot.store.marks import Mark, clean
from mailbot.store.tables import HEAD, Base, all_tables, marked
from tests.servers.postgres import postgres
from tests.store.example import add, handle, letter, settings, token


def test_every_column_has_its_mark():
    """A column without a mark would be left out of access answers and erasure; the message has the line to add."""
    missing = [
        f"mailbot/store/tables.py, {table.name}.{column.name}: add mark(Keep.MAILS) or mark(Keep.MAILS, Who.RECEIVER)"
        for table in all_tables()
        for column in table.columns
        if not isinstance(column.info.get("mark"), Mark)
    ]
    assert missing == []


def test_whoever_is_in_a_table_can_be_found_in_it():
    """Each personal value belongs to somebody whom a hash column of the same table finds."""
    alone = {"erasure_job", "removal"}  # both are emptied by their own end
    lost = [
        f"{table.name}.{column.name}"
        for table in all_tables()
        if table.name not in alone
        for column, mark in marked(table)
        if mark.personal and not any(m.finds and m.who is mark.who for _, m in marked(table))
    ]
    assert lost == []


def test_hashes_and_secrets_are_not_exported():
    """No hash, key or token tag stands in an access answer."""
    shown = [
        f"{t.name}.{c.name}" for t in all_tables() for c, m in marked(t) if m.export and re.search("hash|key$|tag|claimed", c.name)
    ]
    assert shown == []


def test_models_and_migrations_are_the_same(configured):
    """``alembic check`` finds nothing to do after an upgrade from empty, on both databases."""
    engine = db.make_engine(configured.store.url)
    db.migrate(engine)
    with db.writing(engine) as connection:
        migrations.check(connection)
        assert db.revision(connection) == HEAD
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_an_empty_database_is_brought_to_the_newest_schema_once(tmp_path):
    """A second migration changes nothing."""
    engine = db.make_engine(settings(tmp_path).store.url)
    assert db.migrate(engine) is None
    assert db.migrate(engine) == HEAD
    engine.dispose()


def test_what_no_database_can_hold_is_cleaned():
    """NUL and lone surrogates are taken out, letters stay."""
    assert clean("a\0b\udcfc ü") == "ab? ü"


def test_personal_values_stay_out_of_postgresqls_statistics(tmp_path):
    """Its planner copies frequent values into a catalogue that no erasure reaches: not those of personal columns."""
    with postgres() as url:
        migrate(settings(tmp_path, url))
        with Store.open(settings(tmp_path, url)) as store:
            handle(store, add(), token(), text="Ich heiße Anna Albers.", letters=[letter()])
            store.vacuum()
        engine = create_engine(url)
        with engine.connect() as connection:
            counted = connection.execute(text("SELECT tablename, attname, most_common_vals::text FROM pg_stats")).all()
        engine.dispose()
    personal = {(t.name, c.name) for t in all_tables() for c, m in marked(t) if m.personal and not m.finds and c.name != "name_key"}
    assert personal
    assert personal.isdisjoint({(table, column) for table, column, _ in counted})
    assert ("ledger", "outcome") in {(table, column) for table, column, _ in counted}
