"""Why a mail was read so, in words for a human: each reason once, with the sender's words and its weight.

Never decides. A weight above zero is the share of the confidence that this kind of evidence has; one below zero speaks against
acting without a human (or without asking back), and all of those together outweigh the others, since they stopped it.
Upstream: ``meaning``, ``evidence``; downstream: ``reading``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from mailbot.domain.understanding import Action, Intent, Kind, Quote, Reason, RequestKind, Screening
from mailbot.understand.evidence import SUBJECT, Evidence, Findings
from mailbot.understand.meaning import Reading

_SHOWN, _MARKED = 4, 20  # quotes of one reason in its text, and all that are remembered
_LONG = 100
_PLAIN, _SOFT = 1.0, 0.5  # a plain wish, and what only lets one think of it

SAID = {  # what a signal says when it is plain
    "register": "wants to take part",
    "attend": "wants to come",
    "if_so": "wants to take part if something holds",
    "cancel": "cancels",
    "cannot": "cannot come",
    "bare_leave": "signs off",
    "unsubscribe": "wants no more information mails",
    "subscribe": "wants information mails",
    "keep_mailings": "wants to keep the information mails",
    "keep_registration": "wants to stay registered",
    "access": "asks which data are stored (Art. 15 GDPR)",
    "access_loose": "asks what is known about them",
    "portability": "wants the data to take with them (Art. 20 GDPR)",
    "rectification": "wants data corrected (Art. 16 GDPR)",
    "restriction": "wants the use of the data restricted (Art. 18 GDPR)",
    "objection": "objects to the use of the data (Art. 21 GDPR)",
    "consent_withdrawal": "withdraws a consent (Art. 7 (3) GDPR)",
    "take_back": "withdraws a consent (Art. 7 (3) GDPR)",
    "erasure": "wants data erased (Art. 17 GDPR)",
    "erasure_part": "is about a part of the data only",
    "postponed": "is to be done later",
    "third_party": "is about somebody else's data",
    "threat": "threatens with a lawyer, a court or an authority",
    "authority": "speaks as an authority or a court",
    "minor": "is about a child",
    "on_behalf": "writes for somebody else",
    "companions": "brings somebody whom the mail does not name",
    "name_follows": "gives a name later or not in full",
    "substitution": "somebody comes instead of somebody else",
    "replacement": "somebody comes instead of somebody else",
    "instead_of_me": "somebody comes in their place",
    "wavering": "is not sure",
    "retracts": "takes back what the mail says before",
    "later": "leaves it for later",
    "partly": "is about a part of the event or the way to it",
    "mails_missing": "misses mails that did not come",
    "question": "asks something",
    "thanks": "thanks",
    "yes": "agrees",
    "no_answer": "says no",
    "undo": "wants it undone",
    "machine": "says that a machine wrote it",
    "receipt": "reads like an automatic receipt",
    "bounce": "reads like a delivery failure",
    "absence": "reads like an absence note",
    "newsletter": "reads like a newsletter",
    "advertised": "advertises",
    "spam": "reads like spam",
    "injection": "tries to give instructions to the machine",
}
_DENIED = {"attend": "will not come", "register": "does not want to take part", "subscribe": "wants no information mails"}
_HINTS = {"attend", "cannot", "bare_leave", "access_loose", "replacement", "question", "thanks", "later", "advertised"}
_WISHES = ("register", "attend", "cancel", "unsubscribe", *RequestKind)
_UNREAD = {Intent.QUESTION, Intent.UNCLEAR}
_WRITERS = {Kind.AUTOMATIC: "written by a machine: ", Kind.BOUNCE: "a mail that could not be delivered: "}


@dataclass(slots=True)
class _Heap:
    """One reason while its evidence is gathered."""

    strength: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)


def reasons(reading: Reading, doubts: Sequence[str], action: Action, found: Findings) -> tuple[Reason, ...]:
    """Say what speaks for this reading and, where it stopped mailbot, what speaks against acting; ``doubts`` are told in words."""
    pro: dict[str, _Heap] = {reading.why: _Heap(_SOFT if reading.because else _PLAIN)} if reading.why else {}
    for one in reading.because:
        _gather(pro, _said(one), one, _SOFT if one.signal in _HINTS else _PLAIN)
    contra: dict[str, _Heap] = {}
    if action is not Action.ACT:
        contra = {doubt: _Heap(_PLAIN) for doubt in doubts}
        for one in reading.against:
            _gather(contra, _said(one), one, _PLAIN)
    if reading.intent in _UNREAD:
        for one in found.all(*_WISHES):
            if not one.plain and one not in reading.because:
                _gather(contra, f"{_said(one)}{_mood(one)}", one, _SOFT)
    return (*_weighed(pro, reading.confidence), *_weighed(contra, -reading.confidence))


def screened(screening: Screening) -> tuple[Reason, ...]:
    """Say by what a mail was recognised before anyone read its words."""
    head = _WRITERS.get(screening.kind, "")
    share = 1.0 / max(len(screening.reasons), 1)
    return tuple(Reason(text=f"{head}{reason}", weight=share) for reason in screening.reasons)


def _gather(heaps: dict[str, _Heap], text: str, evidence: Evidence, strength: float) -> None:
    heap = heaps.setdefault(text, _Heap())
    heap.strength = max(heap.strength, strength)
    heap.evidence.append(evidence)


def _said(evidence: Evidence) -> str:
    if evidence.negated and evidence.signal in _DENIED:
        return _DENIED[evidence.signal]
    return SAID.get(evidence.signal, evidence.signal.replace("_", " "))


def _mood(evidence: Evidence) -> str:
    """Why a wish that is named is none."""
    if evidence.negated and evidence.signal not in _DENIED:
        return ", but with a word that denies it"
    return ", but only on a condition" if evidence.supposed else ", but as a question" if evidence.question else ""


def _weighed(heaps: dict[str, _Heap], whole: float) -> tuple[Reason, ...]:
    """Share ``whole`` among the reasons by their strength, the strongest first."""
    total = sum(heap.strength for heap in heaps.values())
    ordered = sorted(heaps.items(), key=lambda item: -item[1].strength)
    return tuple(_reason(text, heap.evidence, whole * heap.strength / total) for text, heap in ordered)


def _reason(text: str, evidence: Iterable[Evidence], weight: float) -> Reason:
    quotes = _apart(evidence)
    spellings: dict[str, str] = {}
    for quote in quotes:
        spellings.setdefault(quote.words.casefold(), quote.words)
    words = list(spellings.values())
    shown = ", ".join(f"„{_short(w)}“" for w in words[:_SHOWN])
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return Reason(text=f"{text}: {shown}{more}" if shown else text, weight=weight, quotes=quotes)


def _apart(evidence: Iterable[Evidence]) -> tuple[Quote, ...]:
    """The quotes in the order of the mail, the subject first; those that overlap are one."""
    spans = sorted((e.where != SUBJECT, e.start, e.quote) for e in islice(evidence, _MARKED))
    merged: list[tuple[bool, int, str]] = []
    for in_text, start, words in spans:
        before = merged[-1] if merged and merged[-1][0] == in_text else (in_text, start, "")
        into = start - before[1]
        if into < len(before[2]):
            merged[-1] = in_text, before[1], before[2][:into] + max(words, before[2][into:], key=len)
        else:
            merged.append((in_text, start, words))
    return tuple(Quote(words=words, start=start if in_text else None) for in_text, start, words in merged)


def _short(words: str) -> str:
    return words if len(words) <= _LONG else f"{words[: _LONG - 1].rstrip()}…"
