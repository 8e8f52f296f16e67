"""Names of skills and organisations: ``@org/name``, and the package URL that says the same.

Decides what a well-formed name is, not who owns it. The rules are narrow on
purpose: lower-case ASCII without look-alikes, so that a name is one file name on
every platform, one URL segment, and one spelling.

Source: FORMATS, "skills.json"; the Agent Skills format for the SKILL.md name;
package-url/purl-spec for the package URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from tank_core.errors import ExitCode, TankError, quoted
from tank_core.semver import Version

MAX_NAME_LENGTH = 214  # npm's limit for "@scope/name", so that mirrors of both kinds can hold it
MAX_SKILL_PART_LENGTH = 64  # the Agent Skills format's limit for a skill's own name
MAX_ORG_LENGTH = MAX_NAME_LENGTH - len("@/x")

# Names that readers would take for the registry itself, or that are routes of its address space.
# fmt: off
RESERVED_ORGS = frozenset(
    [
        "about", "account", "accounts", "admin", "administrator", "anonymous", "api", "app", "assets",
        "audit", "auth", "billing", "blog", "cdn", "core", "dashboard", "docs", "download", "everyone",
        "global", "health", "help", "index", "internal", "latest", "legal", "local", "login", "logout",
        "me", "moderator", "new", "news", "nobody", "null", "official", "org", "orgs", "owner", "package",
        "packages", "policy", "private", "public", "publish", "publisher", "publishers", "registry", "root",
        "search", "security", "settings", "skill", "skills", "staff", "static", "status", "store",
        "support", "system", "tank", "test", "tokens", "trusted", "undefined", "user", "users", "verified",
        "www"
    ]
)
# fmt: on

# A directory of one of these names cannot be made on Windows, and skills become directories.
_WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))]
)
_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHAPE = "Use lower-case letters, digits and single hyphens, such as “acme” or “pdf-tools”."


class InvalidNameError(TankError):
    """A name that is not ``@org/name``, or a part of one that is malformed."""

    code = "invalid-name"
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


@dataclass(frozen=True, slots=True, order=True)
class SkillName:
    """The name of a skill, ordered by organisation and then by its own part."""

    org: str
    name: str

    def __str__(self) -> str:
        return f"@{self.org}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> SkillName:
        """Returns the name that a text spells.

        Args:
            text: ``@org/name``, at most 214 characters. A reserved organisation is
                well-formed here: refusing to create one is ``parse_org``'s part.

        Raises:
            InvalidNameError: ``invalid-name``.
        """
        if len(text) > MAX_NAME_LENGTH:
            raise _invalid(text, f"A name has at most {MAX_NAME_LENGTH} characters; this has {len(text)}.")
        org, slash, name = text.removeprefix("@").partition("/")
        if not text.startswith("@") or not slash:
            raise InvalidNameError(
                f"{quoted(text)} is not the name of a skill",
                why="A name has two parts: the organisation that owns it, and its own.",
                fix=f"Write it as @org/name, such as “{_example(text)}”.",
            )
        _check_part(org, text, "organisation", MAX_ORG_LENGTH)
        _check_part(name, text, "skill's own part", MAX_SKILL_PART_LENGTH)
        return cls(org, name)

    def purl(self, version: Version | str) -> str:
        """Returns the package URL of one version: ``pkg:tank/org/name@version``.

        Raises:
            InvalidVersionError: ``invalid-version``.

        Source: purl-spec, "Rules for each purl component": of a version's
            characters only ``+`` needs percent-encoding.
        """
        parsed = version if isinstance(version, Version) else Version.parse(version)
        return f"pkg:tank/{self.org}/{self.name}@{str(parsed).replace('+', '%2B')}"


def _example(text: str) -> str:
    """Returns a name in the right form that is as much as can be what somebody wrote."""
    org, slash, name = text.partition("/")
    if slash and _is_words(org) and _is_words(name):
        return f"@{text}"
    return f"@acme/{text if _is_words(text) else 'pdf-tools'}"


def parse_org(text: str, *, allow_reserved: bool = False) -> str:
    """Returns the name of an organisation, without ``@``, as given.

    Args:
        text: lower-case letters, digits and single hyphens.
        allow_reserved: whether ``RESERVED_ORGS`` pass, for the registry's own acts and for reading.

    Raises:
        InvalidNameError: ``invalid-name``.
    """
    _check_part(text, text, "organisation", MAX_ORG_LENGTH)
    if text in RESERVED_ORGS and not allow_reserved:
        raise InvalidNameError(
            f"{quoted(text)} is reserved",
            why="Readers would take this name for the registry itself.",
            fix="Choose another name, such as your company's or your account's.",
        )
    return text


def check_skill_md_name(text: str) -> str:
    """Returns the ``name`` of a SKILL.md as given, once it keeps the Agent Skills rule.

    Raises:
        InvalidNameError: ``invalid-name``; not 1 to 64 lower-case letters, digits and single hyphens.
    """
    if len(text) > MAX_SKILL_PART_LENGTH:
        raise _invalid(
            text, f"A skill's name has at most {MAX_SKILL_PART_LENGTH} characters; this has {len(text)}."
        )
    if not _is_words(text):
        raise _invalid(text, "A skill's name holds only lower-case letters, digits and single hyphens.")
    return text


def _check_part(part: str, whole: str, role: str, max_length: int) -> None:
    if not _is_words(part):
        raise _invalid(whole, f"The {role} holds only lower-case letters, digits and single hyphens.")
    if len(part) > max_length:
        raise _invalid(whole, f"The {role} has at most {max_length} characters; this has {len(part)}.")
    if part in _WINDOWS_DEVICES:
        raise InvalidNameError(
            f"{quoted(whole)} is not a usable name",
            why=f"“{part}” is a device on Windows, where no directory can have this name.",
            fix=f"Choose another name, such as “{part}-skill”.",
        )


def _is_words(text: str) -> bool:
    return _WORDS.fullmatch(text) is not None


def _invalid(text: str, why: str) -> InvalidNameError:
    return InvalidNameError(f"{quoted(text)} is not a valid name", why=why, fix=_SHAPE)
