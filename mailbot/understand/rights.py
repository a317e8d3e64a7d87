"""Which rights under the GDPR a mail claims, from evidence; and what makes a claim one for a human (LABELS rule 7).

Upstream: ``evidence``; downstream: ``intent``.
"""

from mailbot.domain.understanding import RequestKind
from mailbot.understand.evidence import Evidence, Findings

_FOR_A_HUMAN = ("third_party", "threat", "authority", "minor", "erasure_part")


def claimed(found: Findings) -> dict[RequestKind, Evidence]:
    """Give each right that is plainly claimed with the words that claim it."""
    kinds = {kind: hits[0] for kind in RequestKind if (hits := _hits(found, kind))}
    if RequestKind.ERASURE in kinds and not _beyond_list(found):
        del kinds[RequestKind.ERASURE]
    if RequestKind.ACCESS in kinds and RequestKind.PORTABILITY in kinds and _same_words(kinds):
        del kinds[RequestKind.ACCESS]
    return kinds


def _hits(found: Findings, kind: RequestKind) -> list[Evidence]:
    """Claims count when wished or politely asked; names of rights in an enumeration of somebody's duties do not."""
    expected = {e.sentence for e in found.all("expectation")}
    hits = [e for e in found.all(kind.value) if not e.negated and not e.supposed and e.sentence not in expected]
    crowded = _crowded(found)
    return [e for e in hits if e.sentence not in crowded]


def _crowded(found: Findings) -> set[int]:
    """Sentences that name four rights and more are lists of rights (Art. 13 (2) (b), Art. 15 (1) (e)), not claims."""
    kinds: dict[int, set[str]] = {}
    for e in found.all(*(k.value for k in RequestKind)):
        kinds.setdefault(e.sentence, set()).add(e.signal)
    return {sentence for sentence, names in kinds.items() if len(names) >= 4}  # noqa: PLR2004


def _beyond_list(found: Findings) -> bool:
    """ "Löschen Sie mich aus dem Verteiler" is an unsubscribe, no erasure (LABELS rule 2)."""
    lists = {e.sentence for e in found.all("unsubscribe")}
    return any(
        e.sentence not in lists or "daten" in e.quote.lower() or "data" in e.quote.lower()
        for e in found.all("erasure")
        if not e.negated
    )


def _same_words(kinds: dict[RequestKind, Evidence]) -> bool:
    return kinds[RequestKind.ACCESS].sentence == kinds[RequestKind.PORTABILITY].sentence


def for_a_human(found: Findings) -> list[Evidence]:
    """A lawyer, an authority, a threat, somebody else's or a child's data, or only a part of the data."""
    return [e for e in found.all(*_FOR_A_HUMAN) if not e.negated]
