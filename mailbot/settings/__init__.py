"""The configuration as frozen, typed models: names, defaults and what each key means. No I/O; ``config`` fills them.

Field descriptions are the documentation: ``config.example.toml`` is checked against them.
"""

from typing import Any, Self

from pydantic import Field, model_validator

from mailbot.settings.events import Anchor, Event, EventMail, Retention, Rule
from mailbot.settings.parts import (
    Automation,
    Certainty,
    Conference,
    Controller,
    Folders,
    Limits,
    Logging,
    Organiser,
    Privacy,
    Recipient,
    Store,
    Subscriptions,
    Templates,
)
from mailbot.settings.servers import Mailbox, OAuth2, Server, Smtp
from mailbot.settings.values import Duration, Model, Period, Secret, SecretRef, Text, TimeZone, in_language

__all__ = [
    "Anchor",
    "Automation",
    "Certainty",
    "Conference",
    "Controller",
    "Duration",
    "Event",
    "EventMail",
    "Folders",
    "Limits",
    "Logging",
    "Mailbox",
    "Model",
    "OAuth2",
    "Organiser",
    "Period",
    "Privacy",
    "Recipient",
    "Retention",
    "Rule",
    "Secret",
    "SecretRef",
    "Server",
    "Settings",
    "Smtp",
    "Store",
    "Subscriptions",
    "Templates",
    "Text",
    "TimeZone",
    "in_language",
]


class Settings(Model):
    """The whole file. ``mailboxes`` holds the one ``[mailbox]`` or all ``[[mailboxes]]``."""

    organiser: Organiser
    controller: Controller
    privacy: Privacy = Privacy()
    mailboxes: tuple[Mailbox, ...] = Field(min_length=1)
    smtp: Smtp
    store: Store = Store()
    automation: Automation = Automation()
    certainty: Certainty = Certainty()
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
        if isinstance(first, dict) and isinstance(smtp := given.get("smtp"), dict) and {"password", "oauth2"} & set(smtp):
            given["smtp"] = {**smtp, "username": smtp.get("username") or first.get("username") or first.get("address")}
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
