"""Decide one mail: (understanding, facts, settings, now) → Decision. Holds what is true for every intent; pure.

Upstream: ``understand`` and ``store.facts``; downstream: ``render`` and ``store.commit``.
"""

from dataclasses import replace

from mailbot.domain.decision import Decision, Folder
from mailbot.domain.facts import Query
from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.states import Outcome, Purpose
from mailbot.domain.understanding import Action, Authentication, Intent, Understanding
from mailbot.intents import HANDLERS
from mailbot.intents.base import Case

_COMPLETES = {Intent.REGISTRATION, Intent.CONFIRMATION, Intent.UNCLEAR}
FORCED: dict[Folder | None, Intent] = {
    Folder.REGISTER: Intent.REGISTRATION,
    Folder.CANCEL: Intent.CANCELLATION,
    Folder.UNSUBSCRIBE: Intent.UNSUBSCRIBE,
    Folder.DATA_REQUEST: Intent.DATA_SUBJECT_REQUEST,
}


def query(mail: IncomingMail, understood: Understanding) -> Query:
    """Say what must be known to decide this mail."""
    sender = mail.sender.email if mail.sender else ""
    named = [p.email for p in understood.participants if p.email] + ([understood.about] if understood.about else [])
    dossiers = bool({Intent.DATA_SUBJECT_REQUEST, Intent.CONFIRMATION} & {understood.intent, *understood.wishes})
    return Query(
        sender=fold_address(sender),
        addresses=frozenset(fold_address(a) for a in (*named, sender) if a),
        tags=understood.tags,
        dossiers=dossiers,
    )


def force(understood: Understanding, folder: Folder | None) -> Understanding:
    """Replace the understanding by a human's, who moved the mail to this folder; people and rights found are kept."""
    if folder not in FORCED:
        return understood
    return replace(understood, intent=FORCED[folder], action=Action.ACT, confidence=1.0)


def decide(case: Case) -> Decision:
    """Pick the intent's module after the rules that hold for all: automatic first, then identity."""
    understood = case.understanding
    if understood.intent is Intent.AUTOMATIC or understood.action is Action.IGNORE:
        return HANDLERS[Intent.AUTOMATIC](case)
    if case.mail.sender is None:
        return _review("no single sender: nobody to answer to")
    if case.screening.authentication is Authentication.FAIL and not case.forced:
        return _review("a trusted server says that the sender's domain did not send this (DMARC fail)")
    if understood.intent in _COMPLETES and case.token(Purpose.YES, "complete"):
        return HANDLERS[Intent.REGISTRATION](case)
    return HANDLERS[understood.intent](case)


def ignored() -> Decision:
    """File a mail that a human told us to ignore: nothing changes, nothing is answered."""
    return Decision(outcome=Outcome.DONE, filing=Folder.DONE, reasons=("a human moved it to Ignore",))


def _review(reason: str) -> Decision:
    return Decision(outcome=Outcome.REVIEW, filing=Folder.REVIEW, reasons=(reason,))
