"""Retention: every rule but the final step; what is over goes, what has another reason stays."""

from datetime import UTC, datetime, timedelta

import pytest

from mailbot.domain.decision import MarkInformed, NoteBounce, SetRequest, SetSubscription
from mailbot.domain.facts import Query
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.retention import rule_end
from mailbot.settings import Period, Rule
from mailbot.store.expire import latest_anchor
from tests.store.example import ANNA, BERT, NOW, add, handle, letter, raw, request, token

DAYS = timedelta(days=1)


def rule(keep, to=None):
    """A rule on ``received``."""
    return Rule(after="received", keep=Period.parse(keep), round_up_to=to)


@pytest.mark.parametrize(
    "made", [rule("P0D"), rule("P30D"), rule("P3M"), rule("P12M", "month"), rule("P1Y", "year"), rule("P0D", "day")]
)
@pytest.mark.parametrize("now", [NOW, datetime(2028, 2, 29, 23, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)])
def test_the_latest_anchor_is_the_last_moment_whose_rule_has_ended(made, now):
    """Exact to the second, over months, years and the change of the clocks."""
    found = latest_anchor(made, now, "Europe/Berlin")
    assert rule_end(made, found, "Europe/Berlin") <= now
    assert rule_end(made, found + timedelta(seconds=2), "Europe/Berlin") > now


def dossier(store, address=ANNA):
    """The tables that hold something about an address."""
    with store.reading() as tx:
        return sorted({r.table for r in tx.facts(Query(sender=address, dossiers=True), NOW).dossiers[address]})


def test_a_strangers_correspondence_goes_after_thirty_days(store, configured):
    """Mails received + P30D: contents of the ledger, sent mails, tokens, who was informed, bounces; the ledger row stays."""
    handle(
        store,
        token(event=None),
        token("mailbot-u", purpose=Purpose.UNSUBSCRIBE, event=None),
        MarkInformed(email=ANNA, notice_version="1"),
        NoteBounce(address=ANNA, permanent=True, status="5.1.1"),
        letters=[letter(event=None)],
    )
    for queued in store.outbox.claim(NOW, 10):
        store.outbox.mark_sent([queued.id], NOW)
    assert store.expire(configured, NOW + 29 * DAYS) == {}
    assert dossier(store) == ["bounce", "informed", "ledger", "outbox", "token"]
    assert store.overdue(configured, NOW + 31 * DAYS) == {"ledger": 1, "outbox": 1, "token": 2, "informed": 1, "bounce": 1}
    store.expire(configured, NOW + 31 * DAYS)
    assert store.overdue(configured, NOW + 31 * DAYS) == {}
    assert dossier(store) == []
    with store.reading() as tx:
        assert tx.handled("main", b"identity 1").outcome is Outcome.DONE


def test_what_was_expired_is_gone_from_the_bytes(store, configured):
    """Not only from the columns."""
    handle(store, text="Ich suche Waldemar Wiese.")
    store.expire(configured, NOW + 31 * DAYS)
    store.vacuum()
    assert store.search_bytes([ANNA, "Waldemar Wiese"]) == 0


def test_participants_mails_go_with_their_event(store, configured):
    """However long that is."""
    handle(store, add(event="garten"), token(), letters=[letter()])
    store.expire(configured, NOW + 100 * DAYS)
    assert dossier(store) == ["ledger", "outbox", "registration", "token"]
    with store.reading() as tx:
        assert tx.handled("main", b"identity 1") is not None


def test_an_unanswered_mail_waits_for_a_human_till_its_rule_ends(store, configured):
    """Review keeps nothing longer than the rule ``mails`` says (I4); an open request keeps its letters."""
    handle(store, uid=1, outcome=Outcome.REVIEW, text="Hilfe")
    handle(store, request(address=BERT), sender=BERT, uid=2)
    store.expire(configured, NOW + 29 * DAYS)
    assert store.review("ledger-1").text == "Hilfe"
    store.expire(configured, NOW + 31 * DAYS)
    assert store.review("ledger-1") is None
    assert dossier(store, BERT) == ["ledger", "request"]


def test_ledger_rows_go_after_ninety_days(store, configured):
    """With the places where their mails were seen."""
    handle(store)
    with store.transaction() as tx:
        tx.note_old(raw(2), b"old", NOW, "l2")
    store.expire(configured, NOW + 89 * DAYS)
    assert store.missing_uids("main", "INBOX", 7, [1, 2]) == set()
    store.expire(configured, NOW + 91 * DAYS)
    assert store.missing_uids("main", "INBOX", 7, [1, 2]) == {1, 2}


def test_a_closed_request_keeps_dates_and_hash_for_three_years(store, configured):
    """``closed`` + P3Y, to the end of the year: its kinds, dates, outcome, and no address."""
    handle(store, request(), uid=1)
    handle(store, SetRequest(id="q1", status=RequestStatus.REFUSED, step="unfounded"), uid=2)
    store.expire(configured, datetime(2030, 12, 31, 22, tzinfo=UTC))
    assert store.request("q1").address is None
    assert len(store.requests()) == 1
    store.expire(configured, datetime(2030, 12, 31, 23, 30, tzinfo=UTC))
    assert store.requests() == ()


def subscribe(status, **values):
    """A subscriber."""
    return SetSubscription(email=ANNA, status=status, language="de", consent_text="ja", **values)


def test_an_ended_subscription_goes_when_it_cannot_be_undone_any_more(store, configured):
    """``unsubscribed`` + P0D; the undo in the confirmation restores the proof of consent while it is valid."""
    undo = token("mailbot-undo", purpose=Purpose.UNDO, event=None, action="unsubscribe", expires_at=NOW + 7 * DAYS)
    handle(store, subscribe(SubscriptionStatus.SUBSCRIBED), uid=1)
    handle(store, SetSubscription(email=ANNA, status=SubscriptionStatus.UNSUBSCRIBED, language="de"), undo, uid=2)
    store.expire(configured, NOW + 6 * DAYS)
    assert [s.status for s in store.subscribers()] == [SubscriptionStatus.UNSUBSCRIBED]
    store.expire(configured, NOW + 8 * DAYS)
    assert store.subscribers() == ()


def test_what_was_never_confirmed_goes_after_thirty_days(store, configured):
    """Pending subscriptions and registrations; who confirmed stays."""
    pending = RegistrationStatus.PENDING
    handle(store, subscribe(SubscriptionStatus.PENDING), add(status=pending), add("r2", BERT, "Bert Brandt"))
    store.expire(configured, NOW + 29 * DAYS)
    assert (len(store.subscribers()), len(store.participants())) == (1, 2)
    store.expire(configured, NOW + 31 * DAYS)
    assert (store.subscribers(), [r.id for r in store.participants()]) == ((), ["r2"])


def test_a_subscriber_keeps_what_the_subscription_needs(store, configured):
    """The way to unsubscribe and the note of who was informed."""
    unsubscribe = token("mailbot-u", purpose=Purpose.UNSUBSCRIBE, event=None)
    handle(store, subscribe(SubscriptionStatus.SUBSCRIBED), unsubscribe, MarkInformed(email=ANNA, notice_version="1"))
    store.expire(configured, NOW + 400 * DAYS)
    assert dossier(store) == ["informed", "subscription", "token"]


def test_mails_in_our_folders_whose_time_counts(store):
    """Of nobody who takes part or asks, whatever became of them: the rest waits for its own reason."""
    handle(store, uid=1)
    handle(store, add("r2", BERT, "Bert Brandt"), sender=BERT, uid=2)
    handle(store, uid=3, outcome=Outcome.REVIEW)
    identities = [b"identity 1", b"identity 2", b"identity 3", b"unknown"]
    assert store.expirable("main", identities, NOW) == {b"identity 1", b"identity 3"}
    assert store.expirable("other", identities, NOW) == frozenset()


def test_events_that_the_configuration_forgot_are_told(store, configured):
    """Registrations that no rule reaches show up in the audit."""
    handle(store, add(event="forgotten"))
    assert store.overdue(configured, NOW) == {"registration of an unknown event": 1}
