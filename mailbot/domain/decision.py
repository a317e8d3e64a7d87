"""What is done about one mail: ``decide`` makes it, ``store.commit`` carries it out in one transaction.

``Change`` is a closed union: ``store.commit`` matches it to the end, so that mypy names an unhandled one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.domain.mail import Attachment
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus


class Folder(StrEnum):
    """A folder of ours, by its key in the configuration; its IMAP name is known to ``imap`` alone."""

    DONE = "done"
    REVIEW = "review"
    FAILED = "failed"
    REGISTER = "register"
    CANCEL = "cancel"
    UNSUBSCRIBE = "unsubscribe"
    DATA_REQUEST = "data_request"
    IGNORE = "ignore"


class Nature(StrEnum):
    """What a letter is to its receiver; decides limits, List-Unsubscribe and which footer it gets."""

    ANSWER = "answer"  # to a mail of theirs
    RIGHTS = "rights"  # about a right: never held back by a limit
    NOTICE = "notice"  # about a registration that they keep: reminder, moved up, event changed
    MAILING = "mailing"  # an information mail: only to subscribers
    ALARM = "alarm"  # to the organiser's contact: counts and ids only


class LinkWord(StrEnum):
    """A one-tap link: a mail, ready to be sent, that is understood as this wish."""

    YES = "yes"
    NO = "no"
    UNDO = "undo"
    REGISTER = "register"
    CANCEL = "cancel"
    UNSUBSCRIBE = "unsubscribe"
    ACCESS = "access"
    ERASE = "erase"


class Calendar(StrEnum):
    """The calendar file of a letter."""

    PUBLISH = "publish"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that the receiver can use; ``tag`` makes it work from any address and stands in its subject."""

    word: LinkWord
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InReplyTo:
    """The mail that a direct answer answers (RFC 5322 §3.6.4): ids with angle brackets."""

    message_id: str
    references: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to be rendered. ``tag`` stands in its Message-ID (always) and in its subject when ``tag_in_subject``.

    ``informs``: the first mail to this person, so it carries what Art. 13 or 14 ask for. ``values`` are the
    template's own variables (see ``domain.letters``). ``not_before``: it waits in the outbox till then (UTC).
    """

    template: str
    to: str
    language: str
    nature: Nature
    tag: str
    name: str | None = None
    event: str | None = None
    tag_in_subject: bool = False
    answers: InReplyTo | None = None
    links: tuple[Link, ...] = ()
    calendar: Calendar | None = None
    attachments: tuple[Attachment, ...] = ()
    informs: bool = False
    not_before: datetime | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRegistration:
    """A new participant; the key is (event, address, folded name)."""

    id: str
    event: str
    email: str
    name: str | None
    institution: str | None
    status: RegistrationStatus
    language: str
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRegistration:
    """New values of one row; None leaves a value as it is. ``registered_at`` is renewed when a place is taken anew."""

    id: str
    status: RegistrationStatus | None = None
    name: str | None = None
    institution: str | None = None
    email: str | None = None
    restricted: bool | None = None
    event_mails: bool | None = None
    requeue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSubscription:
    """Add or change a subscriber. ``consent_text`` is what the person wrote (Art. 7 (1)), with the notice's version.

    ``consent_at`` and ``consent_source`` are given where the consent was declared elsewhere (an import).
    """

    email: str
    status: SubscriptionStatus
    language: str
    name: str | None = None
    consent_text: str | None = None
    notice_version: str | None = None
    consent_at: datetime | None = None
    consent_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppress:
    """Keep a keyed hash so that no information mail reaches this address again; written to the journal first."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuppress:
    """The person asked anew (or undid it): information mails may come again."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A data-subject request with its legal deadline; ``target`` and ``due`` are UTC."""

    id: str
    address: str
    kinds: tuple[str, ...]
    status: RequestStatus
    received_at: datetime
    target: datetime
    due: datetime
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequest:
    """A request moves on; ``step`` says by what (a template's name or a human's reason).

    ``target`` and ``due`` (UTC) are the new deadline of an extension (GDPR Art. 12 (3)).
    """

    id: str
    status: RequestStatus
    step: str
    target: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantToken:
    """A token goes out: its tag is stored as a keyed hash. ``expires_at`` None: never."""

    tag: str
    purpose: Purpose
    address: str
    event: str | None = None
    action: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseToken:
    """A single-use token was used."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkInformed:
    """The address was told what Art. 13/14 ask for, in this version of the notice."""

    email: str
    notice_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBounce:
    """A mail of ours could not be delivered."""

    address: str
    permanent: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """Erase everything about one person (Art. 17) but what another reason keeps; one event or everything."""

    address: str
    registration_ids: tuple[str, ...] = ()
    whole_address: bool = True


Change = (
    AddRegistration
    | ChangeRegistration
    | SetSubscription
    | Suppress
    | Unsuppress
    | OpenRequest
    | SetRequest
    | GrantToken
    | UseToken
    | MarkInformed
    | NoteBounce
    | ErasePerson
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that one mail leads to. ``reasons`` are for a human in review and hold no personal values."""

    outcome: Outcome
    filing: Folder
    changes: tuple[Change, ...] = ()
    letters: tuple[Letter, ...] = ()
    reasons: tuple[str, ...] = ()
