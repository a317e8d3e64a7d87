"""The command line's promises: exit statuses, one line and a remedy for an error, no prompts without a terminal, no secrets."""

import contextlib
import json
import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mailbot import __version__, cli
from mailbot.cli import logs, output
from mailbot.errors import ConfigError, LoginRefused, StoreUnwritable, Unreachable, UsageError
from mailbot.settings import Logging

ROOT = Path(__file__).parents[2]
COMMANDS = {  # DESIGN section 4, with the options that it names
    "demo": ["--serve"],
    "init": [],
    "check": ["--offline"],
    "run": ["--once"],
    "classify": ["--json", "--with-store"],
    "status": ["--json", "--check"],
    "participants list": ["--json", "--event"],
    "participants export": ["--format", "--output"],
    "participants import": [],
    "participants add": ["--event", "--email", "--name", "--institution", "--quiet"],
    "participants remove": ["--event", "--email", "--name", "--quiet"],
    "subscribers list": ["--json"],
    "subscribers export": ["--format", "--output"],
    "subscribers import": [],
    "subscribers add": ["--email", "--name"],
    "subscribers remove": ["--email", "--quiet"],
    "requests list": ["--json"],
    "requests show": [],
    "requests close": ["--reason"],
    "requests extend": ["--reason"],
    "requests refuse": ["--reason"],
    "review list": ["--json"],
    "review show": [],
    "review decide": [],
    "review retry": [],
    "send": ["--event", "--subscribers", "--dry-run", "--test", "--yes"],
    "erase": ["--event", "--dry-run", "--yes", "--audit", "--json"],
    "preview": ["--lang", "--html"],
    "privacy record": [],
    "retention plan": ["--json"],
    "migrate": [],
}
NAME = "Anna Bau, anna.bau@post.example"
CONFIG = """
[organiser]
name = "Büro Stadtraum"
contact = "kontakt@stadtraum.example"
[mailbox]
address = "anmeldung@klima.example"
host = "127.0.0.1"
port = 1
security = "none"
password = "hunter2-secret"
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
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, "utf-8")
    return file


def mailbot(*args: str | Path, cwd: Path | None = None, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MAILBOT_")}
    return subprocess.run(
        [sys.executable, "-m", "mailbot", *map(str, args)],
        cwd=cwd,
        input=stdin,
        env={**clean, "PYTHONPATH": str(ROOT), "HOME": str(cwd or "/nonexistent"), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("command", "options"), COMMANDS.items(), ids=list(COMMANDS))
def test_every_command_and_option_of_the_contract_exists(command: str, options: list[str]) -> None:
    """DESIGN section 4 to the letter; every command and option says what it does."""
    result = CliRunner().invoke(cli.cli, [*command.split(), "--help"])
    assert result.exit_code == 0, result.output
    for option in options:
        assert option in result.output


def leaves(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    found = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None
        found |= leaves(one, f"{prefix}{name} ") if isinstance(one, click.Group) else {prefix + name: one}
    return found


def test_there_is_no_command_beyond_the_contract() -> None:
    """A command more is a promise more: it is entered in the contract's table first."""
    assert set(leaves(cli.cli)) == set(COMMANDS)


def test_every_option_has_a_help_text() -> None:
    """`--help` explains each option."""
    for name, command in leaves(cli.cli).items():
        assert command.help, name
        assert all(p.help for p in command.params if isinstance(p, click.Option)), name


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("wrong", remedy="do this"), 2),
        (Unreachable("away", remedy="do this"), 75),
        (StoreUnwritable("full", remedy="do this"), 75),
        (LoginRefused("refused", remedy="do this"), 77),
        (ConfigError(["a.b: wrong", "c.d: wrong"], remedy="do this"), 78),
    ],
)
def test_an_error_is_a_line_and_a_remedy_with_its_status(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: Path
) -> None:
    """Each error of ours ends the command with its status, on standard error, without a traceback."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("mailbot.config.load", fail)
    assert cli.execute(["--config", str(config), "status"]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "→ do this" in err
    assert len(err.splitlines()) == len(getattr(error, "problems", (1,))) + 1


def test_a_bug_shows_where_but_no_values(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: Path) -> None:
    """What is no error of ours is a bug: a traceback without values, and the request to report it."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError(NAME)

    monkeypatch.setattr("mailbot.config.load", fail)
    assert cli.execute(["--config", str(config), "status"]) == 1
    err = capsys.readouterr().err
    assert "test_cli.py" in err
    assert "KeyError" in err
    assert "report" in err
    assert NAME not in err


def test_no_configuration_is_78_and_says_init(tmp_path: Path) -> None:
    """Without a file the first thing that a newcomer reads is what to do."""
    ran = mailbot("status", cwd=tmp_path, XDG_CONFIG_HOME=str(tmp_path))
    assert ran.returncode == 78
    assert "mailbot init" in ran.stderr
    assert ran.stdout == ""


def test_wrong_configuration_is_78_with_every_key(config: Path) -> None:
    """All problems stand on lines of their own; the secret on none."""
    config.write_text(CONFIG.replace("password", "pasword").replace("starts", "startz"), "utf-8")
    ran = mailbot("--config", config, "status")
    assert ran.returncode == 78
    assert "mailbox.pasword: unknown key, did you mean password?" in ran.stderr
    assert "events[klima-werkstatt].startz: unknown key, did you mean starts?" in ran.stderr
    assert "hunter2" not in ran.stderr + ran.stdout


@pytest.mark.parametrize("command", [["run", "--once"], ["check"], ["erase", "--audit"]], ids=" ".join)
def test_an_unreachable_server_is_75(config: Path, command: list[str]) -> None:
    """Nobody listens on the port: try again later."""
    ran = mailbot("--config", config, *command)
    assert ran.returncode == 75, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "127.0.0.1" in ran.stderr + ran.stdout


def test_a_store_that_can_not_be_written_is_75(config: Path) -> None:
    """A folder in the store's place is told in one line."""
    (config.parent / "mailbot.db").mkdir()
    ran = mailbot("--config", config, "status")
    assert ran.returncode == 75
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "args", [["nonsense"], ["classify"], ["participants", "add"], ["review", "decide", "x", "dance"], ["send", "invitation"]]
)
def test_wrong_usage_is_2(config: Path, args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt command, a missing argument, an unknown choice."""
    assert cli.execute(["--config", str(config), *args]) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "args",
    [
        ["erase", "--event", "klima-werkstatt"],
        ["send", "reminder", "--event", "klima-werkstatt"],
    ],
    ids=lambda a: a[0],
)
def test_nothing_is_asked_without_a_terminal(config: Path, args: list[str]) -> None:
    """A missing --yes without a terminal is wrong usage, whatever stands on standard input."""
    ran = mailbot("--config", config, *args, stdin="y\n")
    assert ran.returncode == 2, ran.stderr
    assert "--yes" in ran.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["erase", "--event", "klima-werkstatt", "--yes"],
        ["send", "reminder", "--event", "klima-werkstatt", "--yes"],
        ["review", "decide", "x", "register"],
        ["review", "retry", "x"],
    ],
    ids=" ".join,
)
def test_observe_sends_moves_and_erases_nothing_by_command_either(
    config: Path, args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The mode is named instead, with what to do."""
    config.write_text(CONFIG.replace("[[events]]", '[automation]\nmode = "observe"\n[[events]]'), "utf-8")
    assert cli.execute(["--config", str(config), *args]) == 2
    assert "automation.mode" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args", [["erase", "--event", "x"], ["participants", "list", "--event", "x"], ["send", "thanks", "--event", "x"]]
)
def test_an_unknown_event_is_named_with_the_known_ones(config: Path, args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt event is wrong usage, and the message lists those that there are."""
    assert cli.execute(["--config", str(config), *args]) == 2
    assert "klima-werkstatt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "empty"),
    [
        (["participants", "list"], []),
        (["subscribers", "list"], []),
        (["requests", "list"], []),
        (["review", "list"], []),
    ],
    ids=lambda a: a[0] if a else "",
)
def test_an_empty_listing_is_an_empty_array(
    config: Path, args: list[str], empty: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Programs get JSON whatever there is to list; people get a sentence."""
    assert cli.execute(["--config", str(config), *args, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == empty
    assert cli.execute(["--config", str(config), *args]) == 0
    assert capsys.readouterr().out.startswith("no")


def test_status_has_the_keys_of_the_contract(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """DESIGN section 4, `status --json`."""
    assert cli.execute(["--config", str(config), "status", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown["mailbox"]) >= {"waiting", "old", "last_poll"}
    assert set(shown["outbox"]) >= {"queued", "failed"}
    assert shown["review"]["waiting"] == 0
    assert set(shown["requests"]) >= {"open", "overdue", "next_due"}
    assert set(shown["events"][0]) >= {"id", "registered", "waiting", "capacity", "erased_at"}
    assert cli.execute(["--config", str(config), "status", "--check"]) == 0


@pytest.mark.parametrize("evil", ["\x1b[2J\x1b]0;owned\x07", "\x9b31m", "a\rb", "\u202eevil", "x\u2028y", "\x00", "\ud800"])
def test_terminal_escapes_are_shown_and_not_sent(evil: str) -> None:
    """A participant can't clear the screen, turn the text around, or start a new line in a listing."""
    for shown in (output.safe(evil), *output.table([{"name": evil}], ["name"])):
        assert shown.isprintable()
    text = output.to_json([{"name": evil}])
    assert all(c.isprintable() or c == "\n" for c in text)
    assert json.loads(text) == [{"name": evil}]


def test_ordinary_text_is_shown_as_it_is() -> None:
    """Umlauts, quotes and other scripts are no danger."""
    assert output.safe("Jürgen „Groß“ 李") == "Jürgen „Groß“ 李"
    assert "Jürgen" in output.to_json({"name": "Jürgen"})


def test_logs_hold_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is logged, by us or a library, an address is masked and a traceback is left out."""
    for form in ("text", "json"):
        logs.start(Logging(format=form))  # type: ignore[arg-type]
        error = ValueError("Anna Bau")
        values = ("anna.bau@post.example", "ü.x@müller.example")
        logging.getLogger("mailbot.x").warning("to %s and <%s>\nnext", *values, exc_info=error)
        line = capsys.readouterr().err
        assert "@" not in line
        assert "Anna" not in line
        assert "ValueError" in line
        assert len(line.splitlines()) == 1
        if form == "json":
            assert json.loads(line)["level"] == "warning"


def test_logs_for_the_journal_carry_their_priority(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """systemd's journal gets `<4>` and no time of its own."""
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    logs.start(Logging())
    logging.getLogger("mailbot.x").warning("hello")
    assert capsys.readouterr().err == "<4>hello\n"


def test_output_into_a_pipe_is_plain() -> None:
    """No colours, no boxes where no terminal is."""
    ran = mailbot("--help")
    assert ran.returncode == 0
    assert "\x1b" not in ran.stdout
    assert not re.search("[╭│─]", ran.stdout)


def test_help_on_a_terminal_names_the_commands() -> None:
    """With rich's boxes as without them."""
    controller, terminal = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "mailbot", "--help"], cwd=ROOT, stdout=terminal, stdin=terminal) as process:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says EIO at the end
            while part := os.read(controller, 4096):
                shown += part
    os.close(controller)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    assert "╭" in plain
    assert all(f"│ {name.split()[0]}" in plain for name in COMMANDS)


def test_output_survives_an_ascii_terminal(config: Path) -> None:
    """A terminal without UTF-8 shows escapes instead of an error."""
    ran = mailbot("--config", config, "retention", "plan", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.returncode == 0, ran.stderr


def test_a_closed_pipe_is_no_traceback(config: Path) -> None:
    """`mailbot … | head -1` ends quietly."""
    command = f"{sys.executable} -m mailbot --config {config} privacy record | head -c 1"
    ran = subprocess.run(
        command, shell=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""


def test_version() -> None:
    """`mailbot --version` names the program and its version."""
    assert mailbot("--version").stdout == f"mailbot, version {__version__}\n"


@pytest.mark.parametrize("args", [["--help"], ["--version"]])
def test_help_loads_no_heavy_library(args: list[str]) -> None:
    """Help comes at once: databases, templates and spreadsheets are loaded by the commands that need them."""
    code = (
        "import sys; from mailbot.cli import execute; execute(sys.argv[1:]);"
        "print([m for m in ('sqlalchemy', 'sqlmodel', 'jinja2', 'openpyxl', 'imapclient', 'mailparser', 'rich', 'holidays') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, *args], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
