"""What is decided about a mail, as values in and values out: the table of DESIGN section 6."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    ErasePerson,
    Folder,
    GrantToken,
    MarkInformed,
    OpenRequest,
    SetRequest,
    Suppress,
)
from mailbot.domain.facts import Facts, Record, Seats, Subscription, Token
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.domain.understanding import (
    Action,
    Answer,
    Authentication,
    Correction,
    Intent,
    Kind,
    Participant,
    RequestKind,
    Screening,
)
from tests.unit.deciding import ANNA, BERND, EVENT, NOW, case, changes, letters, registration, request, row, understood

ANNA_BERG = Participant(name="Anna Berg", institution="Verein", email=ANNA)


def test_a_complete_registration_takes_a_seat_and_is_confirmed():
    """Name, institution and address are enough: one row, one answer with the first information."""
    decision = decide(case(registration(ANNA_BERG)))
    [added] = changes(decision, AddRegistration)
    assert (added.status, added.email, added.institution) == (RegistrationStatus.REGISTERED, ANNA, "Verein")
    assert letters(decision) == [("registration-confirmed", ANNA)]
    assert decision.letters[0].informs
    assert (decision.outcome, decision.filing) == (Outcome.DONE, Folder.DONE)


def test_a_missing_institution_is_asked_and_the_answer_completes_the_registration():
    """Asking back is a dialogue: the pending row takes the answer and becomes a seat."""
    asked = decide(case(registration(replace(ANNA_BERG, institution=None))))
    assert letters(asked) == [("question-back", ANNA)]
    [pending] = changes(asked, AddRegistration)
    assert pending.status is RegistrationStatus.PENDING
    [grant] = changes(asked, GrantToken)
    facts = Facts(
        registrations=(row(pending.id, status=RegistrationStatus.PENDING, institution=None),),
        tokens=(Token(tag=grant.tag, purpose=Purpose.YES, address=ANNA, event=EVENT, action="complete"),),
    )
    answer = decide(case(understood(Intent.UNCLEAR, own_text="Stadtbücherei Lippe", tags=(grant.tag,)), facts))
    [changed] = changes(answer, ChangeRegistration)
    assert (changed.status, changed.institution) == (RegistrationStatus.REGISTERED, "Stadtbücherei Lippe")
    assert letters(answer) == [("registration-confirmed", ANNA)]


def test_the_seats_go_in_the_order_of_the_mail_and_the_rest_wait():
    """A group that does not fit: those that fit are registered, the rest wait."""
    people = [replace(ANNA_BERG, name=name) for name in ("Anna Berg", "Bo Berg", "Cleo Berg")]
    decision = decide(case(registration(*people)))
    assert [a.status.value for a in changes(decision, AddRegistration)] == ["registered", "registered", "waiting"]


def test_a_stranger_who_is_registered_by_somebody_hears_of_it_once():
    """The other person gets one mail with the way to undo it; the sender gets the confirmation."""
    decision = decide(case(registration(Participant(name="Bernd Au", institution="Werk", email=BERND))))
    assert letters(decision) == [("registered-by-other", BERND), ("registration-confirmed", ANNA)]


def test_a_mail_that_names_too_many_strangers_changes_nothing():
    """Eleven new addresses in one mail are a human's business."""
    people = [Participant(name=f"Person {n}", institution="X", email=f"p{n}@x.example") for n in range(11)]
    decision = decide(case(registration(*people)))
    assert (decision.outcome, decision.changes, decision.letters) == (Outcome.REVIEW, (), ())


def test_the_same_person_again_is_answered_and_not_doubled():
    """A new institution updates the row."""
    decision = decide(case(registration(replace(ANNA_BERG, institution="Neuer Verein")), Facts(registrations=(row(),))))
    assert not changes(decision, AddRegistration)
    assert changes(decision, ChangeRegistration)[0].institution == "Neuer Verein"
    assert decision.letters[0].values["again"]


def test_after_the_start_nothing_is_stored():
    """A polite answer, no row."""
    decision = decide(case(registration(ANNA_BERG), now=datetime(2027, 3, 12, tzinfo=UTC)))
    assert letters(decision) == [("too-late", ANNA)]
    assert not changes(decision, AddRegistration)


def test_a_cancellation_frees_the_seat_for_the_first_who_waits_and_can_be_undone():
    """Cancel, move up, undo: the undone seat is restored even though it was given on."""
    waiting = row("r2", BERND, "Bernd Au", RegistrationStatus.WAITING)
    facts = Facts(registrations=(row(),), seats={EVENT: Seats(registered=2, queue=(waiting,))})
    decision = decide(case(understood(Intent.CANCELLATION), facts))
    assert [(c.id, c.status.value) for c in changes(decision, ChangeRegistration)] == [("r1", "cancelled"), ("r2", "registered")]
    assert letters(decision) == [("cancelled", ANNA), ("moved-up", BERND)]
    grant = next(g for g in changes(decision, GrantToken) if g.purpose is Purpose.UNDO)
    token = Token(tag=grant.tag, purpose=Purpose.UNDO, address=ANNA, event=EVENT, action=grant.action, data=grant.data)
    later = Facts(registrations=(row(status=RegistrationStatus.CANCELLED),), tokens=(token,))
    undone = decide(case(understood(Intent.CONFIRMATION, answer=Answer.UNDO), later))
    assert [(c.id, c.status.value) for c in changes(undone, ChangeRegistration)] == [("r1", "registered")]


@pytest.mark.parametrize("intent", [Intent.CANCELLATION, Intent.UNSUBSCRIBE, Intent.DATA_SUBJECT_REQUEST])
def test_a_wish_about_somebody_else_changes_nothing_until_they_reply(intent):
    """Whoever writes from elsewhere hears the same whether or not the address is on record (I5)."""
    wish = understood(intent, about=BERND, request_kinds=(RequestKind.ACCESS,))
    known = Facts(registrations=(row("r2", BERND, "Bernd Au"),), on_record=frozenset({BERND}))
    on_record, unknown = decide(case(wish, known)), decide(case(wish, Facts()))
    harmless = (GrantToken, OpenRequest, MarkInformed)
    assert all(isinstance(c, harmless) for c in (*on_record.changes, *unknown.changes))
    assert ("confirm-this", BERND) in letters(on_record)
    assert letters(unknown) == [("asked-on-record", ANNA)]
    assert [t for t, to in letters(on_record) if to == ANNA] == [t for t, to in letters(unknown) if to == ANNA]


@pytest.mark.parametrize(
    ("registered", "subscribed", "template"),
    [(True, False, "cancelled"), (False, True, "unsubscribed"), (True, True, "which-leave"), (False, False, "which-leave")],
)
def test_a_bare_abmelden_is_decided_by_exactly_one_record(registered, subscribed, template):
    """One matching record decides; none or both are asked."""
    subscription = Subscription(email=ANNA, name=None, status=SubscriptionStatus.SUBSCRIBED, since=NOW)
    facts = Facts(registrations=(row(),) if registered else (), subscriptions={ANNA: subscription} if subscribed else {})
    decision = decide(case(understood(Intent.UNSUBSCRIBE, Action.ASK, bare_leave=True), facts))
    assert letters(decision) == [(template, ANNA)]


def test_a_provider_unsubscribes_silently():
    """RFC 8058 style: the address is suppressed, nobody is written to."""
    decision = decide(case(understood(Intent.UNSUBSCRIBE), screening=Screening(kind=Kind.PROVIDER_UNSUBSCRIBE)))
    assert changes(decision, Suppress)
    assert decision.letters == ()


RECORD = Record(table="registration", values={"id": "r1", "name": "Anna Berg"})
ON_RECORD = Facts(registrations=(row(),), on_record=frozenset({ANNA}), dossiers={ANNA: (RECORD,)})


@pytest.mark.parametrize(
    ("kind", "template", "outcome"),
    [
        (RequestKind.ACCESS, "access-answer", Outcome.DONE),
        (RequestKind.PORTABILITY, "portability-answer", Outcome.DONE),
        (RequestKind.RESTRICTION, "restricted", Outcome.DONE),
        (RequestKind.OBJECTION, "objection-done", Outcome.REVIEW),
        (RequestKind.CONSENT_WITHDRAWAL, "consent-withdrawn", Outcome.DONE),
        (RequestKind.ERASURE, "confirm-this", Outcome.DONE),
        (RequestKind.RECTIFICATION, "request-received", Outcome.REVIEW),
    ],
)
def test_each_right_from_the_address_on_record(kind, template, outcome):
    """The seven rights of section 6, claimed from the address on record."""
    decision = decide(case(request(kind), ON_RECORD))
    assert template in [t for t, _ in letters(decision)]
    assert decision.outcome is outcome
    assert changes(decision, OpenRequest)
    assert not changes(decision, ErasePerson)


def test_access_brings_everything_stored_as_json():
    """The answer holds a table and an attachment with the rows on record."""
    [letter] = decide(case(request(RequestKind.ACCESS), ON_RECORD)).letters
    assert b"Anna Berg" in letter.attachments[0].content
    assert letter.values["records"] == [{"table": "registration", "rows": [{"id": "r1", "name": "Anna Berg"}]}]


def test_nothing_on_record_is_said_honestly():
    """The request is answered and closed at once."""
    decision = decide(case(request(RequestKind.ACCESS), Facts()))
    assert letters(decision) == [("no-data", ANNA)]
    assert changes(decision, SetRequest)[0].status is RequestStatus.DONE


def test_erasure_happens_only_after_the_reply_with_the_token():
    """The token goes to the address on record; its reply erases, and a used token does not."""
    asked = decide(case(request(RequestKind.ERASURE), ON_RECORD))
    [grant] = changes(asked, GrantToken)
    token = Token(tag=grant.tag, purpose=Purpose.YES, address=ANNA, event=None, action=grant.action, data=grant.data)
    yes = understood(Intent.CONFIRMATION, answer=Answer.YES)
    confirmed = decide(case(yes, replace(ON_RECORD, tokens=(token,))))
    assert changes(confirmed, ErasePerson) == [ErasePerson(address=ANNA)]
    assert isinstance(confirmed.changes[-1], ErasePerson)
    used = decide(case(yes, replace(ON_RECORD, tokens=(replace(token, usable=False),))))
    assert (used.outcome, changes(used, ErasePerson)) == (Outcome.REVIEW, [])


def test_a_rectification_is_shown_and_changes_the_row_after_the_reply():
    """Old value and new value stand in the question; the reply changes it."""
    fix = Correction(field="name", old="Anna Berg", new="Anna Thal")
    asked = decide(case(request(RequestKind.RECTIFICATION, corrections=(fix,)), ON_RECORD))
    assert asked.letters[0].values["corrections"] == [{"field": "name", "old": "Anna Berg", "new": "Anna Thal"}]
    [grant] = changes(asked, GrantToken)
    token = Token(tag=grant.tag, purpose=Purpose.YES, address=ANNA, event=None, action=grant.action, data=grant.data)
    done = decide(case(understood(Intent.CONFIRMATION, answer=Answer.YES), replace(ON_RECORD, tokens=(token,))))
    assert changes(done, ChangeRegistration)[0].name == "Anna Thal"


@pytest.mark.parametrize("sender", [ANNA, None])
def test_automatic_mail_is_never_answered(sender):
    """I3: whatever it says, no letter and no change."""
    decision = decide(case(understood(Intent.AUTOMATIC, Action.IGNORE), ON_RECORD, sender=sender))
    assert (decision.letters, decision.changes, decision.outcome) == ((), (), Outcome.DONE)


def test_a_mail_without_one_sender_and_a_dmarc_failure_go_to_a_human():
    """Nobody to act for: review, nothing sent."""
    nobody = decide(case(registration(ANNA_BERG), sender=None))
    failed = decide(case(registration(ANNA_BERG), screening=Screening(kind=Kind.HUMAN, authentication=Authentication.FAIL)))
    assert [(d.outcome, d.letters, d.changes) for d in (nobody, failed)] == [(Outcome.REVIEW, (), ())] * 2


def test_over_the_daily_limit_an_answer_waits_but_a_right_does_not():
    """RFC 3834 section 2; answers about rights are not counted."""
    busy = replace(ON_RECORD, sent_today={ANNA: 10})
    assert decide(case(registration(ANNA_BERG), busy)).letters[0].not_before > NOW
    assert decide(case(request(RequestKind.ACCESS), busy)).letters[0].not_before is None
