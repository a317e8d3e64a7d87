"""The language of short and mixed texts, with "another" as an answer."""

import pytest

from mailbot.understand.language import language
from mailbot.understand.lexicon import lexicons
from mailbot.understand.normal import fold, sentences, visible
from tests.unit.understanding import read


def detect(text: str) -> str:
    words = [w.text for s in sentences(text) for w in s.words]
    return language(words, text, lexicons())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ich komme gern.", "de"),
        ("Bin dabei", "de"),
        ("I'll be there", "en"),
        ("Please cancel my registration", "en"),
        ("Bitte abmelden", "de"),
        ("Bonjour, je ne veux plus recevoir votre lettre, merci", "fr"),
        ("Доброго дня, чи буде переклад українською?", "uk"),
        ("Merhaba, bu etkinlik için teşekkürler", "tr"),
        ("Dzień dobry, proszę o informacje, pozdrawiam", "pl"),
        ("", ""),
        ("12345", ""),
    ],
)
def test_language(text: str, expected: str) -> None:
    """Three words are enough for German and English; others are named; nothing is nothing."""
    assert detect(text) == expected


def test_the_default_language_is_the_first_configured() -> None:
    """Where nothing speaks for anything, the first language of the configuration is taken."""
    assert read("12345").language == "de"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Löschen", "loeschen"),
        ("KLIMA-WERKSTATT", "klimawerkstatt"),
        ("can’t", "cant"),
        ("Straße", "strasse"),
        ("Аnmеldung", "anmeldung"),
        ("Lo\u0308schen", "loeschen"),
    ],
)
def test_spellings_are_folded(one: str, other: str) -> None:
    """Umlauts, case, hyphens, apostrophes and look-alike letters make no difference."""
    assert fold(one) == other


def test_invisible_characters_are_dropped() -> None:
    """Zero-width characters and NUL inside a word do not hide it."""
    assert visible("an\u200bmel\u00adden\0") == "anmelden"
