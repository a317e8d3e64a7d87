"""What a mail means: made by ``screen`` and ``understand``, used by ``decide``. The words are those of the labels."""

from dataclasses import dataclass, field
from enum import StrEnum


class Intent(StrEnum):
    """What the sender wants; the weightiest wish of a mail."""

    REGISTRATION = "registration"
    CANCELLATION = "cancellation"
    UNSUBSCRIBE = "unsubscribe"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    CONFIRMATION = "confirmation"
    QUESTION = "question"
    AUTOMATIC = "automatic"
    UNCLEAR = "unclear"


class RequestKind(StrEnum):
    """A right under the GDPR, in the order in which they are carried out."""

    ACCESS = "access"  # Art. 15
    PORTABILITY = "portability"  # Art. 20
    RECTIFICATION = "rectification"  # Art. 16
    RESTRICTION = "restriction"  # Art. 18
    OBJECTION = "objection"  # Art. 21
    CONSENT_WITHDRAWAL = "consent_withdrawal"  # Art. 7 (3)
    ERASURE = "erasure"  # Art. 17


class Action(StrEnum):
    """What may be done about a mail, judged from the mail alone."""

    ACT = "act"
    ASK = "ask"
    REVIEW = "review"
    IGNORE = "ignore"


class Answer(StrEnum):
    """What a reply to our own question says."""

    YES = "yes"
    NO = "no"
    UNDO = "undo"


class Choice(StrEnum):
    """What a short answer picks out of what we may have asked about."""

    ALL = "all"
    MAILINGS = "mailings"
    EVENT = "event"
    PRIVATE = "private"


class Authentication(StrEnum):
    """What a trusted server said of the sender's domain (RFC 8601); evidence, not identity."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - the word of RFC 8601, no secret
    FAIL = "fail"


class Kind(StrEnum):
    """Who or what wrote: the result of screening."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    OWN = "own"  # our own mail come back
    PROVIDER_UNSUBSCRIBE = "provider_unsubscribe"  # RFC 2369/8058: pressed for a person by their provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery that failed: ``permanent`` for 5.x.x that blame the recipient; ours if it names a mail of ours."""

    address: str
    permanent: bool
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What is known of a mail before anyone interprets its words."""

    kind: Kind
    reasons: tuple[str, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    authentication: Authentication = Authentication.NONE
    web_form: bool = False  # a human wrote through a contact form: the sender's address reads nothing
    suspect: str = ""  # why it may be spam or bulk mail, which is no proof: a human looks first, and nobody is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person as a mail names them. None: the mail does not say. ``email`` as written."""

    name: str | None = None
    institution: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of the sender's; ``start``: their place in ``own_text``, where None says that they stand in the subject."""

    words: str
    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was understood: a sentence part that a human can read, the words quoted, and its weight.

    Below zero it speaks against acting without a human, or without asking back.
    """

    text: str
    weight: float = 0.0
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A rectification that the mail states plainly: ``field`` is name, institution or email; ``old`` may be unsaid."""

    field: str
    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What the mail means, judged from the mail alone (no store).

    ``intent`` is the weightiest of ``wishes`` (which holds every wish found, heaviest first). ``action`` is the most
    that may be done. ``language`` is ISO 639-1 of the sender's own text. ``participants``: who shall take part, the
    sender's address filled in where the mail gives no other. ``leaving``: names of people who shall not take part any
    more (empty: the sender); with participants beside it the mail is a substitution. ``about``: another address that
    the mail speaks of as the one concerned. ``tags``: tokens of ours in the order of trust (subject, recipient,
    headers, text). ``answer``: what a reply to our question says. ``events``: ids of configured events that the mail
    names. ``bare_leave``: "Abmeldung" and nothing else (event or mailing list?). ``against_mailings``: an objection or
    withdrawal that is about information mails only. ``wants_mailings``: asks for information mails.
    ``on_behalf``: writes for somebody else.
    ``choices``: what a short text names ("beide", "nur den Newsletter", "privat").
    ``own_text``: what the sender wrote, without quotes and signature. ``related``: sent to a mailbox of ours, names the
    event, or answers a mail of ours; any other mail may have nothing to do with us.
    """

    intent: Intent
    action: Action
    confidence: float
    language: str
    wishes: tuple[Intent, ...] = ()
    request_kinds: tuple[RequestKind, ...] = ()
    participants: tuple[Participant, ...] = ()
    leaving: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    about: str | None = None
    tags: tuple[str, ...] = ()
    answer: Answer | None = None
    events: tuple[str, ...] = ()
    bare_leave: bool = False
    against_mailings: bool = False
    wants_mailings: bool = False
    on_behalf: bool = False
    choices: tuple[Choice, ...] = ()
    own_text: str = ""
    removed: tuple[tuple[str, str], ...] = field(default=())  # (why, the text that was cut away)
    reasons: tuple[Reason, ...] = ()
    related: bool = True
