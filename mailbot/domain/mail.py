"""A mail on its way in (``RawMail`` → ``IncomingMail``) and on its way out (``OutgoingMail``).

Made by ``imap`` and ``parse``; ``OutgoingMail`` is made by ``render`` and sent by ``smtp``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """One message as the IMAP server gave it.

    ``content`` is the whole message (RFC 5322 bytes), or its header and first text parts when ``truncated``
    (it was larger than ``limits.max_mail_bytes``). ``received_at`` is INTERNALDATE, aware, UTC.
    """

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    content: bytes
    size: int
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as written (``email``, ASCII form of the domain) and its display name, decoded."""

    email: str
    name: str = ""

    @property
    def key(self) -> str:
        """The form in which two spellings of one mailbox are equal: everything case-folded."""
        return fold_address(self.email)


def fold_address(email: str) -> str:
    """Case-fold an address. RFC 5321 lets local parts differ by case; no provider does, and people mix them."""
    return email.strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is no body text. ``content`` is only kept for outgoing mails and calendar replies."""

    filename: str
    content_type: str
    content: bytes = b""
    size: int = 0


class Defect(StrEnum):
    """What could not be read in a mail; each makes mailbot more careful, none stops it."""

    UNPARSEABLE = "unparseable"
    NO_SENDER = "no sender"
    SEVERAL_SENDERS = "several senders"
    BAD_SENDER = "sender's address is malformed"
    CHARSET = "charset was wrong"
    TRUNCATED = "larger than the limit, read in part"
    TOO_DEEP = "nested too deeply, or too much to be read whole"
    NO_TEXT = "no readable text"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus:
    """One recipient of a delivery report (RFC 3464): ``status`` is the enhanced code, e.g. ``5.1.1``."""

    recipient: str
    action: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMail:
    """One parsed mail. Nothing here is interpreted yet.

    ``headers`` holds every top-level header in order, names in lower case, values decoded and unfolded, without
    NUL or line breaks. ``text`` and ``html`` are the body's own alternatives ("" when missing): never a forwarded
    or attached mail's text, which is not this mail's text. ``content_types`` lists every part, depth first.
    ``identity`` is SHA-256 over Message-ID, From, Date and body bytes (unkeyed: it never leaves memory, the store
    keeps a keyed hash of it). ``returned_ids`` are Message-IDs in the header of a returned or attached original.
    ``attached_text`` is the text of a ``message/rfc822`` part or inline forward container: shown to humans and
    searched for nothing but bounces.
    """

    identity: bytes
    received_at: datetime
    message_id: str = ""
    subject: str = ""
    date: datetime | None = None
    senders: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    recipients: tuple[Address, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    content_types: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    delivery_statuses: tuple[DeliveryStatus, ...] = ()
    returned_ids: tuple[str, ...] = ()
    attached_text: str = ""
    defects: frozenset[Defect] = frozenset()
    size: int = 0

    @property
    def sender(self) -> Address | None:
        """The one author; None when there is none, several, or no valid one: nobody to act for."""
        return self.senders[0] if len(self.senders) == 1 else None

    @property
    def half_read(self) -> bool:
        """Whether something is missing here that the mail may say: a human should see it whole."""
        return bool(self.defects & {Defect.TRUNCATED, Defect.TOO_DEEP})

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in any case; None when it is missing."""
        return next(self.header_all(name), None)

    def header_all(self, name: str) -> Iterator[str]:
        """Every value of a header in order, by its name in any case."""
        wanted = name.lower()
        return (value for key, value in self.headers if key == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One rendered mail, ready for the outbox: bytes are fixed at the commit and never rendered again.

    ``message_id`` with angle brackets; ``envelope_from`` is the mailbox (RFC 5321 MAIL FROM), ``to`` one recipient.
    ``not_before`` (UTC) makes it wait in the outbox; ``template``, ``event`` and ``nature`` tell what it is.
    """

    message_id: str
    envelope_from: str
    to: str
    content: bytes
    template: str
    nature: str
    event: str | None = None
    not_before: datetime | None = None
