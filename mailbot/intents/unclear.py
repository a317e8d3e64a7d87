"""Unclear: ask once which of the usual wishes is meant, or hand over to a human."""

from mailbot.domain.decision import LinkWord
from mailbot.domain.understanding import Action
from mailbot.intents import complete, question, unsubscribe
from mailbot.intents.plan import Plan


def decide(plan: Plan) -> None:
    """Ask back where a reply can settle it; else a human reads it. Who owes us an answer is asked for it again."""
    case = plan.case
    asked = complete.repeat(plan)
    if case.understanding.action is not Action.ASK:
        plan.hand_over("what they want can't be told")
        if not asked:
            question.receipt(plan)
    elif not asked:
        _ask(plan)


def _ask(plan: Plan) -> None:
    case = plan.case
    rows = [r for r in case.rows(case.sender) if not case.over(r.event)]
    events = {r.event for r in rows} or {e.id for e in case.settings.events}
    links = ((LinkWord.CANCEL,) if rows else ()) + ((LinkWord.UNSUBSCRIBE,) if unsubscribe.subscribed(case, case.sender) else ())
    plan.letter("not-understood", case.sender, event=next(iter(events)) if len(events) == 1 else None, links=links)
    plan.note("asked what is meant")
