"""Unclear: ask once which of the usual wishes is meant, or hand over to a human."""

from mailbot.domain.decision import Decision, LinkWord
from mailbot.domain.understanding import Action
from mailbot.intents import question
from mailbot.intents.base import Case, Plan


def decide(case: Case) -> Decision:
    """Ask back where a reply can settle it; else a human reads it."""
    plan = Plan(case)
    if case.understanding.action is Action.ASK:
        event = case.event()
        links = (LinkWord.CANCEL, LinkWord.UNSUBSCRIBE) if case.active(None) else ()
        plan.letter("not-understood", event=event.id if event else None, links=links)
        return plan.done("asked what is meant")
    question.receipt(plan)
    return plan.review("what they want can't be told")
