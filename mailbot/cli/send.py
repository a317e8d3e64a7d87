"""``mailbot send``: a mail to all participants of an event, or to all subscribers."""

import sys
from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, confirm, now, pass_app, raise_problem
from mailbot.errors import StoreBusy, UsageError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from mailbot.mailing import Mailing


@click.command(cls=Command)
@click.argument("template")
@click.option("--event", metavar="ID", help="To the participants of this event (only this event's own mails).")
@click.option("--subscribers", is_flag=True, help="To everybody who confirmed that they want information mails.")
@click.option("--dry-run", is_flag=True, help="Say to how many it would go.")
@click.option("--test", metavar="ADDRESS", help="Send one copy to this address only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def command(app: App, template: str, event: str | None, subscribers: bool, dry_run: bool, test: str | None, yes: bool) -> None:
    """Send TEMPLATE: invitation (subscribers), reminder, event-changed, event-cancelled, thanks (participants).

    privacy-notice-changed goes to either. Nobody gets it twice: the same call again resumes.
    """
    from mailbot import mailing

    if subscribers == (event is not None):
        raise UsageError("to whom?", remedy="write either --event ID or --subscribers")
    if not dry_run:
        app.must_not_observe()
    one = mailing.Mailing(template=template, event=app.event(event) if event else None)
    if test:
        _test(app, one, test)
        return
    with app.store() as store, store.reading() as tx:
        receivers = len(mailing.receivers(tx, one))
    if dry_run:
        click.echo(f"'{template}' would go to {receivers}, but for those who got it already")
        return
    confirm(f"Send '{template}' to {receivers}, but for those who got it already?", yes=yes)
    with app.pipeline() as pipeline:
        queued = mailing.queue(pipeline, one, now())
    click.echo(f"{queued} queued")
    _deliver(app, queued)


def _test(app: App, one: "Mailing", address: str) -> None:
    """Send one copy, marked in no way as sent; its links work for that address only."""
    from mailbot import mailing
    from mailbot.roster import address as checked

    to = mailing.Receiver(address=checked(address), name=None, language=app.settings.organiser.languages[0])
    with app.pipeline() as pipeline, pipeline.store.transaction() as tx:
        tx.enqueue((mailing.write(pipeline, tx, one, to, now()),), now())
    _deliver(app, 1)


def _deliver(app: App, queued: int) -> None:
    """Drain the outbox with a progress bar; a service that is at work does it itself."""
    from mailbot.service import Service

    service = Service(app.settings)
    try:
        with service.opened(wait=0) as pipeline, _progress(queued) as bar:
            service.deliver(pipeline, progress=bar.update)
    except StoreBusy:
        click.echo("the running mailbot sends them", err=True)
    raise_problem(service)


def _progress(length: int) -> "ProgressBar[int]":
    """Show a bar on standard error; nothing where that is no terminal."""
    return click.progressbar(length=length, label="sending", file=sys.stderr, hidden=not sys.stderr.isatty())
