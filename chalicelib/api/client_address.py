"""Whose address a request without a good token is counted under.

In AWS the peer of the API is an edge of the CDN, which strangers share. Our
distribution's function tells the viewer's address in a header, and its origin
proves with a secret that the request came through it: the API's own address is
public, and whoever calls it can write any header.

Source: CloudFront developer guide, "Add custom headers to origin requests" and
"Add a true client IP header to a CloudFront Functions viewer request event".
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from chalicelib.services.rate_limiting import parsed_address

EDGE_HEADER = "x-tank-edge"
VIEWER_HEADER = "x-tank-viewer"


def client_address(headers: Mapping[str, str], peer: str, edge_secret: str) -> str:
    """Returns the viewer's address when our CDN told it, else the peer's.

    1. There is a CDN of ours: a secret is set.
    2. The request came through it: it carries the secret.
    3. What it tells is one address.

    Args:
        headers: lower-case names.
        peer: who called the API.
        edge_secret: what our CDN proves itself with; "" where there is none.
    """
    if not edge_secret:  # 1
        return peer
    shown = headers.get(EDGE_HEADER, "")
    if not hmac.compare_digest(shown.encode(errors="replace"), edge_secret.encode()):  # 2
        return peer
    viewer = parsed_address(headers.get(VIEWER_HEADER, ""))  # 3
    return peer if viewer is None else str(viewer)
