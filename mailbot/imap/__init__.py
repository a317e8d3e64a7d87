"""IMAP in: fetch, wait, move, delete by UID; folders under the server's own namespace and separator.

With ``login``, the only door to imapclient; one connection, one thread. Never expunges a mail that mailbot did not put
there, never searches by a value from a mail. Upstream: ``config``; downstream: ``inbox`` and ``final_step``.
"""

import re
import selectors
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail
from mailbot.errors import ConfigError, Unreachable
from mailbot.imap.login import SaidNo, log_in, open_connection, part, where
from mailbot.settings import Folders, Mailbox

T = TypeVar("T")
FETCH_BATCH, MOVE_BATCH, HEAD_BATCH = 200, 500, 1000  # UIDs of one command: its line stays short (RFC 7162 §4)
FETCH_BYTES = 8_000_000  # of one FETCH: two hundred large mails at once would fill the memory
IDLE_SECONDS = 540  # RFC 2177 allows 29 minutes; many NATs allow ten
IDLE_PAUSE, STOP_SECONDS = 0.2, 0.5
UID_STEP = 50_000  # one SEARCH answer must stay under imaplib's 1,000,000 bytes
HEAD_BYTES = 65_536
SEARCH_BATCH = 20
_KEYS = {Folder.REGISTER: "register_"}
_MESSAGE_ID = re.compile(rb"<[^<>\s]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is asked of a mail before it is fetched: its size in bytes and INTERNALDATE (aware, UTC)."""

    uid: int
    size: int
    received_at: datetime


class ImapMailbox:
    """A logged-in connection to one mailbox. What a method says of "the folder" means the selected one."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox, folders: Folders) -> None:
        self._client = client
        self._mailbox = mailbox
        self._folders = folders
        self._selected = ""
        self._validity = 0
        self._next = 1  # UIDNEXT at the time of select
        self._looked: dict[tuple[str, int], int] = {}  # (folder, UIDVALIDITY) → the first UID not seen by ``uids``
        self._broken = False
        self._drafts = ""
        self._prefix, self._separator = self._ask_namespace()

    @classmethod
    @contextmanager
    def connect(
        cls, mailbox: Mailbox, folders: Folders, *, password: str | None = None, token: str | None = None
    ) -> Iterator[Self]:
        """Connect and log in; raises Unreachable or LoginRefused with one clear line."""
        client = open_connection(mailbox)
        imap = None
        try:
            log_in(client, mailbox, password, token)
            imap = cls(client, mailbox, folders)
            yield imap
        finally:
            part(client, politely=imap is not None and not imap._broken)

    def ensure_folders(self) -> None:
        """Create and subscribe the folders of ours that are missing; raises ConfigError when that is not permitted."""
        present = set(self.all_folders())
        problems = [self._create(folder) for folder in Folder if self.name(folder) not in present]
        if any(problems):
            remedy = "give the account the right to create folders, create them by hand, or name others in [folders]"
            raise ConfigError([problem for problem in problems if problem], remedy=remedy)

    def _create(self, folder: Folder) -> str:
        name = self.name(folder)
        try:
            self._call(self._client.create_folder, name)
        except SaidNo as error:
            if not self.exists(name):  # another run may have been faster
                return f"folders.{folder.value}: the IMAP folder '{name}' is missing and can't be created ({error.code})"
        with suppress(SaidNo):
            self._call(self._client.subscribe_folder, name)
        return ""

    def supports(self, capability: str) -> bool:
        """Whether the server says that it can this."""
        return bool(self._call(self._client.has_capability, capability))

    def exists(self, name: str) -> bool:
        """Whether there is a folder of this full name."""
        return bool(self._call(self._client.folder_exists, name))

    def all_folders(self) -> list[str]:
        """Give the full name of every folder that can hold mails."""
        listed = self._call(self._client.list_folders)
        return [str(name) for flags, _, name in listed if not {b"\\noselect", b"\\nonexistent"} & {flag.lower() for flag in flags}]

    def name(self, folder: Folder) -> str:
        """Give the full name of one of our folders on this server."""
        configured: str = getattr(self._folders, _KEYS.get(folder, folder.value))
        path = configured.replace("/", self._separator)
        return path if path.startswith(self._prefix) else self._prefix + path

    def select(self, name: str | None = None, *, readonly: bool = False) -> int:
        """Select a folder (by default the one that people write to); gives its UIDVALIDITY.

        ``readonly``: not even the mark of recent mails is taken from it (EXAMINE).
        """
        wanted = name or self._mailbox.folder
        try:
            state = self._call(self._client.select_folder, wanted, readonly=readonly)
        except SaidNo as error:
            if wanted != self._mailbox.folder:
                raise  # one of ours: whoever connects again creates it again
            problem = f"mailbox.folder: the IMAP folder '{wanted}' can't be opened ({error.code})"
            raise ConfigError([problem], remedy="name a folder that the account has and may read") from None
        self._selected, self._validity, self._next = wanted, int(state[b"UIDVALIDITY"]), int(state.get(b"UIDNEXT", 1))
        return self._validity

    @property
    def selected(self) -> str:
        """The full name of the selected folder."""
        return self._selected

    def uids(self, above: int = 0) -> list[int]:
        """Give every UID of the folder above this one, whatever its flags, asked in ranges."""
        found: set[int] = set()
        for low in range(above + 1, max(self._next, above + 2), UID_STEP):
            last = low + UID_STEP >= self._next
            answer = self._call(self._client.search, ["UID", f"{low}:{'*' if last else low + UID_STEP - 1}"])
            found.update(uid for uid in answer if uid >= low)  # "n:*" gives the last mail even when it is below n
        self._looked[self._selected, self._validity] = max(self._next, max(found, default=0) + 1)
        return sorted(found)

    def uids_before(self, day: date) -> list[int]:
        """Give the UIDs of mails in the folder that arrived before this day (in the server's zone)."""
        found: set[int] = set()
        for low in range(1, self._next, UID_STEP):
            found.update(self._call(self._client.search, ["UID", f"{low}:{low + UID_STEP - 1}", "BEFORE", day]))
        return sorted(found)

    def search_text(self, *needles: str) -> list[int]:
        """Give the UIDs of mails in the folder that hold one of the texts; raises ValueError for one that could be a command."""
        if any(c in needle for needle in needles for c in "\r\n\0"):  # the library would send them raw
            raise ValueError("a search text must not hold line breaks or NUL")
        found: set[int] = set()
        for batch in _batches(needles, SEARCH_BATCH):
            terms = [word for needle in batch for word in ("OR", "TEXT", needle)]
            del terms[-3]  # "OR a OR b c": the last one has no partner (RFC 3501 §6.4.4)
            found.update(self._call(self._client.search, terms, "UTF-8"))
        return sorted(found)

    def heads(self, uids: Sequence[int]) -> list[Head]:
        """Give size and time of arrival of these mails; those that are gone are left out."""
        found = []
        for batch in _batches(uids, HEAD_BATCH):
            answer = self._call(self._client.fetch, batch, ["RFC822.SIZE", "INTERNALDATE"])
            found += [
                Head(uid=uid, size=int(values[b"RFC822.SIZE"]), received_at=values[b"INTERNALDATE"].astimezone(UTC))
                for uid, values in sorted(answer.items())
                if b"RFC822.SIZE" in values
            ]
        return found

    def message_ids(self, uids: Sequence[int]) -> dict[int, str]:
        """Give UID → Message-ID ("" when it has none) of these mails."""
        found = {}
        for batch in _batches(uids, HEAD_BATCH):
            answer = self._call(self._client.fetch, batch, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
            for uid, values in answer.items():  # Courier answers with the field's name in quotes
                header = next((text for key, text in values.items() if key.startswith(b"BODY[HEADER.FIELDS")), b"")
                id_ = _MESSAGE_ID.search(header or b"")
                found[uid] = id_[0].decode("utf-8", "replace") if id_ else ""
        return found

    def fetch(self, heads: Sequence[Head], max_bytes: int) -> Iterator[RawMail]:
        """Give the mails, unseen ones stay unseen; larger ones only in part; those that are gone are left out."""
        return self._fetch(heads, max_bytes, self._selected, self._validity)

    def _fetch(self, heads: Sequence[Head], max_bytes: int, folder: str, validity: int) -> Iterator[RawMail]:
        for batch in _by_size(heads, max_bytes):
            self._back_to(folder, validity)
            large = {head.uid for head in batch if head.size > max_bytes}
            bodies = self._bodies([head.uid for head in batch if head.uid not in large], "BODY.PEEK[]", b"BODY[]")
            bodies |= self._bodies(sorted(large), f"BODY.PEEK[]<0.{HEAD_BYTES}>", b"BODY[]<0>")
            for head in batch:
                if head.uid in bodies:
                    yield RawMail(
                        mailbox=self._mailbox.id,
                        folder=folder,
                        uidvalidity=validity,
                        uid=head.uid,
                        received_at=head.received_at,
                        content=bodies.pop(head.uid),
                        size=head.size,
                        truncated=head.uid in large,
                    )

    def _back_to(self, folder: str, validity: int) -> None:
        """A UID means something in its folder and under its UIDVALIDITY only (RFC 3501 §2.3.1.1)."""
        if self._selected != folder:
            self.select(folder)
        if self._validity != validity:
            raise self._lost("the folder was made anew")

    def _bodies(self, uids: list[int], item: str, key: bytes) -> dict[int, bytes]:
        if not uids:
            return {}
        answer = self._call(self._client.fetch, uids, [item])
        return {uid: values[key] for uid, values in answer.items() if values.get(key) is not None}

    def move(self, uids: Sequence[int], folder: Folder | str) -> None:
        """Move mails of the folder, in batches, to one of ours or by full name; what is gone is no error."""
        target = self.name(folder) if isinstance(folder, Folder) else folder
        for batch in _batches(uids, MOVE_BATCH):
            if self.supports("MOVE"):
                self._call(self._client.move, batch, target)
            else:
                self._call(self._client.copy, batch, target)  # raises when it failed: then nothing is deleted
                self._expunge(batch)

    def remove(self, uids: Sequence[int]) -> int:
        """Delete exactly these mails of the folder; gives how many are gone now."""
        before = set(self.uids()) & set(uids)
        for batch in _batches(sorted(before), MOVE_BATCH):
            self._expunge(batch)
        return len(before - set(self.uids()))

    def _expunge(self, uids: Sequence[int]) -> None:
        """Plain EXPUNGE would take what others have marked; without UIDPLUS (RFC 4315) the mark stays and nothing goes."""
        self._call(self._client.add_flags, uids, [b"\\Deleted"])
        if self.supports("UIDPLUS"):
            self._call(self._client.uid_expunge, uids)

    def append(self, folder: Folder | str, content: bytes, *, received_at: datetime | None = None) -> None:
        """Put a mail into one of our folders, or one by full name."""
        target = self.name(folder) if isinstance(folder, Folder) else folder
        self._call(self._client.append, target, content, (), received_at)

    def draft(self, content: bytes) -> None:
        """Put a mail into Drafts (special-use folder, else ``Drafts``, made when missing)."""
        if not self._drafts:
            found = self._call(self._client.find_special_folder, b"\\Drafts")
            self._drafts = found or f"{self._prefix}Drafts"
            if not found:
                self._call(self._client.create_folder, self._drafts)
        self._call(self._client.append, self._drafts, content, [b"\\Draft"])

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until something may be new in the folder, or until ``stop``; raises Unreachable when cut off.

        True when there is something new; without IDLE only looking tells, so that it is True when the time is over.
        """
        if self._next > self._looked.get((self._selected, self._validity), self._next):
            return True  # it came between the last look and the last select: IDLE would not tell
        if not self.supports("IDLE"):
            return not stop.wait(seconds)
        until = time.monotonic() + min(seconds, IDLE_SECONDS)
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if self._idle(left, stop):
                return True
        return False

    def _idle(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until the server says anything, then end IDLE and read it.

        The library's own check takes a half line for a broken connection and a closed one for silence (imapclient #565).
        """
        self._call(self._client.idle)
        self._call(self._listen, seconds, stop)
        _, answers = self._call(self._client.idle_done)
        news = {b"EXISTS", b"RECENT", b"EXPUNGE"}  # EXPUNGE: a human may have moved a mail to one of our folders
        if any(len(answer) > 1 and answer[1] in news for answer in answers):
            return True
        stop.wait(IDLE_PAUSE)  # a server that talks without end must not keep us busy
        return False

    def _listen(self, seconds: float, stop: threading.Event) -> None:
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.socket(), selectors.EVENT_READ)
            while not stop.is_set() and (left := until - time.monotonic()) > 0:
                if selector.select(min(left, STOP_SECONDS)):
                    return

    def _ask_namespace(self) -> tuple[str, str]:
        if self.supports("NAMESPACE"):
            personal = self._call(self._client.namespace).personal
            if personal:
                prefix, separator = personal[0]
                return str(prefix), str(separator or "/")
        listed = self._call(self._client.list_folders, "", "")
        separator = listed[0][1].decode() if listed and listed[0][1] else "/"
        return "", separator

    def _call(self, command: Callable[..., T], *args: object, **options: object) -> T:
        """Run one command; the families of errors become Unreachable."""
        try:
            return command(*args, **options)
        except (IMAPClientAbortError, OSError) as error:  # ssl.SSLError and time-outs are OSErrors
            raise self._lost(type(error).__name__) from error
        except IMAPClientError as error:
            raise SaidNo(self._mailbox, error) from None

    def _lost(self, why: str) -> Unreachable:
        self._broken = True
        return Unreachable(f"{where(self._mailbox)} broke off ({why})", remedy="nothing is lost: the next run goes on")


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _by_size(heads: Sequence[Head], max_bytes: int) -> Iterator[list[Head]]:
    """Split into batches that are neither too many mails nor too many bytes."""
    batch: list[Head] = []
    total = 0
    for head in heads:
        size = head.size if head.size <= max_bytes else HEAD_BYTES
        if batch and (len(batch) == FETCH_BATCH or total + size > FETCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(head)
        total += size
    if batch:
        yield batch
