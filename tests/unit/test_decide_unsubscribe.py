"""Unsubscribing, a bare "abmelden", and undoing each (DESIGN section 6)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    SetSubscription,
    Suppress,
    Unsuppress,
)
from mailbot.domain.facts import Facts, Token
from mailbot.domain.states import Purpose, SubscriptionStatus
from mailbot.domain.understanding import Action, Answer, Intent
from tests.unit.deciding import (
    ANNA,
    CANCELLED,
    EVENT,
    asked,
    case,
    changes,
    facts,
    letters,
    row,
    subscriber,
    understood,
)

CANCEL = understood(Intent.CANCELLATION)


UNDO = understood(Intent.CONFIRMATION, answer=Answer.UNDO)


FAMILY = (row("r1"), row("r2", name="Bo Berg"))


BARE = understood(Intent.UNSUBSCRIBE, Action.ASK, bare_leave=True)


@pytest.mark.parametrize(
    "bare", [BARE, replace(BARE, intent=Intent.CANCELLATION, wishes=(Intent.CANCELLATION, Intent.UNSUBSCRIBE))]
)
@pytest.mark.parametrize(
    ("rows", "subscribed", "expected"),
    [
        ((row(),), False, "cancelled"),
        ((), True, "unsubscribed"),
        ((row(),), True, "which-leave"),
        ((), False, "which-leave"),
        (FAMILY, False, "which-person"),
        ((row(status=CANCELLED),), True, "unsubscribed"),
    ],
)
def test_a_bare_abmelden_is_decided_by_what_is_on_record(bare, rows, subscribed, expected):
    """Exactly one thing to leave decides; a reminder's own unsubscribe token in the quotation does not."""
    quoted = Token(tag="klima-quotedquoted", purpose=Purpose.UNSUBSCRIBE, address=ANNA, event=EVENT)
    decision = decide(case(bare, facts(*rows, subscriptions=subscriber() if subscribed else {}, tokens=(quoted,))))
    assert letters(decision) == [(expected, ANNA)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (understood(Intent.UNCLEAR, Action.REVIEW, own_text="Newsletter"), ["unsubscribed"]),
        (understood(Intent.UNSUBSCRIBE, own_text="Bitte keine Infomails mehr"), ["unsubscribed"]),
        (understood(Intent.UNCLEAR, Action.REVIEW, own_text="Die Veranstaltung"), ["cancelled"]),
        (understood(Intent.CANCELLATION, own_text="Ich kann nicht kommen"), ["cancelled"]),
        (understood(Intent.UNCLEAR, own_text="beides"), ["cancelled", "unsubscribed"]),
        (understood(Intent.QUESTION, Action.REVIEW, own_text="Wie bitte?"), ["handed-over"]),
    ],
)
def test_which_of_the_two_is_answered_in_a_word(answer, expected):
    """Or in a sentence; a question back is a human's."""
    known = facts(row(), subscriptions=subscriber())
    question = decide(case(BARE, known))
    decision = decide(case(answer, replace(known, tokens=(asked(question),))))
    assert [t for t, _ in letters(decision)] == expected


@pytest.mark.parametrize("was", [SubscriptionStatus.SUBSCRIBED, SubscriptionStatus.PENDING])
def test_an_unsubscribe_is_undone_completely(was):
    """The hash goes, the subscription is what it was."""
    decision = decide(case(understood(Intent.UNSUBSCRIBE), facts(subscriptions=subscriber(status=was))))
    gone = facts(subscriptions=subscriber(status=SubscriptionStatus.UNSUBSCRIBED), tokens=(asked(decision, Purpose.UNDO),))
    undone = decide(case(UNDO, gone))
    assert changes(undone, Unsuppress)
    assert [c.status for c in changes(undone, SetSubscription)] == [was]


def test_a_stranger_who_unsubscribes_is_suppressed_and_becomes_no_subscriber_by_undoing_it():
    """Only the hash was made, only the hash goes."""
    decision = decide(case(understood(Intent.UNSUBSCRIBE)))
    assert (letters(decision), len(changes(decision, Suppress))) == ([("unsubscribed", ANNA)], 1)
    undone = decide(case(UNDO, Facts(tokens=(asked(decision, Purpose.UNDO),))))
    assert changes(undone, Unsuppress)
    assert not changes(undone, SetSubscription)


def test_a_mailings_token_unsubscribes_its_owner_from_any_address():
    """The confirmation goes to the owner, not to whoever pressed."""
    token = Token(tag="klima-unsubunsub", purpose=Purpose.UNSUBSCRIBE, address=ANNA, event=None)
    known = facts(subscriptions=subscriber(), tokens=(token,))
    decision = decide(case(understood(Intent.UNSUBSCRIBE), known, sender="other@x.example"))
    assert letters(decision) == [("unsubscribed", ANNA)]
    assert [c.email for c in changes(decision, Suppress)] == [ANNA]
