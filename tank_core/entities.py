"""The registry's entities, as values: what the metadata store keeps and gives back.

Times are whole seconds since the Unix epoch, UTC. Names and versions are the
parsed types' text forms here, because a store keeps text; services parse at the
edge. ``capabilities`` and ``dependencies`` are the canonical JSON values of the
manifest.

Source: DESIGN, "Data".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from tank_core.findings import Verdict
from tank_core.publish import PublishState, Rejection, Stage, StageState, may_follow
from tank_core.trusted_publishing import OrgBinding, TokenRule

JsonObject = dict[str, Any]
T = TypeVar("T")


class Availability(StrEnum):
    """Whether a published version may be resolved and read."""

    AVAILABLE = "available"
    YANKED = "yanked"  # still installs from a lock, never newly resolved
    WITHDRAWN = "withdrawn"  # taken down: refused on every read path


class Role(StrEnum):
    """What a member may do in an organisation."""

    OWNER = "owner"  # everything, members and tokens included
    PUBLISHER = "publisher"  # publish, yank, deprecate


class AppealState(StrEnum):
    """Where an appeal stands. A granted one is a waiver, until it expires or is revoked."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


class Action(StrEnum):
    """What an audit event records."""

    PUBLISH = "publish"
    REJECT = "reject"
    FAIL = "fail"
    REDRIVE = "redrive"
    YANK = "yank"
    UNYANK = "unyank"
    DEPRECATE = "deprecate"
    UNDEPRECATE = "undeprecate"
    TAKEDOWN = "takedown"
    FLAG = "flag"
    REVIEW = "review"
    SCORE_CHANGE = "score_change"
    VERDICT_CHANGE = "verdict_change"
    PUBLISHER_CREATE = "publisher_create"
    ORG_CREATE = "org_create"
    MEMBER_SET = "member_set"
    MEMBER_REMOVE = "member_remove"
    TOKEN_CREATE = "token_create"  # noqa: S105  # an action, no secret
    TOKEN_REVOKE = "token_revoke"  # noqa: S105  # an action, no secret
    TICKET_CREATE = "ticket_create"
    BINDING_ADD = "binding_add"  # announces it; detail has effective_at
    BINDING_REMOVE = "binding_remove"
    TOKEN_RULE_SET = "token_rule_set"  # noqa: S105  # an action, no secret
    APPEAL_FILE = "appeal_file"
    WAIVER_GRANT = "waiver_grant"
    APPEAL_DECLINE = "appeal_decline"
    WAIVER_REVOKE = "waiver_revoke"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Somebody who may act: a person or a machine account. Organisations bind identities to it."""

    publisher_id: str
    created_at: int
    verified: bool = False
    is_registry_admin: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, as stored: only the SHA-256 of its secret, in hex.

    ``scopes``: sorted words of ``services.authorisation``; none means no right.
    ``skills``: sorted ``@org/name`` or ``@org/*`` patterns the scopes are limited to.
    ``claims``: of the OIDC token that a ticket was given for, as ``SignerClaims.to_json``;
    empty for every other token. A ticket is good for one publish, ``publish_id``, once it has one.
    """

    token_id: str
    secret_sha256: str
    publisher_id: str
    scopes: tuple[str, ...]
    skills: tuple[str, ...]
    description: str
    created_at: int
    expires_at: int
    revoked_at: int | None = None
    claims: JsonObject = field(default_factory=dict)
    publish_id: str = ""

    @property
    def is_ticket(self) -> bool:
        """Whether it was exchanged for an OIDC token, to publish one version once."""
        return bool(self.claims)


@dataclass(frozen=True, slots=True)
class Org:
    """An organisation: owns the scope ``@org``.

    ``members``: publisher id → role. ``former_owners``: id of a publisher whom another owner
    removed or demoted → time until when they may still cancel what is announced.
    """

    org: str
    created_at: int
    members: dict[str, Role] = field(default_factory=dict)
    former_owners: dict[str, int] = field(default_factory=dict)
    bindings: tuple[OrgBinding, ...] = ()
    token_rule: TokenRule = field(default_factory=TokenRule)
    revision: int = 0  # grows with each change; conditional writes compare it

    def former_owners_at(self, now: int) -> dict[str, int]:
        """Returns the former owners who may still cancel at a time, and until when."""
        return {who: until for who, until in self.former_owners.items() if now < until}


@dataclass(frozen=True, slots=True)
class Skill:
    """A package's name and what is true of it as a whole. Never deleted."""

    name: str  # "@org/name"
    created_at: int
    updated_at: int
    description: str
    keywords: tuple[str, ...]
    latest: str  # the highest stable version that is available; "" when there is none


@dataclass(frozen=True, slots=True)
class WaiverReference:
    """A signed waiver, as a version names it.

    ``digest``: of the envelope; its bytes are a public blob. ``counted``: the verdict rests on
    it that the version was published with, or that a rescan gave it since.
    """

    digest: str
    counted: bool = False
    revoked_at: int | None = None
    revocation: str = ""  # why; "" while it is not revoked


@dataclass(frozen=True, slots=True)
class SkillVersion:
    """One published version; written once, but for availability, deprecation, waivers and what a rescan found."""

    name: str
    version: str
    published_at: int
    publish_id: str
    publisher_id: str
    size_bytes: int
    integrity: str  # sha512-<base64> of the archive
    digest: str  # sha256:<hex> of the archive
    tree_hash: str  # sha256:<hex> over the files, see archive.tree_hash
    description: str
    license: str
    keywords: tuple[str, ...]
    capabilities: JsonObject
    dependencies: dict[str, str]
    audit_score: float | None  # 0..10; None when not scanned
    verdict: Verdict
    manifest_digest: str  # documents by digest, sha256:<hex>
    findings_digest: str
    sbom_digest: str
    attestation_digest: str
    bundle_digest: str  # "" when the publisher did not sign
    package_ref: str  # OCI reference, repository@sha256:<hex>
    signature: JsonObject = field(default_factory=dict)  # Signature.to_json; empty when not signed
    availability: Availability = Availability.AVAILABLE
    availability_reason: str = ""
    deprecation: str = ""  # the message shown; "" when not deprecated
    unwaived_verdict: Verdict | None = None  # what it would be without waivers; None when none counted
    waivers: tuple[WaiverReference, ...] = ()  # sorted by digest
    rule_set: str = (
        ""  # digest of the rules behind verdict and score; "" when an older release or waivers left none
    )
    settled_rule_set: str = (
        ""  # the same, once every reader sees the verdict; another one than today's is due
    )
    failed_rule_set: str = ""  # the rules with which the last rescan broke off; "" when none did
    failed_scans: int = 0  # how often in a row it did

    @property
    def is_resolvable(self) -> bool:
        """Whether it may be newly chosen: available, and not found to be malicious since."""
        return self.availability is Availability.AVAILABLE and self.verdict is not Verdict.FAIL

    def with_scan_of(self, other: SkillVersion) -> SkillVersion:
        """Returns this version as another value of it was judged; everything else stays."""
        return replace(self, **{key: getattr(other, key) for key in _JUDGED})

    def with_waivers(self, waivers: tuple[WaiverReference, ...]) -> SkillVersion:
        """Returns this version naming other waivers: due for a rescan, unless it is withdrawn.

        No rules are behind its verdict any more, because it was given without these waivers. One
        whose verdict not every reader saw yet stays apart from those, so that nothing is
        taken for settled when the same is found again.
        """
        named = replace(self, waivers=waivers)
        if self.availability is Availability.WITHDRAWN:
            return named
        settled = "" if self.rule_set == self.settled_rule_set else _UNSETTLED
        return replace(named, rule_set="", settled_rule_set=settled, failed_rule_set="", failed_scans=0)


_UNSETTLED = "unsettled"  # no digest of rules, and not "" either

# What a rescan may change of a version that is published.
_JUDGED = (
    "audit_score",
    "verdict",
    "findings_digest",
    "attestation_digest",
    "unwaived_verdict",
    "waivers",
    "rule_set",
    "settled_rule_set",
    "failed_rule_set",
    "failed_scans",
)


@dataclass(frozen=True, slots=True)
class Appeal:
    """A publisher's objection to one finding in exactly these bytes, and what became of it.

    ``line`` is 0 for every line of the file. ``decided_by``, ``decision`` (why) and ``decided_at``
    are of whoever granted or declined it; a granted one expires, and its signed waiver is the
    public blob ``waiver_digest``. A revocation is added and changes nothing of the waiver.
    """

    appeal_id: str
    name: str
    version: str
    digest: str  # sha256:<hex> of the archive
    integrity: str  # sha512-<base64> of the same bytes
    rule_id: str
    file: str
    line: int
    appellant: str  # publisher id
    reason: str
    filed_at: int
    state: AppealState = AppealState.OPEN
    decided_by: str = ""
    decided_at: int | None = None
    decision: str = ""
    expires_at: int | None = None
    waiver_digest: str = ""
    revoked_by: str = ""
    revoked_at: int | None = None
    revocation: str = ""
    revision: int = 0  # grows with each change; conditional writes compare it

    @property
    def is_waiver(self) -> bool:
        """Whether it was granted and not revoked; whether it is in force still takes its signature and a clock."""
        return self.state is AppealState.GRANTED and self.revoked_at is None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One append-only record: who did what to which subject, when.

    ``event_id`` sorts by time (see ``services.ids``); ``subject`` is a purl-like
    address: ``skill:@org/name``, ``skill:@org/name@1.0.0``, ``org:acme``,
    ``token:<id>``, ``publisher:<id>``, ``publish:<id>``.
    """

    event_id: str
    at: int
    actor: str  # publisher id, or "registry"
    action: Action
    subject: str
    detail: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How one stage of a publish went."""

    stage: Stage
    state: StageState = StageState.WAITING
    started_at: int | None = None
    ended_at: int | None = None
    attempts: int = 0
    summary: str = ""  # one line for the publisher, such as "3 notes, score 9.5"


@dataclass(frozen=True, slots=True)
class Publish:
    """One attempt to publish a version.

    ``token_id``: the token that began or last went on with it; a revoked one ends it.
    ``client_manifest`` is only compared with the archive's own, never trusted.
    ``object_version`` is empty until the upload's event arrived.
    """

    publish_id: str
    name: str
    version: str
    publisher_id: str
    integrity: str
    digest: str
    size_bytes: int
    client_manifest: JsonObject
    created_at: int
    expires_at: int
    state: PublishState = PublishState.RESERVED
    object_version: str = ""
    bundle_digest: str = ""  # sha256:<hex> of the bundle that must be uploaded; "" for none
    bundle_size_bytes: int = 0
    stages: tuple[StageProgress, ...] = tuple(StageProgress(s) for s in Stage)
    rejection: Rejection | None = None
    failure: str = ""  # what went wrong on our side, safe to show
    redrives: int = 0  # names the execution: the publish id, or "<id>-<redrives>"
    token_id: str = ""
    revision: int = 0

    def moved_to(self, state: PublishState, **changes: Any) -> Publish:
        """Returns the attempt in its next state, with other fields changed alongside.

        Raises:
            ValueError: a publish's life has no such step (``publish.TRANSITIONS``); a defect of ours.
        """
        if not may_follow(self.state, state):
            raise ValueError(f"publish {self.publish_id} is {self.state} and cannot become {state}")
        return replace(self, state=state, **changes)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``cursor`` is opaque, empty on the last page."""

    items: tuple[T, ...]
    cursor: str = ""
