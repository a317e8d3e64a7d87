"""The final step on a real mailbox: who goes is gone everywhere, who stays is untouched, and nobody's name can turn it against others."""

import contextlib
import sqlite3
from datetime import timedelta
from email.message import EmailMessage

import pytest
from imapclient.exceptions import IMAPClientError

from mailbot.domain.decision import SetSubscription
from mailbot.domain.states import SubscriptionStatus
from mailbot.errors import Unreachable
from mailbot.imap import ImapMailbox
from mailbot.imap.login import SaidNo
from mailbot.service import Service
from mailbot.store import Store
from mailbot.traces import Traces
from tests.flow.test_run import register, tap
from tests.flow.world import BOT, CONTACT, DAY, NOW, body, write
from tests.servers import free_port

ANNA = "anna.berg@verein.example"
SECOND_EVENT = f"""
[[events]]
id = "rad-tag"
title = "Fahrradtag Lippe"
starts = {DAY}T10:00:00
ends = {DAY}T12:00:00
location = "Halle"
keywords = ["Fahrradtag"]
"""
UNSURE = "Ich bin mir noch nicht sicher, was meinen Sie dazu?"
GONE = ("Anna Berg", ANNA, "Bärbel Groß-Müller", "baerbel@post.example", "Bernd Au", "bernd.au@werk.example", "Carla Dorn")


def over(world, **more):
    """Move the event into the past."""
    world.configure(day=(NOW - timedelta(days=1)).date(), **more)


def bytes_of(world):
    """Everything that the store has on disk."""
    return b"".join(path.read_bytes() for path in world.folder.glob("mailbot.*")).lower()


def holding(world, *values):
    """Give the folders and subjects of mails that hold a trace of one of the values, however they are encoded."""
    traces = Traces.of([v for v in values if "@" in v], [v for v in values if "@" not in v])
    found = set()
    with world.client() as client:
        for name in (name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags):
            client.select_folder(name, readonly=True)
            for values_of in client.fetch(client.search(), ["BODY.PEEK[]"]).values():
                if traces.in_mail(values_of[b"BODY[]"]):
                    found.add(name)
    return found


def encoded(text, sender, subject="Klima-Werkstatt", **attached):
    """A mail whose text is Latin-1 in base64; ``attached``: name → bytes."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, BOT, subject, f"<{abs(hash(text))}@post.example>"
    mail.set_content(text, charset="iso-8859-1", cte="base64")
    for name, content in attached.items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def fill(world):
    """People who go and people who stay, and mails about both in every folder."""
    register(world)
    world.deliver(
        encoded(
            "Hiermit melde ich mich an.\n\nName: Bärbel Groß-Müller\nInstitution: privat\n",
            "=?utf-8?b?QsOkcmJlbCBHcm/Dny1Nw7xsbGVy?= <baerbel@post.example>",
        )
    )
    world.arrive(
        "Bitte melden Sie uns an:\n\n1. Bernd Au, Werk AG, bernd.au@werk.example\n2. Carla Dorn, privat, carla.dorn@post.example\n",
        f"Anna Berg <{ANNA}>",
    )
    register(world, "Dora Kamp", "dora@post.example")
    world.arrive(
        "Ich melde mich zum Fahrradtag an.\n\nName: Dora Kamp\nInstitution: privat\n", "Dora Kamp <dora@post.example>", "Fahrradtag"
    )
    register(world, "Frida Offen", "frida@post.example")
    register(world, "Emil Sander", "emil@post.example")
    world.arrive("Bitte nehmen Sie mich in Ihren Newsletter auf.", "Emil Sander <emil@post.example>", "Newsletter")
    world.arrive("Bitte löschen Sie alle meine Daten (Art. 17 DSGVO).", "Frida Offen <frida@post.example>", "Löschung")
    assert world.run() == 0
    tap(world, world.answers("emil@post.example")[-1], "yes", "Emil Sander <emil@post.example>")
    world.arrive(f"{UNSURE} Mir hat {ANNA} davon erzählt.", "Ole Fremd <ole@post.example>")
    world.arrive(UNSURE, "Ute Fremd <ute@post.example>")
    world.deliver(
        encoded(f"{UNSURE} Anbei.", "Jo Fremd <jo@post.example>", "Frage", karte=b"BEGIN:VCARD\nFN:Carla Dorn\nEND:VCARD\n")
    )
    bounce = {"Auto_Submitted": "auto-replied", "From": "MAILER-DAEMON@mx.example"}
    world.arrive("<bernd.au@werk.example>: user unknown", "MAILER-DAEMON@mx.example", "Undelivered Mail", **bounce)
    assert world.run() == 0


def human_folders(world):
    """Copies that mailbot knows, and mails that only a human knows."""
    with world.client() as client:
        client.create_folder("Drafts")
        client.create_folder("Projekt äöü")
        client.select_folder("Mailbot/Done", readonly=True)
        mails = client.fetch(client.search(), ["BODY.PEEK[]"])
        copy = next(m[b"BODY[]"] for m in mails.values() if b"Name: Anna Berg" in m[b"BODY[]"])
        client.append("Projekt äöü", copy)
        client.append("Projekt äöü", world.answers(ANNA)[0].as_bytes())
        client.append("Projekt äöü", write("Anna Berg kommt zum Essen", "chef@stadtraum.example", "privat"))
        client.append("Drafts", write("Liebe Anna Berg,", BOT, "Entwurf"))
        client.append("Mailbot/Failed", write("Anna Berg", "x@post.example", "kaputt"))
        client.append("Mailbot/Failed", write("niemand", "x@post.example", "auch kaputt"))
        client.append("INBOX", write("Anna Berg", "x@post.example", "uralt"), msg_time=NOW - timedelta(days=100))


def test_who_goes_is_gone_everywhere_and_who_stays_is_untouched(world):
    """Neither bytes nor the bot's folders hold who goes; kept people and others' mails stay; other hits are counted, not deleted."""
    world.configure(event=SECOND_EVENT)
    fill(world)
    human_folders(world)
    assert world.run() == 0
    over(world, event=SECOND_EVENT)
    assert world.run() == 0
    found = bytes_of(world)
    assert [value for value in GONE if value.lower().encode() in found] == []
    assert holding(world, *GONE) == {"Drafts", "INBOX", "Projekt äöü"}  # a human's own: listed, never deleted
    assert world.participants() == {"Dora Kamp": "registered", "Frida Offen": "registered"}
    assert [s["status"] for s in world.json("subscribers", "list")] == ["subscribed"]
    assert [r["status"] for r in world.json("requests", "list")] == ["identity_pending"]
    folders = world.folders()
    assert (folders["Projekt äöü"], folders["Mailbot/Failed"], folders["Mailbot/Review"]) == (
        ["privat"],
        ["auch kaputt"],
        ["Klima-Werkstatt"],
    )
    assert len(world.json("review", "list")) == 1  # nobody has to decide about a mail that is gone
    [record] = [m for m in world.answers(CONTACT) if "Löschprotokoll" in m["Subject"]]
    assert "Projekt äöü: 1" in body(record)
    assert "Drafts: 1" in body(record)
    assert not any(value in body(record) for value in GONE)
    records, taken = stored(world), len(world.sink.taken)
    assert world.run() == world.run() == 0
    assert (stored(world), len(world.sink.taken), world.folders()) == (records, taken, folders)


def stored(world):
    """The records as stored."""
    with Store.open(world.settings) as store:
        assert not store.open_jobs()
        return store.records()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Guten Tag", "gt@post.example"),
        ("Klima Werkstatt", "kw@post.example"),
        ("Karla Kontakt", CONTACT),
        ("Büro Stadtraum", "b@post.example"),
    ],
)
def test_nobodys_name_or_address_deletes_the_mails_of_others(world, name, address):
    """Who registers as "Guten Tag" or with the contact's address does not take everybody's mails away at the end."""
    register(world, name, address)
    world.arrive(
        f"Guten Tag,\n\n{UNSURE} Ich schrieb auch an {CONTACT}.\n\nMit freundlichen Grüßen", "Ute Fremd <ute@post.example>"
    )
    assert world.run() == 0
    over(world)
    assert world.run() == 0
    [record] = stored(world)
    assert record["found_again"] == 0
    assert world.participants() == {}
    assert world.folders() == {"Mailbot/Review": ["Klima-Werkstatt"]}
    assert len(world.json("review", "list")) == 1


def test_a_namesake_who_stays_does_not_keep_the_erasure_open(world):
    """The name of a subscriber who stays is no trace of the participant of the same name who goes."""
    register(world)
    with Store.open(world.settings) as store, store.transaction() as tx:
        subscriber = SetSubscription(
            email="anna@other.example", name="Anna Berg", status=SubscriptionStatus.SUBSCRIBED, language="de"
        )
        tx.apply((subscriber,), NOW)
    over(world)
    assert world.run() == 0
    assert [r["found_again"] for r in stored(world)] == [0]
    assert [s["name"] for s in world.json("subscribers", "list")] == ["Anna Berg"]


def test_a_message_id_alone_deletes_nothing_of_the_organisers(world):
    """A participant who reuses the Message-ID of somebody's mail can't have that mail deleted by their erasure."""
    own = write("Der Vertrag liegt bei.", "notar@post.example", "Vertrag", Message_ID="<guessed@post.example>")
    with world.client() as client:
        client.create_folder("Wichtig")
        client.append("Wichtig", own)
    world.arrive(
        "Hiermit melde ich mich an.\n\nName: Anna Berg\nInstitution: privat",
        f"Anna Berg <{ANNA}>",
        Message_ID="<guessed@post.example>",
    )
    assert world.run() == 0
    over(world)
    assert world.run() == 0
    assert world.folders() == {"Wichtig": ["Vertrag"]}


def test_a_folder_that_can_not_be_opened_does_not_keep_the_erasure_open(world, monkeypatch):
    """Somebody else's shared folder is passed over; one of the bot's own is not."""
    register(world)
    with world.client() as client:
        client.create_folder("Geteilt")
    over(world)
    select = ImapMailbox.select
    for refused, complete in (("Mailbot/Review", False), ("Geteilt", True)):

        def picky(self, name=None, *, refused=refused, **options):
            if name == refused:
                raise SaidNo(world.settings.mailboxes[0], IMAPClientError("NO [NOPERM]"))
            return select(self, name, **options)

        monkeypatch.setattr(ImapMailbox, "select", picky)
        with contextlib.nullcontext() if complete else pytest.raises(Unreachable):
            assert world.run() == 0
        with Store.open(world.settings) as store:
            assert bool(store.records()) is complete


def test_the_audit_is_silent_about_old_mails_that_nobody_touches(world):
    """A mail that was old when mailbot came is noted, stays, and is no leftover."""
    world.deliver(write("alt", "x@post.example"), at=NOW - timedelta(days=400))
    for _ in range(2):
        assert world.run() == 0
    assert "nothing is left" in world.cli("erase", "--audit", check=0).stdout
    assert world.json("status")["mailbox"]["old"] == 1


def test_an_unreachable_mailbox_keeps_the_erasure_open(world):
    """Never called complete: `status --check` fails, the next run goes on, the contact gets one record."""
    register(world)
    over(world)
    right = world.path.read_text()
    world.path.write_text(right.replace(f"port = {world.dovecot.port}", f"port = {free_port()}"))
    for _ in range(3):
        with pytest.raises(Unreachable):
            world.run()
    assert world.cli("status", "--check").returncode == 1
    assert world.json("status")["events"][0]["erased_at"] is None
    world.path.write_text(right)
    assert world.run() == 0
    assert len(stored(world)) == 1
    assert world.cli("status", "--check").returncode == 0
    assert [m["Subject"] for m in world.answers(CONTACT)].count("Löschprotokoll: klima-werkstatt") == 1


def test_what_is_found_again_is_told_once_a_day_and_not_with_every_round(world, monkeypatch):
    """An erasure that can't be completed stays open without filling the contact's mailbox."""
    register(world)
    over(world)
    monkeypatch.setattr(Store, "search_bytes", lambda *_: 1)
    assert [world.run() for _ in range(3)] == [1, 1, 1]
    assert len(world.answers(CONTACT)) == 1
    assert world.cli("status", "--check").returncode == 1
    monkeypatch.undo()
    assert world.run() == 0
    assert len(stored(world)) == 1


@pytest.mark.parametrize("stage", ["erase_rows", "mails_gone", "forget", "vacuum", "search_bytes", "finish_job"])
def test_an_erasure_that_dies_anywhere_is_completed_by_the_next_run(world, monkeypatch, stage):
    """Before each step, and after it: the same record in the end, nothing left, one closing mail."""
    register(world)
    over(world)
    step = getattr(Store, stage)
    for after in (False, True):
        with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
            patch.setattr(Store, stage, dying(step, after=after))
            Service(world.settings, now=lambda: NOW).run_once()
    assert world.run() == 0
    [record] = stored(world)
    assert (record["counts"]["tables"]["registration"], record["found_again"]) == (1, 0)
    assert record["counts"]["folders"] == {"done": 1}
    assert ANNA.encode() not in bytes_of(world)
    assert b"anna berg" not in bytes_of(world)
    assert world.folders() == {}
    assert [t.to for t in world.sink.taken].count(ANNA) == 2


def dying(step, *, after):
    """A step of the store that is killed, before or after it was done."""

    def die(*arguments, **options):
        if after:
            step(*arguments, **options)
        raise KeyboardInterrupt

    return die


def test_a_mail_after_the_erasure_is_answered_and_leaves_nothing_lasting(world):
    """A late registration and a reply to the closing mail: polite answers, no row, and all of it goes by the rule for mails."""
    register(world)
    over(world)
    assert world.run() == 0
    closing = world.answers(ANNA)[-1]
    world.reply(closing, "Vielen Dank, es war sehr schön!", f"Anna Berg <{ANNA}>")
    world.arrive("Hiermit melde ich mich an.\n\nName: Anna Berg\nInstitution: privat", f"Anna Berg <{ANNA}>")
    world.arrive(f"<{ANNA}>: user unknown", "MAILER-DAEMON@mx.example", "Undelivered Mail", Auto_Submitted="auto-replied")
    assert world.run() == 0
    assert world.participants() == {}
    assert len(world.answers(ANNA)) <= 4
    later = NOW + timedelta(days=32)
    assert world.run(later) == 0
    with contextlib.closing(sqlite3.connect(world.folder / "mailbot.db")) as db:
        assert db.execute("SELECT count(*) FROM ledger WHERE sender IS NOT NULL AND outcome = 'done'").fetchone() == (0,)
    assert "Mailbot/Done" not in world.folders()


def test_mentions_in_what_is_kept_of_others_are_blackened(world):
    """A consent's wording and a human's reason stay, the name of who goes does not; the erasure is complete."""
    register(world)
    register(world, "Frida Offen", "frida@post.example")
    world.arrive(
        "Bitte nehmen Sie mich in Ihren Newsletter auf, Anna Berg hat davon erzählt.",
        "Emil Sander <emil@post.example>",
        "Newsletter",
    )
    world.arrive("Bitte löschen Sie alle meine Daten (Art. 17 DSGVO).", "Frida Offen <frida@post.example>", "Löschung")
    assert world.run() == 0
    tap(world, world.answers("emil@post.example")[-1], "yes", "Emil Sander <emil@post.example>")
    assert world.run() == 0
    [request] = world.json("requests", "list")
    world.cli("requests", "extend", request["id"], "--reason", "Rückfrage bei Anna Berg", check=0)
    world.cli("run", "--once", check=0)
    over(world)
    assert world.run() == 0
    assert [r["found_again"] for r in stored(world)] == [0]
    assert b"anna berg" not in bytes_of(world)
    with contextlib.closing(sqlite3.connect(world.folder / "mailbot.db")) as db:
        [(consent,)] = db.execute("SELECT consent_text FROM subscription").fetchall()
        steps = [step for (step,) in db.execute("SELECT step FROM request_step")]
    assert "in Ihren Newsletter auf, … hat davon erzählt" in consent
    assert "Rückfrage bei …" in steps
