"""Find the configuration file, read it with what the environment overrides, and make it ``Settings``: all problems at once.

Never prints a value that may be a secret. Upstream: the TOML file; downstream: everybody gets ``Settings``.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from mailbot.config import environment, paths, problems, usable
from mailbot.config.example import example
from mailbot.config.secret import resolve
from mailbot.errors import ConfigError
from mailbot.settings import Settings

__all__ = ["example", "find", "load", "places", "resolve"]

NAME = "config.toml"
_REMEDY = "write one with `mailbot init`, or name it with --config FILE or $MAILBOT_CONFIG"


def places() -> tuple[Path, ...]:
    """Where a configuration is looked for when none is named, first come first."""
    return (
        Path(NAME),
        Path(platformdirs.user_config_dir("mailbot", appauthor=False)) / NAME,
        Path(platformdirs.site_config_dir("mailbot", appauthor=False)) / NAME,
        Path("/etc/mailbot") / NAME,
    )


def find(path: Path | None = None) -> Path:
    """Give the configuration file's absolute path; raises ConfigError that says where it was looked for."""
    named = path or (Path(os.environ["MAILBOT_CONFIG"]) if os.environ.get("MAILBOT_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError([f"the configuration file {named} does not exist"], remedy=_REMEDY)
        return named.absolute()
    for place in places():
        if place.is_file():
            return place.absolute()
    looked = ", ".join(dict.fromkeys(str(place) for place in places()))
    raise ConfigError([f"there is no configuration file (looked for {looked})"], remedy=_REMEDY)


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration; raises ConfigError with every problem as a sentence that names its key."""
    variables = os.environ if environ is None else environ
    file = find(path)
    raw = _read(file)
    overridden, found = environment.overlay(raw, variables)
    raw = paths.absolute(raw, file.parent, variables)
    found += usable.check(raw)
    settings = None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        found = problems.sentences(error, raw) + found
    if settings is None or found:
        named = [problems.with_origin(problem, overridden) for problem in dict.fromkeys(found)]
        raise ConfigError(named, remedy=f"correct {file}; config.example.toml explains every key")
    return settings


def _read(file: Path) -> dict[str, Any]:
    remedy = f"correct {file}"
    text = ""
    try:
        text = file.read_text("utf-8-sig")
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error.args[0]).replace("at end of document", f"at the end, line {len(text.splitlines())}")
        raise ConfigError([f"{file} is no valid TOML: {said}"], remedy=remedy) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{file} is not written in UTF-8"], remedy="save it as UTF-8") from None
    except OSError as error:
        raise ConfigError([f"{file} can't be read: {error.strerror}"], remedy="give this user the right to read it") from None
