"""What a short answer picks: "beide", "nur den Newsletter", "die Anmeldung", "privat"; the words stand in the lexicons.

Upstream: ``lexicon``; downstream: ``reading``. A longer text is more than an answer to "which?" and picks nothing.
"""

from mailbot.domain.understanding import Choice
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_SHORT = 12
_AROUND = ".,;:!?()\"'„“”«»"


def choices(text: str, lexicons: Lexicons) -> tuple[Choice, ...]:
    """Give what the first words of a text name; mailings, event and "privat" only where the whole text is short."""
    words = text.split(maxsplit=_SHORT)
    first = {fold(w.strip(_AROUND)) for w in words[:_SHORT]}
    short = first if len(words) <= _SHORT else set()
    spoken = {Choice.ALL: first}
    return tuple(choice for choice in Choice if spoken.get(choice, short) & lexicons.choices[choice])
