"""Registration: who is complete gets a place (or waits), what is missing is asked back, the same person is not doubled."""

from dataclasses import replace

from mailbot.domain.decision import AddRegistration, Calendar, ChangeRegistration, Decision, LinkWord, Nature, UseToken
from mailbot.domain.facts import Registration, Seats, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Action, Participant
from mailbot.intents.base import ACTIVE, Case, Plan, as_people, fold_name, same_person
from mailbot.settings import Event, in_language

_LINKS = (LinkWord.CANCEL,)
_SHORT_ANSWER = 120


def decide(case: Case) -> Decision:
    """Register the people of the mail; complete a pending registration when it answers our question."""
    plan = Plan(case)
    if (token := case.token(Purpose.YES, "complete")) and (pending := _pending(case, token)):
        return _complete(plan, token, pending)
    if case.understanding.action is Action.REVIEW and not case.forced:
        return plan.review("registration that a human should look at")
    event = case.event()
    if event is None:
        titles = [in_language(e.title, case.language) for e in case.settings.events]
        plan.letter("which-event", choices=titles)
        return plan.done("asked which event is meant")
    if why := too_late(case, event):
        plan.letter("too-late", event=event.id, why=why)
        return plan.done(f"event {why}")
    return _register(plan, event, list(case.understanding.participants) or [Participant(email=case.sender)])


def too_late(case: Case, event: Event) -> str:
    """Say why nobody can register any more (or yet): erased, started, closed, not-open; "" if they can."""
    checks = (
        ("erased", event.id in case.facts.erased_events),
        ("started", case.now >= event.starts),
        ("closed", event.closes is not None and case.now >= event.closes),
        ("not-open", event.opens is not None and case.now < event.opens),
    )
    return next((why for why, true in checks if true), "")


def _others(case: Case, people: list[Participant]) -> set[str]:
    own = fold_address(case.sender)
    return {fold_address(p.email) for p in people if p.email and fold_address(p.email) != own}


def _register(plan: Plan, event: Event, people: list[Participant]) -> Decision:
    case = plan.case
    new = {a for a in _others(case, people) if a not in case.facts.on_record}
    per_day = 30  # DESIGN section 6
    if len(new) > case.settings.limits.addresses_per_mail or case.facts.introduced_today + len(new) > per_day:
        return plan.review("names more strangers' addresses than one mail may")
    rows = [_row(plan, event, p) for p in people]
    complete, missing = [r for r in rows if _is_complete(r)], [r for r in rows if not _is_complete(r)]
    settled = [_settle(plan, event, r) for r in _in_order(plan, event, complete)]
    for row in missing:
        _store(plan, replace(row, status=RegistrationStatus.PENDING))
    _answer(plan, event, settled, missing)
    return plan.done("registration")


def _row(plan: Plan, event: Event, person: Participant) -> Registration:
    case = plan.case
    email = person.email or case.sender
    known = case.facts.registered(email, event.id)
    found = [r for r in known if fold_name(r.name) == fold_name(person.name) or (r.name is None and person.name)]
    by = None if fold_address(email) == fold_address(case.sender) else case.sender
    if found:
        return replace(found[0], name=found[0].name or person.name, institution=person.institution or found[0].institution)
    return Registration(
        id="",
        event=event.id,
        email=email,
        name=person.name,
        institution=person.institution,
        status=RegistrationStatus.PENDING,
        registered_at=case.now,
        language=case.language,
        by=by,
    )


def _is_complete(row: Registration) -> bool:
    return bool(row.name and row.institution)


def _in_order(plan: Plan, event: Event, rows: list[Registration]) -> list[Registration]:
    """Give the rows the state that the free seats allow, in the order of the mail; who has a seat keeps it."""
    seats = plan.case.facts.seats.get(event.id, Seats())
    free = (event.capacity or 10**9) - seats.registered
    if seats.queue and event.capacity:
        free = 0  # those who wait come first
    result = []
    for row in rows:
        if row.status in ACTIVE:
            result.append(row)
            continue
        status = RegistrationStatus.REGISTERED if free > 0 else RegistrationStatus.WAITING
        free -= 1
        result.append(replace(row, status=status))
    return result


def _settle(plan: Plan, event: Event, row: Registration) -> tuple[Registration, bool]:
    """Store the row; True beside it when nothing about it is new."""
    before = [r for r in plan.case.facts.registered(row.email, event.id) if r.id == row.id and row.id]
    again = bool(before) and before[0].status in ACTIVE
    stored = _store(plan, row)
    foreign = fold_address(row.email) != fold_address(plan.case.sender)
    if foreign and not again and fold_address(row.email) not in plan.case.facts.on_record:
        plan.letter(
            "registered-by-other",
            to=row.email,
            name=row.name,
            event=event.id,
            nature=Nature.NOTICE,
            links=(LinkWord.CANCEL, LinkWord.ERASE),
            calendar=Calendar.PUBLISH if row.status is RegistrationStatus.REGISTERED else None,
            informs=True,
            people=as_people([stored]),
            by=plan.case.mail.sender.name or plan.case.sender if plan.case.mail.sender else plan.case.sender,
        )
    return stored, again


def _store(plan: Plan, row: Registration) -> Registration:
    if row.id:
        plan.change(ChangeRegistration(id=row.id, status=row.status, name=row.name, institution=row.institution))
        return row
    new = replace(row, id=plan.case.ids.new_id())
    plan.change(
        AddRegistration(
            id=new.id,
            event=new.event,
            email=new.email,
            name=new.name,
            institution=new.institution,
            status=new.status,
            language=new.language,
            by=new.by,
        )
    )
    return new


def _answer(plan: Plan, event: Event, settled: list[tuple[Registration, bool]], missing: list[Registration]) -> None:
    rows = [row for row, _ in settled]
    if missing:
        gaps = [{"name": r.name or "", "fields": [f for f in ("name", "institution") if not getattr(r, f)]} for r in missing]
        plan.letter(
            "question-back",
            event=event.id,
            purpose=Purpose.YES,
            action="complete",
            informs=True,
            missing=gaps,
            people=as_people(rows),
        )
        return
    registered = [r for r in rows if r.status is RegistrationStatus.REGISTERED]
    waiting = [r for r in rows if r.status is not RegistrationStatus.REGISTERED]
    if not registered:
        plan.letter("waiting-list", event=event.id, links=_LINKS, informs=True, people=as_people(waiting))
        return
    plan.letter(
        "registration-confirmed",
        event=event.id,
        name=registered[0].name if len(rows) == 1 else None,
        links=_LINKS,
        calendar=Calendar.PUBLISH,
        informs=True,
        people=as_people(registered),
        waiting=as_people(waiting),
        again=all(again for _, again in settled),
        also_asks=False,
    )


def _pending(case: Case, token: Token) -> tuple[Registration, ...]:
    rows = case.facts.registered(token.address, token.event)
    return tuple(r for r in rows if r.status is RegistrationStatus.PENDING)


def _complete(plan: Plan, token: Token, pending: tuple[Registration, ...]) -> Decision:
    """Fill what was missing with the answer; what is still missing is asked again."""
    case = plan.case
    event = case.settings.event(token.event)
    if event is None or (why := too_late(case, event)):
        plan.letter("too-late", event=token.event, why=why if event else "erased")
        return plan.done("answered too late")
    filled = [_fill(case, row, len(pending) == 1) for row in pending]
    if filled == list(pending):
        return plan.review("the answer to our question was not understood")
    plan.change(UseToken(tag=token.tag))
    complete = [r for r in filled if _is_complete(r)]
    settled = [_settle(plan, event, r) for r in _in_order(plan, event, complete)]
    missing = [r for r in filled if not _is_complete(r)]
    for row in missing:
        _store(plan, row)
    _answer(plan, event, settled, missing)
    return plan.done("pending registration completed")


def _fill(case: Case, row: Registration, only: bool) -> Registration:
    people = case.understanding.participants
    mine = [p for p in people if row.name and p.name and same_person([row], [p.name])] or (list(people) if only else [])
    name = row.name or next((p.name for p in mine if p.name), None)
    institution = row.institution or next((p.institution for p in mine if p.institution), None)
    said = " ".join(case.understanding.own_text.split())
    if only and institution is None and name and 0 < len(said) <= _SHORT_ANSWER and "?" not in said:
        institution = said.rstrip(".! ")
    return replace(row, name=name, institution=institution)
