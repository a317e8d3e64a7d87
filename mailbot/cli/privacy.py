"""``mailbot privacy record``: the record of processing activities (GDPR Art. 30)."""

from pathlib import Path

import click

from mailbot.cli.base import App, Command, Group, now, pass_app
from mailbot.cli.output import write_file


@click.group(cls=Group)
def command() -> None:
    """Data protection: what the organiser must be able to show."""


@command.command(cls=Command, short_help="Print the record of processing (Art. 30 GDPR).")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page to this file instead.")
@click.option("--lang", type=click.Choice(("de", "en")), help="Default: the organiser's first language.")
@pass_app
def record(app: App, html: Path | None, lang: str | None) -> None:
    """Print the record of processing (Art. 30), made from the configuration and the store's own marks, as Markdown."""
    from mailbot.privacy_record import as_html, as_markdown

    first = app.settings.organiser.languages[0]
    language = lang or (first if first in {"de", "en"} else "en")
    if html is not None:
        write_file(as_html(app.settings, language, now()).encode(), html, binary=False)
    else:
        click.echo(as_markdown(app.settings, language, now()), nl=False)
