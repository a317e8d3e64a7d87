"""Whether a mail still holds somebody's address or full name, however it is encoded. Pure; used by the final step alone.

Addresses are compared whole (``anna@x`` is no trace of ``joanna@x``), names of two or more words in either order.
"""

import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
_WORD = re.compile(r"\w+")
_MAX_TEXT = 2_000_000
_LONGEST_NAME = 8


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for: folded addresses, and names as tuples of folded words."""

    addresses: frozenset[str]
    names: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, addresses: Iterable[str], names: Iterable[str], *, never: Iterable[str] = ()) -> "Traces":
        """Make it; ``never`` are texts of our own (titles, the organiser's name, our addresses) that prove nothing."""
        own = [text.casefold() for text in never]
        words = [tuple(_WORD.findall(text)) for text in own]
        wanted = (tuple(_WORD.findall(name.casefold())) for name in names)
        telling = {w for w in wanted if len(w) > 1 and not any(_within(w, o) for o in words)}
        turned = {(name[-1], *name[:-1]) for name in telling}
        return cls(frozenset(a.casefold() for a in addresses) - set(own), frozenset(telling | turned))

    def in_text(self, text: str) -> bool:
        """Whether a text holds one of them."""
        folded = text[:_MAX_TEXT].casefold()
        if any(found.strip(".'`") in self.addresses for found in _ADDRESS.findall(folded)):
            return True
        if not self.names:
            return False
        lengths = {len(name) for name in self.names if len(name) <= _LONGEST_NAME}
        words = _WORD.findall(folded)
        return any(
            tuple(words[start : start + length]) in self.names for length in lengths for start in range(len(words) - length + 1)
        )

    def in_mail(self, content: bytes) -> bool:
        """Whether a message holds one of them, in any header or part, encoded or not."""
        return any(self.in_text(text) for text in _texts(content))


def addresses_in(content: bytes) -> frozenset[str]:
    """Give every folded address that a message holds."""
    found = (_ADDRESS.findall(text[:_MAX_TEXT].casefold()) for text in _texts(content))
    return frozenset(address.strip(".'`") for addresses in found for address in addresses)


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))


def _texts(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    message = email.message_from_bytes(content)
    for part in message.walk():
        yield "\n".join(_header(value) for value in part.values())
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield _decoded(payload, part)


def _header(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        return str(value)


def _decoded(payload: bytes, part: Message) -> str:
    try:
        return payload.decode(str(part.get_content_charset() or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        return payload.decode("cp1252", "replace")
