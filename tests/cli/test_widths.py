"""What `tank` prints of a signed skill fits a terminal of 80 columns."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.support.binding_documents import bindings_document, org_binding
from tests.support.columns import too_wide
from tests.support.identities import build_binding, person_binding
from tests.support.local_sigstore import SigstoreScene, targets_of
from tests.support.registry_double import RegistryDouble
from tests.support.signatures import PERSON, a_signature
from tests.support.signing_publisher import signing

FAR = 4_000_000_000
NAME = "@acme/notes"


@pytest.fixture
def signed(registry: RegistryDouble, sigstore: SigstoreScene, tank: Any, project: Path) -> RegistryDouble:
    """A registry with one signed skill, and a project that has it installed."""
    registry.sign_registry(targets_of(sigstore))
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    (project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    registry.publish(NAME, "1.0.0", sign=signing(sigstore, "jo"))
    assert tank("add", NAME).exit_code == 0
    return registry


def narrow(result: Any, exit_code: int = 0) -> str:
    """Returns what a command printed, which fits."""
    assert result.exit_code == exit_code, result.err
    assert too_wide(result.out + result.err) == []
    return str(result.out)


def test_the_search_for_wide_lines_finds_one() -> None:
    assert too_wide(f"{'x' * 81}\n    {'x' * 81}\nlabel: {'x' * 81}") == [f"label: {'x' * 81}"]


def test_trust_of_a_registry(tank: Any, registry: RegistryDouble, home: Path) -> None:
    assert registry.fingerprint in narrow(tank("trust", registry.url, "--fingerprint", registry.fingerprint))


@pytest.mark.parametrize("command", ["add", "verify", "list", "ci"])
def test_use_of_a_signed_skill(tank: Any, signed: RegistryDouble, command: str) -> None:
    narrow(tank(command, *([NAME] if command == "add" else [])))


@pytest.mark.parametrize("remark", ["", "it is deprecated for a reason that takes quite a few words to tell"])
def test_audit_of_a_signed_skill(tank: Any, signed: RegistryDouble, remark: str) -> None:
    signed.change(NAME, "1.0.0", deprecation=remark)
    assert "github.com/acme/skills" in narrow(tank("audit"))


def test_audit_of_another_signer(tank: Any, signed: RegistryDouble) -> None:
    signed.change(NAME, "1.0.0", bundle_digest="", signature={})
    narrow(tank("audit"), exit_code=6)


@pytest.mark.parametrize("asked", [NAME, f"{NAME}@1.0.0"])
@pytest.mark.parametrize("signature", [a_signature(), a_signature(claims=PERSON)])
def test_info_of_a_signed_skill(tank: Any, trusted: RegistryDouble, asked: str, signature: Any) -> None:
    published = trusted.publish(NAME, "1.0.0", publisher="alice", score=None)
    document = {key: value for key, value in asdict(published).items() if key != "publish_id"}
    document |= {"bundle_digest": "sha256:" + "b" * 64, "signature": signature.to_json()}
    line = {"version": "1.0.0", "availability": "available", "availability_reason": "", "published_at": 1}
    skill = {"name": NAME, "description": "words " * 30, "keywords": ["word"] * 30, "latest": "1.0.0"}
    skill |= {"versions": [line], "created_at": 1, "updated_at": 1}
    trusted.answer_json("GET", "/v1/skills/acme/notes", skill)
    trusted.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", document)
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", announced())
    assert "ab" * 32 in narrow(tank("info", asked))


def announced() -> dict[str, Any]:
    bindings = (org_binding(build_binding(), ends_at=FAR), org_binding(person_binding(), effective_at=FAR))
    return bindings_document(*bindings, forbidden=True)


def test_list_of_bindings(tank: Any, trusted: RegistryDouble) -> None:
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", announced())
    assert "release.yml" in narrow(tank("binding", "list", "@acme"))


def test_organisation(tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_abc")
    members = {"ada" * 12: "owner", "jo": "publisher"}
    org = {"org": "acme", "members": members, "created_at": 1}
    trusted.answer_json("GET", "/v1/orgs/acme", org)
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", announced())
    assert "owner" in narrow(tank("org", "show", "acme"))
