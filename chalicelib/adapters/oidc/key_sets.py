"""The public keys of issuers: fetched with limits, kept for ten minutes.

An unknown key id is a reason to look again, because keys rotate, but not more than
once a minute, because everybody can invent one. Nothing is discovered: the
addresses of the key sets are part of the code, as the issuers' names are.

Source: RFC 7517; OpenID Connect Core 1.0, section 10.1.1 (rotation).
"""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.adapters.limited_http import AnswerLimitError, NoRedirect, Readable, read_limited
from chalicelib.adapters.oidc.build_claims import GITHUB, GITLAB
from chalicelib.ports.errors import PortError
from tank_core.loopback import LOOPBACK_HOSTS
from tank_core.strict_json import MalformedJsonError, parse_json

MAX_KEY_SET_BYTES = 256 * 1024  # real ones have some 10 KiB
_FRESH_SECONDS = 600
_UNKNOWN_KEY_SECONDS = 60
_AFTER_FAILURE_SECONDS = 5
_TIMEOUT_SECONDS = 5.0

KeySource = Callable[[], bytes]  # returns an issuer's key set, JSON; PortError when it cannot be had
Jwk = Mapping[str, Any]


class HttpsKeySet:
    """Fetches a key set from its address: https only (http on this machine), no redirects, bounded in all ways."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        is_local = address.scheme == "http" and address.hostname in LOOPBACK_HOSTS
        if address.scheme != "https" and not is_local:
            raise ValueError(f"a key set comes over https: {url}")
        self._url = url
        self._opener = urllib.request.build_opener(NoRedirect)

    def __call__(self) -> bytes:
        """Returns the key set.

        Raises:
            PortError: the issuer did not answer in time, or not with a key set of a plausible size.
        """
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        try:
            with self._opener.open(self._url, timeout=_TIMEOUT_SECONDS) as response:
                return _read(response, deadline)
        except (OSError, http.client.HTTPException) as exc:
            raise PortError(f"the key set {self._url}: {type(exc).__name__}") from exc


def _read(response: Readable, deadline: float) -> bytes:
    try:
        return read_limited(response, deadline=deadline, max_bytes=MAX_KEY_SET_BYTES, what="the key set")
    except AnswerLimitError as exc:
        raise PortError(str(exc)) from exc


class CachedKeys:
    """The keys of one issuer by their ids."""

    def __init__(self, source: KeySource, now: Callable[[], int]) -> None:
        self._source = source
        self._now = now
        self._lock = threading.Lock()
        self._keys: Mapping[str, Jwk] = {}
        self._fetched_at: int | None = None
        self._tried_at: int | None = None

    def key(self, key_id: str) -> Jwk | None:
        """Returns the key with this id, or None.

        Raises:
            PortError: the issuer's keys cannot be had now.
        """
        with self._lock:
            if not self._is_fresh(_FRESH_SECONDS if key_id in self._keys else _UNKNOWN_KEY_SECONDS):
                self._fetch()
            return self._keys.get(key_id)

    def _is_fresh(self, seconds: int) -> bool:
        return self._fetched_at is not None and self._now() < self._fetched_at + seconds

    def _fetch(self) -> None:
        now = self._now()
        if self._tried_at is not None and now < self._tried_at + _AFTER_FAILURE_SECONDS:
            raise PortError("the issuer's keys could not be fetched a moment ago")
        self._tried_at = now
        self._keys = parsed_key_set(self._source())
        self._fetched_at, self._tried_at = now, None


def parsed_key_set(data: bytes) -> dict[str, Jwk]:
    """Returns the keys of a key set by their ids; those without one cannot be named by a token.

    Raises:
        PortError: it is none, or two keys have one id.
    """
    try:
        document = parse_json(data, what="the key set", max_bytes=MAX_KEY_SET_BYTES)
    except MalformedJsonError as exc:
        raise PortError(f"the key set is malformed: {exc.why}") from exc
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise PortError("the key set has no list of keys")
    named = [key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)]
    keys: dict[str, Jwk] = {key["kid"]: key for key in named}
    if len(keys) != len(named):
        raise PortError("the key set has one id twice")
    return keys


def well_known_key_sources() -> dict[str, KeySource]:
    """Returns where the keys of the two well-known CI issuers are."""
    return {
        GITHUB: HttpsKeySet(f"{GITHUB}/.well-known/jwks"),
        GITLAB: HttpsKeySet(f"{GITLAB}/oauth/discovery/keys"),
    }
