"""Corrections that a mail states plainly: which value becomes which (GDPR Art. 16). Never guesses a value.

Downstream: ``reading``.
"""

from mailbot.domain.understanding import Correction


def corrections(text: str) -> tuple[Correction, ...]:
    """Give the corrections of a text."""
    return ()
