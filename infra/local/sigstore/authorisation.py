"""Authorisation codes: between a person's consent in a browser and the token for their command.

A code lives two minutes, is good once, and only for the command that holds the secret
behind its PKCE challenge. It is kept in memory: a restart forgets it, and the person
asks again. Answers go to a loopback address, or are shown for copying.

Source: RFC 6749, section 4.1; RFC 7636; RFC 8252, sections 7.3 and 8.1; RFC 9700.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlencode, urlsplit

from chalicelib.ports.clock import Clock
from infra.local.sigstore.id_tokens import AUDIENCES
from tank_core.errors import ExitCode, TankError
from tank_core.loopback import LOOPBACK_HOSTS

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
CODE_SECONDS = 120
_MAX_CODES = 1000  # nobody has as many browsers open; what is older than two minutes goes first
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_OPAQUE = re.compile(r"[!-~]{0,512}")


class AuthorisationRefusedError(TankError):
    """The local issuer gives no token for this request."""

    code = "authorisation-refused"
    exit_code = ExitCode.FORBIDDEN


@dataclass(frozen=True, slots=True)
class AuthorisationRequest:
    """What a command asks a person for, as it stands in the browser's address.

    Attributes:
        client_id: the audience of the token: ``sigstore`` or ``tank``.
        redirect_uri: a loopback URL, or ``urn:ietf:wg:oauth:2.0:oob``.
        code_challenge: base64url of the verifier's SHA-256.
        state: handed back as it came.
        nonce: put into the token; may be "".
    """

    client_id: str
    redirect_uri: str
    code_challenge: str
    state: str
    nonce: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> AuthorisationRequest:
        """Returns the request in a query or a form.

        1. A code is asked for, by a client that is known, with PKCE S256.
        2. The answer stays on the person's machine.
        3. State and nonce are short and printable.

        Raises:
            AuthorisationRefusedError: authorisation-refused; ``why`` has the reason.
        """
        if query.get("response_type") != "code":  # 1
            raise refused("it asks for something else than a code")
        if query.get("client_id") not in AUDIENCES:
            raise refused("its client_id is neither “sigstore” nor “tank”")
        is_s256 = query.get("code_challenge_method") == "S256"
        if not is_s256 or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            raise refused("it has no PKCE challenge with S256")
        if not is_local(query.get("redirect_uri", "")):  # 2
            raise refused("its redirect_uri is not a loopback address of this machine")
        found = {field.name: query.get(field.name, "") for field in fields(cls)}
        if not _OPAQUE.fullmatch(found["state"]) or not _OPAQUE.fullmatch(found["nonce"]):  # 3
            raise refused("its state or nonce is too long, or not printable")
        return cls(**found)

    @property
    def is_out_of_band(self) -> bool:
        """Whether the code is shown, for copying, instead of being sent on."""
        return self.redirect_uri == OUT_OF_BAND

    @property
    def origin(self) -> str:
        """Scheme, host and port that the answer goes to."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def answer_url(self, code: str) -> str:
        """Returns where the browser is sent with a code."""
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': self.state})}"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    request: AuthorisationRequest
    publisher: str
    expires_at: int


class AuthorisationCodes:
    """Gives codes, and takes each back once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}

    def __len__(self) -> int:
        """Returns how many codes are kept, expired ones included."""
        return len(self._grants)

    def give(self, request: AuthorisationRequest, publisher: str) -> str:
        """Returns a new code for a publisher who has proved to be it."""
        code, now = secrets.token_urlsafe(32), self._clock.now()
        with self._lock:
            for old in [key for key, grant in self._grants.items() if grant.expires_at <= now]:
                del self._grants[old]
            while len(self._grants) >= _MAX_CODES:
                del self._grants[next(iter(self._grants))]
            self._grants[code] = Grant(request, publisher, now + CODE_SECONDS)
        return code

    def redeem(self, form: Mapping[str, str], client_id: str) -> Grant:
        """Returns what a code stands for; a second time, or after a failed try, it stands for nothing.

        Args:
            form: the token request.
            client_id: from the form or from the Authorization header.

        Raises:
            AuthorisationRefusedError: authorisation-refused; ``why`` has the reason.
        """
        if form.get("grant_type") != "authorization_code":
            raise refused("its grant_type is not authorization_code")
        with self._lock:
            grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or grant.expires_at <= self._clock.now():
            raise refused("its code was used already, has expired, or was never given")
        if (client_id, form.get("redirect_uri")) != (grant.request.client_id, grant.request.redirect_uri):
            raise refused("its code was given to another client")
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_match = hmac.compare_digest(challenge, grant.request.code_challenge)
        if not _VERIFIER.fullmatch(verifier) or not is_match:
            raise refused("its code_verifier does not belong to the code's challenge")
        return grant


def is_local(redirect_uri: str) -> bool:
    """Returns whether an answer sent there stays on the person's machine."""
    if redirect_uri == OUT_OF_BAND:
        return True
    try:
        parts = urlsplit(redirect_uri)
        has_port = parts.port is not None
    except ValueError:
        return False
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    is_clean = (
        redirect_uri.isascii() and redirect_uri.isprintable() and not set(redirect_uri) & set(" ;,'\"<>")
    )
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS and has_port and is_plain and is_clean


def refused(reason: str) -> AuthorisationRefusedError:
    """Returns the refusal for a reason, half a sentence."""
    return AuthorisationRefusedError(
        "No identity is given for this request.",
        why=f"The local issuer refuses it: {reason}.",
        fix="Run the command that opened this page again.",
    )
