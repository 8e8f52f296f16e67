"""``python -m infra.aws.bootstrap``: the first admin, its token, and ``registry.json``.

Run once after the first deployment, with an operator's own AWS credentials; run
again after the key was rolled, it lists the new key beside the old ones.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from chalicelib import wiring
from chalicelib.adapters.aws import cloudformation_client
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.accounts import bootstrap_admin
from chalicelib.services.registry_document import write_registry_document
from infra.aws.deploy import outputs_of, stack_of

_VARIABLES = {
    "TANK_PUBLIC_URL": "PublicUrl",
    "TANK_BUCKET": "BucketName",
    "TANK_TABLE_PREFIX": "TablePrefix",
    "TANK_STATE_MACHINE_ARN": "StateMachineArn",
    "TANK_KMS_KEY_ID": "AttestationKeyId",
    "TANK_OCI_REGISTRY": "OciRegistry",
}


def bootstrap(ports: RegistryPorts, token_file: Path | None) -> list[str]:
    """Publishes the registry's key and, with a file, makes an admin's token; returns lines to show.

    Raises:
        FileExistsError: the token file is there; a token is never written over another.
    """
    write_registry_document(ports)
    url = ports.settings.public_url
    lines = [f"Registry: {url}", f"Trust it: tank trust {url} --fingerprint {ports.signer.key_id()}"]
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


def main(arguments: list[str] | None = None) -> None:
    """Bootstraps a deployed stack."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.bootstrap", description=__doc__)
    parser.add_argument("--stack", default="tank")
    parser.add_argument("--token-file", type=Path, help="make an admin's token and write it here, 0600")
    options = parser.parse_args(arguments)
    stack = stack_of(cloudformation_client(), options.stack)
    if stack is None:
        parser.error(f"there is no stack {options.stack} in this account and region")
    os.environ.update(environment_of(outputs_of(stack)))
    print(*bootstrap(wiring.ports(), options.token_file), sep="\n")


if __name__ == "__main__":
    main()
