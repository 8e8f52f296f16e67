"""`tank verify-bundle`: real bundles, the exit codes and reasons, and nothing needed but the file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tank_cli.who_signed import NOTE
from tests.support.real_bundles import (
    GITHUB_PUBLISH,
    PRODUCTION_ROOT,
    PROJECT,
    STAGING,
    STAGING_ROOT,
    asset,
    bundle_of,
    encoded,
    needs_sdist,
)

GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19"
ARTIFACT = "pypi_attestations-0.0.19.tar.gz"
pytestmark = needs_sdist


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ARTIFACT).write_bytes(asset(ARTIFACT))
    (tmp_path / "bundle.json").write_bytes(encoded(bundle_of(GITHUB_PUBLISH)))
    (tmp_path / "production.json").write_bytes(PRODUCTION_ROOT)
    (tmp_path / "staging.json").write_bytes(STAGING_ROOT)
    return tmp_path


def asked(
    folder: Path, *more: str | Path, identity: str = WORKFLOW, issuer: str = GITHUB
) -> list[str | Path]:
    who = ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]
    return ["verify-bundle", "--bundle", folder / "bundle.json", *who, *more]


def digest_of(name: str) -> str:
    return f"sha256:{hashlib.sha256(asset(name)).hexdigest()}"


def test_a_real_bundle_of_a_file_or_of_its_digest_is_verified(tank: Any, folder: Path) -> None:
    for artifact in (folder / ARTIFACT, digest_of(ARTIFACT)):
        result = tank(*asked(folder, artifact))
        assert result.exit_code == 0, result.err
        signed, logged, note = result.out.replace("\n  ", " ").splitlines()
        assert signed == f"Signed by {WORKFLOW} ({GITHUB})."
        assert logged.startswith(
            "Signed at 2024-12-04 23:14 UTC, entry 153454663 (dsse/0.0.1) of the log c0d23d"
        )
        assert note == NOTE


def test_the_document_has_every_claim_and_the_log_entry(tank: Any, folder: Path) -> None:
    document = tank(*asked(folder, "--json", folder / ARTIFACT)).document
    assert document["claims"]["repository_id"] == "772247423"
    assert document["log"] == {
        "log_id": "c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d",
        "index": 153454663,
        "kind": "dsse/0.0.1",
        "signed_at": 1733354041,
    }


def test_nothing_that_it_says_suggests_that_signed_is_safe(tank: Any, folder: Path) -> None:
    said = tank(*asked(folder, folder / ARTIFACT)).out.lower()
    assert not {"safe", "trusted", "secure", "valid", "verified", "good"} & set(
        said.replace(".", " ").split()
    )


def test_another_identity_or_issuer_is_refused_with_exit_code_6(tank: Any, folder: Path) -> None:
    for more, reason in (
        ({"identity": WORKFLOW[:-1]}, "The certificate's identity is"),
        ({"issuer": "https://accounts.example"}, "The certificate's OIDC issuer is"),
    ):
        result = tank(*asked(folder, "--json", folder / ARTIFACT, **more))
        assert result.exit_code == 6
        assert result.error_code == "wrong-signer"
        assert reason in result.document["error"]["why"]


def test_another_file_is_refused(tank: Any, folder: Path) -> None:
    result = tank(*asked(folder, "--json", folder / "bundle.json"))
    assert result.exit_code == 6
    assert result.document["error"]["why"] == "statement: the artifact is none of its subjects."


def test_staging_and_a_root_of_ones_own_replace_production(tank: Any, folder: Path) -> None:
    foreign = "it comes from another Sigstore"
    for more in (["--staging"], ["--trusted-root", folder / "staging.json"]):
        result = tank(*asked(folder, *more, folder / ARTIFACT))
        assert result.exit_code == 6
        assert foreign in " ".join(result.err.split())
    assert (
        tank(*asked(folder, "--trusted-root", folder / "production.json", folder / ARTIFACT)).exit_code == 0
    )


def test_a_staging_bundle_is_refused_by_production_and_accepted_by_staging(tank: Any, folder: Path) -> None:
    artifact = "rfc8785-0.1.2-py3-none-any.whl"
    (folder / "bundle.json").write_bytes(encoded(bundle_of(STAGING)))
    who = {"identity": "william@yossarian.net", "issuer": "https://github.com/login/oauth"}
    assert tank(*asked(folder, digest_of(artifact), **who)).exit_code == 6
    assert tank(*asked(folder, "--staging", digest_of(artifact), **who)).exit_code == 0


def test_an_enormous_bundle_is_refused_without_being_read_whole(tank: Any, folder: Path) -> None:
    with (folder / "bundle.json").open("wb") as file:
        file.truncate(2**40)  # sparse; reading it whole would end the test
    result = tank(*asked(folder, folder / ARTIFACT))
    assert result.exit_code == 6
    assert "the limit is 262144" in " ".join(result.err.split())


@pytest.mark.parametrize(
    "artifact", ["missing", "sha256:00", "sha256:" + "g" * 64, "SHA256:" + "0" * 64, "."]
)
def test_what_is_neither_a_file_nor_a_digest_is_a_wrong_use(tank: Any, folder: Path, artifact: str) -> None:
    assert tank(*asked(folder, artifact)).exit_code == 2


def test_a_file_that_is_named_like_a_digest_is_not_verified_in_its_place(
    tank: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    another = "sha256:" + "0" * 64
    (folder / another).write_bytes(asset(ARTIFACT))
    result = tank(*asked(folder, another))
    assert (result.exit_code, "a file here has that name" in " ".join(result.err.split())) == (2, True)
    assert tank(*asked(folder, f"./{another}")).exit_code == 0


AUDITED = """
import json, sys
opened, forbidden = [], []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.append(str(arguments[0]))
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system"):
        forbidden.append(event)
sys.addaudithook(hook)
from tank_cli.main import main
code = main(sys.argv[1:])
print("AUDIT", json.dumps([code, opened, forbidden]))
"""


def test_a_poisoned_user_cache_is_not_read_and_nothing_is_connected_to(folder: Path) -> None:
    # Where sigstore-python keeps what its production(offline=True) believes without verifying it.
    home = folder / "home"
    for place in (".local/share/sigstore-python/tuf", ".cache/sigstore-python/tuf"):
        for host in ("tuf-repo-cdn.sigstore.dev", "tuf-repo-cdn.sigstage.dev"):
            cache = home / place / f"https%3A%2F%2F{host}"
            cache.mkdir(parents=True)
            for name in ("trusted_root.json", "root.json", "signing_config.v0.2.json"):
                (cache / name).write_text("poison")
    run = subprocess.run(
        [sys.executable, "-c", AUDITED, *map(str, asked(folder, folder / ARTIFACT))],
        env={"HOME": str(home), "PYTHONPATH": f"{PROJECT / 'cli'}{os.pathsep}{PROJECT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    code, opened, forbidden = json.loads(run.stdout.rpartition("AUDIT ")[2])
    assert code == 0
    assert forbidden == []
    assert str(folder / "bundle.json") in opened
    assert [path for path in opened if "sigstore-python" in path] == []
    assert {path for path in opened if path.startswith(str(home))} <= {f"{home}/.config/tank/config.json"}
