"""The outbox: an attempt is written before anyone dials, and a mail that was accepted is never claimed again."""

from datetime import timedelta
from itertools import pairwise

import pytest

from mailbot.store import Store
from mailbot.store.outbox import PAUSES, pause
from tests.store.example import ANNA, BERT, NOW, letter, settings

MINUTE = timedelta(minutes=1)


def queue(store, *letters, now=NOW):
    """Queue mails."""
    with store.transaction() as tx:
        tx.enqueue(letters, now)


def state(store):
    """Every row of the outbox: status, tries, due, content."""
    with store.reading() as tx:
        rows = tx.work.connection.exec_driver_sql("SELECT status, tries, content, last_error FROM outbox ORDER BY seq").all()
    return [(r[0], r[1], bytes(r[2]), r[3]) for r in rows]


def test_what_is_due_is_claimed_once(store):
    """Oldest first, each once; what waits for its time is not due."""
    queue(store, letter(number=1), letter(BERT, number=2), letter(number=3, not_before=NOW + MINUTE))
    claimed = store.outbox.claim(NOW, 10)
    assert [(q.to, q.tries, q.template) for q in claimed] == [
        (ANNA, 1, "registration-confirmed"),
        (BERT, 1, "registration-confirmed"),
    ]
    assert claimed[0].content == f"To: {ANNA}\n\nHallo".encode()
    assert claimed[0].envelope_from == "anmeldung@klima.example"
    assert store.outbox.claim(NOW, 10) == []
    assert len(store.outbox.claim(NOW + MINUTE, 10)) == 1


def test_a_sent_mail_is_blanked_and_never_sent_again(store):
    """Its body is gone, its row stays."""
    queue(store, letter())
    (mail,) = store.outbox.claim(NOW, 10)
    store.outbox.mark_sent([mail.id], NOW)
    store.outbox.mark_later(mail.id, "too late to say so", NOW)
    assert state(store) == [("sent", 1, b"", None)]
    assert store.outbox.claim(NOW + timedelta(days=9), 10) == []


def test_a_drafted_mail_is_done(store):
    """In assist mode a human sends it."""
    queue(store, letter())
    (mail,) = store.outbox.claim(NOW, 10)
    store.outbox.mark_drafted(mail.id, NOW)
    assert state(store) == [("drafted", 1, b"", None)]


def test_the_next_attempt_is_written_before_the_first(store):
    """If the process dies while it dials, nobody hammers the server: the row is due later, with its attempt counted."""
    queue(store, letter())
    store.outbox.claim(NOW, 10)
    with store.reading() as tx:
        tries, due = tx.work.connection.exec_driver_sql("SELECT tries, due_at FROM outbox").one()
    assert tries == 1
    assert str(due) > str((NOW + PAUSES[0] - MINUTE).replace(tzinfo=None))


def test_pauses_grow_until_the_mail_is_given_up(store):
    """At once, 5 min, 15 min, 1 h … about five days: then it is failed and seen in ``status``."""
    queue(store, letter())
    now, attempts = NOW, []
    while claimed := store.outbox.claim(now, 10):
        attempts.append(now - NOW)
        store.outbox.mark_later(claimed[0].id, "451 try later", now)
        now += PAUSES[len(attempts) - 1] if len(attempts) <= len(PAUSES) else timedelta(days=30)
    pauses = [b - a for a, b in pairwise(attempts)]
    assert pauses == list(PAUSES)
    assert pauses == sorted(pauses)
    assert timedelta(days=5) < attempts[-1] < timedelta(days=6)
    ((status, tries, content, error),) = state(store)
    assert (status, tries, error) == ("failed", len(PAUSES) + 1, "451 try later")
    assert content
    assert store.status_counts(NOW).outbox_failed == 1


def test_a_refused_mail_is_failed_at_once(store):
    """A permanent refusal is not repeated; the reason is kept short."""
    queue(store, letter())
    (mail,) = store.outbox.claim(NOW, 10)
    store.outbox.mark_failed(mail.id, "550 " + "x" * 1000, NOW)
    ((status, _, _, error),) = state(store)
    assert (status, len(error)) == ("failed", 300)


def test_a_released_mail_is_due_at_once(store):
    """What was never tried costs no attempt and no place in the hour."""
    queue(store, letter())
    (mail,) = store.outbox.claim(NOW, 10)
    store.outbox.release(mail.id, NOW)
    (again,) = store.outbox.claim(NOW, 10)
    assert again.tries == 1


def test_a_dead_workers_mails_are_taken_up_at_once(configured):
    """Whoever holds the store knows that nobody else is sending; on PostgreSQL the dead worker's lock is free."""
    with Store.open(configured) as store:
        queue(store, letter())
        with store.exclusive(0):
            assert len(store.outbox.claim(NOW, 10)) == 1
    with Store.open(configured) as store, store.exclusive(0):
        (again,) = store.outbox.claim(NOW, 10)
        assert again.tries == 2


def test_a_living_workers_mails_are_left_alone(configured):
    """Neither the same process nor another one claims what is being sent."""
    with Store.open(configured) as store, Store.open(configured) as other:
        queue(store, letter())
        with store.exclusive(0):
            assert len(store.outbox.claim(NOW, 10)) == 1
            assert store.outbox.claim(NOW, 10) == []
            assert other.outbox.claim(NOW + timedelta(minutes=6), 10) == []


def test_a_lost_mail_is_taken_up_after_an_hour(store):
    """Should a worker lose a mail without dying, it is tried again an hour after its next due time."""
    queue(store, letter())
    assert len(store.outbox.claim(NOW, 10)) == 1
    assert store.outbox.claim(NOW + timedelta(minutes=64), 10) == []
    assert len(store.outbox.claim(NOW + timedelta(minutes=66), 10)) == 1


def test_two_workers_share_the_work(configured):
    """Each mail goes to one of them."""
    with Store.open(configured) as store, Store.open(configured) as other:
        queue(store, *(letter(number=n) for n in range(6)))
        first, second = store.outbox.claim(NOW, 3), other.outbox.claim(NOW, 10)
        assert (len(first), len(second)) == (3, 3)
        assert {q.id for q in first} & {q.id for q in second} == set()


def test_only_the_claimer_marks(configured):
    """A mail that another worker holds can't be marked."""
    with Store.open(configured) as store, Store.open(configured) as other:
        queue(store, letter())
        (mail,) = store.outbox.claim(NOW, 10)
        other.outbox.mark_sent([mail.id], NOW)
        assert state(store)[0][0] == "sending"


def test_no_more_than_per_hour(tmp_path):
    """``limits.per_hour`` counts attempts of the last hour."""
    with Store.open(settings(tmp_path, limits={"per_hour": 3})) as store:
        queue(store, *(letter(number=n) for n in range(5)))
        assert [len(store.outbox.claim(NOW, 2)) for _ in range(3)] == [2, 1, 0]
        assert len(store.outbox.claim(NOW + timedelta(minutes=61), 9)) == 2


def test_ids_are_never_used_again(sqlite):
    """A mail erased while it is being sent must not hand its id to the next one."""
    queue(sqlite, letter())
    (first,) = sqlite.outbox.claim(NOW, 10)
    with sqlite.transaction() as tx:
        tx.work.connection.exec_driver_sql("DELETE FROM outbox")
    queue(sqlite, letter(BERT))
    (second,) = sqlite.outbox.claim(NOW, 10)
    assert first.id != second.id


@pytest.mark.parametrize("tries", range(1, 12))
def test_there_is_a_pause_after_every_attempt(tries):
    """The schedule has no hole."""
    assert pause(tries) is not None
    assert pause(12) is None
