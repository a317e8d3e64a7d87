"""The language of a text, also of three words: German, English, another by its frequent words and letters, or none.

Downstream: ``understand``. Never guesses where nothing speaks for anything: gives "".
"""

import re
from collections import Counter
from collections.abc import Iterable

from mailbot.understand.lexicon import Lexicons

_BEYOND_LATIN = re.compile(r"[^\x00-\u024F]")


def language(words: Iterable[str], text: str, lexicons: Lexicons) -> str:
    """Say which language the folded words of this text are; ``text`` is asked for its letters."""
    foreign = _by_letters(text, lexicons)
    if foreign:
        return foreign
    score: Counter[str] = Counter()
    lists = lexicons.by_language
    for word, times in Counter(words).items():
        for name in lexicons.frequent.get(word, ()):
            score[name] += times
    best = max(score.items(), key=lambda item: (item[1], item[0] in lists), default=("", 0))
    if not best[1]:
        return ""
    ours = max(lists, key=lambda name: score[name])
    if score[ours] == best[1] or (score[ours] and best[1] < 3):  # noqa: PLR2004 - a foreign language needs more than a word or two
        return ours
    return best[0]


def _by_letters(text: str, lexicons: Lexicons) -> str:
    lowered = text[:4000].lower()
    if not _BEYOND_LATIN.search(lowered):
        return ""
    letters = Counter(c for c in lowered if ord(c) > 0x24F)  # noqa: PLR2004 - behind Latin Extended-B
    if sum(letters.values()) * 2 < sum(c.isalpha() for c in lowered):
        return ""
    counts = {name: sum(letters[c] for c in chars) for name, chars in lexicons.other.letters.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= 1:
        return best
    return "ru" if any("а" <= c <= "я" for c in letters) else ""
