"""``tank link`` and ``tank unlink``: develop a skill in place."""

from __future__ import annotations

from pathlib import Path

import click

from tank_cli import completing
from tank_cli.context import Context, common, example


@click.command("link", epilog=example("tank link ../my-skill", "tank link ../my-skill --agent claude"))
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--agent",
    "agents",
    multiple=True,
    shell_complete=completing.agents,
    help="Link for this agent although its folder is missing.",
)
@click.option("-g", "--global", "is_global", is_flag=True, help="For all your projects, in your home.")
@common
def command(context: Context, path: Path, agents: tuple[str, ...], is_global: bool) -> None:
    """Lead the agents of this project to a skill's own folder, so that they see every change at once.

    What it declares has to fit the project's permissions. It is in no lock, nobody scanned
    or signed it, and `tank ci` refuses a project that has one. In the place of an installed
    skill of the same name it stays until `tank unlink`.
    """
    from tank_cli import develop
    from tank_cli.project import find
    from tank_cli.publishing.prepare import described
    from tank_cli.transaction import exclusive
    from tank_core.budget import check_budget

    project = find(context.cwd, context.config, is_global=is_global, agents=agents)
    manifest = described(context.cwd / path)
    allowed = project.manifest().permissions
    check_budget(allowed, {manifest.name: manifest.capabilities}, manifest=str(project.manifest_path))
    with exclusive(project.root, context.config) as journal:
        places = develop.link(project, manifest, context.cwd / path, journal)
    folder = (context.cwd / path).resolve()
    document = {"name": str(manifest.name), "path": str(folder), "links": list(places)}
    context.console.show(document, [f"link {place}" for place in places])
    context.console.warn(f"{manifest.name} is a link to {folder}: not locked, not scanned, not signed.")


@click.command(
    "unlink", epilog=example("tank unlink @acme/my-skill", "tank unlink ../my-skill", "tank unlink --all")
)
@click.argument("skills", nargs=-1, metavar="[NAME|PATH]...", shell_complete=completing.linked_skills)
@click.option("--all", "everything", is_flag=True, help="Every linked skill of the project.")
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def unlink(context: Context, skills: tuple[str, ...], everything: bool, is_global: bool) -> None:
    """Take the links to skills away that `tank link` made. Their folders stay as they are.

    Where a skill of the same name is installed, the agents see that again.
    """
    from tank_cli import develop
    from tank_cli.failures import UsageError
    from tank_cli.project import find
    from tank_cli.transaction import exclusive

    if bool(skills) == everything:
        raise UsageError(
            "Name skills, or say --all.", why="One of the two is needed.", fix="tank unlink --all"
        )
    project = find(context.cwd, context.config, is_global=is_global)
    with exclusive(project.root, context.config) as journal:
        names = (
            sorted(develop.linked_folders(project))
            if everything
            else [develop.named(project, one, context.cwd) for one in skills]
        )
        places = develop.unlink(project, tuple(dict.fromkeys(names)), journal)
    document = {"names": [str(name) for name in names], "links": list(places)}
    context.console.show(document, [f"unlink {place}" for place in places])
