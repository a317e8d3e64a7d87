"""Corrections that a mail states plainly: which value becomes which (GDPR Art. 16). Never guesses a value, never takes half of one.

What is not plain (two values for one field, "oder", a condition, a value of no sure field) gives nothing.
Upstream: ``relations``, ``values``, ``names``; downstream: ``reading``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from mailbot.domain.understanding import Correction
from mailbot.understand import names
from mailbot.understand.lexicon import lexicons
from mailbot.understand.mentions import EMAIL, PRIVATE
from mailbot.understand.normal import fold
from mailbot.understand.relations import Match, matches
from mailbot.understand.tables import rows
from mailbot.understand.values import Item, field_word, items

_MAX = 6_000
_MOST, _OF_OTHERS = 5, 3
_SHORTEST = 2  # "Hu" is a name, "C" a letter
_SIMILAR = 0.5  # of the letters: one is the other's misspelling
_MISSPELT = 0.65
_NEAR = 1  # sentences between an old value and its new one


@dataclass(slots=True)
class _Roles:
    """Which values are old, which new; what two constructions say differently is dead."""

    of: dict[int, tuple[str, Match]] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    old_of: dict[int, int] = field(default_factory=dict)
    hints: dict[int, str] = field(default_factory=dict)

    def take(self, match: Match) -> None:
        """Believe a construction unless a surer one says the contrary of a value."""
        against = [place for role, place in match.places if place in self.of and _side(self.of[place][0]) != _side(role)]
        self.dead.update(place for place in against if self.of[place][1].weight == match.weight)
        if against:
            return
        for role, place in match.places:
            if match.hint:
                self.hints.setdefault(place, match.hint)
            if place not in self.of or (role, self.of[place][0]) == ("new", "now"):
                self.of[place] = (role, match)
        by_role = dict(match.places)
        if len(by_role) > 1:
            self.old_of.setdefault(by_role.get("new", -1), by_role["old"])


def _side(role: str) -> str:
    return "old" if role == "old" else "new"


def corrections(text: str, ours: Collection[str | None] = ()) -> tuple[Correction, ...]:
    """Give the corrections of a text, once each; ``ours`` are addresses that nobody's can become."""
    text = text[:_MAX]
    parts = items(text)
    roles = _Roles()
    for match in sorted(matches(parts), key=lambda m: -m.weight):
        roles.take(match)
    _misspelt(parts, roles)
    found = [*_tabled(text), *(c for c in _found(parts, roles) if c.field != "email" or _all_known(parts, roles))]
    taken = {fold(address) for address in ours if address}
    return _consistent([c for c in found if fold(c.new) not in taken])


def _all_known(parts: Sequence[Item], roles: _Roles) -> bool:
    """Whether every address in the text is called old or new; of three, nobody knows whose the third is."""
    known = {fold(parts[place].text) for place in roles.of}
    return all(fold(p.text) in known for p in parts if p.kind == "value" and "@" in p.text)


def _misspelt(parts: Sequence[Item], roles: _Roles) -> None:
    """Call the one value old that is nearly the same as a new one beside it: "Sie schreiben Wiechers, ich heiße Wichers"."""
    for place in [p for p in sorted(roles.of) if roles.of[p][0] != "old" and p not in roles.old_of]:
        others = {
            parts[p].text: p
            for p in range(max(0, place - 40), min(len(parts), place + 40))
            if parts[p].kind == "value" and p not in roles.of and abs(parts[p].sentence - parts[place].sentence) <= _NEAR
            if _near_spelling(parts[p].text, parts[place].text)
        }
        if len(others) == 1:
            other = next(iter(others.values()))
            roles.of[other] = ("old", roles.of[place][1])
            roles.old_of[place] = other


def _near_spelling(one: str, two: str) -> bool:
    """Whether the two differ in letters of the same words: "Tim" and "Tom Farrow"; "Anna" and "Arne Meier" are two people."""
    pairs = list(zip(one.split(), two.split(), strict=False))
    return one != two and len(one.split()) == len(two.split()) and all(_likeness(a, b) >= _MISSPELT for a, b in pairs)


def _tabled(text: str) -> Iterable[Correction]:
    """What the rows of a table with an old and a new column say."""
    for label, old, new in rows(text):
        kind = next((k for word in names.folded(label) if (k := field_word(word))), None)
        if (named := _field(new, old, kind, sure=True)) and old != new:
            yield Correction(field=named, new=new, old=old)


def _found(parts: Sequence[Item], roles: _Roles) -> Iterable[Correction]:
    used = set(roles.old_of.values())
    for place in sorted(roles.of):
        role, _ = roles.of[place]
        if role == "old" or place in roles.dead or _doubtful(parts, place) or _cut(parts, place):
            continue
        partner = roles.old_of.get(place)
        partner = _partner(parts, roles, place, used) if partner is None else partner
        old = _uninflected(parts, partner) if partner is not None and partner not in roles.dead else None
        kind = roles.hints.get(place) or _spoken_of(parts, place)
        correction = _correction(_uninflected(parts, place), old, kind)
        if correction and (role == "new" or _told(parts, place, correction)):
            yield correction


def _uninflected(parts: Sequence[Item], place: int) -> str:
    """A value without the ending that the article before it gives: "bei den Stadtwerken Soest"; "" where that can't be told."""
    text, known = parts[place].text, lexicons()
    if not place or parts[place - 1].key not in known.corrections("inflecting") or "@" in text:
        return text
    first, _, rest = text.partition(" ")
    key = fold(first)
    if names.is_plain_mark(key):
        return text
    if names.is_plain_mark(key[:-1]):
        return f"{first[:-1]} {rest}".strip()
    return "" if rest and key.endswith(tuple(known.corrections("inflected"))) else text


def _partner(parts: Sequence[Item], roles: _Roles, place: int, used: set[int]) -> int | None:
    """The nearest old value that belongs to no other, in this sentence or the next to it, of the same kind of value."""
    near = [
        other
        for other, (role, _) in roles.of.items()
        if role == "old" and other not in used and abs(parts[other].sentence - parts[place].sentence) <= _NEAR
        if ("@" in parts[other].text) == ("@" in parts[place].text)
        if not any(_side(roles.of[between][0]) == "new" for between in _between(roles, other, place))
    ]
    best = min(near, key=lambda other: abs(other - place), default=None)
    if best is not None:
        used.add(best)
    return best


def _between(roles: _Roles, one: int, two: int) -> list[int]:
    return [p for p in roles.of if min(one, two) < p < max(one, two)]


def _correction(new: str, old: str | None, kind: str | None) -> Correction | None:
    named = _field(new, old, kind, sure=False)
    if named is None or (old is not None and old == new):
        return None
    if old is not None and _field(old, None, named, sure=True) != named:
        return None
    new = names.clean_institution(new) if named == "institution" and new != PRIVATE else new
    if named == "name":
        old = names.clean_name(old) if old else None
        whole = _completed(names.clean_name(new), old) if old is None or _same_person(new, old) else None
        return Correction(field=named, new=whole, old=old) if whole else None
    return Correction(field=named, new=new, old=old)


def _same_person(new: str, old: str) -> bool:
    """Whether two whole names share a word or nearly one; otherwise somebody else may be meant ("statt Anna Meier Jan Ott")."""
    ones, others = names.folded(new), names.folded(old)
    return min(len(ones), len(others)) < 2 or any(_likeness(a, b) >= _MISSPELT for a in ones for b in others)  # noqa: PLR2004


def _completed(new: str, old: str | None) -> str | None:
    """The whole new name where a part of the old one was corrected: "Anna Mayer" → "Meier"; None where it can't be told which."""
    parts = (old or "").split()
    if len(new.split()) > 1 or len(parts) <= 1:
        return new
    like = [i for i, part in enumerate(parts) if _likeness(part, new) >= _SIMILAR]
    if len(like) != 1:
        return None
    if _likeness(old or "", new) >= _likeness(parts[like[0]], new):
        return new  # "Mc Donald" → "MacDonald"
    return " ".join([*parts[: like[0]], new, *parts[like[0] + 1 :]])


def _likeness(one: str, two: str) -> float:
    return SequenceMatcher(None, fold(one), fold(two)).ratio()


def _field(new: str, old: str | None, kind: str | None, *, sure: bool) -> str | None:
    """Which field a value is of: by its form, by what it replaces, by the words near it; None where it can be none."""
    if "@" in new:
        return "email" if EMAIL.fullmatch(new) and kind in {None, "email", "name"} | ({kind} if not sure else set()) else None
    if PRIVATE in {new, old}:
        return "institution" if new == PRIVATE or _institution(new) else None
    marked = names.has_plain_mark(new) and (len(new.split()) > 1 or kind == "institution")
    if marked or kind == "institution":
        return "institution" if _institution(new) and kind != "email" else None
    spelled = old is not None and kind is None and _alike(new, old)  # one is the other's spelling: a name that is on record
    return "name" if (kind == "name" or spelled) and _name(new) else None


def _institution(text: str) -> bool:
    return text == PRIVATE or (names.is_institution(text) and not _listed(text))


def _listed(text: str) -> bool:
    """Whether it ends with a word that is no part of a name."""
    return names.folded(text)[-1:] == [] or names.folded(text)[-1] in lexicons().corrections("nouns")


def _name(text: str) -> bool:
    """A whole name or a part of one: words with capitals that are no titles, roles or other known words."""
    words = names.clean_name(text).split()
    v = names.vocabulary()
    if len(words) > 1:
        return names.is_name(" ".join(words))
    word = words[0] if words else ""
    key = fold(word)
    plain = word.replace("-", "").replace("'", "").replace("’", "").isalpha() and names.is_capital(word) and len(word) >= _SHORTEST
    shouted = word.isupper() and len(word) <= _SHORTEST  # "CK": letters
    return plain and not shouted and key not in v.never_names | lexicons().corrections("nouns") and not names.is_plain_mark(key)


def _alike(one: str, two: str) -> bool:
    """Whether the two share a word, or one is the other's misspelling."""
    return bool(set(names.folded(one)) & set(names.folded(two))) or _likeness(one, two) >= _SIMILAR


def _spoken_of(parts: Sequence[Item], place: int) -> str | None:
    """The field that the nearest word speaks of: before the value in its sentence, behind it there, in the sentence before."""
    here = parts[place].sentence
    before = [p for p in parts[max(0, place - 60) : place] if p.kind == "word"]
    behind = [p for p in parts[place + 1 : place + 30] if p.kind == "word" and p.sentence == here]
    ordered = [
        *(p for p in reversed(before) if p.sentence == here),
        *behind,
        *(p for p in reversed(before) if p.sentence == here - 1),
    ]
    behind_that = [p for p in parts[place + 1 : place + 40] if p.kind == "word" and p.sentence == here + 1]
    return next((kind for p in (*ordered, *behind_that) if (kind := field_word(p.key))), None)


def _told(parts: Sequence[Item], place: int, correction: Correction) -> bool:
    """Whether "ich heiße {now}" corrects something: a value is called old that looks like it, or a mistake was spoken of before."""
    if correction.old is not None:
        return correction.field != "name" or _alike(correction.new, correction.old)
    here = parts[place].sentence
    complaint, about = False, set()
    words = lexicons().corrections("complaints")
    starts = tuple(w[:-1] for w in words if w.endswith("*"))
    for item in parts[max(0, place - 60) : place]:
        if item.kind == "word" and here - item.sentence <= _NEAR:
            complaint = complaint or item.key in words or item.key.startswith(starts)
            about |= {field_word(item.key)} - {None}
    return complaint and about <= {correction.field}


def _doubtful(parts: Sequence[Item], place: int) -> bool:
    """Whether the value stands beside "oder", behind "wenn" or behind "mein Chef": no plain word about the sender."""
    known = lexicons()
    beside = {parts[p].key for p in (place - 1, place + 1) if 0 <= p < len(parts)}
    just_before = {p.key for p in parts[max(0, place - _OF_OTHERS) : place]}
    if beside & known.corrections("alternatives") or just_before & names.vocabulary().relatives:
        return True
    conditional = known.words("conditional")
    sentence = parts[place].sentence
    for at in range(place - 1, max(-1, place - 40), -1):
        if parts[at].sentence != sentence:
            break
        if parts[at].key in conditional and parts[at + 1].key not in known.corrections("possible"):
            return True
    return False


def _cut(parts: Sequence[Item], place: int) -> bool:
    """Whether the value seems to go on behind its end, or to have begun before."""
    known = lexicons()
    small = known.corrections("inside_names")
    before = parts[place - 1] if place else None
    after = parts[place + 1] if place + 1 < len(parts) else None
    if after is not None and after.kind == "value" and "@" not in after.text + parts[place].text:
        return True
    return before is not None and before.key in small and place > 1 and parts[place - 2].key in small


def _consistent(found: Sequence[Correction]) -> tuple[Correction, ...]:
    """Once each; of a field with several new values, only those that each name their old one."""
    once: dict[tuple[str, str], Correction] = {}
    for correction in found:
        key = (correction.field, correction.new)
        if key not in once or once[key].old is None:
            once[key] = correction
    kept = list(once.values())
    olds = {(c.field, c.old) for c in kept}
    kept = [c for c in kept if (c.field, c.new) not in olds]
    several = {c.field for c in kept if sum(o.field == c.field for o in kept) > 1}
    kept = [c for c in kept if c.field not in several or _parted(c, kept)]
    return tuple(replace(c, old=c.old or None) for c in kept)[:_MOST]


def _parted(correction: Correction, kept: Sequence[Correction]) -> bool:
    same = [c for c in kept if c.field == correction.field]
    return all(c.old for c in same) and len({fold(c.old or "") for c in same}) == len(same)
