"""`--output FILE`, of every command that has it: into a folder that is there, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tank_cli import output_file
from tests.support.publishing_documents import write_skill
from tests.support.registry_double import RegistryDouble


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "--offline"),
        ("pack", "notes"),
        ("pack", "notes", "--dry-run"),
        ("sbom",),
        ("scan", "notes"),
        ("vendor",),
    ],
    ids=" ".join,
)
def test_a_folder_that_is_missing_is_refused_and_not_made(
    tank: Any, trusted: RegistryDouble, project: Path, command: tuple[str, ...]
) -> None:
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/text").exit_code == 0
    write_skill(project / "notes")
    trusted.requests.clear()
    told = tank(*command, "--output", "repotrs/out", "--json")
    assert (told.exit_code, told.error_code) == (1, "output-not-writable")
    assert f"mkdir -p {project / 'repotrs'}" in told.out
    assert not (project / "repotrs").exists()
    assert trusted.requests == []  # said before the work, not after it


def test_a_file_is_replaced_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    output_file.write(tmp_path / "out", b"old")
    output_file.write(tmp_path / "out", b"new")
    assert (tmp_path / "out").read_bytes() == b"new"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    output_file.write(pipe, b"piped")
    assert os.read(reader, 10) == b"piped"
    os.close(reader)


def test_a_vendor_file_goes_into_a_pipe_as_well_and_takes_no_devices_place(
    tank: Any, trusted: RegistryDouble, project: Path, tmp_path: Path
) -> None:
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/text").exit_code == 0
    assert tank("vendor", "--output", tmp_path / "file").exit_code == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    told = tank("vendor", "--output", pipe, "--json")
    piped = os.read(reader, 1 << 20)
    os.close(reader)
    assert pipe.is_fifo()
    assert piped == (tmp_path / "file").read_bytes()
    assert told.document["size_bytes"] == len(piped)


def test_what_the_system_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(output_file.OutputNotWritableError) as caught:
        output_file.write(tmp_path / "out", b"data")
    assert "Is a directory" in caught.value.what
