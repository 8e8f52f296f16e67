"""``tank verify-bundle``: verify any Sigstore bundle, offline, as the official conformance suite asks.

Source: sigstore-conformance, docs/cli_protocol.md, "Verify".
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import click

from tank_cli.context import Context, common, example
from tank_cli.render import minute
from tank_cli.who_signed import NOTE
from tank_core.errors import ExitCode, TankError, quoted

_DIGEST = re.compile(r"sha256:[0-9a-fA-F]{64}")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class WrongSignerError(TankError):
    """A good bundle was signed by somebody else than who was asked for."""

    code = "wrong-signer"
    exit_code = ExitCode.INTEGRITY


@click.command(
    "verify-bundle",
    epilog=example(
        "tank verify-bundle --bundle notes.sigstore.json \\",
        "  --certificate-identity jo@acme.example \\",
        "  --certificate-oidc-issuer https://accounts.example notes.tgz",
    ),
)
@click.option("--staging", is_flag=True, help="Trust Sigstore's staging instance instead of production.")
@click.option("--bundle", required=True, type=_FILE, help="The bundle.")
@click.option("--certificate-identity", required=True, metavar="NAME", help="Who must have signed, exactly.")
@click.option(
    "--certificate-oidc-issuer", required=True, metavar="URL", help="Who vouched for them, exactly."
)
@click.option("--trusted-root", type=_FILE, help="Trust this Sigstore instead, a trusted root file.")
@click.argument("artifact", metavar="FILE_OR_sha256:HEX")
@common
def command(
    context: Context,
    staging: bool,
    bundle: Path,
    certificate_identity: str,
    certificate_oidc_issuer: str,
    trusted_root: Path | None,
    artifact: str,
) -> None:
    """Verify who signed a file, with nothing but its bundle and a trusted root.

    Needs no registry and no network. A signature says who signed, and not whether
    the file is any good. For a statement the file is one of its subjects. A bundle
    without a timestamp passes with the time that the transparency log promised;
    what a registry publishes must have one.
    """
    from tank_core.bundle import verify_artifact

    verified = verify_artifact(
        _bytes_of(bundle),
        artifact_sha256=_sha256_of(artifact),
        trusted_root=_root(trusted_root, staging=staging),
        needs_timestamp=False,
    )
    claims = verified.claims
    _check("identity", claims.subject, certificate_identity)
    _check("OIDC issuer", claims.issuer, certificate_oidc_issuer)
    log = verified.log
    lines = [
        f"Signed by {claims.subject} ({claims.issuer}).",
        f"Signed at {minute(log.signed_at)}, entry {log.index} ({log.kind}) of the log {log.log_id}.",
        NOTE,
    ]
    context.console.show({"claims": claims.to_json(), "log": log.to_json()}, lines)


def _bytes_of(path: Path) -> bytes:
    """Returns a bundle's bytes, cut one byte above the limit, where it is refused."""
    from tank_core.bundle import MAX_BUNDLE_BYTES

    with path.open("rb") as file:
        return file.read(MAX_BUNDLE_BYTES + 1)


def _root(path: Path | None, *, staging: bool) -> bytes:
    from tank_core.bundle import public_roots

    if path is not None:
        return path.read_bytes()
    return public_roots.public_root(public_roots.STAGING if staging else public_roots.PRODUCTION)


def _sha256_of(artifact: str) -> bytes:
    """Returns the digest that is given, or that of the file that is.

    Whoever laid a file of that name here must not have it verified in place of what has the digest.
    """
    path = Path(artifact)
    if _DIGEST.fullmatch(artifact):
        if os.path.lexists(path):
            raise click.BadParameter(f"{artifact} is a digest, and a file here has that name: ./{artifact}")
        return bytes.fromhex(artifact.removeprefix("sha256:"))
    if not path.is_file():
        raise click.BadParameter(f"{artifact} is neither a file nor sha256: with 64 hex digits.")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _check(what: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise WrongSignerError(
            "Somebody else signed this.",
            why=f"The certificate's {what} is {quoted(found)}, not {quoted(wanted)}.",
            fix="Do not use the file, unless you were wrong about who signs it.",
        )
