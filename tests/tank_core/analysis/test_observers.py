from __future__ import annotations

import pytest

from tank_core.analysis.observers import OBSERVERS
from tank_core.analysis.source import Language, Source


def _observed(language: Language, text: str) -> set[tuple[str, str | None]]:
    source = Source("a", 1, language, text)
    return {(str(found.type), found.value) for observe in OBSERVERS for found in observe(source)}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (Language.PYTHON, 'requests.get("https://a.example/x")', {("network.outbound", "a.example")}),
        (
            Language.PYTHON,
            'requests.get("https://a.example:8443/x")',
            {("network.outbound", "a.example:8443")},
        ),
        (Language.PYTHON, "requests.get(url)", {("network.outbound", None)}),
        (Language.PYTHON, '# see https://a.example\n"""https://b.example"""\nprint(1)', set()),
        (Language.PYTHON, 'LINK = "https://a.example"', set()),
        (Language.PYTHON, 'subprocess.run(["git", "log"])', {("subprocess", "git")}),
        (Language.PYTHON, "subprocess.run(command)", {("subprocess", None)}),
        (Language.PYTHON, 'os.environ["API_TOKEN"]; os.getenv("HOME")', {("secrets", "API_TOKEN")}),
        (Language.PYTHON, 'open("/etc/hosts")', {("filesystem.read", "/etc/hosts")}),
        (Language.PYTHON, 'open("~/notes.txt", "w")', {("filesystem.write", "~/notes.txt")}),
        (
            Language.JAVASCRIPT,
            'fetch("https://a.example") // https://b.example',
            {("network.outbound", "a.example")},
        ),
        (Language.JAVASCRIPT, "process.env.API_KEY", {("secrets", "API_KEY")}),
        (Language.JAVASCRIPT, 'require("child_process").execSync("jq .")', {("subprocess", "jq")}),
        (Language.JAVASCRIPT, "pattern.exec(text)", set()),
        (
            Language.SHELL,
            'curl -H "X: $API_TOKEN" https://a.example | jq . && cd x',
            {
                ("network.outbound", "a.example"),
                ("subprocess", "curl"),
                ("subprocess", "jq"),
                ("secrets", "API_TOKEN"),
            },
        ),
        (Language.SHELL, "python scripts/run.py\n./build.sh", set()),
        (Language.MARKDOWN, "See https://a.example and $API_TOKEN", set()),
    ],
)
def test_accesses_of_a_source(language: Language, text: str, expected: set[tuple[str, str | None]]) -> None:
    assert _observed(language, text) == expected
