"""Sign with real bundles, real OIDC tokens and tickets, all of one local Sigstore; no double in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.oidc import BUILD_ISSUERS, OidcVerifier
from chalicelib.adapters.sigstore import SigstoreVerifier
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import tickets
from chalicelib.services.tickets import NoBindingError
from infra.local.sigstore.ci_builds import Build
from pipeline.execution import StageInput
from pipeline.stages import sign
from tank_core import provenance
from tank_core.binding import GITHUB, GITHUB_HOSTED, GITLAB, Binding, differing_claims
from tank_core.bundle import verify_bundle
from tank_core.names import SkillName
from tank_core.publish import StageRejected
from tank_core.signature import Signature
from tank_core.trusted_publishing import OrgBinding, TokenRule
from tests.support.local_sigstore import BUILD, NOW, SigstoreScene, bundle
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import package, uploaded

NAME = "@acme/greeter"
GITLAB_BUILD = replace(BUILD, workflow=".gitlab-ci.yml", runner="gitlab-hosted", environment="release")
BINDINGS = {
    GITHUB: Binding(
        "alice",
        GITHUB,
        owner_id="1001",
        repository_id="2002",
        repository="https://github.com/acme/skills",
        workflow="https://github.com/acme/skills/.github/workflows/release.yml",
        refs=("refs/tags/v*",),
        triggers=("push",),
        runner=GITHUB_HOSTED,
    ),
    GITLAB: Binding(
        "alice",
        GITLAB,
        owner_id="1001",
        repository_id="2002",
        repository="https://gitlab.com/acme/skills",
        workflow="https://gitlab.com/acme/skills//.gitlab-ci.yml",
        refs=("refs/tags/v*",),
        triggers=("push",),
        environment="release",
    ),
}


@pytest.fixture
def sigstore(world: MemoryWorld, tmp_path: Path) -> Iterator[SigstoreScene]:
    world.clock.at = NOW
    scene = SigstoreScene(tmp_path / "sigstore", clock=world.clock)
    yield scene
    scene.close()


@pytest.fixture
def ports(world: MemoryWorld, sigstore: SigstoreScene, tmp_path: Path) -> RegistryPorts:
    """A registry whose organisation binds one build at each of the two code hosts, and takes tickets only."""
    root = tmp_path / "trusted_root.json"
    root.write_bytes(sigstore.trusted_root)
    sources = {issuer: (lambda keys=keys: keys) for issuer, keys in sigstore.sigstore.issuer_keys().items()}
    bound = tuple(OrgBinding(issuer, binding, "alice", 0, 0) for issuer, binding in BINDINGS.items())
    org = replace(world.accounts.orgs["acme"], bindings=bound, token_rule=TokenRule(is_forbidden=True))
    world.accounts.orgs["acme"] = org
    return replace(
        world.ports(),
        bundles=SigstoreVerifier(str(root)),
        id_tokens=OidcVerifier({issuer: sources[issuer] for issuer in BUILD_ISSUERS}, world.clock.now),
    )


def claims_of(build: Build, issuer: str) -> dict[str, object]:
    return build.github_claims() if issuer == GITHUB else build.gitlab_claims()


def published(
    world: MemoryWorld,
    sigstore: SigstoreScene,
    ports: RegistryPorts,
    build: Build,
    issuer: str,
    *,
    signing: Build | None = None,
    **options: Any,
) -> StageInput:
    """Returns a publish as a build's job makes it: one token to sign with, another one for the ticket.

    ``signing``: the build that signs, where it is another one than the one that uploads.
    """
    unsigned = uploaded(world, package()).publish
    statement = provenance.publisher_statement(
        SkillName.parse(NAME), unsigned.version, unsigned.integrity, unsigned.digest
    )
    world.publishes.holders.clear()
    signed = bundle(sigstore, statement, claims_of(signing or build, issuer), issuer=issuer, **options)
    id_token = sigstore.token(claims_of(build, issuer), issuer=issuer, audience="tank")
    ticket = tickets.exchange(ports, id_token, NAME).ticket
    given = uploaded(world, package(), bundle=signed)
    ports.accounts.use_ticket(ticket.token_id, given.publish.publish_id)
    return replace(given, publish=replace(given.publish, token_id=ticket.token_id))


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize(
    ("build", "issuer"), [(BUILD, GITHUB), (GITLAB_BUILD, GITLAB)], ids=["github", "gitlab"]
)
def test_a_bound_build_publishes_with_nothing_but_its_own_identity(
    world: MemoryWorld, sigstore: SigstoreScene, ports: RegistryPorts, build: Build, issuer: str, rekor: int
) -> None:
    given = published(world, sigstore, ports, build, issuer, rekor=rekor)
    signature = Signature.from_json(sign.run(given, ports).facts["signature"])
    assert signature.binding == BINDINGS[issuer]
    assert signature.claims.repository_id == "2002"
    assert signature.log.signed_at == NOW


@pytest.mark.parametrize(
    ("build", "issuer"), [(BUILD, GITHUB), (GITLAB_BUILD, GITLAB)], ids=["github", "gitlab"]
)
def test_two_tokens_of_one_run_say_the_same_as_ticket_and_as_certificate(
    sigstore: SigstoreScene, ports: RegistryPorts, build: Build, issuer: str
) -> None:
    claims = claims_of(replace(build, environment="release"), issuer)
    token = sigstore.token(claims, issuer=issuer, audience="tank")
    from_token = ports.id_tokens.verify(token, "tank").claims
    signed = bundle(sigstore, b'{"_type": "any"}', claims, issuer=issuer)
    from_certificate = verify_bundle(signed, trusted_root=sigstore.trusted_root).claims
    assert differing_claims(from_token, from_certificate) == ()
    assert from_token == from_certificate


def test_a_signature_of_another_commit_than_the_tickets_is_refused(
    world: MemoryWorld, sigstore: SigstoreScene, ports: RegistryPorts
) -> None:
    earlier = replace(BUILD, ref="refs/tags/v0.9.0")
    given = published(world, sigstore, ports, BUILD, GITHUB, signing=earlier)
    with pytest.raises(StageRejected) as caught:
        sign.run(given, ports)
    assert caught.value.rejection.code == "ticket-mismatch"
    assert "commit" in caught.value.rejection.why


def test_a_build_of_a_branch_gets_no_ticket(
    world: MemoryWorld, sigstore: SigstoreScene, ports: RegistryPorts
) -> None:
    with pytest.raises(NoBindingError) as caught:
        published(world, sigstore, ports, replace(BUILD, ref="refs/heads/main"), GITHUB)
    assert [problem.where for problem in caught.value.problems] == ["ref"]


def test_a_bundle_of_another_sigstore_is_refused(
    world: MemoryWorld, sigstore: SigstoreScene, ports: RegistryPorts, tmp_path: Path
) -> None:
    foreign = SigstoreScene(tmp_path / "foreign", clock=world.clock)
    (tmp_path / "trusted_root.json").write_bytes(foreign.trusted_root)
    foreign.close()
    given = published(world, sigstore, ports, BUILD, GITHUB)
    with pytest.raises(StageRejected) as caught:
        sign.run(given, ports)
    assert caught.value.rejection.code == "bundle-refused"
