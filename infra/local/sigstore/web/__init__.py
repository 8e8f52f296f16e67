"""The HTTP side of the local Sigstore, one module per service."""
