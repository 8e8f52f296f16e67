"""The software bill of materials of a project, as SPDX 2.3 JSON, from its lock alone.

SPDX wants a time. The same lock has to give the same document, so it is the start of
the epoch, and the document says that. What a lock does not say is NOASSERTION.

Source: SPDX 2.3, clauses 6 to 11 and annex F (package URL).
"""

from __future__ import annotations

from collections.abc import Iterator

from tank_core.lock_graph import dependencies_of, tops
from tank_core.lock_sbom import archive_address, facts, hashes, serial_number
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName

JsonObject = dict[str, object]
_DOCUMENT, _PROJECT = "SPDXRef-DOCUMENT", "SPDXRef-Project"
_NO_TIME = "1970-01-01T00:00:00Z"
_UNKNOWN = "NOASSERTION"


def spdx(lock: Lockfile) -> JsonObject:
    """Returns the bill of materials of a lock as a JSON object."""
    number = serial_number(lock)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": "skills.lock",
        "documentNamespace": number.urn,
        "creationInfo": {
            "created": _NO_TIME,
            "creators": ["Tool: tank"],
            "comment": "Made from skills.lock alone. The time is fixed: the same lock gives the same document.",
        },
        "packages": [
            _package(_PROJECT, "project", {"downloadLocation": _UNKNOWN}),
            *(_skill(name, skill, lock.registry) for name, skill in sorted(lock.skills.items())),
        ],
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in _relationships(lock)
        ],
    }


def _relationships(lock: Lockfile) -> Iterator[tuple[str, str, str]]:
    yield _DOCUMENT, "DESCRIBES", _PROJECT
    for name in tops(lock):
        yield _PROJECT, "DEPENDS_ON", _id(name)
    for name in sorted(lock.skills):
        for needed in dependencies_of(lock, name):
            yield _id(name), "DEPENDS_ON", _id(needed)


def _package(spdx_id: str, name: str, more: JsonObject) -> JsonObject:
    return {
        "SPDXID": spdx_id,
        "name": name,
        "primaryPackagePurpose": "APPLICATION",
        "filesAnalyzed": False,
        "licenseConcluded": _UNKNOWN,
        "licenseDeclared": _UNKNOWN,
        "copyrightText": _UNKNOWN,
        **more,
    }


def _skill(name: SkillName, skill: LockedSkill, registry: str) -> JsonObject:
    more: JsonObject = {
        "versionInfo": str(skill.version),
        "supplier": f"Organization: {skill.publisher}",
        "downloadLocation": archive_address(skill, registry),
        "checksums": [
            {"algorithm": algorithm.replace("-", ""), "checksumValue": content}
            for algorithm, content in hashes(skill)
        ],
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": name.purl(skill.version),
            }
        ],
        "annotations": [
            {
                "annotationDate": _NO_TIME,
                "annotationType": "OTHER",
                "annotator": "Tool: tank",
                "comment": f"tank:{key}={value}",
            }
            for key, value in facts(skill)
        ],
    }
    return _package(_id(name), str(name), more)


def _id(name: SkillName) -> str:
    """Returns an id; a dot stands in no part of a name, so no two names have the same."""
    return f"SPDXRef-Skill-{name.org}.{name.name}"
