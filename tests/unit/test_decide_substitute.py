"""A seat that is handed on: "statt mir kommt Greta", past the waiting list, and undone again (DESIGN section 6)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    GrantToken,
    LinkWord,
)
from mailbot.domain.facts import Seats
from mailbot.domain.states import Outcome, Purpose
from mailbot.domain.understanding import Answer, Intent
from tests.unit.deciding import (
    ANNA,
    BERND,
    CANCELLED,
    EVENT,
    GRETA,
    PENDING,
    REGISTERED,
    WAITING,
    as_token,
    asked,
    case,
    changes,
    facts,
    letter,
    letters,
    person,
    row,
    statuses,
    understood,
)

UNDO = understood(Intent.CONFIRMATION, answer=Answer.UNDO)


FAMILY = (row("r1"), row("r2", name="Bo Berg"))


def instead(*people, **more):
    """Somebody else comes instead."""
    wishes = (Intent.CANCELLATION, Intent.REGISTRATION)
    return understood(Intent.CANCELLATION, participants=people, wishes=wishes, **more)


GRETA_HOLM = person("Greta Holm", "Kanzlei", None)


QUEUE = (row("w0", BERND, "Bernd Au", WAITING),)


@pytest.mark.parametrize("intent", [Intent.CANCELLATION, Intent.REGISTRATION])
def test_a_seat_is_handed_on_past_the_waiting_list_and_undo_gives_it_back(intent):
    """The event is full and somebody waits: the seat goes to whom its owner names."""
    known = facts(row(), seats={EVENT: Seats(registered=2, queue=QUEUE)})
    decision = decide(case(replace(instead(GRETA_HOLM), intent=intent), known))
    [added] = changes(decision, AddRegistration)
    assert (added.name, added.status, added.email) == ("Greta Holm", REGISTERED, ANNA)
    assert statuses(decision) == [("r1", "cancelled")]
    assert letters(decision) == [("cancelled", ANNA), ("registration-confirmed", ANNA)]
    assert letter(decision, "cancelled").values["instead"][0]["name"] == "Greta Holm"
    token = asked(decision, Purpose.UNDO)
    later = facts(
        row(status=CANCELLED), row(added.id, name="Greta Holm"), tokens=(token,), seats={EVENT: Seats(registered=2, queue=QUEUE)}
    )
    undone = decide(case(UNDO, later))
    assert sorted(statuses(undone)) == sorted([(added.id, "cancelled"), ("r1", "registered")])
    assert letters(undone) == [("undone", ANNA)]


def test_whoever_gets_a_seat_at_their_own_address_hears_of_it_and_of_its_undoing():
    """With an undo of their own, so that nobody loses a seat for good on another's word."""
    decision = decide(case(instead(replace(GRETA_HOLM, email=GRETA)), facts(row())))
    assert letters(decision) == [("registered-by-other", GRETA), ("cancelled", ANNA)]
    [added] = changes(decision, AddRegistration)
    later = facts(row(status=CANCELLED), row(added.id, GRETA, "Greta Holm", by=ANNA), tokens=(asked(decision, Purpose.UNDO),))
    undone = decide(case(UNDO, later))
    assert ("cancelled", GRETA) in letters(undone)
    assert ("undone", ANNA) in letters(undone)
    assert LinkWord.UNDO in {link.word for link in letter(undone, "cancelled").links}


def test_a_third_person_on_the_address_is_replaced_by_name():
    """Anna stays, Bo goes, Greta comes."""
    decision = decide(case(instead(GRETA_HOLM, leaving=("Bo Berg",)), facts(*FAMILY)))
    assert statuses(decision) == [("r2", "cancelled")]


def test_the_seat_is_kept_until_we_know_who_takes_it():
    """Greta's institution is missing: asked first, then handed on."""
    known = facts(row(), seats={EVENT: Seats(registered=2, queue=QUEUE)})
    question = decide(case(instead(replace(GRETA_HOLM, institution=None)), known))
    assert (statuses(question), letters(question)) == ([], [("question-back", ANNA)])
    [pending] = changes(question, AddRegistration)
    later = replace(
        facts(row(), row(pending.id, name="Greta Holm", status=PENDING, institution=None), tokens=(asked(question),)),
        seats=known.seats,
    )
    done = decide(case(understood(Intent.UNCLEAR, own_text="Kanzlei Holm"), later))
    assert sorted(statuses(done)) == sorted([("r1", "cancelled"), (pending.id, "registered")])


def test_who_comes_and_does_not_come_in_one_mail_is_a_humans_business():
    """The same name in both."""
    decision = decide(case(instead(person()), facts(row())))
    assert (statuses(decision), decision.outcome) == ([], Outcome.REVIEW)


def test_both_tokens_of_a_substitution_are_bound_to_one_use():
    """The token's data name the rows and who came instead."""
    decision = decide(case(instead(GRETA_HOLM), facts(row())))
    [grant] = [g for g in changes(decision, GrantToken) if g.purpose is Purpose.UNDO]
    assert as_token(grant).action == "substitute"
    assert grant.expires_at is not None
    assert not changes(decision, ChangeRegistration)[0].requeue
