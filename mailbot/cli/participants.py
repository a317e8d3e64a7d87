"""``mailbot participants``: list, export, import, add, remove."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, Group, json_option, now, pass_app
from mailbot.cli.output import emit, write_file

if TYPE_CHECKING:
    from mailbot.roster import Tally

FORMATS = ("csv", "xlsx", "json")
COLUMNS = ("id", "event", "name", "institution", "email", "status", "registered_at")


@click.group(cls=Group)
def command() -> None:
    """Participants: who is registered for which event."""


def _rows(app: App, event: str | None) -> list[dict[str, object]]:
    if event is not None:
        app.event(event)
    with app.store() as store:
        return [{column: getattr(row, column) for column in COLUMNS} for row in store.participants(event)]


@command.command("list", cls=Command)
@click.option("--event", metavar="ID", help="Only this event's.")
@json_option
@pass_app
def list_(app: App, event: str | None, as_json: bool) -> None:
    """List participants in every state."""
    emit(_rows(app, event), as_json=as_json, empty="no participants", columns=COLUMNS, zone=app.zone)


@command.command(cls=Command)
@click.option("--event", metavar="ID", help="Only this event's.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="For a spreadsheet or a program."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output.")
@pass_app
def export(app: App, event: str | None, form: str, output: Path | None) -> None:
    """Write participants for a spreadsheet or another program."""
    from mailbot.export import to_bytes

    write_file(to_bytes(_rows(app, event), COLUMNS, form), output, binary=form == "xlsx")


@command.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--event", metavar="ID", help="The event, where the list has no column for it.")
@click.option("--quiet", is_flag=True, help="Write to nobody.")
@pass_app
def import_(app: App, file: Path, event: str | None, quiet: bool) -> None:
    """Register everybody of a CSV list (UTF-8, header name,institution,email[,event]); each is told so by mail.

    All of them or, if a line is wrong, none. Who is registered already is left alone.
    """
    from mailbot.export import read_csv
    from mailbot.roster import Person, add

    rows = read_csv(file, ("name", "institution", "email"), ("event",))
    people = [
        Person(
            email=row["email"],
            name=row["name"] or None,
            institution=row["institution"] or None,
            event=row.get("event") or event,
            line=row["line"],
        )
        for row in rows
    ]
    with app.pipeline() as pipeline:
        tally = add(pipeline, people, now(), quiet=quiet)
    click.echo(f"{_became(tally)}, {tally.same} already were; {_told(tally.letters)}")


_of_event = click.option("--event", metavar="ID", help="The event; needed when there are several.")
_email = click.option("--email", metavar="A", required=True, help="The address.")
_quiet = click.option("--quiet", is_flag=True, help="Do not write to the person.")


@command.command("add", cls=Command)
@_of_event
@_email
@click.option("--name", metavar="N", help="The name.")
@click.option("--institution", metavar="I", help='The institution, or "privat".')
@_quiet
@pass_app
def add_(app: App, event: str | None, email: str, name: str | None, institution: str | None, quiet: bool) -> None:
    """Register somebody as if they had written; who gets no seat waits, and what is missing is asked by mail."""
    from mailbot.roster import Person, add

    person = Person(email=email, name=name, institution=institution, event=event)
    with app.pipeline() as pipeline:
        tally = add(pipeline, [person], now(), quiet=quiet)
    click.echo(f"{_became(tally)}; {_told(tally.letters)}" if tally.changed else "already registered: nothing was changed")


@command.command("remove", cls=Command)
@_of_event
@_email
@click.option("--name", metavar="N", help="The name, where several people share the address.")
@_quiet
@pass_app
def remove_(app: App, event: str | None, email: str, name: str | None, quiet: bool) -> None:
    """Cancel a registration as if the person had written; who waits moves up."""
    from mailbot.roster import Person, remove

    with app.pipeline() as pipeline:
        tally = remove(pipeline, Person(email=email, name=name, event=event), now(), quiet=quiet)
    click.echo(f"cancelled; {_told(tally.letters)}")


def _became(tally: "Tally") -> str:
    """Say what those who were added are now: not everybody gets a seat, and something may be missing."""
    more = {"waiting": "on the waiting list", "pending": "pending: asked for what is missing"}
    counts = {status.value: number for status, number in tally.statuses.items()}
    parts = [f"{counts.get('registered', 0)} registered", *(f"{counts[key]} {text}" for key, text in more.items() if key in counts)]
    return ", ".join(parts if counts.get("registered") or len(parts) == 1 else parts[1:])


def _told(letters: int) -> str:
    return f"{letters} mail{'s' if letters != 1 else ''} queued for the next run" if letters else "nobody is written to"
