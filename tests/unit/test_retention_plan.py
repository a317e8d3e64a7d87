"""`mailbot retention plan`: what goes when, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbot.config import example
from mailbot.retention_plan import describe, describe_period, plan
from mailbot.settings import Period, Rule

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(after="event_end", keep=Period()), "at once after the end of the event"),
        (Rule(after="received", keep=Period.parse("P30D")), "30 days after the mail was received"),
        (
            Rule(after="closed", keep=Period.parse("P3Y"), round_up_to="year"),
            "3 years after it was closed, at the end of that year",
        ),
        (Rule(after="received", keep=Period.parse("P1M")), "1 month after the mail was received"),
        (Rule(after="sent", keep=Period.parse("P1DT2H30M")), "1 day 2 hours 30 minutes after the mail was sent"),
    ],
)
def test_a_rule_is_said_in_words(rule: Rule, words: str) -> None:
    """A duration is no riddle."""
    assert describe(rule) == words


def test_no_duration_is_no_words() -> None:
    """Nothing is added where nothing is waited for."""
    assert describe_period(Period()) == ""


def test_each_event_and_each_kind_has_its_line() -> None:
    """Every rule of the configuration is shown, an event's with its date."""
    lines = plan(example(), NOW)
    assert [(line.kind, line.event) for line in lines] == [
        ("registrations", "klima-werkstatt"),
        ("subscriptions", None),
        ("requests", None),
        ("ledger", None),
        ("mails", None),
        ("erased_hashes", None),
    ]
    assert lines[0].goes == example().events[0].ends
    assert lines[0].as_dict()["goes"] == "2027-03-11T20:30:00+01:00"


def test_what_is_due_is_shown_as_due() -> None:
    """After the event's end the next run erases."""
    assert [plan(example(), NOW + timedelta(days=days))[0].state for days in (0, 90)] == ["planned", "due"]
