"""``mailbot init``: a few questions, then a commented ``config.toml`` that only its owner reads."""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click

import mailbot
from mailbot.cli.base import App, Command, pass_app
from mailbot.errors import MailbotError, UsageError

PACKAGE = Path(mailbot.__file__).parent
Answers = Mapping[tuple[str, str], str]  # (section, key) → the value as TOML


@click.command(cls=Command)
@pass_app
def command(app: App) -> None:
    """Ask a few questions and write the configuration (to --config FILE, by default ./config.toml)."""
    path = app.config or Path("config.toml")
    if path.exists():
        raise UsageError(f"{path} exists already", remedy="edit it, or name another with --config FILE")
    if not asks():
        example = _example_file()
        raise UsageError("`init` asks questions, and standard input is no terminal", remedy=f"copy {example} to {path} and edit it")
    write(path, fill(_example_file().read_text("utf-8"), _ask()))
    click.echo(f"written: {path}\nNow try: mailbot check", err=True)


def asks() -> bool:
    """Whether there is somebody at a terminal."""
    return sys.stdin.isatty()


def _example_file() -> Path:
    """The example in the installed package, or beside it in a checkout."""
    places = (PACKAGE / "_templates" / "config.example.toml", PACKAGE.parent / "config.example.toml")
    return next(place for place in places if place.is_file())


def _ask() -> Answers:
    organiser = _prompt("Who organises (name of the office or association)")
    contact = _prompt("A human's address, for participants and for alarms", check=_address)
    mailbox = _prompt("The mailbox that people write to", check=_address)
    domain = mailbox.rpartition("@")[2]
    imap = _prompt("IMAP server", default=f"imap.{domain}")
    smtp = _prompt("SMTP server", default=imap.replace("imap.", "smtp.", 1))
    secret = click.prompt(
        "Password (empty: taken from $MAILBOT_PASSWORD)", default="", show_default=False, hide_input=True, err=True
    )
    title = _prompt("The event's title")
    starts = _prompt("It starts (like 2027-03-11 18:00)", check=_time)
    ends = _prompt("It ends", default=_later(starts), check=_time)
    location = _prompt("Where", default="online")
    password = _quoted(secret) if secret else '{ env = "MAILBOT_PASSWORD" }'
    return {
        ("organiser", "name"): _quoted(organiser),
        ("organiser", "contact"): _quoted(contact),
        ("mailbox", "address"): _quoted(mailbox),
        ("mailbox", "host"): _quoted(imap),
        ("mailbox", "password"): password,
        ("smtp", "host"): _quoted(smtp),
        ("smtp", "password"): password,
        ("smtp", "sender_name"): _quoted(organiser),
        ("events", "id"): _quoted(slug(title)),
        ("events", "title"): _quoted(title),
        ("events", "starts"): _moment(starts).isoformat(),
        ("events", "ends"): _moment(ends).isoformat(),
        ("events", "location"): _quoted(location),
    }


def _prompt(question: str, *, default: str | None = None, check: Callable[[str], str] = str.strip) -> str:
    answer: str = click.prompt(question, default=default, value_proc=check, err=True)
    return answer


def _address(text: str) -> str:
    from mailbot.roster import address

    try:
        return address(text.strip())
    except UsageError as error:
        raise click.UsageError(str(error)) from None


def _time(text: str) -> str:
    try:
        _moment(text)
    except ValueError:
        raise click.UsageError("write it like 2027-03-11 18:00") from None
    return text.strip()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    if len(text.strip()) <= len("2027-03-11") or moment.tzinfo:
        raise ValueError(text)
    return moment


def _later(starts: str) -> str:
    return (_moment(starts) + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M")


def _quoted(text: str) -> str:
    """Write a TOML string; JSON's escapes are TOML's too, but for DEL, which nobody types."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)


def slug(title: str) -> str:
    """Make an event's id of its title: ``Klima-Werkstatt 2027`` → ``klima-werkstatt-2027``."""
    plain = title.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "event"


def fill(example: str, answers: Answers) -> str:
    """Put the answers into the example, each after its key; comments stay."""
    section, lines = "", []
    for line in example.splitlines():
        if found := re.match(r"\[+([a-z.]+)\]+", line):
            section = found[1]
        key = line.partition(" = ")[0]
        lines.append(_with(line, key, answers[section, key]) if (section, key) in answers else line)
    return "\n".join(lines) + "\n"


def _with(line: str, key: str, value: str) -> str:
    comment = re.search(r"\s+# (?:← )?([^\"]*)$", line)
    said = f"{key} = {value}"
    return f"{said.ljust(46)} # {comment[1]}" if comment else said


def write(path: Path, text: str) -> None:
    """Write a new file for its owner alone; never over an existing one."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already", remedy="edit it, or name another with --config FILE") from None
    except OSError as error:
        raise MailbotError(f"{path} can't be written: {error.strerror}", remedy="name another file with --config FILE") from None
