"""The lexicons as typed values: what people write in each language, read once from ``lexicons/*.toml``.

A new language is one file there and one folder of templates, no Python. Never decides anything. Downstream: all of ``understand``.
"""

import re
import tomllib
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import BeforeValidator, Field

from mailbot.domain.decision import LinkWord
from mailbot.domain.understanding import Choice
from mailbot.settings import Model
from mailbot.understand.normal import fold
from mailbot.understand.phrases import Matcher

_BRACKETS = re.compile(r"[()]")


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return tuple(line.strip() for line in value.splitlines() if line.strip()) if isinstance(value, str) else value


def _folded(value: object) -> object:
    return frozenset(fold(word) for word in value.split()) if isinstance(value, str) else value


def _phrases(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(" ".join(fold(word) for word in line.split()) for line in value.splitlines() if line.strip())


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]  # separated by spaces
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]  # one a line
Folded = Annotated[frozenset[str], BeforeValidator(_folded)]  # words, folded
Phrases = Annotated[tuple[str, ...], BeforeValidator(_phrases)]  # one a line, folded


def _part_of(part: str, word: str) -> bool:
    return word.endswith(part[1:]) if part.startswith("*") else word.startswith(part[:-1])


class LinkText(Model):
    """A one-tap link's subject word and its body."""

    word: str
    body: str


class TextWords(Model):
    """What surrounds the words that count."""

    headers: Folded  # names of header lines in quoted blocks
    attribution: Folded  # first words of "Am … schrieb …:"
    wrote: Folded
    dividers: Phrases  # between dashes: "Ursprüngliche Nachricht"
    forwarded: Phrases
    taglines: Phrases  # "Von meinem iPhone gesendet": whole lines that begin so
    disclaimers: Phrases  # paragraphs that hold one of these
    banners: Phrases
    footers: Phrases  # lines of our own footer
    closing_heads: Folded  # words that make a short line a closing: "Sonnige Grüße aus Büren"
    closings: Phrases  # lines that begin so end the text
    greetings: Phrases
    postscript: Folded
    reply: Folded  # prefixes of subjects
    forward: Folded
    no_html: Phrases


class CorrectionWords(Model):
    """How people say which value becomes which."""

    patterns: Lines = ()  # "statt {old} muss es {new}": {now} is right only beside an old value or a complaint, ~ a few words
    skipped: Folded = frozenset()  # words that may stand between those of a pattern
    nouns: Folded = frozenset()  # words with a capital that belong to no value
    fields: dict[str, Words] = Field(default_factory=dict)  # name, institution, email → words near such a value
    old_heads: Folded = frozenset()  # columns of tables
    new_heads: Folded = frozenset()
    inside_names: Folded = frozenset()  # small words: "Max von der Heide"
    inside_institutions: Folded = frozenset()
    inflecting: Folded = frozenset()  # articles behind which an institution's name is inflected: "bei den Stadtwerken"
    inflected: Words = ()  # endings of such adjectives: "bei der Evangelischen Kirche"
    complaints: Words = ()  # words that call a value wrong
    alternatives: Folded = frozenset()  # "oder": says nothing plainly
    contrary: Folded = frozenset()  # words that ~ does not pass over: behind them stands another value than before
    possible: Folded = frozenset()  # behind "wenn" these make no condition


class PeopleWords(Model):
    """How people are named."""

    labels: dict[str, Phrases]  # name, first_name, last_name, institution, email, other → labels of form lines
    titles: Folded
    offices: Folded = frozenset()  # "Landrat": no part of a name
    salutations: Folded
    particles: Folded
    roles: Folded  # words that make a line a role, no name
    no_name_endings: Words = ()  # of words that are no names: "Klimaschutz"
    no_names: Folded  # capitalised words that begin no name
    private: Phrases
    institution: Words  # words and parts of words that make a name an institution's: "*verein", "GmbH"
    surname_endings: Words = ()  # endings of institutions that are endings of surnames too
    departments: Words
    name_intro: Phrases
    other_intro: Phrases = ()  # before the name of somebody else: "sie heißt"
    instead_of: Phrases = ()  # before the name of who is replaced: "statt"
    corrections: CorrectionWords = Field(default_factory=CorrectionWords)
    told_by: Folded = frozenset()  # before the name of who told the writer: "von Jan Ott gehört"
    enrolments: Folded = frozenset()  # unless behind these: "die Anmeldung von Jan Ott"
    conjunctions: Folded
    articles: Folded  # and the prepositions that stand before institutions
    determiners: Folded  # the articles alone
    legal_forms: Lines = ()
    all_of_them: Folded
    house_leads: Folded = frozenset()  # before an institution's name and part of it: "Kath.", "Städt."
    house_kinds: Words = ()  # ends of words that a name follows: "Ratsfraktion"
    companies: Folded = frozenset()  # before an institution's name and no part of it: "Firma"
    address: Words  # parts of words of postal addresses


class Lexicon(Model):
    """Everything that is known of one language."""

    language: str
    common: Folded
    fillers: Folded = frozenset()
    kept_fillers: Phrases = ()  # pairs of words in which a filler counts: "ich bitte"
    negation: Folded = frozenset()
    only: Folded = frozenset()  # "nicht nur" denies nothing
    abbreviations: Folded = frozenset()  # words whose full stop ends no sentence
    reservations: Folded = frozenset()  # a yes with one of these is none
    conditional: Folded = frozenset()
    conditional_first: Folded = frozenset()  # verbs that make a condition where they begin: "Sollte ich …"
    interrogative: Folded = frozenset()
    typos: Words = ()
    spellings: dict[str, Folded] = Field(default_factory=dict)  # a word → how it is written in a hurry or in dialect
    choices: dict[Choice, Folded]
    months: Lines = ()
    dates: Folded = frozenset()  # small words inside dates: "11th of March"
    ordinals: Words = ()  # endings of numbers: "11th"
    classes: dict[str, Words]
    signals: dict[str, Lines]
    text: TextWords
    people: PeopleWords
    links: dict[LinkWord, LinkText]


class OtherLanguages(Model):
    """Languages that are not understood: enough to name them, and their usual words for unsubscribing."""

    common: dict[str, Folded]
    letters: dict[str, str]
    signals: dict[str, Lines]


class Lexicons:
    """All lexicons, joined where a text may mix languages; joined lists are kept."""

    def __init__(self, by_language: dict[str, Lexicon], other: OtherLanguages, matcher: Matcher) -> None:
        self.by_language = by_language
        self.other = other
        self.matcher = matcher
        self._joined: dict[tuple[str, str], tuple[str, ...]] = {}
        self._sets: dict[tuple[str, str], frozenset[str]] = {}

    def words(self, name: str) -> frozenset[str]:
        """The folded words of this list in all languages."""
        return frozenset().union(*(getattr(lexicon, name) for lexicon in self.by_language.values()))

    @cached_property
    def frequent(self) -> dict[str, tuple[str, ...]]:
        """Frequent word → the languages that it is frequent in, others too."""
        found: dict[str, tuple[str, ...]] = {}
        lists = {**self.other.common, **{name: lexicon.common for name, lexicon in self.by_language.items()}}
        for name, common in lists.items():
            for word in common:
                found[word] = (*found.get(word, ()), name)
        return found

    @cached_property
    def choices(self) -> dict[Choice, frozenset[str]]:
        """The words of short answers in all languages."""
        return {
            choice: frozenset().union(*(lexicon.choices.get(choice, frozenset()) for lexicon in self.by_language.values()))
            for choice in Choice
        }

    @cached_property
    def closing_words(self) -> frozenset[str]:
        """First words of closings."""
        return frozenset(closing.split()[0] for closing in self.text("closings"))

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Hurried spelling → word, in all languages."""
        pairs = (pair for lexicon in self.by_language.values() for pair in lexicon.spellings.items())
        return {short: fold(word) for word, shorts in pairs for short in shorts}

    def class_words(self, name: str) -> frozenset[str]:
        """The plain words of a class in all languages."""
        return frozenset(fold(w) for lexicon in self.by_language.values() for w in lexicon.classes.get(name, ()) if "*" not in w)

    def text(self, name: str) -> tuple[str, ...]:
        """A list of ``text`` in all languages."""
        return self._join("text", name)

    def text_set(self, name: str) -> frozenset[str]:
        """The same to look up words in."""
        key = ("text", name)
        if key not in self._sets:
            self._sets[key] = frozenset(self._join(*key))
        return self._sets[key]

    def text_heads(self, name: str) -> tuple[str, ...]:
        """The first words of such a list, to see at once where none of its phrases begins."""
        key = ("heads", name)
        if key not in self._joined:
            self._joined[key] = tuple(dict.fromkeys(phrase.partition(" ")[0] for phrase in self.text(name)))
        return self._joined[key]

    def people(self, name: str) -> tuple[str, ...]:
        """A list of ``people`` in all languages."""
        return self._join("people", name)

    def _join(self, part: str, name: str) -> tuple[str, ...]:
        key = (part, name)
        if key not in self._joined:
            self._joined[key] = tuple(w for lexicon in self.by_language.values() for w in getattr(getattr(lexicon, part), name))
        return self._joined[key]

    def corrections(self, name: str) -> frozenset[str]:
        """A list of words of ``people.corrections`` in all languages."""
        key = ("corrections", name)
        if key not in self._sets:
            parts = (getattr(lexicon.people.corrections, name) for lexicon in self.by_language.values())
            self._sets[key] = frozenset(w if isinstance(part, frozenset) else fold(w) for part in parts for w in part)
        return self._sets[key]

    @cached_property
    def correction_patterns(self) -> tuple[str, ...]:
        """The constructions of corrections in all languages."""
        return tuple(line for lexicon in self.by_language.values() for line in lexicon.people.corrections.patterns)

    @cached_property
    def _field_words(self) -> dict[str, str]:
        fields = (lexicon.people.corrections.fields for lexicon in self.by_language.values())
        return {fold(word): field for known in fields for field, words in known.items() for word in words}

    @cached_property
    def _field_parts(self) -> tuple[tuple[str, str], ...]:
        """Beginnings before endings: "Firmenname" is of a firm."""
        parts = ((word, field) for word, field in self._field_words.items() if "*" in word)
        return tuple(sorted(parts, key=lambda pair: pair[0].startswith("*")))

    def field_word(self, word: str) -> str | None:
        """The field that a folded word speaks of: "Nachname", "geheiratet", "Arbeitgeber"."""
        if word in self._field_words:
            return self._field_words[word]
        return next((field for part, field in self._field_parts if _part_of(part, word)), None)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label → field of form lines, in all languages; folded, without brackets."""
        pairs = (
            (name, kind) for lexicon in self.by_language.values() for kind, names in lexicon.people.labels.items() for name in names
        )
        return {" ".join(_BRACKETS.sub(" ", name).split()): kind for name, kind in pairs}


@lru_cache(maxsize=1)
def lexicons() -> Lexicons:
    """Read every lexicon of the package, once."""
    folder = files("mailbot.understand").joinpath("lexicons")
    tables = {p.name: tomllib.loads(p.read_text("utf-8")) for p in sorted(folder.iterdir(), key=str) if p.name.endswith(".toml")}
    other = OtherLanguages.model_validate(tables.pop("other.toml"))
    by_language = {(lexicon := Lexicon.model_validate(table)).language: lexicon for table in tables.values()}
    phrases = [
        (signal, lexicon.language, text, lexicon.classes)
        for lexicon in by_language.values()
        for signal, texts in lexicon.signals.items()
        for text in texts
    ]
    phrases += [(signal, "", text, {}) for signal, texts in other.signals.items() for text in texts]
    typos = [w for lexicon in by_language.values() for w in lexicon.typos]
    return Lexicons(by_language, other, Matcher(phrases, typos))


def link(language: str, word: LinkWord) -> LinkText:
    """Give the words of a one-tap link; the only source of them."""
    known = lexicons().by_language
    return known.get(language, next(iter(known.values()))).links[word]
