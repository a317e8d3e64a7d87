"""One Dovecot for all tests of the whole way; a mailbox, an SMTP server and a folder of its own for each test."""

import itertools

import pytest

from tests.flow.world import World
from tests.servers.dovecot import dovecot_server
from tests.servers.smtp import smtp_sink

USERS = itertools.count(1)


@pytest.fixture(scope="session")
def dovecot():
    with dovecot_server() as server:
        yield server


@pytest.fixture
def world(dovecot, tmp_path):
    with smtp_sink() as sink:
        yield World(dovecot, sink, tmp_path, f"user{next(USERS)}")
