"""Sending over real SMTP on loopback: a real server that takes, delays, refuses, or asks for a login."""

import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mailbot.errors import LoginRefused, Unreachable
from mailbot.settings import Smtp
from mailbot.smtp import Later, Parcel, Refused, Sender, Sent

LOOPBACK = "127.0.0.1"


def free_port():
    """Give a port that nobody listens on (aiosmtpd's own start-up check needs to know it)."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


class Recorder:
    """Takes mails; answers a recipient named ``code550`` with 550, and so on."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        local = address.split("@")[0]
        if local.startswith("code"):
            return f"{local[4:]} no"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 ok"


@pytest.fixture
def server():
    recorder = Recorder()
    recorder.port = free_port()
    controller = Controller(recorder, hostname=LOOPBACK, port=recorder.port)
    controller.start()
    yield recorder
    controller.stop()


def sender_for(port, **more):
    password = more.pop("password", None)
    return Sender(Smtp(host=LOOPBACK, port=port, security=more.pop("security", "none"), **more), password=password)


def parcel(number, to="anna@verein.example"):
    return Parcel(id=str(number), envelope_from="anmeldung@klima.example", to=to, content=b"Subject: x\r\n\r\nHallo\r\n")


def test_every_mail_is_taken_exactly_once_over_kept_connections(server):
    """Twenty mails, four connections, twenty results, twenty mails at the server."""
    sender = sender_for(server.port)
    results = sender.send([parcel(n) for n in range(20)])
    sender.close()
    assert sorted(r.id for r in results if isinstance(r, Sent)) == sorted(str(n) for n in range(20))
    assert len(server.taken) == 20
    assert {t[0] for t in server.taken} == {"anmeldung@klima.example"}


def test_temporary_and_permanent_refusals_are_told_apart_and_do_not_stop_the_others(server):
    """4xx comes again, 5xx goes to a human, the rest is sent."""
    sender = sender_for(server.port, connections=1)
    results = sender.send([parcel(1, "code451@x.example"), parcel(2, "code550@x.example"), parcel(3)])
    sender.close()
    assert [type(r) for r in sorted(results, key=lambda r: r.id)] == [Later, Refused, Sent]


def test_an_unreachable_server_is_one_clear_line():
    """The error names the server and what to check."""
    sender = sender_for(9)
    with pytest.raises(Unreachable, match="127.0.0.1:9"):
        sender.send([parcel(1)])
    sender.close()


def test_the_password_never_goes_out_in_clear_when_starttls_is_missing(server):
    """A server that offers no STARTTLS gets neither login nor mail."""
    sender = sender_for(server.port, security="starttls", username="bot", password="geheim")
    with pytest.raises(Unreachable):
        sender.send([parcel(1)])
    sender.close()
    assert server.taken == []


def test_a_wrong_password_is_told_from_an_unreachable_server():
    """Exit status 77, not 75."""

    def nobody(server, session, envelope, mechanism, data):
        return AuthResult(success=False, handled=False)

    port = free_port()
    controller = Controller(Recorder(), hostname=LOOPBACK, port=port, authenticator=nobody, auth_require_tls=False)
    controller.start()
    sender = sender_for(port, username="bot", password="falsch")
    try:
        with pytest.raises(LoginRefused, match="refused the login"):
            sender.check()
    finally:
        sender.close()
        controller.stop()
