"""What speaks for the label of each word of a mail: the word, its neighbours, its line, and whether the sender's address vouches.

The same for learning and for labelling. Features come in groups that recur, so that ``chain`` can add a group's weights at once.
Upstream: ``names``; downstream: ``chain``, ``entities``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailbot.understand import names
from mailbot.understand.normal import fold

MAX_WORDS = 900
_WRAPPED = 55  # a longer line goes on in the next one
_PIECE = re.compile(
    r"(?P<mail>[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
    r"|(?P<url>(?:https?://|www\.)\S{1,300})"
    r"|(?P<initial>[^\W\d_]\.(?:-?[^\W\d_]\.){0,4}(?!\w))"
    r"|(?P<word>\w+(?:\.?[-'’‑./&+]\w+)*)"
    r"|(?P<line>[^\S\n]*\n\s*)"
    r"|(?P<gap>\t[ \t]*|[ ]{2,})"
    r"|(?P<mark>[^\w\s])"
)
_PARTS = re.compile(r"\.?[-‑./&+]")
_INITIAL = 2
_SIZES = ((1, "1"), (3, "3"), (6, "6"), (12, "12"))
_LABEL_END = 5  # a line's label is not longer
_OPEN = {"(": ")", "„": "“", "“": "”", "«": "»", "»": "«", '"': '"', "[": "]"}


class Zone(StrEnum):
    """The part of the mail that words stand in; a display name is trusted least."""

    HEADER = "h"
    SUBJECT = "s"
    TEXT = "t"
    SIGNATURE = "g"


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a mark or a line's end, with its place in its zone."""

    text: str
    zone: Zone
    start: int
    end: int
    kind: str


class Group(tuple[str, ...]):
    """Features that recur together; known by its identity, so that looking up its weights need not compare its strings."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is known of a word by itself."""

    folded: str
    shape: str
    main: str  # the weightiest class, else the shape
    near: tuple[Group, ...]  # what it is to a word three before it, two before it, …, to itself, …, three behind it


def pieces(zones: Sequence[tuple[Zone, str]]) -> list[Piece]:
    """Part the zones' texts into words, marks and line ends; a long line goes on in the next. Bounded."""
    found: list[Piece] = []
    for zone, text in zones:
        line = 0
        for match in _PIECE.finditer(text):
            kind = match.lastgroup or ""
            if kind == "line":
                begun, line = line, match.end()
                if _goes_on(text, begun, match):
                    continue
            last = found[-1] if found else None
            if match[0] == "." and last and last.end == match.start() and last.kind == "word" and _shortened(last, text):
                found[-1] = Piece(f"{last.text}.", zone, last.start, match.end(), "word")
                continue
            found.append(Piece(match[0], zone, match.start(), match.end(), "word" if kind == "initial" else kind))
            if len(found) >= MAX_WORDS:
                return found
        found.append(Piece("\n", zone, len(text), len(text), "line"))
    return found


def _goes_on(text: str, begun: int, match: re.Match[str]) -> bool:
    """Whether a line ends only because it was full; rows of a table end for good."""
    line = text[begun : match.start()].strip()
    full = match[0].count("\n") == 1 and len(line) >= _WRAPPED and text[match.end() : match.end() + 1].isalnum()
    return full and "  " not in line and "\t" not in line and "|" not in line and "@" not in line[-_WRAPPED:]


def _shortened(word: Piece, text: str) -> bool:
    """Whether a full stop belongs to the word before it: "Dr.", "St.", "Dipl.-Ing."; not where a line or a short sentence ends."""
    v = names.vocabulary()
    key = fold(_PARTS.split(word.text)[-1])
    known = key in v.titles or key in v.abbreviations or key in v.legal_words or key in v.salutations
    return known and (word.text[0].isupper() or text[word.end + 1 : word.end + 2] != "\n") and not word.text[0].isdigit()


def groups(words: Sequence[Piece], display: str, address: str) -> Iterator[list[Group]]:
    """The groups of features of each word."""
    looks = [_look(p.text, p.kind) for p in words]
    edge = _look("", "edge")
    padded = [edge, edge, edge, *looks, edge, edge, edge]
    capitals = any(look.shape[:2] == "Xx" for look in looks)
    vouched = _vouched(words, looks, display, address)
    around = _around(words)
    for i, (piece, places) in enumerate(zip(words, _lines(words, looks), strict=True)):
        found = [look.near[place] for place, look in enumerate(padded[i : i + 7])]
        far, before, here, behind, on = padded[i + 1 : i + 6]
        found.append(_own(here, piece.zone.value, capitals))
        found.append(_mains(far.main, before.main, here.main, behind.main, on.main))
        found.append(_led(far.folded, before.folded, here.main, behind.folded))
        found.append(places)
        if around[i]:
            found.append(_inside(around[i], here.main))
        if vouched[i - 1] or vouched[i] or vouched[i + 1]:
            found.append(_vouching(vouched[i - 1], vouched[i], vouched[i + 1]))
        yield found


@lru_cache(maxsize=4096)
def _look(text: str, kind: str) -> Look:
    if kind != "word":
        word = text if kind == "mark" else kind
        return Look(word, word, word, _near(word, word, ()))
    word, shape = fold(text), _shape(text)
    classes = _classes(word.strip("."), tuple(fold(part) for part in _PARTS.split(text)))
    return Look(word, shape, classes[0] if classes else shape, _near(word, shape, classes))


def _shape(word: str) -> str:
    if word[0].isdigit():
        return "9"
    if word.endswith("."):
        return "X." if word[0].isupper() else "x."
    if word.isupper():
        return "X" if len(word) <= _INITIAL else "XX"
    if word[0].isupper():
        return "Xx" if word[1:].islower() else "XxX"
    return "x"


def _classes(word: str, parts: Sequence[str]) -> tuple[str, ...]:
    """What a folded word is known to be, the weightiest first; of a name's parts one is enough."""
    v = names.vocabulary()
    tests = (
        ("legal", word.replace(".", "") in v.legal_words),
        ("salutation", word in v.salutations),
        ("title", word in v.titles),
        ("private", word in v.private_words),
        ("role", word in v.roles or word.endswith(v.role_ends)),
        ("department", word in v.departments),
        ("mark", names.is_plain_mark(word)),
        ("conjunction", word in v.conjunctions),
        ("article", word in v.articles),
        ("particle", word in v.particles),
        ("relative", word in v.relatives),
        ("address", word in v.address),
        ("none", word in v.no_names),
        ("everyday", word in v.everyday),
        ("first", any(len(part) > _INITIAL and part in names.listed("first_names") for part in parts)),
        ("last", any(part in names.listed("last_names") for part in parts)),
        ("ending", names.is_mark(word)),
    )
    return tuple(name for name, holds in tests if holds)


def _near(word: str, shape: str, classes: Sequence[str]) -> tuple[Group, ...]:
    """A word at each distance; of the nearest the classes count too."""
    kinds = {d: [f"c{d}={c}" for c in classes] for d in (-2, -1, 0, 1, 2)}
    return tuple(Group((f"w{d}={word}", f"s{d}={shape}", *kinds.get(d, ()))) for d in range(-3, 4))


@lru_cache(maxsize=4096)
def _own(look: Look, zone: str, capitals: bool) -> Group:
    """The word itself: its ends, and its shape in its part of the mail."""
    word = look.folded
    ends = (f"e2={word[-2:]}", f"e3={word[-3:]}", f"e4={word[-4:]}", f"e6={word[-6:]}", f"p3={word[:3]}", f"p5={word[:5]}")
    first = (f"k={look.shape}{capitals}", f"z={zone}", f"zs={zone}{look.shape}", f"zm={zone}{look.main}")
    return Group((*first, *ends) if look.shape[:1] in {"X", "x"} else first)


@lru_cache(maxsize=4096)
def _mains(far: str, before: str, here: str, behind: str, on: str) -> Group:
    """Neighbours' classes read together."""
    return Group(
        (
            f"m-1={before} {here}",
            f"m+1={here} {behind}",
            f"m3={before} {here} {behind}",
            f"m-2={far} {before} {here}",
            f"m+2={here} {behind} {on}",
        )
    )


@lru_cache(maxsize=4096)
def _led(far: str, before: str, here: str, behind: str) -> Group:
    """What leads to a word, and what it leads to."""
    return Group((f"wm={before} {here}", f"wwm={far} {before} {here}", f"mw={here} {behind}"))


@lru_cache(maxsize=1024)
def _inside(mark: str, here: str) -> Group:
    """A word between brackets or quotation marks."""
    return Group((f"in={mark}", f"im={mark} {here}"))


@lru_cache(maxsize=1024)
def _vouching(before: tuple[str, ...], here: tuple[str, ...], behind: tuple[str, ...]) -> Group:
    """What vouches for a word and its neighbours."""
    return Group((*(f"v-1={v}" for v in before), *(f"v0={v}" for v in here), *(f"v1={v}" for v in behind)))


def _vouched(words: Sequence[Piece], looks: Sequence[Look], display: str, address: str) -> list[tuple[str, ...]]:
    """Whether a word stands in the sender's display name, in the address before the "@" or in its domain."""
    shown = set(names.folded(display))
    local, _, domain = fold(address).partition("@")
    host = domain.rpartition(".")[0]
    found: list[tuple[str, ...]] = []
    for piece, look in zip(words, looks, strict=True):
        word = look.folded
        if piece.kind != "word" or len(word) <= _INITIAL:
            found.append(())
            continue
        tests = (("shown", piece.zone is not Zone.HEADER and word in shown), ("local", word in local), ("domain", word in host))
        found.append(tuple([name for name, holds in tests if holds]))
    return [*found, ()]  # behind the last word, and so before the first


def _around(words: Sequence[Piece]) -> list[str]:
    """The bracket or quotation mark that a word stands in, if it is closed in the same line."""
    found = [""] * len(words)
    opened = -1
    for i, piece in enumerate(words):
        if piece.kind == "line":
            opened = -1
        elif piece.kind == "mark":
            if opened >= 0 and piece.text in {_OPEN[words[opened].text], '"', "”"}:
                mark = "(" if words[opened].text in "([" else "„"
                found[opened + 1 : i] = [mark] * (i - opened - 1)
                opened = -1
            elif piece.text in _OPEN:
                opened = i
    return found


def _lines(words: Sequence[Piece], looks: Sequence[Look]) -> Iterator[Group]:
    """Where in its line a word stands, and what the line, the line before and its label look like."""
    lines: list[list[int]] = [[]]
    for i, piece in enumerate(words):
        lines[-1].append(i)
        if piece.kind == "line":
            lines.append([])
    lines = [line for line in lines if line]
    above = "-"
    for number, places in enumerate(lines):
        inner = [looks[p] for p in places if words[p].kind != "line"]
        look = _line_look(inner)
        end = str(min(len(lines) - number, 5))
        label = _line_label(inner)
        size = len(inner)
        for order, _ in enumerate(places):
            place = "1" if order == 0 else "2" if order == 1 else "$" if order == size - 1 else "."
            named = label[1] if label and order > label[0] else ""
            yield _place(place, look, end, above, named)
        above = look


@lru_cache(maxsize=4096)
def _place(place: str, look: str, end: str, above: str, named: str) -> Group:
    short = look.partition("|")[0]
    found = (f"lp={place}", f"ls={short}{place}", f"ll={look}", f"le={end}", f"les={end}{short}", f"la={above} {short}")
    return Group((*found, f"lf={named}") if named else found)


def _line_look(looks: Sequence[Look]) -> str:
    short = next((name for most, name in _SIZES if len(looks) <= most), "+")
    shapes = {look.shape for look in looks}
    capitals = all(look.shape[0] == "X" for look in looks if look.shape[0] in "xX9")
    marks = "".join(c for c, shape in (("@", "mail"), (":", ":"), (",", ","), ("9", "9"), ("_", "gap")) if shape in shapes)
    return f"{short}|{marks}{'X' if capitals else ''}"


def _line_label(looks: Sequence[Look]) -> tuple[int, str] | None:
    """The label that a line begins with, and where it ends: "Einrichtung: …"."""
    for i, look in enumerate(looks[:_LABEL_END]):
        if look.shape in {":", "gap", "="} and i:
            return i, looks[i - 1].folded if i > 1 and looks[i - 1].shape != ")" else looks[0].folded
    return None
