"""What a mail means: (mail, screening, settings) → ``Understanding``. Pure; its only reading is its own lexicons, once.

The way of a text: ``text`` (what the sender wrote; ``quotes``, ``html``) → ``normal`` (words) → ``evidence`` (``phrases`` of the
``lexicon`` that stand in it) → ``rights``, ``wishes`` and ``intent`` (what is wanted) → ``people`` (who; ``forms``, ``prose``,
``signature``, ``names``). ``reading`` puts them in line. Upstream: ``parse``, ``screen``; downstream: ``decide``.
"""

from mailbot.understand.reading import prepare, understand

__all__ = ["prepare", "understand"]
