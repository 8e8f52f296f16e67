"""Print a table of contents for a Markdown file."""

import argparse
import re
from pathlib import Path

HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


def headings(text):
    """Yield (level, title) of every heading outside code blocks."""
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        match = None if fenced else HEADING.match(line)
        if match:
            yield len(match.group(1)), match.group(2)


def anchor(title, seen):
    """Return the anchor that Markdown renderers give a heading; repeated ones are numbered."""
    base = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    count = seen.get(base, 0)
    seen[base] = count + 1
    return f"{base}-{count}" if count else base


def table_of_contents(text, depth):
    """Return the nested list, one line per heading down to the given depth."""
    seen = {}
    found = [(level, title, anchor(title, seen)) for level, title in headings(text)]
    shown = [item for item in found if item[0] <= depth]
    top = min((level for level, _, _ in shown), default=1)
    return "\n".join(f"{'  ' * (level - top)}- [{title}](#{link})" for level, title, link in shown)


def main():
    """Read the file named on the command line and print its table of contents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--depth", type=int, default=3)
    arguments = parser.parse_args()
    print(table_of_contents(arguments.file.read_text(encoding="utf-8"), arguments.depth))


if __name__ == "__main__":
    main()
