"""One way to read a mail: the wish, what may be done, why; and the readings that others decide: a human, or a last look.

Upstream: ``evidence``; downstream: ``intent``, ``onetap``, ``reading``.
"""

from dataclasses import dataclass, replace

from mailbot.domain.understanding import Action, Answer, Intent, Reason, RequestKind
from mailbot.understand.evidence import Evidence

_VAGUE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a mail; ``complete`` (names, institutions) is judged by ``understand``."""

    intent: Intent
    action: Action
    confidence: float
    because: tuple[Evidence, ...] = ()
    why: str = ""
    wishes: tuple[Intent, ...] = ()
    kinds: tuple[RequestKind, ...] = ()
    answer: Answer | None = None
    bare_leave: bool = False
    against_mailings: bool = False
    wants_mailings: bool = False

    @property
    def vague(self) -> bool:
        """Whether no wish was recognised."""
        return self.confidence <= _VAGUE and self.intent in {Intent.QUESTION, Intent.UNCLEAR}

    def reasons(self) -> tuple[Reason, ...]:
        """Say why, with the words quoted."""
        quoted = tuple(Reason(text=f"{e.signal}: „{e.quote}“", weight=self.confidence) for e in self.because[:6])
        return (*((Reason(text=self.why, weight=self.confidence),) if self.why else ()), *quoted)


def told(reading: Reading, intent: Intent) -> Reading:
    """The reading with the intent that a human says it has."""
    why = "a human says so" if reading.intent is not intent else reading.why
    return replace(reading, intent=intent, wishes=(intent,), action=Action.ACT, confidence=1.0, why=why, bare_leave=False)


def perhaps_registration(reading: Reading, *, complete: bool) -> Reading:
    """A mail without a wish that was recognised, but with everything that a registration needs: for a human to see."""
    if not complete:
        return reading
    intent = Intent.REGISTRATION
    return replace(reading, intent=intent, wishes=(intent,), why="names the event, a person and an institution, but no wish")
