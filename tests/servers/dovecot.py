"""Dovecot 2.3 from a temporary folder."""

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.servers import LOOPBACK, free_port, missing

CONFIG = """
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_location = maildir:{base}/mail/%u
passdb {{
  driver = static
  args = password=secret
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
    port = 0
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
"""


@contextlib.contextmanager
def dovecot(separator="/", prefix=""):
    """Run Dovecot; gives its port. Every user exists and has the password ``secret``."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing("Dovecot")
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    account = pwd.getpwnam(user)
    group = grp.getgrgid(account.pw_gid).gr_name
    with tempfile.TemporaryDirectory(prefix="dc") as name:
        base, port = Path(name), free_port()
        if os.geteuid() == 0:
            os.chown(base, account.pw_uid, account.pw_gid)
        (base / "dovecot.conf").write_text(
            CONFIG.format(base=base, user=user, group=group, port=port, separator=separator, prefix=prefix)
        )
        with subprocess.Popen([program, "-F", "-c", str(base / "dovecot.conf")], stderr=subprocess.DEVNULL) as process:
            try:
                _wait_for(port, base)
                yield port
            finally:
                process.terminate()
                process.wait(10)


def _wait_for(port, base):
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.1)
    log = base / "log"
    raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
