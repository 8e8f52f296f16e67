"""Skills and their published versions in DynamoDB."""

from __future__ import annotations

from pynamodb.transactions import TransactWrite

from chalicelib.adapters.documents import SKILLS, VERSIONS
from chalicelib.adapters.dynamo import audit_trail
from chalicelib.adapters.dynamo.access import document, read, store_errors, write_together
from chalicelib.adapters.dynamo.name_keys import NameKeys
from chalicelib.adapters.dynamo.publishes import replace_attempt
from chalicelib.adapters.dynamo.scans import Scans, version_of
from chalicelib.adapters.dynamo.search_index import SearchIndex, skill_of
from chalicelib.adapters.dynamo.tables import Tables, VersionRow
from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.entities import (
    AuditEvent,
    Availability,
    Page,
    Publish,
    Skill,
    SkillVersion,
    WaiverReference,
)
from tank_core.semver import Version

_ATTEMPTS = 5


class DynamoCatalog:
    """The ``Catalog`` port over ``skills``, ``skill_versions``, ``search_terms`` and ``name_keys``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._search = SearchIndex(tables)
        self._name_keys = NameKeys(tables)
        self._scans = Scans(tables)

    def skill(self, name: str) -> Skill | None:
        """See ``Catalog.skill``."""
        row = read(self._tables.skills, name)
        return skill_of(row) if row else None

    def has_skill_of(self, org: str) -> bool:
        """See ``Catalog.has_skill_of``."""
        return self._search.has_name_with(f"@{org}/")

    def names(self) -> tuple[str, ...]:
        """See ``Catalog.names``; reads the whole table, so it is for rebuilding what is derived from it."""
        with store_errors("read names"):
            rows = self._tables.skills.scan(consistent_read=True, attributes_to_get=["name"])
            return tuple(sorted(row.name for row in rows))

    def alike(self, name: str) -> tuple[Skill, ...]:
        """See ``Catalog.alike``."""
        return self._name_keys.alike(name)

    def version(self, name: str, version: str) -> SkillVersion | None:
        """See ``Catalog.version``."""
        row = read(self._tables.skill_versions, name, version)
        return version_of(row) if row else None

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        """See ``Catalog.versions``."""
        with store_errors("read versions"):
            rows = list(self._tables.skill_versions.query(name, consistent_read=True))
        return tuple(sorted((version_of(row) for row in rows), key=lambda v: Version.parse(v.version)))

    def record(self, version: SkillVersion, skill: Skill, publish: Publish, event: AuditEvent) -> None:
        """See ``Catalog.record``."""
        if self._is_recorded(version):
            return
        # Search terms and name keys come first: one that leads to no skill yet is not
        # shown, a skill without its own would never be found.
        self._search.add(skill, self.skill(skill.name))
        self._name_keys.add(skill)
        try:
            write_together(
                self._tables.connection,
                lambda t: self._add_record(t, version, skill, publish, event),
                "record a version",
            )
        except ConditionFailed:
            if not self._is_recorded(version):
                raise

    def _is_recorded(self, version: SkillVersion) -> bool:
        """Returns whether this very attempt published the version before.

        Raises:
            ConditionFailed: another one did.
        """
        row = read(self._tables.skill_versions, version.name, version.version)
        if row is not None and row.publish_id != version.publish_id:
            raise ConditionFailed("the version is published by another attempt")
        return row is not None

    def _add_record(
        self,
        transaction: TransactWrite,
        version: SkillVersion,
        skill: Skill,
        publish: Publish,
        event: AuditEvent,
    ) -> None:
        versions, skills = self._tables.skill_versions, self._tables.skills
        transaction.save(self._version_row(version), condition=versions.name.does_not_exist())
        transaction.update(
            skills(skill.name),
            actions=[
                skills.latest.set(skill.latest),
                skills.document.set(document(SKILLS, skill)),
                skills.available_versions.add(int(version.availability is Availability.AVAILABLE)),
            ],
        )
        replace_attempt(transaction, self._tables, publish)
        audit_trail.append(transaction, self._tables, event)

    def _version_row(self, version: SkillVersion) -> VersionRow:
        return self._tables.skill_versions(
            name=version.name,
            version=version.version,
            publish_id=version.publish_id,
            availability=str(version.availability),
            availability_reason=version.availability_reason,
            deprecation=version.deprecation,
            settled_rule_set=version.settled_rule_set or None,
            document=document(VERSIONS, version),
        )

    def set_availability(
        self,
        name: str,
        version: str,
        availability: Availability,
        reason: str,
        *,
        latest: str,
        event: AuditEvent,
    ) -> None:
        """See ``Catalog.set_availability``."""
        versions, skills = self._tables.skill_versions, self._tables.skills

        def change_from(before: VersionRow) -> None:
            shown = Availability.AVAILABLE
            difference = (availability is shown) - (before.availability == shown)

            def fill(transaction: TransactWrite) -> None:
                transaction.update(
                    versions(name, version),
                    actions=[
                        versions.availability.set(str(availability)),
                        versions.availability_reason.set(reason),
                    ],
                    condition=versions.availability == before.availability,
                )
                transaction.update(
                    skills(name),
                    actions=[skills.latest.set(latest), skills.available_versions.add(difference)],
                    condition=skills.name.exists(),
                )
                audit_trail.append(transaction, self._tables, event)

            write_together(self._tables.connection, fill, "change availability")

        for attempt in range(_ATTEMPTS):
            before = read(versions, name, version)
            if before is None:
                raise Missing("no such version")
            try:
                return change_from(before)
            except ConditionFailed:
                # Somebody changed it since it was read: count from what they left.
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def set_latest(self, name: str, latest: str) -> None:
        """See ``Catalog.set_latest``."""
        skills = self._tables.skills

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                skills(name), actions=[skills.latest.set(latest)], condition=skills.name.exists()
            )

        try:
            write_together(self._tables.connection, fill, "correct latest")
        except ConditionFailed as error:
            raise Missing("no such skill") from error

    def set_deprecation(self, name: str, version: str, message: str, *, event: AuditEvent) -> None:
        """See ``Catalog.set_deprecation``."""
        versions = self._tables.skill_versions

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                versions(name, version),
                actions=[versions.deprecation.set(message)],
                condition=versions.name.exists(),
            )
            audit_trail.append(transaction, self._tables, event)

        try:
            write_together(self._tables.connection, fill, "change deprecation")
        except ConditionFailed:
            if self.version(name, version) is None:
                raise Missing("no such version") from None
            raise

    def set_waivers(
        self,
        name: str,
        version: str,
        waivers: tuple[WaiverReference, ...],
        *,
        before: tuple[WaiverReference, ...],
    ) -> None:
        """See ``Catalog.set_waivers``."""
        self._scans.set_waivers(name, version, waivers, before)

    def scanned_otherwise(self, rule_set: str, *, cursor: str, limit: int) -> Page[SkillVersion]:
        """See ``Catalog.scanned_otherwise``."""
        return self._scans.otherwise(rule_set, cursor=cursor, limit=limit)

    def record_scan(self, after: SkillVersion, *, before: SkillVersion, event: AuditEvent | None) -> None:
        """See ``Catalog.record_scan``."""
        skill = self.skill(after.name)
        if skill is not None:  # one that an older release recorded has no name keys yet
            self._name_keys.add(skill)
        self._scans.record(after, before, event)

    def settle_scan(self, name: str, version: str, rule_set: str) -> None:
        """See ``Catalog.settle_scan``."""
        self._scans.settle(name, version, rule_set)

    def count_failed_scan(self, name: str, version: str, rule_set: str) -> int:
        """See ``Catalog.count_failed_scan``."""
        return self._scans.count_failure(name, version, rule_set)

    def search(self, terms: tuple[str, ...], *, cursor: str, limit: int) -> Page[Skill]:
        """See ``Catalog.search``."""
        return self._search.page(terms, cursor=cursor, limit=limit)
