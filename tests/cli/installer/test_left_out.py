"""What the process that verifies bundles leaves out is loaded by nothing, used by nothing, and of no use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tank_cli.left_out import LeftOut, LeftOutError
from tests.support.local_bundles import STATEMENT
from tests.support.local_sigstore import SigstoreScene, parts

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
left_out._LeftOutType.__call__ = lambda cls, *a, **k: used.append(cls.__name__) or call(cls)
left_out._LeftOutType.__getattr__ = lambda cls, name: used.append(name) or None
if is_left_out:
    left_out.leave_out(left_out.SIGSTORE_CLIENTS)
from tank_core.bundle import verify_bundle
assert verify_bundle(bundle, trusted_root=root).statement
real = [name for name, module in sys.modules.items() if not isinstance(module, left_out.LeftOut)]
print(*sorted(real))
print(*used)
"""
_CLIENTS = {"requests", "urllib3", "charset_normalizer", "id", "jwt", "platformdirs", "webbrowser"}


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_bundle_is_verified_without_what_is_left_out(
    sigstore: SigstoreScene, tmp_path: Path, rekor: int
) -> None:
    root, bundle = tmp_path / "root", tmp_path / "bundle"
    root.write_bytes(sigstore.trusted_root)
    bundle.write_bytes(parts(sigstore, STATEMENT, rekor=rekor).to_bundle())
    whole, _ = _run(str(root), str(bundle))
    assert {name.partition(".")[0] for name in whole} >= _CLIENTS
    less, used = _run(str(root), str(bundle), "left out")
    assert {name.partition(".")[0] for name in less} & {*_CLIENTS, "http", "ssl"} == set()
    assert not {"sigstore.oidc", "tuf.ngclient"} & less
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
