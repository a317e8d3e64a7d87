"""``mailbot requests``: data-subject requests and their deadlines."""

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import emit, shown, to_json
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
    emit(rows, as_json=as_json, empty="no requests", columns=COLUMNS, zone=app.zone)


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
        click.echo(f"{key.replace('_', ' ')}: {shown(value, app.zone)}")
    for step in steps:
        click.echo("  " + "  ".join(shown(step[key], app.zone) for key in ("at", "status", "step")))


_id = click.argument("request_id", metavar="ID")
_reason = click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept with the request.")
_ENDED = ("done", "refused")


def _check(app: App, request_id: str, reason: str, *wrong: str) -> None:
    """Refuse what was done already: the person would be told twice."""
    if not reason.strip():
        raise UsageError("the reason is empty", remedy="say why: --reason TEXT")
    with app.store() as store:
        item = store.request(request_id)
    if item is not None and item.status in wrong:
        raise UsageError(f"request '{request_id}' is {item.status} already", remedy=f"see: mailbot requests show {request_id}")


@command.command(cls=Command)
@_id
@_reason
@pass_app
def close(app: App, request_id: str, reason: str) -> None:
    """Mark a request as done; nobody is written to."""
    from mailbot import human

    _check(app, request_id, reason, *_ENDED)
    with app.pipeline() as pipeline:
        human.close(pipeline, request_id, reason, now())
    click.echo("closed")


@command.command(cls=Command)
@_id
@_reason
@pass_app
def extend(app: App, request_id: str, reason: str) -> None:
    """Extend a deadline by two months, once, and tell the person why (Art. 12 (3))."""
    from mailbot import human

    _check(app, request_id, reason, *_ENDED, "extended")
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

    _check(app, request_id, reason, *_ENDED)
    with app.pipeline() as pipeline:
        human.refuse(pipeline, request_id, reason, now())
    click.echo("refused; the person is told with the next run")
