"""Absence notes: what proves one, and what only reads like one, so that a human looks and nobody is answered.

Whoever is on holiday and cancels writes of it too: the words of the text alone never file a mail away.
Neighbours: ``wording`` holds what people and programs say. Pure.
"""

import re

from mailbot.domain.mail import IncomingMail
from mailbot.screen import wording

_HEAD, _FIRST_WORDS = 1_500, 300
_QUESTION = re.compile(r"\w\?(?:\s|$)")


def is_note(mail: IncomingMail) -> bool:
    """Whether the subject says so by itself, or does so together with the text."""
    subject = wording.subject_of(mail.subject)
    if wording.ABSENCE_SUBJECT.match(subject) or wording.AWAY_SUBJECT.match(subject):
        return True
    return bool(wording.PERHAPS_ABSENT_SUBJECT.match(subject)) and _text_says_so(_head(mail), wording.ABSENT)


def reads_like_note(mail: IncomingMail) -> bool:
    """Whether the subject may be an absence note's, or the text in a language of which ``understand`` knows no more than that."""
    if wording.PERHAPS_ABSENT_SUBJECT.match(wording.subject_of(mail.subject)):
        return True
    head = _head(mail)
    folded = head.casefold()
    return any(stem in folded for stem in wording.ABSENT_STEMS) and _text_says_so(head, wording.ABSENT_ELSEWHERE)


def asks(mail: IncomingMail) -> bool:
    """Whether the text asks something, as machines hardly do."""
    return bool(_QUESTION.search(_head(mail)[:_FIRST_WORDS]))


def _head(mail: IncomingMail) -> str:
    """The beginning of the text; what is quoted does not count."""
    return mail.text[:_HEAD].partition("\n>")[0]


def _text_says_so(head: str, absent: re.Pattern[str]) -> bool:
    """Somebody is away and says what becomes of the mail; or it says that a machine answers."""
    if not absent.search(head):
        return False
    return bool(wording.INSTEAD.search(head) or wording.SAYS_AUTOMATIC.search(head[:_FIRST_WORDS]))
