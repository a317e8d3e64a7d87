"""Which configured events a text names: by title, keyword or date. Puts one mark where their names stand.

Upstream: ``normal``; downstream: ``evidence``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from mailbot.settings import Event
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import Sentence, Word, fold

NAME, DATE = "§event", "§date"
_MAX_NAME = 8
_LIKE = 88


@dataclass(frozen=True, slots=True)
class EventNames:
    """Every way to name the configured events."""

    names: dict[str, str]  # the name without spaces, folded → event id
    heads: frozenset[str]
    dates: dict[tuple[int, int], str]  # (month, day) → event id
    months: dict[str, int]
    small: frozenset[str]  # words inside dates
    ordinals: tuple[str, ...]


def event_names(events: Sequence[Event], lexicons: Lexicons) -> EventNames:
    """Collect the names; kept for the same configuration."""
    key = tuple((e.id, tuple(e.title.values()) if isinstance(e.title, dict) else (e.title,), e.keywords, e.starts) for e in events)
    return _names(key, tuple(lexicons.by_language))


@lru_cache(maxsize=16)
def _names(events: tuple[tuple[str, tuple[str, ...], tuple[str, ...], object], ...], _languages: tuple[str, ...]) -> EventNames:
    from mailbot.understand.lexicon import lexicons  # noqa: PLC0415 - cached value, not part of the key

    names: dict[str, str] = {}
    dates: dict[tuple[int, int], str] = {}
    for event_id, titles, keywords, starts in events:
        for name in (*titles, *keywords, event_id):
            names.setdefault("".join(fold(word) for word in name.split()), event_id)
        dates.setdefault((starts.month, starts.day), event_id)  # type: ignore[attr-defined]
    months = {
        fold(name): number
        for lexicon in lexicons().by_language.values()
        for number, line in enumerate(lexicon.months, 1)
        for name in line.replace(",", " ").split()
    }
    ordinals = tuple(end for lexicon in lexicons().by_language.values() for end in lexicon.ordinals)
    return EventNames(names, frozenset(name[:3] for name in names), dates, months, lexicons().words("dates"), ordinals)


def mark(sentence: Sentence, known: EventNames) -> tuple[Sentence, tuple[str, ...]]:
    """Put ``§event`` and ``§date`` where an event's name or date stands; give the ids found."""
    words, heads, months = sentence.words, known.heads, known.months
    found: list[str] = []
    marked: list[Word] = []
    done = 0
    for at in [i for i, (w, *_) in enumerate(words) if w[:3] in heads or w[:1].isdigit() or w in months]:
        if at < done:
            continue
        size, token, event_id = _at(words, at, known)
        if size:
            marked.extend((*words[done:at], Word(token, words[at].start, words[at + size - 1].end, words[at].clause)))
            found.append(event_id)
            done = at + size
    if not found:
        return sentence, ()
    return Sentence((*marked, *words[done:]), sentence.question, point=sentence.point), tuple(dict.fromkeys(found))


def _at(words: Sequence[Word], at: int, known: EventNames) -> tuple[int, str, str]:
    if words[at].text[:3] in known.heads:
        joined, best = "", (0, "", "")
        for size in range(1, min(_MAX_NAME, len(words) - at) + 1):
            joined += words[at + size - 1].text
            if event_id := known.names.get(joined):
                best = size, NAME, event_id
        if best[0] or (best := _misspelt(words[at].text, known))[0]:
            return best
    return _date(words, at, known)


def _misspelt(word: str, known: EventNames) -> tuple[int, str, str]:
    if len(word) >= 9:  # noqa: PLR2004 - short names are too much alike
        for name, event_id in known.names.items():
            if abs(len(name) - len(word)) <= 2 and ratio(name, word) >= _LIKE:  # noqa: PLR2004
                return 1, NAME, event_id
    return 0, "", ""


def _date(words: Sequence[Word], at: int, known: EventNames) -> tuple[int, str, str]:
    """Such as "11. März", "11.3.2027", "11th of March", "March 11"."""
    if not (words[at].text[:1].isdigit() or words[at].text in known.months):
        return 0, "", ""
    here = [w.text for w in words[at : at + 4]]
    number = _number(here[0], known)
    if number is None:
        if here[0] in known.months and len(here) > 1 and (day := _number(here[1], known)):
            return _event_on(known.months[here[0]], day, 2, known)
        return 0, "", ""
    rest = [w for w in here[1:3] if w not in known.small]
    if not rest:
        return 0, "", ""
    size = here.index(rest[0]) + 1 if rest[0] in here[1:] else 2
    month = known.months.get(rest[0]) or _number(rest[0], known)
    if month is None:
        return 0, "", ""
    year = 1 if len(here) > size and here[size].isdigit() and len(here[size]) in {2, 4} else 0
    return _event_on(month, number, size + year, known)


def _event_on(month: int, day: int, size: int, known: EventNames) -> tuple[int, str, str]:
    event_id = known.dates.get((month, day))
    return (size, DATE, event_id) if event_id else (0, "", "")


def _number(word: str, known: EventNames) -> int | None:
    ending = next((end for end in known.ordinals if word.endswith(end)), "")
    digits = word.removesuffix(ending)
    return int(digits) if digits.isdigit() and len(digits) <= 2 else None  # noqa: PLR2004
