"""Signed skills, from the registry to the project: what the commands do about who signed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tank_cli.installer.locking import locked_skill
from tank_core.index import index_bytes, parse_index
from tank_core.lockfile import Lockfile, lockfile_bytes
from tank_core.names import SkillName
from tests.support.local_sigstore import BUILD, SigstoreScene, bundle, targets_of
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signing_publisher import Sign, signature_of, signing

SIGNER = {
    "issuer": "https://token.actions.githubusercontent.com",
    "owner_id": "1001",
    "repository": "https://github.com/acme/skills",
    "repository_id": "2002",
}


def locked(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "skills.lock").read_bytes())["skills"]["@acme/notes"]
    return found


def edit_lock(project: Path, **changes: Any) -> None:
    lock = json.loads((project / "skills.lock").read_bytes())
    lock["skills"]["@acme/notes"] |= changes
    (project / "skills.lock").write_text(json.dumps(lock))


def test_a_signed_skill_is_installed_and_its_signer_pinned(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    result = tank("add", "@acme/notes")
    assert result.exit_code == 0, result.err
    assert locked(project)["signer"] == SIGNER
    assert set(locked(project)["attestations"]) == {"bundle", "registry"}
    assert tank("ci").exit_code == 0


def test_installing_it_again_asks_nobody_and_verifying_it_again_neither(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    signed.requests.clear()
    assert tank("install").exit_code == 0
    result = tank("verify")
    assert result.exit_code == 0, result.err
    assert "Signed by their publishers: 1. Not signed: 0." in result.out
    assert signed.requests == []


def test_installing_it_again_loads_neither_sigstore_nor_cryptography(
    tank: Any, signed: RegistryDouble, project: Path, home: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    assert tank("add", "@acme/notes").exit_code == 0
    program = (
        "import sys\nfrom tank_cli.main import main\nassert main(['install']) == 0\n"
        "heavy = {'sigstore', 'cryptography', 'tuf', 'httpx', 'pydantic'}\n"
        "print('LOADED', *sorted(heavy & sys.modules.keys()))"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": f"{root / 'cli'}:{root}", "HOME": str(home), "PATH": ""}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(
        command, env=environment, cwd=project, capture_output=True, text=True, check=True, timeout=30
    )
    assert ran.stdout.splitlines()[-1] == "LOADED"


def test_verify_fetches_what_the_cache_lacks(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign, home: Path
) -> None:
    published = signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    shutil.rmtree(home / ".cache")
    signed.requests.clear()
    assert tank("verify").exit_code == 0
    fetched = {published.digest, published.attestation_digest, published.bundle_digest}
    assert set(signed.requests) == {f"GET {blob_path(digest)}" for digest in fetched}


def test_verify_names_a_signer_that_somebody_wrote_into_the_lock(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    edit_lock(project, signer={**SIGNER, "repository_id": "666"})
    for command in (["verify"], ["ci"], ["install"]):
        result = tank(*command, "--json")
        assert (result.exit_code, result.error_code) == (6, "signature-mismatch"), command


def test_a_withheld_bundle_is_an_error_and_changes_nothing(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    published = signed.publish("@acme/notes", "1.0.0", sign=sign)
    del signed.objects[blob_path(published.bundle_digest)]
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (8, "blob-unavailable")
    assert not (project / "skills.lock").exists()


def test_a_stranger_who_got_the_registrys_key_cannot_sign_as_the_bound_build(
    tank: Any, signed: RegistryDouble, project: Path, sigstore: SigstoreScene
) -> None:
    stranger = replace(BUILD, repository_id="666", owner_id="667")

    def forged(statement: bytes) -> Any:
        honest = signature_of(sigstore, bundle(sigstore, statement), "jo")
        return bundle(sigstore, statement, stranger.github_claims()), honest

    signed.publish("@acme/notes", "1.0.0", sign=forged)
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (6, "signature-mismatch")
    assert not (project / "skills.lock").exists()


def test_a_lock_from_a_colleague_is_verified_with_keys_and_roots_that_are_newer_than_the_own_ones(
    tank: Any, signed: RegistryDouble, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Attestation key and Sigstore were both replaced since this client last asked; the old key still counts."""
    old = {"key_id": signed.key_id, "public_key": signed.pem}
    renewed = SigstoreScene(tmp_path_factory.mktemp("renewed"))
    signed.key = RegistryDouble().key
    new = {"key_id": signed.key_id, "public_key": signed.pem}
    signed.sign_registry(targets_of(renewed), keys=[old, new])
    signed.publish("@acme/notes", "1.0.0", sign=signing(renewed, "jo"))
    entry = parse_index(index_bytes("@acme/notes", signed.versions["@acme/notes"])).versions[0]
    lock = Lockfile(signed.url, {SkillName("acme", "notes"): locked_skill(entry)})
    (project / "skills.lock").write_bytes(lockfile_bytes(lock))
    (project / "skills.json").write_text('{"permissions": {}, "skills": {"@acme/notes": "1.0.0"}}')
    result = tank("ci")
    renewed.close()
    assert result.exit_code == 0, result.err


@pytest.mark.parametrize("kind", ["not signed", "another repository", "a person"])
def test_a_change_of_signer_waits_for_a_person(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign, sigstore: SigstoreScene, kind: str
) -> None:
    others: dict[str, Sign | None] = {
        "not signed": None,
        "another repository": signing(sigstore, "jo", replace(BUILD, repository_id="666")),
        "a person": signing(sigstore, "jo", None),
    }
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    before = (project / "skills.lock").read_bytes()
    signed.publish("@acme/notes", "1.1.0", sign=others[kind])
    result = tank("update", "--json")
    assert (result.exit_code, result.error_code) == (7, "publisher-changed")
    (problem,) = result.document["error"]["problems"]
    assert "1.0.0 was signed by “https://github.com/acme/skills (repository 2002" in problem["what"]
    assert (project / "skills.lock").read_bytes() == before
    assert tank("update", "--accept-publisher").exit_code == 0
    assert locked(project)["version"] == "1.1.0"
    assert ("signer" in locked(project)) == (kind != "not signed")


def test_the_first_signature_of_a_skill_needs_no_consent(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    signed.publish("@acme/notes", "1.1.0", sign=sign)
    assert tank("update").exit_code == 0
    assert locked(project)["signer"] == SIGNER


def demanding(project: Path, **skills: str) -> None:
    manifest = {"permissions": {}, "skills": {"@acme/notes": "*"}, "audit": {"require_provenance": True}}
    (project / "skills.json").write_text(json.dumps(manifest))


def test_required_provenance_is_a_publishers_signature_that_verifies(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign, sigstore: SigstoreScene
) -> None:
    demanding(project)
    signed.publish("@acme/notes", "1.0.0")
    assert tank("install", "--json").error_code == "no-resolution"
    signed.publish("@acme/notes", "1.1.0", sign=lambda s: (b"{}", sign(s)[1]))
    assert tank("install", "--json").error_code == "bundle-refused"
    signed.publish("@acme/notes", "1.2.0", sign=sign)
    assert tank("install").exit_code == 0
    assert locked(project)["version"] == "1.2.0"


def test_a_lock_that_only_claims_a_signature_does_not_meet_the_demand(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    demanding(project)
    attestations = {**locked(project)["attestations"], "bundle": "sha256:" + "1" * 64}
    edit_lock(project, signer=SIGNER, attestations=attestations)
    assert tank("ci", "--json").error_code == "lock-mismatch"


def test_without_a_root_of_sigstore_a_signed_skill_is_refused(
    tank: Any, trusted: RegistryDouble, project: Path, sign: Sign
) -> None:
    trusted.publish("@acme/notes", "1.0.0", sign=sign)
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (6, "no-trusted-root")


def test_audit_shows_who_signed_what_and_says_who_did_not(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    signed.publish("@acme/text", "1.0.0")
    tank("add", "@acme/notes", "@acme/text")
    result = tank("audit")
    assert result.exit_code == 0, result.err
    assert result.out.splitlines()[:3] == [
        "@acme/notes@1.0.0  9.5  pass  github.com/acme/skills",
        "@acme/text@1.0.0   9.5  pass  not signed",
        "",
    ]
    trace, _, note = " ".join(" ".join(result.out.splitlines()[3:]).split()).partition("… ")
    assert trace.startswith(
        "@acme/notes@1.0.0: signed by github.com/acme/skills from refs/tags/v1.0.0, commit "
    )
    assert re.search(r"; entry \d+ of log [0-9a-f]{12}$", trace)
    assert note.startswith("A signature says who published")
    skills = tank("audit", "--json").document["skills"]
    assert [(s["name"], s["signer"]) for s in skills] == [("@acme/notes", SIGNER), ("@acme/text", None)]
    assert skills[0]["signature"]["binding"]["publisher"] == "jo"
    assert skills[1]["signature"] is None


def test_audit_tells_everything_of_a_signature_where_there_is_a_complaint(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign
) -> None:
    signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    signed.change("@acme/notes", "1.0.0", deprecation="use text")
    result = tank("audit")
    assert "github.com/acme/skills  is deprecated: use text" in result.out
    part = result.out.partition("@acme/notes@1.0.0:\n")[2]
    for fact in ("jo", SIGNER["repository"], "refs/tags/v1.0.0", "hashedrekord/0.0.2"):
        assert fact in part
    assert "It says nothing about what they do." in " ".join(part.split())


@pytest.mark.parametrize("lie", ["another signer", "nobody"])
def test_audit_flags_a_signer_that_is_not_the_locked_one(
    tank: Any, signed: RegistryDouble, project: Path, sign: Sign, sigstore: SigstoreScene, lie: str
) -> None:
    published = signed.publish("@acme/notes", "1.0.0", sign=sign)
    tank("add", "@acme/notes")
    if lie == "nobody":
        signed.change("@acme/notes", "1.0.0", bundle_digest="", signature={})
    else:
        changed = json.loads(json.dumps(published.signature).replace('"2002"', '"666"'))
        signed.change("@acme/notes", "1.0.0", signature=changed)
    result = tank("audit", "--json")
    assert (result.exit_code, result.error_code) == (6, "signer-differs")
    (problem,) = result.document["error"]["problems"]
    assert "repository 2002" in problem["what"]
    assert ("not signed" if lie == "nobody" else "repository 666") in problem["what"]
