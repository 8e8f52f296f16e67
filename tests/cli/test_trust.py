"""``tank trust``: what is compared, what is verified before anything is pinned, and what stays otherwise."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Root

from tank_cli import config
from tank_cli.config import Config
from tank_cli.context import Context
from tank_cli.trust import RegistryTrust, UntrustedRegistryError
from tank_core.tuf_layout import MAX_ROOT_BYTES
from tests.support.registry_double import RegistryDouble
from tests.support.tuf_repository import Keys, TufRepository, signed_bytes

URL = "https://tank.example"
ROOT = "/tuf/root.json"


@pytest.fixture
def settings(home: Path) -> Config:
    return config.load({"HOME": str(home)})


def pinned(home: Path, registry: RegistryDouble) -> Path:
    (place,) = (home / ".config/tank/registries").glob(
        f"{registry.url.partition('//')[2].replace(':', '-')}-*[!k]"
    )
    return place


def test_trust_pins_the_root_and_shows_what_it_vouches_for(
    tank: Any, registry: RegistryDouble, home: Path
) -> None:
    result = tank("trust", registry.url, "--fingerprint", registry.fingerprint, "--json")
    assert result.document == {
        "registry": registry.url,
        "fingerprint": registry.fingerprint,
        "api": f"{registry.url}/v1",
        "keys": [registry.key_id],
        "sigstore": "",
        "default": True,
    }
    assert (pinned(home, registry) / "root.json").read_bytes() == registry.objects[ROOT]


def test_trust_names_the_sigstore_that_the_registry_uses(tank: Any, registry: RegistryDouble) -> None:
    registry.sign_registry(
        {"sigstore/trusted_root.json": b"{}", "sigstore/signing_config.json": b"{}"}, sigstore="public"
    )
    result = tank("trust", registry.url, "--fingerprint", registry.fingerprint)
    assert "Sigstore  the public one" in result.out


def test_another_fingerprint_pins_nothing(tank: Any, registry: RegistryDouble, home: Path) -> None:
    result = tank("trust", registry.url, "--fingerprint", "sha256:" + "0" * 64, "--json")
    assert (result.exit_code, result.error_code) == (6, "unknown-fingerprint")
    assert not (home / ".config").exists()


def test_the_fingerprint_of_a_key_is_not_one_of_a_root(tank: Any, registry: RegistryDouble) -> None:
    result = tank("trust", registry.url, "--fingerprint", registry.key_id, "--json")
    assert (result.exit_code, result.error_code) == (6, "unknown-fingerprint")


def test_without_fingerprint_and_without_terminal_nothing_is_pinned(
    tank: Any, registry: RegistryDouble
) -> None:
    result = tank("trust", registry.url, "--json")
    assert (result.exit_code, result.error_code) == (6, "fingerprint-needed")


@pytest.mark.parametrize("given", ["sha256:x", "sha256:", "0" * 64, "sha256:" + "0" * 63 + "G"])
def test_what_cannot_be_a_fingerprint_is_told_as_a_slip(
    tank: Any, registry: RegistryDouble, given: str
) -> None:
    result = tank("trust", registry.url, "--fingerprint", given, "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")
    assert registry.requests == []


@pytest.mark.parametrize(("answer", "exit_code"), [("y\n", 0), ("n\n", 6), ("\n", 6)])
def test_a_person_is_shown_the_fingerprint_and_asked(
    tank: Any,
    registry: RegistryDouble,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    exit_code: int,
) -> None:
    monkeypatch.setattr(Context, "interactive", True)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    result = tank("trust", registry.url)
    assert result.exit_code == exit_code
    assert registry.fingerprint in result.err
    assert (home / ".config").exists() == (exit_code == 0)


def test_a_place_without_a_root_is_no_registry(tank: Any, registry: RegistryDouble) -> None:
    del registry.objects[ROOT]
    result = tank("trust", registry.url, "--fingerprint", "sha256:" + "0" * 64, "--json")
    assert (result.exit_code, result.error_code) == (5, "not-a-registry")


def unsigned(repository: TufRepository) -> bytes:
    return signed_bytes(repository.root)


def signed_by_somebody(repository: TufRepository) -> bytes:
    return signed_bytes(repository.root, Keys.fresh().root)


def inconsistent(repository: TufRepository) -> bytes:
    repository.root.consistent_snapshot = False
    return signed_bytes(repository.root, repository.keys.root)


def short_of_its_threshold(repository: TufRepository) -> bytes:
    root: Root = repository.root
    root.add_key(Keys.fresh().root.public_key, "root")
    root.roles["root"].threshold = 2
    return signed_bytes(root, repository.keys.root)


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (lambda _: b"", "deserialize"),
        (lambda _: b"{}", "deserialize"),
        (lambda _: b"[" * 30_000, "deserialize"),
        (lambda repository: repository.objects["/tuf/timestamp.json"], "of type timestamp"),
        (unsigned, "signed by 0/1 keys"),
        (signed_by_somebody, "signed by 0/1 keys"),
        (short_of_its_threshold, "signed by 1/2 keys"),
        (inconsistent, "consistent snapshots"),
    ],
    ids=["empty", "object", "deep", "timestamp", "unsigned", "stranger", "threshold", "inconsistent"],
)
def test_what_is_no_good_root_is_refused_even_with_its_fingerprint(
    tank: Any, registry: RegistryDouble, home: Path, offer: Any, why: str
) -> None:
    registry.objects[ROOT] = offer(registry.tuf)
    result = tank("trust", registry.url, "--fingerprint", registry.fingerprint, "--json")
    assert (result.exit_code, result.error_code) == (6, "registry-root-refused")
    assert why in result.document["error"]["why"]
    assert not (home / ".config").exists()


def test_a_root_larger_than_any_is_not_read_to_its_end(tank: Any, registry: RegistryDouble) -> None:
    registry.objects[ROOT] = bytes(MAX_ROOT_BYTES + 1)
    assert tank("trust", registry.url, "--json").error_code == "response-too-large"


def test_an_expired_root_is_not_pinned(tank: Any, registry: RegistryDouble, home: Path) -> None:
    registry.tuf.root.expires = registry.tuf.now - timedelta(days=1)
    registry.objects[ROOT] = signed_bytes(registry.tuf.root, registry.tuf.keys.root)
    result = tank("trust", registry.url, "--fingerprint", registry.fingerprint, "--json")
    assert (result.exit_code, result.error_code) == (6, "index-frozen")
    assert "root.json expired" in result.document["error"]["what"]
    assert not list((home / ".config/tank/registries").iterdir())


def test_a_root_below_which_nothing_verifies_is_not_pinned(
    tank: Any, registry: RegistryDouble, home: Path
) -> None:
    registry.objects["/tuf/timestamp.json"] = b"{}"
    result = tank("trust", registry.url, "--fingerprint", registry.fingerprint, "--json")
    assert (result.exit_code, result.error_code) == (6, "untrusted-metadata")
    assert not list((home / ".config/tank/registries").iterdir())


def test_trusting_again_changes_nothing(tank: Any, trusted: RegistryDouble, home: Path) -> None:
    before = (pinned(home, trusted) / "root.json").read_bytes()
    assert tank("trust", trusted.url, "--fingerprint", trusted.fingerprint).exit_code == 0
    assert (pinned(home, trusted) / "root.json").read_bytes() == before


def test_a_root_that_follows_from_the_pinned_one_is_accepted_again(
    tank: Any, trusted: RegistryDouble, home: Path
) -> None:
    before = (pinned(home, trusted) / "root.json").read_bytes()
    trusted.tuf.rotate_root(Keys(Keys.fresh().root, trusted.tuf.keys.targets, trusted.tuf.keys.online))
    trusted.tuf.publish_timestamp()
    assert tank("trust", trusted.url, "--fingerprint", trusted.fingerprint).exit_code == 0
    assert (pinned(home, trusted) / "root.json").read_bytes() == before


def set_up_anew(registry: RegistryDouble) -> None:
    registry.objects.clear()
    registry.tuf = TufRepository(registry.objects, Keys.fresh())
    registry.sign_registry()


def renewed(registry: RegistryDouble, times: int = 1) -> str:
    """Renews a registry's root with new keys; returns the fingerprint that people were told before."""
    told = registry.fingerprint
    for _ in range(times):
        registry.tuf.rotate_root(Keys(Keys.fresh().root, registry.tuf.keys.targets, registry.tuf.keys.online))
    registry.tuf.publish_timestamp()
    assert registry.fingerprint != told
    return told


def test_the_fingerprint_that_a_ci_job_was_given_serves_after_the_root_was_renewed(
    tank: Any, registry: RegistryDouble, home: Path
) -> None:
    first = registry.objects["/tuf/1.root.json"]
    told = renewed(registry, times=3)
    result = tank("trust", registry.url, "--fingerprint", told, "--json")
    assert (result.exit_code, result.document["fingerprint"]) == (0, told)
    assert (pinned(home, registry) / "root.json").read_bytes() == first


def test_the_fingerprint_of_an_earlier_root_serves_once_more_where_it_is_pinned(
    tank: Any, trusted: RegistryDouble, home: Path
) -> None:
    before = (pinned(home, trusted) / "root.json").read_bytes()
    assert tank("trust", trusted.url, "--fingerprint", renewed(trusted)).exit_code == 0
    assert (pinned(home, trusted) / "root.json").read_bytes() == before


def test_an_earlier_root_that_the_newest_does_not_follow_from_is_not_pinned(
    tank: Any, registry: RegistryDouble, home: Path
) -> None:
    told, first = registry.fingerprint, registry.objects["/tuf/1.root.json"]
    set_up_anew(registry)
    renewed(registry)
    registry.objects["/tuf/1.root.json"] = first
    result = tank("trust", registry.url, "--fingerprint", told, "--json")
    assert (result.exit_code, result.error_code) == (6, "registry-root-refused")
    assert not list((home / ".config/tank/registries").iterdir())


def test_an_earlier_root_that_is_gone_has_no_fingerprint(tank: Any, registry: RegistryDouble) -> None:
    told = renewed(registry, times=2)
    del registry.objects["/tuf/1.root.json"]
    result = tank("trust", registry.url, "--fingerprint", told, "--json")
    assert (result.exit_code, result.error_code) == (6, "unknown-fingerprint")


def test_another_root_needs_consent(tank: Any, trusted: RegistryDouble, home: Path) -> None:
    before = (pinned(home, trusted) / "root.json").read_bytes()
    set_up_anew(trusted)
    result = tank("trust", trusted.url, "--fingerprint", trusted.fingerprint, "--json")
    assert (result.exit_code, result.error_code) == (6, "index-unsigned")
    assert (pinned(home, trusted) / "root.json").read_bytes() == before


def test_a_copy_of_the_root_that_does_not_follow_needs_consent(tank: Any, trusted: RegistryDouble) -> None:
    stranger = RegistryDouble()
    stranger.tuf = TufRepository(stranger.objects, Keys.fresh())
    trusted.objects[ROOT] = stranger.objects[ROOT]
    result = tank("trust", trusted.url, "--fingerprint", trusted.fingerprint, "--json")
    assert (result.exit_code, result.error_code) == (6, "another-root-pinned")
    assert "--replace" in result.document["error"]["fix"]


def test_replace_pins_anew_and_forgets_what_was_seen(
    tank: Any, trusted: RegistryDouble, home: Path, project: Path
) -> None:
    for number in range(3):
        trusted.publish("@acme/notes", f"1.{number}.0")
    assert tank("add", "@acme/notes").exit_code == 0
    set_up_anew(trusted)
    assert tank("trust", trusted.url, "--fingerprint", trusted.fingerprint, "--replace").exit_code == 0
    assert (pinned(home, trusted) / "root.json").read_bytes() == trusted.objects[ROOT]
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/text", "--dry-run", "--json").error_code == "skill-not-found"  # notes is gone


def test_a_registry_that_nobody_trusts_is_told_no_token(
    tank: Any, registry: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_secret")
    result = tank("whoami", "--registry", registry.url, "--json")
    assert (result.exit_code, result.error_code) == (6, "untrusted-registry")
    assert registry.requests == []


@pytest.mark.parametrize("command", [("add", "@acme/notes"), ("install",), ("info", "@acme/notes")])
def test_the_index_of_a_registry_that_nobody_trusts_is_not_asked_for(
    tank: Any, registry: RegistryDouble, project: Path, home: Path, command: tuple[str, ...]
) -> None:
    (project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    result = tank(*command, "--registry", registry.url, "--json")
    assert (result.exit_code, result.error_code) == (6, "untrusted-registry")
    assert registry.requests == []
    assert not (home / ".config").exists()


def test_no_pinned_root_is_an_error_that_names_the_command(settings: Config) -> None:
    with pytest.raises(UntrustedRegistryError) as caught:
        RegistryTrust.of(settings, URL).root()
    assert f"tank trust {URL} --fingerprint" in caught.value.fix


@pytest.mark.parametrize("content", [json.dumps({URL: {"sha256:a": "PEM"}}), "[", "7"])
def test_a_key_that_was_pinned_the_old_way_counts_for_nothing_and_is_mentioned(
    settings: Config, content: str
) -> None:
    settings.config_dir.mkdir(parents=True)
    (settings.config_dir / "trust.json").write_text(content)
    with pytest.raises(UntrustedRegistryError) as caught:
        RegistryTrust.of(settings, URL).targets()
    assert ("earlier Tank" in caught.value.why) == (URL in content)
    assert f"tank trust {URL} --fingerprint" in caught.value.fix


def test_two_registries_never_share_a_place(settings: Config) -> None:
    urls = [URL, f"{URL}/a", f"{URL}:444", "https://tank.example-444", "https://[::1]", "http://[::1]"]
    assert len({RegistryTrust.of(settings, url).place for url in urls}) == len(urls)
