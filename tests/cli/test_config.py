"""Configuration, credentials and pinned keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tank_cli import config, credentials

URL = "https://tank.example"


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    return config.load({"HOME": str(tmp_path), "TANK_REGISTRY": URL})


def test_option_wins_over_environment_over_file(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    empty = config.load(environment)
    with pytest.raises(config.NoRegistryError):
        _ = empty.registry
    config.set_default_registry(empty, "https://file.example")
    assert config.load(environment).registry == "https://file.example"
    environment["TANK_REGISTRY"] = "https://environment.example"
    assert config.load(environment).registry == "https://environment.example"
    assert (
        config.load(environment, registry_option="https://option.example").registry
        == "https://option.example"
    )


def test_tank_home_holds_everything(tmp_path: Path) -> None:
    loaded = config.load({"HOME": "/elsewhere", "TANK_HOME": str(tmp_path)})
    assert {loaded.config_dir.parent, loaded.cache_dir.parent, loaded.data_dir.parent} == {tmp_path}


def test_relative_xdg_variable_is_ignored_as_its_specification_says(tmp_path: Path) -> None:
    loaded = config.load({"HOME": str(tmp_path), "XDG_CACHE_HOME": "relative"})
    assert loaded.cache_dir == tmp_path / ".cache" / "tank"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://Tank.Example/", "https://tank.example"),
        ("https://tank.example:8443/base/", "https://tank.example:8443/base"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_registry_url_has_one_form(text: str, expected: str) -> None:
    assert config.registry_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://tank.example",
        "ftp://tank.example",
        "https://",
        "https://u:p@tank.example",
        "https://t.example?a",
        "x",
        "https://one.example\\two.example",
        "https://one.example two.example",
        "https://t\u00e4nk.example",
    ],
)
def test_registry_url_that_is_unsafe_is_refused(text: str) -> None:
    with pytest.raises(config.InvalidRegistryUrlError):
        config.registry_url(text)


@pytest.mark.parametrize("content", ["{", "[]", '{"registry": 1}', '{"registri": "https://t.example"}'])
def test_config_file_with_a_mistake_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".config" / "tank" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(config.InvalidConfigError):
        config.load({"HOME": str(tmp_path)})


def test_token_is_bound_to_its_registry_and_private(settings: config.Config) -> None:
    credentials.store(settings, URL, "tank_a")
    assert credentials.require_token(settings, URL) == "tank_a"
    assert credentials.token_for(settings, "https://other.example") == ""
    path = settings.config_dir / "credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert credentials.forget(settings, URL)
    assert not credentials.forget(settings, URL)
    with pytest.raises(credentials.NotLoggedInError):
        credentials.require_token(settings, URL)


def test_credentials_that_others_can_read_are_refused(settings: config.Config) -> None:
    credentials.store(settings, URL, "tank_a")
    (settings.config_dir / "credentials.json").chmod(0o640)
    with pytest.raises(credentials.UnsafeCredentialsError):
        credentials.token_for(settings, URL)


@pytest.mark.parametrize("text", ["", "tank", "Bearer tank_x", "tank_x\r\nX-Evil: 1", "tank_é"])
def test_what_is_no_token_is_never_sent(text: str) -> None:
    with pytest.raises(credentials.InvalidTokenError):
        credentials.check_token(text)
