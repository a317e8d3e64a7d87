"""The ledger: every mail ends in one outcome, and has at most one effect (invariants I1 and I2)."""

from contextlib import suppress
from datetime import timedelta

import pytest

from mailbot.domain.decision import Folder
from mailbot.domain.states import Outcome
from tests.store.example import NOW, add, decision, handle, letter, mail, raw, understood


def test_a_handled_mail_is_known_by_its_identity(store):
    """Whoever fetches the mail again learns what became of it."""
    handle(store, add())
    with store.reading() as tx:
        known = tx.handled("main", b"identity 1")
        assert (known.id, known.outcome, known.filing, known.tries) == ("ledger-1", Outcome.DONE, Folder.DONE, 0)
        assert tx.handled("main", b"identity 2") is None
        assert tx.handled("other mailbox", b"identity 1") is None


def test_missing_uids_are_those_without_an_outcome(store):
    """A UID counts as handled only in its own folder and under its own UIDVALIDITY."""
    handle(store, uid=4)
    assert store.missing_uids("main", "INBOX", 7, [3, 4, 5]) == {3, 5}
    assert store.missing_uids("main", "INBOX", 8, [4]) == {4}
    assert store.missing_uids("main", "Other", 7, [4]) == {4}
    assert store.missing_uids("main", "INBOX", 7, []) == set()


def test_uids_of_32_bits_fit(store):
    """UIDs and UIDVALIDITY are unsigned 32-bit numbers (RFC 3501)."""
    with store.transaction() as tx:
        tx.note_old(raw(2**32 - 1, uidvalidity=2**32 - 1), b"i", NOW, "l")
    assert store.missing_uids("main", "INBOX", 2**32 - 1, [2**32 - 1]) == set()


def test_a_mail_seen_again_elsewhere_is_only_sighted(store):
    """New UIDs of a known mail map to its row and are filed again, without a second effect."""
    handle(store, add(), letters=[letter()])
    with store.transaction() as tx:
        tx.sight(raw(1, uidvalidity=8), tx.handled("main", b"identity 1").id)
    assert store.missing_uids("main", "INBOX", 8, [1]) == set()
    assert store.unfiled("main", "INBOX", 8) == {1: Folder.DONE}
    assert store.status_counts(NOW).outbox_queued == 1


def test_what_was_committed_but_not_filed_is_filed_by_the_next_run(store):
    """A crash between commit and move leaves the mail in ``unfiled`` until it is marked."""
    handle(store, uid=1)
    handle(store, uid=2, outcome=Outcome.REVIEW)
    assert store.unfiled("main", "INBOX", 7) == {1: Folder.DONE, 2: Folder.REVIEW}
    store.mark_filed("main", "INBOX", 7, [1], NOW)
    assert store.unfiled("main", "INBOX", 7) == {2: Folder.REVIEW}


def test_an_old_mail_stays_where_it_is(store):
    """It is noted once, nothing of it is stored, it is not filed."""
    with store.transaction() as tx:
        tx.note_old(raw(9), b"old", NOW, "l9")
        tx.note_old(raw(9, uidvalidity=8), b"old", NOW, "l10")
    assert store.missing_uids("main", "INBOX", 8, [9]) == set()
    assert store.unfiled("main", "INBOX", 7) == {}
    assert store.status_counts(NOW).old == 1


def test_the_third_failure_gives_a_mail_up(store):
    """Twice it stays to be tried again, then it is filed for a human, without its contents."""
    tries = []
    for n in range(3):
        assert store.missing_uids("main", "INBOX", 7, [5]) == {5}
        with store.transaction() as tx:
            tries.append(tx.note_failure(raw(5), b"bad", "ValueError", NOW, f"l{n}"))
    assert tries == [1, 2, 3]
    assert store.missing_uids("main", "INBOX", 7, [5]) == set()
    assert store.unfiled("main", "INBOX", 7) == {5: Folder.FAILED}
    (item,) = store.reviews()
    assert (item.outcome, item.folder, item.reasons, item.id) == (Outcome.FAILED, "failed", ("failed: ValueError",), "l0")


def test_a_failed_mail_can_be_tried_again(store):
    """``review retry``: it counts as unhandled, with three new tries; then it is handled in the same row."""
    for n in range(3):
        with store.transaction() as tx:
            tx.note_failure(raw(5), b"identity 5", "ValueError", NOW, f"l{n}")
    with store.transaction() as tx:
        tx.retry("l0")
    assert store.missing_uids("main", "INBOX", 7, [5]) == {5}
    with store.transaction() as tx:
        assert tx.handled("main", b"identity 5").tries == 0
        tx.commit(raw(6), mail(number=5), understood(), decision(), [], NOW, "new id")
        known = tx.handled("main", b"identity 5")
    assert (known.id, known.outcome) == ("l0", Outcome.DONE)


def test_a_move_that_no_state_allows_is_a_bug(store):
    """A mail that was handled is never set aside as old."""
    handle(store)
    with pytest.raises(ValueError, match="done cannot become old"):
        handle(store, outcome=Outcome.OLD)


@pytest.mark.parametrize("written", [False, True])
def test_one_bad_mail_does_not_undo_the_others(store, written):
    """In a batch each mail has its savepoint: seats, ledger and journal are as if the bad one had never been read."""
    with store.transaction() as tx:
        for uid in (1, 2, 3):
            added = decision(add(f"r{uid}", f"person{uid}@post.example"))
            with suppress(RuntimeError), tx.savepoint():
                tx.commit(raw(uid), mail(number=uid), understood(), added, [letter(number=uid)], NOW, f"l{uid}")
                if written:
                    tx.participants()  # whoever asks gets what was committed before: the rows go to the database
                if uid == 2:
                    raise RuntimeError
    assert [r.id for r in store.participants()] == ["r1", "r3"]
    assert store.missing_uids("main", "INBOX", 7, [1, 2, 3]) == {2}
    assert store.status_counts(NOW).outbox_queued == 2


def test_a_mail_that_breaks_a_rule_of_the_database_undoes_its_batch(store):
    """Rows are written together: the batch has not happened, and is done again one by one."""
    with pytest.raises(Exception, match="ledger"), store.transaction() as tx:
        for uid in (1, 2):
            with tx.savepoint():
                tx.commit(raw(uid), mail(number=uid), understood(), decision(), [letter(number=uid)], NOW, "the same id")
    assert store.missing_uids("main", "INBOX", 7, [1, 2]) == {1, 2}
    assert store.status_counts(NOW).outbox_queued == 0


def test_the_same_mail_twice_in_one_batch_has_one_effect(store):
    """The ledger knows what the batch has committed so far, before it is written."""
    with store.transaction() as tx:
        with tx.savepoint():
            tx.commit(raw(1), mail(number=1), understood(), decision(), [letter()], NOW, "l1")
        assert tx.handled("main", b"identity 1").id == "l1"
        assert tx.handled("main", b"identity 2") is None


def test_a_failed_transaction_has_not_happened(store):
    """Before the commit nothing has happened."""
    with pytest.raises(RuntimeError), store.transaction() as tx:
        tx.apply((add(),), NOW)
        tx.enqueue([letter()], NOW)
        raise RuntimeError
    assert store.participants() == ()
    assert store.status_counts(NOW).outbox_queued == 0


def test_own_text_is_capped_and_cleaned(store):
    """Twenty thousand characters, no NUL (PostgreSQL refuses it), no lone surrogate."""
    handle(store, text="\0ü\udcfc" + "x" * 30_000, subject="a\0b\udcff", outcome=Outcome.REVIEW)
    item = store.review("ledger-1")
    assert item.subject == "ab?"
    assert item.text.startswith("ü?xxx")
    assert len(item.text) <= 20_000


def test_a_mail_without_a_sender_is_kept_too(store):
    """Nobody to act for, but nothing is lost."""
    handle(store, sender=None, outcome=Outcome.REVIEW)
    assert store.review("ledger-1").sender == ""


def test_the_event_is_that_of_the_decision(store):
    """Else that of the answer, else the one that the mail names."""
    handle(store, add(event="garten"), uid=1, outcome=Outcome.REVIEW)
    handle(store, uid=2, letters=[letter(event="klima")], outcome=Outcome.REVIEW)
    assert [i.event for i in store.reviews()] == ["garten", "klima"]


def test_reviews_leave_when_they_are_decided(store):
    """A human moves the mail: the same row ends in Done."""
    handle(store, uid=1, outcome=Outcome.REVIEW)
    with store.transaction() as tx:
        tx.commit(raw(1, folder="Mailbot/Register"), mail(number=1), understood(), decision(), [], NOW + timedelta(hours=1), "x")
    assert store.reviews() == ()
    assert store.review("ledger-1") is None
