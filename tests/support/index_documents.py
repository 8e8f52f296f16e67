"""Index documents in a few words, for the resolver and the install plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tank_core.absence import SkillNotFoundError
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tank_core.index import IndexDocument, IndexVersion
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.semver import Version

Published = Mapping[str, Mapping[str, Mapping[str, str]]]


def skill(name: str) -> SkillName:
    """``a`` is ``@acme/a``."""
    return SkillName("acme", name)


def ranges(dependencies: Mapping[str, str]) -> dict[SkillName, Range]:
    return {skill(name): Range.parse(text) for name, text in dependencies.items()}


def index_version(
    version: str,
    dependencies: Mapping[str, str] | None = None,
    *,
    availability: Availability = Availability.AVAILABLE,
    reason: str = "",
    verdict: Verdict = Verdict.PASS,
    score: float | None = 9.0,
    published_at: int = 0,
    bundle_digest: str = "",
) -> IndexVersion:
    """A version of which only what the resolver looks at is told."""
    return IndexVersion(
        Version.parse(version),
        availability,
        reason,
        dependencies=ranges(dependencies or {}),
        verdict=verdict,
        audit_score=score,
        published_at=published_at,
        bundle_digest=bundle_digest,
    )


def registry(
    published: Published, special: Mapping[str, list[IndexVersion]] | None = None
) -> Callable[[SkillName], IndexDocument]:
    """Returns ``fetch`` for skills given as name → version → dependencies, and for special versions."""
    versions: dict[SkillName, list[IndexVersion]] = {}
    for name, told in published.items():
        versions[skill(name)] = [index_version(text, dependencies) for text, dependencies in told.items()]
    for name, more in (special or {}).items():
        versions.setdefault(skill(name), []).extend(more)

    def fetch(name: SkillName) -> IndexDocument:
        if name not in versions:
            raise SkillNotFoundError.named(name)
        return IndexDocument(name, tuple(sorted(versions[name], key=lambda item: item.version)))

    return fetch
