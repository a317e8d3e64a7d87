"""The evidence of one mail sorted by wish, and what surrounds its words. Never decides between wishes.

Upstream: ``evidence``, ``rights``; downstream: ``intent``.
"""

from dataclasses import dataclass

from mailbot.understand import rights
from mailbot.understand.evidence import SUBJECT, Evidence, Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What surrounds the words: a reply to our mail or not, with our token or not, to which kind of mail."""

    token: bool = False
    forward: bool = False
    to_mailing: bool = False
    to_registration: bool = False
    to_invitation: bool = False
    foreign: bool = False
    form: bool = False  # names and institutions in form lines or a list
    replaced: bool = False  # names who comes instead of whom
    completed: bool = False  # the text gives just what our question asked for
    words: int = 0
    text_words: int = 0
    attachment: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """The evidence sorted by wish."""

    found: Findings
    context: Context
    register: list[Evidence]
    attend: list[Evidence]
    cancel: list[Evidence]
    cannot: list[Evidence]
    leave: list[Evidence]
    unsubscribe: list[Evidence]
    human: list[Evidence]

    @property
    def joining(self) -> list[Evidence]:
        """Words that want to take part."""
        return self.register + self.attend


def wishes(found: Findings, context: Context) -> Wishes:
    """Sort the evidence; what is kept ("den Newsletter behalten") is no wish to end it."""
    seats = found.where("participant_list", "newsletter", "advertised")
    unsubscribe = [] if found.plain("keep_mailings") else [e for e in found.plain("unsubscribe") if e.sentence not in seats]
    if not unsubscribe:  # "I'd rather not get the newsletter"
        unsubscribe = [e for e in found.all("subscribe") if e.negated and not (e.question or e.supposed)]
    return Wishes(
        found=found,
        context=context,
        register=_asked_for(found, "register"),
        attend=_asked_for(found, "attend"),
        cancel=found.plain("cancel"),
        cannot=[e for e in found.plain("cannot") if e.sentence not in found.where("past_absence")],
        leave=[
            e
            for e in found.all("bare_leave")
            if not e.negated and not e.supposed and e.sentence not in seats | found.where("later")
        ],
        unsubscribe=unsubscribe,
        human=rights.for_a_human(found),
    )


def _asked_for(found: Findings, signal: str) -> list[Evidence]:
    """Wishes to take part; what is told of the past, later, by an advertisement or behind "I'd like to know" is none."""
    told = found.where("already", "later", "advertised", "keep_registration") | {e.sentence for e in found.plain("cancel")}
    asking = {e.sentence: e.start for e in found.all("question") if e.where != SUBJECT}
    return [
        e
        for e in found.plain(signal)
        if e.sentence not in told and not (signal == "attend" and asking.get(e.sentence, e.start + 1) <= e.start)
    ]
