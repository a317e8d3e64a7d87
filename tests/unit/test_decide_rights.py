"""The seven rights: from which address, for which person, with which reply (DESIGN section 6; GDPR Art. 12–21)."""

import json
from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    ChangeRegistration,
    ErasePerson,
    LinkWord,
    Nature,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Facts, Record, Request, Seats
from mailbot.domain.states import Outcome, RequestStatus, SubscriptionStatus, check_request
from mailbot.domain.understanding import Action, Answer, Correction, Intent, RequestKind
from mailbot.settings import Settings
from tests.unit.deciding import (
    AFTER,
    ANNA,
    BASE,
    BERND,
    EVENT,
    KLIMA,
    NOW,
    OTHER,
    PENDING,
    TWO,
    WAITING,
    asked,
    case,
    changes,
    erased,
    facts,
    letter,
    letters,
    request,
    row,
    statuses,
    subscriber,
    thread,
    understood,
)

YES = understood(Intent.CONFIRMATION, answer=Answer.YES)


NO = understood(Intent.CONFIRMATION, answer=Answer.NO)


FAMILY = (row("r1"), row("r2", name="Bo Berg"))


ALL = tuple(RequestKind)


AT_ONCE = {
    RequestKind.ACCESS: "access-answer",
    RequestKind.PORTABILITY: "portability-answer",
    RequestKind.RESTRICTION: "restricted",
    RequestKind.OBJECTION: "objection-done",
    RequestKind.CONSENT_WITHDRAWAL: "consent-withdrawn",
}


FIX = Correction(field="name", old="Anna Berg", new="Anna Thal")


HURTS = (ChangeRegistration, ErasePerson, SetSubscription, Suppress)


def claim(kind, **more):
    """A claim of one right; a rectification says what becomes what."""
    return request(kind, corrections=(FIX,) if kind is RequestKind.RECTIFICATION else (), **more)


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


@pytest.mark.parametrize("kind", ALL)
def test_a_right_claimed_from_elsewhere_is_asked_on_record_and_the_reply_carries_it_out(kind):
    """The sender hears the same whether or not the address is on record; the answer goes to the address on record."""
    known = facts(row("r1", BERND, "Anna Berg"))
    wish = claim(kind, about=BERND)
    question, unknown = decide(case(wish, known)), decide(case(wish, Facts(informed=frozenset({ANNA}))))
    assert (
        [t for t, to in letters(question) if to == ANNA] == [t for t, to in letters(unknown) if to == ANNA] == ["asked-on-record"]
    )
    assert (hurts(question), hurts(unknown), unknown.outcome) == ([], [], Outcome.DONE)
    assert not changes(unknown, OpenRequest)
    assert [r.status for r in changes(question, OpenRequest)] == [RequestStatus.IDENTITY_PENDING]
    token = asked(question)
    assert token.address == BERND
    done = decide(case(YES, replace(known, tokens=(token,)), sender=BERND))
    expected = {**AT_ONCE, RequestKind.RECTIFICATION: "rectified", RequestKind.ERASURE: "erased-person"}[kind]
    assert (expected, BERND) in letters(done)
    assert {to for _, to in letters(done)} == {BERND}


@pytest.mark.parametrize("kind", ALL)
def test_the_persons_token_claims_a_right_from_any_address_and_the_answer_goes_to_the_address_on_record(kind):
    """Whoever tapped a forwarded link gets nothing."""
    known = facts(row(), tokens=(thread(ANNA),))
    decision = decide(case(claim(kind), known, sender="tapper@x.example", subject="access [#klima-threadthread]"))
    assert {to for _, to in letters(decision)} == {ANNA}
    assert letters(decision)[0][0] == AT_ONCE.get(kind, "confirm-this")


@pytest.mark.parametrize("kind", ALL)
def test_nothing_on_record_is_said_honestly_and_closed(kind):
    """The same for every right; who objects is kept suppressed and told so."""
    decision = decide(case(claim(kind)))
    assert letters(decision) == [("no-data", ANNA)]
    assert set(moves(decision).values()) == {RequestStatus.DONE}
    ends = kind in {RequestKind.OBJECTION, RequestKind.CONSENT_WITHDRAWAL}
    assert letter(decision, "no-data").values["suppressed"] is ends
    assert bool(changes(decision, Suppress)) is ends


@pytest.mark.parametrize("kind", ALL)
def test_rights_work_after_the_event_has_started(kind):
    """At any time."""
    decision = decide(case(claim(kind), facts(row()), now=AFTER))
    assert letters(decision)[0][0] == AT_ONCE.get(kind, "confirm-this")


@pytest.mark.parametrize("kind", ALL)
def test_where_people_share_an_address_it_is_asked_whose_right_it_is(kind):
    """Asked first, with the deadline running; the answer carries it out for that person only."""
    question = decide(case(claim(kind), facts(*FAMILY)))
    assert letters(question) == [("which-person", ANNA)]
    assert hurts(question) == []
    [opened] = changes(question, OpenRequest)
    known = (Request(id=opened.id, kinds=opened.kinds, status=opened.status, address=ANNA, received_at=NOW, due=opened.due),)
    answer = understood(Intent.UNCLEAR, Action.REVIEW, own_text="Anna Berg")
    done = decide(case(answer, facts(*FAMILY, tokens=(asked(question),), requests=known)))
    assert letters(done)[0][0] == AT_ONCE.get(kind, "confirm-this")
    assert not changes(done, OpenRequest)
    assert {c.id for c in changes(done, ChangeRegistration)} <= {"r1"}
    moves(done, known)


@pytest.mark.parametrize(("how", "name"), [({"own_text": "Meine Daten: Bo Berg."}, ""), ({}, "Bo Berg")])
def test_erasing_one_of_several_people_leaves_the_others(how, name):
    """By the mail's own words or the sender's name: only that row goes, and the letter says that others stay."""
    question = decide(case(request(RequestKind.ERASURE, **how), facts(*FAMILY), name=name))
    done = decide(case(YES, facts(*FAMILY, tokens=(asked(question),))))
    assert erased(done) == [ErasePerson(address=ANNA, registration_ids=("r2",), whole_address=False)]
    assert "others" in letter(done, "erased-person").values["kept"]


@pytest.mark.parametrize(("name", "outcome"), [("Anna Berg", Outcome.DONE), ("Bo Berg", Outcome.REVIEW), (None, Outcome.REVIEW)])
def test_the_subscription_of_a_shared_address_is_not_erased_on_a_guess(name, outcome):
    """Unless it is plainly the other person's, a human decides whose it is."""
    known = facts(*FAMILY, subscriptions={ANNA: replace(subscriber()[ANNA], name=name)})
    question = decide(case(request(RequestKind.ERASURE), known, name="Bo Berg"))
    assert decide(case(YES, replace(known, tokens=(asked(question),)))).outcome is outcome


def test_access_shows_each_person_only_their_own_rows():
    """Rows by their id, other records unless they speak of the other person."""
    records = (
        Record(table="registration", values={"id": "r1", "name": "Anna Berg"}),
        Record(table="registration", values={"id": "r2", "name": "Bo Berg"}),
        Record(table="ledger", values={"text": "Hier schreibt Anna Berg."}),
        Record(table="ledger", values={"text": "Und hier Bo Berg."}),
    )
    decision = decide(case(request(RequestKind.ACCESS), facts(*FAMILY, dossiers={ANNA: records}), name="Anna Berg"))
    answer = letter(decision, "access-answer")
    assert b"Bo" not in answer.attachments[0].content
    assert answer.values["records"] == [
        {"table": "registration", "rows": [{"id": "r1", "name": "Anna Berg"}]},
        {"table": "ledger", "rows": [{"text": "Hier schreibt Anna Berg."}]},
    ]


def test_an_access_answer_is_never_empty_for_want_of_data():
    """Where the store was not asked, a human answers in time."""
    decision = decide(case(request(RequestKind.ACCESS), facts(row(), dossiers={})))
    assert (letters(decision), decision.outcome) == ([("request-received", ANNA)], Outcome.REVIEW)


def test_portability_gives_json_and_csv_without_formulas():
    """Art. 20: what the person provided, in formats that machines read."""
    record = Record(table="registration", values={"id": "r1", "name": "=cmd()", "institution": None})
    decision = decide(case(request(RequestKind.PORTABILITY), facts(row(), dossiers={ANNA: (record,)})))
    made = {a.filename: a.content for a in letter(decision, "portability-answer").attachments}
    assert json.loads(made["data.json"])[0]["rows"][0]["name"] == "=cmd()"
    assert made["registration.csv"] == b"id,name,institution\r\nr1,'=cmd(),\r\n"


def test_portability_says_so_where_it_does_not_apply():
    """A legal basis that is neither consent nor contract."""
    public = Settings.model_validate({**BASE, "events": [KLIMA], "privacy": {"legal_basis": "Art. 6 (1) (e) GDPR"}})
    decision = decide(case(request(RequestKind.PORTABILITY), facts(row()), settings=public))
    answer = letter(decision, "portability-answer")
    assert (answer.values["applies"], answer.values["records"], answer.attachments) == (False, [], ())


def test_restriction_asks_once_whether_event_mails_shall_still_come():
    """The seat stays counted; yes lets event mails come, no leaves it so, and a second restriction asks nothing."""
    first = decide(case(request(RequestKind.RESTRICTION), facts(row())))
    assert changes(first, ChangeRegistration) == [ChangeRegistration(id="r1", restricted=True, event_mails=False)]
    assert letter(first, "restricted").values["asks"]
    token = asked(first)
    known = facts(row(restricted=True, event_mails=False), tokens=(token,))
    assert [c.event_mails for c in changes(decide(case(YES, known)), ChangeRegistration)] == [True]
    no = decide(case(NO, known))
    assert not changes(no, ChangeRegistration)
    assert not letter(no, "event-mails-kept").values["kept"]
    again = decide(case(request(RequestKind.RESTRICTION), facts(row(restricted=True))))
    assert not letter(again, "restricted").values["asks"]
    assert LinkWord.YES not in {link.word for link in letter(again, "restricted").links}


def test_an_objection_to_the_registration_restricts_it_and_a_human_decides():
    """Art. 21 (1): it stays registered, its request stays open; mailings end at once."""
    decision = decide(case(request(RequestKind.OBJECTION), facts(row(), subscriptions=subscriber())))
    assert changes(decision, ChangeRegistration) == [ChangeRegistration(id="r1", restricted=True, event_mails=False)]
    assert changes(decision, Suppress)
    assert decision.outcome is Outcome.REVIEW
    assert set(moves(decision).values()) == {RequestStatus.OPEN}


def test_an_objection_to_information_mails_is_done_at_once():
    """Art. 21 (3): the registration is not touched."""
    understanding = request(RequestKind.OBJECTION, against_mailings=True)
    decision = decide(case(understanding, facts(row(), subscriptions=subscriber())))
    assert not changes(decision, ChangeRegistration)
    assert [c.status for c in changes(decision, SetSubscription)] == [SubscriptionStatus.UNSUBSCRIBED]
    assert set(moves(decision).values()) == {RequestStatus.DONE}
    assert decision.outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("basis", "against", "gone"),
    [("Art. 6 (1) (a) GDPR", False, ["r1", "r2"]), ("Art. 6 (1) (a) GDPR", True, []), ("Art. 6 (1) (e) GDPR", False, [])],
)
def test_a_withdrawal_ends_what_rests_on_consent_for_all_events(basis, against, gone):
    """Art. 7 (3): registrations only where consent is their basis; their seats go to who waits."""
    settings = TWO.model_copy(update={"privacy": TWO.privacy.model_copy(update={"legal_basis": basis})})
    queue = (row("w", BERND, "Bernd Au", WAITING),)
    known = facts(row(), row("r2", event=OTHER), seats={EVENT: Seats(registered=2, queue=queue)})
    decision = decide(case(request(RequestKind.CONSENT_WITHDRAWAL, against_mailings=against), known, settings=settings))
    assert [i for i, s in statuses(decision) if s == "cancelled"] == gone
    assert (("w", "registered") in statuses(decision)) is bool(gone)
    assert changes(decision, Suppress)


def test_erasure_frees_every_seat_and_comes_last():
    """Pending rows free none; who waits for themselves is not moved up before being erased."""
    queue = (row("r3", status=WAITING), row("w", BERND, "Bernd Au", WAITING))
    mine = (row(), row("r3", status=WAITING), row("r4", event=OTHER, status=PENDING))
    known = facts(*mine, seats={EVENT: Seats(registered=2, queue=queue)})
    question = decide(case(request(RequestKind.ERASURE), known, settings=TWO))
    assert letter(question, "confirm-this").nature is Nature.RIGHTS
    done = decide(case(YES, replace(known, tokens=(asked(question),)), settings=TWO))
    assert statuses(done) == [("w", "registered")]
    assert done.changes[-1] == ErasePerson(address=ANNA)
    assert letters(done) == [("erased-person", ANNA), ("moved-up", BERND)]


@pytest.mark.parametrize("corrections", [(), (Correction(field="email", new="no address"),), (Correction(field="phone", new="1"),)])
def test_a_rectification_that_says_nothing_plain_is_a_humans(corrections):
    """Received, deadline running, in review."""
    decision = decide(case(request(RequestKind.RECTIFICATION, corrections=corrections), facts(row())))
    assert (letters(decision), decision.outcome) == ([("request-received", ANNA)], Outcome.REVIEW)
    assert set(moves(decision).values()) == {RequestStatus.OPEN}


def test_a_new_address_is_confirmed_at_the_old_one():
    """The question and the answer go to the address on record; an address where that person stands already is a human's."""
    fix = Correction(field="email", old=ANNA, new="anna@neu.example")
    question = decide(case(request(RequestKind.RECTIFICATION, corrections=(fix,)), facts(row())))
    done = decide(case(YES, facts(row(), tokens=(asked(question),))))
    assert [c.email for c in changes(done, ChangeRegistration)] == ["anna@neu.example"]
    assert letters(question) + letters(done) == [("confirm-this", ANNA), ("rectified", ANNA)]
    taken = facts(row(), row("r5", "anna@neu.example"))
    assert decide(case(request(RequestKind.RECTIFICATION, corrections=(fix,)), taken)).outcome is Outcome.REVIEW


@pytest.mark.parametrize(
    ("old", "new", "becomes"),
    [
        ("Berg", "Bergh", ["Anna Bergh"]),
        ("Anna", "Anne", ["Anne Berg"]),
        ("Berg", "Anna Bergh", ["Anna Bergh"]),
        ("Berg", "von Au", ["Anna von Au"]),
        ("Anna Berg", "Anna Au", ["Anna Au"]),
        (None, "Anna Au", ["Anna Au"]),
        (None, "Au", []),
        ("Er", "Au", []),
    ],
)
def test_a_corrected_part_of_a_name_keeps_the_rest(old, new, becomes):
    """A surname becomes a surname, not the whole name; where it can't be told which part is meant, a human decides."""
    fix = Correction(field="name", old=old, new=new)
    question = decide(case(request(RequestKind.RECTIFICATION, corrections=(fix,)), facts(row())))
    done = decide(case(YES, facts(row(), tokens=(asked(question),))))
    assert [c.name for c in changes(done, ChangeRegistration)] == becomes
    assert (done.outcome is Outcome.REVIEW) is not bool(becomes)


def test_a_wrong_old_value_corrects_nothing():
    """Only what stands there becomes something else."""
    fix = Correction(field="institution", old="Kirche", new="Werk")
    question = decide(case(request(RequestKind.RECTIFICATION, corrections=(fix,)), facts(row())))
    done = decide(case(YES, facts(row(), tokens=(asked(question),))))
    assert (changes(done, ChangeRegistration), done.outcome) == ([], Outcome.REVIEW)
