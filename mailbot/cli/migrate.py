"""``mailbot migrate``: bring the store to the current schema."""

import click

from mailbot.cli.base import App, Command, pass_app


@click.command(cls=Command)
@pass_app
def command(app: App) -> None:
    """Bring the store to the current schema (`run` does it by itself on SQLite)."""
    from mailbot.store import migrate

    before = migrate(app.settings)
    click.echo(f"the store has the current schema (it {'had ' + before if before else 'was empty'})")
