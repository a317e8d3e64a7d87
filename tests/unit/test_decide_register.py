"""Registrations: places, asking back, other people, and what must not be told about them (DESIGN section 6)."""

from datetime import timedelta

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    GrantToken,
    LinkWord,
    MarkInformed,
    Nature,
    SetSubscription,
    UseToken,
)
from mailbot.domain.facts import Facts, Seats
from mailbot.domain.states import Outcome, Purpose, SubscriptionStatus
from mailbot.domain.understanding import Intent
from tests.unit.deciding import (
    AFTER,
    ANNA,
    BERND,
    CANCELLED,
    EVENT,
    NOW,
    OTHER,
    PENDING,
    REGISTERED,
    TWO,
    WAITING,
    asked,
    case,
    changes,
    facts,
    letter,
    letters,
    one_event,
    person,
    registration,
    row,
    subscriber,
    thread,
    understood,
)

FULL = {EVENT: Seats(registered=2)}


@pytest.mark.parametrize(
    ("before", "seats", "after", "requeue"),
    [
        (REGISTERED, Seats(registered=1), None, None),  # still registered
        (WAITING, Seats(registered=0), None, None),  # waiting stays waiting: who waits is moved up by a free seat only
        (CANCELLED, Seats(registered=0), REGISTERED, True),
        (CANCELLED, Seats(registered=2), WAITING, True),
        (PENDING, Seats(registered=1), REGISTERED, True),
    ],
)
def test_the_same_person_again_keeps_the_row_and_who_had_cancelled_starts_at_the_end(before, seats, after, requeue):
    """One row per person: what they hold is kept, a place given up is taken anew."""
    decision = decide(case(registration(person()), facts(row(status=before), seats={EVENT: seats})))
    assert not changes(decision, AddRegistration)
    moved = [(c.status, c.requeue) for c in changes(decision, ChangeRegistration)]
    assert moved == ([(after, requeue)] if after else [])


def test_a_spelling_of_the_same_name_is_the_same_person_and_another_name_is_another():
    """The key is the folded name; a second first name or a title makes nobody else."""
    known = facts(row())
    again = decide(case(registration(person("ANNA  berg")), known))
    titled = decide(case(registration(person("Dr. Anna Berg")), known))
    brother = decide(case(registration(person("Bo Berg")), known))
    assert [len(changes(d, AddRegistration)) for d in (again, titled, brother)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("values", "now", "why"),
    [
        ({"opens": "2027-02-15T00:00:00"}, None, "not-open"),
        ({"closes": "2027-01-15T00:00:00"}, None, "closed"),
        ({}, AFTER, "started"),
    ],
)
def test_outside_of_its_time_a_registration_gets_a_polite_answer_and_nothing_is_stored(values, now, why):
    """Not even that they were informed."""
    decision = decide(case(registration(person()), settings=one_event(**values), **({"now": now} if now else {})))
    assert letter(decision, "too-late").values["why"] == why
    assert not changes(decision, AddRegistration)
    assert not changes(decision, MarkInformed)
    assert decision.outcome is Outcome.DONE


def test_an_erased_event_takes_nobody():
    """Whatever its times say."""
    decision = decide(case(registration(person()), Facts(erased_events=frozenset({EVENT}))))
    assert letter(decision, "too-late").values["why"] == "erased"


def test_an_answer_to_a_letter_of_an_event_that_is_gone_registers_for_no_other():
    """Unless the mail names it."""
    gone = facts(tokens=(thread(event="gone"),))
    assert letter(decide(case(registration(person()), gone)), "too-late").values["why"] == "erased"
    assert changes(decide(case(registration(person(), events=(EVENT,)), gone)), AddRegistration)


def test_of_several_events_the_named_one_then_the_only_open_one_counts_else_it_is_asked():
    """Asked only where a clerk would have to ask; the answer brings the people of the first mail with it."""
    people = (person(), person("Bo Berg", "Verein", None))
    named = decide(case(registration(*people, events=(OTHER,)), settings=TWO))
    assert {a.event for a in changes(named, AddRegistration)} == {OTHER}
    late = decide(case(registration(*people), settings=TWO, now=AFTER))
    assert {a.event for a in changes(late, AddRegistration)} == {OTHER}
    question = decide(case(registration(*people), settings=TWO))
    assert letters(question) == [("which-event", ANNA)]
    assert letter(question, "which-event").values["choices"] == ["Klima-Werkstatt", "Rad-Tour"]
    answer = understood(Intent.UNCLEAR, own_text="Die Radtour", events=(OTHER,))
    done = decide(case(answer, Facts(tokens=(asked(question),)), settings=TWO))
    assert [(a.event, a.name) for a in changes(done, AddRegistration)] == [(OTHER, "Anna Berg"), (OTHER, "Bo Berg")]
    assert changes(done, UseToken)


def test_both_events_may_be_named_in_one_mail():
    """One confirmation each."""
    decision = decide(case(registration(person(), events=(EVENT, OTHER)), settings=TWO))
    assert {a.event for a in changes(decision, AddRegistration)} == {EVENT, OTHER}
    assert [t for t, _ in letters(decision)] == ["registration-confirmed"] * 2


def test_somebody_elses_row_is_neither_changed_nor_shown():
    """The sender hears the same whether or not the other address is on record (I5)."""
    other = person("Bernd Au", "Werk", BERND)
    known = facts(row("r2", BERND, "Bernd Au", WAITING, institution="Geheim"), informed=frozenset())
    stranger, on_record = decide(case(registration(other))), decide(case(registration(other), known))
    assert not changes(on_record, ChangeRegistration)
    assert not changes(on_record, AddRegistration)
    mine = [
        [(m.template, m.values["people"], m.values["waiting"], m.values["again"]) for m in d.letters if m.to == ANNA]
        for d in (stranger, on_record)
    ]
    assert mine[0] == mine[1]


def test_somebody_else_who_had_cancelled_is_told_when_another_registers_them():
    """To the address on record, in the language on record, with the way to undo it."""
    known = facts(row("r2", BERND, "Bernd Au", CANCELLED, language="en"))
    decision = decide(case(registration(person("Bernd Au", "Werk", BERND)), known))
    told = letter(decision, "registered-by-other")
    assert (told.to, told.language, told.values["by"]) == (BERND, "en", ANNA)
    assert {link.word for link in told.links} >= {LinkWord.CANCEL, LinkWord.ERASE}


def test_one_address_hears_once_whoever_is_registered_under_it():
    """One mail, however many names; the people stand in it."""
    people = [person(f"Person {n}", "Werk", BERND) for n in range(5)]
    decision = decide(case(registration(*people)))
    told = letter(decision, "registered-by-other")
    assert [p["name"] for p in told.values["people"]] == [p.name for p in people]


def test_a_subscriber_who_is_registered_by_another_is_told_too():
    """On record for something else is no reason to be silent."""
    known = facts(subscriptions=subscriber(BERND))
    decision = decide(case(registration(person("Bernd Au", "Werk", BERND)), known))
    assert ("registered-by-other", BERND) in letters(decision)


@pytest.mark.parametrize(
    ("people", "known"),
    [
        ([person(f"Person {n}", "X", f"p{n}@x.example") for n in range(11)], {}),
        ([person("Bernd Au", "Werk", BERND)], {"introduced_today": 30}),
        ([person("Bernd Au", "Werk", BERND)], {"sent_today": {BERND: 10}}),
        ([person("Win now https://x.example", "Werk", BERND)], {}),
        ([person("Bernd Au", "buy at www.x.example", BERND)], {}),
    ],
)
def test_nobody_can_fill_other_peoples_mailboxes(people, known):
    """Eleven strangers, the thirty-first of a day, an address written to often, or an advertisement as a name: a human looks."""
    decision = decide(case(registration(*people), facts(**known)))
    assert (decision.outcome, decision.letters) == (Outcome.REVIEW, ())
    assert not changes(decision, AddRegistration)


def test_a_question_beside_a_registration_goes_to_a_human_and_the_confirmation_says_so():
    """Registered and handed over; no second letter."""
    decision = decide(case(registration(person(), wishes=(Intent.REGISTRATION, Intent.QUESTION), own_text="… Gibt es Kaffee?")))
    assert changes(decision, AddRegistration)
    assert decision.outcome is Outcome.REVIEW
    assert letters(decision) == [("registration-confirmed", ANNA)]
    assert letter(decision, "registration-confirmed").values["also_asks"]


def test_a_question_beside_a_registration_that_must_be_asked_back_is_not_dropped():
    """The sender hears of both."""
    understanding = registration(person(institution=None), wishes=(Intent.REGISTRATION, Intent.QUESTION))
    decision = decide(case(understanding))
    assert decision.outcome is Outcome.REVIEW
    assert letters(decision) == [("question-back", ANNA), ("handed-over", ANNA)]


def test_a_registration_that_wants_information_mails_too_is_asked_to_confirm_them():
    """Double opt-in: one neutral mail, nothing subscribed before the reply."""
    decision = decide(case(registration(person(), wants_mailings=True, own_text="…")))
    assert letters(decision) == [("registration-confirmed", ANNA), ("subscription-to-confirm", ANNA)]
    assert [c.status for c in changes(decision, SetSubscription)] == [SubscriptionStatus.PENDING]


def test_the_first_letter_informs_and_the_second_does_not():
    """GDPR Art. 13: once per person."""
    first = decide(case(registration(person())))
    second = decide(case(registration(person()), facts(row())))
    assert [d.letters[0].informs for d in (first, second)] == [True, False]
    assert changes(first, MarkInformed)


def test_only_what_is_no_direct_answer_carries_the_way_to_unsubscribe():
    """With a token of its own that never expires; a participant's confirmation has none."""
    decision = decide(case(registration(person(), person("Bernd Au", "Werk", BERND))))
    told, answer = letter(decision, "registered-by-other"), letter(decision, "registration-confirmed")
    [tag] = [link.tag for link in told.links if link.word is LinkWord.UNSUBSCRIBE]
    [grant] = [g for g in changes(decision, GrantToken) if g.tag == tag]
    assert (grant.purpose, grant.address, grant.expires_at) == (Purpose.UNSUBSCRIBE, BERND, None)
    assert told.nature is Nature.NOTICE
    assert told.answers is None
    assert answer.answers is not None
    assert LinkWord.UNSUBSCRIBE not in {link.word for link in answer.links}


def test_a_restricted_person_who_registers_again_is_told_that_they_are_registered():
    """Nothing about the row changes."""
    decision = decide(case(registration(person()), facts(row(restricted=True))))
    assert not changes(decision, ChangeRegistration)
    assert letters(decision) == [("registration-confirmed", ANNA)]


def test_a_colleague_named_in_a_forwarded_letter_is_registered_for_themselves():
    """A token that came along in a quotation does not make the writer somebody else."""
    known = facts(row(), tokens=(thread(ANNA),))
    decision = decide(case(registration(person("Bernd Au", "Werk", BERND)), known, sender=BERND))
    [added] = changes(decision, AddRegistration)
    assert (added.email, added.by) == (BERND, None)


def test_those_who_fit_are_registered_in_the_order_of_the_mail():
    """One seat is left: the first gets it."""
    people = [person(name) for name in ("Anna Berg", "Bo Berg")]
    decision = decide(case(registration(*people), facts(seats={EVENT: Seats(registered=1)})))
    assert [a.status for a in changes(decision, AddRegistration)] == [REGISTERED, WAITING]
    confirmed = letter(decision, "registration-confirmed")
    assert [p["name"] for p in confirmed.values["people"]] == ["Anna Berg"]
    assert [p["name"] for p in confirmed.values["waiting"]] == ["Bo Berg"]


def test_nobody_is_seated_past_those_who_wait():
    """A free seat with a waiting list is theirs."""
    seats = {EVENT: Seats(registered=1, queue=(row("r9", BERND, "Bernd Au", WAITING),))}
    decision = decide(case(registration(person()), facts(seats=seats)))
    assert letters(decision) == [("waiting-list", ANNA)]


def test_one_person_named_twice_is_one_person():
    """By name and address."""
    decision = decide(case(registration(person(), person())))
    assert len(changes(decision, AddRegistration)) == 1


def test_our_own_mailbox_is_no_participants_address():
    """Else mailbot would write to itself: a human looks at it, nothing is stored or sent to it."""
    decision = decide(case(registration(person("Anna Berg", "Verein", "Anmeldung@klima.example"))))
    assert decision.outcome is Outcome.REVIEW
    assert not changes(decision, AddRegistration)
    assert all(letter.to == ANNA for letter in decision.letters)


def test_answers_over_the_limit_are_spread_over_the_days_to_come():
    """Twenty-five today at ten a day: the next answer waits two days, not one (RFC 3834 section 2)."""
    decision = decide(case(registration(person("Anna Berg", "Verein", ANNA)), Facts(sent_today={ANNA: 25})))
    assert decision.letters[0].not_before == NOW + timedelta(days=2)
