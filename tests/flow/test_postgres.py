"""The whole way with the store on PostgreSQL: several workers share it, and it may die and come back."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import psycopg
import pytest

from mailbot.store import migrate
from mailbot.store.tables import all_tables
from tests.flow.test_run import ANNA, ANNA_REGISTERS, BERND, register, tap
from tests.flow.world import AFTER, CONTACT, body, write
from tests.servers.postgres import Server, postgres, server
from tests.servers.smtp import Sink

PEOPLE = 30
PATIENCE = 40
LOCKS = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database()"


def connect(url):
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture
def pg(world):
    """A world whose store is a new database with the newest schema."""
    with postgres() as url:
        world.configure(store=url)
        world.url = url
        migrate(world.settings)
        yield world


def query(world, statement):
    with connect(world.url) as connection:
        return connection.execute(statement).fetchall()


def sent(world, to=None):
    """Give the template of each mail that the SMTP server took, in order."""
    templates = dict(query(world, "SELECT message_id, template FROM outbox"))
    return [templates.get(answer["Message-ID"], "erased") for answer in world.answers(to)]


def address(number):
    return f"person{number:03d}@verein.example"


def crowd(world, people=PEOPLE):
    """Let many people register."""
    text = "Hiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Person{0:03d} Muster\nInstitution: Verein Lippe\n"
    world.deliver(*(write(text.format(n), f"Person{n:03d} Muster <{address(n)}>") for n in range(people)))


def start(world):
    """Start a worker in a process of its own."""
    command = [sys.executable, "-m", "mailbot", "--config", str(world.path), "run", "--once"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def until(condition, worker=None):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert worker is None or worker.poll() is None, worker.stderr.read()
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def nothing_is_lost(world, people=PEOPLE):
    """Everybody is registered once, hears of it by one Message-ID, and every mail is filed; gives mails that came twice."""
    ids = Counter((taken.to, taken.content.split(b"Message-ID: ")[1].split(b"\r\n")[0]) for taken in world.sink.taken)
    assert Counter(to for to, _ in ids) == Counter(address(n) for n in range(people))
    assert Counter(world.participants().values()) == {"registered": people}
    assert {name: len(mails) for name, mails in world.folders().items()} == {"Mailbot/Done": people}
    assert query(world, "SELECT count(*) FROM outbox WHERE status <> 'sent'") == [(0,)]
    return [key for key, times in ids.items() if times > 1]


@contextlib.contextmanager
def gate(monkeypatch, after):
    """The SMTP server takes this many mails, then keeps everybody waiting for its answer until the gate is left."""
    opened, taken, original = threading.Event(), [], Sink.handle_DATA

    async def slow(self, session_server, session, envelope):
        taken.append(envelope)
        if len(taken) > after:
            await asyncio.to_thread(opened.wait, PATIENCE)
        return await original(self, session_server, session, envelope)

    monkeypatch.setattr(Sink, "handle_DATA", slow)
    yield lambda: len(taken) > after
    opened.set()


def test_without_migrate_it_is_status_78_and_no_mail_is_touched(world):
    """Other workers may run an older version: the schema is only changed when somebody says so."""
    with postgres() as url:
        world.configure(store=url)
        world.url = url
        world.arrive(ANNA_REGISTERS, f"Anna Berg <{ANNA}>")
        done = world.cli("run", "--once", check=78)
        assert "mailbot migrate" in done.stderr
        assert "Traceback" not in done.stderr
        assert world.folders() == {"INBOX": ["Klima-Werkstatt"]}
        world.cli("migrate", check=0)
        world.cli("run", "--once", check=0)
        assert sent(world) == ["registration-confirmed"]


def test_registration_question_cancellation_and_undo(pg):
    """The dialogue works as on SQLite: asked back, completed, cancelled by a tap, undone by a tap."""
    pg.arrive("Guten Tag, ich möchte mich zur Klima-Werkstatt anmelden.\n\nAnna Berg", f"Anna Berg <{ANNA}>")
    pg.run()
    assert pg.participants() == {"Anna Berg": "pending"}
    pg.reply(pg.answers()[0], "Stadtbücherei Detmold", f"Anna Berg <{ANNA}>")
    pg.run()
    assert pg.participants() == {"Anna Berg": "registered"}
    tap(pg, pg.answers()[-1], "cancel", f"Anna Berg <{ANNA}>")
    pg.run()
    assert pg.participants() == {"Anna Berg": "cancelled"}
    tap(pg, pg.answers()[-1], "undo", f"Anna Berg <{ANNA}>")
    pg.run()
    assert pg.participants() == {"Anna Berg": "registered"}
    assert sent(pg)[:3] == ["question-back", "registration-confirmed", "cancelled"]


def test_access_and_erasure_by_token(pg):
    """What is stored is told, and goes after the reply with the token."""
    register(pg)
    pg.arrive("Bitte erteilen Sie mir Auskunft nach Art. 15 DSGVO.", f"Anna Berg <{ANNA}>", "Auskunft")
    pg.run()
    assert "Verein Lippe" in body(pg.answers()[-1])
    pg.arrive("Bitte löschen Sie alle meine Daten.", f"Anna Berg <{ANNA}>", "Löschung nach Art. 17 DSGVO")
    pg.run()
    assert pg.participants() == {"Anna Berg": "registered"}
    tap(pg, pg.answers()[-1], "yes", f"Anna Berg <{ANNA}>")
    pg.run()
    assert pg.participants() == {}
    assert pg.folders() == {}


def test_a_human_decides_by_moving_a_mail(pg):
    """The human's folder replaces the understanding."""
    pg.arrive("Könnten Sie mir sagen, ob die Klima-Werkstatt barrierefrei ist?\n\nAnna Berg", f"Anna Berg <{ANNA}>")
    pg.run()
    assert list(pg.folders()) == ["Mailbot/Review"]
    with pg.client() as client:
        client.select_folder("Mailbot/Review")
        client.move(client.search(), "Mailbot/Register")
    pg.run()
    assert pg.folders() == {"Mailbot/Done": ["Klima-Werkstatt"]}
    assert list(pg.participants()) == ["Anna Berg"]


def test_after_the_event_no_table_and_no_file_of_the_server_holds_a_name(pg):
    """Rows, outbox, ledger and folders; the tables are rebuilt, so that their files hold nothing deleted either."""
    register(pg)
    register(pg, "Bernd Au", BERND)
    pg.arrive("Könnten Sie mir sagen, wo ich parken kann? Anna Berg", f"Anna Berg <{ANNA}>", "Parken")
    pg.run()
    assert pg.run(AFTER) == 0
    assert pg.participants() == {}
    assert pg.folders() == {}
    rows = [query(pg, f"SELECT {of.name}::text FROM {of.name}") for of in all_tables()]
    files = [path.read_bytes() for path in (server().folder / "data" / "base").rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in pg.folder.iterdir() if path.name != "config.toml"]
    for needle in ("anna berg", ANNA, "verein lippe", BERND):
        assert needle not in str(rows).lower()
        assert not any(needle.encode() in content.lower() for content in files + kept), needle
    assert pg.json("erase") == []
    assert any("klima-werkstatt" in body(mail) for mail in pg.answers(CONTACT))
    before = len(pg.answers())
    assert pg.run(AFTER + timedelta(hours=3)) == 0
    assert len(pg.answers()) == before


def test_two_workers_at_once_answer_each_mail_once(pg):
    """One mailbox, one outbox: one of them reads, both send, nobody does what the other did."""
    crowd(pg)
    workers = [start(pg), start(pg)]
    ends = [(worker.communicate(timeout=60)[1], worker.returncode) for worker in workers]
    assert [status for _, status in ends] == [0, 0], ends
    pg.cli("run", "--once", check=0)  # what came into the outbox after both had looked
    assert nothing_is_lost(pg) == []
    assert len(pg.sink.taken) == PEOPLE


def test_a_worker_takes_over_what_a_killed_one_was_sending(pg, monkeypatch):
    """Its lock went with its session: the mails in its hands are due at once, the next worker sends them."""
    crowd(pg)
    with gate(monkeypatch, after=3) as is_waiting:
        worker = start(pg)
        until(is_waiting, worker)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        accepted = {taken.to for taken in pg.sink.taken}
    assert query(pg, "SELECT count(*) FROM outbox WHERE status = 'sending'") == [(PEOPLE,)]
    until(lambda: query(pg, LOCKS) == [(0,)])
    pg.cli("run", "--once", check=0)
    assert {to for to, _ in nothing_is_lost(pg)} <= accepted


@pytest.fixture
def mortal(world):
    """A world with a database server of its own."""
    database = Server(server().binaries)
    try:
        database.start()
        world.url = database.url("postgres")
        world.configure(store=world.url)
        migrate(world.settings)
        crowd(world, 3 * PEOPLE)
        yield world, database
    finally:
        database.stop()


def test_the_database_dies_while_mails_are_read(mortal):
    """The run ends with 75 and one clear line; the next one does what is left."""
    world, database = mortal
    worker = start(world)
    until(lambda: world.folders().get("Mailbot/Done"), worker)
    database.kill()
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 75, said
    assert "Traceback" not in said
    database.start()
    world.cli("run", "--once", check=0)
    assert nothing_is_lost(world, 3 * PEOPLE) == []


def test_the_database_restarts_while_mails_are_sent(mortal, monkeypatch):
    """What was accepted meanwhile is noted when it is back: nothing is sent twice."""
    world, database = mortal
    with gate(monkeypatch, after=3) as is_sending:
        worker = start(world)
        until(is_sending, worker)
        database.kill()
    until(lambda: len(world.sink.taken) >= 25, worker)  # a handful was accepted and waits to be noted
    database.start()
    _, said = worker.communicate(timeout=60)
    assert "Traceback" not in said
    world.cli("run", "--once", check=0)
    assert nothing_is_lost(world, 3 * PEOPLE) == []
