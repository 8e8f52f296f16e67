"""The ``tank`` command: versions, a lock, a permission budget and attestations for agent skills."""

__version__ = "0.1.0"
