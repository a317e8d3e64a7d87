"""Put a mail together as bytes: headers (RFC 5322, 2047), alternatives and attachments (RFC 2045, 2046), CRLF throughout.

Written line by line because ``EmailMessage`` needs forty times as long; a test reads every result back with the
standard library's strict parser. Nothing from outside reaches a header but through ``unstructured`` or ``mailbox``.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import quote

from email_validator import EmailNotValidError, validate_email

from mailbot.errors import MailbotError
from mailbot.render import clean

_LINE = 76
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_FILENAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An attachment: ``content_type`` may carry parameters."""

    filename: str
    content_type: str
    content: bytes


def ascii_address(address: str) -> str:
    """Give an address as it can be sent everywhere (domain as A-labels); raises when it is none."""
    if _ADDRESS.fullmatch(address):
        return address
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise MailbotError(
            "not a mail address, so no letter can be made", remedy="see that mail with 'mailbot review list'"
        ) from None
    return checked.ascii_email or checked.normalized


def unstructured(name: str, value: str) -> bytes:
    """Give a header with free text, encoded and folded where needed."""
    text = clean.line(value)
    if text.isascii() and len(name) + 2 + len(text) <= _LINE and "=?" not in text:
        return f"{name}: {text}\r\n".encode("ascii")
    return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=chr(13) + chr(10))}\r\n".encode("ascii")


def mailbox(name: str, display: str, address: str) -> bytes:
    """Give a header with one mailbox; the display name is quoted or encoded (RFC 5322 §3.4, RFC 2047 §5 (3))."""
    phrase = clean.name(display)
    if not phrase:
        return f"{name}: <{address}>\r\n".encode()
    if phrase.isascii() and "=?" not in phrase and len(phrase) + len(name) + len(address) < _LINE:
        given = phrase if _PLAIN_PHRASE.fullmatch(phrase) else f'"{quote(phrase)}"'
        return f"{name}: {given} <{address}>\r\n".encode()
    encoded = Header(phrase, "utf-8", header_name=name).encode(splitchars="", linesep="\r\n")
    return f"{name}: {encoded}\r\n <{address}>\r\n".encode()


def ids(name: str, values: Sequence[str]) -> bytes:
    """Give a header with Message-IDs, one a line; what looks like none is left out."""
    good = [value for value in values if re.fullmatch(r"<[!-;=?-~]{1,400}>", value)]
    lines = "\r\n ".join(good)
    return f"{name}: {lines}\r\n".encode("ascii") if good else b""


def build(headers: bytes, text: str, html: str, attachments: Sequence[Part], seed: str) -> bytes:
    """Give the whole mail; ``seed`` (its Message-ID) makes the boundaries, which quoted-printable can't contain."""
    mark = hashlib.sha256(seed.encode()).hexdigest()[:24]
    alternatives = _multipart("alternative", f"=_a{mark}", [_body("plain", text), _body("html", html)])
    if attachments:
        alternatives = _multipart("mixed", f"=_m{mark}", [alternatives, *map(_attachment, attachments)])
    return headers + b"MIME-Version: 1.0\r\n" + alternatives


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    opening = f"--{boundary}\r\n".encode()
    return head + b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _body(kind: str, text: str) -> bytes:
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
    return head + binascii.b2a_qp(text.replace("\n", "\r\n").encode(), istext=True)


def _attachment(part: Part) -> bytes:
    name = _FILENAME.sub("-", part.filename).strip(".-") or "attachment"
    head = (
        f'Content-Type: {part.content_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode("ascii") + base64.encodebytes(part.content).replace(b"\n", b"\r\n").rstrip(b"\r\n")
