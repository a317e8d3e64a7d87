"""What mailbot needs of an IMAP server, tried on a real Dovecot with two kinds of namespace."""

import threading
import time
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient

from mailbot.domain.decision import Folder
from mailbot.errors import LoginRefused, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.settings import Folders, Mailbox
from tests.servers import LOOPBACK, free_port
from tests.servers.dovecot import dovecot

USERS = iter(range(10_000))


@pytest.fixture(scope="module", params=[("/", ""), (".", "INBOX.")], ids=["slash", "inbox-dot"])
def port(request):
    with dovecot(*request.param) as number:
        yield number


@pytest.fixture
def mailbox(port):
    return Mailbox(address=f"user{next(USERS)}@klima.example", host=LOOPBACK, port=port, security="none")


@pytest.fixture
def human(mailbox):
    """Somebody else who is logged in to the same mailbox."""
    with IMAPClient(mailbox.host, mailbox.port, ssl=False) as client:
        client.login(mailbox.address, "secret")
        yield client


def connect(mailbox, password="secret"):
    return ImapMailbox.connect(mailbox, Folders(), password=password)


def mail(number, text="Hallo"):
    return f"From: a@x.example\r\nMessage-ID: <m{number}@x.example>\r\nSubject: {number}\r\n\r\n{text}\r\n".encode()


def test_mails_are_fetched_with_their_time_and_stay_unseen(mailbox, human):
    """Bytes, INTERNALDATE in UTC, and no flag changes."""
    when = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
    human.append("INBOX", mail(1), msg_time=when)
    with connect(mailbox) as imap:
        imap.select()
        [raw] = imap.fetch(imap.uids(), 10_000)
    assert (raw.content, raw.received_at, raw.truncated) == (mail(1), when, False)
    human.select_folder("INBOX")
    assert human.search(["UNSEEN"]) == [raw.uid]


def test_a_mail_over_the_limit_is_read_in_part_only(mailbox, human):
    """The size is asked before the body."""
    human.append("INBOX", mail(1, "x" * 300_000))
    with connect(mailbox) as imap:
        imap.select()
        [raw] = imap.fetch(imap.uids(), 100_000)
    assert raw.truncated
    assert raw.size > 300_000 > len(raw.content) > 1000


def test_mails_end_in_our_folders_and_what_others_marked_is_not_expunged(mailbox, human):
    """Moving takes exactly the mails named; somebody else's deleted mark is theirs."""
    for number in range(3):
        human.append("INBOX", mail(number))
    human.select_folder("INBOX")
    human.add_flags([1], [b"\\Deleted"])
    with connect(mailbox) as imap:
        imap.ensure_folders()
        imap.ensure_folders()
        imap.select()
        imap.move([2, 3, 99], Folder.DONE)
        assert imap.uids() == [1]
        assert sorted(imap.message_ids(Folder.DONE).values()) == ["<m1@x.example>", "<m2@x.example>"]


def test_deleting_takes_only_what_was_named(mailbox, human):
    """Two mails in Review, one deleted, and a needle is found only where it stands."""
    with connect(mailbox) as imap:
        imap.ensure_folders()
        for number, text in enumerate(("Anna Bérg", "Bernd Au")):
            human.append(
                imap.name(Folder.REVIEW),
                f"From: a@x.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text} {number}".encode(),
            )
        [hit] = imap.search_text(Folder.REVIEW, "Anna Bérg")
        assert imap.delete(Folder.REVIEW, [hit]) == 1
        assert imap.search_text(Folder.REVIEW, "Anna Bérg") == []
        assert len(imap.folder_uids(Folder.REVIEW)[1]) == 1


def test_a_needle_cannot_become_a_command(mailbox):
    """Line breaks in a search text would be sent raw by the library."""
    with connect(mailbox) as imap:
        imap.ensure_folders()
        with pytest.raises(ValueError, match="line breaks"):
            imap.search_text(Folder.DONE, "x\r\nA1 EXPUNGE")


def test_waiting_ends_when_a_mail_arrives_or_when_told_to_stop(mailbox, human):
    """IDLE wakes up at a new mail; the stop event ends it within a second or two."""
    stop = threading.Event()
    with connect(mailbox) as imap:
        imap.select()
        threading.Timer(0.3, lambda: human.append("INBOX", mail(1))).start()
        assert imap.wait(30, stop)
        stop.set()
        started = time.monotonic()
        assert not imap.wait(30, stop)
        assert time.monotonic() - started < 10


def test_a_wrong_password_and_a_dead_server_are_told_apart(mailbox):
    """77 and 75, each with the server's name."""
    with pytest.raises(LoginRefused, match="refused the login"), connect(mailbox, "falsch"):
        pass
    with pytest.raises(Unreachable, match="can't be reached"), connect(mailbox.model_copy(update={"port": free_port()})):
        pass


def test_a_server_that_dies_while_we_wait_is_noticed_and_does_not_spin():
    """imapclient says "nothing new" a hundred thousand times a second then; we say Unreachable, once."""
    with dovecot() as port:
        mailbox = Mailbox(address="idle@klima.example", host=LOOPBACK, port=port, security="none")
        watching = connect(mailbox)
        imap = watching.__enter__()
        imap.select()
        result = []

        def wait():
            try:
                imap.wait(60, threading.Event())
            except Unreachable as error:
                result.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.5)
    thread.join(30)
    assert len(result) == 1
    watching.__exit__(None, None, None)
