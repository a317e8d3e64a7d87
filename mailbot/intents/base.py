"""What every intent is given: the ``Case``, one mail with all that may be known about it, and whose wish it is. Pure.

Neighbours: ``plan`` collects what follows from a case, ``people`` says which of several persons is meant.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailbot.domain.facts import Facts, Registration, Token
from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Action, Authentication, Screening, Understanding
from mailbot.settings import Event, Mailbox, Settings

ACTIVE = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING)


class Ids(Protocol):
    """Where ids and tags come from: randomness is handed in."""

    def new_id(self) -> str:
        """Give a new row id."""

    def tag(self, word: str) -> str:
        """Give a new token tag that starts with a short event word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mail to decide.

    ``forced``: a human moved it to a folder, so its understanding is not to be doubted. The rest is set while deciding:
    ``acting_for`` is the address whose token was proved, ``continues`` the question of ours that the mail answers, and
    ``meant`` the people whom that answer named (registration ids; None: it named nobody).
    """

    mail: IncomingMail
    screening: Screening
    understanding: Understanding
    facts: Facts
    settings: Settings
    mailbox: Mailbox
    now: datetime
    ids: Ids
    forced: bool = False
    acting_for: str | None = None
    continues: Token | None = None
    meant: tuple[str, ...] | None = None

    @property
    def sender(self) -> str:
        """The sender's address as written; every intent is only asked when there is exactly one."""
        assert self.mail.sender is not None
        return self.mail.sender.email

    @property
    def sender_name(self) -> str:
        """The sender's display name: a claim like any other, used only among people of one address."""
        return self.mail.sender.name if self.mail.sender else ""

    @property
    def language(self) -> str:
        """The sender's language if we write it, else our default."""
        known = self.settings.organiser.languages
        return self.understanding.language if self.understanding.language in known else known[0]

    @property
    def doubtful(self) -> bool:
        """Whether a human has to look at it before anything is changed."""
        if self.mail.half_read:
            return True
        return not self.forced and self.understanding.action is Action.REVIEW

    @property
    def forged(self) -> bool:
        """Whether a server that we trust says that the sender's domain did not send this (RFC 7489)."""
        return self.screening.authentication is Authentication.FAIL

    def token(self, purpose: Purpose, action: str | None = None) -> Token | None:
        """The first usable token of this purpose (and action) that the mail carries."""
        found = (t for t in self.facts.tokens if t.usable and t.purpose is purpose and action in {None, t.action})
        return next(found, None)

    def proof(self, *purposes: Purpose) -> Token | None:
        """The token that shows for whom the mail speaks; it must be of one of these purposes.

        In the subject or the recipient's address it was sent on purpose (a one-tap link). A token that only came along
        in a quotation speaks for its owner unless the sender is somebody on record: "unsubscribe me" is about the writer.
        """
        found = next((t for t in self.facts.tokens if t.usable and t.purpose in purposes), None)
        if found is None or fold_address(found.address) == fold_address(self.sender):
            return found
        return found if self._sent_on_purpose(found) or not self._known(self.sender) else None

    def _sent_on_purpose(self, token: Token) -> bool:
        places = (self.mail.subject, *(a.email for a in self.mail.recipients))
        return any(token.tag in place for place in places)

    def _known(self, address: str) -> bool:
        return bool(self.facts.registered(address)) or fold_address(address) in self.facts.subscriptions

    @property
    def writer(self) -> str:
        """Who takes part when the mail says "I": the sender, or whose question is answered."""
        return self.acting_for or self.sender

    @property
    def principal(self) -> str:
        """Whose record the mail is about: proved by a token for exactly that, else the sender's (DESIGN section 6)."""
        if self.acting_for:
            return self.acting_for
        token = self.proof(Purpose.THREAD)
        speaks_of_itself = fold_address(self.understanding.about or "") == fold_address(self.sender)
        return token.address if token and not speaks_of_itself else self.sender

    def elsewhere(self) -> str | None:
        """The address that the mail speaks about without being entitled to; None when it is the principal's own."""
        about = self.understanding.about
        own = {fold_address(self.principal), *(fold_address(m.address) for m in self.settings.mailboxes)}
        return about if about and fold_address(about) not in own else None

    def language_of(self, address: str) -> str:
        """The language to write to an address in: the sender's own for the sender, else the stored one."""
        if fold_address(address) == fold_address(self.sender):
            return self.language
        stored = [r.language for r in self.facts.registered(address)]
        subscription = self.facts.subscriptions.get(fold_address(address))
        found = next(iter(stored), None) or (subscription.language if subscription else None)
        return found if found in self.settings.organiser.languages else self.language

    def over(self, event_id: str) -> str:
        """Say why nothing can be done about an event any more: erased or started; "" when it is still to come."""
        event = self.settings.event(event_id)
        if event is None or event_id in self.facts.erased_events:
            return "erased"
        return "started" if self.now >= event.starts else ""

    def closed(self, event: Event) -> str:
        """Say why nobody can register (any more or yet): erased, started, closed, not-open; "" if they can."""
        if why := self.over(event.id):
            return why
        if event.closes is not None and self.now >= event.closes:
            return "closed"
        return "not-open" if event.opens is not None and self.now < event.opens else ""

    def token_event(self) -> str | None:
        """The event of our mail that this one answers."""
        return next((t.event for t in self.facts.tokens if t.event), None)

    def rows(self, address: str, *, pending: bool = True) -> tuple[Registration, ...]:
        """The rows of an address that hold, wait for or ask for a seat."""
        states = (*ACTIVE, RegistrationStatus.PENDING) if pending else ACTIVE
        return tuple(r for r in self.facts.registered(address) if r.status in states)
