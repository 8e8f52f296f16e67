"""The ways in which a registry's index is refused, each named after what somebody may be doing.

Whoever controls the object store, or the way to it, can serve anything. The index's
TUF metadata tells such answers apart, and a person should hear which it was. Loads
no TUF: an install from a lock raises one of these as well.

Source: TUF specification 1.0.31, section 1.5.2 (the attacks); docs/THREAT-MODEL.md.
"""

from __future__ import annotations

from datetime import datetime

from tank_core.errors import ExitCode, Problem, TankError

_AGAIN = "Try again, or from another network; if it stays, tell the registry's operator."
_ANEW = "If its operator says that it was set up anew: tank trust URL --fingerprint sha256:… --replace"


class IndexRolledBackError(TankError):
    """The registry's index is older than what was seen of it before."""

    code = "index-rolled-back"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, why: str) -> IndexRolledBackError:
        """Returns the error for a file that is older than one that was seen."""
        return cls(
            f"The registry's index went back: {file} is older than what this machine has seen.",
            why=f"{why} An old index hides fixes and takedowns.",
            fix=f"{_AGAIN} {_ANEW}",
        )

    @classmethod
    def behind_the_lock(cls, problems: tuple[Problem, ...]) -> IndexRolledBackError:
        """Returns the error for locked versions that the index does not list."""
        return cls(
            f"The index of the registry is older than skills.lock: {problems[0].where} is not in it.",
            why="A version is listed for ever, even a withdrawn one; an old index hides fixes and takedowns.",
            fix="Try again, or from another network. If the registry was set up anew, remove skills.lock.",
            problems=problems,
        )


class IndexFrozenError(TankError):
    """The registry's index is no longer valid: nobody renewed it, or somebody hides the renewals."""

    code = "index-frozen"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, expired: datetime | None, now: datetime) -> IndexFrozenError:
        """Returns the error for a file that expired."""
        since = f" at {expired:%Y-%m-%d %H:%M} UTC" if expired else ""
        return cls(
            f"The registry's index is frozen: {file} expired{since}.",
            why="A registry renews it all the time; an expired one is how somebody would hide what is newer. "
            f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC.",
            fix=f"Check the clock. {_AGAIN}",
        )


class IndexMixedError(TankError):
    """Parts of the registry's index do not belong together."""

    code = "index-mixed"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, why: str) -> IndexMixedError:
        """Returns the error for a file that is not the one that another names."""
        return cls(
            f"The registry's index is mixed: {file} is not the one that belongs to the rest.",
            why=f"{why} Parts of different ages, or somebody else's, were put together.",
            fix=_AGAIN,
        )


class IndexUnsignedError(TankError):
    """A part of the registry's index lacks the signatures that it needs."""

    code = "index-unsigned"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str) -> IndexUnsignedError:
        """Returns the error for a file without enough good signatures."""
        return cls(
            f"The registry's index is not signed: {file} lacks good signatures by enough trusted keys.",
            why="Somebody without the registry's keys wrote it, or hides the root that names new keys.",
            fix=f"{_AGAIN} {_ANEW}",
        )


class IndexEndlessError(TankError):
    """A part of the registry's index is larger, or arrives more slowly, than it can."""

    code = "index-endless"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, why: str) -> IndexEndlessError:
        """Returns the error for a file that does not end."""
        return cls(f"The registry's index does not end: {file} was not read to its end.", why=why, fix=_AGAIN)


class UntrustedMetadataError(TankError):
    """A part of the registry's index is not what the format says, so nothing in it is believed."""

    code = "untrusted-metadata"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, why: str) -> UntrustedMetadataError:
        """Returns the error for a file that cannot be understood."""
        return cls(f"The registry's index is not believed: {file} is malformed.", why=why, fix=_AGAIN)


class RegistryRootRefusedError(TankError):
    """Somebody offers another root than the pinned one and its successors."""

    code = "registry-root-refused"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, file: str, why: str) -> RegistryRootRefusedError:
        """Returns the error for a root that does not follow from the pinned one."""
        return cls(
            f"The registry's new root is refused: {file} does not follow from the root that you pinned.",
            why=why,
            fix="Do not use this registry until its operator has told you, another way, what happened. "
            "Only then: tank trust URL --fingerprint sha256:… --replace",
        )
