"""Unsubscribe: no more information mails at the first word; a registration that they keep is not touched."""

from mailbot.domain.decision import LinkWord, SetSubscription, Suppress
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, SubscriptionStatus
from mailbot.domain.understanding import Kind
from mailbot.intents.base import Case
from mailbot.intents.plan import Plan


def decide(plan: Plan) -> None:
    """Unsubscribe the sender, or the person whose token came; anybody else is asked on record."""
    case = plan.case
    token = case.proof(Purpose.UNSUBSCRIBE, Purpose.THREAD)
    address = case.acting_for or (token.address if token else case.sender)
    about = case.understanding.about
    if about and fold_address(about) == fold_address(case.sender):
        address = case.sender
    elif about and fold_address(about) != fold_address(address):
        _ask_on_record(plan, about)
        return
    unsubscribe(plan, address, silent=case.screening.kind is Kind.PROVIDER_UNSUBSCRIBE and not case.forced)
    plan.note("unsubscribed")


def subscribed(case: Case, address: str) -> bool:
    """Whether information mails go to this address, or would after a reply."""
    found = case.facts.subscriptions.get(fold_address(address))
    return found is not None and found.status is not SubscriptionStatus.UNSUBSCRIBED


def end_mailings(plan: Plan, address: str) -> None:
    """Keep the hash that blocks information mails, and let the subscription end (GDPR Art. 21 (3))."""
    plan.change(Suppress(email=address))
    if was := plan.case.facts.subscriptions.get(fold_address(address)):
        plan.change(SetSubscription(email=was.email, status=SubscriptionStatus.UNSUBSCRIBED, language=was.language))


def unsubscribe(plan: Plan, address: str, *, silent: bool) -> None:
    """Suppress the address; confirm once with undo, unless a provider pressed the button (DESIGN section 6)."""
    case = plan.case
    was = case.facts.subscriptions.get(fold_address(address))
    end_mailings(plan, address)
    if silent:
        return
    plan.letter(
        "unsubscribed",
        address,
        links=(LinkWord.UNDO,),
        purpose=Purpose.UNDO,
        action="unsubscribe",
        data={"was": was.status.value if was else ""},
        keeps_registration=any(not case.over(r.event) for r in case.rows(address)),
    )


def _ask_on_record(plan: Plan, about: str) -> None:
    """Ask the address on record; the sender hears the same in any case."""
    if fold_address(about) in plan.case.facts.on_record:
        plan.unasked(
            "confirm-this",
            about,
            links=(LinkWord.YES, LinkWord.NO),
            purpose=Purpose.YES,
            action="unsubscribe",
            what="unsubscribe",
            due=None,
            people=[],
            corrections=[],
            kinds=[],
        )
    plan.letter("asked-on-record", plan.case.sender)
    plan.note("asked the address on record")
