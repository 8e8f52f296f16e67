"""Check a Markdown file for broken relative links, long lines and skipped heading levels."""

import argparse
import re
import sys
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)")
HEADING = re.compile(r"(#{1,6})\s")


def is_relative(target):
    """Return whether a link points into the same tree."""
    return not re.match(r"[a-z][a-z0-9+.-]*:|#|/", target, re.IGNORECASE)


def problems(path, max_width):
    """Yield (line number, problem) for one file."""
    fenced, level = False, 0
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] and "---" in lines[1:] else 0
    for number, line in enumerate(lines[start:], start=start + 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced:
            continue
        for target in LINK.findall(line):
            if is_relative(target) and not (path.parent / target.split("#")[0]).exists():
                yield number, f"link to {target}, which does not exist"
        if len(line) > max_width and not line.startswith("|") and "](" not in line:
            yield number, f"{len(line)} characters, more than {max_width}"
        heading = HEADING.match(line)
        if heading:
            if level and len(heading.group(1)) > level + 1:
                yield number, f"heading level jumps from {level} to {len(heading.group(1))}"
            level = len(heading.group(1))


def main():
    """Check the files named on the command line; return 1 when there is any problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--max-width", type=int, default=110)
    arguments = parser.parse_args()
    found = [(path, *problem) for path in arguments.files for problem in problems(path, arguments.max_width)]
    for path, number, problem in found:
        print(f"{path}:{number}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
