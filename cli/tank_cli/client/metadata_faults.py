"""Which attack an error of the TUF client means.

python-tuf says what failed; the file that it was working on, and what that file
says, tell what somebody is doing. Whatever is not recognised is refused as well.

Source: python-tuf 7, ``tuf.ngclient`` (the order of its checks); TUF specification
1.0.31, section 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)

from tank_cli.client.index_refusals import (
    IndexFrozenError,
    IndexMixedError,
    IndexRolledBackError,
    IndexUnsignedError,
    RegistryRootRefusedError,
    UntrustedMetadataError,
)
from tank_cli.client.metadata_fetcher import role_of
from tank_core.errors import TankError, quoted

_TOP_LEVEL = ("root", "timestamp", "snapshot", "targets")  # in the order in which expiry is checked


@dataclass(frozen=True, slots=True)
class Served:
    """One metadata file, as the registry served it.

    Attributes:
        file: its name, such as ``7.snapshot.json``.
        data: None when it was not there.
    """

    file: str
    data: bytes | None

    @property
    def role(self) -> str:
        """The role that the name says, such as ``snapshot``."""
        return role_of(self.file)

    @property
    def asked_version(self) -> int | None:
        """The version that the name says; None for a file without one."""
        version, dot, _ = self.file.removesuffix(".json").partition(".")
        return int(version) if dot and version.isdigit() else None

    @property
    def version(self) -> int | None:
        """The version that the content says; None when it says none."""
        value = self._signed().get("version")
        return value if isinstance(value, int) else None

    @property
    def expires(self) -> datetime | None:
        """When the content says that it expires; None when it does not say."""
        try:
            return datetime.fromisoformat(str(self._signed().get("expires"))).astimezone(UTC)
        except ValueError:
            return None

    def _signed(self) -> Mapping[str, object]:
        try:
            signed = json.loads(self.data or b"")["signed"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
        return signed if isinstance(signed, dict) else {}


def refusal(error: Exception, served: Served, known: Mapping[str, Served], now: datetime) -> TankError:
    """Returns what an error of the TUF client means for a person.

    Args:
        error: what the TUF client raised.
        served: the file that it asked for last.
        known: role → the newest file of it whose signature was checked.
        now: this machine's time, UTC.
    """
    if isinstance(error, TankError):
        return error
    if isinstance(error, ExpiredMetadataError):
        return _frozen(served, known, now)
    return _root_refused(error, served) if served.role == "root" else _refused(error, served)


def _refused(error: Exception, served: Served) -> TankError:
    match error:
        case DownloadHTTPError():
            return _absent(served)
        case UnsignedMetadataError():
            return IndexUnsignedError.of(served.file)
        case LengthOrHashMismatchError():
            return IndexMixedError.of(served.file, "Its size or its digest is another.")
        case BadVersionNumberError():
            return _wrong_version(served)
    if (
        type(error) is RepositoryError
        and served.role == "snapshot"
        and served.version == served.asked_version
    ):
        return IndexRolledBackError.of(served.file, "It leaves out files that were there before.")
    return UntrustedMetadataError.of(served.file, quoted(str(error) or type(error).__name__))


def _frozen(served: Served, known: Mapping[str, Served], now: datetime) -> TankError:
    """Returns the error for expired metadata: the first role whose expiry the TUF client checks."""
    candidates = [known[role] for role in _TOP_LEVEL if role in known] + [served]
    for candidate in candidates:
        if candidate.expires is not None and candidate.expires <= now:
            return IndexFrozenError.of(candidate.file, candidate.expires, now)
    return IndexFrozenError.of(served.file, None, now)


def _root_refused(error: Exception, served: Served) -> TankError:
    if served.data is None:
        return UntrustedMetadataError.of(served.file, quoted(str(error)))
    asked, version = served.asked_version, served.version
    if isinstance(error, BadVersionNumberError) and asked and version and version < asked:
        return IndexRolledBackError.of(served.file, f"It is root {version}.")
    if isinstance(error, UnsignedMetadataError):
        why = "The keys of the root before it did not sign it, or its own did not."
        return RegistryRootRefusedError.of(served.file, why)
    return RegistryRootRefusedError.of(served.file, quoted(str(error) or type(error).__name__))


def _absent(served: Served) -> TankError:
    if served.role == "timestamp":
        return UntrustedMetadataError.of(served.file, "It is not there, and every index has one.")
    return IndexMixedError.of(served.file, "It is not there, although the rest names it.")


def _wrong_version(served: Served) -> TankError:
    """Returns the error for a version that is not the expected one."""
    if served.role == "timestamp":
        return IndexRolledBackError.of(
            served.file, f"It is version {served.version}, or names an older snapshot."
        )
    if served.role == "snapshot" and served.version == served.asked_version:
        return IndexRolledBackError.of(
            served.file, "It names an older version of a file than the one before it."
        )
    return IndexMixedError.of(served.file, f"It is version {served.version}, and another is named.")
