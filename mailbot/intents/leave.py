"""A bare "abmelden": what is on record decides when exactly one thing can be left; else it is asked (LABELS rule 3)."""

from mailbot.domain.decision import LinkWord
from mailbot.intents import cancel, dialogue, unsubscribe
from mailbot.intents.plan import Plan


def decide(plan: Plan) -> None:
    """Leave the event, or the information mails, or ask."""
    case = plan.case
    rows = [r for r in case.rows(case.principal) if not case.over(r.event)]
    subscribed = unsubscribe.subscribed(case, case.principal)
    if about := case.elsewhere():
        (cancel if case.rows(about) else unsubscribe).decide(plan)
    elif rows and not subscribed:
        cancel.decide(plan)
    elif subscribed and not rows:
        unsubscribe.unsubscribe(plan, case.principal, silent=False)
        plan.note("only a subscription is on record")
    else:
        links = ((LinkWord.CANCEL,) if rows else ()) + (LinkWord.UNSUBSCRIBE,)
        events = {r.event for r in rows} or {e.id for e in case.settings.events}
        dialogue.ask_leave(plan, case.principal, next(iter(events)) if len(events) == 1 else None, links)
