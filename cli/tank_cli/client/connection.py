"""Everything that talks to one registry, made from the configuration and closed together."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from tank_cli import credentials
from tank_cli.cache import Cache
from tank_cli.client.transport import Transport
from tank_cli.config import Config
from tank_cli.trust import TrustStore

if TYPE_CHECKING:  # the install path must not load pydantic, nor the API path the resolver's formats
    from tank_cli.client.api import Api
    from tank_cli.client.blobs import BlobStore
    from tank_cli.client.index_reader import IndexReader


class Connection:
    """One registry; use it as a context manager.

    Args:
        config: says which registry, with which token and certificates.
    """

    def __init__(self, config: Config) -> None:
        self.registry = config.registry
        self.config = config
        self.cache = Cache(config.cache_dir)
        self.transport = Transport(ca_bundle=config.ca_bundle)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.__exit__(kind, error, trace)

    def api(self) -> Api:
        """Returns the API; with the token when there is one."""
        return self._api(credentials.token_for(self.config, self.registry))

    def authenticated_api(self) -> Api:
        """Returns the API with the token.

        Raises:
            NotLoggedInError: not-logged-in.
        """
        return self._api(credentials.require_token(self.config, self.registry))

    def api_with(self, token: str) -> Api:
        """Returns the API with a token that is not stored yet."""
        return self._api(token)

    def index(self) -> IndexReader:
        """Returns the reader of index documents."""
        from tank_cli.client.index_reader import IndexReader

        return IndexReader(self.transport, self.cache, self.registry)

    def blobs(self) -> BlobStore:
        """Returns the reader of blobs."""
        from tank_cli.client.blobs import BlobStore

        return BlobStore(self.transport, self.registry)

    def keys(self) -> Mapping[str, str]:
        """Returns the registry's pinned keys, key id → PEM.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        return TrustStore.read(self.config).keys_of(self.registry)

    def _api(self, token: str) -> Api:
        from tank_cli.client.api import Api

        return Api(self.transport, self.registry, token)
