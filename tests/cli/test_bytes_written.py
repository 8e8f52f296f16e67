"""How many bytes an install writes, counted by the system: what it has to, and nothing twice."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="Linux counts what a process writes"
)

SKILLS = 10
FILE_BYTES = 100_000  # that no packing makes smaller
UNPACKED = SKILLS * FILE_BYTES
BESIDES = 100_000  # manifests, attestations, index, journal, state, lock: of ten skills, each some kilobytes

COUNTING = """
import sys
from tank_cli.main import main
code = main(["install"])
sys.stdout.flush()
written = next(line for line in open("/proc/self/io") if line.startswith("wchar")).split()[1]
sys.stderr.write(f"\\n{written}")
sys.exit(code)
"""


@pytest.fixture
def locked(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    for number in range(SKILLS):
        data = random.Random(number).randbytes(FILE_BYTES)  # noqa: S311 - the same bytes each time
        trusted.publish(f"@acme/s{number}", "1.0.0", files={"data.bin": data})
    assert tank("add", *(f"@acme/s{number}" for number in range(SKILLS)), "--lock-only").exit_code == 0
    return trusted


def written(project: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", COUNTING]
    ended = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return int(ended.stderr.splitlines()[-1])


def test_cold_warm_and_idle_installs_write_what_they_have_to(
    locked: RegistryDouble, project: Path, home: Path
) -> None:
    cold = written(project)  # the archives into the cache, the files into the project
    assert 2 * UNPACKED < cold < 2 * UNPACKED + BESIDES
    shutil.rmtree(project / ".tank")
    shutil.rmtree(project / ".agents")
    warm = written(project)  # the files alone
    assert UNPACKED < warm < UNPACKED + BESIDES
    written(project)
    assert written(project) < 200  # nothing but the sentence that says so
