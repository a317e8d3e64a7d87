"""Answers to our own question in the sender's words: a yes only where nothing in it denies, asks or makes a reservation.

Upstream: ``verdict``; downstream: ``reading``. One word ("ja", "yes please") never comes here: the rules know it.
"""

from dataclasses import replace

from mailbot.domain.understanding import Action, Answer, Intent
from mailbot.understand.evidence import TEXT, Findings
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.meaning import Reading

_AGREES = 0.85
_NO_YES = ("no_answer", "undo", "cannot", "cancel", "wavering", "attend", "register", "keep_registration", "later")


def agreed(reading: Reading, found: Findings, lexicons: Lexicons, *, token: bool) -> Reading:
    """Give the reading of an answer: what a yes sets going can't always be undone, so a human looks at any other."""
    if reading.intent is not Intent.CONFIRMATION or reading.settled or reading.answer not in {None, Answer.YES}:
        return reading
    words = {w.text for s in found.sentences for w in s.words if s.where == TEXT}
    reserved = words & (lexicons.words("negation") | lexicons.words("conditional") | lexicons.words("reservations"))
    if token and reading.confidence >= _AGREES and not (reserved or found.questions or found.all(*_NO_YES)):
        return replace(reading, action=Action.ACT, answer=Answer.YES, doubts=())
    return replace(reading, action=Action.REVIEW, answer=None, doubts=(*reading.doubts, "does not plainly say yes"))
