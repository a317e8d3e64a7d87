"""`mailbot classify` for a person: what it shows on a terminal, in a pipe, and by what the store knows."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from mailbot.cli import execute
from mailbot.cli.consequences import consequences
from mailbot.config import example
from mailbot.domain.decision import (
    AddRegistration,
    Change,
    ChangeRegistration,
    Decision,
    ErasePerson,
    Folder,
    GrantToken,
    Letter,
    MarkInformed,
    Nature,
    NoteBounce,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
    Unsuppress,
    UseToken,
)
from mailbot.domain.facts import Registration
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus

ROOT = Path(__file__).parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HEAD = """From: {sender}
To: anmeldung@klima.example
Subject: {subject}
Date: Mon, 01 Feb 2027 10:00:00 +0100
Message-ID: <1@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

"""
CONFIG = """
[organiser]
name = "B"
contact = "k@b.example"
[mailbox]
address = "anmeldung@klima.example"
host = "h.example"
password = "x"
[smtp]
host = "h.example"
[[events]]
id = "klima-werkstatt"
title = "Klima-Werkstatt"
starts = 2099-03-11T18:00:00
ends = 2099-03-11T20:30:00
"""
GERMAN = "Guten Tag,\n\nhiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Anna Bau\nInstitution: Musterverein\n"
ENGLISH = "Hello,\n\nI would like to register for the Klima-Werkstatt.\n\nName: Anna Bau\nInstitution: Musterverein\n"
QUOTED = "\nAm 01.02.2027 um 09:00 schrieb Klima <anmeldung@klima.example>:\n" + "".join(f"> Zeile {n}\n" for n in range(1, 21))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("MAILBOT_CONFIG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(folder: Path, text: str, *, sender: str = "Anna Bau <anna.bau@post.example>", subject: str = "Hallo") -> Path:
    file = folder / "one.eml"
    file.write_bytes((HEAD.format(sender=sender, subject=subject) + text).encode())
    return file


def shown(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    assert execute(["classify", *map(str, args)]) == 0
    return capsys.readouterr().out


def on_terminal(file: Path, *args: str, width: int = 100, **env: str) -> str:
    """What a person at a terminal of this width gets, byte by byte."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    command = [sys.executable, "-m", "mailbot", "classify", *args, str(file)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **env}
    with subprocess.Popen(command, cwd=file.parent, env=variables, stdout=terminal, stdin=terminal) as process:
        os.close(terminal)
        out = b""
        with contextlib.suppress(OSError):  # Linux says EIO at the end
            while part := os.read(controller, 4096):
                out += part
    os.close(controller)
    assert process.returncode == 0
    return out.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "language", "wish", "words"),
    [
        (GERMAN, "de", "wants to take part", "melde ich mich zur Klima-Werkstatt an"),
        (ENGLISH, "en", "wants to take part", "I would like to register for the Klima-Werkstatt"),
    ],
)
def test_explains_a_mail_in_plain_words(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, language: str, wish: str, words: str
) -> None:
    """The verdict, who, why with weights, and the text with the words that counted, each under its heading."""
    out = shown(capsys, write(folder, text))
    assert re.search(rf"registration: act, language {language}, confidence (0\.9\d|1\.00)\b", out)
    assert "mailbot may act on this by itself" in out
    assert re.search(r"name +institution +e-mail\n +Anna Bau +Musterverein +anna\.bau@post\.example\n", out)
    assert re.search(rf"\+0\.\d\d  {wish}: [^\n]*„{words}“", out)
    assert re.search(rf"│ [^\n]*«{words}»", out)
    assert "│ Subject: Hallo" in out


def test_marks_the_words_of_the_subject_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wish that stands in the subject alone is quoted from there and marked there."""
    out = shown(capsys, write(folder, "Anna Bau, Musterverein\n", subject="Anmeldung"))
    assert "wants to take part: „Anmeldung“" in out
    assert "│ Subject: «Anmeldung»" in out


def test_a_pipe_and_no_color_get_the_same_plain_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Colour says nothing that the words do not say; without it no escape sequence is sent at all."""
    file = write(folder, GERMAN + QUOTED)
    piped = shown(capsys, file)
    without = on_terminal(file, width=120, NO_COLOR="1")
    coloured = on_terminal(file, width=120)
    assert "\x1b" not in piped + without
    assert without == piped
    assert "\x1b[1;32mact\x1b[0m" in coloured
    assert COLOUR.sub("", coloured) == re.sub("[«»]", "", piped)


def test_colour_can_be_forced_into_a_pager(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FORCE_COLOR is for `mailbot classify … | less -R`."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1m" in shown(capsys, write(folder, GERMAN))


def test_counted_words_are_lit_up_on_a_terminal(folder: Path) -> None:
    """Black on yellow, over the end of a line as well; no marks of the plain output beside it."""
    out = on_terminal(write(folder, GERMAN), width=40)
    assert "\x1b[30;43m" in out
    assert "«" not in out
    lit = " ".join(re.findall(r"\x1b\[30;43m([^\x1b]*)", out))
    assert lit.split() == ["melde", "ich", "mich", "zur", "Klima-Werkstatt", "an"]
    assert max(len(COLOUR.sub("", line)) for line in out.splitlines()[1:]) <= 40


def test_what_was_cut_away_is_shortened_and_full_shows_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each removed part stands once under its reason; how much is missing is said, and `--full` leaves nothing out."""
    file = write(folder, GERMAN + "\nMit freundlichen Grüßen\nAnna Bau\n" + QUOTED)
    out = shown(capsys, file)
    assert out.count("cut away: quoted from an earlier mail") == 1
    assert "> Zeile 2\n    │ … 18 more lines (--full shows them)" in out
    assert "cut away: signature" in out
    assert "Zeile 20" not in out
    full = shown(capsys, "--full", file)
    assert all(f"> Zeile {n}\n" in full for n in range(1, 21))
    assert "more lines" not in full


def test_the_subject_of_a_reply_is_no_word_of_its_sender(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is shown as cut away, with the reason."""
    out = shown(capsys, write(folder, GERMAN, subject="Re: Abmeldung vom Newsletter"))
    assert "cut away: subject of a reply, chosen by whoever wrote first\n    │ Re: Abmeldung vom Newsletter" in out
    assert "Subject: " not in out


def test_lines_that_counted_are_shown_however_long_the_mail_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A long text is shortened around them."""
    chat = "".join(f"Das Wetter am Tag {n} ist schön.\n" for n in range(200))
    out = shown(capsys, write(folder, f"{chat}Ich melde mich zur Klima-Werkstatt an.\n{chat}"))
    assert "«melde mich zur Klima-Werkstatt an»" in out
    assert out.count("more lines (--full shows them)") == 2
    assert len(out.splitlines()) < 60


def test_reasons_against_acting_have_a_minus(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A child, a missing institution, a condition or a question: what lowered the action is said, with its words."""
    child = shown(capsys, write(folder, "Ich melde meine Tochter (12) zur Klima-Werkstatt an.\n"))
    assert re.search(r"registration: review.*\+0\.\d\d  wants to take part: .*-0\.\d\d  is about a child: „", child, re.DOTALL)
    missing = shown(capsys, write(folder, "I would like to register for the Klima-Werkstatt.\n"))
    assert re.search(r"-(0\.\d\d|1\.00)  does not give the institution", missing)
    asked = shown(capsys, write(folder, "Wie kann ich mich zur Klima-Werkstatt anmelden?\n"))
    assert re.search(r"question: review.*-(0\.\d\d|1\.00)  wants to take part, but as a question: „", asked, re.DOTALL)


def test_a_machines_mail_is_said_to_be_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its text counted for nothing, and the explanation says so."""
    out = shown(capsys, write(folder, "Ich bin nicht im Büro.\n", sender="no-reply@post.example", subject="Hallo"))
    assert "automatic: ignore" in out
    assert "nothing is done and nobody is answered" in out
    assert "+1.00  written by a machine: sent by a robot's address" in out
    assert "the text, which nobody needed to read" in out


@pytest.mark.parametrize("terminal", [False, True])
def test_a_mail_can_not_command_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str], terminal: bool) -> None:
    """Escape sequences in text, names, quotes and removed parts, and markup of our own library, are shown as text."""
    hostile = "\x1b[2J\x1b]0;title\x07\u202e\x9b31m[red]"
    text = GERMAN.replace("Klima-Werkstatt an", f"Klima-Werkstatt {hostile} an").replace("Musterverein", f"Muster{hostile}verein")
    file = write(
        folder, f"{text}\n-- \nAnna {hostile}\n", sender=f'"Anna {hostile}" <anna.bau@post.example>', subject=f"Anmeldung {hostile}"
    )
    out = COLOUR.sub("", on_terminal(file)) if terminal else shown(capsys, file)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
    assert "\\x1b[2J" in out
    assert "[red]" in out


def test_an_unreadable_file_is_answered_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others still get their explanation."""
    file = write(folder, GERMAN)
    assert execute(["classify", "none.eml", str(file)]) == 1
    out = capsys.readouterr().out
    assert "none.eml\n  the file can't be read: No such file or directory\n" in out
    assert "registration: act" in out


class TestWithStore:
    """What `run` would do, on a real store."""

    @pytest.fixture(autouse=True)
    def store(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        assert execute(["migrate"]) == 0
        capsys.readouterr()

    @staticmethod
    def enter(capsys: pytest.CaptureFixture[str]) -> None:
        person = ["--email", "anna.bau@post.example", "--name", "Anna Bau", "--institution", "privat", "--quiet"]
        assert execute(["participants", "add", "--event", "klima-werkstatt", *person]) == 0
        capsys.readouterr()

    def test_a_registration(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The outcome, the folder, the change and the letter, in words."""
        out = shown(capsys, "--with-store", write(folder, GERMAN)).partition("what `run` would do with it\n")[2]
        assert "outcome  done, without a human\n" in out
        assert "folder   Mailbot/Done\n" in out
        assert "Anna Bau, Musterverein, anna.bau@post.example: is registered for klima-werkstatt\n" in out
        assert '"registration-confirmed" to anna.bau@post.example (language de)\n' in out

    def test_a_cancellation_names_whom_it_is_about(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The store knows the name that the mail does not say."""
        self.enter(capsys)
        out = shown(capsys, "--with-store", write(folder, "Leider kann ich nicht kommen.\n", sender="anna.bau@post.example"))
        assert "Anna Bau, anna.bau@post.example: is cancelled for klima-werkstatt\n" in out
        assert '"cancelled" to anna.bau@post.example' in out

    def test_a_request_and_its_deadline(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Access is answered at once: the request is opened and closed."""
        self.enter(capsys)
        out = shown(capsys, "--with-store", write(folder, "Welche Daten haben Sie über mich gespeichert?\n"))
        assert re.search(r"a request of anna\.bau@post\.example \(access\) is noted, to be answered by \d{4}-", out)
        assert "this request: done (access-answer)" in out
        assert '"access-answer" to anna.bau@post.example' in out

    def test_what_a_human_decides(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The folder is Review, with the reason."""
        out = shown(capsys, "--with-store", write(folder, "Ich melde meine Tochter (12) zur Klima-Werkstatt an.\n"))
        assert "outcome  a human decides\n    folder   Mailbot/Review\n    because  " in out

    def test_a_mode_that_does_less_says_so(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Nobody shall believe that letters go out while mailbot only observes."""
        (folder / "config.toml").write_text(CONFIG + '[automation]\nmode = "observe"\n', "utf-8")
        out = shown(capsys, "--with-store", write(folder, GERMAN))
        assert 'automation.mode is "observe": nothing of this is done, only logged' in out

    def test_nothing_is_changed(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It is a rehearsal."""
        shown(capsys, "--with-store", write(folder, GERMAN))
        assert execute(["participants", "list", "--json"]) == 0
        assert capsys.readouterr().out.strip() == "[]"


MOMENT = datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC)
ANNA = Registration(
    id="r1", event="klima", email="a@b.example", name="Anna", institution=None, status=RegistrationStatus.REGISTERED, registered_at=MOMENT
)  # fmt: skip
CHANGES = [
    (
        AddRegistration(
            id="r2", event="klima", email="c@d.example", name=None, institution="TU", status=RegistrationStatus.WAITING, language="de"
        ),
        "name unknown, TU, c@d.example: goes on the waiting list of klima",
    ),
    (ChangeRegistration(id="r1", status=RegistrationStatus.CANCELLED), "Anna, a@b.example: is cancelled for klima"),
    (ChangeRegistration(id="r1", name="Anna B", event_mails=False), "Anna, a@b.example: name becomes Anna B; gets no mails about the event"),
    (ChangeRegistration(id="r9", restricted=True), "registration r9: the data may only be stored"),
    (SetSubscription(email="a@b.example", status=SubscriptionStatus.UNSUBSCRIBED, language="de"), "a@b.example gets no more information mails"),
    (Suppress(email="a@b.example"), "keeps a fingerprint of a@b.example, so that no information mail goes there again"),
    (Unsuppress(email="a@b.example"), "forgets the fingerprint that kept information mails from a@b.example"),
    (
        OpenRequest(
            id="q1", address="a@b.example", kinds=("access",), status=RequestStatus.OPEN, received_at=MOMENT, target=MOMENT, due=MOMENT
        ),
        "a request of a@b.example (access) is noted, to be answered by 2027-03-01 23:59",
    ),
    (SetRequest(id="q2", status=RequestStatus.DONE, step="no-data"), "request q2: done (no-data)"),
    (GrantToken(tag="klima-x", purpose=Purpose.YES, address="a@b.example"), "remembers 1 code, by which replies are recognised"),
    (UseToken(tag="klima-x"), "the code in the mail can't be used again"),
    (MarkInformed(email="a@b.example", notice_version="1"), "notes that a@b.example has been told what is stored and why (Art. 13, 14 GDPR)"),
    (NoteBounce(address="a@b.example", permanent=True, status="5.1.1"), "notes that a mail to a@b.example could not be delivered, for good"),
    (ErasePerson(address="a@b.example"), "everything about a@b.example is erased"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"), CHANGES, ids=[f"{type(change).__name__}-{number}" for number, (change, _) in enumerate(CHANGES)]
)
def test_each_change_has_its_sentence(change: Change, sentence: str) -> None:
    """Whatever a decision changes can be read by somebody who is no programmer."""
    decision = Decision(outcome=Outcome.DONE, filing=Folder.DONE, changes=(change,))
    told = consequences(decision, example(), {"r1": ANNA}.get)
    assert [text for heading, text in told if heading == "changes"] == [sentence]


def test_every_kind_of_change_is_tried() -> None:
    """A new one gets its sentence."""
    assert {type(change) for change, _ in CHANGES} == set(get_args(Change))


def test_a_letter_that_waits_says_until_when() -> None:
    """Over the day's limit a letter is kept back."""
    letter = Letter(template="cancelled", to="a@b.example", language="en", nature=Nature.ANSWER, tag="t", not_before=MOMENT)
    told = consequences(Decision(outcome=Outcome.DONE, filing=Folder.DONE, letters=(letter,)), example(), {}.get)
    assert ("letters", '"cancelled" to a@b.example (language en, not before 2027-03-01 23:59)') in told
    assert ("changes", "none") in told
