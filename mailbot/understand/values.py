"""A text as words and values: names, institutions and e-mail addresses each as one piece, quoted or by their capitals.

Never says what a value means. Upstream: ``names``, ``lexicon``; downstream: ``relations``, ``corrections``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mailbot.understand import names
from mailbot.understand.lexicon import lexicons
from mailbot.understand.mentions import EMAIL, PRIVATE
from mailbot.understand.normal import fold

_TOKEN = re.compile(
    rf"(?P<mail>{EMAIL.pattern})"
    r"|[„“”\"»«‚‘](?P<quoted>[^„“”\"»«‚‘\n]{1,80})[“”\"»«‘’]"
    r"|(?<!\w)'(?P<single>[^'\n]{1,80})'(?!\w)"
    r"|(?P<arrow>[-=]{1,3}>|[→⇒➔➜])"
    r"|(?P<word>\w+(?:[.'’´/&-]\w+)*)"
    r"|(?P<sign>\n[ \t]*\n|[,;:()\n|!?.…&+]|\s[-–—]\s)"
)
_WRAPPED = 55  # a longer line goes on in the next one
_PRIVATE_WORDS = 3
_MAX_WORDS = 10
_SURNAME = 2

Kind = Literal["word", "value", "soft", "stop"]


@dataclass(frozen=True, slots=True)
class Item:
    """A folded word, a value as written, or a sign (``soft`` within a sentence, ``stop`` behind it)."""

    kind: Kind
    key: str
    text: str
    start: int
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    key: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def field_word(word: str) -> str | None:
    """The field that a folded word speaks of: "Nachname", "geheiratet", "Arbeitgeber"."""
    return lexicons().field_word(word)


@lru_cache(maxsize=1)
def breakers() -> frozenset[str]:
    """Words that may be written with a capital and belong to no value."""
    v, known = names.vocabulary(), lexicons()
    small = known.corrections("inside_names") | known.corrections("inside_institutions")
    ordinary = (v.everyday | v.salutations | v.no_names) - small
    ordinary |= known.corrections("skipped") | correction_words()
    return frozenset(w for w in ordinary if not names.is_plain_mark(w)) | known.corrections("nouns")


def correction_words() -> frozenset[str]:
    """The words of the constructions themselves: "Nutzen Sie …" begins a sentence, no name."""
    return frozenset(fold(w) for line in lexicons().correction_patterns for w in re.findall(r"[^\W\d_]{2,}", line))


@lru_cache(maxsize=1)
def _no_beginnings() -> frozenset[str]:
    return names.vocabulary().determiners | lexicons().corrections("inside_institutions")


def items(text: str) -> list[Item]:
    """Part a text into words, values and signs; bounded by its length."""
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    found: list[Item] = []
    at = sentence = 0
    while at < len(tokens):
        kind, value, stop = _piece(text, tokens, at)
        found.append(Item(kind, tokens[at].key if kind != "value" else "", value, tokens[at].start, sentence))
        sentence += kind == "stop"
        at = stop
    return found


def whole(text: str) -> str | None:
    """The value that a cell of a table holds, and nothing besides it."""
    inner = [item for item in items(text) if item.kind != "soft"]
    return inner[0].text if len(inner) == 1 and inner[0].kind == "value" else None


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    inner = match[kind]
    if kind == "word":
        return _Token(kind, inner, fold(inner), match.start(), match.end())
    key = {"arrow": "->", "sign": inner.strip(" \t")}.get(kind, "")
    return _Token("quoted" if kind == "single" else kind, inner, key, match.start(), match.end())


def _piece(text: str, tokens: list[_Token], at: int) -> tuple[Kind, str, int]:
    """What stands here, and the place behind it."""
    token = tokens[at]
    if token.kind == "mail":
        return "value", token.text.rstrip("."), at + 1
    if token.kind == "quoted":
        return "value", PRIVATE if names.is_private(token.text) else token.text.strip(" .,"), at + 1
    if token.kind != "word":
        return ("stop" if _stops(tokens, at) else "soft"), token.text, at + 1
    stop = _run(text, tokens, at)
    if (private := _private(tokens, at)) and (private > stop or stop == at + 1):
        return "value", PRIVATE, private
    if stop > at and not (stop == at + 1 and _ordinary(token)):
        return "value", " ".join(text[token.start : tokens[stop - 1].end].split()), stop
    return "word", token.text, at + 1


def _ordinary(token: _Token) -> bool:
    """A capitalised word that alone names nobody: "Verein", "Nachname"."""
    return token.key in names.vocabulary().bare_marks or token.key in lexicons().labels or field_word(token.key) is not None


def _stops(tokens: list[_Token], at: int) -> bool:
    """A full stop, unless behind a number or an abbreviation; an empty line."""
    key = tokens[at].key
    if key == "." and at and tokens[at - 1].kind == "word":
        return not (_abbreviated(tokens[at - 1]) or tokens[at - 1].text.isdigit())
    return key in {".", "!", "?", "…"} or key.count("\n") > 1


def _abbreviated(token: _Token) -> bool:
    v = names.vocabulary()
    return len(token.text) == 1 or token.key in v.abbreviations or (token.key in v.titles and len(token.text) <= 4)  # noqa: PLR2004


@lru_cache(maxsize=1)
def _private_firsts() -> frozenset[str]:
    return frozenset(phrase.split()[0] for phrase in names.vocabulary().private if phrase)


def _private(tokens: list[_Token], at: int) -> int:
    """The place behind "als Privatperson", "a private person"; 0 where nothing of the kind stands here."""
    if tokens[at].key not in _private_firsts():
        return 0
    for stop in range(min(at + _PRIVATE_WORDS, len(tokens)), at, -1):
        if " ".join(t.key for t in tokens[at:stop]) in names.vocabulary().private:
            return stop
    return 0


def _run(text: str, tokens: list[_Token], at: int) -> int:
    """The place behind the capitalised words that begin here: with "von der" in names, with "für" in institutions."""
    stop, marked = at, False
    while stop < len(tokens) and stop - at < _MAX_WORDS:
        token = tokens[stop]
        if legal := _legal(text, tokens, stop) if stop > at else 0:
            return legal
        if _capital(token, marked=marked) and (stop > at or token.key not in _no_beginnings()):
            marked = marked or names.is_plain_mark(token.key)
            stop += 1
        elif stop > at and (further := _joined(text, tokens, stop, marked=marked)):
            stop = further
        else:
            break
    return stop


def _capital(token: _Token, *, marked: bool) -> bool:
    if token.kind != "word":
        return False
    if not names.is_capital(token.text):  # "eG", "gGmbH"
        return not token.text.islower() and names.is_plain_mark(token.key)
    role = token.key in names.vocabulary().roles and not names.is_plain_mark(token.key)
    label = field_word(token.key) is not None and not names.is_plain_mark(token.key)
    return token.key not in breakers() and not label and (marked or not role)


def _legal(text: str, tokens: list[_Token], at: int) -> int:
    """The place behind a legal form: "e. V."."""
    match = names.vocabulary().legal.match(text, tokens[at].start)
    if not match:
        return 0
    while at < len(tokens) and tokens[at].start < match.end():
        at += 1
    dotted = "." in match[0] and at < len(tokens) and tokens[at].key == "." and tokens[at].start == match.end()
    return at + dotted


def _joined(text: str, tokens: list[_Token], at: int, *, marked: bool) -> int:
    """The place up to which a small word, a full stop of a title or a line's end may be crossed; 0 where not."""
    token, known = tokens[at], lexicons()
    if token.key == "." and _abbreviated(tokens[at - 1]):
        return at + 1
    if token.key == "\n":
        begins = text.rfind("\n", 0, token.start) + 1
        return at + 1 if token.start - begins >= _WRAPPED and _goes_on(tokens, at + 1) else 0
    if token.key == "&" or (marked and token.key in known.corrections("inside_institutions")):
        return _behind_small(tokens, at + 1)
    if token.key in known.corrections("inside_names"):
        behind = at + 1
        while behind < len(tokens) and tokens[behind].key in known.corrections("inside_names") and behind - at < _SURNAME:
            behind += 1
        return behind if _goes_on(tokens, behind) and not names.is_plain_mark(tokens[behind].key) else 0
    return 0


def _goes_on(tokens: list[_Token], at: int) -> bool:
    return at < len(tokens) and _capital(tokens[at], marked=False)


def _behind_small(tokens: list[_Token], at: int) -> int:
    """Behind "für", an article and at most one adjective: "Institut für die angewandte Ökologie"."""
    for place in range(at, min(at + 3, len(tokens))):
        token = tokens[place]
        if token.kind != "word":
            return 0
        if names.is_capital(token.text):
            other = token.key in lexicons().corrections("nouns") or token.key in names.vocabulary().salutations
            return 0 if other or field_word(token.key) or len(token.text) == 1 else place + 1
    return 0
