"""What a one-machine registry prints can be pasted into a shell, whatever its folder is called."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from chalicelib.settings import SecondOpinionSettings
from infra.local.__main__ import announcement
from infra.local.server import ServeOptions
from infra.local.sigstore.choice import SigstoreChoice
from tests.support.columns import too_wide

PROJECT = Path(__file__).resolve().parents[3]


def test_the_login_line_survives_a_folder_with_a_space(tmp_path: Path) -> None:
    data = tmp_path / "data of mine"
    text = announcement(ServeOptions(data=data), "http://127.0.0.1:1", "sha256:00")
    (line,) = [line for line in text.replace("\\\n", "").splitlines() if "tank login" in line]
    assert shlex.split(line)[-1] == str(data / "admin.token")


@pytest.mark.parametrize("sigstore", list(SigstoreChoice))
def test_what_is_announced_fits_a_terminal(
    tmp_path: Path, sigstore: SigstoreChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ServeOptions(data=tmp_path, sigstore=sigstore)
    monkeypatch.setattr("infra.local.__main__.offline_keys_here", lambda _folder: True)
    text = announcement(options, "http://127.0.0.1:8470", "sha256:" + "0" * 64)
    assert "OFFLINE KEYS" in text
    assert too_wide(text) == []


def test_whoever_is_asked_for_a_second_opinion_is_named_and_nothing_secret(tmp_path: Path) -> None:
    asked = SecondOpinionSettings(url="https://models.example/v1?key=hidden", model="m", key="hidden")
    text = announcement(ServeOptions(data=tmp_path, second_opinion=asked), "http://127.0.0.1:1", "sha256:00")
    assert "Asks  models.example for a second opinion" in text
    assert "hidden" not in text
    assert "Asks" not in announcement(ServeOptions(data=tmp_path), "http://127.0.0.1:1", "sha256:00")


def test_a_broken_command_line_is_the_same_command_for_a_shell(tmp_path: Path) -> None:
    fingerprint = "sha256:" + "0" * 64
    text = announcement(ServeOptions(data=tmp_path), "http://127.0.0.1:8470", fingerprint)
    start = text.index("  tank trust")
    command = text[start : text.index("\n  tank login")]
    ran = subprocess.run(  # what the shell makes of it, not what shlex does
        ["/bin/sh", "-c", f'tank() {{ printf "%s\\n" "$@"; }}\n{command}'],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.split() == ["trust", "http://127.0.0.1:8470", "--fingerprint", fingerprint]


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
