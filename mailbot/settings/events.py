"""The events, and how long what is kept."""

from datetime import datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from mailbot.settings.parts import Conference
from mailbot.settings.values import Duration, Model, Period, Text, TimeZone


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
            if value is not None:
                there = value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)
                object.__setattr__(self, key, there)
        if self.ends <= self.starts:
            msg = "ends must be after starts"
            raise ValueError(msg)
        if self.opens and self.closes and self.closes <= self.opens:
            msg = "closes must be after opens"
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
