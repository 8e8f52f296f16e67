"""``tank trust``: pin the key of a registry."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from tank_cli.config import Config, registry_url, set_default_registry
from tank_cli.context import Context, common, example
from tank_cli.trust import TrustStore, UnknownFingerprintError
from tank_core.errors import ExitCode, TankError

_MAX_BYTES = 64 * 1024  # some hundred keys


class NotARegistryError(TankError):
    """What answered is no registry."""

    code = "not-a-registry"
    exit_code = ExitCode.NETWORK


class FingerprintNeededError(TankError):
    """Nobody is there to compare a fingerprint."""

    code = "fingerprint-needed"
    exit_code = ExitCode.INTEGRITY


@click.command(
    "trust", epilog=example("tank trust https://tank.example --fingerprint sha256:4f1c…", "tank trust URL")
)
@click.argument("url")
@click.option("--fingerprint", metavar="sha256:HEX", help="The key's fingerprint, from the operator.")
@click.option("--replace", "replacing", is_flag=True, help="Forget the registry's other keys.")
@common
def command(context: Context, url: str, fingerprint: str | None, replacing: bool) -> None:
    """Pin the key that a registry signs its attestations with.

    Compare the fingerprint with one that reached you another way: whoever can
    change what the registry says can change this as well. The first registry that
    you trust becomes the default.
    """
    registry = registry_url(url)
    offered = _offered_keys(replace(context.config, configured_registry=registry))
    if fingerprint is None:
        fingerprint = _asked(context, registry, sorted(offered))
    if fingerprint not in offered:
        raise UnknownFingerprintError(
            f"{registry} does not offer the key {fingerprint}.",
            why=f"It offers {', '.join(sorted(offered)) or 'none'}. You may be talking to somebody else.",
            fix="Ask the registry's operator for the right fingerprint.",
        )
    store = TrustStore.read(context.config)
    pin = store.replace if replacing else store.pin
    pin(registry, fingerprint, offered[fingerprint])
    is_default = not context.config.config_file.exists()
    if is_default:
        set_default_registry(context.config, registry)
    context.console.show(
        {"registry": registry, "key_id": fingerprint, "default": is_default},
        [f"Pinned {fingerprint} for {registry}." + (" It is your default registry." if is_default else "")],
    )


def _offered_keys(config: Config) -> dict[str, str]:
    """Returns the keys that a registry offers, key id → PEM; the id is computed, not believed."""
    from tank_cli.client.connection import Connection
    from tank_cli.client.problems import registry_error
    from tank_cli.client.transport import Request
    from tank_core.dsse import key_id_of

    url = f"{config.registry}/registry.json"
    with Connection(config) as connection:
        answer = connection.transport.send(Request("GET", url, max_bytes=_MAX_BYTES))
    if answer.status != 200:
        raise registry_error(answer, url)
    try:
        pems = [str(key["public_key"]) for key in json.loads(answer.body)["keys"]]
        return {key_id_of(pem): pem for pem in pems}
    except (ValueError, KeyError, TypeError, TankError) as error:
        raise NotARegistryError(
            f"{config.registry} is not a registry that Tank understands.",
            why=f"{url} does not hold a list of usable keys.",
            fix="Check the address.",
        ) from error


def _asked(context: Context, registry: str, offered: list[str]) -> str:
    """Returns the fingerprint that a person agreed to."""
    if not context.interactive or len(offered) != 1:
        raise FingerprintNeededError(
            f"Say which key of {registry} you trust.",
            why="Nobody is at a terminal to compare a fingerprint."
            if not context.interactive
            else f"It offers {len(offered)} keys.",
            fix=f"tank trust {registry} --fingerprint sha256:…   (ask the registry's operator for it)",
        )
    context.console.say(f"{registry} signs with the key\n\n  {offered[0]}\n")
    click.confirm("Is it the one that the registry's operator told you?", abort=True, err=True)
    return offered[0]
