"""``run`` as the service: it waits, answers what arrives, survives its servers' restarts, and stops when asked."""

import contextlib
import signal
import subprocess
import sys
import time

from tests.flow.world import World
from tests.servers.dovecot import dovecot_server
from tests.servers.smtp import smtp_sink

ANNA = "anna.berg@verein.example"
TEXT = "Hiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Anna Berg\nInstitution: Verein Lippe\n"
PATIENCE = 40


@contextlib.contextmanager
def running(world):
    """Start ``mailbot run``; at the end ask it to stop."""
    command = [sys.executable, "-m", "mailbot", "--config", str(world.path), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def until(condition):
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.1)


def test_it_answers_what_arrives_and_stops_at_sigterm_and_sigint(world):
    """A mail that arrives while it waits is answered without a poll; both signals end it with 0."""
    world.configure(mailbox="poll_seconds = 600")
    for number, stop in enumerate((signal.SIGTERM, signal.SIGINT), start=1):
        with running(world) as process:
            until(lambda: "Mailbot/Done" in {name for *_, name in world.client().list_folders()})
            time.sleep(1.5)
            world.arrive(TEXT.replace("Anna", f"Anna{number}"), f"Anna Berg <{number}{ANNA}>")
            until(lambda: len(world.sink.taken) >= number)  # noqa: B023 - asked at once
            process.send_signal(stop)
            assert process.wait(20) == 0, process.stderr.read()
    assert len(world.sink.taken) == 2


def test_it_reconnects_when_the_server_was_killed(tmp_path):
    """The IMAP server dies while it waits and comes back: the next mail is answered."""
    with dovecot_server() as dovecot, smtp_sink() as sink:
        world = World(dovecot, sink, tmp_path, "anna", mailbox="poll_seconds = 600")
        with running(world) as process:
            until(lambda: "Mailbot/Done" in {name for *_, name in world.client().list_folders()})
            time.sleep(1)
            dovecot.kill()
            time.sleep(1)
            dovecot.start()
            world.arrive(TEXT, f"Anna Berg <{ANNA}>")
            until(lambda: sink.taken)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
