"""A small vocabulary for the tables of decisions: people, rows, understandings, cases, and what came out."""

import itertools
from datetime import UTC, datetime

from mailbot.domain.decision import ChangeRegistration, ErasePerson, GrantToken
from mailbot.domain.facts import Facts, Record, Registration, Subscription, Token
from mailbot.domain.mail import Address, IncomingMail
from mailbot.domain.states import Purpose, RegistrationStatus, SubscriptionStatus
from mailbot.domain.understanding import Action, Intent, Kind, Participant, Screening, Understanding
from mailbot.intents.base import Case
from mailbot.settings import Settings
from mailbot.understand.choices import choices
from mailbot.understand.lexicon import lexicons

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
AFTER = datetime(2027, 3, 12, tzinfo=UTC)
ANNA, BERND, GRETA = "anna@verein.example", "bernd@werk.example", "greta@kanzlei.example"
EVENT, OTHER = "klima-werkstatt", "rad-tour"
REGISTERED, WAITING = RegistrationStatus.REGISTERED, RegistrationStatus.WAITING
PENDING, CANCELLED = RegistrationStatus.PENDING, RegistrationStatus.CANCELLED
BASE = {
    "organiser": {"name": "Büro", "contact": "kontakt@buero.example"},
    "mailbox": {"address": "anmeldung@klima.example", "host": "localhost"},
    "smtp": {"host": "localhost"},
}
KLIMA = {
    "id": EVENT,
    "title": "Klima-Werkstatt",
    "starts": "2027-03-11T18:00:00",
    "ends": "2027-03-11T20:30:00",
    "capacity": 2,
}
TOUR = {"id": OTHER, "title": "Rad-Tour", "starts": "2027-05-01T10:00:00", "ends": "2027-05-01T12:00:00", "keywords": ["Radtour"]}
SETTINGS = Settings.model_validate({**BASE, "events": [KLIMA]})
TWO = Settings.model_validate({**BASE, "events": [KLIMA, TOUR]})


def one_event(**more):
    """The settings with other values for the only event."""
    return Settings.model_validate({**BASE, "events": [{**KLIMA, **more}]})


class CountingIds:
    """Ids that are the same in every run."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def new_id(self):
        """``id1``, ``id2``, …"""
        return f"id{next(self.numbers)}"

    def tag(self, word):
        """A tag of the right form."""
        return f"{word}-aaaaaaaaaa{next(self.numbers):06d}".replace("0", "b").replace("1", "c")


def row(row_id="r1", email=ANNA, name="Anna Berg", status=REGISTERED, **more):
    """A participant on record."""
    values = {"institution": "Verein", "registered_at": NOW, "event": EVENT, **more}
    return Registration(id=row_id, email=email, name=name, status=status, **values)


def subscriber(email=ANNA, status=SubscriptionStatus.SUBSCRIBED, **more):
    """A subscriber on record, as the facts hold them."""
    return {email: Subscription(email=email, name=None, status=status, since=NOW, **more)}


def understood(intent, action=Action.ACT, **more):
    """What was understood; one wish unless more are given."""
    more.setdefault("choices", choices(more.get("own_text", ""), lexicons()))
    return Understanding(intent=intent, action=action, confidence=0.9, language="de", **{"wishes": (intent,), **more})


def registration(*people, **more):
    """A registration of these people."""
    return understood(Intent.REGISTRATION, participants=people, **more)


def person(name="Anna Berg", institution="Verein", email=ANNA):
    """A person as a mail names them."""
    return Participant(name=name, institution=institution, email=email)


def request(*kinds, **more):
    """A data-subject request."""
    return understood(Intent.DATA_SUBJECT_REQUEST, request_kinds=kinds, **more)


def case(understanding, facts=None, sender=ANNA, name="", settings=SETTINGS, **more):
    """One mail to decide."""
    mail = IncomingMail(
        identity=b"x",
        received_at=NOW,
        message_id="<m@x.example>",
        subject=more.pop("subject", ""),
        senders=(Address(email=sender, name=name),) if sender else (),
        defects=more.pop("defects", frozenset()),
    )
    return Case(
        mail=mail,
        screening=more.pop("screening", Screening(kind=Kind.HUMAN)),
        understanding=understanding,
        facts=facts or Facts(),
        settings=settings,
        mailbox=settings.mailboxes[0],
        now=more.pop("now", NOW),
        ids=CountingIds(),
        **more,
    )


def letters(decision):
    """Template and receiver of each letter, in order."""
    return [(letter.template, letter.to) for letter in decision.letters]


def letter(decision, template):
    """The one letter of this template."""
    [found] = [made for made in decision.letters if made.template == template]
    return found


def changes(decision, kind):
    """The changes of one kind."""
    return [c for c in decision.changes if isinstance(c, kind)]


def statuses(decision):
    """Id and new status of the rows that moved."""
    return [(c.id, c.status.value) for c in changes(decision, ChangeRegistration) if c.status is not None]


def asked(decision, purpose=Purpose.YES):
    """The token that the store would know after this decision."""
    grants = [g for g in changes(decision, GrantToken) if g.purpose is purpose]
    assert len(grants) == 1, grants
    return as_token(grants[0])


def as_token(grant, **more):
    """A token that went out, as the facts would hold it."""
    values = {
        "tag": grant.tag,
        "purpose": grant.purpose,
        "address": grant.address,
        "event": grant.event,
        "action": grant.action,
        "data": grant.data,
        **more,
    }
    return Token(**values)


def thread(address=ANNA, event=EVENT, tag="klima-threadthread"):
    """The token of an ordinary letter of ours."""
    return Token(tag=tag, purpose=Purpose.THREAD, address=address, event=event)


def facts(*rows, **more):
    """What the store knows; whoever has a row or a subscription is on record and was informed."""
    known = frozenset({r.email for r in rows} | set(more.get("subscriptions", {})))
    dossiers = {address: (Record(table="registration", values={"id": "r1", "name": "Anna Berg"}),) for address in known}
    return Facts(**{"registrations": rows, "on_record": known, "informed": known, "dossiers": dossiers, **more})


def erased(decision):
    """Whom a decision erases."""
    return changes(decision, ErasePerson)
