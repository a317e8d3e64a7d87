"""What types can't tell: is there such a language, region, template? Works on values that may still be wrong elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

import mailbot
from mailbot.config.problems import did_you_mean
from mailbot.config.schema import key_names
from mailbot.domain.letters import LETTERS
from mailbot.settings import Anchor, Folders, Mailbox, Retention

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
        partial(_titles, raw),
        partial(_dates, raw),
        partial(_hosts, raw),
        partial(_addresses, raw),
        partial(_folders, _table(raw, "folders")),
        partial(_files, _table(raw, "store")),
        partial(_anchors, _table(raw, "retention")),
    )
    return [problem for part in parts for problem in part()]


def languages() -> list[str]:
    """Give the languages that mailbot understands: those with a lexicon."""
    return sorted(path.stem for path in (PACKAGE / "understand" / "lexicons").glob("??.toml"))


def _tables(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = raw.get(key)
    return [table for table in value if isinstance(table, Mapping)] if isinstance(value, list) else []


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def _both_mailboxes(raw: Mapping[str, Any]) -> Iterator[str]:
    if "mailbox" in raw and "mailboxes" in raw:
        yield "mailboxes: write either one [mailbox] or several [[mailboxes]], not both"
    places = [(m.get("host"), m.get("username") or m.get("address"), m.get("folder", "INBOX")) for m in _tables(raw, "mailboxes")]
    if len(set(places)) < len(places):
        yield "mailboxes: two of them are the same folder of the same account: name each once"


def _mailboxes(raw: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    several = [(f"mailboxes[{m.get('id', i)}]", m) for i, m in enumerate(_tables(raw, "mailboxes"), 1)]
    return [("mailbox", _table(raw, "mailbox")), *several]


def _passwords(raw: Mapping[str, Any]) -> Iterator[str]:
    """A mailbox needs a way to log in; a misspelt key is reported by itself."""
    for key, mailbox in _mailboxes(raw):
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
    for event in _tables(raw, "events"):
        for mail in _tables(event, "mails"):
            yield from _mail(f"events[{event.get('id', '?')}].mails", mail)


def _mail(key: str, mail: Mapping[str, Any]) -> Iterator[str]:
    template = mail.get("template")
    if isinstance(template, str) and template not in TIMED_MAILS:
        hint = " (it goes out with `mailbot send`)" if template in LETTERS else did_you_mean(template, TIMED_MAILS)
        yield f"{key}: '{template}' is no mail that goes out by itself{hint}"
    if ("before" in mail) == ("after" in mail):
        yield f'{key}: write either before = "P1D" (the event\'s start) or after = "P1D" (its end)'


def _titles(raw: Mapping[str, Any]) -> Iterator[str]:
    for event in _tables(raw, "events"):
        title = event.get("title", "-")
        texts = list(title.values()) if isinstance(title, Mapping) else [title]
        if not texts or any(isinstance(text, str) and not text.strip() for text in texts):
            yield f"events[{event.get('id', '?')}].title: must not be empty"


def _dates(raw: Mapping[str, Any]) -> Iterator[str]:
    """A date alone would be midnight, which nobody means."""
    for event in _tables(raw, "events"):
        for key in ("starts", "ends", "opens", "closes"):
            if isinstance(value := event.get(key), date) and not isinstance(value, datetime):
                yield f"events[{event.get('id', '?')}].{key}: write the time too, for example {value}T18:00:00"


def _hosts(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, server in (*_mailboxes(raw), ("smtp", _table(raw, "smtp"))):
        host = server.get("host")
        if isinstance(host, str) and (set("/@ ") & set(host) or host.count(":") == 1):
            yield f"{key}.host: write the server's name alone, for example imap.example.org; the port has its own key"


def _addresses(raw: Mapping[str, Any]) -> Iterator[str]:
    """What becomes a link in a mail must be one; a token is asked for in secret."""
    privacy = _table(raw, "privacy")
    links = [("privacy.notice_url", privacy.get("notice_url"))]
    links += [(f"events[{event.get('id', '?')}].join_url", event.get("join_url")) for event in _tables(raw, "events")]
    for key, link in links:
        if isinstance(link, str) and link and not link.startswith(("https://", "http://")):
            yield f"{key}: must be the address of a page, for example https://stadtraum.example/page"
    for key, server in (*_mailboxes(raw), ("smtp", _table(raw, "smtp"))):
        url = _table(server, "oauth2").get("token_url")
        if isinstance(url, str) and not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            yield f"{key}.oauth2.token_url: must start with https://, or the secret would be sent in clear"


def _folders(folders: Mapping[str, Any]) -> Iterator[str]:
    """Two purposes in one folder, or one in the inbox, would make mailbot handle its own filing."""
    owners: dict[str, str] = {}
    for key, name in {**Folders().model_dump(by_alias=True), **folders}.items():
        if not isinstance(name, str):
            continue
        bare = name.strip("/ ").casefold()
        if not bare or bare == "inbox":
            yield f'folders.{key}: must be a folder of its own, for example "Mailbot/{key.replace("_", " ").capitalize()}"'
        elif bare in owners:
            yield f"folders.{key}: '{name}' is folders.{owners[bare]}'s already: each needs a folder of its own"
        owners.setdefault(bare, key)


def _files(store: Mapping[str, Any]) -> Iterator[str]:
    places = {key: store.get(key) for key in ("url", "journal", "key_file")}
    if isinstance(places["url"], str):
        places["url"] = places["url"].removeprefix("sqlite:///")
    for key, other in (("journal", "url"), ("key_file", "url"), ("key_file", "journal")):
        if isinstance(places[key], str) and places[key] == places[other]:
            yield f"store.{key}: is the file of store.{other}: each needs a file of its own"


def _anchors(retention: Mapping[str, Any]) -> Iterator[str]:
    """Each kind of data knows one moment to count from: another one would be passed over in silence."""
    for kind, rule in Retention():
        given = _table(retention, kind).get("after")
        if given in get_args(Anchor) and given != rule.after:
            yield f'retention.{kind}.after: is counted from "{rule.after}" only'
