"""The record of processing activities (GDPR Art. 30), from the configuration and the marks of the store's columns.

Nothing in it is written by hand twice: what is stored, about whom and how long comes from where it is decided. Holds no
participant's data. Upstream: the command line.
"""

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.retention_plan import describe_period
from mailbot.settings import Conference, Recipient, Retention, Rule, Settings, in_language
from mailbot.store.catalogue import Stored, catalogue

_DE: Mapping[str, str] = {
    "title": "Verzeichnis von Verarbeitungstätigkeiten (Art. 30 DSGVO)",
    "as of": "Stand",
    "activity": "Verarbeitungstätigkeit",
    "activity text": "Anmeldung zu Veranstaltungen per E-Mail, Informationsmails, Beantwortung von Betroffenenrechten",
    "controller": "Verantwortlicher",
    "processor": "Auftragsverarbeiter (Art. 28 DSGVO)",
    "officer": "Datenschutzbeauftragte Person",
    "authority": "Aufsichtsbehörde",
    "purposes": "Zwecke und Rechtsgrundlage",
    "events": "Veranstaltungen",
    "data": "Betroffene und Kategorien von Daten",
    "recipients": "Empfänger und Übermittlungen in Drittländer",
    "nobody": "keine; es gibt nur die Verbindungen zu den Mailservern und zur Datenbank des Verantwortlichen",
    "erasure": "Löschfristen",
    "measures": "Technische und organisatorische Maßnahmen (Art. 32 DSGVO)",
    "not given": "nicht angegeben",
}
_EN: Mapping[str, str] = {
    "title": "Record of processing activities (Art. 30 GDPR)",
    "as of": "As of",
    "activity": "Processing activity",
    "activity text": "Registration for events by e-mail, information mails, answering data subjects' rights",
    "controller": "Controller",
    "processor": "Processor (Art. 28 GDPR)",
    "officer": "Data protection officer",
    "authority": "Supervisory authority",
    "purposes": "Purposes and legal basis",
    "events": "Events",
    "data": "Data subjects and categories of data",
    "recipients": "Recipients and transfers to third countries",
    "nobody": "none; there are only the connections to the controller's mail servers and database",
    "erasure": "Time limits for erasure",
    "measures": "Technical and organisational measures (Art. 32 GDPR)",
    "not given": "not given",
}
_WORDS = {"de": _DE, "en": _EN}
_WHO = {
    "de": {
        "participant": "Teilnehmende",
        "registrar": "Personen, die andere anmelden",
        "subscriber": "Bezieherinnen und Bezieher von Informationsmails",
        "sender": "Personen, die dem Postfach schreiben",
        "receiver": "Empfängerinnen und Empfänger unserer Mails",
        "claimant": "Personen, die ein Recht geltend machen",
    },
    "en": {
        "participant": "participants",
        "registrar": "people who register others",
        "subscriber": "subscribers to information mails",
        "sender": "people who write to the mailbox",
        "receiver": "receivers of our mails",
        "claimant": "people who claim a right",
    },
}
_KINDS = {
    "de": {
        "registrations": "Anmeldungen mit allem, was dazu gehört",
        "subscriptions": "Informationsmails mit Einwilligungsnachweis",
        "requests": "abgeschlossene Betroffenenanfragen (Art, Daten, Ausgang, Hashwert der Adresse)",
        "ledger": "Bearbeitungsnachweis der Mails ohne Inhalt",
        "mails": "Mails in den Ordnern des Postfachs von Personen, die nicht teilnehmen",
        "erased_hashes": "Hashwerte, um eine Löschung nach einer Wiederherstellung zu wiederholen",
    },
    "en": {
        "registrations": "registrations with everything about them",
        "subscriptions": "information mails with the proof of consent",
        "requests": "closed requests of data subjects (kinds, dates, outcome, hash of the address)",
        "ledger": "which mails were handled, without content",
        "mails": "mails in the mailbox's folders, of people who do not take part",
        "erased_hashes": "hashes that repeat an erasure after a restore",
    },
}
_ANCHORS = {
    "de": {
        "event_end": "nach dem Ende der Veranstaltung",
        "received": "nach dem Eingang",
        "unsubscribed": "nach der Abmeldung",
        "closed": "nach dem Abschluss",
        "sent": "nach dem Versand",
    },
    "en": {
        "event_end": "after the event's end",
        "received": "after receipt",
        "unsubscribed": "after unsubscribing",
        "closed": "after closing",
        "sent": "after sending",
    },
}
_ROUND = {
    "de": {"day": "zum Ende des Tages", "month": "zum Ende des Monats", "year": "zum Ende des Jahres"},
    "en": {"day": "at the end of the day", "month": "at the end of the month", "year": "at the end of the year"},
}
_UNITS_DE = {"year": "Jahr(e)", "month": "Monat(e)", "day": "Tag(e)", "hour": "Stunde(n)", "minute": "Minute(n)"}
_MEASURES = {
    "de": (
        "verschlüsselte Verbindungen (TLS) zu den Mailservern; nie Anmeldung im Klartext",
        "Datenbank, Schlüssel und Journal nur für den Dienst lesbar (0600); gelöschte Inhalte werden überschrieben",
        "Adressen und Kennzeichen nur als schlüsselgebundene Hashwerte in Verweisen; Protokolle ohne Namen, Adressen und Inhalte",
        "Löschung in Tabellen, Postausgang und Postfachordnern mit anschließender Suche und Nachweis",
        "Handeln nur auf Antwort der gespeicherten Adresse; Unsicheres entscheidet ein Mensch",
    ),
    "en": (
        "encrypted connections (TLS) to the mail servers; never a login in clear",
        "database, key and journal readable by the service alone (0600); erased content is overwritten",
        "addresses and tags stored for look-up as keyed hashes only; logs without names, addresses or content",
        "erasure in tables, outbox and mailbox folders, followed by a search and a record",
        "acting only on a reply of the address on record; what is unsure is decided by a human",
    ),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its points."""

    heading: str
    points: tuple[str, ...]


def as_markdown(settings: Settings, language: str, now: datetime) -> str:
    """Give the record as Markdown; what the configuration says can't become markup."""
    words = _WORDS[language]
    lines = [f"# {words['title']}", "", f"{words['as of']}: {_day(settings, now)}", ""]
    for section in sections(settings, language):
        lines += [f"## {section.heading}", "", *(f"- {_escaped(point)}" for point in section.points), ""]
    return "\n".join(lines)


def as_html(settings: Settings, language: str, now: datetime) -> str:
    """Give the record as a page of its own, ready to be printed."""
    words = _WORDS[language]
    title = html.escape(words["title"])
    body = "".join(
        f"<h2>{html.escape(section.heading)}</h2><ul>{''.join(f'<li>{html.escape(p)}</li>' for p in section.points)}</ul>"
        for section in sections(settings, language)
    )
    style = "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}h2{font-size:1.1rem}"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>'
        f"<body><h1>{title}</h1><p>{html.escape(words['as of'])}: {_day(settings, now)}</p>{body}</body></html>\n"
    )


def sections(settings: Settings, language: str) -> Iterator[Section]:
    """Give what Art. 30 (1) asks for, letter by letter."""
    words, privacy = _WORDS[language], settings.privacy
    controller, organiser = settings.controller, settings.organiser
    missing = words["not given"]
    yield Section(words["activity"], (words["activity text"],))
    yield Section(words["controller"], _given(controller.name, controller.address, controller.email))
    if controller.name != organiser.name:
        yield Section(words["processor"], _given(organiser.name, organiser.postal_address, organiser.contact))
    yield Section(words["officer"], (privacy.data_protection_officer or missing,))
    yield Section(words["authority"], (privacy.supervisory_authority or missing,))
    yield Section(words["purposes"], _given(words["activity text"], privacy.legal_basis, privacy.notice_url))
    yield Section(words["events"], tuple(_events(settings, language)))
    yield Section(words["data"], tuple(_data(catalogue(), language)))
    yield Section(words["recipients"], tuple(_recipients(settings)) or (words["nobody"],))
    yield Section(words["erasure"], tuple(_erasure(settings.retention, language)))
    yield Section(words["measures"], _MEASURES[language])


def _given(*values: str) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _events(settings: Settings, language: str) -> Iterator[str]:
    for event in settings.events:
        yield f"{in_language(event.title, language)} ({event.id}), {event.starts:%Y-%m-%d %H:%M} – {event.ends:%Y-%m-%d %H:%M}"


def _data(stored: Iterable[Stored], language: str) -> Iterator[str]:
    people: dict[str, dict[str, list[str]]] = {}
    for one in stored:
        people.setdefault(one.who, {}).setdefault(one.table, []).append(one.column)
    for who, tables in people.items():
        kinds = "; ".join(f"{table}: {', '.join(columns)}" for table, columns in tables.items())
        yield f"{_WHO[language].get(who, who)} – {kinds}"


def _recipients(settings: Settings) -> Iterator[str]:
    for recipient in settings.privacy.recipients:
        yield _recipient(recipient)
    for event in settings.events:
        if event.conference is not None:
            yield f"{_recipient(event.conference)} ({event.id})"


def _recipient(recipient: Recipient | Conference) -> str:
    return ", ".join(_given(recipient.name, recipient.purpose, recipient.country, recipient.safeguard))


def _erasure(retention: Retention, language: str) -> Iterator[str]:
    for kind in Retention.model_fields:
        rule: Rule = getattr(retention, kind)
        yield f"{_KINDS[language][kind]}: {_rule(rule, language)}"


def _rule(rule: Rule, language: str) -> str:
    length = describe_period(rule.keep)
    if language == "de":
        length = " ".join(_UNITS_DE.get(word.rstrip("s"), word) for word in length.split())
    anchor = _ANCHORS[language][rule.after]
    start = f"{length} {anchor}" if length else f"{'sofort' if language == 'de' else 'at once'} {anchor}"
    return f"{start}, {_ROUND[language][rule.round_up_to]}" if rule.round_up_to else start


def _day(settings: Settings, now: datetime) -> str:
    return f"{now.astimezone(ZoneInfo(settings.organiser.timezone)):%Y-%m-%d}"


def _escaped(text: str) -> str:
    plain = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*[]<>#|!" else c for c in plain)
