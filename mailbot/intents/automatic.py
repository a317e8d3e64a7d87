"""Automatic mail: never answered, nothing changed; a bounce of a mail of ours is noted against the address (RFC 3464)."""

from mailbot.domain.decision import Decision, Folder, NoteBounce
from mailbot.domain.states import Outcome
from mailbot.intents.base import Case


def decide(case: Case) -> Decision:
    """File it away; note bounces."""
    bounces = tuple(NoteBounce(address=b.address, permanent=b.permanent, status=b.status) for b in case.screening.bounces)
    return Decision(outcome=Outcome.DONE, filing=Folder.DONE, changes=bounces, reasons=case.screening.reasons)
