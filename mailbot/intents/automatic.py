"""Automatic mail: never answered, nothing changed; a bounce of a mail of ours is noted against the address (RFC 3464)."""

from mailbot.domain.decision import NoteBounce
from mailbot.domain.mail import fold_address
from mailbot.intents.plan import Plan


def decide(plan: Plan) -> None:
    """File it away; note bounces that bring back a token of ours for just that address: others may be forged."""
    ours = {fold_address(t.address) for t in plan.case.facts.tokens}
    for bounce in plan.case.screening.bounces:
        if fold_address(bounce.address) in ours:
            plan.change(NoteBounce(address=bounce.address, permanent=bounce.permanent, status=bounce.status))
    for reason in plan.case.screening.reasons:
        plan.note(reason)
