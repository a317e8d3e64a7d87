"""The connection to an IMAP server: opened with TLS or STARTTLS, logged in, and left again, with one clear error each.

Never speaks in clear but on loopback (which ``settings`` enforces), never shows what the server said. Used by ``imap`` alone.
"""

import re
import socket
import ssl
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailbot.errors import LoginRefused, Unreachable
from mailbot.settings import Mailbox

CONNECT_SECONDS, READ_SECONDS, GOODBYE_SECONDS = 30.0, 120.0, 5.0
_CODE = re.compile(r"\[([A-Z]+(?:-[A-Z]+)*)")  # RFC 3501 §7.1: [TRYCREATE], [NOPERM], …
_TEMPORARY = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"}  # RFC 5530: not the password's fault


class SaidNo(Unreachable):
    """The server answered a command with NO or BAD; the connection is fine. Its words may hold what a mail says: not shown."""

    def __init__(self, mailbox: Mailbox, error: IMAPClientError) -> None:
        self.code = response_code(error) or "NO"
        super().__init__(f"{where(mailbox)} refused a command ({self.code})", remedy="nothing is lost: the next run tries again")


def response_code(error: Exception) -> str:
    """Give the code in brackets that the server gave as its reason, or nothing."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def where(mailbox: Mailbox) -> str:
    """Name the server as errors do."""
    return f"IMAP server {mailbox.host}:{mailbox.port}"


def open_connection(mailbox: Mailbox) -> IMAPClient:
    """Connect, not logged in yet; raises Unreachable."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    options: dict[str, Any] = {"ssl": mailbox.security == "tls", "ssl_context": context if mailbox.security == "tls" else None}
    try:
        client = IMAPClient(mailbox.host, mailbox.port, timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS), **options)
    except (IMAPClientError, OSError) as error:
        raise _unreachable(mailbox, error) from error
    client.normalise_times = False  # else times come back naive, in local time
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a SEARCH goes out in pieces: 40 ms each without
    if mailbox.security == "starttls":
        try:
            client.starttls(context)
        except (IMAPClientError, OSError) as error:
            part(client, politely=False)
            raise _unreachable(mailbox, error) from error
    return client


def _unreachable(mailbox: Mailbox, error: Exception) -> Unreachable:
    remedy = "check mailbox.host, mailbox.port and mailbox.security, or try again later"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(f"{where(mailbox)} shows a certificate that is not valid: {error.verify_message}", remedy=remedy)
    return Unreachable(f"{where(mailbox)} can't be reached: {type(error).__name__}", remedy=remedy)


def log_in(client: IMAPClient, mailbox: Mailbox, password: str | None, token: str | None) -> None:
    """Log in with a password or an OAuth2 token; raises LoginRefused, or Unreachable when that was not the reason."""
    try:
        if token is not None:
            client.oauth2_login(mailbox.login, token)
        elif (mailbox.login + (password or "")).isascii():
            client.login(mailbox.login, password or "")
        else:
            client.plain_login(mailbox.login, password or "")  # LOGIN has no charset, SASL PLAIN is UTF-8 (RFC 4616)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError) or response_code(error) in _TEMPORARY:
            raise _unreachable(mailbox, error.__context__ or error) from None
        problem = f"{where(mailbox)} refused the login of {mailbox.login}"
        raise LoginRefused(problem, remedy="check mailbox.username and mailbox.password") from None
    except (IMAPClientError, OSError) as error:
        raise Unreachable(f"{where(mailbox)} broke off at login: {type(error).__name__}", remedy="try again later") from error


def part(client: IMAPClient, *, politely: bool) -> None:
    """Say goodbye; never waits long, since whoever is told may be gone."""
    with suppress(IMAPClientError, OSError, ValueError):
        if politely:
            client.socket().settimeout(GOODBYE_SECONDS)
            client.logout()
            return
    with suppress(OSError, ValueError):
        client.shutdown()
