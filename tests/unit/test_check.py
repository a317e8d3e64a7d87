"""`mailbot check`: each wrong thing is named with what to do, and the exit status tells which kind it is."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailbot import check
from mailbot.check import Result, State
from mailbot.cli import execute
from mailbot.config import load
from mailbot.domain.decision import Folder
from mailbot.errors import LoginRefused, Unreachable
from mailbot.store import Store

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
CONFIG = """
[organiser]
name = "Büro Stadtraum"
contact = "kontakt@stadtraum.de"
[privacy]
notice_url = "https://stadtraum.example/datenschutz"
supervisory_authority = "LDI NRW"
[mailbox]
address = "anmeldung@klima.example"
host = "127.0.0.1"
port = 1
security = "none"
password = { env = "MAILBOT_TEST_PASSWORD" }
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
[[events]]
id = "klima-werkstatt"
title = "Klima-Werkstatt"
starts = 2027-03-11T18:00:00
ends = 2027-03-11T20:30:00
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAILBOT_TEST_PASSWORD", "hunter2")
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, "utf-8")
    return file


def offline(config: Path, now: datetime = NOW) -> list[Result]:
    return list(check.offline(load(config), config, now))


def troubles(results: list[Result]) -> list[Result]:
    return [result for result in results if result.state is not State.OK]


def test_a_right_configuration_has_no_trouble(config: Path) -> None:
    """Configuration, secret, templates, store and clock are named and fine; nothing is made by looking."""
    results = offline(config)
    assert troubles(results) == []
    assert {result.name for result in results} == {"configuration", "secret", "templates", "store", "clock"}
    assert check.exit_status(results) == 0
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_a_missing_secret_is_78(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the variable are named."""
    monkeypatch.delenv("MAILBOT_TEST_PASSWORD")
    results = offline(config)
    (trouble,) = troubles(results)
    assert "mailbox.password: the environment variable MAILBOT_TEST_PASSWORD is not set" in trouble.text
    assert check.exit_status(results) == 78


def test_a_password_that_others_can_read_is_a_warning(config: Path) -> None:
    """A file with a password in it should be its owner's alone."""
    config.write_text(CONFIG.replace('{ env = "MAILBOT_TEST_PASSWORD" }', '"hunter2"'), "utf-8")
    config.chmod(0o644)
    (trouble,) = troubles(offline(config))
    assert trouble.state is State.WARN
    assert trouble.remedy == f"chmod 600 {config}"
    config.chmod(0o600)
    assert troubles(offline(config)) == []


def test_what_people_must_be_told_is_missed(config: Path) -> None:
    """Empty information duties and the example's contact are warnings, no failures."""
    text = CONFIG.replace("stadtraum.de", "stadtraum.example").replace('notice_url = "https://stadtraum.example/datenschutz"\n', "")
    config.write_text(text, "utf-8")
    results = offline(config)
    assert [result.state for result in troubles(results)] == [State.WARN, State.WARN]
    assert "privacy.notice_url" in troubles(results)[1].text
    assert check.exit_status(results) == 0


def test_an_event_that_is_over_is_a_warning(config: Path) -> None:
    """Everybody who writes about it would be told that it is over."""
    (trouble,) = troubles(offline(config, NOW + timedelta(days=60)))
    assert "'klima-werkstatt' is over" in trouble.text


def test_a_broken_template_is_78_with_file_and_line(config: Path) -> None:
    """An own template with a mistake in it is found before it is needed."""
    folder = config.parent / "templates" / "de"
    folder.mkdir(parents=True)
    (folder / "reminder.j2").write_text("{% block subject %}x{% endblock %}\n{% if %}", "utf-8")
    config.write_text(CONFIG + '[templates]\npath = "templates"\n', "utf-8")
    results = offline(config)
    assert check.exit_status(results) == 78
    assert any("reminder.j2" in result.text and "2" in result.text for result in troubles(results))


def test_a_store_in_use_is_opened(config: Path) -> None:
    """A store that is there must have the current schema, its key and its journal, all closed to others."""
    settings = load(config)
    with Store.open(settings):
        pass
    assert troubles(offline(config)) == []
    settings.store.key_file.chmod(0o644)
    (trouble,) = troubles(offline(config))
    assert trouble.remedy == f"chmod 600 {settings.store.key_file}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_is_78(config: Path) -> None:
    """The store's folder must be writable before the first run."""
    closed = config.parent / "closed"
    closed.mkdir(mode=0o500)
    config.write_text(CONFIG + '[store]\nurl = "sqlite:///closed/m.db"\n', "utf-8")
    assert check.exit_status(offline(config)) == 78


def test_a_file_that_is_no_database_fails(config: Path) -> None:
    """Something else in the store's place is told, not overwritten."""
    (config.parent / "mailbot.db").write_text("a letter to my aunt\n" * 200, "utf-8")
    results = offline(config)
    assert check.exit_status(results) == 78
    assert (config.parent / "mailbot.db").read_text("utf-8").startswith("a letter")


def test_a_wrong_clock_fails(config: Path) -> None:
    """A machine that thinks it is 1970 would miss every deadline."""
    assert check.exit_status(offline(config, datetime(1970, 1, 1, tzinfo=UTC))) == 1


def test_unreachable_servers_are_75_each_with_its_remedy(config: Path) -> None:
    """IMAP and SMTP are both tried, whatever happens to the first."""
    results = list(check.servers(load(config), NOW))
    assert [(result.name, result.state) for result in results] == [("IMAP", State.FAIL), ("SMTP", State.FAIL)]
    assert all(result.remedy for result in results)
    assert check.exit_status(results) == 75


@pytest.mark.parametrize(("statuses", "expected"), [([75, 77], 77), ([1, 75], 75), ([77, 78], 78), ([], 0), ([1], 1)], ids=str)
def test_the_most_basic_failure_gives_the_status(statuses: list[int], expected: int) -> None:
    """Configuration before login before reachability: what to see to first."""
    results = [Result(name="x", state=State.FAIL, text="x", status=status) for status in statuses]
    assert check.exit_status([*results, Result(name="y", state=State.WARN, text="y", status=0)]) == expected


class Server:
    """A mailbox with the abilities and mails that a test wants."""

    def __init__(self, *abilities: str, received: tuple[datetime, ...] = (), folders: bool = True) -> None:
        self.abilities = abilities
        self.received = received
        self.folders = folders
        self.made = False

    def supports(self, ability: str) -> bool:
        return ability in self.abilities

    def name(self, folder: Folder) -> str:
        return f"Mailbot/{folder.value}"

    def exists(self, _name: str) -> bool:
        return self.folders

    def ensure_folders(self) -> None:
        self.made = True

    def select(self) -> int:
        return 1

    def uids(self) -> list[int]:
        return list(range(len(self.received)))

    def heads(self, uids: list[int]) -> list[Any]:
        return [SimpleNamespace(received_at=self.received[uid]) for uid in uids]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, config: Path) -> Callable[[Server | Exception], list[Result]]:
    """Try a mailbox at a server of the test's making."""

    def given(server: Server | Exception) -> list[Result]:
        @contextmanager
        def connect(*_: object, **__: object) -> Iterator[Server]:
            if isinstance(server, Exception):
                raise server
            yield server

        monkeypatch.setattr("mailbot.check.ImapMailbox.connect", connect)
        return [result for result in check.servers(load(config), NOW) if result.name != "SMTP"]

    return given


def test_a_refused_login_is_77(serve: Any) -> None:
    """Reached, but not let in."""
    assert check.exit_status(serve(LoginRefused("refused", remedy="check the password"))) == 77


def test_a_server_that_breaks_off_is_75(serve: Any) -> None:
    """Try again later."""
    assert check.exit_status(serve(Unreachable("away"))) == 75


def test_a_full_server_is_fine_and_old_mails_are_counted(serve: Any) -> None:
    """How many mails wait, and how many of them would never be answered."""
    results = serve(Server("IDLE", "MOVE", "UIDPLUS", received=(NOW - timedelta(days=1), NOW - timedelta(days=20))))
    assert troubles(results) == []
    assert "2 mails in INBOX, 1 of them older" in results[-1].text


def test_missing_abilities_are_warnings(serve: Any) -> None:
    """Without IDLE, MOVE or UIDPLUS it works, and what that means is said."""
    assert {result.state for result in troubles(serve(Server()))} == {State.WARN}
    assert len(troubles(serve(Server()))) == 3
    assert troubles(serve(Server("IDLE", "MOVE"))) == []


def test_missing_folders_are_made(serve: Any) -> None:
    """The only way to know whether they can be made is to make them, as `run` would."""
    server = Server("IDLE", "MOVE", "UIDPLUS", folders=False)
    assert any("folders made: Mailbot/done" in result.text for result in serve(server))
    assert server.made


def test_observe_makes_no_folders(serve: Any, config: Path) -> None:
    """`observe` changes nothing, not even by checking."""
    config.write_text(CONFIG + '[automation]\nmode = "observe"\n', "utf-8")
    server = Server("IDLE", "MOVE", "UIDPLUS", folders=False)
    assert any("would make" in result.text for result in serve(server))
    assert not server.made


def test_a_clock_behind_the_servers_is_a_warning(serve: Any) -> None:
    """A mail from the future shows that one of the clocks is wrong."""
    assert any(result.name == "clock" for result in troubles(serve(Server("IDLE", "MOVE", received=(NOW + timedelta(hours=2),)))))


def test_command_prints_each_test_and_what_to_do(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text for people, JSON for programs, the same exit status."""
    monkeypatch.delenv("MAILBOT_TEST_PASSWORD")
    assert execute(["--config", str(config), "check", "--offline"]) == 78
    out = capsys.readouterr().out
    assert "fail  secret: mailbox.password" in out
    assert "      → set MAILBOT_TEST_PASSWORD" in out
    assert execute(["--config", str(config), "check", "--offline", "--json"]) == 78
    shown = json.loads(capsys.readouterr().out)
    assert {"name", "state", "text", "remedy", "status"} == set(shown[0])
