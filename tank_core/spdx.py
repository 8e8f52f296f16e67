"""SPDX license expressions: whether a text is one.

Structure and identifiers are checked, the meaning is not: ``MIT AND MIT`` passes.

Source: SPDX 2.3, annex D "SPDX license expressions".
"""

from __future__ import annotations

import re
from typing import ClassVar

from tank_core.errors import TankError, quoted
from tank_core.spdx_ids import EXCEPTION_IDS, LICENSE_IDS

MAX_EXPRESSION_LENGTH = 256
_TOKEN = re.compile(r"\s*([()]|[^\s()]+)")
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_OPERATORS = frozenset({"AND", "OR", "WITH"})


class InvalidLicenseError(TankError):
    """A text that is not an SPDX license expression."""

    code = "invalid-license"
    status: ClassVar[int] = 422


def check_license(text: str) -> str:
    """Returns an SPDX license expression as given.

    Raises:
        InvalidLicenseError: ``invalid-license``; unknown identifier, or broken structure.
    """
    if len(text) > MAX_EXPRESSION_LENGTH:
        raise _invalid(text, f"An expression has at most {MAX_EXPRESSION_LENGTH} characters.")
    depth = 0
    previous = "("  # "(" or an operator wants a licence next; a licence or ")" wants an operator
    for word in _TOKEN.findall(text):
        wants_licence = previous == "(" or previous in _OPERATORS
        if word == "(" and wants_licence and previous != "WITH":
            depth += 1
        elif word == ")" and not wants_licence and depth:
            depth -= 1
        elif word in _OPERATORS and not wants_licence:
            if word == "WITH" and (previous == ")" or previous in EXCEPTION_IDS):
                raise _invalid(text, "WITH stands directly after one license.")
        elif word not in _OPERATORS and word not in "()" and wants_licence:
            _check_identifier(text, word, is_exception=previous == "WITH")
        else:
            raise _invalid(text, f"{quoted(word)} cannot stand where it does.")
        previous = word
    if depth or previous == "(" or previous in _OPERATORS:
        raise _invalid(text, "It ends too early.")
    return text


def _check_identifier(text: str, word: str, *, is_exception: bool) -> None:
    known = EXCEPTION_IDS if is_exception else LICENSE_IDS
    bare = word if is_exception else word.removesuffix("+")
    if bare in known or (not is_exception and _REFERENCE.fullmatch(word)):
        return
    role = "an exception" if is_exception else "a license"
    right_case = next((name for name in sorted(known) if name.lower() == bare.lower()), None)
    fix = f"Did you mean {quoted(right_case)}?" if right_case else None
    raise _invalid(text, f"{quoted(word)} is not {role} of the SPDX License List.", fix)


def _invalid(text: str, why: str, fix: str | None = None) -> InvalidLicenseError:
    return InvalidLicenseError(
        f"{quoted(text)} is not an SPDX license expression",
        why=why,
        fix=fix
        or "Write such as “MIT” or “Apache-2.0 OR MIT”; for your own terms, “LicenseRef-Proprietary”.",
    )
