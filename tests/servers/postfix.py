"""Postfix with its own configuration and queue in a temporary folder; what it accepts can be read.

Needs root: Postfix changes users. ``reject@…`` is refused for good, ``defer@…`` for now.
"""

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers import free_port, listens, missing, wait_until
from tests.servers.tls import certificate

MAIN = """
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/log/postfix
maillog_file_prefixes = {base}/log
myhostname = postfix.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
default_transport = virtual
relay_transport = virtual
local_transport = virtual
virtual_transport = virtual
virtual_mailbox_domains = static:all
virtual_mailbox_base = {base}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access regexp:{base}/etc/recipients, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_chain_files = {base}/etc/both.pem
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = {connections}
smtputf8_enable = yes
message_size_limit = 20000000
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
RECIPIENTS = "/^reject@/ 550 5.1.1 no such user here\n/^defer@/ 450 4.2.0 not now\n"


@dataclass(frozen=True)
class Postfix:
    """A running server; ``port`` offers STARTTLS, ``tls_port`` is TLS from the start."""

    port: int
    tls_port: int
    base: Path

    def delivered(self, count, seconds=20):
        """Wait for so many mails; gives (recipient, bytes) of all that arrived."""
        until = time.monotonic() + seconds
        while len(found := self._mails()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _mails(self):
        contents = [path.read_bytes() for path in sorted((self.base / "mail").glob("*/new/*"))]
        return [(re.search(rb"^Delivered-To: (.*)$", content, re.MULTILINE)[1].decode(), content) for content in contents]

    def forget(self):
        """Remove what was delivered so far."""
        for path in (self.base / "mail").glob("*/new/*"):
            path.unlink()

    @property
    def log(self):
        """Give what Postfix wrote."""
        return (self.base / "log" / "postfix").read_text()


@contextlib.contextmanager
def postfix(*, connections=50):
    """Run Postfix; gives its ``Postfix``. ``connections``: how many one client may have open."""
    program = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.geteuid() != 0:
        missing("Postfix (and root to run it)")
    with tempfile.TemporaryDirectory(prefix="pf", ignore_cleanup_errors=True) as name:
        base = Path(name)
        base.chmod(0o755)
        server = Postfix(port=free_port(), tls_port=free_port(), base=base)
        _configure(server, connections)
        subprocess.run([program, "-c", str(base / "etc"), "check"], check=True, capture_output=True)  # makes its folders
        command = ["/usr/lib/postfix/sbin/master", "-d", "-c", str(base / "etc")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                wait_until(lambda: listens(server.port), "Postfix", base / "log" / "postfix")
                yield server
            finally:
                process.terminate()  # ends its children, too
                process.wait(10)


def _configure(server, connections):
    base, account = server.base, pwd.getpwnam("nobody")
    for folder in ("etc", "queue", "data", "mail", "log"):
        (base / folder).mkdir()
    shutil.chown(base / "data", "postfix")
    shutil.chown(base / "mail", account.pw_uid)
    made = certificate()
    (base / "etc" / "both.pem").write_bytes(made.key + made.chain)
    (base / "etc" / "recipients").write_text(RECIPIENTS)
    values = {"base": base, "uid": account.pw_uid, "gid": account.pw_gid, "connections": connections}
    (base / "etc" / "main.cf").write_text(MAIN.format(**values))
    (base / "etc" / "master.cf").write_text(MASTER.format(port=server.port, tls_port=server.tls_port))
