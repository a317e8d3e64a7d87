"""The demo's play: mails arrive, the real service answers them, the event passes, everything is erased, and it is searched again.

Nothing is left behind: the folder with store and configuration is removed. Upstream: ``demo``; downstream: ``service``.
"""

import tempfile
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TextIO

from mailbot.demo.mails import BOT, FIRST, SECOND, SUBSCRIBERS
from mailbot.demo.servers import LOOPBACK, OUTSIDE, PASSWORD, embedded
from mailbot.demo.show import Show, parse
from mailbot.demo.stage import BEFORE, Clock, Found, Stage, configure
from mailbot.service import Service
from mailbot.store import Store

LONG_AFTER = timedelta(days=120)
SERVE_IMAP, SERVE_SMTP = 1143, 1025


def play(*, serve: bool, out: TextIO | None) -> int:
    """Play the whole demo; gives the exit status."""
    show, now = Show(out), Clock()
    ports = {"imap_port": SERVE_IMAP, "smtp_port": SERVE_SMTP} if serve else {}
    with tempfile.TemporaryDirectory(prefix="mailbot-demo-") as name, embedded((BOT,), now, **ports) as servers:
        show.heading("mailbot demo")
        where = f"{LOOPBACK}:{servers.imap_port} and :{servers.smtp_port}"
        show.say(f"An IMAP and an SMTP server run on {where}. Nothing leaves this machine.")
        settings = configure(Path(name), servers, now())
        stage = Stage(show, servers, settings, Path(name), now, Service(settings, now))
        stage.subscribe(SUBSCRIBERS)
        show.say(f"{len(SUBSCRIBERS)} people get information mails already; nobody has registered yet.")
        _mails(stage)
        _answer_in_full(stage)
        _store(stage)
        if serve:
            _serve(stage)
        stage.note_people()
        before = stage.search()
        _erase(stage)
        after = stage.search()
        _prove(stage, before, after)
    return 1 if stage.status or after.in_files or after.in_mails or not before.in_files else 0


def _mails(stage: Stage) -> None:
    """Two handfuls of mails, each followed by what people reply to the bot's questions."""
    number = 0
    for title, samples in (("Eight mails arrive", FIRST), ("Eight more arrive", SECOND)):
        ids = stage.arrive(samples)
        stage.run()
        stage.show.heading(title)
        stage.show.mails(stage.rows(ids, [str(number + n + 1) for n in range(len(ids))]))
        number += len(ids)
    ids = stage.answer_questions()
    stage.run()
    stage.show.heading("The bot asked; people reply")
    stage.show.mails(stage.rows(ids, [chr(ord("a") + n) for n in range(len(ids))]))
    waiting = stage.let_a_human_decide()
    stage.run()
    what = "the one mail" if waiting == 1 else f"the {waiting} mails"
    stage.show.say(f"A human looked at {what} in Mailbot/Review with their own mail program, and moved it to Mailbot/Ignore.")
    stage.show.say("Beside these answers the bot wrote of its own accord:")
    for mail in (parse(sent.content) for sent in stage.servers.outgoing):
        if mail["In-Reply-To"] is None:
            name, address = parseaddr(str(mail["To"]))
            stage.show.say(f"  ✉ {name or address}: {mail['Subject']}")


def _answer_in_full(stage: Stage) -> None:
    stage.show.heading("One answer in full")
    first = next(mail for mail in stage.servers.outgoing if parse(mail.content)["In-Reply-To"] == "<demo-1@post.example>")
    stage.show.mail(first.content)


def _store(stage: Stage) -> None:
    stage.show.heading("What the store knows now")
    with Store.open(stage.settings) as store:
        people, subscribers, requests = store.participants(), store.subscribers(), store.requests()
    zone = stage.settings.events[0].starts.tzinfo
    stage.show.listing(
        "participants",
        [{"name": p.name or "–", "institution": p.institution or "–", "e-mail": p.email, "status": p.status.value} for p in people],
        "none",
    )
    stage.show.listing(
        "subscribers",
        [{"e-mail": s.email, "status": s.status.value} for s in subscribers],
        "none: who unsubscribes is kept as a keyed hash only",
    )
    stage.show.listing(
        "requests",
        [
            {"rights": ", ".join(r.kinds), "status": r.status.value, "due": f"{r.due.astimezone(zone):%Y-%m-%d %H:%M}"}
            for r in requests
        ],
        "none",
    )


def _serve(stage: Stage) -> None:
    show, servers = stage.show, stage.servers
    show.heading("The servers stay up: connect a mail program, for example Thunderbird")
    for line in (
        f"IMAP server     {LOOPBACK}, port {servers.imap_port}, connection security: none, normal password",
        f"the bot         user {BOT}, password {PASSWORD}: its folders; move a mail to Mailbot/Register and see",
        f"everybody else  user {OUTSIDE}, password {PASSWORD}: every answer of the bot ends here",
        f"SMTP server     {LOOPBACK}, port {servers.smtp_port}, connection security: none, no authentication",
        f"Write to {BOT} from any address. The bot answers within seconds. Ctrl-C goes on with the erasure.",
    ):
        show.say(f"  {line}")
    stage.status |= stage.service.run()
    stage.service = Service(stage.settings, stage.clock)  # the other one was told to stop


def _erase(stage: Stage) -> None:
    stage.show.heading("The event is over: everything is erased")
    for passed in (BEFORE + timedelta(days=1), LONG_AFTER):
        stage.clock.ahead = passed
        stage.run()
    with Store.open(stage.settings) as store:
        records = store.records()
    for record in records:
        rule = record["rule"]
        shown = {"event": record["event"], "erased": record["erased_at"], "rule": f"{rule['after']} + {rule['keep']}"}
        for place in ("tables", "folders", "kept"):
            shown[place] = ", ".join(f"{name} {count}" for name, count in record["counts"][place].items()) or "none"
        shown |= {"found again": record["found_again"], "sha256": record["sha256"]}
        for name, value in shown.items():
            stage.show.say(f"  {name + ':':13}{value}")


def _prove(stage: Stage, before: Found, after: Found) -> None:
    with Store.open(stage.settings) as store:
        requests = store.requests()
        people = len(store.participants()) + len(store.subscribers())
    left = after.in_files or after.in_mails
    stage.show.heading("Something personal is left" if left else "Nothing personal is left")
    stage.show.say(f"Every byte was searched for {len(stage.addresses)} addresses and {len(stage.names)} names:")
    stage.show.say(f"  before the erasure: {before}")
    stage.show.say(f"  now:                {after}")
    stays = f"the record above, {len(requests)} closed requests (rights, dates and outcome)"
    why = "who unsubscribed is never written to, and an erasure can be repeated after a restore"
    stage.show.say(f"Participants and subscribers: {people}. What stays: {stays}, and keyed hashes, so that {why}.")
