"""Looking for what is left of a person: whole addresses and full names, however they are encoded."""

import base64
from email.header import Header
from email.message import EmailMessage

import pytest

from mailbot.traces import Traces, addresses_in, telling

TRACES = Traces.of(["anna@verein.example"], ["Jürgen Groß-Thal", "Bo"])


def mail(text, **headers):
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, cte="base64")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("schreiben Sie an ANNA@Verein.example.", True),
        ("joanna@verein.example", False),
        ("anna@verein.example.org", False),
        ("mit Jürgen Groß-Thal gesprochen", True),
        ("Groß-Thal, Jürgen", True),
        ("Thal, Jürgen Groß", True),
        ("Jürgen Groß", False),
        ("Bo kommt", False),  # a first name alone proves nothing
    ],
)
def test_a_trace_is_a_whole_address_or_a_full_name(text, found):
    """Part of another address, or part of a name, is nobody's trace."""
    assert TRACES.in_text(text) is found


def test_encoded_bodies_and_headers_are_read():
    """Base64 and encoded words hide nothing."""
    assert TRACES.in_mail(mail("Gruß von Jürgen Groß-Thal"))
    assert TRACES.in_mail(mail("x", Subject=str(Header("Für Jürgen Groß-Thal", "iso-8859-1"))))
    assert not TRACES.in_mail(mail("Gruß von Jürgen Thal"))


def test_an_attached_file_is_read_too():
    """The JSON of an access answer is a trace."""
    message = EmailMessage()
    message.set_content("siehe Anhang")
    message.add_attachment(b'{"email": "anna@verein.example"}', maintype="application", subtype="json")
    assert b"anna@" not in message.as_bytes()
    assert base64.b64encode(b'{"em')[:4] in message.as_bytes()
    assert TRACES.in_mail(message.as_bytes())


def test_somebody_who_is_called_like_the_event_erases_nobody_else():
    """Words of the organiser's own prove nothing about a person; they end with their line."""
    own = ["Die Klima Werkstatt Salzkotten", "Guten Tag,", "Frau Anna", "Berg"]
    assert telling(["Klima Werkstatt", "Guten Tag", "Anna Berg"], own) == ("Anna Berg",)


@pytest.mark.parametrize("levels", [10, 3000])
def test_a_mail_that_no_parser_survives_is_searched_all_the_same(levels):
    """Thousands of parts inside each other hide nothing, encoded or not."""
    opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(levels))
    inside = base64.encodebytes("Gruß von Jürgen Groß-Thal an alle, die heute hier sind".encode()).decode()
    head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert TRACES.in_mail(f"From: a@b.example\r\n{opened}{head}{inside}".encode())
    assert not TRACES.in_mail(f"From: a@b.example\r\n{opened}{head}".encode())


def test_addresses_of_a_mail_are_found_folded():
    """The audit compares them with the keyed hashes of the erased."""
    assert "anna@verein.example" in addresses_in(mail("x <Anna@Verein.example>"))
