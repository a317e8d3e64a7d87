"""``mailbot preview``: a rendered mail with example data."""

from pathlib import Path

import click

from mailbot.cli.base import App, Command, now, pass_app
from mailbot.cli.output import safe, write_file
from mailbot.errors import UsageError


@click.command(cls=Command)
@click.argument("template")
@click.option("--lang", metavar="LANGUAGE", help="de, en, …; default: the organiser's first.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the HTML part to this file.")
@pass_app
def command(app: App, template: str, lang: str | None, html: Path | None) -> None:
    """Show the mail TEMPLATE with example data, as a participant would get it."""
    from mailbot.domain.letters import LETTERS
    from mailbot.render import Renderer

    settings = app.settings_or_example()
    known = settings.organiser.languages
    if template not in LETTERS:
        raise UsageError(f"there is no mail '{template}'", remedy="choose one of: " + ", ".join(sorted(LETTERS)))
    if lang is not None and lang not in known:
        raise UsageError(f"'{lang}' is no language of organiser.languages", remedy="choose one of: " + ", ".join(known))
    shown = Renderer(settings).preview(template, lang or known[0], now())
    if html is not None:
        write_file(shown.html.encode(), html, binary=False)
    click.echo(f"Subject: {safe(shown.subject)}\n")
    for line in shown.text.splitlines():
        click.echo(safe(line))
