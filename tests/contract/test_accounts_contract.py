"""The contract of ``chalicelib.ports.accounts``."""

from __future__ import annotations

import dataclasses

import pytest

from chalicelib.ports.errors import ConditionFailed, Missing
from tank_core.binding import GITHUB, Binding
from tank_core.entities import Role, Token
from tank_core.trusted_publishing import OrgBinding, TokenRule
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners
from tests.support.sample_entities import NOW, a_publisher, a_token, an_event, an_org, sha256_hex


def events_of(ports: PortsUnderTest, subject: str) -> int:
    return len(ports.audit_trail.events(subject, cursor="", limit=50).items)


def test_a_publisher_is_read_back_as_it_was_written(ports: PortsUnderTest) -> None:
    publisher = a_publisher(verified=True, is_registry_admin=True)
    assert ports.accounts.publisher("ada") is None
    ports.accounts.put_publisher(publisher, an_event("publisher:ada"))
    assert ports.accounts.publisher("ada") == publisher
    assert events_of(ports, "publisher:ada") == 1


def test_a_publisher_id_is_taken_once(ports: PortsUnderTest) -> None:
    ports.accounts.put_publisher(a_publisher(), an_event("publisher:ada"))
    with pytest.raises(ConditionFailed):
        ports.accounts.put_publisher(a_publisher(is_registry_admin=True), an_event("publisher:ada"))
    assert ports.accounts.publisher("ada") == a_publisher()
    assert events_of(ports, "publisher:ada") == 1


def test_a_token_is_found_by_id_and_by_secret(ports: PortsUnderTest) -> None:
    token = a_token()
    ports.accounts.put_token(token, an_event("token:one"))
    assert ports.accounts.token(token.token_id) == token
    assert ports.accounts.token_by_secret(token.secret_sha256) == token
    assert ports.accounts.token("none") is None
    assert ports.accounts.token_by_secret(sha256_hex("none")) is None


def test_a_token_without_scopes_stays_without(ports: PortsUnderTest) -> None:
    token = a_token(scopes=(), skills=())
    ports.accounts.put_token(token, an_event("token:one"))
    assert ports.accounts.token_by_secret(token.secret_sha256) == token


def test_a_token_id_and_a_secret_are_taken_once(ports: PortsUnderTest) -> None:
    token = a_token()
    ports.accounts.put_token(token, an_event("token:one"))
    for rival in (
        a_token("eve", token_id=token.token_id),
        a_token("eve", secret_sha256=token.secret_sha256),
    ):
        with pytest.raises(ConditionFailed):
            ports.accounts.put_token(rival, an_event("token:one"))
    assert ports.accounts.token(token.token_id) == token
    assert ports.accounts.token_by_secret(token.secret_sha256) == token
    assert ports.accounts.tokens_of("eve") == ()
    assert events_of(ports, "token:one") == 1


def test_tokens_of_a_publisher_come_newest_first(ports: PortsUnderTest) -> None:
    tokens = [a_token(created_at=NOW + n) for n in (2, 0, 1)]
    for token in (*tokens, a_token("eve")):
        ports.accounts.put_token(token, an_event("token:one"))
    assert ports.accounts.tokens_of("ada") == (tokens[0], tokens[2], tokens[1])


def test_a_revoked_token_is_still_found_and_says_so(ports: PortsUnderTest) -> None:
    token = a_token()
    ports.accounts.put_token(token, an_event("token:made"))
    ports.accounts.revoke_token(token.token_id, NOW + 5, an_event("token:revoked"))
    revoked = dataclasses.replace(token, revoked_at=NOW + 5)
    assert ports.accounts.token(token.token_id) == revoked
    assert ports.accounts.token_by_secret(token.secret_sha256) == revoked
    assert ports.accounts.tokens_of("ada") == (revoked,)


def test_revoking_again_changes_nothing(ports: PortsUnderTest) -> None:
    token = a_token()
    ports.accounts.put_token(token, an_event("token:made"))
    ports.accounts.revoke_token(token.token_id, NOW + 5, an_event("token:revoked"))
    ports.accounts.revoke_token(token.token_id, NOW + 9, an_event("token:revoked"))
    stored = ports.accounts.token(token.token_id)
    assert stored is not None
    assert stored.revoked_at == NOW + 5
    assert events_of(ports, "token:revoked") == 1


def test_revoking_a_token_that_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.accounts.revoke_token("none", NOW, an_event("token:none"))
    assert events_of(ports, "token:none") == 0


def a_ticket(**changes: object) -> Token:
    claims = {"issuer": "https://issuer.example", "subject": "https://git.example/acme/tool/release.yml@main"}
    return a_token(claims=claims, skills=("@acme/tool",), scopes=("publish",), **changes)


def test_a_ticket_keeps_the_claims_it_was_given_for(ports: PortsUnderTest) -> None:
    ticket = a_ticket()
    ports.accounts.put_token(ticket, an_event("token:ticket"))
    assert ports.accounts.token(ticket.token_id) == ticket
    assert ticket.is_ticket


def test_a_ticket_is_bound_to_one_publish_and_the_same_again_changes_nothing(ports: PortsUnderTest) -> None:
    ticket = a_ticket()
    ports.accounts.put_token(ticket, an_event("token:ticket"))
    ports.accounts.use_ticket(ticket.token_id, "publish-1")
    ports.accounts.use_ticket(ticket.token_id, "publish-1")
    with pytest.raises(ConditionFailed):
        ports.accounts.use_ticket(ticket.token_id, "publish-2")
    bound = dataclasses.replace(ticket, publish_id="publish-1")
    assert ports.accounts.token(ticket.token_id) == bound
    assert ports.accounts.token_by_secret(ticket.secret_sha256) == bound
    assert ports.accounts.tokens_of("ada") == (bound,)


def test_of_many_publishes_that_use_one_ticket_exactly_one_gets_it(ports: PortsUnderTest) -> None:
    ticket = a_ticket()
    ports.accounts.put_token(ticket, an_event("token:ticket"))
    rivals = [f"publish-{n}" for n in range(4)]
    won = winners([lambda r=r: ports.accounts.use_ticket(ticket.token_id, r) for r in rivals])  # type: ignore[misc]
    stored = ports.accounts.token(ticket.token_id)
    assert stored is not None
    assert [stored.publish_id] == [rivals[n] for n in won]


def test_of_many_exchanges_of_one_id_token_exactly_one_makes_a_ticket(ports: PortsUnderTest) -> None:
    """The ticket's id derives from the OIDC token, so the second one is a replay."""
    rivals = [a_ticket(token_id="of-one-id-token", secret_sha256=sha256_hex(f"s{n}")) for n in range(4)]
    won = winners([lambda r=r: ports.accounts.put_token(r, an_event("token:t")) for r in rivals])  # type: ignore[misc]
    assert [ports.accounts.token("of-one-id-token")] == [rivals[n] for n in won]
    assert events_of(ports, "token:t") == 1


def test_a_used_ticket_can_be_revoked_and_stays_bound(ports: PortsUnderTest) -> None:
    ticket = a_ticket()
    ports.accounts.put_token(ticket, an_event("token:ticket"))
    ports.accounts.use_ticket(ticket.token_id, "publish-1")
    ports.accounts.revoke_token(ticket.token_id, NOW + 5, an_event("token:revoked"))
    expected = dataclasses.replace(ticket, publish_id="publish-1", revoked_at=NOW + 5)
    assert ports.accounts.token(ticket.token_id) == expected


def test_a_ticket_that_is_not_there_cannot_be_used(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.accounts.use_ticket("none", "publish-1")
    assert ports.accounts.token("none") is None


def test_an_organisation_is_read_back_as_it_was_written(ports: PortsUnderTest) -> None:
    org = an_org(members={"ada": Role.OWNER, "bob": Role.PUBLISHER})
    assert ports.accounts.org("acme") is None
    ports.accounts.create_org(org, an_event("org:acme"))
    assert ports.accounts.org("acme") == org
    assert events_of(ports, "org:acme") == 1


def test_an_organisation_name_is_taken_once(ports: PortsUnderTest) -> None:
    ports.accounts.create_org(an_org(), an_event("org:acme"))
    with pytest.raises(ConditionFailed):
        ports.accounts.create_org(an_org(members={"eve": Role.OWNER}), an_event("org:acme"))
    assert ports.accounts.org("acme") == an_org()
    assert ports.accounts.orgs_of("eve") == ()
    assert events_of(ports, "org:acme") == 1


def test_of_many_who_create_one_organisation_exactly_one_wins(ports: PortsUnderTest) -> None:
    rivals = [an_org(members={f"p{n}": Role.OWNER}) for n in range(4)]
    won = winners([lambda r=r: ports.accounts.create_org(r, an_event("org:acme")) for r in rivals])  # type: ignore[misc]
    assert len(won) == 1
    assert ports.accounts.org("acme") == rivals[won[0]]
    assert events_of(ports, "org:acme") == 1


def test_members_are_replaced_with_the_next_revision(ports: PortsUnderTest) -> None:
    org = an_org()
    ports.accounts.create_org(org, an_event("org:acme"))
    changed = dataclasses.replace(org, members={"bob": Role.OWNER, "eve": Role.PUBLISHER})
    updated = ports.accounts.update_org(changed, an_event("org:acme"))
    assert updated == dataclasses.replace(changed, revision=updated.revision)
    assert updated.revision != org.revision
    assert ports.accounts.org("acme") == updated
    assert ports.accounts.orgs_of("bob") == (updated,)
    assert ports.accounts.orgs_of("ada") == ()
    assert events_of(ports, "org:acme") == 2


def test_bindings_and_the_token_rule_are_kept_with_every_event_of_the_change(ports: PortsUnderTest) -> None:
    ports.accounts.create_org(an_org(), an_event("org:acme"))
    changed = an_org(
        bindings=(
            OrgBinding(
                "b1", Binding("ada", "https://issuer.example", subject="ada@acme.example"), "ada", NOW, NOW
            ),
            OrgBinding(
                "b2",
                Binding(
                    "ada", GITHUB, owner_id="1", repository_id="2", refs=("refs/tags/v*",), triggers=("push",)
                ),
                "ada",
                NOW,
                NOW + 60,
                skill="@acme/tool",
                ends_at=NOW + 90,
            ),
        ),
        token_rule=TokenRule(is_forbidden=True, is_forbidden_until=NOW + 9),
    )
    updated = ports.accounts.update_org(changed, an_event("org:acme"), an_event("skill:@acme/tool"))
    assert ports.accounts.org("acme") == updated == dataclasses.replace(changed, revision=updated.revision)
    assert events_of(ports, "org:acme") == 2
    assert events_of(ports, "skill:@acme/tool") == 1


def test_former_owners_are_kept_until_a_change_drops_them(ports: PortsUnderTest) -> None:
    ports.accounts.create_org(an_org(), an_event("org:acme"))
    updated = ports.accounts.update_org(an_org(former_owners={"grace": NOW + 9}), an_event("org:acme"))
    stored = ports.accounts.org("acme")
    assert stored == updated
    assert stored is not None
    assert stored.former_owners == {"grace": NOW + 9}
    assert ports.accounts.orgs_of("grace") == ()
    cleared = ports.accounts.update_org(dataclasses.replace(stored, former_owners={}), an_event("org:acme"))
    assert ports.accounts.org("acme") == cleared


def test_an_update_over_an_older_revision_writes_nothing(ports: PortsUnderTest) -> None:
    org = an_org()
    ports.accounts.create_org(org, an_event("org:acme"))
    updated = ports.accounts.update_org(
        dataclasses.replace(org, members={"bob": Role.OWNER}), an_event("org:acme")
    )
    with pytest.raises(ConditionFailed):
        ports.accounts.update_org(dataclasses.replace(org, members={"eve": Role.OWNER}), an_event("org:acme"))
    assert ports.accounts.org("acme") == updated
    assert ports.accounts.orgs_of("eve") == ()
    assert events_of(ports, "org:acme") == 2


def test_an_update_of_an_organisation_that_is_not_there_is_missing(ports: PortsUnderTest) -> None:
    with pytest.raises(Missing):
        ports.accounts.update_org(an_org(), an_event("org:acme"))
    assert events_of(ports, "org:acme") == 0


def test_organisations_of_a_publisher_are_sorted_by_name(ports: PortsUnderTest) -> None:
    for name in ("zeta", "acme", "mid"):
        ports.accounts.create_org(an_org(name), an_event(f"org:{name}"))
    ports.accounts.create_org(an_org("other", members={"eve": Role.OWNER}), an_event("org:other"))
    assert [org.org for org in ports.accounts.orgs_of("ada")] == ["acme", "mid", "zeta"]
