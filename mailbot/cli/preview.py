"""``mailbot preview``: a rendered mail with example data."""

from pathlib import Path

import click

from mailbot.cli.base import App, Command, now, pass_app
from mailbot.cli.output import safe, write_file


@click.command(cls=Command)
@click.argument("template")
@click.option("--lang", metavar="LANGUAGE", help="de, en, …; default: the organiser's first.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the HTML part to this file.")
@pass_app
def command(app: App, template: str, lang: str | None, html: Path | None) -> None:
    """Show the mail TEMPLATE with example data, as a participant would get it."""
    from mailbot.render import Renderer

    settings = app.settings_or_example()
    shown = Renderer(settings).preview(template, lang or settings.organiser.languages[0], now())
    if html is not None:
        write_file(shown.html.encode(), html, binary=False)
    click.echo(f"Subject: {safe(shown.subject)}\n")
    for line in shown.text.splitlines():
        click.echo(safe(line))
