"""Get a secret from where the configuration says that it stands. Never logs or prints it, nor a command's output."""

import os
import subprocess
from pathlib import Path

from mailbot.errors import ConfigError
from mailbot.settings import SecretRef

_COMMAND_SECONDS = 60
_WHY = {
    IndexError: "its list is empty",
    UnicodeDecodeError: "it prints no UTF-8",
    subprocess.TimeoutExpired: f"it did not end within {_COMMAND_SECONDS} seconds",
}


def resolve(secret: SecretRef, key: str) -> str:
    """Give the secret's text; raises ConfigError that names the key and what to do, never the secret."""
    if secret.value is not None:
        text = secret.value.get_secret_value()
    elif secret.env is not None:
        text = _env(secret.env, key)
    elif secret.file is not None:
        text = _file(Path(secret.file), key)
    else:
        text = _command(secret.command or (), key)
    if not text:
        raise ConfigError([f"{key}: the secret is empty"], remedy=f"write it where {key} says that it stands")
    return text


def _env(name: str, key: str) -> str:
    if name not in os.environ:
        raise ConfigError([f"{key}: the environment variable {name} is not set"], remedy=f"set {name} before starting mailbot")
    return os.environ[name]


def _file(path: Path, key: str) -> str:
    try:
        return path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except FileNotFoundError:
        raise ConfigError([f"{key}: the file {path} does not exist"], remedy="write the secret into it, mode 0600") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        problem = f"{key}: the file {path} can't be read: {why}"
        raise ConfigError([problem], remedy="name a file that this user may read, with the secret as its first line") from None


def _command(command: tuple[str, ...], key: str) -> str:
    """Run without a shell; its first line is the secret, as ``pass show`` and its like print it."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_COMMAND_SECONDS)  # noqa: S603
    except (OSError, ValueError, IndexError, UnicodeDecodeError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else _WHY.get(type(error), "it can't be started")
        problem = f"{key}: the command could not be run: {why}"
        raise ConfigError([problem], remedy="try it by hand, as the same user") from None
    if run.returncode:
        raise ConfigError([f"{key}: the command failed with status {run.returncode}"], remedy="try it by hand, as the same user")
    return run.stdout.split("\n", 1)[0].rstrip("\r")
