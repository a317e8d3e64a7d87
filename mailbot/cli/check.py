"""``mailbot check``: try everything that the configuration names."""

from dataclasses import asdict

import click

from mailbot.cli.base import App, Command, json_option, now, pass_app
from mailbot.cli.output import safe, to_json


@click.command(cls=Command)
@click.option("--offline", is_flag=True, help="Without the servers.")
@json_option
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, offline: bool, as_json: bool) -> None:
    """Try everything that the configuration names, and say what to do about each failure. Sends nothing."""
    from mailbot import check
    from mailbot.config import find

    results = []
    tests = [check.offline(app.settings, find(app.config), now())]
    if not offline:
        tests.append(check.servers(app.settings, now()))
    for result in (result for test in tests for result in test):
        results.append(result)
        if not as_json:
            click.echo(f"{result.state.value:<5} {safe(result.name)}: {safe(result.text)}")
            if result.remedy:
                click.echo(f"      → {safe(result.remedy)}")
    if as_json:
        click.echo(to_json([asdict(result) for result in results]))
    ctx.exit(check.exit_status(results))
