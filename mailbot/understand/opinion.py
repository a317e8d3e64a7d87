"""A second opinion on a mail's intent: a linear model over its words, what the rules found, and how they read it.

The weights are learnt by ``tests/training/opinion.py`` from texts written for it, never from participants' mails. It says how
likely each intent and each right is and whether a human should look; it never decides. Upstream: ``evidence``, ``meaning``;
downstream: ``verdict``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.domain.understanding import Intent, RequestKind
from mailbot.understand import packed
from mailbot.understand.evidence import TEXT, Findings
from mailbot.understand.linear import Linear, linear
from mailbot.understand.meaning import Reading
from mailbot.understand.normal import Sentence
from mailbot.understand.wishes import Context

HUMAN = "human"  # a human should look before anything is done
_INTENTS, _KINDS = tuple(Intent), tuple(RequestKind)
_STEM = 6
_LENGTHS = (3, 8, 20, 60, 150, 400)
_MAX_SENTENCES = 150
_SHOWN = 4
_FEW = 2


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely each intent is (together 1), each right, and that a human should look; all between 0 and 1."""

    intents: Mapping[Intent, float]
    kinds: Mapping[RequestKind, float]
    human: float
    columns: Mapping[str, int]  # intent, right → its column in ``rows``
    rows: Mapping[str, int]  # what was weighed, packed

    @property
    def intent(self) -> Intent:
        """The likeliest intent."""
        return max(self.intents, key=lambda intent: self.intents[intent])

    def words(self, intent: Intent) -> tuple[str, ...]:
        """The words and pairs of words that speak most for an intent, the strongest first."""
        column = self.columns[intent]
        plain = [(packed.field(row, column), name) for name, row in self.rows.items() if name[0].isalpha()]
        told = [
            name
            for weight, name in sorted(plain, reverse=True)
            if weight > 0 and not name.startswith("S ") and not name.endswith(("_", "$", "?"))
        ]
        return tuple(told[:_SHOWN])


def weights() -> Linear:
    """The learnt weights."""
    return linear("opinion")


def opinion(found: Findings, context: Context, reading: Reading, model: Linear) -> Opinion:
    """Give the second opinion on a mail that was read so."""
    return _judge(features(found, context, reading), model)


def by_sentence(found: Findings, model: Linear) -> list[tuple[int, Opinion]]:
    """Give an opinion on each sentence of the text for itself, with its number: what a mail says besides its main wish."""
    views = []
    for number, sentence in enumerate(found.sentences[:_MAX_SENTENCES]):
        if sentence.where == TEXT and len(sentence.words) > _FEW:
            views.append((number, _judge({*_words(sentence), *_signals(found, number)}, model)))
    return views


def _judge(seen: set[str], model: Linear) -> Opinion:
    rows = model.rows(seen)
    likely = model.likely(rows)
    whole = sum([likely[intent] for intent in _INTENTS])
    return Opinion(
        intents={intent: likely[intent] / whole for intent in _INTENTS},
        kinds={kind: likely[kind] for kind in _KINDS},
        human=likely[HUMAN],
        columns=model.columns,
        rows=rows,
    )


def features(found: Findings, context: Context, reading: Reading) -> set[str]:
    """Everything that the model may weigh, as short names; the same for learning and for judging."""
    seen: set[str] = set()
    for sentence in found.sentences[:_MAX_SENTENCES]:
        seen.update(_words(sentence))
    seen.update(_signals(found))
    seen.update(_around(found, context, reading))
    return seen


def _words(sentence: Sentence) -> Iterable[str]:
    """Words, pairs of neighbours, beginnings and endings; the subject's words once more as such."""
    words = [w.text for w in sentence.words]
    before = "^"
    for word in words:
        text = "9" if word.isdigit() else word
        yield text
        yield f"{before} {text}"
        before = text
        if len(text) > _STEM:
            yield f"{text[:_STEM]}_"
            yield f"_{text[-_STEM:]}"
    yield f"{before} {'?' if sentence.question else '$'}"
    if sentence.where == "subject":
        yield from (f"S {word}" for word in words)


def _signals(found: Findings, sentence: int | None = None) -> Iterable[str]:
    """The evidence, of one sentence or of all."""
    for signal, evidence in found.by_signal.items():
        here = [e for e in evidence if sentence is None or e.sentence == sentence]
        if here:
            yield f"§{signal}"
        for e in here:
            yield f"§{signal} {'-' if e.negated else ''}{'?' if e.question else ''}{'~' if e.supposed else ''}{e.where[0]}"


def _around(found: Findings, context: Context, reading: Reading) -> Iterable[str]:
    """How the rules read the mail, and what surrounds its words."""
    yield f"={reading.intent}"
    yield f"={reading.intent} {reading.action}"
    yield from (f"=wish {wish}" for wish in reading.wishes)
    yield from (f"=kind {kind}" for kind in reading.kinds)
    yield from (f"=against {e.signal}" for e in reading.against)
    if reading.vague:
        yield "=vague"
    yield f"+questions {min(found.questions, 3)}"
    yield f"+length {sum(context.text_words > length for length in _LENGTHS)}"
    flags = ("token", "forward", "to_mailing", "to_registration", "to_invitation", "foreign", "form", "replaced", "completed")
    yield from (f"+{flag}" for flag in flags if getattr(context, flag))
    if found.named:
        yield "+named"
    if found.events:
        yield "+event"
