"""Files that only their owner may read, the signing key, and the lock on the data folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.local.durable import ExposedFileError, secret_file, write_durably
from infra.local.folder import DataFolder, FolderInUseError
from infra.local.programs import NoSemgrepError, find_semgrep
from infra.local.signer import FileSigner, UnusableKeyError


def test_a_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "upload.secret"
    assert secret_file(path, lambda: b"one") == b"one"
    assert secret_file(path, lambda: b"two") == b"one"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_secret_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing-key.pem"
    FileSigner(path)
    path.chmod(mode)
    with pytest.raises(ExposedFileError, match="0600"):
        FileSigner(path)


def test_a_secret_behind_a_link_is_refused(tmp_path: Path) -> None:
    secret_file(tmp_path / "real", lambda: b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="symbolic"):
        secret_file(tmp_path / "link", lambda: b"y")


def test_a_key_stays_the_same_over_restarts(tmp_path: Path) -> None:
    first, second = FileSigner(tmp_path / "k.pem"), FileSigner(tmp_path / "k.pem")
    assert first.key_id() == second.key_id()
    assert first.public_key_pem() == second.public_key_pem()


def test_a_file_that_holds_no_p256_key_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    for number, data in enumerate(
        (b"", b"nonsense", other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    ):
        path = tmp_path / f"{number}.pem"
        secret_file(path, lambda data=data: data)  # type: ignore[misc]
        with pytest.raises(UnusableKeyError):
            FileSigner(path)


def test_a_durable_write_leaves_no_temporary_file_behind_when_it_fails(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError, match=r"directory"):
        write_durably(target, b"x", temporary=tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_second_server_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "deep" / "data")
    folder.make()
    assert folder.root.stat().st_mode & 0o777 == 0o700
    with folder.locked(), pytest.raises(FolderInUseError, match="stop it first"), folder.locked():
        pass
    with folder.locked():
        pass


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_semgrep_is_found_by_name_then_beside_the_project_then_on_the_path(tmp_path: Path) -> None:
    on_path = program(tmp_path / "bin" / "semgrep")
    environment = {"PATH": str(on_path.parent)}
    assert find_semgrep(environment, tmp_path) == on_path
    beside = program(tmp_path / ".venv-semgrep" / "bin" / "semgrep")
    assert find_semgrep(environment, tmp_path) == beside
    named = program(tmp_path / "named")
    assert find_semgrep({**environment, "TANK_SEMGREP": str(named)}, tmp_path) == named


def test_a_missing_semgrep_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(NoSemgrepError, match=r"requirements/semgrep\.txt"):
        find_semgrep({"PATH": ""}, tmp_path)
    with pytest.raises(NoSemgrepError, match="TANK_SEMGREP names"):
        find_semgrep({"TANK_SEMGREP": str(tmp_path / "none")}, tmp_path)
