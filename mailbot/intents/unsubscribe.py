"""Unsubscribe: no more information mails at the first word; a registration that they keep is not touched."""

from mailbot.domain.decision import Decision, LinkWord, Nature, SetSubscription, Suppress
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, SubscriptionStatus
from mailbot.domain.understanding import Action, Kind
from mailbot.intents import cancel
from mailbot.intents.base import Case, Plan


def decide(case: Case) -> Decision:
    """Unsubscribe the sender, or the person whose token came; anybody else is asked on record."""
    plan = Plan(case)
    understood = case.understanding
    if understood.bare_leave and not case.forced and not case.token(Purpose.UNSUBSCRIBE):
        return _bare(plan)
    if understood.action is Action.REVIEW and not case.forced:
        return plan.review("unsubscribe that a human should look at")
    token = case.token(Purpose.UNSUBSCRIBE)
    about = understood.about
    if token is None and about and fold_address(about) != fold_address(case.principal):
        return _ask_on_record(plan, about)
    unsubscribe(plan, token.address if token else case.principal, silent=case.screening.kind is Kind.PROVIDER_UNSUBSCRIBE)
    return plan.done("unsubscribed")


def unsubscribe(plan: Plan, address: str, *, silent: bool) -> None:
    """Suppress the address; confirm once with undo, unless a provider pressed the button (DESIGN section 6)."""
    case = plan.case
    was = case.facts.subscriptions.get(fold_address(address))
    plan.change(Suppress(email=address))
    if was is not None:
        plan.change(SetSubscription(email=address, status=SubscriptionStatus.UNSUBSCRIBED, language=was.language))
    if silent:
        return
    plan.letter(
        "unsubscribed",
        to=address,
        links=(LinkWord.UNDO,),
        purpose=Purpose.UNDO,
        action="unsubscribe",
        data={"was": was.status.value if was else ""},
        keeps_registration=bool(case.facts.registered(address)),
    )


def _bare(plan: Plan) -> Decision:
    """Exactly one matching record decides what "abmelden" means; else it is asked (LABELS rule 3)."""
    case = plan.case
    rows = case.active(case.event())
    subscription = case.facts.subscriptions.get(fold_address(case.principal))
    subscribed = subscription is not None and subscription.status is not SubscriptionStatus.UNSUBSCRIBED
    if rows and not subscribed and len(rows) == 1:
        cancel.cancel(plan, rows)
        return plan.done("only a registration is on record")
    if subscribed and not rows:
        unsubscribe(plan, case.principal, silent=False)
        return plan.done("only a subscription is on record")
    event = case.event()
    plan.letter("which-leave", event=event.id if event else None, links=(LinkWord.CANCEL, LinkWord.UNSUBSCRIBE))
    return plan.done("asked what is meant")


def _ask_on_record(plan: Plan, about: str) -> Decision:
    if fold_address(about) in plan.case.facts.on_record:
        plan.letter(
            "confirm-this",
            to=about,
            nature=Nature.NOTICE,
            links=(LinkWord.YES,),
            purpose=Purpose.YES,
            action="unsubscribe",
            what="unsubscribe",
            due=None,
            people=[],
            corrections=[],
        )
    plan.letter("asked-on-record")
    return plan.done("asked the address on record")
