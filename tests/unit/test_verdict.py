"""Rules and second opinion brought together: what is done, what a human sees, and what the organiser's certainty changes."""

from dataclasses import replace

import pytest

from mailbot.domain.understanding import Action, Intent, RequestKind
from mailbot.settings import Certainty
from mailbot.understand.evidence import Evidence
from mailbot.understand.meaning import Reading
from mailbot.understand.opinion import Opinion
from mailbot.understand.verdict import weigh

CERTAINTY = Certainty()
REGISTERS = Reading(intent=Intent.REGISTRATION, action=Action.ACT, confidence=0.9, wishes=(Intent.REGISTRATION,))
VAGUE = Reading(intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.4, wishes=(Intent.QUESTION,))
CLAIMS = Reading(intent=Intent.DATA_SUBJECT_REQUEST, action=Action.ACT, confidence=0.9, kinds=(RequestKind.ERASURE,))


def view(intent: Intent, chance: float, *, human: float = 0.0, **kinds: float) -> Opinion:
    """An opinion with this likeliest intent; the rest is shared by the others."""
    rest = (1 - chance) / (len(Intent) - 1)
    return Opinion(
        intents={i: chance if i is intent else rest for i in Intent},
        kinds={k: kinds.get(k.value, 0.0) for k in RequestKind},
        human=human,
        columns=dict.fromkeys(Intent, 0),
        rows={"komme gern": (80,), "ungern": (-20,), "S anmeldung": (90,)},
    )


def judged(
    reading: Reading, seen: Opinion, *sentences: Opinion, certainty: Certainty = CERTAINTY, floor: float = 0.0, tied: bool = False
) -> Reading:
    """The reading that counts."""
    return weigh(reading, seen, lambda: enumerate(sentences, 1), certainty, floor=floor, tied=tied)


@pytest.mark.parametrize(("chance", "action"), [(0.95, Action.ACT), (0.61, Action.ACT), (0.59, Action.REVIEW)])
def test_what_both_see_is_done_when_it_is_likely_enough(chance: float, action: Action) -> None:
    """The organiser's certainty for the intent decides where rules and model agree."""
    assert judged(REGISTERS, view(Intent.REGISTRATION, chance)).action is action


def test_the_organiser_can_ask_for_more_or_forbid_it() -> None:
    """A certainty of 1.01 is never reached: everything of this intent goes to a human, with the reason."""
    never = judged(REGISTERS, view(Intent.REGISTRATION, 0.999), certainty=Certainty(registration=1.01))
    assert never.action is Action.REVIEW
    assert "not sure enough" in never.doubts[0]


def test_a_mail_without_a_tie_to_us_must_be_surer() -> None:
    """The floor outweighs a lower certainty, agreed or alone."""
    assert judged(REGISTERS, view(Intent.REGISTRATION, 0.9), floor=0.95).action is Action.REVIEW
    assert judged(VAGUE, view(Intent.REGISTRATION, 0.9), floor=0.95).action is Action.REVIEW
    assert judged(VAGUE, view(Intent.REGISTRATION, 0.96), floor=0.95).action is Action.ACT


def test_a_wish_that_only_the_model_sees_needs_more() -> None:
    """Below ``alone`` a human looks; the words that speak for it are told."""
    sure = judged(VAGUE, view(Intent.CANCELLATION, 0.9))
    assert (sure.intent, sure.action) == (Intent.CANCELLATION, Action.ACT)
    assert judged(VAGUE, view(Intent.REGISTRATION, 0.9)).why == "its words speak for it: „komme gern“"
    assert judged(VAGUE, view(Intent.CANCELLATION, 0.7)).action is Action.REVIEW


def test_two_different_wishes_are_for_a_human() -> None:
    """Where the rules read another wish, the likelier one is named and nothing is done."""
    both = judged(REGISTERS, view(Intent.CANCELLATION, 0.9))
    assert (both.intent, both.action) == (Intent.CANCELLATION, Action.REVIEW)


def test_no_wish_outweighs_the_rules() -> None:
    """A likely question, remark or machine stops what the rules would do; what they found is told as what spoke for it."""
    asked = judged(replace(REGISTERS, because=(Evidence("register", "melde mich an", 0),)), view(Intent.QUESTION, 0.8))
    assert (asked.intent, asked.action) == (Intent.QUESTION, Action.REVIEW)
    assert asked.against[0].quote == "melde mich an"


@pytest.mark.parametrize(("chance", "action"), [(0.95, Action.IGNORE), (0.85, Action.REVIEW)])
def test_a_machine_is_ignored_by_its_words_only_when_they_are_sure(chance: float, action: Action) -> None:
    """A human's mail must not be lost: below ``automatic`` somebody sees it."""
    assert judged(VAGUE, view(Intent.AUTOMATIC, chance)).action is action
    assert judged(VAGUE, view(Intent.AUTOMATIC, chance), tied=True).action is Action.REVIEW


def test_a_case_for_a_human_stays_one() -> None:
    """A lawyer, a child, somebody else's data: the model's doubt is enough, however plain the wish."""
    assert judged(REGISTERS, view(Intent.REGISTRATION, 0.99, human=0.6)).action is Action.REVIEW
    assert judged(CLAIMS, view(Intent.DATA_SUBJECT_REQUEST, 0.99, human=0.6, erasure=0.99)).action is Action.REVIEW


def test_rights_are_what_rules_or_model_are_sure_of() -> None:
    """A right that the model alone is sure of is added, one that it rules out is dropped, one between is for a human."""
    more = judged(CLAIMS, view(Intent.DATA_SUBJECT_REQUEST, 0.99, erasure=0.95, access=0.9))
    assert (more.kinds, more.action) == ((RequestKind.ACCESS, RequestKind.ERASURE), Action.ACT)
    assert judged(CLAIMS, view(Intent.DATA_SUBJECT_REQUEST, 0.99, erasure=0.02, access=0.9)).kinds == (RequestKind.ACCESS,)
    unsure = judged(CLAIMS, view(Intent.DATA_SUBJECT_REQUEST, 0.99, erasure=0.95, objection=0.3))
    assert (unsure.kinds, unsure.action) == ((RequestKind.ERASURE,), Action.REVIEW)


def test_one_sentence_that_says_the_contrary_stops_it() -> None:
    """ "I register … no, better cancel": a sentence that reads like the contrary wish is enough for a human to look."""
    contrary = view(Intent.CANCELLATION, 0.8)
    assert judged(REGISTERS, view(Intent.REGISTRATION, 0.95), contrary).action is Action.REVIEW
    assert judged(REGISTERS, view(Intent.REGISTRATION, 0.95), view(Intent.QUESTION, 0.8)).action is Action.ACT


def test_one_sentence_with_one_more_right_stops_it() -> None:
    """No right is dropped silently: a sentence that claims another one is for a human."""
    more = view(Intent.DATA_SUBJECT_REQUEST, 0.9, restriction=0.9)
    assert judged(CLAIMS, view(Intent.DATA_SUBJECT_REQUEST, 0.99, erasure=0.95), more).action is Action.REVIEW


def test_settled_readings_are_not_weighed() -> None:
    """Links of ours, answers with a token and what a human said count whatever the words look like."""
    settled = replace(REGISTERS, settled=True)
    assert judged(settled, view(Intent.AUTOMATIC, 0.99)) is settled


def test_abmelden_alone_is_asked_about() -> None:
    """ "Abmelden" with nothing else names neither the event nor the list, however often people mean the one (LABELS rule 3)."""
    bare = Reading(intent=Intent.UNSUBSCRIBE, action=Action.ASK, confidence=0.6, bare_leave=True)
    assert judged(bare, view(Intent.CANCELLATION, 0.8)) is bare


def test_what_no_likelihood_outweighs() -> None:
    """Both agree and are sure, but the rules saw a threat: a human looks."""
    grave = replace(CLAIMS, action=Action.REVIEW, against=(Evidence("threat", "mein Anwalt", 0),))
    assert judged(grave, view(Intent.DATA_SUBJECT_REQUEST, 0.99, erasure=0.99)).action is Action.REVIEW
