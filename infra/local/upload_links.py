"""Upload links: a URL that lets its holder store one object of known size and digest, for a while.

What a link allows is in its query, in the clear, under an HMAC-SHA256 of the
data folder's secret. The store checks the rest (one PUT only) when the body
arrives.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode

UPLOADS = "/uploads/"
_FIELDS = ("size", "sha256", "expires", "signature")


class LinkRefused(Exception):
    """The URL is not one of our links, or its time is over."""


@dataclass(frozen=True, slots=True)
class UploadGrant:
    """What one link allows. ``expires_at``: epoch seconds, the first second it allows nothing."""

    key: str
    size_bytes: int
    sha256_hex: str
    expires_at: int


class UploadLinks:
    """Makes and checks upload links."""

    def __init__(self, secret: bytes, public_url: str) -> None:
        self._secret = secret
        self._public_url = public_url

    def url(self, grant: UploadGrant) -> str:
        """Returns the link that allows what the grant says."""
        query = {
            "size": grant.size_bytes,
            "sha256": grant.sha256_hex,
            "expires": grant.expires_at,
            "signature": self._signature(grant),
        }
        return f"{self._public_url}{UPLOADS}{quote(grant.key)}?{urlencode(query)}"

    def grant(self, path: str, query: str, *, now: int) -> UploadGrant:
        """Returns what a requested URL allows now.

        Args:
            path: the raw (still percent-encoded) path of the URL.
            query: the raw query of the URL.
            now: epoch seconds.

        Raises:
            LinkRefused: it allows nothing.
        """
        try:
            fields = dict(parse_qsl(query, max_num_fields=len(_FIELDS)))
            if sorted(fields) != sorted(_FIELDS) or not path.startswith(UPLOADS):
                raise LinkRefused("not an upload link")
            size_bytes, expires_at = int(fields["size"]), int(fields["expires"])
        except ValueError as exc:
            raise LinkRefused("not an upload link") from exc
        grant = UploadGrant(unquote(path.removeprefix(UPLOADS)), size_bytes, fields["sha256"], expires_at)
        if not hmac.compare_digest(self._signature(grant).encode(), fields["signature"].encode()):
            raise LinkRefused("the link's signature is wrong")
        if now >= expires_at:
            raise LinkRefused("the link's time is over")
        return grant

    def _signature(self, grant: UploadGrant) -> str:
        # Lines cannot be confused: neither a checked key nor the other fields hold a line break.
        text = f"PUT\n{grant.key}\n{grant.size_bytes}\n{grant.sha256_hex}\n{grant.expires_at}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
