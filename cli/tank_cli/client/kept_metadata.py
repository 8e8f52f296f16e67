"""The registry's index as this machine saw it last, verified again, for when the registry cannot be asked.

Everything was verified when it arrived, and is verified here once more, because it lay
on a disk meanwhile: from the pinned root along the chain of roots, then timestamp,
snapshot, targets and the hash bin of each skill. Only one thing is not asked: whether
it expired. That is what being offline means, so it is told, with the age, and nobody
may take it for the newest state. An install believes it only where the person asks for that.

Source: TUF specification 1.0.31, section 5 (client workflow), without steps 5.3.10, 5.4.4 and 5.5.6 (expiry).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tuf.api.metadata import Metadata, Root, Signed, Snapshot, Targets, Timestamp

from tank_cli.client.index_refusals import IndexMixedError
from tank_cli.client.transport import NetworkError
from tank_cli.client.trusted_metadata import Target, target_of
from tank_cli.file_lock import waiting_for
from tank_cli.trust import RegistryTrust
from tank_core import tuf_layout
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.names import SkillName

_LOCK_SECONDS = 10.0
_TOP_LEVEL = ("timestamp", "snapshot", "targets")


class NotKeptError(NetworkError):
    """The registry cannot be asked, and what it last said of something is not on this machine."""

    code = "not-kept"
    exit_code = ExitCode.NETWORK

    @classmethod
    def of(cls, what: str) -> NotKeptError:
        """Returns the error for something that was not kept."""
        return cls(
            f"{what[0].upper()}{what[1:]} is not on this machine, and the registry was not asked.",
            why="Offline, only what was fetched before is known; what is not known is never taken for good.",
            fix="Run the same command once with the network.",
        )

    @classmethod
    def by_file(cls) -> NotKeptError:
        """Returns the error for the index, on a machine that knows its registry from a vendor file alone."""
        return cls(
            "The index is not on this machine, and the registry was not asked.",
            why="What is known of it came from a file of `tank vendor`, which holds what one lock names, and "
            "not what else there is.",
            fix="What the lock names installs and verifies: tank ci --offline. For others, run `tank add` "
            "or `tank update`, then `tank vendor` where there is a network, and install here from that file: "
            "tank install --from FILE",
        )


@dataclass(frozen=True, slots=True)
class Age:
    """How old the kept index is.

    Attributes:
        signed_at: seconds since the Unix epoch, as its expiry tells it.
        seconds: since then.
        is_expired: whether it would be refused if it came from the registry now.
    """

    signed_at: int
    seconds: int
    is_expired: bool

    @property
    def told(self) -> str:
        """It as the end of a sentence, such as ``3 hours old, and expired``."""
        return f"{self} old{', and expired' * self.is_expired}"

    def __str__(self) -> str:
        for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
            if self.seconds >= size:
                number = self.seconds // size
                return f"{number} {unit}{'s' * (number != 1)}"
        return "less than a minute"


class KeptMetadata:
    """One registry's metadata as it was kept; reads the same as ``TrustedMetadata`` and asks nobody.

    Args:
        trust: what is pinned, and where metadata is kept.

    Raises:
        UntrustedRegistryError: untrusted-registry.
        NotKeptError: not-kept; this machine never saw the index.
        IndexMixedError: index-mixed; what was kept does not verify.
    """

    def __init__(self, trust: RegistryTrust) -> None:
        self._trust = trust
        trust.root()  # of a registry that nobody trusts nothing is believed
        if trust.learnt.exists() and not (trust.metadata / "timestamp.json").exists():
            raise NotKeptError.by_file()
        with waiting_for(trust.lock, seconds=_LOCK_SECONDS), _refusing("the index"):
            self._root = self._newest_root()
            self._timestamp: Timestamp = self._signed("timestamp", self._root)
            self._snapshot: Snapshot = self._signed("snapshot", self._root)
            _check_version(self._snapshot, self._timestamp.snapshot_meta.version)
            self._targets: Targets = self._signed("targets", self._root)
            _check_version(self._targets, self._snapshot.meta["targets.json"].version)

    def age(self, now: int) -> Age:
        """Returns how old the kept index is. ``now``: seconds since the Unix epoch."""
        expires = int(self._timestamp.expires.replace(tzinfo=UTC).timestamp())
        signed_at = expires - tuf_layout.TIMESTAMP_SECONDS
        at = datetime.fromtimestamp(now, UTC)
        parts = (self._root, self._timestamp, self._snapshot, self._targets)
        return Age(signed_at, max(0, now - signed_at), any(part.is_expired(at) for part in parts))

    def documents(self, names: Iterable[SkillName]) -> Mapping[SkillName, Target]:
        """Returns the index document of each skill that the registry had, by name.

        Raises:
            NotKeptError: not-kept; what was kept does not say whether there is such a skill.
            IndexMixedError: index-mixed.
        """
        found: dict[SkillName, Target] = {}
        for name in sorted(names):
            listed = self._listed(tuf_layout.index_target(str(name)), f"index of {name}")
            if listed is not None:
                found[name] = listed
        return found

    def notices(self) -> Target | None:
        """Returns the notices document; None where the registry wrote none.

        Raises:
            NotKeptError: not-kept.
            IndexMixedError: index-mixed.
        """
        return self._listed(tuf_layout.NOTICES_TARGET, "list of notices")

    def download(self, target: Target) -> bytes:
        """Refuses: only what the cache has is there.

        Raises:
            NotKeptError: not-kept.
        """
        raise NotKeptError.of(target.path)

    def _listed(self, path: str, what: str) -> Target | None:
        role = tuf_layout.bin_of(path)
        with _refusing(f"the {what}"):
            metadata: Targets = self._signed(role, self._targets)
        newest = self._snapshot.meta.get(f"{role}.json")
        if newest is None or metadata.version != newest.version:
            raise NotKeptError.of(f"the newest {what}")  # the last refresh was about something else
        listed = metadata.targets.get(path)
        return target_of(listed) if listed else None

    def _newest_root(self) -> Root:
        """Follows the chain of kept roots from the pinned one; each is signed by the one before and by itself."""
        root: Root = Metadata.from_bytes(self._trust.root()).signed
        while True:
            version = root.version + 1
            path = self._trust.metadata / "root_history" / f"{version}.root.json"
            if not path.exists():
                return root
            following = Metadata[Root].from_bytes(path.read_bytes())
            for signer in (root, following.signed):
                signer.verify_delegate(Root.type, following.signed_bytes, following.signatures)
            _check_version(following.signed, version)
            root = following.signed

    def _signed(self, role: str, delegator: Root | Targets) -> Any:
        """Returns what a kept file says, which its delegator's keys signed."""
        metadata = Metadata.from_bytes((self._trust.metadata / f"{role}.json").read_bytes())
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        if metadata.signed.type != (role if role in _TOP_LEVEL else Targets.type):
            raise ValueError(f"{role}.json is of type {metadata.signed.type}")
        return metadata.signed


def _check_version(signed: Signed, version: int) -> None:
    if signed.version != version:
        raise ValueError(f"{signed.type} {signed.version} was kept, and {version} belongs to the rest")


@contextlib.contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Gives every failure inside its name: it is not there, or it does not verify."""
    try:
        yield
    except OSError as error:
        raise NotKeptError.of(what) from error
    except TankError:
        raise
    except Exception as error:  # around signature verification: anything unexpected means refuse
        why = (
            f"It was kept on this machine, and does not verify: {quoted(str(error) or type(error).__name__)}."
        )
        raise IndexMixedError.of(what, why) from error
