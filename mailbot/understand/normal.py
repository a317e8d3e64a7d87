"""Spellings made equal: one folded form for words as people write them, and the words of a text with their places.

Never looks at what words mean. Upstream: ``text``; downstream: ``lexicon`` and ``phrases``.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

MAX_WORDS = 2500
_SENTENCE_WORDS = 120
_WRAPPED = 55  # a longer line goes on in the next one
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_UNSEEN = re.compile("[" + "".join(map(chr, _INVISIBLE)) + "]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_LOOKALIKES = str.maketrans("авеёгіјкмнорсԁѕтухһԛԝьЅαοερικνυτ", "abeerijkmhopcdstyxhqwbsaoepiknut")  # Cyrillic, Greek
_LATIN = re.compile(r"[a-z]")
_FOREIGN = re.compile(r"[а-яёіїєґԁһԛԝѕј]")
_WORDS = frozenset({"word", "mail", "url"})
_TOKEN = re.compile(
    r"(?P<mail>[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
    r"|(?P<url>(?:https?://|www\.)\S{1,300})"
    r"|(?P<word>\w+(?:[-'’‑/:*]\w+)*)"
    r"|(?P<stop>(?<![.!?…])[.!?…]+(?=[\s\"'“”„)\]»«]|$)|\n[ \t]*\n)"
    r"|(?P<item>\n[ \t]*(?=[-–•*·]\s|\(?\d{1,2}[.)]\s|\(?[a-h]\)\s))"
    r"|(?P<comma>[,;:–—()\n]|\s-\s)"
)


def visible(text: str) -> str:
    """Compose characters (NFC) and drop those that nobody sees (zero width, soft hyphen, direction marks, NUL)."""
    if text.isascii():
        return text.replace("\0", "")
    composed = unicodedata.normalize("NFC", text).replace("\0", "").replace("\xa0", " ")
    return composed.translate(_INVISIBLE) if _UNSEEN.search(composed) else composed


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Give the form in which spellings of one word are equal: case, umlauts, accents, look-alikes, hyphens, apostrophes."""
    text = unicodedata.normalize("NFKC", word).casefold()
    if _FOREIGN.search(text) and _LATIN.search(text):
        text = text.translate(_LOOKALIKES)
    text = text.translate(_UMLAUTS)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return text.replace("-", "").replace("'", "").replace("’", "").replace("‑", "")


class Word(NamedTuple):
    """A word: folded, its place in the text, and the number of its clause within the sentence."""

    text: str
    start: int
    end: int
    clause: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words up to a full stop, a question mark, a list item or an empty line."""

    words: tuple[Word, ...]
    question: bool = False
    where: str = "text"
    point: bool = False  # of a list


def sentences(text: str, abbreviations: frozenset[str] = frozenset()) -> list[Sentence]:
    """Split a text into sentences of folded words; bounded. Full stops behind ``abbreviations`` end none."""
    found: list[Sentence] = []
    words: list[Word] = []
    clause = count = 0
    point = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in _WORDS:
            words.append(Word(fold(match[0]) if kind == "word" else f"§{kind}", *match.span(), clause))
            count += 1
            if len(words) < _SENTENCE_WORDS and count < MAX_WORDS:
                continue
        elif kind == "comma":
            clause += match[0] != "\n" or match.start() - text.rfind("\n", 0, match.start()) < _WRAPPED
        stops = kind == "item" or (kind == "stop" and bool(words) and not _abbreviation(match[0], words[-1], text, abbreviations))
        if words and (stops or len(words) >= _SENTENCE_WORDS):
            found.append(Sentence(tuple(words), kind == "stop" and "?" in match[0], point=point))
            words, clause = [], 0
        point = kind == "item" or (point and not stops)
        if count >= MAX_WORDS:
            break
    if words:
        found.append(Sentence(tuple(words), point=point))
    return found


def _abbreviation(stop: str, before: Word, text: str, abbreviations: frozenset[str]) -> bool:
    """A full stop behind a number, a letter or a short word ends no sentence ("11. März", "z. B.", "Dr. X")."""
    if stop != ".":
        return False
    word = text[before.start : before.end]
    return word.isdigit() or len(word) == 1 or before.text in abbreviations
