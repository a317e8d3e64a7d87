"""Bytes → ``IncomingMail``. Never raises on bad mail: what can't be read is a ``Defect`` on the value.

Headers and defects come from mail-parser, the sender from the standard library's strict parser, bodies from our own walk
over the message: a forwarded mail's text is not this mail's text. Upstream: ``imap``; downstream: ``screen``.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache

import mailparser
from email_validator import EmailNotValidError, validate_email

from mailbot.domain.mail import Address, Attachment, Defect, DeliveryStatus, IncomingMail
from mailbot.mime import MAX_FIELD, NO_CHARSETS, tree

MAX_TEXT = 128_000
_HEAD = 100_000
_DELIMITER = re.compile(rb"^--([\w'()+,./:=?-]{1,70})[ \t]*\r?$", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")
_FOLD = re.compile(r"[\r\n\t ]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WESTERN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", ""}
_MOJIBAKE = re.compile("Ã[\x80-\xbf¤¶¼Ÿœ„–]")


def parse(content: bytes, *, received_at: datetime, size: int | None = None, truncated: bool = False) -> IncomingMail:
    """Read one message (RFC 5322 bytes). ``received_at`` is INTERNALDATE (aware); ``truncated``: only its first part."""
    defects = {Defect.TRUNCATED} if truncated else set()
    message = _message(content, defects)
    if Defect.TOO_DEEP not in defects:
        message = _with_boundary(message, content, defects)
    headers = tuple((name.lower(), _header(value)) for name, value in message.raw_items())
    parts = [_Part(part, part.get_content_type()) for part in message.walk()]
    text, html = _bodies(message, defects)
    if not text.strip() and not html.strip():
        defects.add(Defect.NO_TEXT)
    first = dict(reversed(headers))
    senders = _senders(message, defects)
    return IncomingMail(
        identity=_identity(content, first),
        received_at=received_at,
        message_id=next(iter(_MESSAGE_ID.findall(first.get("message-id", ""))), ""),
        subject=first.get("subject", ""),
        date=_date(first.get("date", "")),
        senders=senders,
        reply_to=_addresses(headers, "reply-to"),
        recipients=tuple(a for name in ("to", "cc", "delivered-to", "x-original-to") for a in _addresses(headers, name)),
        in_reply_to=tuple(_MESSAGE_ID.findall(first.get("in-reply-to", ""))),
        references=tuple(_MESSAGE_ID.findall(first.get("references", "")))[-50:],
        headers=headers,
        text=text,
        html=html,
        content_types=tuple(part.kind for part in parts),
        attachments=tuple(_attachments(parts)),
        delivery_statuses=tuple(_statuses(parts)),
        returned_ids=tuple(_returned(parts)),
        attached_text=_attached_text(parts),
        defects=frozenset(defects),
        size=size if size is not None else len(content),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One part, and its type, which costs to ask for."""

    message: Message
    kind: str


class _Mail(mailparser.MailParser):  # type: ignore[misc]
    """mail-parser without the dictionaries that it makes twice of everything it has read: nobody here asks for them."""

    def _make_mail(self, complete: bool = True) -> dict[str, object]:  # noqa: ARG002
        return {}


def _message(content: bytes, defects: set[Defect]) -> Message:
    """Read the parts of a mail within limits; one of ordinary shape is read by mail-parser too."""
    message, missing = tree(content)
    defects |= missing
    if not missing:
        try:
            _Mail(message)
        except Exception:  # noqa: BLE001 - mail-parser crashes on some broken bounces; the standard library has read them
            defects.add(Defect.UNPARSEABLE)
    return message


def _with_boundary(message: Message, content: bytes, defects: set[Defect]) -> Message:
    """A multipart mail whose boundary is not the one that its header names is read by the one that stands in it."""
    if message.get_content_maintype() != "multipart" or message.is_multipart():
        return message
    head, gap, body = content.partition(b"\n\n" if b"\r\n\r\n" not in content[:_HEAD] else b"\r\n\r\n")
    wrong, right = str(message.get_boundary() or ""), _DELIMITER.search(body[:_HEAD])
    if not wrong or right is None or len(head) > _HEAD:
        return message
    named = re.compile(rb"(boundary\s{0,3}=\s{0,3}\"?)" + re.escape(wrong.encode("utf-8", "surrogateescape")), re.IGNORECASE)
    repaired, missing = tree(named.sub(lambda found: found[1] + right[1], head, count=1) + gap + body)
    defects |= missing
    return repaired


def _header(value: object) -> str:
    """Decode and unfold one header; undecodable bytes are read as Windows-1252, which people's mail programs send."""
    text = str(value)
    if not text.isascii() or "=?" in text:
        text = _bytes_as_text(value)
        with suppress(ValueError, LookupError, MessageError):
            text = str(make_header(decode_header(text)))
        text = text.encode("utf-8", "replace").decode()
    return _CONTROL.sub("", _FOLD.sub(" ", text)).strip()


def _bytes_as_text(value: object) -> str:
    return _decode(str(value)[:MAX_FIELD].encode("utf-8", "surrogateescape"), "utf-8")


def _decode(raw: bytes, charset: str) -> str:
    for candidate in (charset if charset not in _WESTERN | NO_CHARSETS else "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(candidate)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _identity(content: bytes, first: dict[str, str]) -> bytes:
    body = content.partition(b"\r\n\r\n")[2] or content.partition(b"\n\n")[2]
    digest = hashlib.sha256()
    for value in (first.get("message-id", ""), first.get("from", ""), first.get("date", "")):
        digest.update(value.encode() + b"\0")
    digest.update(body.replace(b"\r\n", b"\n").rstrip())
    return digest.digest()


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _valid(name: str, address: str) -> Address | None:
    email_ = _checked(address)
    return Address(email=email_, name=name) if email_ else None


@lru_cache(maxsize=512)
def _checked(address: str) -> str:
    """Give an address in its ASCII form, "" if it is none; mailboxes of ours stand in every mail."""
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return checked.ascii_email or checked.normalized


def _addresses(headers: tuple[tuple[str, str], ...], name: str) -> tuple[Address, ...]:
    values = [value for key, value in headers if key == name]
    if not values:
        return ()
    found = (_valid(display, address) for display, address in _pairs(values))
    return tuple(address for address in found if address is not None)


def _pairs(values: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(values)
    except RecursionError:  # a thousand brackets inside each other
        return []


def _senders(message: Message, defects: set[Defect]) -> tuple[Address, ...]:
    """Give the authors: exactly one From header with exactly one valid address makes an author that mailbot acts for."""
    raw = [_bytes_as_text(value) for name, value in message.raw_items() if name.lower() == "from"]
    if not raw or not "".join(raw).strip():
        defects.add(Defect.NO_SENDER)
        return ()
    pairs = _pairs(raw)  # strict before decoding: an encoded name must not add an address
    found = [_valid(_header(display), address) for display, address in pairs]
    if len(raw) > 1 or len(pairs) > 1:
        defects.add(Defect.SEVERAL_SENDERS)
        return tuple(a for a in found if a is not None) if len(pairs) > 1 else ()
    if not found or found[0] is None:
        defects.add(Defect.BAD_SENDER)
        return ()
    return (found[0],)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _bodies(message: Message, defects: set[Defect]) -> tuple[str, str]:
    """Give the first text/plain and the first text/html that are the mail's own body."""
    found: dict[str, str] = {}
    stack = [message]
    while stack and len(found) < 2:  # noqa: PLR2004 - plain and html
        part = stack.pop()
        kind = part.get_content_type()
        if part.is_multipart() and kind.startswith("multipart/"):
            stack.extend(reversed(_children(part)))
        elif kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            found.setdefault(kind, _text(part, defects))
    return found.get("text/plain", ""), found.get("text/html", "")


def _text(part: Message, defects: set[Defect]) -> str:
    whole = _payload(part)
    raw = whole[:MAX_TEXT]
    if len(whole) > len(raw) and part.get_content_type() == "text/plain":
        defects.add(Defect.TOO_DEEP)
    charset = str(part.get_content_charset() or "")
    text = _decode(raw, charset).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if _MOJIBAKE.search(text):  # UTF-8 that was read as Windows-1252 and encoded again
        try:
            text = text.encode("cp1252").decode("utf-8")
            defects.add(Defect.CHARSET)
        except UnicodeError:
            pass
    if "flowed" not in str(part.get("content-type", "")).lower() or str(part.get_param("format", "")).lower() != "flowed":
        return text
    return _unflow(text, del_sp=str(part.get_param("delsp", "")).lower() == "yes")


def _unflow(text: str, *, del_sp: bool) -> str:
    """Join soft line breaks (RFC 3676 §4.1); quoted lines and the signature's separator stay as they are."""
    lines: list[str] = []
    joining = False
    for raw in text.split("\n"):
        line = raw.removeprefix(" ")
        soft = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if joining and line != "-- " and not line.startswith(">"):
            lines[-1] += line
        else:
            lines.append(line)
        if soft and del_sp:
            lines[-1] = lines[-1][:-1]
        joining = soft
    return "\n".join(lines)


def _attachments(parts: Sequence[_Part]) -> Iterator[Attachment]:
    for part in parts:
        filename = _filename(part.message)
        if filename or part.kind == "text/calendar":
            content = _payload(part.message)
            kept = content if part.kind == "text/calendar" else b""
            yield Attachment(filename=_header(filename or ""), content_type=part.kind, content=kept, size=len(content))


def _filename(part: Message) -> str | None:
    """The file's name; most parts have none, and parameters cost to read."""
    fields = f"{part.get('content-disposition', '')}{part.get('content-type', '')}"
    return part.get_filename() if "name" in fields.lower() else None


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _statuses(parts: Sequence[_Part]) -> Iterator[DeliveryStatus]:
    """Read the per-recipient blocks of delivery reports (RFC 3464 §2.3)."""
    for part in parts:
        if part.kind not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        for block in _children(part.message):
            if to := block.get("Final-Recipient") or block.get("Original-Recipient"):
                address = _header(to).partition(";")[2].strip()
                action, status = _header(block.get("Action", "")).lower(), _header(block.get("Status", "")).split(" ")[0]
                yield DeliveryStatus(recipient=address, action=action, status=status)


def _originals(parts: Sequence[_Part]) -> Iterator[Message]:
    for part in parts:
        if part.kind == "message/rfc822":
            yield from _children(part.message)[:1]


def _returned(parts: Sequence[_Part]) -> Iterator[str]:
    for part in parts:
        if part.kind == "message/rfc822":
            inner = _children(part.message)[:1]
        elif part.kind == "text/rfc822-headers":
            inner = [tree(_payload(part.message))[0]]
        else:
            continue
        for original in inner:
            yield from _MESSAGE_ID.findall(str(original.get("Message-ID", "")))


def _attached_text(parts: Sequence[_Part]) -> str:
    return "\n\n".join(_bodies(original, set())[0] for original in _originals(parts))[:MAX_TEXT]
