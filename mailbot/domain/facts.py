"""What the store knows and a decision may use: a read-only picture, taken inside the transaction that commits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A participant: one row of ``registration``.

    ``by`` is the folded address of somebody else who registered them. ``restricted``: Art. 18, nothing is done with the
    row but storing it, its seat stays counted. ``event_mails``: whether event mails still come while restricted.
    """

    id: str
    event: str
    email: str
    name: str | None
    institution: str | None
    status: RegistrationStatus
    registered_at: datetime
    language: str = "de"
    by: str | None = None
    restricted: bool = False
    event_mails: bool = True

    @property
    def holds_seat(self) -> bool:
        """Whether this row takes up a seat of the event."""
        return self.status is RegistrationStatus.REGISTERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber: one row of ``subscription``."""

    email: str
    name: str | None
    status: SubscriptionStatus
    since: datetime
    language: str = "de"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of ours that the mail carries and the store knows; unknown tags are no tokens.

    ``action`` says what a ``yes`` or ``undo`` means (a name from ``intents``), ``data`` its parameters. ``usable`` is
    False for a token that was used or has expired.
    """

    tag: str
    purpose: Purpose
    address: str
    event: str | None
    action: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    usable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A data-subject request on record."""

    id: str
    kinds: tuple[str, ...]
    status: RequestStatus
    address: str
    received_at: datetime
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One stored row about a person, for access and portability: column → value, by the marks of the tables."""

    table: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The numbers of one event: ``registered`` counts taken seats; ``queue`` is the waiting list, first come first."""

    registered: int = 0
    queue: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a decision will need to know: folded addresses and tags of one mail; ``dossiers`` asks for all stored rows."""

    sender: str
    addresses: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    dossiers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The picture for one mail. Addresses are folded; those of ``Query`` and of the tokens found are covered.

    ``registrations`` also holds the rows that the sender brought in (``by``) and those that a token's data name (``rows``,
    ``instead``: ids, each maybe with ``:status``), whatever their address.
    ``on_record``: addresses about which more is stored than this correspondence. ``informed``: those who were told
    what Art. 13/14 asks for. ``sent_today``: mails sent or queued to an address in the last 24 hours that count
    against the limit (natures ANSWER and NOTICE). ``receipted``: addresses that were told in the last 24 hours that a
    human answers or that a mail was too large (templates handed-over, too-large). ``introduced_today``: new addresses that
    the sender brought in during the last 24 hours.
    """

    registrations: tuple[Registration, ...] = ()
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    suppressed: frozenset[str] = frozenset()
    tokens: tuple[Token, ...] = ()
    requests: tuple[Request, ...] = ()
    seats: Mapping[str, Seats] = field(default_factory=dict)
    informed: frozenset[str] = frozenset()
    on_record: frozenset[str] = frozenset()
    sent_today: Mapping[str, int] = field(default_factory=dict)
    receipted: frozenset[str] = frozenset()
    introduced_today: int = 0
    erased_events: frozenset[str] = frozenset()
    dossiers: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)

    def registered(self, email: str, event: str | None = None) -> tuple[Registration, ...]:
        """The rows of an address in every state (of one event, or of all)."""
        key = fold_address(email)
        return tuple(r for r in self.registrations if fold_address(r.email) == key and event in {None, r.event})
