"""The key file and the keyed hashes made with it. A plain hash of an address is still personal data, so none is stored.

The key lies outside the database (0600): without it no hash can be checked against a guessed address.
"""

import os
import secrets
from enum import Enum
from hashlib import blake2b
from pathlib import Path

from mailbot.domain.mail import fold_address
from mailbot.errors import ConfigError, StoreUnwritable

_SIZE = 32


class Use(Enum):
    """What a hash is for; hashes of different uses can't be linked (BLAKE2's ``person`` parameter)."""

    IDENTITY = b"identity"
    ADDRESS = b"address"
    NAME = b"name"
    TOKEN = b"token"
    SUPPRESS = b"suppress"
    ERASED = b"erased"
    MASK = b"mask"


class Key:
    """Hashes with one secret key."""

    def __init__(self, secret: bytes) -> None:
        self._bases = {use: blake2b(key=secret, digest_size=16, person=use.value) for use in Use}

    def hash(self, use: Use, value: bytes) -> bytes:
        """The keyed hash of a value for one use."""
        state = self._bases[use].copy()
        state.update(value)
        return state.digest()

    def text(self, use: Use, value: str) -> bytes:
        """The keyed hash of a text."""
        return self.hash(use, value.encode("utf-8", "replace"))

    def address(self, email: str) -> bytes:
        """The hash by which the rows of an address are found."""
        return self.text(Use.ADDRESS, fold_address(email))

    def mask(self, salt: str, data: bytes) -> bytes:
        """Mask or unmask bytes: no cipher, it only keeps a list of values from being found by the search for them."""
        blocks = (self.text(Use.MASK, f"{salt}:{n}") for n in range(len(data) // 16 + 1))
        return bytes(a ^ b for a, b in zip(data, b"".join(blocks), strict=False))


def load_key(path: Path, *, create: bool) -> Key:
    """Read the key file, or make it (0600) when ``create``; raises ConfigError for a missing or broken one."""
    try:
        if not path.exists():
            if not create:
                raise ConfigError(
                    [f"store.key_file: {path} is missing although the store is in use: put it back, it cannot be made anew"]
                )
            _make(path)
        secret = path.read_bytes()
    except OSError as error:
        raise StoreUnwritable(f"the key file {path} can't be used: {error.strerror}") from error
    if len(secret) != _SIZE:
        raise ConfigError([f"store.key_file: {path} is no key file of mailbot ({_SIZE} random bytes)"])
    return Key(secret)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(scratch, path)  # fails if another process was faster: its key counts
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
