"""How the TUF client gets bytes: through Tank's own transport, with its limits, proxies and authorities.

Remembers what it was given, so that a refusal can say which file was at fault. May
be told to get several files at once before the TUF client asks for them one by one.

Does not ask for a root that is not there: the timestamp, which is got anyway, says
which root is the newest (``tuf_layout.ROOT_VERSION``). Whoever could hide a new root
behind a made-up 404 could hide it by an old timestamp as well, but that one expires.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from tuf.api.exceptions import DownloadError, DownloadHTTPError

from tank_cli.client.index_refusals import IndexEndlessError
from tank_cli.client.problems import registry_error
from tank_cli.client.transport import CONNECTIONS, Request, ResponseTooLargeError, Transport
from tank_cli.client.tuf_client import FetcherInterface
from tank_core.errors import TankError
from tank_core.tuf_layout import (
    MAX_ROOT_BYTES,
    MAX_SNAPSHOT_BYTES,
    MAX_TARGETS_BYTES,
    MAX_TIMESTAMP_BYTES,
    METADATA,
    ROOT_VERSION,
    TIMESTAMP,
)

_ABSENT = frozenset({403, 404})  # an object store that may not be listed answers 403 for what is not there
_LONGEST_SECONDS = 120.0  # for at most 4 MiB; a server may stall each chunk, but not for ever
_LIMITS = {
    "root": MAX_ROOT_BYTES,
    "timestamp": MAX_TIMESTAMP_BYTES,
    "snapshot": MAX_SNAPSHOT_BYTES,
}


def file_of(url: str) -> str:
    """Returns a metadata file's name, such as ``7.snapshot.json``."""
    return url.rpartition("/")[2]


def role_of(file: str) -> str:
    """Returns the role in a metadata file's name, such as ``snapshot``."""
    stem = file.removesuffix(".json")
    version, dot, role = stem.partition(".")
    return role if dot and version.isdigit() else stem


class MetadataFetcher(FetcherInterface):
    """Downloads metadata for one refresh.

    Args:
        transport: how to talk.
        clock: seconds that only grow.
        asks_for_roots: ask for every next root, whatever the timestamp says.

    Attributes:
        asked: the URL last asked for.
        received: the bytes last received, by URL.
        has_spared_root: whether the timestamp's word was taken for there being no newer root.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Callable[[], float] = time.monotonic,
        *,
        asks_for_roots: bool = False,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._asks_for_roots = asks_for_roots
        self._ahead: dict[str, bytes] = {}
        self.asked = ""
        self.received: dict[str, bytes] = {}
        self.has_spared_root = False

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Returns the body at a URL.

        Args:
            url: what to get.
            max_length: the signed or configured length in bytes. Not where reading stops: that is the
                limit of the role, so that a file of another length is told from one without an end.

        Raises:
            DownloadHTTPError: it is not there.
            IndexEndlessError: index-endless; too large or too slow.
            NetworkError: network-error.
            RegistryError: any other refusal.
        """
        self.asked = url
        if role_of(file_of(url)) == "root" and self._is_newest_root_before(url):
            self.has_spared_root = True
            raise DownloadHTTPError(f"{url} is not there, as the timestamp says", 404)
        data = self._ahead.pop(url, None)
        if data is None:
            data = self._get(url)
        self.received[url] = data
        return data

    def get_ahead(self, urls: Sequence[str]) -> None:
        """Gets several bodies at once; one that fails here is asked for again, and fails with its words."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for url, data in zip(urls, pool.map(self._tried, urls), strict=True):
                if data is not None:
                    self._ahead[url] = data

    def _is_newest_root_before(self, root_url: str) -> bool:
        """Returns whether the timestamp says that the root asked for is not there yet.

        It is read before it is verified: what it says is only a reason not to ask.
        """
        if self._asks_for_roots:
            return False
        url = f"{root_url.rpartition('/')[0]}/{TIMESTAMP.removeprefix(METADATA)}"
        if url not in self._ahead:
            self.get_ahead([url])
        newest = _newest_root(self._ahead.get(url, b""))
        return newest is not None and newest < int(file_of(root_url).partition(".")[0])

    def _tried(self, url: str) -> bytes | None:
        try:
            return self._get(url)
        except (TankError, DownloadError):
            return None

    def _get(self, url: str) -> bytes:
        max_length = _LIMITS.get(role_of(file_of(url)), MAX_TARGETS_BYTES)
        request = Request("GET", url, max_bytes=max_length)
        try:
            answer = self._transport.send(request, on_chunk=lambda: self._bounded_in_time(url))
        except ResponseTooLargeError as error:
            why = f"It has more than {max_length} bytes, which is more than this file may have."
            raise IndexEndlessError.of(file_of(url), why) from error
        if answer.status in _ABSENT:
            raise DownloadHTTPError(f"{url} answered {answer.status}", answer.status)
        if answer.status != 200:
            raise registry_error(answer, url)
        return answer.body

    def _bounded_in_time(self, url: str) -> Callable[[bytes], None]:
        give_up_at = self._clock() + _LONGEST_SECONDS

        def see(_: bytes) -> None:
            if self._clock() > give_up_at:
                raise IndexEndlessError.of(
                    file_of(url), f"It did not end within {_LONGEST_SECONDS:g} seconds."
                )

        return see

    def _fetch(self, url: str) -> Iterator[bytes]:
        """Yields a body in one piece; the base class asks for it, the TUF client never does."""
        yield self.download_bytes(url, MAX_TARGETS_BYTES)


def _newest_root(timestamp: bytes) -> int | None:
    try:
        version = json.loads(timestamp)["signed"][ROOT_VERSION]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return version if type(version) is int else None
