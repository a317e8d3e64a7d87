"""The text that the sender wrote: what is cut away in which mail program's form, and what must stay."""

import time
from email.message import EmailMessage

import pytest

from mailbot.understand.html import readable
from tests.unit.understanding import BOT, read, read_bytes

QUOTED = "Guten Tag,\n\nmöchten Sie sich abmelden? Löschen Sie Ihre Daten.\n\nBüro Stadtraum"
MARKED = "\n".join(f"> {line}" for line in QUOTED.splitlines())
FORMS = {
    "gmail": f"Am Di., 9. Feb. 2027 um 09:00 Uhr schrieb Anmeldung <\nanmeldung@klima.example>:\n\n{MARKED}",
    "thunderbird": f"Am 09.02.27 um 09:00 schrieb Anmeldung:\n{MARKED}",
    "without colon": f"Am 09.02.27 um 09:00 schrieb Anmeldung\n\n{QUOTED}",
    "english": f"On Tue, Feb 9, 2027 at 9:05 AM Anmeldung <anmeldung@klima.example> wrote:\n\n{MARKED}",
    "outlook": f"Von: Anmeldung <anmeldung@klima.example>\nGesendet: Dienstag, 9. Februar 2027 09:00\nAn: Meier\nBetreff: Neues\n\n{QUOTED}",
    "outlook with rule": f"{'_' * 32}\nFrom: Anmeldung <a@klima.example>\nSent: Tuesday, 9 February 2027\nTo: Meier\nSubject: News\n\n{QUOTED}",
    "bold headers": f"*Von:* Anmeldung\n*Gesendet:* Dienstag, 9. Februar 2027\n*An:* Meier\n*Betreff:* Neues\n\n{QUOTED}",
    "gmx": f'Gesendet: Dienstag, 9. Februar 2027 um 09:00 Uhr\nVon: "Anmeldung" <a@klima.example>\nAn: a@post.example\nBetreff: Neues\n\n{QUOTED}',
    "t-online": f"-----Original-Nachricht-----\nBetreff: Neues\nDatum: 2027-02-09\nVon: Anmeldung\nAn: Meier\n\n{QUOTED}",
    "divider": f"-----Ursprüngliche Nachricht-----\nVon: Anmeldung\nGesendet: gestern\nAn: Meier\n\n{QUOTED}",
    "original message": f"-------- Original Message --------\nFrom: Anmeldung\nSubject: News\n\n{QUOTED}",
    "proton": f"Am Dienstag, 9. Februar 2027, Anmeldung <a@klima.example> schrieb:\n\n{MARKED}",
    "yahoo": f"Anmeldung hat am Dienstag geschrieben\n{MARKED}",
    "forwarded": f"-------- Weitergeleitete Nachricht --------\nBetreff: Neues\nVon: Anmeldung\n\n{QUOTED}",
}


@pytest.mark.parametrize("form", [f for f in FORMS if f != "yahoo"])
def test_quoted_history_is_cut(form: str) -> None:
    """What stood there before is no word of the sender's, in every mail program's form."""
    assert read(f"Ich komme gern.\n\n{FORMS[form]}").own_text == "Ich komme gern."


@pytest.mark.parametrize("form", ["gmail", "thunderbird", "english", "proton"])
def test_an_answer_below_the_quote_stays(form: str) -> None:
    """Bottom-posting: what stands below marked history is the sender's."""
    assert read(f"{FORMS[form]}\n\nIch komme gern.").own_text == "Ich komme gern."


def test_answers_between_quotes_stay() -> None:
    """Inline answers are kept, the questions above them are not."""
    understood = read(
        "Am 3.2.27 um 9:00 schrieb Anmeldung:\n> Wie heißen Sie?\n\nAnna Meier\n\n> Welche Institution?\n\nStadt Büren\n"
    )
    assert understood.own_text.split("\n\n") == ["Anna Meier", "Stadt Büren"]


@pytest.mark.parametrize(
    "text",
    [
        "Von: Frau Meier habe ich gehört, dass es noch Plätze gibt.",
        "Am Montag schrieb mir Frau Meier: kommen Sie doch!",
        "Am 9.2. um 9:00 schrieb ich Ihnen schon einmal.\n\nIch komme gern.",
        "Wir sind zwei:\n- Anna Meier\n- Jan Ott",
    ],
    ids=["from in prose", "attribution without a date", "sentence with a date", "list"],
)
def test_prose_is_no_quote(text: str) -> None:
    """A sentence that begins like a heading, and a list, are the sender's words."""
    assert read(text).own_text == text


@pytest.mark.parametrize(
    "tail",
    [
        "Von meinem iPhone gesendet",
        "Sent from my iPad",
        "Outlook für Android<https://aka.ms/x> beziehen",
        "Gesendet mit der Mail App",
        "-- \nStadt Büren\nBitte löschen Sie diese E-Mail.",
        "Mit freundlichen Grüßen\nAnna Meier",
        "Diese E-Mail enthält vertrauliche Informationen. Löschen Sie diese E-Mail mit allen Daten, wenn Sie nicht der richtige Adressat sind.",
        "This e-mail and any attachments are confidential. If you received it in error, delete it.",
        "Keine Infomails mehr? Antworten Sie mit „abmelden“.",
    ],
)
def test_what_is_below_the_text_does_not_count(tail: str) -> None:
    """Tag lines, signatures, disclaimers and our own footer are no words of the sender's; each is kept with its reason."""
    understood = read(f"Ich komme gern.\n\n{tail}")
    assert understood.own_text == "Ich komme gern."
    assert understood.removed


def test_a_postscript_below_the_signature_counts() -> None:
    """A wish in a postscript is not lost with the signature."""
    assert read(
        "Vielen Dank für das Gespräch.\n\n-- \nAnna Meier\nStadt Büren\n\nPS: Zur Klima-Werkstatt komme ich auch!"
    ).own_text.endswith("komme ich auch!")


def test_a_banner_above_the_text_does_not_count() -> None:
    """The warning that a mail server puts above a mail is cut away."""
    assert read("CAUTION: This email originated from outside. Do not click links.\n\nI will attend.").own_text == "I will attend."


def _html(body: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Anna Meier <anna.meier@post.example>", BOT, "Klima-Werkstatt"
    mail.set_content(body, subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "font-size:0",
        "font-size:0px;color:#fff",
        "visibility:hidden",
        "opacity:0",
        "mso-hide:all",
        "color:#ffffff",
        "max-height:0",
    ],
)
def test_hidden_text_does_not_count(style: str) -> None:
    """What a reader does not see changes nothing."""
    understood = read_bytes(_html(f'<p>Ich komme gern.</p><div style="{style}">Löschen Sie alle meine Daten</div>'))
    assert understood.own_text == "Ich komme gern."


def test_an_html_quote_is_cut() -> None:
    """A quoted container is no word of the sender's."""
    body = '<div>Ich komme gern.</div><div class="gmail_quote"><blockquote class="gmail_quote">Abmelden?</blockquote></div>'
    assert read_bytes(_html(body)).own_text == "Ich komme gern."


def test_tables_stay_readable() -> None:
    """A table's cells stay apart, so that a form can be read."""
    assert readable("<table><tr><td>Name</td><td>Anna Meier</td></tr></table>").text.split() == ["Name", "Anna", "Meier"]


@pytest.mark.parametrize("html", ["", "<", "<p", "<div>" * 5000, "<!doctype>", "\0<b>x"])
def test_broken_html_gives_a_text(html: str) -> None:
    """Whatever stands there, nothing is raised."""
    assert isinstance(readable(html).text, str)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 50_000,
        "Von:\n" * 50_000,
        "Von: x\n" * 50_000,
        "> " * 50_000,
        "-" * 100_000,
        "a@" * 50_000,
        "Am 1.1. schrieb\n" * 20_000,
        "melde mich " * 10_000,
        "nicht " * 20_000,
        "Name: " * 20_000,
        "(" * 50_000,
        "statt " * 20_000,
    ],
    ids=lambda text: text[:10].strip() or "empty",
)
def test_no_text_takes_long(text: str) -> None:
    """Fifty thousand lines of anything are done within a second of CPU: every pattern is linear or bounded."""
    begin = time.process_time()
    read_bytes(f"From: a@post.example\nTo: {BOT}\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode())
    assert time.process_time() - begin < 1
