"""Why a mail was read so: reasons in plain words, once each, with weights that say how much they count."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.config import example
from mailbot.domain.understanding import Action, Intent, RequestKind
from mailbot.pipeline import read
from mailbot.understand import reasons as told
from mailbot.understand.evidence import SUBJECT, Evidence, Findings
from mailbot.understand.meaning import Reading
from mailbot.understand.reasons import reasons

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("blind*/*.eml"))
MOODS = (", but with a word that denies it", ", but only on a condition", ", but as a question")


def evidence(signal: str, quote: str, start: int = 0, **more: object) -> Evidence:
    return Evidence(signal, quote, 0, start=start, **more)


def reading(*because: Evidence, action: Action = Action.ACT, **more: object) -> Reading:
    return Reading(intent=Intent.REGISTRATION, action=action, confidence=0.9, because=because, **more)


def test_each_reason_stands_once_with_its_words() -> None:
    """The same kind of evidence is one reason; words said twice are quoted once, and overlapping ones as one."""
    found = (
        evidence("register", "Anmeldung", 0, where=SUBJECT),
        evidence("register", "melde mich zur Werkstatt an", 10),
        evidence("register", "melde mich", 10),
        evidence("register", "Werkstatt an, gerne", 25),
        evidence("register", "anmeldung", 90),
    )
    (reason,) = reasons(reading(*found), (), Action.ACT, Findings())
    assert reason.text == "wants to take part: „Anmeldung“, „melde mich zur Werkstatt an, gerne“"
    assert [(quote.words, quote.start) for quote in reason.quotes] == [
        ("Anmeldung", None), ("melde mich zur Werkstatt an, gerne", 10), ("anmeldung", 90),
    ]  # fmt: skip


def test_weights_are_shares_of_the_confidence() -> None:
    """A plain wish counts more than a word that only lets one think of it; together they are the confidence."""
    plain, soft = reasons(reading(evidence("attend", "komme"), evidence("register", "melde an", 20)), (), Action.ACT, Findings())
    assert plain.text.startswith("wants to take part")
    assert plain.weight > soft.weight > 0
    assert math.isclose(plain.weight + soft.weight, 0.9)


def test_what_stopped_mailbot_outweighs_the_rest() -> None:
    """Doubts are below zero and shown only where they lowered the action."""
    doubtful = reading(evidence("register", "melde an"), action=Action.REVIEW, against=(evidence("minor", "Sohn (9"),))
    pro, *contra = reasons(doubtful, ("has no single sender who could be answered",), Action.REVIEW, Findings())
    assert [reason.text for reason in contra] == ["has no single sender who could be answered", "is about a child: „Sohn (9“"]
    assert math.isclose(pro.weight + sum(reason.weight for reason in contra), 0, abs_tol=1e-9)
    assert len(reasons(doubtful, ("anything",), Action.ACT, Findings())) == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"question": True}, "as a question"),
        ({"supposed": True}, "only on a condition"),
        ({"negated": True}, "with a word that denies it"),
    ],
)
def test_a_wish_that_did_not_count_is_named_with_the_reason(how: dict[str, bool], words: str) -> None:
    """Whoever wonders why a question is no cancellation reads why."""
    found = Findings()
    found.add(evidence("cancel", "sage ich ab", **how))
    question = Reading(intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.8, why="asks something")
    pro, contra = reasons(question, (), Action.REVIEW, found)
    assert (pro.text, contra.text) == ("asks something", f"cancels, but {words}: „sage ich ab“")
    assert contra.weight < 0


def test_long_and_many_quotes_are_bounded() -> None:
    """However long a mail is, its reasons stay readable."""
    many = tuple(evidence("spam", f"{n} " + "x" * 110, n * 200) for n in range(500))
    (reason,) = reasons(reading(*many), (), Action.ACT, Findings())
    assert reason.text.endswith("“ and 16 more")
    assert len(reason.text) < 500


def test_every_right_has_its_words() -> None:
    """An organiser reads the article beside what it means."""
    assert all("GDPR" in told.SAID[kind] for kind in RequestKind)


def test_every_reason_of_real_looking_mails_is_in_plain_words() -> None:
    """No signal's technical name reaches a person, and what is quoted stands where the explanation marks it."""
    settings, now = example(), datetime(2027, 2, 1, tzinfo=UTC)
    known = {*told.SAID.values(), *told._DENIED.values()}
    for file in CORPUS:
        understood = read(file.read_bytes(), settings, now).understanding
        assert understood.reasons, file
        for reason in understood.reasons:
            head = reason.text.partition(": „")[0]
            for mood in MOODS:
                head = head.removesuffix(mood)
            assert not reason.quotes or head in known, (file, reason)
            flat = understood.own_text.replace("\n", " ")
            assert all(flat.startswith(q.words, q.start) for q in reason.quotes if q.start is not None), (file, reason)
