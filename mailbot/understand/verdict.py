"""The rules' reading and the second opinion brought together: what is likeliest, and whether mailbot may act on it alone.

Where both agree, the certainty that the organiser asks for decides; where they differ, a human looks unless the model is surer
still and nothing speaks against it. Upstream: ``intent``, ``opinion``; downstream: ``reading``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mailbot.domain.understanding import Action, Intent, RequestKind
from mailbot.settings import Certainty
from mailbot.understand.meaning import Reading
from mailbot.understand.opinion import Opinion

_WISHES = {Intent.REGISTRATION, Intent.CANCELLATION, Intent.UNSUBSCRIBE, Intent.DATA_SUBJECT_REQUEST}
_LEAVING = {Intent.CANCELLATION, Intent.UNSUBSCRIBE}
_PLAINLY = 0.95  # what "abmelden" alone never reaches
_UNTIED = 0.9  # a wish without a phrase that is known, in a mail without a tie to us
_OVERRULES = 0.93  # another wish than the rules read
_KEEP, _ADD = 0.1, 0.4  # a right that the rules found, and one that only the model sees
_DOUBTFUL = (0.15, 0.6)  # a right that is neither sure nor out of the question is for a human
_DENIED = 0.85  # a right that the rules saw denied, expected or only listed
_KNOWN = 0.3  # a right that the rules found too needs less
_NEEDS_HUMAN = 0.5
_NOT_SURE, _LIKELIER = "is not sure enough to be acted on", 0.5
_CONTRARY = {  # what may stand in no sentence of a mail that is acted on, and how plainly
    Intent.REGISTRATION: {Intent.CANCELLATION: 0.6},
    Intent.CANCELLATION: {Intent.REGISTRATION: 0.6, Intent.UNSUBSCRIBE: 0.6},
    Intent.UNSUBSCRIBE: {Intent.CANCELLATION: 0.6, Intent.DATA_SUBJECT_REQUEST: 0.6},
    Intent.DATA_SUBJECT_REQUEST: {Intent.REGISTRATION: 0.7},
}
_ONE_MORE = 0.25
_SOFT = {"later", "attend"}  # what the rules have against acting and the model may overrule
_MAY_BE, _SURELY_OWN = {"on_behalf", "wavering"}, 0.05  # "my wife is ill" is a reason, "maybe another time" no doubt


Sentences = Callable[[], Iterable[tuple[int, Opinion]]]  # numbered as the evidence is


@dataclass(frozen=True, slots=True)
class _Case:
    """One mail's two opinions and what is asked for."""

    reading: Reading
    view: Opinion
    certainty: Certainty
    floor: float = 0.0
    tied: bool = False

    @property
    def needed(self) -> float:
        """How likely the wish must be where rules and model agree on it."""
        return max(self.certainty.of(self.view.intent), self.floor)

    @property
    def alone(self) -> float:
        """How likely it must be where one of them sees it alone."""
        return max(self.certainty.alone, self.needed, 0.0 if self.tied else _UNTIED)

    @property
    def chance(self) -> float:
        return self.view.intents[self.view.intent]


def weigh(reading: Reading, view: Opinion, sentences: Sentences, certainty: Certainty, *, floor: float, tied: bool) -> Reading:
    """Give the reading that counts. Readings that need no opinion (one-tap links, answers with a token) stay as they are.

    ``sentences`` gives the opinion on each sentence; it is asked only where mailbot would act. ``floor``: how likely it must
    be whatever ``certainty`` says. ``tied``: the mail names an event or answers one of ours, so a human should see it in any case.
    """
    if reading.settled:
        return reading
    if reading.bare_leave and view.intent in _LEAVING and view.intents[view.intent] < _PLAINLY:
        return reading  # "abmelden" alone: from what is asked
    case = _Case(reading, view, certainty, floor, tied)
    if view.intent not in _WISHES and view.intent is not reading.intent:
        return _lowered(case)
    if view.intent is Intent.DATA_SUBJECT_REQUEST and _only_left_out(reading, view):
        return replace(reading, action=Action.REVIEW) if reading.intent not in _WISHES else reading
    weighed = _agreed(case) if view.intent is reading.intent else _other(case)
    said = {e.sentence for e in weighed.because}
    if weighed.action is Action.ACT and (aside := _aside(weighed, [v for number, v in sentences() if number not in said])):
        return replace(weighed, action=Action.REVIEW, doubts=(*weighed.doubts, aside))
    return weighed


def _only_left_out(reading: Reading, view: Opinion) -> bool:
    """Whether every right that the model sees is one that the rules saw denied, expected or only listed."""
    return not reading.kinds and bool(reading.left_out) and all(view.kinds[k] < _needed(k, reading) for k in RequestKind)


def _aside(reading: Reading, sentences: Iterable[Opinion]) -> str:
    """What a sentence in which nothing was found says beside the reading: the contrary, or one more right."""
    changes = Intent.CANCELLATION in reading.wishes and reading.intent is Intent.REGISTRATION  # a substitute
    contrary = {} if changes else _CONTRARY.get(reading.intent, {})
    for view in sentences:
        own = view.intents[reading.intent]
        if any(view.intents[intent] >= max(limit, own) for intent, limit in contrary.items()):
            return "a sentence of it reads like the contrary"
        claim = view.intents[Intent.DATA_SUBJECT_REQUEST]
        if reading.intent is Intent.DATA_SUBJECT_REQUEST and any(
            claim * chance >= _ONE_MORE for kind, chance in view.kinds.items() if kind not in reading.kinds
        ):
            return "a sentence of it reads like one more right"
    return ""


def _agreed(case: _Case) -> Reading:
    """Both say the same wish."""
    reading, view = case.reading, case.view
    if reading.intent not in _WISHES:
        return replace(reading, confidence=case.chance)
    doubts = _doubts(case)
    own = case.chance >= _UNTIED and view.human < _SURELY_OWN
    soft = all(e.signal in _SOFT or (e.signal in _MAY_BE and own) for e in reading.against)
    if reading.action is Action.REVIEW and soft and not doubts and case.chance >= case.alone:
        reading = replace(reading, action=Action.ACT, against=(), doubts=())
    if reading.action in {Action.ACT, Action.ASK} and (doubts or case.chance < case.needed):
        unsure = () if doubts else (_unsure(case),)
        reading = replace(reading, action=Action.REVIEW, doubts=(*reading.doubts, *doubts, *unsure))
    if reading.intent is Intent.DATA_SUBJECT_REQUEST:
        reading = _with_rights(reading, view)
    return replace(reading, confidence=case.chance)


def _other(case: _Case) -> Reading:
    """The model sees a wish that the rules do not: acted on only if it is surer than when they agree."""
    view = case.view
    reading = Reading(
        intent=view.intent,
        action=Action.REVIEW,
        confidence=case.chance,
        why=_words(view, view.intent),
        wishes=(view.intent, *(w for w in case.reading.wishes if w in {*_WISHES, Intent.QUESTION} and w is not view.intent)),
        left_out=case.reading.left_out,
        wants_mailings=case.reading.wants_mailings,
    )
    doubts = (*_doubts(case), *(() if case.chance >= case.alone else (_unsure(case),)))
    if case.reading.against or (case.reading.intent in _WISHES and case.chance < _OVERRULES):
        doubts = (*doubts, "may mean something else as well")
    reading = replace(reading, action=Action.REVIEW if doubts else Action.ACT, doubts=doubts)
    return _with_rights(reading, view) if view.intent is Intent.DATA_SUBJECT_REQUEST else reading


def _lowered(case: _Case) -> Reading:
    """The model sees no wish: a question, a mail that can't be told, or a machine's words. Nothing is done."""
    intent, reading = case.view.intent, case.reading
    if intent is Intent.CONFIRMATION and not case.tied:  # without a question of ours there is nothing to confirm
        intent = reading.intent if reading.intent not in _WISHES else Intent.UNCLEAR
    unseen = intent is Intent.AUTOMATIC and not case.tied and case.chance >= case.certainty.automatic
    return Reading(
        intent=intent,
        action=Action.IGNORE if unseen else Action.REVIEW,
        confidence=case.chance,
        because=reading.because if reading.intent not in _WISHES else (),
        why=_words(case.view, intent),
        against=reading.because if reading.intent in _WISHES else (),
        wishes=(intent,),
        wants_mailings=reading.wants_mailings,
    )


def _with_rights(reading: Reading, view: Opinion) -> Reading:
    """The rights that are claimed: the rules' unless the model rules them out, and those it is sure of."""
    kinds = tuple(k for k in RequestKind if view.kinds[k] >= _needed(k, reading))
    kinds = kinds or reading.kinds or (max(RequestKind, key=lambda k: view.kinds[k]),)
    low, high = _DOUBTFUL
    unsure = [k for k in RequestKind if low < view.kinds[k] < high or (k in kinds) != (k in reading.kinds)]
    doubts = ("which rights are claimed is not plain",) if [k for k in unsure if not _plain(k, reading, view)] else ()
    action = Action.REVIEW if doubts and reading.action is Action.ACT else reading.action
    return replace(reading, kinds=kinds, action=action, doubts=(*reading.doubts, *doubts))


def _needed(kind: RequestKind, reading: Reading) -> float:
    """How sure the model must be of a right: less where the rules found it, more where they saw it denied or only listed."""
    return _KEEP if kind in reading.kinds else _DENIED if kind in reading.left_out else _ADD


def _plain(kind: RequestKind, reading: Reading, view: Opinion) -> bool:
    """Whether rules and model agree on a right well enough."""
    low, high = _DOUBTFUL
    if kind in reading.left_out and low < view.kinds[kind] < _DENIED:
        return True  # the rules saw why it is none
    return (kind in reading.kinds and view.kinds[kind] >= _KNOWN) or view.kinds[kind] >= high or view.kinds[kind] <= low


def _doubts(case: _Case) -> tuple[str, ...]:
    return ("reads like a case for a human",) if case.view.human >= _NEEDS_HUMAN else ()


def only_unsure(reading: Reading) -> bool:
    """Whether nothing but a likelihood that is too low keeps mailbot from acting on a reading that it thinks likelier than not."""
    doubted = reading.action is Action.REVIEW and len(reading.doubts) == 1 and reading.doubts[0].startswith(_NOT_SURE)
    return doubted and not reading.against and reading.confidence >= _LIKELIER


def _unsure(case: _Case) -> str:
    return f"{_NOT_SURE} ({case.chance:.2f})"


def _words(view: Opinion, intent: Intent) -> str:
    """Say which words speak for an intent."""
    words = ", ".join(f"„{w.replace('^ ', '')}“" for w in view.words(intent))
    return f"its words speak for it: {words}" if words else "its words, taken together"
