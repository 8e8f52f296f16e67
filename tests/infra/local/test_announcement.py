"""What a one-machine registry prints can be pasted into a shell, whatever its folder is called."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from infra.local.__main__ import announcement
from infra.local.server import ServeOptions

PROJECT = Path(__file__).resolve().parents[3]


def test_the_login_line_survives_a_folder_with_a_space(tmp_path: Path) -> None:
    data = tmp_path / "data of mine"
    text = announcement(ServeOptions(data=data), "http://127.0.0.1:1", "sha256:00")
    (line,) = [line for line in text.splitlines() if "tank login" in line]
    assert shlex.split(line)[-1] == str(data / "admin.token")


def test_make_serve_hands_a_folder_with_a_space_on_as_one_word() -> None:
    printed = subprocess.run(
        ["make", "-n", "-C", str(PROJECT), "serve", "DATA=data of mine"],  # noqa: S607  # wherever make is
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    (line,) = [line for line in printed.splitlines() if "infra.local serve" in line]
    words = shlex.split(line.lstrip("@"))
    assert words[words.index("--data") + 1] == "data of mine"


def test_make_serve_leaves_no_shell_between_so_that_ending_make_ends_the_registry() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "\t@exec $(BIN)/python -m infra.local serve " in makefile
