"""What a trusted server said of the sender's domain (RFC 8601): only the topmost header with a configured authserv-id counts."""

from authres import AuthenticationResultsHeader

from mailbot.domain.mail import IncomingMail
from mailbot.domain.understanding import Authentication


def authentication(mail: IncomingMail, trusted: tuple[str, ...]) -> Authentication:
    """Read DMARC's result; NONE when nobody is trusted, nothing was said, or it can't be read."""
    value = mail.header("authentication-results")
    if not trusted or value is None:
        return Authentication.NONE
    try:
        parsed = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except Exception:  # noqa: BLE001 - authres raises many kinds on other vendors' forms; unreadable is no evidence
        return Authentication.NONE
    if str(parsed.authserv_id).lower() not in {t.lower() for t in trusted}:
        return Authentication.NONE
    results = {str(r.result).lower() for r in parsed.results if str(r.method).lower() == "dmarc"}
    if "fail" in results:
        return Authentication.FAIL
    return Authentication.PASS if "pass" in results else Authentication.NONE
