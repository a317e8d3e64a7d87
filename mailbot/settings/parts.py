"""Who runs the bot, what people are told, and how mailbot behaves."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from mailbot.settings.values import AddressText, Model, Text, TimeZone


class Organiser(Model):
    """Who runs the bot."""

    name: str = Field(min_length=1)
    contact: AddressText = Field(description="a human's address: gets digests and alarms, stands in every mail")
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


class Store(Model):
    """Where mailbot keeps its data; paths are relative to the configuration file (``config`` makes them absolute)."""

    url: str = "sqlite:///mailbot.db"
    journal: Path = Path("mailbot.journal")
    key_file: Path = Path("mailbot.key")


class Automation(Model):
    """How much mailbot may do by itself."""

    mode: Literal["observe", "assist", "auto"] = "auto"


class Certainty(Model):
    """How sure (0 to 1) it must be that acting on a mail is right; what a wrong action costs decides. Below it a human looks."""

    registration: float = Field(0.65, ge=0, le=1.01, description="undone by one tap; 1.01 is never")
    cancellation: float = Field(0.75, ge=0, le=1.01, description="frees a seat that others may take")
    unsubscribe: float = Field(0.65, ge=0, le=1.01)
    data_subject_request: float = Field(0.6, ge=0, le=1.01, description="answers go to the sender only, erasure asks back")
    ask: float = Field(0.35, ge=0, le=1.01, description="to ask who registers for what is missing, which changes nothing")
    automatic: float = Field(0.9, ge=0, le=1.01, description="to leave a mail unanswered and unseen as a machine's")

    def of(self, intent: str) -> float:
        """What this intent needs; intents that are never acted on can't reach it."""
        return float(getattr(self, intent, 2.0))


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

    name: Text = Field(default_factory=lambda: {"de": "Informationsmails", "en": "information emails"})
    ask_in_confirmation: bool = False


class Templates(Model):
    """Own templates."""

    path: Path | None = Field(None, description="a folder whose files shadow the built-in ones")


class Logging(Model):
    """What is logged; never an address, a name, a subject or a text."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"
