"""An access token for IMAP and SMTP where passwords are not accepted (RFC 6749 §6, XOAUTH2): one call to the token endpoint.

The only network connection beside IMAP, SMTP and the database, and only where ``[mailbox.oauth2]`` or ``[smtp.oauth2]`` names it.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from typing import Any

from mailbot.config import resolve
from mailbot.errors import ConfigError, LoginRefused, Unreachable
from mailbot.settings import OAuth2

TIMEOUT = 30.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def access_token(oauth2: OAuth2, key: str) -> str:
    """Exchange the refresh token (or the client's own secret) for an access token; never stores or prints either.

    ``key`` names the section in the configuration, for messages. Raises ConfigError, LoginRefused or Unreachable.
    """
    url = urllib.parse.urlsplit(oauth2.token_url)
    if url.scheme != "https" and url.hostname not in _LOOPBACK:
        raise ConfigError([f"{key}.token_url must begin with https://"])
    request = urllib.request.Request(oauth2.token_url, data=_form(oauth2, key))  # noqa: S310 - https, or http on loopback
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - see above
            said: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise _refused(error, url.hostname or "", key) from None
    except (OSError, ValueError) as error:
        problem = f"the token endpoint {url.hostname} can't be reached: {type(error).__name__}"
        raise Unreachable(problem, remedy=f"check {key}.token_url, or try again later") from None
    token = said.get("access_token")
    if not isinstance(token, str) or not token:
        raise LoginRefused(f"the token endpoint {url.hostname} gave no access token", remedy=f"check {key}")
    return token


def _form(oauth2: OAuth2, key: str) -> bytes:
    fields = {"client_id": oauth2.client_id, "grant_type": "client_credentials"}
    if oauth2.refresh_token is not None:
        fields |= {"grant_type": "refresh_token", "refresh_token": resolve(oauth2.refresh_token, f"{key}.refresh_token")}
    if oauth2.client_secret is not None:
        fields["client_secret"] = resolve(oauth2.client_secret, f"{key}.client_secret")
    if oauth2.scope:
        fields["scope"] = oauth2.scope
    return urllib.parse.urlencode(fields).encode()


def _refused(error: urllib.error.HTTPError, host: str, key: str) -> Unreachable | LoginRefused:
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable(f"the token endpoint {host} is out of order ({error.code})", remedy="the next run tries again")
    return LoginRefused(
        f"the token endpoint {host} refused the login ({error.code})", remedy=f"renew {key}.refresh_token or the secret"
    )
