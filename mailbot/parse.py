"""Bytes → ``IncomingMail``. Never raises on bad mail: what can't be read is a ``Defect`` on the value.

Headers and defects come from mail-parser, the sender from the standard library's strict parser, bodies from our own walk
over the message: a forwarded mail's text is not this mail's text. Upstream: ``imap``; downstream: ``screen``.
"""

import email
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

import mailparser
from email_validator import EmailNotValidError, validate_email

from mailbot.domain.mail import Address, Attachment, Defect, DeliveryStatus, IncomingMail

MAX_DEPTH = 30
MAX_PARTS = 500
MAX_TEXT = 128_000
_HEAD, _MAX_HEADER = 100_000, 32_000
_DELIMITER = re.compile(rb"^--([\w'()+,./:=?-]{1,70})[ \t]*\r?$", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WESTERN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", ""}
_MOJIBAKE = re.compile("Ã[\x80-\xbf¤¶¼Ÿœ„–]")


def parse(content: bytes, *, received_at: datetime, size: int | None = None, truncated: bool = False) -> IncomingMail:
    """Read one message (RFC 5322 bytes). ``received_at`` is INTERNALDATE (aware); ``truncated``: only its first part."""
    defects = {Defect.TRUNCATED} if truncated else set()
    message = _message(content, defects)
    if Defect.TOO_DEEP not in defects:
        message = _with_boundary(message, content)
    headers = tuple((name.lower(), _header(value)) for name, value in message.raw_items())
    parts = list(_walk(message, 0))
    if len(parts) >= MAX_PARTS or any(depth >= MAX_DEPTH for _, depth in parts):
        defects.add(Defect.TOO_DEEP)
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
        content_types=tuple(part.get_content_type() for part, _ in parts),
        attachments=tuple(_attachments(parts)),
        delivery_statuses=tuple(_statuses(parts)),
        returned_ids=tuple(_returned(parts)),
        attached_text=_attached_text(parts),
        defects=frozenset(defects),
        size=size if size is not None else len(content),
    )


def _message(content: bytes, defects: set[Defect]) -> Message:
    message: Message
    try:
        message = mailparser.parse_from_bytes(content).message
    except Exception:  # noqa: BLE001 - mail-parser crashes on some broken bounces; the standard library reads them
        defects.add(Defect.UNPARSEABLE)
        try:
            message = email.message_from_bytes(content)
        except RecursionError:  # thousands of parts inside each other: only the headers are read
            defects.add(Defect.TOO_DEEP)
            message = BytesHeaderParser().parsebytes(content[:_HEAD])
    return message


def _with_boundary(message: Message, content: bytes) -> Message:
    """A multipart mail whose boundary is not the one that its header names is read by the one that stands in it."""
    if message.get_content_maintype() != "multipart" or message.is_multipart():
        return message
    head, gap, body = content.partition(b"\n\n" if b"\r\n\r\n" not in content[:_HEAD] else b"\r\n\r\n")
    wrong, right = str(message.get_boundary() or ""), _DELIMITER.search(body[:_HEAD])
    if not wrong or right is None:
        return message
    repaired: Message = email.message_from_bytes(head.replace(wrong.encode(), right[1]) + gap + body)
    return repaired


def _header(value: object) -> str:
    """Decode and unfold one header; undecodable bytes are read as Windows-1252, which people's mail programs send."""
    text = _bytes_as_text(value)
    with suppress(ValueError, LookupError, UnicodeError):
        text = str(make_header(decode_header(text)))
    return _CONTROL.sub("", re.sub(r"[\r\n\t ]+", " ", text)).encode("utf-8", "replace").decode().strip()


def _bytes_as_text(value: object) -> str:
    return _decode(str(value)[:_MAX_HEADER].encode("utf-8", "surrogateescape"), "utf-8")


def _decode(raw: bytes, charset: str) -> str:
    for candidate in (charset if charset not in _WESTERN else "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(candidate)
        except (LookupError, UnicodeDecodeError):
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
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return Address(email=checked.ascii_email or checked.normalized, name=name)


def _addresses(headers: tuple[tuple[str, str], ...], name: str) -> tuple[Address, ...]:
    values = [value for key, value in headers if key == name]
    found = (_valid(display, address) for display, address in getaddresses(values))
    return tuple(address for address in found if address is not None)


def _senders(message: Message, defects: set[Defect]) -> tuple[Address, ...]:
    """Give the authors: exactly one From header with exactly one valid address makes an author that mailbot acts for."""
    raw = [_bytes_as_text(value) for name, value in message.raw_items() if name.lower() == "from"]
    if not raw or not "".join(raw).strip():
        defects.add(Defect.NO_SENDER)
        return ()
    pairs = getaddresses(raw)  # strict before decoding: an encoded name must not add an address
    found = [_valid(_header(display), address) for display, address in pairs]
    if len(raw) > 1 or len(pairs) > 1:
        defects.add(Defect.SEVERAL_SENDERS)
        return tuple(a for a in found if a is not None) if len(pairs) > 1 else ()
    if found[0] is None:
        defects.add(Defect.BAD_SENDER)
        return ()
    return (found[0],)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _walk(message: Message, depth: int) -> Iterator[tuple[Message, int]]:
    """Give every part, depth first, bounded."""
    stack = [(message, depth)]
    given = 0
    while stack and given < MAX_PARTS:
        part, level = stack.pop()
        given += 1
        yield part, level
        if part.is_multipart() and level < MAX_DEPTH:
            stack.extend((child, level + 1) for child in reversed(_children(part)))


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
    payload = part.get_payload(decode=True)
    raw = payload[:MAX_TEXT] if isinstance(payload, bytes) else b""
    charset = str(part.get_content_charset() or "")
    text = _decode(raw, charset).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if _MOJIBAKE.search(text):  # UTF-8 that was read as Windows-1252 and encoded again
        try:
            text = text.encode("cp1252").decode("utf-8")
            defects.add(Defect.CHARSET)
        except UnicodeError:
            pass
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    return _unflow(text, del_sp=str(part.get_param("delsp", "")).lower() == "yes") if flowed else text


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


def _attachments(parts: list[tuple[Message, int]]) -> Iterator[Attachment]:
    for part, _ in parts:
        filename = part.get_filename()
        kind = part.get_content_type()
        if filename or kind == "text/calendar":
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            kept = content if kind == "text/calendar" else b""
            yield Attachment(filename=_header(filename or ""), content_type=kind, content=kept, size=len(content))


def _statuses(parts: list[tuple[Message, int]]) -> Iterator[DeliveryStatus]:
    """Read the per-recipient blocks of delivery reports (RFC 3464 §2.3)."""
    for part, _ in parts:
        if part.get_content_type() not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, Message) and (to := block.get("Final-Recipient") or block.get("Original-Recipient")):
                address = _header(to).partition(";")[2].strip()
                action, status = _header(block.get("Action", "")).lower(), _header(block.get("Status", "")).split(" ")[0]
                yield DeliveryStatus(recipient=address, action=action, status=status)


def _returned(parts: list[tuple[Message, int]]) -> Iterator[str]:
    for part, _ in parts:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            yield from _MESSAGE_ID.findall(str(inner.get("Message-ID", "")) if isinstance(inner, Message) else "")
        elif part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            headers = email.message_from_bytes(payload if isinstance(payload, bytes) else b"")
            yield from _MESSAGE_ID.findall(str(headers.get("Message-ID", "")))


def _attached_text(parts: list[tuple[Message, int]]) -> str:
    originals = [p.get_payload(0) for p, _ in parts if p.get_content_type() == "message/rfc822" and p.is_multipart()]
    return "\n\n".join(_bodies(o, set())[0] for o in originals if isinstance(o, Message))[:MAX_TEXT]
