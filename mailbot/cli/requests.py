"""``mailbot requests``: data-subject requests and their deadlines."""

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import emit, safe, to_json
from mailbot.errors import UsageError

COLUMNS = ("id", "kinds", "status", "received_at", "target", "due")


@click.group(cls=Group)
def command() -> None:
    """Data-subject requests (GDPR Art. 12 to 22) and their deadlines."""


@command.command("list", cls=Command)
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List requests, the most urgent first."""
    with app.store() as store:
        rows = [{column: getattr(item, column) for column in COLUMNS} for item in store.requests()]
    emit(rows, as_json=as_json, empty="no requests", columns=COLUMNS)


@command.command(cls=Command)
@click.argument("request_id", metavar="ID")
@json_option
@pass_app
def show(app: App, request_id: str, as_json: bool) -> None:
    """Show one request with everything that was done about it."""
    from dataclasses import asdict

    with app.store() as store:
        item = store.request(request_id)
    if item is None:
        raise UsageError(f"there is no request '{request_id}'", remedy="see the ids with: mailbot requests list")
    values = asdict(item)
    if as_json:
        click.echo(to_json(values))
        return
    steps = values.pop("steps", ())
    for key, value in values.items():
        click.echo(f"{key.replace('_', ' ')}: {safe(_shown(value))}")
    for step in steps:
        click.echo("  " + safe("  ".join(_shown(part) for part in step.values())))


def _shown(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value if value is not None else "–")


_id = click.argument("request_id", metavar="ID")
_reason = click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept with the request.")


@command.command(cls=Command)
@_id
@_reason
@pass_app
def close(app: App, request_id: str, reason: str) -> None:
    """Mark a request as done; nobody is written to."""
    from mailbot import human

    with app.pipeline() as pipeline:
        human.close(pipeline, request_id, reason, now())
    click.echo("closed")


@command.command(cls=Command)
@_id
@_reason
@pass_app
def extend(app: App, request_id: str, reason: str) -> None:
    """Extend a deadline by two months and tell the person why (Art. 12 (3))."""
    from mailbot import human

    with app.pipeline() as pipeline:
        human.extend(pipeline, request_id, reason, now())
    click.echo("extended; the person is told with the next run")


@command.command(cls=Command)
@_id
@_reason
@pass_app
def refuse(app: App, request_id: str, reason: str) -> None:
    """Refuse a request and tell the person why and where to complain (Art. 12 (4))."""
    from mailbot import human

    with app.pipeline() as pipeline:
        human.refuse(pipeline, request_id, reason, now())
    click.echo("refused; the person is told with the next run")
