"""Seats: who waits first gets a seat that became free, at once and with the way to give it back. Pure."""

from mailbot.domain.decision import Calendar, LinkWord, Nature
from mailbot.domain.facts import Registration, Seats
from mailbot.domain.states import RegistrationStatus
from mailbot.intents.plan import Plan, as_people


def move_up(plan: Plan) -> None:
    """Give what this mail freed to the waiting lists; an event that an undo overfilled gives nothing (DESIGN section 6)."""
    for event in sorted(plan.freed):
        if plan.case.over(event):
            continue
        for row in plan.case.facts.seats.get(event, Seats()).queue:
            if plan.free_seats(event) <= 0:
                break
            if row.restricted or plan.touched(row):
                continue
            _give(plan, row)


def _give(plan: Plan, row: Registration) -> None:
    seated = plan.set_status(row, RegistrationStatus.REGISTERED)
    plan.letter(
        "moved-up",
        row.email,
        name=row.name,
        language=row.language,
        event=row.event,
        nature=Nature.NOTICE,
        links=(LinkWord.CANCEL,),
        calendar=Calendar.PUBLISH,
        people=as_people([seated]),
    )
