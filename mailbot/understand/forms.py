"""Form lines ("Name: …"), tables, numbered and bulleted lists of people, and answers below quoted questions.

Upstream: ``text``, ``names``; downstream: ``people``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.domain.understanding import Participant
from mailbot.understand import houses, names
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.mentions import EMAIL
from mailbot.understand.normal import fold

_BULLET = re.compile(r"^\s{0,20}(?:[-–•*·>+]|\(?\d{1,2}[.):]|[a-h]\))\s{1,6}")
_PAIR = re.compile(r"^[\s*_]{0,20}([^\W\d_][^:=\n]{0,45}?)[\s*_]{0,5}[:=][\s*_]{0,5}(.{0,300})$")
_CELLS = re.compile(r"\s{2,}|\t|\s?[|;]\s?")
_SEPARATED = re.compile(r"\t|;|\|")
_LEADERS = re.compile(r"\s?(?:\.{3,200}|…{1,99}|_{3,200}):?\s?")
_CUT = re.compile(r"[,;(|\t]|\s[–—-]\s|\s{2,}")
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})[.!?](?:\s|$)")
_FIELDS = ("name", "first_name", "last_name", "institution", "email")


@dataclass(slots=True)
class _Form:
    """Fields of people as they come; a field that repeats begins the next person."""

    people: list[dict[str, str]] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        if not self.people or name in self.people[-1]:
            self.people.append({})
        self.people[-1][name] = value


def particulars(text: str, answers: Sequence[tuple[str, str]], lexicons: Lexicons) -> tuple[list[Participant], bool]:
    """Give the people of form lines, tables and lists, else of the answers below quoted questions; and whether it is a form.

    A form says by its labels or by naming several people that they shall take part; a single line with a name may be a signature.
    """
    lines = [_LEADERS.sub(": ", line) for line in text.splitlines()]
    if labelled := _table(lines, lexicons) or _bare_table(lines) or _labelled(lines, lexicons) or _unmarked(lines, lexicons):
        return labelled, any(p.name for p in labelled)
    person = answered(answers, lexicons)
    return ([person], person.name is not None) if person else ([], False)


def label(text: str, lexicons: Lexicons) -> str | None:
    """The field that a label names: "Name", "E-Mail-Adresse", "Teilnehmer 1"."""
    key = " ".join(fold(w) for w in re.sub(r"[\d.#*()\"„“”'‚‘’]|\s\d{1,2}$", " ", text).split()).strip(" :")
    known = lexicons.labels
    return known.get(key) or known.get(key.replace("/", " / ")) or known.get(key.partition("/")[0].strip())


def _labelled(lines: Sequence[str], lexicons: Lexicons) -> list[Participant]:
    form = _Form()
    waiting: str | None = None
    listing = False
    for line in lines:
        bare = _BULLET.sub("", line)
        if waiting and bare.strip() and not _PAIR.match(bare):
            entry = waiting == "name" and _is_entry(bare)
            if entry or not listing:
                form.put(waiting, bare.strip())
            listing = entry
            waiting = "name" if entry else None  # "Teilnehmende:", then a name a line
            continue
        waiting, listing = (None, False) if bare.strip() else (waiting, listing)
        for name, value in _pairs(bare, lexicons):
            if value:
                form.put(name, value)
            else:
                waiting = name
    found = [_person(fields) for fields in form.people]
    kept = [p for p in found if p.name or p.institution]
    return kept if any(p.name for p in kept) or (len(kept) == 1 and kept[0].institution) else []


def _is_entry(line: str) -> bool:
    """Whether a line begins with a name: "Jan Ott, Stadt Büren"."""
    return names.is_name(_CUT.split(line.strip(), maxsplit=1)[0])


def _pairs(line: str, lexicons: Lexicons) -> list[tuple[str, str]]:
    """The label and value of one line, or several of them: "Name: A, Institution: B"."""
    cells = _CELLS.split(line.strip(), maxsplit=1)
    if len(cells) == 2 and ":" not in cells[0] and (kind := label(cells[0], lexicons)):  # noqa: PLR2004
        return [(kind, cells[1].strip(" :"))] if kind in _FIELDS and cells[1].strip(" :") else []
    found = []
    for piece in re.split(r"[,;|]\s(?=[^\W\d_][^:,;|\n]{0,40}:\s?\S)", line):
        match = _PAIR.match(piece)
        kind = label(match[1], lexicons) if match else None
        if match and kind in _FIELDS:
            found.append((kind, match[2].strip(" *_")))
    return found


def _unmarked(lines: Sequence[str], lexicons: Lexicons) -> list[Participant]:
    """Labels without colons, as typed on a phone: "name anna meier", two fields at least."""
    fields: dict[str, str] = {}
    for line in lines:
        words = line.split()
        kind = label(words[0], lexicons) if 1 < len(words) <= names.MAX_NAME_WORDS else None
        if kind in _FIELDS:
            fields.setdefault(kind, " ".join(words[1:]))
    return [_person(fields)] if len(fields) > 1 and fields.keys() & {"name", "last_name"} else []


def _person(fields: dict[str, str]) -> Participant:
    name = _named(fields.get("name", ""))
    if not name or (" " not in name and "first_name" in fields):  # "Vorname | Name"
        name = " ".join(v for k in ("first_name", "last_name", "name") if (v := fields.get(k)))
    institution = EMAIL.sub("", fields["institution"]).strip(" ,;<>()") if "institution" in fields else None
    email = EMAIL.search(fields.get("email", ""))
    if name and institution is None:
        name, institution = _apart(name)
    return Participant(
        name=names.clean_name(names.without_lead(name)) or None if name else None,
        institution=houses.institution_or_private(institution) if institution else institution,  # "" is an empty cell
        email=email[0].rstrip(".") if email else None,
    )


def _named(value: str) -> str:
    """The name that a value begins with, where more follows it: "Jan Ott. Mit freundlichem Gruß, Eva Lenz"."""
    first = _SENTENCE.split(value, maxsplit=1)[0]
    return first if first != value and names.is_name(first) else value


def _apart(value: str) -> tuple[str, str | None]:
    """Such as "Anna Meier, Stadt Büren" behind the label "Name"."""
    first, *rest = _CUT.split(value, maxsplit=1)
    if rest and names.is_name(first) and not EMAIL.search(rest[0]) and (names.has_mark(rest[0]) or names.is_private(rest[0])):
        return first, rest[0].strip(" )")
    return value, None


def _table(lines: Sequence[str], lexicons: Lexicons) -> list[Participant]:
    """A header of labels, then a person a line."""
    columns: list[str | None] = []
    found = []
    for line in lines:
        cells = _cells(line)
        if not columns:
            kinds = [label(c, lexicons) for c in cells]
            columns = kinds if sum(k in _FIELDS for k in kinds) >= 2 and len(cells) >= 2 else []  # noqa: PLR2004
        elif len(cells) >= 2 and not set(line.strip()) <= set("-+|= "):  # noqa: PLR2004
            fields = {k: c for k, c in zip(columns, cells, strict=False) if k in _FIELDS}
            person = _person({str(k): v for k, v in fields.items()})
            found += [person] if person.name else []
    return found


def _cells(line: str) -> list[str]:
    """The cells of a row; between marks they may be empty, between spaces they can't."""
    if len(_SEPARATED.findall(line)) > 1:
        return [c.strip() for c in _SEPARATED.split(line.strip().removeprefix("|").removesuffix("|"))]
    return [c.strip() for c in _CELLS.split(line.strip()) if c.strip()]


def _bare_table(lines: Sequence[str]) -> list[Participant]:
    """Rows of cells below one another without a head: "Ott; Jan; Stadt Büren; jan@…"; each has an address and a name."""
    rows = [[c.strip() for c in _SEPARATED.split(line.strip().strip("|;"))] for line in lines if len(_SEPARATED.findall(line)) > 1]
    found = [p for row in rows if (p := _row(row))]
    return found if len(found) == len(rows) > 1 else []


def _row(cells: Sequence[str]) -> Participant | None:
    """One person of a row; first name and surname may have a cell each."""
    email = next((c for c in cells if EMAIL.fullmatch(c)), None)
    rest = [c for c in cells if c and c != email]
    name = next((c for c in rest if names.is_name(c)), None)
    parts = [name] if name else rest[:2]
    name = name or _in_cells(parts)
    others = [c for c in rest if c not in parts and any(x.isalpha() for x in c)]
    if not name or not email or len(others) > 1:
        return None
    return Participant(
        name=names.clean_name(name), institution=houses.institution_or_private(others[0]) if others else None, email=email
    )


def _in_cells(cells: Sequence[str]) -> str | None:
    """Two cells of a word each, the known first name first."""
    known = [fold(c) in names.listed("first_names") for c in cells]
    if len(cells) != 2 or not all(c.replace("-", "").isalpha() for c in cells):  # noqa: PLR2004
        return None
    return f"{cells[1]} {cells[0]}" if known[1] or not known[0] else f"{cells[0]} {cells[1]}"


def answered(answers: Sequence[tuple[str, str]], lexicons: Lexicons) -> Participant | None:
    """Answers between the quoted questions: the question says which field it is."""
    fields: dict[str, str] = {}
    for question, answer in answers:
        words = [fold(w.strip('?.,:„“"')) for w in question.split()]
        known = lexicons.labels
        kind = next((known[w] for w in words if known.get(w) in _FIELDS), None)
        if kind is None and names.is_name(answer):
            kind = "name"
        if kind:
            fields.setdefault(kind, answer)
    return _person(fields) if fields else None
