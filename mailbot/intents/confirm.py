"""Confirmation: a reply to our own question, proved by the token that it brings back; yes, no or undo."""

import json
from collections.abc import Callable

from mailbot.domain.decision import (
    Calendar,
    ChangeRegistration,
    Decision,
    ErasePerson,
    LinkWord,
    Nature,
    SetRequest,
    SetSubscription,
    Unsuppress,
    UseToken,
)
from mailbot.domain.facts import Registration, Token
from mailbot.domain.states import Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.domain.understanding import Answer, RequestKind
from mailbot.intents import cancel, data_request, register, unsubscribe
from mailbot.intents.base import Case, Plan, as_people


def decide(case: Case) -> Decision:
    """Do what was asked when the answer agrees; a wrong, used or expired token makes the mail an ordinary one."""
    plan = Plan(case)
    answer = case.understanding.answer
    purpose = Purpose.UNDO if answer is Answer.UNDO else Purpose.YES
    token = case.token(purpose)
    if token is None:
        return plan.review("answers a question that is not open (any more)")
    if answer is Answer.YES and token.action == "complete":
        return register.decide(case)
    if answer is Answer.NO:
        plan.change(UseToken(tag=token.tag))
        return plan.done("answered no: nothing is done")
    handler = _HANDLERS.get((purpose, token.action))
    if handler is None:
        return plan.review(f"no handler for {purpose} {token.action}")
    plan.change(UseToken(tag=token.tag))
    return handler(plan, token)


def _rows(plan: Plan, token: Token) -> tuple[Registration, ...]:
    wanted = {part.split(":")[0] for part in token.data.get("rows", "").split(",")}
    return tuple(r for r in plan.case.facts.registered(token.address) if r.id in wanted)


def _undo_cancel(plan: Plan, token: Token) -> Decision:
    """Restore the places, even when they have been given on."""
    before = dict(part.split(":") for part in token.data.get("rows", "").split(",") if ":" in part)
    rows = _rows(plan, token)
    event = plan.case.settings.event(token.event)
    if not rows or event is None or plan.case.now >= event.starts:
        plan.letter("too-late", event=token.event, why="started" if event else "erased")
        return plan.done("too late to undo")
    plan.change(*(ChangeRegistration(id=r.id, status=RegistrationStatus(before[r.id])) for r in rows))
    plan.letter(
        "undone",
        to=token.address,
        event=token.event,
        links=(LinkWord.CANCEL,),
        calendar=Calendar.PUBLISH if RegistrationStatus.REGISTERED.value in before.values() else None,
        people=as_people(rows),
        what="cancelled",
    )
    return plan.done("cancellation undone")


def _undo_unsubscribe(plan: Plan, token: Token) -> Decision:
    plan.change(Unsuppress(email=token.address))
    if was := token.data.get("was"):
        status = SubscriptionStatus(was)
        plan.change(SetSubscription(email=token.address, status=status, language=plan.case.language))
    plan.letter("undone", to=token.address, people=[], what="unsubscribed")
    return plan.done("unsubscribe undone")


def _confirmed_cancel(plan: Plan, token: Token) -> Decision:
    rows = tuple(r for r in _rows(plan, token) if r.status is not RegistrationStatus.CANCELLED)
    if rows:
        cancel.cancel(plan, rows)
    return plan.done("cancellation confirmed")


def _confirmed_unsubscribe(plan: Plan, token: Token) -> Decision:
    unsubscribe.unsubscribe(plan, token.address, silent=False)
    return plan.done("unsubscribe confirmed")


def _confirmed_subscription(plan: Plan, token: Token) -> Decision:
    case = plan.case
    plan.change(
        Unsuppress(email=token.address),
        SetSubscription(
            email=token.address,
            status=SubscriptionStatus.SUBSCRIBED,
            language=case.language,
            consent_text=case.understanding.own_text,
            notice_version=case.settings.privacy.notice_version,
        ),
    )
    plan.letter("subscription-confirmed", to=token.address, links=(LinkWord.UNSUBSCRIBE,))
    return plan.done("subscription confirmed")


def _event_mails(plan: Plan, token: Token) -> Decision:
    plan.change(*(ChangeRegistration(id=r.id, event_mails=True) for r in _rows(plan, token)))
    plan.letter("event-mails-kept", to=token.address, event=token.event, nature=Nature.RIGHTS, kept=True)
    return plan.done("event mails go on")


def _data_request(plan: Plan, token: Token) -> Decision:
    """Carry out what the address on record has confirmed (erasure last: after it nobody is left to answer to)."""
    kinds = [RequestKind(k) for k in token.data.get("kinds", "").split(",") if k]
    left = data_request.carry_out(plan, kinds)
    request_id = token.data.get("request", "")
    if RequestKind.RECTIFICATION in kinds:
        left += _rectify(plan, token)
    if RequestKind.ERASURE in kinds:
        plan.letter("erased-person", to=token.address, nature=Nature.RIGHTS, kept=[])
    status = RequestStatus.OPEN if left else RequestStatus.DONE
    plan.change(SetRequest(id=request_id, status=status, step="confirmed by reply"))
    if RequestKind.ERASURE in kinds:
        _free_seats(plan, token)
        plan.change(ErasePerson(address=token.address))
    return plan.review(*(f"{k.value}: a human decides" for k in left)) if left else plan.done("request confirmed by reply")


def _free_seats(plan: Plan, token: Token) -> None:
    for row in plan.case.facts.registered(token.address):
        event = plan.case.settings.event(row.event)
        if row.holds_seat and event is not None:
            cancel.move_up(plan, event, 1)


def _rectify(plan: Plan, token: Token) -> list[RequestKind]:
    fixes = json.loads(token.data.get("corrections") or "[]")
    rows = plan.case.facts.registered(token.address)
    if not fixes or not rows:
        return [RequestKind.RECTIFICATION]
    for row in rows:
        values = {f["field"]: f["new"] for f in fixes if not f["old"] or f["old"] == getattr(row, f["field"]) or len(rows) == 1}
        plan.change(
            ChangeRegistration(id=row.id, name=values.get("name"), institution=values.get("institution"), email=values.get("email"))
        )
    plan.letter("rectified", to=token.address, nature=Nature.RIGHTS, corrections=fixes)
    return []


_HANDLERS: dict[tuple[Purpose, str], Callable[[Plan, Token], Decision]] = {
    (Purpose.UNDO, "cancel"): _undo_cancel,
    (Purpose.UNDO, "unsubscribe"): _undo_unsubscribe,
    (Purpose.YES, "cancel"): _confirmed_cancel,
    (Purpose.YES, "unsubscribe"): _confirmed_unsubscribe,
    (Purpose.YES, "subscribe"): _confirmed_subscription,
    (Purpose.YES, "event-mails"): _event_mails,
    (Purpose.YES, "data-request"): _data_request,
}
