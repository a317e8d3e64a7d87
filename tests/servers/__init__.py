"""Real servers for the tests, each started unprivileged from a temporary folder on a free loopback port."""

import os
import socket

import pytest

LOOPBACK = "127.0.0.1"


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
