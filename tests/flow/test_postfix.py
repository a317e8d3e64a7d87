"""The whole way over Postfix and TLS: what is refused, what has to wait, and a certificate that nobody vouches for."""

from datetime import timedelta

import pytest

from tests.flow.test_run import ANNA, ANNA_REGISTERS
from tests.flow.world import BOT, CONTACT, NOW
from tests.servers.postfix import postfix
from tests.servers.tls import trust

REFUSED, DEFERRED = "reject@verein.example", "defer@verein.example"


@pytest.fixture(scope="session")
def running():
    with postfix() as server:
        yield server


@pytest.fixture
def server(running):
    """Postfix without a mail in it."""
    running.forget()
    return running


def connect(world, server, *, smtp="tls", imap="tls"):
    """Let the world's mailbot speak to Postfix and to Dovecot over TLS, both with certificates of the test authority."""
    text = world.path.read_text("utf-8")
    ports = {
        f'port = {world.dovecot.port}\nsecurity = "none"': f'port = {world.dovecot.tls_port if imap == "tls" else world.dovecot.port}\nsecurity = "{imap}"',
        f'port = {world.sink.port}\nsecurity = "none"': f'port = {server.tls_port if smtp == "tls" else server.port}\nsecurity = "{smtp}"',
    }
    for clear, secured in ports.items():
        assert clear in text
        text = text.replace(clear, secured)
    world.path.write_text(text, "utf-8")


def registers(world, address, name="Anna Berg"):
    world.arrive(ANNA_REGISTERS.replace("Anna Berg", name), f"{name} <{address}>")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_registration_goes_both_ways_over_verified_tls(world, server, monkeypatch, security):
    """Read over TLS, answered over TLS: the mail that Postfix delivers is the one that was written."""
    trust(monkeypatch)
    connect(world, server, smtp=security, imap=security)
    registers(world, ANNA)
    assert world.run() == 0
    [(to, content)] = server.delivered(1)
    assert to == ANNA
    assert f"Return-Path: <{BOT}>".encode() in content
    assert b"Auto-Submitted: auto-replied" in content
    assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"]}
    assert world.sink.taken == []


def test_a_refused_recipient_is_seen_in_status_and_told_in_the_digest(world, server, monkeypatch):
    """5xx: given up at once, the others go out, a human hears of it by a count and no address."""
    trust(monkeypatch)
    connect(world, server)
    registers(world, REFUSED, "Rita Ott")
    registers(world, ANNA)
    world.run()
    assert world.json("status")["outbox"] == {"queued": 0, "failed": 1}
    assert world.cli("status", "--check").returncode == 1
    assert {to for to, _ in server.delivered(2)} == {ANNA, CONTACT}
    [digest] = [content for to, content in server.delivered(2) if to == CONTACT]
    assert REFUSED.encode() not in digest
    world.run(NOW + timedelta(days=7))
    assert len(server.delivered(2)) >= 2
    assert REFUSED not in {to for to, _ in server.delivered(2)}


def test_a_deferred_recipient_is_tried_again_later(world, server, monkeypatch):
    """4xx: the same bytes again after a pause; until then it is queued and nothing is failed."""
    trust(monkeypatch)
    connect(world, server)
    registers(world, DEFERRED)
    assert world.run() == 0
    assert world.json("status")["outbox"] == {"queued": 1, "failed": 0}
    tried = server.log.count("450 4.2.0")
    world.run(NOW + timedelta(minutes=1))
    assert server.log.count("450 4.2.0") == tried
    world.run(NOW + timedelta(minutes=6))
    assert server.log.count("450 4.2.0") == tried + 1
    assert server.delivered(0) == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_smtp_server_that_nobody_vouches_for_gets_nothing(world, server, security):
    """75 and one clear line; the answer waits, not a word of it goes out, in clear or otherwise."""
    text = world.path.read_text("utf-8").replace(
        f'port = {world.sink.port}\nsecurity = "none"',
        f'port = {server.tls_port if security == "tls" else server.port}\nsecurity = "{security}"',
    )
    world.path.write_text(text, "utf-8")
    registers(world, ANNA)
    before = server.log.count("client=")
    done = world.cli("run", "--once", check=75)
    assert "certificate" in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("mailbot:")]) <= 2
    assert server.delivered(0) == []
    assert server.log.count("client=") == before
    assert world.json("status")["outbox"] == {"queued": 1, "failed": 0}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_imap_server_that_nobody_vouches_for_gets_no_password(world, server, security):
    """75 and one clear line; there is no login, the mail stays where it is."""
    connect(world, server, imap=security)
    registers(world, ANNA)
    done = world.cli("run", "--once", check=75)
    assert "certificate" in done.stderr
    assert "Traceback" not in done.stderr
    assert world.folders() == {"INBOX": ["Klima-Werkstatt"]}
    assert server.delivered(0) == []
