"""The second opinion: its weights fit the texts in the repository, its figures are likelihoods, its cost is bounded."""

import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.domain.understanding import Intent, Kind
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.understand.opinion import Opinion, opinion, weights
from mailbot.understand.reading import by_rules
from tests.training import corpus
from tests.unit.test_blind import UNLEARNT, labels
from tests.unit.understanding import BOT, RECEIVED, SETTINGS

WISHES = {Intent.REGISTRATION, Intent.CANCELLATION, Intent.UNSUBSCRIBE, Intent.DATA_SUBJECT_REQUEST}


def opinion_on(content: bytes) -> Opinion | None:
    """The opinion on a mail; None where it is not asked for: a machine's, or settled by its structure."""
    mail = parse(content, received_at=RECEIVED)
    if screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=()).kind is not Kind.HUMAN:
        return None
    ruled = by_rules(mail, SETTINGS)
    return None if ruled.reading.settled else opinion(ruled.read.found, ruled.context, ruled.reading, weights())


def written(text: str) -> bytes:
    """A mail with this text."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Anna Meier <anna.meier@post.example>", BOT
    mail.set_content(text)
    return mail.as_bytes()


def test_the_weights_were_learnt_from_the_texts_of_the_repository() -> None:
    """Who changes a text learns again (``python -m tests.training.opinion``): stale weights are seen."""
    assert weights().texts == corpus.digest()


@pytest.mark.parametrize("text", ["", "?", "Ich komme gern!", "stop", "日本語", "Please delete everything you have about me."])
def test_likelihoods_are_likelihoods(text: str) -> None:
    """The intents' share one whole; every figure lies between 0 and 1."""
    seen = opinion_on(written(text))
    if seen is not None:
        assert sum(seen.intents.values()) == pytest.approx(1)
        assert all(0 <= value <= 1 for value in (*seen.intents.values(), *seen.kinds.values(), seen.human))


def unlearnt() -> Iterator[tuple[Opinion, list[str]]]:
    """Every opinion on mails that the weights were not learnt from, with the acceptable intents."""
    for name in UNLEARNT:
        for label, content in labels(name):
            if (seen := opinion_on(content)) is not None:
                yield seen, label["intent"]


def test_a_likelihood_holds_on_mails_that_were_not_learnt_from() -> None:
    """Of the wishes that are held for 90 % likely or more, at least 95 % are right; of those below, no more."""
    judged = [(seen.intents[seen.intent], seen.intent.value in wanted) for seen, wanted in unlearnt() if seen.intent in WISHES]
    sure = [right for chance, right in judged if chance >= 0.9]
    unsure = [right for chance, right in judged if chance < 0.9]
    assert len(sure) > 100
    assert sum(sure) / len(sure) >= 0.95
    assert sum(unsure) / len(unsure) <= sum(sure) / len(sure)


def test_its_cost_grows_with_the_text_only() -> None:
    """Ten times the text costs at most about ten times as much, and a page less than a hundredth of a second."""
    page = "Guten Tag, ich melde mich an und freue mich auf den Abend mit Ihnen. " * 20
    ruled = by_rules(parse(written(page), received_at=RECEIVED), SETTINGS)
    begun = time.process_time()
    for _ in range(20):
        opinion(ruled.read.found, ruled.context, ruled.reading, weights())
    assert (time.process_time() - begun) / 20 < 0.01


def test_no_mail_of_the_labelled_corpus_is_learnt_from() -> None:
    """The texts are the repository's own: the training folder and sets that were measured at first sight before."""
    folders = {Path(name).name for name in corpus.LEARNT}
    assert folders.isdisjoint({*UNLEARNT, "dev"})
