"""The journal: on disk before the commit, no address in it, and stronger than an old copy of the database."""

import json
import shutil
import stat
from datetime import timedelta

import pytest

from mailbot.domain.decision import ErasePerson, SetSubscription, Suppress, Unsuppress
from mailbot.domain.facts import Query
from mailbot.domain.states import SubscriptionStatus
from mailbot.errors import StoreUnwritable
from mailbot.settings import Retention
from mailbot.store import Store
from mailbot.store.journal import Entry, Journal, Line
from tests.store.example import ANNA, BERT, END, NOW, add, handle, letter, settings, token

LATER = NOW + timedelta(days=1)


@pytest.fixture
def restored(tmp_path):
    """Copy the database before some changes, and put the copy back after them."""
    made = settings(tmp_path)
    path = tmp_path / "mailbot.db"

    def restore(before, after):
        with Store.open(made) as store:
            before(store)
        shutil.copy(path, tmp_path / "copy.db")
        with Store.open(made) as store:
            after(store)
        shutil.copy(tmp_path / "copy.db", path)
        return Store.open(made)

    return restore


def suppressed(store, address=ANNA):
    """Whether the store keeps an address from information mails."""
    with store.reading() as tx:
        return address in tx.facts(Query(sender=address), NOW).suppressed


def subscribed(email=ANNA):
    """A subscriber."""
    return SetSubscription(email=email, status=SubscriptionStatus.SUBSCRIBED, language="de", consent_text="ja")


def test_lines_are_on_disk_before_the_commit(sqlite, tmp_path, monkeypatch):
    """When the database fails at its commit, the journal already knows."""

    def refuse(*_):
        lines = (tmp_path / "mailbot.journal").read_text().splitlines()
        assert [json.loads(line)["kind"] for line in lines] == ["suppressed"]
        raise StoreUnwritable("power cut")

    with sqlite.transaction() as tx:
        monkeypatch.setattr(tx.work.connection.dialect, "do_commit", refuse)
        tx.apply((Suppress(email=ANNA),), NOW)
        with pytest.raises(StoreUnwritable, match="power cut"):
            sqlite._journal.append(tx.work.lines)
            refuse()
        monkeypatch.undo()
        tx.work.connection.rollback()
        tx.work.lines.clear()
    assert not suppressed(sqlite)
    assert sqlite.reapply_journal(sqlite._settings, NOW) == 1
    assert suppressed(sqlite)


def test_a_journal_that_cannot_be_written_stops_the_commit(store, configured):
    """Nobody is suppressed or erased without its line."""
    configured.store.journal.unlink()
    configured.store.journal.mkdir()
    with pytest.raises(StoreUnwritable, match="journal"):
        handle(store, Suppress(email=ANNA))
    assert not suppressed(store)


def test_an_undone_savepoint_leaves_no_line(store, configured):
    """A mail that failed has suppressed nobody."""
    with store.transaction() as tx:
        with pytest.raises(RuntimeError), tx.savepoint():
            tx.apply((Suppress(email=ANNA),), NOW)
            raise RuntimeError
        tx.apply((Suppress(email=BERT),), NOW)
    assert len(configured.store.journal.read_text().splitlines()) == 1


def test_a_torn_line_is_passed_over_and_the_next_is_whole(tmp_path):
    """A crash in the middle of a line costs that line only."""
    journal = Journal(tmp_path / "journal")
    journal.ensure(filled=False)
    one, two = (Line(Entry.SUPPRESSED, h, "*", NOW) for h in ("aa", "bb"))
    journal.append([one])
    with journal.path.open("ab") as file:
        file.write(two.dump()[:20])
    journal.append([two])
    assert journal.lines() == (one, two)
    with journal.path.open("ab") as file:
        file.write(b'[1]\n{"kind": "other"}\n\xff\n')
    assert journal.lines() == (one, two)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_a_rewritten_journal_is_whole_and_private(tmp_path):
    """It is replaced in one step."""
    journal = Journal(tmp_path / "journal")
    journal.ensure(filled=False)
    lines = [Line(Entry.ERASED, "aa", "klima", NOW), Line(Entry.SUPPRESSED, "bb", "*", NOW)]
    journal.append(lines)
    journal.rewrite(lines[1:])
    assert journal.lines() == (lines[1],)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["journal"]


def test_an_old_copy_learns_who_said_stop(restored):
    """Suppressed since: the subscriber of the old copy is gone, before any mail is read."""
    with restored(lambda s: handle(s, subscribed()), lambda s: handle(s, Suppress(email=ANNA), uid=2)) as store:
        assert [s.email for s in store.subscribers()] == [ANNA]
        assert store.reapply_journal(store._settings, LATER) == 2
        assert store.subscribers() == ()
        assert suppressed(store)
        assert store.reapply_journal(store._settings, LATER) == 0


def test_an_old_copy_learns_who_asked_anew(restored):
    """Unsuppressed since: information mails may come again."""
    with restored(lambda s: handle(s, Suppress(email=ANNA)), lambda s: handle(s, Unsuppress(email=ANNA), uid=2)) as store:
        assert suppressed(store)
        assert store.reapply_journal(store._settings, LATER) == 1
        assert not suppressed(store)


def fill(store):
    """Two participants with their mails."""
    handle(store, add("r1"), token(), letters=[letter()], uid=1)
    handle(store, add("r2", BERT, "Bert Brandt"), token("klima-bert", BERT), letters=[letter(BERT, 2)], sender=BERT, uid=2)


def erase_event(store, now=END):
    """The store's part of the final step."""
    job = store.start_job("klima", Retention().registrations, now)
    store.erase_rows(job, now)
    store.forget(job)
    store.vacuum()
    return store.finish_job(job, {}, store.search_bytes(job.values), now)


def test_an_old_copy_is_erased_again(restored):
    """An event's erasure is repeated by the hashes alone, for everybody whom it held, in every table."""
    with restored(fill, erase_event) as store:
        assert len(store.participants()) == 2
        assert store.reapply_journal(store._settings, END) == 2
        store.vacuum()
        assert store.participants() == ()
        assert store.search_bytes([ANNA, BERT, "Anna Albers", "Bert Brandt"]) == 0
        assert store.reapply_journal(store._settings, END) == 0


def test_one_persons_erasure_is_repeated_for_that_person_only(restored):
    """Art. 17 before the event: the other participant of the old copy stays."""
    with restored(fill, lambda s: handle(s, ErasePerson(address=ANNA), uid=3, now=LATER)) as store:
        store.reapply_journal(store._settings, LATER)
        store.vacuum()
        assert [r.email for r in store.participants()] == [BERT]
        assert store.search_bytes([ANNA, "Anna Albers"]) == 0


def test_one_of_several_people_of_an_address_is_erased_again(restored):
    """The hash of address and name finds the row; the address's other person stays."""

    def family(store):
        handle(store, add("r1"), add("r2", name="Otto Albers"))

    with restored(
        family, lambda s: handle(s, ErasePerson(address=ANNA, registration_ids=("r1",), whole_address=False), uid=2)
    ) as store:
        assert store.reapply_journal(store._settings, LATER) == 1
        assert [r.name for r in store.participants()] == ["Otto Albers"]


def test_who_came_back_after_the_erasure_stays(store, configured):
    """A registration later than the erasure is a new wish, also when the mirror is lost."""
    handle(store, add("r1"), uid=1)
    handle(store, ErasePerson(address=ANNA), uid=2, now=NOW)
    handle(store, add("r9"), uid=3, now=LATER)
    with store.transaction() as tx:
        tx.work.connection.exec_driver_sql("DELETE FROM erased")
    store.reapply_journal(configured, LATER)
    assert [r.id for r in store.participants()] == ["r9"]


def test_hashes_of_the_erased_go_after_ninety_days(store, configured):
    """``erased_hashes``: from table and journal; suppressions stay."""
    handle(store, add(), Suppress(email=BERT))
    handle(store, ErasePerson(address=ANNA), uid=2)
    store.expire(configured, NOW + timedelta(days=89))
    assert '"erased"' in configured.store.journal.read_text()
    store.expire(configured, NOW + timedelta(days=91))
    journal = configured.store.journal.read_text()
    assert '"erased"' not in journal
    assert '"suppressed"' in journal
    assert suppressed(store, BERT)
    assert store.reapply_journal(configured, NOW + timedelta(days=91)) == 0


def test_the_journal_holds_no_address(store, configured):
    """Only keyed hashes."""
    fill(store)
    handle(store, Suppress(email=BERT), ErasePerson(address=ANNA), uid=3)
    erase_event(store)
    text = configured.store.journal.read_text()
    assert len(text.splitlines()) == 3
    for value in (ANNA, BERT, "Albers", "anna", "post.example"):
        assert value not in text
