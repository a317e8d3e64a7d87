"""Confirmation: a reply to our own question, proved by the token that it brings back; yes, no or undo.

A token is bound to one purpose, person and event. A used or expired one makes the mail an ordinary mail.
"""

from collections.abc import Callable
from dataclasses import replace

from mailbot.domain.decision import Calendar, ChangeRegistration, LinkWord, Nature, SetRequest, SetSubscription, Unsuppress
from mailbot.domain.facts import Registration, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.domain.understanding import Answer
from mailbot.intents import cancel, data_request, unclear, unsubscribe
from mailbot.intents.base import Case
from mailbot.intents.people import persons
from mailbot.intents.plan import Plan, as_people


def decide(plan: Plan) -> None:
    """Do what was asked when the answer agrees."""
    case = plan.case
    token = open_token(case)
    if token is None:
        unclear.decide(plan)
        return
    plan.use(token.tag)
    plan.case = replace(case, acting_for=token.address)
    if case.understanding.answer is Answer.NO:
        _no(plan, token)
    else:
        _HANDLERS[token.purpose, token.action](plan, token)


def open_token(case: Case) -> Token | None:
    """The open question that a yes or no answers, or what an undo undoes; None when there is none (any more)."""
    answer = case.understanding.answer
    if answer is None:
        return None
    purpose = Purpose.UNDO if answer is Answer.UNDO else Purpose.YES
    usable = (t for t in case.facts.tokens if t.usable and t.purpose is purpose and (purpose, t.action) in _HANDLERS)
    return next(usable, None)


def _rows(plan: Plan, token: Token, key: str = "rows") -> tuple[Registration, ...]:
    wanted = {part.split(":")[0] for part in token.data.get(key, "").split(",")}
    return tuple(r for r in plan.case.facts.registrations if r.id in wanted and (key != "rows" or _owned(r, token)))


def _owned(row: Registration, token: Token) -> bool:
    return fold_address(row.email) == fold_address(token.address)


def _no(plan: Plan, token: Token) -> None:
    """Nothing is done. A request that the address on record did not make ends here, and a subscription never begins."""
    requests = [part.split(":")[1] for part in token.data.get("requests", "").split(",") if ":" in part]
    still = {r.id for r in plan.case.facts.requests if r.status is RequestStatus.IDENTITY_PENDING}
    plan.change(*(SetRequest(id=i, status=RequestStatus.DONE, step="answered no") for i in requests if i in still))
    if token.action == "subscribe":
        plan.change(SetSubscription(email=token.address, status=SubscriptionStatus.UNSUBSCRIBED, language=plan.case.language))
    if token.action == "event-mails":
        plan.letter("event-mails-kept", token.address, event=token.event, nature=Nature.RIGHTS, kept=False)
    plan.note("answered no: nothing is done")


def _undo_cancel(plan: Plan, token: Token) -> None:
    """Restore the places, even when they have been given on."""
    was = dict(part.split(":") for part in token.data.get("rows", "").split(",") if ":" in part)
    rows = [r for r in _rows(plan, token) if r.status is RegistrationStatus.CANCELLED and r.id in was]
    event = token.event or ""
    if why := plan.case.over(event):
        plan.refuse("too-late", token.address, "too late to undo", event=token.event, why=why)
        return
    restored = [plan.set_status(r, RegistrationStatus(was[r.id])) for r in rows] or list(_rows(plan, token))
    if not restored:
        plan.refuse("not-registered", token.address, "nothing to restore", event=token.event)
        return
    plan.letter(
        "undone",
        token.address,
        name=restored[0].name if len(persons(restored)) == 1 else None,
        event=token.event,
        links=(LinkWord.CANCEL,),
        calendar=Calendar.PUBLISH if any(r.holds_seat for r in restored) else None,
        people=as_people(restored),
        what="cancelled",
    )
    plan.note("cancellation undone")


def _undo_substitution(plan: Plan, token: Token) -> None:
    """The seat goes back; who was to come instead gives it up and, at an address of their own, hears how to undo that."""
    instead = [r for r in _rows(plan, token, "instead") if r.status in {RegistrationStatus.REGISTERED, RegistrationStatus.WAITING}]
    if not plan.case.over(token.event or ""):
        for row in instead:
            if _owned(row, token):
                plan.set_status(row, RegistrationStatus.CANCELLED)
        cancel.cancel(plan, [r for r in instead if not _owned(r, token)])
    _undo_cancel(plan, token)


def _undo_unsubscribe(plan: Plan, token: Token) -> None:
    plan.change(Unsuppress(email=token.address))
    if was := token.data.get("was"):
        known = plan.case.facts.subscriptions.get(fold_address(token.address))
        language = known.language if known else plan.case.language
        plan.change(SetSubscription(email=token.address, status=SubscriptionStatus(was), language=language))
    plan.letter("undone", token.address, links=(LinkWord.UNSUBSCRIBE,) if was else (), people=[], what="unsubscribed")
    plan.note("unsubscribe undone")


def _confirmed_cancel(plan: Plan, token: Token) -> None:
    rows = [r for r in _rows(plan, token) if r in plan.case.rows(token.address)]
    coming = [r for r in rows if not plan.case.over(r.event)]
    if rows and not coming:
        plan.refuse("too-late", token.address, "the event is over", event=token.event, why=plan.case.over(rows[0].event))
    elif not rows:
        plan.letter("not-registered", token.address, event=token.event)
    cancel.cancel(plan, coming)
    plan.note("cancellation confirmed")


def _confirmed_unsubscribe(plan: Plan, token: Token) -> None:
    unsubscribe.unsubscribe(plan, token.address, silent=False)
    plan.note("unsubscribe confirmed")


def _confirmed_subscription(plan: Plan, token: Token) -> None:
    """Art. 7 (1): what they wrote when they asked is the proof, and so is the reply that confirms it."""
    case = plan.case
    texts = (token.data.get("text", ""), case.understanding.own_text)
    plan.change(
        Unsuppress(email=token.address),
        SetSubscription(
            email=token.address,
            status=SubscriptionStatus.SUBSCRIBED,
            language=case.language,
            consent_text="\n\n".join(filter(None, texts)),
            notice_version=case.settings.privacy.notice_version,
        ),
    )
    plan.letter("subscription-confirmed", token.address, links=(LinkWord.UNSUBSCRIBE,))
    plan.note("subscription confirmed")


def _event_mails(plan: Plan, token: Token) -> None:
    plan.change(*(ChangeRegistration(id=r.id, event_mails=True) for r in _rows(plan, token)))
    plan.letter("event-mails-kept", token.address, event=token.event, nature=Nature.RIGHTS, kept=True)
    plan.note("event mails go on")


_HANDLERS: dict[tuple[Purpose, str], Callable[[Plan, Token], None]] = {
    (Purpose.UNDO, "cancel"): _undo_cancel,
    (Purpose.UNDO, "substitute"): _undo_substitution,
    (Purpose.UNDO, "unsubscribe"): _undo_unsubscribe,
    (Purpose.YES, "cancel"): _confirmed_cancel,
    (Purpose.YES, "unsubscribe"): _confirmed_unsubscribe,
    (Purpose.YES, "subscribe"): _confirmed_subscription,
    (Purpose.YES, "event-mails"): _event_mails,
    (Purpose.YES, "data-request"): data_request.confirmed,
}
