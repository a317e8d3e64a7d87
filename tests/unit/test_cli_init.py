"""`mailbot init`: a few questions, then a configuration that works and that only its owner reads."""

import stat
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailbot.cli import cli, execute, init
from mailbot.config import load
from mailbot.errors import UsageError

ANSWERS = [
    'Büro "Stadtraum"',
    "kontakt@stadtraum.example",
    "anmeldung@klima.example",
    "",
    "",
    "hunter2",
    "Klima-Werkstatt für Öffentliches",
    "2027-03-11 18:00",
    "",
    "online",
]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(init, "asks", lambda: True)
    return tmp_path / "config.toml"


def run(file: Path, answers: list[str]) -> str:
    result = CliRunner().invoke(cli, ["--config", str(file), "init"], input="\n".join(answers) + "\n", catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_writes_a_configuration_that_loads(terminal: Path) -> None:
    """The answers stand where they belong, the rest is the example's default, the comments are still there."""
    run(terminal, ANSWERS)
    settings = load(terminal, {})
    assert settings.organiser.name == 'Büro "Stadtraum"'
    assert settings.mailboxes[0].host == "imap.klima.example"
    assert settings.smtp.host == "smtp.klima.example"
    assert settings.events[0].id == "klima-werkstatt-fuer-oeffentliches"
    assert settings.events[0].ends.isoformat() == "2027-03-11T20:00:00+01:00"
    assert "# older mails are left where they are and not answered" in terminal.read_text("utf-8")


def test_only_its_owner_reads_it(terminal: Path) -> None:
    """It may hold a password: mode 0600."""
    run(terminal, ANSWERS)
    assert stat.S_IMODE(terminal.stat().st_mode) == 0o600


def test_password_is_not_shown_and_need_not_be_given(terminal: Path) -> None:
    """What is typed is not echoed; an empty answer refers to the environment."""
    assert "hunter2" not in run(terminal, ANSWERS)
    other = terminal.with_name("other.toml")
    run(other, [*ANSWERS[:5], "", *ANSWERS[6:]])
    assert tomllib.loads(other.read_text("utf-8"))["smtp"]["password"] == {"env": "MAILBOT_PASSWORD"}


def test_a_wrong_answer_is_asked_again(terminal: Path) -> None:
    """An address without @ and a date without time are not taken."""
    answers = [ANSWERS[0], "kontakt", *ANSWERS[1:7], "tomorrow", "2027-03-11", *ANSWERS[7:]]
    run(terminal, answers)
    assert load(terminal, {}).organiser.contact == "kontakt@stadtraum.example"


def test_never_over_an_existing_file(terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there stays, even when it appears between question and writing."""
    terminal.write_text("mine", "utf-8")
    assert execute(["--config", str(terminal), "init"]) == 2
    assert "exists already" in capsys.readouterr().err
    with pytest.raises(UsageError):
        init.write(terminal, "other")
    assert terminal.read_text("utf-8") == "mine"


def test_without_a_terminal_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No questions into the void: the example's place is named."""
    monkeypatch.setattr(init, "asks", lambda: False)
    assert execute(["--config", str(tmp_path / "config.toml"), "init"]) == 2
    assert "config.example.toml" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Klima-Werkstatt", "klima-werkstatt"),
        ("  Öko & Straße 2027! ", "oeko-strasse-2027"),
        ("李雷", "event"),
        ("x" * 80, "x" * 60),
    ],
)
def test_an_event_id_is_made_of_the_title(title: str, expected: str) -> None:
    """Small letters, digits and hyphens, as the configuration wants it."""
    assert init.slug(title) == expected
