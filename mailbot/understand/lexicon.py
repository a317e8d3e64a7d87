"""The lexicons as typed values: what people write in each language, read once from ``lexicons/*.toml``.

A new language is one file there and one folder of templates, no Python. Never decides anything. Downstream: all of ``understand``.
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import BeforeValidator

from mailbot.domain.decision import LinkWord
from mailbot.settings import Model
from mailbot.understand.normal import fold
from mailbot.understand.phrases import Matcher


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
    closings: Phrases  # lines that begin so end the text
    greetings: Phrases
    postscript: Folded
    reply: Folded  # prefixes of subjects
    forward: Folded
    no_html: Phrases


class PeopleWords(Model):
    """How people are named."""

    labels: dict[str, Phrases]  # name, first_name, last_name, institution, email, other → labels of form lines
    titles: Folded
    salutations: Folded
    particles: Folded
    roles: Folded  # words that make a line a role, no name
    no_names: Folded  # capitalised words that begin no name
    private: Phrases
    institution: Words  # words and parts of words that make a name an institution's: "*verein", "GmbH"
    departments: Words
    name_intro: Phrases
    institution_intro: Phrases
    person_intro: Phrases
    conjunctions: Folded
    articles: Folded
    address: Words  # parts of words of postal addresses


class Lexicon(Model):
    """Everything that is known of one language."""

    language: str
    common: Folded
    fillers: Folded = frozenset()
    negation: Folded = frozenset()
    conditional: Folded = frozenset()
    interrogative: Folded = frozenset()
    typos: Words = ()
    months: Lines = ()
    date_order: str = "day month"
    classes: dict[str, Words] = {}
    signals: dict[str, Lines] = {}
    text: TextWords | None = None
    people: PeopleWords | None = None
    links: dict[LinkWord, LinkText] = {}


class OtherLanguages(Model):
    """Languages that are not understood: enough to name them, and their usual words for unsubscribing."""

    common: dict[str, Folded]
    letters: dict[str, str]
    signals: dict[str, Lines]


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All lexicons, joined where a text may mix languages."""

    by_language: dict[str, Lexicon]
    other: OtherLanguages
    matcher: Matcher

    def words(self, name: str) -> frozenset[str]:
        """The folded words of this list in all languages."""
        return frozenset().union(*(getattr(lexicon, name) for lexicon in self.by_language.values()))

    def text(self, name: str) -> tuple[str, ...]:
        """A list of ``text`` in all languages."""
        return tuple(w for lexicon in self.by_language.values() if lexicon.text for w in getattr(lexicon.text, name))

    def people(self, name: str) -> tuple[str, ...]:
        """A list of ``people`` in all languages."""
        return tuple(w for lexicon in self.by_language.values() if lexicon.people for w in getattr(lexicon.people, name))

    def labels(self) -> dict[str, str]:
        """Label → field of form lines, in all languages."""
        found = (lexicon.people.labels for lexicon in self.by_language.values() if lexicon.people)
        return {label: field for labels in found for field, names in labels.items() for label in names}


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
