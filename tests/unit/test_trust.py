"""Whether acting is right: the trees fit the texts, what they say holds on unseen mails, and the organiser's certainty rules."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from mailbot.domain.understanding import Action, Intent, Kind
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.settings import Certainty
from mailbot.understand import opinion, reading, verdict
from mailbot.understand.forest import Forest, forest
from mailbot.understand.lexicon import lexicons
from mailbot.understand.trust import figures, trust
from tests.training import corpus
from tests.training.trust import right
from tests.unit.test_blind import UNLEARNT, labels
from tests.unit.understanding import BOT, RECEIVED, SETTINGS, read

STEP = Forest("", ("a", "b"), -1.0, ([0, 0.5, -2.0, [1, 1.0, 0.0, 3.0]], 0.5))


@pytest.mark.parametrize(
    ("row", "likely"), [({}, 0.0759), ({"a": 0.5}, 0.0759), ({"a": 1.0, "b": 1.0}, 0.3775), ({"a": 1.0, "b": 1.1}, 0.9241)]
)
def test_trees_add_up(row: dict[str, float], likely: float) -> None:
    """Each tree gives the leaf that the figures lead to; what is not given is 0, and a limit belongs to the lower side."""
    assert STEP.likely(row) == pytest.approx(likely, abs=1e-4)


def test_the_trees_were_learnt_from_the_texts_of_the_repository() -> None:
    """Who changes a text learns again (``python -m tests.training.trust``): stale trees are seen."""
    assert forest("trust").texts == corpus.digest()


def case(content: bytes) -> tuple[reading.Reading, float] | None:
    """The reading of a mail that may be acted on, and how sure mailbot is; None for any other."""
    mail = parse(content, received_at=RECEIVED)
    if screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=()).kind is not Kind.HUMAN:
        return None
    ruled = reading.by_rules(mail, SETTINGS)
    weights = opinion.weights()
    view = opinion.opinion(ruled.read.found, ruled.context, ruled.reading, weights)
    likeliest = verdict.likeliest(ruled.reading, view, Certainty(), tied=ruled.read.tied)
    if not likeliest.open:
        return None
    one = reading.case(ruled, likeliest, view, reading.who_takes_part(ruled, likeliest, lexicons()), weights)
    assert all(-10 < figure < 100 for figure in figures(one).values())
    return likeliest, trust(one)


def unlearnt() -> Iterator[tuple[float, bool]]:
    """How sure mailbot is of every unseen mail that it may act on, and whether that would be right."""
    for name in UNLEARNT:
        for label, content in labels(name):
            if found := case(content):
                yield found[1], right(found[0], label)


def test_what_is_sure_is_right() -> None:
    """Of the unseen mails that are held for right with 0.75 or more, at least 98 % are; of those below 0.4, most are not."""
    judged = list(unlearnt())
    sure, doubted = [fine for chance, fine in judged if chance >= 0.75], [fine for chance, fine in judged if chance < 0.4]
    assert len(sure) > 100
    assert sum(sure) / len(sure) >= 0.98
    assert sum(doubted) < len(doubted) / 2


def test_the_organiser_can_ask_for_more_or_forbid_it() -> None:
    """A certainty of 1.01 is never reached: everything of this intent goes to a human, with the reason."""
    text = "Guten Tag, ich melde mich zur Klima-Werkstatt an. Anna Meier, Stadt Büren"
    assert read(text).action is Action.ACT
    never = read(text, settings=SETTINGS.model_copy(update={"certainty": Certainty(registration=1.01)}))
    assert (never.intent, never.action) == (Intent.REGISTRATION, Action.REVIEW)
    assert "not sure enough" in never.reasons[-1].text


def test_to_ask_back_needs_less_than_to_act() -> None:
    """What is missing may be asked for where acting would not be sure enough; 1.01 forbids that too."""
    text = "Hallo, ich wäre am 11. März gern dabei. Gruß Anna Meier"
    asks = SETTINGS.model_copy(update={"certainty": Certainty(registration=1.0)})
    assert read(text, settings=asks).action is Action.ASK
    for never in (Certainty(ask=1.01), Certainty(registration=1.01)):
        assert read(text, settings=SETTINGS.model_copy(update={"certainty": never})).action is Action.REVIEW


def test_who_is_complete_is_not_registered_because_another_is_not() -> None:
    """One of two lacks the institution: the other would get a seat at once, so it must be as sure as for acting."""
    text = "Guten Tag, ich melde uns an:\n\nName;Institution;Mail\nAnna Meier;Verein Lippe;a@lippe.example\nJan Ott;;j@post.example"
    never = SETTINGS.model_copy(update={"certainty": Certainty(registration=1.0)})
    assert read(text, subject="Klima-Werkstatt").action is Action.ASK
    assert read(text, subject="Klima-Werkstatt", settings=never).action is Action.REVIEW


def test_nothing_is_done_that_is_not_likely_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """However plain a mail is, it goes to a human where the trees say that acting is wrong."""
    text = "Guten Tag, ich melde mich zur Klima-Werkstatt an. Anna Meier, Stadt Büren"
    monkeypatch.setattr(reading, "trust", lambda _case: 0.64)
    doubted = read(text)
    assert doubted.action is Action.REVIEW
    assert doubted.reasons[-1].text == "is not sure enough to be acted on (0.64 of 0.65)"


@pytest.mark.parametrize(
    ("subject", "quoted", "tied"),
    [
        ("Re: Sommerfest", "", False),
        ("Re: Klima-Werkstatt", "", True),
        ("Re: Einladung", f"> Am 1.2. schrieb {BOT}:\n> Kommen Sie?", True),
    ],
)
def test_only_a_reply_to_us_is_a_tie(subject: str, quoted: str, tied: bool) -> None:
    """A "Re:" alone ties nobody to us; the name of an event or a mailbox of ours in what is answered does."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna.meier@post.example", BOT, subject
    mail.set_content(f"Hallo, gern.\n\n{quoted}")
    assert reading.by_rules(parse(mail.as_bytes(), received_at=RECEIVED), SETTINGS).read.tied is tied


def test_a_stranger_must_be_plain() -> None:
    """Words that only may be a wish, in a mail that has nothing to do with us, are for a human, who is told so."""
    text = "Bitte haltet mir einen Stuhl frei, ich bring Kekse mit. Anna Meier, Blattwerk"
    doubted = read(text, subject="Termin")
    assert doubted.action is Action.REVIEW
    assert any("answers no mail of ours" in reason.text for reason in doubted.reasons)
    assert read(text, subject="Klima-Werkstatt").action is Action.ACT
