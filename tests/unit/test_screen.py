"""Who wrote: one row per mark, and the humans who carry something that looks like one."""

from datetime import UTC, datetime

import pytest

from mailbot.domain.understanding import Authentication, Kind
from mailbot.parse import parse
from mailbot.screen import screen

OWN = frozenset({"anmeldung@klima.example"})
NOW = datetime(2027, 2, 1, tzinfo=UTC)


def seen(extra="", subject="Klima-Werkstatt", sender="Anna <anna@verein.example>", text="Ich melde mich an.", trusted=()):
    content = f"From: {sender}\r\nTo: anmeldung+klima-aaaaaaaaaa@klima.example\r\nSubject: {subject}\r\n{extra}\r\n{text}".encode()
    return screen(parse(content, received_at=NOW), own_addresses=OWN, trusted_authserv_ids=trusted)


@pytest.mark.parametrize(
    "mark",
    [
        {"extra": "Auto-Submitted: auto-replied; owner-email=x\r\n"},
        {"extra": "auto-submitted: AUTO-GENERATED (vacation)\r\n"},
        {"extra": "Return-Path: <>\r\n"},
        {"extra": "Precedence: Bulk\r\n"},
        {"extra": "PRECEDENCE: list\r\n"},
        {"extra": "List-Id: <news.example>\r\n"},
        {"extra": "X-Autoreply: yes\r\n"},
        {"extra": "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"},
        {"sender": "MAILER-DAEMON@mx.example"},
        {"sender": "No Reply <no-reply@shop.example>"},
        {"subject": "Automatische Antwort: Anmeldung"},
        {"subject": "[EXTERN] Out of Office: registration"},
        {"subject": "Réponse automatique : Klima"},
    ],
)
def test_each_mark_of_a_machine_is_recognised(mark):
    """Whatever its words say, nobody is answered."""
    assert seen(**mark).kind in {Kind.AUTOMATIC, Kind.BOUNCE}


@pytest.mark.parametrize(
    "mark",
    [
        {},
        {"extra": "Auto-Submitted: no\r\n"},
        {"extra": "X-Auto-Response-Suppress: All\r\n"},  # Exchange users send it
        {"extra": "Return-Path: <anna@verein.example>\r\n"},
        {"extra": "X-Auto-Generated: no\r\n"},
        {"subject": "Frage zur Automatisierung"},
        {"text": "Ihre Mail kam zurück: 550 5.1.1 user unknown"},
    ],
)
def test_a_human_stays_a_human(mark):
    """What only resembles a mark keeps nobody from being answered."""
    assert seen(**mark).kind is Kind.HUMAN


def test_a_contact_form_is_a_human():
    """A robot that sends what a person typed into a web page is no machine; its own address reads nothing."""
    form = seen(
        "Reply-To: jan.ott@post.example\r\n", sender="No Reply <noreply@town.example>", text="Name: Jan\nMail: jan.ott@post.example"
    )
    assert form.kind is Kind.HUMAN
    assert form.web_form
    assert seen(sender="No Reply <noreply@town.example>", text="Mail: jan.ott@post.example").kind is Kind.AUTOMATIC


def test_a_reply_to_an_absence_note_is_a_human():
    """The mark of an absence note begins the subject; behind "AW:" a human wrote."""
    assert seen(subject="AW: Automatische Antwort: Einladung").kind is Kind.HUMAN


def test_our_own_mail_ends_the_loop():
    """From ourselves, or with our own loop header."""
    assert seen(sender="anmeldung@klima.example").kind is Kind.OWN
    assert seen(extra="X-Loop: Anmeldung@Klima.example\r\n").kind is Kind.OWN


def test_a_provider_unsubscribes_for_a_person():
    """RFC 2369: an automatic mail with the subject of our List-Unsubscribe."""
    assert seen("Auto-Submitted: auto-generated\r\n", subject="unsubscribe:klima-aaaaaaaaaa").kind is Kind.PROVIDER_UNSUBSCRIBE
    assert seen(subject="unsubscribe").kind is Kind.HUMAN


def test_a_bounce_names_who_failed_and_a_full_mailbox_is_not_for_good():
    """RFC 3464 status codes; FACTS: 5.2.2 is soft, delayed is nothing."""
    report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    blocks = "".join(
        f"Final-Recipient: rfc822; {who}@post.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        for who, action, status in (("a", "failed", "5.1.1"), ("b", "failed", "5.2.2"), ("c", "delayed", "4.4.1"))
    )
    text = f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n{blocks}--b--\r\n"
    found = seen(report, sender="MAILER-DAEMON@mx.example", text=text)
    assert [(b.address, b.permanent) for b in found.bounces] == [("a@post.example", True), ("b@post.example", False)]


@pytest.mark.parametrize(
    ("header", "trusted", "expected"),
    [
        ("mx.klima.example; dmarc=fail header.from=verein.example", ("mx.klima.example",), Authentication.FAIL),
        ("mx.klima.example; dmarc=pass header.from=verein.example", ("mx.klima.example",), Authentication.PASS),
        ("evil.example; dmarc=pass header.from=verein.example", ("mx.klima.example",), Authentication.NONE),
        ("mx.klima.example; dmarc=fail header.from=verein.example", (), Authentication.NONE),
        (";;;", ("mx.klima.example",), Authentication.NONE),
    ],
)
def test_only_a_configured_server_is_believed(header, trusted, expected):
    """RFC 8601 section 5: anybody can write such a header."""
    assert seen(f"Authentication-Results: {header}\r\n", trusted=trusted).authentication is expected


def test_a_foreign_header_above_hides_a_trusted_one_below():
    """Only the topmost counts: what stands below may have come with the mail."""
    extra = "Authentication-Results: other.example; dmarc=none\r\nAuthentication-Results: mx.klima.example; dmarc=pass\r\n"
    assert seen(extra, trusted=("mx.klima.example",)).authentication is Authentication.NONE
