"""What mailbot needs of an SMTP server: one suite, subclassed for each server.

A subclass gives the fixture ``server`` (see ``Place``).
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mailbot.settings import Smtp
from mailbot.smtp import Later, Parcel, Refused, Sender, Sent
from tests.servers import LOOPBACK

BOT = "anmeldung@klima.example"
TEXT = b"From: anmeldung@klima.example\r\nDate: Tue, 24 Nov 2026 12:00:00 +0100\r\nMessage-ID: <m1@klima.example>\r\nSubject: x\r\n\r\n.Hallo\r\n..\r\nHallo\r\n"


@dataclass(frozen=True)
class Place:
    """Where a server is; ``delivered`` waits for so many mails and gives (recipient, bytes)."""

    port: int
    delivered: Callable
    refused: str = "code550@x.example"
    deferred: str = "code451@x.example"


def sender_for(port, **more):
    secrets = {name: more.pop(name, None) for name in ("password", "token")}
    return Sender(Smtp(**{"host": LOOPBACK, "port": port, "security": "none", **more}), **secrets)


def parcel(number, to="anna@verein.example", content=TEXT):
    return Parcel(id=str(number), envelope_from=BOT, to=to, content=content)


class SmtpContract:
    """The promises of ``mailbot.smtp`` on a real server. ``lacks`` names what it can't do."""

    lacks = frozenset()

    @pytest.fixture
    def sender(self, server):
        sender = sender_for(server.port)
        yield sender
        sender.close()

    def test_every_mail_is_taken_exactly_once_over_kept_connections(self, server, sender):
        """Thirty mails in two handfuls: thirty results in their order, thirty mails at the server."""
        for first in (0, 20):
            parcels = [parcel(n, f"p{n}@verein.example") for n in range(first, first + 20 - first // 2)]
            results = sender.send(parcels)
            assert [r.id for r in results if isinstance(r, Sent)] == [p.id for p in parcels]
        assert sorted(to for to, _ in server.delivered(30)) == sorted(f"p{n}@verein.example" for n in range(30))

    def test_the_bytes_arrive_as_they_were(self, server, sender):
        """Dots at the start of a line are doubled on the way only (RFC 5321 §4.5.2)."""
        assert isinstance(sender.send([parcel(1)])[0], Sent)
        [(_, content)] = server.delivered(1)
        assert content.replace(b"\r\n", b"\n").endswith(TEXT.replace(b"\r\n", b"\n"))

    def test_temporary_and_permanent_refusals_are_told_apart_and_do_not_stop_the_others(self, server):
        """4xx comes again, 5xx goes to a human, the rest is sent, over one connection."""
        sender = sender_for(server.port, connections=1)
        later, refused, sent = sender.send([parcel(1, server.deferred), parcel(2, server.refused), parcel(3)])
        sender.close()
        if "REFUSAL" in self.lacks:  # it takes everything, in order
            assert (type(later), type(refused), type(sent)) == (Sent, Sent, Sent)
            return
        assert (type(later), type(refused), type(sent)) == (Later, Refused, Sent)
        assert "@" not in later.reason + refused.reason
        assert len(server.delivered(1)) == 1

    def test_an_idn_recipient_goes_out_in_its_ascii_form(self, server, sender):
        """``straße.example`` is not ``strasse.example`` (IDNA 2008), and no server needs SMTPUTF8 for it."""
        assert isinstance(sender.send([parcel(1, "anna@xn--strae-oqa.example")])[0], Sent)
        [(to, _)] = server.delivered(1)
        assert to == "anna@xn--strae-oqa.example"

    def test_checking_sends_nothing(self, server, sender):
        """Connect, log in, and nothing more."""
        sender.check()
        assert server.delivered(0) == []
