"""``python -m infra.aws.bootstrap``: what a deployed registry says of itself, signed; and the first admin.

Run with an operator's own AWS credentials, in two steps around the ceremony
(docs/tuf-ceremony.md), again after an attestation key or the index key was rolled:

1. ``--describe FOLDER`` writes what people have to sign: the index key's public half,
   ``registry.json``, and the Sigstore documents.
2. ``--ceremony FOLDER`` publishes what they signed, through the index function, which
   verifies it; with ``--token-file`` it makes an admin's token.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from chalicelib import wiring
from chalicelib.adapters.aws import cloudformation_client, lambda_client
from chalicelib.adapters.index_function import FunctionIndexWriter
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.accounts import bootstrap_admin
from chalicelib.services.registry_document import (
    listed_keys,
    publish_registry_document,
    registry_document,
)
from infra.aws.deploy import outputs_of, stack_of
from infra.ceremony.folder import Ceremony
from tank_core import tuf_layout

_VARIABLES = {
    "TANK_PUBLIC_URL": "PublicUrl",
    "TANK_BUCKET": "BucketName",
    "TANK_TABLE_PREFIX": "TablePrefix",
    "TANK_STATE_MACHINE_ARN": "StateMachineArn",
    "TANK_KMS_KEY_ID": "AttestationKeyId",
    "TANK_INDEX_FUNCTION": "IndexFunctionName",
    "TANK_WAIVER_FUNCTION": "WaiverFunctionName",
    "TANK_OCI_REGISTRY": "OciRegistry",
}
_PUBLIC_SIGSTORE = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
_PATIENCE_SECONDS = 120.0  # an operator waits until publishes leave a gap
INDEX_KEY = "index.pub"


def describe(ports: RegistryPorts, index_key: str, folder: Path) -> list[str]:
    """Writes what people have to sign into a folder; returns lines to show.

    Args:
        ports: of the deployment.
        index_key: PEM of the key that signs the index.
        folder: a ``registry.json`` in it is the one signed before: its keys stay listed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = folder / tuf_layout.REGISTRY_TARGET
    listed = listed_keys(before.read_bytes() if before.exists() else None)
    written = {
        INDEX_KEY: index_key.encode(),
        tuf_layout.REGISTRY_TARGET: registry_document(
            ports.settings.public_url, ports.signer, listed=listed, sigstore="public"
        ),
        **_public_sigstore(),
    }
    for name, data in written.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return [f"Sign this, where the offline keys are (docs/tuf-ceremony.md): {folder}", *sorted(written)]


def bootstrap(
    ports: RegistryPorts, index: FunctionIndexWriter, ceremony: Ceremony, token_file: Path | None
) -> list[str]:
    """Publishes what was signed and, with a file, makes an admin's token; returns lines to show.

    Raises:
        CeremonyRefusedError: ``ceremony-refused``; nothing was published.
        FileExistsError: the token file is there; a token is never written over another.
        PortError: the index function refused, or did not answer.
    """
    authority = ceremony.authority()
    index.adopt(authority.files)
    document = ceremony.target(tuf_layout.REGISTRY_TARGET)
    if document is not None:
        publish_registry_document(ports.blobs, document)
    url, fingerprint = ports.settings.public_url, tuf_layout.root_fingerprint(authority.root_bytes)
    lines = [f"Registry: {url}", f"Trust it: tank trust {url} --fingerprint {fingerprint}"]
    if token_file is not None:
        descriptor = os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(bootstrap_admin(ports) + "\n")
        lines.append(f"Log in:   tank login --registry {url} --token-file {token_file}")
    return lines


def environment_of(outputs: dict[str, str]) -> dict[str, str]:
    """Returns the settings' environment of a deployed stack.

    Raises:
        KeyError: the stack is not one of ours.
    """
    return {variable: outputs[output] for variable, output in _VARIABLES.items()}


def index_function(function: str) -> FunctionIndexWriter:
    """Returns the index writer of a deployment, for an operator."""
    return FunctionIndexWriter(
        lambda_client(read_timeout_seconds=900), function, patience_seconds=_PATIENCE_SECONDS
    )


def _public_sigstore() -> Mapping[str, bytes]:
    """Returns the public Sigstore's documents as they came with the installed library."""
    kept = files("sigstore").joinpath("_store", _PUBLIC_SIGSTORE)
    return {
        tuf_layout.TRUSTED_ROOT_TARGET: kept.joinpath("trusted_root.json").read_bytes(),
        tuf_layout.SIGNING_CONFIG_TARGET: kept.joinpath("signing_config.v0.2.json").read_bytes(),
    }


def main(arguments: list[str] | None = None) -> None:
    """Describes or bootstraps a deployed stack, or rebuilds its index."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.bootstrap", description=__doc__)
    parser.add_argument("--stack", default="tank")
    step = parser.add_mutually_exclusive_group(required=True)
    step.add_argument("--describe", type=Path, metavar="FOLDER", help="write what people have to sign")
    step.add_argument("--ceremony", type=Path, metavar="FOLDER", help="publish what they signed")
    step.add_argument(
        "--rebuild",
        type=int,
        metavar="VERSION",
        help="write the whole index from the catalog; no version below this one",
    )
    parser.add_argument("--token-file", type=Path, help="make an admin's token and write it here, 0600")
    options = parser.parse_args(arguments)
    stack = stack_of(cloudformation_client(), options.stack)
    if stack is None:
        parser.error(f"there is no stack {options.stack} in this account and region")
    environment = environment_of(outputs_of(stack))
    os.environ.update(environment)
    index = index_function(environment["TANK_INDEX_FUNCTION"])
    if options.describe is not None:
        lines = describe(wiring.ports(), index.online_key_pem(), options.describe)
    elif options.ceremony is not None:
        lines = bootstrap(wiring.ports(), index, Ceremony(options.ceremony), options.token_file)
    else:
        index.rebuild(at_least=options.rebuild)
        lines = ["The index was written again from the catalog."]
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()
