"""``mailbot status``: how things stand; ``--check`` for monitoring."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

from mailbot.cli.base import App, Command, json_option, now, pass_app
from mailbot.cli.output import shown, table, to_json

if TYPE_CHECKING:
    from mailbot.settings import Event
    from mailbot.store import StatusCounts


Values = dict[str, Any]


@click.command(cls=Command)
@json_option
@click.option("--check", "checking", is_flag=True, help="Exit with 1 when something needs a human.")
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, as_json: bool, checking: bool) -> None:
    """Show mailbox, outbox, review, requests with their deadlines, and events with their numbers."""
    with app.store() as store:
        counts = store.status_counts(now())
        erased = {event.id: store.erased_at(event.id) for event in app.settings.events}
    numbers = as_dict(counts, app.settings.events, erased)
    for line in [to_json(numbers)] if as_json else _lines(numbers, app.zone):
        click.echo(line)
    needs = needs_human(counts)
    for need in needs:
        click.echo(need, err=True)
    ctx.exit(1 if checking and needs else 0)


def as_dict(counts: "StatusCounts", events: "Iterable[Event]", erased: Mapping[str, datetime | None]) -> Values:
    """Give the numbers in the form of DESIGN section 4."""
    return {
        "mailbox": {"waiting": counts.waiting, "old": counts.old, "last_poll": counts.last_poll},
        "outbox": {"queued": counts.outbox_queued, "failed": counts.outbox_failed},
        "review": {"waiting": counts.review_waiting, "failed": counts.review_failed},
        "requests": {"open": counts.requests_open, "overdue": counts.requests_overdue, "next_due": counts.requests_next_due},
        "events": [
            {
                "id": event.id,
                "registered": counts.registered.get(event.id, 0),
                "waiting": counts.queued.get(event.id, 0),
                "capacity": event.capacity,
                "erased_at": erased[event.id],
            }
            for event in events
        ],
        "erasures": {"open": counts.open_erasures},
    }


def needs_human(counts: "StatusCounts") -> list[str]:
    """Give a sentence for each thing that a human must see to; empty when all is well."""
    checks = (
        (counts.review_waiting, "mails wait in review: see `mailbot review list`"),
        (counts.review_failed, "mails failed: see `mailbot review list`"),
        (counts.outbox_failed, "mails of ours could not be delivered"),
        (counts.requests_overdue, "data-subject requests are overdue: see `mailbot requests list`"),
        (counts.open_erasures, "erasures are not complete: `mailbot run` goes on with them"),
    )
    return [f"{number} {text}" for number, text in checks if number]


def _lines(numbers: Values, zone: tzinfo) -> list[str]:
    mailbox, outbox, requests, review = (numbers[key] for key in ("mailbox", "outbox", "requests", "review"))
    return [
        f"mailbox:  {mailbox['waiting']} waiting, {mailbox['old']} old; last read {shown(mailbox['last_poll'], zone)}",
        f"outbox:   {outbox['queued']} queued, {outbox['failed']} failed",
        f"review:   {review['waiting']} waiting, {review['failed']} failed",
        f"requests: {requests['open']} open, {requests['overdue']} overdue; next due {shown(requests['next_due'], zone)}",
        "",
        *table(numbers["events"], ("id", "registered", "waiting", "capacity", "erased_at"), zone),
    ]
