"""The variables that every letter gets: settings, and the event in the letter's language and zone. No I/O, no clock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailbot.domain.decision import Calendar, Letter
from mailbot.domain.mail import fold_address
from mailbot.render import clean
from mailbot.render.language import Language
from mailbot.render.links import MadeLink
from mailbot.retention import rule_end
from mailbot.settings import Conference, Event, Mailbox, Rule, Settings, in_language

# Letters to people who take part; whoever else gets one of these (a waiting person, say) still never sees join_url.
JOINING = frozenset({"registration-confirmed", "registered-by-other", "moved-up", "undone", "reminder", "event-changed"})
_BASIS = re.compile(r"\b6 ?(?:\(1\)|Abs\. ?1)[^a-z]*(?:lit\. ?|Buchst\. ?|\()?([a-f])\)?(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event as templates see it: every value is text in the letter's language; ``join_url`` "" where it must not stand."""

    id: str
    title: str
    date: str
    when: str
    opens: str
    closes: str
    location: str
    join_url: str


def sees_join_url(letter: Letter) -> bool:
    """Whether the receiver is a registered participant (DESIGN section 5: join_url goes to nobody else)."""
    own = fold_address(letter.to)
    return letter.template in JOINING and any(
        person.get("status") == "registered" and fold_address(str(person.get("email", ""))) == own for person in people(letter)
    )


def calendar(letter: Letter) -> Calendar | None:
    """The letter's calendar file: none for people who only wait for a seat, whose calendar never held the event."""
    return letter.calendar if seated(letter) else None


def seated(letter: Letter) -> list[Mapping[str, object]]:
    """The people of a letter who have (or had, when it cancels) a seat: those whom its calendar file is about."""
    return [person for person in people(letter) if person.get("status") == "registered"]


def people(letter: Letter) -> list[Mapping[str, object]]:
    """The people whom a letter is about."""
    given = letter.values.get("people")
    return [person for person in given if isinstance(person, Mapping)] if isinstance(given, list | tuple) else []


def view(event: Event, language: Language, settings: Settings, *, join: bool) -> EventView:
    """Show an event in a language."""
    title, location = in_language(event.title, language.code), in_language(event.location, language.code)
    return EventView(
        id=event.id,
        title=clean.line(title),
        date=language.day(event.starts.astimezone(ZoneInfo(event.timezone)).date()),
        when=when(event, language, settings.organiser.timezone),
        opens=_moment(event.opens, event, language, settings.organiser.timezone),
        closes=_moment(event.closes, event, language, settings.organiser.timezone),
        location=clean.line(location),
        join_url=clean.line(event.join_url) if join else "",
    )


def _moment(moment: datetime | None, event: Event, language: Language, home: str) -> str:
    return language.moment(moment, event.timezone) + _zone(event, language, home) if moment else ""


def _zone(event: Event, language: Language, home: str) -> str:
    """Name the event's zone where readers could doubt it."""
    patterns = language.words.patterns
    named = patterns["zone"] if event.timezone != home or patterns["always_zone"] else ""
    return str(named).format(zone=event.timezone.rpartition("/")[2].replace("_", " "))


def when(event: Event, language: Language, home: str) -> str:
    """Say when an event is, in its own zone (which is named where readers could doubt it)."""
    zone = ZoneInfo(event.timezone)
    starts, ends = event.starts.astimezone(zone), event.ends.astimezone(zone)
    patterns = language.words.patterns
    pattern = patterns["same_day"] if starts.date() == ends.date() else patterns["several_days"]
    said = str(pattern).format(
        date=language.day(starts.date()), start=language.time(starts), end_date=language.day(ends.date()), end=language.time(ends)
    )
    return said + _zone(event, language, home)


def shared(settings: Settings, mailbox: Mailbox, event: Event | None, language: Language, *, join: bool) -> dict[str, object]:
    """Give what is the same for every letter of this mailbox, event and language."""
    privacy = settings.privacy
    basis = _BASIS.search(privacy.legal_basis)
    shown = view(event, language, settings, join=join) if event else None
    made: dict[str, object] = {
        "organiser": settings.organiser,
        "controller": settings.controller,
        "privacy": privacy,
        "basis": basis.group(1) if basis else "",
        "recipients": list(privacy.recipients),
        "conference": _conferences(settings.events if event is None else (event,)),
        "titles": {e.id: clean.line(in_language(e.title, language.code)) for e in settings.events},
        "mailbox": mailbox,
        "event": shown,
        "named": str(language.words.patterns["named"]).format(title=shown.title) if shown else "",
        "subscriptions": {
            "name": in_language(settings.subscriptions.name, language.code),
            "ask_in_confirmation": settings.subscriptions.ask_in_confirmation,
        },
        "retention": _registrations(settings, event, language),
        "retention_of_mails": _period(settings.retention.mails, "", language),
        "rules": settings.retention,
    }
    return {**made, "fixed": language.fixed(made)}


def _conferences(events: Sequence[Event]) -> list[Conference]:
    """Who runs the events' video conferences; a letter about no single event names all of them (Art. 13 (1) (e))."""
    return list(dict.fromkeys(event.conference for event in events if event.conference))


def _registrations(settings: Settings, event: Event | None, language: Language) -> str:
    """Say when a participant's data go, with the day where it is known."""
    rule = settings.retention.registrations
    known = rule_end(rule, event.ends, event.timezone) if event is not None and rule.after == "event_end" else None
    last = known - timedelta(seconds=1) if known and rule.round_up_to else known  # the end of June is no day in July
    return _period(rule, language.day(last.date()) if last else "", language)


def _period(rule: Rule, day: str, language: Language) -> str:
    return str(language.words.text_retention(rule, day)).strip()


def letter_part(letter: Letter, links: Sequence[MadeLink], unsubscribe: MadeLink | None) -> dict[str, object]:
    """Give what belongs to one letter; its own values come on top."""
    return {
        "person": clean.name(letter.name or ""),
        "links": {link.word: link for link in links},
        "unsubscribe": unsubscribe,
        "informs": letter.informs,
        "nature": letter.nature.value,
        "calendar": calendar(letter) or "",
        "tag": letter.tag,
        **values(letter),
    }


_AS_THEY_ARE = {"records", "record"}  # an access answer shows what is stored, to the person themself


def values(letter: Letter) -> dict[str, object]:
    """Give the letter's own variables without anything that could act in a mail program."""
    return {key: clean.tree(value, names=key not in _AS_THEY_ARE) for key, value in letter.values.items()}
