"""What a person accepts of a release, by its exact name: a yes to one version is a yes to no other.

Three things about a release need a yes: that the registry flagged it, that it is younger
than the project wants, that it comes from somebody else than the one before. What a skill
may do is not among them: the project's budget says that (``budget``).

Source: PEERS, rows 5, 13 and "Habits people bring".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.names import SkillName
from tank_core.semver import Version


class InvalidConsentError(TankError):
    """What a person says that they accept names no release."""

    code = "invalid-consent"
    exit_code = ExitCode.USAGE


class Risk(StrEnum):
    """What there may be to accept about a release."""

    FLAGGED = "flagged"
    YOUNG = "young"
    PUBLISHER = "publisher"


@dataclass(frozen=True, slots=True, order=True)
class Acceptance:
    """A yes to one risk of one release. As text: ``flagged:@acme/notes@1.2.0``."""

    risk: Risk
    name: SkillName
    version: Version

    @property
    def label(self) -> str:
        """``@org/name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def option(self) -> str:
        """What to add to a command that says no more than this."""
        return f"--accept {self.risk}:{self.label}"

    def __str__(self) -> str:
        return f"{self.risk}:{self.label}"

    @classmethod
    def parse(cls, text: str) -> Acceptance:
        """Returns what a text means.

        Raises:
            InvalidConsentError: invalid-consent.
        """
        risk, _, label = text.partition(":")
        name, _, version = label.rpartition("@")
        try:
            return cls(Risk(risk), SkillName.parse(name), Version.parse(version))
        except (ValueError, TankError) as error:
            raise InvalidConsentError(
                f"{quoted(text)} names nothing that can be accepted.",
                why="A yes names one risk of one release: flagged, young or publisher, then which.",
                fix="Write it as --accept flagged:@org/name@1.2.3",
            ) from error


@dataclass(frozen=True, slots=True)
class Consent:
    """Everything that a person accepts.

    Attributes:
        given: each yes to one release.
        wholesale: risks that are accepted of whatever release.
    """

    given: frozenset[Acceptance] = field(default_factory=frozenset)
    wholesale: frozenset[Risk] = field(default_factory=frozenset)

    def covers(self, risk: Risk, name: SkillName, version: Version) -> bool:
        """Returns whether a risk of a release is accepted."""
        return risk in self.wholesale or Acceptance(risk, name, version) in self.given

    def joined(self, more: Iterable[Acceptance]) -> Consent:
        """Returns this and more of it."""
        return replace(self, given=self.given.union(more))


NO_CONSENT = Consent()


class ConsentNeededError(TankError):
    """Something enters only with a person's yes; ``needed`` says to what, and is empty where no yes helps."""

    def __init__(
        self,
        what: str,
        *,
        why: str,
        fix: str,
        problems: tuple[Problem, ...] = (),
        needed: Iterable[Acceptance] = (),
    ) -> None:
        super().__init__(what, why=why, fix=fix, problems=problems)
        self.needed = tuple(sorted(set(needed)))


def options(needed: Iterable[Acceptance]) -> str:
    """Returns what to add to a command to say exactly these."""
    return " ".join(acceptance.option for acceptance in sorted(needed))
