"""Absence notes, receipts and delivery reports that carry no machine's mark: their wording, and people who write alike."""

import pytest

from mailbot.domain.understanding import Kind
from tests.unit.test_screen import seen

REFUSED = "550 5.1.1 <anna@weg.example>: unknown"


@pytest.mark.parametrize(
    "subject",
    [
        "Abwesenheitsnotiz",
        "[EXTERN] Auto-Antwort: Einladung",
        "AUTO: Petra Lang ist außer Haus (Rückkehr am 12.03.2027)",
        "Jane Doe is out of the office.",
        "Jane Doe is out of the office until Monday",
        "OOO Re: Invitation",
        "Vacation response",
        "Absente du bureau : Re: Invitation",
        "Afwezigheidsbericht",
        "Fuori ufficio",
        "Respuesta automática: Invitación",
        "Odpowiedź automatyczna: Zaproszenie",
        "Automatiskt svar: Inbjudan",
        "Automatická odpověď: Pozvánka",
        "Автоответ: Приглашение",
        "Lu : Invitation",
        "Gelezen: Uitnodiging",
        "Nicht gelesen: Einladung",
        "Accepté : Klima-Werkstatt",
        "Eingangsbestätigung Ihrer Nachricht",
    ],
)
def test_the_subject_of_a_note_or_receipt_is_recognised(subject):
    """In the languages of the offices that write to us."""
    assert seen(subject=subject).kind is Kind.AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    [
        "Mail Delivery Warning",
        "Message could not be delivered",
        "Delayed Mail (still being retried)",
        "DELIVERY FAILURE: User anna not listed in Domino Directory",
        "[Postmaster] Email Delivery Failure",
        "Zustellung fehlgeschlagen",
        "Benachrichtigung zum Zustellungsstatus (Fehlgeschlagen)",
        "Échec de la remise : Invitation",
        "Onbestelbaar: Uitnodiging",
        "No se puede entregar: Invitación",
        "Impossibile recapitare: Invito",
        "Niedostarczalne: Zaproszenie",
        "Det går inte att leverera: Inbjudan",
        "Недоставленное: Приглашение",
    ],
)
def test_the_subject_of_a_report_is_recognised(subject):
    """Whoever it comes from, and however its own text is worded."""
    assert seen(subject=subject).kind in {Kind.BOUNCE, Kind.AUTOMATIC}


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Ihre E-Mail konnte nicht zugestellt werden", f"Guten Tag,\n\nan anna@weg.example:\n{REFUSED}"),
        ("RE: Ihre Anmeldung : non remis (delivery failed)", "Your message could not be delivered to\nanna@weg.example"),
        ("Ihre Anmeldung – Unzustellbar", REFUSED),
        ("Klima-Werkstatt", "Delivery to the following recipient failed permanently:\n\n    anna@weg.example\n"),
        (
            "Klima-Werkstatt",
            f"**** Message from the mail server ****\nwas not delivered\n>>> RCPT TO:<anna@weg.example>\n{REFUSED}",
        ),
        ("Klima-Werkstatt", f"Ihre Nachricht konnte an folgende Adresse nicht zugestellt werden:\n\n{REFUSED}"),
        ("Uitnodiging", "Uw bericht kon niet worden bezorgd bij:\n\nanna@weg.example\n550 5.1.1 onbekend, niet bezorgd"),
    ],
)
def test_a_report_without_marks_is_known_by_its_news_and_its_proof(subject, text):
    """Words of a delivery that failed, and a server's code or the address on a line of its own."""
    assert seen(subject=subject, text=text).kind is Kind.BOUNCE


def test_the_address_of_a_robot_is_recognised_even_where_it_is_malformed():
    """A program that writes an invalid address is no person without an address."""
    assert seen(sender="<Postmaster\\@mx.example@x>").kind in {Kind.BOUNCE, Kind.AUTOMATIC}
    assert seen(extra="Return-Path: <MAILER-DAEMON@mx.example>\r\n").kind in {Kind.BOUNCE, Kind.AUTOMATIC}


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Undelivered Mail Returned to Sender", f"Hallo, das kam zurück:\n{REFUSED}"),
        ("WG: Unzustellbar: Einladung", f"Bitte an meine neue Adresse.\n{REFUSED}"),
        ("Klima-Werkstatt", f"Ihre Mail kam zurück:\n{REFUSED}\nIch melde mich an."),
        ("Klima-Werkstatt", "Die Nachricht von gestern wurde nicht zugestellt. Ich melde mich an:\nAnna Berg\nanna@verein.example"),
        ("Ihre Mail konnte nicht zugestellt werden?", "So stand es heute bei mir. Ich melde mich an."),
        ("Absage: Klima-Werkstatt", "Ich kann nicht kommen."),
        ("Urlaub - Absage Klima-Werkstatt", "Ich bin im Urlaub und kann nicht kommen."),
        ("Auto: Anreise zur Klima-Werkstatt", "Gibt es Parkplätze?"),
        ("Urlaubsvertretung meldet sich an", "Ich komme für Petra Lang."),
        ("Klima-Werkstatt", "Ich melde mich an. Ab morgen bin ich im Urlaub, in dringenden Fällen wenden Sie sich an Frau Roth."),
    ],
)
def test_people_who_write_of_it_stay_people(subject, text):
    """Who tells of a bounce or a holiday is answered."""
    found = seen(subject=subject, text=text)
    assert (found.kind, found.suspect) == (Kind.HUMAN, "")


def test_a_subject_that_people_use_too_needs_the_text():
    """ "Im Urlaub" is an absence note's subject and a cancellation's: with the note's text it is one, else a human looks."""
    text = "Ich bin im Urlaub. Ihre E-Mail wird nicht weitergeleitet."
    note, dated = seen(subject="Im Urlaub", text=text), seen(subject="Abwesend bis 5. März", text=text)
    doubt = seen(subject="Im Urlaub", text="Da kann ich leider nicht kommen.")
    assert {note.kind, dated.kind} == {Kind.AUTOMATIC}
    assert (doubt.kind, doubt.suspect) == (Kind.HUMAN, "reads like an absence note")


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, ceci est une réponse automatique. Je suis absente du bureau.",
        "Bedankt. Ik ben tot 3 maart niet aanwezig. Voor dringende zaken kunt u contact opnemen met mijn collega.",
        "Sono in ferie fino al 15 marzo. Per urgenze contattare ufficio@comune.example.",
    ],
)
def test_a_note_in_a_language_that_is_not_read_is_for_a_human(text):
    """Nobody answers what may be a machine."""
    assert seen(subject="Re: Einladung", text=text).suspect == "reads like an absence note"


@pytest.mark.parametrize(
    "subject", ["Automatic reply: Registration", "Automatische Antwort: Anmeldung", "Undeliverable: Registration"]
)
def test_a_human_below_a_machines_subject_is_not_lost(subject: str) -> None:
    """Somebody asks what our own automatic mail meant: a human sees it, silently; without the question it is a machine's."""
    asking = seen(subject=subject, text="I only got this back. Am I registered for the evening?")
    assert asking.kind is Kind.HUMAN
    assert asking.suspect
    machine = seen(subject=subject, text="I am out of office. Your message could not be delivered: 550 5.1.1 user unknown.")
    assert machine.kind is not Kind.HUMAN
