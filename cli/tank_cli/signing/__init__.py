"""Signing a package: an identity, a short-lived certificate for it, a log entry, a timestamp.

``sigstore`` is imported here, inside functions, and by no other part of the
command: signing needs the network, and most runs of ``tank`` sign nothing.
"""
