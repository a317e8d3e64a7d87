"""``mailbot check``: each thing that the configuration names is tried; each result says what to do. Sends nothing.

The only traces it leaves are the IMAP folders that ``run`` would make too. Upstream: the command line.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from mailbot.config import resolve
from mailbot.domain.decision import Folder
from mailbot.errors import ConfigError, LoginRefused, MailbotError, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.oauth import access_token
from mailbot.render import Renderer
from mailbot.retention import rule_end
from mailbot.settings import Mailbox, OAuth2, Rule, SecretRef, Settings
from mailbot.smtp import Sender
from mailbot.store import Store

_WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)  # no clock is right that is earlier than this program
_WORST_FIRST = (ConfigError.exit_status, LoginRefused.exit_status, Unreachable.exit_status, 1)
_SQLITE = "sqlite:///"
_AHEAD = timedelta(minutes=10)


class State(StrEnum):
    """How one test went; a warning is no failure."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One test: what was tried, how it went, and what to do about it. ``status`` is the exit status of a failure."""

    name: str
    state: State
    text: str
    remedy: str = ""
    status: int = 0


def exit_status(results: list[Result]) -> int:
    """Give the status of the most basic failure: configuration before login before unreachable; 0 when nothing failed."""
    failed = {result.status for result in results if result.state is State.FAIL}
    return next((status for status in _WORST_FIRST if status in failed), 0)


def offline(settings: Settings, file: Path, now: datetime) -> Iterator[Result]:
    """Try everything that needs no server."""
    yield from _configuration(settings, file, now)
    for name, secret, key in _secrets(settings):
        yield from _tried(name, lambda secret=secret, key=key: resolve(secret, key) and f"{key} can be read")  # type: ignore[misc]
    yield from _templates(settings)
    yield from _store(settings)
    yield _clock(now)


def servers(settings: Settings, now: datetime) -> Iterator[Result]:
    """Try every mailbox and the SMTP server: log in, look, send nothing."""
    for mailbox in settings.mailboxes:
        yield from _mailbox(settings, mailbox, now)
    yield from _tried("SMTP", lambda: _smtp(settings))


def _ok(name: str, text: str) -> Result:
    return Result(name=name, state=State.OK, text=text)


def _warn(name: str, text: str, remedy: str) -> Result:
    return Result(name=name, state=State.WARN, text=text, remedy=remedy)


def _failed(name: str, error: MailbotError) -> list[Result]:
    texts = error.problems if isinstance(error, ConfigError) else (str(error),)
    return [Result(name=name, state=State.FAIL, text=text, remedy=error.remedy, status=error.exit_status) for text in texts]


def _tried(name: str, test: Callable[[], str]) -> list[Result]:
    try:
        return [_ok(name, test())]
    except MailbotError as error:
        return _failed(name, error)


def _configuration(settings: Settings, file: Path, now: datetime) -> Iterator[Result]:
    yield _ok("configuration", str(file))
    secrets = [secret for _, secret, _ in _secrets(settings)]
    if any(secret.value is not None for secret in secrets) and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield _warn("configuration", "others can read the password in it", f"chmod 600 {file}")
    if settings.organiser.contact.endswith(".example"):
        yield _warn("configuration", "organiser.contact is the example's", "name a human who reads the alarms")
    privacy = settings.privacy
    missing = [key for key in ("notice_url", "supervisory_authority") if not getattr(privacy, key)]
    if missing:
        keys = ", ".join(f"privacy.{key}" for key in missing)
        yield _warn("configuration", f"{keys}: empty, so people are told less than Art. 13 GDPR asks for", "fill them in")
    for event in settings.events:
        if event.ends <= now:
            yield _warn("events", f"'{event.id}' is over: who writes about it is told so", "remove it when its erasure is recorded")


def _secrets(settings: Settings) -> Iterator[tuple[str, SecretRef, str]]:
    for mailbox in settings.mailboxes:
        name = "mailbox" if len(settings.mailboxes) == 1 else f"mailboxes[{mailbox.id}]"
        yield from _of(name, mailbox.password, mailbox.oauth2)
    yield from _of("smtp", settings.smtp.password, settings.smtp.oauth2)


def _of(name: str, password: SecretRef | None, oauth2: OAuth2 | None) -> Iterator[tuple[str, SecretRef, str]]:
    if password is not None:
        yield "secret", password, f"{name}.password"
    if oauth2 is not None:
        for key in ("client_secret", "refresh_token"):
            secret: SecretRef | None = getattr(oauth2, key)
            if secret is not None:
                yield "secret", secret, f"{name}.oauth2.{key}"


def _templates(settings: Settings) -> list[Result]:
    try:
        problems = Renderer(settings).check()
    except MailbotError as error:
        return _failed("templates", error)
    status = ConfigError.exit_status
    found = [
        Result(name="templates", state=State.FAIL, text=text, remedy="correct the template", status=status) for text in problems
    ]
    return found or [_ok("templates", f"every mail in {', '.join(settings.organiser.languages)}")]


def _store(settings: Settings) -> Iterator[Result]:
    url = settings.store.url
    path = Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) and url != _SQLITE else None
    if path is not None and not path.exists():
        yield from _tried("store", lambda: _can_be_made(path))
        return
    yield from _tried("store", lambda: _opened(settings))
    for file in (path, settings.store.journal, settings.store.key_file):
        if file is not None and file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield _warn("store", f"others can read {file}", f"chmod 600 {file}")


def _can_be_made(path: Path) -> str:
    folder = next(parent for parent in path.parents if parent.exists())
    if not _writable(folder):
        raise ConfigError([f"store.url: {folder} can't be written to"], remedy="give this user the right, or name another place")
    return f"{path} will be made by the first run"


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _opened(settings: Settings) -> str:
    with Store.open(settings, migrate=False):
        return "opens, and has the current schema"


def _clock(now: datetime) -> Result:
    if now < _WRITTEN:
        text = f"the clock says {now:%Y-%m-%d %H:%M} UTC"
        return Result(name="clock", state=State.FAIL, text=text, remedy="set it: every deadline depends on it", status=1)
    return _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _mailbox(settings: Settings, mailbox: Mailbox, now: datetime) -> Iterator[Result]:
    key = "mailbox" if len(settings.mailboxes) == 1 else f"mailboxes[{mailbox.id}]"
    name = f"IMAP {mailbox.id}" if len(settings.mailboxes) > 1 else "IMAP"
    try:
        password = resolve(mailbox.password, f"{key}.password") if mailbox.password and not mailbox.oauth2 else None
        token = access_token(mailbox.oauth2, f"{key}.oauth2") if mailbox.oauth2 else None
        with ImapMailbox.connect(mailbox, settings.folders, password=password, token=token) as imap:
            yield _ok(name, f"logged in to {mailbox.host} as {mailbox.login}")
            yield from _tried(name, lambda: _folders(settings, imap))
            yield from _abilities(name, imap)
            imap.select()
            yield from _waiting(name, mailbox, imap, now)
    except MailbotError as error:
        yield from _failed(name, error)


def _folders(settings: Settings, imap: ImapMailbox) -> str:
    missing = [imap.name(folder) for folder in Folder if not imap.exists(imap.name(folder))]
    if not missing:
        return "its folders are there"
    if settings.automation.mode == "observe":
        return f"folders that `run` would make: {', '.join(missing)}"
    imap.ensure_folders()
    return f"folders made: {', '.join(missing)}"


def _abilities(name: str, imap: ImapMailbox) -> Iterator[Result]:
    lacks = {
        "IDLE": "new mails are seen at the next poll only",
        "MOVE": "mails are copied and then deleted",
        "UIDPLUS": "a copied mail's original stays, marked as deleted, until somebody expunges it",
    }
    missing = [ability for ability in lacks if not imap.supports(ability)]
    if "MOVE" not in missing and "UIDPLUS" in missing:
        missing.remove("UIDPLUS")  # RFC 6851: nothing is copied
    for ability in missing:
        yield _warn(name, f"the server has no {ability}: {lacks[ability]}", "nothing to do; another provider would be quicker")
    if not missing:
        yield _ok(name, "the server has IDLE, MOVE and UIDPLUS")


def _waiting(name: str, mailbox: Mailbox, imap: ImapMailbox, now: datetime) -> Iterator[Result]:
    heads = imap.heads(imap.uids())
    rule = Rule(after="received", keep=mailbox.max_age)
    old = sum(rule_end(rule, head.received_at, "UTC") < now for head in heads)
    yield _ok(name, f"{len(heads)} mails in {mailbox.folder}, {old} of them older than mailbox.max_age: those are not answered")
    newest = max((head.received_at for head in heads), default=now)
    if newest > now + _AHEAD:
        text = f"the newest mail arrived in the future ({newest:%Y-%m-%d %H:%M} UTC)"
        yield _warn("clock", text, "compare this clock with the server's")


def _smtp(settings: Settings) -> str:
    smtp = settings.smtp
    password = resolve(smtp.password, "smtp.password") if smtp.password and not smtp.oauth2 else None
    token = access_token(smtp.oauth2, "smtp.oauth2") if smtp.oauth2 else None
    sender = Sender(smtp, password=password, token=token)
    try:
        sender.check()
    finally:
        sender.close()
    return f"{smtp.host} takes mails" + (f" from {smtp.username}" if smtp.username else " without a login")
