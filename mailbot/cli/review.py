"""``mailbot review``: what a human must decide."""

from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app, raise_problem
from mailbot.cli.output import emit, safe, shown, to_json
from mailbot.errors import StoreBusy, UsageError

if TYPE_CHECKING:
    from mailbot.store import ReviewItem

COLUMNS = ("id", "intent", "reasons", "received_at", "folder")
WISHES = ("register", "cancel", "unsubscribe", "data-request", "ignore")


@click.group(cls=Group)
def command() -> None:
    """Mails that a human must decide: in the mail program, by moving them, or here."""


@command.command("list", cls=Command)
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List mails in review and mails that failed."""
    with app.store() as store:
        rows = [{column: getattr(item, column) for column in COLUMNS} for item in store.reviews()]
    rows = [{**row, "folder": _name(app, row["folder"])} for row in rows]
    emit(rows, as_json=as_json, empty="nothing waits for a human", columns=COLUMNS, zone=app.zone)


def _item(app: App, mail_id: str) -> "ReviewItem":
    with app.store() as store:
        item = store.review(mail_id)
    if item is None:
        raise UsageError(f"there is no mail '{mail_id}' in review", remedy="see the ids with: mailbot review list")
    return item


@command.command(cls=Command)
@click.argument("mail_id", metavar="ID")
@json_option
@pass_app
def show(app: App, mail_id: str, as_json: bool) -> None:
    """Show one mail: who wrote what, how it was understood, and why a human must look."""
    from dataclasses import asdict

    values = asdict(_item(app, mail_id))
    values["folder"] = _name(app, values["folder"])
    if as_json:
        click.echo(to_json(values))
        return
    text = str(values.pop("text", None) or "")
    for key, value in values.items():
        click.echo(f"{key.replace('_', ' ')}: {shown(value, app.zone)}")
    for line in text.splitlines():
        click.echo(f"│ {safe(line)}")


@command.command(cls=Command)
@click.argument("mail_id", metavar="ID")
@click.argument("wish", type=click.Choice(WISHES))
@pass_app
def decide(app: App, mail_id: str, wish: str) -> None:
    """Decide what a mail means; the rules of identity stay, and the answer is sent.

    While `mailbot run` is at work the mail is only moved to the folder of the wish, and the service does the rest.
    """
    from mailbot import human
    from mailbot.domain.decision import Folder

    app.must_not_observe()
    _item(app, mail_id)
    target = Folder(wish.replace("-", "_"))
    try:
        with app.connected(wait=0) as (service, pipeline):
            folder = human.decide(pipeline, service.sessions(), mail_id, target, now())
            service.deliver(pipeline)
    except StoreBusy:
        with app.beside() as (service, pipeline):
            human.move(pipeline, service.sessions(), mail_id, target)
        click.echo(f"the mail is now in {_name(app, target)}: the running mailbot does the rest")
        return
    click.echo(f"the mail is now in {_name(app, folder)}")
    raise_problem(service)


@command.command(cls=Command)
@click.argument("mail_id", metavar="ID")
@pass_app
def retry(app: App, mail_id: str) -> None:
    """Handle a mail again from the start, after its cause was removed."""
    from mailbot import human

    app.must_not_observe()
    _item(app, mail_id)
    with app.connected() as (service, pipeline):
        folder = human.retry(pipeline, service.sessions(), mail_id, now())
        service.deliver(pipeline)
    click.echo(f"the mail is now in {_name(app, folder)}")
    raise_problem(service)


def _name(app: App, folder: object) -> str:
    """Give a folder's configured name; a mail that was never filed is where it came."""
    names = app.settings.folders.model_dump(by_alias=True)
    return str(names.get(str(folder), app.settings.mailboxes[0].folder))
