"""What a registry's offline key says of it: where its API is, its attestation keys, its Sigstore.

The bytes were verified when they were fetched (``client.trusted_metadata``); this
module only reads them, and loads neither TUF nor cryptography, because every
install reads them.

Source: docs/ARCHITECTURE.md, "How the index is protected".
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from tank_cli.config import registry_url
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.shape import MalformedJsonError, Reader, parse_json
from tank_core.tuf_layout import (
    MAX_TRUST_TARGET_BYTES,
    REGISTRY_TARGET,
    SIGNING_CONFIG_TARGET,
    TRUSTED_ROOT_TARGET,
)

TRUST_TARGETS = (REGISTRY_TARGET, TRUSTED_ROOT_TARGET, SIGNING_CONFIG_TARGET)
_KINDS = ("", "local", "public")


class RegistryDocumentRefusedError(TankError):
    """What the registry's operator signed is not what Tank understands."""

    code = "registry-document-refused"
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class SigstoreTarget:
    """The Sigstore that a registry's publishers sign with.

    Attributes:
        trusted_root: JSON, to verify with.
        signing_config: JSON, to sign with.
        kind: ``local`` (one machine's own) or ``public``.
    """

    trusted_root: bytes
    signing_config: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class RegistryTargets:
    """What is known of a registry.

    Attributes:
        api: base URL of the API, with its version, without a trailing slash.
        keys: attestation keys, key id → PEM.
        sigstore: None when publishers of this registry cannot sign.
    """

    api: str
    keys: Mapping[str, str]
    sigstore: SigstoreTarget | None


def parse_registry_targets(contents: Mapping[str, bytes]) -> RegistryTargets:
    """Returns what the verified targets say.

    Args:
        contents: target path → verified bytes.

    Raises:
        RegistryDocumentRefusedError: registry-document-refused, with every problem.
    """
    problems: list[Problem] = []
    try:
        value = parse_json(
            contents.get(REGISTRY_TARGET, b""), what=REGISTRY_TARGET, max_bytes=MAX_TRUST_TARGET_BYTES
        )
    except MalformedJsonError as error:
        raise _refused((Problem(REGISTRY_TARGET, error.what, error.fix),)) from error
    reader = Reader.of(value, REGISTRY_TARGET, problems)
    api = _api(reader)
    keys = _keys(reader)
    sigstore = _sigstore(reader, contents)
    if problems:
        raise _refused(tuple(problems))
    return RegistryTargets(api, keys, sigstore)


def _api(reader: Reader) -> str:
    """Returns an address that a token may be sent to: https, or this machine."""
    return reader.parsed("api", registry_url, example="https://tank.example/v1") or ""


def _keys(reader: Reader) -> Mapping[str, str]:
    listed = reader.values.get("keys")
    if not isinstance(listed, list) or not listed:
        reader.problem("keys", "is not a list of keys", "Sign a document with at least one.")
        return {}
    keys: dict[str, str] = {}
    for number, item in enumerate(listed):
        key = Reader.of(item, reader.document, reader.problems, ("keys", str(number)))
        key_id = key.required_string("key_id")
        keys[key_id] = key.required_string("public_key", is_one_line=False)
    return keys


def _sigstore(reader: Reader, contents: Mapping[str, bytes]) -> SigstoreTarget | None:
    kind = reader.values.get("sigstore")
    if kind not in _KINDS or not isinstance(kind, str):
        reader.problem(
            "sigstore", "is none of “local”, “public” and “”", "Upgrade Tank, or sign one of these."
        )
        return None
    if not kind:
        return None
    missing = [path for path in (TRUSTED_ROOT_TARGET, SIGNING_CONFIG_TARGET) if path not in contents]
    if missing:
        reader.problem("sigstore", f"needs {', '.join(missing)}, which is not there", "Sign it as a target.")
        return None
    return SigstoreTarget(contents[TRUSTED_ROOT_TARGET], contents[SIGNING_CONFIG_TARGET], kind)


def _refused(problems: tuple[Problem, ...]) -> RegistryDocumentRefusedError:
    return RegistryDocumentRefusedError(
        "What the registry's operator signed about the registry cannot be used.",
        why=f"{problems[0].where}: {problems[0].what}.",
        fix="Tell the registry's operator; upgrade Tank if it is older than the registry.",
        problems=problems,
    )


def check_key_ids(keys: Mapping[str, str]) -> None:
    """Checks that each key has the id under which it is listed.

    Raises:
        RegistryDocumentRefusedError: registry-document-refused.
    """
    from tank_core.dsse import EnvelopeError, key_id_of  # loads cryptography: only when keys are new

    problems = []
    for key_id, pem in sorted(keys.items()):
        try:
            has_its_id = hmac.compare_digest(key_id_of(pem), key_id)
        except EnvelopeError:
            has_its_id = False
        if not has_its_id:
            problems.append(
                Problem(f"{REGISTRY_TARGET}: keys", f"{quoted(key_id)} is not this key's id", "Sign it.")
            )
    if problems:
        raise _refused(tuple(problems))
