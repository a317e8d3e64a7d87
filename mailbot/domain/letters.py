"""Every letter that mailbot can write: the template's name and the variables that it gets beside the common ones.

Common to all (made by ``render``): ``organiser``, ``controller``, ``privacy``, ``mailbox`` (settings), ``event`` (or
None; title, date, times and place already in the letter's language and zone), ``person`` (name or ""), ``links``
(word → ``href`` and ``reply``), ``unsubscribe`` (such a link, or None in a direct answer), ``informs``, ``nature``,
``calendar`` ("publish", "cancel" or ""), ``tag``, ``retention`` (when the data go, as text), ``subscriptions``.
"""

from collections.abc import Mapping

# People stand in ``people`` as dicts with the keys name, institution, email, status.
LETTERS: Mapping[str, tuple[str, ...]] = {
    "registration-confirmed": ("people", "waiting", "again", "also_asks"),  # also to say "still registered"
    "registered-by-other": ("people", "by"),  # by: address of who wrote
    "waiting-list": ("people", "also_asks"),
    "moved-up": ("people",),
    "question-back": ("missing", "people"),  # missing: dicts name, fields (name/institution/event); people: already done
    "which-event": ("choices", "wish"),  # titles; wish: registration | cancellation
    "which-person": ("people", "wish"),  # wish: an Intent's or RequestKind's value
    "which-leave": (),  # cancel the event or the information mails?
    "not-understood": (),
    "cancelled": ("people", "instead"),  # instead: who comes instead (people; empty: nobody)
    "not-registered": (),
    "undone": ("people", "what"),  # what: cancelled | unsubscribed; people: each with status registered | waiting | pending
    "unsubscribed": ("keeps_registration",),
    "subscription-to-confirm": (),
    "subscription-confirmed": (),
    "request-received": ("kinds", "due"),  # a human answers in time
    "confirm-this": ("what", "kinds", "due", "people", "corrections"),  # what: a wish; kinds: every right that is claimed
    "asked-on-record": (),  # the same whether or not somebody else's address is on record
    "access-answer": ("records", "due"),  # records: dicts table, rows (dicts label → value)
    "portability-answer": ("records", "applies"),
    "rectified": ("corrections",),  # dicts field, old, new
    "restricted": ("people", "asks"),  # asks (once) whether event mails shall still come, with the links yes and no
    "event-mails-kept": ("kept",),
    "objection-done": ("mailings", "registration"),  # against mailings: done; against the registration: a human decides
    "consent-withdrawn": ("people",),
    "erased-person": ("kept",),  # kept: request (its dates) | hash (repeats the erasure) | suppressed | others (same address)
    "no-data": ("suppressed",),
    "request-refused": ("kinds", "reason"),
    "request-extended": ("kinds", "reason", "due"),
    "handed-over": (),  # a human answers
    "too-late": ("why",),  # started | closed | not-open | erased
    "too-large": ("limit",),
    "reminder": ("people",),
    "event-changed": ("people",),
    "event-cancelled": ("people",),
    "thanks": ("people",),
    "data-erased": (),  # closing mail: your data are being erased
    "invitation": (),
    "privacy-notice-changed": (),
    "digest": ("lines",),  # to the contact: dicts what, count, ids
    "erasure-record": ("record",),  # to the contact, with counts only
}
