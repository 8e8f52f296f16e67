"""``tank diff``: what changed between two versions of a skill, before either is installed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from tank_cli import completing, render, who_signed
from tank_cli.context import Context, common, example, offline_option
from tank_cli.versioned_name import VersionedName

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_cli.comparing import Comparison
    from tank_core.findings import Finding
    from tank_core.index import IndexDocument, IndexVersion
    from tank_core.lockfile import LockedSkill
    from tank_core.semver import Version
    from tank_core.tree_diff import FileChange

_BAR = 30  # columns of the bar of --stat
_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_LETTERS = {"added": "A", "removed": "D", "modified": "M"}


@click.command(
    "diff",
    epilog=example(
        "tank diff @acme/notes",
        "tank diff @acme/notes@1.0.0 1.1.0 --stat",
        "tank diff @acme/notes@1.0.0",
    ),
)
@click.argument(
    "old",
    type=VersionedName(version_required=False),
    metavar="NAME[@A]",
    shell_complete=completing.locked_skills,
)
@click.argument("new", type=VersionedName(name_required=False), metavar="[[NAME@]B]", required=False)
@click.option("--stat", "form", flag_value="stat", help="How much changed per file, and no lines.")
@click.option("--name-only", "form", flag_value="names", help="The paths that changed, and nothing else.")
@offline_option
@common
def command(
    context: Context, old: tuple[str, str], new: tuple[str, str] | None, form: str | None, offline: bool
) -> None:
    """Show what changed from one version of a skill to another: who, what it may do, what was found, which lines.

    With two versions from A to B, with one from A to the latest, with a name alone from
    the locked version to the latest. Both are verified as an install would verify them.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.comparing import compared, entry_of
    from tank_cli.offline import index_of
    from tank_core.names import SkillName

    name = SkillName.parse(old[0])
    if new is not None and new[0] not in ("", old[0]):
        raise click.UsageError(f"{old[0]} and {new[0]} are two skills; a diff is of two versions of one.")
    with Connection(context.config) as connection:
        connection.keys()  # a registry that nobody trusts is asked for nothing
        index, _ = index_of(context, connection, [name], offline=offline)
        document = index.fetch(name)
        first, second = _versions(context, connection, document, old[1], new[1] if new else "")
        entries: list[IndexVersion] = [entry_of(document, version) for version in (first, second)]
        found = compared(connection, name, *entries)
    if context.console.as_json:
        context.console.show(_document(found, has_lines=form is None), ())
    else:
        _print(context, found, form)


def _versions(
    context: Context, connection: Connection, document: IndexDocument, old: str, new: str
) -> tuple[Version, Version]:
    from tank_cli.project import NotInProjectError, check_registry, find
    from tank_core.absence import VersionNotFoundError
    from tank_core.semver import Version

    if old:
        first = Version.parse(old)
    else:
        lock = find(context.cwd, context.config).require_lock()
        check_registry(lock, connection.registry)
        if document.name not in lock.skills:
            raise NotInProjectError(
                f"skills.lock does not hold {document.name}.",
                why="With a name alone, the locked version is compared with the latest.",
                fix=f"tank diff {document.name}@VERSION",
            )
        first = lock.skills[document.name].version
    if new:
        return first, Version.parse(new)
    latest = document.newest()
    if latest is None:
        raise VersionNotFoundError.of(document.name, "latest")
    return first, latest


def _print(context: Context, found: Comparison, form: str | None) -> None:
    console = context.console
    if form == "names":
        console.show({}, (file.path for file in found.files), folds=False)
        return
    console.show({}, chain(_head(found), _stat(found.files)))
    if form is None:
        for file in found.files:
            console.show({}, [""])
            for line in file.unified():
                console.show_styled(line, _STYLES.get(line[:1], ""))


def _head(found: Comparison) -> Iterator[str]:
    """Yields what decides whether to move on, before any line."""
    old, new = found.old, found.new
    yield f"{found.name} {old.version} → {new.version}"
    yield from render.pairs(
        [
            ("verdict", _arrow(_verdict(old), _verdict(new))),
            ("publisher", _arrow(old.publisher, new.publisher)),
            ("signed by", _arrow(_signer(old), _signer(new))),
            ("size", _arrow(render.size(old.size_bytes), render.size(new.size_bytes))),
        ]
    )
    yield from render.section("from somebody else", found.hands)
    yield from render.section("permissions gained", render.permissions(found.gained))
    yield from render.section("permissions lost", render.permissions(found.lost))
    if found.findings is None:
        yield from render.section("findings", ["The registry does not give them out, or not readably."])
    else:
        yield from render.section("findings new", map(_finding, found.findings.new))
        yield from render.section("findings gone", map(_finding, found.findings.gone))


def _arrow(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _verdict(skill: LockedSkill) -> str:
    return f"{skill.verdict}, score {render.score(skill.audit_score)}"


def _signer(skill: LockedSkill) -> str:
    return skill.signer.short if skill.signer else who_signed.NOT_SIGNED


def _finding(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return f"{finding.severity.label}  {finding.rule_id}  {place}  {finding.title}"


def _stat(files: tuple[FileChange, ...]) -> Iterator[str]:
    """Yields one line per file, and a sum."""
    yield ""
    if not files:
        yield "No file differs."
        return
    most = max(file.added + file.removed for file in files)
    yield from render.table([(_LETTERS[file.change], file.path, _extent(file, most)) for file in files])
    added, removed = sum(file.added for file in files), sum(file.removed for file in files)
    yield f"{len(files)} file{'s' * (len(files) != 1)}, {added} lines put in, {removed} taken out"


def _extent(file: FileChange, most: int) -> str:
    if file.is_binary:
        return f"binary, {file.sizes}"
    scale = min(1.0, _BAR / most) if most else 1.0
    bar = "+" * round(file.added * scale) + "-" * round(file.removed * scale)
    return f"{file.added + file.removed} {bar} {file.mode_change}".rstrip()


def _document(found: Comparison, *, has_lines: bool) -> dict[str, object]:
    findings = found.findings
    return {
        "name": str(found.name),
        "old": _side(found.old),
        "new": _side(found.new),
        "publisher_changes": list(found.hands),
        "permissions_gained": found.gained.to_json(),
        "permissions_lost": found.lost.to_json(),
        "findings_new": None if findings is None else [one.to_json() for one in findings.new],
        "findings_gone": None if findings is None else [one.to_json() for one in findings.gone],
        "files": [file.to_json(has_lines=has_lines) for file in found.files],
    }


def _side(skill: LockedSkill) -> dict[str, object]:
    return {
        "version": str(skill.version),
        "verdict": str(skill.verdict),
        "audit_score": skill.audit_score,
        "publisher": skill.publisher,
        "signer": skill.signer.to_json() if skill.signer else None,
        "size_bytes": skill.size_bytes,
        "integrity": skill.integrity,
        "digest": skill.digest,
    }
