"""The commands against real servers: check, send, erase, requests, review."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from mailbot.cli import execute
from mailbot.store import Store
from tests.flow.world import NOW, body

ANNA, BEA = "anna.berg@post.example", "bea.tal@post.example"


@pytest.fixture
def world(world, capsys):
    """The commands run in this process here: a new one for each costs a second (the others run real ones)."""

    def cli(*words, check=None):
        capsys.readouterr()
        status = execute(["--config", str(world.path), *words])
        out, err = capsys.readouterr()
        assert check is None or status == check, err
        return SimpleNamespace(returncode=status, stdout=out, stderr=err)

    world.cli = cli
    return world


def add(world, address, name):
    world.cli("participants", "add", "--email", address, "--name", name, "--institution", "privat", check=0)


def over(world, days=1):
    """Move the event into the past."""
    day = (NOW - timedelta(days=days)).date()
    world.configure(day=day)


def test_check_finds_everything_right_and_makes_the_folders(world):
    """A right configuration on real servers: every line is ok, nothing is sent or answered."""
    world.arrive("Guten Tag", "anna@post.example")
    done = world.cli("check", check=0)
    assert "fail" not in done.stdout
    assert "the server has IDLE, MOVE and UIDPLUS" in done.stdout
    assert "1 mails in INBOX, 0 of them older" in done.stdout
    assert "SMTP: 127.0.0.1 takes mails" in done.stdout
    assert world.sink.taken == []
    assert "its folders are there" in world.cli("check", check=0).stdout


def test_check_says_that_the_login_is_refused(world):
    """A wrong password is 77, with the key to look at."""
    text = world.path.read_text("utf-8").replace('password = "secret"', 'password = "wrong"')
    world.path.write_text(text, "utf-8")
    done = world.cli("check", check=77)
    assert "mailbox.password" in done.stdout
    assert "wrong" not in done.stdout + done.stderr


def test_send_goes_to_everybody_once(world):
    """`--dry-run` counts, `--yes` sends, the same call again sends nothing more."""
    add(world, ANNA, "Anna Berg")
    add(world, BEA, "Bea Tal")
    world.cli("run", "--once", check=0)
    assert "would go to 2" in world.cli("send", "reminder", "--event", "klima-werkstatt", "--dry-run", check=0).stdout
    assert world.sent(ANNA) == ["registration-confirmed"]
    assert "2 queued" in world.cli("send", "reminder", "--event", "klima-werkstatt", "--yes", check=0).stdout
    assert world.sent(ANNA) == ["registration-confirmed", "reminder"]
    assert world.sent(BEA) == ["registration-confirmed", "reminder"]
    assert "0 queued" in world.cli("send", "reminder", "--event", "klima-werkstatt", "--yes", check=0).stdout
    assert len(world.sink.taken) == 4


def test_send_leaves_the_sending_to_a_service_that_is_at_work(world):
    """While `mailbot run` holds the store, the mails are queued and it sends them."""
    add(world, ANNA, "Anna Berg")
    with Store.open(world.settings) as store, store.exclusive(1):
        done = world.cli("send", "reminder", "--event", "klima-werkstatt", "--yes", check=0)
    assert "1 queued" in done.stdout
    assert "the running mailbot sends them" in done.stderr
    assert world.sink.taken == []
    world.cli("run", "--once", check=0)
    assert sorted(world.sent(ANNA)) == ["registration-confirmed", "reminder"]


def test_send_test_goes_to_one_address_only(world):
    """One copy to look at; the participants get theirs later."""
    add(world, ANNA, "Anna Berg")
    world.cli("run", "--once", check=0)
    world.cli("send", "reminder", "--event", "klima-werkstatt", "--test", "look@stadtraum.example", check=0)
    assert world.sent("look@stadtraum.example") == ["reminder"]
    assert "reminder" not in world.sent(ANNA)
    assert "1 queued" in world.cli("send", "reminder", "--event", "klima-werkstatt", "--yes", check=0).stdout


def test_a_mail_that_its_receivers_may_not_get_is_wrong_usage(world):
    """An invitation is for subscribers, a reminder for participants."""
    assert "can't be sent to participants" in world.cli("send", "invitation", "--event", "klima-werkstatt", "--yes", check=2).stderr
    assert "can't be sent to subscribers" in world.cli("send", "reminder", "--subscribers", "--yes", check=2).stderr


def test_erase_before_the_end_needs_yes_and_sends_nothing(world):
    """A human calls it early: no closing mail, everything is gone, the record remains, again changes nothing."""
    add(world, ANNA, "Anna Berg")
    world.cli("run", "--once", check=0)
    before = len(world.sink.taken)
    world.cli("erase", "--event", "klima-werkstatt", check=2)
    planned = world.json("erase", "--event", "klima-werkstatt", "--dry-run")
    assert [(record["event"], record["erased_at"]) for record in planned] == [("klima-werkstatt", None)]
    assert planned[0]["counts"]["tables"]["registration"] == 1
    assert world.participants() == {"Anna Berg": "registered"}
    (record,) = world.json("erase", "--event", "klima-werkstatt", "--yes")
    assert set(record) >= {"event", "erased_at", "rule", "counts", "found_again"}
    assert record["counts"]["tables"] == planned[0]["counts"]["tables"]
    assert set(record["counts"]) >= {"tables", "folders", "kept"}
    assert record["found_again"] == 0
    assert world.participants() == {}
    assert ANNA.encode() not in b"".join(path.read_bytes() for path in world.folder.glob("mailbot.*"))
    assert ANNA not in [taken.to for taken in world.sink.taken[before:]]
    assert world.json("erase", "--event", "klima-werkstatt", "--yes") == []
    assert world.json("status")["events"][0]["erased_at"]


def test_erase_after_the_end_sends_the_closing_mail_first(world):
    """What is due is erased without being asked; the participants hear of it."""
    add(world, ANNA, "Anna Berg")
    world.cli("run", "--once", check=0)
    over(world)
    assert "nothing is left" not in world.cli("erase", "--audit", check=1).stdout
    (record,) = world.json("erase")
    assert record["found_again"] == 0
    assert [m["To"].addresses[0].addr_spec for m in world.answers() if "registration" not in m["Subject"]].count(ANNA) == 2
    assert world.json("erase") == []
    assert "nothing is left" in world.cli("erase", "--audit", check=0).stdout


def test_requests_are_listed_shown_and_closed(world):
    """A right that needs a reply stands open with its deadline until a human closes it."""
    add(world, ANNA, "Anna Berg")
    world.arrive("Bitte löschen Sie alle Daten, die Sie über mich gespeichert haben (Art. 17 DSGVO).", ANNA)
    world.cli("run", "--once", check=0)
    (request,) = world.json("requests", "list")
    assert set(request) >= {"id", "kinds", "status", "received_at", "target", "due"}
    assert (request["kinds"], request["status"]) == (["erasure"], "identity_pending")
    shown = json.loads(world.cli("requests", "show", request["id"], "--json", check=0).stdout)
    assert shown["steps"]
    assert ANNA in world.cli("requests", "show", request["id"], check=0).stdout
    assert world.json("status")["requests"]["open"] == 1
    world.cli("requests", "extend", request["id"], "--reason", "Rückfrage", check=0)
    assert world.json("requests", "list")[0]["due"] > request["due"]
    world.cli("requests", "close", request["id"], "--reason", "telefonisch geklärt", check=0)
    assert world.json("requests", "list")[0]["status"] == "done"
    world.cli("requests", "close", "nonsense", "--reason", "x", check=2)
    world.cli("run", "--once", check=0)
    assert "Rückfrage" in body(world.answers(ANNA)[-1])


def test_review_is_listed_shown_and_decided(world):
    """A mail that only a human understands: shown with its text, decided with one command, and then no longer there."""
    world.arrive("Ich bin mir noch nicht sicher, was meinen Sie dazu?", ANNA, "Klima-Werkstatt")
    world.cli("run", "--once", check=0)
    (item,) = world.json("review", "list")
    assert set(item) >= {"id", "intent", "reasons", "received_at", "folder"}
    shown = world.cli("review", "show", item["id"], check=0).stdout
    assert "│ Ich bin mir noch nicht sicher" in shown
    assert world.cli("status", "--check", check=1).stderr
    assert "Mailbot/Done" in world.cli("review", "decide", item["id"], "ignore", check=0).stdout
    assert world.json("review", "list") == []
    assert world.cli("review", "show", item["id"], check=2).stderr
    world.cli("status", "--check", check=0)


def test_review_decide_beside_a_service_only_moves_the_mail(world):
    """The service at work handles what is moved: the command does what a human does in a mail program, and says so."""
    world.arrive("Ich bin mir noch nicht sicher, was meinen Sie dazu?", ANNA, "Klima-Werkstatt")
    world.cli("run", "--once", check=0)
    (item,) = world.json("review", "list")
    assert item["folder"] == "Mailbot/Review"
    with Store.open(world.settings) as store, store.exclusive(1):
        done = world.cli("review", "decide", item["id"], "register", check=0)
        assert "the mail is now in Mailbot/Register: the running mailbot does the rest" in done.stdout
        assert list(world.folders()) == ["Mailbot/Register"]
        assert world.participants() == {}
    world.cli("run", "--once", check=0)
    assert list(world.folders()) == ["Mailbot/Done"]
    assert len(world.participants()) == 1


def test_what_would_be_erased_is_shown_beside_a_service(world):
    """`--dry-run` and `--audit` only look, so they need not wait for the service to stop."""
    add(world, ANNA, "Anna Berg")
    with Store.open(world.settings) as store, store.exclusive(1):
        shown = world.cli("erase", "--event", "klima-werkstatt", "--dry-run", check=0).stdout
        assert "would be erased" in shown
        assert "rule: event_end + P0D" in shown
        assert "nothing is left" in world.cli("erase", "--audit", check=0).stdout
    assert world.participants() == {"Anna Berg": "registered"}


def test_a_request_is_ended_or_extended_once(world):
    """Told twice, nobody believes it: a second extension or refusal is wrong usage, and so is an empty reason."""
    add(world, ANNA, "Anna Berg")
    world.arrive("Bitte löschen Sie alle Daten, die Sie über mich gespeichert haben (Art. 17 DSGVO).", ANNA)
    world.cli("run", "--once", check=0)
    (request,) = world.json("requests", "list")
    assert "the reason is empty" in world.cli("requests", "extend", request["id"], "--reason", " ", check=2).stderr
    world.cli("requests", "extend", request["id"], "--reason", "Rückfrage", check=0)
    assert "is extended already" in world.cli("requests", "extend", request["id"], "--reason", "noch eine", check=2).stderr
    world.cli("requests", "refuse", request["id"], "--reason", "offenkundig unbegründet", check=0)
    for command in ("refuse", "close", "extend"):
        assert "is refused already" in world.cli("requests", command, request["id"], "--reason", "x", check=2).stderr
    before = len(world.answers(ANNA))
    world.cli("run", "--once", check=0)
    assert len(world.answers(ANNA)) == before + 2


def test_people_read_times_on_their_own_clock(world):
    """A deadline is the last second of a day in the organiser's zone: the listing shows 23:59, JSON an offset."""
    add(world, ANNA, "Anna Berg")
    world.arrive("Bitte löschen Sie alle Daten, die Sie über mich gespeichert haben (Art. 17 DSGVO).", ANNA)
    world.cli("run", "--once", check=0)
    (request,) = world.json("requests", "list")
    assert request["due"].endswith("+00:00")
    assert " 23:59" in world.cli("requests", "list", check=0).stdout.splitlines()[1]
    assert " 23:59" in world.cli("requests", "show", request["id"], check=0).stdout
    assert " 23:59" in world.cli("status", check=0).stdout


def test_erasing_again_with_somebody_kept_makes_no_second_record(world):
    """Who objected is kept for a reason; a second call changes nothing, records nothing and writes to nobody."""
    add(world, ANNA, "Anna Berg")
    world.arrive("Ich widerspreche der Verarbeitung meiner Anmeldung nach Art. 21 Abs. 1 DSGVO wegen meiner Situation.", ANNA)
    world.cli("run", "--once", check=0)
    (record,) = world.json("erase", "--event", "klima-werkstatt", "--yes")
    assert record["counts"]["kept"]
    before = len(world.sink.taken)
    assert world.json("erase", "--event", "klima-werkstatt", "--yes") == []
    assert len(world.sink.taken) == before


def test_added_people_are_called_what_they_are(world):
    """Whoever is asked for a missing name is not called registered."""
    assert "pending: asked for what is missing" in world.cli("participants", "add", "--email", ANNA, check=0).stdout
    assert world.cli("participants", "remove", "--email", BEA, check=1).stderr.count("mailbot participants list") == 1


def test_preview_of_no_mail_is_wrong_usage(world):
    """A name or a language that there is none of is the caller's mistake, not the configuration's."""
    assert "choose one of: access-answer" in world.cli("preview", "nope", check=2).stderr
    assert "choose one of: de, en" in world.cli("preview", "reminder", "--lang", "fr", check=2).stderr
