"""The catalog port: skills and their published versions."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import (
    AuditEvent,
    Availability,
    Page,
    Publish,
    Skill,
    SkillVersion,
    WaiverReference,
)

ALIKE_PER_KEY = 25  # whoever comes later shares the key with older ones, and those are imitated


class Catalog(Protocol):
    """Keeps what is published. Reads are consistent: they see every finished write."""

    def skill(self, name: str) -> Skill | None:
        """Returns the skill, or None. ``name``: ``@org/name``."""
        ...

    def has_skill_of(self, org: str) -> bool:
        """Returns whether the organisation ever published a skill, whatever became of it.

        It may already say so while the first one is being recorded.
        """
        ...

    def names(self) -> tuple[str, ...]:
        """Returns the names of all skills, sorted, whatever became of their versions."""
        ...

    def alike(self, name: str) -> tuple[Skill, ...]:
        """Returns the other skills that share one of ``tank_core.likeness.keys_of(name)``, sorted by name.

        Of each key only the ``ALIKE_PER_KEY`` oldest are looked at, so that no name costs more than its
        length, however many there are. A skill has its keys once its first version is recorded. One that
        an older release recorded in DynamoDB has them after its next version or rescan.
        """
        ...

    def version(self, name: str, version: str) -> SkillVersion | None:
        """Returns one published version, in whatever availability, or None."""
        ...

    def versions(self, name: str) -> tuple[SkillVersion, ...]:
        """Returns all published versions, sorted by semver precedence, lowest first."""
        ...

    def record(self, version: SkillVersion, skill: Skill, publish: Publish, event: AuditEvent) -> None:
        """Publishes: writes version, skill, publish and event in one transaction, or nothing.

        ``publish`` is written as given (still RUNNING: the index document follows, and
        only then does the attempt become PUBLISHED). It carries the revision it was read
        with; the stored one gets the next.
        Writing the same version of the same ``publish_id`` again is a success that
        writes nothing, so that a retried Store is harmless.

        Raises:
            ConditionFailed: the version exists from another publish, or the publish
                has another revision than ``publish.revision``.
        """
        ...

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
        """Changes whether a version may be resolved and read.

        The skill's new ``latest`` and the event are written in the same transaction.

        Raises:
            Missing: no such version.
        """
        ...

    def set_latest(self, name: str, latest: str) -> None:
        """Corrects the skill's ``latest``, which is derived from its versions.

        Raises:
            Missing: no such skill.
        """
        ...

    def set_deprecation(self, name: str, version: str, message: str, *, event: AuditEvent) -> None:
        """Sets or (with an empty message) clears the deprecation, with the event, in one transaction.

        Raises:
            Missing: no such version.
        """
        ...

    def set_waivers(
        self,
        name: str,
        version: str,
        waivers: tuple[WaiverReference, ...],
        *,
        before: tuple[WaiverReference, ...],
    ) -> None:
        """Corrects which waivers a version names, which is derived from its appeals.

        What it says of its verdict stays, but was concluded without them. So the version is due
        for a rescan, in the same write (see ``SkillVersion.with_waivers``), and a rescan that
        read it before cannot record or settle it any more. A withdrawn version is never due.

        Args:
            name: of the skill.
            version: of it.
            waivers: what it must name.
            before: what it named when it was read. A rescan marks in them which ones its
                verdict rests on, so what it wrote meanwhile is left alone.

        Raises:
            ConditionFailed: it names others than ``before``, or changed in this moment.
            Missing: no such version.
        """
        ...

    def scanned_otherwise(self, rule_set: str, *, cursor: str, limit: int) -> Page[SkillVersion]:
        """Returns versions, in whatever availability, whose ``settled_rule_set`` is another one.

        The order is the store's own and stays the same, so that pages miss no version that
        was there from the first one on. Reads every version there is, a page at a time.

        Raises:
            InvalidCursor: the cursor is from elsewhere.
        """
        ...

    def record_scan(self, after: SkillVersion, *, before: SkillVersion, event: AuditEvent | None) -> None:
        """Writes how a published version is judged now, with the event, in one transaction.

        Args:
            after: gives what ``SkillVersion.with_scan_of`` takes; nothing else is written.
            before: the version that was read; a stored one that is judged otherwise is left alone.
            event: None when nothing changes that a reader can see.

        Raises:
            ConditionFailed: the stored version is judged otherwise than ``before``, or was withdrawn.
            Missing: no such version.
        """
        ...

    def settle_scan(self, name: str, version: str, rule_set: str) -> None:
        """Sets ``settled_rule_set``: every reader sees what was found with these rules.

        Raises:
            ConditionFailed: the version is judged by other rules.
            Missing: no such version.
        """
        ...

    def count_failed_scan(self, name: str, version: str, rule_set: str) -> int:
        """Counts a rescan that broke off; returns how often in a row one with these rules did.

        Raises:
            Missing: no such version.
        """
        ...

    def search(self, terms: tuple[str, ...], *, cursor: str, limit: int) -> Page[Skill]:
        """Returns skills for which every term is a prefix of one of their search terms.

        Search terms of a skill are ``tank_core.search.terms_of(skill)``; the order of the
        whole result is ``tank_core.search.ranked``; no terms lists all skills by name.
        Skills without any available version are left out.
        """
        ...
