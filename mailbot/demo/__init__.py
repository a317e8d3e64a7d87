"""The whole thing on a bare machine: embedded servers, sixteen mails, the real pipeline over the real protocols, and the proof.

Holds no logic of the pipeline's own. Upstream: the command line; downstream: ``service``.
"""

from typing import TextIO

from mailbot.errors import UsageError


def run(*, serve: bool = False, out: TextIO | None = None) -> int:
    """Show everything on ``out`` (standard output); gives 0 when every step went as it should.

    ``serve`` keeps the servers up until Ctrl-C, before the erasure. Raises UsageError when the extra ``demo`` is missing.
    """
    try:
        from mailbot.demo.script import play  # noqa: PLC0415 - its servers are an extra, and the command line must start fast
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in {"aiosmtpd", "pymap", "proxyprotocol", "pysasl"}:
            raise
        problem = f"the demo needs servers that are not installed ({error.name})"
        raise UsageError(problem, remedy="pip install 'mailbot[demo]'") from None
    return play(serve=serve, out=out)
