"""Retention rules and legal deadlines, as tables."""

from datetime import UTC, datetime

import pytest

from mailbot.retention import deadline, rule_end
from mailbot.settings import Period, Rule

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("rule", "anchor", "ends"),
    [
        (("event_end", "P0D", None), "2027-03-11T19:30:00+00:00", "2027-03-11T20:30:00+01:00"),
        (("received", "P12M", "month"), "2027-03-11T10:00:00+00:00", "2028-04-01T00:00:00+02:00"),
        (("closed", "P1Y", "year"), "2027-03-11T10:00:00+00:00", "2029-01-01T00:00:00+01:00"),
        (("closed", "P3M", None), "2027-11-30T10:00:00+00:00", "2028-02-29T11:00:00+01:00"),
        (("received", "P1D", "day"), "2027-03-27T22:30:00+00:00", "2027-03-29T00:00:00+02:00"),
    ],
)
def test_the_four_examples_of_the_design(rule, anchor, ends):
    """Each example of the design ends when a calendar says so, in the event's zone."""
    after, keep, round_up = rule
    made = Rule(after=after, keep=Period.parse(keep), round_up_to=round_up)
    assert rule_end(made, datetime.fromisoformat(anchor), BERLIN) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("received", "target", "due"),
    [
        ("2026-01-31T10:00", "2026-02-28", "2026-03-02"),  # clamped to a Saturday, moved to Monday
        ("2028-01-31T10:00", "2028-02-29", "2028-02-29"),
        ("2026-11-24T10:00", "2026-12-24", "2026-12-24"),
        ("2026-11-25T10:00", "2026-12-25", "2026-12-28"),  # Christmas, then a weekend
        ("2026-11-24T23:30", "2026-12-25", "2026-12-28"),  # in Berlin it is the 25th already
    ],
)
def test_one_month_by_regulation_1182_71(received, target, due):
    """The same day next month, moved on by weekends and holidays, to the last second of the day."""
    when = datetime.fromisoformat(received).replace(tzinfo=UTC)
    got = deadline(when, BERLIN, "DE-NW")
    assert [g.date().isoformat() for g in got] == [target, due]
    assert got[1].time().isoformat() == "23:59:59"


def test_a_duration_that_is_none_says_how_to_write_one():
    """A wrong duration is refused with an example of a right one."""
    with pytest.raises(ValueError, match="P14D"):
        Period.parse("14 days")
