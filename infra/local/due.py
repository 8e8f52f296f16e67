"""Why an offline key must sign again: each cause by its name, for the operator whose key is away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from infra.ceremony.folder import Ceremony
from infra.ceremony.keys import PublicKey
from tank_core import tuf_layout


def causes_for_targets(
    ceremony: Ceremony, contents: Mapping[str, bytes], online: PublicKey, *, is_young: bool
) -> Iterator[str]:
    """Yields what differs between the newest targets and what they should say.

    Args:
        contents: target path → bytes that the registry says of itself now.
        online: the index key that they should delegate to.
        is_young: less than half of their life is over.
    """
    targets = ceremony.targets()
    if targets is None or targets.delegations is None:
        yield "there are no targets yet"
        return
    said = {target: ceremony.target(target) or b"" for target in targets.targets}
    before, now = (_document(each.get(tuf_layout.REGISTRY_TARGET, b"")) for each in (said, contents))
    if before.get("registry") != now.get("registry"):
        yield f"the registry's address changed from {before.get('registry')} to {now.get('registry')}"
    if before.get("keys") != now.get("keys"):
        yield "the attestation key changed"
    if before.get("sigstore") != now.get("sigstore"):
        yield f"--sigstore changed from {before.get('sigstore') or 'none'} to {now.get('sigstore') or 'none'}"
    for target in (tuf_layout.TRUSTED_ROOT_TARGET, tuf_layout.SIGNING_CONFIG_TARGET):
        if said.get(target) != contents.get(target):
            yield f"Sigstore's {target.partition('/')[2]} changed"
    if targets.delegations.keys != {online.keyid: online}:
        yield "the index key changed"
    if not is_young:
        yield expiry_of("the targets", targets.expires)


def expiry_of(what: str, expires: datetime) -> str:
    """Returns the cause of a renewal that is due at half of a life."""
    return f"{what} expire on {expires:%Y-%m-%d}, and are signed again at half of their life"


def _document(data: bytes) -> Mapping[str, object]:
    found = json.loads(data) if data else {}
    return found if isinstance(found, dict) else {}
