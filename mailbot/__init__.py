"""Mailbot registers people for events by e-mail, answers their rights, and erases their data afterwards."""

__version__ = "0.1.0"
