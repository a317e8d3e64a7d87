"""``run --once`` against a real Dovecot and a real SMTP server: what a careful clerk would have done with each mail."""

import email.policy
import urllib.parse
from datetime import timedelta

import pytest

from mailbot.domain.decision import LinkWord
from mailbot.understand.lexicon import link
from tests.flow.world import AFTER, BOT, CONTACT, body, write

ANNA = "anna.berg@verein.example"
BERND = "bernd.au@werk.example"
ANNA_REGISTERS = "Guten Tag,\n\nhiermit melde ich mich zur Klima-Werkstatt an.\n\nName: Anna Berg\nInstitution: Verein Lippe\n"


def register(world, name="Anna Berg", address=ANNA, institution="Verein Lippe"):
    world.arrive(
        f"Guten Tag,\n\nhiermit melde ich mich zur Klima-Werkstatt an.\n\nName: {name}\nInstitution: {institution}\n",
        f"{name} <{address}>",
    )
    assert world.run() == 0


def test_a_registration_is_stored_confirmed_and_filed(world):
    """One row, one answer with a calendar file in the sender's thread, the mail in Done; again: nothing more."""
    mail = world.arrive(ANNA_REGISTERS, f"Anna Berg <{ANNA}>")
    assert world.run() == 0
    assert world.run() == 0
    [row] = world.json("participants", "list")
    assert (row["name"], row["institution"], row["email"], row["status"]) == ("Anna Berg", "Verein Lippe", ANNA, "registered")
    [answer] = world.answers()
    assert answer["In-Reply-To"] == email.message_from_bytes(mail)["Message-ID"]
    assert answer["Auto-Submitted"].startswith("auto-replied")
    assert "https://video.example/j/123456789" in body(answer)
    assert [part.get_content_type() for part in answer.walk()].count("text/calendar") == 1
    assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"]}


def test_a_missing_institution_is_asked_and_the_reply_completes_it(world):
    """Asking back is a dialogue over real mail."""
    world.arrive("Guten Tag, ich möchte mich zur Klima-Werkstatt anmelden.\n\nAnna Berg", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {"Anna Berg": "pending"}
    [question] = world.answers()
    world.reply(question, "Stadtbücherei Detmold", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {"Anna Berg": "registered"}
    assert world.sent() == ["question-back", "registration-confirmed"]
    assert world.json("participants", "list")[0]["institution"] == "Stadtbücherei Detmold"


def test_three_people_are_registered_and_the_two_others_hear_of_it(world):
    """Each person that somebody else registered gets one mail with the way to undo it."""
    world.arrive(
        f"""
        Guten Tag, bitte melden Sie uns zur Klima-Werkstatt an:

        1. Anna Berg, Verein Lippe, {ANNA}
        2. Bernd Au, Werk AG, {BERND}
        3. Carla Dorn, privat, carla.dorn@post.example

        Mit freundlichen Grüßen
        Anna Berg
        """,
        f"Anna Berg <{ANNA}>",
    )
    world.run()
    assert world.participants() == {"Anna Berg": "registered", "Bernd Au": "registered", "Carla Dorn": "registered"}
    assert world.sent(ANNA) == ["registration-confirmed"]
    assert world.sent(BERND) == world.sent("carla.dorn@post.example") == ["registered-by-other"]


def test_a_cancelled_seat_moves_up_and_undo_gives_it_back(world):
    """Capacity one: cancel, the waiting one moves up, undo restores the place even so."""
    world.configure(event="capacity = 1")
    register(world)
    register(world, "Bernd Au", BERND)
    assert world.participants() == {"Anna Berg": "registered", "Bernd Au": "waiting"}
    world.arrive("Ich kann leider doch nicht zur Klima-Werkstatt kommen, bitte streichen Sie mich.", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {"Anna Berg": "cancelled", "Bernd Au": "registered"}
    assert world.sent(BERND) == ["waiting-list", "moved-up"]
    tap(world, world.answers(ANNA)[-1], "undo", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {"Anna Berg": "registered", "Bernd Au": "registered"}


def tap(world, answer, word, sender, language="de"):
    """Send a one-tap link of an answer back unchanged, as a mail program does when it is tapped."""
    wanted = link(language, LinkWord(word)).word
    page = answer.get_body(("html",)).get_content()
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    [href] = {
        h for h in links if h.startswith("mailto:") and urllib.parse.unquote(h).split("subject=")[-1].startswith(wanted + " ")
    }
    parts = urllib.parse.urlsplit(href)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&"))
    assert parts.path == BOT
    world.arrive(urllib.parse.unquote(query["body"]), sender, urllib.parse.unquote(query["subject"]))


@pytest.mark.parametrize(
    ("language", "text"), [("de", ANNA_REGISTERS), ("en", "I would like to register.\n\nName: Anna Berg\nInstitution: private")]
)
def test_the_cancel_link_sent_back_unchanged_cancels(world, language, text):
    """A tap is understood as the wish, in every language that we write."""
    world.arrive(text, f"Anna Berg <{ANNA}>")
    world.run()
    tap(world, world.answers()[0], "cancel", f"Anna Berg <{ANNA}>", language)
    world.run()
    assert world.participants() == {"Anna Berg": "cancelled"}
    tap(world, world.answers()[1], "undo", f"Anna Berg <{ANNA}>", language)
    world.run()
    assert world.participants() == {"Anna Berg": "registered"}


def test_a_subscription_needs_a_reply_and_ends_at_the_first_word(world):
    """Double opt-in, then one word from the footer unsubscribes."""
    world.arrive("Bitte nehmen Sie mich in Ihren Newsletter auf.", f"Anna Berg <{ANNA}>", "Newsletter")
    world.run()
    assert world.sent() == ["subscription-to-confirm"]
    tap(world, world.answers()[0], "yes", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.json("subscribers", "list")[0]["status"] == "subscribed"
    world.arrive("STOP", f"Anna Berg <{ANNA}>", "keine Mails mehr")
    world.run()
    assert world.json("subscribers", "list")[0]["status"] == "unsubscribed"


def test_a_provider_unsubscribes_silently(world):
    """RFC 8058's mail: nobody is written to, the address is suppressed."""
    register(world)
    world.arrive("", f"Anna Berg <{ANNA}>", "unsubscribe", Auto_Submitted="auto-generated")
    world.run()
    assert world.sent() == ["registration-confirmed"]
    assert world.participants() == {"Anna Berg": "registered"}


def test_machines_are_never_answered(world):
    """Absence notes, bounces and lists end in Done without a word from us."""
    world.arrive(
        "Ich bin bis Montag nicht im Büro.", f"Anna Berg <{ANNA}>", "Automatische Antwort: Anmeldung", Auto_Submitted="auto-replied"
    )
    world.arrive("<x@y.example>: user unknown", "MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", Return_Path="<>")
    world.arrive("Hiermit melde ich mich an. Name: Liste. Institution: L", "liste@liste.example", List_Id="<l.liste.example>")
    world.run()
    assert world.answers() == []
    assert len(world.folders()["Mailbot/Done"]) == 3


def test_access_brings_what_is_stored_and_erasure_waits_for_the_reply(world):
    """From the address on record: access at once; erasure after the reply with the token; then honestly nothing."""
    register(world)
    world.arrive("Bitte erteilen Sie mir Auskunft nach Art. 15 DSGVO.", f"Anna Berg <{ANNA}>", "Auskunft")
    world.run()
    assert world.sent() == ["registration-confirmed", "access-answer"]
    access = world.answers()[-1]
    assert "Verein Lippe" in body(access)
    assert any(part.get_content_type() == "application/json" for part in access.walk())
    world.arrive("Bitte löschen Sie alle meine Daten.", f"Anna Berg <{ANNA}>", "Löschung nach Art. 17 DSGVO")
    world.run()
    assert world.participants() == {"Anna Berg": "registered"}
    tap(world, world.answers()[-1], "yes", f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {}
    assert world.folders() == {}  # her mails went with her data
    world.arrive("Bitte erteilen Sie mir Auskunft nach Art. 15 DSGVO.", f"Anna Berg <{ANNA}>", "Auskunft")
    world.run()
    assert world.sent()[-1] == "no-data"


def test_somebody_else_can_neither_cancel_nor_ask_for_anna(world):
    """The address on record is asked; the stranger hears the same as about an unknown address."""
    register(world)
    world.arrive(f"Bitte löschen Sie alle Daten zu {ANNA}.", "fremd@post.example", "Löschung")
    world.arrive("Bitte löschen Sie alle Daten zu niemand@post.example.", "fremd2@post.example", "Löschung")
    world.run()
    assert world.participants() == {"Anna Berg": "registered"}
    assert world.sent(ANNA) == ["registration-confirmed", "confirm-this"]
    assert world.sent("fremd@post.example") == world.sent("fremd2@post.example") == ["asked-on-record"]


def test_an_unclear_mail_goes_to_a_human_who_decides_by_moving_it(world):
    """Review, then the human's folder replaces the understanding and the mail ends in Done."""
    world.arrive("Ja nein, dann eher so herum, siehe Anlage.\n\nAnna Berg\nVerein Lippe", f"Anna Berg <{ANNA}>", "Re: neulich")
    world.run()
    assert "Mailbot/Review" in world.folders() or world.sent(ANNA) == ["not-understood"]
    with world.client() as client:
        source = "Mailbot/Review" if "Mailbot/Review" in world.folders() else "Mailbot/Done"
        client.select_folder(source)
        client.move(client.search(), "Mailbot/Register")
    world.run()
    assert world.folders() == {"Mailbot/Done": ["Re: neulich"]}
    assert "Anna Berg" in world.participants()


def test_review_decide_does_the_same_at_the_command_line(world):
    """``review decide ID ignore``: nothing changes, nothing is answered, the mail ends in Done."""
    world.arrive("Könnten Sie mir sagen, ob die Klima-Werkstatt barrierefrei ist?", f"Anna Berg <{ANNA}>")
    world.run()
    [item] = world.json("review", "list")
    assert item["intent"] == "question"
    world.cli("review", "decide", item["id"], "ignore", check=0)
    assert world.json("review", "list") == []
    assert world.folders() == {"Mailbot/Done": ["Klima-Werkstatt"]}


def test_a_mail_of_long_ago_is_left_alone(world):
    """Older than max_age when first seen: it stays, unread and unanswered."""
    world.deliver(write(ANNA_REGISTERS, ANNA), at=world.now - timedelta(days=30))
    assert world.run() == 0
    assert world.answers() == []
    assert world.folders() == {"INBOX": ["Klima-Werkstatt"]}
    assert world.json("status")["mailbox"]["old"] == 1


def test_observe_changes_nothing_and_assist_writes_drafts(world):
    """``observe`` sends, moves and stores nothing; ``assist`` puts replies into Drafts."""
    world.configure(more='[automation]\nmode = "observe"')
    world.arrive(ANNA_REGISTERS, f"Anna Berg <{ANNA}>")
    world.run()
    assert (world.answers(), world.folders(), world.participants()) == ([], {"INBOX": ["Klima-Werkstatt"]}, {})
    world.configure(more='[automation]\nmode = "assist"')
    world.run()
    assert world.answers() == []
    folders = world.folders()
    assert folders["Mailbot/Done"] == ["Klima-Werkstatt"]
    assert len(folders["Drafts"]) == 1


def test_after_the_event_everything_is_erased_and_the_record_remains(world):
    """One run after the end: closing mail, erasure of rows and mails, a record to the contact; again: nothing more."""
    register(world)
    world.arrive("Könnten Sie mir sagen, wo ich parken kann? Anna Berg", f"Anna Berg <{ANNA}>", "Parken an der Klima-Werkstatt")
    world.run()
    sent = len(world.answers(ANNA))
    assert world.run(AFTER) == 0
    assert len(world.answers(ANNA)) == sent + 1  # the closing mail
    assert world.participants() == {}
    assert world.folders() == {}
    stored = b"".join(path.read_bytes() for path in world.folder.iterdir() if path.name != "config.toml").lower()
    for needle in (b"anna berg", ANNA.encode(), b"verein lippe"):
        assert needle not in stored
    [to_contact] = [m for m in world.answers(CONTACT) if "1" in body(m) and m["Subject"] and "klima-werkstatt" in body(m)][-1:]
    assert ANNA not in to_contact.as_string()
    before = len(world.answers())
    assert world.run(AFTER + timedelta(hours=3)) == 0
    assert len(world.answers()) == before


def test_a_subscriber_stays_and_only_the_registration_goes(world):
    """Who has another reason to stay is kept with exactly that."""
    register(world)
    world.arrive("Bitte nehmen Sie mich in Ihren Newsletter auf.", f"Anna Berg <{ANNA}>", "Newsletter")
    world.run()
    tap(world, world.answers()[-1], "yes", f"Anna Berg <{ANNA}>")
    world.run()
    world.run(AFTER)
    assert world.participants() == {}
    assert world.json("subscribers", "list")[0]["email"] == ANNA


def test_what_a_mail_holds_becomes_neither_code_nor_header(world):
    """Template syntax, markup and line breaks in a name stay what they are: a strange name."""
    name = "{{ 7*7 }} <b>Böse</b>"
    world.arrive(f"Hiermit melde ich mich zur Klima-Werkstatt an.\n\nName: {name}\nInstitution: =cmd|x\n", ANNA)
    world.run()
    for answer in world.answers():
        assert "49" not in body(answer)
        assert "<b>Böse" not in answer.get_body(("html",)).get_content()
        assert answer.policy == email.policy.default


def test_a_right_that_nobody_confirms_goes_to_a_human_after_seven_days(world):
    """Never closed by silence: the mail moves to Review, the request is open, its deadline runs."""
    register(world)
    world.arrive("Bitte löschen Sie alle meine Daten.", f"Anna Berg <{ANNA}>", "Löschung nach Art. 17 DSGVO")
    world.run()
    [request] = world.json("requests", "list")
    assert request["status"] == "identity_pending"
    world.run(world.now + timedelta(days=6))
    assert world.json("review", "list") == []
    world.run(world.now + timedelta(days=2))
    [after] = world.json("requests", "list")
    assert (after["status"], after["due"]) == ("open", request["due"])
    assert len(world.json("review", "list")) == 1
    assert world.folders()["Mailbot/Review"] == ["Löschung nach Art. 17 DSGVO"]
    assert world.participants() == {"Anna Berg": "registered"}


@pytest.mark.parametrize(("text", "ends"), [("Nein", True), ("Nein, ich will vielmehr wissen, wer das war?", False)])
def test_a_typed_no_ends_what_was_asked_and_more_than_that_goes_to_a_human(world, text, ends):
    """The erasure that was asked for is not done; a plain no closes it, a question beside it is a human's."""
    register(world)
    world.arrive("Bitte löschen Sie alle meine Daten.", f"Anna Berg <{ANNA}>", "Löschung nach Art. 17 DSGVO")
    world.run()
    world.reply(world.answers(ANNA)[-1], text, f"Anna Berg <{ANNA}>")
    world.run()
    assert world.participants() == {"Anna Berg": "registered"}
    assert (world.json("requests", "list")[0]["status"] == "done") is ends
    assert len(world.json("review", "list")) == (not ends)
