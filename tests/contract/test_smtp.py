"""The SMTP contract on a sink and on Postfix, and what only a server that misbehaves when asked shows."""

import time

import pytest

from mailbot.errors import LoginRefused, Unreachable
from mailbot.smtp import Later, Parcel, Refused, Sent
from tests.contract.smtp_suite import BOT, TEXT, Place, SmtpContract, parcel, sender_for
from tests.servers import free_port
from tests.servers.postfix import postfix
from tests.servers.smtp import smtp_sink
from tests.servers.tls import trust


class TestSink(SmtpContract):
    """aiosmtpd."""

    @pytest.fixture
    def server(self):
        with smtp_sink() as sink:
            yield Place(sink.port, lambda _: [(taken.to, taken.content) for taken in sink.taken])


class TestPostfix(SmtpContract):
    """Postfix, from its own configuration and queue."""

    @pytest.fixture(scope="class")
    @classmethod
    def running(cls):
        with postfix() as server:
            yield server

    @pytest.fixture
    def server(self, running):
        running.forget()
        return Place(running.port, running.delivered, refused="reject@verein.example", deferred="defer@verein.example")

    def test_tls_and_starttls_work_with_a_trusted_certificate(self, running, monkeypatch):
        """Both ways that providers offer."""
        for security, port in (("tls", running.tls_port), ("starttls", running.port)):
            sender = sender_for(port, security=security)
            with pytest.raises(Unreachable, match="certificate"):
                sender.check()
            sender.close()
        trust(monkeypatch)
        for security, port in (("tls", running.tls_port), ("starttls", running.port)):
            sender = sender_for(port, security=security)
            assert isinstance(sender.send([parcel(1)])[0], Sent)
            sender.close()

    def test_a_limit_on_connections_costs_time_and_no_mail(self):
        """Postfix turns the third connection away with 421."""
        with postfix(connections=2) as server:
            sender = sender_for(server.port, connections=6)
            results = sender.send([parcel(n, f"p{n}@verein.example") for n in range(12)])
            sender.close()
            assert all(isinstance(result, Sent) for result in results)
            assert len(server.delivered(12)) == 12


def send(sink, *parcels, **more):
    """Send over one connection unless told otherwise; gives the results."""
    sender = sender_for(sink.port, **{"connections": 1, **more})
    results = sender.send(parcels)
    sender.close()
    return results


@pytest.mark.parametrize(
    ("to", "result"),
    [
        ("code421@x.example", Later),
        ("code450@x.example", Later),
        ("code452@x.example", Later),
        ("code550@x.example", Refused),
        ("code553@x.example", Refused),
        ("data421@x.example", Later),
        ("data451@x.example", Later),
        ("data552@x.example", Refused),
        ("data554@x.example", Refused),
        ("drop@x.example", Later),
        ("dropafter@x.example", Later),
        ("closing@x.example", Later),
    ],
)
def test_every_answer_is_sorted_and_the_next_mail_goes_out(to, result):
    """Whatever happens to one mail, it has a result, and the others are sent exactly once."""
    with smtp_sink() as sink:
        results = send(sink, parcel(1), parcel(2, to), parcel(3))
        assert [type(r) for r in results] == [Sent, result, Sent]
        assert [taken.to for taken in sink.taken if taken.to != to] == ["anna@verein.example"] * 2
        assert len([taken for taken in sink.taken if taken.to == to]) == (to == "dropafter@x.example")


def test_an_unknown_outcome_is_never_sent_again_by_itself():
    """The server took it and died before saying so: the outbox decides, with the same bytes."""
    with smtp_sink() as sink:
        [result] = send(sink, parcel(1, "dropafter@x.example"))
        assert "outcome unknown" in result.reason
        assert len(sink.taken) == 1


def test_greylisting_is_a_matter_of_time():
    """Refused at first, taken later, each mail once."""
    with smtp_sink(greylist=True) as sink:
        assert isinstance(send(sink, parcel(1))[0], Later)
        assert isinstance(send(sink, parcel(1))[0], Sent)
        assert len(sink.taken) == 1


def test_connections_that_the_server_closed_meanwhile_are_opened_anew():
    """Idle servers hang up; that is no reason to wait for the next try."""
    with smtp_sink(timeout=0.4) as sink:
        sender = sender_for(sink.port, connections=2)
        assert all(isinstance(r, Sent) for r in sender.send([parcel(n) for n in range(4)]))
        time.sleep(1)
        assert all(isinstance(r, Sent) for r in sender.send([parcel(n) for n in range(4, 8)]))
        sender.close()
        assert len(sink.taken) == 8


def test_a_server_that_goes_away_in_the_middle_costs_nothing():
    """Three were taken, each once; the others come later; no exception hides what was sent."""
    with smtp_sink(leaves_after=3) as sink:
        results = send(sink, *(parcel(n) for n in range(10)))
        assert [type(r) for r in results] == [Sent] * 3 + [Later] * 7
        assert len(sink.taken) == 3
        assert sink.connections < 10


def test_more_connections_than_the_server_allows_are_not_tried_again_and_again():
    """One refusal is enough to know the limit."""
    with smtp_sink(most=2) as sink:
        sender = sender_for(sink.port, connections=8)
        for first in range(0, 60, 20):
            assert all(isinstance(r, Sent) for r in sender.send([parcel(n) for n in range(first, first + 20)]))
        sender.close()
        assert len(sink.taken) == 60
        assert sink.turned_away == 1


def test_connections_are_kept():
    """Four connections for two handfuls of twenty mails; at most 4.1 round trips a mail (SPEED)."""
    with smtp_sink() as sink:
        sender = sender_for(sink.port, connections=4)
        for first in (0, 20):
            sender.send([parcel(n) for n in range(first, first + 20)])
        sender.close()
        assert sink.connections - 1 <= 4  # one is the server's own start-up check
        commands = [line for line in bytes(sink.wire).split(b"\r\n") if line[:4] in {b"MAIL", b"RCPT", b"DATA", b"RSET", b"NOOP"}]
        assert len(commands) == 40 * 3


def test_an_unreachable_server_is_one_clear_line():
    """The error names the server and what to check."""
    sender = sender_for(free_port())
    with pytest.raises(Unreachable, match="127.0.0.1:.*can't be reached") as error:
        sender.send([parcel(1)])
    sender.close()
    assert "smtp.host" in error.value.remedy


def test_the_password_never_goes_out_in_clear_when_starttls_is_missing():
    """A server that offers no STARTTLS gets neither login nor mail."""
    with smtp_sink() as sink:
        sender = sender_for(sink.port, security="starttls", username="bot", password="geheim")
        with pytest.raises(Unreachable):
            sender.send([parcel(1)])
        sender.close()
        assert b"AUTH" not in sink.wire
        assert b"MAIL" not in sink.wire
        assert sink.taken == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_certificates_are_verified(monkeypatch, security):
    """An unknown authority gets nothing; a trusted one gets login and mail, encrypted."""
    with smtp_sink(security, login=("bot", "geheim")) as sink:
        sender = sender_for(sink.port, security=security, username="bot", password="geheim")
        with pytest.raises(Unreachable, match="certificate"):
            sender.send([parcel(1)])
        sender.close()
        trust(monkeypatch)
        assert isinstance(send(sink, parcel(1), security=security, username="bot", password="geheim")[0], Sent)
        assert len(sink.taken) == 1


def test_a_wrong_password_is_told_from_an_unreachable_server():
    """Exit status 77, not 75; the password is not shown."""
    with smtp_sink(login=("bot", "geheim")) as sink:
        sender = sender_for(sink.port, username="bot", password="falsch")
        with pytest.raises(LoginRefused, match="refused the login of bot") as error:
            sender.check()
        sender.close()
        assert "falsch" not in str(error.value)


def test_a_token_logs_in_where_passwords_are_not_accepted():
    """SASL XOAUTH2, with a right and with an expired token."""
    with smtp_sink(token="frisch") as sink:
        assert isinstance(send(sink, parcel(1), username="bot@klima.example", token="frisch")[0], Sent)
        sender = sender_for(sink.port, username="bot@klima.example", token="abgelaufen")
        with pytest.raises(LoginRefused):
            sender.send([parcel(1)])
        sender.close()


def test_a_login_that_is_missing_makes_no_mail_fail_for_good():
    """The server wants a login at MAIL: our mistake, not the recipient's."""
    with smtp_sink(login=("bot", "geheim")) as sink:
        [result] = send(sink, parcel(1))
        assert isinstance(result, Later)
        assert "sender" in result.reason


def test_an_address_beyond_ascii_needs_a_server_that_can():
    """Never re-encoded by guess: IDNA 2003 would write to another domain."""
    for address in ("jürgen@verein.example", "anna@straße.example"):
        with smtp_sink(smtputf8=False) as sink:
            [result] = send(sink, parcel(1, address))
            assert isinstance(result, Refused)
            assert "SMTPUTF8" in result.reason
        with smtp_sink() as sink:
            assert isinstance(send(sink, parcel(1, address))[0], Sent)
            assert sink.taken[0].to == address


def test_a_recipient_cannot_become_a_command():
    """Line breaks in an address would end the command and begin another."""
    with smtp_sink() as sink:
        for address in ("a@x.example>\r\nRCPT TO:<b@x.example", "a@x.example\r\nDATA", "a b@x.example\0"):
            send(sink, parcel(1, address))
        assert {taken.to for taken in sink.taken} <= {"a@x.example"}
        assert b"b@x.example" not in sink.wire


def test_our_machine_name_stays_with_us():
    """EHLO names the sending domain, or nothing."""
    with smtp_sink(login=("bot@klima.example", "geheim")) as sink:
        send(sink, parcel(1), username="bot@klima.example", password="geheim")
        assert sink.helos == {"klima.example"}
    with smtp_sink() as sink:
        send(sink, parcel(1))
        assert sink.helos == {"[127.0.0.1]"}


def test_the_envelope_sender_is_ours_and_8_bit_is_announced():
    """Bounces come back to the mailbox; bytes beyond ASCII are declared where the server knows how."""
    with smtp_sink() as sink:
        send(sink, Parcel(id="1", envelope_from=BOT, to="a@x.example", content=TEXT + "ü\r\n".encode()))
        assert sink.taken[0].mail_from == BOT
        assert "BODY=8BITMIME" in sink.taken[0].options
        assert sink.taken[0].content.endswith("ü\r\n".encode())


def test_a_mail_that_is_too_large_for_the_server_is_refused_for_good():
    """The size is announced, so that nothing is carried in vain."""
    with smtp_sink(size_limit=10_000) as sink:
        results = send(sink, parcel(1, content=TEXT + b"x" * 20_000), parcel(2))
        assert [type(r) for r in results] == [Refused, Sent]
