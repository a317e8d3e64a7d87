"""What holds for every intent: machines, identity, a human's folder, receipts, limits, subscriptions."""

from dataclasses import replace

import pytest

from mailbot.decide import FORCED, decide, force, ignored, query
from mailbot.domain.decision import AddRegistration, Folder, NoteBounce, OpenRequest, SetSubscription, Suppress, Unsuppress
from mailbot.domain.facts import Facts, Token
from mailbot.domain.mail import Address, Defect, IncomingMail
from mailbot.domain.states import Outcome, Purpose, SubscriptionStatus
from mailbot.domain.understanding import (
    Action,
    Answer,
    Authentication,
    Bounce,
    Correction,
    Intent,
    Kind,
    RequestKind,
    Screening,
)
from tests.unit.deciding import (
    AFTER,
    ANNA,
    BERND,
    EVENT,
    NOW,
    SETTINGS,
    asked,
    case,
    changes,
    facts,
    letter,
    letters,
    person,
    registration,
    request,
    row,
    statuses,
    subscriber,
    thread,
    understood,
)

EVERY_WISH = [
    registration(person()),
    understood(Intent.CANCELLATION),
    understood(Intent.UNSUBSCRIBE),
    request(*RequestKind),
    understood(Intent.CONFIRMATION, answer=Answer.YES),
    understood(Intent.QUESTION),
    understood(Intent.UNCLEAR, Action.ASK),
]
FAILED = Screening(kind=Kind.HUMAN, authentication=Authentication.FAIL)


@pytest.mark.parametrize("understanding", EVERY_WISH)
@pytest.mark.parametrize("kind", [Kind.AUTOMATIC, Kind.BOUNCE, Kind.OWN])
def test_a_machine_is_never_answered_whatever_it_says(kind, understanding):
    """I3: no letter, no change."""
    decision = decide(case(understanding, facts(row()), screening=Screening(kind=kind)))
    assert (decision.letters, decision.changes, decision.outcome) == ((), (), Outcome.DONE)


def test_a_bounce_counts_only_with_a_token_of_ours_for_that_address():
    """A forged report ends nobody's mails."""
    bounce = Screening(kind=Kind.BOUNCE, bounces=(Bounce(address=BERND, permanent=True, status="5.1.1"),))
    automatic = understood(Intent.AUTOMATIC, Action.IGNORE)
    ours = decide(case(automatic, Facts(tokens=(thread(BERND),)), screening=bounce))
    forged = decide(case(automatic, Facts(tokens=(thread(ANNA),)), screening=bounce))
    assert [changes(d, NoteBounce) for d in (ours, forged)] == [[NoteBounce(address=BERND, permanent=True, status="5.1.1")], []]


@pytest.mark.parametrize("understanding", EVERY_WISH)
def test_no_single_sender_or_a_dmarc_failure_goes_to_a_human_unanswered(understanding):
    """Nobody to act for."""
    nobody = decide(case(understanding, facts(row()), sender=None))
    failed = decide(case(understanding, facts(row()), screening=FAILED))
    assert [(d.outcome, d.letters, d.changes) for d in (nobody, failed)] == [(Outcome.REVIEW, (), ())] * 2


@pytest.mark.parametrize("understanding", EVERY_WISH)
@pytest.mark.parametrize("action", [Action.ACT, Action.ASK, Action.REVIEW])
def test_a_mail_that_has_nothing_to_do_with_us_is_for_a_human_unanswered(understanding, action):
    """No letter, no deadline counted, no row: it may be other people's mail, whatever right it claims."""
    stranger = replace(understanding, action=action, related=False)
    decision = decide(case(stranger, Facts()))
    assert (decision.outcome, decision.letters, decision.changes) == (Outcome.REVIEW, (), ())
    assert decision.reasons == ("neither sent to this mailbox nor names the event",)


@pytest.mark.parametrize("known", [facts(row()), Facts(tokens=(thread(ANNA),))])
def test_who_is_on_record_or_answers_us_writes_to_us(known):
    """Their deadline runs even when the mail came through another address."""
    claim = replace(request(RequestKind.ERASURE, action=Action.REVIEW), related=False)
    assert changes(decide(case(claim, known)), OpenRequest)


@pytest.mark.parametrize("understanding", EVERY_WISH)
def test_a_suspect_is_for_a_human_unanswered_until_a_human_says_what_it_is(understanding):
    """A filter's mark or a bulk sender's stops letters and changes; a human's folder lifts it, as it does for strangers."""
    suspect = Screening(kind=Kind.HUMAN, suspect="is marked as spam by a mail server (x-spam-flag)")
    decision = decide(case(understanding, facts(row()), screening=suspect))
    assert (decision.outcome, decision.letters, decision.changes) == (Outcome.REVIEW, (), ())
    assert decision.reasons == (suspect.suspect,)
    told = force(replace(understanding, related=False, participants=(person(),)), Folder.REGISTER)
    assert letters(decide(case(told, forced=True, screening=suspect))) == [("registration-confirmed", ANNA)]


@pytest.mark.parametrize(
    ("folder", "sender_known", "expected", "outcome"),
    [
        (Folder.REGISTER, False, ["registration-confirmed"], Outcome.DONE),
        (Folder.CANCEL, True, ["cancelled"], Outcome.DONE),
        (Folder.CANCEL, False, [], Outcome.REVIEW),
        (Folder.UNSUBSCRIBE, False, ["unsubscribed"], Outcome.DONE),
        (Folder.DATA_REQUEST, True, [], Outcome.REVIEW),
    ],
)
def test_a_humans_folder_replaces_the_understanding(folder, sender_known, expected, outcome):
    """Done, or back in review with a reason when it can't be done."""
    unclear = replace(understood(Intent.UNCLEAR, Action.REVIEW), participants=(person(),))
    decision = decide(case(force(unclear, folder), facts(row()) if sender_known else Facts(), forced=True))
    assert ([t for t, _ in letters(decision)], decision.outcome) == (expected, outcome)
    assert outcome is Outcome.DONE or decision.reasons


@pytest.mark.parametrize("folder", [Folder.CANCEL, Folder.UNSUBSCRIBE, Folder.DATA_REQUEST])
def test_a_humans_folder_does_not_replace_identity(folder):
    """What is about somebody else is asked on record, and a forged sender stays forged."""
    wish = force(replace(understood(Intent.QUESTION), about=BERND, request_kinds=(RequestKind.ERASURE,)), folder)
    decision = decide(case(wish, facts(row("r2", BERND, "Bernd Au")), forced=True))
    assert ("confirm-this", BERND) in letters(decision)
    assert statuses(decision) == []
    forged = decide(case(replace(wish, about=None), facts(row()), forced=True, screening=FAILED))
    assert (forged.outcome, forged.changes) == (Outcome.REVIEW, ())


def test_a_human_may_register_a_mail_that_looked_automatic_or_too_late_is_said_back():
    """The folder says that somebody wrote it; the event's times still hold."""
    automatic = replace(understood(Intent.AUTOMATIC, Action.IGNORE), participants=(person(),))
    wish = force(automatic, Folder.REGISTER)
    decision = decide(case(wish, forced=True, screening=Screening(kind=Kind.AUTOMATIC)))
    assert changes(decision, AddRegistration)
    late = decide(case(wish, forced=True, now=AFTER))
    assert (late.outcome, late.letters) == (Outcome.REVIEW, ())
    assert late.reasons == ("can't be done: event started",)


def test_a_human_who_names_nobody_on_record_is_told_so_and_nobody_is_written_to():
    """Back in review with the reason."""
    wish = replace(force(understood(Intent.CANCELLATION), Folder.CANCEL), leaving=("Uwe Ohm",))
    decision = decide(case(wish, facts(row()), forced=True))
    assert (decision.letters, decision.changes, decision.outcome) == ((), (), Outcome.REVIEW)
    assert decision.reasons == ("can't be done: nobody of that name is registered under this address",)


def test_every_folder_for_humans_is_a_wish_and_ignore_changes_nothing():
    """Ignore: done, nothing said."""
    assert set(FORCED) == {Folder.REGISTER, Folder.CANCEL, Folder.UNSUBSCRIBE, Folder.DATA_REQUEST}
    assert (ignored().changes, ignored().letters, ignored().filing) == ((), (), Folder.DONE)
    unchanged = understood(Intent.QUESTION)
    assert force(unchanged, None) is unchanged


@pytest.mark.parametrize(
    ("known", "named", "told"),
    [
        (facts(row()), (), ["handed-over"]),
        (Facts(), (EVENT,), ["handed-over"]),
        (Facts(), (), []),
        (facts(row(), receipted=frozenset({ANNA})), (EVENT,), []),
    ],
)
@pytest.mark.parametrize("action", [Action.ACT, Action.REVIEW])
def test_a_receipt_goes_only_to_whom_we_know_or_who_names_the_event_and_once_a_day(action, known, named, told):
    """A human reads the mail in any case."""
    decision = decide(case(understood(Intent.QUESTION, action, events=named), known))
    assert ([t for t, _ in letters(decision)], decision.outcome) == (told, Outcome.REVIEW)


@pytest.mark.parametrize("understanding", EVERY_WISH)
def test_a_mail_that_was_read_in_part_is_told_once_and_changes_nothing(understanding):
    """Too large: a human looks; the deadline of a right runs."""
    large = {"defects": frozenset({Defect.TRUNCATED})}
    decision = decide(case(understanding, facts(row()), **large))
    assert decision.outcome is Outcome.REVIEW
    assert "too-large" in [t for t, _ in letters(decision)] or changes(decision, OpenRequest)
    assert statuses(decision) == []
    assert not changes(decision, AddRegistration)
    assert not changes(decision, Suppress)
    again = decide(case(understood(Intent.QUESTION), facts(row(), receipted=frozenset({ANNA})), **large))
    assert again.letters == ()


def test_the_limit_in_the_letter_is_the_configured_one():
    """So that the sender knows what fits."""
    decision = decide(case(understood(Intent.QUESTION), defects=frozenset({Defect.TRUNCATED})))
    assert letter(decision, "too-large").values["limit"] == SETTINGS.limits.max_mail_bytes


def test_our_own_address_in_a_mail_is_nobody_else():
    """Whoever quotes the mailbox's address speaks of themselves."""
    decision = decide(case(replace(understood(Intent.CANCELLATION), about="Anmeldung@klima.example"), facts(row())))
    assert letters(decision) == [("cancelled", ANNA)]


def test_a_doubtful_registration_is_not_carried_out():
    """A human looks first; the sender, who names the event, gets a receipt."""
    decision = decide(case(replace(registration(person()), action=Action.REVIEW, events=(EVENT,))))
    assert not changes(decision, AddRegistration)
    assert (letters(decision), decision.outcome) == ([("handed-over", ANNA)], Outcome.REVIEW)


def test_a_subscription_begins_with_the_reply_that_confirms_it():
    """Double opt-in: both texts are the proof of consent; no ends it, and the token works once."""
    wish = understood(Intent.QUESTION, Action.REVIEW, wants_mailings=True, own_text="Bitte auf den Verteiler")
    question = decide(case(wish))
    assert letters(question) == [("subscription-to-confirm", ANNA)]
    assert question.outcome is Outcome.DONE
    known = facts(subscriptions=subscriber(status=SubscriptionStatus.PENDING), tokens=(asked(question),))
    yes = decide(case(understood(Intent.CONFIRMATION, answer=Answer.YES, own_text="Ja, gern"), known))
    [set_to] = changes(yes, SetSubscription)
    assert (set_to.status, set_to.consent_text) == (SubscriptionStatus.SUBSCRIBED, "Bitte auf den Verteiler\n\nJa, gern")
    assert changes(yes, Unsuppress)
    assert letters(yes) == [("subscription-confirmed", ANNA)]
    no = decide(case(understood(Intent.CONFIRMATION, answer=Answer.NO), known))
    assert [c.status for c in changes(no, SetSubscription)] == [SubscriptionStatus.UNSUBSCRIBED]


def test_whoever_is_subscribed_already_is_told_so():
    """No second question."""
    decision = decide(case(understood(Intent.QUESTION, wants_mailings=True), facts(subscriptions=subscriber())))
    assert letters(decision) == [("subscription-confirmed", ANNA)]
    assert not changes(decision, SetSubscription)


def test_a_yes_with_a_question_does_both():
    """The reply is carried out and a human answers the rest."""
    question = decide(case(understood(Intent.QUESTION, wants_mailings=True)))
    answer = understood(Intent.CONFIRMATION, answer=Answer.YES, wishes=(Intent.CONFIRMATION, Intent.QUESTION))
    decision = decide(case(answer, facts(subscriptions=subscriber(status=SubscriptionStatus.PENDING), tokens=(asked(question),))))
    assert letters(decision) == [("subscription-confirmed", ANNA), ("handed-over", ANNA)]
    assert decision.outcome is Outcome.REVIEW


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO, Answer.UNDO, None])
def test_an_answer_without_an_open_question_is_an_ordinary_mail(answer):
    """A person reads it, or its other wish is done; never an error."""
    used = Token(tag="x-aaaaaaaaaa", purpose=Purpose.YES, address=ANNA, event=EVENT, action="cancel", usable=False)
    alone = decide(case(understood(Intent.CONFIRMATION, answer=answer), facts(row(), tokens=(used,))))
    assert (alone.outcome, statuses(alone)) == (Outcome.REVIEW, [])
    wish = understood(Intent.CONFIRMATION, answer=answer, wishes=(Intent.CONFIRMATION, Intent.UNSUBSCRIBE))
    assert letters(decide(case(wish, facts(row(), tokens=(used,))))) == [("unsubscribed", ANNA)]


def test_a_token_of_an_unknown_action_is_no_error():
    """A question of an older version: an ordinary mail."""
    old = Token(tag="x-aaaaaaaaaa", purpose=Purpose.YES, address=ANNA, event=EVENT, action="dance")
    assert decide(case(understood(Intent.CONFIRMATION, answer=Answer.YES), Facts(tokens=(old,)))).outcome is Outcome.REVIEW


def test_an_unclear_mail_is_asked_with_the_links_that_its_sender_can_use():
    """Cancel for who takes part, unsubscribe for who gets information mails."""
    wish = understood(Intent.UNCLEAR, Action.ASK)
    both = decide(case(wish, facts(row(), subscriptions=subscriber())))
    none = decide(case(wish))
    assert [{link.word.value for link in letter(d, "not-understood").links} for d in (both, none)] == [
        {"cancel", "unsubscribe"},
        set(),
    ]


def test_letters_to_others_are_in_their_language_and_the_senders_in_their_own():
    """A language that we do not write falls back to the default."""
    polish = replace(understood(Intent.CANCELLATION, about=BERND), language="pl")
    decision = decide(case(polish, facts(row("r2", BERND, "Bernd Au", language="en"))))
    assert {made.to: made.language for made in decision.letters} == {BERND: "en", ANNA: "de"}


def test_the_query_asks_for_all_that_a_decision_may_need():
    """People, the other address, a new address, and the tag that a bounce brings back."""
    mail = IncomingMail(
        identity=b"x",
        received_at=NOW,
        senders=(Address(email="Anna@Verein.example"),),
        returned_ids=("<klima-abcdefgh.7@klima.example>",),
    )
    fix = Correction(field="email", new="neu@x.example")
    asked_for = query(
        mail,
        replace(request(RequestKind.RECTIFICATION, corrections=(fix,), about=BERND), participants=(person(email="P@x.example"),)),
    )
    assert asked_for.addresses == {ANNA, BERND, "neu@x.example", "p@x.example"}
    assert (asked_for.sender, asked_for.tags, asked_for.dossiers) == (ANNA, ("klima-abcdefgh",), True)
