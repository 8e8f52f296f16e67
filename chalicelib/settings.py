"""Environment → frozen settings, validated once per cold start.

The only module that reads the environment. The embedded registry builds
``Settings`` itself and leaves ``aws`` empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tank_core.dsse import key_id_of
from tank_core.errors import TankError

MIB = 1024 * 1024
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----")
SEMGREP_PATH = "/opt/semgrep/bin/semgrep"  # where the analyze image has it

# How long what lets somebody new publish is announced before it counts: over a weekend somebody looks.
BINDING_DELAY_SECONDS = 72 * 3600

# Of one package, by the clock. Score asks, and its state and its function give up after 30 seconds.
SECOND_OPINION_SECONDS = 15
_MAX_SECOND_OPINION_SECONDS = 20


class SettingsError(Exception):
    """The environment is not usable; names every variable that is wrong."""


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Names of the AWS resources that the template made."""

    bucket: str
    table_prefix: str
    state_machine_arn: str
    kms_key_id: str
    index_function: str  # the one that writes the index
    waiver_function: str  # the one that signs waivers
    oci_registry: str  # host of the OCI registry, such as an ECR endpoint
    index_kms_key_id: str = ""  # known to that function only
    oci_insecure: bool = False  # plain http, loopback only


@dataclass(frozen=True, slots=True)
class SecondOpinionSettings:
    """Whom to ask for a second opinion on a package: a program, a model, or (both empty) nobody.

    ``program``: absolute path. ``url``: of chat completions, with ``model``, and ``key`` if it wants one.
    """

    program: str = ""
    url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    timeout_seconds: int = SECOND_OPINION_SECONDS


@dataclass(frozen=True, slots=True)
class Settings:
    """What the services need to know.

    ``public_url``: the base URL that clients use, without a trailing slash.
    ``trusted_root_path``: Sigstore trusted root file; "" refuses every bundle.
    ``edge_secret``: what the CDN proves itself with; "" believes no header about who asks.
    ``semgrep_path``: the scanner's program; only Analyze and rescans run it.
    ``rules_path``: the folder of the detection rules; "" is the one that ships.
    ``earlier_keys``: key id → PEM of the keys that attested before the present one; rescans believe them, and
    Score a waiver that one of them signed.
    ``takes_down_failed``: whether a rescan withdraws a version whose verdict became ``fail``.
    """

    public_url: str
    trusted_root_path: str = ""
    semgrep_path: str = SEMGREP_PATH
    rules_path: str = ""
    earlier_keys: Mapping[str, str] = field(default_factory=dict)
    takes_down_failed: bool = False
    max_archive_bytes: int = 32 * MIB
    max_bundle_bytes: int = 256 * 1024
    upload_ttl_seconds: int = 900
    publish_ttl_seconds: int = 3600
    token_ttl_seconds: int = 90 * 24 * 3600
    binding_delay_seconds: int = BINDING_DELAY_SECONDS
    requests_per_minute: int = 600
    edge_secret: str = field(default="", repr=False)
    second_opinion: SecondOpinionSettings = field(default_factory=SecondOpinionSettings)
    aws: AwsSettings | None = None


def log_level(environment: Mapping[str, str]) -> str:
    """Returns how much the API logs: ``TANK_LOG_LEVEL``, or INFO."""
    return environment.get("TANK_LOG_LEVEL", "INFO")


def second_opinion_from(environment: Mapping[str, str]) -> SecondOpinionSettings:
    """Returns whom to ask for a second opinion; nobody unless the operator says otherwise.

    Raises:
        SettingsError: it is half said, or two are named.
    """
    read = {
        key: environment.get(f"TANK_SECOND_OPINION_{key.upper()}", "")
        for key in ("program", "url", "model", "key")
    }
    seconds = environment.get("TANK_SECOND_OPINION_SECONDS", str(SECOND_OPINION_SECONDS))
    if read["program"] and read["url"]:
        raise SettingsError("TANK_SECOND_OPINION_PROGRAM and TANK_SECOND_OPINION_URL exclude each other")
    if read["program"] and not read["program"].startswith("/"):
        raise SettingsError("TANK_SECOND_OPINION_PROGRAM must be an absolute path")
    if bool(read["url"]) != bool(read["model"]):
        raise SettingsError("TANK_SECOND_OPINION_URL and TANK_SECOND_OPINION_MODEL go together")
    is_number = seconds.isascii() and seconds.isdigit()
    if not is_number or not 1 <= int(seconds) <= _MAX_SECOND_OPINION_SECONDS:
        raise SettingsError(f"TANK_SECOND_OPINION_SECONDS must be 1 to {_MAX_SECOND_OPINION_SECONDS}")
    return SecondOpinionSettings(**read, timeout_seconds=int(seconds))


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Returns the settings of a deployment in AWS.

    Raises:
        SettingsError: a required variable is missing or malformed; all are named.
    """
    required = (
        "PUBLIC_URL",
        "BUCKET",
        "TABLE_PREFIX",
        "STATE_MACHINE_ARN",
        "KMS_KEY_ID",
        "INDEX_FUNCTION",
        "WAIVER_FUNCTION",
        "OCI_REGISTRY",
    )
    missing = [f"TANK_{name}" for name in required if not environment.get(f"TANK_{name}")]
    if missing:
        raise SettingsError(f"missing environment variables: {', '.join(missing)}")
    value = {name: environment[f"TANK_{name}"] for name in required}
    if not value["PUBLIC_URL"].startswith(("https://", "http://")):
        raise SettingsError("TANK_PUBLIC_URL must start with https:// or http://")
    return Settings(
        public_url=value["PUBLIC_URL"].rstrip("/"),
        trusted_root_path=environment.get("TANK_TRUSTED_ROOT", ""),
        semgrep_path=environment.get("TANK_SEMGREP", SEMGREP_PATH),
        edge_secret=environment.get("TANK_EDGE_SECRET", ""),
        second_opinion=second_opinion_from(environment),
        earlier_keys=_keys(environment.get("TANK_EARLIER_KEYS", "")),
        takes_down_failed=environment.get("TANK_RESCAN_TAKEDOWN") == "fail",
        aws=AwsSettings(
            bucket=value["BUCKET"],
            table_prefix=value["TABLE_PREFIX"],
            state_machine_arn=value["STATE_MACHINE_ARN"],
            kms_key_id=value["KMS_KEY_ID"],
            index_function=value["INDEX_FUNCTION"],
            waiver_function=value["WAIVER_FUNCTION"],
            index_kms_key_id=environment.get("TANK_INDEX_KMS_KEY_ID", ""),
            oci_registry=value["OCI_REGISTRY"],
            oci_insecure=environment.get("TANK_OCI_INSECURE") == "1",
        ),
    )


def _keys(text: str) -> dict[str, str]:
    """Returns key id → PEM of PEM public keys, one after the other.

    Raises:
        SettingsError: one of them is no key.
    """
    found = _PEM.findall(text)
    if _PEM.sub("", text).strip():
        raise SettingsError("TANK_EARLIER_KEYS holds something else than PEM public keys")
    try:
        return {key_id_of(f"{pem}\n"): f"{pem}\n" for pem in found}
    except TankError as error:
        raise SettingsError("TANK_EARLIER_KEYS holds a key that is none of P-256") from error
