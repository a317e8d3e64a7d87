"""Which rights under the GDPR a mail claims, from evidence; and what makes a claim one for a human (LABELS rule 7).

Upstream: ``evidence``; downstream: ``intent``.
"""

from collections import Counter

from mailbot.domain.understanding import RequestKind
from mailbot.understand.evidence import Evidence, Findings

_LOOSE = "access_loose"
_MANY_RIGHTS = 4
_FOR_A_HUMAN = ("third_party", "threat", "authority", "minor", "erasure_part")


def claimed(found: Findings) -> dict[RequestKind, Evidence]:
    """Give each right that is plainly claimed with the words that claim it."""
    if _LOOSE not in found.by_signal and not any(kind.value in found.by_signal for kind in RequestKind):
        return {}
    left_out = _left_out(found)
    kinds = {kind: hits[0] for kind in RequestKind if (hits := _hits(found, kind, left_out))}
    if RequestKind.ACCESS not in kinds and (loose := _loose(found)):
        kinds[RequestKind.ACCESS] = loose
    return {kind: kinds[kind] for kind in RequestKind if kind in kinds}


def _left_out(found: Findings) -> set[int]:
    """Sentences that name rights without claiming one: expectations, lists of rights, somebody else's data ("Ihre Daten")."""
    crowded = Counter(sentence for kind in RequestKind for sentence in found.where(kind.value))
    lists = {sentence for sentence, kinds in crowded.items() if kinds >= _MANY_RIGHTS}  # Art. 13 (2) (b), Art. 15 (1) (e)
    return found.where("expectation", "rights_list") | lists | (found.where("your_data") - found.where("my_words"))


def _hits(found: Findings, kind: RequestKind, left_out: set[int]) -> list[Evidence]:
    """Claims count when wished or politely asked, not when denied or supposed."""
    hits = [e for e in found.all(kind.value) if not e.negated and not e.supposed and e.sentence not in left_out]
    if kind is RequestKind.RECTIFICATION:  # "a typo in your invitation" is not about them
        mine = found.where("my_words")
        near = mine | ({n + k for n in mine for k in (1, 2)} - found.where("your_words"))
        plain = Counter(e.sentence for e in hits)  # "Korrektur: Institution bitte X statt Y" needs no "mein"
        return [e for e in hits if e.sentence in near or (plain[e.sentence] > 1 and e.sentence not in found.where("your_words"))]
    if kind is RequestKind.OBJECTION:  # "ich widerspreche der Löschung" is none under Art. 21
        return [e for e in hits if e.sentence not in found.where("against_erasure")]
    if kind is RequestKind.ERASURE:
        hits = [e for e in hits if e.sentence not in found.where("against_erasure")]
        return hits if _beyond_list(found, hits) else []
    return hits


def _loose(found: Findings) -> Evidence | None:
    """Such as "Was haben Sie über mich?"; "löschen Sie alles, was Sie über mich haben" asks for no access."""
    other = found.where(*(kind.value for kind in RequestKind if kind is not RequestKind.ACCESS), "unsubscribe")
    if not found.questions and not found.all("wants_to_know"):
        return None
    return next((e for e in found.all(_LOOSE) if e.sentence not in other and not e.negated), None)


def _beyond_list(found: Findings, erasing: list[Evidence]) -> bool:
    """Such as "löschen Sie mich aus dem Verteiler": an unsubscribe, no erasure (LABELS rule 2)."""
    lists, everything = found.where("unsubscribe"), found.where("all_data")
    return any(e.sentence not in lists or e.sentence in everything for e in erasing)


def for_a_human(found: Findings) -> list[Evidence]:
    """A lawyer, an authority, a threat, somebody else's or a child's data, or only a part of the data."""
    return [e for e in found.all(*_FOR_A_HUMAN) if not e.negated]
