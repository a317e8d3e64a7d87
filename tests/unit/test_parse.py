"""Reading mails as they come: every promise is a mail's bytes."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.domain.mail import Defect
from mailbot.domain.understanding import Action
from mailbot.parse import parse
from tests.unit.understanding import read_bytes

NOW = datetime(2027, 2, 1, tzinfo=UTC)
HEAD = b"From: Anna Berg <anna@verein.example>\r\nTo: anmeldung@klima.example\r\nSubject: Hallo\r\nMessage-ID: <a@b.example>\r\n"


def read(content):
    return parse(content, received_at=NOW)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_give_a_value(content):
    """Parsing never raises, whatever arrives."""
    assert read(content).received_at == NOW


def test_a_forwarded_mail_is_not_this_mail():
    """The text of an attached mail does not become the sender's own words."""
    content = HEAD + (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nzur Kenntnis\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nMessage-ID: <inner@y.example>\r\n\r\nPlease delete my data\r\n--b--\r\n"
    )
    mail = read(content)
    assert mail.text.strip() == "zur Kenntnis"
    assert "delete my data" in mail.attached_text
    assert mail.returned_ids == ("<inner@y.example>",)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"", "Grüße".encode("cp1252")),
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n", "Grüße".encode("cp1252")),
        (b"Content-Type: text/plain; charset=x-unknown\r\n", "Grüße".encode("cp1252")),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "Grüße".encode()),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "Grüße".encode().decode("cp1252").encode()),
    ],
)
def test_characters_are_read_as_they_are_not_as_declared(kind, body):
    """Undeclared, wrong and twice-encoded charsets all give the word that was written."""
    assert read(HEAD + kind + b"\r\n" + body).text == "Grüße"


@pytest.mark.parametrize(
    ("sender", "defect"),
    [
        (b"", Defect.NO_SENDER),
        (b"From: \r\n", Defect.NO_SENDER),
        (b"From: a@x.example\r\nFrom: b@x.example\r\n", Defect.SEVERAL_SENDERS),
        (b"From: a@x.example, b@x.example\r\n", Defect.SEVERAL_SENDERS),
        (b"From: not an address\r\n", Defect.BAD_SENDER),
        (b"From: alice@x.example <bob@x.example> <eve@x.example>\r\n", Defect.SEVERAL_SENDERS),
    ],
)
def test_there_is_nobody_to_act_for_without_exactly_one_author(sender, defect):
    """None, several or malformed: no sender, and the reason why."""
    mail = read(sender + b"Subject: x\r\n\r\ntext")
    assert mail.sender is None
    assert defect in mail.defects


def test_an_umlaut_domain_becomes_the_right_ascii_domain():
    """IDNA 2008: straße is not strasse, which is another domain."""
    mail = read("From: Eva <eva@straße.example>\r\nSubject: x\r\n\r\ntext".encode())
    assert mail.sender.email == "eva@xn--strae-oqa.example"


def test_flowed_lines_are_joined():
    """RFC 3676: a line that ends in a space goes on."""
    kind = b"Content-Type: text/plain; format=flowed\r\n\r\n"
    assert read(HEAD + kind + b"eins \r\nzwei\r\n-- \r\nAnna").text == "eins zwei\n-- \nAnna"


def test_the_same_id_with_other_content_is_another_mail():
    """Identity is Message-ID, From, Date and body together."""
    assert read(HEAD + b"\r\nja").identity != read(HEAD + b"\r\nnein").identity
    assert read(HEAD + b"\r\nja").identity == read(b"Received: by x\r\n" + HEAD + b"\r\nja\r\n").identity


def test_a_delivery_report_names_the_recipient_and_the_status():
    """RFC 3464: final recipient, action, status."""
    content = HEAD + (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; nobody@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    [status] = read(content).delivery_statuses
    assert (status.recipient, status.action, status.status) == ("nobody@post.example", "failed", "5.1.1")


def _nested(depth: int) -> bytes:
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(depth))
    return b"From: Anna <anna@verein.example>\nMIME-Version: 1.0\n" + parts + b"Content-Type: text/plain\n\nIch melde mich an.\n"


BOMBS = {
    "parts": b'From: a@verein.example\nContent-Type: multipart/mixed; boundary="b"\n\n'
    + b"--b\nContent-Type: text/plain\n\nJa.\n" * 5_000,
    "parts inside each other": _nested(200),
    "very many parts inside each other": _nested(3_000),
    "empty lines": b"From: a@verein.example\n\n" + b"\n" * 50_000 + b"Ich melde mich an.",
    "quotes": b"From: a@verein.example\n\n" + b">" * 100_000,
    "open tags": b"From: a@verein.example\nContent-Type: text/html\n\n" + b"<div>" * 50_000 + b"<" * 50_000,
    "attributes": b"From: a@verein.example\nContent-Type: text/html\n\n<p" + b" a=1" * 100_000 + b">x</p>",
    "one word": b"From: a@verein.example\n\n" + b"a" * 2_000_000,
    "an address": b"From: a@verein.example\n\n" + b"a.b-c+" * 10_000 + b"@" + b"x." * 10_000,
    "names": b"From: a@verein.example\n\n" + b"Anna Meier, " * 10_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_and_is_for_a_human(name: str) -> None:
    """Whatever is sent, reading ends within a bounded time and nothing is acted on."""
    begin = time.process_time()
    understood = read_bytes(BOMBS[name])
    assert time.process_time() - begin < 10
    assert understood.action in {Action.REVIEW, Action.ASK}


def test_a_boundary_that_is_not_the_headers_is_found() -> None:
    """A multipart mail is read although its header names another boundary than the one that stands in it."""
    body = b"--right\nContent-Type: text/plain\n\nIch melde mich an.\n--right--\n"
    mail = parse(b'From: a@verein.example\nContent-Type: multipart/mixed; boundary="wrong"\n\n' + body, received_at=NOW)
    assert mail.text.strip() == "Ich melde mich an."
