"""Substitution: a seat is handed on to somebody else, past the waiting list, and undo gives it back. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from mailbot.domain.decision import Calendar, LinkWord
from mailbot.domain.facts import Registration
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Intent, Participant
from mailbot.intents import cancel, places, register
from mailbot.intents.base import ACTIVE, Case
from mailbot.intents.people import fold_name, named, persons
from mailbot.intents.plan import Plan, as_people
from mailbot.settings import Event


def is_meant(case: Case) -> bool:
    """Whether somebody shall come instead of somebody else: one leaves and another takes part in the same mail."""
    understood = case.understanding
    both = {Intent.CANCELLATION, Intent.REGISTRATION} <= {understood.intent, *understood.wishes}
    leaves = bool(understood.leaving) and {understood.intent} <= {Intent.CANCELLATION, Intent.REGISTRATION}
    return bool(understood.participants) and (both or leaves)


def decide(plan: Plan) -> None:
    """Find the seat and who gets it; what is missing of the new person is asked before anything changes."""
    case = plan.case
    if case.elsewhere() or len(case.understanding.events) > 1:
        plan.hand_over("one person instead of another, in a way that a human should look at")
        return
    leaving = cancel.leaving_rows(plan)
    if not leaving:
        return
    event = case.settings.event(leaving[0].event)
    coming = [p for p in case.understanding.participants if not _leaves(p, leaving)]
    reason = register.too_many(case, coming) if coming else "the same person shall come and not come"
    if event is None or reason:
        plan.hand_over(reason)
        return
    if why := case.closed(event):
        plan.letter("too-late", case.principal, event=event.id, why=why)
        plan.hand_over(f"a seat shall be handed on, but the event is {why}")
        return
    rows = places.rows_of(plan, event, coming)
    if all(places.is_complete(r) for r in rows):
        hand_on(plan, event, leaving, rows)
        return
    pending = [places.keep_pending(plan, r) for r in rows]
    register.question_back(plan, event.id, pending, [], leaving=",".join(r.id for r in leaving))
    plan.note("asked about the person who shall come instead")


def _leaves(person: Participant, leaving: Sequence[Registration]) -> bool:
    """Whether a participant is one of those who leave (the sender's own name often stands in both lists)."""
    if not person.name:
        return False
    return any(fold_name(r.name) == fold_name(person.name) for r in leaving) or bool(named(leaving, person.name))


def hand_on(plan: Plan, event: Event, leaving: Sequence[Registration], coming: Sequence[Registration]) -> None:
    """Give the seats to those who come, in the order of the mail; more people than seats queue, spare seats become free."""
    case = plan.case
    for row in leaving:
        plan.set_status(row, RegistrationStatus.CANCELLED)
    came = [_come(plan, event, row, leaving[i] if i < len(leaving) else None) for i, row in enumerate(coming)]
    seated = {r.id for r in coming if r.id and r.status is RegistrationStatus.REGISTERED}
    places.tell(plan, [r for r in came if places.is_foreign(case, r.email) and r.id not in seated])
    plan.letter(
        "cancelled",
        leaving[0].email,
        name=leaving[0].name if len(persons(leaving)) == 1 else None,
        event=event.id,
        links=(LinkWord.UNDO,),
        purpose=Purpose.UNDO,
        action="substitute",
        data={"rows": cancel.before(leaving), "instead": ",".join(r.id for r in came)},
        calendar=Calendar.CANCEL,
        people=as_people(leaving),
        instead=as_people(came),
    )
    if own := [r for r in came if not places.is_foreign(case, r.email) and r.holds_seat]:
        _confirm(plan, event, own)
    plan.note("substitution")


def _come(plan: Plan, event: Event, row: Registration, gives: Registration | None) -> Registration:
    """Store one person who comes, on the other's seat (or place in the queue) where there is one."""
    if row.id and row.status is RegistrationStatus.REGISTERED:
        return row
    handed = gives.status if gives is not None and gives.status in ACTIVE else None
    stored = places.store(plan, row, handed or places.offered(plan, event))
    return replace(row, id=stored.id, status=stored.status)


def _confirm(plan: Plan, event: Event, rows: Sequence[Registration]) -> None:
    plan.letter(
        "registration-confirmed",
        rows[0].email,
        name=rows[0].name if len(rows) == 1 else None,
        event=event.id,
        links=(LinkWord.CANCEL,),
        calendar=Calendar.PUBLISH,
        people=as_people(rows),
        waiting=[],
        again=False,
        also_asks=False,
    )
