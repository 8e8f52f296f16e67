"""How semgrep is called, and how its answer is believed only when it is complete.

Pure: argument list, file layout and output parsing. Whoever runs the process writes
the files, sets limits and hands the bytes back (``chalicelib.adapters.semgrep``, and
the runner of ``tank scan``).

The files get flat names of ours, so that no path in a package can be one that
semgrep skips (``tests/``, ``node_modules/``, a shipped ``.semgrepignore``). The fast
native front end is used (0.4 s against 2.7 CPU seconds); tests/chalicelib/adapters
holds it equal to the documented one. Checked with semgrep 1.182.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tank_core.analysis.scanner import PatternMatch, ScannerError

RULES_NAME = "rules.json"
TARGETS_NAME = "targets"
PARTIAL_PARSE = "partial-parse"  # the rule id of a file that semgrep could parse only in part
MAX_OUTPUT_BYTES = 64 << 20
_RULE_TIMEOUT_SECONDS = 30  # per rule and file; running out fails the scan
_PARSE_TYPES = frozenset({"PartialParsing", "Syntax error", "Other syntax error", "Lexical error"})


def command(executable: Path, *, native: bool = True) -> list[str]:
    """Returns the arguments that scan ``targets/`` by ``rules.json``, run in the folder that holds both.

    Args:
        executable: the ``semgrep`` program.
        native: whether to use the fast front end; False for the parity test only.
    """
    return [
        str(executable),
        "scan",
        *(["--experimental"] if native else []),
        f"--config={RULES_NAME}",
        "--json",
        "--quiet",
        "--metrics=off",
        "--disable-version-check",
        "--disable-nosem",
        "--no-git-ignore",
        "--max-target-bytes=0",
        "--jobs=1",
        f"--timeout={_RULE_TIMEOUT_SECONDS}",
        "--timeout-threshold=1",
        TARGETS_NAME,
    ]


def environment(home: Path) -> dict[str, str]:
    """Returns the whole environment of the child: nothing of ours but where system programs are.

    Args:
        home: an empty folder; semgrep writes its settings and log there.
    """
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
    }


def layout(files: Mapping[str, bytes]) -> dict[str, str]:
    """Returns the flat name below ``targets/`` of each path: a number and the path's extension."""
    return {
        path: f"{number:06d}{PurePosixPath(path).suffix}"
        for number, path in enumerate(sorted(files), start=1)
    }


def parse_output(stdout: bytes, returncode: int, names: Mapping[str, str]) -> tuple[PatternMatch, ...]:
    """Returns semgrep's matches, sorted, with the callers' paths.

    A file that was parsed only in part has a match of the rule ``partial-parse``.

    Args:
        stdout: what semgrep printed.
        returncode: its exit status.
        names: path → flat name, as ``layout`` returned it.

    Raises:
        ScannerError: anything but a complete result: an exit status, a rule that did not
            parse, a time-out, a file that was not scanned, or an unknown shape.
    """
    if returncode != 0:
        raise ScannerError(f"semgrep ended with status {returncode}")
    if len(stdout) > MAX_OUTPUT_BYTES:
        raise ScannerError("semgrep printed more than the limit")
    try:
        document = json.loads(stdout)
        paths = {f"{TARGETS_NAME}/{name}": path for path, name in names.items()}
        _check_coverage(document, paths)
        matches = {_match(result, paths) for result in document["results"]}
        matches.update(_partial(error, paths) for error in document["errors"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScannerError(f"semgrep's output has an unknown shape: {error!r}") from error
    return tuple(sorted(matches))


def _check_coverage(document: dict[str, Any], paths: Mapping[str, str]) -> None:
    scanned = set(document["paths"]["scanned"])
    if scanned != set(paths) or document.get("skipped_rules"):
        missed = sorted(paths[name] for name in set(paths) - scanned)
        raise ScannerError(
            f"semgrep did not scan {missed[:5]} or skipped rules {document.get('skipped_rules')}"
        )
    for error in document["errors"]:
        if _kind(error) not in _PARSE_TYPES:
            raise ScannerError(f"semgrep reported {_kind(error)}: {str(error.get('message'))[:300]}")


def _kind(error: dict[str, Any]) -> str:
    return str(error["type"][0] if isinstance(error["type"], list) else error["type"])


def _match(result: dict[str, Any], paths: Mapping[str, str]) -> PatternMatch:
    return PatternMatch(
        file=paths[result["path"]],
        start_line=int(result["start"]["line"]),
        end_line=int(result["end"]["line"]),
        rule_id=str(result["check_id"]),
    )


def _partial(error: dict[str, Any], paths: Mapping[str, str]) -> PatternMatch:
    spans = error.get("spans") or [{"start": {"line": 1}, "end": {"line": 1}}]
    return PatternMatch(
        paths[error["path"]], int(spans[0]["start"]["line"]), int(spans[0]["end"]["line"]), PARTIAL_PARSE
    )
