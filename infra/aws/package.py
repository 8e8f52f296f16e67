"""``python -m infra.aws.package --out build/aws``: everything that a deployment uploads.

1. Chalice packs the API from a clean copy of what it may see, and merges our template.
2. The stage functions' zip is made of locked wheels for Lambda and our three packages.
3. Both are measured against Lambda's limits.
4. Both are unpacked and imported by a clean interpreter that sees nothing else.

The analyze image is built by Docker from ``pipeline/images/analyze`` (docs/deploy-aws.md).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from infra.aws.archive import check_size, write_zip
from infra.aws.template import merge_template

ROOT = Path(__file__).parents[2]
API_ZIP, STAGES_ZIP, TEMPLATE = "deployment.zip", "stages.zip", "sam.json"
# Lambda's python3.11 runs on Amazon Linux 2: glibc 2.26.
_PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_26_x86_64")
_STAGE_HANDLERS = ("start", "sweep", "sign", "validate", "score", "store", "index", "waive", "reject", "fail")
_RESCAN_HANDLERS = ("rescan_pick", "rescan_record", "rescan_withdraw", "rescan_fail")


def package(out: Path) -> dict[str, tuple[int, int]]:
    """Writes template and zips; returns the zipped and unzipped size of each zip in bytes.

    Raises:
        PackageTooLargeError: Lambda would refuse a zip.
        subprocess.CalledProcessError: a tool failed, or a zip cannot be imported.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tank-package-") as folder:
        work = Path(folder)
        _package_api(work, out)
        _package_stages(work, out)
        sizes = {name: check_size(out / name) for name in (API_ZIP, STAGES_ZIP)}
        check_imports(out / API_ZIP, ("app",), work)
        check_imports(
            out / STAGES_ZIP,
            tuple(f"pipeline.handlers.{h}" for h in (*_STAGE_HANDLERS, *_RESCAN_HANDLERS)),
            work,
        )
    return sizes


def _package_api(work: Path, out: Path) -> None:
    """Runs Chalice on a copy: it writes into its project, and must find no local leftovers there."""
    project = work / "project"
    project.mkdir()
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, project / name)
    for name in (".chalice", "chalicelib"):
        shutil.copytree(ROOT / name, project / name, ignore=_IGNORED)
    shutil.copytree(ROOT / "tank_core", project / "vendor" / "tank_core", ignore=_IGNORED)
    merged = work / "merge.json"
    merged.write_text(json.dumps(merge_template()))
    command = ["chalice", "--project-dir", str(project), "package", "--stage", "production"]
    options = ["--template-format", "json", "--merge-template", str(merged), str(work / "api")]
    _run([sys.executable, "-c", "import chalice.cli; chalice.cli.main()", *command[1:], *options])
    template = json.loads((work / "api" / TEMPLATE).read_text())
    (out / TEMPLATE).write_text(json.dumps(template, indent=2, sort_keys=True) + "\n")
    unpacked = work / "api-unpacked"
    with zipfile.ZipFile(work / "api" / API_ZIP) as opened:
        opened.extractall(unpacked)  # a zip that Chalice made a moment ago
    write_zip(out / API_ZIP, {"": unpacked})


_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "deployments", "deployed")


def _package_stages(work: Path, out: Path) -> None:
    wheels = work / "wheels"
    platforms = [option for platform in _PLATFORMS for option in ("--platform", platform)]
    _run(
        [
            *(
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-compile",
            ),
            *("--target", str(wheels), "--python-version", "3.11", "--implementation", "cp"),
            *(
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                "-r",
                str(ROOT / "requirements" / "stages.txt"),
            ),
            *platforms,
        ]
    )
    own = {name: ROOT / name for name in ("tank_core", "chalicelib", "pipeline")}
    write_zip(out / STAGES_ZIP, {"": wheels, **own})


def check_imports(zipped: Path, modules: tuple[str, ...], work: Path) -> None:
    """Imports modules from an unpacked zip in an interpreter without any other package.

    Raises:
        subprocess.CalledProcessError: one of them cannot be imported.
    """
    unpacked = work / f"check-{zipped.stem}"
    with zipfile.ZipFile(zipped) as opened:
        opened.extractall(unpacked)  # our own zip
    program = "import sys; sys.path.insert(0, sys.argv[1])\nfor name in sys.argv[2:]: __import__(name)"
    _run([sys.executable, "-I", "-S", "-c", program, str(unpacked), *modules], cwd=work)


def _run(command: list[str], *, cwd: Path = ROOT) -> None:
    """Runs a tool; its output is shown only when it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.stderr.buffer.write(done.stdout)
        raise subprocess.CalledProcessError(done.returncode, command)


def _environment() -> dict[str, str]:
    """Chalice asks for a region although packaging sends nothing."""
    return {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}


def main(arguments: list[str] | None = None) -> None:
    """Packs, and prints the sizes."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.package", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "aws")
    options = parser.parse_args(arguments)
    for name, (zipped, unzipped) in package(options.out).items():
        print(f"{name}: {zipped / 2**20:.1f} MiB zipped, {unzipped / 2**20:.1f} MiB unzipped")
    print(f"Template: {options.out / TEMPLATE}")


if __name__ == "__main__":
    main()
