"""Turn pydantic's errors into sentences that name the key as it stands in the file. Never holds an input value."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from mailbot.config import schema
from mailbot.settings import Settings

_SAYS = {
    "missing": "is missing",
    "string_too_short": "must not be empty",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "tuple_type": 'must be a list, for example ["…"]',
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "path_type": "must be a path in quotes",
    "string_pattern_mismatch": "may hold small letters, digits and single hyphens only, for example klima-werkstatt",
    "too_short": "must not be empty",
}
_SECTIONS = ("events", "mailboxes")


def sentences(error: ValidationError, raw: Mapping[str, Any]) -> list[str]:
    """Give one sentence for each key with a problem, in the order of the models."""
    found: dict[str, str] = {}
    both = "mailbox" in raw and "mailboxes" in raw  # reported by itself
    errors = error.errors(include_url=False, include_input=False)
    for one in errors:
        if one["type"] == "too_short" and any(len(e["loc"]) > len(one["loc"]) == _shared(e["loc"], one["loc"]) for e in errors):
            continue  # a list whose entries are wrong counts as empty
        if one["loc"] and one["loc"][0] == "controller" and "controller" not in raw:
            continue  # it repeats the organiser's problems, whose values it takes
        if both and tuple(one["loc"]) == ("mailbox",):
            continue
        key, model, rest = _key(one["loc"], raw)
        text = _text(one, model, rest)
        found.setdefault(key, f"{key}: {text}" if key else text)
    return list(found.values())


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """Count the parts that two places have in common from the start."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def with_origin(problem: str, overridden: Mapping[str, str]) -> str:
    """Say which variable a wrong value comes from, when it is none of the file's."""
    key = problem.partition(":")[0]
    return f"{problem} (set by ${overridden[key]})" if key in overridden else problem


def _key(loc: Sequence[int | str], raw: Mapping[str, Any]) -> tuple[str, type[BaseModel] | None, str]:
    """Give the key as in the file, the model that it stands in, and the last part; members of a union are left out."""
    key, last, value = "", "", raw
    annotation: schema.Annotation = Settings
    model: type[BaseModel] | None = None
    for part in _as_written(loc, raw):
        if isinstance(part, int):
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else {}
            key += f"[{_id(value, part)}]"
            continue
        model = schema.model_of(annotation)
        if model is None:
            break
        key, last = f"{key}.{part}" if key else part, part
        value = value.get(part, {}) if isinstance(value, Mapping) else {}
        name = schema.key_names(model).get("mailboxes" if part == "mailbox" else part)
        if name is None:
            break
        annotation = model.model_fields[name].annotation
    return key, model, last


def _as_written(loc: Sequence[int | str], raw: Mapping[str, Any]) -> Sequence[int | str]:
    """The models know ``mailboxes`` only; the file may have one ``[mailbox]``, and most have."""
    if tuple(loc) == ("mailboxes",) and "mailboxes" not in raw:
        return ("mailbox",)
    if "mailbox" in raw and tuple(loc[:1]) == ("mailboxes",):
        return ("mailbox", *loc[2:])
    return loc


def _id(value: object, index: int) -> str:
    given = value.get("id") if isinstance(value, Mapping) else None
    return given if isinstance(given, str) and given else str(index + 1)


def _text(one: Mapping[str, Any], model: type[BaseModel] | None, key: str) -> str:
    kind = one["type"]
    if kind == "extra_forbidden" and model is not None:
        return "unknown key" + did_you_mean(key, schema.key_names(model))
    if kind == "missing" and model is not None:
        name = schema.key_names(model).get(key, key)
        field = model.model_fields.get(name)
        return _SAYS[kind] + (f": {field.description}" if field is not None and field.description else "")
    if kind == "value_error":
        return str(one["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        return f"must be one of {one['ctx']['expected']}"
    if kind.startswith(("datetime", "date")):
        return "must be a date and time without quotes, for example 2027-03-11T18:00:00"
    if kind == "tuple_type" and key in _SECTIONS:
        return f"write [[{key}]] with two brackets: there may be several"
    said = _SAYS.get(kind) or str(one["msg"]).replace("Input should be", "must be")
    return said[:1].lower() + said[1:]


def did_you_mean(word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    """Give ``, did you mean …?`` when one of the known words is near, else the list of them."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else f" (known here: {', '.join(known)})"
