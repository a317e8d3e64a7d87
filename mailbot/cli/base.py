"""What every command shares: the configuration, the clock, the store, and classes that draw boxes on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from mailbot.cli import logs
from mailbot.errors import UsageError

if TYPE_CHECKING or not sys.stdout.isatty():  # plain text: rich draws its boxes into pipes too
    from click import Command, Group
else:
    from rich_click import RichCommand as Command
    from rich_click import RichGroup as Group

if TYPE_CHECKING:  # a slow import that most commands do without
    from mailbot.pipeline import Pipeline
    from mailbot.service import Service
    from mailbot.settings import Event, Settings
    from mailbot.store import Store

__all__ = ["App", "Command", "Group", "confirm", "json_option", "now", "pass_app", "raise_problem"]

_PATIENCE = 10.0  # seconds: a `run --once` of cron's ends by itself, the service does not
F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class App:
    """What the command line was told before the command's name."""

    config: Path | None = None

    @cached_property
    def settings(self) -> "Settings":
        """The configuration, read once; raises ConfigError."""
        from mailbot.config import load

        settings = load(self.config)
        logs.start(settings.logging)
        return settings

    @property
    def zone(self) -> ZoneInfo:
        """The organiser's time zone: the clock on which people read times; JSON holds offsets instead."""
        return ZoneInfo(self.settings.organiser.timezone)

    def event(self, event_id: str) -> "Event":
        """Give a configured event; raises UsageError that names the others."""
        found = self.settings.event(event_id)
        if found is None:
            known = ", ".join(event.id for event in self.settings.events)
            raise UsageError(f"there is no event '{event_id}'", remedy=f"the configuration has: {known}")
        return found

    def settings_or_example(self) -> "Settings":
        """Give the named configuration, or the built-in example when none is named and none is found."""
        from mailbot.config import example, find
        from mailbot.errors import ConfigError

        try:
            find(self.config)
        except ConfigError:
            if self.config is not None:
                raise
            settings = example()
            logs.start(settings.logging)
            return settings
        return self.settings

    def must_not_observe(self) -> None:
        """Raise UsageError where the configuration says that nothing is to be sent, moved or erased."""
        if self.settings.automation.mode == "observe":
            remedy = 'set automation.mode to "assist" or "auto"'
            raise UsageError('automation.mode is "observe": nothing is sent, moved or erased', remedy=remedy)

    @contextmanager
    def store(self, *, migrate: bool = True) -> "Iterator[Store]":
        """Open the store of the configuration for one command."""
        from mailbot.store import Store

        with Store.open(self.settings, migrate=migrate) as store:
            yield store

    @contextmanager
    def pipeline(self, *, migrate: bool = True) -> "Iterator[Pipeline]":
        """Open the store and put the pipeline around it, for one command."""
        from mailbot.pipeline import Pipeline, RandomIds
        from mailbot.render import Renderer

        with self.store(migrate=migrate) as store:
            yield Pipeline(settings=self.settings, store=store, renderer=Renderer(self.settings), ids=RandomIds())

    @contextmanager
    def connected(self, *, wait: float = _PATIENCE) -> "Iterator[tuple[Service, Pipeline]]":
        """Be the only worker on the store and reach every mailbox, for one command; raises what kept a server from us."""
        from mailbot.service import Service

        service = Service(self.settings)
        with service.opened(wait=wait) as pipeline:
            service.sessions()
            raise_problem(service)
            yield service, pipeline

    @contextmanager
    def beside(self) -> "Iterator[tuple[Service, Pipeline]]":
        """Reach every mailbox and read the store, beside a `run` that may be at work; nothing is handled."""
        from mailbot.service import Service

        service = Service(self.settings)
        with self.pipeline() as pipeline:
            try:
                service.sessions()
                raise_problem(service)
                yield service, pipeline
            finally:
                service.close()


def raise_problem(service: "Service") -> None:
    """Raise the first problem that a round noted."""
    if service.problems:
        raise service.problems[0]


pass_app = click.make_pass_decorator(App, ensure=True)


def now() -> datetime:
    """Read the clock; everything below gets the time as an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the command line is where the clock is read


def json_option(function: F) -> F:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(function)


def confirm(question: str, *, yes: bool) -> None:
    """Go on if ``--yes`` was given or the person at the terminal agrees; raises UsageError when nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked: standard input is no terminal", remedy="add --yes")
    if not click.confirm(question, err=True):
        raise click.Abort
