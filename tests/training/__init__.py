"""How the learnt weights of ``understand`` are made, from the texts in ``texts/``: written for it, never a participant's mail."""
