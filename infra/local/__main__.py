"""``python -m infra.local serve``: the embedded registry's command line."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.settings import BINDING_DELAY_SECONDS, SettingsError, second_opinion_from
from infra.ceremony.keys import CeremonyError
from infra.local import rescan_command
from infra.local.authority import offline_keys_here
from infra.local.durable import ExposedFileError
from infra.local.folder import DataFolder, FolderInUseError
from infra.local.programs import NoSemgrepError, find_semgrep
from infra.local.server import ServeOptions, serve
from infra.local.signer import UnusableKeyError
from infra.local.sigstore import ci_identity
from infra.local.sigstore.choice import SigstoreChoice, UnusableTrustedRootError
from infra.local.sigstore.ci_builds import UnusableBuildError
from infra.local.sigstore.stand_in import NotServedError
from infra.local.sqlite.schema import UnknownSchemaError
from infra.local.stages import stage_functions
from infra.local.states.fields import DefinitionError
from infra.local.wiring import PROJECT
from tank_core.analysis.rules import RuleError
from tank_core.errors import TankError

_REFUSALS = (
    CeremonyError,
    DefinitionError,
    ExposedFileError,
    FolderInUseError,
    NoSemgrepError,
    OSError,
    RuleError,
    SettingsError,
    TankError,
    UnknownSchemaError,
    UnusableKeyError,
    UnusableTrustedRootError,
)

_WIDTH = 80  # columns of the terminal that it starts in
_CI_REFUSALS = (ExposedFileError, NotServedError, OSError, UnusableBuildError, UnusableKeyError)


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command; returns 0, or 1 when it cannot do its work."""
    given = _parser().parse_args(words)
    if given.command == "ci-identity":
        return _ci_identity(given)
    return _rescan(given) if given.command == "rescan" else _serve(_serve_options(given))


def _rescan(given: argparse.Namespace) -> int:
    os.umask(0o077)  # as when it serves
    try:
        return rescan_command.run(given, find_semgrep(os.environ, PROJECT))
    except (*_REFUSALS, rescan_command.NeverServedError) as error:
        print(f"No rescan: {error}", file=sys.stderr)
        return 1


def _ci_identity(given: argparse.Namespace) -> int:
    try:
        print(ci_identity.run(given), end="")
    except _CI_REFUSALS as error:
        print(f"No identity: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(options: ServeOptions) -> int:
    os.umask(0o077)  # what this process writes is its owner's, SQLite's own files included
    os.environ.setdefault("TANK_LOG_LEVEL", "INFO" if options.is_verbose else "WARNING")

    def announce(url: str, fingerprint: str) -> None:
        print(announcement(options, url, fingerprint), flush=True)

    try:
        options = replace(options, second_opinion=second_opinion_from(os.environ))
        serve(options, find_semgrep(os.environ, PROJECT), stage_functions, announce=announce)
    except _REFUSALS as error:
        why = f" {error.why} {error.fix}" if isinstance(error, TankError) else ""
        print(f"The registry cannot start: {error}{why}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local", description="A Tank registry on one machine."
    )
    commands = parser.add_subparsers(required=True, dest="command")
    _add_serve_arguments(commands.add_parser("serve", help="run a registry on a data folder"))
    ci_identity.add_arguments(
        commands.add_parser("ci-identity", help="let a shell sign as a build, with the local Sigstore")
    )
    rescan_command.add_arguments(
        commands.add_parser("rescan", help="judge what is published by today's rules")
    )
    return parser


def _add_serve_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, required=True, help="data folder, made when it is not there")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on")
    command.add_argument("--port", type=int, default=8470, help="0 takes a free one")
    command.add_argument(
        "--public-url", default="", help="where clients reach it, when a proxy stands in front"
    )
    command.add_argument(
        "--behind-proxy",
        action="store_true",
        help="count requests by the last address of X-Forwarded-For, which a proxy on this machine must write",
    )
    command.add_argument(
        "--ready-file", type=Path, help="JSON with url and fingerprint, written when it serves"
    )
    command.add_argument("--oci-registry", default="", help="HOST[:PORT][/PREFIX] to mirror versions to")
    command.add_argument(
        "--sigstore",
        type=SigstoreChoice,
        choices=list(SigstoreChoice),
        default=SigstoreChoice.LOCAL,
        help="whose Sigstore publishers sign with: one on this machine, the public one, or none",
    )
    command.add_argument(
        "--trusted-root", default="", help="Sigstore trusted root, instead of that one's own"
    )
    command.add_argument(
        "--binding-delay-seconds",
        type=_seconds,
        default=BINDING_DELAY_SECONDS,
        help="how long a binding that lets somebody new in is announced before it counts",
    )
    command.add_argument(
        "--rebuild-index",
        type=int,
        metavar="VERSION",
        help="write the whole index again from the catalog, no version below this one: after a tampering",
    )
    command.add_argument("--rules", type=Path, help="folder of detection rules, instead of those that ship")
    command.add_argument(
        "--takedown-on",
        choices=["fail"],
        help="let rescans withdraw versions whose verdict becomes fail; by default they stay readable",
    )
    command.add_argument("--verbose", action="store_true", help="one line per request")


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of whole seconds")
    return int(text)


def _serve_options(given: argparse.Namespace) -> ServeOptions:
    return ServeOptions(
        data=given.data,
        host=given.host,
        port=given.port,
        public_url=given.public_url,
        ready_file=given.ready_file,
        oci_registry=given.oci_registry,
        sigstore=given.sigstore,
        trusted_root=given.trusted_root,
        binding_delay_seconds=given.binding_delay_seconds,
        is_behind_proxy=given.behind_proxy,
        rebuild_index_from=given.rebuild_index,
        rules=given.rules,
        takes_down_failed=given.takedown_on == "fail",
        is_verbose=given.verbose,
    )


def announcement(options: ServeOptions, url: str, fingerprint: str) -> str:
    """Returns what an operator is told at the start: command lines that can be pasted, and limits."""
    token_file = str(options.data.absolute() / "admin.token")
    return (
        "Tank registry, embedded: one process, one data folder.\n\n"
        f"{_about_sigstore(options)}{_about_offline_keys(options)}"
        f"  URL   {url}\n"
        f"  Root  {fingerprint}\n"
        f"  Data  {options.data.absolute()}\n"
        f"{_about_second_opinion(options)}\n"
        "Trust it, and log in as admin:\n\n"
        f"{_command('tank', 'trust', url, '--fingerprint', fingerprint)}"
        f"{_command('tank', 'login', '--registry', url, '--token-file', token_file)}\n"
        "What it does not give:\n\n"
        "  - IAM: whoever can read the data folder holds the signing key and every\n"
        "    token's rights\n"
        "  - isolation between stages, beyond a limited subprocess for analysis\n"
        "  - TLS: put a proxy in front before anybody else's machine reaches it\n"
    )


def _about_second_opinion(options: ServeOptions) -> str:
    asked = options.second_opinion
    whom = asked.program or urlsplit(asked.url).hostname or ""
    return f"  Asks  {whom} for a second opinion,\n        which may only raise and add\n" if whom else ""


def _command(*words: str) -> str:
    """Returns a command line that can be pasted, broken between its words where it is too wide."""
    lines = [" "]
    for word in map(shlex.quote, words):
        if len(lines[-1]) + len(f" {word} \\") > _WIDTH and lines[-1].strip():
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}"
    return "\n".join(lines) + "\n"


def _banner(text: str) -> str:
    return textwrap.fill(f"*** {text} ***", _WIDTH, break_long_words=False, break_on_hyphens=False) + "\n\n"


def _about_offline_keys(options: ServeOptions) -> str:
    folder = DataFolder(options.data.absolute())
    if not offline_keys_here(folder):
        return ""
    return _banner(
        "OFFLINE KEYS ARE ONLINE: whoever reads the data folder can replace this registry's root of trust. "
        f"Move {folder.offline_keys} to another machine (docs/tuf-ceremony.md); this registry needs them again "
        "only when its address, its keys or its Sigstore change, and twice a year"
    )


def _about_sigstore(options: ServeOptions) -> str:
    if options.sigstore is SigstoreChoice.LOCAL:
        return _banner(
            "LOCAL SIGSTORE: its certificates count for clients of this registry only, and anyone with the "
            "data folder can sign as anybody"
        )
    if options.sigstore is SigstoreChoice.NONE and not options.trusted_root:
        return _banner("NO SIGSTORE: nobody can sign for this registry, and every bundle is refused")
    return ""


if __name__ == "__main__":
    sys.exit(main())
