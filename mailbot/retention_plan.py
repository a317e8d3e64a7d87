"""What goes when and why, as lines for a person: ``mailbot retention plan`` and the record of processing. Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime

from mailbot.retention import rule_end
from mailbot.settings import Period, Retention, Rule, Settings

_ANCHORS = {
    "event_end": "the end of the event",
    "received": "the mail was received",
    "unsubscribed": "the person unsubscribed",
    "closed": "it was closed",
    "sent": "the mail was sent",
}
_WHAT = {
    "registrations": "participants and everything about them: rows, letters, their mails in the bot's folders",
    "subscriptions": "subscribers with their proof of consent",
    "requests": "closed data-subject requests: kinds, dates, outcome, hash of the address",
    "ledger": "which mails were handled, without their content",
    "mails": "mails in the bot's folders, of people who are no participants",
    "erased_hashes": "hashes that repeat an erasure after a restore",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of data (of one event): when it goes, or after what; ``state`` is planned, due or by case."""

    kind: str
    event: str | None
    goes: datetime | None
    rule: str
    what: str
    state: str

    def as_dict(self) -> dict[str, object]:
        """Give it as a row of a listing; the time is ISO 8601."""
        return {**asdict(self), "goes": self.goes.isoformat() if self.goes else None}


def plan(settings: Settings, now: datetime) -> list[Line]:
    """Give one line for each event's registrations, then one for each other rule."""
    rules = settings.retention
    lines = [_of_event(settings, event.id, now) for event in settings.events]
    for kind in Retention.model_fields:
        if kind != "registrations":
            rule: Rule = getattr(rules, kind)
            lines.append(Line(kind=kind, event=None, goes=None, rule=describe(rule), what=_WHAT[kind], state="by case"))
    return lines


def _of_event(settings: Settings, event_id: str, now: datetime) -> Line:
    event = settings.event(event_id)
    assert event is not None
    rule = settings.retention.registrations
    goes = rule_end(rule, event.ends, event.timezone)
    state = "due" if goes <= now else "planned"
    return Line(kind="registrations", event=event.id, goes=goes, rule=describe(rule), what=_WHAT["registrations"], state=state)


def describe(rule: Rule) -> str:
    """Say a rule in words: ``3 years after it was closed, at the end of that year``."""
    length = describe_period(rule.keep)
    anchor = _ANCHORS[rule.after]
    start = f"{length} after {anchor}" if length else f"at once after {anchor}"
    return f"{start}, at the end of that {rule.round_up_to}" if rule.round_up_to else start


def describe_period(period: Period) -> str:
    """Say a duration in words; "" for none."""
    years, months = divmod(period.months, 12)
    days, seconds = period.exact.days, period.exact.seconds
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = ((years, "year"), (months, "month"), (days, "day"), (hours, "hour"), (minutes, "minute"))
    return " ".join(f"{number} {unit}{'s' if number > 1 else ''}" for number, unit in parts if number)
