"""Example letters: fictitious people, one for every template, for ``mailbot preview`` and ``check``. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mailbot.domain.decision import Calendar, InReplyTo, Letter, Link, LinkWord, Nature
from mailbot.domain.mail import Attachment
from mailbot.settings import Settings, in_language

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
_TAG = "klima-a2b3c4d5e6f7"
_UNSUBSCRIBE_TAG = "klima-unsub2345xyz"
_RIGHTS = {
    "request-received", "access-answer", "portability-answer", "rectified", "restricted", "event-mails-kept", "objection-done",
    "consent-withdrawn", "erased-person", "no-data", "request-refused", "request-extended",
}  # fmt: skip
_NATURES = {
    **dict.fromkeys(_RIGHTS, Nature.RIGHTS),
    **dict.fromkeys(("registered-by-other", "moved-up", "confirm-this", "reminder", "event-changed"), Nature.NOTICE),
    **dict.fromkeys(("event-cancelled", "thanks", "data-erased"), Nature.NOTICE),
    **dict.fromkeys(("invitation", "privacy-notice-changed"), Nature.MAILING),
    **dict.fromkeys(("digest", "erasure-record"), Nature.ALARM),
}
_LINKS: Mapping[str, tuple[LinkWord, ...]] = {
    "registration-confirmed": (LinkWord.CANCEL,),
    "registered-by-other": (LinkWord.CANCEL, LinkWord.ERASE),
    "waiting-list": (LinkWord.CANCEL,),
    "moved-up": (LinkWord.CANCEL,),
    "which-leave": (LinkWord.CANCEL, LinkWord.UNSUBSCRIBE),
    "not-understood": (LinkWord.CANCEL, LinkWord.UNSUBSCRIBE),
    "cancelled": (LinkWord.UNDO,),
    "undone": (LinkWord.CANCEL,),
    "unsubscribed": (LinkWord.UNDO,),
    "subscription-to-confirm": (LinkWord.YES,),
    "subscription-confirmed": (LinkWord.UNSUBSCRIBE,),
    "confirm-this": (LinkWord.YES, LinkWord.NO),
    "restricted": (LinkWord.YES, LinkWord.NO),
    "reminder": (LinkWord.CANCEL,),
    "event-changed": (LinkWord.CANCEL,),
    "invitation": (LinkWord.REGISTER, LinkWord.UNSUBSCRIBE),
    "privacy-notice-changed": (LinkWord.UNSUBSCRIBE,),
}
_CALENDARS = {
    **dict.fromkeys(("registration-confirmed", "registered-by-other", "moved-up", "undone", "event-changed"), Calendar.PUBLISH),
    **dict.fromkeys(("cancelled", "event-cancelled"), Calendar.CANCEL),
}
_INFORMS = {"registration-confirmed", "registered-by-other", "waiting-list", "subscription-to-confirm", "question-back"}
_ASKS = {"confirm-this", "restricted", "subscription-to-confirm", "question-back", "cancelled", "unsubscribed"}
_PLACES = {"de": ("Biologische Station Alme", "Stadtbücherei"), "en": ("Alme Field Station", "Town library")}


def letter(template: str, language: str, settings: Settings, now: datetime) -> Letter:
    """Give an example of this letter: about the first configured event, to a person who does not exist."""
    event = settings.events[0]
    nature = _NATURES.get(template, Nature.ANSWER)
    direct = nature in {Nature.ANSWER, Nature.RIGHTS}
    alarm = nature is Nature.ALARM
    values = _values(language, settings, now)
    return Letter(
        template=template,
        to=settings.organiser.contact if alarm else "mara.lindholm@biostation.example",
        language=language,
        nature=nature,
        tag=_TAG,
        name=None if alarm else "Mara Lindholm",
        event=None if alarm else event.id,
        tag_in_subject=template in _ASKS,
        answers=InReplyTo(message_id="<20270201.1@biostation.example>") if direct else None,
        links=tuple(_link(word) for word in _LINKS.get(template, ())),
        calendar=_CALENDARS.get(template),
        attachments=(_JSON,) if template in {"access-answer", "portability-answer"} else (),
        informs=template in _INFORMS,
        values={**values, **_special(template, language, event.id, now)},
    )


_JSON = Attachment(filename="data.json", content_type="application/json", content=b"[]\n", size=3)


def _link(word: LinkWord) -> Link:
    return Link(word=word, tag=_UNSUBSCRIBE_TAG if word is LinkWord.UNSUBSCRIBE else _TAG)


def _people(language: str) -> list[dict[str, str]]:
    station, library = _PLACES.get(language, _PLACES["en"])
    return [
        {"name": "Mara Lindholm", "institution": station, "email": "mara.lindholm@biostation.example", "status": "registered"},
        {"name": "Jonas Petri", "institution": library, "email": "jonas.petri@post.example", "status": "registered"},
    ]


def _special(template: str, language: str, event: str, now: datetime) -> dict[str, object]:
    """What one template needs otherwise than the others."""
    both = _people(language)
    waiting = [{**person, "status": "waiting"} for person in both]
    own: Mapping[str, dict[str, object]] = {
        "registration-confirmed": {"waiting": waiting[1:]},
        "waiting-list": {"people": waiting[:1]},
        "question-back": {"people": both[1:]},
        "which-person": {"people": both, "wish": "cancellation"},
        "confirm-this": {"what": "rectification"},
        "undone": {"what": "cancelled"},
        "portability-answer": {"records": _records(both[0], event, now)[:1]},
    }
    return dict(own.get(template, {}))


def _values(language: str, settings: Settings, now: datetime) -> dict[str, object]:
    """Give every variable that any letter knows; each takes what it needs."""
    people = _people(language)
    event = settings.events[0]
    return {
        "people": people[:1],
        "waiting": [],
        "again": False,
        "also_asks": False,
        "by": "tom.ashdown@mail.example",
        "instead": [],
        "asks": True,
        "missing": [{"name": "Mara Lindholm", "fields": ["institution"]}, {"name": "Heike", "fields": ["full_name"]}],
        "choices": [in_language(e.title, language) for e in settings.events],
        "wish": "access",
        "keeps_registration": True,
        "kinds": ["access", "erasure"],
        "due": now + timedelta(days=30),
        "what": "erasure",
        "corrections": [{"field": "name", "old": "Mara Lindhom", "new": "Mara Lindholm"}],
        "records": _records(people[0], event.id, now),
        "applies": True,
        "kept": ["request", "hash"],
        "mailings": True,
        "registration": True,
        "suppressed": True,
        "reason": {"de": "Wir brauchen die Daten noch für eine Rechnung."}.get(language, "We still need the data for an invoice."),
        "why": "closed",
        "limit": settings.limits.max_mail_bytes,
        "lines": [{"what": "review", "count": 2, "ids": ["17", "19"]}, {"what": "requests", "count": 1, "ids": ["4"]}],
        "record": _record(event.id, now),
    }


def _records(person: Mapping[str, str], event: str, now: datetime) -> list[dict[str, object]]:
    mail = "Guten Tag,\n\nhiermit melde ich mich an.\n\nMara Lindholm"
    row = {**person, "id": "12", "event": event, "registered_at": now, "language": "de", "restricted": False}
    return [
        {"table": "registration", "rows": [row]},
        {"table": "ledger", "rows": [{"received_at": now, "subject": "Anmeldung", "text": mail, "intent": "registration"}]},
        {"table": "outbox", "rows": [{"template": "registration-confirmed", "status": "sent", "sent_at": now}]},
    ]


def _record(event: str, now: datetime) -> dict[str, object]:
    counts = {"tables": {"registration": 42, "outbox": 97}, "folders": {"done": 58}, "kept": {"subscription": 3}}
    return {
        "event": event,
        "erased_at": now,
        "rule": {"after": "event_end", "keep": "P0D", "round_up_to": None},
        "counts": counts,
        "found_again": 0,
        "sha256": "0" * 64,
    }
