"""What types can't tell: is there such a language, region, template? Works on values that may still be wrong elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import mailbot
from mailbot.config.problems import did_you_mean
from mailbot.config.schema import key_names
from mailbot.domain.letters import LETTERS
from mailbot.settings import Mailbox

PACKAGE = Path(mailbot.__file__).parent
TIMED_MAILS = ("reminder", "thanks", "data-erased")  # what may go out by itself, before or after an event


def check(raw: Mapping[str, Any]) -> list[str]:
    """Give a sentence for each value that is well formed and yet can't be used."""
    parts: tuple[Callable[[], Iterator[str]], ...] = (
        partial(_both_mailboxes, raw),
        partial(_passwords, raw),
        partial(_languages, raw),
        partial(_holidays, _table(raw, "organiser")),
        partial(_templates, _table(raw, "templates")),
        partial(_mails, raw),
    )
    return [problem for part in parts for problem in part()]


def languages() -> list[str]:
    """Give the languages that mailbot understands: those with a lexicon."""
    return sorted(path.stem for path in (PACKAGE / "understand" / "lexicons").glob("*.toml"))


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def _both_mailboxes(raw: Mapping[str, Any]) -> Iterator[str]:
    if "mailbox" in raw and "mailboxes" in raw:
        yield "mailboxes: write either one [mailbox] or several [[mailboxes]], not both"


def _passwords(raw: Mapping[str, Any]) -> Iterator[str]:
    """A mailbox needs a way to log in; a misspelt key is reported by itself."""
    several = raw.get("mailboxes")
    tables = [m for m in several if isinstance(m, Mapping)] if isinstance(several, list) else []
    named = [(f"mailboxes[{m.get('id', i)}]", m) for i, m in enumerate(tables, 1)]
    for key, mailbox in [("mailbox", _table(raw, "mailbox")), *named]:
        if mailbox and set(mailbox) <= set(key_names(Mailbox)) and not {"password", "oauth2"} & set(mailbox):
            yield f'{key}.password: is missing: write {{ env = "NAME" }} or another place where it stands'


def _languages(raw: Mapping[str, Any]) -> Iterator[str]:
    given = _table(raw, "organiser").get("languages")
    override = _table(raw, "templates").get("path")
    for language in given if isinstance(given, list) else []:
        if not isinstance(language, str):
            continue
        known = languages()
        if language not in known:
            yield f"organiser.languages: mailbot does not understand '{language}' (known: {', '.join(known)})"
        elif not any((folder / language).is_dir() for folder in template_folders(override)):
            yield f"organiser.languages: there are no templates for '{language}'"


def template_folders(override: object = None) -> list[Path]:
    """Give the folders that hold templates by language: the organiser's own first, then the built-in ones."""
    built_in = [PACKAGE / "_templates", PACKAGE.parent / "templates"]
    own = [Path(override)] if isinstance(override, str | Path) else []
    return [folder for folder in (*own, *built_in) if folder.is_dir()]


def _holidays(organiser: Mapping[str, Any]) -> Iterator[str]:
    region = organiser.get("holidays", "DE")
    if not isinstance(region, str):
        return
    import holidays  # noqa: PLC0415 - costs 50 ms that --help should not pay

    country, _, state = region.partition("-")
    try:
        holidays.country_holidays(country, subdiv=state or None)
    except (NotImplementedError, ValueError, KeyError):
        known = holidays.list_supported_countries()
        states = f"; {country} has {', '.join(known[country])}" if known.get(country) else ""
        yield f"organiser.holidays: there is no region '{region}': write a country, or country and state, as in DE-NW{states}"


def _templates(templates: Mapping[str, Any]) -> Iterator[str]:
    path = templates.get("path")
    if isinstance(path, str) and path and not Path(path).is_dir():
        yield f"templates.path: the folder {path} does not exist"


def _mails(raw: Mapping[str, Any]) -> Iterator[str]:
    events = raw.get("events")
    for event in events if isinstance(events, list) else []:
        mails = event.get("mails") if isinstance(event, Mapping) else None
        for mail in mails if isinstance(mails, list) else []:
            if isinstance(mail, Mapping):
                yield from _mail(f"events[{event.get('id', '?')}].mails", mail)


def _mail(key: str, mail: Mapping[str, Any]) -> Iterator[str]:
    template = mail.get("template")
    if isinstance(template, str) and template not in TIMED_MAILS:
        hint = " (it goes out with `mailbot send`)" if template in LETTERS else did_you_mean(template, TIMED_MAILS)
        yield f"{key}: '{template}' is no mail that goes out by itself{hint}"
    if ("before" in mail) == ("after" in mail):
        yield f'{key}: write either before = "P1D" (the event\'s start) or after = "P1D" (its end)'
