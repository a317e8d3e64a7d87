"""One suite, run on SQLite and on PostgreSQL."""

import pytest

from mailbot.store import Store, migrate
from tests.servers.postgres import postgres
from tests.store.example import settings


@pytest.fixture(params=["sqlite", "postgres"])
def configured(request, tmp_path):
    """A configuration with an empty store, once for each database."""
    if request.param == "sqlite":
        yield settings(tmp_path)
        return
    with postgres() as url:
        made = settings(tmp_path, url)
        migrate(made)
        yield made


@pytest.fixture
def store(configured):
    """An open, empty store, once for each database."""
    with Store.open(configured) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path):
    """An open, empty store on SQLite."""
    with Store.open(settings(tmp_path)) as opened:
        yield opened
