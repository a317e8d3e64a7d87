"""Whether a mail still holds somebody's address or full name, however it is encoded. Pure; used by the final step alone.

Addresses are compared whole (``anna@x`` is no trace of ``joanna@x``), names of two or more words in any order of turning.
"""

import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message

from mailbot.mime import NO_CHARSETS, tree

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
_WORD = re.compile(r"\w+")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{16,76}={0,2}\s{1,4}){1,9000}")
_MAX_TEXT = 2_000_000
_LONGEST_NAME = 8


@dataclass(frozen=True, slots=True)
class Traces:
    """What to look for: folded addresses, and names as tuples of folded words."""

    addresses: frozenset[str]
    names: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, addresses: Iterable[str], names: Iterable[str]) -> "Traces":
        """Make it of addresses and names that tell something (``telling``); single words are no trace."""
        full = {w for name in names if len(w := _words(name)) > 1}
        turned = {name[cut:] + name[:cut] for name in full for cut in range(len(name))}  # also "Groß-Thal, Jürgen"
        return cls(frozenset(a.casefold() for a in addresses), frozenset(turned))

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


def telling(names: Iterable[str], never: Iterable[str]) -> tuple[str, ...]:
    """Give the names of which a mention proves something.

    ``never`` are texts in which they stand for something else: titles, our letters, the people who stay. Somebody who
    registers as "Guten Tag" would otherwise take every mail with them.
    """
    known = "".join(f" {' '.join(_words(text))} |" for text in never)
    return tuple(name for name in names if f" {' '.join(_words(name))} " not in known)


def turned(name: str) -> str:
    """Give a name as lists write it: the last name, a comma, the rest."""
    first, _, last = name.strip().rpartition(" ")
    return f"{last}, {first}" if first and "," not in name else name


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _texts(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    message, missing = tree(content)
    broken = bool(missing)
    try:
        yield from _parts(message)
    except (ValueError, LookupError):
        broken = True
    if broken:  # or too large, or nested too deeply: what can be decoded without its structure
        yield quopri.decodestring(content).decode("utf-8", "replace")
        yield from (_from_base64(block).decode("utf-8", "replace") for block in _BASE64.findall(content))


def _from_base64(block: bytes) -> bytes:
    try:
        return binascii.a2b_base64(block)
    except binascii.Error:
        return b""


def _parts(message: Message) -> Iterator[str]:
    for part in message.walk():
        yield "\n".join(_header(value) for value in part.values())
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield _decoded(payload, part)


def _header(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError, MessageError):
        return str(value)


def _decoded(payload: bytes, part: Message) -> str:
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return payload.decode(charset if charset not in NO_CHARSETS else "utf-8")
    except (LookupError, ValueError):
        return payload.decode("cp1252", "replace")
