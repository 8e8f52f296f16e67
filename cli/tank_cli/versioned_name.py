"""``@org/name@version`` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tank_core.names import SkillName
from tank_core.semver import Version

if TYPE_CHECKING:
    from tank_core.ranges import Range


# Generic only from click 8.4 on, and older ones are supported: hence no type argument.
class VersionedName(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Reads ``@org/name@version`` into the two texts, both checked.

    Args:
        version_required: whether the version must be there; where it is missing, it is "".
        name_required: the same of the name: ``1.2.3`` alone is then a version of a skill that stands before.
    """

    name = "@org/name@version"

    def __init__(self, *, version_required: bool = True, name_required: bool = True) -> None:
        self._version_required = version_required
        self._name_required = name_required

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns name and version.

        Raises:
            InvalidNameError: invalid-name.
            InvalidVersionError: invalid-version.
        """
        if not self._name_required and not str(value).startswith("@"):
            return "", str(Version.parse(str(value)))
        name, version = split(str(value))
        if not version and self._version_required:
            self.fail(f"{value} has no version; write it as @org/name@1.2.3", param, ctx)
        return str(SkillName.parse(name)), str(Version.parse(version)) if version else ""


class RangedName(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Reads ``@org/name``, with a version or a range behind it or not, into the two texts, both checked."""

    name = "@org/name@range"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns the name, and the version or range; "" for none.

        Raises:
            InvalidNameError: invalid-name.
            InvalidRangeError: invalid-range.
        """
        name, wanted = split(str(value))
        return str(SkillName.parse(name)), str(read_range(name, wanted)) if wanted else ""


def split(text: str) -> tuple[str, str]:
    """Returns the name, and what stands behind the second ``@``; "" when there is none."""
    head, at, tail = text[1:].partition("@")
    return text[:1] + head, tail if at else ""


def read_range(name: str, text: str) -> Range:
    """Returns the range behind a name, and to somebody who wrote a tag says what stands for one here.

    Raises:
        InvalidRangeError: invalid-range.
    """
    from tank_core.ranges import InvalidRangeError, Range

    try:
        return Range.parse(text)
    except InvalidRangeError as error:
        if not text.isalpha():
            raise
        raise InvalidRangeError(
            error.what,
            why="It looks like a tag, and skills have no tags: the name alone means the newest version.",
            fix=f"Write {name}, or a range such as {name}@^1.2.0.",
        ) from None
