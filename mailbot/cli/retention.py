"""``mailbot retention plan``: what goes when and why."""

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import to_json


@click.group(cls=Group)
def command() -> None:
    """How long what is kept."""


@command.command("plan", cls=Command)
@json_option
@pass_app
def plan(app: App, as_json: bool) -> None:
    """Show what goes when and why: one line for each event, and one for each other kind of data."""
    from mailbot.retention_plan import plan as lines

    found = lines(app.settings, now())
    if as_json:
        click.echo(to_json([line.as_dict() for line in found]))
        return
    for line in found:
        what = f"{line.kind} ({line.event})" if line.event else line.kind
        when = f"{line.goes:%Y-%m-%d %H:%M}: " if line.goes else ""
        click.echo(f"{what}: {when}{line.rule}{', due now' if line.state == 'due' else ''}\n    {line.what}")
