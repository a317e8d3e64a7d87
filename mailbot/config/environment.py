"""``MAILBOT_SMTP__HOST=…`` overrides ``smtp.host``: the file's keys in upper case, joined by two underscores.

Written by hand beside tomllib since pydantic-settings reads a password of digits as a number, takes lists only as JSON, and
passes over a misspelt variable in silence.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from mailbot.config import schema

PREFIX = "MAILBOT_"


def overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Write the variables' values into the file's values; gives key → variable, and problems."""
    secrets = set(_referenced(raw))
    overridden: dict[str, str] = {}
    found: list[str] = []
    for variable, text in sorted(environ.items()):
        if not variable.startswith(PREFIX) or "__" not in variable or variable in secrets:
            continue
        keys = variable.removeprefix(PREFIX).lower().split("__")
        problem = _set(raw, keys, text)
        if problem:
            found.append(f"${variable}: {problem}")
        else:
            overridden[".".join(keys)] = variable
    return overridden, found


def _referenced(value: object) -> Iterator[str]:
    """Give the names of the variables that hold secrets: ``{ env = "NAME" }``."""
    if isinstance(value, dict):
        if isinstance(value.get("env"), str):
            yield value["env"]
        for inner in value.values():
            yield from _referenced(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _referenced(inner)


def _set(raw: dict[str, Any], keys: list[str], text: str) -> str:
    annotation = schema.at(keys)
    if annotation is None:
        return f"there is no key {'.'.join(keys)}"
    if schema.is_secret(schema.at(keys[:-1])):
        return _put(raw, keys[:-1], {keys[-1]: _value(annotation, text)})  # one place instead of the file's
    return _put(raw, keys, _value(annotation, text))


def _put(raw: dict[str, Any], keys: list[str], value: object) -> str:
    place = raw
    for key in keys[:-1]:
        inner = place.setdefault(key, {})
        if not isinstance(inner, dict):
            return f"{key} is a list: set it in the file"
        place = inner
    place[keys[-1]] = value
    return ""


def _value(annotation: schema.Annotation, text: str) -> object:
    """Lists and tables are written as in TOML; everything else is text, which the models read."""
    structured = schema.is_list(annotation) or text.startswith("{")
    if schema.is_secret(annotation) or not structured:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
