"""The demo's embedded servers obey the same contracts as the real ones; what pymap can't do is named."""

import gc
import smtplib
import threading
from datetime import UTC, datetime

import pytest

from mailbot.demo.servers import OUTSIDE, PASSWORD, embedded
from mailbot.settings import Smtp
from mailbot.smtp import Parcel, Sender, Sent
from tests.contract.imap_suite import ADDRESSES, ImapContract, Place, connect
from tests.contract.smtp_suite import Place as SmtpPlace
from tests.contract.smtp_suite import SmtpContract
from tests.contract.test_imap import mailbox_on
from tests.servers import LOOPBACK

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BOT = "anmeldung@klima.example"


class TestEmbeddedImap(ImapContract):
    """pymap's memory back end: no NAMESPACE (the separator is asked by LIST), no SPECIAL-USE (``Drafts`` by name)."""

    lacks = frozenset({"NAMESPACE", "SPECIAL-USE", "CONDSTORE", "ESEARCH"})

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls):
        with embedded(ADDRESSES, lambda: NOW) as servers:
            yield Place(servers.imap_port, PASSWORD)

    def test_keywords_are_not_kept(self, imap, human):
        """pymap drops them without a word: nothing in mailbot may depend on one (the ledger knows what was handled)."""
        imap.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
        human.select_folder("INBOX")
        assert human.select_folder("INBOX")[b"PERMANENTFLAGS"].count(b"\\*") == 0


@pytest.fixture
def servers():
    with embedded((BOT,), lambda: NOW) as running:
        yield running


class TestEmbeddedSmtp(SmtpContract):
    """The demo's SMTP server: refuses nobody."""

    lacks = frozenset({"REFUSAL"})

    @pytest.fixture
    def server(self, servers):
        return SmtpPlace(servers.smtp_port, lambda _: [(mail.to, mail.content) for mail in servers.outgoing])


def test_a_mail_to_an_account_arrives_in_its_inbox_with_its_envelope_sender(servers):
    """As a final delivery does it: Return-Path tells a bounce (RFC 5321 §4.4)."""
    with smtplib.SMTP(LOOPBACK, servers.smtp_port) as client:
        client.sendmail("", [BOT], b"Subject: Zur\xc3\xbcck\r\n\r\nHallo\r\n", mail_options=["BODY=8BITMIME"])
    with connect(mailbox_on(servers.imap_port, address=BOT), PASSWORD) as imap:
        imap.select()
        [raw] = imap.fetch(imap.heads(imap.uids()), 10_000)
    assert raw.content == b"Return-Path: <>\r\nSubject: Zur\xc3\xbcck\r\n\r\nHallo\r\n"
    assert raw.received_at == NOW
    assert servers.outgoing == []


def test_a_mail_wakes_up_whoever_waits(servers):
    """The demo is quick because IDLE works."""

    def send():
        with smtplib.SMTP(LOOPBACK, servers.smtp_port) as client:
            client.sendmail("a@x.example", [BOT], b"Subject: x\r\n\r\nx\r\n")

    with connect(mailbox_on(servers.imap_port, address=BOT), PASSWORD) as imap:
        imap.select()
        imap.uids()
        threading.Timer(0.3, send).start()
        assert imap.wait(30, threading.Event())


def test_answers_are_kept_and_can_be_looked_at(servers):
    """What the bot sends goes out by its own sender, and lands in the account for the world outside."""
    sender = Sender(Smtp(host=LOOPBACK, port=servers.smtp_port, security="none"))
    content = b"Subject: Antwort\r\n\r\nHallo\r\n"
    parcels = [Parcel(id=str(n), envelope_from=BOT, to=f"p{n}@post.example", content=content) for n in range(8)]
    results = sender.send(parcels)
    sender.close()
    assert all(isinstance(result, Sent) for result in results)
    assert sorted(mail.to for mail in servers.outgoing) == [f"p{n}@post.example" for n in range(8)]
    assert {mail.content for mail in servers.outgoing} == {content}
    with connect(mailbox_on(servers.imap_port, address=OUTSIDE), PASSWORD) as imap:
        imap.select()
        assert len(imap.uids()) == 8


def test_garbage_collection_ends_no_connection(servers):
    """On Python ≥ 3.13 a task that nobody holds is collected, and the client waits for ever."""
    for _ in range(20):
        with connect(mailbox_on(servers.imap_port, address=BOT), PASSWORD) as imap:
            gc.collect()
            assert imap.select()


def test_stopping_leaves_no_port_and_no_thread():
    """Whoever starts servers stops them."""
    before = threading.active_count()
    with embedded((BOT,), lambda: NOW) as running:
        port = running.imap_port
        with connect(mailbox_on(port, address=BOT), PASSWORD) as imap:
            imap.select()
    assert threading.active_count() <= before + 1  # a pool that hashes passwords may idle
    with pytest.raises(OSError, match="refused"), smtplib.SMTP(LOOPBACK, running.smtp_port):
        pass
