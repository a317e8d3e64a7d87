"""Retention rules and legal deadlines, as tables."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.retention import deadline, rule_end
from mailbot.settings import Period, Rule

BERLIN = "Europe/Berlin"
WHEN = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the third


def rule(after, keep, round_up_to=None):
    """A rule as the configuration gives it."""
    return Rule(after=after, keep=Period.parse(keep), round_up_to=round_up_to)


@pytest.mark.parametrize(
    ("made", "anchor", "ends"),
    [
        (rule("event_end", "P0D"), "2027-03-11T19:30:00+00:00", "2027-03-11T20:30:00+01:00"),
        (rule("received", "P12M", "month"), "2027-03-11T10:00:00+00:00", "2028-04-01T00:00:00+02:00"),
        (rule("closed", "P1Y", "year"), "2027-03-11T10:00:00+00:00", "2029-01-01T00:00:00+01:00"),
        (rule("closed", "P3M"), "2027-11-30T10:00:00+00:00", "2028-02-29T11:00:00+01:00"),
    ],
)
def test_the_four_examples_of_the_design(made, anchor, ends):
    """Each example of the design ends when a calendar says so, in the event's zone."""
    assert rule_end(made, datetime.fromisoformat(anchor), BERLIN) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("made", "anchor", "zone", "ends"),
    [
        (rule("received", "P1M"), "2027-01-31T10:00:00+00:00", BERLIN, "2027-02-28T11:00:00+01:00"),
        (rule("received", "P1Y"), "2028-02-29T10:00:00+00:00", BERLIN, "2029-02-28T11:00:00+01:00"),
        (rule("received", "P1D", "day"), "2027-03-27T22:30:00+00:00", BERLIN, "2027-03-29T00:00:00+02:00"),  # summer time begins
        (rule("received", "P1D"), "2027-03-27T12:00:00+00:00", BERLIN, "2027-03-28T13:00:00+02:00"),  # the same time of day
        (rule("received", "PT23H"), "2027-03-27T12:00:00+00:00", BERLIN, "2027-03-28T13:00:00+02:00"),  # hours are hours
        (rule("received", "PT2H"), "2027-10-31T00:30:00+00:00", BERLIN, "2027-10-31T03:30:00+01:00"),  # summer time ends
        (rule("closed", "P0D", "year"), "2027-12-31T23:30:00+00:00", BERLIN, "2029-01-01T00:00:00+01:00"),  # 2028 there already
        (rule("closed", "P0D", "year"), "2027-12-31T23:30:00+00:00", "UTC", "2028-01-01T00:00:00+00:00"),
        (rule("closed", "P0D", "month"), "2027-12-24T10:00:00+00:00", BERLIN, "2028-01-01T00:00:00+01:00"),
        (rule("sent", "P1W", "day"), "2027-01-01T00:00:00+01:00", BERLIN, "2027-01-09T00:00:00+01:00"),
        (rule("received", "P30D"), "2027-02-01T09:00:00+00:00", "America/New_York", "2027-03-03T04:00:00-05:00"),
    ],
)
def test_the_edges_of_the_calendar(made, anchor, zone, ends):
    """Short months, leap days, years' ends and clock changes, in the zone that is asked for."""
    assert rule_end(made, datetime.fromisoformat(anchor), zone) == datetime.fromisoformat(ends)


@given(WHEN, st.sampled_from(["P0D", "P30D", "P3M", "P1Y", "PT5H"]), st.sampled_from([None, "day", "month", "year"]))
def test_a_rule_never_ends_before_its_time_and_rounding_never_shortens_it(anchor, keep, round_up_to):
    """Rounded up, whatever the date."""
    exact = rule_end(rule("received", keep), anchor, BERLIN)
    assert exact >= anchor
    assert rule_end(rule("received", keep, round_up_to), anchor, BERLIN) >= exact


@pytest.mark.parametrize(
    ("received", "target", "due"),
    [
        ("2026-01-31T10:00", "2026-02-28", "2026-03-02"),  # clamped to a Saturday, moved to Monday
        ("2027-01-31T10:00", "2027-02-28", "2027-03-01"),  # clamped to a Sunday
        ("2028-01-31T10:00", "2028-02-29", "2028-02-29"),
        ("2028-02-29T10:00", "2028-03-29", "2028-03-29"),
        ("2026-11-24T10:00", "2026-12-24", "2026-12-24"),  # no holiday anywhere in Germany
        ("2026-11-25T10:00", "2026-12-25", "2026-12-28"),  # Christmas, then a weekend
        ("2026-11-24T23:30", "2026-12-25", "2026-12-28"),  # in Berlin it is the 25th already
        ("2026-12-24T10:00", "2027-01-24", "2027-01-25"),  # a Sunday in January
        ("2026-12-31T23:30", "2027-02-01", "2027-02-01"),  # New Year's Day there already
        ("2027-02-26T10:00", "2027-03-26", "2027-03-30"),  # Good Friday to Easter Monday
        ("2027-04-27T10:00", "2027-05-27", "2027-05-28"),  # Corpus Christi, in this Land
        ("2027-02-05T10:00", "2027-03-05", "2027-03-05"),  # a Friday stays
    ],
)
def test_one_month_by_regulation_1182_71(received, target, due):
    """The same day next month, moved on by weekends and holidays, to the last second of the day."""
    when = datetime.fromisoformat(received).replace(tzinfo=UTC)
    got = deadline(when, BERLIN, "DE-NW")
    assert [g.date().isoformat() for g in got] == [target, due]
    assert [g.time().isoformat() for g in got] == ["23:59:59"] * 2


@pytest.mark.parametrize(
    ("region", "due"), [("DE", "2027-05-27"), ("DE-NW", "2027-05-28"), ("DE-BE", "2027-05-27"), ("AT", "2027-05-28")]
)
def test_the_holidays_are_those_of_the_configured_region(region, due):
    """Corpus Christi is one in some Länder and in Austria."""
    assert deadline(datetime(2027, 4, 27, 10, tzinfo=UTC), BERLIN, region)[1].date().isoformat() == due


def test_an_extension_is_two_more_months_from_receipt():
    """Art. 12 (3): three months in all."""
    target, due = deadline(datetime(2026, 11, 30, 10, tzinfo=UTC), BERLIN, "DE-NW", months=3)
    assert (target.date().isoformat(), due.date().isoformat()) == ("2027-02-28", "2027-03-01")


@given(WHEN, st.sampled_from([1, 3]))
def test_a_deadline_is_a_working_day_never_before_its_target_and_soon_after(received, months):
    """Whatever the date of receipt."""
    target, due = deadline(received, BERLIN, "DE-NW", months=months)
    assert target <= due
    assert (due - target).days <= 5
    assert due.weekday() < 5


def test_a_duration_that_is_none_says_how_to_write_one():
    """A wrong duration is refused with an example of a right one."""
    with pytest.raises(ValueError, match="P14D"):
        Period.parse("14 days")
