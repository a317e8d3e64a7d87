"""Builders of example values for the store's tests."""

from datetime import UTC, datetime

from mailbot.domain.decision import AddRegistration, Decision, Folder, GrantToken, OpenRequest
from mailbot.domain.mail import Address, IncomingMail, OutgoingMail, RawMail
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus
from mailbot.domain.understanding import Action, Intent, Understanding
from mailbot.settings import Settings

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
END = datetime(2027, 3, 12, 12, tzinfo=UTC)
ANNA, BERT = "anna.albers@post.example", "bert.brandt@post.example"


def event(event_id, **values):
    """An event with its dates."""
    return {"id": event_id, "title": event_id.title(), "starts": "2027-03-11T18:00:00", "ends": "2027-03-11T20:30:00", **values}


def settings(folder, url=None, **values):
    """A configuration whose store lies in a folder."""
    store = {
        "url": url or f"sqlite:///{folder}/mailbot.db",
        "journal": folder / "mailbot.journal",
        "key_file": folder / "mailbot.key",
    }
    given = {
        "organiser": {"name": "Büro", "contact": "kontakt@buero.example"},
        "mailbox": {"address": "anmeldung@klima.example", "host": "imap.example"},
        "smtp": {"host": "smtp.example"},
        "store": store,
        "events": [event("klima", capacity=2), event("garten", starts="2027-06-01T18:00:00", ends="2027-06-01T20:00:00")],
        **values,
    }
    return Settings.model_validate(given)


def raw(uid=1, *, folder="INBOX", uidvalidity=7, received_at=NOW):
    """A mail's place."""
    return RawMail(mailbox="main", folder=folder, uidvalidity=uidvalidity, uid=uid, received_at=received_at, content=b"", size=0)


def mail(sender=ANNA, *, name="", number=1, subject="Anmeldung", received_at=NOW):
    """A parsed mail; ``number`` makes its identity and Message-ID."""
    return IncomingMail(
        identity=f"identity {number}".encode(),
        received_at=received_at,
        message_id=f"<{number}@post.example>",
        subject=subject,
        senders=(Address(email=sender, name=name),) if sender else (),
    )


def understood(text="Ich komme gern.", intent=Intent.REGISTRATION, **values):
    """What a mail means."""
    return Understanding(intent=intent, action=Action.ACT, confidence=1.0, language="de", own_text=text, **values)


def decision(*changes, outcome=Outcome.DONE, filing=Folder.DONE, reasons=("because",)):
    """A decision with changes."""
    return Decision(outcome=outcome, filing=filing, changes=changes, reasons=reasons)


def add(row_id="r1", email=ANNA, name="Anna Albers", *, event="klima", status=RegistrationStatus.REGISTERED, **values):
    """A new participant."""
    return AddRegistration(
        id=row_id, event=event, email=email, name=name, institution="privat", status=status, language="de", **values
    )


def token(tag="klima-abcdefghij", address=ANNA, *, purpose=Purpose.THREAD, event="klima", **values):
    """A token that goes out."""
    return GrantToken(tag=tag, purpose=purpose, address=address, event=event, **values)


def request(request_id="q1", address=ANNA, status=RequestStatus.OPEN, kinds=("access",), **values):
    """A data-subject request."""
    return OpenRequest(id=request_id, address=address, kinds=kinds, status=status, received_at=NOW, target=END, due=END, **values)


def letter(to=ANNA, number=1, *, nature="answer", template="registration-confirmed", event="klima", not_before=None):
    """A rendered mail."""
    return OutgoingMail(
        message_id=f"<out-{number}@klima.example>",
        envelope_from="anmeldung@klima.example",
        to=to,
        content=f"To: {to}\n\nHallo".encode(),
        template=template,
        nature=nature,
        event=event,
        not_before=not_before,
    )


def handle(
    store, *changes, uid=1, sender=ANNA, letters=(), text="Ich komme gern.", now=NOW, outcome=Outcome.DONE, subject="Anmeldung"
):
    """Let one mail go its way through the store; its number is its UID."""
    filing = Folder.REVIEW if outcome is Outcome.REVIEW else Folder.DONE
    with store.transaction() as tx:
        decided = decision(*changes, outcome=outcome, filing=filing)
        parsed = mail(sender, number=uid, subject=subject, received_at=now)
        tx.commit(raw(uid, received_at=now), parsed, understood(text), decided, letters, now, f"ledger-{uid}")
