"""What every intent shares: the ``Case`` that it decides and the ``Plan`` that collects what follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from mailbot.domain.decision import (
    Calendar,
    Change,
    Decision,
    Folder,
    GrantToken,
    InReplyTo,
    Letter,
    Link,
    LinkWord,
    MarkInformed,
    Nature,
)
from mailbot.domain.facts import Facts, Registration, Token
from mailbot.domain.mail import Attachment, IncomingMail, fold_address
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus
from mailbot.domain.understanding import Screening, Understanding
from mailbot.settings import Event, Mailbox, Settings

TOKEN_LIFE = timedelta(days=7)
ACTIVE = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING)


class Ids(Protocol):
    """Where ids and tags come from: randomness is handed in."""

    def new_id(self) -> str:
        """Give a new row id."""

    def tag(self, word: str) -> str:
        """Give a new token tag that starts with a short event word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mail to decide. ``forced``: a human moved it to a folder, so its understanding is not to be doubted."""

    mail: IncomingMail
    screening: Screening
    understanding: Understanding
    facts: Facts
    settings: Settings
    mailbox: Mailbox
    now: datetime
    ids: Ids
    forced: bool = False

    @property
    def sender(self) -> str:
        """The sender's address as written; every intent is only asked when there is exactly one."""
        assert self.mail.sender is not None
        return self.mail.sender.email

    @property
    def language(self) -> str:
        """The sender's language if we write it, else our default."""
        known = self.settings.organiser.languages
        return self.understanding.language if self.understanding.language in known else known[0]

    def token(self, purpose: Purpose, action: str | None = None) -> Token | None:
        """The first usable token of this purpose (and action) that the mail carries."""
        found = (t for t in self.facts.tokens if t.usable and t.purpose is purpose and action in {None, t.action})
        return next(found, None)

    @property
    def principal(self) -> str:
        """Whose wish it is: the address whose token the mail carries, else the sender's (DESIGN section 6)."""
        return next((t.address for t in self.facts.tokens if t.usable), self.sender)

    def event(self) -> Event | None:
        """The event that the mail is about: by token, by name, by the sender's only registration, or the only one there is."""
        by_token = [t.event for t in self.facts.tokens if t.event]
        mine = {r.event for r in self.facts.registered(self.principal) if r.status is not RegistrationStatus.CANCELLED}
        for ids in (by_token[:1], list(self.understanding.events), sorted(mine), [e.id for e in self.settings.events]):
            if len(ids) == 1:
                return self.settings.event(ids[0])
        return None

    def active(self, event: Event | None) -> tuple[Registration, ...]:
        """The principal's rows that hold or wait for a seat."""
        rows = self.facts.registered(self.principal, event.id if event else None)
        return tuple(r for r in rows if r.status in ACTIVE)


@dataclass(slots=True)
class Plan:
    """Collects changes and letters of one decision; local to one ``decide`` call."""

    case: Case
    changes: list[Change] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def change(self, *changes: Change) -> None:
        """Add changes in the order in which they are to be applied."""
        self.changes.extend(changes)

    def grant(self, purpose: Purpose, to: str, event: str | None, action: str = "", data: Mapping[str, str] | None = None) -> str:
        """Make a token for this person and give its tag."""
        word = (event or "mailbot").split("-")[0][:12]
        tag = self.case.ids.tag("".join(c for c in word if c.isalpha()) or "event")
        expires = self.case.now + TOKEN_LIFE if purpose in {Purpose.YES, Purpose.UNDO} else None
        self.change(
            GrantToken(tag=tag, purpose=purpose, address=to, event=event, action=action, data=data or {}, expires_at=expires)
        )
        return tag

    def letter(
        self,
        template: str,
        *,
        to: str | None = None,
        name: str | None = None,
        language: str | None = None,
        event: str | None = None,
        nature: Nature = Nature.ANSWER,
        links: Sequence[LinkWord] = (),
        purpose: Purpose = Purpose.THREAD,
        action: str = "",
        data: Mapping[str, str] | None = None,
        calendar: Calendar | None = None,
        informs: bool = False,
        attachments: tuple[Attachment, ...] = (),
        more: Mapping[str, object] | None = None,
        **values: object,
    ) -> None:
        """Add a letter with its token; ``informs`` asks for the Art. 13/14 block if the person was never told."""
        case = self.case
        receiver = to or case.sender
        answer = fold_address(receiver) == fold_address(case.sender) and nature in {Nature.ANSWER, Nature.RIGHTS}
        tag = self.grant(purpose, receiver, event, action, data)
        made = tuple(Link(word=word, tag=self._link_tag(word, tag, purpose, receiver, event)) for word in links)
        tell = informs and fold_address(receiver) not in case.facts.informed
        if tell:
            self.change(MarkInformed(email=receiver, notice_version=case.settings.privacy.notice_version))
        self.letters.append(
            Letter(
                template=template,
                to=receiver,
                name=name or (case.mail.sender.name if answer and case.mail.sender else None) or None,
                language=language or case.language,
                nature=nature,
                tag=tag,
                event=event,
                tag_in_subject=purpose in {Purpose.YES, Purpose.UNDO},
                answers=self._answers() if answer else None,
                links=made,
                calendar=calendar,
                attachments=attachments,
                informs=tell,
                not_before=self._not_before(receiver, nature),
                values={**values, **(more or {})},
            )
        )

    def _link_tag(self, word: LinkWord, tag: str, purpose: Purpose, to: str, event: str | None) -> str | None:
        if word is LinkWord.UNSUBSCRIBE:
            return self.grant(Purpose.UNSUBSCRIBE, to, event)
        if word in {LinkWord.YES, LinkWord.NO, LinkWord.UNDO}:
            return tag
        return tag if purpose is Purpose.THREAD else None

    def _answers(self) -> InReplyTo | None:
        mail = self.case.mail
        if not mail.message_id:
            return None
        return InReplyTo(message_id=mail.message_id, references=mail.references, subject=mail.subject)

    def _not_before(self, to: str, nature: Nature) -> datetime | None:
        limit = self.case.settings.limits.per_address_per_day  # RFC 3834 §2, DESIGN I3
        over = self.case.facts.sent_today.get(fold_address(to), 0) >= limit
        return self.case.now + timedelta(days=1) if over and nature is Nature.ANSWER else None

    def done(self, *reasons: str) -> Decision:
        """Carry it out and file the mail under Done."""
        return self._decision(Outcome.DONE, Folder.DONE, reasons)

    def review(self, *reasons: str) -> Decision:
        """Hand it to a human, with whatever was safe to do already."""
        return self._decision(Outcome.REVIEW, Folder.REVIEW, reasons)

    def _decision(self, outcome: Outcome, filing: Folder, reasons: Sequence[str]) -> Decision:
        return Decision(
            outcome=outcome,
            filing=filing,
            changes=tuple(self.changes),
            letters=tuple(self.letters),
            reasons=(*self.reasons, *reasons),
        )


def fold_name(name: str | None) -> str:
    """The form in which two spellings of one name are equal."""
    return " ".join((name or "").casefold().split())


def as_people(rows: Sequence[Registration]) -> list[dict[str, str]]:
    """Give rows in the form that the templates take."""
    return [{"name": r.name or "", "institution": r.institution or "", "email": r.email, "status": r.status.value} for r in rows]


def same_person(rows: Sequence[Registration], names: Sequence[str]) -> tuple[Registration, ...]:
    """Those of the rows that one of the names means: folded alike, or all words of one within the other."""
    wanted = [set(fold_name(n).split()) for n in names if n]
    return tuple(r for r in rows if any(_alike(w, set(fold_name(r.name).split())) for w in wanted))


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)
