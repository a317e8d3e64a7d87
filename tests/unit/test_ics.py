"""Calendar files: what a calendar program reads in them, and that a cancellation meets what was published."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.domain.decision import Calendar
from mailbot.render import ics
from tests.unit.letters import NOW, letter, parsed, part, render, text

ENTRY = ics.Entry(
    event="klima-werkstatt",
    title="Klima-Werkstatt, ein Abend; für alle",
    starts=datetime(2027, 3, 11, 18, tzinfo=ZoneInfo("Europe/Berlin")),
    ends=datetime(2027, 3, 11, 20, 30, tzinfo=ZoneInfo("Europe/Berlin")),
    zone="Europe/Berlin",
    location="Rathaus",
    url="https://meet.example/j/1",
    organiser=("Büro Stadtraum", "anmeldung@klima.example"),
    language="de",
)


def read(made):
    return icalendar.Calendar.from_ical(made.get_content() if hasattr(made, "get_content") else made)


def event(made):
    return read(made).walk("VEVENT")[0]


def calendar(template, now=NOW, **changes):
    return part(parsed(render(letter(template, **changes), now=now)), "text/calendar")


def test_a_confirmation_publishes_the_event():
    """METHOD:PUBLISH, inside and outside, with the time zone's rules."""
    made = calendar("registration-confirmed")
    assert made.get_param("method") == "PUBLISH"
    assert made.get_filename() == "klima-werkstatt.ics"
    assert read(made)["METHOD"] == "PUBLISH"
    assert [str(z["TZID"]) for z in read(made).walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert event(made).start == ENTRY.starts
    assert event(made).end == ENTRY.ends
    assert str(event(made)["ORGANIZER"]) == "mailto:anmeldung@klima.example"


def test_a_cancellation_meets_what_was_published():
    """Same UID, METHOD:CANCEL, STATUS:CANCELLED and the next SEQUENCE (RFC 5546 §3.2.5)."""
    published, cancelled = calendar("registration-confirmed"), calendar("cancelled")
    assert cancelled.get_param("method") == read(cancelled)["METHOD"] == "CANCEL"
    assert event(cancelled)["STATUS"] == "CANCELLED"
    assert event(cancelled)["UID"] == event(published)["UID"]
    assert event(cancelled)["SEQUENCE"] == event(published)["SEQUENCE"] + 1


def test_undo_comes_after_the_cancellation():
    """What is published again a second later replaces the cancellation."""
    cancelled, again = calendar("cancelled"), calendar("undone", now=NOW + timedelta(seconds=1))
    assert event(again)["SEQUENCE"] > event(cancelled)["SEQUENCE"]
    assert event(again)["UID"] == event(cancelled)["UID"]


def test_uid_says_nothing_about_the_person():
    """The UID differs by person, address and event, and holds none of them."""
    uids = [
        ics.uid("a", "x@mail.example", ["Anna Berg"]),
        ics.uid("b", "x@mail.example", ["Anna Berg"]),
        ics.uid("a", "y@mail.example", ["Anna Berg"]),
        ics.uid("a", "x@mail.example", ["Bernd Berg"]),
        ics.uid("a", "x@mail.example", ["Anna Berg", "Bernd Berg"]),
    ]
    assert len(set(uids)) == 5
    assert ics.uid("a", "X@mail.example", ["anna  berg"]) == uids[0]
    assert not any(word in uids[0].lower() for word in ("anna", "berg", "mail"))


@pytest.mark.parametrize("kind", Calendar)
def test_the_kept_file_is_filled_in_for_each_person(kind):
    """Files of one event differ in UID, time stamp and sequence alone."""
    one = ics.render(ENTRY, kind, uid="a" * 40, now=NOW)
    two = ics.render(ENTRY, kind, uid="b" * 40, now=NOW + timedelta(hours=1))
    differing = {line.split(b":")[0] for line in set(one.splitlines()) ^ set(two.splitlines())}
    assert differing == {b"UID", b"DTSTAMP", b"SEQUENCE"}
    assert event(one)["DTSTAMP"].dt == NOW


def test_lines_end_and_fold_as_rfc_5545_asks():
    """CRLF, at most 75 octets a line."""
    made = ics.render(ENTRY, Calendar.PUBLISH, uid="a" * 40, now=NOW)
    assert made.count(b"\r\n") == made.count(b"\n")
    assert max(map(len, made.split(b"\r\n"))) <= 75


def test_an_event_over_the_change_of_the_clock_keeps_its_times():
    """Start before and end after the last Sunday of March are read back as the times on the wall."""
    zone = ZoneInfo("Europe/Berlin")
    entry = ics.Entry(
        **{
            **{name: getattr(ENTRY, name) for name in ENTRY.__slots__},
            "starts": datetime(2027, 3, 27, 20, tzinfo=zone),
            "ends": datetime(2027, 3, 28, 10, tzinfo=zone),
        }
    )
    found = event(ics.render(entry, Calendar.PUBLISH, uid="a" * 40, now=NOW))
    assert found.start.astimezone(UTC) == datetime(2027, 3, 27, 19, tzinfo=UTC)
    assert found.end.astimezone(UTC) == datetime(2027, 3, 28, 8, tzinfo=UTC)


@settings(deadline=None, max_examples=60)
@given(words=st.text(st.one_of(st.characters(), st.sampled_from("\r\n:;,\\\"'\0")), max_size=200))
def test_hostile_words_add_no_property(words):
    """Whatever a participant's name or a title holds, the file has one event with the usual properties."""
    people = [{"name": words, "institution": words, "email": "mara.lindholm@biostation.example", "status": "registered"}]
    made = calendar("registration-confirmed", name=words, values={"people": people})
    assert len(read(made).walk("VEVENT")) == 1
    assert set(event(made)) == set(event(calendar("registration-confirmed")))


def test_people_who_wait_get_no_calendar_entry():
    """A change or cancellation that is told to people without a seat puts nothing into, and takes nothing out of, calendars."""
    waiting = [{"name": "A", "institution": "B", "email": "mara.lindholm@biostation.example", "status": "waiting"}]
    for template in ("event-changed", "event-cancelled", "cancelled"):
        assert calendar(template, values={"people": waiting}) is None
        assert "Anhang" not in text(render(letter(template, values={"people": waiting})))
    assert calendar("event-changed") is not None


def test_only_people_with_a_seat_make_the_uid():
    """Who waits beside others of the same mail changes nothing: the cancellation of all meets what was published."""
    both = [
        {"name": name, "institution": "B", "email": "mara.lindholm@biostation.example", "status": status}
        for name, status in (("Anna Berg", "registered"), ("Bernd Berg", "waiting"))
    ]
    published = calendar("registration-confirmed", values={"people": both[:1], "waiting": both[1:]})
    cancelled = calendar("cancelled", values={"people": both})
    assert event(cancelled)["UID"] == event(published)["UID"]
