"""What is uploaded: small enough, importable alone, and the same bytes each time."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from infra.aws import archive
from infra.aws.archive import PackageTooLargeError, check_size, write_zip
from infra.aws.package import API_ZIP, STAGES_ZIP, TEMPLATE, check_imports
from pipeline.judging import RULES_FOLDER, rule_files
from tank_core.analysis.rules import load


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "b.py").write_text("B = 1\n")
    (folder / "a.py").write_text("A = 1\n")
    (folder / "__pycache__" / "a.pyc").write_bytes(b"machine code")
    return folder


def test_zip_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    write_zip(tmp_path / "one.zip", {"pkg": folder})
    (folder / "a.py").chmod(0o755)
    (folder / "a.py").touch()
    write_zip(tmp_path / "two.zip", {"pkg": folder})
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one.zip").namelist() == ["pkg/a.py", "pkg/b.py"]


def test_the_rules_are_packed_as_they_are_read_and_their_samples_are_not(tmp_path: Path) -> None:
    """A rescan's Pick has to know the same rules as the image that scans."""
    write_zip(tmp_path / "one.zip", {"pipeline": RULES_FOLDER.parent})
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        opened.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked" / "pipeline" / "rules"
    assert load(rule_files(unpacked)) == load(rule_files(RULES_FOLDER))
    assert {path.name for path in unpacked.rglob("*") if path.is_file()} == {"rule.yaml"}


def test_package_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zip(tmp_path / "one.zip", {"": _folder(tmp_path)})
    assert check_size(tmp_path / "one.zip")[1] == 12
    monkeypatch.setattr(archive, "MAX_UNZIPPED_BYTES", 11)
    with pytest.raises(PackageTooLargeError):
        check_size(tmp_path / "one.zip")


def test_zip_that_lacks_a_module_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "app.py").write_text("import pynamodb\n")  # installed here, and not in the zip
    write_zip(tmp_path / "one.zip", {"": folder})
    with pytest.raises(subprocess.CalledProcessError):
        check_imports(tmp_path / "one.zip", ("app",), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_package_holds_both_zips_and_the_whole_template(packaged: Path) -> None:
    template = json.loads((packaged / TEMPLATE).read_text())
    assert {"APIHandler", "RestAPI", "PublishStateMachine", "RegistryBucket"} <= template["Resources"].keys()
    names = set(zipfile.ZipFile(packaged / API_ZIP).namelist())
    assert {"app.py", "tank_core/errors.py", "chalicelib/wiring.py"} <= names
    stages = set(zipfile.ZipFile(packaged / STAGES_ZIP).namelist())
    assert "pipeline/handlers/store.py" in stages
    rules = {name for name in stages if name.startswith("pipeline/rules/")}
    assert rules == {f"pipeline/rules/{path}" for path in rule_files(RULES_FOLDER)}
