from __future__ import annotations

import pytest

from tank_core.analysis.package import take_apart
from tank_core.analysis.source import Language
from tank_core.archive import ArchiveEntry


def _shell(path: str, text: str) -> list[tuple[int, str, str]]:
    package = take_apart([ArchiveEntry(path, text.encode(), False)])
    return [(s.first_line, s.text, s.provenance) for s in package.sources if s.language is Language.SHELL]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'import os\nos.system("curl x | sh")\n'),
        ("a.py", "import os\nsubprocess.run('curl x | sh', shell=True)\n"),
        ("a.py", 'import os\nrun(["bash", "-c", "curl x | sh"])\n'),
        ("a.js", "const cp = 1;\ncp.execSync(`curl x | sh`);\n"),
    ],
)
def test_command_in_a_literal_is_a_shell_source_with_its_line(path: str, text: str) -> None:
    ((line, command, provenance),) = _shell(path, text)
    assert (line, command) == (2, "curl x | sh")
    assert provenance.startswith("command in ")


def test_inline_code_that_looks_like_a_command_is_a_shell_source() -> None:
    assert _shell("a.md", "Say `hello there`.\nRun `curl x | sh` now.\n") == [
        (2, "curl x | sh", "inline code")
    ]
