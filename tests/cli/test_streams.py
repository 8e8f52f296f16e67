"""A command whose streams are closed, or take nothing, ends as every other and shows no stack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="closes streams as a shell of Unix does")


def shell(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["sh", "-c", line, sys.executable, "-m", "tank_cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize(("command", "code"), [("--version", 0), ("completion bash", 0), ("list", 9)])
def test_closed_streams_change_no_answer(project: Path, closed: str, command: str, code: int) -> None:
    ended = shell(f'"$0" "$@" {closed}', *command.split())
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "command", ["--version", "--help", "completion bash", "config ls --json", "list --json"]
)
def test_output_that_nothing_takes_is_a_failure_in_words(project: Path, command: str) -> None:
    ended = shell('"$0" "$@" > /dev/full', *command.split())
    assert ended.returncode == 1
    assert ended.stderr.count("error[system-refused]: ") == 1
    assert "No space left on device" in " ".join(ended.stderr.split())
    assert "Exception ignored" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["--version", "completion bash", "config ls --json", "list --json"])
def test_a_reader_that_went_away_is_a_broken_pipe_without_words(project: Path, command: str) -> None:
    # The reader has ended before the command begins: it holds its end until then.
    line = 'mkfifo gone; { read _ < gone; "$0" "$@"; echo $? >&2; } | { exec <&-; echo > gone; }'
    ended = shell(line, *command.split())
    assert ended.stderr.strip() == "141"
