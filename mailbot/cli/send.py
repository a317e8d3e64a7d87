"""``mailbot send``: a mail to all participants of an event, or to all subscribers."""

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, confirm, now, pass_app, raise_problem
from mailbot.errors import StoreBusy, UsageError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from mailbot.mailing import Mailing


class _TakenBack(Exception):
    """Ends a transaction that was only to see what it would do."""


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
    total, left = _count(app, one)
    already = f" ({total - left} got it already)" if left < total else ""
    if dry_run:
        click.echo(f"'{template}' would go to {left}{already}")
        return
    confirm(f"Send '{template}' to {left}{already}?", yes=yes)
    with app.pipeline() as pipeline:
        queued = mailing.queue(pipeline, one, now())
    click.echo(f"{queued} queued{already}")
    _deliver(app, queued)


def _count(app: App, one: "Mailing") -> tuple[int, int]:
    """Count who shall get the mailing, and who of them has not got it yet."""
    from mailbot import mailing

    fresh: list[bool] = []
    with app.store() as store, suppress(_TakenBack), store.transaction() as tx:
        key, name = one.event.id if one.event else None, one.template + one.run
        fresh += [tx.claim_mailing(name, key, receiver.address, now()) for receiver in mailing.receivers(tx, one)]
        raise _TakenBack
    return len(fresh), sum(fresh)


def _test(app: App, one: "Mailing", address: str) -> None:
    """Send one copy, marked in no way as sent; its links work for that address only."""
    from mailbot import mailing
    from mailbot.roster import address as checked

    to = mailing.Receiver(address=checked(address), name=None, language=app.settings.organiser.languages[0])
    with app.pipeline() as pipeline, pipeline.store.transaction() as tx:
        tx.enqueue((mailing.write(pipeline, tx, one, to, now()),), now())
    click.echo(f"one copy for {to.address} queued")
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
