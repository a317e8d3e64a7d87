"""Mails and mailboxes that mean harm, by malice or by accident: one costs itself, never the others."""

import base64
import contextlib
import email
import email.policy
import hashlib
import os
import re
import time
from datetime import timedelta

import icalendar
import pytest

from mailbot import human, pipeline
from mailbot.errors import TemplateError
from mailbot.render import Renderer
from mailbot.service import Service
from mailbot.store import Store
from mailbot.store.transaction import Tx
from tests.flow.test_run import register
from tests.flow.world import BOT, NOW, World, write
from tests.servers.dovecot import dovecot_server
from tests.servers.smtp import smtp_sink

ANNA = "anna.berg@verein.example"
TEXT = "Hiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Anna Berg\nInstitution: Verein Lippe\n"
UNSURE = "Ich bin mir noch nicht sicher, was meinen Sie dazu?"
NEEDLES = ("Nadelius", "nadeladresse", "Betreffnadel", "Textnadel")
HOSTILE = [
    "{{ 7*7 }}{% for x in y %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=1>',
    "\x1b[31mrot\x1b[0m\x07",
    "'; DROP TABLE registration; --",
    "=cmd|' /C calc'!A0",
    "a\r\nBcc: evil@evil.example",
    "\u202egnp.exe",
    "END:VEVENT\nBEGIN:VEVENT\nATTENDEE:x",
    "%s%n{0}",
    "?subject=x&bcc=evil@evil.example",
    "A" * 3000,
]


def hostile(number, text, body):
    """A mail with this text in its name, subject, Message-ID, References and body."""
    word = base64.b64encode(text.encode()).decode()
    head = (
        f"From: =?utf-8?b?{word}?= Nadelius <nadeladresse{number}@post.example>\r\nTo: {BOT}\r\n"
        f"Subject: =?utf-8?b?{word}?= Klima-Werkstatt Betreffnadel\r\n"
        f'Message-ID: <{number}"{{{{7*7}}}}\\"@post.example>\r\nReferences: <a@b>\r\n =?utf-8?q?=0D=0ABcc:_evil@evil.example?= <{"r" * 2000}@x>\r\n'
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return (head + body.format(text)).encode()


def wrongs(message, to):
    """Say what a strict reader finds wrong with a mail of ours."""
    yield from (f"header {name}" for name, value in message.items() if any(ord(c) < 32 for c in str(value)))
    if [a.addr_spec for a in message["To"].addresses] != [to] or message["Bcc"] or message["Cc"]:
        yield "receivers"
    for part in message.walk():
        yield from map(str, part.defects)
        if part.get_content_type() == "text/plain" and any(
            (ord(c) < 32 and c not in "\r\n\t") or c == "\u202e" for c in part.get_content()
        ):
            yield "control characters"
        if part.get_content_type() == "text/html":
            page = part.get_content()
            links = re.findall(r'href="([^"]*)"', page)
            if re.search(r"<script|<img", page) or any("bcc=" in link or not re.match("mailto:|https?:", link) for link in links):
                yield "markup"
        if part.get_content_type() == "text/calendar" and len(icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")) != 1:
            yield "calendar"


def test_nothing_hostile_goes_out_or_into_the_logs(world):
    """Every answer passes a strict parser; logs at the lowest level, temporary files and listings hold nothing of the mails."""
    world.configure(more='[logging]\nlevel = "debug"')
    bodies = (
        "Ich melde mich zur Klima-Werkstatt an. Textnadel\r\n\r\nName: {} Nadelius\r\nInstitution: {0}\r\n".replace("{}", "{0}"),
        "Welche Daten haben Sie über mich gespeichert (Art. 15 DSGVO)? Textnadel {0}",
    )
    world.deliver(*(hostile(n, text, bodies[n % 2]) for n, text in enumerate(HOSTILE * 2)))
    world.deliver(hostile(99, "x", TEXT).replace(b"<99", b"<" + b"m" * 10_000))
    scratch = world.folder / "tmp"
    scratch.mkdir()
    done = world.cli("run", "--once", check=0, env={**os.environ, "TMPDIR": str(scratch)})
    assert "failed=0" in done.stderr
    assert len(world.sink.taken) >= len(HOSTILE)
    for taken in world.sink.taken:
        assert list(wrongs(email.message_from_bytes(taken.content, policy=email.policy.strict), taken.to)) == []
        assert b"\n" not in taken.content.replace(b"\r\n", b"")
        assert max(map(len, taken.content.split(b"\r\n"))) <= 998  # RFC 5322 §2.1.1
    assert [n for n in NEEDLES if n.lower() in done.stderr.lower()] == []
    assert list(scratch.iterdir()) == []
    listed = world.cli("participants", "list", check=0).stdout + world.cli("review", "list", check=0).stdout
    assert not any((ord(c) < 32 and c != "\n") or c == "\u202e" for c in listed)


def nested(levels):
    """A mail of thousands of parts inside each other: no parser of the standard library survives it."""
    opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(levels))
    return f"From: deep@post.example\r\nSubject: tief\r\n{opened}Content-Type: text/plain\r\n\r\nAnna Berg\r\n".encode()


def test_a_mail_that_no_parser_survives_costs_only_itself(world):
    """The next mail is answered, the bad one waits for a human, and the final step still finds what it holds."""
    world.deliver(nested(3000))
    world.arrive(TEXT, f"Anna Berg <{ANNA}>")
    assert world.run() in {0, 1}
    assert world.participants() == {"Anna Berg": "registered"}
    assert len(world.json("review", "list")) == 1
    world.configure(day=(NOW - timedelta(days=1)).date())
    assert world.run() == 0
    assert world.folders() == {}


@pytest.mark.parametrize("stage", ["parse", "screen", "understand"])
def test_an_exception_in_any_stage_ends_in_failed_and_stays_for_the_human(world, monkeypatch, stage):
    """Three tries, then Failed; it stays in the listing over the next runs and days, and can be run again."""
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, stage, broken(getattr(pipeline, stage), "Poison"))
        world.arrive(UNSURE + " Poison", "Ute Fremd <ute@post.example>", "Poison")
        world.arrive(TEXT, f"Anna Berg <{ANNA}>")
        assert world.run() == 1
        assert world.participants() == {"Anna Berg": "registered"}
        assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"], "Mailbot/Failed": ["Poison"]}
    world.run(NOW + timedelta(days=1))
    [item] = world.json("review", "list")
    assert "failed" in item["folder"].lower()
    if stage != "parse":  # what could not be parsed was known by its bytes
        retry(world, item["id"])
        assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"], "Mailbot/Review": ["Poison"]}


def broken(stage, word):
    """A stage that raises at mails with this word."""

    def run(first, *rest, **options):
        if word in str(first):
            raise RuntimeError(first)
        return stage(first, *rest, **options)

    return run


def test_a_letter_that_can_not_be_rendered_for_one_mail_is_that_mails_fault(world, monkeypatch):
    """Only templates that fail with our own examples stop the run (78)."""
    render = Renderer.render

    def picky(self, letter, **options):
        if letter.to == ANNA:
            raise TemplateError(["template x: no"])
        return render(self, letter, **options)

    world.arrive(TEXT, f"Anna Berg <{ANNA}>")
    world.arrive(TEXT.replace("Anna", "Bea"), "Bea Berg <bea@post.example>")
    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "render", picky)
        assert world.run() == 1
        assert world.participants() == {"Bea Berg": "registered"}
        patch.setattr(Renderer, "check", lambda *_: ["all are broken"])
        world.arrive(TEXT, f"Anna Berg <{ANNA}>")
        with pytest.raises(TemplateError):
            world.run()
    assert world.folders()["INBOX"] == ["Klima-Werkstatt"]


def test_retry_that_dies_leaves_the_mail_where_a_human_finds_it(world, monkeypatch):
    """Between moving it back and noting that: the next run files it to Failed again, it is not lost from the listing."""
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "understand", broken(pipeline.understand, "Poison"))
        world.arrive("Poison", "Ute Fremd <ute@post.example>", "Poison")
        assert world.run() == 1
    [item] = world.json("review", "list")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(Tx, "retry", die)
        retry(world, item["id"])
    assert world.run() == 0
    assert world.folders() == {"Mailbot/Failed": ["Poison"]}
    assert [i["id"] for i in world.json("review", "list")] == [item["id"]]


@pytest.mark.parametrize("folder", ["Mailbot/Review", "Mailbot/Done"])
def test_what_a_human_moved_may_fail_too(world, monkeypatch, folder):
    """A mail that was done or in review and fails from a human's folder ends in Failed; it does not stop the program."""
    world.arrive(TEXT if folder == "Mailbot/Done" else UNSURE, f"Anna Berg <{ANNA}>", "Poison")
    assert world.run() == 0
    with world.client() as client:
        client.select_folder(folder)
        client.move(client.search(), "Mailbot/Cancel")
    monkeypatch.setattr(pipeline, "understand", broken(pipeline.understand, "Poison"))
    world.arrive(TEXT.replace("Anna", "Bea"), "Bea Berg <bea@post.example>")
    assert world.run() == 1
    assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"], "Mailbot/Failed": ["Poison"]}
    assert len(world.json("review", "list")) == 1


def test_what_a_human_answered_and_took_away_is_no_longer_waiting(world):
    """Moved to one's own folder or deleted in the mail program: done; what still lies there stays in review."""
    for name in ("Ute", "Ole", "Eva"):
        world.arrive(UNSURE, f"{name} Fremd <{name.lower()}@post.example>", name)
    assert world.run() == 0
    assert len(world.json("review", "list")) == 3
    with world.client() as client:
        client.create_folder("Erledigt")
        client.select_folder("Mailbot/Review")
        first, second, _ = client.search()
        client.move([first], "Erledigt")
        client.delete_messages([second])
        client.uid_expunge([second])
    assert world.run() == 0
    assert len(world.json("review", "list")) == 1
    assert world.folders() == {"Erledigt": ["Ute"], "Mailbot/Review": ["Eva"]}


def retry(world, ledger_id):
    """``review retry`` in this process."""
    service = Service(world.settings, now=lambda: NOW)
    with service.opened() as opened:
        human.retry(opened, service.sessions(), ledger_id, NOW)


def snapshot(world):
    """The mailbox as another program sees it, marks of recent mails included, and the store's bytes."""
    seen = {}
    with world.client() as client:
        for name in (name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags):
            client.select_folder(name, readonly=True)
            seen[name] = {uid: values[b"FLAGS"] for uid, values in client.fetch(client.search(), ["FLAGS"]).items()}
    return seen, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in world.folder.iterdir()}


def test_observe_changes_nothing(world):
    """Neither a flag nor a folder nor a byte, the event's end included."""
    register(world)
    for day in (40, -1):
        world.configure(day=(NOW + timedelta(days=day)).date(), more='[automation]\nmode = "observe"')
        world.arrive(UNSURE, "Ute Fremd <ute@post.example>")
        before, sent = snapshot(world), len(world.sink.taken)
        assert world.run() == 0
        assert world.run() == 0
        assert snapshot(world) == before
        assert len(world.sink.taken) == sent


def test_assist_never_sends_and_gives_the_human_a_day_for_the_closing_mails(world):
    """Replies and closing mails lie in Drafts; the erasure comes a day after the end and takes them with it."""
    assist = '[automation]\nmode = "assist"'
    world.configure(more=assist)
    register(world)
    world.configure(more=assist, day=(NOW - timedelta(hours=20)).date())
    for _ in range(2):
        assert world.run() == 0
        assert len(world.folders()["Drafts"]) == 2
    assert world.run(NOW + timedelta(days=1, hours=20)) == 0
    assert world.participants() == {}
    assert world.folders() == {"Drafts": ["Löschprotokoll: klima-werkstatt"]}
    assert world.sink.taken == []


def test_a_dot_namespace_with_other_names_works_to_the_end(tmp_path):
    """``INBOX.`` and "." as the separator, non-ASCII folder names of one's own: handled, decided by hand, erased."""
    own = '[folders]\ndone = "Erledigt/Für später"\nreview = "Prüfung"\n'
    with dovecot_server(separator=".", prefix="INBOX.") as dovecot, smtp_sink() as sink:
        world = World(dovecot, sink, tmp_path, "anna", more=own)
        world.arrive(TEXT, f"Anna Berg <{ANNA}>")
        world.arrive(UNSURE, "Ute Fremd <ute@post.example>")
        assert world.run() == 0
        assert world.folders() == {"INBOX.Prüfung": ["Klima-Werkstatt"], "INBOX.Erledigt.Für später": ["Klima-Werkstatt"]}
        with world.client() as client:
            client.select_folder("INBOX.Prüfung")
            client.move(client.search(), "INBOX.Mailbot.Ignore")
        assert world.run() == 0
        assert len(world.folders()["INBOX.Erledigt.Für später"]) == 2
        world.configure(more=own, day=(NOW - timedelta(days=1)).date())
        assert world.run() == 0
        assert world.folders() == {"INBOX.Erledigt.Für später": ["Klima-Werkstatt"]}


def test_a_folder_that_was_made_anew_is_read_without_a_second_effect(world):
    """Another UIDVALIDITY: the mail that is known is only filed again, the new one is handled."""
    world.configure(mailbox='folder = "Anmeldung"')
    with world.client() as client:
        client.create_folder("Anmeldung")
        known = write(TEXT, f"Anna Berg <{ANNA}>")
        world.deliver(known, folder="Anmeldung")
        assert world.run() == 0
        client.delete_folder("Anmeldung")
        time.sleep(1.1)  # the server counts in seconds
        client.create_folder("Anmeldung")
    world.deliver(known, write(TEXT.replace("Anna", "Bea"), "Bea Berg <bea@post.example>"), folder="Anmeldung")
    assert world.run() == 0
    assert [taken.to for taken in world.sink.taken] == [ANNA, "bea@post.example"]
    assert len(world.folders()["Mailbot/Done"]) == 3


def test_what_others_marked_or_broke_is_handled_and_never_expunged(world):
    """Read, answered and deleted marks hide no mail; NUL, raw bytes and missing headers break nothing; an old marked mail stays."""
    with world.client() as client:
        client.append("INBOX", write("alt", "x@post.example", "alt"), [b"\\Deleted"], NOW - timedelta(days=100))
        client.append("INBOX", write(TEXT, f"Anna Berg <{ANNA}>"), [b"\\Deleted", b"\\Seen", b"\\Answered"], NOW)
        client.append("INBOX", b"\x00\xff\xfe\x00", [], NOW)
        client.append("INBOX", b"From: a@b.example\r\n\r\n\x00h\xe4llo\x00", [], NOW)
        client.append("INBOX", b"Subject:\r\n" * 5000, [], NOW)
    assert world.run() == 0
    assert world.participants() == {"Anna Berg": "registered"}
    with world.client() as client:
        counts = {
            name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in ("INBOX", "Mailbot/Done", "Mailbot/Review")
        }
    assert counts == {"INBOX": 1, "Mailbot/Done": 1, "Mailbot/Review": 3}


def test_a_huge_mail_is_not_loaded_and_its_sender_is_told_once(world):
    """Over the limit only its beginning is read, a human gets it, and two of them are one answer."""
    huge = write(TEXT, f"Anna Berg <{ANNA}>") + (b"y" * 76 + b"\r\n") * 150_000
    world.deliver(huge, huge + b"2\r\n")
    assert world.run() == 0
    assert world.sent(ANNA) == ["too-large"]
    assert len(world.folders()["Mailbot/Review"]) == 2
    with Store.open(world.settings) as store:
        assert store.participants() == ()
