"""How likely it is right to act on a reading without a human: what rules, second opinion and every single sentence say, together.

The trees are learnt by ``tests/training/trust.py`` from texts written for it, never from participants' mails.
Upstream: ``meaning``, ``opinion``, ``people``; downstream: ``verdict``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from mailbot.domain.understanding import Intent, Participant, RequestKind
from mailbot.understand.evidence import Findings
from mailbot.understand.forest import forest
from mailbot.understand.meaning import WISHES, Reading
from mailbot.understand.normal import fold
from mailbot.understand.opinion import Opinion
from mailbot.understand.wishes import Context

_FAR = 6.0
_MANY = 4
_EVEN = 0.5
_RIGHT, _NO_RIGHT = 0.6, 0.15  # between them it is not plain whether a right is claimed
Figures = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mail when it is judged whether to act on ``reading``."""

    ruled: Reading  # what the rules made of it
    reading: Reading
    view: Opinion
    sentences: Sequence[tuple[int, Opinion]]  # the opinion on each sentence, with its number
    found: Findings
    context: Context
    tied: bool  # it names an event or answers one of ours
    people: Sequence[Participant] = ()  # of a registration
    form: bool = False  # in form lines or a list

    @property
    def agrees(self) -> bool:
        """Whether rules and opinion see the same wish."""
        return self.ruled.intent is self.view.intent


def trust(case: Case) -> float:
    """How likely acting is right, between 0 and 1."""
    return forest("trust").likely(figures(case))


def figures(case: Case) -> dict[str, float]:
    """Everything that is weighed; the same for learning and for judging."""
    found = dict.fromkeys((f"§{signal}" for signal in case.found.by_signal), 1.0)
    for part in (_likelihoods, _rules, _surroundings, _sentences, _people, _rights):
        found.update(part(case))
    return found


def _odds(chance: float) -> float:
    """The logarithm of the odds, within bounds."""
    bounded = min(max(chance, 1e-6), 1 - 1e-6)
    return max(-_FAR, min(_FAR, log(bounded / (1 - bounded))))


def _likelihoods(case: Case) -> Figures:
    intents = case.view.intents
    own, *others = sorted(intents.values(), reverse=True)
    yield "likely", _odds(own)
    yield "next", _odds(others[0])
    yield "human", _odds(case.view.human)
    yield f"intent {case.view.intent}", 1.0
    yield f"next {max((i for i in intents if i is not case.view.intent), key=lambda i: intents[i])}", 1.0


def _rules(case: Case) -> Figures:
    """How the rules read it."""
    ruled, view = case.ruled, case.view
    yield "agree", float(case.agrees)
    yield f"agree {view.intent}", float(case.agrees)
    yield f"action {case.agrees} {ruled.action}", 1.0
    yield f"confidence {case.agrees}", ruled.confidence
    yield "against", float(len(ruled.against))
    yield "against human", bool(ruled.against) * _odds(view.human)
    yield "doubts", float(len(ruled.doubts))
    for evidence in ruled.against:
        yield f"against {evidence.signal}", 1.0
    for wish in ruled.wishes:
        if wish is not view.intent:
            yield f"wish {wish}", 1.0
    if not case.agrees:
        yield f"rules {ruled.intent}", 1.0
        yield "rules wish", float(ruled.intent in WISHES)
        yield "rules likely", _odds(view.intents[ruled.intent])


def _surroundings(case: Case) -> Figures:
    length = log(1 + case.context.text_words)
    yield "tied", float(case.tied)
    yield "length", length
    yield "untied length", (not case.tied) * length
    for flag in ("token", "forward", "to_invitation", "to_registration", "to_mailing", "foreign"):
        yield flag, float(getattr(case.context, flag))
    yield "questions", float(min(case.found.questions, 3))
    yield f"questions {case.view.intent}", float(min(case.found.questions, 3))


def _sentences(case: Case) -> Figures:
    """The most that any sentence says for each intent, and what those say in which the rules found nothing."""
    said = {e.sentence for e in case.ruled.because}
    own = case.view.intent
    views = [view for _, view in case.sentences]
    aside = [view for number, view in case.sentences if number not in said]
    for intent in Intent:
        most = _odds(max((view.intents[intent] for view in views), default=0.01))
        yield f"sentence {intent}", most
        if intent in WISHES:
            yield f"sentence {intent} in {own}", most
    others = [view.intents[intent] for view in aside for intent in WISHES if intent is not own]
    unclear = [view.intents[Intent.UNCLEAR] for view in aside if view.intents[own] < _EVEN]
    yield "sentence own", _odds(max((view.intents[own] for view in views), default=0.01))
    yield "sentence human", _odds(max((view.human for view in views), default=0.01))
    yield "aside other", _odds(max(others, default=0.01))
    yield "aside unclear", _odds(max(unclear, default=0.01))


def _people(case: Case) -> Figures:
    """Whether a registration names people and institutions, and how much else it says."""
    people, sentences = case.people, case.found.sentences
    if case.reading.intent is not Intent.REGISTRATION:
        return
    told = {w for p in people for value in (p.name, p.institution) if value for w in map(fold, value.split())}
    said = [w.text for s in sentences for w in s.words if not w.text.startswith("§")]
    rest = sum(w not in told for w in said)
    yield "names", float(bool(people) and all(p.name for p in people))
    yield "institutions", float(bool(people) and all(p.institution for p in people))
    yield "complete", float(bool(people) and all(p.name and p.institution for p in people))
    yield "people", float(min(len(people), _MANY))
    yield "form", float(case.context.form or case.form)
    yield "in words", float(bool(told.intersection(said)))
    yield "rest", log(1 + rest)


def _rights(case: Case) -> Figures:
    """How plain it is which rights are claimed."""
    if case.reading.intent is not Intent.DATA_SUBJECT_REQUEST:
        return
    chances, kinds = case.view.kinds, case.reading.kinds
    yield "rights", float(len(kinds))
    yield "rights unsure", float(sum(_NO_RIGHT < chance < _RIGHT for chance in chances.values()))
    yield "rights differ", float(len(set(kinds) ^ set(case.ruled.kinds)))
    yield "rights left out", float(len(case.ruled.left_out))
    yield "right least", _odds(min((chances[k] for k in kinds), default=_EVEN))
    yield "right most", _odds(max((chances[k] for k in RequestKind if k not in kinds), default=0.01))
    for kind in kinds:
        yield f"right {kind}", 1.0
    aside = [
        view.intents[Intent.DATA_SUBJECT_REQUEST] * chance
        for _, view in case.sentences
        for kind, chance in view.kinds.items()
        if kind not in kinds
    ]
    yield "right aside", _odds(max(aside, default=0.01))
