"""The command line: ``mailbot COMMAND``. Each command's file parses, calls one function, prints.

Turns errors into one line and a remedy with the exit status of sysexits(3). Upstream: a person, cron or systemd.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from mailbot import __version__
from mailbot.cli.base import App, Group
from mailbot.cli.logs import mask
from mailbot.cli.output import safe
from mailbot.errors import ConfigError, MailbotError

COMMANDS = {  # name, which is its module's too, imported when it is asked for → what the list of commands says
    "demo": "The whole thing in 15 seconds, without any server.",
    "init": "Write a configuration.",
    "check": "Try everything that the configuration names.",
    "run": "Read the mailbox, answer, send, remind and erase.",
    "classify": "What would a mail be understood as, and why?",
    "status": "How things stand, and what needs a human.",
    "participants": "List, export, import, add and remove participants.",
    "subscribers": "The same for subscribers to information mails.",
    "requests": "Data-subject requests and their deadlines.",
    "review": "Mails that a human must decide.",
    "send": "Send a mail to all participants or subscribers.",
    "erase": "Erase an event's data at once, or search for leftovers.",
    "preview": "Show a mail with example data.",
    "privacy": "The record of processing (Art. 30 GDPR).",
    "retention": "What goes when, and why.",
    "migrate": "Bring the store to the current schema.",
}
REPORT = "This is a bug of mailbot's. Please report it with the lines above; look through them for personal data first."


class _Lazy(Group):
    """A group that imports a command's file when it is needed, so that each command starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mailbot.cli.{cmd_name}").command
        command.name, command.short_help = cmd_name, COMMANDS[cmd_name]
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file; default: $MAILBOT_CONFIG, ./config.toml, then the user's and the system's folder.",
)
@click.version_option(__version__, prog_name="mailbot")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Register people for events by e-mail, answer their data-protection rights, and erase their data afterwards.

    Results go to standard output, logs to standard error. Exit status: 0 done, 1 something was left undone, 2 wrong
    usage, 75 a server can't be reached or the store can't be written, 77 login refused, 78 wrong configuration.
    """
    ctx.obj = App(config=config)


def execute(argv: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a Latin-1 terminal must not stop a listing
    try:
        return _invoke(argv)
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except click.Abort:
        click.echo("stopped: nothing more was done", err=True)
        return 1
    except MailbotError as error:
        return _explain(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # who read our output has enough: no second error at exit
        return 1
    except Exception as bug:  # noqa: BLE001 - the last resort: a bug is shown without values
        return _bug(bug)


def _invoke(argv: Sequence[str] | None) -> int:
    try:
        status = cli.main(args=list(argv) if argv is not None else None, prog_name="mailbot", standalone_mode=False)
    except click.exceptions.Exit as done:
        status = done.exit_code
    sys.stdout.flush()
    return status if isinstance(status, int) else 0


def _explain(error: MailbotError) -> int:
    problems = error.problems if isinstance(error, ConfigError) else (str(error),)
    for problem in problems:
        click.echo(f"mailbot: {safe(problem)}", err=True)
    if error.remedy:
        click.echo(f"→ {safe(error.remedy)}", err=True)
    return error.exit_status


def _bug(error: Exception) -> int:
    """Show where it happened, never the values: messages are masked, chained errors are left out."""
    lines = traceback.format_tb(error.__traceback__)
    click.echo("Traceback (most recent call last):\n" + mask("".join(lines)), err=True, nl=False)
    click.echo(f"{type(error).__name__}\n{REPORT}", err=True)
    return 1


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(execute())
