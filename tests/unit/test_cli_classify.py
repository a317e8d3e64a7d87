"""`mailbot classify`: what a mail would be understood as, without configuration, store or server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mailbot.cli import execute

ROOT = Path(__file__).parents[2]
KEYS = {"file", "intent", "request_kinds", "action", "language", "participants", "about", "confidence", "reasons"}
REGISTRATION = """From: Anna Bau <anna.bau@post.example>
To: anmeldung@klima.example
Subject: Anmeldung zur Klima-Werkstatt
Date: Mon, 01 Feb 2027 10:00:00 +0100
Message-ID: <1@post.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Guten Tag,

hiermit melde ich mich zur Klima-Werkstatt an.

Name: Anna Bau
Institution: Musterverein
"""


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("MAILBOT_CONFIG", raising=False)
    file = tmp_path / "one.eml"
    file.write_text(REGISTRATION, "utf-8")
    return file


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_works_without_configuration(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, with the keys of the contract; the example's event is known."""
    assert execute(["classify", "--json", str(mail)]) == 0
    (answer,) = answers(capsys)
    assert set(answer) == KEYS
    assert answer["file"] == str(mail)
    assert (answer["intent"], answer["action"], answer["language"]) == ("registration", "act", "de")
    assert answer["participants"] == [{"name": "Anna Bau", "institution": "Musterverein", "email": "anna.bau@post.example"}]
    assert sorted(mail.parent.iterdir()) == [mail]  # nothing was made


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 100, b"From: \xfc\n\n", b"\n" * 5000, b"Content-Type: multipart/mixed\n\nx"]
)
def test_every_mail_gets_an_answer(mail: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """However broken a mail is, there is an answer and the status is 0."""
    mail.write_bytes(content)
    assert execute(["classify", "--json", str(mail)]) == 0
    assert set(answers(capsys)[0]) == KEYS


def test_a_file_that_can_not_be_read_does_not_cost_the_others_their_answer(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a folder are answered with an error, in their place; the status says that something is left."""
    assert execute(["classify", "--json", str(mail), "none.eml", str(mail.parent), str(mail)]) == 1
    first, missing, folder, last = answers(capsys)
    assert first["intent"] == last["intent"] == "registration"
    for bad in (missing, folder):
        assert set(bad) == {*KEYS, "error"}
        assert (bad["intent"], bad["action"]) == ("unclear", "review")


def test_a_large_mail_is_read_in_part(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `run` does it: the beginning of a mail beyond the limit is enough to answer, and memory stays small."""
    mail.write_text(REGISTRATION + "x" * 6_000_000, "utf-8")
    assert execute(["classify", "--json", str(mail)]) == 0
    assert answers(capsys)[0]["action"] != "ignore"


def test_a_broken_configuration_that_was_named_is_an_error(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example stands in for a missing configuration only, never for a wrong one."""
    assert execute(["--config", "none.toml", "classify", str(mail)]) == 78
    (mail.parent / "config.toml").write_text("[organiser", "utf-8")
    assert execute(["classify", str(mail)]) == 78
    assert "line 1" in capsys.readouterr().err


def test_reads_standard_input(mail: Path) -> None:
    """`mailbot classify -` is for a pipe."""
    ran = subprocess.run(
        [sys.executable, "-m", "mailbot", "classify", "--json", "-"],
        input=mail.read_bytes(),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout)["intent"] == "registration"


def test_libraries_do_not_chat_about_unusual_mails(mail: Path) -> None:
    """Standard error stays empty where there is nothing to tell; without a configuration too."""
    parts = "--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n"
    mail.write_text(f"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{parts}", "utf-8")
    command = [sys.executable, "-m", "mailbot", "classify", "--json", str(mail)]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_machines_do_not_pay_for_what_people_see(mail: Path) -> None:
    """With `--json` neither colours nor the store are loaded, so that thousands of files stay fast."""
    code = (
        "import sys; from mailbot.cli import execute; execute(sys.argv[1:]);"
        "print([m for m in ('rich', 'sqlalchemy', 'jinja2', 'mailbot.cli.explain') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, "classify", "--json", str(mail)]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_streams_its_answers(mail: Path) -> None:
    """Many files in one call: each answer is a line of its own, in order."""
    files = [mail.parent / f"{number}.eml" for number in range(300)]
    for file in files:
        file.write_text(REGISTRATION, "utf-8")
    command = [sys.executable, "-m", "mailbot", "classify", "--json", *map(str, files)]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert [json.loads(line)["file"] for line in ran.stdout.splitlines()] == [str(file) for file in files]


def test_of_many_files_one_that_can_not_be_read_costs_no_other_its_answer(mail: Path) -> None:
    """The worker processes answer as one process does: an error in its place, and a status that says so."""
    command = [sys.executable, "-m", "mailbot", "classify", "--json", *[str(mail)] * 150, "none.eml", *[str(mail)] * 150]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, ran.stderr, len(answers)) == (1, "", 301)
    assert [n for n, answer in enumerate(answers) if "error" in answer] == [150]
    assert {answer["intent"] for n, answer in enumerate(answers) if n != 150} == {"registration"}


def test_a_reader_that_has_enough_ends_the_workers(mail: Path) -> None:
    """`mailbot classify --json … | head -1` neither waits for the rest nor complains."""
    command = [sys.executable, "-m", "mailbot", "classify", "--json", *[str(mail)] * 2_000]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_with_store_shows_what_run_would_do_and_changes_nothing(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The decision by what the store knows, with the letters it would send; the store is the same afterwards."""
    config = mail.parent / "config.toml"
    config.write_text(
        "[organiser]\nname = 'B'\ncontact = 'k@b.example'\n[mailbox]\naddress = 'anmeldung@klima.example'\nhost = 'h.example'\n"
        "password = 'x'\n[smtp]\nhost = 'h.example'\n[[events]]\nid = 'klima-werkstatt'\ntitle = 'Klima-Werkstatt'\n"
        "starts = 2099-03-11T18:00:00\nends = 2099-03-11T20:30:00\n",
        "utf-8",
    )
    assert execute(["migrate"]) == 0
    capsys.readouterr()
    assert execute(["classify", "--json", "--with-store", str(mail)]) == 0
    (answer,) = answers(capsys)
    assert answer["decision"]["outcome"] == "done"  # type: ignore[index]
    assert [letter["template"] for letter in answer["decision"]["letters"]] == ["registration-confirmed"]  # type: ignore[index]
    assert execute(["participants", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
