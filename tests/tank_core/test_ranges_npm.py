"""Ranges against npm's own library: the same validity, the same versions, the same highest one.

One node process answers all questions. Skipped, with the reason, where
there is no node or no npm.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tank_core.ranges import InvalidRangeError, Range
from tank_core.semver import MAX_NUMBER, Version
from tests.support.strategies_core import near_versions, random_range

NEAR = [Version.parse(text) for text in near_versions]

# Texts in on stdin, answers out in the same order; null for a text that the library refuses.
_ORACLE = """
const semver = require(process.argv[1]);
const {versions, texts} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const answer = (text) => {
  let range, wide;
  try { range = new semver.Range(text); } catch { return null; }
  try { wide = new semver.Range(text, {includePrerelease: true}); } catch { return 'only without pre-releases'; }
  return {
    inside: versions.filter((version) => range.test(version)),
    wide: versions.filter((version) => wide.test(version)),
    highest: semver.maxSatisfying(versions, text),
  };
};
process.stdout.write(JSON.stringify(texts.map(answer)));
"""

# Where npm's regular expressions do something that its documentation does not say.
ODDITIES = [
    "", "||", "1.2.3*", "*1.2.3", ">*1.2.3", "==1.x", "vv1.x", "< =1.2.3", "= = 1", "v= 1", "~ > 1.2",
    "^=1.2", "^1.x.2",

    "^x.1", "1.x.2 - 2.x.1", "1.0.0 - v= 2.0.0-beta", "=1.2.3 - 2", "1.2.3+a+b", "+a 1.2.3",
    "* || 1.0.0-alpha",
    "<x || 1.0.0", "<x", ">=0.0.0-0", "^0.0.0-alpha", "\t1.x\n||\v2.x ", f"^{MAX_NUMBER}",
    f"^x.{MAX_NUMBER + 1}",
]  # fmt: skip


@pytest.fixture(scope="module")
def library() -> Path:
    node, command = shutil.which("node"), shutil.which("npm")
    if node is None or command is None:
        pytest.skip("node and npm are not installed")
    folder = Path(command).resolve().parent.parent / "node_modules" / "semver"  # beside npm's own bin/
    if not folder.is_dir():
        pytest.skip("npm does not carry its semver library here")
    release = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    if tuple(map(int, release.split(".")[:2])) < (7, 8):
        pytest.skip(
            f"npm's library is {release}; Tank follows 7.8, which reads “~1.2” with pre-releases anew"
        )
    return folder


def _ask_npm(library: Path, texts: list[str]) -> list[Any]:
    answered = subprocess.run(
        [shutil.which("node") or "node", "-e", _ORACLE, str(library)],
        input=json.dumps({"versions": near_versions, "texts": texts}),
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    answers: list[Any] = json.loads(answered.stdout)
    return answers


def _our_answer(text: str) -> Any:
    try:
        bounds = Range.parse(text)
    except InvalidRangeError:
        return None
    highest = bounds.highest(NEAR)
    return {
        "inside": [str(version) for version in NEAR if bounds.contains(version)],
        "wide": [str(version) for version in NEAR if bounds.contains(version, include_prerelease=True)],
        "highest": None if highest is None else str(highest),
    }


def test_npm_agrees_on_thousands_of_ranges(library: Path) -> None:
    random = Random(20_000)  # noqa: S311 - the same texts on every run
    texts = [*ODDITIES, *(random_range(random) for _ in range(4000))]
    theirs = _ask_npm(library, texts)
    # A range that npm refuses once pre-releases are included (its upper bound lies beyond
    # 2**53 - 1) is refused by Tank in both readings.
    wanted = [None if answer == "only without pre-releases" else answer for answer in theirs]
    assert sum(answer is not None for answer in wanted) > 1500
    differing = {
        text: (ours, npm)
        for text, npm in zip(texts, wanted, strict=True)
        if (ours := _our_answer(text)) != npm
    }
    assert differing == {}
