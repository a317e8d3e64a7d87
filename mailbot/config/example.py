"""A built-in configuration: ``classify`` works without a file, and ``demo`` starts from it."""

from datetime import datetime

from mailbot.settings import Settings


def example() -> Settings:
    """Give the settings of the example: one event, no server that exists."""
    return Settings.model_validate(
        {
            "organiser": {
                "name": "Büro Stadtraum",
                "contact": "kontakt@stadtraum.example",
                "postal_address": "Musterweg 1, 30159 Hannover",
                "holidays": "DE-NW",
            },
            "controller": {
                "name": "Stadt Salzkotten",
                "address": "Marktstraße 8, 33154 Salzkotten",
                "email": "info@salzkotten.example",
            },
            "mailbox": {"address": "anmeldung@klima.example", "host": "imap.klima.example"},
            "smtp": {"host": "smtp.klima.example", "sender_name": "Anmeldung Klima-Werkstatt"},
            "events": [
                {
                    "id": "klima-werkstatt",
                    "title": "Klima-Werkstatt der Stadt Salzkotten",
                    "starts": datetime(2027, 3, 11, 18),  # noqa: DTZ001 - naive means: in the event's zone
                    "ends": datetime(2027, 3, 11, 20, 30),  # noqa: DTZ001
                    "location": "online",
                    "keywords": ["Klima-Werkstatt", "Klimawerkstatt"],
                }
            ],
        }
    )
