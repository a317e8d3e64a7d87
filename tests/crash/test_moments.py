"""Killing the real program at chosen moments, and its servers under it: nothing lost, nothing twice.

A moment is a method of ours; the program is started with a hook that kills it (SIGKILL, no clean-up) before or after its nth call.
"""

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta

import pytest

from mailbot.store import Store
from tests.crash.test_kill import _people
from tests.flow.test_run import register, tap
from tests.flow.world import NOW, World, write
from tests.servers.dovecot import dovecot_server
from tests.servers.smtp import smtp_sink

ANNA, BERND = "anna.berg@verein.example", "bernd.au@werk.example"
HOOK = """
import importlib, os, signal, sys
module, owner, name, number, after = sys.argv[1:6]
of = getattr(importlib.import_module(module), owner)
real, calls = getattr(of, name), [0]
def hooked(*arguments, **options):
    calls[0] += 1
    last = calls[0] == int(number)
    if last and after == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*arguments, **options)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(of, name, hooked)
from mailbot.cli import execute
sys.exit(execute(["--config", *sys.argv[6:]]))
"""
PIPELINE, IMAP, OUTBOX = ("mailbot.pipeline", "Pipeline"), ("mailbot.imap", "ImapMailbox"), ("mailbot.store.outbox", "Outbox")
STORE, SENDER, JOURNAL = ("mailbot.store", "Store"), ("mailbot.smtp", "Sender"), ("mailbot.store.journal", "Journal")
MAIL = [(IMAP, "fetch"), (PIPELINE, "handle"), (PIPELINE, "_handle_one"), (IMAP, "move"), (STORE, "mark_filed")]
SENDING = [(OUTBOX, "claim"), (SENDER, "send"), (OUTBOX, "mark_sent")]
ERASING = [
    (STORE, "start_job"), (JOURNAL, "append"), (STORE, "erase_rows"), (STORE, "mails_gone"), (IMAP, "remove"),
    (STORE, "note_folders"), (STORE, "forget"), (STORE, "vacuum"), (STORE, "finish_job"),
]  # fmt: skip


def killed(world, moment, when="before", number=1):
    """Run the program and kill it at a moment; gives whether it came so far."""
    (module, owner), name = moment
    hook = [sys.executable, "-c", HOOK, module, owner, name, str(number), when]
    done = subprocess.run([*hook, str(world.path), "run", "--once"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {0, -9}, done.stderr
    return done.returncode == -9


def replies(world):
    """Count the different Message-IDs that each address got; the same twice counts once."""
    return Counter(to for to, _ in {(t.to, t.content.split(b"Message-ID: ")[1].split(b"\r\n")[0]) for t in world.sink.taken})


def outcomes(world):
    """Give how many mails the ledger knows, and how many are not filed."""
    with Store.open(world.settings) as store:
        return store.status_counts(NOW)


@pytest.mark.timeout(200)
def test_a_dialogue_survives_a_kill_at_each_stage(world):
    """Registered, asked back, completed, cancelled, undone and moved up, with a kill at each stage of each step: each effect once."""
    world.configure(event="capacity = 1")
    moments = [(m, ("before", "after")[n % 2]) for n, m in enumerate((*MAIL, *SENDING))]
    world.arrive("Guten Tag, ich möchte mich zur Klima-Werkstatt anmelden.\n\nAnna Berg", f"Anna Berg <{ANNA}>")
    kill_each(world, moments[0::4])
    world.reply(world.answers(ANNA)[-1], "Stadtbücherei Detmold", f"Anna Berg <{ANNA}>")
    kill_each(world, moments[1::4])
    assert world.participants() == {"Anna Berg": "registered"}
    world.arrive("Hiermit melde ich mich an.\n\nName: Bernd Au\nInstitution: privat", f"Bernd Au <{BERND}>")
    world.cli("run", "--once", check=0)
    world.arrive("Ich kann leider doch nicht zur Klima-Werkstatt kommen, bitte streichen Sie mich.", f"Anna Berg <{ANNA}>")
    kill_each(world, moments[2::4])
    assert world.participants() == {"Anna Berg": "cancelled", "Bernd Au": "registered"}
    tap(world, world.answers(ANNA)[-1], "undo", f"Anna Berg <{ANNA}>")
    kill_each(world, moments[3::4])
    assert world.participants() == {"Anna Berg": "registered", "Bernd Au": "registered"}
    assert replies(world) == {ANNA: 4, BERND: 2}
    assert {name: len(mails) for name, mails in world.folders().items()} == {"Mailbot/Done": 5}


def kill_each(world, moments):
    """Kill the program at each moment, one after the other, and let it finish in the end."""
    hits = sum(killed(world, moment, when) for moment, when in moments)
    assert hits, "the hook was never reached"
    world.cli("run", "--once", check=0)


@pytest.mark.timeout(200)
def test_a_humans_move_survives_a_kill(world):
    """A mail that a human moved is done once, whenever the program dies."""
    world.arrive(
        "Ich bin mir noch nicht sicher, was meinen Sie dazu?\n\nName: Anna Berg\nInstitution: Verein", f"Anna Berg <{ANNA}>"
    )
    assert world.run() == 0
    taken = len(world.sink.taken)
    with world.client() as client:
        client.select_folder("Mailbot/Review")
        client.move(client.search(), "Mailbot/Register")
    kill_each(world, [(MAIL[1], "after"), (MAIL[3], "before"), (MAIL[3], "after")])
    assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"]}
    assert list(world.participants()) == ["Anna Berg"]
    assert len(world.sink.taken) == taken + 1
    assert outcomes(world).review_waiting == 0


@pytest.mark.timeout(200)
def test_the_erasure_survives_a_kill_at_each_of_its_steps(world):
    """Before each step: one record in the end, nothing left in the bytes or the folders, one closing mail."""
    register(world)
    register(world, "Bernd Au", BERND)
    world.configure(day=(NOW - timedelta(days=1)).date())
    hits = sum(killed(world, moment) for moment in ERASING)
    assert hits >= len(ERASING) - 2
    world.cli("run", "--once", check=0)
    with Store.open(world.settings) as store:
        [record] = store.records()
        assert not store.open_jobs()
    assert (record["counts"]["tables"]["registration"], record["found_again"]) == (2, 0)
    found = b"".join(path.read_bytes() for path in world.folder.glob("mailbot.*")).lower()
    assert [v for v in (ANNA, BERND, "anna berg", "bernd au") if v.encode() in found] == []
    assert world.folders() == {}
    assert (replies(world)[ANNA], replies(world)[BERND]) == (2, 2)


def test_two_runs_at_once_do_everything_once(world):
    """A cron job that overlaps with the one before waits for it, or says so (75)."""
    world.deliver(
        *(write(f"Hiermit melde ich mich an.\n\nName: {name}\nInstitution: Verein", f"{name} <{to}>") for name, to in _people())
    )
    command = [sys.executable, "-m", "mailbot", "--config", str(world.path), "run", "--once"]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for run in runs:
        _, said = run.communicate(timeout=90)
        assert run.returncode in {0, 75}, said
    assert replies(world) == Counter(to for _, to in _people())
    assert len(world.sink.taken) == len(_people())
    assert {name: len(mails) for name, mails in world.folders().items()} == {"Mailbot/Done": len(_people())}


@pytest.mark.timeout(200)
def test_servers_that_are_killed_lose_nothing(tmp_path):
    """Dovecot dies again and again during the work, the SMTP server hangs up after every few mails: each person gets one answer."""
    with dovecot_server() as dovecot, smtp_sink(leaves_after=7) as sink:
        world = World(dovecot, sink, tmp_path, "anna")
        world.deliver(
            *(write(f"Hiermit melde ich mich an.\n\nName: {name}\nInstitution: Verein", f"{name} <{to}>") for name, to in _people())
        )
        for number in range(4):
            killer = threading.Timer(0.9 + number / 5, dovecot.kill)
            killer.start()
            done = world.cli("run", "--once")
            assert done.returncode in {0, 75}, done.stderr
            assert "Traceback" not in done.stderr
            killer.join()
            dovecot.start()
            sink.most, sink.leaves_after = 1000, len(sink.taken) + 15
        sink.leaves_after = 10**6
        later(world)
        assert replies(world) == Counter(to for _, to in _people())
        assert {name: len(mails) for name, mails in world.folders().items()} == {"Mailbot/Done": len(_people())}


def later(world):
    """Let the pauses of the outbox pass."""
    for hours in (0, 2, 8):
        assert world.run(NOW + timedelta(hours=hours)) == 0
