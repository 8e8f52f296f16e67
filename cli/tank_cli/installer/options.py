"""What the person asked of an install: how, and what they accept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tank_cli.client.connection import Connection, Reach
from tank_cli.context import Context
from tank_cli.project import Project
from tank_core.consent import NO_CONSENT, Acceptance, Consent
from tank_core.manifest import (
    NO_POLICY,
    AuditPolicy,
    ProjectManifest,
    edit_project_manifest,
    parse_project_manifest,
)
from tank_core.names import SkillName
from tank_core.permissions import NONE, PermissionSet, is_empty, missing, union

if TYPE_CHECKING:
    from tank_cli.client.kept_metadata import Age
    from tank_cli.vendoring.vendor_file import VendorFile


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for.

    Attributes:
        manifest: the project's new manifest; None when it stays as it is.
        read: the project's manifest as it was read, once.
        is_frozen: the lock may not change.
        unlocked: skills that may move although they are locked; None for all.
        overwrite: files that a person changed may be lost.
        is_lock_only: lock and manifest are written, and nothing is downloaded or installed.
        consent: what is accepted of releases.
        allow: permissions to add to the project's budget.
        floor: what the user asks of every skill, whatever the project says.
        reach: whether the registry may be asked.
        vendored: where everything comes from, in place of the network; the lock may not change then.
        typed: skills whose range in the new manifest is what the command line asks for.
    """

    manifest: bytes | None = None
    is_frozen: bool = False
    is_dry_run: bool = False
    overwrite: bool = False
    is_lock_only: bool = False
    unlocked: Collection[SkillName] | None = ()
    consent: Consent = NO_CONSENT
    allow: PermissionSet = NONE
    floor: AuditPolicy = NO_POLICY
    reach: Reach = Reach.ONLINE
    read: bytes = b""
    vendored: VendorFile | None = None
    typed: Collection[SkillName] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing was asked for, and nothing consented to, that a command line without options lacks."""
        is_online = self.reach is Reach.ONLINE and self.vendored is None
        return is_online and not self.overwrite and self.consent == NO_CONSENT and is_empty(self.allow)

    def connection(self, context: Context) -> Connection:
        """Returns the connection to the registry; an index that is as it was kept is told with its age."""

        def tell(age: Age) -> None:
            context.console.warn(f"The index was not fetched anew. It is {age.told}.")

        if self.vendored is not None:
            from tank_cli.client.vendored import VendoredConnection

            return VendoredConnection(context.config, self.vendored, tell)
        return Connection(context.config, self.reach, tell)

    def of(self, project: Project) -> Options:
        """Returns the options with the manifest of their project, and what is allowed in addition."""
        return replace(self, read=self.manifest or project.manifest_bytes()).allowing(self.allow)

    @property
    def manifest_bytes(self) -> bytes:
        """The manifest that the project will have."""
        return self.manifest or self.read

    @property
    def parsed_manifest(self) -> ProjectManifest:
        """The same, understood; its policy is no weaker than the user's."""
        return _parsed(self.manifest_bytes, self.floor)

    @property
    def added(self) -> PermissionSet:
        """What the project's budget will allow and did not."""
        if is_empty(self.allow):
            return NONE
        return missing(parse_project_manifest(self.read).permissions, self.allow)

    def allowing(self, more: PermissionSet) -> Options:
        """Returns the options with permissions written into the budget of the manifest."""
        if is_empty(more):
            return self
        manifest = edit_project_manifest(self.manifest_bytes, allow=more)
        return replace(self, manifest=manifest, allow=union(self.allow, more))

    def with_manifest(self, manifest: bytes, typed: Collection[SkillName]) -> Options:
        """Returns the options for a manifest that has what the command line asks for; those skills may move."""
        return replace(self, manifest=manifest, unlocked=typed, typed=typed)

    def accepting(self, more: Iterable[Acceptance]) -> Options:
        """Returns the options with a yes to more releases."""
        return replace(self, consent=self.consent.joined(more))


@lru_cache(maxsize=2)  # one install asks several times of the same bytes
def _parsed(manifest: bytes, floor: AuditPolicy) -> ProjectManifest:
    parsed = parse_project_manifest(manifest)
    return replace(parsed, audit=parsed.audit.stricter(floor))
