"""IMAP in: fetch, wait, move, delete by UID; folders under the server's own namespace and separator.

The only door to imapclient; one connection, one thread. Never expunges a mail that mailbot did not put there.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any, Self, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail
from mailbot.errors import LoginRefused, MailbotError, Unreachable
from mailbot.settings import Folders, Mailbox

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 30, 120
FETCH_BATCH, MOVE_BATCH = 200, 500
IDLE_SECONDS = 540  # RFC 2177 allows 29 minutes; many NATs allow ten
UID_STEP = 50_000  # one SEARCH answer must stay under imaplib's 1,000,000 bytes
HEAD_BYTES = 65_536
_KEYS = {Folder.REGISTER: "register_"}


class ImapMailbox:
    """A logged-in connection to one mailbox."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox, folders: Folders) -> None:
        self._client = client
        self._mailbox = mailbox
        self._folders = folders
        self._selected = ""
        self._prefix, self._separator = self._ask_namespace()

    @classmethod
    @contextmanager
    def connect(
        cls, mailbox: Mailbox, folders: Folders, *, password: str | None = None, token: str | None = None
    ) -> Iterator[Self]:
        """Connect and log in; raises Unreachable or LoginRefused with one clear line."""
        client = _open(mailbox)
        try:
            _login(client, mailbox, password, token)
            yield cls(client, mailbox, folders)
        finally:
            try:
                client.logout()
            except (IMAPClientError, OSError, ssl.SSLError, ValueError):
                client.shutdown()

    def ensure_folders(self) -> None:
        """Create and subscribe the folders of ours that are missing; raises MailbotError when that is not permitted."""
        for folder in Folder:
            name = self.name(folder)
            if not self._call(self._client.folder_exists, name):
                try:
                    self._client.create_folder(name)
                    self._client.subscribe_folder(name)
                except IMAPClientError:
                    remedy = "give the account the right to create folders, create it by hand, or name another in [folders]"
                    raise MailbotError(f"the IMAP folder '{name}' is missing and can't be created", remedy=remedy) from None

    def name(self, folder: Folder) -> str:
        """Give a folder's full name on this server."""
        configured: str = getattr(self._folders, _KEYS.get(folder, folder.value))
        path = configured.replace("/", self._separator)
        return path if path.startswith(self._prefix) else self._prefix + path

    def select(self, name: str | None = None) -> int:
        """Select a folder (by default the one that people write to); gives its UIDVALIDITY."""
        wanted = name or self._mailbox.folder
        state = self._call(self._client.select_folder, wanted)
        self._selected = wanted
        return int(state[b"UIDVALIDITY"])

    def uids(self) -> list[int]:
        """Give every UID of the selected folder, whatever its flags, asked in ranges."""
        status = self._call(self._client.folder_status, self._selected, ["UIDNEXT"])
        found: set[int] = set()
        for low in range(1, int(status[b"UIDNEXT"]), UID_STEP):
            high = low + UID_STEP - 1
            answer = self._call(self._client.search, ["UID", f"{low}:{high}"])
            found.update(uid for uid in answer if low <= uid <= high)
        return sorted(found)

    def fetch(self, uids: Sequence[int], max_bytes: int) -> Iterator[RawMail]:
        """Give the mails, unseen ones stay unseen; larger ones only in part; those that are gone are left out."""
        validity = self.select(self._selected or None)
        for batch in _batches(uids, FETCH_BATCH):
            heads = self._call(self._client.fetch, batch, ["RFC822.SIZE", "INTERNALDATE"])
            small = [uid for uid in batch if uid in heads and heads[uid].get(b"RFC822.SIZE", 0) <= max_bytes]
            bodies = self._bodies(small, "BODY.PEEK[]", b"BODY[]")
            large = [uid for uid in batch if uid in heads and uid not in small]
            bodies |= self._bodies(large, f"BODY.PEEK[]<0.{HEAD_BYTES}>", b"BODY[]<0>")
            for uid in batch:
                if uid in bodies:
                    yield RawMail(
                        mailbox=self._mailbox.id,
                        folder=self._selected,
                        uidvalidity=validity,
                        uid=uid,
                        received_at=heads[uid][b"INTERNALDATE"].astimezone(UTC),
                        content=bodies[uid],
                        size=int(heads[uid][b"RFC822.SIZE"]),
                        truncated=uid in large,
                    )

    def _bodies(self, uids: list[int], item: str, key: bytes) -> dict[int, bytes]:
        if not uids:
            return {}
        answer = self._call(self._client.fetch, uids, [item])
        return {uid: values[key] for uid, values in answer.items() if values.get(key) is not None}

    def move(self, uids: Sequence[int], folder: Folder) -> None:
        """Move mails of the selected folder in batches; what is gone already is no error."""
        target = self.name(folder)
        for batch in _batches(uids, MOVE_BATCH):
            if self._client.has_capability("MOVE"):
                self._call(self._client.move, batch, target)
            else:
                self._call(self._client.copy, batch, target)
                self._remove(batch)

    def _remove(self, uids: Sequence[int]) -> None:
        """Delete exactly these: plain EXPUNGE would take what others have marked; without UIDPLUS the mark stays."""
        self._call(self._client.add_flags, uids, [b"\\Deleted"])
        if self._client.has_capability("UIDPLUS"):
            self._call(self._client.uid_expunge, uids)

    def folder_uids(self, folder: Folder) -> tuple[int, list[int]]:
        """Select one of our folders; gives its UIDVALIDITY and UIDs."""
        return self.select(self.name(folder)), self.uids()

    def fetch_from(self, folder: Folder, uids: Sequence[int], max_bytes: int) -> Iterator[RawMail]:
        """Fetch from one of our folders."""
        self.select(self.name(folder))
        return self.fetch(uids, max_bytes)

    def move_from(self, folder: Folder, uids: Sequence[int], target: Folder) -> None:
        """Move between our folders."""
        self.select(self.name(folder))
        self.move(uids, target)

    def delete(self, folder: Folder, uids: Sequence[int]) -> int:
        """Delete mails from one of our folders; gives how many are gone."""
        self.select(self.name(folder))
        before = set(self.uids())
        for batch in _batches(sorted(before & set(uids)), MOVE_BATCH):
            self._remove(batch)
        return len(before - set(self.uids()))

    def message_ids(self, folder: Folder) -> dict[int, str]:
        """Give uid → Message-ID of one of our folders."""
        _, uids = self.folder_uids(folder)
        found = {}
        for batch in _batches(uids, MOVE_BATCH):
            answer = self._call(self._client.fetch, batch, ["ENVELOPE"])
            found.update(
                {uid: (values[b"ENVELOPE"].message_id or b"").decode("ascii", "replace") for uid, values in answer.items()}
            )
        return found

    def search_text(self, folder: Folder, needle: str) -> list[int]:
        """Give the UIDs of mails that hold a text; raises ValueError for one that could become a command."""
        if any(c in needle for c in "\r\n\0"):
            raise ValueError("a search text must not hold line breaks or NUL")
        self.select(self.name(folder))
        return list(self._call(self._client.search, ["TEXT", needle], "UTF-8"))

    def draft(self, content: bytes) -> None:
        """Put a mail into Drafts (special-use folder, else ``Drafts``, made when missing)."""
        name = self._call(self._client.find_special_folder, b"\\Drafts") or f"{self._prefix}Drafts"
        if not self._call(self._client.folder_exists, name):
            self._call(self._client.create_folder, name)
        self._call(self._client.append, name, content, flags=[b"\\Draft"])

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait for something new (IDLE, else just the time); True when there is. Raises Unreachable when cut off."""
        if not self._client.has_capability("IDLE"):
            stop.wait(seconds)
            return True
        until = time.monotonic() + min(seconds, IDLE_SECONDS)
        self._call(self._client.idle)
        try:
            while not stop.is_set() and (left := until - time.monotonic()) > 0:
                if self._idle_once(min(left, 1.0)):
                    return True
        finally:
            self._call(self._client.idle_done)
        return False

    def _idle_once(self, seconds: float) -> bool:
        """Ask once; an empty answer well before its time means that the server is gone (imapclient #565)."""
        started = time.monotonic()
        answers = self._call(self._client.idle_check, timeout=seconds)
        if any(answer and answer[0] == b"BYE" for answer in answers):
            raise self._lost("the server said goodbye")
        if not answers and time.monotonic() - started < seconds / 2:
            raise self._lost("the connection was closed")
        return any(len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"} for answer in answers)

    def _ask_namespace(self) -> tuple[str, str]:
        if self._client.has_capability("NAMESPACE"):
            personal = self._call(self._client.namespace).personal
            if personal:
                prefix, separator = personal[0]
                return str(prefix), str(separator or "/")
        listed = self._call(self._client.list_folders, "", "")
        separator = listed[0][1].decode() if listed and listed[0][1] else "/"
        return "", separator

    def _call(self, command: Callable[..., T], *args: object, **options: object) -> T:
        """Run one command; the four families of errors become Unreachable."""
        try:
            return command(*args, **options)
        except (IMAPClientError, OSError, ssl.SSLError) as error:
            raise self._lost(type(error).__name__) from error

    def _lost(self, why: str) -> Unreachable:
        where = f"IMAP server {self._mailbox.host}:{self._mailbox.port}"
        return Unreachable(f"{where} broke off ({why})", remedy="nothing is lost: the next run goes on")


def _open(mailbox: Mailbox) -> IMAPClient:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    options: dict[str, Any] = {"ssl": mailbox.security == "tls", "ssl_context": context if mailbox.security == "tls" else None}
    try:
        client = IMAPClient(mailbox.host, mailbox.port, timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS), **options)
        client.normalise_times = False
        if mailbox.security == "starttls":
            client.starttls(context)
    except (IMAPClientError, OSError, ssl.SSLError) as error:
        problem = f"IMAP server {mailbox.host}:{mailbox.port} can't be reached: {type(error).__name__}"
        raise Unreachable(problem, remedy="check mailbox.host, mailbox.port and mailbox.security, or try again later") from error
    return client


def _login(client: IMAPClient, mailbox: Mailbox, password: str | None, token: str | None) -> None:
    try:
        if token is not None:
            client.oauth2_login(mailbox.login, token)
        else:
            client.login(mailbox.login, password or "")
    except LoginError:
        problem = f"IMAP server {mailbox.host}:{mailbox.port} refused the login of {mailbox.login}"
        raise LoginRefused(problem, remedy="check mailbox.username and mailbox.password") from None
    except (IMAPClientError, OSError) as error:
        raise Unreachable(f"IMAP server {mailbox.host}:{mailbox.port} broke off at login: {type(error).__name__}") from error


def _batches(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
