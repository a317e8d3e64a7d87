"""SMTP out: bytes to kept connections; every result is a value. The only door to aiosmtplib and the only event loop, in a thread.

Never opportunistic: TLS from the start, STARTTLS required, or none on loopback (which ``settings`` enforces). Never sends a
mail twice by itself once its bytes may have arrived: that is ``Later``, and the outbox decides. Upstream: ``post``.
"""

import asyncio
import logging
import re
import ssl
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import aiosmtplib

from mailbot.errors import LoginRefused, Unreachable
from mailbot.settings import Smtp

log = logging.getLogger(__name__)
T = TypeVar("T")
TIMEOUT, GOODBYE_SECONDS = 60.0, 5.0
GIVE_UP = 2  # mails in a row, each lost twice: not the mails' fault
PERMANENT, CLOSING, TOO_LARGE = 500, 421, 552  # RFC 5321 §4.2.1, §3.8, §4.2.3
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463; the rest of a server's words may name people
_ERRORS = (aiosmtplib.SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One mail to hand over: ``to`` is one recipient in ASCII form."""

    id: str
    envelope_from: str
    to: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The server accepted it; it is never sent again."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Refused for now (4xx), broken off, or unknown: the same bytes are tried again."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Refused for good (5xx): a human is told."""

    id: str
    reason: str


Result = Sent | Later | Refused


class Sender:
    """Up to ``connections`` connections, kept open between mails; close it when done."""

    def __init__(self, smtp: Smtp, *, password: str | None = None, token: str | None = None) -> None:
        self._smtp = smtp
        self._password = password
        self._token = token
        self._most = smtp.connections
        self._clients: list[aiosmtplib.SMTP] = []
        self._tls: ssl.SSLContext | None = None
        if smtp.security != "none":  # made once: it costs as much as a dozen mails
            self._tls = ssl.create_default_context()
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sender", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Connect and log in without sending; raises Unreachable or LoginRefused."""
        self._run(self._connect())

    def send(self, parcels: Sequence[Parcel]) -> list[Result]:
        """Hand over all of them; one result each, in their order. Raises Unreachable or LoginRefused: nothing was tried."""
        return self._run(self._send_all(parcels)) if parcels else []

    def close(self) -> None:
        """Say goodbye to the server and end the thread."""
        self._run(self._quit())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=TIMEOUT)
        self._loop.close()

    def _run(self, task: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result()

    async def _connect(self) -> aiosmtplib.SMTP:
        smtp = self._smtp
        where = f"SMTP server {smtp.host}:{smtp.port}"
        client = aiosmtplib.SMTP(
            hostname=smtp.host,
            port=smtp.port,
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",  # never None: that would send the password in clear if STARTTLS is missing
            tls_context=self._tls,
            timeout=TIMEOUT,
            local_hostname=_own_name(smtp),
            username=smtp.username if self._password or self._token else None,
            password=self._password,
            oauth_token_generator=self._give_token if self._token else None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()  # what the server can is asked before the first mail
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code < PERMANENT:  # RFC 4954 §6: 454 is no judgement about the password
                raise Unreachable(f"{where} can't check the login now ({error.code})", remedy="try again later") from None
            remedy = "check smtp.username and smtp.password"
            raise LoginRefused(f"{where} refused the login of {smtp.username} ({error.code})", remedy=remedy) from None
        except _ERRORS as error:
            remedy = "check smtp.host, smtp.port and smtp.security, or try again later"
            raise Unreachable(f"{where} can't be reached: {_why(error)}", remedy=remedy) from None
        self._clients.append(client)
        return client

    async def _give_token(self) -> str:
        return self._token or ""

    async def _send_all(self, parcels: Sequence[Parcel]) -> list[Result]:
        await self._open_connections(len(parcels))
        queue, results = deque(parcels), dict[str, Result]()
        ended = await asyncio.gather(*(self._work(c, queue, results) for c in list(self._clients)), return_exceptions=True)
        for problem in ended:
            if isinstance(problem, BaseException):  # a bug of ours
                if not results:
                    raise problem
                log.error("sending stopped: %s", type(problem).__name__)  # what was sent must still be told
        return [results.get(p.id) or Later(id=p.id, reason="the connection was lost") for p in parcels]

    async def _open_connections(self, wanted: int) -> None:
        self._clients = [client for client in self._clients if client.is_connected]
        if not self._clients:
            await self._connect()
        while len(self._clients) < min(self._most, wanted):
            try:
                await self._connect()
            except (Unreachable, LoginRefused):  # the server allows no more at a time: those that there are do it
                self._most = len(self._clients)

    async def _work(self, client: aiosmtplib.SMTP | None, queue: deque[Parcel], results: dict[str, Result]) -> None:
        """Hand over one mail after the other; a connection that the server closed between two mails is opened anew."""
        lost = 0
        while queue and client is not None and lost < GIVE_UP:
            parcel = queue.popleft()
            result = await _hand_over(client, parcel)
            if result is None and (client := await self._again(client)):
                result = await _hand_over(client, parcel)
            lost = 0 if result else lost + 1
            if result is not None:
                results[parcel.id] = result
            if client is not None and not client.is_connected:
                client = await self._again(client)

    async def _again(self, client: aiosmtplib.SMTP) -> aiosmtplib.SMTP | None:
        client.close()
        self._clients.remove(client)
        try:
            return await self._connect()
        except (Unreachable, LoginRefused):
            return None

    async def _quit(self) -> None:
        await asyncio.gather(*(_say_goodbye(client) for client in self._clients))
        self._clients.clear()


async def _hand_over(client: aiosmtplib.SMTP, parcel: Parcel) -> Result | None:
    """Send one mail and sort the answer; None when the connection was gone before any of its text was handed over."""
    try:
        refused = await _announce(client, parcel)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError):
        return None
    except ValueError:
        return Refused(id=parcel.id, reason="the address is malformed")
    if refused is not None or not client.is_connected:
        return refused
    try:
        await client.data(parcel.content)
    except aiosmtplib.SMTPResponseException as error:
        await _reset(client)
        return _sorted(parcel, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Later(id=parcel.id, reason=f"outcome unknown: {type(error).__name__}")
    return Sent(id=parcel.id)


async def _announce(client: aiosmtplib.SMTP, parcel: Parcel) -> Result | None:
    """Say from whom and to whom (MAIL, RCPT); gives a result when that was refused."""
    options = [f"SIZE={len(parcel.content)}"] if client.supports_extension("size") else []
    if not parcel.content.isascii() and client.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    encoding = "ascii"
    if not (parcel.envelope_from + parcel.to).isascii():  # RFC 6531; never guessed: IDNA has two versions that differ
        if not client.supports_extension("smtputf8"):
            return Refused(id=parcel.id, reason="the address needs SMTPUTF8, which the server does not offer")
        options.append("SMTPUTF8")
        encoding = "utf-8"
    try:
        await client.mail(parcel.envelope_from, options=options, encoding=encoding)
        await client.rcpt(parcel.to, encoding=encoding)
    except aiosmtplib.SMTPResponseException as error:
        if error.code == CLOSING:
            return None  # the library has closed the connection; nothing was handed over
        await _reset(client)
        if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code != TOO_LARGE:
            return Later(id=parcel.id, reason=f"the server refused our own address as sender ({_codes(error)})")
        return _sorted(parcel, error)
    return None


async def _reset(client: aiosmtplib.SMTP) -> None:
    """Forget the envelope, so that the next mail can go over the same connection."""
    with suppress(*_ERRORS):
        await client.rset()


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    with suppress(*_ERRORS):
        await client.quit(timeout=GOODBYE_SECONDS)
    client.close()


def _sorted(parcel: Parcel, error: aiosmtplib.SMTPResponseException) -> Result:
    if error.code >= PERMANENT:
        return Refused(id=parcel.id, reason=f"refused by the server ({_codes(error)})")
    return Later(id=parcel.id, reason=f"not now ({_codes(error)})")


def _codes(error: aiosmtplib.SMTPResponseException) -> str:
    enhanced = _ENHANCED.search(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)


def _why(error: BaseException) -> str:
    """Name what went wrong, without the server's words."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({cause.verify_message})"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"it answered {_codes(error)}"
    return type(cause).__name__


def _own_name(smtp: Smtp) -> str:
    """What to call ourselves in EHLO: this machine's name is nobody's business, and looking it up may take long."""
    domain = smtp.username.rpartition("@")[2] if "@" in smtp.username else ""
    return domain if domain.isascii() and "." in domain else "[127.0.0.1]"  # RFC 5321 §4.1.3
