"""Analysing a skill on this machine with the registry's engine and rules."""
