"""Quoted history in its forms: ``>``, "Am … schrieb …:", dividers, header blocks without marks; answers between quotes are kept.

Line by line, so linear in the text. Upstream: ``text``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_ATTRIBUTION_LINES = 4
_HEADER_LINES = 3
_DASHES = re.compile(r"^[\s>]{0,4}[-_*=–]{2,60}\s?(\S[^\n]{2,60}?)\s?[-_*=–]{2,60}:?\s*$")
_HEADER = re.compile(r"^[\s>]{0,4}\*{0,2}([A-Za-zÀ-ÿ-]{2,20})\*{0,2}\s?:\*{0,2}\s")
_RULES = set("-_*=–")
_TIME = re.compile(r"\d[.:]\d\d\b")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.")


@dataclass(slots=True)
class Split:
    """The lines of a text, parted."""

    own: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """Where history begins: the first line, the first line behind its heading, and what it is."""

    begin: int
    end: int
    forwarded: bool = False


def split(lines: Sequence[str], lexicons: Lexicons) -> Split:
    """Part a text into what its sender wrote and what was there before."""
    found = Split()
    at = 0
    while at < len(lines):
        start = _start(lines, at, lexicons)
        if start is None:
            _take(lines[at], found)
            at += 1
            continue
        found.quoted.extend(lines[start.begin : start.end])
        if start.forwarded:
            found.forwarded.extend(lines[start.begin :])
            break
        at = start.end
        if not _marked(lines, at):
            found.quoted.extend(lines[at:])
            break
    found.answers = _answers(lines)
    return found


def _take(line: str, found: Split) -> None:
    (found.quoted if line.lstrip().startswith(">") else found.own).append(line)


def _marked(lines: Sequence[str], at: int) -> bool:
    """Whether the history that begins here is marked with ">", so that other lines are the sender's again."""
    following = [line for line in lines[at : at + 6] if line.strip()]
    return any(line.lstrip().startswith(">") for line in following[:3])


def _start(lines: Sequence[str], at: int, lexicons: Lexicons) -> _Start | None:
    line = lines[at]
    if not line.strip():
        return None
    if line.strip(" >\t")[:1] in _RULES and (divider := _DASHES.match(line)) and (kind := _divider(divider[1], lexicons)):
        end = at + 1
        while end < len(lines) and (_is_header(lines[end], lexicons) or not lines[end].strip()):
            end += 1
        return _Start(at, end, forwarded=kind == "forwarded")
    if end := _header_block(lines, at, lexicons):
        return _Start(at, end)
    if end := _attribution(lines, at, lexicons):
        return _Start(at, end)
    return None


def _divider(words: str, lexicons: Lexicons) -> str:
    text = " ".join(fold(w.strip(":")) for w in words.split())
    if any(p in text for p in lexicons.text("forwarded")):
        return "forwarded"
    return "quoted" if any(p in text for p in lexicons.text("dividers")) else ""


def _is_header(line: str, lexicons: Lexicons) -> bool:
    match = _HEADER.match(line + " ") if ":" in line else None
    return match is not None and fold(match[1]) in lexicons.text_set("headers")


def _header_block(lines: Sequence[str], at: int, lexicons: Lexicons) -> int:
    """Three lines like "Von: … / Gesendet: … / An: …" (Outlook, GMX); "Von: Frau Meier habe ich gehört" alone is text."""
    if not _is_header(lines[at], lexicons):
        return 0
    count, end = 0, at
    for i in range(at, min(at + 10, len(lines))):
        if _is_header(lines[i], lexicons):
            count, end = count + 1, i + 1
        elif not lines[i].strip() or i - end > 1:
            break
    return end if count >= _HEADER_LINES else 0


def _attribution(lines: Sequence[str], at: int, lexicons: Lexicons) -> int:
    """Such as "Am 3. Mai schrieb X:", also over several lines; without a date or an address it is text."""
    words = lines[at].strip(" >").split(maxsplit=1)
    if not words or fold(words[0].strip("*_,")) not in lexicons.text_set("attribution"):
        return 0
    joined = ""
    for i in range(at, min(at + _ATTRIBUTION_LINES, len(lines))):
        joined += " " + lines[i].strip(" >")
        if joined.rstrip(" *_").endswith(":"):
            said = {fold(w.strip(":,.*")) for w in joined.split()}
            dated = any(c.isdigit() for c in joined) or bool(_ADDRESS.search(joined))
            return i + 1 if dated and said & lexicons.text_set("wrote") else 0
        if not lines[i].strip():
            return _uncoloned(lines, at, lexicons)
    return _uncoloned(lines, at, lexicons)


def _uncoloned(lines: Sequence[str], at: int, lexicons: Lexicons) -> int:
    """Such as "Am 3. Mai um 12:40 schrieb X" alone in its line: some telephones leave the colon out."""
    line = lines[at].strip(" >*_")
    alone = at + 1 == len(lines) or not lines[at + 1].strip(" >")
    timed = _TIME.search(line) is not None and line[-1:] not in ".!?,"
    return at + 1 if alone and timed and {fold(w) for w in line.split()} & lexicons.text_set("wrote") else 0


def _answers(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What stands directly below a quoted question, with the question."""
    found: list[tuple[str, str]] = []
    question = ""
    for line in lines:
        text = line.strip()
        if text.startswith(">"):
            bare = text.strip("> ")
            question = bare if "?" in bare else ("" if bare else question)
        elif text and question:
            found.append((question, text))
            question = ""
    return tuple(found[:20])
