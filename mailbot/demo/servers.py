"""The demo's IMAP and SMTP servers: pymap and aiosmtpd on loopback ports, in a thread of their own, all in memory.

A mail to an account's address arrives in its INBOX; every other mail is for the world outside: it is kept in
``outgoing`` and lands in the account ``OUTSIDE``, where a person can look at it. Never listens beyond loopback.
"""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
OUTSIDE = "everybody@post.example"
PASSWORD = "demo"  # noqa: S105 - of a server that lives for seconds, on loopback, with made-up mails
_ARGUMENTS = Namespace(passlib_cfg=None, proxy_protocol=None)
_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One mail that was handed to the SMTP server."""

    envelope_from: str
    to: str
    content: bytes


class _Config(Config):
    """pymap's memory back end without TLS; its greeting would look up this machine's name, which may take long."""

    @property
    def greeting(self) -> bytes:
        return b"demo server ready"


class Servers:
    """The running servers; made by ``embedded``. ``outgoing`` grows from their thread."""

    def __init__(self, addresses: tuple[str, ...], clock: Callable[[], datetime]) -> None:
        self.outgoing: list[Sent] = []
        self.imap_port = self.smtp_port = 0
        self._clock = clock
        self._addresses = addresses
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        config = _Config(
            _ARGUMENTS,
            host=LOOPBACK,
            port=0,
            tls_enabled=False,
            hash_context=Cleartext(),
            demo_data=False,
            demo_user=OUTSIDE,
            demo_password=PASSWORD,
        )
        self._config = config
        self._login = Login(config)
        self._imap = IMAPServer(self._login, config)

    async def start(self, imap_port: int, smtp_port: int) -> None:
        """Open the accounts and listen; a free port is taken for 0, and for one that is not free."""
        for address in self._addresses:
            user = UserMetadata(self._config, address, password=PASSWORD)
            await Identity(address, self._login, None, frozenset()).set(user)
        imap = await _listen(lambda port: asyncio.start_server(self._imap_client, LOOPBACK, port), imap_port)
        smtp = await _listen(lambda port: self._loop.create_server(self._smtp_client, LOOPBACK, port), smtp_port)
        self._listening = (imap, smtp)
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in self._listening)

    async def _imap_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # pymap's own start goes through proxy-protocol, which keeps no reference to the connection's task:
        # on Python ≥ 3.13 a garbage collection may then end it in the middle.
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._imap(reader, writer, SocketInfo.get(writer, None))
        finally:
            self._tasks.discard(task)

    def _smtp_client(self) -> SMTP:
        return SMTP(self, hostname="demo.example", loop=self._loop, data_size_limit=_MOST_BYTES, enable_SMTPUTF8=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        """Take a mail: into an account here, or out into the world."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        sender = (envelope.mail_from or "").strip("<>")  # the null sender comes as "<>"
        for to in envelope.rcpt_tos:
            if to not in self._addresses:
                self.outgoing.append(Sent(envelope_from=sender, to=to, content=content))
            await self._deliver(to if to in self._addresses else OUTSIDE, sender, content)
        return "250 2.0.0 taken"

    async def _deliver(self, address: str, sender: str, content: bytes) -> None:
        """Put a mail into an INBOX as a final delivery does: with its envelope sender (RFC 5321 §4.4)."""
        whole = b"Return-Path: <%s>\r\n%s" % (sender.encode(), content)
        async with Identity(address, self._login, None, frozenset()).new_session() as session:
            inbox = await session.mailbox_set.get_mailbox("INBOX")
            await inbox.append(AppendMessage(whole, self._clock()), recent=True)

    async def stop(self) -> None:
        """Close the ports and every connection."""
        for server in self._listening:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    def run(self, work: Awaitable[T], seconds: float = 30) -> T:
        """Do something in the servers' thread and wait for it."""
        return asyncio.run_coroutine_threadsafe(_await(work), self._loop).result(seconds)

    def loop(self) -> None:
        """Serve; the body of the servers' thread."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def end(self) -> None:
        """Stop the servers and end their thread."""
        self.run(self.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


async def _listen(start: Callable[[int], Coroutine[Any, Any, asyncio.Server]], port: int) -> asyncio.Server:
    try:
        return await start(port)
    except OSError:
        return await start(0)


async def _await(work: Awaitable[T]) -> T:
    return await work


@contextmanager
def embedded(
    addresses: tuple[str, ...], clock: Callable[[], datetime], *, imap_port: int = 0, smtp_port: int = 0
) -> Iterator[Servers]:
    """Run both servers with an account for each address (password ``PASSWORD``) and one for the world outside."""
    servers = Servers((*addresses, OUTSIDE), clock)
    thread = threading.Thread(target=servers.loop, name="demo-servers", daemon=True)
    thread.start()
    servers.run(servers.start(imap_port, smtp_port))
    try:
        yield servers
    finally:
        servers.end()
        thread.join(10)
