"""Rules and second opinion brought together: which reading is likeliest, and what the organiser's certainty lets mailbot do."""

from dataclasses import replace

import pytest

from mailbot.domain.understanding import Action, Intent, RequestKind
from mailbot.settings import Certainty
from mailbot.understand import packed
from mailbot.understand.evidence import Evidence
from mailbot.understand.meaning import Reading
from mailbot.understand.opinion import Opinion
from mailbot.understand.verdict import judged, likeliest

REGISTERS = Reading(intent=Intent.REGISTRATION, action=Action.ACT, confidence=0.9, wishes=(Intent.REGISTRATION,))
VAGUE = Reading(intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.4, wishes=(Intent.QUESTION,))
CLAIMS = Reading(intent=Intent.DATA_SUBJECT_REQUEST, action=Action.ACT, confidence=0.9, kinds=(RequestKind.ERASURE,))


def view(intent: Intent, chance: float, **kinds: float) -> Opinion:
    """An opinion with this likeliest intent; the rest is shared by the others."""
    rest = (1 - chance) / (len(Intent) - 1)
    return Opinion(
        intents={i: chance if i is intent else rest for i in Intent},
        kinds={k: kinds.get(k.value, 0.0) for k in RequestKind},
        human=0.0,
        columns=dict.fromkeys(Intent, 0),
        rows={name: packed.pack([weight]) for name, weight in {"komme gern": 80, "ungern": -20, "S anmeldung": 90}.items()},
    )


def read(ruled: Reading, seen: Opinion, *, tied: bool = False) -> Reading:
    """The likeliest reading."""
    return likeliest(ruled, seen, Certainty(), tied=tied)


def test_the_likelier_wish_is_read() -> None:
    """Where the rules see none or another, the opinion's counts, told by the words that speak for it."""
    other = read(VAGUE, view(Intent.REGISTRATION, 0.9))
    assert (other.intent, other.confidence, other.open) == (Intent.REGISTRATION, 0.9, True)
    assert other.why == "its words speak for it: „komme gern“"
    assert read(REGISTERS, view(Intent.CANCELLATION, 0.8)).wishes == (Intent.CANCELLATION, Intent.REGISTRATION)


@pytest.mark.parametrize(("trust", "action"), [(0.7, Action.ACT), (0.69, Action.REVIEW)])
def test_acting_must_be_right_as_likely_as_is_asked_for(trust: float, action: Action) -> None:
    """From ``needed`` on what speaks against it no longer stops it; below, the reason tells how sure mailbot was."""
    doubted = replace(REGISTERS, against=(Evidence("wavering", "vielleicht", 0),))
    told = judged(doubted, trust, needed=0.7)
    assert told.action is action
    assert bool(told.against) is (action is Action.REVIEW)
    assert (told.doubts[-1:] == ("is not sure enough to be acted on (0.69 of 0.70)",)) is (action is Action.REVIEW)


def test_a_doubt_outweighs_any_likelihood() -> None:
    """What leaves a mail to a human is told instead of how sure mailbot is."""
    told = judged(REGISTERS, 0.99, needed=0.7, doubt="reads like a case for a human")
    assert (told.action, told.doubts) == (Action.REVIEW, ("reads like a case for a human",))


def test_no_wish_outweighs_the_rules() -> None:
    """A likely question, remark or machine stops what the rules would do; what they found is told as what spoke for it."""
    asked = read(replace(REGISTERS, because=(Evidence("register", "melde mich an", 0),)), view(Intent.QUESTION, 0.8))
    assert (asked.intent, asked.action, asked.open) == (Intent.QUESTION, Action.REVIEW, False)
    assert asked.against[0].quote == "melde mich an"


@pytest.mark.parametrize(("chance", "action"), [(0.95, Action.IGNORE), (0.85, Action.REVIEW)])
def test_a_machine_is_ignored_by_its_words_only_when_they_are_sure(chance: float, action: Action) -> None:
    """A human's mail must not be lost: below ``automatic`` somebody sees it."""
    assert read(VAGUE, view(Intent.AUTOMATIC, chance)).action is action
    assert read(VAGUE, view(Intent.AUTOMATIC, chance), tied=True).action is Action.REVIEW


def test_rights_are_what_rules_or_model_are_sure_of() -> None:
    """A right that the model alone is sure of is added, one that it rules out is dropped."""
    request = Intent.DATA_SUBJECT_REQUEST
    more = read(CLAIMS, view(request, 0.99, erasure=0.95, access=0.9))
    assert more.kinds == (RequestKind.ACCESS, RequestKind.ERASURE)
    assert read(CLAIMS, view(request, 0.99, erasure=0.02, access=0.9)).kinds == (RequestKind.ACCESS,)
    assert read(CLAIMS, view(request, 0.99, erasure=0.95, objection=0.3)).kinds == (RequestKind.ERASURE,)
    assert read(VAGUE, view(request, 0.6, access=0.2)).kinds == (RequestKind.ACCESS,)


def test_a_right_that_is_only_named_is_none() -> None:
    """ "I do not ask you to erase anything": what the rules saw denied is not claimed unless the model is quite sure."""
    denied = replace(VAGUE, left_out=frozenset({RequestKind.ERASURE}))
    assert read(denied, view(Intent.DATA_SUBJECT_REQUEST, 0.7, erasure=0.7)).intent is Intent.QUESTION
    assert read(denied, view(Intent.DATA_SUBJECT_REQUEST, 0.9, erasure=0.9)).kinds == (RequestKind.ERASURE,)


def test_settled_readings_are_not_weighed() -> None:
    """Links of ours, answers with a token and what a human said count whatever the words look like."""
    settled = replace(REGISTERS, settled=True)
    assert read(settled, view(Intent.AUTOMATIC, 0.99)) is settled
    assert not settled.open


def test_abmelden_alone_is_asked_about() -> None:
    """ "Abmelden" with nothing else names neither the event nor the list, however often people mean the one (LABELS rule 3)."""
    bare = Reading(intent=Intent.UNSUBSCRIBE, action=Action.ASK, confidence=0.6, bare_leave=True)
    assert read(bare, view(Intent.CANCELLATION, 0.8)) is bare
    assert not bare.open
