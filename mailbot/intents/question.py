"""Question: a human answers. Who is on record, or names the event, gets a neutral receipt; nobody else hears from us."""

from mailbot.domain.decision import Decision, LinkWord, SetSubscription
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, SubscriptionStatus
from mailbot.intents.base import Case, Plan


def decide(case: Case) -> Decision:
    """Hand over to a human; a written wish for information mails is asked to be confirmed (double opt-in)."""
    plan = Plan(case)
    if case.understanding.wants_mailings:
        return _subscribe(plan)
    receipt(plan)
    return plan.review("a human answers")


def receipt(plan: Plan) -> None:
    """Tell them that a human will answer, if they are on record or name the event (DESIGN section 6)."""
    case = plan.case
    if fold_address(case.sender) in case.facts.on_record or case.understanding.events:
        plan.letter("handed-over")


def _subscribe(plan: Plan) -> Decision:
    case = plan.case
    known = case.facts.subscriptions.get(fold_address(case.sender))
    if known is None or known.status is not SubscriptionStatus.SUBSCRIBED:
        plan.change(
            SetSubscription(
                email=case.sender,
                status=SubscriptionStatus.PENDING,
                language=case.language,
                name=case.mail.sender.name or None if case.mail.sender else None,
                consent_text=case.understanding.own_text,
                notice_version=case.settings.privacy.notice_version,
            )
        )
    plan.letter("subscription-to-confirm", links=(LinkWord.YES,), purpose=Purpose.YES, action="subscribe", informs=True)
    return plan.done("asked to confirm the subscription")
