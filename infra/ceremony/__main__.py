"""``python -m infra.ceremony``: sign the root of trust, where the keys are. Needs no network."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chalicelib.adapters.tuf.metadata import p256_key
from infra.ceremony.folder import Ceremony
from infra.ceremony.keys import CeremonyError, OfflineSigner, PublicKey, new_key, public_key_of, signer_of
from infra.ceremony.report import report
from infra.ceremony.roles import RoleKeys, RootPlan, plan_of
from tank_core.errors import TankError
from tank_core.tuf_layout import REGISTRY_TARGET, SIGNING_CONFIG_TARGET, TRUSTED_ROOT_TARGET

_TARGETS = (REGISTRY_TARGET, TRUSTED_ROOT_TARGET, SIGNING_CONFIG_TARGET)


def main(words: Sequence[str] | None = None) -> int:
    """Runs one step and says what clients would now trust; returns the exit code."""
    options = _parser().parse_args(words)
    step: Callable[[argparse.Namespace], list[str]] = options.step
    try:
        print(*step(options), sep="\n")
    except TankError as error:
        print(f"{error.what} {error.why}\n{error.fix}", file=sys.stderr)
        return 1
    except (CeremonyError, OSError, ValueError) as error:
        print(f"Not done: {error}", file=sys.stderr)
        return 1
    return 0


def _key(options: argparse.Namespace) -> list[str]:
    public = new_key(options.file, passphrase=_passphrase(options))
    return [f"Private, never online: {options.file}", f"Public, for the ceremony: {public}"]


def _init(options: argparse.Namespace) -> list[str]:
    plan = RootPlan(
        RoleKeys(_public_keys(options.root_key), options.root_threshold),
        RoleKeys(_public_keys(options.targets_key), options.targets_threshold),
        p256_key(options.index_key.read_text(encoding="ascii")),
    )
    ceremony = Ceremony(options.folder)
    if ceremony.root() is not None:
        raise CeremonyError("there is a root already: `root` makes the next one")
    version = ceremony.sign_root(plan, _signers(options), now=int(time.time()))
    return [f"Root version {version} is written.", *report(ceremony)]


def _root(options: argparse.Namespace) -> list[str]:
    ceremony = Ceremony(options.folder)
    root = ceremony.root()
    if root is None:
        raise CeremonyError("there is no root yet: init comes first")
    before = plan_of(root)
    plan = RootPlan(
        _changed(before.root, options.root_key, options.root_threshold),
        _changed(before.targets, options.targets_key, options.targets_threshold),
        p256_key(options.index_key.read_text(encoding="ascii")) if options.index_key else before.online,
    )
    version = ceremony.sign_root(plan, _signers(options), now=int(time.time()))
    lines = [f"Root version {version} is written."]
    if plan.online != before.online or plan.targets != before.targets:
        lines.append("Sign targets, too, before you publish: their keys or the index key changed.")
    return [*lines, *report(ceremony)]


def _targets(options: argparse.Namespace) -> list[str]:
    contents = {name: options.contents / name for name in _TARGETS}
    present = {name: path.read_bytes() for name, path in contents.items() if path.exists()}
    if REGISTRY_TARGET not in present:
        raise CeremonyError(f"{options.contents} has no {REGISTRY_TARGET}")
    ceremony = Ceremony(options.folder)
    version = ceremony.sign_targets(present, _signers(options), now=int(time.time()))
    return [f"Targets version {version} are written.", *report(ceremony)]


def _sign(options: argparse.Namespace) -> list[str]:
    ceremony = Ceremony(options.folder)
    ceremony.add_signatures(options.role, _signers(options))
    return [f"The newest {options.role} has more signatures.", *report(ceremony)]


def _verify(options: argparse.Namespace) -> list[str]:
    ceremony = Ceremony(options.folder)
    ceremony.authority()
    return report(ceremony)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.ceremony", description=__doc__)
    steps = parser.add_subparsers(required=True)

    def step(
        name: str, run: Callable[[argparse.Namespace], list[str]], help_: str
    ) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=help_)
        made.set_defaults(step=run)
        return made

    key = step("key", _key, "make an Ed25519 key for one person")
    key.add_argument("file", type=Path, help="must not exist; the public half is written beside it")
    _add_passphrase(key)
    init = step("init", _init, "the first root")
    _add_plan(init, is_first=True)
    root = step("root", _root, "the next root: other keys, another index key, or another year")
    _add_plan(root, is_first=False)
    targets = step("targets", _targets, "the next targets: what the registry says of itself")
    targets.add_argument("folder", type=Path)
    targets.add_argument(
        "--contents",
        type=Path,
        required=True,
        help="folder with registry.json, and sigstore/ if there is one",
    )
    _add_signers(targets)
    sign = step("sign", _sign, "more signatures, of keys that are elsewhere")
    sign.add_argument("folder", type=Path)
    sign.add_argument("role", choices=["root", "targets"])
    _add_signers(sign)
    step("verify", _verify, "walk the chain as a client does").add_argument("folder", type=Path)
    return parser


def _add_plan(parser: argparse.ArgumentParser, *, is_first: bool) -> None:
    parser.add_argument("folder", type=Path, help="the ceremony's folder")
    for role in ("root", "targets"):
        parser.add_argument(
            f"--{role}-key", type=Path, action="append", default=[], required=is_first, metavar="PUBLIC"
        )
        parser.add_argument(f"--{role}-threshold", type=int, default=1 if is_first else 0, metavar="N")
    parser.add_argument("--index-key", type=Path, required=is_first, metavar="PUBLIC", help="of the registry")
    _add_signers(parser)


def _add_signers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sign-with", type=Path, action="append", default=[], metavar="PRIVATE", help="as often as needed"
    )
    _add_passphrase(parser)


def _add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help="its first line; never on the command line")


def _passphrase(options: argparse.Namespace) -> bytes | None:
    if options.passphrase_file is None:
        return None
    return bytes(options.passphrase_file.read_bytes().partition(b"\n")[0])


def _signers(options: argparse.Namespace) -> list[OfflineSigner]:
    """Returns the signers; a key without a passphrase may stand among those with one."""
    passphrase = _passphrase(options)
    return [signer_of(path.read_bytes(), passphrase=passphrase) for path in options.sign_with]


def _public_keys(paths: Sequence[Path]) -> tuple[PublicKey, ...]:
    return tuple(public_key_of(path.read_bytes()) for path in paths)


def _changed(before: RoleKeys, paths: Sequence[Path], threshold: int) -> RoleKeys:
    keys = _public_keys(paths) if paths else before.keys
    return RoleKeys(keys, threshold or before.threshold)


if __name__ == "__main__":
    sys.exit(main())
