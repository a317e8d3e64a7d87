"""What looks like a person's name and what like an institution's: single pieces of text, judged by their words.

Never guesses from a domain. Upstream: ``lexicon``; downstream: ``people``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from mailbot.understand.lexicon import Lexicons, lexicons
from mailbot.understand.normal import fold

_ROLE_END, _SHORT = 6, 3
_WORD = re.compile(r"[^\W\d_][\w.'’´`-]*", re.UNICODE)
_SENTENCES = re.compile(r"[a-zà-ÿ]{4}\.\s+[A-ZÀ-Þ]")  # a full stop inside: "Ich komme gern. Anna Meier"
_DEGREE = re.compile(r"(?:[^\W\d_]{1,4}\.[\s-]?){1,4}[^\W\d_]{0,4}|[A-Z]{2,4}")
_BEHIND = re.compile(r",? (?:[BM]\.? ?(?:A|Sc|Eng|Ed)\.?|MBA|MdL|MdB|MdEP)$")  # degrees and mandates
_DASH = re.compile(r"\s[–—|·•/-]\s")  # "Kreis Soest - Der Landrat"
MAX_NAME_WORDS, MAX_INSTITUTION_WORDS = 7, 12
_STRIP = " \t,;:|•·*_\"'„“”«»<>()[]–—-"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The lists that names are judged with, joined over the languages."""

    titles: frozenset[str]
    offices: frozenset[str]  # "Landrat": no part of a name
    salutations: frozenset[str]
    particles: frozenset[str]
    roles: frozenset[str]
    no_names: frozenset[str]
    private: frozenset[str]
    marks: frozenset[str]
    mark_ends: tuple[str, ...]
    surname_ends: tuple[str, ...]
    mark_starts: tuple[str, ...]
    departments: frozenset[str]
    address: frozenset[str]
    conjunctions: frozenset[str]
    articles: frozenset[str]
    determiners: frozenset[str]
    no_name_ends: tuple[str, ...]
    all_of_them: frozenset[str]
    small: frozenset[str]  # the words inside institutions' names that are written small
    before_names: frozenset[str]
    of_people: frozenset[str]  # what stands before people's names and not before things
    never_names: frozenset[str]
    bare_marks: frozenset[str]
    everyday: frozenset[str]
    role_ends: tuple[str, ...]
    abbreviations: frozenset[str]
    relatives: frozenset[str]
    households: frozenset[str]
    bindings: frozenset[str]
    legal_words: frozenset[str]
    private_words: frozenset[str]
    house_leads: frozenset[str]  # "Kath.", "Städt."
    house_kinds: tuple[str, ...]  # "Fraktion", "Initiative": a name may follow
    companies: frozenset[str]  # "Firma", which belongs to no name
    legal: re.Pattern[str]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Join the lists of every lexicon."""
    known: Lexicons = lexicons()
    marks = known.people("institution")
    kinds = ("titles", "offices", "salutations", "particles", "roles", "no_names", "conjunctions", "articles", "determiners")
    lists = {kind: frozenset(known.people(kind)) for kind in kinds}
    return Vocabulary(
        **lists,
        all_of_them=frozenset(known.people("all_of_them")),
        small=lists["particles"] | lists["articles"] | lists["conjunctions"],
        before_names=lists["salutations"] | lists["roles"],
        never_names=lists["no_names"] | lists["roles"] | lists["titles"] | lists["salutations"],
        of_people=lists["salutations"] | lists["titles"] | lists["roles"],
        private=frozenset(known.people("private")),
        everyday=known.words("common") | {*known.people("no_names"), *known.people("articles")} | known.closing_words,
        abbreviations=known.words("abbreviations"),
        legal=_legal(known.people("legal_forms")),
        legal_words=frozenset(fold(form).replace(".", "").replace(" ", "") for form in known.people("legal_forms")),
        private_words=frozenset(w for phrase in known.people("private") for w in phrase.split() if len(w) > _SHORT),
        house_leads=frozenset(known.people("house_leads")),
        house_kinds=tuple(known.people("house_kinds")),
        companies=frozenset(known.people("companies")),
        relatives=known.class_words("relative"),
        households=known.class_words("household"),
        bindings=known.class_words("binding"),
        no_name_ends=tuple(fold(e) for e in known.people("no_name_endings")),
        role_ends=tuple(r for r in known.people("roles") if len(r) >= _ROLE_END),
        marks=frozenset(fold(m) for m in marks if "*" not in m),
        bare_marks=frozenset(fold(m.strip("*")) for m in (*marks, *known.people("surname_endings")) if m == m.rstrip("*")),
        mark_ends=tuple(fold(m.strip("*")) for m in marks if m.startswith("*")),
        surname_ends=tuple(fold(m.strip("*")) for m in known.people("surname_endings")),
        mark_starts=tuple(fold(m.strip("*")) for m in marks if m.endswith("*") and not m.startswith("*")),
        departments=frozenset(fold(d) for d in known.people("departments")),
        address=frozenset(fold(a.strip(".")) for a in known.people("address")),
    )


def _legal(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Legal forms as they are written: "e. V." also without the space, at a word's end."""
    parts = (re.escape(form.rstrip(".")).replace(r"\ ", r"\s?") for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})\b", re.IGNORECASE)


def folded(text: str) -> list[str]:
    """The folded words of a piece of text, without punctuation around them."""
    return [fold(w) for w in (p.strip(_STRIP + ".") for p in text.split()) if w]


def is_capital(word: str) -> bool:
    """Whether a word begins with a capital (or with a letter that has none)."""
    first = word.lstrip("'’(„\"")[:1]
    return first.isupper() or (first.isalpha() and not first.islower())


def is_private(text: str) -> bool:
    """Such as "privat", "als Privatperson", "in a private capacity"."""
    return " ".join(w for w in folded(text) if w not in vocabulary().articles) in vocabulary().private


@lru_cache(maxsize=8192)
def is_mark(word: str) -> bool:
    """Whether a folded word makes a name an institution's; in its cases too ("von den Stadtwerken", "des Vereins")."""
    v = vocabulary()
    return is_plain_mark(word) or is_plain_mark(word[:-1] if word[-1:] in {"n", "s"} else word) or word.endswith(v.surname_ends)


@lru_cache(maxsize=8192)
def is_plain_mark(word: str) -> bool:
    """Whether it is no surname either ("Neuhaus", "Althof" are)."""
    v = vocabulary()
    return word in v.marks or word.endswith(v.mark_ends) or word.startswith(v.mark_starts)


def has_mark(text: str) -> bool:
    """Whether a piece of text holds a word such as "Verein" or "GmbH"."""
    return bool(vocabulary().legal.search(text)) or any(is_mark(w) for w in folded(text))


def has_plain_mark(text: str) -> bool:
    """The same without words that may be surnames."""
    return bool(vocabulary().legal.search(text)) or any(is_plain_mark(w) for w in folded(text))


def is_role(text: str) -> bool:
    """Such as "2. Vorsitzende", "Senior Policy Adviser": a function, no name."""
    v = vocabulary()
    return any(w in v.roles or w.endswith(v.role_ends) for part in folded(text) for w in (part, *part.split("/")))


def is_department(text: str) -> bool:
    """Such as "Dezernat 4", "Fachbereich Umwelt": a part of an institution."""
    words = folded(text)
    return bool(words) and words[0] in vocabulary().departments


def is_address(text: str) -> bool:
    """A line of a postal address, a telephone number, a web page, a company's register."""
    words = folded(text)
    if "@" in text or any(w in vocabulary().address or w.startswith(("www", "http")) for w in words):
        return True
    digits = sum(c.isdigit() for c in text)
    return digits > 4 or (digits > 0 and not has_mark(text))  # noqa: PLR2004 - a postcode, a telephone number


def is_function(text: str) -> bool:
    """A function with where it is held, and no name: "Heimatpfleger Musterdorf"; not "Pastor Meier", "Vorsitzende Anna Meier"."""
    words = folded(text)
    v = vocabulary()
    return len(words) == 2 and words[0] not in v.titles | v.salutations and is_role(words[0])  # noqa: PLR2004


def is_institution(text: str) -> bool:
    """Whether a piece of text can be an institution's name: capitalised, no role, address, slogan or sentence."""
    words = text.strip(_STRIP).split()
    if not 1 <= len(words) <= MAX_INSTITUTION_WORDS or text.rstrip().endswith(("!", "?", ":", "…")) or is_address(text):
        return False
    if _SENTENCES.search(text):
        return False
    v = vocabulary()
    if len(words) == 1 and fold(words[0]) in v.bare_marks:
        return False  # "Verein", "Stadt": which one?
    small = [w for w in words if w[:1].islower() and fold(w) not in v.small]
    if not (is_capital(words[0]) or words[0][:1].isdigit()) or len(small) > len(words) // 3:
        return False
    last = fold(words[-1].strip(_STRIP + "."))
    if last in v.roles and not is_plain_mark(last):
        return False  # "Research Fellow"
    return not is_role(text) or any(is_plain_mark(w) for w in folded(text))


def is_name(text: str) -> bool:
    """First name and surname (or initial and surname), titles and particles allowed; no role, no institution."""
    v = vocabulary()
    words = [w.strip(",") for w in text.strip(_STRIP).split()]
    if (
        not 1 < len(words) <= MAX_NAME_WORDS
        or vocabulary().legal.search(text)
        or any(c.isdigit() or c in "@/&{}<>=%$|:?!" for c in text)
    ):
        return False
    plain = [w for w in words if fold(w.strip(".")) not in v.titles]
    last = len(plain) - 1  # "Anna Graf" is a name, "Graf von Berg" has a particle
    bare = [w for i, w in enumerate(plain) if fold(w.strip(".")) not in v.particles or (i == last > 0 and is_capital(w))]
    if len(bare) < 2 or not all(_WORD.fullmatch(w) and is_capital(w) for w in bare):  # noqa: PLR2004
        return False
    keys = [fold(w.strip(".")) for w in bare if not (len(w) == 2 and w.endswith("."))]  # noqa: PLR2004 - an initial
    if any(k in v.no_names or k in v.roles or k.endswith(v.no_name_ends) or is_plain_mark(k) for k in keys) or any(
        is_mark(k) for k in keys[:-1]
    ):
        return False
    return not any(k in v.conjunctions and fold(words[i - 1]) not in v.particles for i, k in enumerate(map(fold, words)))


def clean_name(text: str) -> str:
    """A name as written, without salutation, brackets and punctuation around it; "Meier, Anna" becomes "Anna Meier"."""
    name = re.sub(r"\([^()]{0,80}\)|<[^<>]{0,200}>|\"", " ", text)
    name = _BEHIND.sub("", " ".join(name.split()).strip(_STRIP))
    last, comma, first = name.partition(",")
    if comma and _DEGREE.fullmatch(first.strip()):
        name = last  # "Anna Meier, M.Sc."
    elif comma and first.strip() and len(first.split()) <= 3 and "," not in first and not has_mark(first):  # noqa: PLR2004
        name = f"{first.strip()} {last.strip()}"
    words = name.split()
    v = vocabulary()
    while len(words) > 1 and _leads(fold(words[0].strip(".:,")), v):
        words.pop(0)
    end = len(words) - 2  # "Dipl.-Ing. Architekt Bernd Lüke"
    return " ".join(w for i, w in enumerate(words) if i >= end or not _leads(fold(w.strip(".:,")), v))


def _leads(word: str, v: Vocabulary) -> bool:
    """Whether a word before a name belongs to none: "Frau", "Vorsitzender", "Oma"."""
    apart = any(word in known for known in (v.salutations, v.relatives, v.offices))
    return apart or (word in v.roles and word not in v.titles)


def words_of(name: str) -> list[str]:
    """The folded words of a name without titles, hyphenated ones parted."""
    parts = [fold(w) for w in re.split(r"[\s.,‑-]+", name) if w]
    return [w for w in parts if w not in vocabulary().titles] or parts


def names_somebody(text: str) -> bool:
    """Whether more than titles stand there, and no nickname such as "sonne77"."""
    v = vocabulary()
    if (folded(text) or [""])[0] in v.households:
        return False  # "Familie Meier", "Dres. Meier"
    return not any(c.isdigit() for c in text) and any(w not in v.titles and w not in v.salutations for w in words_of(text))


def same(one: str | None, other: str | None) -> bool:
    """Whether two spellings name one person: the shorter's words, or their initials, stand in the longer: "K.-H. Bee", "Heike"."""
    short, long = sorted((words_of(one or ""), words_of(other or "")), key=len)
    left = list(long)
    for word in short:
        match = next((w for w in left if w == word), None) or next((w for w in left if _alike(word, w)), None)
        if match is None:
            return False
        left.remove(match)
    return bool(short) and (any(len(w) > 1 and w in long for w in short) or len(short) == len(long) or len(short) == 1)


@lru_cache(maxsize=2)
def listed(name: str) -> frozenset[str]:
    """The folded words of a list of names: "first_names", "last_names"."""
    return frozenset(files("mailbot.understand").joinpath("lexicons", f"{name}.txt").read_text("ascii").split())


def in_order(name: str, others: Iterable[str]) -> str:
    """First name first: "Kovács Eszter" turned round where "Eszter Kovács" stands elsewhere."""
    words = name.split()
    if len(words) != 2:  # noqa: PLR2004
        return name
    one, two = (fold(w) for w in words)
    if one in listed("first_names") and two not in listed("first_names"):
        return name
    ends = {found[-1] for other in others if len(found := words_of(other)) > 1 and found != [one, two]}
    return f"{words[1]} {words[0]}" if one in ends and two not in ends else name


def _alike(one: str, other: str) -> bool:
    """An initial and its word, or two long spellings that differ in one letter: "Schmidt", "Schmitt"."""
    if 1 in {len(one), len(other)}:
        return one[0] == other[0]
    return len(one) == len(other) > _ROLE_END - 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def is_full(name: str) -> bool:
    """Two words at least that are no initials."""
    return sum(len(w) > 1 for w in words_of(name)) > 1


def fuller(name: str, others: Iterable[str]) -> str:
    """The name in full where another spelling of it is: "K.-H. Bee" where "Karl-Heinz Bee" stands elsewhere."""
    if is_full(name):
        return name
    return next((o for o in others if is_full(o) and same(name, o)), name)


def without_lead(text: str) -> str:
    """A name without a word before it that belongs to none: "Ihre Anna Meier", "gez. Anna Meier", "is Anna Meier"."""
    first, _, rest = text.partition(" ")
    return rest if fold(first.strip(".,")) in vocabulary().no_names and is_name(rest) else text


def clean_institution(text: str) -> str:
    """An institution as written, without punctuation around it and without "der"/"the" before it."""
    value = " ".join(text.split()).strip(' \t,;:|•·*_"„“”–—')
    head = _DASH.split(value, maxsplit=1)[0]
    words = (head if has_mark(head) else value).split()
    v = vocabulary()
    while len(words) > 1 and (
        words[0] in v.articles
        or (fold(words[0]) in v.roles and fold(words[1]) in v.articles)
        or fold(words[0].strip(".")) in v.companies
        or not any(c.isalnum() for c in words[0])
    ):
        words.pop(0)  # "der Vorstand des Vereins" is the Verein, "Firma Meier" is Meier
    while words and words[-1] in v.articles:
        words.pop()
    for i in range(2, len(words)):  # "Raumplanung an der TU Soest" is the TU
        if {words[i - 1], words[i - 2]} <= v.articles and has_mark(" ".join(words[i:])):
            words = words[i:]
            break
    if len(words) > 3 and words[-2] == "in" and is_capital(words[-1]):  # noqa: PLR2004 - "Institut für Wald in Soest"
        words = words[:-2]
    if words:
        words[0] = _nominative(words[0])
    value = " ".join(words)
    return value if vocabulary().legal.search(value[-8:]) else value.rstrip(".")


def _nominative(word: str) -> str:
    """Such as "Imkerverein" for "Imkervereins", "Stadtwerke" for "Stadtwerken"."""
    key = fold(word)
    inflected = len(key) > _ROLE_END and key[-1] in {"s", "n"} and not is_plain_mark(key)
    return word[:-1] if inflected and key[:-1].endswith(vocabulary().mark_ends) else word
