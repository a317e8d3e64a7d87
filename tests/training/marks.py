"""Training texts with marks ("[[N|Anna Meier]]") read into words with labels, as the service sees them; and variants of the texts.

Variants keep the weights from learning single names: the same sentence with other people, other institutions, another town, in small
letters. Nothing here is random without a seed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from random import Random
from typing import Any

from mailbot.parse import parse
from mailbot.understand.features import Piece, Zone, pieces
from mailbot.understand.lexicon import lexicons
from mailbot.understand.normal import fold
from mailbot.understand.text import own_text
from tests.training.houses import house

MARK = re.compile(r"\[\[([NIDRP])\|([^\[\]]*)\]\]")
_FROM = re.compile(r"^(.*?)\s*<([^<>]*)>\s*$")
_FIELDS = ("from", "subject", "text")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TOWNS = (
    *("Salzkotten",) * 8,
    "Verne",
    "Upsprunge",
    "Paderborn",
    "Büren",
    "Lippstadt",
    "Soest",
    "Delbrück",
    "Utrecht",
    "Leeds",
    "Gent",
)
Text = dict[str, Any]
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """The words of one text, their labels, and what the labels may lean on."""

    words: list[Piece]
    labels: list[str]
    display: str
    address: str
    zones: tuple[tuple[Zone, str], ...]


def plain(marked: str) -> tuple[str, list[Span]]:
    """The text without marks, and what was marked: kind, start, end."""
    found: list[str] = []
    spans: list[Span] = []
    at = length = 0
    for match in MARK.finditer(marked):
        found += [marked[at : match.start()], match[2]]
        length += match.start() - at
        spans.append((match[1], length, length + len(match[2])))
        length += len(match[2])
        at = match.end()
    return "".join([*found, marked[at:]]), spans


def sender(value: str) -> tuple[str, str]:
    """Display name (marked) and address."""
    match = _FROM.match(value)
    return (match[1].strip(' "'), match[2]) if match else ("", value.strip("<> "))


def example(text: Text) -> Example:
    """Part a text as the service does and label its words."""
    display, address = sender(text.get("from", ""))
    shown, shown_spans = plain(display)
    subject, subject_spans = plain(text.get("subject", ""))
    body, spans = plain(text["text"])
    own, signature = _parted(body, shown, address)
    zones = ((Zone.HEADER, shown), (Zone.SUBJECT, subject), (Zone.TEXT, own), (Zone.SIGNATURE, signature))
    marked = {Zone.HEADER: shown_spans, Zone.SUBJECT: subject_spans}
    taken: set[int] = set()
    for zone, part in zones[2:]:
        marked[zone] = list(_moved(body, part, spans, taken))
    words = pieces(zones)
    labels = ["O" if w.kind == "line" else next((k for k, a, b in marked[w.zone] if a <= w.start < b), "O") for w in words]
    return Example(words, labels, shown, address, zones)


def _parted(body: str, shown: str, address: str) -> tuple[str, str]:
    mail = EmailMessage()
    safe = " ".join(shown.replace('"', " ").split())
    mail["From"] = f'"{safe}" <{address or "a@b.example"}>' if safe else address or "a@b.example"
    mail.set_content(body)
    own = own_text(parse(mail.as_bytes(), received_at=datetime(2027, 2, 1, tzinfo=UTC)), lexicons())
    return own.text, own.signature


def _moved(body: str, part: str, spans: Sequence[Span], taken: set[int]) -> Iterator[Span]:
    """The spans of a body, in the lines of it that a part kept."""
    offsets = [0]
    lines = body.split("\n")
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    at = start = 0
    for line in part.split("\n"):
        for number in range(at, len(lines)) if line.strip() else ():
            if number not in taken and lines[number].strip() == line.strip():
                taken.add(number)
                shift = (
                    start - offsets[number] - (len(lines[number]) - len(lines[number].lstrip())) + len(line) - len(line.lstrip())
                )
                ends = offsets[number + 1]
                yield from ((k, a + shift, b + shift) for k, a, b in spans if offsets[number] <= a < ends)
                at = number + 1
                break
        start += len(line) + 1


def variants(texts: Sequence[Text], seed: int) -> Iterator[Text]:
    """Every text, and some of them once more with other names, in other towns, in small letters."""
    random = Random(seed)
    people = _Pool([m for t in texts for m in _marked(t, "N")], random)
    houses = [m for t in texts for m in _marked(t, "I")]
    for text in texts:
        yield text
        if random.random() < 0.5:
            other = people.renamed(text)
            other = rehoused(other, houses, people, random) if random.random() < 0.8 else other
            yield lowered(other) if random.random() < 0.2 else other
        if random.random() < 0.4 and _marked(text, "I"):
            yield rehoused(people.renamed(text), houses, people, random)
        if random.random() < 0.12:
            yield lowered(text)
        if random.random() < 0.03:
            yield raised(text)
        if random.random() < 0.2 and _marked(text, "I"):
            yield moved(text, random)


def _marked(text: Text, kind: str) -> list[str]:
    return [m[2] for f in ("subject", "text") for m in MARK.finditer(text.get(f, "")) if m[1] == kind]


def _mapped(text: Text, change: Callable[[str, str], str]) -> Text:
    """The text with every mark's words changed."""

    def swap(match: re.Match[str]) -> str:
        return f"[[{match[1]}|{change(match[1], match[2])}]]"

    return {**text, **{f: MARK.sub(swap, text.get(f, "")) for f in _FIELDS}}


def lowered(text: Text) -> Text:
    """All in small letters, as typed on a phone."""

    def small(value: str) -> str:
        return "".join(p if p.startswith("[[") else p.lower() for p in re.split(r"(\[\[[NIDRP]\|)", value))

    return {**text, "subject": small(text.get("subject", "")), "text": small(text["text"])}


def raised(text: Text) -> Text:
    """All in capital letters."""
    parts = re.split(r"(\[\[[NIDRP]\|)", text["text"])
    return {**text, "text": "".join(p if p.startswith("[[") else p.upper() for p in parts)}


def moved(text: Text, random: Random) -> Text:
    """Institutions in other towns, so that a town's name is no sign against an institution."""
    town = random.choice(_TOWNS)

    def change(kind: str, value: str) -> str:
        words = value.split()
        if kind != "I" or not words:
            return value
        if len(words) > 1 and words[-1][:1].isupper() and words[-1].isalpha() and len(words[-1]) > 4:
            return " ".join([*words[:-1], town])
        return f"{value} {town}" if len(words) == 1 and random.random() < 0.5 else value

    return _mapped(text, change)


def rehoused(text: Text, houses: Sequence[str], people: "_Pool", random: Random) -> Text:
    """Each institution replaced by one of another text or an invented one; sometimes in the address's domain too."""
    chosen: dict[str, str] = {}
    named = [m[2].split()[-1] for f in _FIELDS for m in MARK.finditer(text.get(f, "")) if m[1] == "N" and m[2].strip()]

    def change(kind: str, value: str) -> str:
        if kind != "I" or not value:
            return value
        surname = random.choice(named) if named and random.random() < 0.6 else people.surname()
        made = house(surname, people.surname(), random) if random.random() < 0.7 else random.choice(houses)
        return chosen.setdefault(value, made)

    changed = _mapped(text, change)
    if chosen and random.random() < 0.6:
        first = next(iter(chosen.values()))
        words = [w for w in _WORD.findall(fold(first)) if len(w) > 2]
        host = random.choice(("-".join(words[:2]), "".join(words[:2]), words[-1] if words else "")) or "post"
        changed["from"] = re.sub(r"@[\w-]+\.", lambda _: f"@{host}.", changed.get("from", ""), count=1)
    return changed


class _Pool:
    """Words of names of all texts, to rename people with."""

    def __init__(self, people: Sequence[str], random: Random) -> None:
        self._random = random
        words = [[w for w in _WORD.findall(name) if w[:1].isupper()] for name in people if "," not in name]
        full = [w for w in words if len(w) > 1]
        self._first: list[str] = [w[0] for w in full if len(w[0]) > 2]
        self._last: list[str] = [w[-1] for w in full]

    def surname(self) -> str:
        """Somebody's surname."""
        return self._random.choice(self._last)

    def renamed(self, text: Text) -> Text:
        """The same word everywhere by the same other word, in the address too."""
        chosen: dict[str, str] = {}
        last = {n.split()[-1] for n in [m[2] for f in _FIELDS for m in MARK.finditer(text.get(f, "")) if m[1] == "N"] if " " in n}

        def word(match: re.Match[str]) -> str:
            old = match[0]
            if len(old) < 3 or not old[0].isupper():
                return old
            key = fold(old)
            if key not in chosen:
                chosen[key] = self._random.choice(self._last if old in last else self._first)
            return str(chosen[key].upper() if old.isupper() else chosen[key])

        changed = _mapped(text, lambda kind, value: _WORD.sub(word, value) if kind == "N" else value)
        head, at, rest = changed.get("from", "").rpartition("<")
        local, sign, domain = rest.partition("@")
        for old, new in chosen.items():
            local = local.replace(old, fold(new))
        return {**changed, "from": f"{head}{at}{local}{sign}{domain}"}
