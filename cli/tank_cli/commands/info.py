"""``tank info``: show a skill and its versions, or one version in full."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from tank_cli import completing, render, who_signed
from tank_cli.context import Context, common, example
from tank_cli.versioned_name import RangedName

if TYPE_CHECKING:
    from tank_cli.client.api import Api
    from tank_cli.client.connection import Connection
    from tank_cli.waivers import WaiverShown
    from tank_core.signature import Signature
    from tank_core.wire.skills import SkillDocument, VersionDocument, VersionLine

_SHOWN = 15  # versions of a skill; --all shows the rest
_AS_STATED = "As the registry states it; install, ci and verify check it against the signature itself."


@click.command(
    "info",
    epilog=example(
        "tank info @acme/notes", "tank info '@acme/notes@^1.2' --json", "tank info @acme/notes license"
    ),
)
@click.argument("skill", type=RangedName(), shell_complete=completing.locked_skills)
@click.argument("fields", nargs=-1, metavar="[FIELD]...")
@click.option("--all", "is_whole", is_flag=True, help="Every version, however many there are.")
@common
def command(context: Context, skill: tuple[str, str], fields: tuple[str, ...], is_whole: bool) -> None:
    """Show a skill and its versions, or one version in full: what it needs, who signed it, what was found.

    Everything that decides whether to install it is shown before anything is, and
    so is every announced change of who may sign for its organisation. With a range, the
    highest version in it is shown; with FIELDs, only those of what --json says.
    """
    from tank_cli.client.connection import Connection

    name, wanted = skill
    with Connection(context.config) as connection:
        api = connection.api()
        version = _chosen(api, name, wanted) if wanted else ""
        document, lines = (
            _version(connection, api, name, version)
            if version
            else _skill(connection, api, name, shown=None if is_whole else _SHOWN)
        )
        announced = _announced(api, name)
    document |= {"announced": announced}
    if fields:
        from tank_cli.fields import chosen, lines_of

        picked = chosen(document, fields)
        context.console.show(picked, lines_of(picked), folds=False)
        return
    context.console.show(document, chain(lines, render.section("announced", announced or [])))


def _chosen(api: Api, name: str, wanted: str) -> str:
    """Returns the version that is asked for, or the highest available one in the range that is."""
    from tank_cli.client.api import skill_path
    from tank_core.absence import VersionNotFoundError
    from tank_core.errors import TankError
    from tank_core.ranges import Range
    from tank_core.semver import Version
    from tank_core.wire.skills import SkillDocument

    try:
        return str(Version.parse(wanted))
    except TankError:
        bounds = Range.parse(wanted)
    listed = api.get(skill_path(name), SkillDocument).versions
    fitting = [line.version for line in listed if line.availability == "available"]
    fitting = [version for version in fitting if bounds.contains(Version.parse(version))]
    if not fitting:
        raise VersionNotFoundError.of(name, wanted)
    return max(fitting, key=Version.parse)


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


def _skill(
    connection: Connection, api: Api, name: str, *, shown: int | None
) -> tuple[dict[str, object], Iterable[str]]:
    from tank_cli.client.api import skill_path
    from tank_core.wire.skills import SkillDocument, VersionDocument

    listed = api.get(skill_path(name), SkillDocument)
    document = listed.model_dump(mode="json") | {"latest_version": None}
    if not any(line.version == listed.latest for line in listed.versions):
        return document, _skill_lines(listed, shown)
    latest = api.get(skill_path(name, listed.latest), VersionDocument)
    waivers = _waivers(connection, latest)
    stated = {"waivers": [waiver.to_json() for waiver in waivers]}
    document["latest_version"] = latest.model_dump(mode="json") | stated
    return document, chain(_skill_lines(listed, shown), _latest_lines(latest), _waiver_lines(latest, waivers))


def _announced(api: Api, name: str) -> list[str] | None:
    """Returns announced changes of who may sign; None where the registry does not tell, which is not none."""
    from tank_cli.announcements import announced_changes
    from tank_core.errors import TankError

    try:
        return announced_changes(api, name, now=int(time.time()))
    except TankError:
        return None


def _skill_lines(skill: SkillDocument, shown: int | None) -> Iterator[str]:
    """Yields what a skill is, and its newest versions. ``shown``: at most how many; None for all."""
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
            ("version", "published", "score", "verdict", "", ""),
            *(
                (
                    line.version,
                    render.day(line.published_at),
                    render.score(line.audit_score),
                    str(line.verdict or ""),
                    *_standing(line),
                )
                for line in skill.versions[:shown]
            ),
        ]
    )
    if shown is not None and len(skill.versions) > shown:
        yield f"and {len(skill.versions) - shown} older ones: tank info {skill.name} --all"


def _standing(line: VersionLine) -> tuple[str, str]:
    """Returns what speaks against choosing a version, and why: both "" where nothing does."""
    if line.availability != "available":
        return str(line.availability), line.availability_reason
    return ("deprecated", line.deprecation) if line.deprecation else ("", "")


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
    yield from render.pairs(
        [
            ("license", latest.license or "not stated"),
            ("published", render.day(latest.published_at)),
            ("size", render.size(latest.size_bytes)),
            ("add it", f"tank add {latest.name}"),
        ]
    )
    capabilities = PermissionSet.from_json(latest.capabilities, "capabilities")
    yield from render.section("permissions", render.permissions(capabilities) or ["none"])
    yield from _dependency_lines(latest)


def _dependency_lines(version: VersionDocument) -> Iterator[str]:
    needed = [(name, wanted) for name, wanted in sorted(version.dependencies.items())]
    yield from render.section("depends on", render.table(needed))


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
    yield from _dependency_lines(version)
