"""The configuration as frozen, typed models: names, defaults and what each key means. No I/O; ``config`` fills them.

Field descriptions are the documentation: ``config.example.toml`` is checked against them.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

_PERIOD = re.compile(r"P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)


class Model(BaseModel):
    """Frozen; an unknown key is an error; a wrong value is never printed (it may be a secret)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Period(Model):
    """An ISO 8601 duration. Months and years are kept apart since their length depends on the date they start at."""

    months: int = 0
    exact: timedelta = timedelta()

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``P14D``, ``P3M``, ``P1Y``, ``PT2H``; raises ValueError for anything else."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            msg = f"'{text}' is no ISO 8601 duration: write for example P14D (days), P3M (months), P1Y or PT2H (hours)"
            raise ValueError(msg)
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        exact = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return cls(months=12 * years + months, exact=exact)


def _period(value: object) -> object:
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        msg = 'write an ISO 8601 duration in quotes, for example "P14D"'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns only ValueError into a problem of the file
    return Period.parse(value)


Duration = Annotated[Period, BeforeValidator(_period)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"'{name}' is no time zone: write a name such as Europe/Berlin"
        raise ValueError(msg) from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
Text = str | dict[str, str]


def in_language(text: Text, language: str) -> str:
    """Give a text that may be written as ``{ de = "…", en = "…" }`` in this language, else in its first."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), "")


_PLACES = 'write a password as text, or as one of { env = "NAME" }, { file = "PATH" }, { command = ["pass", "show", "x"] }'


class SecretRef(Model):
    """Where a password stands: here, in an environment variable, in a file, or printed by a command."""

    value: SecretStr | None = None
    env: str | None = None
    file: str | None = None
    command: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(v is not None for v in (self.value, self.env, self.file, self.command)) != 1:
            raise ValueError(_PLACES)
        return self


def _secret(value: object) -> object:
    if isinstance(value, str):
        return SecretRef(value=SecretStr(value))
    if not isinstance(value, dict | SecretRef):
        raise ValueError(_PLACES)  # noqa: TRY004 - pydantic turns only ValueError into a problem of the file
    return value


Secret = Annotated[SecretRef, BeforeValidator(_secret)]
Security = Literal["tls", "starttls", "none"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Server(Model):
    """What IMAP and SMTP have in common."""

    host: str = Field(min_length=1, description="name of the server")
    security: Security = Field("tls", description='"tls", "starttls"; "none" on loopback only')

    @model_validator(mode="after")
    def _never_in_clear(self) -> Self:
        if self.security == "none" and self.host not in _LOOPBACK:
            msg = 'security = "none" would send the password in clear: use "tls" (or "starttls")'
            raise ValueError(msg)
        return self


class OAuth2(Model):
    """How to get an access token (RFC 6749) where passwords are not accepted, e.g. Microsoft 365 and Gmail."""

    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""


class Organiser(Model):
    """Who runs the bot."""

    name: str = Field(min_length=1)
    contact: str = Field(min_length=3, description="a human's address: gets digests and alarms, stands in every mail")
    postal_address: str = ""
    timezone: TimeZone = "Europe/Berlin"
    holidays: str = Field("DE", description="country, or country and state, whose holidays move legal deadlines")
    languages: tuple[str, ...] = Field(("de", "en"), min_length=1, description="the first is the default")


class Controller(Model):
    """Who is responsible under the GDPR."""

    name: str
    address: str = ""
    email: str = ""


class Recipient(Model):
    """Somebody who receives personal data (GDPR Art. 13 (1) (e), (f))."""

    name: str
    purpose: str = ""
    country: str = ""
    safeguard: str = ""


class Conference(Model):
    """Who runs the video conference: a recipient of the participants' data, maybe in a third country (Art. 13 (1) (e), (f))."""

    provider: str = Field(min_length=1)
    reseller: str = Field("", description="who has the contract with the provider, if somebody stands between")
    country: str = ""
    safeguard: str = ""

    @property
    def name(self) -> str:
        """As a ``Recipient``'s name."""
        return self.provider

    @property
    def purpose(self) -> str:
        """As a ``Recipient``'s purpose: the reseller, since the purpose is plain."""
        return self.reseller


class Privacy(Model):
    """What the information duties need."""

    notice_url: str = ""
    notice_version: str = "1"
    data_protection_officer: str = ""
    supervisory_authority: str = ""
    legal_basis: str = "Art. 6 (1) (a) GDPR"
    recipients: tuple[Recipient, ...] = ()


class Mailbox(Server):
    """The mailbox that people write to."""

    id: str = "main"
    address: str = Field(min_length=3)
    port: int = Field(993, ge=1, le=65535)
    username: str = Field("", description="default: the address")
    password: Secret | None = None
    oauth2: OAuth2 | None = None
    folder: str = "INBOX"
    poll_seconds: int = Field(60, ge=1)
    max_age: Duration = Period.parse("P14D")
    trusted_authserv_ids: tuple[str, ...] = Field((), description="whose Authentication-Results are believed")
    plus_addressing: bool = Field(default=False, description="put +token into the envelope sender; the provider must support it")

    @property
    def login(self) -> str:
        """The user name to log in with."""
        return self.username or self.address


class Smtp(Server):
    """The server that takes the answers."""

    port: int = Field(465, ge=1, le=65535)
    username: str = Field("", description="default: the mailbox's, when a password is given")
    password: Secret | None = None
    oauth2: OAuth2 | None = None
    sender_name: str = ""
    connections: int = Field(4, ge=1, le=20)


class Store(Model):
    """Where mailbot keeps its data; paths are relative to the configuration file (``config`` makes them absolute)."""

    url: str = "sqlite:///mailbot.db"
    journal: Path = Path("mailbot.journal")
    key_file: Path = Path("mailbot.key")


class Automation(Model):
    """How much mailbot may do by itself."""

    mode: Literal["observe", "assist", "auto"] = "auto"


class Folders(Model):
    """Names of the IMAP folders, below the personal namespace; "/" stands for the server's separator."""

    done: str = "Mailbot/Done"
    review: str = "Mailbot/Review"
    failed: str = "Mailbot/Failed"
    register_: str = Field("Mailbot/Register", alias="register")
    cancel: str = "Mailbot/Cancel"
    unsubscribe: str = "Mailbot/Unsubscribe"
    data_request: str = "Mailbot/Data request"
    ignore: str = "Mailbot/Ignore"


class Limits(Model):
    """Brakes. Answers about rights and changes of an event are not held back."""

    per_address_per_day: int = Field(10, ge=1)
    per_hour: int = Field(2000, ge=1)
    max_mail_bytes: int = Field(5_000_000, ge=10_000)
    addresses_per_mail: int = Field(10, ge=0)


class Subscriptions(Model):
    """Information mails."""

    name: Text = Field(default_factory=lambda: {"de": "Informationsmails", "en": "information mails"})
    ask_in_confirmation: bool = False


class Templates(Model):
    """Own templates."""

    path: Path | None = Field(None, description="a folder whose files shadow the built-in ones")


class Logging(Model):
    """What is logged; never an address, a name, a subject or a text."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class EventMail(Model):
    """A mail that is sent to all participants some time before the event starts, or after it ends."""

    template: str
    before: Duration | None = None
    after: Duration | None = None


class Event(Model):
    """One event. Times are aware, in the event's zone."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    title: Text
    timezone: TimeZone = "Europe/Berlin"
    starts: datetime
    ends: datetime
    location: Text = ""
    join_url: str = ""
    conference: Conference | None = None
    capacity: int | None = Field(None, ge=1)
    opens: datetime | None = None
    closes: datetime | None = None
    keywords: tuple[str, ...] = ()
    mails: tuple[EventMail, ...] = ()
    questions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _times(self) -> Self:
        zone = ZoneInfo(self.timezone)
        for key in ("starts", "ends", "opens", "closes"):
            value = getattr(self, key)
            if value is not None and value.tzinfo is None:
                object.__setattr__(self, key, value.replace(tzinfo=zone))
        if self.ends <= self.starts:
            msg = f"event '{self.id}': ends must be after starts"
            raise ValueError(msg)
        return self


Anchor = Literal["event_end", "received", "unsubscribed", "closed", "sent"]


class Rule(Model):
    """How long something is kept: from ``after`` on for ``keep``, then to the end of that day, month or year."""

    after: Anchor
    keep: Duration
    round_up_to: Literal["day", "month", "year"] | None = None


def _rule(after: Anchor, keep: str, round_up_to: Literal["day", "month", "year"] | None = None) -> Rule:
    return Rule(after=after, keep=Period.parse(keep), round_up_to=round_up_to)


class Retention(Model):
    """One rule for each kind of data; ``mails`` is for people who are no participants (theirs go with their event)."""

    registrations: Rule = _rule("event_end", "P0D")
    subscriptions: Rule = _rule("unsubscribed", "P0D")
    requests: Rule = _rule("closed", "P3Y", "year")
    ledger: Rule = _rule("received", "P90D")
    mails: Rule = _rule("received", "P30D")
    erased_hashes: Rule = _rule("closed", "P90D")


class Settings(Model):
    """The whole file. ``mailboxes`` holds the one ``[mailbox]`` or all ``[[mailboxes]]``."""

    organiser: Organiser
    controller: Controller
    privacy: Privacy = Privacy()
    mailboxes: tuple[Mailbox, ...] = Field(min_length=1)
    smtp: Smtp
    store: Store = Store()
    automation: Automation = Automation()
    folders: Folders = Folders()
    limits: Limits = Limits()
    subscriptions: Subscriptions = Subscriptions()
    templates: Templates = Templates()
    logging: Logging = Logging()
    events: tuple[Event, ...] = Field(min_length=1)
    retention: Retention = Retention()

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever the file holds
        if not isinstance(values, dict):
            return values
        given = dict(values)
        organiser = given.get("organiser")
        if isinstance(organiser, dict):
            zone = organiser.get("timezone", "Europe/Berlin")
            own = {"name": organiser.get("name"), "address": organiser.get("postal_address", ""), "email": organiser.get("contact")}
            given.setdefault("controller", own)
            if isinstance(given.get("events"), list | tuple):
                given["events"] = [{"timezone": zone, **e} if isinstance(e, dict) else e for e in given["events"]]
        if "mailbox" in given and "mailboxes" not in given:
            given["mailboxes"] = [given.pop("mailbox")]
        boxes = given.get("mailboxes")
        first = boxes[0] if isinstance(boxes, list | tuple) and boxes else None
        if isinstance(first, dict) and isinstance(smtp := given.get("smtp"), dict) and "password" in smtp:
            given["smtp"] = {"username": first.get("username") or first.get("address"), **smtp}
        return given

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, ids in (("event", [e.id for e in self.events]), ("mailbox", [m.id for m in self.mailboxes])):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                msg = f"{what} id '{twice[0]}' is used twice"
                raise ValueError(msg)
        return self

    def event(self, event_id: str | None) -> Event | None:
        """The event with this id; None when there is none (any more)."""
        return next((e for e in self.events if e.id == event_id), None)

    def mailbox(self, mailbox_id: str) -> Mailbox:
        """The mailbox with this id; raises KeyError."""
        return {m.id: m for m in self.mailboxes}[mailbox_id]
