"""Paths in the configuration are relative to its file, whatever folder mailbot is started in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mailbot.settings import Store

_SQLITE = "sqlite:///"


def absolute(raw: dict[str, Any], base: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """Give the file's values with every path made absolute; leaves what is of the wrong type to the models."""
    made = {key: _secrets(value, base, environ) for key, value in raw.items()}
    store = made.get("store", {})
    if isinstance(store, dict):
        defaults = {"url": Store().url, "journal": str(Store().journal), "key_file": str(Store().key_file)}
        store = {**defaults, **store}
        store["url"] = _url(store["url"], base)
        made["store"] = {**store, **{key: _path(store[key], base) for key in ("journal", "key_file")}}
    templates = made.get("templates")
    if isinstance(templates, dict) and "path" in templates:
        made["templates"] = {**templates, "path": _path(templates["path"], base)}
    return made


def _path(value: object, base: Path) -> object:
    return str(base / Path(value).expanduser()) if isinstance(value, str) and value else value


def _url(value: object, base: Path) -> object:
    if isinstance(value, str) and value.startswith(_SQLITE) and (path := value.removeprefix(_SQLITE)):
        return f"{_SQLITE}{base / Path(path).expanduser()}"
    return value


def _secrets(value: Any, base: Path, environ: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever the file holds
    """Make ``{ file = … }`` absolute wherever it stands; a name in systemd's credentials folder wins (systemd.exec(5))."""
    if isinstance(value, list):
        return [_secrets(inner, base, environ) for inner in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"file"} and isinstance(value["file"], str) and value["file"]:
        return {"file": _secret_file(value["file"], base, environ)}
    return {key: _secrets(inner, base, environ) for key, inner in value.items()}


def _secret_file(name: str, base: Path, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and not Path(name).is_absolute() and (Path(folder) / name).is_file():
        return str(Path(folder) / name)
    return str(_path(name, base))
