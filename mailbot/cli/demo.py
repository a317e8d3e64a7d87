"""``mailbot demo``: the whole thing in some seconds on a bare machine."""

import click

from mailbot.cli.base import Command


@click.command(cls=Command)
@click.option("--serve", is_flag=True, help="Keep the servers up and say how to connect a mail program.")
@click.pass_context
def command(ctx: click.Context, serve: bool) -> None:
    """Let sixteen mails arrive at servers of its own, answer them, erase everything, and show each step.

    Needs no server, no configuration and no internet.
    """
    from mailbot.demo import run

    ctx.exit(run(serve=serve))
