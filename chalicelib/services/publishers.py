"""Publishers: who they are, how one is made, and how the first one comes to be."""

from __future__ import annotations

import re
from contextlib import suppress

from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import REGISTRY, audit_event, publisher_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import Scope, require_everywhere, require_registry_admin
from chalicelib.services.tokens import IssuedToken, TokenOrder, issue
from tank_core.entities import Action, Publisher
from tank_core.errors import ExitCode, TankError, quoted

ADMIN = "admin"
ADMIN_TOKEN_SECONDS = 365 * 24 * 3600
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_ID_CHARACTERS = 64
_FIRST_SCOPES = tuple(sorted((Scope.PUBLISH, Scope.MANAGE, Scope.ORG, Scope.TOKENS)))


class InvalidPublisherError(TankError):
    """A publisher's id is not acceptable."""

    code = "invalid-publisher"
    status = 422


class PublisherExistsError(TankError):
    """The publisher's id is taken."""

    code = "publisher-exists"
    status = 409


class PublisherNotFoundError(TankError):
    """There is no such publisher."""

    code = "publisher-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND

    @classmethod
    def named(cls, publisher_id: str) -> PublisherNotFoundError:
        """Returns the error for an id that nobody has."""
        return cls(
            f"There is no publisher {quoted(publisher_id)}.",
            why="Publishers are created by an admin of the registry.",
            fix="Correct the id, or ask the registry's admin.",
        )


def create(
    ports: RegistryPorts, caller: Caller, publisher_id: str, *, is_verified: bool = False
) -> tuple[Publisher, IssuedToken]:
    """Creates a publisher with a first token for everything but administration.

    Raises:
        ForbiddenError: forbidden; not a registry admin.
        InvalidPublisherError: invalid-publisher.
        PublisherExistsError: publisher-exists.
    """
    require_registry_admin(caller)
    require_everywhere(caller, Scope.REGISTRY_ADMIN)
    publisher = Publisher(_checked_id(publisher_id), ports.clock.now(), verified=is_verified)
    event = audit_event(ports, caller.publisher_id, Action.PUBLISHER_CREATE, publisher_subject(publisher_id))
    try:
        ports.accounts.put_publisher(publisher, event)
    except ConditionFailed as exc:
        raise PublisherExistsError(
            f"The publisher {publisher_id} exists.",
            why="An id is given once and never again.",
            fix="Choose another id.",
        ) from exc
    order = TokenOrder(_FIRST_SCOPES, (), "first token", ports.settings.token_ttl_seconds)
    return publisher, issue(ports, publisher_id, order, actor=caller.publisher_id)


def bootstrap_admin(ports: RegistryPorts) -> str:
    """Makes sure that the publisher ``admin`` exists, and returns a new token for everything.

    For operators only: it asks for no authentication, because whoever can call it
    holds the store itself. Calling it again gives a further token.

    Returns:
        The secret, good for a year; it is not kept anywhere.
    """
    admin = Publisher(ADMIN, ports.clock.now(), verified=True, is_registry_admin=True)
    event = audit_event(ports, REGISTRY, Action.PUBLISHER_CREATE, publisher_subject(ADMIN))
    if ports.accounts.publisher(ADMIN) is None:
        with suppress(ConditionFailed):  # another bootstrap was faster, and made the same
            ports.accounts.put_publisher(admin, event)
    order = TokenOrder(tuple(sorted(Scope)), (), "bootstrap", ADMIN_TOKEN_SECONDS)
    return issue(ports, ADMIN, order, actor=REGISTRY).secret


def _checked_id(publisher_id: str) -> str:
    is_wellformed = len(publisher_id) <= _MAX_ID_CHARACTERS and _ID.fullmatch(publisher_id)
    if is_wellformed and publisher_id != REGISTRY:
        return publisher_id
    raise InvalidPublisherError(
        f"{quoted(publisher_id)} cannot be a publisher's id.",
        why="Ids are lower-case letters, digits and single hyphens, at most 64, and not “registry”.",
        fix="Choose an id such as “acme-ci”.",
    )
