"""A decision in words: what `run` would do with a mail, as pairs of a heading and a sentence. Never decides, changes nothing.

Upstream: ``classify``; the values are those of ``domain.decision``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mailbot.domain.decision import (
    AddRegistration,
    Change,
    ChangeRegistration,
    Decision,
    ErasePerson,
    Folder,
    GrantToken,
    Letter,
    MarkInformed,
    NoteBounce,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
    Unsuppress,
    UseToken,
)
from mailbot.domain.facts import Registration
from mailbot.domain.states import RegistrationStatus, SubscriptionStatus
from mailbot.settings import Settings

Find = Callable[[str], Registration | None]
_OUTCOMES = {
    "done": "done, without a human",
    "review": "a human decides",
    "failed": "it fails",
    "old": "too old, it is left where it is",
    "trying": "it is tried again",
}
_PLACES = {
    RegistrationStatus.REGISTERED: "is registered for",
    RegistrationStatus.WAITING: "goes on the waiting list of",
    RegistrationStatus.PENDING: "is noted, without a seat yet, for",
    RegistrationStatus.CANCELLED: "is cancelled for",
}
_SUBSCRIPTIONS = {
    SubscriptionStatus.PENDING: "is asked whether information mails are wanted",
    SubscriptionStatus.SUBSCRIBED: "gets information mails",
    SubscriptionStatus.UNSUBSCRIBED: "gets no more information mails",
}
_MODES = {
    "observe": 'automation.mode is "observe": nothing of this is done, only logged',
    "assist": 'automation.mode is "assist": letters are put into Drafts, a human sends them',
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What names the things that a change speaks of: registrations by id, and the requests that this very mail opens."""

    find: Find
    zone: ZoneInfo
    opened: frozenset[str]


def consequences(decision: Decision, settings: Settings, find: Find) -> list[tuple[str, str]]:
    """Tell a decision; ``find`` gives a registration by its id."""
    zone = ZoneInfo(settings.organiser.timezone)
    folder = settings.folders.model_dump(by_alias=True)[decision.filing.value]
    known = _Known(find, zone, frozenset(change.id for change in decision.changes if isinstance(change, OpenRequest)))
    changes = [sentence for change in decision.changes if (sentence := _change(change, known))]
    granted = sum(isinstance(change, GrantToken) for change in decision.changes)
    mode = _MODES.get(settings.automation.mode)
    return [
        ("outcome", _OUTCOMES[decision.outcome.value]),
        ("folder", folder),
        *(("because" if decision.filing is Folder.REVIEW else "note", reason) for reason in decision.reasons),
        *_many(
            "changes",
            [
                *changes,
                *(
                    [f"remembers {granted} {'code' if granted == 1 else 'codes'}, by which replies are recognised"]
                    if granted
                    else []
                ),
            ],
        ),
        *_many("letters", [_letter(letter, zone) for letter in decision.letters]),
        *([("but", mode)] if mode else []),
    ]


def _many(heading: str, sentences: Iterable[str]) -> list[tuple[str, str]]:
    return [(heading, sentence) for sentence in sentences] or [(heading, "none")]


def _letter(letter: Letter, zone: ZoneInfo) -> str:
    """Name the template, which `mailbot preview` shows."""
    waits = f", not before {_time(letter.not_before, zone)}" if letter.not_before else ""
    return f'"{letter.template}" to {letter.to} (language {letter.language}{waits})'


def _change(change: Change, known: _Known) -> str:
    """One change as a sentence; codes are counted together, so theirs is empty."""
    match change:
        case AddRegistration() | ChangeRegistration() | ErasePerson():
            return _registration(change, known.find)
        case OpenRequest() | SetRequest():
            return _request(change, known)
        case SetSubscription() | Suppress() | Unsuppress():
            return _subscription(change)
        case MarkInformed(email=email):
            return f"notes that {email} has been told what is stored and why (Art. 13, 14 GDPR)"
        case NoteBounce(address=address, permanent=permanent):
            return f"notes that a mail to {address} could not be delivered{', for good' if permanent else ''}"
        case UseToken():
            return "the code in the mail can't be used again"
        case GrantToken():
            return ""


def _subscription(change: SetSubscription | Suppress | Unsuppress) -> str:
    match change:
        case SetSubscription():
            return f"{change.email} {_SUBSCRIPTIONS[change.status]}"
        case Suppress():
            return f"keeps a fingerprint of {change.email}, so that no information mail goes there again"
        case Unsuppress():
            return f"forgets the fingerprint that kept information mails from {change.email}"


def _registration(change: AddRegistration | ChangeRegistration | ErasePerson, find: Find) -> str:
    match change:
        case AddRegistration():
            who = ", ".join((change.name or "name unknown", change.institution or "institution unknown", change.email))
            return f"{who}: {_PLACES[change.status]} {change.event}"
        case ErasePerson():
            return f"everything about {change.address} is erased{'' if change.whole_address else ', of one person there'}"
        case ChangeRegistration():
            row = find(change.id)
            who = f"{row.name or 'name unknown'}, {row.email}" if row else f"registration {change.id}"
            return f"{who}: {'; '.join(_new_values(change, row)) or 'unchanged'}"


def _new_values(change: ChangeRegistration, row: Registration | None) -> Iterable[str]:
    if change.status is not None:
        yield f"{_PLACES[change.status]} {row.event if row else 'the event'}"
    values = {"name": change.name, "institution": change.institution, "e-mail": change.email}
    yield from (f"{what} becomes {value}" for what, value in values.items() if value is not None)
    if change.restricted is not None:
        yield "the data may only be stored" if change.restricted else "the data may be used again"
    if change.event_mails is not None:
        yield f"gets {'' if change.event_mails else 'no '}mails about the event"


def _request(change: OpenRequest | SetRequest, known: _Known) -> str:
    match change:
        case OpenRequest():
            kinds = ", ".join(kind.replace("_", " ") for kind in change.kinds)
            return f"a request of {change.address} ({kinds}) is noted, to be answered by {_time(change.due, known.zone)}"
        case SetRequest():
            which = "this request" if change.id in known.opened else f"request {change.id}"
            return f"{which}: {change.status.value.replace('_', ' ')} ({change.step})"


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
