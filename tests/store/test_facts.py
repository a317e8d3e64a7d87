"""What the store tells a decision, and each change that a decision may make."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.domain.decision import (
    ChangeRegistration,
    MarkInformed,
    NoteBounce,
    SetRequest,
    SetSubscription,
    Suppress,
    Unsuppress,
    UseToken,
)
from mailbot.domain.facts import Query, Seats
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.settings import Retention
from tests.store.example import ANNA, BERT, END, NOW, add, handle, letter, request, token

LATER = NOW + timedelta(hours=1)
WAITING, PENDING = RegistrationStatus.WAITING, RegistrationStatus.PENDING


def ask(store, sender=ANNA, *addresses, tags=(), dossiers=False, now=NOW):
    """The facts for a mail of this sender."""
    with store.reading() as tx:
        return tx.facts(Query(sender=sender, addresses=frozenset(addresses), tags=tags, dossiers=dossiers), now)


def subscribe(email=ANNA, status=SubscriptionStatus.SUBSCRIBED, **values):
    """A subscriber."""
    return SetSubscription(email=email, status=status, language="de", **values)


def test_an_empty_store_knows_nothing(store):
    """Every fact is empty; the events' seats are there."""
    facts = ask(store, ANNA, BERT)
    assert facts.registrations == facts.tokens == facts.requests == ()
    assert facts.on_record == facts.informed == facts.suppressed == frozenset()
    assert facts.subscriptions == facts.sent_today == {}
    assert facts.seats == {"klima": Seats(), "garten": Seats()}


def test_a_registration_is_found_in_any_case(store):
    """Addresses are folded: ``Anna@`` and ``anna@`` are one."""
    handle(store, add(email="Anna.Albers@POST.example", by=BERT))
    (row,) = ask(store).registrations
    assert (row.email, row.name, row.institution, row.by, row.registered_at) == (
        "Anna.Albers@POST.example",
        "Anna Albers",
        "privat",
        BERT,
        NOW,
    )
    assert ask(store).on_record == {ANNA}
    assert ask(store, "c@post.example").registrations == ()


def test_the_rows_that_a_sender_brought_in_and_those_that_a_token_names_are_covered(store):
    """Whatever their address: who registered others may speak of them, and an answer completes their rows."""
    handle(store, add("r1", BERT, "Bert Brandt", by=ANNA), add("r2", "c@post.example", "Cora Celik"))
    handle(store, token("klima-bbbbbbbbbb", "d@post.example", data={"rows": "r1:registered", "instead": "r2"}), uid=2)
    assert [r.id for r in ask(store).registrations] == ["r1"]
    assert [r.id for r in ask(store, "e@post.example", tags=("klima-bbbbbbbbbb",)).registrations] == ["r1", "r2"]


def test_a_receipt_is_remembered_for_a_day(store):
    """Whoever was told that a human answers is not told again."""
    with store.transaction() as tx:
        tx.enqueue([replace(letter(number=1), template="handed-over"), replace(letter(BERT, number=2), template="cancelled")], NOW)
    assert ask(store, ANNA, BERT).receipted == {ANNA}
    assert ask(store, now=NOW + timedelta(hours=25)).receipted == frozenset()


def test_seats_and_queue_follow_within_one_transaction(store):
    """A person's second mail sees the first: taken seats, and the waiting list in the order of its members."""
    with store.transaction() as tx:
        query = Query(sender=ANNA)
        assert tx.facts(query, NOW).seats["klima"].registered == 0
        tx.apply((add("r1"),), NOW)
        assert tx.facts(query, NOW).seats["klima"].registered == 1
        tx.apply((add("w1", "w1@post.example", status=WAITING), add("w2", "w2@post.example", status=WAITING)), NOW)
        tx.apply((add("w3", "w3@post.example", status=WAITING),), NOW - timedelta(days=1))
        assert [r.id for r in tx.facts(query, NOW).seats["klima"].queue] == ["w3", "w1", "w2"]
        tx.apply((ChangeRegistration(id="r1", status=RegistrationStatus.CANCELLED),), NOW)
        tx.apply((ChangeRegistration(id="w3", requeue=True),), LATER)
        seats = tx.facts(query, NOW).seats["klima"]
        assert (seats.registered, [r.id for r in seats.queue]) == (0, ["w1", "w2", "w3"])


def test_an_undone_savepoint_gives_its_seat_back(store):
    """What was counted in it is not counted any more."""
    with store.transaction() as tx:
        tx.facts(Query(sender=ANNA), NOW)
        with pytest.raises(RuntimeError), tx.savepoint():
            tx.apply((add("r1"),), NOW)
            raise RuntimeError
        assert tx.facts(Query(sender=ANNA), NOW).seats["klima"].registered == 0


def test_values_that_a_database_refuses_are_cleaned_everywhere(store):
    """NUL and lone surrogates in names, tokens and reasons (PostgreSQL refuses them)."""
    handle(store, add(name="An\0na \udcfc"), token(data={"rows": "r\0 \udcff"}), text="\0")
    (row,) = ask(store).registrations
    assert row.name == "Anna ?"
    assert ask(store, tags=("klima-abcdefghij",)).tokens[0].data == {"rows": "r ?"}


def test_the_same_person_is_never_doubled(store):
    """The key is (event, address, folded name): a second row with it takes the first one's place."""
    handle(store, add("r1", name="Anna  ALBERS"), uid=1)
    handle(store, add("r2", name="Anna Albers", status=WAITING), uid=2)
    handle(store, add("r3", name="Otto Albers"), add("r4", name=None, status=PENDING), add("r5", name=None, status=PENDING), uid=3)
    handle(store, add("r6", event="garten"), uid=4)
    assert [r.id for r in ask(store).registrations] == ["r2", "r3", "r4", "r5", "r6"]


def test_a_pending_row_that_is_completed_may_meet_itself(store):
    """One person has one row, even when a name completes a second one."""
    handle(store, add("r1"), add("r2", name=None, status=PENDING), uid=1)
    handle(store, ChangeRegistration(id="r2", name="anna albers", status=RegistrationStatus.REGISTERED), uid=2)
    assert [(r.id, r.name) for r in ask(store).registrations] == [("r2", "anna albers")]


def test_a_registration_changes_only_what_is_said(store):
    """None leaves a value as it is; a new address is found from then on."""
    handle(store, add(), uid=1)
    handle(store, ChangeRegistration(id="r1", email=BERT, restricted=True, event_mails=False), uid=2, now=LATER)
    (row,) = ask(store, BERT).registrations
    assert (row.name, row.registered_at, row.restricted, row.event_mails) == ("Anna Albers", NOW, True, False)
    assert ask(store).registrations == ()
    handle(store, ChangeRegistration(id="gone", name="x"), uid=3)


def test_tokens_come_in_the_order_of_the_mail_and_bring_their_address(store):
    """Known tags only; the address of a token is covered by the facts."""
    handle(store, add("r1", BERT, "Bert Brandt"), token("klima-bbbbbbbbbb", BERT, data={"rows": "r1"}, action="cancel"))
    handle(store, token("klima-aaaaaaaaaa", purpose=Purpose.YES, expires_at=LATER), uid=2)
    facts = ask(store, ANNA, tags=("klima-xxxxxxxxxx", "klima-bbbbbbbbbb", "klima-aaaaaaaaaa"))
    assert [(t.tag, t.address, t.usable) for t in facts.tokens] == [
        ("klima-bbbbbbbbbb", BERT, True),
        ("klima-aaaaaaaaaa", ANNA, True),
    ]
    assert facts.tokens[0].data == {"rows": "r1"}
    assert [r.id for r in facts.registrations] == ["r1"]


def test_a_used_or_expired_token_is_not_usable(store):
    """``yes`` and ``undo`` work once and for seven days."""
    handle(store, token("klima-a", purpose=Purpose.YES, expires_at=LATER), token("klima-b", purpose=Purpose.UNDO))
    handle(store, UseToken(tag="klima-b"), uid=2)
    assert [t.usable for t in ask(store, tags=("klima-a", "klima-b")).tokens] == [True, False]
    assert [t.usable for t in ask(store, tags=("klima-a",), now=LATER).tokens] == [False]


def test_tags_are_not_stored(sqlite, tmp_path):
    """A reader of the database can't use a token."""
    handle(sqlite, token("klima-secretsecret"))
    assert sqlite.search_bytes(["klima-secretsecret"]) == 0
    assert sqlite.search_bytes([ANNA]) > 0


def test_a_subscription_keeps_the_proof_of_consent(store):
    """The wish and its confirming reply, the time, the notice's version and the mail's hash (GDPR Art. 7 (1))."""
    handle(store, subscribe(status=SubscriptionStatus.PENDING, name="Anna", consent_text="Bitte Infos", notice_version="1"), uid=1)
    assert ask(store).subscriptions[ANNA].status is SubscriptionStatus.PENDING
    handle(store, subscribe(consent_text="ja", notice_version="2"), uid=2, now=LATER)
    found = ask(store, dossiers=True, now=LATER)
    subscriber = found.subscriptions[ANNA]
    assert (subscriber.status, subscriber.since, subscriber.name) == (SubscriptionStatus.SUBSCRIBED, LATER, "Anna")
    (values,) = (r.values for r in found.dossiers[ANNA] if r.table == "subscription")
    assert (values["consent_text"], values["consent_at"], values["notice_version"]) == ("Bitte Infos\n\nja", LATER, "2")
    assert found.on_record == {ANNA}


def test_an_imported_consent_keeps_its_own_time_and_source(store):
    """``subscribers import`` brings consent_at and consent_source."""
    with store.transaction() as tx:
        tx.apply((subscribe(consent_text="Ja", consent_at=NOW - timedelta(days=9), consent_source="Liste 2026"),), NOW)
    (values,) = (r.values for r in ask(store, dossiers=True).dossiers[ANNA] if r.table == "subscription")
    assert (values["consent_at"], values["consent_source"]) == (NOW - timedelta(days=9), "Liste 2026")


def test_suppression_is_a_hash_until_the_person_asks_anew(store, configured):
    """It is no record of the person, it is in the journal, and mailings that were queued do not go out."""
    with store.transaction() as tx:
        tx.enqueue([letter(nature="mailing"), letter(nature="notice", number=2), letter(BERT, nature="mailing", number=3)], NOW)
    handle(store, Suppress(email=ANNA), Suppress(email=ANNA))
    facts = ask(store)
    assert (facts.suppressed, facts.on_record) == ({ANNA}, frozenset())
    assert store.status_counts(NOW).outbox_queued == 2
    handle(store, Unsuppress(email=ANNA), Unsuppress(email=ANNA), uid=2)
    assert ask(store).suppressed == frozenset()
    lines = configured.store.journal.read_text()
    assert (lines.count('"suppressed"'), lines.count('"unsuppressed"')) == (1, 1)
    assert ANNA not in lines


def test_a_request_puts_a_person_on_record_until_it_is_closed(store):
    """Closed, its address is gone and its hash still finds it."""
    handle(store, request())
    facts = ask(store)
    assert (facts.on_record, facts.requests[0].kinds, facts.requests[0].due) == ({ANNA}, ("access",), END)
    handle(store, SetRequest(id="q1", status=RequestStatus.DONE, step="access-answer"), uid=2, now=LATER)
    facts = ask(store)
    assert (facts.on_record, facts.requests[0].status) == (frozenset(), RequestStatus.DONE)
    item = store.request("q1")
    assert (item.address, item.closed_at, [s.step for s in item.steps]) == (None, LATER, ["received", "access-answer"])


def test_a_request_moves_only_as_the_law_allows(store):
    """A request that is done is not refused afterwards; an unknown one is passed over; an extension moves the deadline."""
    handle(store, request())
    handle(store, SetRequest(id="q1", status=RequestStatus.EXTENDED, step="complex", due=END + timedelta(days=60)), uid=2)
    assert store.request("q1").due == END + timedelta(days=60)
    handle(store, SetRequest(id="q1", status=RequestStatus.DONE, step="done"), uid=3)
    with pytest.raises(ValueError, match="done cannot become refused"):
        handle(store, SetRequest(id="q1", status=RequestStatus.REFUSED, step="no"), uid=4)
    handle(store, SetRequest(id="nobody's", status=RequestStatus.DONE, step="x"), uid=5)
    assert store.request("nobody's") is None
    assert [r.id for r in store.requests()] == ["q1"]


def test_sent_today_counts_what_nobody_has_a_right_to(store):
    """Answers and notices of 24 hours count; rights, mailings and what failed do not."""
    natures = ("answer", "notice", "rights", "mailing", "alarm")
    with store.transaction() as tx:
        tx.enqueue([letter(nature=n, number=i) for i, n in enumerate(natures)], NOW)
        tx.enqueue([letter(BERT, number=9)], NOW)
    assert ask(store, ANNA, BERT).sent_today == {ANNA: 2, BERT: 1}
    assert ask(store, now=NOW + timedelta(hours=25)).sent_today == {}
    (first, *_) = store.outbox.claim(NOW, 10)
    store.outbox.mark_failed(first.id, "no such user", NOW)
    assert ask(store).sent_today == {ANNA: 1}


def test_a_delayed_mail_counts_when_it_goes_out(store):
    """The day's limit looks at the time of sending."""
    with store.transaction() as tx:
        tx.enqueue([letter(not_before=NOW + timedelta(hours=30))], NOW)
    tomorrow = NOW + timedelta(hours=31)
    (queued,) = store.outbox.claim(tomorrow, 10)
    store.outbox.mark_sent([queued.id], tomorrow)
    assert ask(store, now=tomorrow + timedelta(hours=1)).sent_today == {ANNA: 1}


def test_introduced_today_counts_new_addresses_of_a_sender(store):
    """Thirty a day: people whom somebody else brings in, not oneself."""
    handle(store, add("r1", by=ANNA), add("r2", BERT, "Bert Brandt", by=ANNA), add("r3", "c@post.example", "Cora Celik", by=ANNA))
    assert ask(store).introduced_today == 2
    assert ask(store, BERT).introduced_today == 0
    assert ask(store, now=NOW + timedelta(hours=25)).introduced_today == 0


def test_informed_and_bounces_are_noted(store):
    """Once each; a bounce again counts up."""
    handle(store, MarkInformed(email=ANNA, notice_version="1"), MarkInformed(email=ANNA, notice_version="2"))
    bounce = NoteBounce(address=ANNA, permanent=True, status="5.1.1")
    handle(store, bounce, bounce, uid=2)
    found = ask(store, dossiers=True)
    assert found.informed == {ANNA}
    by_table = {r.table: r.values for r in found.dossiers[ANNA]}
    assert (by_table["informed"]["notice_version"], by_table["bounce"]["count"], by_table["bounce"]["status"]) == ("2", 2, "5.1.1")


def test_a_dossier_is_everything_about_one_person_and_nothing_about_others(store):
    """Made from the marks: own mails' text, own rows, own tokens without secrets; of a row about two people only one's part."""
    handle(
        store, add("r1", by=ANNA), add("r2", BERT, "Bert Brandt", by=ANNA), token(), letters=[letter()], text="Wir kommen zu zweit."
    )
    handle(store, uid=2, sender=BERT, text="Ich komme doch nicht.")
    records = ask(store, dossiers=True).dossiers[ANNA]
    assert {r.table for r in records} == {"registration", "ledger", "outbox", "token", "introduced"}
    shown = "\n".join(str(dict(r.values)) for r in records)
    for value in (ANNA, "Anna Albers", "privat", "Wir kommen zu zweit.", "registration-confirmed"):
        assert value in shown
    for value in (BERT, "Bert Brandt", "doch nicht", "hash", "tag"):
        assert value not in shown
    assert "Hallo" not in shown


def test_a_broken_change_leaves_nothing(store):
    """A change that the database refuses undoes the whole mail."""
    handle(store, request("q1"))
    with pytest.raises(Exception, match="(?i)unique"):
        handle(store, add(), request("q1"), uid=2)
    assert store.participants() == ()
    assert store.missing_uids("main", "INBOX", 7, [2]) == {2}


def test_facts_name_erased_events(store):
    """A mail about an event whose data are gone gets a polite answer."""
    job = store.start_job("klima", Retention().registrations, END)
    store.erase_rows(job, END)
    store.finish_job(job, {}, 0, END)
    assert ask(store).erased_events == {"klima"}


def test_listings_and_status_agree(store):
    """Counts by event, deadlines and reviews, without names."""
    handle(store, add("r1"), add("r2", BERT, "Bert Brandt", status=WAITING), request(), letters=[letter()])
    handle(store, uid=2, outcome=Outcome.REVIEW)
    store.polled("main", NOW, waiting=3)
    counts = store.status_counts(END + timedelta(seconds=1))
    assert (counts.registered, counts.queued) == ({"klima": 1}, {"klima": 1})
    assert (counts.requests_open, counts.requests_overdue, counts.requests_next_due) == (1, 1, END)
    assert (counts.review_waiting, counts.review_failed, counts.outbox_queued, counts.outbox_failed) == (1, 0, 1, 0)
    assert (counts.waiting, counts.last_poll, counts.old) == (3, NOW, 0)
    assert [r.id for r in store.participants("klima", [WAITING])] == ["r2"]


def test_a_mailing_is_claimed_once(store):
    """The same command again goes on where it stopped."""
    with store.transaction() as tx:
        assert [tx.claim_mailing("reminder", "klima", a, NOW) for a in (ANNA, BERT, ANNA.upper())] == [True, True, False]
        assert tx.claim_mailing("invitation", None, ANNA, NOW)
    with store.transaction() as tx:
        assert not tx.claim_mailing("reminder", "klima", ANNA, NOW)
        assert not tx.claim_mailing("invitation", None, ANNA, NOW)


def test_subscribers_are_listed_by_status(store):
    """Pending ones are never among those who are written to."""
    handle(store, subscribe(), subscribe(BERT, SubscriptionStatus.PENDING))
    assert [s.email for s in store.subscribers(SubscriptionStatus.SUBSCRIBED)] == [ANNA]
    with store.reading() as tx:
        assert [s.email for s in tx.subscribers()] == [ANNA, BERT]
