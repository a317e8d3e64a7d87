"""The access token of RFC 6749: asked of a real endpoint on loopback; refusals and outages are told apart, secrets never shown."""

import contextlib
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mailbot.errors import ConfigError, LoginRefused, Unreachable
from mailbot.oauth import access_token
from mailbot.settings import OAuth2
from tests.servers import free_port

SECRET = "refresh-me-quietly"


class _Endpoint(BaseHTTPRequestHandler):
    """Answers as the server was told, and remembers what it was asked."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.asked = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.says).encode())

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def endpoint(status=200, says=None):
    """Run the endpoint; gives the server."""
    server = HTTPServer(("127.0.0.1", 0), _Endpoint)
    server.status, server.says = status, says or {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def oauth2(port, **more):
    """A section of the configuration."""
    values = {"token_url": f"http://127.0.0.1:{port}/token", "client_id": "bot", "refresh_token": SECRET, "scope": "imap", **more}
    return OAuth2.model_validate(values)


def test_the_refresh_token_is_exchanged_for_an_access_token():
    """What RFC 6749 section 6 asks for is sent, and the answer's token comes back."""
    with endpoint(says={"access_token": "abc", "expires_in": 3600}) as server:
        assert access_token(oauth2(server.server_port), "mailbox.oauth2") == "abc"
        assert server.asked == {"client_id": "bot", "grant_type": "refresh_token", "refresh_token": SECRET, "scope": "imap"}


def test_without_a_refresh_token_the_client_speaks_for_itself():
    """The client-credentials grant of Microsoft 365's application permissions."""
    with endpoint(says={"access_token": "abc"}) as server:
        access_token(oauth2(server.server_port, refresh_token=None, client_secret="s"), "mailbox.oauth2")
        assert server.asked["grant_type"] == "client_credentials"


@pytest.mark.parametrize(
    ("status", "says", "error"),
    [(400, {"error": "invalid_grant"}, LoginRefused), (401, {}, LoginRefused), (503, {}, Unreachable), (200, {}, LoginRefused)],
)
def test_a_refusal_is_no_outage_and_no_secret_is_shown(status, says, error):
    """4xx and an answer without a token are refusals (77), 5xx is tried again (75)."""
    with endpoint(status, says) as server, pytest.raises(error) as raised:
        access_token(oauth2(server.server_port), "mailbox.oauth2")
    assert SECRET not in f"{raised.value} {raised.value.remedy}"


def test_nobody_at_the_endpoint_is_tried_again():
    """A refused connection is an outage (75) that names the key."""
    with pytest.raises(Unreachable) as raised:
        access_token(oauth2(free_port()), "mailbox.oauth2")
    assert "mailbox.oauth2.token_url" in raised.value.remedy


def test_a_secret_is_never_sent_in_clear_to_another_machine():
    """Plain http is for loopback alone: refused before anything is sent."""
    with pytest.raises((ConfigError, ValueError), match="https"):
        access_token(OAuth2.model_validate({"token_url": "http://login.example/token", "client_id": "bot"}), "mailbox.oauth2")
