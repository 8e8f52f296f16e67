"""What an SPDX 2.3 document of Tank may hold, written from the specification's clauses.

Every property that Tank writes, with its type and allowed values; any other property is
an error, so that a new one has to be looked up first. ``complaints`` also checks what a
schema cannot say: that every id is there once, and every relationship leads somewhere.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string", "minLength": 1}
ID = {"type": "string", "pattern": r"^SPDXRef-[A-Za-z0-9.-]+$"}  # 6.3, 7.2
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}  # 6.9
AGENT = {"type": "string", "pattern": r"^(?:Tool|Organization|Person): \S"}  # 6.8, 7.5


def closed(**properties: Any) -> dict[str, Any]:
    """Returns the schema of an object that has these properties and no others; ``_`` before optional ones."""
    named = {key.removeprefix("_"): value for key, value in properties.items()}
    required = [key for key in properties if not key.startswith("_")]
    return {"type": "object", "properties": named, "required": required, "additionalProperties": False}


def several(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


CHECKSUM = {  # 7.10: lower-case hexadecimal, as long as its algorithm makes it
    "oneOf": [
        closed(algorithm={"const": "SHA256"}, checksumValue={"pattern": "^[0-9a-f]{64}$"}),
        closed(algorithm={"const": "SHA512"}, checksumValue={"pattern": "^[0-9a-f]{128}$"}),
    ]
}
PACKAGE = closed(
    SPDXID=ID,
    name=TEXT,  # 7.1
    downloadLocation={"type": "string", "pattern": "^(?:NOASSERTION$|https?://)"},  # 7.7
    filesAnalyzed={"const": False},  # 7.8
    licenseConcluded={"const": "NOASSERTION"},  # 7.13
    licenseDeclared={"const": "NOASSERTION"},  # 7.15
    copyrightText={"const": "NOASSERTION"},  # 7.17
    primaryPackagePurpose={"const": "APPLICATION"},  # 7.24
    _versionInfo=TEXT,  # 7.3
    _supplier=AGENT,
    _checksums=several(CHECKSUM),
    _externalRefs=several(  # 7.21, annex F.3.5
        closed(
            referenceCategory={"const": "PACKAGE-MANAGER"},
            referenceType={"const": "purl"},
            referenceLocator={"type": "string", "pattern": "^pkg:tank/[a-z0-9-]+/[a-z0-9-]+@."},
        )
    ),
    _annotations=several(  # 12
        closed(annotationDate=TIME, annotationType={"const": "OTHER"}, annotator=AGENT, comment=TEXT)
    ),
)
DOCUMENT = closed(  # 6
    spdxVersion={"const": "SPDX-2.3"},
    dataLicense={"const": "CC0-1.0"},
    SPDXID={"const": "SPDXRef-DOCUMENT"},
    name=TEXT,
    documentNamespace={"type": "string", "pattern": "^[a-z]+:[^#]+$"},  # 6.5: a URI without a fragment
    creationInfo=closed(created=TIME, creators=several(AGENT), _comment=TEXT),
    packages=several(PACKAGE),
    relationships=several(
        closed(
            spdxElementId=ID,
            relationshipType={"enum": ["DESCRIBES", "DEPENDS_ON"]},  # 11.1
            relatedSpdxElement=ID,
        )
    ),
)
Draft202012Validator.check_schema(DOCUMENT)


def complaints(document: Any) -> list[str]:
    """Returns everything that is wrong with a document; [] for a good one."""
    errors = [
        f"{e.json_path}: {e.message[:200]}" for e in Draft202012Validator(DOCUMENT).iter_errors(document)
    ]
    if errors:
        return errors
    ids = ["SPDXRef-DOCUMENT", *(package["SPDXID"] for package in document["packages"])]
    twice = [f"{one} stands twice" for one in sorted(set(ids)) if ids.count(one) > 1]
    ends = {
        relation[key]
        for relation in document["relationships"]
        for key in ("spdxElementId", "relatedSpdxElement")
    }
    return twice + [f"nothing is {one}" for one in sorted(ends - set(ids))]
