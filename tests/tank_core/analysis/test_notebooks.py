from __future__ import annotations

import json

from tank_core.analysis.source import Language
from tests.support.sources import package_of, within

NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": ["# Title\n", "words"]},
            {
                "cell_type": "code",
                "source": ["import os\n", "!curl x\n", "os.system('ls -la')"],
                "outputs": [{"output_type": "stream", "text": ["done\n", "well"]}],
            },
            {"cell_type": "code", "source": ["%%bash\n", "pwd\n", "ls"]},
            {"cell_type": "code", "source": "%pip install x\nx = 1"},
        ],
        "metadata": {"kernelspec": {"language": "python"}},
    },
    indent=1,
)


def test_cells_are_read_in_their_language_at_their_lines() -> None:
    lines = NOTEBOOK.split("\n")

    def at(text: str) -> int:
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    assert within("a.ipynb", NOTEBOOK) == [
        (at("# Title"), Language.MARKDOWN, "# Title\nwords", "markdown cell"),
        (at("import os"), Language.PYTHON, "import os\n\nos.system('ls -la')", "code cell"),
        (at("os.system"), Language.SHELL, "ls -la", "code cell, command in python"),
        (at("!curl"), Language.SHELL, "curl x", "command in a code cell"),
        (at("done"), Language.TEXT, "done\nwell", "output of a cell"),
        (at("pwd"), Language.SHELL, "pwd\nls", "shell cell"),
        (at("%pip"), Language.PYTHON, "\nx = 1", "code cell"),
        (at("%pip"), Language.SHELL, "pip install x", "command in a code cell"),
    ]


def test_each_line_of_a_cell_has_its_line_of_the_file() -> None:
    (cell,) = [s for s in package_of("a.ipynb", NOTEBOOK).sources if s.text.startswith("import os")]
    assert cell.line_of(3) == cell.line_of(1) + 2
