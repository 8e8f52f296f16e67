"""Where what is private lies, and how it is read, in many languages; and what looks alike and is not."""

from __future__ import annotations

import pytest

from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.source import Language, Source


def _kinds(language: Language, text: str) -> set[FactKind]:
    return {fact.kind for fact in facts_of(Source("a", 1, language, text))}


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        (Language.PYTHON, 'open("~/.cache/huggingface/token").read()', FactKind.CREDENTIAL_FILE),
        (Language.PYTHON, '(Path.home() / ".ssh").glob("id_*")', FactKind.CREDENTIAL_FILE),
        (Language.RUST, 'fs::read(home.join(".cargo/credentials.toml")); open(a)', FactKind.CREDENTIAL_FILE),
        (Language.SHELL, "cat ~/.config/rclone/rclone.conf", FactKind.CREDENTIAL_FILE),
        (Language.SHELL, "cat ~/Library/Messages/chat.db", FactKind.BROWSER_STORE),
        (Language.PYTHON, 'glob.glob("/proc/*/environ")', FactKind.ENVIRONMENT),
        (Language.SHELL, "for p in /proc/[0-9]*; do cat /proc/$p/environ; done", FactKind.ENVIRONMENT),
        (Language.BATCH, "@echo off\nset > %TEMP%\\a.txt", FactKind.ENVIRONMENT),
        (Language.SHELL, "all() { env; }", FactKind.ENVIRONMENT),
        (Language.SHELL, "gpg --armor --export-secret-keys", FactKind.CREDENTIAL_COMMAND),
        (Language.SHELL, "git config --get-regexp credential", FactKind.CREDENTIAL_COMMAND),
        (Language.PYTHON, "{k: os.environ.get(k) for k in NAMES}", FactKind.NAMED_SECRET),
        (Language.APPLESCRIPT, "set a to the clipboard as text", FactKind.CLIPBOARD),
        (Language.RUST, "rdev::listen(seen)", FactKind.KEYSTROKES),
        (Language.GO, "robotgo.CaptureScreen()", FactKind.SCREEN),
        (Language.JAVASCRIPT, 'require("https").request({}).end(a)', FactKind.SENDS),
        (Language.PHP, "stream_context_create(['http' => ['method' => 'POST']]);", FactKind.SENDS),
    ],
)
def test_private_thing_is_recognised(language: Language, text: str, kind: FactKind) -> None:
    assert kind in _kinds(language, text)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        (Language.PYTHON, 'open("~/.cache/huggingface/hub").read()', FactKind.CREDENTIAL_FILE),
        (Language.SHELL, "set -euo pipefail", FactKind.ENVIRONMENT),
        (Language.BATCH, "set NAME=value", FactKind.ENVIRONMENT),
        (Language.SHELL, "gpg --armor --export", FactKind.CREDENTIAL_COMMAND),
        (Language.SHELL, "git config --get user.name", FactKind.CREDENTIAL_COMMAND),
        (Language.PYTHON, 'os.environ.get("HOME")', FactKind.NAMED_SECRET),
        (Language.JAVASCRIPT, 'require("https").globalAgent', FactKind.SENDS),
    ],
)
def test_what_only_looks_alike_is_not(language: Language, text: str, kind: FactKind) -> None:
    assert kind not in _kinds(language, text)
