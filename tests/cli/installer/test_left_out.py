"""What the process that verifies bundles leaves out is loaded by nothing, used by nothing, and of no use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError, create_model

from tank_cli.left_out import LOG_ENTRIES, LeftOut, LeftOutError
from tests.support import real_bundles
from tests.support.local_bundles import STATEMENT
from tests.support.local_sigstore import ALICE, SigstoreScene, parts
from tests.support.signing_publisher import PERSONS_ISSUER

PROJECT = Path(__file__).resolve().parents[3]
# Verifies the bundle in the file named last, by the root named before; the library's clients are loaded as
# they would be, or not. Prints the modules that are loaded at the end, and what was asked of those left out.
_PROGRAM = """
import sys
from pathlib import Path
root, bundle, is_left_out = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]).read_bytes(), len(sys.argv) > 3
from tank_cli import left_out
used = []
call = left_out._LeftOutType.__call__
def asked(cls, name):
    if not name.startswith("__"):  # which pydantic looks for in the type of every field
        used.append(name)
    raise AttributeError(name)
left_out._LeftOutType.__call__ = lambda cls, *a, **k: used.append(cls.__name__) or call(cls)
left_out._LeftOutType.__getattr__ = asked
if is_left_out:
    left_out.leave_out_of_verifying()
from tank_core.bundle import verify_bundle
assert verify_bundle(bundle, trusted_root=root, needs_timestamp=b"rfc3161Timestamps" in bundle).statement
real = [name for name, module in sys.modules.items() if not isinstance(module, left_out.LeftOut)]
print(*sorted(real))
print(*used)
"""
_CLIENTS = {"requests", "urllib3", "charset_normalizer", "id", "jwt", "platformdirs", "webbrowser"}
_OTHERS = {
    "email.utils",
    "socket",
    "importlib.metadata",
    "zipfile",
    "tempfile",
    "uuid",
    "decimal",
    *LOG_ENTRIES,
}


@pytest.mark.parametrize("signer", ["build", "person"])
@pytest.mark.parametrize("rekor", [1, 2])
def test_a_bundle_is_verified_without_what_is_left_out(
    sigstore: SigstoreScene, tmp_path: Path, rekor: int, signer: str
) -> None:
    root, bundle = tmp_path / "root", tmp_path / "bundle"
    root.write_bytes(sigstore.trusted_root)
    who: dict[str, Any] = {"claims": ALICE, "issuer": PERSONS_ISSUER} if signer == "person" else {}
    bundle.write_bytes(parts(sigstore, STATEMENT, rekor=rekor, **who).to_bundle())
    whole, _ = _run(str(root), str(bundle))
    assert {name.partition(".")[0] for name in whole} >= _CLIENTS
    assert whole >= _OTHERS
    less, used = _run(str(root), str(bundle), "left out")
    assert {name.partition(".")[0] for name in less} & {*_CLIENTS, "http", "ssl"} == set()
    assert not {"sigstore.oidc", "tuf.ngclient", *_OTHERS} & less
    assert used == set()


@real_bundles.needs_sdist
@pytest.mark.parametrize("name", [real_bundles.PERSON, real_bundles.GITHUB_SLSA, real_bundles.GITLAB])
def test_what_others_signed_is_verified_without_it_too(tmp_path: Path, name: str) -> None:
    root, bundle = tmp_path / "root", tmp_path / "bundle"
    root.write_bytes(real_bundles.PRODUCTION_ROOT)
    bundle.write_text(json.dumps(real_bundles.bundle_of(name)))
    _, used = _run(str(root), str(bundle), "left out")
    assert used == set()


def _run(*words: str) -> tuple[set[str], set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        env={"PYTHONPATH": f"{PROJECT / 'cli'}:{PROJECT}", "PATH": "", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded, used = done.stdout.splitlines()
    return set(loaded.split()), set(used.split())


def test_what_is_taken_out_of_it_is_of_no_use() -> None:
    module = LeftOut("requests")
    with pytest.raises(LeftOutError):
        module.Session()
    with pytest.raises(AttributeError):
        module.exceptions.HTTPError  # noqa: B018
    with pytest.raises(AttributeError):
        module.__path__  # noqa: B018


def test_a_model_with_a_field_of_such_a_type_takes_nothing() -> None:
    kind: Any = LeftOut("rekor_types._internal.alpine").AlpinePackageSchema
    model = create_model("Entry", spec=(kind, ...))
    for value in (None, {}, 1, kind):
        with pytest.raises(ValidationError):
            model(spec=value)
