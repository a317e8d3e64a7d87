"""The final step in the store: nothing of those who go is left, not even as bytes; others keep what another reason keeps."""

import hashlib
import json
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest

from mailbot.domain.decision import (
    ChangeRegistration,
    ErasePerson,
    MarkInformed,
    NoteBounce,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Query
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus
from mailbot.errors import StoreUnwritable
from mailbot.settings import Retention
from mailbot.store import Store
from tests.store.example import ANNA, BERT, END, NOW, add, handle, letter, raw, request, settings, token

RULE = Retention().registrations
CORA, SECRETARY = "cora.celik@post.example", "sekretariat@amt.example"
TRACES = (ANNA, BERT, "Anna Albers", "Bert Brandt", "anna.albers", "bert.brandt")


def fill(store):
    """Two participants, one pending without a name, with everything that can be stored about them."""
    corrections = {"corrections": '[{"field": "name", "new": "Änne Albers"}]'}
    handle(
        store,
        add(),
        token(),
        token("klima-yes", purpose=Purpose.YES, action="data-request", data=corrections, expires_at=END),
        MarkInformed(email=ANNA, notice_version="1"),
        NoteBounce(address=ANNA, permanent=False, status="4.2.2"),
        uid=1,
        letters=[letter()],
        text="Anna Albers kommt, anna.albers@post.example",
    )
    handle(
        store,
        add("r2", BERT, "Bert Brandt", by=SECRETARY, status=RegistrationStatus.CANCELLED),
        add("r3", BERT, None, status=RegistrationStatus.PENDING),
        sender=SECRETARY,
        uid=2,
        text="Bitte merken Sie Bert BRANDT vor.",
        letters=[letter(BERT, 2, template="registered-by-other")],
    )
    handle(store, sender=BERT, uid=3, outcome=Outcome.REVIEW, subject="Bert Brandt fragt")
    with store.transaction() as tx:
        tx.claim_mailing("reminder", "klima", ANNA, NOW)
    (first, *_) = store.outbox.claim(NOW, 10)
    store.outbox.mark_failed(first.id, f"550 <{ANNA}> unknown", NOW)


def erase(store, *, event="klima", now=END):
    """The whole final step as the shell calls it, without a mailbox."""
    job = store.start_job(event, RULE, now)
    store.erase_rows(job, now)
    store.forget(job)
    store.vacuum()
    return store.finish_job(job, {"done": 2}, store.search_bytes(job.values), now)


def test_nothing_is_left_of_those_who_go(store):
    """Neither in a column nor in the bytes of the files; the record holds counts."""
    fill(store)
    assert all(store.search_bytes([trace]) for trace in TRACES)
    record = erase(store)
    assert {trace: store.search_bytes([trace]) for trace in TRACES} == dict.fromkeys(TRACES, 0)
    assert store.participants() == ()
    assert record["found_again"] == 0
    assert record["counts"]["tables"] == {
        "registration": 3, "ledger": 3, "outbox": 2, "token": 2, "informed": 1, "mailing": 1, "bounce": 1, "introduced": 1,
    }  # fmt: skip
    assert record["counts"]["folders"] == {"done": 2}
    assert record["counts"]["kept"] == {}
    assert record["rule"] == {"after": "event_end", "keep": "P0D", "round_up_to": None}
    assert (record["event"], record["erased_at"]) == ("klima", END.isoformat())


def test_the_files_themselves_hold_no_trace(sqlite, tmp_path):
    """Read without our own search: every file in the store's folder."""
    fill(sqlite)
    erase(sqlite)
    content = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir())).lower()
    for trace in (*TRACES, "Änne"):
        assert trace.lower().encode() not in content


def test_the_record_proves_itself(store):
    """Its SHA-256 is over its own canonical JSON; it stays in the store."""
    fill(store)
    record = erase(store)
    bare = {k: v for k, v in record.items() if k != "sha256"}
    canonical = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert record["sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert store.records() == (record,)
    assert store.erased_at("klima") == END
    assert store.erased_at("garten") is None
    assert store.open_jobs() == ()


def test_a_second_run_changes_nothing(store, configured):
    """Nothing is found, nobody is added to the journal, counts are empty."""
    fill(store)
    erase(store)
    journal = configured.store.journal.read_bytes()
    record = erase(store)
    assert record["counts"]["tables"] == {}
    assert configured.store.journal.read_bytes() == journal


def test_a_plan_counts_the_same_and_changes_nothing(store, configured):
    """``erase --dry-run``."""
    fill(store)
    planned = store.plan("klima", RULE, END)
    assert store.preview_job("klima").addresses == (ANNA, BERT)
    assert len(store.participants()) == 3
    assert store.open_jobs() == ()
    assert configured.store.journal.read_bytes() == b""
    record = erase(store)
    assert planned["erased_at"] is None
    assert planned["counts"]["tables"] == record["counts"]["tables"]


def test_the_values_to_look_for_are_in_the_job(store):
    """Addresses, names and Message-IDs of mails to and from them; a job that is open is gone on with."""
    fill(store)
    job = store.start_job("klima", RULE, END)
    assert (job.addresses, job.names) == ((ANNA, BERT), ("Anna Albers", "Bert Brandt"))
    assert job.message_ids == {"<1@post.example>", "<3@post.example>", "<out-1@klima.example>", "<out-2@klima.example>"}
    store.erase_rows(job, END)
    assert store.start_job("klima", RULE, END) == job
    assert store.open_jobs() == (job,)
    store.forget(job)
    assert store.open_jobs() == (job,)
    assert store.status_counts(END).open_erasures == 1


class Killed(Exception):
    """The process ends here."""


STEPS = ("start_job", "erase_rows", "forget", "vacuum", "search_bytes", "finish_job")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_an_interrupted_erasure_is_finished_by_the_next(configured, monkeypatch, step, late):
    """Before or after each step: the next run ends where an undisturbed one ends, with the same counts."""
    with Store.open(configured) as store:
        fill(store)
        real = getattr(Store, step)

        def interrupted(self, *args, **kwargs):
            if late:
                real(self, *args, **kwargs)
            raise Killed

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(Store, step, interrupted)
            erase(store)
    with Store.open(configured) as store:
        finished = step == "finish_job" and late
        assert (store.erased_at("klima") is not None) == finished
        if not finished:
            erase(store)
        assert store.records()[0]["counts"]["tables"]["registration"] == 3
        assert store.open_jobs() == ()
        assert store.search_bytes(TRACES) == 0


@pytest.mark.parametrize("at", ["note_erased", "wipe_hashes", "append", "commit"])
def test_a_process_killed_while_it_erases_has_erased_nothing_or_all(tmp_path, at):
    """SIGKILL inside the transaction: rows and job are whole, and the next run finishes."""
    with Store.open(settings(tmp_path)) as store:
        fill(store)
    code = f"""
        import os, pathlib, signal
        from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as dialect
        from mailbot.store import Store, wipe
        from mailbot.store.journal import Journal
        from tests.store.example import settings, END
        from tests.store.test_erase import RULE
        store = Store.open(settings(pathlib.Path({str(tmp_path)!r})))
        job = store.start_job("klima", RULE, END)
        owner = {{"append": Journal, "commit": dialect}}.get({at!r}, wipe)
        name = "do_commit" if {at!r} == "commit" else {at!r}
        setattr(owner, name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
        store.erase_rows(job, END)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -9
    with Store.open(settings(tmp_path)) as store:
        assert len(store.participants()) == 3
        assert len(store.open_jobs()) == 1
        assert erase(store)["found_again"] == 0
        assert store.search_bytes(TRACES) == 0


def test_something_found_again_keeps_the_job_open(store):
    """Never called complete: no record, and the next run goes on."""
    fill(store)
    job = store.start_job("klima", RULE, END)
    store.erase_rows(job, END)
    record = store.finish_job(job, {"done": 1}, 1, END)
    assert record["found_again"] == 1
    assert store.erased_at("klima") is None
    assert len(store.open_jobs()) == 1
    assert erase(store)["counts"]["folders"] == {"done": 3}


def test_who_has_another_reason_keeps_exactly_that(store):
    """A subscriber keeps the subscription with its proof, another event's participant that event: counted by reason."""
    consent = SetSubscription(
        email=ANNA, status=SubscriptionStatus.SUBSCRIBED, language="de", name="Anna Albers", consent_text="ja"
    )
    handle(store, add("r1"), consent, token(), uid=1, letters=[letter()])
    handle(store, add("r2", BERT, "Bert Brandt"), add("g2", BERT, "Bert Brandt", event="garten"), sender=BERT, uid=2)
    handle(store, add("r3", CORA, "Cora Celik"), sender=CORA, uid=3)
    record = erase(store)
    assert record["counts"]["kept"] == {"subscription": 1, "other_event": 1}
    assert record["found_again"] == 0
    assert [r.id for r in store.participants()] == ["g2"]
    with store.reading() as tx:
        dossier = tx.facts(Query(sender=ANNA, dossiers=True), END).dossiers[ANNA]
    assert [(r.table, r.values["consent_text"]) for r in dossier] == [("subscription", "ja")]
    assert store.search_bytes([CORA, "Cora Celik"]) == 0
    assert store.search_bytes([ANNA]) > 0
    assert store.leftover_events() == frozenset()


DONE = SetRequest(id="q1", status=RequestStatus.DONE, step="answered")
RESTRICTED, LIFTED = ChangeRegistration(id="r1", restricted=True), ChangeRegistration(id="r1", restricted=False)


@pytest.mark.parametrize(
    ("reason", "claim", "settle"),
    [
        ("open_request", (request(),), DONE),
        ("restriction", (request(kinds=("restriction",)), DONE, RESTRICTED), LIFTED),
        ("open_request", (request(kinds=("objection",)), RESTRICTED), DONE),  # Art. 21 (1): kept by the open request alone
    ],
)
def test_what_a_claim_is_about_is_not_erased_under_its_eyes(store, reason, claim, settle):
    """An open request or a restriction keeps the person until it is settled, then the next daily try takes them too."""
    handle(store, add(), add("r2", BERT, "Bert Brandt"), uid=1)
    handle(store, *claim, uid=2)
    record = erase(store)
    assert record["counts"]["kept"] == {reason: 1}
    assert [r.id for r in store.participants()] == ["r1"]
    assert store.leftover_events() == frozenset()
    handle(store, settle, uid=3)
    assert store.leftover_events() == {"klima"}
    assert erase(store, now=END + timedelta(days=1))["counts"]["kept"] == {}
    assert store.participants() == ()
    assert store.search_bytes([ANNA, "Anna Albers"]) == 0


def test_other_peoples_mails_that_name_them_lose_their_text(store):
    """A secretary's list of names goes with the names, and so does what a stranger wrote about them."""
    handle(store, add(by=SECRETARY), sender=SECRETARY, uid=1, text="Anmeldung für ANNA ALBERS.")
    handle(store, sender=CORA, uid=2, text="Kommt anna.albers@post.example auch?", outcome=Outcome.REVIEW)
    handle(store, sender=CORA, uid=3, text="Ich suche Anna.", outcome=Outcome.REVIEW)
    assert erase(store)["found_again"] == 0
    assert [item.text for item in store.reviews()] == ["Ich suche Anna."]


def test_a_longer_address_of_somebody_else_is_no_trace(store):
    """``joanna.albers@…`` stays and does not count as a trace of ``anna.albers@…``, nor a namesake elsewhere."""
    other = f"jo{ANNA}"
    handle(store, add("r1"), uid=1)
    handle(store, add("g1", other, "Johanna Albersmann", event="garten"), sender=other, uid=2, letters=[letter(other)])
    handle(store, add("g2", CORA, "Anna Albers", event="garten"), sender=CORA, uid=3)
    record = erase(store)
    assert record["found_again"] == 0
    assert {r.id for r in store.participants()} == {"g1", "g2"}
    assert store.search_bytes([ANNA]) == 0
    assert store.search_bytes([other]) > 0


def test_an_answer_that_is_owed_goes_out_first(store):
    """A letter about a right that is still queued stays, is found again, and goes with the next run."""
    handle(store, add(), uid=1, letters=[letter(nature="rights"), letter(number=2)])
    assert erase(store)["found_again"] > 0
    (owed,) = store.outbox.claim(END, 10)
    store.outbox.mark_sent([owed.id], END)
    assert erase(store)["found_again"] == 0
    assert store.search_bytes([ANNA]) == 0


def test_closing_mails_are_waited_for(store):
    """Pending until they were accepted or refused."""
    handle(store, add(), letters=[letter(template="data-erased", nature="notice")])
    assert store.closing_mails_pending("klima")
    assert not store.closing_mails_pending("garten")
    (mail,) = store.outbox.claim(NOW, 1)
    assert store.closing_mails_pending("klima")
    store.outbox.mark_failed(mail.id, "550", NOW)
    assert not store.closing_mails_pending("klima")


def test_spellings_are_found(sqlite):
    """Upper, lower and title case, also of letters beyond ASCII."""
    handle(sqlite, text="ÄNNE ÖZGÜR, änne özgür, Änne Özgür", outcome=Outcome.REVIEW)
    assert sqlite.search_bytes(["Änne Özgür"]) >= 3
    assert sqlite.search_bytes(["Änne Ozgur"]) == 0


# One person (GDPR Art. 17)


def test_a_person_is_erased_everywhere_before_the_event(store):
    """Registration, mails, tokens, subscription; the confirming mail itself too; the last letter is still sent."""
    subscription = SetSubscription(email=ANNA, status=SubscriptionStatus.SUBSCRIBED, language="de", name="Anna Albers")
    fill(store)
    handle(store, subscription, Suppress(email=ANNA), uid=4)
    handle(
        store, ErasePerson(address=ANNA), uid=5, letters=[letter(number=9, nature="rights", template="erased-person", event=None)]
    )
    assert [r.email for r in store.participants()] == [BERT, BERT]
    assert store.subscribers() == ()
    with store.reading() as tx:
        facts = tx.facts(Query(sender=ANNA, dossiers=True), NOW)
    assert (facts.on_record, facts.suppressed) == (frozenset(), {ANNA})
    assert [r.table for r in facts.dossiers[ANNA]] == ["outbox"]
    assert store.removals("main") == {"<1@post.example>", "<4@post.example>", "<5@post.example>"}
    store.removed("main", ["<1@post.example>", "<4@post.example>", "<5@post.example>"])
    assert store.removals("main") == frozenset()


def test_after_its_last_letter_nothing_of_the_person_is_left(store, configured):
    """Once the answer was sent, the next ``expire`` takes its row: the bytes hold no trace."""
    handle(store, add(), uid=1, letters=[letter()])
    handle(store, ErasePerson(address=ANNA), uid=2, letters=[letter(number=9, nature="rights", event=None)])
    claimed = store.outbox.claim(NOW, 10)
    store.outbox.mark_sent([q.id for q in claimed], NOW)
    store.expire(configured, NOW)
    store.removed("main", store.removals("main"))
    store.vacuum()
    assert store.search_bytes([ANNA, "Anna Albers"]) == 0


def test_an_erased_persons_bytes_are_gone_without_a_vacuum(sqlite, tmp_path):
    """``secure_delete`` and the checkpoint after the commit: neither database nor log holds the row any more."""
    handle(sqlite, add(), uid=1)
    handle(sqlite, ErasePerson(address=ANNA), uid=2)
    sqlite.removed("main", sqlite.removals("main"))
    assert sqlite.search_bytes(["Anna Albers", ANNA]) == 0
    assert (tmp_path / "mailbot.db-wal").stat().st_size <= 64_000


def test_an_open_request_outlives_the_persons_erasure(store):
    """What another reason keeps stays: the request, its address, and a mail that waits for a human."""
    handle(store, add(), request("q2"), uid=1)
    handle(store, uid=2, text="Noch etwas.", outcome=Outcome.REVIEW)
    handle(store, ErasePerson(address=ANNA), uid=3)
    assert store.participants() == ()
    assert store.request("q2").address == ANNA
    assert [item.text for item in store.reviews()] == ["Noch etwas."]


def test_one_of_several_people_of_an_address(store):
    """The others and the shared correspondence stay until the last of them goes."""
    handle(store, add("r1"), add("r2", name="Otto Albers"), token(), uid=1)
    only = ErasePerson(address=ANNA, registration_ids=("r1",), whole_address=False)
    handle(store, only, uid=2, sender=None)
    assert [r.name for r in store.participants()] == ["Otto Albers"]
    assert store.search_bytes(["klima"]) > 0
    with store.reading() as tx:
        assert tx.facts(Query(sender=ANNA, tags=("klima-abcdefghij",)), NOW).tokens
    handle(store, ErasePerson(address=ANNA, registration_ids=("r2",), whole_address=False), uid=3, sender=None)
    with store.reading() as tx:
        assert not tx.facts(Query(sender=ANNA, tags=("klima-abcdefghij",)), NOW).tokens


def test_the_erased_are_recognised_by_their_hash(store):
    """The audit asks whether an address in a folder belongs to somebody erased, unless they came back."""
    fill(store)
    erase(store)
    assert store.among_erased([ANNA, BERT, CORA]) == 2
    handle(store, add("r9", event="garten"), uid=9, now=END)
    assert store.among_erased([ANNA, BERT, CORA]) == 1


def test_a_reader_delays_the_cut_of_the_log_but_loses_nothing(tmp_path):
    """While somebody reads in the log it can't be emptied: the change is kept, and the next ``expire`` empties it."""
    made = settings(tmp_path)
    with Store.open(made) as store, Store.open(made) as other:
        handle(store, add(), uid=1)
        with store.reading() as tx:
            tx.work.connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        with other.reading() as reader:
            assert len(reader.participants()) == 1
            handle(store, ErasePerson(address=ANNA), uid=2)
            with pytest.raises(StoreUnwritable, match="log"):
                store.vacuum()
        assert store.participants() == ()
        store.expire(made, NOW)
        store.removed("main", store.removals("main"))
        store.expire(made, NOW)
        assert store.search_bytes([ANNA, "Anna Albers"]) == 0


def test_names_are_blackened_in_the_free_texts_of_those_who_stay(store):
    """The wording of a consent, a human's reason and what a question was about stay without who goes."""
    fill(store)
    consent = SetSubscription(
        email=CORA, name="Cora Celik", status=SubscriptionStatus.SUBSCRIBED, language="de", consent_text="mit ANNA Albers geredet"
    )
    asked = token("klima-cora", CORA, event=None, data={"wish": "wie Anna Albers"})
    handle(store, consent, asked, request("q9", CORA), sender=CORA, uid=4)
    with store.transaction() as tx:
        tx.apply((SetRequest(id="q9", status=RequestStatus.EXTENDED, step="wartet auf Anna Albers"),), NOW)
    assert erase(store)["found_again"] == 0
    assert [s.step for s in store.request("q9").steps][-1] == "wartet auf …"
    with store.reading() as tx:
        (found,) = tx.facts(Query(sender=CORA, addresses=frozenset(), tags=("klima-cora",), dossiers=True), NOW).tokens
    assert found.data == {"wish": "wie …"}


def test_a_mail_that_is_deleted_from_its_folder_waits_for_nobody(store):
    """Its contents go and it leaves review; others stay there."""
    handle(store, sender=CORA, uid=1, outcome=Outcome.REVIEW)
    handle(store, sender=BERT, uid=2, outcome=Outcome.REVIEW)
    gone, stays = (item.id for item in sorted(store.reviews(), key=lambda item: item.sender != CORA))
    store.mails_gone("main", [b"identity 1"])
    assert [item.id for item in store.reviews()] == [stays] != [gone]


def test_a_failed_mail_stays_in_review_although_nothing_of_it_was_stored(store):
    """Neither housekeeping nor an erasure takes it away from the human."""
    for _ in range(3):
        with store.transaction() as tx:
            tx.note_failure(raw(9), b"identity 9", "ValueError", NOW, "l9")
    store.expire(settings_of(store), NOW)
    fill(store)
    erase(store)
    assert "l9" in [item.id for item in store.reviews()]


def settings_of(store):
    """The configuration of a store."""
    return store._settings


def test_counts_of_deleted_mails_survive_an_interruption(store):
    """They are added up in the job."""
    fill(store)
    job = store.start_job("klima", RULE, END)
    store.note_folders(job, {"done": 1})
    store.note_folders(store.start_job("klima", RULE, END), {"done": 1, "review": 3})
    assert erase(store)["counts"]["folders"] == {"done": 4, "review": 3}
