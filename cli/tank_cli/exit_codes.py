"""Which exit code a refusal of the registry has: by its error code, else by its HTTP status.

The codes are those of the errors' own classes; they stand here again because the
classes live in modules that a command which only talks to the registry should not,
or cannot, import. A test keeps the two equal.

Source: FORMATS, "Exit codes of tank".
"""

from __future__ import annotations

from tank_core.errors import ExitCode

BY_CODE: dict[str, ExitCode] = {
    "archive-duplicate-path": ExitCode.INTEGRITY,
    "archive-forbidden-entry": ExitCode.INTEGRITY,
    "archive-malformed": ExitCode.INTEGRITY,
    "archive-not-canonical": ExitCode.INTEGRITY,
    "archive-ratio": ExitCode.INTEGRITY,
    "archive-too-large": ExitCode.INTEGRITY,
    "archive-too-many-files": ExitCode.INTEGRITY,
    "bundle-refused": ExitCode.INTEGRITY,
    "capability-escalation": ExitCode.POLICY,
    "id-token-refused": ExitCode.FORBIDDEN,
    "integrity-mismatch": ExitCode.INTEGRITY,
    "invalid-manifest": ExitCode.USAGE,
    "invalid-name": ExitCode.USAGE,
    "invalid-permissions": ExitCode.USAGE,
    "invalid-skill-md": ExitCode.USAGE,
    "malicious-package": ExitCode.VERDICT,
    "no-binding": ExitCode.FORBIDDEN,
    "provenance-mismatch": ExitCode.INTEGRITY,
    "publisher-not-authorised": ExitCode.FORBIDDEN,
    "skill-not-found": ExitCode.NOT_FOUND,
    "ticket-used": ExitCode.FORBIDDEN,
    "token-revoked": ExitCode.FORBIDDEN,
    "tokens-forbidden": ExitCode.FORBIDDEN,
    "upload-mismatch": ExitCode.INTEGRITY,
    "version-not-found": ExitCode.NOT_FOUND,
    "version-withdrawn": ExitCode.VERDICT,
}
# A stage may refuse with a code that is newer than this program: Sign is about
# signatures, whatever it says; the codes of the others are all of one kind.
BY_STAGE: dict[str, ExitCode] = {"sign": ExitCode.INTEGRITY}


def exit_code_for(code: str, http_status: int) -> ExitCode:
    """Returns the exit code for an error code that came with an HTTP status."""
    if code in BY_CODE:
        return BY_CODE[code]
    if http_status in (401, 403):
        return ExitCode.FORBIDDEN
    if http_status == 404:
        return ExitCode.NOT_FOUND
    if http_status == 410:
        return ExitCode.VERDICT
    if http_status == 429 or http_status >= 500:
        return ExitCode.NETWORK
    return ExitCode.FAILURE


def exit_code_of_rejection(code: str, stage: str) -> ExitCode:
    """Returns the exit code for a publish that a stage refused."""
    return BY_CODE.get(code) or BY_STAGE.get(stage, ExitCode.FAILURE)
