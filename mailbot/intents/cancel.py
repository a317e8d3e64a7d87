"""Cancellation: the seat becomes free at once, goes to the first who waits, and undo restores it whatever happened since."""

from collections.abc import Sequence

from mailbot.domain.decision import Calendar, LinkWord
from mailbot.domain.facts import Registration
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Intent
from mailbot.intents import dialogue
from mailbot.intents.base import ACTIVE, Case
from mailbot.intents.people import in_text, meant, named, persons
from mailbot.intents.plan import Plan, as_people


def decide(plan: Plan) -> None:
    """Cancel the principal's own place; somebody else's only after their reply."""
    case = plan.case
    if about := case.elsewhere():
        ask_on_record(plan, _in_named_events(case, case.rows(about)))
        plan.letter("asked-on-record", case.sender)
        plan.note("asked the address on record")
        return
    if coming := leaving_rows(plan):
        cancel(plan, coming)
        plan.note("cancellation")


def leaving_rows(plan: Plan) -> tuple[Registration, ...]:
    """The rows of those who shall not take part any more; () when there are none or it had to be asked who or what."""
    case = plan.case
    rows = _in_named_events(case, case.rows(case.principal))
    coming = tuple(r for r in rows if not case.over(r.event))
    if rows and not coming:
        plan.refuse("too-late", case.principal, "the event is over", event=rows[0].event, why=case.over(rows[0].event))
        return ()
    leaving, strangers = _of_the_named(plan, coming)
    if strangers:
        plan.hand_over("names somebody as leaving who is not registered under this address")
    return _of_one_event(plan, leaving) if leaving is not None else ()


def _of_one_event(plan: Plan, rows: tuple[Registration, ...]) -> tuple[Registration, ...]:
    """The rows, if it is clear which event is meant; says that there are none, or asks, and gives () otherwise."""
    case = plan.case
    if not rows:
        _nothing_to_cancel(plan)
        return ()
    events = {r.event for r in rows}
    if len(events) > 1 and not set(case.understanding.events) >= events:
        dialogue.ask_event(plan, case.principal, [e for e in case.settings.events if e.id in events], Intent.CANCELLATION)
        return ()
    return rows


def _nothing_to_cancel(plan: Plan) -> None:
    case = plan.case
    event = next(iter(case.understanding.events), case.token_event())
    only = case.settings.events[0].id if len(case.settings.events) == 1 else None
    event = event or only
    if event and (why := case.over(event)):
        plan.refuse("too-late", case.principal, "the event is over", event=event, why=why)
        return
    plan.refuse("not-registered", case.principal, "nothing to cancel", event=event)


def _in_named_events(case: Case, rows: Sequence[Registration]) -> tuple[Registration, ...]:
    """The rows of the events that the mail names, else of our mail's that it answers, else all."""
    wanted = case.understanding.events or tuple(filter(None, [case.token_event()]))
    return tuple(r for r in rows if not wanted or r.event in wanted)


def _of_the_named(plan: Plan, rows: tuple[Registration, ...]) -> tuple[tuple[Registration, ...] | None, list[str]]:
    """The rows of those who leave (None: asked), and the names that nobody on this address has."""
    case = plan.case
    leaving = case.understanding.leaving
    if not leaving and case.meant is None and (others := _spoken_of(case)):
        _ask_those_brought_in(plan, others)
        plan.hand_over("speaks of people whom the sender registered: who shall not come?")
        return None, []
    if not leaving or case.meant is not None:
        return _of_the_writer(plan, rows), []
    found = {name: named(rows, name) for name in leaving}
    mine = tuple(dict.fromkeys(r for group in found.values() for r in group))
    unknown = [name for name in leaving if not found[name]]
    if elsewhere := [name for name in unknown if _brought_in(case, name)]:
        _ask_those_brought_in(plan, elsewhere)
        unknown = [name for name in unknown if name not in elsewhere]
        if not mine and not unknown:
            return None, []
    if mine or not rows:
        return mine, unknown if mine else []
    if case.forced:
        plan.hand_over("can't be done: nobody of that name is registered under this address")
        return None, []
    dialogue.ask_person(plan, case.principal, rows, Intent.CANCELLATION)
    return None, []


def _of_the_writer(plan: Plan, rows: tuple[Registration, ...]) -> tuple[Registration, ...] | None:
    found = meant(plan.case, rows)
    if found is None:
        dialogue.ask_person(plan, plan.case.principal, rows, Intent.CANCELLATION)
    return found


def _guests(case: Case) -> tuple[Registration, ...]:
    """People whom the writer registered with their own addresses: only they can cancel (DESIGN section 6)."""
    own = fold_address(case.principal)
    rows = tuple(r for r in case.facts.registrations if r.by and fold_address(r.by) == own and fold_address(r.email) != own)
    return _in_named_events(case, rows)


def _brought_in(case: Case, name: str) -> tuple[Registration, ...]:
    return named(_guests(case), name)


def _spoken_of(case: Case) -> list[str]:
    """The full names of such people that stand in the mail, where it does not say who leaves: perhaps it is them."""
    return list(dict.fromkeys(r.name for r in in_text(_guests(case), case.understanding.own_text) if r.name))


def _ask_those_brought_in(plan: Plan, names: Sequence[str]) -> None:
    """Ask them; the writer hears the same whether they are still registered or not."""
    for name in names:
        rows = [r for r in _brought_in(plan.case, name) if r.status in ACTIVE]
        for address in dict.fromkeys(r.email for r in rows):
            ask_on_record(plan, [r for r in rows if r.email == address])
    plan.letter("asked-on-record", plan.case.principal)
    plan.note("asked the address on record")


def ask_on_record(plan: Plan, rows: Sequence[Registration]) -> None:
    """Ask the address on record for a reply; nobody is written to where there is nothing to cancel."""
    coming = [r for r in rows if not plan.case.over(r.event)]
    if not coming:
        return
    plan.unasked(
        "confirm-this",
        coming[0].email,
        name=coming[0].name if len(persons(coming)) == 1 else None,
        event=coming[0].event if len({r.event for r in coming}) == 1 else None,
        links=(LinkWord.YES, LinkWord.NO),
        purpose=Purpose.YES,
        action="cancel",
        data={"rows": ",".join(r.id for r in coming)},
        what="cancel",
        due=None,
        people=as_people(coming),
        corrections=[],
        kinds=[],
    )


def cancel(plan: Plan, rows: Sequence[Registration]) -> None:
    """Cancel rows; each event's people hear of it once per address, with the way to undo it."""
    new = [r for r in rows if not plan.touched(r)]
    for event, address in dict.fromkeys((r.event, fold_address(r.email)) for r in new):
        _cancel_event(plan, event, [r for r in new if (r.event, fold_address(r.email)) == (event, address)])


def _cancel_event(plan: Plan, event: str, rows: Sequence[Registration]) -> None:
    for row in rows:
        plan.set_status(row, RegistrationStatus.CANCELLED)
    plan.letter(
        "cancelled",
        rows[0].email,
        name=rows[0].name if len(persons(rows)) == 1 else None,
        event=event,
        links=(LinkWord.UNDO,),
        purpose=Purpose.UNDO,
        action="cancel",
        data={"rows": before(rows)},
        calendar=Calendar.CANCEL,
        people=as_people(rows),
        instead=[],
    )


def before(rows: Sequence[Registration]) -> str:
    """What an undo has to restore, as data of its token."""
    return ",".join(f"{r.id}:{r.status.value}" for r in rows)
