"""Where version control left two versions of a file in it, for a person to join.

Source: git-merge(1), "How conflicts are presented".
"""

from __future__ import annotations

import re

_MARKER = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


def conflict_line(data: bytes) -> int:
    """Returns the line of the first merge marker, 1-based; 0 when there is none."""
    marker = _MARKER.search(data)
    return data.count(b"\n", 0, marker.start()) + 1 if marker else 0
