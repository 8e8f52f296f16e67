"""Which published versions are due for a rescan: those that other rules judged than today's,
or that were judged without a waiver that they name, or with one that was revoked since.

A version that breaks off is tried again by later rescans, and given up after a few with
the same rules, so that one poisonous package does not cost every rescan its time. An
operator can have those tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.ports.catalog import Catalog
from tank_core.entities import Availability, SkillVersion

MAX_FAILED_SCANS = 3  # rescans; each of them tries a scan three times
_PAGE = 100


@dataclass(frozen=True, slots=True)
class RescanStatus:
    """How far a registry is with one rule set.

    Attributes:
        due: versions that a rescan will look at.
        given_up: versions that broke off too often; they keep their verdict.
    """

    due: int
    given_up: tuple[SkillVersion, ...]


def is_due(version: SkillVersion, rule_set: str, *, retries: bool = False) -> bool:
    """Returns whether a rescan has to look at a version.

    Args:
        version: as it is stored.
        rule_set: digest of the rules in force.
        retries: whether versions that were given up are tried again.
    """
    if version.settled_rule_set == rule_set:
        return False
    if version.availability is Availability.WITHDRAWN:
        # Its bytes are gone; only a takedown that a crash interrupted is left to do.
        return version.rule_set != version.settled_rule_set
    return retries or version.rule_set == rule_set or not _is_given_up(version, rule_set)


def status(catalog: Catalog, rule_set: str) -> RescanStatus:
    """Returns how many versions are due, and which were given up, sorted by name and version."""
    due, given_up = 0, list[SkillVersion]()
    for version in _scanned_otherwise(catalog, rule_set):
        if is_due(version, rule_set):
            due += 1
        elif is_due(version, rule_set, retries=True):
            given_up.append(version)
    return RescanStatus(due, tuple(sorted(given_up, key=lambda v: (v.name, v.version))))


def has_due(catalog: Catalog, rule_set: str) -> bool:
    """Returns whether any version is due."""
    return any(is_due(version, rule_set) for version in _scanned_otherwise(catalog, rule_set))


def _is_given_up(version: SkillVersion, rule_set: str) -> bool:
    return version.failed_rule_set == rule_set and version.failed_scans >= MAX_FAILED_SCANS


def _scanned_otherwise(catalog: Catalog, rule_set: str) -> Iterator[SkillVersion]:
    cursor = ""
    while True:
        page = catalog.scanned_otherwise(rule_set, cursor=cursor, limit=_PAGE)
        yield from page.items
        cursor = page.cursor
        if not cursor:
            return
