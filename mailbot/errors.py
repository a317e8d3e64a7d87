"""Every error that mailbot raises on purpose; each one knows its exit status and what to do about it.

No traceback is shown for these; anything else that escapes is a bug of ours. Imports nothing of mailbot.
"""

from collections.abc import Sequence
from typing import ClassVar


class MailbotError(Exception):
    """Something went wrong that a person can understand.

    ``str(error)`` says what is wrong and where; ``remedy`` says what to do; ``exit_status`` follows sysexits(3).
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        super().__init__(problem)
        self.remedy = remedy


class UsageError(MailbotError):
    """The command line was wrong, or ``--yes`` is missing where nobody can be asked."""

    exit_status = 2


class Unreachable(MailbotError):
    """A server can't be reached or broke off: the same thing may work later (EX_TEMPFAIL)."""

    exit_status = 75


class StoreUnwritable(MailbotError):
    """The store can't be opened or written: disk full, read-only, locked (EX_TEMPFAIL)."""

    exit_status = 75


class StoreBusy(StoreUnwritable):
    """Another ``run`` is at work with the store."""


class LoginRefused(MailbotError):
    """A server was reached and refused the user name, the password or the token (EX_NOPERM)."""

    exit_status = 77


class ConfigError(MailbotError):
    """The configuration (or the store that it names) is not usable; lists every problem at once (EX_CONFIG).

    ``problems`` are complete sentences that name the key and the remedy and never hold a secret.
    """

    exit_status = 78

    def __init__(self, problems: Sequence[str], *, remedy: str = "") -> None:
        super().__init__("\n".join(problems), remedy=remedy)
        self.problems = tuple(problems)


class TemplateError(ConfigError):
    """A template can't be rendered: ``problems`` name the file, the line and what is wrong."""
