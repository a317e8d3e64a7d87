"""``mailbot demo`` as a newcomer runs it: in a process of its own, with nothing configured."""

import contextlib
import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time

import pytest
from imapclient import IMAPClient

from mailbot import demo
from mailbot.demo.mails import BOT, FIRST, SECOND
from mailbot.demo.servers import OUTSIDE, PASSWORD, embedded
from mailbot.errors import UsageError
from mailbot.service import clock

COMMAND = [sys.executable, "-m", "mailbot", "demo"]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """One run, with a folder for temporary files that can be looked at afterwards."""
    folder = tmp_path_factory.mktemp("tmp")
    environment = {**os.environ, "TMPDIR": str(folder), "COLUMNS": "30", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(COMMAND, capture_output=True, encoding="utf-8", timeout=90, check=False, env=environment, cwd=folder)
    return done, folder


def rows(text):
    """Give the number that begins each row of the tables."""
    return re.findall(r"^ {1,3}(\d+|[a-z]) {2,}\S", text, re.MULTILINE)


def test_the_demo_ends_well_and_says_nothing_else(played):
    """Exit status 0, no warning, no log line, no traceback."""
    done, _ = played
    assert (done.returncode, done.stderr) == (0, "")


def test_sixteen_mails_come_and_each_is_shown_with_its_folder(played):
    """One row each, in order; then what people replied."""
    done, _ = played
    assert [row for row in rows(done.stdout) if row.isdigit()] == [str(n) for n in range(1, 17)]
    assert len(FIRST) + len(SECOND) == 16
    assert done.stdout.count("→ Mailbot/") >= 16
    assert done.stdout.count("→ erased") == 1  # the reply that confirmed an erasure went with it
    assert "a" in rows(done.stdout)


def test_every_kind_of_mail_of_the_issue_is_there(played):
    """Registrations, a question back, a cancellation, a substitution, five rights, robots; one mail alone needs a human."""
    done, _ = played
    words = ("registration", "cancellation", "unsubscribe", "access", "rectification", "portability", "objection", "erasure")
    for word in (*words, "automatic"):
        assert word in done.stdout
    assert done.stdout.count("→ Mailbot/Review") == 1


def test_an_answer_is_shown_in_full_and_the_store_with_its_people(played):
    """As the receiver reads it; then who takes part."""
    done, _ = played
    assert "│ To: Mara Lindholm" in done.stdout
    assert "also in this mail: text/html, text/calendar" in done.stdout
    assert re.search(r"Jonas Petri +privat +jonas.petri@post.example +registered", done.stdout)


def test_the_erasure_leaves_a_record_and_nothing_personal(played):
    """Counts by table and folder, nothing found again, and a search that finds nothing."""
    done, _ = played
    assert re.search(r"found again: +0", done.stdout)
    assert re.search(r"sha256: +[0-9a-f]{64}", done.stdout)
    assert "Nothing personal is left" in done.stdout
    assert re.search(r"before the erasure: [1-9]\d* times in [\d,]{5,} bytes .* and in [1-9]\d* of", done.stdout)
    assert re.search(r"now: +0 times in [\d,]{5,} bytes .* and in 0 of", done.stdout)


def test_the_demo_leaves_no_file_behind(played):
    """Store and configuration lay in a temporary folder; it is gone."""
    _, folder = played
    assert list(folder.iterdir()) == []


def test_what_is_printed_into_a_pipe_is_plain_and_a_hundred_columns_wide(played):
    """No escape sequence, whatever the terminal's width was said to be."""
    done, _ = played
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_a_missing_extra_is_named_with_its_command(monkeypatch):
    """Exit status 2 and what to type, no traceback."""
    for module in ("mailbot.demo.script", "mailbot.demo.servers"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(UsageError, match="not installed") as error:
        demo.run()
    assert "mailbot[demo]" in error.value.remedy


def test_serving_answers_whoever_writes_until_it_is_stopped(tmp_path):
    """A mail program connects, somebody registers, the answer can be read; Ctrl-C goes on with the erasure."""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen([*COMMAND, "--serve"], stdout=subprocess.PIPE, encoding="utf-8", env=environment) as process:
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
        reader.start()
        imap, smtp = ports(lines)
        text = "Subject: Anmeldung\r\nFrom: Nora Feld <nora.feld@post.example>\r\nTo: {}\r\nMessage-ID: <nora@post.example>\r\n\r\n"
        text += "Ich melde mich zur Klima-Werkstatt an.\r\nName: Nora Feld\r\nInstitution: privat\r\n"
        with smtplib.SMTP("127.0.0.1", smtp) as client:
            client.sendmail("nora.feld@post.example", [BOT], text.format(BOT).encode())
        assert wait_for(lambda: answered(imap, "nora.feld@post.example"))
        process.send_signal(signal.SIGINT)
        reader.join(60)
        assert process.wait(60) == 0
    assert re.search(r"now: +0 times in", "".join(lines))
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_no_obstacle():
    """The well-known ports are a comfort: two demos may run at once."""
    with embedded((BOT,), clock) as first, embedded((BOT,), clock, imap_port=first.imap_port, smtp_port=first.smtp_port) as second:
        assert {first.imap_port, first.smtp_port}.isdisjoint({second.imap_port, second.smtp_port})


def ports(lines):
    """Wait until the demo says how to connect; gives its ports."""
    assert wait_for(lambda: any("Ctrl-C" in line for line in lines))
    text = "".join(lines)
    return tuple(int(re.search(rf"{name} server +127\.0\.0\.1, port (\d+)", text)[1]) for name in ("IMAP", "SMTP"))


def wait_for(happens):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.2)
    return False


def answered(port, address):
    with contextlib.suppress(OSError), IMAPClient("127.0.0.1", port, ssl=False, timeout=10) as client:
        client.login(OUTSIDE, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        return bool(client.search(["TO", address]))
    return False
