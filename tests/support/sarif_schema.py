"""What a SARIF 2.1.0 log of Tank may hold, and what its parts must agree on.

The schema is written from the specification's text: every property that Tank writes,
with the type, the required companions and the allowed values of its section; any other
property is an error, so that a new one has to be looked up first. ``disagreements`` checks
what a schema cannot say: indices, ids and references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10, 3.50.3, 3.58.6
TEXT = {"type": "string", "minLength": 1}
# RFC 3986, 4.2: a relative reference, whose first segment has no colon, and nothing unescaped.
RELATIVE = {
    "type": "string",
    "pattern": r"^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*$",
}
ABSOLUTE = {"type": "string", "pattern": r"^https://[a-z0-9.-]+/\S*$"}
BAG = {"type": "object", "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}}}  # 3.8


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """Returns the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def several(items: Any, *, at_least: int = 0, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": at_least, "uniqueItems": unique}


MESSAGE = closed("text", text=TEXT)  # 3.11
MULTIFORMAT = closed("text", text=TEXT, markdown=TEXT)  # 3.12.2: text wherever there is markdown
COMPONENT_REFERENCE = closed("name index", name=TEXT, index={"type": "integer", "minimum": 0})  # 3.54
RELATIONSHIP = closed(  # 3.53
    "target kinds",
    target=closed("id toolComponent", id=TEXT, toolComponent=COMPONENT_REFERENCE),
    kinds=several({"const": "superset"}, at_least=1, unique=True),
)
RULE_BAG = {
    "type": "object",
    "required": ["tags", "precision", "security-severity"],
    "properties": {
        "tags": several(TEXT, unique=True),
        "precision": {"enum": ["very-high", "high", "medium", "low"]},
        "security-severity": {"type": "string", "pattern": r"^(?:10\.0|[0-9]\.[0-9])$"},
    },
}
RULE = closed(  # 3.49
    "id shortDescription fullDescription help defaultConfiguration properties",
    id={"type": "string", "pattern": "^[a-z0-9-]+$"},
    shortDescription=MULTIFORMAT,
    fullDescription=MULTIFORMAT,
    help=MULTIFORMAT,
    defaultConfiguration=closed("level", level=LEVEL),
    relationships=several(RELATIONSHIP, unique=True),
    properties=RULE_BAG,
)
DRIVER = closed(  # 3.19
    "name semanticVersion rules",
    name=TEXT,
    fullName=TEXT,
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+\S*$"},
    rules=several(RULE, unique=True),
    supportedTaxonomies=several(COMPONENT_REFERENCE, unique=True),
)
TAXONOMY = closed(  # 3.19 as 3.14.8 uses it
    "name version taxa",
    name=TEXT,
    version=TEXT,
    organization=TEXT,
    informationUri=ABSOLUTE,
    isComprehensive={"const": False},
    taxa=several(
        closed("id shortDescription", id=TEXT, shortDescription=MULTIFORMAT), at_least=1, unique=True
    ),
)
LOCATION = {  # 3.28
    "oneOf": [
        closed(
            "physicalLocation",
            physicalLocation=closed(  # 3.29
                "artifactLocation",
                artifactLocation=closed("uri uriBaseId", uri=RELATIVE, uriBaseId=TEXT),  # 3.4
                region=closed("startLine", startLine={"type": "integer", "minimum": 1}),  # 3.30
            ),
        ),
        closed(
            "logicalLocations",
            logicalLocations=several(closed("name kind", name=TEXT, kind={"const": "module"}), at_least=1),
        ),
    ]
}
RESULT = closed(  # 3.27; no suppressions: a viewer hides what they name
    "ruleId ruleIndex level message locations partialFingerprints properties",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=several(LOCATION, at_least=1),
    partialFingerprints={
        "type": "object",
        "minProperties": 1,
        "patternProperties": {r"^[A-Za-z]+/v\d+$": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        "additionalProperties": False,
    },
    properties=BAG,
)
INVOCATION = closed(  # 3.20
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=several(closed("message level", message=MESSAGE, level=LEVEL)),  # 3.58
)
RUN = closed(  # 3.14
    "tool results",
    tool=closed("driver", driver=DRIVER),
    taxonomies=several(TAXONOMY, unique=True),
    originalUriBaseIds={
        "type": "object",
        "additionalProperties": closed("description", description=MESSAGE),
    },
    invocations=several(INVOCATION),
    results=several(RESULT),
    properties=BAG,
)
LOG = closed(  # 3.13
    "version runs", **{"$schema": ABSOLUTE, "version": {"const": "2.1.0"}, "runs": several(RUN, at_least=1)}
)
Draft202012Validator.check_schema(LOG)


def complaints(log: Any) -> list[str]:
    """Returns everything that is wrong with a log; [] for a good one."""
    errors = [
        f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(LOG).iter_errors(log)
    ]
    return errors or [text for run in log["runs"] for text in disagreements(run)]


def disagreements(run: dict[str, Any]) -> Iterator[str]:
    """Yields what does not fit together within a run."""
    rules = run["tool"]["driver"]["rules"]
    if len({rule["id"] for rule in rules}) != len(rules):
        yield "two rules have one id"  # 3.19.23
    for reference in run["tool"]["driver"].get("supportedTaxonomies", []):
        yield from _wrong_component(reference, run)
    for rule in rules:
        for relationship in rule.get("relationships", []):
            yield from _wrong_target(relationship["target"], run)
    for result in run["results"]:
        yield from _wrong_result(result, run)
    prints = [tuple(result["partialFingerprints"].items()) for result in run["results"]]
    if len(set(prints)) != len(prints):
        yield "two results have one fingerprint"


def _wrong_component(reference: dict[str, Any], run: dict[str, Any]) -> Iterator[str]:
    taxonomies = run.get("taxonomies", [])
    if reference["index"] >= len(taxonomies) or taxonomies[reference["index"]]["name"] != reference["name"]:
        yield f"no taxonomy {reference}"  # 3.54.4


def _wrong_target(target: dict[str, Any], run: dict[str, Any]) -> Iterator[str]:
    wrong = list(_wrong_component(target["toolComponent"], run))
    yield from wrong
    if not wrong:
        taxa = run["taxonomies"][target["toolComponent"]["index"]]["taxa"]
        if target["id"] not in {taxon["id"] for taxon in taxa}:
            yield f"no taxon {target['id']}"  # 3.52.4


def _wrong_result(result: dict[str, Any], run: dict[str, Any]) -> Iterator[str]:
    rules = run["tool"]["driver"]["rules"]
    if result["ruleIndex"] >= len(rules) or rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield f"ruleIndex of {result['ruleId']}"  # 3.27.6
    for location in result["locations"]:
        place = location.get("physicalLocation", {}).get("artifactLocation")
        if place and place["uriBaseId"] not in run.get("originalUriBaseIds", {}):
            yield f"no base {place['uriBaseId']}"  # 3.4.4
        if place and ".." in unquote(place["uri"]).split("/"):
            yield "a location leaves the scanned folder"
    if re.search(r"(?<!\\)\[|(?<!\{)\{(?!\{)", re.sub(r"\{\{", "", result["message"]["text"])):
        yield "a message holds a link or a placeholder"  # 3.11.5, 3.11.6
