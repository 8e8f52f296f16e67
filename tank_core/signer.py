"""Who signed: what a Fulcio certificate, or the OIDC token behind it, says of its holder.

The names are those of the certificate extensions, without their prefix "Source" or
"Build"; a field that is not there is "". Ids are the numbers that a code host gives
once and never again, as decimal text: names of owners and repositories can be
given up and taken by somebody else, ids cannot.

Source: Fulcio, docs/oid-info.md (1.3.6.1.4.1.57264.1.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_core.pinned_signer import Signer, present, printable_text, texts

__all__ = ["LogEntry", "Signer", "SignerClaims"]

_MAX_LOG_NUMBER = 2**63 - 1  # a log index is an int64 in the Rekor API


@dataclass(frozen=True, slots=True)
class SignerClaims:
    """The claims of one signing certificate or one OIDC token.

    Attributes:
        issuer: the OIDC issuer's URL (.8).
        subject: the certificate's SAN: an e-mail address, or the URI of the workflow that signed.
        owner: URI of the repository's owner (.16); ``owner_id`` is its number (.17).
        repository: URI of the source repository (.12); ``repository_id`` is its number (.15).
        ref: the git ref that was built (.14), such as ``refs/tags/v1.2.0``.
        commit: the commit that was built (.13), hex.
        workflow: Build Config URI (.18): the top-level workflow, with ``@ref``.
        signer_workflow: Build Signer URI (.9): the workflow that signed, with ``@ref``; another
            one than ``workflow`` when a reusable workflow was called.
        trigger: the event that started the build (.20).
        runner: ``github-hosted`` or ``self-hosted`` (.11).
        environment: the deployment environment (.23).
        run: URI of the very run (.21).
        visibility: of the source repository at signing (.22).
    """

    issuer: str
    subject: str
    owner: str = ""
    owner_id: str = ""
    repository: str = ""
    repository_id: str = ""
    ref: str = ""
    commit: str = ""
    workflow: str = ""
    signer_workflow: str = ""
    trigger: str = ""
    runner: str = ""
    environment: str = ""
    run: str = ""
    visibility: str = ""

    @property
    def is_machine(self) -> bool:
        """Whether a build of a repository signed, and not a person."""
        return bool(self.repository or self.repository_id or self.workflow)

    @property
    def signer(self) -> Signer:
        """The part of the claims that stays the same from version to version."""
        if not self.is_machine:
            return Signer(self.issuer, subject=self.subject)
        return Signer(
            self.issuer, owner_id=self.owner_id, repository_id=self.repository_id, repository=self.repository
        )

    def to_json(self) -> dict[str, str]:
        """Returns the claims that are there."""
        return present(self)

    @classmethod
    def from_json(cls, value: object) -> SignerClaims:
        """Returns what ``to_json`` wrote.

        Raises:
            ValueError: any other shape, an unknown claim, or no issuer or subject.
        """
        return cls(**texts(value, cls, required=("issuer", "subject")))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Where a signature is logged.

    Attributes:
        log_id: hex of the log's id, the SHA-256 that the trusted root knows it by.
        index: in the whole log (v1) or in the inclusion proof's tree (v2).
        kind: entry kind and version, such as ``dsse/0.0.1`` (v1) or ``hashedrekord/0.0.2`` (v2).
        signed_at: whole seconds since the Unix epoch, UTC, from a verified timestamp or the log's promise.
    """

    log_id: str
    index: int
    kind: str
    signed_at: int

    def to_json(self) -> dict[str, str | int]:
        """Returns the entry as a JSON object."""
        return {"log_id": self.log_id, "index": self.index, "kind": self.kind, "signed_at": self.signed_at}

    @classmethod
    def from_json(cls, value: object) -> LogEntry:
        """Returns what ``to_json`` wrote; ValueError for any other shape."""
        if not isinstance(value, Mapping) or set(value) != {"log_id", "index", "kind", "signed_at"}:
            raise ValueError("a log entry has log_id, index, kind and signed_at")
        numbers = (value["index"], value["signed_at"])
        if not all(type(n) is int and 0 <= n <= _MAX_LOG_NUMBER for n in numbers):
            raise ValueError("a log entry's index and time are whole numbers")
        texts = {key: printable_text(key, value[key]) for key in ("log_id", "kind")}
        return cls(texts["log_id"], value["index"], texts["kind"], value["signed_at"])
