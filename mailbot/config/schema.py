"""Walk the models of ``settings``: which model, field or secret stands at a key. Pure."""

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from mailbot.settings import SecretRef, Settings

Annotation = Any  # what a field is annotated with: typing has no type for it


def key_names(model: type[BaseModel]) -> dict[str, str]:
    """Give key as written in the file → field name."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def model_of(annotation: Annotation) -> type[BaseModel] | None:
    """Give the model within an annotation: ``tuple[Event, ...]`` → Event, ``Secret | None`` → SecretRef."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((model for part in get_args(annotation) if (model := model_of(part))), None)


def is_list(annotation: Annotation) -> bool:
    """Whether a field holds several values."""
    origin: object = get_origin(annotation)
    if origin in (Annotated, Union, UnionType):
        return any(is_list(part) for part in get_args(annotation))
    return origin in (tuple, list)


def at(keys: Sequence[str]) -> Annotation | None:
    """Give the annotation at a path of keys as in the file (lists are stepped into); None for an unknown key."""
    if not keys:
        return Settings
    if keys[0] == "mailbox":
        keys = ("mailboxes", *keys[1:])
    annotation: Annotation = Settings
    for key in keys:
        model = model_of(annotation)
        name = key_names(model).get(key) if model else None
        if model is None or name is None:
            return None
        field = model.model_fields[name]
        annotation = field.annotation
    return annotation


def is_secret(annotation: Annotation) -> bool:
    """Whether a password or token stands here."""
    return model_of(annotation) is SecretRef
