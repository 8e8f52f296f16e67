"""`tank config`: what is set, from where, and that a project weakens nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble

SECRET = "tank_verysecret"
NOTES = "@acme/notes"


def listed(tank: Any, *arguments: str) -> dict[str, dict[str, Any]]:
    found = tank("config", "ls", "--json", *arguments)
    assert found.exit_code == 0
    return {one["key"]: one for one in found.document["settings"]}


def source(tank: Any, key: str, *arguments: str) -> tuple[Any, str]:
    one = listed(tank, *arguments)[key]
    return one["value"], one["source"]


def write(project: Path, **audit: Any) -> None:
    (project / "skills.json").write_text(json.dumps({"skills": {NOTES: "*"}, "audit": audit}))


def test_an_option_wins_over_the_environment_over_the_user(
    tank: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source(tank, "registry") == (None, "")
    assert tank("config", "set", "registry", "https://Tank.example/").exit_code == 0
    assert source(tank, "registry") == ("https://tank.example", "user (config.json)")
    monkeypatch.setenv("TANK_REGISTRY", "https://env.example")
    assert source(tank, "registry") == ("https://env.example", "environment (TANK_REGISTRY)")
    option = ("--registry", "https://option.example")
    assert source(tank, "registry", *option) == ("https://option.example", "option (--registry)")
    assert tank("config", "get", "registry").out == "https://env.example\n"


def test_a_token_is_never_printed(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted.answer_json("GET", "/v1/whoami", {})
    credentials = Path(str(project)).parent / "home" / ".config" / "tank" / "credentials.json"
    credentials.write_text(json.dumps({trusted.url: SECRET}))
    credentials.chmod(0o600)
    assert listed(tank)["token"] == {
        "key": "token",
        "value": None,
        "is_set": True,
        "source": "user (credentials.json)",
        "note": "",
    }
    monkeypatch.setenv("TANK_TOKEN", SECRET)
    for words in (("ls",), ("ls", "--json"), ("get", "token"), ("get", "token", "--json")):
        told = tank("config", *words)
        assert SECRET not in told.out + told.err
    assert listed(tank)["token"]["source"] == "environment (TANK_TOKEN)"
    refused = tank("config", "set", "token", SECRET, "--json")
    assert (refused.exit_code, refused.error_code) == (2, "config-key")
    assert SECRET not in refused.out + refused.err


def test_the_list_fits_a_terminal(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    write(project, min_score=5)
    tank("config", "set", "audit.min_score", "7")
    shown = tank("config", "ls")
    assert too_wide(shown.out) == []
    lines = shown.out.splitlines()
    user = lines.index("user (config.json)")
    assert lines[user + 1].split() == ["registry", trusted.url]
    assert "audit.min_score           7 (skills.json asks for 5, which is less)" in lines[user + 2]
    assert lines[lines.index("not set") + 1] == "  token"


def test_a_project_asks_for_more_and_never_for_less(tank: Any, project: Path) -> None:
    write(project, min_score=5, min_release_age="24h")
    tank("config", "set", "audit.min_score", "7.5")
    tank("config", "set", "audit.min_release_age", "1h")
    tank("config", "set", "audit.require_provenance", "true")
    assert source(tank, "audit.min_score") == ("7.5", "user (config.json)")
    assert source(tank, "audit.min_release_age") == ("24h", "project (skills.json)")
    assert source(tank, "audit.require_provenance") == ("true", "user (config.json)")
    told = tank("config", "set", "audit.min_score", "4")
    assert "5 from project (skills.json) counts here, because it is stricter" in told.told
    assert tank("config", "unset", "audit.min_score").out == "audit.min_score is no longer set.\n"
    assert tank("config", "unset", "audit.min_score").out == "audit.min_score was not set.\n"
    assert source(tank, "audit.min_score") == ("5", "project (skills.json)")


def test_what_the_user_asks_for_is_asked_of_every_install(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(NOTES, "1.0.0", score=9.0)
    trusted.publish(NOTES, "1.1.0", score=6.0)
    write(project, min_score=1)
    tank("config", "set", "audit.min_score", "8")
    assert tank("install").exit_code == 0
    assert '"version": "1.0.0"' in (project / "skills.lock").read_text()
    tank("config", "set", "audit.min_score", "9.5")
    for command in ("install", "ci", "audit"):
        refused = tank(command, "--json")
        assert (refused.exit_code, refused.error_code) == (7, "audit-policy"), command
    tank("config", "unset", "audit.min_score")
    assert tank("ci").exit_code == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("audit.min_score", "eleven"),
        ("audit.min_score", "11"),
        ("audit.min_release_age", "soon"),
        ("audit.require_provenance", "yes"),
        ("registry", "http://tank.example"),
    ],
)
def test_a_value_that_the_key_cannot_have_changes_nothing(
    tank: Any, project: Path, home: Path, key: str, value: str
) -> None:
    refused = tank("config", "set", key, value)
    assert refused.exit_code == 2
    assert not (home / ".config" / "tank" / "config.json").exists()


def test_a_key_that_is_not_there_suggests_the_nearest(tank: Any, project: Path) -> None:
    refused = tank("config", "set", "registri", "https://tank.example", "--json")
    assert (refused.exit_code, refused.error_code) == (2, "config-key")
    assert refused.document["error"]["fix"] == "Did you mean registry?"
    assert "TANK_SEMGREP" in tank("config", "set", "semgrep", "/bin/semgrep").err
    assert tank("config", "get", "registry").exit_code == 2


def test_trusting_a_registry_keeps_the_rest_of_the_configuration(
    tank: Any, registry: RegistryDouble, project: Path
) -> None:
    tank("config", "set", "audit.min_score", "7")
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    assert source(tank, "audit.min_score")[0] == "7"
    assert source(tank, "registry")[0] == registry.url


def test_where_things_are_comes_from_the_environment(
    tank: Any, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert source(tank, "cache-dir") == (str(home / ".cache" / "tank"), "built in")
    monkeypatch.setenv("TANK_HOME", str(tmp_path / "tank"))
    assert source(tank, "cache-dir") == (str(tmp_path / "tank" / "cache"), "environment (TANK_HOME)")


def test_a_project_file_can_set_none_of_it(tank: Any, project: Path) -> None:
    for key in ("registry", "token"):
        (project / "skills.json").write_text(json.dumps({key: "x"}))
        assert tank("config", "ls", "--json").error_code == "invalid-manifest"
