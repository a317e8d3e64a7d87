"""The table of DESIGN section 6 as it stands there: wish × from where × with which token (the specification of identity)."""

from dataclasses import replace

import pytest

from mailbot.decide import decide
from mailbot.domain.decision import ChangeRegistration, ErasePerson, SetSubscription, Suppress
from mailbot.domain.facts import Facts, Token
from mailbot.domain.states import Outcome, Purpose
from mailbot.domain.understanding import Authentication, Correction, Intent, Kind, RequestKind, Screening
from tests.unit.deciding import ANNA, EVENT, case, facts, letters, request, row, subscriber, thread, understood

FIX = Correction(field="name", old="Anna Berg", new="Anna Thal")
WISHES = {
    "cancel": understood(Intent.CANCELLATION),
    "unsubscribe": understood(Intent.UNSUBSCRIBE),
    "access": request(RequestKind.ACCESS),
    "portability": request(RequestKind.PORTABILITY),
    "objection to mails": request(RequestKind.OBJECTION, against_mailings=True),
    "withdrawal": request(RequestKind.CONSENT_WITHDRAWAL),
    "objection": request(RequestKind.OBJECTION),
    "restriction": request(RequestKind.RESTRICTION),
    "erasure": request(RequestKind.ERASURE),
    "rectification": request(RequestKind.RECTIFICATION, corrections=(FIX,)),
}
BY_REPLY = {"erasure", "rectification"}
SUBJECT = "x [#klima-threadthread]"
KNOWN = facts(row(), subscriptions=subscriber())
STRANGER = "else@x.example"
CHANGES = (ChangeRegistration, SetSubscription, Suppress, ErasePerson)


def done(decision):
    """What happened: at once, asked (for a reply of the address on record), or nothing."""
    if any(t == "confirm-this" for t, _ in letters(decision)):
        assert not [c for c in decision.changes if isinstance(c, CHANGES)]
        return "asked"
    changed = [c for c in decision.changes if isinstance(c, CHANGES)]
    answered = {t for t, _ in letters(decision)} & {"access-answer", "portability-answer"}
    return "at once" if changed or answered else "nothing"


@pytest.mark.parametrize("wish", WISHES)
def test_from_the_address_on_record(wish):
    """At once, but for erasure and rectification, which need a reply; the answer goes there."""
    decision = decide(case(WISHES[wish], KNOWN))
    assert done(decision) == ("asked" if wish in BY_REPLY else "at once")
    assert {to for _, to in letters(decision)} == {ANNA}
    assert decision.outcome is (Outcome.REVIEW if wish == "objection" else Outcome.DONE)


@pytest.mark.parametrize("wish", WISHES)
def test_with_that_persons_token_from_any_address(wish):
    """The same, and the answer goes to the address on record."""
    decision = decide(case(WISHES[wish], replace(KNOWN, tokens=(thread(ANNA),)), sender=STRANGER, subject=SUBJECT))
    assert done(decision) == ("asked" if wish in BY_REPLY else "at once")
    assert {to for _, to in letters(decision)} == {ANNA}


@pytest.mark.parametrize("wish", WISHES)
def test_from_elsewhere(wish):
    """The address on record is asked; the sender's answer is the same where nothing is on record."""
    about = replace(WISHES[wish], about=ANNA)
    decision, unknown = decide(case(about, KNOWN, sender=STRANGER)), decide(case(about, Facts(), sender=STRANGER))
    assert done(decision) == "asked"
    assert [m for m in letters(decision) if m[1] == STRANGER] == letters(unknown) == [("asked-on-record", STRANGER)]
    assert done(unknown) == "nothing"
    assert decision.outcome is unknown.outcome is Outcome.DONE


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize(
    "token",
    [
        replace(thread(ANNA), usable=False),
        Token(tag="klima-threadthread", purpose=Purpose.YES, address=ANNA, event=EVENT, action="cancel"),
        Token(tag="klima-threadthread", purpose=Purpose.UNDO, address=ANNA, event=EVENT, action="cancel"),
        Token(tag="klima-threadthread", purpose=Purpose.UNSUBSCRIBE, address=ANNA, event=EVENT),
    ],
)
def test_with_a_token_that_is_used_or_for_something_else(wish, token):
    """It proves nothing but its own purpose: a mailing's token unsubscribes, and that is all."""
    decision = decide(case(WISHES[wish], replace(KNOWN, tokens=(token,)), sender=STRANGER, subject=SUBJECT))
    own_purpose = wish == "unsubscribe" and token.purpose is Purpose.UNSUBSCRIBE
    hurt = [c for c in decision.changes if isinstance(c, CHANGES) and getattr(c, "email", ANNA) in {ANNA, None}]
    assert bool(hurt) is own_purpose
    assert {to for _, to in letters(decision)} == {ANNA if own_purpose else STRANGER}


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("authentication", Authentication)
def test_what_a_trusted_server_says_is_evidence_and_not_identity(wish, authentication):
    """Pass changes nothing from elsewhere; fail goes to review, whoever it claims to be."""
    screening = Screening(kind=Kind.HUMAN, authentication=authentication)
    elsewhere = decide(case(replace(WISHES[wish], about=ANNA), KNOWN, sender=STRANGER, screening=screening))
    own = decide(case(WISHES[wish], KNOWN, screening=screening))
    if authentication is Authentication.FAIL:
        assert [(d.outcome, d.letters, d.changes) for d in (elsewhere, own)] == [(Outcome.REVIEW, (), ())] * 2
    else:
        assert done(elsewhere) == "asked"
        assert done(own) == ("asked" if wish in BY_REPLY else "at once")
