"""The marks of columns: is a value personal, of whom, and under which retention rule; and columns that can't be made without.

Used by ``tables`` alone; read by everything that exports, erases or documents data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Dialect, ForeignKey, Integer, LargeBinary, String, TypeDecorator
from sqlmodel import Field


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


def text_column(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    """A text column with its mark."""
    return Field(sa_type=CleanText, sa_column_kwargs=marked, **options)


def plain_column(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    """A column of the field's own type with its mark."""
    return Field(sa_column_kwargs=marked, **options)


def bytes_column(marked: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401 - Field's own types
    """A column of bytes with its mark."""
    return Field(sa_type=LargeBinary, sa_column_kwargs=marked, **options)


def json_column(marked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Field's own types
    """A JSON column with its mark; reassigned, never changed in place."""
    return Field(sa_type=JSON, sa_column_kwargs=marked)


def seq_column(rule: Keep) -> Any:  # noqa: ANN401 - Field's own types
    """The database's own number of a row: the order of insertion."""
    return Field(default=None, sa_type=Integer, primary_key=True, sa_column_kwargs=mark(rule, export=False))


def parent_column(column: str, rule: Keep) -> Any:  # noqa: ANN401 - Field's own types
    """A reference to a parent; the row goes with it."""
    return Field(sa_column=Column(CleanText, ForeignKey(column, ondelete="CASCADE"), nullable=False, index=True, **mark(rule)))
