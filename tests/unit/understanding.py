"""What the tests of ``understand`` share: the example's settings, and a mail from a few words."""

from datetime import UTC, datetime
from email.message import EmailMessage

from mailbot.domain.understanding import Intent, Understanding
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.settings import Settings
from mailbot.understand import understand

BOT = "anmeldung@klima.example"
RECEIVED = datetime(2027, 2, 1, tzinfo=UTC)
SETTINGS = Settings.model_validate(
    {
        "organiser": {"name": "Büro Stadtraum", "contact": "kontakt@stadtraum.example", "languages": ["de", "en"]},
        "mailbox": {"address": BOT, "host": "imap.example.org"},
        "smtp": {"host": "smtp.example.org"},
        "events": [
            {
                "id": "klima-werkstatt",
                "title": "Klima-Werkstatt der Stadt Salzkotten",
                "starts": datetime(2027, 3, 11, 18, 0),  # noqa: DTZ001 - the event's zone is filled in by the settings
                "ends": datetime(2027, 3, 11, 20, 30),  # noqa: DTZ001
                "keywords": ["Klima-Werkstatt", "Klimawerkstatt"],
            }
        ],
    }
)


def read(
    text: str,
    *,
    subject: str = "",
    sender: str = "Anna Meier <anna.meier@post.example>",
    to: str = BOT,
    as_intent: Intent | None = None,
    settings: Settings = SETTINGS,
    **headers: str,
) -> Understanding:
    """Understand a mail with this text; ``headers`` as keywords with underscores."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return read_bytes(mail.as_bytes(), as_intent, settings)


def read_bytes(content: bytes, as_intent: Intent | None = None, settings: Settings = SETTINGS) -> Understanding:
    """Understand these bytes as the service would."""
    mail = parse(content, received_at=RECEIVED)
    return understand(mail, screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=()), settings, as_intent)


def people(understood: Understanding) -> list[tuple[str | None, str | None, str | None]]:
    """The participants as plain tuples."""
    return [(p.name, p.institution, p.email) for p in understood.participants]
