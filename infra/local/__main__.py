"""``python -m infra.local serve``: the embedded registry's command line."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.durable import ExposedFileError
from infra.local.folder import FolderInUseError
from infra.local.programs import NoSemgrepError, find_semgrep
from infra.local.server import ServeOptions, serve
from infra.local.signer import UnusableKeyError
from infra.local.sqlite.schema import UnknownSchemaError
from infra.local.stages import stage_functions
from infra.local.states.fields import DefinitionError
from infra.local.wiring import PROJECT

_REFUSALS = (
    DefinitionError,
    ExposedFileError,
    FolderInUseError,
    NoSemgrepError,
    OSError,
    UnknownSchemaError,
    UnusableKeyError,
)


def main(words: Sequence[str] | None = None) -> int:
    """Serves until it is told to stop; returns 0, or 1 when it cannot start."""
    options = _options(words)
    os.umask(0o077)  # what this process writes is its owner's, SQLite's own files included
    os.environ.setdefault("TANK_LOG_LEVEL", "INFO" if options.is_verbose else "WARNING")

    def announce(url: str, fingerprint: str) -> None:
        print(announcement(options, url, fingerprint), flush=True)

    try:
        serve(options, find_semgrep(os.environ, PROJECT), stage_functions, announce=announce)
    except _REFUSALS as error:
        print(f"The registry cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _options(words: Sequence[str] | None) -> ServeOptions:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local", description="A Tank registry on one machine."
    )
    command = parser.add_subparsers(required=True).add_parser("serve", help="run a registry on a data folder")
    command.add_argument("--data", type=Path, required=True, help="data folder, made when it is not there")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on")
    command.add_argument("--port", type=int, default=8470, help="0 takes a free one")
    command.add_argument(
        "--public-url", default="", help="where clients reach it, when a proxy stands in front"
    )
    command.add_argument(
        "--ready-file", type=Path, help="JSON with url and fingerprint, written when it serves"
    )
    command.add_argument("--oci-registry", default="", help="HOST[:PORT][/PREFIX] to mirror versions to")
    command.add_argument("--trusted-root", default="", help="Sigstore trusted root that verifies bundles")
    command.add_argument("--verbose", action="store_true", help="one line per request")
    given = parser.parse_args(words)
    return ServeOptions(
        data=given.data,
        host=given.host,
        port=given.port,
        public_url=given.public_url,
        ready_file=given.ready_file,
        oci_registry=given.oci_registry,
        trusted_root=given.trusted_root,
        is_verbose=given.verbose,
    )


def announcement(options: ServeOptions, url: str, fingerprint: str) -> str:
    """Returns what an operator is told at the start: command lines that can be pasted, and limits."""
    bundles = (
        "" if options.trusted_root else "  - publishers' Sigstore bundles: refused without --trusted-root\n"
    )
    token_file = shlex.quote(str(options.data.absolute() / "admin.token"))
    return (
        "Tank registry, embedded: one process, one data folder.\n\n"
        f"  URL          {url}\n"
        f"  Key          {fingerprint}\n"
        f"  Data         {options.data.absolute()}\n\n"
        "Trust it, and log in as admin:\n\n"
        f"  tank trust {url} --fingerprint {fingerprint}\n"
        f"  tank login --registry {url} --token-file {token_file}\n\n"
        "What it does not give:\n\n"
        "  - IAM: whoever can read the data folder holds the signing key and every token's rights\n"
        "  - isolation between stages, beyond a limited subprocess for analysis\n"
        f"{bundles}"
        "  - TLS: put a proxy in front before anybody else's machine reaches it\n"
    )


if __name__ == "__main__":
    sys.exit(main())
