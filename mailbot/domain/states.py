"""The states of everything that has states, and the moves that are allowed between them; others raise."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T", bound=StrEnum)


class RegistrationStatus(StrEnum):
    """Of a participant. ``PENDING``: something was asked back, no seat is taken."""

    PENDING = "pending"
    REGISTERED = "registered"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class SubscriptionStatus(StrEnum):
    """Of a subscriber. ``PENDING`` is never written to but for the one mail that asks."""

    PENDING = "pending"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


class RequestStatus(StrEnum):
    """Of a data-subject request (GDPR Art. 12)."""

    IDENTITY_PENDING = "identity_pending"
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    EXTENDED = "extended"


class Outcome(StrEnum):
    """Of a mail, in the ledger. ``TRYING``: it failed fewer than three times and will be tried again."""

    TRYING = "trying"
    DONE = "done"
    REVIEW = "review"
    FAILED = "failed"
    OLD = "old"


class OutboxStatus(StrEnum):
    """Of an outgoing mail. ``SENDING`` is written before dialling; ``DRAFTED`` is assist mode's end."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DRAFTED = "drafted"
    FAILED = "failed"


class Purpose(StrEnum):
    """What a token may do. ``YES`` and ``UNDO`` are used once within seven days, the others never expire."""

    YES = "yes"
    UNDO = "undo"
    UNSUBSCRIBE = "unsubscribe"
    THREAD = "thread"  # shows whom and which event a reply belongs to


_LEDGER = {
    Outcome.TRYING: {Outcome.TRYING, Outcome.DONE, Outcome.REVIEW, Outcome.FAILED},
    Outcome.REVIEW: {Outcome.TRYING, Outcome.DONE, Outcome.REVIEW, Outcome.FAILED},  # a human decides; that may fail too
    Outcome.FAILED: {Outcome.TRYING, Outcome.DONE, Outcome.REVIEW, Outcome.FAILED},  # ``review retry``
    Outcome.OLD: {Outcome.TRYING, Outcome.DONE, Outcome.REVIEW, Outcome.FAILED},  # a human moves it
    Outcome.DONE: {Outcome.TRYING, Outcome.DONE, Outcome.REVIEW, Outcome.FAILED},  # a human moves it again
}
_REQUEST = {
    RequestStatus.IDENTITY_PENDING: {RequestStatus.OPEN, RequestStatus.DONE, RequestStatus.REFUSED, RequestStatus.EXTENDED},
    RequestStatus.OPEN: {RequestStatus.DONE, RequestStatus.REFUSED, RequestStatus.EXTENDED},
    RequestStatus.EXTENDED: {RequestStatus.DONE, RequestStatus.REFUSED, RequestStatus.OPEN},
    RequestStatus.REFUSED: {RequestStatus.OPEN},  # a human changes their mind
}


def _check(table: Mapping[T, set[T]], now: T, then: T) -> None:
    if now is not then and then not in table.get(now, set()):
        msg = f"{type(now).__name__}: {now} cannot become {then}"
        raise ValueError(msg)


def check_ledger(now: Outcome, then: Outcome) -> None:
    """Raise ValueError unless a mail's outcome may change so."""
    _check(_LEDGER, now, then)


def check_request(now: RequestStatus, then: RequestStatus) -> None:
    """Raise ValueError unless a request may change so (GDPR Art. 12 (3), (4))."""
    _check(_REQUEST, now, then)
