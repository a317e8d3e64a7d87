"""The demo's stage: its servers, its configuration, its clock, and what can be seen of the bot from outside.

Everything is asked over SMTP and IMAP or of the store's listings; nothing here knows how the pipeline works. Upstream: ``script``.
"""

import smtplib
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, parseaddr
from pathlib import Path

from mailbot import roster
from mailbot.config import load
from mailbot.demo import mails
from mailbot.demo.mails import BOT, REPLIES, Sample
from mailbot.demo.servers import LOOPBACK, PASSWORD, Sent, Servers
from mailbot.demo.show import Row, Show, parse
from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail
from mailbot.imap import ImapMailbox
from mailbot.pipeline import Read, read
from mailbot.roster import Consent
from mailbot.service import Service, clock
from mailbot.settings import Settings
from mailbot.store import Store
from mailbot.traces import Traces

EVENT = "klima-werkstatt"
BEFORE = timedelta(days=42)  # from now till the event
_CONFIG = """
[organiser]
name = "Büro Stadtraum"
contact = "kontakt@stadtraum.example"
postal_address = "Musterweg 1, 30159 Hannover"
holidays = "DE-NW"

[controller]
name = "Stadt Salzkotten"
address = "Marktstraße 8, 33154 Salzkotten"
email = "info@salzkotten.example"

[privacy]
notice_url = "https://stadtraum.example/datenschutz"
data_protection_officer = "datenschutz@stadtraum.example"
supervisory_authority = "Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen"

[mailbox]
address = "{bot}"
host = "{host}"
port = {imap}
security = "none"
password = "{password}"
poll_seconds = 5

[smtp]
host = "{host}"
port = {smtp}
security = "none"
sender_name = "Anmeldung Klima-Werkstatt"

[store]
url = "sqlite:///mailbot.db"

[[events]]
id = "{event}"
title = {{ de = "Klima-Werkstatt der Stadt Salzkotten", en = "Climate workshop of Salzkotten" }}
starts = {day}T18:00:00
ends = {day}T20:30:00
location = "online"
join_url = "https://video.example/j/123456789"
conference = {{ provider = "Videodienst GmbH", country = "DE" }}
capacity = 80
keywords = ["Klima-Werkstatt", "Klimawerkstatt", "climate workshop"]
"""


@dataclass
class Clock:
    """The demo's time: it can jump to the day after the event."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Give the time, aware, UTC."""
        return clock() + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found: how often in how many bytes, and in how many mails of how many."""

    size: int
    in_files: int
    mails: int
    in_mails: int

    def __str__(self) -> str:
        return f"{self.in_files} times in {self.size:,} bytes of the store's files, and in {self.in_mails} of {self.mails} mails"


@dataclass
class Stage:
    """What one run of the demo works with; ``came`` are the bytes of all mails that arrived, by Message-ID."""

    show: Show
    servers: Servers
    settings: Settings
    folder: Path
    clock: Clock
    service: Service
    came: dict[str, bytes] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    status: int = 0

    def subscribe(self, people: Iterable[str]) -> None:
        """Import people who have asked for information mails, each with the proof of their consent (GDPR Art. 7 (1))."""
        rows = []
        for name, address in map(parseaddr, people):
            at = self.clock() - timedelta(days=90)
            rows.append(Consent(email=address, name=name, at=at, text="Ja, ich möchte Informationsmails.", source="Postkarte"))
        with self.service.opened() as pipeline:
            roster.subscribe(pipeline, rows, self.clock())

    def arrive(self, samples: Iterable[Sample]) -> list[str]:
        """Let mails arrive over SMTP; gives their Message-IDs."""
        ids = []
        for sample in samples:
            message_id = f"<demo-{len(self.came) + 1}@post.example>"
            content = mails.build(sample, message_id, format_datetime(self.clock()), subject=self._leave(sample))
            self._hand_over(sample.envelope_from, content, message_id)
            ids.append(message_id)
        return ids

    def _leave(self, sample: Sample) -> str:
        """A provider's unsubscribe carries the subject that our own List-Unsubscribe header told it."""
        if sample.headers.get("Auto-Submitted") != "auto-generated":
            return ""
        for mail in reversed(self._to(parseaddr(sample.sender)[1])):
            if link := parse(mail.content)["List-Unsubscribe"]:
                return urllib.parse.unquote(str(link).partition("subject=")[2].rstrip(">"))
        return ""

    def answer_questions(self) -> list[str]:
        """Let people reply to the bot's last mail to them; gives the replies' Message-IDs."""
        ids = []
        for sender, text in REPLIES:
            address = parseaddr(sender)[1]
            message_id = f"<demo-reply-{len(self.came) + 1}@post.example>"
            asked = self._to(address)
            if asked:
                question = parse(asked[-1].content)
                self._hand_over(address, mails.reply(question, sender, text, message_id, format_datetime(self.clock())), message_id)
                ids.append(message_id)
        return ids

    def _to(self, address: str) -> list[Sent]:
        return [mail for mail in self.servers.outgoing if mail.to == address]

    def _hand_over(self, envelope_from: str, content: bytes, message_id: str) -> None:
        with smtplib.SMTP(LOOPBACK, self.servers.smtp_port, local_hostname="demo.example") as client:
            client.sendmail(envelope_from, [BOT], content, mail_options=["BODY=8BITMIME"])
        self.came[message_id] = content

    def run(self) -> None:
        """Do ``mailbot run --once``: the real service, the real protocols."""
        self.status |= self.service.run_once()

    def let_a_human_decide(self) -> int:
        """Do what a human does in their own mail program: move what waits in Review to Ignore; gives how many mails."""
        with self._mailbox() as imap:
            imap.select(imap.name(Folder.REVIEW))
            waiting = imap.uids()
            imap.move(waiting, Folder.IGNORE)
        return len(waiting)

    def rows(self, ids: Sequence[str], numbers: Sequence[str]) -> Iterator[Row]:
        """Give what is to be seen of these mails."""
        places = self._places()
        answers = [parse(mail.content) for mail in self.servers.outgoing]
        for message_id, number in zip(ids, numbers, strict=True):
            content = self.came[message_id]
            understood = read(content, self.settings, self.clock())
            yield Row(
                number=number,
                sender=understood.mail.sender.name or understood.mail.sender.email if understood.mail.sender else "",
                subject=understood.mail.subject,
                understood=_understood(understood),
                why=_why(understood),
                folder=places.get(message_id, "erased with the data of its sender"),
                answers=tuple(str(a["Subject"]) for a in answers if a["In-Reply-To"] == message_id),
            )

    def _places(self) -> dict[str, str]:
        with self._mailbox() as imap:
            found = {}
            for name in imap.all_folders():
                imap.select(name)
                found.update(dict.fromkeys(imap.message_ids(imap.uids()).values(), name))
        return found

    @contextmanager
    def _mailbox(self) -> Iterator[ImapMailbox]:
        mailbox = self.settings.mailboxes[0]
        with ImapMailbox.connect(mailbox, self.settings.folders, password=PASSWORD) as imap:
            yield imap

    def note_people(self) -> None:
        """Remember everybody: the store's participants, who wrote, and whom the mails in the mailbox name."""
        with Store.open(self.settings) as store:
            people = {(p.email, p.name or "") for p in store.participants()}
        for raw in self._everything():
            found = read(raw.content, self.settings, raw.received_at)
            people |= {(sender.email, sender.name) for sender in found.mail.senders}
            people |= {(p.email or "", p.name or "") for p in found.understanding.participants}
        self.addresses = {email for email, _ in people if email and email not in {BOT, self.settings.organiser.contact}}
        self.names = {name for _, name in people if " " in name}

    def search(self) -> Found:
        """Search every byte of the store's files, and every mail of every folder, for everybody."""
        traces = Traces.of(self.addresses, self.names)
        needles = {value.lower().encode() for value in self.addresses | self.names}
        files = [path.read_bytes().lower() for path in self.folder.iterdir() if path.name != "config.toml"]
        mails_ = [traces.in_mail(raw.content) for raw in self._everything()]
        in_files = sum(content.count(needle) for content in files for needle in needles)
        return Found(size=sum(map(len, files)), in_files=in_files, mails=len(mails_), in_mails=sum(mails_))

    def _everything(self) -> Iterator[RawMail]:
        with self._mailbox() as imap:
            for name in imap.all_folders():
                imap.select(name)
                yield from imap.fetch(imap.heads(imap.uids()), self.settings.limits.max_mail_bytes)


def configure(folder: Path, servers: Servers, now: datetime) -> Settings:
    """Write the demo's configuration and read it as any other."""
    path = folder / "config.toml"
    values = {"bot": BOT, "host": LOOPBACK, "imap": servers.imap_port, "smtp": servers.smtp_port, "password": PASSWORD}
    path.write_text(_CONFIG.format(**values, event=EVENT, day=(now + BEFORE).date()), encoding="utf-8")
    return load(path)


def _understood(found: Read) -> str:
    meant = found.understanding
    kinds = ", ".join(kind.value for kind in meant.request_kinds)
    words = meant.intent.value.replace("_", " ") + (f" ({kinds})" if kinds else "")
    return f"{words}, {meant.confidence:.0%}"


def _why(found: Read) -> str:
    reasons = dict.fromkeys(reason.text for reason in found.understanding.reasons) or dict.fromkeys(found.screening.reasons)
    return "; ".join(list(reasons)[:2])
