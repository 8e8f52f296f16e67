"""Two rule sets that differ by one rule, which sees something in a package that the first does not."""

from __future__ import annotations

import shutil
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "pipeline" / "rules"
HIDDEN = "print('hel\u200blo')\n"  # a character that nobody sees: no rule of the first set looks for it
_LATER = "zero-width-characters"


def first_rules(folder: Path) -> Path:
    """Makes a rule set that finds nothing in ``HIDDEN``."""
    folder.mkdir(parents=True)
    shutil.copytree(SHIPPED / "unread-text", folder / "unread-text")
    return folder


def later_rules(folder: Path, *, severity: str = "critical", confidence: str = "high") -> Path:
    """Makes the same rule set with one rule more, which is as bad as the test wants."""
    first_rules(folder)
    text = (SHIPPED / _LATER / "rule.yaml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("severity:", "confidence:"))]
    (folder / _LATER).mkdir()
    changed = "\n".join([*lines, f"severity: {severity}", f"confidence: {confidence}", ""])
    (folder / _LATER / "rule.yaml").write_text(changed)
    return folder
