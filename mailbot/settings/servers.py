"""The mail servers: where mailbot reads and where it sends."""

from typing import Literal, Self

from pydantic import Field, model_validator

from mailbot.settings.values import AddressText, Duration, Model, Period, Secret

Security = Literal["tls", "starttls", "none"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Server(Model):
    """What IMAP and SMTP have in common."""

    host: str = Field(min_length=1, description="name of the server")
    security: Security = Field("tls", description='"tls", "starttls"; "none" on loopback only')

    @model_validator(mode="after")
    def _never_in_clear(self) -> Self:
        if self.security == "none" and self.host not in _LOOPBACK:
            msg = 'security = "none" would send the password in clear: use "tls" (or "starttls")'
            raise ValueError(msg)
        return self


class OAuth2(Model):
    """How to get an access token (RFC 6749) where passwords are not accepted, e.g. Microsoft 365 and Gmail."""

    token_url: str
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""


class Mailbox(Server):
    """The mailbox that people write to."""

    id: str = "main"
    address: AddressText
    port: int = Field(993, ge=1, le=65535)
    username: str = Field("", description="default: the address")
    password: Secret | None = None
    oauth2: OAuth2 | None = None
    folder: str = "INBOX"
    poll_seconds: int = Field(60, ge=1)
    max_age: Duration = Period.parse("P14D")
    trusted_authserv_ids: tuple[str, ...] = Field((), description="whose Authentication-Results are believed")
    plus_addressing: bool = Field(default=False, description="put +token into the envelope sender; the provider must support it")

    @property
    def login(self) -> str:
        """The user name to log in with."""
        return self.username or self.address


class Smtp(Server):
    """The server that takes the answers."""

    port: int = Field(465, ge=1, le=65535)
    username: str = Field("", description="default: the mailbox's, when a password is given")
    password: Secret | None = None
    oauth2: OAuth2 | None = None
    sender_name: str = ""
    connections: int = Field(4, ge=1, le=20)
