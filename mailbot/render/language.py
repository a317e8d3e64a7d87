"""One language: its templates, its words (``_words.j2``) and its dates. Everything is compiled once and kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from markupsafe import Markup

from mailbot.render import environment, text
from mailbot.render.environment import explained
from mailbot.render.readable import readable
from mailbot.settings.values import Period

FORMS: Mapping[str, Callable[[object], Markup]] = {"html": text.as_html, "facts": text.as_facts, "lines": text.as_lines}
PARTS = ("subject_part", "text_part", "html_part")


class Words:
    """What a file of macros and words defines. What is named ``text…`` gives plain text, so that HTML escapes it.

    (Jinja2 itself takes what a macro gives for HTML wherever HTML is written.)
    """

    def __init__(self, module: object) -> None:
        defined = {name: value for name, value in vars(module).items() if not name.startswith("_")}
        self.__dict__.update({n: _plain(v) if n.startswith("text") else v for n, v in defined.items()})


def _plain(macro: Callable[..., object]) -> Callable[..., str]:
    return lambda *values: str(macro(*values))


class Language:
    """Renders letters of one language; ``words`` is the module of its ``_words.j2``."""

    def __init__(self, code: str, override: Path | None, zone: str) -> None:
        self.code = code
        self._zone = zone
        self._environment = environment.make(code, override)
        self._environment.filters.update(FORMS)
        own = {"day": self.day, "moment": self.moment, "names": self.names, "size": self.size}
        self._environment.filters.update({**own, "period": Period.parse, "readable": readable})
        with explained(f"{code}/_words.j2"):
            self.words: Any = Words(self._environment.get_template("_words.j2").module)
            self._environment.globals["w"] = self.words
            self._environment.globals["m"] = Words(self._environment.get_template("_macros.j2").module)

    def render(self, template: str, context: Mapping[str, object]) -> tuple[str, str, str]:
        """Give subject, text and HTML; raises TemplateError."""
        with explained(f"{self.code}/{template}.j2"):
            compiled = self._environment.get_template(f"{template}.j2")
            made = compiled.new_context(dict(context))
            self._run(compiled, made)
            subject, body, html = (str(made.vars[part]) for part in PARTS)
        return " ".join(subject.split()), text.tidy(body), html.strip() + "\n"

    def _run(self, compiled: jinja2.Template, made: jinja2.runtime.Context) -> None:
        try:
            for _ in compiled.root_render_func(made):
                pass
        except Exception:  # noqa: BLE001 - Jinja2 raises it again, with the template's own lines in the traceback
            self._environment.handle_exception()

    def fixed(self, shared: Mapping[str, object]) -> Callable[..., str]:
        """Give the templates' ``fixed``: a text of ``_words.j2`` made of shared variables alone, made once and kept.

        ``form`` is the filter that it goes through. Macros see no variables but those that they are given: all of these.
        """

        @lru_cache(maxsize=64)
        def fixed(name: str, *values: str, form: str = "") -> str:
            words = str(getattr(self.words, name)(shared, *values)).strip()
            return FORMS[form](words) if form else words

        return fixed

    def source_of(self, template: str) -> str:
        """The file that is used for a letter."""
        with explained(f"{self.code}/{template}.j2"):
            return str(self._environment.get_template(f"{template}.j2").filename)

    def day(self, moment: date) -> str:
        """Give a date in words, in the organiser's zone."""
        local = moment.astimezone(ZoneInfo(self._zone)).date() if isinstance(moment, datetime) else moment
        return _day(local, self.words.patterns["date"], self.code)

    def time(self, moment: datetime) -> str:
        """Give the time of day in the zone that it is in."""
        return format_time(moment, self.words.patterns["time"], tzinfo=moment.tzinfo, locale=self.code)

    def moment(self, moment: datetime | str, zone: str = "") -> str:
        """Give date and time (also as ISO 8601 writes it) in words, in a zone or else the organiser's."""
        given = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        local = given.astimezone(ZoneInfo(zone or self._zone))
        day = _day(local.date(), self.words.patterns["date"], self.code)
        return str(self.words.patterns["moment"]).format(date=day, time=self.time(local))

    def size(self, number: object) -> str:
        """Give a number of bytes in megabytes; a text stays as it is."""
        return f"{format_decimal(round(number / 1e6, 1), locale=self.code)} MB" if isinstance(number, int) else str(number)

    def names(self, people: Sequence[object]) -> str:
        """Give "A, B and C" of people (their names, else addresses) or of texts."""
        texts = [str(p["name"] or p["email"]) if isinstance(p, Mapping) else str(p) for p in people]
        if len(texts) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(texts)
        return ", ".join(texts[:-1]) + f" {self.words.conjunction} " + texts[-1]


@lru_cache(maxsize=1024)
def _day(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)
