"""The keys of the object store: where everything lies.

Only keys below ``public/`` are served to readers; the part after it is the URL path.
"""

from __future__ import annotations

PUBLIC = "public/"
INCOMING = "incoming/"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


def incoming_archive(publish_id: str) -> str:
    """Returns where the publisher uploads the archive."""
    return f"{INCOMING}{publish_id}/archive.tgz"


def incoming_bundle(publish_id: str) -> str:
    """Returns where the publisher uploads the Sigstore bundle, before the archive."""
    return f"{INCOMING}{publish_id}/bundle.sigstore.json"


def publish_id_of(key: str) -> str | None:
    """Returns the publish id of an incoming archive's key; None for every other key."""
    parts = key.split("/")
    if len(parts) == 3 and parts[0] == "incoming" and parts[2] == "archive.tgz":
        return parts[1]
    return None


def work(publish_id: str, document: str) -> str:
    """Returns where a stage leaves a working document for the next ones."""
    return f"work/{publish_id}/{document}"


def rescan_report(digest: str, rule_set: str) -> str:
    """Returns where a rescan leaves what these rules found in these bytes; both are digests."""
    return f"work/rescans/{_hex(digest)}/{_hex(rule_set)}.json"


def blob(digest: str) -> str:
    """Returns the public key of immutable bytes. ``digest``: ``sha256:<hex>``."""
    return f"{PUBLIC}blobs/sha256/{_hex(digest)}"


def quarantine(digest: str) -> str:
    """Returns where the bytes of a withdrawn version are kept, unreadable from outside."""
    return f"quarantine/sha256/{_hex(digest)}"


REGISTRY_DOCUMENT = f"{PUBLIC}registry.json"


def _hex(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64:
        raise ValueError(f"not a sha256 digest: {digest!r}")
    return value
