"""An SMTP server that remembers what it took and misbehaves when asked: a sink for everything that goes out.

What a recipient is called decides its answer: ``code451@…`` is answered with 451 at RCPT, ``data552@…`` with 552 after the
mail, ``drop@…`` loses the connection in DATA, ``dropafter@…`` takes the mail and loses the connection before saying so,
``closing@…`` is answered with 421 and closed.
"""

import base64
import contextlib
import re
import warnings
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers import LOOPBACK, free_port
from tests.servers.tls import certificate

CODE = re.compile(r"(code|data)(\d{3})")


@dataclass(frozen=True)
class Taken:
    """One mail that the server took."""

    mail_from: str
    to: str
    content: bytes
    connection: int
    options: tuple = ()


@dataclass
class Sink:
    """What the server saw. ``greylist`` refuses each recipient once; ``most`` is how many connections may be open; after
    ``leaves_after`` mails it hangs up on everybody.
    """

    port: int
    login: tuple[str, str] | None = None
    token: str | None = None
    greylist: bool = False
    most: int = 1000
    leaves_after: int = 1_000_000
    smtputf8: bool = True
    taken: list = field(default_factory=list)
    wire: bytearray = field(default_factory=bytearray)
    open: int = 0
    connections: int = 0
    turned_away: int = 0
    helos: set = field(default_factory=set)
    seen: set = field(default_factory=set)

    def authenticate(self, server, session, envelope, mechanism, data):
        """Say whether a login is right."""
        right = self.login and data.login == self.login[0].encode() and data.password == self.login[1].encode()
        return AuthResult(success=bool(right), handled=False)

    async def auth_XOAUTH2(self, server, args):  # noqa: N802 - aiosmtpd finds it by this name
        """SASL XOAUTH2 as Google and Microsoft speak it: a refusal is a challenge first."""
        said = base64.b64decode(args[1])
        token = said.split(b"auth=Bearer ", 1)[-1].split(b"\1", 1)[0].decode()
        if token == self.token:
            return AuthResult(success=True, auth_data=token)
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        """Remember how the client calls itself."""
        self.helos.add(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        """Answer by the recipient's name."""
        local = address.split("@")[0]
        asked = CODE.fullmatch(local)
        if asked and asked[1] == "code":
            return f"{asked[2]} 5.0.0 no"
        if local == "closing":
            server.transport.write(b"421 4.3.2 closing\r\n")
            server.transport.close()
        if self.greylist and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        """Take the mail, refuse it, or lose the connection."""
        local = envelope.rcpt_tos[0].split("@")[0]
        asked = CODE.fullmatch(local)
        if asked:
            return f"{asked[2]} 5.0.0 no"
        if local == "drop":
            server.transport.abort()
            return "250 never said"
        for to in envelope.rcpt_tos:
            self.taken.append(Taken(envelope.mail_from, to, envelope.content, server.number, tuple(envelope.mail_options)))
        if len(self.taken) >= self.leaves_after:
            self.most = 0
            await server.push("250 2.0.0 ok")
            server.transport.close()
        if local == "dropafter":
            server.transport.abort()
        return "250 2.0.0 ok"


class _Server(SMTP):
    """Counts connections, keeps the wire, and turns clients away above the limit."""

    number = 0

    def connection_made(self, transport):
        """Greet, or say 421; called a second time, for the same connection, after STARTTLS."""
        super().connection_made(transport)
        sink = self.event_handler
        if self.number:
            return
        sink.connections += 1
        sink.open += 1
        self.number = sink.connections
        if sink.open > sink.most:
            sink.turned_away += 1
            self._handler_coroutine.cancel()
            transport.write(b"421 4.7.0 too many connections\r\n")
            transport.close()

    def connection_lost(self, error):
        """Count it as closed."""
        self.event_handler.open -= 1
        super().connection_lost(error)

    def data_received(self, data):
        """Keep what came over the wire (inside TLS: what came out of it)."""
        self.event_handler.wire += data
        super().data_received(data)


class _Controller(Controller):
    def factory(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a login without TLS is unsafe is known
            return _Server(self.handler, **self.SMTP_kwargs)


@contextlib.contextmanager
def smtp_sink(security="none", *, size_limit=None, timeout=300, **options):
    """Run the server; gives its ``Sink``. ``security`` is what it offers: none, starttls (required) or tls."""
    sink = Sink(port=free_port(), **options)
    wants_login = bool(sink.login or sink.token)
    more = {"require_starttls": True, "tls_context": certificate().context()} if security == "starttls" else {}
    controller = _Controller(
        sink,
        hostname=LOOPBACK,
        port=sink.port,
        ssl_context=certificate().context() if security == "tls" else None,
        server_hostname="sink.example",
        authenticator=sink.authenticate if wants_login else None,
        auth_required=wants_login,
        auth_require_tls=False,
        enable_SMTPUTF8=sink.smtputf8,
        data_size_limit=size_limit or 33_554_432,
        timeout=timeout,
        **more,
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)
