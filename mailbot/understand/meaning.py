"""One way to read a mail: the wish, what may be done, why; and the readings that others decide: a human, or a last look.

Upstream: ``evidence``; downstream: ``intent``, ``onetap``, ``reasons``, ``reading``.
"""

from dataclasses import dataclass, replace

from mailbot.domain.understanding import Action, Answer, Intent, RequestKind
from mailbot.understand.evidence import Evidence

WISHES = frozenset({Intent.REGISTRATION, Intent.CANCELLATION, Intent.UNSUBSCRIBE, Intent.DATA_SUBJECT_REQUEST})
_VAGUE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a mail; ``complete`` (names, institutions) is judged by ``understand``.

    ``because`` and ``why`` speak for it; ``against`` and ``doubts`` are what keeps mailbot from acting on it by itself.
    """

    intent: Intent
    action: Action
    confidence: float
    because: tuple[Evidence, ...] = ()
    why: str = ""
    against: tuple[Evidence, ...] = ()
    doubts: tuple[str, ...] = ()
    wishes: tuple[Intent, ...] = ()
    kinds: tuple[RequestKind, ...] = ()
    left_out: frozenset[RequestKind] = frozenset()  # rights that are named, but denied, expected or only listed
    answer: Answer | None = None
    bare_leave: bool = False
    against_mailings: bool = False
    wants_mailings: bool = False
    settled: bool = False  # by structure (a link, a token, an instruction), not by words that may be weighed

    @property
    def vague(self) -> bool:
        """Whether no wish was recognised."""
        return self.confidence <= _VAGUE and self.intent in {Intent.QUESTION, Intent.UNCLEAR}

    @property
    def open(self) -> bool:
        """Whether it is a wish that may be acted on and was read from words, so that it must be weighed whether to."""
        return self.intent in WISHES and not (self.settled or self.bare_leave)


def told(reading: Reading, intent: Intent) -> Reading:
    """The reading with the intent that a human says it has."""
    why = "a human says so" if reading.intent is not intent else reading.why
    sure = replace(reading, against=(), doubts=(), confidence=1.0)
    return replace(sure, intent=intent, wishes=(intent,), action=Action.ACT, why=why, bare_leave=False, settled=True)
