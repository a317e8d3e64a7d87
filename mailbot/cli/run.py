"""``mailbot run``: the service, or one round of it."""

import click

from mailbot.cli.base import App, Command, pass_app


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Do everything that is due once, and exit.")
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, once: bool) -> None:
    """Read the mailbox, answer, send, remind and erase; stops cleanly on SIGTERM and Ctrl-C.

    What a human must decide stays in the review folder and is no error. Exit status 1: mails failed or an erasure is open.
    """
    from mailbot.service import Service

    service = Service(app.settings)
    ctx.exit(service.run_once() if once else service.run())
