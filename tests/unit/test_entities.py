"""The tagger: names, institutions, roles and "privat" in every part of a mail; its weights; hostile texts."""

import hashlib
import importlib
import importlib.util
import json
import time

import pytest

from mailbot.understand.chain import chain, parsed
from mailbot.understand.entities import Entity, EntityKind, entities
from mailbot.understand.features import MAX_WORDS, Zone, groups, pieces
from tests.training.entities import MODEL, digest, learn, texts
from tests.training.marks import example, lowered, plain, variants

ADDRESS = "anna.meier@post.example"


def tagged(text: str, *, display: str = "", subject: str = "", signature: str = "") -> list[tuple[str, str]]:
    zones = [(Zone.HEADER, display), (Zone.SUBJECT, subject), (Zone.TEXT, text), (Zone.SIGNATURE, signature)]
    return [(e.kind.value, e.text) for e in entities(zones, ADDRESS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ich heiße Anna Meier und komme von der Stadt Büren.", [("N", "Anna Meier"), ("I", "Stadt Büren")]),
        ("Name: Jan Ott\nInstitution: Lohmann & Söhne", [("N", "Jan Ott"), ("I", "Lohmann & Söhne")]),
        ("I am Jan Ott from Transition Ghent.", [("N", "Jan Ott"), ("I", "Transition Ghent")]),
        ("Ich nehme teil, rein privat.", [("P", "rein privat")]),
        ("Der Turnverein Verl e. V. nimmt teil.", [("I", "Turnverein Verl e. V.")]),
        ("Dr. Anna Meier\nLeiterin Umweltamt", [("N", "Dr. Anna Meier")]),
    ],
)
def test_what_stands_where(text: str, expected: list[tuple[str, str]]) -> None:
    """Names with their titles, institutions with their legal forms, and what says "privat"."""
    assert [pair for pair in tagged(text) if pair[0] in "NIP"] == expected


def test_places_are_those_of_the_text() -> None:
    """An entity's place holds its words in its own part of the mail."""
    zones = [(Zone.SUBJECT, "Anmeldung Jan Ott"), (Zone.TEXT, "Guten Tag,\nich bin Jan Ott von der Stadt Büren.")]
    for entity in entities(zones, ADDRESS):
        assert dict(zones)[entity.zone][entity.start : entity.end] == entity.text


def test_a_sentence_end_ends_an_entity() -> None:
    """Two names with a full stop between them are two people."""
    found = entities([(Zone.TEXT, "Es kommt Anna Meier. Jan Ott kommt auch.")], ADDRESS)
    assert [e.text for e in found if e.kind is EntityKind.NAME] == ["Anna Meier", "Jan Ott"]


@pytest.mark.parametrize(
    "text",
    ["", "\n" * 5000, "a" * 100_000, "A. " * 50_000, "(" * 20_000, "\u202e\0💥" * 5000, "„" * 9999, "x@" * 30_000, "-.-" * 30_000],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    """Any text gives entities soon, from at most so many words."""
    began = time.process_time()
    found = entities([(Zone.HEADER, text[:200]), (Zone.TEXT, text)], text[:100])
    assert time.process_time() - began < 1
    assert all(isinstance(e, Entity) for e in found)
    assert len(pieces([(Zone.TEXT, text)])) <= MAX_WORDS + 1


def test_the_weights_are_those_of_the_texts() -> None:
    """Whoever changes a training text trains anew: the weights name the digest of their texts."""
    table = json.loads(MODEL.read_text("utf-8"))
    assert table["texts"] == digest()
    assert len(digest()) == hashlib.sha256().digest_size * 2
    assert MODEL.stat().st_size < 1_500_000


def test_labels_fit_the_training_texts() -> None:
    """The weights know their own texts nearly by heart; else features and weights belong to different versions."""
    right = total = 0
    for text in texts()[::40]:
        e = example(text)
        labels = chain().label(chain().weigh(groups(e.words, e.display, e.address)))
        right += sum(a == b for a, b in zip(labels, e.labels, strict=True))
        total += len(labels)
    assert right / total > 0.99


@pytest.mark.skipif(importlib.util.find_spec("pycrfsuite") is None, reason="extra `train` is not installed")
def test_labels_equal_those_of_the_trainer(tmp_path) -> None:
    """The chain here gives the labels that the library which learnt its weights gives."""
    pycrfsuite = importlib.import_module("pycrfsuite")
    some = texts()[:30]
    model = parsed(learn(some, str(tmp_path / "model")))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(tmp_path / "model"))
    same = total = 0
    for text in texts()[30:60]:
        e = example(text)
        found = list(groups(e.words, e.display, e.address))
        theirs = tagger.tag([[f for group in word for f in group] for word in found])
        same += sum(a == b for a, b in zip(model.label(model.weigh(found)), theirs, strict=True))
        total += len(theirs)
    assert same / total > 0.98, same / total  # rounding and the least weights may tip a close call


def test_marks_become_labels_of_the_words_that_count() -> None:
    """Marked words are labelled in the part of the mail that the service would see them in."""
    text = {"from": "[[N|Jan Ott]] <j@b.example>", "subject": "", "text": "Ich komme.\n\nGruß\n[[N|Jan Ott]]\n[[I|Stadt Büren]]"}
    e = example(text)
    labels = [(w.text, w.zone, label) for w, label in zip(e.words, e.labels, strict=True) if label != "O"]
    assert ("Jan", Zone.HEADER, "N") in labels
    assert ("Büren", Zone.SIGNATURE, "I") in labels
    assert plain("a [[N|Jan]] b") == ("a Jan b", [("N", 2, 5)])


def test_variants_are_the_same_each_time() -> None:
    """A seed gives the same variants; they keep their marks, in small letters too."""
    some = texts()[:40]
    assert list(variants(some, 3)) == list(variants(some, 3))
    assert len(list(variants(some, 3))) > len(some)
    assert lowered({"subject": "", "text": "Ich bin [[N|Jan Ott]]"})["text"] == "ich bin [[N|jan ott]]"
