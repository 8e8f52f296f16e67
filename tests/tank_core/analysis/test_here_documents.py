from __future__ import annotations

import pytest

from tank_core.analysis.source import Language
from tests.support.sources import within


@pytest.mark.parametrize(
    ("head", "language", "how"),
    [
        ("python3 - <<'EOF'", Language.PYTHON, "here-document for python"),
        ("cat <<EOF | node", Language.JAVASCRIPT, "here-document for javascript"),
        ("/usr/bin/perl <<EOF", Language.PERL, "here-document for perl"),
        ("cat > /tmp/x.py <<EOF", Language.PYTHON, "here-document for a file of python"),
        ("sudo tee ~/a.service <<-EOF", Language.INI, "here-document for a file of ini"),
        ("crontab - <<EOF", Language.CRONTAB, "here-document for crontab"),
    ],
)
def test_here_document_is_read_as_its_reader_reads_it(head: str, language: Language, how: str) -> None:
    assert (3, language, "x = 1", how) in within("a.sh", f"ls\n{head}\nx = 1\nEOF\n")


def test_here_document_for_nobody_is_left_alone() -> None:
    assert within("a.sh", "cat <<EOF\nx = 1\nEOF\n") == []


@pytest.mark.parametrize(
    ("command", "language", "text"),
    [
        ("python3 -c 'import os; os.getpid()'", Language.PYTHON, "import os; os.getpid()"),
        ('node -e "fetch(\\"x\\")"', Language.JAVASCRIPT, 'fetch("x")'),
        ("perl -MIO::Socket -e 'print 1'", Language.PERL, "print 1"),
        ("bash -c 'ls | sort'", Language.SHELL, "ls | sort"),
        ("osascript -e 'display dialog 1'", Language.APPLESCRIPT, "display dialog 1"),
    ],
)
def test_program_in_an_argument_is_a_source(command: str, language: Language, text: str) -> None:
    assert (2, language, text, f"argument for {language}") in within("a.sh", f"ls\n{command}\n")


def test_program_in_an_argument_over_lines_keeps_its_lines() -> None:
    assert (2, Language.PYTHON, "import os\nos.getpid()", "argument for python") in within(
        "a.sh", "python3 -c '\nimport os\nos.getpid()'\n"
    )
