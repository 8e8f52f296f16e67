"""Routes that read skills and versions; open to everybody, and without any effect."""

from __future__ import annotations

from chalicelib.api.addresses import SKILL, VERSION, skill_name, version_number
from chalicelib.api.route import Access, Answer, Call, Handler, Route
from chalicelib.services import history, skills, waivers
from chalicelib.services.skills import Hit
from tank_core.entities import Availability, SkillVersion
from tank_core.waivers import remarked
from tank_core.wire.base import AnswerModel, RequestModel
from tank_core.wire.skills import (
    AuditDocument,
    EventDocument,
    EventPage,
    FindingDocument,
    FindingsDocument,
    PageQuery,
    ScoreItem,
    SearchHit,
    SearchPage,
    SearchQuery,
    SkillDocument,
    VersionDocument,
    VersionLine,
)


def search(call: Call) -> Answer:
    """Finds skills, best first."""
    asked = call.query_as(SearchQuery)
    page = skills.search(call.ports, asked.q, cursor=asked.cursor, limit=asked.limit)
    return Answer(SearchPage(items=tuple(_hit(hit) for hit in page.items), cursor=page.cursor))


def get_skill(call: Call) -> Answer:
    """Shows a skill and its versions."""
    view = skills.skill(call.ports, skill_name(call))
    lines = tuple(_line(version) for version in view.versions)
    return Answer(
        SkillDocument(
            name=view.skill.name,
            description=view.skill.description,
            keywords=view.skill.keywords,
            latest=view.skill.latest,
            created_at=view.skill.created_at,
            updated_at=view.skill.updated_at,
            versions=lines,
        )
    )


def get_version(call: Call) -> Answer:
    """Shows one version."""
    version = skills.version(call.ports, skill_name(call), version_number(call))
    return Answer(VersionDocument.model_validate(version))


def get_findings(call: Call) -> Answer:
    """Shows everything that was found in a version."""
    version, document = skills.findings(call.ports, skill_name(call), version_number(call))
    marks = remarked(document.get("findings", ()), waivers.stated(call.ports, version))
    found = tuple(FindingDocument.model_validate(item) for item in marks)
    return Answer(
        FindingsDocument(
            name=version.name,
            version=version.version,
            verdict=version.verdict,
            audit_score=version.audit_score,
            findings=found,
        )
    )


def get_audit(call: Call) -> Answer:
    """Shows score, verdict and attestation of a version."""
    view = skills.audit(call.ports, skill_name(call), version_number(call))
    return Answer(
        AuditDocument(
            name=view.version.name,
            version=view.version.version,
            verdict=view.version.verdict,
            audit_score=view.version.audit_score,
            items=tuple(ScoreItem.model_validate(item) for item in view.items),
            attestation_digest=view.version.attestation_digest,
            attestation=view.attestation,
        )
    )


def get_events(call: Call) -> Answer:
    """Shows who did what to a skill and its versions."""
    asked = call.query_as(PageQuery)
    page = history.events(call.ports, skill_name(call), cursor=asked.cursor, limit=asked.limit)
    items = tuple(EventDocument.model_validate(event) for event in page.items)
    return Answer(EventPage(items=items, cursor=page.cursor))


def _hit(hit: Hit) -> SearchHit:
    return SearchHit(
        name=hit.skill.name,
        description=hit.skill.description,
        keywords=hit.skill.keywords,
        latest=hit.skill.latest,
        updated_at=hit.skill.updated_at,
        audit_score=hit.version.audit_score if hit.version else None,
        verdict=hit.version.verdict if hit.version else None,
    )


def _line(version: SkillVersion) -> VersionLine:
    if version.availability is Availability.WITHDRAWN:
        return VersionLine(
            version=version.version,
            availability=version.availability,
            availability_reason=version.availability_reason,
        )
    return VersionLine.model_validate(version)


def _public(
    path: str,
    operation: str,
    summary: str,
    handler: Handler,
    answer: type[AnswerModel],
    query: type[RequestModel] | None = None,
) -> Route:
    return Route(
        "GET",
        path,
        operation,
        summary,
        handler,
        {200: answer},
        "skills",
        Access.PUBLIC,
        query=query,
        is_shared=True,
    )


ROUTES = (
    _public("/v1/search", "searchSkills", "Find skills, best first", search, SearchPage, SearchQuery),
    _public(SKILL, "getSkill", "A skill and its versions, highest first", get_skill, SkillDocument),
    _public(VERSION, "getVersion", "One version", get_version, VersionDocument),
    _public(f"{VERSION}/findings", "getFindings", "What was found in it", get_findings, FindingsDocument),
    _public(f"{VERSION}/audit", "getAudit", "Score, verdict and attestation", get_audit, AuditDocument),
    _public(
        f"{SKILL}/events", "getEvents", "The audit trail, newest first", get_events, EventPage, PageQuery
    ),
)
