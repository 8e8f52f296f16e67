"""Implementations of the ports, one vendor library each. Nothing raw crosses: see ``ports``."""
