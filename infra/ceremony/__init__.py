"""The ceremony: how people sign the root of trust, with keys that no server holds.

Everything here works on plain files, so that it can be done on a machine without a
network. ``keys`` makes and reads key files, ``roles`` composes root and targets,
``folder`` keeps what was signed, ``python -m infra.ceremony`` is the command line.
docs/tuf-ceremony.md says what to do when.
"""
