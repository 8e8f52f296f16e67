"""The shell commands of one document, step after step, as the one program that an agent runs.

A download in one block and ``sh x`` in the next, a line a list item, a ``!`` a notebook cell: an agent runs
them one after the other, in the same folder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from tank_core.analysis import shell_folding
from tank_core.analysis.package import Package
from tank_core.analysis.source import VIEWS, Language, Source

HOW = "steps of the text"
_DOCUMENTS = frozenset({Language.MARKDOWN, Language.NOTEBOOK})
_MAX_LINES = 4000  # of all steps of one file


@lru_cache(maxsize=4)  # several detectors ask of each package
def joined_steps(package: Package) -> tuple[Source, ...]:
    """Returns for each document with more than one command its commands as one text, each line with its place."""
    return tuple(_joined(package))


def _joined(package: Package) -> Iterator[Source]:
    documents = {s.file: s for s in package.sources if s.is_whole_file and s.language in _DOCUMENTS}
    steps: dict[str, list[Source]] = defaultdict(list)
    for source in package.sources:
        is_step = source.language is Language.SHELL and source.file in documents
        if is_step and not source.is_part_of_code and not source.provenance.endswith(VIEWS):
            steps[source.file].append(source)
    for file, found in steps.items():
        if len(found) > 1:
            found.sort(key=lambda source: source.first_line)
            lines = [
                (line, source.line_of(number))
                for source in found
                for number, line in enumerate(source.lines, start=1)
            ][:_MAX_LINES]
            text = "\n".join(line for line, _ in lines)
            places = tuple(place for _, place in lines)
            shown = shell_folding.view(text, Language.SHELL) or text
            yield documents[file].within(1, Language.SHELL, shown, HOW, places=places)
