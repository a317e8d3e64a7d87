"""``mailbot subscribers``: list, export, import, add, remove."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import emit, write_file

if TYPE_CHECKING:
    from mailbot.roster import Consent

FORMATS = ("csv", "xlsx", "json")
COLUMNS = ("email", "name", "status", "since")


@click.group(cls=Group)
def command() -> None:
    """Subscribers: who asked for information mails."""


def _rows(app: App) -> list[dict[str, object]]:
    with app.store() as store:
        return [{column: getattr(row, column) for column in COLUMNS} for row in store.subscribers()]


@command.command("list", cls=Command)
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """List subscribers in every state."""
    emit(_rows(app), as_json=as_json, empty="no subscribers", columns=COLUMNS, zone=app.zone)


@command.command(cls=Command)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="For a spreadsheet or a program."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
@pass_app
def export(app: App, form: str, output: Path | None) -> None:
    """Write subscribers for a spreadsheet or another program."""
    from mailbot.export import to_bytes

    write_file(to_bytes(_rows(app), COLUMNS, form), output, binary=form == "xlsx")


@command.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_app
def import_(app: App, file: Path) -> None:
    """Add everybody of a CSV list (UTF-8, header email,name,consent_at,consent_text,consent_source).

    Rows without time and text of a consent stay pending and are never written to. Who has unsubscribed stays so.
    """
    from mailbot.export import read_csv
    from mailbot.roster import Consent, consent_time

    rows = read_csv(file, ("email", "name", "consent_at", "consent_text", "consent_source"))
    people = [
        Consent(
            email=row["email"],
            name=row["name"] or None,
            at=consent_time(row["consent_at"], row["line"]),
            text=row["consent_text"] or None,
            source=row["consent_source"] or None,
            line=row["line"],
        )
        for row in rows
    ]
    _add(app, people)


def _add(app: App, people: "list[Consent]") -> None:
    from mailbot.roster import subscribe

    with app.pipeline() as pipeline:
        tally = subscribe(pipeline, people, now())
    parts = (
        (tally.changed - tally.pending, "added"),
        (tally.pending, "added without consent: pending, never written to"),
        (tally.same, "already there"),
        (tally.skipped, "skipped: they have unsubscribed or objected"),
    )
    click.echo("; ".join(f"{number} {what}" for number, what in parts if number) or "the list is empty")


@command.command("add", cls=Command)
@click.option("--email", metavar="A", required=True, help="The address.")
@click.option("--name", metavar="N", help="The name.")
@click.option("--consent-at", metavar="TIME", default="", help="When the person agreed (ISO 8601).")
@click.option("--consent-text", metavar="TEXT", help="What they wrote or agreed to.")
@click.option("--consent-source", metavar="WHERE", help="Where the proof is kept.")
@pass_app
def add_(app: App, email: str, name: str | None, consent_at: str, consent_text: str | None, consent_source: str | None) -> None:
    """Add a subscriber; without time and text of a consent they stay pending and are never written to."""
    from mailbot.roster import Consent, consent_time

    _add(app, [Consent(email=email, name=name, at=consent_time(consent_at), text=consent_text, source=consent_source)])


@command.command("remove", cls=Command)
@click.option("--email", metavar="A", required=True, help="The address.")
@click.option("--quiet", is_flag=True, help="Do not write to the person.")
@pass_app
def remove_(app: App, email: str, quiet: bool) -> None:
    """Stop information mails to an address, until the person asks anew."""
    from mailbot.roster import unsubscribe

    with app.pipeline() as pipeline:
        tally = unsubscribe(pipeline, email, now(), quiet=quiet)
    click.echo("unsubscribed; a confirmation is queued" if tally.letters else "unsubscribed; nobody is written to")
