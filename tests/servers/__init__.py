"""Real servers for the tests, each started unprivileged from a temporary folder on a free loopback port."""

import os
import socket
import time

import pytest

LOOPBACK = "127.0.0.1"
START_SECONDS = 30


def free_port():
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def missing(what):
    """Skip on a laptop, fail in CI: a server-backed test must not vanish silently."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


def wait_until(ready, what, log=None):
    """Ask ``ready`` until it says yes; raises RuntimeError with the server's log when it never does."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if ready():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what} did not start: {log.read_text() if log and log.exists() else 'no log'}")


def listens(port):
    """Whether somebody listens on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), 1):
            return True
    except OSError:
        return False
