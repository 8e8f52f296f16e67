"""How much of a package is analysed. What goes beyond is listed, and becomes a finding."""

from __future__ import annotations

MAX_TEXT = 1 << 20  # characters of one file that are analysed; more is a finding
MAX_PACKAGE_TEXT = 8 << 20  # of all files; bounds the time of one analysis to minutes
MAX_CODE = 512 << 10  # characters of one code source; semgrep's time grows faster than the text
MAX_DERIVED_TEXT = 16 << 20  # characters of what is found within files: blocks, layers, views
MAX_DERIVED_SOURCES = 40_000  # each costs every detector a call
MAX_PARTS_DEPTH = 6  # texts within texts, such as a here-document in a block in a decoded layer
MAX_ARCHIVE_DEPTH = 2  # an archive, and one within it
