"""``tank publish``: pack, upload and publish a skill."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_cli.publishing.prepare import Prepared
    from tank_cli.publishing.signature import Options
    from tank_core.wire.publishes import StageStatus


@click.command("publish", epilog=example("tank publish --dry-run", "tank publish ./my-skill"))
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--dry-run", is_flag=True, help="Show what would be published, check it, and stop.")
@click.option("--sign/--no-sign", "sign", default=None, help="In place of what is said above.")
@click.option("--device", is_flag=True, help="Log in on another device: show a link, ask for its code.")
@click.option("--yes", is_flag=True, help="Agree that your address becomes part of a public log.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A Sigstore bundle that signs this very package.",
)
@common
def command(
    context: Context,
    path: Path | None,
    dry_run: bool,
    sign: bool | None,
    device: bool,
    yes: bool,
    bundle: Path | None,
) -> None:
    """Pack a skill's folder, sign it, upload it, and watch the registry examine it.

    It is signed in a CI job that has an identity, and wherever the organisation
    binds one for the skill: as that job, or as the person who logs in. A CI job
    needs no token. A signature says who published, and nothing else.

    The registry signs off in five stages: sign, analyze, validate, score, store.
    Publishing the same bytes again succeeds; other bytes under a published version
    are a conflict. With --dry-run nothing is uploaded, and the same checks are made
    here as far as this machine can make them.
    """
    from tank_cli.failures import UsageError
    from tank_cli.publishing.prepare import prepare
    from tank_cli.publishing.signature import Options

    if bundle is not None and sign is not None:
        raise UsageError(
            "--bundle goes with neither --sign nor --no-sign.",
            why="A bundle is a signature that is there already.",
            fix="Leave one of them out.",
        )
    package = prepare(context.cwd / (path or "."))
    if dry_run:
        _rehearse(context, package)
        return
    _publish(context, package, Options(sign, bundle, on_other_device=device, agreed=yes))


def _rehearse(context: Context, package: Prepared) -> None:
    """Shows the package, then fails for whatever the registry would refuse."""
    from tank_cli.publishing.description import document, lines
    from tank_cli.scanning.scan import scan
    from tank_cli.scanning.semgrep import SemgrepMissingError
    from tank_core.refusal import refusal_of

    if not context.console.as_json:
        context.console.show({}, lines(package))
    already = _check_history(context, package)
    verdict: str | None = None
    try:
        found = scan(package.entries, package.manifest, context.config)
    except SemgrepMissingError as error:
        context.console.warn(f"not scanned: {error.what} Fix: {error.fix}.")
    else:
        refusal = refusal_of(found.findings)
        if refusal is not None:
            raise refusal
        verdict = str(found.score.verdict)
    context.console.show(
        {**document(package), "verdict": verdict, "already": already},
        [
            "",
            f"Dry run: {package.label} would be published."
            if not already
            else f"{package.label} is published.",
        ],
    )


def _check_history(context: Context, package: Prepared) -> bool:
    """Returns whether exactly this is published; warns of what nobody could be asked."""
    from tank_cli import credentials
    from tank_cli.client.connection import Connection
    from tank_cli.publishing.demands import demands_of
    from tank_cli.publishing.history import check_history
    from tank_cli.publishing.rights import check_rights

    if not context.config.configured_registry:
        context.console.warn("no registry is configured, so earlier versions were not compared.")
        return False
    name = package.manifest.name
    with Connection(context.config) as connection:
        if demands_of(connection.api_with(""), name, int(time.time())).bindings:
            context.console.say(f"It must be signed; `tank binding list @{name.org}` shows by whom.")
        if credentials.token_for(context.config, connection.registry):
            check_rights(connection.api(), name)
        else:
            context.console.warn("you are not logged in, so your right to publish it was not checked.")
        return check_history(package, connection.index())


def _publish(context: Context, package: Prepared, options: Options) -> None:
    from tank_cli.client.connection import Connection
    from tank_cli.publishing.description import document
    from tank_cli.publishing.flow import publish
    from tank_cli.publishing.upload import Watch

    console = context.console
    watch = Watch(on_stage=lambda stage: console.say(_stage_line(stage)))
    with Connection(context.config) as connection:
        ended = publish(context, connection, package, options, watch)
    if ended is None:
        text = f"{package.label} is published already, with these very bytes."
        console.show({**document(package), "state": "published", "already": True}, [text])
        return
    result = ended.result
    score = render.score(result.audit_score) if result else ""
    text = f"Published {package.label}" + (f": verdict {result.verdict}, score {score}." if result else ".")
    console.show(ended.model_dump(mode="json"), [text])


def _stage_line(stage: StageStatus) -> str:
    return f"  {stage.stage:<9} {stage.state:<9} {stage.summary}".rstrip()
