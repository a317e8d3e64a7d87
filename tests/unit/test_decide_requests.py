"""Requests as states: joined, closed, several in one letter, and beside other wishes (GDPR Art. 12)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    ErasePerson,
    Nature,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Request
from mailbot.domain.states import Outcome, RequestStatus, check_request
from mailbot.domain.understanding import Action, Answer, Intent, RequestKind
from tests.unit.deciding import (
    ANNA,
    BERND,
    CANCELLED,
    NOW,
    asked,
    case,
    changes,
    erased,
    facts,
    letter,
    letters,
    person,
    request,
    row,
    statuses,
    subscriber,
    understood,
)

YES = understood(Intent.CONFIRMATION, answer=Answer.YES)


NO = understood(Intent.CONFIRMATION, answer=Answer.NO)


HURTS = (ChangeRegistration, ErasePerson, SetSubscription, Suppress)


def hurts(decision):
    """What a decision changes of somebody's records."""
    return [c for c in decision.changes if isinstance(c, HURTS)]


def moves(decision, known=()):
    """Every request's way, checked against the table of states."""
    status = {c.id: c.status for c in changes(decision, OpenRequest)} | {r.id: r.status for r in known}
    for move in changes(decision, SetRequest):
        check_request(status[move.id], move.status)
        status[move.id] = move.status
    return status


@pytest.mark.parametrize(
    ("status", "joined"),
    [(RequestStatus.OPEN, True), (RequestStatus.EXTENDED, True), (RequestStatus.DONE, False), (RequestStatus.REFUSED, False)],
)
def test_a_duplicate_joins_the_open_request_and_is_answered_again(status, joined):
    """No second row while one of the same kind is open; a closed one is past."""
    known = (Request(id="q1", kinds=("access",), status=status, address=ANNA, received_at=NOW, due=NOW),)
    decision = decide(case(request(RequestKind.ACCESS), facts(row(), requests=known)))
    assert bool(changes(decision, OpenRequest)) is not joined
    assert letters(decision) == [("access-answer", ANNA)]
    moves(decision, known)


def test_an_unverified_duplicate_never_touches_a_verified_request():
    """Somebody else's claim opens its own row and waits for its own reply."""
    known = (Request(id="q1", kinds=("access",), status=RequestStatus.OPEN, address=BERND, received_at=NOW, due=NOW),)
    decision = decide(case(request(RequestKind.ACCESS, about=BERND), facts(row("r2", BERND, "Bernd Au"), requests=known)))
    assert [r.status for r in changes(decision, OpenRequest)] == [RequestStatus.IDENTITY_PENDING]
    assert not [c for c in changes(decision, SetRequest) if c.id == "q1"]


def test_no_closes_a_request_that_the_address_on_record_did_not_make():
    """Nothing is carried out."""
    known = facts(row("r2", BERND, "Bernd Au"))
    question = decide(case(request(RequestKind.ERASURE, about=BERND), known))
    [opened] = changes(question, OpenRequest)
    pending = (Request(id=opened.id, kinds=opened.kinds, status=opened.status, address=BERND, received_at=NOW, due=NOW),)
    decision = decide(case(NO, replace(known, tokens=(asked(question),), requests=pending), sender=BERND))
    assert (erased(decision), decision.letters) == ([], ())
    assert [c.status for c in changes(decision, SetRequest)] == [RequestStatus.DONE]


def test_several_rights_in_one_letter_are_all_carried_out():
    """In the order of the table, each with its own request."""
    kinds = (RequestKind.ERASURE, RequestKind.ACCESS, RequestKind.OBJECTION)
    decision = decide(case(request(*kinds, against_mailings=True), facts(row())))
    assert [t for t, _ in letters(decision)] == ["access-answer", "objection-done", "confirm-this"]
    assert len(changes(decision, OpenRequest)) == 3


@pytest.mark.parametrize(
    ("kind", "wish", "expected", "outcome"),
    [
        (RequestKind.ACCESS, Intent.QUESTION, ["access-answer", "handed-over"], Outcome.REVIEW),
        (RequestKind.ACCESS, Intent.REGISTRATION, ["access-answer", "registration-confirmed"], Outcome.DONE),
        (RequestKind.ERASURE, Intent.REGISTRATION, ["confirm-this", "handed-over"], Outcome.REVIEW),
        (RequestKind.ERASURE, Intent.UNSUBSCRIBE, ["confirm-this", "unsubscribed"], Outcome.DONE),
        (RequestKind.ERASURE, Intent.CANCELLATION, ["confirm-this", "cancelled"], Outcome.DONE),
        (RequestKind.CONSENT_WITHDRAWAL, Intent.CANCELLATION, ["consent-withdrawn", "cancelled"], Outcome.DONE),
    ],
)
def test_a_right_beside_another_wish_drops_neither(kind, wish, expected, outcome):
    """Done too where it is safe; a registration that the right would end goes to a human."""
    understanding = request(kind, wishes=(Intent.DATA_SUBJECT_REQUEST, wish), participants=(person(),))
    decision = decide(case(understanding, facts(row(), subscriptions=subscriber())))
    if wish is Intent.CANCELLATION:
        assert statuses(decision) == [("r1", "cancelled")]
    assert [t for t, _ in letters(decision) if t != "not-registered"] == expected
    assert decision.outcome is outcome
    assert not changes(decision, AddRegistration)


@pytest.mark.parametrize(
    ("more", "whose", "status"),
    [
        ({"action": Action.REVIEW}, ANNA, RequestStatus.OPEN),
        ({"on_behalf": True}, ANNA, RequestStatus.IDENTITY_PENDING),
        ({"action": Action.REVIEW, "on_behalf": True, "about": BERND}, BERND, RequestStatus.IDENTITY_PENDING),
    ],
)
def test_a_lawyers_letter_starts_its_deadline_and_goes_to_a_human(more, whose, status):
    """LABELS rule 7: nothing is carried out by a machine, and nobody else hears of it."""
    understanding = replace(request(RequestKind.ACCESS, RequestKind.ERASURE), **more)
    decision = decide(case(understanding, facts(row(), row("r2", BERND, "Bernd Au"))))
    assert letters(decision) == [("request-received", ANNA)]
    assert [(r.address, r.status) for r in changes(decision, OpenRequest)] == [(whose, status)] * 2
    assert (hurts(decision), decision.outcome) == ([], Outcome.REVIEW)


def test_an_erased_or_cancelled_row_is_still_the_persons():
    """Access and erasure hold for rows in every state."""
    decision = decide(case(request(RequestKind.ACCESS), facts(row(status=CANCELLED))))
    assert letters(decision) == [("access-answer", ANNA)]


def test_an_address_that_did_not_write_is_asked_about_rights_no_more_often_than_the_limit():
    """The request stays pending; nothing more is sent to them today."""
    known = facts(row("r2", BERND, "Bernd Au"), sent_today={BERND: 10})
    decision = decide(case(request(RequestKind.ERASURE, about=BERND), known))
    assert letters(decision) == [("asked-on-record", ANNA)]


def test_the_question_to_an_address_that_did_not_write_counts_against_its_limit():
    """A notice, not an answer about rights."""
    decision = decide(case(request(RequestKind.ERASURE, about=BERND), facts(row("r2", BERND, "Bernd Au", language="en"))))
    question = letter(decision, "confirm-this")
    assert (question.nature, question.language, question.answers) == (Nature.NOTICE, "en", None)
