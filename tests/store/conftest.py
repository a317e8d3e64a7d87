"""One suite, run on SQLite and on PostgreSQL; each database is migrated once and emptied for each test."""

import shutil

import pytest
from sqlalchemy import create_engine, text

from mailbot.store import Store, migrate
from mailbot.store.tables import all_tables
from tests.servers.postgres import postgres
from tests.store.example import settings


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """An empty SQLite database with the newest schema."""
    folder = tmp_path_factory.mktemp("template")
    migrate(settings(folder))
    return folder / "mailbot.db"


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL database with the newest schema: its address and an engine to empty it with."""
    with postgres() as url:
        engine = create_engine(url)
        yield url, engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def configured(request, tmp_path):
    """A configuration with an empty store, once for each database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "mailbot.db")
        return settings(tmp_path)
    url, engine = request.getfixturevalue("server")
    made = settings(tmp_path, url)
    if migrate(made) is not None:
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE " + ", ".join(t.name for t in all_tables()) + " RESTART IDENTITY"))
    return made


@pytest.fixture
def store(configured):
    """An open, empty store, once for each database."""
    with Store.open(configured) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path, template):
    """An open, empty store on SQLite."""
    shutil.copy(template, tmp_path / "mailbot.db")
    with Store.open(settings(tmp_path)) as opened:
        yield opened
