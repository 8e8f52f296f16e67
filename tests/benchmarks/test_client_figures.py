"""The pure parts of `make bench-client`: content, graph, ratios, and what counts as met."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from benchmarks.client import figures, npm_packages, wheels
from benchmarks.client.corpus import corpus
from benchmarks.client.figures import Target, ratio
from benchmarks.client.graph import graph
from benchmarks.client.processes import FailedRunError, Measured, measured, run

TARGET = Target("cold", "cold", ("cold", "npm"), 0.5)


def seconds(*values: float) -> list[Measured]:
    return [Measured(value, int(value * 100)) for value in values]


def test_the_corpus_is_a_hundred_skills_of_twenty_files_and_five_megabytes_and_always_the_same() -> None:
    skills = corpus()
    size = sum(len(data) for skill in skills for data in skill.files.values())
    assert len(skills) == 100
    assert {len(skill.files) + 3 for skill in skills} == {20}
    assert 4_900_000 < size < 5_100_000
    digest = hashlib.sha256(b"".join(skills[7].files.values())).hexdigest()
    assert digest == hashlib.sha256(b"".join(corpus()[7].files.values())).hexdigest()


def test_npm_and_uv_get_the_same_contents() -> None:
    skill = corpus(1)[0]
    with tarfile.open(fileobj=io.BytesIO(npm_packages._tarball(skill))) as archive:
        packed = {m.name.removeprefix("package/"): archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    with zipfile.ZipFile(io.BytesIO(wheels._wheel("org-0-skill-0", skill))) as wheel:
        inside = {n.removeprefix("org_0_skill_0/"): wheel.read(n) for n in wheel.namelist()}
    for path, data in skill.files.items():
        assert packed[path] == inside[path] == data


def test_the_graph_reaches_exactly_its_pins_and_every_range_can_be_met() -> None:
    made = graph()
    assert (len(made.packages), {len(versions) for versions in made.packages}) == (1000, {20})
    reached, waiting = set(), list(made.roots)
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += made.packages[number][-1]
    assert len(reached) == 764
    for number, versions in enumerate(made.packages):
        for needs in versions:
            assert all(other > number and 0 <= least < 20 for other, least in needs.items())


def test_a_ratio_is_the_median_of_the_rounds_ratios_and_not_of_the_times() -> None:
    runs = {("cold", "tank"): seconds(1, 2, 30), ("cold", "npm"): seconds(2, 8, 10)}
    assert ratio(TARGET, runs) == 0.5


def test_every_tool_is_first_in_some_round() -> None:
    assert [figures.rotated("abc", number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_memory_is_compared_where_the_target_says_so() -> None:
    runs = {("cold", "tank"): [Measured(1, 30)], ("cold", "npm"): [Measured(1, 100)]}
    assert ratio(Target("m", "cold", ("cold", "npm"), 0.3, is_memory=True), runs) == pytest.approx(0.3)


def test_each_target_is_met_or_missed_or_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = Target("warm", "warm", ("warm", "uv"), 0.8)
    monkeypatch.setattr(figures, "TARGETS", (TARGET, missed, Target("x", "x", ("x", "uv"), 1)))
    runs = {
        ("cold", "tank"): seconds(1),
        ("cold", "npm"): seconds(2),
        ("warm", "tank"): seconds(1),
        ("warm", "uv"): seconds(1),
    }
    assert list(figures.target_lines(runs))[2:] == [
        "| cold | npm | ≤ 0.5 | 0.50 | met |",
        "| warm | uv | ≤ 0.8 | 1.00 | missed |",
        "| x | uv | ≤ 1 | – | not run |",
    ]


def test_times_name_every_tool_with_tank_first() -> None:
    runs = {("cold", "npm"): seconds(2), ("cold", "tank"): [Measured(1, 3 << 20)]}
    assert list(figures.time_lines(runs)) == [
        "| ms (MiB) | tank | npm |",
        "|---|---|---|",
        "| cold | 1000 (3) | 2000 (0) |",
    ]


def test_a_launchers_report_is_seconds_and_bytes() -> None:
    assert measured(json.dumps({"seconds": 1.5, "peak_kib": 2})) == Measured(1.5, 2048)


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher measures there")
def test_a_run_that_fails_has_no_time(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    command = (sys.executable, "-c", "import sys; sys.exit('it broke')")
    with pytest.raises(FailedRunError, match="it broke"):
        run(command, cwd=tmp_path / "project", environment={})


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher measures there")
def test_a_programs_peak_is_its_own_and_not_that_of_who_started_it(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    ballast = b"x" * (200 << 20)
    found = run((sys.executable, "-S", "-c", "pass"), cwd=tmp_path / "project", environment={})
    assert 0 < found.peak_bytes < 50 << 20 < len(ballast)
