"""Dovecot 2.3 from a temporary folder: in clear, with STARTTLS and with TLS; it can be killed and comes back."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from imapclient import IMAPClient

from tests.servers import LOOPBACK, free_port, listens, missing, wait_until
from tests.servers.tls import certificate

CONFIG = """
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
protocols = imap
listen = 127.0.0.1, 127.0.0.2
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_fsync = never
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_location = {storage}:{base}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/home/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service auth {{
  user = {user}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
{more}
"""
NO_CREATE = """
mail_plugins = acl
protocol imap {{
  mail_plugins = acl imap_acl
}}
plugin {{
  acl = vfile:{base}/acl
}}
"""
WITHOUT = "imap_capability = IMAP4rev1 {capabilities}\n"


class Dovecot:
    """A running server. Every user exists and has the password ``secret``."""

    def __init__(self, program, base, config):
        self.program, self.base = program, base
        self.port, self.tls_port = config["port"], config["tls_port"]
        (base / "dovecot.conf").write_text(CONFIG.format(**config))
        self.process = None

    def start(self):
        """Start it, again on the same ports and folders."""
        command = [self.program, "-F", "-c", str(self.base / "dovecot.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_until(self._ready, "Dovecot", self.base / "log")

    def _ready(self):
        if self.process.poll() is not None:
            log = self.base / "log"
            raise RuntimeError(f"Dovecot ended: {log.read_text() if log.exists() else 'no log'}")
        return listens(self.port)

    def stop(self):
        """End it and its clients' connections."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def kill(self):
        """Kill it with everything that it started, as a power cut would."""
        children = self._children()
        self.process.kill()  # first, or it would replace the others
        self.process.wait(10)
        for process in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not any(Path(f"/proc/{process}/fd").exists() for process in children), "the end of Dovecot")

    def deliver(self, user, *mails, folder="INBOX", at=None, password="secret"):
        """Let mails arrive in somebody's folder, at the time that is given."""
        with IMAPClient(LOOPBACK, self.port, ssl=False, timeout=20) as client:
            client.login(user, password)
            for mail in mails:
                client.append(folder, mail, msg_time=at)

    def _children(self):
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in listing.split()]


@contextlib.contextmanager
def dovecot_server(separator="/", prefix="", *, storage="maildir", may_create=True, capabilities=None, password="secret"):
    """Run Dovecot; gives its ``Dovecot``.

    ``may_create=False``: users lack the right to make folders (RFC 4314). ``capabilities`` replaces what it says it can.
    """
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("Dovecot")
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    account = pwd.getpwnam(user)
    with tempfile.TemporaryDirectory(prefix="dc", ignore_cleanup_errors=True) as name:
        base = Path(name)
        (base / "acl").write_text("* owner lrwstipea\n")
        chain, key = certificate().write(base)
        if os.geteuid() == 0:
            os.chown(base, account.pw_uid, account.pw_gid)
        more = "" if may_create else NO_CREATE.format(base=base)
        more += WITHOUT.format(capabilities=capabilities) if capabilities is not None else ""
        group = grp.getgrgid(account.pw_gid).gr_name
        places = {"base": base, "chain": chain, "key": key, "port": free_port(), "tls_port": free_port()}
        names = {
            "user": user,
            "group": group,
            "separator": separator,
            "prefix": prefix,
            "storage": storage,
            "more": more,
            "password": password,
        }
        server = Dovecot(program, base, places | names)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def dovecot(separator="/", prefix="", **options):
    """Run Dovecot; gives the port that speaks in clear (and STARTTLS)."""
    with dovecot_server(separator, prefix, **options) as server:
        yield server.port
