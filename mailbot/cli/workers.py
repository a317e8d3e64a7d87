"""Thousands of files at once: worker processes do the work, their results come in the order of the files.

The workers are copies of this process where the system can make such, and share what it has read. Upstream: ``classify``.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from mailbot.errors import MailbotError

T = TypeVar("T")
R = TypeVar("R")
_MOST = 4  # workers: each needs memory of its own
_CHUNK, _WINDOW = 10, 1_000  # files that a worker takes at once, and that are under way
_task: list[Callable[..., Any]] = []  # of a worker: what it does with each file


def results(begin: Callable[[], Callable[[T], R]], files: Sequence[T]) -> Generator[R, None, None]:
    """Give the result of each file in their order; ``begin`` is called once in each worker and gives what does the work."""
    linux = sys.platform == "linux"  # elsewhere a copy of a process is not safe
    count = min(len(os.sched_getaffinity(0)) if linux else os.cpu_count() or 1, _MOST)
    gc.freeze()  # what is there already stays: looking through it would only make the workers' own copies of it
    pool = ProcessPoolExecutor(count, get_context("fork" if linux else "spawn"), initializer=_begin, initargs=(begin,))
    try:
        for start in range(0, len(files), _WINDOW):
            yield from pool.map(_do, files[start : start + _WINDOW], chunksize=_CHUNK)
    except BrokenProcessPool:
        remedy = "give it more memory, or fewer files at a time"
        raise MailbotError("a worker was ended from outside before it had answered", remedy=remedy) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(begin: Callable[[], Callable[..., Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the workers by ending whoever waits for them
    _task[:] = [begin()]


def _do(file: T) -> Any:  # noqa: ANN401 - what the task gives
    return _task[0](file)
