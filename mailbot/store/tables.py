"""The tables, and for every column its mark: is it personal, of whom, and under which retention rule (DESIGN section 7).

From the marks alone are made the access export, the erasure and the record of processing. People are found by keyed hash
only, never by a plain address, so that columns may be encrypted later. Never imported outside ``store``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

HEAD = "0001"  # the newest revision of ``migrations``; a test compares them


class Who(StrEnum):
    """Whom a personal value is about."""

    NOBODY = "nobody"
    PARTICIPANT = "participant"
    REGISTRAR = "registrar"  # who registered somebody else
    SUBSCRIBER = "subscriber"
    SENDER = "sender"  # of a mail to us
    RECEIVER = "receiver"  # of a mail of ours
    CLAIMANT = "claimant"  # of a data-subject request


class Keep(StrEnum):
    """The retention rule of a value: a key of ``[retention]``, or how a value lives beside those."""

    REGISTRATIONS = "registrations"
    SUBSCRIPTIONS = "subscriptions"
    REQUESTS = "requests"
    LEDGER = "ledger"
    MAILS = "mails"  # goes with the event where its person takes part, else by the rule ``mails``
    ERASED = "erased_hashes"
    SUPPRESSED = "until the person asks anew"
    RECORDS = "kept: counts and dates only"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known about one column. ``finds``: it holds the keyed hash of its person's address."""

    who: Who
    rule: Keep
    finds: bool = False
    export: bool = True

    @property
    def personal(self) -> bool:
        """Whether the value is personal data."""
        return self.who is not Who.NOBODY


def mark(rule: Keep, who: Who = Who.NOBODY, *, finds: bool = False, export: bool = True) -> dict[str, Any]:
    """Mark a column; ``export=False`` keeps a secret or a technical value out of access answers."""
    return {"info": {"mark": Mark(who, rule, finds=finds, export=export and not finds)}}


class CleanText(TypeDecorator[str]):
    """Text without NUL (PostgreSQL refuses it) and without lone surrogates (no database can encode them)."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Clean a value on its way in."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return clean(value)


def clean(value: str) -> str:
    """Drop NUL and replace lone surrogates."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _text(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    return Field(sa_type=CleanText, sa_column_kwargs=marked, **options)


def _plain(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    return Field(sa_column_kwargs=marked, **options)


def _bytes(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    return Field(sa_type=LargeBinary, sa_column_kwargs=marked, **options)


def _json(marked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Field's own types
    return Field(sa_type=JSON, sa_column_kwargs=marked)


def _seq(rule: Keep) -> Any:  # noqa: ANN401 - Field's own types
    return Field(default=None, sa_type=Integer, primary_key=True, sa_column_kwargs=mark(rule, export=False))


def _parent(column: str, rule: Keep) -> Any:  # noqa: ANN401 - Field's own types
    return Field(sa_column=Column(CleanText, ForeignKey(column, ondelete="CASCADE"), nullable=False, index=True, **mark(rule)))


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

    seq: int | None = _seq(_R)
    id: str = _text(mark(_R), unique=True)
    event: str = _text(mark(_R))
    address_hash: bytes = _bytes(mark(_R, Who.PARTICIPANT, finds=True), index=True)
    email: str = _text(mark(_R, Who.PARTICIPANT))
    name_key: bytes | None = _bytes(mark(_R, Who.PARTICIPANT, export=False), nullable=True)
    name: str | None = _text(mark(_R, Who.PARTICIPANT), nullable=True)
    institution: str | None = _text(mark(_R, Who.PARTICIPANT), nullable=True)
    status: str = _text(mark(_R))
    registered_at: datetime = _plain(mark(_R))
    language: str = _text(mark(_R))
    by_hash: bytes | None = _bytes(mark(_R, Who.REGISTRAR, finds=True), nullable=True, index=True)
    by: str | None = _text(mark(_R, Who.REGISTRAR), nullable=True)
    restricted: bool = _plain(mark(_R))
    event_mails: bool = _plain(mark(_R))


class Subscription(Base, table=True):
    """A subscriber with the proof of consent (GDPR Art. 7 (1)): text, time, version of the notice, the mail's hash."""

    __tablename__ = "subscription"

    address_hash: bytes = _bytes(mark(_S, Who.SUBSCRIBER, finds=True), primary_key=True)
    email: str = _text(mark(_S, Who.SUBSCRIBER))
    name: str | None = _text(mark(_S, Who.SUBSCRIBER), nullable=True)
    status: str = _text(mark(_S), index=True)
    since: datetime = _plain(mark(_S))
    language: str = _text(mark(_S))
    consent_text: str | None = _text(mark(_S, Who.SUBSCRIBER), nullable=True)
    consent_at: datetime | None = _plain(mark(_S), nullable=True)
    consent_source: str | None = _text(mark(_S, Who.SUBSCRIBER), nullable=True)
    notice_version: str | None = _text(mark(_S), nullable=True)
    mail_hash: bytes | None = _bytes(mark(_S, export=False), nullable=True)


class Suppression(Base, table=True):
    """A keyed hash that blocks information mails; its own purpose, so that it links to no other table."""

    __tablename__ = "suppression"

    hash: bytes = _bytes(mark(Keep.SUPPRESSED, export=False), primary_key=True)
    at: datetime = _plain(mark(Keep.SUPPRESSED))


class Ledger(Base, table=True):
    """One row per mail ever handled. Its contents go by the rule ``mails``, the row itself by ``ledger``."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("mailbox", "identity"), Index(None, "outcome"), Index(None, "handled_at"))

    id: str = _text(mark(_L), primary_key=True)
    mailbox: str = _text(mark(_L))
    identity: bytes = _bytes(mark(_L, export=False))
    sender_hash: bytes | None = _bytes(mark(_M, Who.SENDER, finds=True), nullable=True, index=True)
    message_id: str | None = _text(mark(_M, Who.SENDER), nullable=True)
    sender: str | None = _text(mark(_M, Who.SENDER), nullable=True)
    subject: str | None = _text(mark(_M, Who.SENDER), nullable=True)
    text: str | None = _text(mark(_M, Who.SENDER), nullable=True)
    intent: str = _text(mark(_L))
    kinds: list[str] = _json(mark(_L))
    language: str = _text(mark(_L))
    action: str = _text(mark(_L))
    reasons: list[str] = _json(mark(_L))
    outcome: str = _text(mark(_L))
    filing: str | None = _text(mark(_L), nullable=True)
    tries: int = _plain(mark(_L))
    error: str | None = _text(mark(_L), nullable=True)
    event: str | None = _text(mark(_L), nullable=True)
    received_at: datetime = _plain(mark(_L))
    handled_at: datetime = _plain(mark(_L))


class Sighting(Base, table=True):
    """Where a mail was seen: UIDs mapped to the ledger, so that new UIDs of a known mail have no second effect."""

    __tablename__ = "sighting"

    mailbox: str = _text(mark(_L), primary_key=True)
    folder: str = _text(mark(_L), primary_key=True)
    uidvalidity: int = _plain(mark(_L), sa_type=BigInteger, primary_key=True)  # 32 bits without sign
    uid: int = _plain(mark(_L), sa_type=BigInteger, primary_key=True)
    ledger_id: str = _parent("ledger.id", _L)
    filed_at: datetime | None = _plain(mark(_L), nullable=True)


class Outbox(Base, table=True):
    """A mail to be sent, fixed at the commit; ``content`` is blanked once it was accepted."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "status", "due_at"), Index(None, "attempted_at"), {"sqlite_autoincrement": True})

    seq: int | None = _seq(_M)
    message_id: str = _text(mark(_M, Who.RECEIVER))
    to_hash: bytes = _bytes(mark(_M, Who.RECEIVER, finds=True), index=True)
    to: str = _text(mark(_M, Who.RECEIVER))
    envelope_from: str = _text(mark(_M))
    content: bytes = _bytes(mark(_M, Who.RECEIVER, export=False))
    template: str = _text(mark(_M))
    nature: str = _text(mark(_M))
    event: str | None = _text(mark(_M), nullable=True)
    status: str = _text(mark(_M))
    tries: int = _plain(mark(_M))
    due_at: datetime = _plain(mark(_M))
    claimed_by: str | None = _text(mark(_M, export=False), nullable=True)
    attempted_at: datetime | None = _plain(mark(_M), nullable=True)
    created_at: datetime = _plain(mark(_M))
    sent_at: datetime | None = _plain(mark(_M), nullable=True)
    last_error: str | None = _text(mark(_M, Who.RECEIVER), nullable=True)  # servers repeat the address in it


class Request(Base, table=True):
    """A data-subject request with its legal deadline; the address goes when it is closed, its keyed hash stays."""

    __tablename__ = "request"

    id: str = _text(mark(_Q), primary_key=True)
    address_hash: bytes = _bytes(mark(_Q, Who.CLAIMANT, finds=True), index=True)
    address: str | None = _text(mark(_Q, Who.CLAIMANT), nullable=True)
    kinds: list[str] = _json(mark(_Q))
    status: str = _text(mark(_Q), index=True)
    event: str | None = _text(mark(_Q), nullable=True)
    received_at: datetime = _plain(mark(_Q))
    target: datetime = _plain(mark(_Q))
    due: datetime = _plain(mark(_Q))
    closed_at: datetime | None = _plain(mark(_Q), nullable=True)


class RequestStep(Base, table=True):
    """A request's way: what happened when; ``step`` is a template's name or a human's reason."""

    __tablename__ = "request_step"

    seq: int | None = _seq(_Q)
    request_id: str = _parent("request.id", _Q)
    status: str = _text(mark(_Q))
    step: str = _text(mark(_Q))
    at: datetime = _plain(mark(_Q))


class Token(Base, table=True):
    """A token that went out: only the keyed hash of its tag is stored."""

    __tablename__ = "token"

    tag_hash: bytes = _bytes(mark(_M, export=False), primary_key=True)
    address_hash: bytes = _bytes(mark(_M, Who.RECEIVER, finds=True), index=True)
    address: str = _text(mark(_M, Who.RECEIVER))
    purpose: str = _text(mark(_M))
    event: str | None = _text(mark(_M), nullable=True)
    action: str = _text(mark(_M))
    data: dict[str, str] = _json(mark(_M, Who.RECEIVER))
    granted_at: datetime = _plain(mark(_M))
    expires_at: datetime | None = _plain(mark(_M), nullable=True)
    used_at: datetime | None = _plain(mark(_M), nullable=True)


class Informed(Base, table=True):
    """Who was told what GDPR Art. 13/14 ask for, and in which version."""

    __tablename__ = "informed"

    address_hash: bytes = _bytes(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    notice_version: str = _text(mark(_M))
    at: datetime = _plain(mark(_M))


class Introduced(Base, table=True):
    """Who brought in whom during the last 24 hours: for the limit of thirty new addresses a day."""

    __tablename__ = "introduced"
    __table_args__ = (Index(None, "sender_hash", "at"),)

    seq: int | None = _seq(_M)
    sender_hash: bytes = _bytes(mark(_M, Who.SENDER, finds=True))
    address_hash: bytes = _bytes(mark(_M, Who.PARTICIPANT, finds=True))
    at: datetime = _plain(mark(_M))


class Mailing(Base, table=True):
    """Which mailing was queued for whom: the same command again resumes."""

    __tablename__ = "mailing"

    template: str = _text(mark(_M), primary_key=True)
    event: str = _text(mark(_M), primary_key=True)
    address_hash: bytes = _bytes(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    at: datetime = _plain(mark(_M))


class Bounce(Base, table=True):
    """An address that did not take a mail of ours."""

    __tablename__ = "bounce"

    address_hash: bytes = _bytes(mark(_M, Who.RECEIVER, finds=True), primary_key=True)
    address: str = _text(mark(_M, Who.RECEIVER))
    permanent: bool = _plain(mark(_M))
    status: str = _text(mark(_M))
    at: datetime = _plain(mark(_M))
    count: int = _plain(mark(_M))


class ErasureJob(Base, table=True):
    """An erasure under way: the values to look for, masked so that the final search does not find its own list."""

    __tablename__ = "erasure_job"

    id: str = _text(mark(_R), primary_key=True)
    event: str = _text(mark(_R), unique=True)
    rule: dict[str, Any] = _json(mark(_R))
    wanted: bytes = _bytes(mark(_R, Who.PARTICIPANT, export=False))
    tables: dict[str, int] = _json(mark(_R))
    folders: dict[str, int] = _json(mark(_R))
    kept: dict[str, int] = _json(mark(_R))
    started_at: datetime = _plain(mark(_R))


class ErasureRecord(Base, table=True):
    """What was erased: counts, no names."""

    __tablename__ = "erasure_record"

    seq: int | None = _seq(Keep.RECORDS)
    event: str = _text(mark(Keep.RECORDS), index=True)
    erased_at: datetime = _plain(mark(Keep.RECORDS))
    record: dict[str, Any] = _json(mark(Keep.RECORDS))


class Erased(Base, table=True):
    """Keyed hashes of who was erased, as in the journal: one that is missing here shows a restored old copy."""

    __tablename__ = "erased"

    event: str = _text(mark(Keep.ERASED, export=False), primary_key=True)
    hash: bytes = _bytes(mark(Keep.ERASED, export=False), primary_key=True)
    at: datetime = _plain(mark(Keep.ERASED, export=False))


class Removal(Base, table=True):
    """A mail that must still be deleted from our IMAP folders since its person or its time is gone."""

    __tablename__ = "removal"

    mailbox: str = _text(mark(_M), primary_key=True)
    message_id: str = _text(mark(_M, Who.SENDER, export=False), primary_key=True)
    at: datetime = _plain(mark(_M))


class MailboxState(Base, table=True):
    """When a mailbox was last read, and how many mails waited there."""

    __tablename__ = "mailbox_state"

    mailbox: str = _text(mark(_L), primary_key=True)
    last_poll: datetime = _plain(mark(_L))
    waiting: int = _plain(mark(_L))


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
