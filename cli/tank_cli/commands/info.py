"""``tank info``: show a skill and its versions, or one version in full."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from tank_cli import render, who_signed
from tank_cli.context import Context, common, example
from tank_cli.versioned_name import VersionedName

if TYPE_CHECKING:
    from tank_cli.client.api import Api
    from tank_cli.client.connection import Connection
    from tank_cli.waivers import WaiverShown
    from tank_core.signature import Signature
    from tank_core.wire.skills import SkillDocument, VersionDocument

_AS_STATED = "As the registry states it; install, ci and verify check it against the signature itself."


@click.command("info", epilog=example("tank info @acme/notes", "tank info @acme/notes@1.2.0 --json"))
@click.argument("skill", type=VersionedName(version_required=False))
@common
def command(context: Context, skill: tuple[str, str]) -> None:
    """Show a skill and its versions, or one version in full: what it needs, who signed it, what was found.

    Everything that decides whether to install it is shown before anything is, and
    so is every announced change of who may sign for its organisation.
    """
    from tank_cli.client.connection import Connection

    name, version = skill
    with Connection(context.config) as connection:
        api = connection.api()
        document, lines = (
            _version(connection, api, name, version) if version else _skill(connection, api, name)
        )
        announced = _announced(api, name)
    changes = render.section("announced", announced or [])
    context.console.show(document | {"announced": announced}, chain(lines, changes))


def _version(
    connection: Connection, api: Api, name: str, version: str
) -> tuple[dict[str, object], Iterable[str]]:
    from tank_cli.client.api import skill_path
    from tank_core.wire.skills import VersionDocument

    found = api.get(skill_path(name, version), VersionDocument)
    shown = _waivers(connection, found)
    document = found.model_dump(mode="json") | {"waivers": [waiver.to_json() for waiver in shown]}
    return document, chain(_version_lines(found), _waiver_lines(found, shown))


def _waivers(connection: Connection, version: VersionDocument) -> tuple[WaiverShown, ...]:
    """Returns the waivers of a version, each verified with the pinned key."""
    from tank_cli.waivers import Waived, WaiverReader
    from tank_core.entities import WaiverReference
    from tank_core.names import SkillName
    from tank_core.semver import Version

    references = [WaiverReference(**waiver.model_dump()) for waiver in version.waivers]
    name, number = SkillName.parse(version.name), Version.parse(version.version)
    waived = Waived(name, number, version.digest, version.integrity, references)
    return WaiverReader(connection, int(time.time())).read(waived) if references else ()


def _waiver_lines(version: VersionDocument, shown: tuple[WaiverShown, ...]) -> Iterator[str]:
    from tank_cli.waivers import verdict_now

    yield from render.section("waivers", [waiver.line for waiver in shown])
    if version.unwaived_verdict is not None:
        yield f"  Without waivers the verdict is {version.unwaived_verdict}."
    now = verdict_now(version.verdict, version.unwaived_verdict, shown)
    if now is not version.verdict:
        yield f"  The verdict is {now} now: a waiver that it rested on is not in force."


def _skill(connection: Connection, api: Api, name: str) -> tuple[dict[str, object], Iterable[str]]:
    from tank_cli.client.api import skill_path
    from tank_core.wire.skills import SkillDocument, VersionDocument

    listed = api.get(skill_path(name), SkillDocument)
    shown = listed.model_dump(mode="json") | {"latest_version": None}
    if not any(line.version == listed.latest for line in listed.versions):
        return shown, _skill_lines(listed)
    latest = api.get(skill_path(name, listed.latest), VersionDocument)
    waivers = _waivers(connection, latest)
    stated = {"waivers": [waiver.to_json() for waiver in waivers]}
    shown["latest_version"] = latest.model_dump(mode="json") | stated
    return shown, chain(_skill_lines(listed), _latest_lines(latest), _waiver_lines(latest, waivers))


def _announced(api: Api, name: str) -> list[str] | None:
    """Returns announced changes of who may sign; None where the registry does not tell, which is not none."""
    from tank_cli.announcements import announced_changes
    from tank_core.errors import TankError

    try:
        return announced_changes(api, name, now=int(time.time()))
    except TankError:
        return None


def _skill_lines(skill: SkillDocument) -> Iterator[str]:
    facts = [
        ("name", skill.name),
        ("description", skill.description),
        ("keywords", ", ".join(skill.keywords)),
        ("latest", skill.latest or "none"),
    ]
    yield from render.pairs([(label, text) for label, text in facts if text])
    yield ""
    yield from render.table(
        [
            (
                line.version,
                render.day(line.published_at),
                render.score(line.audit_score),
                str(line.verdict or ""),
                "" if line.availability == "available" else str(line.availability),
                line.availability_reason or line.deprecation,
            )
            for line in skill.versions
        ]
    )


def _latest_lines(latest: VersionDocument) -> Iterator[str]:
    """Yields what decides whether to install the version that a plain install would choose."""
    from tank_core.permissions import PermissionSet

    yield ""
    signature = latest.who_signed
    if signature is None:
        yield f"{latest.version} is from {latest.publisher_id} ({who_signed.NOT_SIGNED})"
    else:
        yield f"{latest.version} is from {latest.publisher_id}"
        yield from _signature_lines(signature)
    capabilities = PermissionSet.from_json(latest.capabilities, "capabilities")
    yield from render.section("permissions", render.permissions(capabilities) or ["none"])


def _signature_lines(signature: Signature) -> Iterator[str]:
    yield from render.section("signature", render.pairs(list(who_signed.facts(signature))))
    yield f"  {who_signed.NOTE}"
    yield f"  {_AS_STATED}"


def _version_lines(version: VersionDocument) -> Iterator[str]:
    from tank_core.permissions import PermissionSet

    capabilities = PermissionSet.from_json(version.capabilities, "capabilities")
    facts = [
        ("name", f"{version.name}@{version.version}"),
        ("description", version.description),
        ("license", version.license),
        ("publisher", version.publisher_id),
        *([] if version.bundle_digest else [("signed by", f"nobody: it is {who_signed.NOT_SIGNED}")]),
        ("published", render.day(version.published_at)),
        ("availability", f"{version.availability} {version.availability_reason}".strip()),
        ("deprecated", version.deprecation),
        ("verdict", f"{version.verdict}, score {render.score(version.audit_score)}"),
        ("size", render.size(version.size_bytes)),
        ("digest", version.digest),
        ("integrity", version.integrity),
    ]
    yield from render.pairs([(label, text) for label, text in facts if text])
    if signature := version.who_signed:
        yield from _signature_lines(signature)
    yield from render.section("permissions", render.permissions(capabilities))
    yield from render.section(
        "depends on", [f"{name} {wanted}" for name, wanted in sorted(version.dependencies.items())]
    )
