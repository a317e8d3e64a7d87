"""What follows from a case: changes, letters and reasons are collected here and become one ``Decision``. Pure.

A letter goes to the sender, to an address on record or to a person whom the mail names; never to anybody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.domain.decision import (
    AddRegistration,
    Calendar,
    Change,
    ChangeRegistration,
    Decision,
    ErasePerson,
    Folder,
    GrantToken,
    InReplyTo,
    Letter,
    Link,
    LinkWord,
    MarkInformed,
    Nature,
    SetSubscription,
    UseToken,
)
from mailbot.domain.facts import Registration, Seats
from mailbot.domain.mail import Attachment, fold_address
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus
from mailbot.intents.base import ACTIVE, Case

TOKEN_LIFE = timedelta(days=7)
UNLIMITED = 10**9
_ANSWERS = (Nature.ANSWER, Nature.RIGHTS)
_SINGLE_USE = (Purpose.YES, Purpose.UNDO)


@dataclass(slots=True)
class Plan:
    """Collects one decision; local to one ``decide`` call.

    ``last`` holds changes that must come after all others (an erasure). ``freed`` names events where a seat became
    free, ``taken`` counts seats taken (or given up: below zero) by this very mail.
    """

    case: Case
    changes: list[Change] = field(default_factory=list)
    last: list[Change] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    human: list[str] = field(default_factory=list)
    freed: set[str] = field(default_factory=set)
    taken: dict[str, int] = field(default_factory=dict)

    def change(self, *changes: Change) -> None:
        """Add changes in the order in which they are to be applied."""
        self.changes.extend(changes)

    def note(self, reason: str) -> None:
        """Say what was done, for whoever reads the ledger; holds no personal values."""
        self.reasons.append(reason)

    def hand_over(self, reason: str) -> None:
        """Let a human see the mail too, beside what was safe to do; the reason holds no personal values."""
        if reason not in self.human:
            self.human.append(reason)

    def seat(self, event: str, number: int) -> None:
        """Count seats that this mail takes or, below zero, gives up."""
        self.taken[event] = self.taken.get(event, 0) + number
        if number < 0:
            self.freed.add(event)

    def touched(self, row: Registration) -> bool:
        """Whether this very mail decided about the row already: its status, or its erasure."""
        changed = any(isinstance(c, ChangeRegistration) and c.id == row.id and c.status is not None for c in self.changes)
        erased = [c for c in self.last if isinstance(c, ErasePerson)]
        key = fold_address(row.email)
        return changed or any(row.id in e.registration_ids or (e.whole_address and fold_address(e.address) == key) for e in erased)

    def free_seats(self, event: str) -> int:
        """How many seats the event has left after what this mail did; below zero when an undo went over the capacity."""
        configured = self.case.settings.event(event)
        capacity = (configured.capacity if configured else None) or UNLIMITED
        return capacity - self.case.facts.seats.get(event, Seats()).registered - self.taken.get(event, 0)

    def set_status(
        self, row: Registration, status: RegistrationStatus, *, name: str | None = None, institution: str | None = None
    ) -> Registration:
        """Move a row to another status and keep count of the seats; a place that is taken anew is the last in the queue."""
        anew = status in ACTIVE and row.status in {RegistrationStatus.CANCELLED, RegistrationStatus.PENDING}
        self.change(ChangeRegistration(id=row.id, status=status, name=name, institution=institution, requeue=anew))
        self.seat(row.event, (status is RegistrationStatus.REGISTERED) - row.holds_seat)
        return replace(row, status=status, name=name or row.name, institution=institution or row.institution)

    def grant(self, purpose: Purpose, to: str, event: str | None, action: str = "", data: Mapping[str, str] | None = None) -> str:
        """Make a token for this person and give its tag."""
        word = (event or "mailbot").split("-")[0][:12]
        tag = self.case.ids.tag("".join(c for c in word if "a" <= c <= "z") or "event")
        expires = self.case.now + TOKEN_LIFE if purpose in _SINGLE_USE else None
        self.change(
            GrantToken(tag=tag, purpose=purpose, address=to, event=event, action=action, data=data or {}, expires_at=expires)
        )
        return tag

    def letter(
        self,
        template: str,
        to: str,
        *,
        name: str | None = None,
        language: str | None = None,
        event: str | None = None,
        nature: Nature = Nature.ANSWER,
        links: Sequence[LinkWord] = (),
        purpose: Purpose = Purpose.THREAD,
        action: str = "",
        data: Mapping[str, str] | None = None,
        calendar: Calendar | None = None,
        attachments: tuple[Attachment, ...] = (),
        informs: bool = True,
        **values: object,
    ) -> None:
        """Add a letter with its token; the first one to a person informs them (GDPR Art. 13, 14), unless told not to."""
        direct = self.is_sender(to) and nature in _ANSWERS
        tag = self.grant(purpose, to, event, action, data)
        self.letters.append(
            Letter(
                template=template,
                to=to,
                name=name or (direct and self.case.sender_name) or None,
                language=language or self.case.language_of(to),
                nature=nature,
                tag=tag,
                event=event,
                tag_in_subject=purpose in _SINGLE_USE,
                answers=self._answers() if direct else None,
                links=self._links(links if direct else (*links, LinkWord.UNSUBSCRIBE), tag, purpose, to, event),
                calendar=calendar,
                attachments=attachments,
                informs=informs and self._inform(to),
                not_before=self._not_before(to, nature),
                values=values,
            )
        )

    def unasked(self, template: str, to: str, **letter: object) -> None:
        """Write to somebody who did not write to us, unless the day's limit is reached: then nothing more is sent today.

        So nobody's name can be used to fill somebody else's mailbox (DESIGN I3).
        """
        if self.may_write(to):
            self.letter(template, to, nature=Nature.NOTICE, **letter)  # type: ignore[arg-type]  # handed through by name

    def may_write(self, to: str) -> bool:
        """Whether one more mail that nobody asked for may go to this address today."""
        mine = sum(fold_address(letter.to) == fold_address(to) for letter in self.letters)
        sent = self.case.facts.sent_today.get(fold_address(to), 0)
        return sent + mine < self.case.settings.limits.per_address_per_day

    def refuse(self, template: str, to: str, reason: str, **letter: object) -> None:
        """Say that it can't be done; where a human wanted it done, the mail goes back to them instead."""
        if self.case.forced:
            self.hand_over(f"can't be done: {reason}")
            return
        self.letter(template, to, **letter)  # type: ignore[arg-type]  # handed through by name
        self.note(reason)

    def is_sender(self, address: str) -> bool:
        """Whether this is the address that wrote."""
        return fold_address(address) == fold_address(self.case.sender)

    def _links(self, words: Sequence[LinkWord], tag: str, purpose: Purpose, to: str, event: str | None) -> tuple[Link, ...]:
        return tuple(Link(word=word, tag=self._link_tag(word, tag, purpose, to, event)) for word in dict.fromkeys(words))

    def _link_tag(self, word: LinkWord, tag: str, purpose: Purpose, to: str, event: str | None) -> str:
        if word is LinkWord.UNSUBSCRIBE:
            return self.grant(Purpose.UNSUBSCRIBE, to, event)
        if word in {LinkWord.YES, LinkWord.NO, LinkWord.UNDO} or purpose is Purpose.THREAD:
            return tag
        return self.grant(Purpose.THREAD, to, event)

    def _inform(self, to: str) -> bool:
        """Whether this is the first mail to them; remembered only where something about them is stored."""
        key = fold_address(to)
        told = key in self.case.facts.informed or any(
            isinstance(c, MarkInformed) and fold_address(c.email) == key for c in self.changes
        )
        added = any(isinstance(c, AddRegistration | SetSubscription) and fold_address(c.email) == key for c in self.changes)
        if not told and (added or key in self.case.facts.on_record):
            self.change(MarkInformed(email=to, notice_version=self.case.settings.privacy.notice_version))
        return not told

    def _answers(self) -> InReplyTo | None:
        mail = self.case.mail
        if not mail.message_id:
            return None
        return InReplyTo(message_id=mail.message_id, references=mail.references, subject=mail.subject)

    def _not_before(self, to: str, nature: Nature) -> datetime | None:
        limit = self.case.settings.limits.per_address_per_day  # RFC 3834 §2, DESIGN I3
        days = self.case.facts.sent_today.get(fold_address(to), 0) // limit  # what waits already counts: no flood tomorrow
        return self.case.now + timedelta(days=days) if days and nature is Nature.ANSWER else None

    def use(self, tag: str) -> None:
        """Use up a single-use token."""
        self.change(UseToken(tag=tag))

    def decision(self) -> Decision:
        """Everything together: a mail that a human has to see is filed under Review, whatever was done already."""
        return Decision(
            outcome=Outcome.REVIEW if self.human else Outcome.DONE,
            filing=Folder.REVIEW if self.human else Folder.DONE,
            changes=(*self.changes, *self.last),
            letters=tuple(self.letters),
            reasons=(*self.human, *self.reasons),
        )


def as_people(rows: Sequence[Registration]) -> list[dict[str, str]]:
    """Give rows in the form that the templates take."""
    return [{"name": r.name or "", "institution": r.institution or "", "email": r.email, "status": r.status.value} for r in rows]
