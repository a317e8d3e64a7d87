"""Registration: who is complete gets a place (or waits), what is missing is asked back, the same person is not doubled.

``places`` stores one person; ``complete`` takes the answer to our question; ``substitute`` hands a seat on.
"""

from collections.abc import Sequence

from mailbot.domain.decision import Calendar, LinkWord
from mailbot.domain.facts import Registration
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Intent, Participant
from mailbot.intents import dialogue, places
from mailbot.intents.base import ACTIVE, Case
from mailbot.intents.people import is_partial
from mailbot.intents.places import Place
from mailbot.intents.plan import Plan, as_people
from mailbot.settings import Event

COMPLETE = "complete"
STRANGERS_PER_DAY = 30  # DESIGN section 6
_LONGEST_NAME = 80
_NO_NAME = ("://", "www.", "@", "\n")


def decide(plan: Plan) -> None:
    """Register the people of the mail."""
    case = plan.case
    answered = case.token_event()
    if answered and case.settings.event(answered) is None and not case.understanding.events:
        plan.refuse("too-late", case.writer, "event erased", event=answered, why="erased")
        return
    events = _events(case)
    if len(events) > 1 and not case.understanding.events:
        dialogue.ask_event(plan, case.writer, events, Intent.REGISTRATION)
        return
    people = list(case.understanding.participants) or [Participant(name=case.sender_name or None, email=case.writer)]
    if reason := too_many(case, people):
        plan.hand_over(reason)
        return
    for event in events:
        if why := case.closed(event):
            plan.refuse("too-late", case.writer, f"event {why}", event=event.id, why=why)
        else:
            register(plan, event, people)


def _events(case: Case) -> list[Event]:
    """The events that are named, else the one of our mail that is answered, else those that are open, else the only one."""
    every = case.settings.events
    named = [e for e in every if e.id in case.understanding.events]
    answered = [e for e in every if e.id == case.token_event()]
    open_now = [e for e in every if not case.closed(e)]
    return named or answered or open_now or [max(every, key=lambda e: e.starts)]


def too_many(case: Case, people: Sequence[Participant]) -> str:
    """Say why strangers named in this mail need a human's eye; "" when they don't.

    They have not asked for our mail: at most some per mail and day, within their own limit, and nothing but names in it.
    """
    own = fold_address(case.writer)
    ours = {fold_address(mailbox.address) for mailbox in case.settings.mailboxes}
    if any(p.email and fold_address(p.email) in ours for p in people):
        return "names our own mailbox as a participant's address"
    others = {fold_address(p.email): p for p in people if p.email and fold_address(p.email) != own}
    new = [a for a in others if a not in case.facts.on_record]
    limits = case.settings.limits
    if len(new) > limits.addresses_per_mail or case.facts.introduced_today + len(new) > STRANGERS_PER_DAY:
        return "names more strangers' addresses than one mail may"
    if any(case.facts.sent_today.get(a, 0) >= limits.per_address_per_day for a in others):
        return "names an address that was written to too often today"
    if any(not _plain(p.name) or not _plain(p.institution) for p in others.values()):
        return "a stranger's name or institution holds more than a name"
    return ""


def _plain(text: str | None) -> bool:
    return not text or (len(text) <= _LONGEST_NAME and not any(sign in text for sign in _NO_NAME))


def register(plan: Plan, event: Event, people: Sequence[Participant]) -> None:
    """Give the people places in the order of the mail, ask for what is missing, and answer."""
    settle(plan, event, places.rows_of(plan, event, people))


def settle(plan: Plan, event: Event, rows: Sequence[Registration], *, called_so: frozenset[str] = frozenset()) -> None:
    """Store every row: complete ones take a seat or wait, the others are pending; then answer the writer once.

    ``called_so``: the ids of rows whose name of one word is the whole name; so it is where the writer has a seat by it already.
    """
    seated = {r.id for r in rows if r.status in ACTIVE and not places.is_foreign(plan.case, r.email)}
    complete = [places.is_complete(r) or (bool(r.institution) and r.id in called_so | seated) for r in rows]
    settled = [places.take(plan, event, r) for r, done in zip(rows, complete, strict=True) if done]
    places.tell(plan, [p.stored for p in settled if p.stored])
    missing = [places.keep_pending(plan, r) for r, done in zip(rows, complete, strict=True) if not done]
    if missing:
        question_back(plan, event.id, missing, [p.shown for p in settled])
    else:
        _confirm(plan, event, settled)
    plan.note("registration")


def question_back(plan: Plan, event: str, missing: Sequence[Registration], done: Sequence[Registration], **data: str) -> None:
    """Ask for exactly what is missing of each person; the answer completes these rows."""
    gaps = [{"name": r.name or "", "fields": _fields(r)} for r in missing if _fields(r)]
    plan.letter(
        "question-back",
        plan.case.writer,
        event=event,
        purpose=Purpose.YES,
        action=COMPLETE,
        data={"rows": ",".join(r.id for r in missing), **data},
        missing=gaps,
        people=as_people(done),
    )


def _fields(row: Registration) -> list[str]:
    """What to ask for of one person."""
    name = [] if row.name and not is_partial(row.name) else ["full_name" if row.name else "name"]
    return [*name, *([] if row.institution else ["institution"])]


def _confirm(plan: Plan, event: Event, settled: Sequence[Place]) -> None:
    """One answer for all of them; the calendar file only goes to whom it concerns."""
    case = plan.case
    registered = [p.shown for p in settled if p.shown.status is RegistrationStatus.REGISTERED]
    waiting = [p.shown for p in settled if p.shown.status is not RegistrationStatus.REGISTERED]
    own = [p.shown for p in settled if fold_address(p.shown.email) == fold_address(case.writer)]
    links = (LinkWord.CANCEL,) if any(r.status in ACTIVE for r in own) else ()
    also_asks = Intent.QUESTION in case.understanding.wishes
    name = own[0].name if len(own) == 1 else None
    if not registered:
        plan.letter(
            "waiting-list", case.writer, name=name, event=event.id, links=links, people=as_people(waiting), also_asks=also_asks
        )
        return
    plan.letter(
        "registration-confirmed",
        case.writer,
        name=name,
        event=event.id,
        links=links,
        calendar=Calendar.PUBLISH,
        people=as_people(registered),
        waiting=as_people(waiting),
        again=all(p.again for p in settled),
        also_asks=also_asks,
    )
