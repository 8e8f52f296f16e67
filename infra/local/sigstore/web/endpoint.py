"""Every path of the local Sigstore."""

from __future__ import annotations

from infra.local.sigstore.stand_in import LocalSigstore
from infra.local.sigstore.trust import CI_TOKENS, FULCIO, OIDC, REKOR, TSA
from infra.local.sigstore.web.ci import CiTokens
from infra.local.sigstore.web.fulcio import Fulcio
from infra.local.sigstore.web.oidc import Oidc, PublisherOf
from infra.local.sigstore.web.rekor import RekorV1Api, RekorV2Api
from infra.local.sigstore.web.routes import Routes
from infra.local.sigstore.web.timestamps import TimestampApi


def sigstore_endpoint(sigstore: LocalSigstore, publisher_of: PublisherOf) -> Routes:
    """Returns what answers ``/sigstore/**``, and Fulcio's own paths at the root.

    Args:
        sigstore: the services.
        publisher_of: whom a registry token proves.
    """
    fulcio = Fulcio(sigstore)
    return Routes(
        [
            *Oidc(sigstore, publisher_of).routes(OIDC),
            *CiTokens(sigstore).routes(CI_TOKENS),
            *fulcio.routes(FULCIO),
            *fulcio.routes(""),
            *RekorV1Api(sigstore.rekor_v1).routes(REKOR[1]),
            *RekorV2Api(sigstore.rekor_v2).routes(REKOR[2]),
            *TimestampApi(sigstore.timestamps).routes(TSA),
        ]
    )
