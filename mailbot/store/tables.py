"""The tables, and for every column its mark: is it personal, of whom, and under which retention rule (DESIGN section 7).

From the marks alone are made the access export, the erasure and the record of processing. People are found by keyed hash
only, never by a plain address, so that columns may be encrypted later. Never imported outside ``store``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint
from sqlmodel import SQLModel

from mailbot.store.marks import (
    Keep,
    Mark,
    Who,
    bytes_column,
    json_column,
    mark,
    parent_column,
    plain_column,
    seq_column,
    text_column,
)

HEAD = "0001"  # the newest revision of ``migrations``; a test compares them


class Base(SQLModel):
    """The naming convention stands before the first table: migrations need every constraint's name."""


Base.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_R, _S, _Q, _L, _M = Keep.REGISTRATIONS, Keep.SUBSCRIPTIONS, Keep.REQUESTS, Keep.LEDGER, Keep.MAILS


class Registration(Base, table=True):
    """A participant, keyed by (event, address, folded name). ``name_key`` is NULL while no name is known."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("event", "address_hash", "name_key"), Index(None, "event", "status"))

    seq: int | None = seq_column(_R)
    id: str = text_column(mark(_R), unique=True)
    event: str = text_column(mark(_R))
    address_hash: bytes = bytes_column(mark(_R, Who.PARTICIPANT, finds=True), index=True)
    email: str = text_column(mark(_R, Who.PARTICIPANT))
    name_key: bytes | None = bytes_column(mark(_R, Who.PARTICIPANT, export=False), nullable=True)
    name: str | None = text_column(mark(_R, Who.PARTICIPANT), nullable=True)
    institution: str | None = text_column(mark(_R, Who.PARTICIPANT), nullable=True)
    status: str = text_column(mark(_R))
    registered_at: datetime = plain_column(mark(_R))
    language: str = text_column(mark(_R))
    by_hash: bytes | None = bytes_column(mark(_R, Who.REGISTRAR, finds=True), nullable=True, index=True)
    by: str | None = text_column(mark(_R, Who.REGISTRAR), nullable=True)
    restricted: bool = plain_column(mark(_R))
    event_mails: bool = plain_column(mark(_R))


class Subscription(Base, table=True):
    """A subscriber with the proof of consent (GDPR Art. 7 (1)): text, time, version of the notice, the mail's hash."""

    __tablename__ = "subscription"

    address_hash: bytes = bytes_column(mark(_S, Who.SUBSCRIBER, finds=True), primary_key=True)
    email: str = text_column(mark(_S, Who.SUBSCRIBER))
    name: str | None = text_column(mark(_S, Who.SUBSCRIBER), nullable=True)
    status: str = text_column(mark(_S), index=True)
    since: datetime = plain_column(mark(_S))
    language: str = text_column(mark(_S))
    consent_text: str | None = text_column(mark(_S, Who.SUBSCRIBER), nullable=True)
    consent_at: datetime | None = plain_column(mark(_S), nullable=True)
    consent_source: str | None = text_column(mark(_S, Who.SUBSCRIBER), nullable=True)
    notice_version: str | None = text_column(mark(_S), nullable=True)
    mail_hash: bytes | None = bytes_column(mark(_S, export=False), nullable=True)


class Suppression(Base, table=True):
    """A keyed hash that blocks information mails; its own purpose, so that it links to no other table."""

    __tablename__ = "suppression"

    hash: bytes = bytes_column(mark(Keep.SUPPRESSED, export=False), primary_key=True)
    at: datetime = plain_column(mark(Keep.SUPPRESSED))


class Ledger(Base, table=True):
    """One row per mail ever handled. Its contents go by the rule ``mails``, the row itself by ``ledger``."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("mailbox", "identity"), Index(None, "outcome"), Index(None, "handled_at"))

    id: str = text_column(mark(_L), primary_key=True)
    mailbox: str = text_column(mark(_L))
    identity: bytes = bytes_column(mark(_L, export=False))
    sender_hash: bytes | None = bytes_column(mark(_M, Who.SENDER, finds=True), nullable=True, index=True)
    message_id: str | None = text_column(mark(_M, Who.SENDER), nullable=True)
    sender: str | None = text_column(mark(_M, Who.SENDER), nullable=True)
    subject: str | None = text_column(mark(_M, Who.SENDER), nullable=True)
    text: str | None = text_column(mark(_M, Who.SENDER), nullable=True)
    intent: str = text_column(mark(_L))
    kinds: list[str] = json_column(mark(_L))
    language: str = text_column(mark(_L))
    action: str = text_column(mark(_L))
    reasons: list[str] = json_column(mark(_L))
    outcome: str = text_column(mark(_L))
    filing: str | None = text_column(mark(_L), nullable=True)
    tries: int = plain_column(mark(_L))
    error: str | None = text_column(mark(_L), nullable=True)
    event: str | None = text_column(mark(_L), nullable=True)
    received_at: datetime = plain_column(mark(_L))
    handled_at: datetime = plain_column(mark(_L))


class Sighting(Base, table=True):
    """Where a mail was seen: UIDs mapped to the ledger, so that new UIDs of a known mail have no second effect."""

    __tablename__ = "sighting"

    mailbox: str = text_column(mark(_L), primary_key=True)
    folder: str = text_column(mark(_L), primary_key=True)
    uidvalidity: int = plain_column(mark(_L), sa_type=BigInteger, primary_key=True)  # 32 bits without sign
    uid: int = plain_column(mark(_L), sa_type=BigInteger, primary_key=True)
    ledger_id: str = parent_column("ledger.id", _L)
    filed_at: datetime | None = plain_column(mark(_L), nullable=True)


class Outbox(Base, table=True):
    """A mail to be sent, fixed at the commit; ``content`` is blanked once it was accepted."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "status", "due_at"), Index(None, "attempted_at"), {"sqlite_autoincrement": True})

    seq: int | None = seq_column(_M)
    message_id: str = text_column(mark(_M, Who.RECEIVER))
    to_hash: bytes = bytes_column(mark(_M, Who.RECEIVER, finds=True), index=True)
    to: str = text_column(mark(_M, Who.RECEIVER))
    envelope_from: str = text_column(mark(_M))
    content: bytes = bytes_column(mark(_M, Who.RECEIVER, export=False))
    template: str = text_column(mark(_M))
    nature: str = text_column(mark(_M))
    event: str | None = text_column(mark(_M), nullable=True)
    status: str = text_column(mark(_M))
    tries: int = plain_column(mark(_M))
    due_at: datetime = plain_column(mark(_M))
    claimed_by: str | None = text_column(mark(_M, export=False), nullable=True)
    attempted_at: datetime | None = plain_column(mark(_M), nullable=True)
    created_at: datetime = plain_column(mark(_M))
    sent_at: datetime | None = plain_column(mark(_M), nullable=True)
    last_error: str | None = text_column(mark(_M, Who.RECEIVER), nullable=True)  # servers repeat the address in it


class Request(Base, table=True):
    """A data-subject request with its legal deadline; the address goes when it is closed, its keyed hash stays."""

    __tablename__ = "request"

    id: str = text_column(mark(_Q), primary_key=True)
    address_hash: bytes = bytes_column(mark(_Q, Who.CLAIMANT, finds=True), index=True)
    address: str | None = text_column(mark(_Q, Who.CLAIMANT), nullable=True)
    kinds: list[str] = json_column(mark(_Q))
    status: str = text_column(mark(_Q), index=True)
    event: str | None = text_column(mark(_Q), nullable=True)
    received_at: datetime = plain_column(mark(_Q))
    target: datetime = plain_column(mark(_Q))
    due: datetime = plain_column(mark(_Q))
    closed_at: datetime | None = plain_column(mark(_Q), nullable=True)


class RequestStep(Base, table=True):
    """A request's way: what happened when; ``step`` is a template's name or a human's reason."""

    __tablename__ = "request_step"

    seq: int | None = seq_column(_Q)
    request_id: str = parent_column("request.id", _Q)
    status: str = text_column(mark(_Q))
    step: str = text_column(mark(_Q))
    at: datetime = plain_column(mark(_Q))


class Token(Base, table=True):
    """A token that went out: only the keyed hash of its tag is stored."""

    __tablename__ = "token"

    tag_hash: bytes = bytes_column(mark(_M, export=False), primary_key=True)
    address_hash: bytes = bytes_column(mark(_M, Who.RECEIVER, finds=True), index=True)
    address: str = text_column(mark(_M, Who.RECEIVER))
    purpose: str = text_column(mark(_M))
    event: str | None = text_column(mark(_M), nullable=True)
    action: str = text_column(mark(_M))
    data: dict[str, str] = json_column(mark(_M, Who.RECEIVER))
    granted_at: datetime = plain_column(mark(_M))
    expires_at: datetime | None = plain_column(mark(_M), nullable=True)
    used_at: datetime | None = plain_column(mark(_M), nullable=True)


class Informed(Base, table=True):
    """Who was told what GDPR Art. 13/14 ask for, and in which version."""

    __tablename__ = "informed"

    address_hash: bytes = bytes_column(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    notice_version: str = text_column(mark(_M))
    at: datetime = plain_column(mark(_M))


class Introduced(Base, table=True):
    """Who brought in whom during the last 24 hours: for the limit of thirty new addresses a day."""

    __tablename__ = "introduced"
    __table_args__ = (Index(None, "sender_hash", "at"),)

    seq: int | None = seq_column(_M)
    sender_hash: bytes = bytes_column(mark(_M, Who.SENDER, finds=True))
    address_hash: bytes = bytes_column(mark(_M, Who.PARTICIPANT, finds=True))
    at: datetime = plain_column(mark(_M))


class Mailing(Base, table=True):
    """Which mailing was queued for whom: the same command again resumes."""

    __tablename__ = "mailing"

    template: str = text_column(mark(_M), primary_key=True)
    event: str = text_column(mark(_M), primary_key=True)
    address_hash: bytes = bytes_column(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    at: datetime = plain_column(mark(_M))


class Bounce(Base, table=True):
    """An address that did not take a mail of ours."""

    __tablename__ = "bounce"

    address_hash: bytes = bytes_column(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    address: str = text_column(mark(_M, Who.RECEIVER))
    permanent: bool = plain_column(mark(_M))
    status: str = text_column(mark(_M))
    at: datetime = plain_column(mark(_M))
    count: int = plain_column(mark(_M))


class ErasureJob(Base, table=True):
    """An erasure under way: the values to look for, masked so that the final search does not find its own list."""

    __tablename__ = "erasure_job"

    id: str = text_column(mark(_R), primary_key=True)
    event: str = text_column(mark(_R), unique=True)
    rule: dict[str, Any] = json_column(mark(_R))
    wanted: bytes = bytes_column(mark(_R, Who.PARTICIPANT, export=False))
    tables: dict[str, int] = json_column(mark(_R))
    folders: dict[str, int] = json_column(mark(_R))
    kept: dict[str, int] = json_column(mark(_R))
    started_at: datetime = plain_column(mark(_R))


class ErasureRecord(Base, table=True):
    """What was erased: counts, no names."""

    __tablename__ = "erasure_record"

    seq: int | None = seq_column(Keep.RECORDS)
    event: str = text_column(mark(Keep.RECORDS), index=True)
    erased_at: datetime = plain_column(mark(Keep.RECORDS))
    record: dict[str, Any] = json_column(mark(Keep.RECORDS))


class Erased(Base, table=True):
    """Keyed hashes of who was erased, as in the journal: one that is missing here shows a restored old copy."""

    __tablename__ = "erased"

    event: str = text_column(mark(Keep.ERASED, export=False), primary_key=True)
    hash: bytes = bytes_column(mark(Keep.ERASED, export=False), primary_key=True)
    at: datetime = plain_column(mark(Keep.ERASED, export=False))


class Removal(Base, table=True):
    """A mail that must still be deleted from our IMAP folders since its person or its time is gone."""

    __tablename__ = "removal"

    mailbox: str = text_column(mark(_M), primary_key=True)
    message_id: str = text_column(mark(_M, Who.SENDER, export=False), primary_key=True)
    at: datetime = plain_column(mark(_M))


class MailboxState(Base, table=True):
    """When a mailbox was last read, and how many mails waited there."""

    __tablename__ = "mailbox_state"

    mailbox: str = text_column(mark(_L), primary_key=True)
    last_poll: datetime = plain_column(mark(_L))
    waiting: int = plain_column(mark(_L))


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model."""
    found: Table = model.__table__  # type: ignore[attr-defined]  # set by the metaclass
    return found


def all_tables() -> tuple[Table, ...]:
    """Every table of ours, parents first."""
    return tuple(Base.metadata.sorted_tables)


def marked(of: Table) -> Iterator[tuple[Column[Any], Mark]]:
    """The columns of a table with their marks; an unmarked one is passed over (a test names it)."""
    return ((c, c.info["mark"]) for c in of.columns if "mark" in c.info)
