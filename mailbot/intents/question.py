"""Question: a human answers. Who is on record, or names the event, gets a neutral receipt; nobody else hears from us."""

from mailbot.domain.decision import LinkWord, SetSubscription
from mailbot.domain.mail import Defect, fold_address
from mailbot.domain.states import Purpose, SubscriptionStatus
from mailbot.domain.understanding import Intent
from mailbot.intents.plan import Plan

_SAY_SO = {"handed-over", "too-large", "request-received"}


def decide(plan: Plan) -> None:
    """Hand over to a human; a mere wish for information mails is no question."""
    understood = plan.case.understanding
    if understood.wants_mailings and "?" not in understood.own_text and understood.intent is Intent.QUESTION:
        return
    plan.hand_over("a human answers")
    receipt(plan)


def receipt(plan: Plan) -> None:
    """Tell them that a human will answer: once a day, if they are on record or name the event (DESIGN section 6).

    A confirmation that says so already (``also_asks``) is enough.
    """
    case = plan.case
    key = fold_address(case.sender)
    if case.forged or case.screening.web_form or key in case.facts.receipted or _told(plan):
        return
    if Defect.TRUNCATED in case.mail.defects:
        plan.letter("too-large", case.sender, limit=case.settings.limits.max_mail_bytes)
    elif key in case.facts.on_record or case.understanding.events or plan.letters:
        plan.letter("handed-over", case.sender)


def _told(plan: Plan) -> bool:
    """Whether a letter of this very decision says already that a human answers."""
    mine = [letter for letter in plan.letters if plan.is_sender(letter.to)]
    return any(m.values.get("also_asks") or m.template in _SAY_SO for m in mine)


def subscribe(plan: Plan) -> None:
    """Ask whoever wants information mails for the reply that confirms it (double opt-in); nothing else is sent before."""
    case = plan.case
    address = case.writer
    known = case.facts.subscriptions.get(fold_address(address))
    if known is not None and known.status is SubscriptionStatus.SUBSCRIBED and fold_address(address) not in case.facts.suppressed:
        plan.letter("subscription-confirmed", address, links=(LinkWord.UNSUBSCRIBE,))
        plan.note("subscribed already")
        return
    plan.change(
        SetSubscription(
            email=address,
            status=SubscriptionStatus.PENDING,
            language=case.language,
            name=case.sender_name or None,
            consent_text=case.understanding.own_text,
            notice_version=case.settings.privacy.notice_version,
        )
    )
    data = {"text": case.understanding.own_text}
    plan.letter("subscription-to-confirm", address, links=(LinkWord.YES,), purpose=Purpose.YES, action="subscribe", data=data)
    plan.note("asked to confirm the subscription")
