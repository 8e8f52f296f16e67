"""``tank trust``: pin the root of a registry."""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli.config import read_config_file, registry_url, set_default_registry
from tank_cli.context import Context, common, example
from tank_cli.failures import UsageError
from tank_cli.trust import RegistryTrust
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.integrity import InvalidDigestError, parse_digest
from tank_core.tuf_layout import MAX_ROOT_BYTES, NEWEST_ROOT, metadata_path, root_fingerprint

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_cli.registry_targets import RegistryTargets

_EARLIER_ROOTS = 64  # roots are renewed twice a year: a fingerprint serves for decades
_LOCK_SECONDS = 90.0  # as long as another tank may take for a refresh
_SIGSTORES = {
    "": "none: its publishers cannot sign",
    "local": "its own",
    "public": "the public one",
}


class NotARegistryError(TankError):
    """What answered is no registry."""

    code = "not-a-registry"
    exit_code = ExitCode.NETWORK


class FingerprintNeededError(TankError):
    """Nobody compared a fingerprint: there is no person to ask, or they did not say that it is the right one."""

    code = "fingerprint-needed"
    exit_code = ExitCode.INTEGRITY


class UnknownFingerprintError(TankError):
    """The registry's root is not the one that the person asked for."""

    code = "unknown-fingerprint"
    exit_code = ExitCode.INTEGRITY


class AnotherRootPinnedError(TankError):
    """Another root of this registry is pinned already."""

    code = "another-root-pinned"
    exit_code = ExitCode.INTEGRITY


@click.command(
    "trust", epilog=example("tank trust https://tank.example --fingerprint sha256:4f1c…", "tank trust URL")
)
@click.argument("url")
@click.option("--fingerprint", metavar="sha256:HEX", help="The root's fingerprint, from the operator.")
@click.option("--replace", "replacing", is_flag=True, help="Forget the root that is pinned now.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Take the root from a file of `tank vendor`, and ask no network.",
)
@common
def command(
    context: Context, url: str, fingerprint: str | None, replacing: bool, source: Path | None
) -> None:
    """Pin the root that vouches for a registry: for its index, its keys and its address.

    Compare the fingerprint with one that reached you another way: whoever can
    change what the registry says can change this as well. The fingerprint of an
    earlier root serves, too, as long as the newest one follows from it. The first
    registry that you trust becomes the default.
    """
    from tank_cli.client.connection import Connection

    registry = registry_url(url)
    if fingerprint is not None:
        _check_fingerprint(fingerprint)
    config = replace(context.config, configured_registry=registry)
    if source is not None:
        root, targets = _pin_from(context, RegistryTrust.of(config, registry), source, fingerprint, replacing)
        _finish(context, registry, root, targets)
        return
    with Connection(config) as connection:
        newest = _offered_root(connection, NEWEST_ROOT)
        if fingerprint is None:
            _ask(context, registry, root_fingerprint(newest))
            root = newest
        else:
            root = _root_with(connection, newest, fingerprint)
        targets = _pin(connection, RegistryTrust.of(config, registry), root, newest, replacing)
    _finish(context, registry, root, targets)


def _finish(context: Context, registry: str, root: bytes, targets: RegistryTargets) -> None:
    is_default = "registry" not in read_config_file(context.config.config_file)
    if is_default:
        set_default_registry(context.config, registry)
    _show(context, registry, root_fingerprint(root), targets, is_default)


def _pin_from(
    context: Context, trust: RegistryTrust, source: Path, fingerprint: str | None, replacing: bool
) -> tuple[bytes, RegistryTargets]:
    """Pins the root of a vendor file that has a fingerprint; returns it, and what it vouches for.

    Raises:
        UnknownFingerprintError: unknown-fingerprint.
        AnotherRootPinnedError: another-root-pinned.
        TankError: as ``vendored_trust.learn``.
    """
    from tank_cli.client.vendored_trust import pin_from
    from tank_cli.vendoring.vendor_file import VendorFile, root_name

    file = VendorFile.open(context.cwd / source)
    roots = [file.read(root_name(version), MAX_ROOT_BYTES) or b"" for version in file.roots()]
    if fingerprint is None and roots:
        fingerprint = root_fingerprint(roots[-1])
        _ask(context, trust.registry, fingerprint)
    root = next((one for one in reversed(roots) if _has_fingerprint(one, fingerprint or "")), None)
    if root is None:
        raise UnknownFingerprintError(
            f"No root in {source} has the fingerprint {fingerprint}.",
            why="The file comes from another registry, or its root was pinned later than the one that you were told.",
            fix="Ask the registry's operator for the fingerprint of a newer root.",
        )
    if trust.is_pinned and not replacing and trust.root() != root:
        raise AnotherRootPinnedError(
            f"Another root of {trust.registry} is pinned.",
            why="A file cannot say which of them is right.",
            fix=f"If its operator says so: tank trust {trust.registry} --fingerprint sha256:… --from FILE --replace",
        )
    return root, pin_from(trust, file, root)


def _root_with(connection: Connection, newest: bytes, fingerprint: str) -> bytes:
    """Returns the registry's root with a fingerprint: the newest, or an earlier one.

    A fingerprint stands in a CI job's configuration or on paper for years, while roots are
    renewed. Whoever pinned the earlier root in its time trusts what follows from it, and
    whether the newest does is verified before anything is pinned.

    Raises:
        UnknownFingerprintError: unknown-fingerprint.
    """
    if _has_fingerprint(newest, fingerprint):
        return newest
    version = _version_of(newest)
    for earlier in range(version - 1, max(0, version - 1 - _EARLIER_ROOTS), -1):
        try:
            root = _offered_root(connection, metadata_path("root", earlier))
        except NotARegistryError:  # gone from the store; an even earlier one may be there
            continue
        if _has_fingerprint(root, fingerprint):
            return root
    raise UnknownFingerprintError(
        f"No root of {connection.registry} has the fingerprint {fingerprint}.",
        why=f"The newest has {root_fingerprint(newest)}. You may be talking to somebody else, or the "
        "registry was set up anew since you were told.",
        fix="Ask the registry's operator for the right fingerprint.",
    )


def _check_fingerprint(fingerprint: str) -> None:
    """Refuses what cannot be a fingerprint, so that a slip is not told as another root.

    Raises:
        UsageError: usage.
    """
    try:
        parse_digest(fingerprint)
    except InvalidDigestError as error:
        raise UsageError(
            f"{quoted(fingerprint)} is not a fingerprint.",
            why="It is sha256: and 64 digits from 0 to 9 and a to f.",
            fix="Copy the whole fingerprint that the registry's operator told you.",
        ) from error


def _has_fingerprint(root: bytes, fingerprint: str) -> bool:
    return hmac.compare_digest(fingerprint.encode(), root_fingerprint(root).encode())


def _version_of(root: bytes) -> int:
    from tank_cli.client.trusted_metadata import check_root

    return check_root(root).version


def _offered_root(connection: Connection, path: str) -> bytes:
    """Returns a root of the registry, which its own keys signed; whose they are is for a person to say."""
    from tank_cli.client.problems import registry_error
    from tank_cli.client.transport import Request
    from tank_cli.client.trusted_metadata import check_root

    url = f"{connection.registry}/{path}"
    answer = connection.transport.send(Request("GET", url, max_bytes=MAX_ROOT_BYTES))
    if answer.status in (403, 404):
        raise NotARegistryError(
            f"{connection.registry} is not a registry that Tank understands.",
            why=f"{url} is not there, and every registry has a root.",
            fix="Check the address.",
        )
    if answer.status != 200:
        raise registry_error(answer, url)
    check_root(answer.body)
    return answer.body


def _ask(context: Context, registry: str, fingerprint: str) -> None:
    """Asks a person whether a fingerprint is the right one."""
    if not context.can_ask:
        raise FingerprintNeededError(
            f"Say which root of {registry} you trust.",
            why="Nobody is at a terminal to compare a fingerprint.",
            fix=f"tank trust {registry} --fingerprint sha256:…   (ask the registry's operator for it)",
        )
    context.console.say(f"The root of {registry} has the fingerprint\n\n  {fingerprint}\n")
    if not context.agrees("Is it the one that the registry's operator told you?"):
        raise FingerprintNeededError(
            f"The root of {registry} is not pinned: you did not say that it is the right one.",
            why="Whoever can change what the registry says can change its fingerprint as well.",
            fix="Ask the registry's operator for the fingerprint, by another way, and compare it.",
        )


def _pin(
    connection: Connection, trust: RegistryTrust, root: bytes, newest: bytes, replacing: bool
) -> RegistryTargets:
    """Pins a root, once everything below it is verified; until then what was pinned stays.

    1. Where a root is pinned, the newest one must be it or follow from it, unless the person replaces it;
       nothing changes then.
    2. Verify the whole index below the root, in a place of its own, and whatever roots follow from it.
    3. Put that place where the old one was.
    """
    from tank_cli.client.trusted_metadata import TrustedMetadata
    from tank_cli.file_lock import waiting_for

    if trust.is_pinned and not replacing:  # 1
        metadata = TrustedMetadata(connection.transport, trust)
        targets = metadata.refresh()
        if metadata.newest_root() != newest:
            raise AnotherRootPinnedError(
                f"Another root of {trust.registry} is pinned.",
                why="The offered one does not follow from it: the registry was set up anew, or somebody else answers.",
                fix=f"If its operator says so: tank trust {trust.registry} --fingerprint sha256:… --replace",
            )
        if root == newest:
            return targets
    staged = trust.staged()
    try:
        staged.pin(root)
        targets = TrustedMetadata(connection.transport, staged).refresh()  # 2
        if trust.is_pinned and not replacing:
            return targets
        with waiting_for(trust.lock, seconds=_LOCK_SECONDS):
            trust.become(staged)  # 3
    finally:
        staged.forget()
        staged.lock.unlink(missing_ok=True)
    return targets


def _show(
    context: Context, registry: str, fingerprint: str, targets: RegistryTargets, is_default: bool
) -> None:
    kind = targets.sigstore.kind if targets.sigstore else ""
    keys = sorted(targets.keys)
    context.console.show(
        {
            "registry": registry,
            "fingerprint": fingerprint,
            "api": targets.api,
            "keys": keys,
            "sigstore": kind,
            "default": is_default,
        },
        [
            f"Pinned the root of {registry}:",
            f"  {fingerprint}",
            f"  API       {targets.api}",
            *(f"  Key       {key_id}" for key_id in keys),
            f"  Sigstore  {_SIGSTORES[kind]}",
            *(["It is your default registry."] if is_default else []),
        ],
    )
