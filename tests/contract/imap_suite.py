"""What mailbot needs of an IMAP server: one suite, subclassed for each server and each way that servers differ.

A subclass gives the fixture ``server`` (see ``Place``) and says in ``lacks`` what the server can't do. What a server lacks
is itself tested: the day that it can, the test fails and the entry goes.
"""

import itertools
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from imapclient import IMAPClient

from mailbot.domain.decision import Folder
from mailbot.errors import ConfigError, LoginRefused, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.settings import Folders, Mailbox
from tests.servers import LOOPBACK, free_port

NUMBERS = itertools.count()
ADDRESSES = tuple(f"user{number}@klima.example" for number in range(60))  # accounts of servers that don't take everybody
WHEN = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a server is, and the password of everybody on it."""

    port: int
    password: str = "secret"


def connect(mailbox, password, **folders):
    return ImapMailbox.connect(mailbox, Folders(**folders), password=password)


def mail(number, text="Hallo"):
    return f"From: a@x.example\r\nMessage-ID: <m{number}@x.example>\r\nSubject: {number}\r\n\r\n{text}\r\n".encode()


class ImapContract:
    """The promises of ``mailbot.imap`` on a real server."""

    lacks = frozenset()

    @pytest.fixture
    def mailbox(self, server):
        address = ADDRESSES[next(NUMBERS) % len(ADDRESSES)]
        return Mailbox(address=address, host=LOOPBACK, port=server.port, security="none")

    @pytest.fixture
    def human(self, server, mailbox):
        """Somebody else who is logged in to the same mailbox."""
        with IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=20) as client:
            client.login(mailbox.address, server.password)
            yield client

    @pytest.fixture
    def imap(self, server, mailbox):
        with connect(mailbox, server.password) as connection:
            connection.ensure_folders()
            connection.select()
            yield connection

    @pytest.mark.parametrize("capability", ["IDLE", "MOVE", "UIDPLUS", "NAMESPACE", "SPECIAL-USE", "CONDSTORE", "ESEARCH"])
    def test_it_can_what_is_claimed_of_it(self, human, capability):
        """What a server lacks is named, so that nobody thinks it was tested."""
        assert human.has_capability(capability) is (capability not in self.lacks)

    def test_mails_are_fetched_with_their_time_and_stay_unseen(self, imap, human):
        """Bytes, INTERNALDATE in UTC, and no flag changes."""
        human.append("INBOX", mail(1), msg_time=WHEN)
        imap.select()
        [raw] = imap.fetch(imap.heads(imap.uids()), 10_000)
        assert (raw.content, raw.received_at, raw.truncated, raw.folder) == (mail(1), WHEN, False, "INBOX")
        human.select_folder("INBOX")
        assert human.search(["UNSEEN"]) == [raw.uid]

    def test_a_mail_over_the_limit_is_read_in_part_only(self, imap, human):
        """The size is asked before the body; the others come whole."""
        human.append("INBOX", mail(1, "x" * 300_000))
        human.append("INBOX", mail(2))
        imap.select()
        large, small = imap.fetch(imap.heads(imap.uids()), 100_000)
        assert large.truncated
        assert large.size > 300_000 > len(large.content) > 1000
        assert (small.content, small.truncated) == (mail(2), False)

    def test_mails_that_are_gone_meanwhile_are_left_out(self, imap, human):
        """A human may delete a mail between our question and our fetch; a server may still show it to us (RFC 2180 §4.1)."""
        for number in range(3):
            human.append("INBOX", mail(number))
        imap.select()
        heads = imap.heads(imap.uids())
        human.select_folder("INBOX")
        human.delete_messages([heads[1].uid])
        human.expunge()
        fetched = {raw.uid for raw in imap.fetch(heads, 10_000)}
        assert {heads[0].uid, heads[2].uid} <= fetched <= {head.uid for head in heads}
        imap.select()
        assert [head.uid for head in imap.heads([head.uid for head in heads])] == [heads[0].uid, heads[2].uid]

    def test_only_what_is_new_is_asked_for(self, imap, human):
        """``n:*`` would give the last mail again (RFC 3501 §6.4.8)."""
        human.append("INBOX", mail(1))
        imap.select()
        [first] = imap.uids()
        assert imap.uids(first) == []
        human.append("INBOX", mail(2))
        imap.select()
        assert len(imap.uids(first)) == 1

    def test_a_fetch_goes_on_in_its_folder_whatever_was_selected_meanwhile(self, imap, human):
        """UID 1 of another folder is another mail."""
        for number in range(2):
            human.append("INBOX", mail(number, "x" * 5_000_000))
        imap.select()
        raws = imap.fetch(imap.heads(imap.uids()), 6_000_000)
        next(raws)
        imap.select(imap.name(Folder.DONE))
        assert b"Subject: 1" in next(raws).content

    def test_mails_end_in_our_folders_and_what_others_marked_is_not_expunged(self, imap, human):
        """Moving takes exactly the mails named, whether they are there or not; somebody else's deleted mark is theirs.

        Without UIDPLUS ours stay where they were, marked: nothing could expunge them alone.
        """
        for number in range(3):
            human.append("INBOX", mail(number))
        human.select_folder("INBOX")
        first, second, third = human.search()
        human.add_flags([first], [b"\\Deleted"])
        imap.ensure_folders()
        imap.select()
        imap.move([second, third, third + 99], Folder.DONE)
        imap.select()
        assert imap.uids() == ([first, second, third] if "UIDPLUS" in self.lacks else [first])
        imap.select(imap.name(Folder.DONE))
        assert sorted(imap.message_ids(imap.uids()).values()) == ["<m1@x.example>", "<m2@x.example>"]

    def test_moving_many_takes_few_commands(self, imap, human, monkeypatch):
        """At most 0.03 round trips a mail (SPEED): a hundred mails are looked at, fetched and moved in three commands."""
        for number in range(100):
            human.append("INBOX", mail(number))
        imap.select()
        commands = []
        original = imap._call
        monkeypatch.setattr(
            imap, "_call", lambda command, *a, **o: (commands.append(command.__name__), original(command, *a, **o))[1]
        )
        uids = [raw.uid for raw in imap.fetch(imap.heads(imap.uids()), 10_000)]
        imap.move(uids, Folder.DONE)
        assert len(uids) == 100
        commands = [name for name in commands if name != "has_capability"]  # known since the login
        assert len(commands) <= 4 + 2 * ("MOVE" in self.lacks)

    def test_removing_takes_only_what_was_named(self, imap, human):
        """Three mails in Review, one with somebody's deleted mark, one removed."""
        for number in range(3):
            human.append(imap.name(Folder.REVIEW), mail(number))
        human.select_folder(imap.name(Folder.REVIEW))
        first, second, third = human.search()
        human.add_flags([third], [b"\\Deleted"])
        imap.select(imap.name(Folder.REVIEW))
        assert imap.remove([first, first + 1000]) == (0 if "UIDPLUS" in self.lacks else 1)
        left = [first, second, third] if "UIDPLUS" in self.lacks else [second, third]
        imap.select(imap.name(Folder.REVIEW))
        assert imap.uids() == left

    def test_a_mail_without_message_id_has_an_empty_one(self, imap, human):
        """Some programs send none."""
        human.append("INBOX", b"From: a@x.example\r\n\r\nHallo\r\n")
        imap.select()
        assert list(imap.message_ids(imap.uids()).values()) == [""]

    def test_a_folded_message_id_is_read(self, imap, human):
        """Long ones stand on the next line."""
        human.append("INBOX", b"From: a@x.example\r\nMESSAGE-ID:\r\n <lang@x.example>\r\n\r\nHallo\r\n")
        imap.select()
        assert list(imap.message_ids(imap.uids()).values()) == ["<lang@x.example>"]

    def test_a_text_is_found_where_it_stands(self, imap, human):
        """The proof of the erasure asks the server, too."""
        for text in ("Anna Bérg", "Bernd Au"):
            head = "From: a@x.example\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            human.append("INBOX", f"{head}{text}\r\n".encode())
        imap.select()
        assert len(imap.search_text("Anna Bérg")) == 1
        assert imap.search_text("Carla") == []

    def test_a_needle_cannot_become_a_command(self, imap):
        """Line breaks in a search text would be sent raw by the library."""
        for needle in ("x\r\nA1 EXPUNGE", "x\nA1 EXPUNGE", "x\0"):
            with pytest.raises(ValueError, match="line breaks"):
                imap.search_text(needle)

    def test_mails_are_found_by_the_day_of_their_arrival(self, imap, human):
        """Retention asks for what arrived before a day."""
        human.append("INBOX", mail(1), msg_time=WHEN)
        human.append("INBOX", mail(2), msg_time=WHEN + timedelta(days=30))
        imap.select()
        assert len(imap.uids_before(date(2026, 2, 20))) == 1

    def test_our_folders_lie_below_the_namespace_and_are_listed(self, imap):
        """Made once, whatever the separator; making them again changes nothing."""
        imap.ensure_folders()
        names = {imap.name(folder) for folder in Folder}
        assert names <= set(imap.all_folders())
        assert all(imap.exists(name) for name in names)
        assert not imap.exists(imap.name(Folder.DONE) + "x")

    def test_folders_may_have_names_beyond_ascii(self, server, mailbox, human):
        """Modified UTF-7 on the wire, the plain name for us."""
        human.append("INBOX", mail(1))
        with connect(mailbox, server.password, done="Büro & Ämter/Erledigt") as imap:
            imap.ensure_folders()
            imap.select()
            imap.move(imap.uids(), Folder.DONE)
            imap.select(imap.name(Folder.DONE))
            assert len(imap.uids()) == 1
            assert imap.name(Folder.DONE) in imap.all_folders()

    def test_a_draft_is_put_where_drafts_are(self, imap, human):
        """Assist mode: the human's own mail program shows it, ready to be sent."""
        imap.draft(mail(1))
        imap.draft(mail(2))
        [name] = [name for name in imap.all_folders() if name.endswith("Drafts")]
        human.select_folder(name)
        assert len(human.search()) == 2
        assert all(b"\\Draft" in flags for flags in human.get_flags(human.search()).values())

    def test_a_mail_can_be_put_into_one_of_our_folders(self, imap):
        """With the time that it is given."""
        imap.append(Folder.REVIEW, mail(7), received_at=WHEN)
        imap.select(imap.name(Folder.REVIEW))
        [head] = imap.heads(imap.uids())
        assert head.received_at == WHEN

    def test_waiting_ends_when_a_mail_arrives(self, imap, human):
        """IDLE wakes up at once; without it the time alone does."""
        imap.uids()
        threading.Timer(0.3, human.append, ("INBOX", mail(1))).start()
        started = time.monotonic()
        assert imap.wait(2 if "IDLE" in self.lacks else 30, threading.Event())
        assert time.monotonic() - started < 10

    def test_waiting_does_not_overlook_what_came_before_it_began(self, imap, human):
        """A mail that arrives after the last look and before IDLE is announced by nobody."""
        imap.uids()
        human.append("INBOX", mail(1))
        imap.select()
        assert imap.wait(30, threading.Event())

    def test_waiting_ends_when_told_to_stop(self, imap):
        """A clean stop does not wait for mails; the connection stays usable."""
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        started = time.monotonic()
        assert not imap.wait(30, stop)
        assert time.monotonic() - started < 5
        assert imap.uids() == []

    def test_waiting_ends_when_its_time_is_over(self, imap):
        """Polling is the fallback of IDLE."""
        started = time.monotonic()
        imap.wait(0.7, threading.Event())
        assert 0.5 < time.monotonic() - started < 10

    def test_a_wrong_password_and_a_dead_server_are_told_apart(self, mailbox):
        """77 and 75, each with the server's name; the password is not shown."""
        with pytest.raises(LoginRefused, match="refused the login") as refused, connect(mailbox, "falsch"):
            pass
        assert "falsch" not in str(refused.value)
        gone = mailbox.model_copy(update={"port": free_port()})
        with pytest.raises(Unreachable, match="can't be reached"), connect(gone, "x"):
            pass

    def test_a_folder_that_is_not_there_is_named_with_its_key(self, server, mailbox):
        """78: the configuration is wrong, and says where."""
        wrong = mailbox.model_copy(update={"folder": "Eingang"})
        with connect(wrong, server.password) as imap, pytest.raises(ConfigError, match="mailbox.folder.*Eingang"):
            imap.select()

    def test_a_folder_of_ours_that_somebody_deleted_is_missed_and_made_again(self, server, mailbox, human):
        """Nothing moves into the void; whoever connects again makes the folder."""
        human.append("INBOX", mail(1))
        with connect(mailbox, server.password) as imap:
            imap.ensure_folders()
            human.delete_folder(imap.name(Folder.DONE))
            imap.select()
            with pytest.raises(Unreachable):
                imap.move(imap.uids(), Folder.DONE)
            imap.ensure_folders()
            imap.select()
            imap.move(imap.uids(), Folder.DONE)
            imap.select(imap.name(Folder.DONE))
            assert len(imap.uids()) == 1
