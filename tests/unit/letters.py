"""Settings and letters that the tests of rendering share."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from mailbot.domain.letters import LETTERS
from mailbot.render import Renderer, examples
from mailbot.settings import Settings

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
FULL = {
    "organiser": {
        "name": "Büro Stadtraum",
        "contact": "kontakt@stadtraum.example",
        "postal_address": "Musterweg 1, 30159 Hannover",
    },
    "controller": {"name": "Stadt Musterau", "address": "Marktstraße 8", "email": "info@musterau.example"},
    "privacy": {
        "notice_url": "https://stadtraum.example/datenschutz",
        "data_protection_officer": "datenschutz@stadtraum.example",
        "supervisory_authority": "Landesbeauftragte",
        "recipients": [{"name": "Hostwerk eG", "purpose": "Mailserver", "country": "DE", "safeguard": "Art. 28 GDPR"}],
    },
    "mailbox": {"address": "anmeldung@klima.example", "host": "localhost"},
    "smtp": {"host": "localhost", "sender_name": "Anmeldung Klima-Werkstatt"},
    "events": [
        {
            "id": "klima-werkstatt",
            "title": {"de": "Klima-Werkstatt", "en": "Climate workshop"},
            "starts": "2027-03-11T18:00:00",
            "ends": "2027-03-11T20:30:00",
            "location": "online",
            "join_url": "https://meet.example/j/123",
            "conference": {"provider": "Meetwerk", "country": "DE"},
        }
    ],
}
BARE = {
    "organiser": {"name": "Büro", "contact": "kontakt@buero.example"},
    "mailbox": {"address": "anmeldung@klima.example", "host": "localhost"},
    "smtp": {"host": "localhost"},
    "events": [
        {"id": "treffen", "title": "Treffen", "starts": "2027-03-11T18:00:00", "ends": "2027-03-11T20:30:00"},
    ],
}
LANGUAGES = ("de", "en")


def settings(values=None, **more):
    return Settings.model_validate({**(values or FULL), **more})


SETTINGS, BARE_SETTINGS = settings(FULL), settings(BARE)
RENDERER, BARE_RENDERER = Renderer(SETTINGS), Renderer(BARE_SETTINGS)
_READY = {id(SETTINGS): RENDERER, id(BARE_SETTINGS): BARE_RENDERER}


def letter(template="registration-confirmed", language="de", config=SETTINGS, **changes):
    """The example letter with only the values that ``decide`` gives it, so that a template can't use others."""
    made = examples.letter(template, language, config, NOW)
    values = {key: made.values[key] for key in LETTERS[template]} | changes.pop("values", {})
    return replace(made, values=values, **changes)


def render(made, config=SETTINGS, renderer=None, now=NOW):
    renderer = renderer or _READY.get(id(config)) or Renderer(config)
    return renderer.render(made, mailbox=config.mailboxes[0], now=now)


def parsed(mail) -> EmailMessage:
    """Read a mail back with the standard library's strict policy: a defect is an error."""
    return message_from_bytes(mail.content, policy=policy.SMTP.clone(raise_on_defect=True))


def part(message, kind):
    return next((p for p in message.walk() if p.get_content_type() == kind), None)


def text(mail):
    return part(parsed(mail), "text/plain").get_content()


def html(mail):
    return part(parsed(mail), "text/html").get_content()
