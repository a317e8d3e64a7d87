# ruff: noqa: E501 - mails and lists of words are data: one line as one reads it
"""Sixteen mails as they really come, for the demo: fictitious people, German and English. Only text, no logic but ``build``.

``REPLIES`` is what people write back to questions of the bot. Upstream: ``script``.
"""

import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

BOT = "anmeldung@klima.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One mail: ``label`` says in two words what it shows; ``headers`` are added as they stand.

    ``bounced``: it comes from nobody, so that nothing ever answers it (RFC 5321 §4.5.5).
    """

    label: str
    sender: str
    subject: str
    text: str
    headers: Mapping[str, str]
    bounced: bool = False

    @property
    def envelope_from(self) -> str:
        """The sender that the SMTP server is told."""
        return "" if self.bounced else parseaddr(self.sender)[1]


def _sample(label: str, sender: str, subject: str, text: str, *, bounced: bool = False, **headers: str) -> Sample:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sample(label=label, sender=sender, subject=subject, text=text, headers=named, bounced=bounced)


FIRST = (
    _sample(
        "registration (de)",
        "Mara Lindholm <mara.lindholm@biostation.example>",
        "Anmeldung zur Klima-Werkstatt",
        "Guten Tag,\n\nhiermit melde ich mich zur Klima-Werkstatt an.\n\n"
        "Name: Mara Lindholm\nInstitution: Biologische Station Alme\nE-Mail: mara.lindholm@biostation.example\n\nViele Grüße\nMara Lindholm\n",
    ),
    _sample(
        "registration (en)",
        "Tom Ashdown <tom.ashdown@mail.example>",
        "Climate workshop registration",
        "Hello,\n\nI would like to register for the Klima-Werkstatt.\nName: Tom Ashdown\nInstitution: private\n\nBest regards\nTom Ashdown\n",
    ),
    _sample(
        "institution missing",
        "Jonas Petri <jonas.petri@post.example>",
        "Anmeldung",
        "Guten Tag,\n\nich möchte mich gerne zur Klima-Werkstatt anmelden.\n\nMein Name ist Jonas Petri.\n",
    ),
    _sample(
        "three people",
        "Ilka Sommer <ilka.sommer@gartenverein.example>",
        "Anmeldung für drei Personen",
        "Guten Tag,\n\nbitte melden Sie uns zur Klima-Werkstatt an:\n\n"
        "1. Ilka Sommer, Gartenverein Sonnenhang, ilka.sommer@gartenverein.example\n"
        "2. Peer Ostmann, Gartenverein Sonnenhang, peer.ostmann@gartenverein.example\n"
        "3. Wiebke Tamm, privat, wiebke.tamm@post.example\n\nMit freundlichen Grüßen\nIlka Sommer\n",
    ),
    _sample(
        "by phone, no key word",
        "Rolf Brandis <rolf.brandis@post.example>",
        "Klima-Werkstatt",
        "bin dabei, privat. Rolf Brandis\n\nVon meinem iPhone gesendet\n",
    ),
    _sample(
        "unclear",
        "Uwe Kern <uwe.kern@post.example>",
        "Re:",
        "Ja nein, also wie besprochen dann eher doch so. Gruß Uwe\n",
    ),
    _sample(
        "out of office",
        "Petra Vogt <petra.vogt@amt.example>",
        "Automatische Antwort: Ihre Anmeldung",
        "Ich bin bis zum 15. nicht im Büro und lese keine E-Mails.\n",
        Auto_Submitted="auto-replied",
    ),
    _sample(
        "bounce",
        "MAILER-DAEMON@mx.example",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.\n\nYour message could not be delivered.\n<nobody@post.example>: 550 5.1.1 user unknown\n",
        Auto_Submitted="auto-replied",
        bounced=True,
    ),
)
SECOND = (
    _sample(
        "cancellation",
        "Tom Ashdown <tom.ashdown@mail.example>",
        "Cannot make it",
        "Hello,\n\nunfortunately I have to cancel my registration for the Klima-Werkstatt.\n\nTom Ashdown\n",
    ),
    _sample(
        "substitution",
        "Rolf Brandis <rolf.brandis@post.example>",
        "Klima-Werkstatt: Vertretung",
        "Guten Tag,\n\nich kann leider nicht zur Klima-Werkstatt kommen. An meiner Stelle nimmt meine Frau teil:\n\n"
        "Name: Greta Brandis\nInstitution: privat\nE-Mail: greta.brandis@post.example\n\nViele Grüße\nRolf Brandis\n",
    ),
    _sample(
        "unsubscribe",
        "Ilka Sommer <ilka.sommer@gartenverein.example>",
        "Newsletter",
        "Bitte nehmen Sie mich aus dem Verteiler.\n",
    ),
    _sample(
        "provider's unsubscribe",
        "Wiebke Tamm <wiebke.tamm@post.example>",
        "unsubscribe",
        "",
        Auto_Submitted="auto-generated",
    ),
    _sample(
        "right: access",
        "Mara Lindholm <mara.lindholm@biostation.example>",
        "Auskunft nach Art. 15 DSGVO",
        "Guten Tag,\n\nbitte erteilen Sie mir Auskunft nach Art. 15 DSGVO über die Daten, die Sie zu meiner Person gespeichert haben.\n\nMara Lindholm\n",
    ),
    _sample(
        "rights: rectification",
        "Peer Ostmann <peer.ostmann@gartenverein.example>",
        "Berichtigung meines Namens",
        "Guten Tag,\n\nbitte berichtigen Sie meinen Namen: statt Peer Ostmann muss es Peer Ostmann-Wieland heißen.\n\nPeer Ostmann-Wieland\n",
    ),
    _sample(
        "rights: portability, objection",
        "Ilka Sommer <ilka.sommer@gartenverein.example>",
        "Meine Rechte nach Art. 20 und 21 DSGVO",
        "Guten Tag,\n\nich verlange nach Art. 20 DSGVO die Herausgabe meiner Daten in einem maschinenlesbaren Format. Außerdem lege "
        "ich nach Art. 21 DSGVO Widerspruch gegen die Nutzung meiner Daten für Informationsmails ein.\n\nIlka Sommer\n",
    ),
    _sample(
        "right: erasure",
        "Greta Brandis <greta.brandis@post.example>",
        "Löschung meiner Daten",
        "Guten Tag,\n\nbitte löschen Sie alle meine Daten nach Art. 17 DSGVO.\n\nGreta Brandis\n",
    ),
)


SUBSCRIBERS = ("Ilka Sommer <ilka.sommer@gartenverein.example>", "Wiebke Tamm <wiebke.tamm@post.example>")
REPLIES = (  # to a question of the bot: who, and what they write above the quoted question
    ("Jonas Petri <jonas.petri@post.example>", "Ich komme privat.\n\nJonas Petri\n"),
    ("Peer Ostmann <peer.ostmann@gartenverein.example>", "Ja, bitte.\n\nPeer Ostmann\n"),
    ("Greta Brandis <greta.brandis@post.example>", "Ja, bitte löschen.\n\nGreta Brandis\n"),
)


def build(sample: Sample, message_id: str, date: str, *, subject: str = "") -> bytes:
    """Give the mail's bytes (RFC 5322)."""
    mail = EmailMessage()
    mail["From"] = sample.sender
    mail["To"] = BOT
    mail["Subject"] = subject or sample.subject
    mail["Date"] = date
    mail["Message-ID"] = message_id
    for name, value in sample.headers.items():
        mail[name] = value
    mail.set_content(sample.text)
    return mail.as_bytes(policy=email.policy.SMTP)


def reply(question: EmailMessage, sender: str, text: str, message_id: str, date: str) -> bytes:
    """Give the bytes of an answer as mail programs write it: the question quoted below, its Message-ID in the header."""
    body = question.get_body(("plain",))
    quoted = body.get_content() if body is not None else ""
    below = f"\n{question['Date']} {question['From']}:\n" + "".join(f"> {line}\n" for line in quoted.splitlines())
    headers = {"In-Reply-To": str(question["Message-ID"]), "References": str(question["Message-ID"])}
    answer = Sample(label="", sender=sender, subject=f"Re: {question['Subject']}", text=text + below, headers=headers)
    return build(answer, message_id, date)
