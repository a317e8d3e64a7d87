"""One-tap links of ours, sent back unchanged: subject and body are known words, so there is nothing to guess.

Upstream: ``lexicon``; downstream: ``reading``. Anything changed makes it an ordinary mail.
"""

from functools import lru_cache

from mailbot.domain.decision import LinkWord
from mailbot.domain.understanding import Action, Answer, Intent, RequestKind
from mailbot.understand.lexicon import Lexicons, link
from mailbot.understand.meaning import Reading
from mailbot.understand.normal import fold

_LONGEST = 200
_WHY = "a one-tap link of ours, unchanged"


def _reading(intent: Intent, answer: Answer | None = None, kinds: tuple[RequestKind, ...] = ()) -> Reading:
    return Reading(
        intent=intent, action=Action.ACT, confidence=1.0, why=_WHY, wishes=(intent,), answer=answer, kinds=kinds, settled=True
    )


_READINGS = {
    LinkWord.YES: _reading(Intent.CONFIRMATION, Answer.YES),
    LinkWord.NO: _reading(Intent.CONFIRMATION, Answer.NO),
    LinkWord.UNDO: _reading(Intent.CONFIRMATION, Answer.UNDO),
    LinkWord.REGISTER: _reading(Intent.REGISTRATION),
    LinkWord.CANCEL: _reading(Intent.CANCELLATION),
    LinkWord.UNSUBSCRIBE: _reading(Intent.UNSUBSCRIBE),
    LinkWord.ACCESS: _reading(Intent.DATA_SUBJECT_REQUEST, kinds=(RequestKind.ACCESS,)),
    LinkWord.ERASE: _reading(Intent.DATA_SUBJECT_REQUEST, kinds=(RequestKind.ERASURE,)),
}


def read(subject: str, text: str, lexicons: Lexicons) -> Reading | None:
    """Give the wish of a one-tap link, None for any other mail. A phone may add its signature below the sentence."""
    words = subject.split(maxsplit=1)
    if not words or len(text) > _LONGEST:
        return None
    word = _known(tuple(lexicons.by_language)).get((fold(words[0]), _same(text)))
    return _READINGS[word] if word else None


@lru_cache(maxsize=4)
def _known(languages: tuple[str, ...]) -> dict[tuple[str, str], LinkWord]:
    """Subject word and body of every link of ours."""
    return {(fold(k.word), _same(k.body)): word for language in languages for word in LinkWord for k in (link(language, word),)}


def _same(text: str) -> str:
    return " ".join(fold(w) for w in text.split())
