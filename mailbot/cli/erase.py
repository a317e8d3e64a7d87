"""``mailbot erase``: the final step at once, what it would do, and the search for anything whose time has passed."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mailbot.cli.base import App, Command, confirm, json_option, now, pass_app
from mailbot.cli.output import safe, shown, to_json
from mailbot.errors import MailbotError

if TYPE_CHECKING:
    from mailbot.final_step import FinalStep
    from mailbot.pipeline import Pipeline
    from mailbot.service import Service
    from mailbot.settings import Event

Records = list[dict[str, Any]]


@click.command(cls=Command)
@click.option("--event", metavar="ID", help="This event; default: every event whose time has passed.")
@click.option("--dry-run", is_flag=True, help="Show what would go, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed before the event's end.")
@click.option("--audit", is_flag=True, help="Search for anything whose time has passed; exit 1 if found.")
@json_option
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, event: str | None, dry_run: bool, yes: bool, audit: bool, as_json: bool) -> None:
    """Erase the participants' data of an event everywhere, search again, and print the record (counts, no names)."""
    if audit:
        ctx.exit(_audit(app, as_json))
    events = [app.event(event)] if event else list(app.settings.events)
    if dry_run:
        _show(app, _plan(app, events, every=event is not None), as_json)
        return
    app.must_not_observe()
    if event and events[0].ends > now():
        confirm(f"'{event}' is not over. Erase its participants' data now, without closing mails?", yes=yes)
    records, problems = _erase(app, events[0] if event else None)
    _show(app, records, as_json)
    for problem in problems:
        raise problem
    ctx.exit(1 if any(record["found_again"] for record in records) else 0)


def _plan(app: App, events: "list[Event]", *, every: bool) -> Records:
    """Give the records as they would be: of one event whether its time has come or not, else of all that are due."""
    with app.beside() as (service, pipeline):
        step = _step(service, pipeline)
        return [dict(step.plan(event.id)) for event in events if (every or step.is_due(event)) and not _is_gone(step, event)]


def _step(service: "Service", pipeline: "Pipeline") -> "FinalStep":
    from mailbot.final_step import FinalStep

    return FinalStep(pipeline=pipeline, sessions=service.sessions(), now=now())


def _is_gone(step: "FinalStep", event: "Event") -> bool:
    """Whether an event was erased and nothing came since but who is kept: erasing it again would change nothing."""
    store = step.pipeline.store
    if store.erased_at(event.id) is None or event.id in [job.event for job in store.open_jobs()]:
        return False
    counts = step.plan(event.id)["counts"]
    return not (counts["tables"] or counts["folders"])


def _erase(app: App, event: "Event | None") -> tuple[Records, list[MailbotError]]:
    """Erase one event, or all that are due; gives the records and what stayed open.

    After an event's end its closing mails are sent first; before it there are none (DESIGN section 7).
    """
    from mailbot import mailing

    with app.connected() as (service, pipeline):
        step = _step(service, pipeline)
        events = [event] if event else [one for one in app.settings.events if step.is_due(one)]
        events = [one for one in events if not _is_gone(step, one)]
        ended = [one for one in events if one.ends <= now()]
        for one in ended:
            mailing.queue(pipeline, mailing.Mailing(template="data-erased", event=one), now())
        if ended:
            service.deliver(pipeline)
        records = [dict(step.erase(one.id)) for one in events]
        if event is None:
            records += [dict(record) for record in step.run_due(force=True)]  # what an earlier run left open
        for record in records:
            mailing.queue_record(pipeline, record, now())
        service.deliver(pipeline)
        return records, [*step.problems, *service.problems]


def _audit(app: App, as_json: bool) -> int:
    with app.beside() as (service, pipeline):
        found = _step(service, pipeline).audit()
    if as_json:
        click.echo(to_json(found))
        return 1 if found else 0
    for what, number in found.items():
        click.echo(f"{number} in {safe(what)} whose time has passed")
    if not found:
        click.echo("nothing is left whose time has passed")
    return 1 if found else 0


def _show(app: App, records: Records, as_json: bool) -> None:
    if as_json:
        click.echo(to_json(records))
        return
    for record in records:
        gone = datetime.fromisoformat(str(record["erased_at"])) if record["erased_at"] else None
        click.echo(f"{record['event']}: {'erased ' + shown(gone, app.zone) if gone else 'would be erased'}")
        rule = record["rule"]
        rounded = f", to the end of the {rule['round_up_to']}" if rule["round_up_to"] else ""
        click.echo(f"  rule: {rule['after']} + {rule['keep']}{rounded}")
        for place, counts in record["counts"].items():
            click.echo(f"  {place}: {safe(', '.join(f'{name} {number}' for name, number in counts.items())) or 'nothing'}")
        if gone:
            click.echo(f"  found again: {record['found_again']}")
    if not records:
        click.echo("nothing is due")
