"""What the sender wants, from the evidence: an ordered table of readings; the first that fits decides. Never acts on a guess.

What a wrong action costs decides how much is asked for: ``ACT`` needs a plain wish and no word against it.
Upstream: ``wishes``, ``rights``; downstream: ``reading``.
"""

from collections.abc import Callable
from dataclasses import replace

from mailbot.domain.understanding import Action, Answer, Intent, RequestKind
from mailbot.understand import rights
from mailbot.understand.evidence import SUBJECT, Evidence, Findings
from mailbot.understand.meaning import Reading
from mailbot.understand.wishes import Context, Wishes, wishes

_SHORT_WORDS = 30
_FEW_WORDS, _BARE_WORDS = 7, 4
_LEAVING = ("cancel", "cannot")
_ALSO_CLAIMS = ("unsubscribe", "access_loose", "cancel", "register")
_ANSWERING = {"receipt", "bounce", "absence"}
_MACHINE_WORDS = (
    ("machine", 1),
    ("receipt", 1),
    ("bounce", 2),
    ("absence", 2),
    ("newsletter", 2),
    ("spam", 2),
)  # and how many sentences of them


def read(found: Findings, context: Context) -> Reading:
    """Give the first reading that fits."""
    sorted_ = wishes(found, context)
    reading = next(filter(None, (rule(sorted_) for rule in _ORDER)))
    named = frozenset(kind for kind in RequestKind if kind in found.by_signal)
    return replace(reading, left_out=named - set(reading.kinds)) if named else reading


def _machine(w: Wishes) -> Reading | None:
    """Absence notes, receipts, bounces, newsletters and spam that carry no header of a machine, by their words."""
    wish = w.register or (w.attend and w.found.events) or w.cancel or w.cannot or w.leave or rights.claimed(w.found)
    for signal, needed in _MACHINE_WORDS:
        hits = w.found.all(signal, *(("advertised",) if signal == "newsletter" else ()))
        own = (signal == "machine" and not w.context.form) or (signal == "receipt" and not w.found.events)
        human = wish or (w.unsubscribe and signal not in {"newsletter", "spam"})
        if signal in _ANSWERING and w.found.questions:
            continue  # whoever asks what our automatic mail meant is no machine
        enough = len({(e.sentence, e.start) for e in hits}) >= needed or (signal == "absence" and _in_subject(hits))
        if enough and (own or not human) and not (w.found.events and signal == "spam"):
            return Reading(settled=True, intent=Intent.AUTOMATIC, action=Action.IGNORE, confidence=0.8, because=tuple(hits))
    return None


def _in_subject(hits: list[Evidence]) -> bool:
    return any(e.where == SUBJECT for e in hits)


def _empty(w: Wishes) -> Reading | None:
    if w.context.words or w.found.by_signal:
        return None
    return Reading(settled=True, intent=Intent.UNCLEAR, action=Action.REVIEW, confidence=0.3, why="no text to be read")


def _confirmation(w: Wishes) -> Reading | None:
    """A reply to our question, with our token: yes, no or undo."""
    if not w.context.token or w.context.to_invitation or w.context.words > _SHORT_WORDS:
        return None
    for answer, signal in ((Answer.UNDO, "undo"), (Answer.NO, "no_answer"), (Answer.YES, "yes")):
        said = (e for e in w.found.all(signal) if e.where != SUBJECT and not e.question)
        hits = [e for e in said if answer is Answer.NO or not e.negated]
        if not hits:
            continue
        if answer is Answer.NO and (w.cannot or w.cancel or _declined(w)):
            return None
        bare = answer is not Answer.YES or w.context.text_words <= _BARE_WORDS
        return None if w.found.questions and answer is Answer.YES else _answer(answer, hits[0], settled=bare)
    return None


def _invited(w: Wishes) -> Reading | None:
    """Such as "Ja gerne!" below our invitation."""
    yes = [e for e in w.found.plain("yes") if e.where != SUBJECT]
    if not yes or not w.context.to_invitation or w.context.text_words > _SHORT_WORDS or w.found.questions:
        return None
    if w.cannot or w.cancel or w.leave or w.unsubscribe or w.found.plain("no_answer", "retracts", "later", "wavering"):
        return None
    return Reading(
        intent=Intent.REGISTRATION, action=Action.ACT, confidence=0.8, because=tuple(yes), why="agrees to our invitation"
    )


def _answer(answer: Answer, said: Evidence, *, settled: bool) -> Reading:
    """A denial does nothing by itself, a human should look: who asked for it then? A confirmation agrees."""
    if answer is Answer.NO:
        intent, action, why = Intent.QUESTION, Action.REVIEW, "denies our question"
    else:
        intent, action, why = Intent.CONFIRMATION, Action.ACT, "answers our question"
    wishes_ = (intent,) if answer is not Answer.NO else (intent, Intent.CONFIRMATION)
    return Reading(
        settled=settled, intent=intent, action=action, confidence=0.95, because=(said,), answer=answer, why=why, wishes=wishes_
    )


def _declined(w: Wishes) -> bool:
    return any(e.negated for e in w.found.all("attend", "register"))


def _rights(w: Wishes) -> Reading | None:
    kinds = rights.claimed(w.found)
    if not kinds:
        return None
    mailings = bool(w.found.all("against_mailings"))
    unread = _unread_item(w, kinds)
    action = Action.REVIEW if w.human or unread else Action.ACT
    return Reading(
        intent=Intent.DATA_SUBJECT_REQUEST,
        action=action,
        confidence=0.9,
        because=tuple(kinds.values()),
        against=tuple(w.human),
        doubts=("a point of the list was not understood",) if unread else (),
        kinds=tuple(kinds),
        wishes=(Intent.DATA_SUBJECT_REQUEST, *_beside_rights(w)),
        against_mailings=mailings,
    )


def _beside_rights(w: Wishes) -> tuple[Intent, ...]:
    """The other wishes; "Welche Daten haben Sie über mich?" is the claim itself, and no question beside it."""
    others = _others(w, Intent.DATA_SUBJECT_REQUEST)
    asked = {i for i, s in enumerate(w.found.sentences) if s.question} | {e.sentence for e in w.found.all("question")}
    claimed = w.found.where(*(kind.value for kind in RequestKind), *_ALSO_CLAIMS)
    return tuple(wish for wish in others if wish is not Intent.QUESTION or asked - claimed)


def _unread_item(w: Wishes, kinds: dict[RequestKind, Evidence]) -> bool:
    """Whether a list of claims has a point that was not understood: then a human should see all of them."""
    points = {i for i, s in enumerate(w.found.sentences) if s.point}
    claims = w.found.where(*(kind.value for kind in RequestKind), *_ALSO_CLAIMS)
    return len(kinds) > 1 and len(points & claims) > 1 and bool(points - claims)


def _others(w: Wishes, but: Intent) -> tuple[Intent, ...]:
    found = (
        (Intent.REGISTRATION, w.joining),
        (Intent.CANCELLATION, w.cancel),
        (Intent.UNSUBSCRIBE, w.unsubscribe),
        (Intent.QUESTION, w.found.all("question") or w.found.questions),
    )
    return tuple(intent for intent, hits in found if hits and intent is not but)


def _authority(w: Wishes) -> Reading | None:
    hits = w.found.all("authority")
    if not hits or (rights.claimed(w.found) and w.found.where(*(k.value for k in RequestKind)) & w.found.where("my_words")):
        return None
    return Reading(settled=True, intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.7, because=tuple(hits))


def _injection(w: Wishes) -> Reading | None:
    hits = w.found.all("injection")
    if not hits:
        return None
    return Reading(settled=True, intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.6, because=tuple(hits))


def _unsubscribe(w: Wishes) -> Reading | None:
    stays = w.found.all("keep_registration") or w.found.all("already")
    if not w.unsubscribe or (w.register and not stays) or (w.attend and not stays) or w.cancel:
        return None
    against = (*w.human, *w.found.all("undo", "wavering", "mails_missing"))
    return Reading(
        intent=Intent.UNSUBSCRIBE,
        action=Action.REVIEW if against else Action.ACT,
        confidence=0.9,
        because=tuple(w.unsubscribe),
        against=against,
        wishes=(Intent.UNSUBSCRIBE, *(wish for wish in _others(w, Intent.UNSUBSCRIBE) if wish is Intent.QUESTION)),
    )


def _leave(w: Wishes) -> Reading | None:
    """Read "abmelden" alone: from the event or from the list is asked (LABELS rule 3)."""
    if not w.leave or w.register or w.cancel or w.cannot:
        return None
    if w.found.events or (w.found.plain("keep_mailings")):
        return Reading(
            intent=Intent.CANCELLATION,
            action=_unless(w),
            confidence=0.85,
            because=tuple(w.leave),
            why="names the event" if w.found.events else "",
            against=tuple(w.human),
        )
    if w.context.to_mailing and not (w.context.to_registration or w.context.to_invitation):
        return Reading(
            intent=Intent.UNSUBSCRIBE,
            action=_unless(w),
            confidence=0.85,
            because=tuple(w.leave),
            why="answers an information mail",
            against=tuple(w.human),
        )
    return Reading(
        intent=Intent.UNSUBSCRIBE,
        action=Action.ASK,
        confidence=0.6,
        because=tuple(w.leave),
        bare_leave=True,
        doubts=("does not say from what: the event or the information mails",),
    )


def _unless(w: Wishes) -> Action:
    return Action.REVIEW if w.human else Action.ACT


def _substitution(w: Wishes) -> Reading | None:
    hits = w.found.plain("substitution", "replacement")
    mine = w.found.plain("instead_of_me")
    third = w.context.replaced and w.found.plain("replacement")
    if not hits + mine or not (w.cannot or w.cancel or w.joining or mine or third):
        return None
    action = Action.ACT if w.cannot or w.cancel or mine or third else Action.REVIEW
    return Reading(
        intent=Intent.REGISTRATION,
        action=action,
        confidence=0.75,
        because=(*hits, *mine, *w.cannot, *w.cancel, *w.joining),
        doubts=("does not say plainly who steps back",) if action is Action.REVIEW else (),
        wishes=(Intent.REGISTRATION, Intent.CANCELLATION),
    )


def _conflict(w: Wishes) -> Reading | None:
    """To come and not to come in one mail."""
    turns = (w.found.all("wavering") and (w.leave or w.cannot)) or w.found.plain("retracts")
    stays = w.found.plain("keep_registration") and not w.found.all("on_behalf", "keep_mailings")
    if not (w.register and (w.cancel or turns)) and not (w.cancel and stays and not w.unsubscribe):
        return None
    return Reading(
        intent=Intent.UNCLEAR,
        action=Action.REVIEW,
        confidence=0.4,
        because=(*w.register, *w.cancel, *w.leave, *w.cannot),
        against=(*w.register, *w.cancel),
        why="two wishes that exclude each other",
    )


def _cancellation(w: Wishes) -> Reading | None:
    past = w.found.where("past_absence")
    declined = [e for e in w.found.all("attend") if e.negated and not (e.question or e.supposed or e.sentence in past)]
    hits = w.cancel + w.cannot + declined
    if not hits or (w.register and not w.cancel):
        return None
    if not w.cancel and not w.cannot and w.joining:
        return None
    kept = [e for e in w.found.plain("keep_registration") if e.sentence not in w.found.where("keep_mailings")]
    coming = [e for e in w.attend if e.sentence not in w.found.where("next_time", *_LEAVING) and e.where != SUBJECT]
    partly = w.found.all("partly")  # "kann nicht von Anfang an dabei sein"
    against = (*w.human, *w.found.all("on_behalf"), *kept, *coming, *partly, *w.found.plain("later", "wavering"))
    doubts = ("asks something as well",) if not w.cancel and w.found.questions else ()
    return Reading(
        intent=Intent.CANCELLATION,
        action=Action.REVIEW if against or doubts else Action.ACT,
        confidence=0.85,
        because=tuple(hits),
        against=against,
        doubts=doubts,
        wishes=(Intent.CANCELLATION, *_others(w, Intent.CANCELLATION)),
        wants_mailings=_also_mailings(w),
    )


def _registration(w: Wishes) -> Reading | None:
    if_so = w.found.all("attend", "register") if w.found.all("if_so") else []  # "Geht das? Wenn ja: Anna Meier, Stadt Büren"
    if if_so and not w.joining:
        against = tuple(w.found.all("if_so"))
        return Reading(intent=Intent.REGISTRATION, action=Action.REVIEW, confidence=0.6, because=tuple(if_so), against=against)
    if not w.joining and not w.context.form and not w.context.completed:
        return None
    if (not w.joining or (w.context.token and not w.register)) and w.found.questions:
        return None
    doubtful = w.found.all("minor", "wavering") + w.found.plain("keep_registration", "retracts")
    against = (*doubtful, *w.cannot, *w.leave)
    return Reading(
        intent=Intent.REGISTRATION,
        action=Action.REVIEW if against else Action.ACT,
        confidence=0.9 if w.joining else 0.75,
        because=tuple(w.joining),
        against=against,
        why="" if w.joining else "gives the particulars of participants",
        settled=w.context.completed and not w.joining,  # the answer to what we asked for
        wishes=(Intent.REGISTRATION, *_others(w, Intent.REGISTRATION)),
        wants_mailings=_also_mailings(w),
    )


def _also_mailings(w: Wishes) -> bool:
    return bool(w.found.plain("subscribe")) and not w.found.all("keep_mailings") and not w.unsubscribe


def _subscribe(w: Wishes) -> Reading | None:
    hits = w.found.plain("subscribe")
    if not hits:
        return None
    return Reading(
        settled=True, intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.8, because=tuple(hits), wants_mailings=True
    )


def _question(w: Wishes) -> Reading | None:
    hits = w.found.all("question", "later", "thanks")
    if not hits and not w.found.questions:
        return None
    why = "" if hits else "asks something"
    return Reading(intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.8, because=tuple(hits), why=why)


def _rest(w: Wishes) -> Reading:
    """A remark is for a human to answer; what says nothing at all is unclear."""
    answers = w.found.all("yes", "no_answer")  # to a question that nobody knows
    if w.context.text_words >= _FEW_WORDS and not (w.context.foreign or w.context.forward or answers):
        return Reading(intent=Intent.QUESTION, action=Action.REVIEW, confidence=0.4, why="a remark, no wish that was recognised")
    return Reading(intent=Intent.UNCLEAR, action=Action.REVIEW, confidence=0.3, why="no wish was recognised")


_ORDER: tuple[Callable[[Wishes], Reading | None], ...] = (
    _machine,  # nobody wrote it
    _empty,
    _injection,  # instructions change nothing, whatever else they say
    _confirmation,  # our own question, answered
    _authority,  # asks for other people's data, in whatever words
    _rights,  # has a deadline, so it goes before other wishes
    _substitution,
    _unsubscribe,
    _leave,
    _conflict,
    _cancellation,
    _registration,
    _invited,
    _subscribe,
    _question,
    _rest,
)
