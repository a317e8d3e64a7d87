"""SMTP out: bytes to kept connections; every result is a value. The only place with an event loop, in a thread of its own.

Never opportunistic: TLS from the start, STARTTLS required, or none on loopback (which ``settings`` enforces).
"""

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiosmtplib

from mailbot.errors import LoginRefused, Unreachable
from mailbot.settings import Smtp

T = TypeVar("T")
TIMEOUT = 60.0
PERMANENT = 500


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

    def __init__(self, smtp: Smtp, *, password: str | None = None) -> None:
        self._smtp = smtp
        self._password = password
        self._tls = ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sender", daemon=True)
        self._thread.start()
        self._clients: list[aiosmtplib.SMTP] = []

    def check(self) -> None:
        """Connect and log in without sending; raises Unreachable or LoginRefused."""
        self._run(self._connect())

    def send(self, parcels: Sequence[Parcel]) -> list[Result]:
        """Hand over all of them; one result each. Raises Unreachable or LoginRefused when nothing could be tried."""
        return self._run(self._send_all(list(parcels))) if parcels else []

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
            tls_context=self._tls if smtp.security != "none" else None,
            timeout=TIMEOUT,
            local_hostname="localhost",
            username=smtp.username or None if self._password else None,
            password=self._password,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise LoginRefused(
                f"{where} refused the login ({error.code})", remedy="check smtp.username and smtp.password"
            ) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            problem = f"{where} can't be reached: {type(error).__name__}"
            raise Unreachable(problem, remedy="check smtp.host, smtp.port and smtp.security, or try again later") from None
        self._clients.append(client)
        return client

    async def _send_all(self, parcels: list[Parcel]) -> list[Result]:
        results: list[Result] = []
        self._clients = [c for c in self._clients if c.is_connected]
        if not self._clients:
            await self._connect()
        while len(self._clients) < min(self._smtp.connections, len(parcels)):
            try:
                await self._connect()
            except Unreachable:
                break  # the server allows no more connections: those that there are do it
        await asyncio.gather(*(self._work(client, parcels, results) for client in self._clients))
        results.extend(Later(id=p.id, reason="connection lost") for p in parcels)
        return results

    async def _work(self, client: aiosmtplib.SMTP, parcels: list[Parcel], results: list[Result]) -> None:
        while parcels and client.is_connected:
            results.append(await _hand_over(client, parcels.pop(0)))

    async def _quit(self) -> None:
        for client in self._clients:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()


async def _hand_over(client: aiosmtplib.SMTP, parcel: Parcel) -> Result:
    """Send one mail and sort the answer: accepted, later, never (RFC 5321 §4.2.1)."""
    try:
        await client.sendmail(parcel.envelope_from, [parcel.to], parcel.content)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _sorted(parcel, error.recipients[0].code)
    except aiosmtplib.SMTPResponseException as error:
        return _sorted(parcel, error.code)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Later(id=parcel.id, reason=f"outcome unknown: {type(error).__name__}")
    return Sent(id=parcel.id)


def _sorted(parcel: Parcel, code: int) -> Result:
    if code >= PERMANENT:
        return Refused(id=parcel.id, reason=f"refused by the server ({code})")
    return Later(id=parcel.id, reason=f"not now ({code})")
