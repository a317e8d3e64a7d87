"""Which rights under the GDPR a mail claims, from evidence; and what makes a claim one for a human (LABELS rule 7).

Upstream: ``evidence``; downstream: ``intent``.
"""

from collections import Counter

from mailbot.domain.understanding import RequestKind
from mailbot.understand.evidence import SUBJECT, Evidence, Findings

_LOOSE = "access_loose"
_MANY_RIGHTS = 4
_ARTICLE_WORDS = 4  # "Art. 17 DSGVO"
_FOR_A_HUMAN = ("third_party", "threat", "authority", "minor", "erasure_part")


def claimed(found: Findings) -> dict[RequestKind, Evidence]:
    """Give each right that is plainly claimed with the words that claim it."""
    if not any(signal in found.by_signal for signal in (_LOOSE, "take_back", *RequestKind)):
        return {}
    left_out = _left_out(found)
    kinds = {kind: hits[0] for kind in RequestKind if (hits := _hits(found, kind, left_out))}
    if found.plain("take_back") and found.all("consent_given"):  # "I agreed to … I take that back"
        kinds.setdefault(RequestKind.CONSENT_WITHDRAWAL, found.plain("take_back")[0])
    _drop_miscited(found, kinds)
    if RequestKind.ACCESS not in kinds and (loose := _loose(found)):
        kinds[RequestKind.ACCESS] = loose
    return {kind: kinds[kind] for kind in RequestKind if kind in kinds}


def _drop_miscited(found: Findings, kinds: dict[RequestKind, Evidence]) -> None:
    """Where the words claim one right and the only article cited is another's ("nach Art. 17 … Auskunft"), the words count."""
    cited = {kind for kind in kinds if all(_citation(e) for e in found.all(kind.value))}
    numbers = {kind for kind in kinds if any(_citation(e) for e in found.all(kind.value))}
    if len(numbers) == 1 and cited == numbers and len(kinds) > 1:
        del kinds[cited.pop()]


def _citation(evidence: Evidence) -> bool:
    return any(c.isdigit() for c in evidence.quote) and len(evidence.quote.split()) <= _ARTICLE_WORDS


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
    if kind is RequestKind.ACCESS and found.all("participant_list"):  # other people's data
        hits = [e for e in hits if e.where != SUBJECT]
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
    others = [] if found.plain("register", "attend") else _for_somebody(found)
    later = [e for e in found.all("postponed") if e.sentence in found.where(RequestKind.ERASURE)]
    return [e for e in found.all(*_FOR_A_HUMAN) if not e.negated] + others + later


def _for_somebody(found: Findings) -> list[Evidence]:
    """Such as "I write for my mother … delete her data": claims that say nothing of the writer's own."""
    claims = found.where(*RequestKind)
    return found.plain("on_behalf") if claims and not claims & found.where("my_words") else []
