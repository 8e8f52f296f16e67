"""A Sigstore for one machine: OIDC issuer, Fulcio, Rekor v1 and v2, and a timestamp authority.

It speaks the protocols of the real services, so that signing and verification run
through the very code that meets those. What it vouches for is worth what its data
folder is worth: whoever reads the folder can sign as anybody, and nobody outside
the clients of this registry believes it.
"""
