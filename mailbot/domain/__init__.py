"""Frozen values: the vocabulary between the stages. No I/O, no clock, no randomness; imports nothing of mailbot."""
