"""OIDC tokens of builds, verified with PyJWT; the registry's one importer of it.

See ``verifier`` for what makes a token good, ``key_sets`` for where keys come from,
and ``build_claims`` for what a token says in the words of a certificate.
"""

from chalicelib.adapters.oidc.build_claims import BUILD_ISSUERS
from chalicelib.adapters.oidc.key_sets import HttpsKeySet, KeySource, well_known_key_sources
from chalicelib.adapters.oidc.verifier import OidcVerifier

__all__ = ["BUILD_ISSUERS", "HttpsKeySet", "KeySource", "OidcVerifier", "well_known_key_sources"]
