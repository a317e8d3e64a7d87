"""A certificate authority for one test run: certificates for loopback, and how to make a program trust them."""

import functools
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.servers import LOOPBACK


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 and localhost; ``authority`` is the file to trust."""

    chain: bytes
    key: bytes
    authority: Path

    def context(self):
        """Give the context of a server that shows this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tempfile.NamedTemporaryFile(suffix=".pem") as both:
            both.write(self.key + self.chain)
            both.flush()
            context.load_cert_chain(both.name)
        return context

    def write(self, folder):
        """Write chain and key beside a server's configuration; gives both paths."""
        chain, key = folder / "chain.pem", folder / "key.pem"
        chain.write_bytes(self.chain)
        key.write_bytes(self.key)
        key.chmod(0o600)
        return chain, key


@functools.cache
def certificate():
    """Give this run's certificate; nobody trusts it until ``SSL_CERT_FILE`` names its authority."""
    authority = trustme.CA()
    issued = authority.issue_cert(LOOPBACK, "localhost")
    folder = tempfile.TemporaryDirectory(prefix="ca")
    path = Path(folder.name) / "authority.pem"
    authority.cert_pem.write_to_path(path)
    made = Certificate(
        chain=b"".join(blob.bytes() for blob in issued.cert_chain_pems), key=issued.private_key_pem.bytes(), authority=path
    )
    _KEPT.append(folder)
    return made


_KEPT = []  # the folder lives as long as the run


def trust(monkeypatch):
    """Make this process, and those that it starts, trust the test authority (OpenSSL reads the variable)."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate().authority))
