"""Which endpoint answers a path, and what every answer carries."""

from __future__ import annotations

import dataclasses
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.upload_links import UPLOADS
from infra.local.web.messages import Endpoint, Request, Response
from infra.local.web.problems import no_such_object, server_fault
from tank_core.tuf_layout import METADATA, TARGETS

# Nothing here is a page: a browser that is led to an object must not run or frame it. The two
# pages of the local Sigstore bring a policy of their own.
_SECURITY = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
_OBJECTS = ("/blobs/", f"/{METADATA}", f"/{TARGETS}")
_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")


@dataclass(frozen=True, slots=True)
class Site:
    """All paths of the registry.

    Attributes:
        api: answers ``/v1/**``.
        objects: answers ``/tuf/**``, ``/targets/**``, ``/blobs/**`` and ``/registry.json``.
        uploads: answers ``/uploads/**``.
        sigstore: answers ``/sigstore/**``, and ``/api/v2/**``, which is Fulcio's; None when there is none.
        is_https: whether clients come by https, through a proxy.
        log: takes one line per request; None for silence.
    """

    api: Endpoint
    objects: Endpoint
    uploads: Endpoint
    sigstore: Endpoint | None = None
    is_https: bool = False
    log: Callable[[str], None] | None = None

    def __call__(self, request: Request) -> Response:
        """Returns the answer, whatever happens."""
        began = time.monotonic()
        try:
            response = self._endpoint(request.path)(request)
        except Exception:
            # The outermost edge: the cause goes to the operator, a plain 500 to the client.
            traceback.print_exc(file=sys.stderr)
            response = server_fault()
        present = {name.lower() for name, _ in response.headers}
        always = (*_SECURITY, _TRANSPORT) if self.is_https else _SECURITY
        added = tuple(header for header in always if header[0].lower() not in present)
        if self.log is not None:
            self.log(_line(request, response, time.monotonic() - began))
        return dataclasses.replace(response, headers=response.headers + added)

    def _endpoint(self, path: str) -> Endpoint:
        if path.startswith("/v1/"):
            return self.api
        if path.startswith(_OBJECTS) or path == "/registry.json":
            return self.objects
        if path.startswith(UPLOADS):
            return self.uploads
        if self.sigstore is not None and path.startswith(("/sigstore/", "/api/v2/")):
            return self.sigstore
        return lambda _: no_such_object()


def _line(request: Request, response: Response, seconds: float) -> str:
    # Without the query: an upload link's is a credential. Escaped: a path can hold what moves a terminal's cursor.
    method, path = (text.encode("unicode_escape").decode() for text in (request.method, request.path))
    return (
        f"{request.address} {method} {path} {response.status} {response.size_bytes} B {seconds * 1000:.1f} ms"
    )
