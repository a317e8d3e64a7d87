"""Mails by people who never saw the rules: what was right once stays right, and nothing harmful is done (floors, not goals).

Each set was measured once when it came (``AT_FIRST_SIGHT``), then its errors were looked at; since then it only guards against
steps back. The labels are those of the corpus: acceptable intents and actions, rights, participants.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailbot.domain.understanding import Understanding
from mailbot.understand.normal import fold
from tests.unit.understanding import read_bytes

CORPUS = Path(__file__).parents[1] / "corpus"
AT_FIRST_SIGHT = {  # intent, intent and action, harmful actions, people
    "blind1": (0.875, 0.808, 6, 0.644),
    "blind2": (0.850, 0.800, 3, 0.535),
    "blind3": (0.720, 0.650, 5, 0.447),  # written to be hard: contradictions, miscited articles, dialect, translated idioms
    "blind4": (0.844, 0.674, 5, 0.427),  # registrations; rules alone up to here
    "blind5": (0.733, 0.716, 9, 1.000),  # rights and unsubscribes; one registration
    "blind6": (0.828, 0.791, 5, 0.500),  # everything else; two registrations
    "blind7": (0.888, 0.810, 2, 0.696),
    "blind8": (0.821, 0.732, 1, 0.321),  # English and other languages
    "blind9": (0.936, 0.764, 2, 0.448),  # with the second opinion, before people were tagged
    "blind10": (0.957, 0.771, 2, 0.517),
    "blind11": (0.969, 0.877, 2, 0.772),  # with people tagged
    "blind12": (0.933, 0.775, 3, 0.720),
    "blind13": (0.956, 0.868, 2, 0.850),
    "blind14": (0.895, 0.754, 4, 0.544),  # many registrations by somebody else, families, substitutes
    "blind15": (0.956, 0.839, 2, 0.667),
    "blind16": (0.974, 0.861, 1, 0.793),  # who takes part is learnt
    "blind17": (0.959, 0.835, 2, 0.789),
    "blind18": (0.968, 0.899, 2, 0.782),  # and when acting is right
    "blind19": (0.962, 0.903, 1, 1.000),
    "blind20": (0.987, 0.939, 0, 0.841),
    "blind21": (0.966, 0.913, 1, 0.797),
    "blind22": (0.955, 0.878, 2, 0.696),
}
UNLEARNT = (
    "blind14",
    "blind15",
    "blind16",
    "blind17",
    "blind18",
    "blind19",
    "blind20",
    "blind21",
    "blind22",
)  # no weight of the opinion was learnt from these
FLOORS = {
    "blind1": (0.98, 0.97, 0.93),
    "blind2": (0.98, 0.95, 0.93),
    "blind3": (0.97, 0.91, 0.84),
    "blind4": (0.98, 0.90, 0.85),
    "blind5": (0.98, 0.95, 1.00),
    "blind6": (0.97, 0.91, 0.50),
    "blind7": (0.97, 0.91, 0.78),
    "blind8": (0.98, 0.93, 0.83),
    "blind9": (0.97, 0.90, 0.77),
    "blind10": (0.97, 0.91, 0.84),
    "blind11": (0.95, 0.88, 0.89),
    "blind12": (0.92, 0.77, 0.81),
    "blind13": (0.94, 0.85, 0.83),
    "blind14": (0.92, 0.80, 0.74),
    "blind15": (0.96, 0.89, 0.83),
    "blind16": (0.97, 0.91, 0.80),
    "blind17": (0.95, 0.88, 0.75),
    "blind18": (0.96, 0.90, 0.77),
    "blind19": (0.94, 0.88, 1.00),
    "blind20": (0.98, 0.93, 0.84),
    "blind21": (0.97, 0.91, 0.83),
    "blind22": (0.95, 0.88, 0.67),
}  # intent, intent and action, people
LOST = 0.02  # of a set, two or three mails: what learning from more texts may turn round where most sets gain
KNOWN_HARM = {  # acted on although a human should have looked, or without asking back; nothing may join them
    "blind6": {"086-mail.eml"},  # "take me off", of what?
    "blind10": {"074-mail.eml"},  # "abmelden" in reply, our footer quoted
    "blind17": {"067-mail.eml"},  # retired, but does not say that she comes privately
}
_TITLES = re.compile(r"\b(herrn?|frau|mr|mrs|ms|prof|professor|professorin|dr|phd|ing|dipl|msc|bsc)\b\.?", re.IGNORECASE)


@dataclass(frozen=True)
class Judged:
    """One mail with its label and how it was read."""

    label: dict[str, Any]
    read: Understanding

    @property
    def intent(self) -> bool:
        """Whether the intent is acceptable, with exactly the rights that are claimed."""
        if self.read.intent.value not in self.label["intent"]:
            return False
        if self.read.intent.value != "data_subject_request":
            return True
        kinds = {k.value for k in self.read.request_kinds}
        return (
            set(self.label.get("request_kinds", []))
            <= kinds
            <= {*self.label.get("request_kinds", []), *self.label.get("optional_kinds", ())}
        )

    @property
    def action(self) -> bool:
        """Whether the action is acceptable."""
        return self.read.action.value in self.label["action"]

    @property
    def harmful(self) -> bool:
        """Acted on a wrong understanding, or wrote to a machine."""
        action = self.read.action.value
        if action == "act" and ("act" not in self.label["action"] or not self.intent):
            return True
        return action in {"act", "ask"} and self.label["action"] == ["ignore"]

    @property
    def people(self) -> bool:
        """Whether the participants are exactly those of the mail."""
        wanted = [(p["name"], p["institution"], p["email"]) for p in self.label.get("participants") or []]
        return _folded(wanted) == _folded([(p.name, p.institution, p.email) for p in self.read.participants])


def _folded(rows: list[tuple[str | None, ...]]) -> list[tuple[str, ...]]:
    def plain(value: str | None) -> str:
        return " ".join(fold(w) for w in re.findall(r"[\w@.&/-]+", _TITLES.sub(" ", value or ""))).strip(" .")

    return sorted(tuple(plain(v) for v in row) for row in rows)


def labels(name: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Every label of a set with its mail."""
    for line in (CORPUS / name / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        yield label, (CORPUS / name / label["file"]).read_bytes()


@cache
def judged(name: str) -> tuple[Judged, ...]:
    """Read every mail of a set."""
    return tuple(Judged(label, read_bytes(content)) for label, content in labels(name))


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_nothing_harmful_is_done(name: str) -> None:
    """No mail is acted on that should not be, and no machine is written to, beside those that are known and told."""
    assert {j.label["file"] for j in judged(name) if j.harmful} <= KNOWN_HARM.get(name, set())


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_what_was_understood_stays_understood(name: str) -> None:
    """The shares of right intents, right intents with right actions, and exactly right participants don't fall below their floors."""
    mails = judged(name)
    registrations = [j for j in mails if j.label["intent"][0] == "registration"]
    shares = (
        sum(j.intent for j in mails) / len(mails),
        sum(j.intent and j.action for j in mails) / len(mails),
        sum(j.people for j in registrations) / len(registrations),
    )
    assert all(share >= floor for share, floor in zip(shares, FLOORS[name], strict=True)), shares
    first = AT_FIRST_SIGHT[name]
    assert all(share >= was - LOST for share, was in zip(shares[:2], first[:2], strict=True)), shares
