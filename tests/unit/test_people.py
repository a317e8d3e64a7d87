"""Who shall take part: names, institutions and addresses from forms, lists, sentences, signatures and headers."""

import pytest

from mailbot.domain.understanding import Action, Intent
from mailbot.understand import houses, names
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


# sender, subject, text, (name, institution) of everybody
WHO: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    (
        ANNA,
        "",
        "Name;Vorname;Institution\nOtt;Jan;Stadt Büren\nLenz;Eva;Kreis Soest",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "Kreis Soest")],
    ),
    (
        ANNA,
        "",
        "Bitte anmelden:\nOtt, Jan (Stadt Büren)\nLenz, Eva (Kreis Soest)",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "Kreis Soest")],
    ),
    (
        ANNA,
        "",
        "Name of participant ......... Jan Ott\nOrganisation ......... Ottmar Works\nE-mail ......... j@b.example",
        [("Jan Ott", "Ottmar Works")],
    ),
    (
        ANNA,
        "",
        "Hallo, meine Frau Karin und ich kommen gern, rein privat.\n\nViele Grüße\nJan Ott",
        [("Jan Ott", "privat"), ("Karin", "privat")],
    ),
    (
        "Büro <buero@haus.example>",
        "",
        "Sehr geehrte Damen und Herren,\n\nfür die Stadtwerke Büren nehmen teil:\n- Jan Ott\n- Eva Lenz\n\nMit freundlichen Grüßen\ni. A. Petra Sommer\nSekretariat",
        [("Jan Ott", "Stadtwerke Büren"), ("Eva Lenz", "Stadtwerke Büren")],
    ),
    (
        ANNA,
        "",
        "Liebe Frau Sommer,\n\ngern melde ich mich an. Ich komme vom Heimatverein Verne.\n\nHerzlich\nAnna Meier",
        [("Anna Meier", "Heimatverein Verne")],
    ),
    (
        ANNA,
        "",
        "Statt mir kommt Jan Ott, ebenfalls Blattwerk, jan.ott@blattwerk.example.\n\nAnna Meier\nBlattwerk",
        [("Jan Ott", "Blattwerk")],
    ),
    (
        "A. Meier <a.meier@post.example>",
        "",
        "Hi, it's Anna Meier from Transition Ghent, please put me on the list.",
        [("Anna Meier", "Transition Ghent")],
    ),
    (
        '"Meier, Anna (Blattwerk eG)" <a.meier@blattwerk.example>',
        "",
        "Hallo, ich bin dabei.\n\nGruß\nAnna",
        [("Anna Meier", "Blattwerk eG")],
    ),
    (
        "Anna Meier | Team Solar <a.meier@blattwerk.example>",
        "Anmeldung",
        "Bitte einmal anmelden, danke!",
        [("Anna Meier", "Team Solar")],
    ),
    (
        ANNA,
        "",
        "Wir sind zu dritt: ich, Jan Ott und Eva Lenz, alle drei von der Gesamtschule Delbrück.",
        [("Anna Meier", "Gesamtschule Delbrück"), ("Jan Ott", "Gesamtschule Delbrück"), ("Eva Lenz", "Gesamtschule Delbrück")],
    ),
    (
        ANNA,
        "",
        "we are from Lumen Labs and would like to register: Jan Ott, Eva Lenz, Piotr Nowak.",
        [("Jan Ott", "Lumen Labs"), ("Eva Lenz", "Lumen Labs"), ("Piotr Nowak", "Lumen Labs")],
    ),
    (
        ANNA,
        "",
        "bitte tragen sie mich ein, keine institution, bin nur interessiert\nanna",
        [("Anna Meier", "privat")],
    ),
    (
        ANNA,
        "",
        "Nom : Jeanne Petit\nOrganisme : Ville de Lumeau\nCourriel : j.petit@lumeau.example",
        [("Jeanne Petit", "Ville de Lumeau")],
    ),
    (
        ANNA,
        "",
        "Nombre: Ana Ruiz\nInstitución: Ayuntamiento de Olmo\n",
        [("Ana Ruiz", "Ayuntamiento de Olmo")],
    ),
    (
        ANNA,
        "",
        "Naam: Sanne Bakker\nOrganisatie: Waterschap Noord\nE-mail: s.bakker@noord.example",
        [("Sanne Bakker", "Waterschap Noord")],
    ),
    (
        "anna.meier@post.example",
        "Anmeldung Anna Meier, Kreis Soest",
        "Guten Tag,\nsiehe Betreff.\nDanke",
        [("Anna Meier", "Kreis Soest")],
    ),
    (
        ANNA,
        "",
        "Ich heiße Anna Meier, arbeite zwar bei der Sparkasse Büren, komme aber privat.\n\nAnna Meier\nSparkasse Büren\nFilialleiterin",
        [("Anna Meier", "privat")],
    ),
    (
        ANNA,
        "",
        "Teilnehmende Personen:\n1. Jan Ott, Lohmann & Söhne, jan@ls.example\n2. Eva Lenz, privat, eva@web.example\n3. Prof. Dr. Ute Karg, Hochschule Olpe, karg@ho.example\n\nDanke\nAnna Meier",
        [("Jan Ott", "Lohmann & Söhne"), ("Eva Lenz", "privat"), ("Prof. Dr. Ute Karg", "Hochschule Olpe")],
    ),
    (
        ANNA,
        "",
        "Jan Ott\tStadt Büren\tj@b.example\nEva Lenz\tKreis Soest\te@k.example",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "Kreis Soest")],
    ),
    (
        ANNA,
        "",
        "Ich möchte meine Kollegin Eva Lenz anmelden, sie ist wie ich bei Planwerk Nord.\n\nGruß\nAnna Meier",
        [("Eva Lenz", "Planwerk Nord")],
    ),
    (
        ANNA,
        "",
        "Ich melde mich und meinen Kollegen Jan Ott an (beide Planwerk Nord).\n\nGruß\nAnna Meier",
        [("Anna Meier", "Planwerk Nord"), ("Jan Ott", "Planwerk Nord")],
    ),
    (
        ANNA,
        "",
        "Guten Tag, ich habe von Jan Ott von Ihrer Veranstaltung gehört und möchte teilnehmen. Ich bin bei der Blattwerk eG.\nAnna Meier",
        [("Anna Meier", "Blattwerk eG")],
    ),
    (
        ANNA,
        "",
        "Teilnehmer/in: Jan Ott\nFirma: Ott Dachbau\n\nTeilnehmer/in: Eva Lenz\nFirma: Ott Dachbau\n",
        [("Jan Ott", "Ott Dachbau"), ("Eva Lenz", "Ott Dachbau")],
    ),
    (
        ANNA,
        "",
        "Für unsere Partei, die Grüne Liste Verl, nehmen Jan Ott und ich teil.\n\nAnna Meier\nFraktionsvorsitzende",
        [("Jan Ott", "Grüne Liste Verl"), ("Anna Meier", "Grüne Liste Verl")],
    ),
    (
        ANNA,
        "",
        "Name, Vorname: Ott, Jan\nInstitution: Institut für Wald\nAbteilung: Boden",
        [("Jan Ott", "Institut für Wald")],
    ),
    (
        ANNA,
        "",
        "Jan Ott - Blattwerk\nEva Lenz - Wurzelwerk\nbeide bitte anmelden",
        [("Jan Ott", "Blattwerk"), ("Eva Lenz", "Wurzelwerk")],
    ),
    (
        "vorstand@tv.example",
        "",
        "Hiermit melde ich für den Turnverein Verl unsere 1. Vorsitzende Frau Eva Lenz (eva.lenz@tv.example) an.\n\nMit sportlichem Gruß\nJan Ott\nGeschäftsführer",
        [("Eva Lenz", "Turnverein Verl")],
    ),
    (
        ANNA,
        "",
        "Jan Ott <j.ott@blau.example>, Eva Lenz <e.lenz@blau.example>, beide Blaues Band e.V., bitte anmelden",
        [("Jan Ott", "Blaues Band e.V."), ("Eva Lenz", "Blaues Band e.V.")],
    ),
    (
        ANNA,
        "",
        "JAN OTT\nSTADTWERKE BÜREN\nBITTE ANMELDEN",
        [("JAN OTT", "STADTWERKE BÜREN")],
    ),
    (
        ANNA,
        "",
        "Please register the following colleagues:\n\n1) Jan Ott – Head of Planning – City of Lumeau\n2) Eva Lenz – Planner – City of Lumeau\n\nBest\nAnna Meier",
        [("Jan Ott", "City of Lumeau"), ("Eva Lenz", "City of Lumeau")],
    ),
    (
        ANNA,
        "",
        "Vorname: Jan\nNachname: Ott\nVerein: Rad und Tat\nMail: jan@rad.example",
        [("Jan Ott", "Rad und Tat")],
    ),
    (
        ANNA,
        "",
        "Jan Ott\nStadt Büren\nj@b.example\n\nEva Lenz\nKreis Soest\ne@k.example\n\nbitte beide anmelden, danke!",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "Kreis Soest")],
    ),
    (
        ANNA,
        "Anmeldung",
        "Wir möchten zu viert teilnehmen: Anna Meier, Jan Ott, Eva Lenz und Ute Karg. Wir gehören zur Bürgerinitiative Grünes Tal.",
        [
            ("Anna Meier", "Bürgerinitiative Grünes Tal"),
            ("Jan Ott", "Bürgerinitiative Grünes Tal"),
            ("Eva Lenz", "Bürgerinitiative Grünes Tal"),
            ("Ute Karg", "Bürgerinitiative Grünes Tal"),
        ],
    ),
    (
        ANNA,
        "",
        "Unser Geschäftsführer Jan Ott würde gern teilnehmen. Firma: Ott Haustechnik GmbH\n\nMit freundlichen Grüßen\nAnna Meier\nAssistenz der Geschäftsführung\nOtt Haustechnik GmbH",
        [("Jan Ott", "Ott Haustechnik GmbH")],
    ),
    (
        ANNA,
        "",
        "Ich würde gerne kommen und meine Tochter Lena Meier (17 war sie mal, jetzt 19) mitbringen. Wir kommen privat.",
        [("Anna Meier", "privat"), ("Lena Meier", "privat")],
    ),
    (
        "Otto & Söhne <info@otto-soehne.example>",
        "Klima-Werkstatt",
        "Guten Morgen,\nich nehme teil, Jan Otto von Otto & Söhne.",
        [("Jan Otto", "Otto & Söhne")],
    ),
    (
        ANNA,
        "",
        "Dear all, Ms Eva Lenz from Blue Harbour Trust (eva@bht.example) and I (Anna Meier) will attend.",
        [("Eva Lenz", "Blue Harbour Trust"), ("Anna Meier", "Blue Harbour Trust")],
    ),
    (
        "Familie Ott <ott@web.example>",
        "",
        "Wir, Jan und Eva Ott, melden uns an. Privat.",
        [("Jan Ott", "privat"), ("Eva Ott", "privat")],
    ),
    (
        ANNA,
        "",
        "Anstelle von Herrn Ott nehme ich teil.\n\nAnna Meier\nStadt Büren",
        [("Anna Meier", "Stadt Büren")],
    ),
    (
        ANNA,
        "",
        "Institution: Stadt Büren\n\nTeilnehmende:\nJan Ott\nEva Lenz",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "Stadt Büren")],
    ),
]


@pytest.mark.parametrize(("sender", "subject", "text", "expected"), WHO)
def test_who_takes_part_and_for_whom(sender: str, subject: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Lists, companions, assistants, substitutes and signatures: everybody who takes part once, with the institution said."""
    told = read(text, subject=subject, sender=sender, as_intent=Intent.REGISTRATION)
    assert sorted(p[:2] for p in people(told)) == sorted(expected)


def test_a_companion_without_a_name_is_asked_for() -> None:
    """ "Meine Frau und ich" are two people, one of whom the mail does not name."""
    told = read("Meine Frau und ich nehmen gern teil, beide privat.")
    assert people(told) == [("Anna Meier", "privat", "anna.meier@post.example"), (None, "privat", "anna.meier@post.example")]
    assert told.action is Action.ASK


def test_an_address_belongs_to_whose_name_it_holds() -> None:
    """An address goes to the person whose name it holds, not to the one beside whom it stands."""
    told = read("Bitte melden Sie an: Jan Ott und Eva Lenz, beide Stadt Büren. Mails an eva.lenz@b.example und jan.ott@b.example.")
    assert {p.name: p.email for p in told.participants} == {"Jan Ott": "jan.ott@b.example", "Eva Lenz": "eva.lenz@b.example"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("K.-H. Bee", "Karl-Heinz Bee", True),
        ("Heike", "Heike Bartels", True),
        ("Dr. Anna Meier", "Anna Meier", True),
        ("Christoph Schmitt", "Christoph Schmidt", True),
        ("Anna Meier", "Jan Meier", False),
        ("Anna Meier", "Anna Ott", False),
        ("", "Anna Ott", False),
    ],
)
def test_spellings_of_one_person(one: str, other: str, expected: bool) -> None:
    """Initials, first names, titles and one wrong letter are one person; relatives are two."""
    assert names.same(one, other) is expected


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
    text = "Haben Sie schon den neuen Kalender gesehen?\n\nAnna Berg\nVerein Lippe"
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


ROWS = [
    (
        "Wir kommen alle gern, privat: Anna, Xaver, Ronja und Jan Ott.",
        "Familie Ott <ott@post.example>",
        [("Anna Ott", "privat"), ("Xaver Ott", "privat"), ("Ronja Ott", "privat"), ("Jan Ott", "privat")],
    ),
    (
        "Wir zwei sind dabei, privat.\n\nEva und Jan Ott",
        "Eva und Jan Ott <ott@post.example>",
        [("Eva Ott", "privat"), ("Jan Ott", "privat")],
    ),
    (
        "Für die Stadt Büren nehmen teil:\n\nEva Lenz     e.lenz@b.example\nJan Ott      (ohne eigene Mailadresse)\n"  # noqa: ISC004
        "Ute Karg     u.karg@b.example\n\nViele Grüße\nAnna Meier",
        "Anna Meier <anna.meier@post.example>",
        [("Eva Lenz", "Stadt Büren"), ("Jan Ott", "Stadt Büren"), ("Ute Karg", "Stadt Büren")],
    ),
    (
        "Die Liste:\nOtt;Jan;Stadt Büren;jan.ott@b.example\nLenz;Eva;privat;eva.lenz@p.example\n\nViele Grüße\nAnna Meier",
        "Anna Meier <anna.meier@post.example>",
        [("Jan Ott", "Stadt Büren"), ("Eva Lenz", "privat")],
    ),
    (
        "Aus der Stadtverwaltung Büren nehmen teil:\n\nName | Amt | Mail\nEva Lenz | Tiefbau | e.lenz@b.example\n"  # noqa: ISC004
        "Jan Ott | Hochbau | j.ott@b.example",
        "Anna Meier <anna.meier@post.example>",
        [("Eva Lenz", "Stadtverwaltung Büren"), ("Jan Ott", "Stadtverwaltung Büren")],
    ),
    (
        "Aus unserem Haus kommen Frau Eva Lenz und Frau Lenz' Tochter Ute Karg.\n\nGruß\nAnna Meier\nHaus Birke",
        "Haus Birke <haus@birke.example>",
        [("Eva Lenz", "Haus Birke"), ("Ute Karg", "Haus Birke")],
    ),
]


@pytest.mark.parametrize(("text", "sender", "expected"), ROWS)
def test_rows_of_people(text: str, sender: str, expected: list[tuple[str, str]]) -> None:
    """Families, couples, columns, rows without a head and tables with departments: everybody once, with the institution said."""
    assert [p[:2] for p in people(read(text, sender=sender, as_intent=Intent.REGISTRATION))] == expected


def test_a_subject_without_a_text_names_people() -> None:
    """Where the subject is all there is, it is read like a text."""
    told = read(
        "", subject="Anmeldung: Eva und Jan Ott, privat", sender="Jan Ott <jan.ott@post.example>", as_intent=Intent.REGISTRATION
    )
    assert [p[:2] for p in people(told)] == [("Eva Ott", "privat"), ("Jan Ott", "privat")]


@pytest.mark.parametrize(
    "text",
    [
        "Ich nehme teil, privat. Meine Kollegin Eva Lenz meldet sich selbst an.",
        "Ich nehme teil, privat. Jan Ott hat sich bereits angemeldet.",
        "Jan Ott hat mich auf die Werkstatt hingewiesen. Ich nehme teil, privat.",
        "Ich nehme in Vertretung für Frau Lenz teil, privat.\n\nGruß\nAnna Meier",
        "Ich melde mich an, privat.\n\nViele Grüße\nAnna Meier\nStiftung Delta\nVorstand: Jan Ott, Eva Lenz",
    ],
)
def test_who_is_only_mentioned_does_not_take_part(text: str) -> None:
    """Who registers on their own, told of the event, is replaced or stands in a footer is no participant."""
    assert [p.name for p in read(text, as_intent=Intent.REGISTRATION).participants] == ["Anna Meier"]


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        (
            "Die Stadt Büren nimmt mit einer Person teil, der Name folgt.\n\nMit freundlichen Grüßen\ni. V. Meier",
            "Stadt Büren <i@b.example>",
        ),
        ("Ich nehme teil.\n\nMfG\nder Ortsvorsteher", "Ortsvorsteher Verne <verne@post.example>"),
    ],
)
def test_a_name_that_is_not_said_is_asked_for(text: str, sender: str) -> None:
    """A name to follow later, and a function with its place, leave the name open."""
    told = read(text, sender=sender, as_intent=Intent.REGISTRATION)
    assert [p.name for p in told.participants] == [None]
    assert told.action is Action.ASK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Ich komme für die Fraktion "Grüne Mitte".\n\nAnna Meier', "Fraktion Grüne Mitte"),
        ("Ich nehme für die Lohmann Systems teil.\n\nAnna Meier\nLohmann Systems GmbH", "Lohmann Systems GmbH"),
        ("Ich melde mich an.\n\nViele Grüße\nAnna Meier\nBielefeld", None),
    ],
)
def test_institutions_are_given_in_full(text: str, expected: str | None) -> None:
    """With the word before quotation marks and with the legal form of the signature; a town below a name is none."""
    assert [p.institution for p in read(text, as_intent=Intent.REGISTRATION).participants] == [expected]


@pytest.mark.parametrize(
    "sender",
    ["Hausmeister <hausmeister@kita-regenbogen.example>", "Ortsheimatpfleger Scharmede <heimat@scharmede.example>"],
)
def test_the_mailbox_or_the_place_of_an_institution_is_no_name(sender: str) -> None:
    """A role mailbox registers nobody by name: the bot asks who comes."""
    text = "Ich möchte bei der Klima-Werkstatt mitmachen, für die Heimatfreunde Scharmede."
    assert all(name is None for name, _, _ in people(read(text, subject="Anmeldung", sender=sender)))


def test_an_empty_cell_is_no_institution() -> None:
    """What a table leaves open is asked for, and no other cell slips into its place."""
    rows = "Name;Institution;Mail\nAnna Meier;Verein Lippe;anna@lippe.example\nJan Ott;;jan@post.example"
    told = read(f"Guten Tag, ich melde uns an:\n\n{rows}", subject="Klima-Werkstatt: Anmeldung")
    assert people(told) == [("Anna Meier", "Verein Lippe", "anna@lippe.example"), ("Jan Ott", None, "jan@post.example")]
    assert told.action is Action.ASK


@pytest.mark.parametrize(
    "text",
    [
        "I am Anna Meier from Blue Fern, please register us, me and my director.",
        "Bitte melden Sie Anna Meier, Verein Lippe, an und noch jemand aus dem Vorstand.",
    ],
)
def test_whom_nobody_names_is_asked_for(text: str) -> None:
    """Somebody comes along, but who is not said."""
    assert read(text, subject="Klima-Werkstatt").action is Action.ASK


@pytest.mark.parametrize("name", ["Emil Kröger (9)", "Emil Kröger (17)", "Emil Kröger, 12,"])
def test_a_child_by_its_age_is_for_a_human(name: str) -> None:
    """An age below eighteen behind a name (LABELS rule 7); a number of persons is none."""
    text = "Ich melde {} und mich zur Klima-Werkstatt an. Anna Meier, Verein Lippe"
    assert read(text.format(name)).action is Action.REVIEW
    assert read(text.format("Emil Kröger (27)")).action is not Action.REVIEW


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Landrat Dr. Jan Ott", "Dr. Jan Ott"),
        ("Jan Ott M.Sc.", "Jan Ott"),
        ("Jan Ott, M.A.", "Jan Ott"),
        ("Jan Ott MdL", "Jan Ott"),
        ("Pater Jan Ott", "Pater Jan Ott"),
        ("Jan M. A. Ott", "Jan M. A. Ott"),
    ],
)
def test_an_office_and_a_degree_behind_are_no_part_of_a_name(given: str, name: str) -> None:
    """Who somebody is at work, and a degree or mandate behind a name, are not what they are called."""
    assert names.clean_name(given) == name


@pytest.mark.parametrize(
    ("given", "house"),
    [
        ("keine, privat", "privat"),
        ("none / private", "privat"),
        ("Verein Lippe, privat", "Verein Lippe, privat"),
    ],
)
def test_no_institution_but_privat(given: str, house: str) -> None:
    """A field that says twice that there is none; not one that names one."""
    assert houses.institution_or_private(given) == house


def test_our_own_address_is_nobodys() -> None:
    """An invitation copied without marks holds the mailbox's address: it is no participant's."""
    text = "Ich bin dabei, privat. Anna Meier\n\nAnmeldung bitte an anmeldung@klima.example"
    assert people(read(text, subject="Klima-Werkstatt", sender=ANNA)) == [("Anna Meier", "privat", "anna.meier@post.example")]


def test_running_text_of_another_language_is_no_institution() -> None:
    """Where nothing was learnt of a language, a whole sentence must not become somebody's institution."""
    text = "Dzień dobry,\nchciałabym wziąć udział w warsztatach klimatycznych 11 marca. Proszę o rejestrację.\nZofia Nowak"
    told = read(text, subject="Klima-Werkstatt", sender="Zofia Nowak <zofia@post.example>")
    assert {p.institution for p in told.participants} <= {None}
