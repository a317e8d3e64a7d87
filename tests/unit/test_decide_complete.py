"""Asking back as a dialogue: what is missing, and every way of answering it (DESIGN section 6)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    GrantToken,
    UseToken,
)
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus
from mailbot.domain.understanding import Action, Answer, Intent
from tests.unit.deciding import (
    AFTER,
    ANNA,
    GRETA,
    PENDING,
    REGISTERED,
    as_token,
    asked,
    case,
    changes,
    facts,
    letter,
    letters,
    person,
    registration,
    row,
    understood,
)


@pytest.mark.parametrize(
    ("people", "missing"),
    [
        ([person(institution=None)], [{"name": "Anna Berg", "fields": ["institution"]}]),
        ([person(name=None)], [{"name": "", "fields": ["name"]}]),
        ([person(name=None, institution=None)], [{"name": "", "fields": ["name", "institution"]}]),
        ([person(), person("Bo Berg", None)], [{"name": "Bo Berg", "fields": ["institution"]}]),
        ([], [{"name": "", "fields": ["name", "institution"]}]),
        ([person(), person("Heike", "Werk")], [{"name": "Heike", "fields": ["full_name"]}]),
        ([person("Heike", None)], [{"name": "Heike", "fields": ["full_name", "institution"]}]),
    ],
)
def test_exactly_what_is_missing_is_asked_and_nothing_else(people, missing):
    """Per person; who is complete is registered already."""
    decision = decide(case(registration(*people)))
    assert letter(decision, "question-back").values["missing"] == missing
    done = [p for p in people if p.name and p.institution and " " in p.name]
    assert [a.name for a in changes(decision, AddRegistration) if a.status is REGISTERED] == [p.name for p in done]


def test_a_second_incomplete_mail_does_not_double_the_pending_row():
    """The row on record is asked about again."""
    decision = decide(case(registration(person(institution=None)), facts(row(status=PENDING, institution=None))))
    assert not changes(decision, AddRegistration)
    assert asked(decision).data["rows"] == "r1"


@pytest.mark.parametrize(
    ("understanding", "name", "institution"),
    [
        (understood(Intent.UNCLEAR, Action.REVIEW, own_text="Stadtbücherei Lippe."), "Anna Berg", "Stadtbücherei Lippe"),
        (understood(Intent.CONFIRMATION, own_text="privat"), "Anna Berg", "privat"),
        (understood(Intent.UNCLEAR, own_text="Anna Berg, Stadtwerke"), "Anna Berg", "Stadtwerke"),
        (understood(Intent.CONFIRMATION, answer=Answer.YES, own_text="Ja, privat."), "Anna Berg", "privat"),
        (registration(person(name=None, institution="Werk")), "Anna Berg", "Werk"),
        (registration(person("Anna Berg", "Werk")), "Anna Berg", "Werk"),
    ],
)
def test_a_reply_with_the_token_completes_the_pending_registration(understanding, name, institution):
    """However short the answer is: the row takes it and becomes a seat; the token is used up."""
    first = decide(case(registration(person(institution=None))))
    pending = row(changes(first, AddRegistration)[0].id, status=PENDING, institution=None)
    decision = decide(case(understanding, facts(pending, tokens=(asked(first),))))
    [changed] = changes(decision, ChangeRegistration)
    assert (changed.status, changed.name, changed.institution) == (REGISTERED, name, institution)
    assert letters(decision) == [("registration-confirmed", ANNA)]
    assert changes(decision, UseToken)


@pytest.mark.parametrize("answer", [understood(Intent.UNCLEAR, own_text="Anna Berg"), registration(person(institution=None))])
def test_a_missing_name_is_completed_too(answer):
    """The other half of the question."""
    first = decide(case(registration(person(name=None))))
    pending = row(changes(first, AddRegistration)[0].id, name=None, status=PENDING)
    [changed] = changes(decide(case(answer, facts(pending, tokens=(asked(first),)))), ChangeRegistration)
    assert (changed.name, changed.status) == ("Anna Berg", REGISTERED)


UNTOLD = [
    understood(Intent.UNCLEAR, Action.REVIEW, own_text=text)
    for text in ("Danke!", "Ok.", "Das lasse ich mir nicht bieten, Heike", "Heike?")
]


def half(*people):
    """The question about half a name, and the rows that wait for the answer."""
    first = decide(case(registration(*people)))
    rows = [
        row(a.id, name=a.name, email=a.email, status=PENDING, institution=a.institution) for a in changes(first, AddRegistration)
    ]
    return asked(first), rows


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (registration(person("Heike Berg", None)), "Heike Berg"),
        (understood(Intent.UNCLEAR, Action.REVIEW, own_text="Heike Berg."), "Heike Berg"),
        (understood(Intent.UNCLEAR, Action.REVIEW, own_text="Einfach Heike."), "Heike"),
    ],
)
def test_half_a_name_is_asked_for(answer, name):
    """The other word is added; who says the same one again is called so."""
    token, rows = half(person("Heike", "Werk"))
    decision = decide(case(answer, facts(*rows, tokens=(token,))))
    [changed] = changes(decision, ChangeRegistration)
    assert (changed.status, changed.name) == (REGISTERED, name)
    assert letters(decision) == [("registration-confirmed", ANNA)]


@pytest.mark.parametrize("answer", UNTOLD)
def test_what_is_no_name_completes_none(answer):
    """Thanks and complaints are no surnames, and register nobody."""
    token, rows = half(person("Heike", "Werk"))
    decision = decide(case(answer, facts(*rows, tokens=(token,))))
    assert not changes(decision, ChangeRegistration)
    assert (letters(decision), decision.outcome) == ([("question-back", ANNA)], Outcome.REVIEW)


def test_an_institution_is_no_surname():
    """Asked for both, answered with one: the other is still missing."""
    token, rows = half(person("Heike", None))
    decision = decide(case(registration(person(None, "privat")), facts(*rows, tokens=(token,))))
    assert [(c.name, c.institution, c.status) for c in changes(decision, ChangeRegistration)] == [("Heike", "privat", None)]
    assert letter(decision, "question-back").values["missing"] == [{"name": "Heike", "fields": ["full_name"]}]


def test_one_answer_completes_one_of_two_halves():
    """Of whom nothing was said stays open."""
    token, rows = half(person("Heike", "Werk"), person("Bo", "Werk"))
    decision = decide(case(registration(person("Heike Berg", "Werk")), facts(*rows, tokens=(token,))))
    assert [(c.name, c.status) for c in changes(decision, ChangeRegistration)] == [("Heike Berg", REGISTERED)]
    assert letter(decision, "question-back").values["missing"] == [{"name": "Bo", "fields": ["full_name"]}]


def test_of_somebody_else_the_other_half_is_kept_too():
    """Who registers a colleague by first name and then in full has registered them in full."""
    token, rows = half(person("Heike", "Werk", email=GRETA))
    decision = decide(case(registration(person("Heike Berg", "Werk", email=GRETA)), facts(*rows, tokens=(token,))))
    assert [(c.name, c.status) for c in changes(decision, ChangeRegistration)] == [("Heike Berg", REGISTERED)]


def test_half_a_name_asks_the_same_whether_somebody_is_on_record_or_not():
    """The letter tells nothing about others (DESIGN section 6)."""
    mail = registration(person("Heike", "Werk", email=GRETA))
    known = decide(case(mail, facts(row("r7", name="Heike Berg", email=GRETA, status=REGISTERED))))
    unknown = decide(case(mail))
    assert letters(known) == letters(unknown) == [("question-back", ANNA)]
    assert letter(known, "question-back").values["missing"] == letter(unknown, "question-back").values["missing"]


def test_two_people_do_not_share_the_row_of_one_first_name():
    """ "Anna" on record is one of Anna Meier and Anna Berg; the other gets a row of their own."""
    mail = registration(person("Anna Meier", "Werk"), person("Anna Berg", "Werk"))
    decision = decide(case(mail, facts(row(name="Anna", status=PENDING, institution="Werk"))))
    assert [c.name for c in changes(decision, ChangeRegistration)] == ["Anna Meier"]
    assert [a.name for a in changes(decision, AddRegistration)] == ["Anna Berg"]


@pytest.mark.parametrize("answer", [Answer.YES, Answer.NO])
def test_a_mere_yes_or_no_is_no_institution(answer):
    """It is asked again."""
    first = decide(case(registration(person(institution=None))))
    pending = row(changes(first, AddRegistration)[0].id, status=PENDING, institution=None)
    said = understood(Intent.CONFIRMATION, answer=answer, own_text="Ja, gern")
    decision = decide(case(said, facts(pending, tokens=(asked(first),))))
    assert (changes(decision, ChangeRegistration), letters(decision)) == ([], [("question-back", ANNA)])


@pytest.mark.parametrize("text", ["Das weiß ich leider noch nicht so genau, ich melde mich", "Welche Institution?", ""])
def test_what_is_no_answer_completes_nothing(text):
    """Asked again, and a human sees it."""
    first = decide(case(registration(person(institution=None))))
    pending = row(changes(first, AddRegistration)[0].id, status=PENDING, institution=None)
    decision = decide(case(understood(Intent.UNCLEAR, Action.REVIEW, own_text=text), facts(pending, tokens=(asked(first),))))
    assert not changes(decision, ChangeRegistration)
    assert (letters(decision), decision.outcome) == ([("question-back", ANNA)], Outcome.REVIEW)


def test_a_later_mail_without_token_completes_the_pending_registration():
    """The same address, the same person: nothing but the missing value is new."""
    decision = decide(case(registration(person(name=None, institution="Werk")), facts(row(status=PENDING, institution=None))))
    [changed] = changes(decision, ChangeRegistration)
    assert (changed.id, changed.status, changed.institution) == ("r1", REGISTERED, "Werk")


@pytest.mark.parametrize("action", [Action.ASK, Action.REVIEW])
def test_an_unclear_mail_of_somebody_who_was_asked_is_asked_again(action):
    """Without the token a short text is not taken for an answer; a human sees what was in doubt."""
    decision = decide(case(understood(Intent.UNCLEAR, action, own_text="Werk"), facts(row(status=PENDING, institution=None))))
    assert decision.outcome is (Outcome.REVIEW if action is Action.REVIEW else Outcome.DONE)
    assert letters(decision) == [("question-back", ANNA)]
    assert not changes(decision, ChangeRegistration)


def test_the_answer_to_our_question_may_say_something_else():
    """Whoever is asked for an institution may cancel instead: the mail's own words count."""
    first = decide(case(registration(person(institution=None))))
    pending = row(changes(first, AddRegistration)[0].id, status=PENDING, institution=None)
    decision = decide(case(understood(Intent.CANCELLATION), facts(pending, tokens=(asked(first),))))
    assert letters(decision) == [("cancelled", ANNA)]
    assert not changes(decision, UseToken)


def test_a_used_token_makes_the_mail_an_ordinary_one():
    """Never an error: decided again from its words."""
    first = decide(case(registration(person(institution=None))))
    token = replace(asked(first), usable=False)
    decision = decide(case(registration(person()), facts(row(status=REGISTERED), tokens=(token,))))
    assert letters(decision) == [("registration-confirmed", ANNA)]
    assert letter(decision, "registration-confirmed").values["again"]


def test_the_question_is_about_other_peoples_rows_too():
    """Ilka is asked for Greta's institution and her answer completes Greta's row; Greta hears of it then."""
    first = decide(case(registration(person("Greta Holm", None, GRETA))))
    pending = row(changes(first, AddRegistration)[0].id, GRETA, "Greta Holm", PENDING, institution=None, by=ANNA)
    decision = decide(case(understood(Intent.UNCLEAR, own_text="Kanzlei Holm"), facts(pending, tokens=(asked(first),))))
    assert changes(decision, ChangeRegistration)[0].status is RegistrationStatus.REGISTERED
    assert letters(decision) == [("registered-by-other", GRETA), ("registration-confirmed", ANNA)]


def test_an_answer_too_late_stores_nothing():
    """The event has started meanwhile."""
    first = decide(case(registration(person(institution=None))))
    pending = row(changes(first, AddRegistration)[0].id, status=PENDING, institution=None)
    token = as_token(next(g for g in changes(first, GrantToken) if g.purpose is Purpose.YES))
    decision = decide(case(understood(Intent.UNCLEAR, own_text="Werk"), facts(pending, tokens=(token,)), now=AFTER))
    assert letters(decision) == [("too-late", ANNA)]
    assert not changes(decision, ChangeRegistration)
