"""Where TUF metadata and its targets lie below a registry's base URL, and how long they are valid.

Registry and client agree on these names; signatures and versions are python-tuf's
business. There are 256 hash bins, so that a publish signs a document whose size
does not follow the size of the registry, and each bin is named by the first byte
of the SHA-256 of a target's path.

Source: TUF specification 1.0.31, sections 3 (file system layout, consistent
snapshots) and 5 (client workflow); TAP 15 (succinct hash bin delegations).
"""

from __future__ import annotations

import hashlib
from typing import Final

from tank_core.names import SkillName

BIN_BITS: Final = 8  # 256 bins: at 5,000 skills about 20 targets and 5 kB each
BIN_PREFIX: Final = "index"

REGISTRY_TARGET: Final = "registry.json"
TRUSTED_ROOT_TARGET: Final = "sigstore/trusted_root.json"
SIGNING_CONFIG_TARGET: Final = "sigstore/signing_config.json"
INDEX_PREFIX: Final = "index/"
NOTICES_TARGET: Final = f"{INDEX_PREFIX}notices.json"  # no document of a skill: those lie below its org

METADATA: Final = "tuf/"
TARGETS: Final = "targets/"
NEWEST_ROOT: Final = (
    f"{METADATA}root.json"  # a copy of the newest numbered root; its digest is the fingerprint
)
TIMESTAMP: Final = f"{METADATA}timestamp.json"  # the only name in it whose bytes change
# A field of the timestamp: the version of the newest root. It spares readers the question whether there
# is a newer one, whose answer, a 404, nobody signs: so it is no weaker, and an old answer expires.
ROOT_VERSION: Final = "x-tank-root-version"

# Every reader and the writer refuse more: metadata grows with the registry, but not to this.
MAX_ROOT_BYTES: Final = 64 * 1024
MAX_TIMESTAMP_BYTES: Final = 16 * 1024
MAX_SNAPSHOT_BYTES: Final = 256 * 1024
MAX_TARGETS_BYTES: Final = 4 * 1024 * 1024
MAX_TRUST_TARGET_BYTES: Final = 256 * 1024  # registry.json and the two Sigstore documents

_DAY_SECONDS: Final = 24 * 3600
ROOT_SECONDS: Final = 365 * _DAY_SECONDS  # keys of people: once a year they look at them
TARGETS_SECONDS: Final = 365 * _DAY_SECONDS
BIN_SECONDS: Final = 7 * _DAY_SECONDS
SNAPSHOT_SECONDS: Final = 7 * _DAY_SECONDS
TIMESTAMP_SECONDS: Final = _DAY_SECONDS  # the longest that a freeze stays unnoticed


def bin_of(target: str) -> str:
    """Returns the role that lists a target, such as ``index-3f``.

    Args:
        target: a target path, such as ``index/acme/tool.json``.
    """
    return bin_name(hashlib.sha256(target.encode("utf-8")).digest()[0])


def bin_name(number: int) -> str:
    """Returns the name of a bin. ``number``: 0 to 255."""
    return f"{BIN_PREFIX}-{number:02x}"


def every_bin() -> tuple[str, ...]:
    """Returns the names of all bins, in order."""
    return tuple(bin_name(number) for number in range(2**BIN_BITS))


def index_target(name: str) -> str:
    """Returns the target path of a skill's index document. ``name``: ``@org/name``."""
    parsed = SkillName.parse(name)
    return f"{INDEX_PREFIX}{parsed.org}/{parsed.name}.json"


def metadata_path(role: str, version: int) -> str:
    """Returns the path of one version of a role's metadata, relative to the registry's base URL.

    Args:
        role: ``root``, ``snapshot``, ``targets`` or a bin; never ``timestamp``, which has no versions.
        version: at least 1.
    """
    return f"{METADATA}{version}.{role}.json"


def target_path(target: str, sha256_hex: str) -> str:
    """Returns the path of a target's bytes, relative to the registry's base URL.

    Args:
        target: a target path, such as ``index/acme/tool.json``.
        sha256_hex: 64 lower-case hexadecimal digits over the bytes.
    """
    folder, slash, file = target.rpartition("/")
    return f"{TARGETS}{folder}{slash}{sha256_hex}.{file}"


def root_fingerprint(root: bytes) -> str:
    """Returns what ``tank trust --fingerprint`` pins: ``sha256:<hex>`` over the root file's bytes."""
    return f"sha256:{hashlib.sha256(root).hexdigest()}"
