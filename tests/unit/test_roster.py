"""Participants and subscribers added, imported and removed by a human: the same rules as for a mail."""

import email
import email.policy
import json
from pathlib import Path

import pytest

from mailbot.cli import execute
from mailbot.config import load
from mailbot.service import clock
from mailbot.store import Store

CONFIG = """
[organiser]
name = "Büro Stadtraum"
contact = "kontakt@stadtraum.example"
[mailbox]
address = "anmeldung@klima.example"
host = "127.0.0.1"
port = 1
security = "none"
password = "x"
[smtp]
host = "127.0.0.1"
port = 1
security = "none"
[[events]]
id = "klima-werkstatt"
title = "Klima-Werkstatt"
starts = 2099-03-11T18:00:00
ends = 2099-03-11T20:30:00
capacity = 2
"""


class Bot:
    """The command line with one store, and what it queued."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG, "utf-8")
        self.folder = folder
        self.out = self.err = ""
        self._capsys = capsys

    def __call__(self, *args: str) -> int:
        status = execute(["--config", str(self.config), *args])
        self.out, self.err = self._capsys.readouterr()
        return status

    def rows(self, what: str = "participants") -> list[dict[str, str]]:
        assert self(what, "list", "--json") == 0
        rows: list[dict[str, str]] = json.loads(self.out)
        return rows

    def states(self) -> dict[str, str]:
        return {row["email"]: row["status"] for row in self.rows()}

    def letters(self) -> list[tuple[str, str]]:
        """Give (template, to) of everything that would be sent now, and mark it as sent."""
        with Store.open(load(self.config, {})) as store:
            queued = store.outbox.claim(clock(), 100)
            self.mails = [email.message_from_bytes(mail.content, policy=email.policy.default) for mail in queued]
            store.outbox.mark_sent([mail.id for mail in queued], clock())
        return [(mail.template, mail.to) for mail in queued]

    def add(self, address: str, name: str, *more: str) -> int:
        return self("participants", "add", "--email", address, "--name", name, "--institution", "privat", *more)

    def file(self, text: str) -> str:
        path = self.folder / "list.csv"
        path.write_text(text, "utf-8")
        return str(path)


@pytest.fixture
def bot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bot:
    return Bot(tmp_path, capsys)


def test_added_participant_is_registered_and_told(bot: Bot) -> None:
    """The row has the keys of the contract; the mail says what Art. 14 asks for and how to leave."""
    assert bot.add("anna.bau@post.example", "Anna Bau", "--event", "klima-werkstatt") == 0
    (row,) = bot.rows()
    assert set(row) == {"id", "event", "name", "institution", "email", "status", "registered_at"}
    assert (row["name"], row["institution"], row["status"]) == ("Anna Bau", "privat", "registered")
    assert isinstance(row["id"], str)
    assert row["registered_at"].endswith("+00:00")
    assert bot.letters() == [("registration-confirmed", "anna.bau@post.example")]
    (mail,) = bot.mails
    assert mail["List-Unsubscribe"]  # nobody wrote to us, so it is no direct answer
    assert mail["In-Reply-To"] is None


def test_quiet_tells_nobody(bot: Bot) -> None:
    """--quiet registers without a mail, and the first mail later still informs."""
    assert bot.add("anna.bau@post.example", "Anna Bau", "--quiet") == 0
    assert bot.states() == {"anna.bau@post.example": "registered"}
    assert bot.letters() == []
    assert "nobody is written to" in bot.out or bot.out


def test_quiet_needs_everything(bot: Bot) -> None:
    """Who is not asked for what is missing must be named in full."""
    assert bot("participants", "add", "--email", "a@b.example", "--name", "A B", "--quiet") == 2
    assert bot.states() == {}


def test_missing_institution_is_asked(bot: Bot) -> None:
    """Without --quiet the person is asked, as after a mail of theirs."""
    assert bot("participants", "add", "--email", "a@post.example", "--name", "Anna Bau") == 0
    assert bot.states() == {"a@post.example": "pending"}
    assert bot.letters() == [("question-back", "a@post.example")]


def test_the_same_person_again_changes_nothing(bot: Bot) -> None:
    """A second call makes no second row and no second mail."""
    bot.add("anna.bau@post.example", "Anna Bau")
    bot.letters()
    assert bot.add("Anna.Bau@post.example", "Anna Bau") == 0
    assert "already" in bot.out
    assert len(bot.rows()) == 1
    assert bot.letters() == []


def test_capacity_and_waiting_list_hold_for_a_human_too(bot: Bot) -> None:
    """The third of two waits; when one is removed, who waits moves up and is told even with --quiet."""
    for name in ("a", "b", "c"):
        assert bot.add(f"{name}@post.example", f"{name.upper()} Muster") == 0
    assert bot.states() == {"a@post.example": "registered", "b@post.example": "registered", "c@post.example": "waiting"}
    assert [template for template, _ in bot.letters()] == ["registration-confirmed", "registration-confirmed", "waiting-list"]
    assert bot("participants", "remove", "--email", "a@post.example", "--quiet") == 0
    assert bot.states() == {"a@post.example": "cancelled", "b@post.example": "registered", "c@post.example": "registered"}
    assert bot.letters() == [("moved-up", "c@post.example")]


def test_removed_participant_is_told(bot: Bot) -> None:
    """The confirmation of a cancellation goes to the person."""
    bot.add("a@post.example", "A Muster")
    bot.letters()
    assert bot("participants", "remove", "--email", "a@post.example", "--event", "klima-werkstatt") == 0
    assert bot.letters() == [("cancelled", "a@post.example")]


def test_several_people_of_one_address_need_a_name(bot: Bot) -> None:
    """Removing one of two people of an address never guesses which."""
    bot.add("familie@post.example", "Anna Bau")
    bot.add("familie@post.example", "Bernd Bau")
    assert bot("participants", "remove", "--email", "familie@post.example") == 1
    assert "--name" in bot.err
    assert {row["status"] for row in bot.rows()} == {"registered"}
    assert bot("participants", "remove", "--email", "familie@post.example", "--name", "Bernd Bau") == 0
    assert {row["name"]: row["status"] for row in bot.rows()} == {"Anna Bau": "registered", "Bernd Bau": "cancelled"}


def test_removing_somebody_unknown_is_said(bot: Bot) -> None:
    """Nothing changes, nobody is written to, the status is 1."""
    assert bot("participants", "remove", "--email", "x@post.example") == 1
    assert bot.letters() == []


@pytest.mark.parametrize("address", ["anna", "anna@", "a b@c.example", "a@b.example, c@d.example"])
def test_an_address_that_is_none_is_refused(bot: Bot, address: str) -> None:
    """A misspelt address is wrong usage."""
    assert bot.add(address, "Anna Bau") == 2
    assert bot.rows() == []


def test_an_event_that_is_over_takes_nobody(bot: Bot) -> None:
    """What a participant would be refused is an error here, with the reason."""
    bot.config.write_text(CONFIG.replace("2099", "2020"), "utf-8")
    assert bot.add("a@post.example", "Anna Bau") == 1
    assert bot.err
    assert bot.rows() == []


def test_import_registers_everybody_in_order(bot: Bot) -> None:
    """The list's order decides who gets a seat; who was registered before is left alone."""
    bot.add("b@post.example", "Bea Muster")
    bot.letters()
    text = "name,institution,email\nBea Muster,privat,b@post.example\nAnna Bau,TU,a@post.example\nCem Öz,privat,c@post.example\n"
    assert bot("participants", "import", bot.file(text)) == 0
    assert "1 registered, 1 on the waiting list, 1 already were" in bot.out
    assert bot.states() == {"b@post.example": "registered", "a@post.example": "registered", "c@post.example": "waiting"}
    assert [to for _, to in bot.letters()] == ["a@post.example", "c@post.example"]
    assert bot("participants", "import", bot.file(text)) == 0
    assert bot.letters() == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Cem Öz,privat,c-at-post.example", "line 3"),
        ("Cem Öz,privat,c@post.example,nowhere", "line 3"),
        ("Cem Öz,privat", "line 3"),
    ],
)
def test_import_is_all_or_nothing(bot: Bot, line: str, says: str) -> None:
    """One wrong line, and nobody of the list is registered or written to."""
    header = "name,institution,email,event" if line.endswith("nowhere") else "name,institution,email"
    first = "Anna Bau,TU,a@post.example" + (",klima-werkstatt" if line.endswith("nowhere") else "")
    assert bot("participants", "import", bot.file(f"{header}\n{first}\n{line}\n")) == 2
    assert says in bot.err
    assert bot.rows() == []
    assert bot.letters() == []


def test_subscribers_without_consent_stay_pending_and_are_never_written_to(bot: Bot) -> None:
    """Art. 7 (1): what can't be proved is no consent."""
    text = (
        "email,name,consent_at,consent_text,consent_source\n"
        "a@post.example,Anna,2026-05-01,Ja zu Infomails,Liste vom Stadtfest\n"
        "b@post.example,Bea,,,\n"
        "c@post.example,Cem,2026-05-01,,\n"
    )
    assert bot("subscribers", "import", bot.file(text)) == 0
    assert {row["email"]: row["status"] for row in bot.rows("subscribers")} == {
        "a@post.example": "subscribed",
        "b@post.example": "pending",
        "c@post.example": "pending",
    }
    assert set(bot.rows("subscribers")[0]) == {"email", "name", "status", "since"}
    assert bot.letters() == []


def test_who_unsubscribed_stays_unsubscribed(bot: Bot) -> None:
    """A list is no new wish: a suppressed address is skipped, and that is said."""
    assert bot("subscribers", "add", "--email", "a@post.example", "--consent-at", "2026-05-01", "--consent-text", "Ja") == 0
    assert bot("subscribers", "remove", "--email", "a@post.example") == 0
    assert bot.letters() == [("unsubscribed", "a@post.example")]
    text = "email,name,consent_at,consent_text,consent_source\nA@post.example,Anna,2026-05-01,Ja,Liste\n"
    assert bot("subscribers", "import", bot.file(text)) == 0
    assert "1 skipped" in bot.out
    assert [row["status"] for row in bot.rows("subscribers")] == ["unsubscribed"]


def test_a_pending_subscriber_becomes_one_with_the_proof(bot: Bot) -> None:
    """A later list may bring what was missing."""
    bot("subscribers", "add", "--email", "a@post.example")
    assert [row["status"] for row in bot.rows("subscribers")] == ["pending"]
    bot("subscribers", "add", "--email", "a@post.example", "--consent-at", "2026-05-01T10:00:00+02:00", "--consent-text", "Ja")
    assert [row["status"] for row in bot.rows("subscribers")] == ["subscribed"]


def test_consent_time_that_is_none_is_refused(bot: Bot) -> None:
    """A proof needs a time that can be read."""
    text = "email,name,consent_at,consent_text,consent_source\na@post.example,Anna,in May,Ja,Liste\n"
    assert bot("subscribers", "import", bot.file(text)) == 2
    assert "line 2" in bot.err


def test_subscribers_removed_quietly(bot: Bot) -> None:
    """--quiet unsubscribes without a mail."""
    bot("subscribers", "add", "--email", "a@post.example", "--consent-at", "2026-05-01", "--consent-text", "Ja")
    assert bot("subscribers", "remove", "--email", "a@post.example", "--quiet") == 0
    assert bot.letters() == []
    assert [row["status"] for row in bot.rows("subscribers")] == ["unsubscribed"]


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_export_writes_a_file_for_its_owner_alone(bot: Bot, form: str) -> None:
    """Participants' data in a file: mode 0600, in the format asked for."""
    bot.add("a@post.example", "=1+1 Muster")
    target = bot.folder / f"out.{form}"
    assert bot("participants", "export", "--format", form, "--output", str(target)) == 0
    assert target.stat().st_mode & 0o077 == 0
    content = target.read_bytes()
    if form == "csv":
        assert b"'=1+1 Muster" in content
    assert content.startswith({"csv": b"\xef\xbb\xbfid,event,name", "json": b"[", "xlsx": b"PK"}[form])


def test_listing_shows_a_participants_escape_sequence(bot: Bot) -> None:
    """A name can't clear the screen of who looks at the list."""
    bot.add("a@post.example", "Anna\x1b[2J Bau")
    assert bot("participants", "list") == 0
    assert "\x1b" not in bot.out
    assert "Anna" in bot.out
