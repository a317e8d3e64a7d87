"""Pure dates: when a retention rule ends, and when a request must be answered. No clock, no I/O."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from mailbot.settings import Rule

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5


def rule_end(rule: Rule, anchor: datetime, zone: str) -> datetime:
    """When the time of something has passed: anchor + keep, at the end of the day, month or year if the rule says so.

    Computed on the calendar of ``zone``; returns an aware time in it. ``anchor`` is aware.
    """
    days = timedelta(days=rule.keep.exact.days)
    local: datetime = anchor.astimezone(ZoneInfo(zone)) + relativedelta(months=rule.keep.months) + days
    hours = rule.keep.exact - days  # hours are hours, also where the clock is changed; days and months keep the time of day
    if hours:
        local = (local.astimezone(UTC) + hours).astimezone(ZoneInfo(zone))
    if rule.round_up_to is None:
        return local
    first: datetime = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if rule.round_up_to == "day":
        return first + timedelta(days=1)
    if rule.round_up_to == "month":
        return _later(first.replace(day=1), relativedelta(months=1))
    return _later(first.replace(day=1, month=1), relativedelta(years=1))


def _later(moment: datetime, delta: relativedelta) -> datetime:
    later: datetime = moment + delta
    return later


def deadline(received: datetime, zone: str, region: str, *, months: int = 1) -> tuple[datetime, datetime]:
    """Give ``target`` and ``due`` of a request received then (GDPR Art. 12 (3), Regulation 1182/71 Art. 3).

    ``target`` is the same day of the next month (or its last day); ``due`` is the last second of the first day from
    there on that is no Saturday, Sunday or public holiday of ``region`` (``DE`` or ``DE-NW``). Both in ``zone``.
    """
    day = received.astimezone(ZoneInfo(zone)).date()
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    target = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    due = target
    while due.weekday() >= _SATURDAY or due in _holidays(region):
        due += timedelta(days=1)
    end = time(23, 59, 59)
    return datetime.combine(target, end, ZoneInfo(zone)), datetime.combine(due, end, ZoneInfo(zone))


@lru_cache(maxsize=8)
def _holidays(region: str) -> "HolidayBase":
    import holidays as public_holidays  # noqa: PLC0415 - what only a deadline needs

    country, _, state = region.partition("-")
    return public_holidays.country_holidays(country, subdiv=state or None)
