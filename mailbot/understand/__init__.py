"""What a mail means: (mail, screening, settings) → ``Understanding``. Pure; its only reading is its own lexicons, once.

The way of a text: ``text`` (what the sender wrote) → ``normal`` (words) → ``phrases`` and ``evidence`` (what speaks for what) →
``rights`` and ``intent`` (what is wished) → ``people`` (who). Upstream: ``parse``, ``screen``; downstream: ``decide``.
"""

from mailbot.understand.reading import understand

__all__ = ["understand"]
