"""Who shall take part: names, institutions and addresses from forms, lists, sentences, signatures and headers."""

import pytest

from mailbot.domain.understanding import Action, Intent
from mailbot.understand import names
from tests.unit.understanding import people, read

ANNA = "Anna Meier <anna.meier@post.example>"
Rows = list[tuple[str | None, str | None, str | None]]

# sender, subject, text, participants
MAILS: list[tuple[str, str, str, Rows]] = [
    (
        ANNA,
        "",
        "Name | Institution | E-Mail\n--- | --- | ---\nJan Ott | Stadt Büren | j@b.example\nEva Lenz | privat | e@b.example\n\nBitte anmelden!",
        [("Jan Ott", "Stadt Büren", "j@b.example"), ("Eva Lenz", "privat", "e@b.example")],
    ),
    (
        ANNA,
        "Anmeldung",
        "Vorname   Jan\nNachname   Ott\nInstitution   Kreis Soest\nE-Mail   j@b.example",
        [("Jan Ott", "Kreis Soest", "j@b.example")],
    ),
    (
        ANNA,
        "Anmeldung",
        "Teilnehmer 1: Jan Ott\nInstitution: Kreis Soest\n\nTeilnehmer 2: Eva Lenz\nInstitution: privat",
        [("Jan Ott", "Kreis Soest", "anna.meier@post.example"), ("Eva Lenz", "privat", "anna.meier@post.example")],
    ),
    (
        '"Meier, Anna" <anna.meier@post.example>',
        "",
        "Ich nehme gern teil, privat.",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "info@verein.example",
        "Anmeldung Klima-Werkstatt: Jan Ott, Turnverein Verl",
        "",
        [("Jan Ott", "Turnverein Verl", "info@verein.example")],
    ),
    (
        ANNA,
        "",
        "Ich melde mich an.\n\nMit freundlichen Grüßen\nDr. Anna Meier\nAbteilung 3\nLandesamt für Wald\nTel. 0123 456",
        [("Dr. Anna Meier", "Landesamt für Wald", "anna.meier@post.example")],
    ),
]


@pytest.mark.parametrize(("sender", "subject", "text", "expected"), MAILS)
def test_people_are_found(sender: str, subject: str, text: str, expected: Rows) -> None:
    """Every person of the mail in its order, with institution and address; nobody else."""
    assert people(read(text, subject=subject, sender=sender)) == expected


@pytest.mark.parametrize(
    ("text", "sender", "missing"),
    [
        ("Ich melde mich zur Klima-Werkstatt an.", "p.krueger@wasserverband.example", ("name", "institution")),
        ("Ich melde mich zur Klima-Werkstatt an.", "Geschäftsstelle <info@wasserverband.example>", ("name",)),
        ("Ich melde mich zur Klima-Werkstatt an.", "Anna Meier <anna@wasserverband.example>", ("institution",)),
        ("Ich melde mich zur Klima-Werkstatt an, privat.", "sonne77 <sonne77@post.example>", ("name",)),
    ],
)
def test_what_is_missing_is_asked_never_guessed(text: str, sender: str, missing: tuple[str, ...]) -> None:
    """Role words and nicknames are no names, and a domain is no institution: it is asked back."""
    understood = read(text, sender=sender)
    assert understood.action is Action.ASK
    assert all(getattr(understood.participants[0], field) is None for field in missing)


@pytest.mark.parametrize(
    "name",
    [
        "Anna Meier",
        "Prof. Dr. Anna Meier-Lüdenscheidt",
        "A. Meier",
        "Łucja Kądzioła",
        "Otto von und zu Hagen",
        "Jan van der Meer",
        "Nguyễn Thị Hoa",
        "Sean O'Brien",
        "Karl Neuhaus",
    ],
)
def test_names(name: str) -> None:
    """Titles, particles, initials, hyphens and foreign letters belong to names."""
    assert names.is_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "Stadt Büren",
        "Anna",
        "anna meier",
        "Leiterin Umweltamt",
        "Guten Tag",
        "Tel. 0123",
        "Turnverein Verl",
        "Anna@Meier",
        "Musterweg 3",
        "Delta B.V.",
        "Herr Meier",
    ],
)
def test_no_names(text: str) -> None:
    """Institutions, roles, greetings, addresses and half a name are no names."""
    assert not names.is_name(text)


@pytest.mark.parametrize(
    ("text", "leaving"),
    [("Anstelle von Frau Ute Karg nehme ich teil. Anna Meier, privat", ("Ute Karg",)), ("Statt mir kommt Jan Ott (privat).", ())],
)
def test_a_substitution_names_who_leaves(text: str, leaving: tuple[str, ...]) -> None:
    """Who is replaced is leaving; nobody named means the sender."""
    understood = read(text)
    assert understood.leaving == leaving
    assert len(understood.participants) == 1


def test_a_human_who_says_registration_gets_the_people_of_the_mail() -> None:
    """A mail that nobody can read as a registration, moved to Register by a human, still gives name and institution."""
    text = "Ja nein, also ich weiß nicht so recht.\n\nAnna Berg\nVerein Lippe"
    alone, told = read(text), read(text, as_intent=Intent.REGISTRATION)
    assert alone.intent is not Intent.REGISTRATION
    assert told.intent is Intent.REGISTRATION
    assert people(told) == [("Anna Berg", "Verein Lippe", "anna.meier@post.example")]


def test_a_human_who_says_registration_gets_others_from_any_sentence() -> None:
    """Names count in every sentence when a human says what the mail is, not only in those that register somebody."""
    told = read("Anbei Jan Ott (Stadt Büren) und Eva Lenz (privat).", as_intent=Intent.REGISTRATION)
    assert [p[:2] for p in people(told)] == [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "privat")]


def test_a_human_is_believed_about_an_automatic_mail() -> None:
    """What a machine sent is read all the same when a human puts it into a folder."""
    told = read("Name: Jan Ott\nInstitution: Stadt Büren", as_intent=Intent.REGISTRATION, Auto_Submitted="auto-generated")
    assert people(told) == [("Jan Ott", "Stadt Büren", "anna.meier@post.example")]
