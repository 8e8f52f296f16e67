from __future__ import annotations

import subprocess
import sys

import pytest

from chalicelib import wiring
from chalicelib.ports.registry import RegistryPorts
from chalicelib.settings import SecondOpinionSettings, SettingsError, from_environment, second_opinion_from
from tests.support.api_client import MemoryLog
from tests.support.scene import Scene
from tests.support.signing_keys import SigningKey

ENVIRONMENT = {
    "TANK_PUBLIC_URL": "https://registry.example/",
    "TANK_BUCKET": "bucket",
    "TANK_TABLE_PREFIX": "tank",
    "TANK_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:publish",
    "TANK_KMS_KEY_ID": "alias/tank",
    "TANK_INDEX_FUNCTION": "tank-index",
    "TANK_WAIVER_FUNCTION": "tank-waive",
    "TANK_OCI_REGISTRY": "oci.example",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
# What the API's Lambda does not have installed (requirements/api.in), or loads with the first ticket only.
NOT_IN_THE_API = ("cryptography", "jwt", "nab_resolver", "httpx", "oras", "sigstore", "requests", "click")


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_provided", None)
    monkeypatch.setattr(wiring, "_request_log", None)


def test_provided_ports_and_log_are_used(registry: Scene) -> None:
    log = MemoryLog()
    wiring.provide(registry.ports, log)
    assert wiring.ports() is registry.ports
    assert wiring.request_log() is log


def test_ports_are_built_from_the_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    built = wiring.ports()
    assert isinstance(built, RegistryPorts)
    assert built.settings.public_url == "https://registry.example"
    assert wiring.ports() is built


def test_an_unusable_environment_names_every_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match=r"TANK_PUBLIC_URL.*TANK_BUCKET.*TANK_OCI_REGISTRY"):
        wiring.ports()


def test_the_api_starts_with_what_its_lambda_has_installed() -> None:
    code = (
        "import sys; import app; from chalicelib import wiring; wiring.ports(); wiring.request_log(); "
        f"print([name for name in {NOT_IN_THE_API!r} if name in sys.modules])"
    )
    ran = subprocess.run(  # our own interpreter and our own text
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "[]"), ran.stderr


def asked(**variables: str) -> SecondOpinionSettings:
    return second_opinion_from({f"TANK_SECOND_OPINION_{name}": text for name, text in variables.items()})


def test_nobody_is_asked_for_a_second_opinion_by_default() -> None:
    assert asked() == SecondOpinionSettings()
    assert wiring.second_opinion(asked()).source == ""


def test_a_program_or_a_model_is_asked_when_the_operator_says_so() -> None:
    assert wiring.second_opinion(asked(PROGRAM="/opt/scanner")).source == "program"
    model = asked(URL="https://models.example/v1/chat/completions", MODEL="m", KEY="secret", SECONDS="5")
    assert wiring.second_opinion(model).source == "model"
    assert model.timeout_seconds == 5
    assert "secret" not in repr(model)


@pytest.mark.parametrize(
    "variables",
    [
        {"PROGRAM": "scanner"},
        {"PROGRAM": "/opt/scanner", "URL": "https://models.example", "MODEL": "m"},
        {"URL": "https://models.example"},
        {"MODEL": "m"},
        {"SECONDS": "0"},
        {"SECONDS": "21"},
        {"SECONDS": "soon"},
    ],
)
def test_a_second_opinion_that_is_half_said_is_refused_at_the_start(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        asked(**variables)


def test_a_package_goes_nowhere_without_tls() -> None:
    with pytest.raises(SettingsError, match="https"):
        wiring.second_opinion(asked(URL="http://models.example/v1", MODEL="m"))


def test_earlier_keys_are_read_with_their_ids() -> None:
    first, second = SigningKey.new(), SigningKey.new()
    text = f"{first.pem}\n  {second.pem}"
    settings = from_environment({**ENVIRONMENT, "TANK_EARLIER_KEYS": text})
    assert settings.earlier_keys == {first.key_id: first.pem, second.key_id: second.pem}
    assert from_environment(ENVIRONMENT).earlier_keys == {}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "sha256:0",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_is_no_earlier_key_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="TANK_EARLIER_KEYS"):
        from_environment({**ENVIRONMENT, "TANK_EARLIER_KEYS": text})
