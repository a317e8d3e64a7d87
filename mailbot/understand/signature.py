"""The signature as evidence: the writer's name and institution; its slogans, roles, departments and addresses are left out.

Upstream: ``text``, ``names``; downstream: ``people``.
"""

import re
from collections.abc import Sequence

from mailbot.domain.mail import Address
from mailbot.domain.understanding import Participant
from mailbot.understand import names
from mailbot.understand.normal import fold
from mailbot.understand.text import OwnText

_SEPARATOR = re.compile(r":\s|\s?[|•·]\s?|\s{3,}|\s[–—-]\s")
_COMMA = re.compile(r"\s?[,()]\s?")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{2}[.!?])[ \t]+(?=[A-ZÀ-Þ])")
_MAX_LINES = 14
_TRAILING = 4


def read(own: OwnText, sender: Address | None) -> Participant:
    """Read name and institution from below the closing, else from the last short lines of the text."""
    lines = [line for line in own.signature.splitlines() if line.strip()][:_MAX_LINES]
    found = _read(lines, sender)
    if found.name and found.institution:
        return found
    last = _read(_trailing(own.text), sender)
    return Participant(name=found.name or last.name, institution=found.institution or last.institution)


def _trailing(text: str) -> list[str]:
    """Short lines without a full stop at the text's end."""
    found: list[str] = []
    last = text.rstrip().splitlines()[-_TRAILING - 2 :]
    for line in reversed([piece for whole in last for piece in _sentences(whole)]):
        if len(line) > 70 or (line.rstrip().endswith((".", "!", "?", ":")) and not names.has_mark(line)):  # noqa: PLR2004
            break
        found.insert(0, line)
    return [line for line in found if line.strip()][-_TRAILING:]


def _sentences(line: str) -> list[str]:
    """A line at its full stops: "Ich komme gern. Anna Meier, Stadt Büren"; none ends behind "Dr." or "e.V."."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(line):
        before = found[-1].rpartition(" ")[2].rstrip(".!?") if found else ""
        if found and (fold(before) in names.vocabulary().abbreviations or "." in before):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


def _read(lines: Sequence[str], sender: Address | None) -> Participant:
    pieces = [(row, names.without_lead(p)) for row, line in enumerate(lines) for p in _pieces(line)]
    at = _name_at([p for _, p in pieces], sender)
    name = names.clean_name(pieces[at][1]) if at is not None else None
    return Participant(name=name, institution=_institution(pieces, at))


def _pieces(line: str) -> list[str]:
    found: list[str] = []
    for piece in _SEPARATOR.split(line.strip()):
        parts = [p for p in _COMMA.split(piece) if p.strip()]
        if len(parts) > 1 and (names.is_name(parts[0]) or names.is_role(parts[0]) or any(names.is_private(p) for p in parts)):
            found.extend(p.strip() for p in parts)
        elif piece.strip():
            found.append(piece.strip())
    return found


def _name_at(pieces: Sequence[str], sender: Address | None) -> int | None:
    shown = set(names.folded(sender.name)) if sender else set()
    for i, piece in enumerate(pieces):
        if names.is_name(piece):
            return i
        words = names.folded(piece)
        if shown and 1 <= len(words) <= 4 and set(words) <= shown and names.is_name(names.clean_name(piece)):  # noqa: PLR2004
            return i
    return None


def _institution(pieces: Sequence[tuple[int, str]], name_at: int | None) -> str | None:
    """The best piece: marked as an institution, no role, department, address or slogan; else the line below the name."""
    for i, (_, piece) in enumerate(pieces):
        if i != name_at and names.is_private(piece):
            return "privat"
    good = [p for i, (_, p) in enumerate(pieces) if i != name_at and names.is_institution(p) and names.has_mark(p)]
    whole = [p for p in good if not names.is_department(p)]
    if whole or good:
        return names.without_parts(names.clean_institution((whole or good)[0]))
    if name_at is None:
        return None
    row = pieces[name_at][0]
    below = [p for r, p in pieces[name_at + 1 :] if r > row and not names.is_role(p)]
    if below and fold(below[0].split()[0]).partition(".")[0] in names.vocabulary().titles:
        return None  # "Dipl.-Ing. Landschaftsbau": a profession
    if below and names.is_institution(below[0]) and len(below[0].split()) >= 2 and not names.is_department(below[0]):  # noqa: PLR2004
        return names.without_parts(names.clean_institution(below[0]))
    return None
