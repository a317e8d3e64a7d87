"""Cancellation: the seat becomes free at once, goes to the first who waits, and undo restores it whatever happened since."""

from mailbot.domain.decision import Calendar, ChangeRegistration, Decision, LinkWord, Nature
from mailbot.domain.facts import Registration, Seats
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Action, Intent
from mailbot.intents import register
from mailbot.intents.base import Case, Plan, as_people, same_person
from mailbot.settings import Event


def decide(case: Case) -> Decision:
    """Cancel the sender's own place; somebody else's only after their reply."""
    plan = Plan(case)
    understood = case.understanding
    if understood.action is Action.REVIEW and not case.forced:
        return plan.review("cancellation that a human should look at")
    if understood.about and fold_address(understood.about) != fold_address(case.principal):
        return _ask_on_record(plan, understood.about)
    event = case.event()
    rows = case.active(event)
    if understood.leaving:
        rows = same_person(rows, understood.leaving)
    if not rows:
        plan.letter("not-registered", event=event.id if event else None)
        return plan.done("nothing to cancel")
    if len({r.event for r in rows}) > 1 or (len(rows) > 1 and not understood.leaving):
        plan.letter("which-person", event=event.id if event else None, people=as_people(rows), wish=Intent.CANCELLATION.value)
        return plan.done("asked who is meant")
    if understood.participants and Intent.REGISTRATION in understood.wishes and event:
        plan.change(*(ChangeRegistration(id=r.id, status=RegistrationStatus.CANCELLED) for r in rows))
        second = register.decide(case)
        plan.change(*second.changes)
        plan.letters.extend(second.letters)
        return plan.done("substitution", *second.reasons)
    cancel(plan, rows)
    return plan.done("cancellation")


def cancel(plan: Plan, rows: tuple[Registration, ...]) -> None:
    """Cancel rows of one event, tell the person how to undo it, and let the waiting list move up."""
    event = plan.case.settings.event(rows[0].event)
    plan.change(*(ChangeRegistration(id=r.id, status=RegistrationStatus.CANCELLED) for r in rows))
    before = ",".join(f"{r.id}:{r.status.value}" for r in rows)
    plan.letter(
        "cancelled",
        to=rows[0].email,
        name=rows[0].name,
        language=rows[0].language,
        event=rows[0].event,
        links=(LinkWord.UNDO,),
        purpose=Purpose.UNDO,
        action="cancel",
        data={"rows": before},
        calendar=Calendar.CANCEL,
        people=as_people(rows),
    )
    if event is not None:
        move_up(plan, event, sum(r.holds_seat for r in rows))


def move_up(plan: Plan, event: Event, seats: int) -> None:
    """Give freed seats to the first on the waiting list, with the way to give them back."""
    state = plan.case.facts.seats.get(event.id, Seats())
    over = max(0, state.registered - (event.capacity or 10**9))  # an undo may have gone over the capacity
    for row in state.queue[: max(0, seats - over)]:
        plan.change(ChangeRegistration(id=row.id, status=RegistrationStatus.REGISTERED))
        plan.letter(
            "moved-up",
            to=row.email,
            name=row.name,
            language=row.language,
            event=event.id,
            nature=Nature.NOTICE,
            links=(LinkWord.CANCEL,),
            calendar=Calendar.PUBLISH,
            people=as_people([row]),
        )


def _ask_on_record(plan: Plan, about: str) -> Decision:
    case = plan.case
    rows = [r for r in case.facts.registered(about) if r.status in {RegistrationStatus.REGISTERED, RegistrationStatus.WAITING}]
    if rows:
        ids = ",".join(r.id for r in rows)
        links = (LinkWord.YES,)
        data = {"rows": ids}
        plan.letter(
            "confirm-this",
            to=rows[0].email,
            name=rows[0].name,
            language=rows[0].language,
            event=rows[0].event,
            nature=Nature.NOTICE,
            links=links,
            purpose=Purpose.YES,
            action="cancel",
            data=data,
            what="cancel",
            due=None,
            people=as_people(rows),
            corrections=[],
        )
    plan.letter("asked-on-record")
    return plan.done("asked the address on record")
