"""Cancelling: whose seat, at which event, who gets it, and undoing it (DESIGN section 6)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    Calendar,
    LinkWord,
    Suppress,
    UseToken,
)
from mailbot.domain.facts import Seats, Token
from mailbot.domain.states import Outcome, Purpose
from mailbot.domain.understanding import Action, Answer, Intent
from tests.unit.deciding import (
    AFTER,
    ANNA,
    BERND,
    CANCELLED,
    EVENT,
    GRETA,
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
    row,
    statuses,
    subscriber,
    thread,
    understood,
)

CANCEL = understood(Intent.CANCELLATION)


UNDO = understood(Intent.CONFIRMATION, answer=Answer.UNDO)


YES = understood(Intent.CONFIRMATION, answer=Answer.YES)


NO = understood(Intent.CONFIRMATION, answer=Answer.NO)


FAMILY = (row("r1"), row("r2", name="Bo Berg"))


def leaving(*names, **more):
    """Somebody named shall not come."""
    return understood(Intent.CANCELLATION, leaving=names, **more)


@pytest.mark.parametrize(
    ("understanding", "name", "cancelled"),
    [
        (CANCEL, "", None),
        (CANCEL, "Bo Berg", ["r2"]),
        (CANCEL, "Familie Berg", None),
        (leaving("Bo Berg"), "", ["r2"]),
        (leaving("Bo"), "", ["r2"]),
        (leaving("Berg"), "", None),
        (leaving("Anna Berg", "Bo Berg"), "", ["r1", "r2"]),
        (understood(Intent.CANCELLATION, own_text="Bo Berg kann leider nicht kommen."), "", ["r2"]),
        (understood(Intent.CANCELLATION, own_text="Bo Berg sagt ab. Anna Berg"), "", None),
        (leaving("Uwe Ohm"), "", None),
    ],
)
def test_several_people_on_one_address_whoever_is_named_leaves_else_it_is_asked(understanding, name, cancelled):
    """Own words, then the sender's name; a family's name is nobody's."""
    decision = decide(case(understanding, facts(*FAMILY), name=name))
    assert [row_id for row_id, _ in statuses(decision)] == (cancelled or [])
    assert letters(decision)[0][0] == ("cancelled" if cancelled else "which-person")


@pytest.mark.parametrize(("said", "cancelled"), [("Bo", ["r2"]), ("Anna Berg", ["r1"]), ("Wir beide", ["r1", "r2"]), ("Uwe", [])])
def test_which_person_is_answered_by_a_name(said, cancelled):
    """A first name is enough in an answer; a stranger's name is none."""
    question = decide(case(CANCEL, facts(*FAMILY)))
    answer = understood(Intent.UNCLEAR, Action.REVIEW, own_text=said)
    decision = decide(case(answer, facts(*FAMILY, tokens=(asked(question),))))
    assert [row_id for row_id, _ in statuses(decision)] == cancelled
    assert bool(changes(decision, UseToken)) is bool(cancelled)


@pytest.mark.parametrize(
    ("understanding", "expected"),
    [
        (understood(Intent.UNSUBSCRIBE, Action.ASK, bare_leave=True), ["cancelled"]),
        (understood(Intent.CANCELLATION, wishes=(Intent.CANCELLATION, Intent.UNSUBSCRIBE)), ["cancelled"]),
        (
            understood(
                Intent.CANCELLATION,
                wishes=(Intent.CANCELLATION, Intent.REGISTRATION),
                participants=(person("Greta Holm", "Kanzlei", None),),
            ),
            ["cancelled", "registration-confirmed"],
        ),
    ],
)
def test_an_answer_carries_out_only_what_was_asked_about(understanding, expected):
    """What else the mail wanted was done before; a seat that is handed on is still handed on."""
    question = decide(case(understanding, facts(*FAMILY)))
    assert letters(question)[0] == ("which-person", ANNA)
    answer = understood(Intent.UNCLEAR, Action.REVIEW, own_text="Bo")
    done = decide(case(answer, facts(*FAMILY, tokens=(asked(question),))))
    assert [t for t, _ in letters(done)] == expected
    assert statuses(done) == [("r2", "cancelled")]


def test_where_the_mail_does_not_say_who_leaves_a_guest_it_speaks_of_is_asked_and_the_senders_seat_is_kept():
    """A human sees it too: nobody loses a seat by a guess."""
    known = facts(row(), row("r2", GRETA, "Greta Holm", by=ANNA))
    decision = decide(case(understood(Intent.CANCELLATION, own_text="Greta Holm kann nicht kommen."), known))
    assert (statuses(decision), decision.outcome) == ([], Outcome.REVIEW)
    assert letters(decision) == [("confirm-this", GRETA), ("asked-on-record", ANNA)]


def test_who_is_pending_may_cancel_and_undo_makes_them_pending_again():
    """Undo restores what was."""
    decision = decide(case(CANCEL, facts(row(status=PENDING))))
    assert statuses(decision) == [("r1", "cancelled")]
    undone = decide(case(UNDO, facts(row(status=CANCELLED), tokens=(asked(decision, Purpose.UNDO),))))
    assert statuses(undone) == [("r1", "pending")]


@pytest.mark.parametrize("facts_now", [facts(row()), facts(), facts(*FAMILY)])
def test_after_the_start_a_cancellation_gets_a_polite_answer(facts_now):
    """Nothing changes any more."""
    decision = decide(case(CANCEL, facts_now, now=AFTER))
    assert letters(decision) == [("too-late", ANNA)]
    assert statuses(decision) == []


def test_after_registration_has_closed_a_cancellation_still_frees_the_seat():
    """Closed means for registrations."""
    decision = decide(case(CANCEL, facts(row()), settings=one_event(closes="2027-01-15T00:00:00")))
    assert letters(decision) == [("cancelled", ANNA)]


def test_whoever_is_registered_for_two_events_is_asked_which_one():
    """The answer names it; an event in the mail's own words needs no question."""
    known = facts(row(), row("r2", event=OTHER))
    question = decide(case(CANCEL, known, settings=TWO))
    assert letters(question) == [("which-event", ANNA)]
    assert letter(question, "which-event").values["wish"] == "cancellation"
    answer = understood(Intent.UNCLEAR, Action.REVIEW, own_text="Radtour", events=(OTHER,))
    done = decide(case(answer, replace(known, tokens=(asked(question),)), settings=TWO))
    assert statuses(done) == [("r2", "cancelled")]
    assert statuses(decide(case(understood(Intent.CANCELLATION, events=(OTHER,)), known, settings=TWO))) == [("r2", "cancelled")]
    assert statuses(decide(case(CANCEL, replace(known, tokens=(thread(event=OTHER),)), settings=TWO))) == [("r2", "cancelled")]


def test_the_only_event_that_is_still_to_come_is_meant():
    """The other one is over."""
    decision = decide(case(CANCEL, facts(row(), row("r2", event=OTHER)), settings=TWO, now=AFTER))
    assert statuses(decision) == [("r2", "cancelled")]


@pytest.mark.parametrize("status", [REGISTERED, CANCELLED])
def test_whom_the_sender_registered_with_their_own_address_is_asked_on_record(status):
    """The sender's word about another address is from elsewhere, and the answer tells nothing."""
    known = facts(row(), row("r2", GRETA, "Greta Holm", status, by=ANNA))
    decision = decide(case(leaving("Greta Holm"), known))
    assert statuses(decision) == []
    assert [to for t, to in letters(decision) if t == "confirm-this"] == ([GRETA] if status is REGISTERED else [])
    assert [t for t, to in letters(decision) if to == ANNA] == ["asked-on-record"]


def test_whom_the_sender_registered_under_their_own_address_is_theirs_to_cancel():
    """By name."""
    decision = decide(case(leaving("Greta Holm"), facts(row(), row("r2", name="Greta Holm"))))
    assert statuses(decision) == [("r2", "cancelled")]


def test_the_asked_person_confirms_by_reply_and_hears_of_it():
    """Letters go to the address on record."""
    known = facts(row("r2", GRETA, "Greta Holm", by=ANNA))
    question = decide(case(understood(Intent.CANCELLATION, about=GRETA), known))
    token = asked(question)
    assert (token.address, {link.word for link in letter(question, "confirm-this").links} >= {LinkWord.YES, LinkWord.NO}) == (
        GRETA,
        True,
    )
    done = decide(case(YES, replace(known, tokens=(token,)), sender=GRETA))
    assert statuses(done) == [("r2", "cancelled")]
    no = decide(case(NO, replace(known, tokens=(token,)), sender=GRETA))
    assert (statuses(no), no.letters, len(changes(no, UseToken))) == ([], (), 1)


@pytest.mark.parametrize("intent", [Intent.CANCELLATION, Intent.UNSUBSCRIBE])
def test_an_address_that_did_not_write_is_not_asked_more_often_than_the_limit(intent):
    """Over it nothing more is sent to them today, and the sender hears the same."""
    known = facts(row("r2", BERND, "Bernd Au"), sent_today={BERND: 10})
    decision = decide(case(understood(intent, about=BERND), known))
    assert letters(decision) == [("asked-on-record", ANNA)]


@pytest.mark.parametrize(
    ("sender", "subject", "known", "cancelled"),
    [
        ("tapper@x.example", "cancel klima-werkstatt [#klima-threadthread]", (row(),), ["r1"]),
        ("tapper@x.example", "Re: Ihre Anmeldung", (row(),), ["r1"]),
        (BERND, "Fwd: Ihre Anmeldung", (row(), row("r2", BERND, "Bernd Au")), ["r2"]),
        (BERND, "cancel klima-werkstatt [#klima-threadthread]", (row(), row("r2", BERND, "Bernd Au")), ["r1"]),
    ],
)
def test_a_link_speaks_for_whom_it_was_made_and_a_quotation_only_for_nobody_else(sender, subject, known, cancelled):
    """The token proves possession; letters go to the address on record, never to whoever tapped."""
    decision = decide(case(CANCEL, facts(*known, tokens=(thread(ANNA),)), sender=sender, subject=subject))
    assert [row_id for row_id, _ in statuses(decision)] == cancelled
    assert {to for _, to in letters(decision)} == {ANNA if cancelled == ["r1"] else BERND}


@pytest.mark.parametrize("purpose", [Purpose.YES, Purpose.UNDO, Purpose.UNSUBSCRIBE])
def test_a_token_of_another_purpose_proves_nothing(purpose):
    """Bound to one purpose: a newsletter's token cancels no seat."""
    token = Token(tag="klima-threadthread", purpose=purpose, address=ANNA, event=EVENT, action="cancel")
    decision = decide(case(CANCEL, facts(row(), tokens=(token,)), sender=BERND, subject="[#klima-threadthread]"))
    assert statuses(decision) == []


def test_several_freed_seats_go_to_several_who_wait_and_an_overfull_event_gives_none():
    """One for one, after what an undo took too many."""
    queue = tuple(row(f"w{n}", f"w{n}@x.example", f"W {n}", WAITING) for n in range(3))
    both = leaving("Anna Berg", "Bo Berg")
    full = decide(case(both, facts(*FAMILY, seats={EVENT: Seats(registered=2, queue=queue)})))
    over = decide(case(both, facts(*FAMILY, seats={EVENT: Seats(registered=3, queue=queue)})))
    assert [[i for i, s in statuses(d) if s == "registered"] for d in (full, over)] == [["w0", "w1"], ["w0"]]
    moved = full.letters[-1]
    assert (moved.template, moved.calendar, [link.word for link in moved.links][:1]) == (
        "moved-up",
        Calendar.PUBLISH,
        [LinkWord.CANCEL],
    )


def test_undo_restores_the_seat_even_when_it_was_given_on_and_nobody_else_loses_theirs():
    """The event may be one seat over its capacity then."""
    decision = decide(case(CANCEL, facts(row())))
    known = facts(row(status=CANCELLED), tokens=(asked(decision, Purpose.UNDO),), seats={EVENT: Seats(registered=2)})
    undone = decide(case(UNDO, known))
    assert statuses(undone) == [("r1", "registered")]
    assert letters(undone) == [("undone", ANNA)]


@pytest.mark.parametrize("now", [NOW, AFTER])
def test_a_used_or_expired_undo_is_an_ordinary_mail(now):
    """Somebody reads it; nothing is restored."""
    token = replace(asked(decide(case(CANCEL, facts(row()))), Purpose.UNDO), usable=False)
    decision = decide(case(UNDO, facts(row(status=CANCELLED), tokens=(token,)), now=now))
    assert (statuses(decision), decision.outcome) == ([], Outcome.REVIEW)


def test_after_the_start_undo_gets_a_polite_answer():
    """Nothing is stored."""
    token = asked(decide(case(CANCEL, facts(row()))), Purpose.UNDO)
    decision = decide(case(UNDO, facts(row(status=CANCELLED), tokens=(token,)), now=AFTER))
    assert letters(decision) == [("too-late", ANNA)]


def instead(*people, **more):
    """Somebody else comes instead."""
    wishes = (Intent.CANCELLATION, Intent.REGISTRATION)
    return understood(Intent.CANCELLATION, participants=people, wishes=wishes, **more)


GRETA_HOLM = person("Greta Holm", "Kanzlei", None)


QUEUE = (row("w0", BERND, "Bernd Au", WAITING),)


def test_cancelling_and_unsubscribing_in_one_mail_does_both():
    """Nothing is dropped."""
    both = understood(Intent.CANCELLATION, wishes=(Intent.CANCELLATION, Intent.UNSUBSCRIBE))
    decision = decide(case(both, facts(row(), subscriptions=subscriber())))
    assert letters(decision) == [("cancelled", ANNA), ("unsubscribed", ANNA)]
    assert changes(decision, Suppress)


def test_cancelling_and_asking_in_one_mail_does_both():
    """The seat is free, a human answers, and the sender hears of both."""
    both = understood(Intent.CANCELLATION, wishes=(Intent.CANCELLATION, Intent.QUESTION))
    decision = decide(case(both, facts(row())))
    assert letters(decision) == [("cancelled", ANNA), ("handed-over", ANNA)]
    assert decision.outcome is Outcome.REVIEW


BARE = understood(Intent.UNSUBSCRIBE, Action.ASK, bare_leave=True)
