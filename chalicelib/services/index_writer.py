"""Writes a skill's index document: always whole, always from what the catalog says now.

Two writers may meet (Store of two versions, a yank). Each reads the document's
ETag first and the catalog after it, and puts on the condition of that ETag: who
read an older catalog loses the race and rebuilds. Because an ETag names content, a
yank that is undone brings an old ETag back; so a writer reads the catalog once
more after its put, and writes again when its document is no longer true.

Source: DESIGN, "The install path touches no function and no database".
"""

from __future__ import annotations

from chalicelib.ports.blobs import ObjectInfo
from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.index import index_bytes

_ATTEMPTS = 10  # one per concurrent writer that wins before us
_CONTENT_TYPE = "application/json"


def write_index(ports: RegistryPorts, name: str) -> ObjectInfo:
    """Brings the skill's index document up to date; safe to repeat and to run concurrently.

    Args:
        ports: the registry's world.
        name: ``@org/name``.

    Raises:
        PortError: the store did not answer, or other writers won every time; call again.
    """
    key = keys.index(name)
    for _ in range(_ATTEMPTS):
        present = ports.blobs.head(key)
        document = index_bytes(name, ports.catalog.versions(name))
        try:
            written = _put(ports, key, document, present)
        except ConditionFailed:
            continue
        if index_bytes(name, ports.catalog.versions(name)) == document:
            return written
    raise PortError(f"index of {name} kept changing")


def _put(ports: RegistryPorts, key: str, document: bytes, present: ObjectInfo | None) -> ObjectInfo:
    return ports.blobs.put(
        key,
        document,
        content_type=_CONTENT_TYPE,
        cache_control=keys.REVALIDATE,
        if_match=None if present is None else present.etag,
        if_absent=present is None,
    )
