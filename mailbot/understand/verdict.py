"""The rules' reading and the second opinion brought together: what is likeliest, and whether mailbot may act on it alone.

Upstream: ``intent``, ``opinion``, ``trust``; downstream: ``reading``.
"""

from dataclasses import replace

from mailbot.domain.understanding import Action, Intent, RequestKind
from mailbot.settings import Certainty
from mailbot.understand.meaning import WISHES, Reading
from mailbot.understand.opinion import Opinion

_LEAVING = {Intent.CANCELLATION, Intent.UNSUBSCRIBE}
_PLAINLY = 0.95  # what "abmelden" alone never reaches
_KEEP, _ADD = 0.1, 0.4  # a right that the rules found, and one that only the model sees
_DENIED = 0.85  # a right that the rules saw denied, expected or only listed


def likeliest(ruled: Reading, view: Opinion, certainty: Certainty, *, tied: bool) -> Reading:
    """Give the likeliest reading. Readings that need no opinion (one-tap links, answers with a token) stay as they are.

    ``tied``: the mail names an event or answers one of ours, so a human should see it in any case. An ``open`` reading is still
    to be judged.
    """
    if ruled.settled:
        return ruled
    chance = view.intents[view.intent]
    if ruled.bare_leave and view.intent in _LEAVING and chance < _PLAINLY:
        return ruled  # "abmelden" alone: from what is asked
    if view.intent not in WISHES:
        return replace(ruled, confidence=chance) if view.intent is ruled.intent else _lowered(ruled, view, certainty, tied)
    if view.intent is Intent.DATA_SUBJECT_REQUEST and _only_left_out(ruled, view):
        return replace(ruled, action=Action.REVIEW) if ruled.intent not in WISHES else ruled
    reading = replace(ruled, confidence=chance) if view.intent is ruled.intent else _other(ruled, view)
    return _with_rights(reading, view) if view.intent is Intent.DATA_SUBJECT_REQUEST else reading


def judged(reading: Reading, trust: float, *, needed: float, doubt: str = "") -> Reading:
    """Give an open reading with what may be done: what it wishes if acting is as likely right (0 to 1) as is ``needed``.

    ``doubt`` leaves it to a human however likely that is.
    """
    if trust >= needed and not doubt:
        return replace(reading, action=Action.ACT, against=(), doubts=())
    unsure = f"is not sure enough to be acted on ({trust:.2f} of {needed:.2f})"
    return replace(reading, action=Action.REVIEW, doubts=(*reading.doubts, doubt or unsure))


def _only_left_out(ruled: Reading, view: Opinion) -> bool:
    """Whether every right that the model sees is one that the rules saw denied, expected or only listed."""
    return not ruled.kinds and bool(ruled.left_out) and all(view.kinds[k] < _needed(k, ruled) for k in RequestKind)


def _other(ruled: Reading, view: Opinion) -> Reading:
    """The wish that the model sees and the rules do not."""
    wishes = (w for w in ruled.wishes if w in {*WISHES, Intent.QUESTION} and w is not view.intent)
    return Reading(
        intent=view.intent,
        action=Action.ACT,
        confidence=view.intents[view.intent],
        why=_words(view, view.intent),
        against=ruled.against,
        wishes=(view.intent, *wishes),
        left_out=ruled.left_out,
        wants_mailings=ruled.wants_mailings,
    )


def _lowered(ruled: Reading, view: Opinion, certainty: Certainty, tied: bool) -> Reading:
    """The model sees no wish: a question, a mail that can't be told, or a machine's words. Nothing is done."""
    intent, chance = view.intent, view.intents[view.intent]
    if intent is Intent.CONFIRMATION and not tied:  # without a question of ours there is nothing to confirm
        intent = ruled.intent if ruled.intent not in WISHES else Intent.UNCLEAR
    unseen = intent is Intent.AUTOMATIC and not tied and chance >= certainty.automatic
    return Reading(
        intent=intent,
        action=Action.IGNORE if unseen else Action.REVIEW,
        confidence=chance,
        because=ruled.because if ruled.intent not in WISHES else (),
        why=_words(view, intent),
        against=ruled.because if ruled.intent in WISHES else (),
        wishes=(intent,),
        wants_mailings=ruled.wants_mailings,
    )


def _with_rights(reading: Reading, view: Opinion) -> Reading:
    """The rights that are claimed: the rules' unless the model rules them out, and those it is sure of."""
    kinds = tuple(k for k in RequestKind if view.kinds[k] >= _needed(k, reading))
    return replace(reading, kinds=kinds or reading.kinds or (max(RequestKind, key=lambda k: view.kinds[k]),))


def _needed(kind: RequestKind, ruled: Reading) -> float:
    """How sure the model must be of a right: less where the rules found it, more where they saw it denied or only listed."""
    return _KEEP if kind in ruled.kinds else _DENIED if kind in ruled.left_out else _ADD


def _words(view: Opinion, intent: Intent) -> str:
    """Say which words speak for an intent."""
    words = ", ".join(f"„{w.replace('^ ', '')}“" for w in view.words(intent))
    return f"its words speak for it: {words}" if words else "its words, taken together"
