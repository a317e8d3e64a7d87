"""Kinds of values that stand in the configuration: durations, time zones, texts in several languages, references to secrets."""

import re
from datetime import timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, model_validator

_PERIOD = re.compile(r"P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)


class Model(BaseModel):
    """Frozen; an unknown key is an error; a wrong value is never printed (it may be a secret)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Period(Model):
    """An ISO 8601 duration. Months and years are kept apart since their length depends on the date they start at."""

    months: int = 0
    exact: timedelta = timedelta()

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``P14D``, ``P3M``, ``P1Y``, ``PT2H``; raises ValueError for anything else."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            msg = f"'{text}' is no ISO 8601 duration: write for example P14D (days), P3M (months), P1Y or PT2H (hours)"
            raise ValueError(msg)
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        exact = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return cls(months=12 * years + months, exact=exact)


def _period(value: object) -> object:
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        msg = 'write an ISO 8601 duration in quotes, for example "P14D"'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns only ValueError into a problem of the file
    return Period.parse(value)


Duration = Annotated[Period, BeforeValidator(_period)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"'{name}' is no time zone: write a name such as Europe/Berlin"
        raise ValueError(msg) from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


def _address(text: str) -> str:
    if _ADDRESS.fullmatch(text) is None:
        msg = f"'{text}' is no e-mail address: write it alone, without a name"
        raise ValueError(msg)
    return text


AddressText = Annotated[str, AfterValidator(_address)]
Text = str | dict[str, str]


def in_language(text: Text, language: str) -> str:
    """Give a text that may be written as ``{ de = "…", en = "…" }`` in this language, else in its first."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), "")


_PLACES = 'write a password as text, or as one of { env = "NAME" }, { file = "PATH" }, { command = ["pass", "show", "x"] }'


class SecretRef(Model):
    """Where a password stands: here, in an environment variable, in a file, or printed by a command."""

    value: SecretStr | None = None
    env: str | None = None
    file: str | None = None
    command: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(v is not None for v in (self.value, self.env, self.file, self.command)) != 1:
            raise ValueError(_PLACES)
        return self


def _secret(value: object) -> object:
    if isinstance(value, str):
        return SecretRef(value=SecretStr(value))
    if not isinstance(value, dict | SecretRef):
        raise ValueError(_PLACES)  # noqa: TRY004 - pydantic turns only ValueError into a problem of the file
    return value


Secret = Annotated[SecretRef, BeforeValidator(_secret)]
