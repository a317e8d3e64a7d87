"""Logs go to standard error, one line an event, as text or JSON; whatever looks like an address is masked."""

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime

from mailbot.settings import Logging

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"'=]+@[^\s@<>()\[\],;:\"']+")
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


def mask(text: str) -> str:
    """Replace everything that looks like an address."""
    return _ADDRESS.sub("<address>", text)


class _Masked(logging.Formatter):
    """Formats a line without addresses and without tracebacks: both may hold personal data."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._journal = "JOURNAL_STREAM" in os.environ  # systemd: a priority in front (sd-daemon(3)), the time is its own

    def format(self, record: logging.LogRecord) -> str:
        message = mask(record.getMessage()).replace("\n", " ")
        if record.exc_info and record.exc_info[0]:
            message += f" error={record.exc_info[0].__name__}"
        level = record.levelname.lower()
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        if self._as_json:
            line = {"time": when, "level": level, "logger": record.name, "message": message}
            return json.dumps(line, ensure_ascii=False)
        if self._journal:
            return f"<{_PRIORITY.get(record.levelno, 6)}>{message}"
        return f"{when} {level} {message}"


def start(settings: Logging) -> None:
    """Send the logs of mailbot and its libraries to standard error; libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masked(as_json=settings.format == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)  # it warns of every unusual mail
    logging.getLogger("mailbot").setLevel(settings.level.upper())
