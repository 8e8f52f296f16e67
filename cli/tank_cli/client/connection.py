"""Everything that talks to one registry, made from the configuration and closed together.

Nothing is loaded before it is asked for: an install that finds everything in place
needs neither HTTP nor TLS, which cost more than all the rest of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING

from tank_cli import credentials
from tank_cli.cache import Cache
from tank_cli.config import Config
from tank_cli.store import TreeStore
from tank_cli.trust import RegistryTrust

if TYPE_CHECKING:
    from tank_cli.client.api import Api
    from tank_cli.client.blobs import BlobStore
    from tank_cli.client.index_reader import IndexReader, SignedIndex
    from tank_cli.client.kept_metadata import Age, KeptMetadata
    from tank_cli.client.transport import Transport
    from tank_cli.client.trusted_metadata import TrustedMetadata
    from tank_cli.registry_targets import RegistryTargets, SigstoreTarget


class Reach(StrEnum):
    """Whether the registry may be asked.

    ``PREFER_OFFLINE``: only for what was not kept.
    """

    ONLINE = "online"
    PREFER_OFFLINE = "prefer-offline"
    OFFLINE = "offline"


class Connection:
    """One registry; use it as a context manager.

    Args:
        config: says which registry, with which token and certificates.
        reach: whether the registry may be asked.
        told: called with the age of the index, where it is as it was kept.
    """

    def __init__(
        self,
        config: Config,
        reach: Reach = Reach.ONLINE,
        told: Callable[[Age], None] = lambda age: None,
    ) -> None:
        self.registry = config.registry
        self.config = config
        self.cache = Cache(config.cache_dir, config.cache_seal)
        self.store = TreeStore(config.cache_dir / "trees", config.link_mode)
        self._transport: Transport | None = None
        self._index: IndexReader | None = None
        self._metadata: TrustedMetadata | None = None
        self._targets: RegistryTargets | None = None
        self._reach = reach
        self._told = told

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.__exit__(kind, error, trace)

    @property
    def transport(self) -> Transport:
        """The connections themselves.

        Raises:
            NetworkError: network-error; nobody may be asked.
        """
        if self._reach is Reach.OFFLINE:
            from tank_cli.client.transport import NetworkError

            raise NetworkError(
                "The registry was not asked.",
                why="Offline, only what was fetched before is there.",
                fix="Run the same command once with the network.",
            )
        if self._transport is None:
            from tank_cli.client.transport import Transport

            self._transport = Transport(ca_bundle=self.config.ca_bundle)
        return self._transport

    def go_offline(self) -> None:
        """Lets nobody be asked from now on: whatever needs the network fails at once."""
        self._reach = Reach.OFFLINE

    def api(self) -> Api:
        """Returns the API; with the token when there is one.

        Raises:
            InvalidTokenError: invalid-token; what is there cannot be one.
        """
        token = credentials.token_for(self.config, self.registry)
        return self.api_with(credentials.check_token(token) if token else "")

    def authenticated_api(self) -> Api:
        """Returns the API with the token.

        Raises:
            NotLoggedInError: not-logged-in.
        """
        return self.api_with(credentials.require_token(self.config, self.registry))

    def api_with(self, token: str) -> Api:
        """Returns the API with a token, which need not be stored.

        Raises:
            UntrustedRegistryError: untrusted-registry; nobody said whose word on the API's address counts.
        """
        from tank_cli.client.api import Api

        return Api(self.transport, self._known().api, token)

    def index(self) -> IndexReader:
        """Returns the reader of index documents, the same one each time."""
        if self._index is None:
            from tank_cli.client.index_reader import IndexReader

            self._index = IndexReader(self._signed_index(), self.cache)
        return self._index

    def _signed_index(self) -> SignedIndex:
        if self._reach is Reach.ONLINE:
            return self.metadata()
        from tank_cli.client.kept_first import KeptFirst

        asked = None if self._reach is Reach.OFFLINE else self.metadata()
        return KeptFirst(self._kept, asked, self.cache, self._told)

    def kept_index(self) -> tuple[IndexReader, Age]:
        """Returns the reader of what the registry last said of its skills, and how old that is; asks nobody.

        Raises:
            UntrustedRegistryError: untrusted-registry.
            NotKeptError: not-kept.
            IndexMixedError: index-mixed.
        """
        from tank_cli.client.index_reader import IndexReader

        kept, age = self._kept()
        return IndexReader(kept, self.cache), age

    def _kept(self) -> tuple[KeptMetadata, Age]:
        from tank_cli.client.kept_metadata import KeptMetadata

        kept = KeptMetadata(RegistryTrust.of(self.config, self.registry))
        return kept, kept.age(int(time.time()))

    def blobs(self, told: Callable[[int], None] | None = None) -> BlobStore:
        """Returns the reader of blobs. ``told``: of each piece that arrives, its size in bytes."""
        from tank_cli.client.blobs import BlobStore

        return BlobStore(self.transport, self.registry, told)

    def metadata(self) -> TrustedMetadata:
        """Returns the registry's TUF metadata, the same each time; not yet refreshed."""
        if self._metadata is None:
            from tank_cli.client.trusted_metadata import TrustedMetadata

            trust = RegistryTrust.of(self.config, self.registry)
            self._metadata = TrustedMetadata(self.transport, trust)
        return self._metadata

    def keys(self) -> Mapping[str, str]:
        """Returns the registry's attestation keys, key id → PEM, as last verified; without the network.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        return self._known().keys

    def newest_keys(self) -> Mapping[str, str]:
        """Returns the attestation keys after a refresh, for an attestation by a key that is not known yet.

        Raises:
            TankError: as ``TrustedMetadata.refresh``.
        """
        return self.metadata().refresh().keys

    def sigstore(self) -> SigstoreTarget | None:
        """Returns the Sigstore that publishers of this registry sign with, as last verified; None without one.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        return self._known().sigstore

    def _known(self) -> RegistryTargets:
        """Returns what was last verified about the registry, in this run or before; fetched where it is lost."""
        if self._metadata is not None and self._metadata.known is not None:
            return self._metadata.known
        if self._targets is None:
            self._targets = RegistryTrust.of(self.config, self.registry).targets()
        return self._targets or self.metadata().refresh()
