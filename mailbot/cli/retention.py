"""``mailbot retention plan``: what goes when and why."""

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import emit


@click.group(cls=Group)
def command() -> None:
    """How long what is kept."""


@command.command("plan", cls=Command)
@json_option
@pass_app
def plan(app: App, as_json: bool) -> None:
    """Show what goes when and why: one line for each event, and one for each other kind of data."""
    from mailbot.retention_plan import plan as lines

    emit([line.as_dict() for line in lines(app.settings, now())], as_json=as_json, empty="nothing is kept")
