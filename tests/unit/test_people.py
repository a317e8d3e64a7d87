"""Who shall take part: names, institutions and addresses from forms, lists, sentences, signatures and headers."""

import pytest

from mailbot.domain.understanding import Action
from mailbot.understand import names
from tests.unit.understanding import people, read

ANNA = "Anna Meier <anna.meier@post.example>"
Rows = list[tuple[str | None, str | None, str | None]]

# sender, subject, text, participants
MAILS: list[tuple[str, str, str, Rows]] = [
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag,\n\ngerne würde ich an der Klima-Werkstatt teilnehmen.\n\nViele Grüße\nAnna Meier\nStadt Büren",
        [("Anna Meier", "Stadt Büren", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Hallo,\nich möchte mich zur Klima-Werkstatt anmelden. Ich komme privat.\nAnna Meier",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "bitte einen Platz für mich, danke! Anna Meier, Landfrauenverein Thüle",
        [("Anna Meier", "Landfrauenverein Thüle", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Sehr geehrte Damen und Herren,\nhiermit melde ich folgende Personen an:\n1. Jan Ott, Kreis Paderborn, jan.ott@kreis.example\n2. Eva Lenz, Kreis Paderborn, eva.lenz@kreis.example\nMit freundlichen Grüßen\nAnna Meier",
        [("Jan Ott", "Kreis Paderborn", "jan.ott@kreis.example"), ("Eva Lenz", "Kreis Paderborn", "eva.lenz@kreis.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Klima-Werkstatt",
        "Ich nehme teil.\nAnna Meier, privat",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Bin am 11. März dabei.\n\nGruß\nAnna Meier (privat)",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Zusage\n\nAnna Meier\nBUND Ortsgruppe Delbrück",
        [("Anna Meier", "BUND Ortsgruppe Delbrück", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, wir würden gerne mit zwei Personen teilnehmen: Anna Meier und Bernd Meier, beide privat.",
        [("Anna Meier", "privat", "anna.meier@post.example"), ("Bernd Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Ich melde mich und meinen Mann Bernd Meier für den 11.03. an, wir kommen als Privatpersonen.\nAnna Meier",
        [("Anna Meier", "privat", "anna.meier@post.example"), ("Bernd Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Bitte melden Sie meine Kollegin Ruth Sander (ruth.sander@amt.example) zur Klima-Werkstatt an. Wir sind vom Umweltamt Detmold.\n\nViele Grüße\nAnna Meier",
        [("Ruth Sander", "Umweltamt Detmold", "ruth.sander@amt.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Könnten Sie mich bitte für die Veranstaltung vormerken? Ich arbeite bei der Sparkasse Hellweg.\nAnna Meier",
        [("Anna Meier", "Sparkasse Hellweg", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Name: Anna Meier\nInstitution: privat\nE-Mail: a.meier@gmx.de",
        [("Anna Meier", "privat", "a.meier@gmx.de")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Vorname: Anna\nNachname: Meier\nOrganisation: Heimatverein Ahden\nMail: anna.meier@post.example\n\nIch möchte teilnehmen.",
        [("Anna Meier", "Heimatverein Ahden", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Liebes Team,\n\ndas klingt spannend, ich bin gern mit von der Partie!\n\nHerzliche Grüße\nAnna Meier\nKlimaschutzmanagerin\nGemeinde Hövelhof",
        [("Anna Meier", "Gemeinde Hövelhof", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Hiermit bestätige ich meine Teilnahme an der Klima-Werkstatt.\n\nAnna Meier\nTechnische Universität Hamm",
        [("Anna Meier", "Technische Universität Hamm", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Ich heiße Anna Meier und vertrete den Seniorenbeirat Verl. Bitte nehmen Sie mich in die Teilnehmerliste auf.",
        [("Anna Meier", "Seniorenbeirat Verl", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, bitte senden Sie mir die Zugangsdaten zur Klima-Werkstatt. Ich nehme als Privatperson teil.\nAnna Meier",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Klima-Werkstatt",
        "Anmeldung\n\nJan Ott\nOtt Gartenbau GmbH\nj.ott@ott.example",
        [("Jan Ott", "Ott Gartenbau GmbH", "j.ott@ott.example")],
    ),
    (
        "Verein <anna.meier@post.example>",
        "",
        "Wir kommen zu dritt: Jan Ott, Eva Lenz und Ute Karg, alle vom Turnverein Salzkotten.",
        [
            ("Jan Ott", "Turnverein Salzkotten", "anna.meier@post.example"),
            ("Eva Lenz", "Turnverein Salzkotten", "anna.meier@post.example"),
            ("Ute Karg", "Turnverein Salzkotten", "anna.meier@post.example"),
        ],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Im Auftrag von Herrn Dr. Jan Ott (Stadtwerke Lippstadt, ott@swl.example) melde ich ihn zur Klima-Werkstatt an.\n\nAnna Meier\nSekretariat",
        [("Dr. Jan Ott", "Stadtwerke Lippstadt", "ott@swl.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, ich habe Interesse an der Klima-Werkstatt und würde mich freuen, teilnehmen zu können. Institution: NABU Paderborn\nMfG Anna Meier",
        [("Anna Meier", "NABU Paderborn", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Bitte Anmeldung für Klima-Werkstatt, Anna Meier, Büro Grünplan, danke",
        [("Anna Meier", "Büro Grünplan", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Sehr geehrte Frau Schulze,\nvielen Dank für die Einladung, der ich gern folge.\nMit freundlichen Grüßen\nAnna Meier\nLandschaftsverband Ostwestfalen",
        [("Anna Meier", "Landschaftsverband Ostwestfalen", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Hi,\n\nplease sign me up for the Klima-Werkstatt on 11 March. I'm attending privately.\n\nAnna Meier",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Please register Jan Ott and Eva Lenz from the University of Leeds.\nBest\nAnna Meier",
        [
            ("Jan Ott", "University of Leeds", "anna.meier@post.example"),
            ("Eva Lenz", "University of Leeds", "anna.meier@post.example"),
        ],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Count me in! Anna Meier, Transition Town Network",
        [("Anna Meier", "Transition Town Network", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Re: Invitation: Klima-Werkstatt",
        "I'll be there. Anna Meier (private)",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "My name is Anna Meier, I am with the Thames Rivers Trust and I'd love to join the event.",
        [("Anna Meier", "Thames Rivers Trust", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "AW: Rückfrage [#klima-ab23cd45ef]",
        "Institution: Stadt Büren",
        [("Anna Meier", "Stadt Büren", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "AW: Rückfrage zu Ihrer Anmeldung [#klima-ab23cd45ef]",
        "Stadt Büren",
        [("Anna Meier", "Stadt Büren", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "AW: Rückfrage zu Ihrer Anmeldung [#klima-ab23cd45ef]",
        "Ich nehme als Privatperson teil.",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Ute Karg <ute@karg.example>",
        "",
        "Liebe Veranstalter,\nwir, die Bürgerinitiative Grüne Lunge, möchten mit zwei Leuten teilnehmen: Ute Karg (ute@karg.example) und Jan Ott (jan@ott.example).\nViele Grüße\nUte Karg",
        [
            ("Ute Karg", "Bürgerinitiative Grüne Lunge", "ute@karg.example"),
            ("Jan Ott", "Bürgerinitiative Grüne Lunge", "jan@ott.example"),
        ],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Klar komm ich! Anna Meier, Jugendzentrum Ost",
        [("Anna Meier", "Jugendzentrum Ost", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Klima-Werkstatt",
        "Hallo, ich hätte Interesse. Anna Meier, privat",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, bitte merken Sie mich für den 11. März vor. Anna Meier - Architekturbüro Sonne",
        [("Anna Meier", "Architekturbüro Sonne", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Teilnahmemeldung: Anna Meier / Kreis Höxter / anna.meier@post.example",
        [("Anna Meier", "Kreis Höxter", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Ich, Anna Meier, Lehrerin am Gymnasium Lippe, möchte teilnehmen.",
        [("Anna Meier", "Gymnasium Lippe", "anna.meier@post.example")],
    ),
    (
        "Office <anna.meier@post.example>",
        "",
        "We are two: Jan Ott and Eva Lenz. Both from Utrecht University. Please register us.",
        [
            ("Jan Ott", "Utrecht University", "anna.meier@post.example"),
            ("Eva Lenz", "Utrecht University", "anna.meier@post.example"),
        ],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Hallo liebes Stadtraum-Team,\n\nvielen Dank für die Einladung zur Klima-Werkstatt! Sehr gerne bin ich mit dabei.\n\nViele Grüße aus Bielefeld\nAnna Meier\n\n--\nAnna Meier | Referentin für Klimaanpassung\nBezirksregierung Ostwestfalen\nLeopoldstr. 15, 32756 Detmold\nTel. 05231 71-0",
        [("Anna Meier", "Bezirksregierung Ostwestfalen", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, Anna Meier von den Stadtwerken Soest hier. Ich hätte gern einen Platz in der Werkstatt.",
        [("Anna Meier", "Stadtwerken Soest", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Sehr geehrte Damen und Herren,\n\nbitte registrieren Sie für die Klima-Werkstatt am 11. März 2027:\n\nName: Meier, Anna\nBehörde: Kreis Lippe, FB Umwelt\nMail: a.meier@kreis-lippe.example\nTelefon: 05231 621\n\nMit freundlichen Grüßen\ni. A. Jan Ott",
        [("Anna Meier", "Kreis Lippe, FB Umwelt", "a.meier@kreis-lippe.example")],
    ),
    (
        "Buchhaltung <info@firma.example>",
        "",
        "Hiermit möchten wir folgende Mitarbeitende zur Klima-Werkstatt anmelden:\n\n• Ute Karg (ute.karg@firma.example)\n• Jan Ott (jan.ott@firma.example)\n\nFirma Holzbau Nord GmbH",
        [("Ute Karg", "Holzbau Nord GmbH", "ute.karg@firma.example"), ("Jan Ott", "Holzbau Nord GmbH", "jan.ott@firma.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Ich nehme mit meiner Kollegin Ute Karg teil. Wir kommen beide vom Institut für Wald und Boden.\n\nGrüße\nAnna Meier",
        [
            ("Anna Meier", "Institut für Wald und Boden", "anna.meier@post.example"),
            ("Ute Karg", "Institut für Wald und Boden", "anna.meier@post.example"),
        ],
    ),
    (
        "Kirchenkreis <info@kk.example>",
        "",
        "Der Kirchenkreis Herford meldet Pfarrerin Ute Karg an (karg@kk.example).",
        [("Pfarrerin Ute Karg", "Kirchenkreis Herford", "karg@kk.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Dear organisers,\n\nI am writing to register for the Klima-Werkstatt on 11 March.\n\nName: Dr Anna Meier\nInstitution: University of Bergen\nEmail: anna.meier@uib.example\n\nBest wishes,\nAnna",
        [("Dr Anna Meier", "University of Bergen", "anna.meier@uib.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Hi there! Sounds great, sign me and my colleague Tom Hill up please. We're both at Riverside Council.\n\nAnna Meier",
        [
            ("Anna Meier", "Riverside Council", "anna.meier@post.example"),
            ("Tom Hill", "Riverside Council", "anna.meier@post.example"),
        ],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "I'd like to participate as a private citizen. Anna Meier",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Please add the following person to your list of participants: Tom Hill, Hill Architects, tom@hill.example. Kind regards, Anna Meier",
        [("Tom Hill", "Hill Architects", "tom@hill.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Re: Einladung: Klima-Werkstatt",
        "Ja, ich möchte gern teilnehmen (privat).",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "Klima-Werkstatt",
        "ANMELDUNG\nAnna Meier\nPRIVAT",
        [("Anna Meier", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Guten Tag, meine Nachbarin Ute Karg hat kein Internet und möchte gern teilnehmen. Bitte tragen Sie sie ein, privat, Mails an mich. Anna Meier",
        [("Ute Karg", "privat", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Ich bestätige hiermit meine Teilnahme am 11.03. Anna Meier (Bund der Landjugend)",
        [("Anna Meier", "Bund der Landjugend", "anna.meier@post.example")],
    ),
    (
        "Anna Meier <anna.meier@post.example>",
        "",
        "Bitte für uns zwei Plätze: Anna Meier und Bernd Meier, Privatpersonen.",
        [("Anna Meier", "privat", "anna.meier@post.example"), ("Bernd Meier", "privat", "anna.meier@post.example")],
    ),
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
