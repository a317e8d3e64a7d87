"""Calendar files (RFC 5545): PUBLISH to add an event to one's calendar, CANCEL to take it out again.

Made once per event and language with icalendar, then only the person's UID, the time stamp and the sequence are put in.
The UID is a hash: it says nothing about the person, and a cancellation finds what its confirmation put there.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

from mailbot.domain.decision import Calendar
from mailbot.domain.mail import fold_address

_UID = "0" * 40
_SEQUENCE = 999_999_999
_STAMP = datetime(1999, 9, 9, 9, 9, 9, tzinfo=UTC)
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands in the calendar, in the receiver's language; ``organiser`` is (name, address)."""

    event: str
    title: str
    starts: datetime
    ends: datetime
    zone: str
    location: str
    url: str
    organiser: tuple[str, str]
    language: str


def uid(event: str, email: str, names: Sequence[str]) -> str:
    """Give the same 40 letters for the same event and person (or people, when one mail is about several)."""
    who = "\n".join(sorted(" ".join(name.casefold().split()) for name in names))
    return hashlib.sha256(f"{event}\0{fold_address(email)}\0{who}".encode()).hexdigest()[:40]


def render(entry: Entry, kind: Calendar, *, uid: str, now: datetime) -> bytes:
    """Give the file. A later one replaces an earlier one; a cancellation comes after what was published with it.

    SEQUENCE must grow with every change (RFC 5545 §3.8.7.4) and nothing is stored about a sent file: so it counts
    the seconds, two steps each, and CANCEL takes the second.
    """
    step = 2 * int((now - _EPOCH).total_seconds()) % 2**31 + (kind is Calendar.CANCEL)
    made = _build(entry, kind).replace(_UID.encode(), uid.encode())
    made = made.replace(f"SEQUENCE:{_SEQUENCE}".encode(), f"SEQUENCE:{step}".encode())
    return made.replace(_stamp(_STAMP), _stamp(now))


def _stamp(moment: datetime) -> bytes:
    return f"DTSTAMP:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode()


@lru_cache(maxsize=256)
def _build(entry: Entry, kind: Calendar) -> bytes:
    zone = ZoneInfo(entry.zone)
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//mailbot//{entry.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", kind.value.upper())
    event = icalendar.Event()
    event.add("uid", f"{_UID}@mailbot")
    event.add("dtstamp", _STAMP)
    event.add("sequence", _SEQUENCE)
    event.add("status", "CANCELLED" if kind is Calendar.CANCEL else "CONFIRMED")
    event.add("summary", entry.title)
    event.add("dtstart", entry.starts.astimezone(zone))
    event.add("dtend", entry.ends.astimezone(zone))
    event.add("organizer", _organiser(entry.organiser))
    for name, value in (("location", entry.location), ("description", entry.url), ("url", entry.url)):
        if value:
            event.add(name, value)
    calendar.add_component(event)
    year = timedelta(days=366)  # two years hold both changes of the clock; the default writes the rules of seventy
    calendar.add_missing_timezones(first_date=(entry.starts - year).date(), last_date=(entry.ends + year).date())
    made: bytes = calendar.to_ical()
    return made


def _organiser(organiser: tuple[str, str]) -> icalendar.vCalAddress:
    name, address = organiser
    given = icalendar.vCalAddress(f"mailto:{address}")
    given.params["CN"] = icalendar.vText(name.replace('"', "'"))  # RFC 6868 would write ^', which Outlook shows as it is
    return given
