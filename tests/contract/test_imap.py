"""The IMAP contract on a real Dovecot in its varieties, and what only a server that can be broken shows."""

import base64
import contextlib
import socket
import threading
import time

import pytest
from imapclient import IMAPClient

from mailbot.domain.decision import Folder
from mailbot.errors import ConfigError, LoginRefused, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.settings import Folders, Mailbox
from tests.contract.imap_suite import ImapContract, Place, connect, mail
from tests.servers import LOOPBACK, free_port
from tests.servers.dovecot import dovecot_server
from tests.servers.tls import trust

WITHOUT_SPECIAL_USE = frozenset({"SPECIAL-USE"})


def served(**options):
    """Make the fixture that runs Dovecot for a class."""

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls):
        with dovecot_server(**options) as running:
            yield Place(running.port)

    return server


class TestDovecot(ImapContract):
    """As most providers run it: "/" and no prefix."""

    lacks = WITHOUT_SPECIAL_USE
    server = served()


class TestDovecotBelowInbox(ImapContract):
    """As providers with Courier's ways run it: "." and everything below INBOX."""

    lacks = WITHOUT_SPECIAL_USE
    server = served(separator=".", prefix="INBOX.", storage="sdbox")


class TestDovecotWithoutExtensions(ImapContract):
    """A server that can nothing beyond RFC 3501: no IDLE, no MOVE, no UIDPLUS, no NAMESPACE."""

    lacks = frozenset({"IDLE", "MOVE", "UIDPLUS", "NAMESPACE", "SPECIAL-USE", "CONDSTORE", "ESEARCH"})
    server = served(capabilities="LITERAL+")


class TestDovecotWithoutMove(ImapContract):
    """Moving is copying, marking and expunging these UIDs alone."""

    lacks = frozenset({"MOVE", "NAMESPACE", "SPECIAL-USE", "CONDSTORE", "ESEARCH"})
    server = served(capabilities="IDLE UIDPLUS")


@pytest.fixture(scope="module")
def running():
    with dovecot_server(password="größe5") as server:
        yield server


def mailbox_on(port, **more):
    return Mailbox(**{"address": "einzeln@klima.example", "host": LOOPBACK, "port": port, "security": "none", **more})


def test_a_password_beyond_ascii_logs_in(running):
    """LOGIN has no charset; SASL PLAIN has (RFC 4616)."""
    with connect(mailbox_on(running.port), "größe5") as imap:
        assert imap.select()
    with pytest.raises(LoginRefused), connect(mailbox_on(running.port), "größe6"):
        pass


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_certificates_are_verified_and_a_trusted_one_works(running, monkeypatch, security):
    """TLS from the start and STARTTLS, both against an authority that is or is not trusted."""
    mailbox = mailbox_on(running.tls_port if security == "tls" else running.port, security=security)
    with pytest.raises(Unreachable, match="certificate"), connect(mailbox, "größe5"):
        pass
    trust(monkeypatch)
    with connect(mailbox, "größe5") as imap:
        imap.select()
        assert not imap.wait(0.3, threading.Event())
        threading.Timer(0.3, put, (running, "größe5")).start()
        assert imap.wait(30, threading.Event())


def put(server, password):
    with IMAPClient(LOOPBACK, server.port, ssl=False) as client:
        client.plain_login("einzeln@klima.example", password)
        client.append("INBOX", mail(1))


def test_a_name_that_the_certificate_does_not_hold_is_refused(running, monkeypatch):
    """A trusted authority is not enough."""
    trust(monkeypatch)
    mailbox = mailbox_on(running.tls_port, security="tls", host="127.0.0.2")
    with pytest.raises(Unreachable, match="certificate"), connect(mailbox, "größe5"):
        pass


def test_folders_that_may_not_be_made_are_each_named():
    """The account lacks the right to create: what to do is said, and nothing else is tried."""
    with dovecot_server(may_create=False) as server, connect(mailbox_on(server.port), "secret") as imap:
        with pytest.raises(ConfigError, match="folders.review: the IMAP folder 'Mailbot/Review' is missing") as error:
            imap.ensure_folders()
        assert len(error.value.problems) == len(Folder)
        assert "right to create" in error.value.remedy


def waiting(imap):
    """Wait in a thread; gives it and the list in which its error ends."""
    result = []

    def wait():
        try:
            imap.wait(60, threading.Event())
        except Unreachable as error:
            result.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    return thread, result


def test_a_server_that_dies_while_we_wait_is_noticed_and_does_not_spin():
    """imapclient says "nothing new" a hundred thousand times a second then; we say Unreachable, once, and can come back."""
    with dovecot_server() as server:
        mailbox = mailbox_on(server.port)
        with connect(mailbox, "secret") as imap:
            imap.select()
            thread, result = waiting(imap)
            before = time.process_time()
            server.kill()
            thread.join(30)
            assert len(result) == 1
            assert time.process_time() - before < 2
        server.start()
        with connect(mailbox, "secret") as imap:
            assert imap.select()


GREETED = (b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",)
LOGGED_IN = b"TAG OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"
LISTED = b'* LIST (\\Noselect) "/" ""\r\nTAG OK listed\r\n'


@contextlib.contextmanager
def scripted(*lines, then=lambda _: None, heard=None):
    """A server that answers what it is told to, one line for each line of the client, and then does ``then``."""
    heard = [] if heard is None else heard
    port = free_port()
    with socket.create_server((LOOPBACK, port)) as listening:

        def serve():
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection, connection.makefile("rb") as client:
                    tag = b"*"
                    connection.sendall(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
                    for line in lines:
                        heard.append(client.readline())
                        words = heard[-1].split()
                        tag = words[0] if len(words) > 1 else tag  # else it goes on with the command
                        connection.sendall(line.replace(b"TAG", tag))
                    if not lines[-1].startswith(b"+"):
                        client.readline()
                    then(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield port


def test_a_server_that_answers_nonsense_after_the_login_is_unreachable():
    """Not a traceback: whatever the library trips over there."""
    with scripted(*GREETED, b"TAG OK in\r\n", b"TAG OK\r\n") as port, pytest.raises(Unreachable), connect(mailbox_on(port), "x"):
        pass


@pytest.mark.parametrize("last", [b"", b"* BYE too many connections\r\n", b"TAG NO [UNAVAILABLE] try later\r\n"])
def test_a_server_that_ends_the_login_is_no_wrong_password(last):
    """77 would stop the service for good; the password was never judged."""
    answer = [last] if last.startswith(b"TAG") else []
    with (
        scripted(*GREETED, *answer, then=lambda c: c.sendall(last)) as port,
        pytest.raises(Unreachable),
        connect(mailbox_on(port), "secret"),
    ):
        pass


@pytest.mark.parametrize("last", [b"* BYE shutting down\r\n", b"* BYE in two ", b""])
def test_a_server_that_says_goodbye_while_we_wait_is_noticed(last):
    """Goodbye in a line, in half a line, or without a word."""
    with (
        scripted(*GREETED, LOGGED_IN, LISTED, b"+ idling\r\n", then=lambda c: c.sendall(last)) as port,
        connect(mailbox_on(port), "secret") as imap,
        pytest.raises(Unreachable, match="broke off"),
    ):
        imap.wait(20, threading.Event())


def test_a_dead_line_while_we_wait_is_noticed_by_its_silence(monkeypatch):
    """A proxy that stops forwarding closes nothing: the end of IDLE goes unanswered, and that is noticed."""
    monkeypatch.setattr("mailbot.imap.login.READ_SECONDS", 0.5)
    monkeypatch.setattr("mailbot.imap.IDLE_SECONDS", 0.5)
    hang = threading.Event()
    with (
        scripted(*GREETED, LOGGED_IN, LISTED, b"+ idling\r\n", then=lambda _: hang.wait(20)) as port,
        connect(mailbox_on(port), "secret") as imap,
    ):
        with pytest.raises(Unreachable, match="broke off"):
            imap.wait(20, threading.Event())
        hang.set()


def test_a_server_that_talks_without_end_does_not_keep_us_busy():
    """Lines that are no news end IDLE; it begins again after a pause."""
    idling = [b"+ idling\r\n* OK still here\r\n", b"TAG OK done\r\n"] * 50
    with scripted(*GREETED, LOGGED_IN, LISTED, *idling) as port, connect(mailbox_on(port), "secret") as imap:
        before = time.process_time()
        assert not imap.wait(1.5, threading.Event())
        assert time.process_time() - before < 1


@pytest.mark.parametrize(("said", "error"), [(b"TAG OK in\r\n", None), (b"TAG NO [AUTHENTICATIONFAILED] no\r\n", LoginRefused)])
def test_a_token_logs_in_where_passwords_are_not_accepted(said, error):
    """SASL XOAUTH2 as Google and Microsoft want it."""
    heard = []
    with scripted(*GREETED, b"+ \r\n", said, *GREETED, LISTED, heard=heard) as port:
        expected = pytest.raises(error) if error else contextlib.nullcontext()
        with expected, ImapMailbox.connect(mailbox_on(port), Folders(), token="frisch"):
            pass
    assert b"AUTHENTICATE XOAUTH2" in heard[1]
    assert base64.b64decode(heard[2]) == b"user=einzeln@klima.example\1auth=Bearer frisch\1\1"


def test_commands_go_out_at_once(running):
    """A SEARCH is sent in pieces: without TCP_NODELAY each costs the 40 ms of a delayed acknowledgement."""
    with connect(mailbox_on(running.port), "größe5") as imap:
        assert imap._client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_server_that_hangs_in_a_command_is_given_up(monkeypatch):
    """There is a time-out on every command, and none on saying goodbye that lasts."""
    monkeypatch.setattr("mailbot.imap.login.READ_SECONDS", 0.5)
    hang = threading.Event()
    with scripted(*GREETED, LOGGED_IN, then=lambda _: hang.wait(20)) as port:
        with pytest.raises(Unreachable, match="broke off"), connect(mailbox_on(port), "secret"):
            pass
        hang.set()


def test_a_folder_of_many_mails_is_listed_whole(running, monkeypatch):
    """One SEARCH answer over 1,000,000 bytes is refused by imaplib: the UIDs are asked for in ranges."""
    monkeypatch.setattr("mailbot.imap.UID_STEP", 7)
    with connect(mailbox_on(running.port, username="viele@klima.example"), "größe5") as imap:
        for number in range(30):
            imap.append("INBOX", mail(number))
        imap.select()
        assert imap.uids() == list(range(1, 31))
        assert imap.uids(7) == list(range(8, 31))
        assert imap.uids(30) == []


def test_a_fetch_holds_few_bytes_at_once(running, monkeypatch):
    """Two hundred mails of five megabytes in one answer would be a gigabyte."""
    monkeypatch.setattr("mailbot.imap.FETCH_BYTES", 1000)
    sizes = []
    with connect(mailbox_on(running.port, username="dicke@klima.example"), "größe5") as imap:
        for number in range(6):
            imap.append("INBOX", mail(number, "x" * 400))
        imap.select()
        original = imap._bodies
        monkeypatch.setattr(imap, "_bodies", lambda uids, *more: (sizes.append(len(uids)), original(uids, *more))[1])
        assert len(list(imap.fetch(imap.heads(imap.uids()), 10_000))) == 6
    assert max(sizes) == 2


def test_a_folder_that_was_made_anew_stops_a_fetch(running):
    """Another UIDVALIDITY: the UIDs that we hold mean nothing any more."""
    with connect(mailbox_on(running.port, username="neu@klima.example"), "größe5") as imap:
        imap.append("INBOX", mail(1))
        imap.select()
        raws = imap.fetch(imap.heads(imap.uids()), 10_000)
        imap._validity += 1
        with pytest.raises(Unreachable, match="made anew"):
            next(raws)
