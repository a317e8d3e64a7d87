"""PostgreSQL from a temporary folder: one server for the whole test run, a new database for whoever asks."""

import atexit
import contextlib
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.servers import LOOPBACK, free_port, missing, wait_until

BINARIES = Path("/usr/lib/postgresql")  # Debian keeps them out of the path
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
NUMBERS = itertools.count()


class Server:
    """A cluster in a folder of its own, run by ``postgres`` (or whoever runs the tests, if that is not root)."""

    def __init__(self, binaries):
        self.binaries = binaries
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        if os.geteuid() == 0:
            account = _account()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.process = None

    def start(self):
        """Start it on its port and wait until it answers."""
        settings = (*QUICK, f"port={self.port}", f"listen_addresses={LOOPBACK}", "unix_socket_directories=")
        options = [part for setting in settings for part in ("-c", setting)]
        self.process = subprocess.Popen(
            [*_unprivileged(), str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *options],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            cwd=self.folder,
        )
        wait_until(self._answers, "PostgreSQL", self.folder / "log")

    def stop(self):
        """Stop it at once, clients or not, and forget its files."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # "fast" shutdown
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self):
        """Kill it as a power cut would; ``start`` brings it back with the same data on the same port."""
        self.process.send_signal(signal.SIGQUIT)  # "immediate": no checkpoint, children go too, the next start recovers
        self.process.wait(30)

    def url(self, database):
        """Give the address of a database in SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self):
        """Make an empty database; gives its address; drops it afterwards."""
        name = f"mailbot_{next(NUMBERS)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield self.url(name)
        finally:
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement):
        with psycopg.connect(host=LOOPBACK, port=self.port, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
        with contextlib.suppress(psycopg.OperationalError):
            self._execute("SELECT 1")
            return True
        return False

    def _run(self, program, *arguments):
        command = [*_unprivileged(), str(self.binaries / program), *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)


@functools.cache
def server():
    """Give the test run's one server, started at first use and stopped when the run ends."""
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if not found:
        missing("PostgreSQL")
    running = Server(found[-1].parent)
    atexit.register(running.stop)
    running.start()
    return running


@contextlib.contextmanager
def postgres():
    """Give the ``postgresql+psycopg://`` address of a new, empty database."""
    with server().database() as url:
        yield url


def _account():
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("neither 'postgres' nor 'nobody' is a user of this machine")


def _unprivileged():
    """PostgreSQL refuses root; and it must not outlive a test run that is killed."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig", "INT"]
    account = _account()
    return [setpriv, "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups", "--pdeathsig", "INT"]
