"""Whether a skill's index document has room for one more version.

Clients refuse a document above ``tank_core.index.MAX_INDEX_BYTES`` before they read it, so
a skill that grew beyond would be lost to everybody. A publish is refused well below that;
yanks, deprecations and takedowns never are: what they add fits between the two limits.
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core import canonical
from tank_core.entities import JsonObject, SkillVersion
from tank_core.errors import TankError
from tank_core.index import index_bytes

MAX_PUBLISHED_BYTES = 12 * 1024 * 1024  # three quarters of what clients read
_REST_BYTES = 32 * 1024  # of an entry besides what its manifest says: digests, and who signed


class IndexFullError(TankError):
    """The skill has so many versions that its index document takes no other."""

    code = "index-full"
    status = 409


def check(name: str, published: Iterable[SkillVersion], manifest: JsonObject) -> None:
    """Passes when another version fits into a skill's index document.

    Args:
        name: ``@org/name``.
        published: all of its versions, in whatever availability.
        manifest: of the version to come.

    Raises:
        IndexFullError: index-full.
    """
    size_bytes = len(index_bytes(name, published)) + len(canonical.compact(manifest)) + _REST_BYTES
    if size_bytes > MAX_PUBLISHED_BYTES:
        raise IndexFullError(
            f"The index of {name} has no room for another version.",
            why=f"It would have {size_bytes} bytes, and at most {MAX_PUBLISHED_BYTES} are published.",
            fix="Publish under a new name; versions that exist stay installable, and can be yanked as before.",
        )
