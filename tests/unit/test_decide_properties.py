"""What no mail may bring about, whatever was understood and whatever is on record (I3, I5): random cases."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.decide import decide
from mailbot.domain.decision import (
    AddRegistration,
    ChangeRegistration,
    ErasePerson,
    Folder,
    LinkWord,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Facts, Request, Seats, Token
from mailbot.domain.letters import LETTERS
from mailbot.domain.mail import Defect, fold_address
from mailbot.domain.states import Outcome, Purpose, RegistrationStatus, RequestStatus, SubscriptionStatus, check_request
from mailbot.domain.understanding import (
    Action,
    Answer,
    Authentication,
    Correction,
    Intent,
    Kind,
    Participant,
    RequestKind,
    Screening,
    Understanding,
)
from mailbot.intents.dialogue import Question, pack
from tests.unit.deciding import AFTER, ANNA, BERND, EVENT, GRETA, NOW, OTHER, TWO, case, row, subscriber

ADDRESSES = [ANNA, BERND, GRETA]
NAMES = ["Anna Berg", "Bo Berg", "Greta Holm", None]
WISHES = [i for i in Intent if i is not Intent.AUTOMATIC]
TEXTS = ["", "Bo", "Anna Berg", "beides", "Newsletter", "privat", "Wie bitte?", "Werk " * 40]
ACTIONS = ["asked", "complete", "cancel", "unsubscribe", "substitute", "subscribe", "event-mails", "data-request", "dance"]


class Dice:
    """Draws a random case; evenly, so that rare combinations come up too (a seed is enough to see one again)."""

    def __init__(self, seed):
        self.random = Random(seed)

    def some(self, values, most):
        """Up to so many of the values, each once."""
        values = list(values)
        return tuple(self.random.sample(values, self.random.randint(0, min(most, len(values)))))

    def one(self, *values):
        """One of the values."""
        return self.random.choice(values)

    def seldom(self, value, usual):
        """The value now and then."""
        return value if self.random.random() < 0.1 else usual

    def person(self):
        """Somebody whom a mail names."""
        email = self.one(ANNA, BERND, "new@x.example", f"p{self.random.randint(0, 20)}@x.example", None)
        return Participant(name=self.one(*NAMES, "Bernd Au", "Berg", ""), institution=self.one("Verein", None), email=email)

    def understanding(self):
        """What a mail might mean, sensible or not."""
        corrections = [
            Correction(field=f, new=self.one("Neu", "neu@x.example", "")) for f in ("name", "institution", "email", "phone")
        ]
        return Understanding(
            intent=self.seldom(Intent.AUTOMATIC, self.one(*WISHES)),
            action=self.seldom(Action.IGNORE, self.one(Action.ACT, Action.ACT, Action.ASK, Action.REVIEW)),
            confidence=0.5,
            language=self.one("de", "en", "pl"),
            wishes=self.some(WISHES, 2),
            request_kinds=self.some(RequestKind, 3),
            related=self.seldom(False, True),
            participants=tuple(self.person() for _ in range(self.one(0, 1, 2, 3, 14))),
            leaving=self.some(["Anna Berg", "Bo Berg", "Bo", "Uwe Ohm"], 2) if self.one(True, False) else (),
            corrections=self.some(corrections, 2),
            about=self.seldom(self.one(*ADDRESSES), None),
            answer=self.one(None, *Answer),
            events=self.some([EVENT, OTHER], 2),
            bare_leave=self.seldom(True, False),
            against_mailings=self.one(True, False),
            wants_mailings=self.seldom(True, False),
            on_behalf=self.seldom(True, False),
            own_text=self.one(*TEXTS),
        )

    def row(self, row_id):
        """Somebody on record."""
        return row(
            row_id,
            self.one(*ADDRESSES),
            self.one(*NAMES),
            self.one(*RegistrationStatus),
            event=self.one(EVENT, EVENT, OTHER),
            institution=self.one("Verein", None),
            by=self.one(None, *ADDRESSES),
            restricted=self.seldom(True, False),
        )

    def token(self):
        """A token of ours, old or new."""
        data = {
            **pack(self.understanding()),
            "question": self.one(*Question).value,
            "rows": self.one("r0:registered,r1:waiting", "r0,r1,r2", ""),
            "instead": "r2",
            "requests": self.one("access:q0,erasure:q1", ""),
            "leaving": self.one("r0", ""),
            "was": self.one("", SubscriptionStatus.SUBSCRIBED.value),
        }
        return Token(
            tag="klima-aaaaaaaaaa",
            purpose=self.one(*Purpose),
            address=self.one(*ADDRESSES),
            event=self.one(EVENT, OTHER, "gone", None),
            action=self.one(*ACTIONS),
            data=data,
            usable=self.one(True, True, False),
        )

    def request(self, request_id):
        """A request on record."""
        kinds = (self.one(*RequestKind).value,)
        return Request(
            id=request_id, kinds=kinds, status=self.one(*RequestStatus), address=self.one(*ADDRESSES), received_at=NOW, due=NOW
        )

    def facts(self):
        """What the store might know."""
        rows = tuple(self.row(f"r{n}") for n in range(self.random.randint(0, 5)))
        subscribed = {a: subscriber(a, self.one(*SubscriptionStatus))[a] for a in self.some(ADDRESSES, 2)}
        queue = tuple(r for r in rows if r.status is RegistrationStatus.WAITING and r.event == EVENT)
        known = frozenset({r.email for r in rows} | set(subscribed))
        return Facts(
            registrations=rows,
            subscriptions=subscribed,
            suppressed=frozenset(self.some(ADDRESSES, 1)),
            tokens=tuple(self.token() for _ in range(self.random.randint(0, 2))),
            requests=tuple(self.request(f"q{n}") for n in range(self.random.randint(0, 2))),
            seats={EVENT: Seats(registered=self.random.randint(0, 3), queue=queue)},
            informed=frozenset(self.some(ADDRESSES, 3)),
            on_record=known,
            sent_today={a: self.one(1, 9, 10) for a in self.some(ADDRESSES, 2)},
            receipted=frozenset(self.some(ADDRESSES, 1)),
            introduced_today=self.one(0, 0, 29, 30),
            erased_events=self.seldom(frozenset({OTHER}), frozenset()),
            dossiers=dict.fromkeys(self.some(known, 3), ()),
        )

    def case(self):
        """One mail, with everything around it."""
        screening = Screening(
            kind=self.seldom(self.one(*Kind), Kind.HUMAN),
            authentication=self.seldom(Authentication.FAIL, Authentication.NONE),
            suspect=self.seldom("is marked as spam", ""),
        )
        return case(
            self.understanding(),
            self.facts(),
            sender=self.seldom(None, self.one(ANNA, BERND)),
            name=self.one("", "Anna Berg", "Bo Berg"),
            settings=TWO,
            subject=self.one("", "[#klima-aaaaaaaaaa]"),
            now=self.seldom(AFTER, NOW),
            forced=self.seldom(True, False),
            defects=self.seldom(frozenset({Defect.TRUNCATED}), frozenset()),
            screening=screening,
        )


CASES = st.integers(0, 2**32).map(lambda seed: Dice(seed).case())
PROFILE = settings(max_examples=1000, deadline=None, derandomize=True)


def entitled(made):
    """The addresses whose records this mail may change: the sender's, and those proved by a usable token."""
    sender = {fold_address(made.mail.sender.email)} if made.mail.sender else set()
    return sender | {fold_address(t.address) for t in made.facts.tokens if t.usable}


def hurt(made, change):
    """Whom a change may hurt: the address, or None for a harmless one."""
    rows = {r.id: r for r in made.facts.registrations}
    if isinstance(change, ErasePerson):
        return change.address
    if isinstance(change, Suppress):
        return change.email
    if isinstance(change, SetSubscription):
        return change.email if change.status is SubscriptionStatus.UNSUBSCRIBED else None
    if not isinstance(change, ChangeRegistration) or change.id not in rows:
        return None
    row_before = rows[change.id]
    overwritten = any(
        getattr(row_before, f) and getattr(change, f) not in {None, getattr(row_before, f)}
        for f in ("name", "institution", "email")
    )
    takes = change.status is RegistrationStatus.CANCELLED or change.restricted or overwritten
    return row_before.email if takes else None


@PROFILE
@given(CASES)
def test_nobody_is_hurt_on_the_word_of_somebody_else(made):
    """I5: cancelling, unsubscribing, erasing, restricting, correcting only for the sender or by a usable token.

    The one exception can be undone completely: who got a seat from somebody who takes it back gets an undo of their own.
    """
    decision = decide(made)
    undo = {m.to for m in decision.letters if m.template == "cancelled" and LinkWord.UNDO in {link.word for link in m.links}}
    for change in decision.changes:
        victim = hurt(made, change)
        if victim is not None:
            assert fold_address(victim) in entitled(made) | undo, change


@PROFILE
@given(CASES)
def test_letters_go_to_the_sender_to_addresses_on_record_or_to_the_few_people_named(made):
    """At most ten others; never to anybody else, never one that is no letter of ours, never a link of somebody else's."""
    decision = decide(made)
    sender = {made.mail.sender.email} if made.mail.sender else set()
    on_record = set(made.facts.on_record) | {t.address for t in made.facts.tokens}
    new = {c.email for c in decision.changes if isinstance(c, AddRegistration)}
    assert {m.to for m in decision.letters} <= sender | on_record | new
    assert len(new - sender - on_record) <= 10
    for made_letter in decision.letters:
        assert set(made_letter.values) == set(LETTERS[made_letter.template]), made_letter.template
        direct = made_letter.to in sender and made_letter.answers is not None
        assert direct or LinkWord.UNSUBSCRIBE in {link.word for link in made_letter.links} or made_letter.to in sender


@PROFILE
@given(CASES)
def test_a_machine_gets_no_answer_and_a_human_always_has_an_outcome(made):
    """I1, I3: automatic mail changes nothing; every decision is Done or Review, and review has a reason."""
    decision = decide(made)
    machine = made.understanding.intent is Intent.AUTOMATIC or made.understanding.action is Action.IGNORE
    machine = machine or made.screening.kind in {Kind.AUTOMATIC, Kind.BOUNCE, Kind.OWN}
    if machine and not made.forced:
        assert (decision.letters, decision.changes) == ((), ())
    assert (decision.outcome, decision.filing) in {(Outcome.DONE, Folder.DONE), (Outcome.REVIEW, Folder.REVIEW)}
    assert decision.outcome is Outcome.DONE or decision.reasons


@PROFILE
@given(CASES)
def test_nobody_gets_a_letter_for_an_unrelated_or_suspect_mail(made):
    """Nothing is sent, changed or counted for what has nothing to do with us, before a human says so."""
    known = made.facts.tokens or made.mail.sender is None or fold_address(made.mail.sender.email) in made.facts.on_record
    stranger = not made.understanding.related and not known
    if (stranger or made.screening.suspect or made.mail.sender is None) and not made.forced:
        decision = decide(made)
        bounces = made.screening.kind is Kind.BOUNCE
        assert decision.letters == ()
        assert decision.changes == () or bounces


@PROFILE
@given(CASES)
def test_requests_and_rows_move_only_as_the_tables_allow(made):
    """Nothing that the store would refuse: states, one status per row, an erasure after everything else."""
    decision = decide(made)
    status = {r.id: r.status for r in made.facts.requests}
    for change in decision.changes:
        if isinstance(change, OpenRequest):
            status[change.id] = change.status
        if isinstance(change, SetRequest) and change.id in status:
            check_request(status[change.id], change.status)
            status[change.id] = change.status
    moved = [c.id for c in decision.changes if isinstance(c, ChangeRegistration) and c.status is not None]
    assert len(moved) == len(set(moved))
    kinds = [isinstance(c, ErasePerson) for c in decision.changes]
    assert kinds == sorted(kinds)
