"""What is read of one mail before it is judged: its own words, the evidence in them, language, tokens, what surrounds it.

Upstream: ``text``, ``evidence``, ``tokens``; downstream: ``reading``.
"""

from dataclasses import dataclass

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.understanding import Participant
from mailbot.settings import Event, Settings
from mailbot.understand.events import event_names
from mailbot.understand.evidence import SUBJECT, Findings, Reader, reader
from mailbot.understand.language import language
from mailbot.understand.lexicon import Lexicons, lexicons
from mailbot.understand.normal import fold, visible
from mailbot.understand.people import People
from mailbot.understand.text import OwnText, own_text
from mailbot.understand.tokens import tags
from mailbot.understand.wishes import Context

_OURS = frozenset({"context_mailing", "context_registered", "context_invitation"})  # which kind of mail of ours is answered
_FEW_WORDS = 14
_HISTORY = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything that was read of one mail."""

    mail: IncomingMail
    own: OwnText
    subject: str
    prefix: str
    found: Findings
    tags: tuple[str, ...]
    language: str
    words: int
    related: bool
    tied: bool  # it names an event or answers a mail of ours

    @property
    def removed(self) -> tuple[tuple[str, str], ...]:
        """What does not count, with the reason; the subject of a reply or a forwarded mail is another mail's."""
        before = ((f"subject of a {self.prefix}", self.mail.subject),) if self.prefix else ()
        return (*before, *self.own.removed)


def gather(mail: IncomingMail, settings: Settings, known: Lexicons, *, wishes: bool = True) -> Gathered:
    """Read a mail as far as that needs no judgement; ``wishes``: and what speaks for them, which no machine has."""
    own = own_text(mail, known)
    prefix, subject = _subject(mail.subject, known)
    reader_ = _reader(settings.events)
    read = reader_.read if wishes else reader_.named
    found = read(own.text, into=read(subject if not prefix else "", SUBJECT))
    words = [w.text for s in found.sentences for w in s.words]
    spoken = language(words, own.text, known) or language((fold(w) for w in own.signature.split()), "", known)
    domains = frozenset(m.address.partition("@")[2].lower() for m in settings.mailboxes)
    found_tags = tags(mail, own.quoted, domains)
    token = _brings_token(mail, found_tags)
    return Gathered(
        mail=mail,
        own=own,
        subject=subject,
        prefix=prefix,
        found=found,
        tags=found_tags,
        language=spoken or language((fold(w) for w in subject.split()), subject, known) or settings.organiser.languages[0],
        words=len(own.text.split()),
        related=found.named or _addressed(mail, settings) or token,
        tied=bool(found.events)
        or token
        or _threaded(mail, domains)
        or (bool(prefix) and _ours(f"{subject}\n\n{own.quoted[:_HISTORY]}", settings)),
    )


def _addressed(mail: IncomingMail, settings: Settings) -> bool:
    """Whether the mail was sent to a mailbox of ours; a mail to other people that reached us may have nothing to do with us."""
    ours = {fold_address(m.address) for m in settings.mailboxes}
    return any(_without_tag(a.key) in ours for a in mail.recipients)


def _ours(history: str, settings: Settings) -> bool:
    """Whether the mail that is answered or forwarded names an event or a mailbox of ours."""
    named = _reader(settings.events).named(history).events
    return bool(named) or any(m.address.casefold() in history.casefold() for m in settings.mailboxes)


def _threaded(mail: IncomingMail, domains: frozenset[str]) -> bool:
    """Whether a Message-ID of our domain is answered."""
    return any(m.rstrip(">").rpartition("@")[2].lower() in domains for m in (*mail.in_reply_to, *mail.references))


def _brings_token(mail: IncomingMail, found_tags: tuple[str, ...]) -> bool:
    """Whether the subject or the threading headers bring a token of ours back; a word in quoted text may look like one."""
    threads = " ".join((*mail.in_reply_to, *mail.references)).lower()
    return any(f"[#{tag}]" in mail.subject.lower() or tag in threads for tag in found_tags)


def _without_tag(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


_latest: list[tuple[tuple[Event, ...], Reader]] = []


def _reader(events: tuple[Event, ...]) -> Reader:
    """The reader for these events; the last one is kept with its events, as comparing them would cost more than a look."""
    if not _latest or _latest[0][0] is not events:
        known = lexicons()
        _latest[:] = [(events, reader(known, event_names(events, known)))]
    return _latest[0][1]


def _subject(text: str, known: Lexicons) -> tuple[str, str]:
    """Part "Re:", "WG:" from a subject: prefix "reply", "forward" or "", and the rest."""
    reply, forward = frozenset(known.text("reply")), frozenset(known.text("forward"))
    prefix, rest = "", visible(text).strip()
    for _ in range(6):
        head, colon, tail = rest.partition(":")
        key = fold(head.strip().rstrip("0123456789[]"))
        if not colon or key not in reply | forward:
            break
        prefix = prefix or ("reply" if key in reply else "forward")
        rest = tail.strip()
    return prefix, rest


def surroundings(read: Gathered, listed: bool, who: People | None, known: Lexicons, settings: Settings) -> Context:
    """What surrounds the words; ``listed``: people stand in form lines, ``who``: the people, where they were looked for already."""
    quoted = Findings()
    if read.found.all("bare_leave", "yes"):  # only then does it matter which mail of ours is answered
        history = f"{read.own.quoted[:_HISTORY]}\n\n{read.subject if read.prefix else ''}"
        quoted = _reader(settings.events).read(history, only=_OURS)
    return Context(
        token=bool(read.tags),
        forward=read.prefix == "forward" or read.own.forwarded,
        to_mailing=bool(quoted.plain("context_mailing")),
        to_registration=bool(quoted.plain("context_registered")),
        to_invitation=_invites(read, quoted),
        foreign=read.language not in known.by_language,
        form=listed,
        replaced=who is not None and bool(who.leaving) and any(p.name for p in who.participants),
        completed=who is not None and _completed(read, who),
        words=read.words + len(read.subject.split()),
        text_words=read.words,
    )


def _invites(read: Gathered, quoted: Findings) -> bool:
    """Whether an invitation is answered, not a question of ours: that one has its tag in the subject."""
    asked = any(f"[#{tag}]" in read.mail.subject.lower() for tag in read.tags)
    invites = quoted.all("context_invitation") and not quoted.plain("context_registered")
    return bool(read.prefix == "reply" and invites and not asked)


def _completed(read: Gathered, who: People) -> bool:
    """A short reply with our token that gives a name, an institution or "privat"."""
    first = who.participants[0] if who.participants else Participant()
    said = {fold(w.strip(".,;:!()")) for w in read.own.text.split()}
    house = {fold(w) for w in (first.institution or "").split()}
    named = said & (house | {fold(w) for w in (first.name or "").split()})
    return bool(read.tags and named and read.words <= _FEW_WORDS and not read.found.questions)
