"""Lexicons: a language is complete or named as incomplete, and every one-tap link is understood unchanged."""

import re

import pytest

from mailbot.domain.decision import LinkWord
from mailbot.domain.understanding import Action, Answer, Intent, RequestKind
from mailbot.errors import MailbotError
from mailbot.understand.lexicon import lexicons, link
from mailbot.understand.normal import fold
from mailbot.understand.phrases import Matcher
from tests.unit.understanding import read

LANGUAGES = sorted(lexicons().by_language)
WISHES = {
    LinkWord.YES: (Intent.CONFIRMATION, Answer.YES),
    LinkWord.NO: (Intent.CONFIRMATION, Answer.NO),
    LinkWord.UNDO: (Intent.CONFIRMATION, Answer.UNDO),
    LinkWord.REGISTER: (Intent.REGISTRATION, None),
    LinkWord.CANCEL: (Intent.CANCELLATION, None),
    LinkWord.UNSUBSCRIBE: (Intent.UNSUBSCRIBE, None),
    LinkWord.ACCESS: (Intent.DATA_SUBJECT_REQUEST, None),
    LinkWord.ERASE: (Intent.DATA_SUBJECT_REQUEST, None),
}


def test_the_two_languages_are_there() -> None:
    """German and English are understood."""
    assert LANGUAGES == ["de", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_signal(language: str) -> None:
    """What one language can say, every language can: the grid of language and signal has no hole."""
    everywhere = {signal for lexicon in lexicons().by_language.values() for signal in lexicon.signals}
    assert everywhere - set(lexicons().by_language[language].signals) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_right_and_link(language: str) -> None:
    """Each right has its phrases and each one-tap link its words in every language."""
    lexicon = lexicons().by_language[language]
    assert {kind.value for kind in RequestKind} <= set(lexicon.signals)
    assert set(lexicon.links) == set(LinkWord)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", list(LinkWord))
@pytest.mark.parametrize("ending", ["", "\n\nVon meinem iPhone gesendet", "\n\n-- \nAnna Meier\nStadt Büren"])
def test_a_one_tap_link_comes_back_as_its_wish(language: str, word: LinkWord, ending: str) -> None:
    """A link sent unchanged is understood as its wish, with the phone's tag line or a signature below it too."""
    text = link(language, word)
    understood = read(text.body + ending, subject=f"{text.word} klima-werkstatt [#klima-ab23cd45ef]")
    intent, answer = WISHES[word]
    assert (understood.intent, understood.answer) == (intent, answer)
    assert understood.tags == ("klima-ab23cd45ef",)
    assert understood.action in {Action.ACT, Action.ASK}


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_of_one_language_differ(language: str) -> None:
    """No two links of a language share their word, so none can be taken for another."""
    words = [link(language, word).word for word in LinkWord]
    assert len(set(words)) == len(words)


def test_an_unknown_language_gets_a_language_that_we_write() -> None:
    """A link in a language without lexicon is given in one that there is."""
    assert link("xx", LinkWord.YES) in {link(language, LinkWord.YES) for language in LANGUAGES}


def test_a_phrase_with_an_unknown_class_is_named() -> None:
    """A misspelt class in a lexicon is an error that names the phrase."""
    with pytest.raises(MailbotError, match="xx: ich {wnat} kommen: there is no class {wnat}"):
        Matcher([("attend", "xx", "ich {wnat} kommen", {})], [])


def test_no_phrase_waits_for_a_word_that_is_left_out() -> None:
    """A phrase that needs a filler could never match, since fillers are left out of sentences before."""
    fillers = lexicons().words("fillers") - {"bitte"}  # kept where it is the verb: "ich bitte um"
    dead = [
        (lexicon.language, signal, text)
        for lexicon in lexicons().by_language.values()
        for signal, texts in lexicon.signals.items()
        for text in texts
        for part in re.findall(r"\([^()]*\)\??|\S+", text)
        if not part.endswith("?") and all(set(map(fold, way.split())) & fillers for way in part.strip("()").split("|"))
    ]
    assert dead == []


def test_a_hurried_spelling_is_no_word_of_another_language() -> None:
    """What stands for a word in haste must not be a frequent word elsewhere ("is", "net")."""
    known = lexicons()
    frequent = frozenset().union(*(lexicon.common for lexicon in known.by_language.values()))
    assert not frequent & known.spellings.keys()
