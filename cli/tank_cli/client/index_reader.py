"""Index documents: one per skill, enough to resolve, kept with their ETag between runs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tank_cli.cache import Cache
from tank_cli.client.problems import registry_error
from tank_cli.client.transport import Request, Transport
from tank_core.absence import SkillNotFoundError
from tank_core.errors import TankError
from tank_core.index import MAX_INDEX_BYTES, IndexDocument, parse_index
from tank_core.names import SkillName

_PARALLEL = 16  # measured best over a network with kept-alive connections: 16 to 32


class IndexReader:
    """Reads index documents of one registry, each at most once per run.

    Args:
        transport: how to talk.
        cache: where documents stay between runs.
        registry: base URL without a trailing slash.
    """

    def __init__(self, transport: Transport, cache: Cache, registry: str) -> None:
        self._transport = transport
        self._cache = cache
        self._registry = registry
        self._read: dict[SkillName, IndexDocument] = {}

    def fetch(self, name: SkillName) -> IndexDocument:
        """Returns a skill's index document.

        Raises:
            SkillNotFoundError: skill-not-found.
            InvalidIndexError: invalid-index.
            NetworkError: network-error.
            RegistryError: any other refusal.
        """
        if name not in self._read:
            self._read[name] = parse_index(self._bytes(name), expected=name)
        return self._read[name]

    def prefetch(self, names: Iterable[SkillName]) -> None:
        """Reads several documents at once; what fails here fails again, with its words, in ``fetch``."""
        missing = sorted(set(names) - self._read.keys())
        if len(missing) < 2:
            return
        with ThreadPoolExecutor(min(_PARALLEL, len(missing))) as pool:
            list(pool.map(self._try, missing))

    def _try(self, name: SkillName) -> None:
        try:
            self.fetch(name)
        except TankError:
            return

    def _bytes(self, name: SkillName) -> bytes:
        url = f"{self._registry}/index/{str(name).removeprefix('@')}.json"
        cached = self._cache.document(url)
        headers = {"If-None-Match": cached[0]} if cached else {}
        answer = self._transport.send(Request("GET", url, headers, max_bytes=MAX_INDEX_BYTES))
        if answer.status == 304 and cached:
            return cached[1]
        if answer.status == 404:
            raise SkillNotFoundError.named(name)
        if answer.status != 200:
            raise registry_error(answer, url)
        self._cache.add_document(url, answer.headers.get("etag", ""), answer.body)
        return answer.body
