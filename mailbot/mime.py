"""Bytes → a tree of message parts, bounded: the standard library's parser, stopped where a mail is made to cost.

Its parser asks every open boundary about every line, calls itself for every part inside a part, and copies the rest of a header
field for each parameter: each of them is limited here, and what is left out is told as a ``Defect``. Never raises on bad mail.
Downstream: ``parse``.
"""

from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesFeedParser

from mailbot.domain.mail import Defect

MAX_DEPTH, MAX_PARTS = 20, 500
MAX_FIELD = 32_000
_MAX_BYTES, _MAX_LINES = 20_000_000, 300_000
_MAX_FIELDS, _MAX_HEADERS = 2_000, 500_000  # of all parts together: how many, and how long
_MAX_PARAMETERS = 50
_CHUNK = 65_536
NO_CHARSETS = {"punycode", "idna"}  # of domains: decoding a long text takes quadratic time


@dataclass(slots=True)
class Limits:
    """What one mail has used up, and what therefore is missing of it."""

    parts: int = 1
    fields: int = 0
    headers: int = 0
    defects: set[Defect] = field(default_factory=set)

    def room(self, value: str) -> bool:
        """Count one more header field; whether it may be kept."""
        self.fields += 1
        self.headers += len(value)
        if self.fields <= _MAX_FIELDS and self.headers <= _MAX_HEADERS:
            return True
        self.defects.add(Defect.TOO_DEEP)
        return False


class _TooManyPartsError(Exception):
    """Enough parts were read."""


class _Part(Message):
    """A part that knows how deep it stands; below the deepest level no part is looked into."""

    depth = 0
    limits: Limits

    def attach(self, payload: Message) -> None:  # type: ignore[override]
        """Take in a part, which is still empty: the parser fills it afterwards."""
        super().attach(payload)
        if isinstance(payload, _Part):
            payload.depth = self.depth + 1
            if payload.depth >= MAX_DEPTH:
                self.limits.defects.add(Defect.TOO_DEEP)
        self.limits.parts += 1
        if self.limits.parts > MAX_PARTS:
            raise _TooManyPartsError

    def get_content_type(self) -> str:
        """Give the type; of a part that stands too deep only that it is something."""
        return super().get_content_type() if self.depth < MAX_DEPTH else "application/octet-stream"

    def set_raw(self, name: str, value: str) -> None:
        """Keep a header field as it came, shortened if need be."""
        kept = value[:MAX_FIELD]
        if kept.count(";") > _MAX_PARAMETERS and name.lower().startswith("content-"):
            kept = ";".join(kept.split(";", _MAX_PARAMETERS)[:_MAX_PARAMETERS])
        if "=?" in kept and any(f"=?{charset}" in kept.lower() for charset in NO_CHARSETS):
            kept = kept.replace("=?", "")
        if len(kept) < len(value):
            self.limits.defects.add(Defect.TOO_DEEP)
        if self.limits.room(kept):
            super().set_raw(name, kept)


def tree(content: bytes) -> tuple[Message, set[Defect]]:
    """Read a message; what is missing of it is a defect."""
    limits = Limits()
    parts: list[_Part] = []

    def part() -> _Part:
        made = _Part()
        made.limits = limits
        parts.append(made)
        return made

    try:
        return _fed(BytesFeedParser(part), _within(content, limits)), limits.defects
    except _TooManyPartsError:
        limits.defects.add(Defect.TOO_DEEP)
    except Exception:  # noqa: BLE001 - the parser's own assertions: what it has read so far is what there is
        limits.defects |= {Defect.UNPARSEABLE, Defect.TOO_DEEP}
    return parts[0], limits.defects


def _fed(parser: "BytesFeedParser[_Part]", content: bytes) -> Message:
    for start in range(0, len(content), _CHUNK):
        parser.feed(content[start : start + _CHUNK])
    return parser.close()


def _within(content: bytes, limits: Limits) -> bytes:
    """The bytes that are read: a line costs more than its length."""
    size = _MAX_BYTES if max(content.count(b"\n"), content.count(b"\r")) <= _MAX_LINES else _MAX_LINES
    if len(content) > size:
        limits.defects.add(Defect.TRUNCATED)
    return content[:size]
