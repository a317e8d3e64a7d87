"""A small world for flow tests: a mailbox on a real Dovecot, a real SMTP sink, a configuration, and people who write mails."""

import contextlib
import email
import email.header
import email.policy
import itertools
import json
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from imapclient import IMAPClient

from mailbot.config import load
from mailbot.service import Service
from mailbot.store import Store

BOT = "anmeldung@klima.example"
CONTACT = "kontakt@stadtraum.example"
NOW = datetime.now(UTC).replace(microsecond=0)  # the program's own clock must agree in a subprocess
DAY = (NOW + timedelta(days=40)).date()
AFTER = NOW + timedelta(days=42)
NUMBERS = itertools.count(1)
CONFIG = """
[organiser]
name = "Büro Stadtraum"
contact = "{contact}"
postal_address = "Musterweg 1, 30159 Hannover"
{organiser}

[privacy]
notice_url = "https://stadtraum.example/datenschutz"
data_protection_officer = "datenschutz@stadtraum.example"
supervisory_authority = "Landesbeauftragte für Datenschutz"
{privacy}

[mailbox]
address = "{bot}"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "{user}"
password = "secret"
{mailbox}

[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender_name = "Anmeldung Klima-Werkstatt"

[store]
url = "{store}"
{more}

[[events]]
id = "klima-werkstatt"
title = "Klima-Werkstatt der Stadt Salzkotten"
starts = {day}T18:00:00
ends = {day}T20:30:00
location = "online"
join_url = "https://video.example/j/123456789"
keywords = ["Klima-Werkstatt", "Klimawerkstatt"]
{event}
"""


def write(text, sender, subject="Klima-Werkstatt", **headers):
    """Give a mail's bytes as a person's mail program would send it."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = BOT
    mail["Subject"] = subject
    mail["Date"] = format_datetime(NOW)
    mail["Message-ID"] = f"<mail-{next(NUMBERS)}@post.example>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(textwrap.dedent(text).strip() + "\n")
    return mail.as_bytes(policy=email.policy.SMTP)


class World:
    """One mailbox, one SMTP server, one store."""

    def __init__(self, dovecot, sink, folder, user, **more):
        self.dovecot, self.sink, self.folder, self.user = dovecot, sink, folder, user
        self.path = folder / "config.toml"
        self.now = NOW
        self.configure(**more)

    def configure(self, **more):
        """Write the configuration anew; ``more`` adds lines to its sections."""
        values = {"organiser": "", "privacy": "", "mailbox": "", "event": "", "more": "", "store": "sqlite:///mailbot.db", **more}
        values = {
            "bot": BOT,
            "day": DAY,
            "contact": CONTACT,
            "imap": self.dovecot.port,
            "smtp": self.sink.port,
            "user": self.user,
            **values,
        }
        self.path.write_text(CONFIG.format(**values), encoding="utf-8")

    @property
    def settings(self):
        """The configuration as mailbot reads it."""
        return load(self.path)

    def client(self):
        """Connect as the mailbox's owner with another mail program."""
        client = IMAPClient("127.0.0.1", self.dovecot.port, ssl=False)
        client.login(self.user, "secret")
        return client

    def deliver(self, *mails, folder="INBOX", at=None):
        """Let mails arrive."""
        with self.client() as client:
            for mail in mails:
                client.append(folder, mail, msg_time=at or self.now)

    def arrive(self, text, sender, subject="Klima-Werkstatt", **headers):
        """Let one mail arrive; gives its bytes."""
        mail = write(text, sender, subject, **headers)
        self.deliver(mail)
        return mail

    def run(self, now=None):
        """Do ``run --once`` in this process at this time; gives the exit status."""
        self.now = now or self.now
        return Service(self.settings, now=lambda: self.now).run_once()

    def cli(self, *words, check=None, **options):
        """Run the program as a person would; gives the finished process."""
        command = [sys.executable, "-m", "mailbot", "--config", str(self.path), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, **options)
        if check is not None:
            assert done.returncode == check, done.stderr
        return done

    def json(self, *words):
        """Run a listing with ``--json``."""
        return json.loads(self.cli(*words, "--json", check=0).stdout)

    def answers(self, to=None):
        """Give what the SMTP server took (for one receiver), parsed by the standard library."""
        parsed = [email.message_from_bytes(t.content, policy=email.policy.default) for t in self.sink.taken]
        return [m for m in parsed if to is None or m["To"].addresses[0].addr_spec == to]

    def sent(self, to=None):
        """Give the template of each mail that the SMTP server took (for one receiver), in order."""
        with contextlib.closing(sqlite3.connect(self.folder / "mailbot.db")) as db:
            templates = dict(db.execute("SELECT message_id, template FROM outbox"))
        return [templates.get(answer["Message-ID"], "erased") for answer in self.answers(to)]

    def folders(self):
        """Give the mailbox's folders with the subjects of their mails."""
        found = {}
        with self.client() as client:
            for flags, _, name in client.list_folders():
                if b"\\Noselect" in flags:
                    continue
                client.select_folder(name, readonly=True)
                answer = client.fetch(client.search(), ["ENVELOPE"])
                found[name] = [
                    str(email.header.make_header(email.header.decode_header((v[b"ENVELOPE"].subject or b"").decode())))
                    for v in answer.values()
                ]
        return {name: subjects for name, subjects in found.items() if subjects}

    def participants(self):
        """Give name → status."""
        with Store.open(self.settings) as store:
            return {r.name: r.status.value for r in store.participants()}

    def reply(self, answer, text, sender, subject=None):
        """Write back to one of mailbot's mails as a mail program does."""
        headers = {"In_Reply_To": answer["Message-ID"], "References": answer["Message-ID"]}
        return self.arrive(text, sender, subject or f"Re: {answer['Subject']}", **headers)


def body(message):
    """Give a mail's plain text."""
    return message.get_body(("plain",)).get_content()
