"""The software bill of materials of a project, as CycloneDX 1.6, from its lock alone.

The same lock gives the same document on every machine: no time, and a serial number
that derives from the lock. What a lock does not say, such as licences, is not there
rather than guessed; a skill's own SBOM (``sbom``) has them, and its files.

Source: CycloneDX 1.6 JSON (ECMA-424); package-url/purl-spec.
"""

from __future__ import annotations

import uuid
from hashlib import sha256

from tank_core import integrity
from tank_core.lock_graph import dependencies_of, tops
from tank_core.lockfile import LockedSkill, Lockfile, lockfile_bytes
from tank_core.names import SkillName
from tank_core.permissions import entries

JsonObject = dict[str, object]
PROJECT = "project"  # the bom-ref of the project, which a lock gives no name


def cyclonedx(lock: Lockfile) -> JsonObject:
    """Returns the bill of materials of a lock as a JSON object."""
    refs = {name: name.purl(skill.version) for name, skill in lock.skills.items()}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(lock).urn,
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "tank"}]},
            "component": {"type": "application", "bom-ref": PROJECT, "name": PROJECT},
        },
        "components": [_component(name, skill, lock.registry) for name, skill in sorted(lock.skills.items())],
        "dependencies": [
            {"ref": PROJECT, "dependsOn": sorted(refs[name] for name in tops(lock))},
            *(
                {"ref": refs[name], "dependsOn": sorted(refs[one] for one in dependencies_of(lock, name))}
                for name in sorted(lock.skills)
            ),
        ],
    }


def serial_number(lock: Lockfile) -> uuid.UUID:
    """Returns the number of a lock's bill of materials: the same for the same lock, another for any other."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"skills.lock#{sha256(lockfile_bytes(lock)).hexdigest()}")


def archive_address(skill: LockedSkill, registry: str) -> str:
    """Returns where a version's archive is given out."""
    return f"{registry}/blobs/sha256/{skill.digest.removeprefix('sha256:')}"


def hashes(skill: LockedSkill) -> tuple[tuple[str, str], ...]:
    """Returns the hashes of a version's archive: algorithm, in CycloneDX' spelling, and lower-case hex."""
    return (
        ("SHA-256", integrity.parse_digest(skill.digest).hex()),
        ("SHA-512", integrity.parse_integrity(skill.integrity).hex()),
    )


def _component(name: SkillName, skill: LockedSkill, registry: str) -> JsonObject:
    purl = name.purl(skill.version)
    return {
        "type": "application",
        "bom-ref": purl,
        "group": f"@{name.org}",
        "name": name.name,
        "version": str(skill.version),
        "purl": purl,
        "publisher": skill.publisher,
        "hashes": [{"alg": algorithm, "content": content} for algorithm, content in hashes(skill)],
        "externalReferences": [{"type": "distribution", "url": archive_address(skill, registry)}],
        "properties": [{"name": f"tank:{key}", "value": value} for key, value in facts(skill)],
    }


def facts(skill: LockedSkill) -> list[tuple[str, str]]:
    """Returns what else a lock says of a version, in a fixed order."""
    score = "unscanned" if skill.audit_score is None else f"{skill.audit_score:g}"
    signer = [("signer", str(skill.signer))] if skill.signer else []
    permissions = [("permission", f"{entry.type} {entry.value}") for entry in entries(skill.capabilities)]
    return [
        ("verdict", str(skill.verdict)),
        ("audit-score", score),
        *signer,
        ("tree-hash", skill.tree_hash),
        *permissions,
    ]
