"""Letter → ``OutgoingMail``: text, HTML, links, calendar file and headers, as bytes that are never rendered again.

The only door to Jinja2. Never evaluates what a participant wrote, never sends, never reads a clock. Upstream: ``decide``
(letters); downstream: ``store`` (outbox) and ``smtp``.
"""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.domain.decision import Calendar, Letter, LinkWord, Nature
from mailbot.domain.letters import LETTERS
from mailbot.domain.mail import OutgoingMail
from mailbot.errors import TemplateError
from mailbot.render import clean, context, examples, ics, links, mime
from mailbot.render.language import Language
from mailbot.settings import Event, Mailbox, Settings
from mailbot.understand import lexicon

__all__ = ["Preview", "Renderer"]

_BUILT_IN = ("de", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A rendered mail with example data; ``content`` is the whole mail."""

    subject: str
    text: str
    html: str
    content: bytes


class Renderer:
    """Renders letters. Own templates are compiled when it is made; raises TemplateError (file, line, what to do)."""

    def __init__(self, settings: Settings, *, lexicon: links.Lexicon = lexicon.link) -> None:
        self._settings = settings
        self._lexicon = lexicon
        self._override = override = settings.templates.path
        if override is not None and not override.is_dir():
            raise TemplateError([f"templates.path: there is no folder {override}"], remedy="make it, or remove the key")
        codes = dict.fromkeys((*settings.organiser.languages, *_BUILT_IN))
        zone = settings.organiser.timezone
        self._languages = {code: Language(code, override, zone) for code in codes}
        self._common: dict[tuple[str, str | None, str, bool], dict[str, object]] = {}
        for code in codes:
            for name in _own_templates(override, code) & set(LETTERS):
                self._languages[code].source_of(name)

    def render(self, letter: Letter, *, mailbox: Mailbox, now: datetime) -> OutgoingMail:
        """Render one letter that comes from this mailbox. ``now`` is aware: it is the mail's Date."""
        subject, text, html = self._parts(letter, mailbox)
        to = mime.ascii_address(letter.to)
        message_id = _message_id(letter, to, mailbox, now)
        headers = self._headers(letter, mailbox, to, subject, message_id, now)
        content = mime.build(headers, text, html, self._attachments(letter, mailbox, now), message_id)
        return OutgoingMail(
            message_id=message_id,
            envelope_from=_envelope(letter, mailbox),
            to=to,
            content=content,
            template=letter.template,
            nature=letter.nature.value,
            event=letter.event,
            not_before=letter.not_before,
        )

    def preview(self, template: str, language: str, now: datetime) -> Preview:
        """Render a letter with example data; raises TemplateError when there is no such letter or language."""
        if template not in LETTERS or language not in self._languages:
            raise TemplateError(
                [f"there is no template '{template}' in the language '{language}'"], remedy="names: " + ", ".join(sorted(LETTERS))
            )
        letter = examples.letter(template, language, self._settings, now)
        mailbox = self._settings.mailboxes[0]
        subject, text, html = self._parts(letter, mailbox)
        return Preview(subject=subject, text=text, html=html, content=self.render(letter, mailbox=mailbox, now=now).content)

    def check(self, now: datetime = examples.NOW) -> list[str]:
        """Render every template in every language with example data and give what is wrong, as sentences."""
        problems = [
            _stray(name) for code in self._languages for name in sorted(_own_templates(self._override, code) - set(LETTERS))
        ]
        for template in LETTERS:
            for code in self._languages:
                try:
                    self.preview(template, code, now)
                except TemplateError as error:
                    problems.extend(error.problems)
        return list(dict.fromkeys(problems))

    def _language(self, code: str) -> Language:
        return self._languages.get(code) or self._languages[self._settings.organiser.languages[0]]

    def _parts(self, letter: Letter, mailbox: Mailbox) -> tuple[str, str, str]:
        language = self._language(letter.language)
        shared = self._shared(letter, mailbox, language)
        made = [links.make(letter, mailbox.address, link.word, link.tag, self._lexicon) for link in letter.links]
        tag = links.unsubscribe_tag(letter)
        leave = links.make(letter, mailbox.address, LinkWord.UNSUBSCRIBE, tag, self._lexicon) if tag else None
        own = context.letter_part(letter, made, leave)
        subject, text, html = language.render(letter.template, {**shared, **own})
        return subject + (f" [#{letter.tag}]" if letter.tag_in_subject else ""), text, html

    def _shared(self, letter: Letter, mailbox: Mailbox, language: Language) -> dict[str, object]:
        join = context.sees_join_url(letter)
        key = (mailbox.id, letter.event, language.code, join)
        if key not in self._common:
            event = self._settings.event(letter.event)
            self._common[key] = context.shared(self._settings, mailbox, event, language, join=join)
        return self._common[key]

    def _headers(self, letter: Letter, mailbox: Mailbox, to: str, subject: str, message_id: str, now: datetime) -> bytes:
        date = format_datetime(now.astimezone(ZoneInfo(self._settings.organiser.timezone)))
        answer = letter.answers
        own = mime.ascii_address(mailbox.address)
        replied = answer is not None or letter.nature is Nature.ANSWER
        automatic = "auto-replied" if replied else "auto-generated"  # RFC 3834 §5
        fixed = (
            f"Date: {date}\r\nMessage-ID: {message_id}\r\nAuto-Submitted: {automatic}\r\n"
            f"X-Auto-Response-Suppress: OOF, NRN, AutoReply, RN\r\nX-Loop: {own}\r\n"
        )
        made = [
            mime.mailbox("From", self._settings.smtp.sender_name or self._settings.organiser.name, own),
            mime.mailbox("To", letter.name or "", to),
            mime.unstructured("Subject", subject),
            fixed.encode(),
        ]
        if answer is not None:  # RFC 5322 §3.6.4
            made.append(mime.ids("In-Reply-To", [answer.message_id]))
            made.append(mime.ids("References", [*answer.references[-20:], answer.message_id]))
        if tag := links.unsubscribe_tag(letter):  # RFC 2369 §3.2
            made.append(f"List-Unsubscribe: <mailto:{own}?subject=unsubscribe:{tag}>\r\n".encode())
        return b"".join(made)

    def _attachments(self, letter: Letter, mailbox: Mailbox, now: datetime) -> Sequence[mime.Part]:
        parts = [
            mime.Part(filename=a.filename, content_type=_safe_type(a.content_type), content=a.content) for a in letter.attachments
        ]
        event = self._settings.event(letter.event)
        kind = context.calendar(letter)
        if kind is None or event is None:
            return parts
        return [self._calendar(letter, kind, event, mailbox, now), *parts]

    def _calendar(self, letter: Letter, kind: Calendar, event: Event, mailbox: Mailbox, now: datetime) -> mime.Part:
        language = self._language(letter.language)
        seen = self._shared(letter, mailbox, language)["event"]
        assert isinstance(seen, context.EventView)
        join_url = seen.join_url if kind is Calendar.PUBLISH else ""
        entry = ics.Entry(
            event=event.id,
            title=seen.title,
            starts=event.starts,
            ends=event.ends,
            zone=event.timezone,
            location=seen.location or join_url,
            url=join_url,
            organiser=(self._settings.organiser.name, mailbox.address),
            language=language.code,
        )
        names = [clean.name(str(person.get("name", ""))) for person in context.seated(letter)]
        content = ics.render(entry, kind, uid=ics.uid(event.id, letter.to, names), now=now)
        content_type = f"text/calendar; method={kind.value.upper()}; charset=utf-8"
        return mime.Part(filename=f"{event.id}.ics", content_type=content_type, content=content)


def _own_templates(override: Path | None, language: str) -> set[str]:
    return {path.stem for folder in (override, override / language) for path in folder.glob("[!_]*.j2")} if override else set()


def _stray(name: str) -> str:
    near = difflib.get_close_matches(name, LETTERS, 1)
    hint = f"did you mean {near[0]}.j2?" if near else "it is never used"
    return f"templates.path: no letter is named {name}.j2: {hint}"


def _safe_type(content_type: str) -> str:
    plain = content_type.isascii() and content_type.replace("/", "").replace("-", "").isalnum()
    return content_type if plain else "application/octet-stream"


def _envelope(letter: Letter, mailbox: Mailbox) -> str:
    """Where bounces go: to the mailbox, with the tag where its provider can; never to <> (DESIGN section 3)."""
    local, _, domain = mime.ascii_address(mailbox.address).rpartition("@")
    return f"{local}+{letter.tag}@{domain}" if mailbox.plus_addressing else f"{local}@{domain}"


def _message_id(letter: Letter, to: str, mailbox: Mailbox, now: datetime) -> str:
    """Give an id that brings the letter's tag back in In-Reply-To, and is another one for another mail."""
    seed = f"{letter.template}\0{letter.event}\0{to}\0{now.isoformat()}"
    domain = mime.ascii_address(mailbox.address).rpartition("@")[2]
    return f"<{letter.tag}.{hashlib.sha256(seed.encode()).hexdigest()[:10]}@{domain}>"
