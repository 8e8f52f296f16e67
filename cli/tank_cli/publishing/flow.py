"""A publish from the package to its end: access, signature, upload.

1. What the organisation demands, and how this publish is signed.
2. Who publishes: a ticket for a CI job's identity, else the stored token.
3. Signed publishes only: what the registry has allows this version; nothing is signed in vain.
4. The signature, checked here before anybody else sees it.
5. Announce, upload, follow.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tank_cli.client.connection import Connection
from tank_cli.context import Context
from tank_cli.publishing.access import Access, by_ticket, by_token
from tank_cli.publishing.demands import Demands, demands_of, nothing_bound
from tank_cli.publishing.history import check_history
from tank_cli.publishing.prepare import Prepared
from tank_cli.publishing.signature import (
    Options,
    Way,
    bundle_of_build,
    bundle_of_person,
    no_sigstore,
    way_of,
)
from tank_cli.publishing.upload import Watch, begin, follow, given_bundle, upload
from tank_cli.render import minute
from tank_cli.signing.ambient import Ambient, found
from tank_core.wire.publishes import PublishStatus

if TYPE_CHECKING:
    from tank_cli.registry_targets import SigstoreTarget


@dataclass(frozen=True, slots=True)
class _Publish:
    """One publish, decided."""

    context: Context
    connection: Connection
    package: Prepared
    options: Options
    demands: Demands
    ambient: Ambient | None
    way: Way


def publish(
    context: Context, connection: Connection, package: Prepared, options: Options, watch: Watch
) -> PublishStatus | None:
    """Publishes a package; returns how it ended, or None when these very bytes are published already.

    Raises:
        TankError: see the steps' own modules.
    """
    name = package.manifest.name
    ambient = found(context.surroundings.environment)
    demands = _demands(connection, package, options)  # 1
    way = way_of(
        options, demands, ambient, context.surroundings.environment, has_terminal=context.interactive
    )
    asked = _Publish(context, connection, package, options, demands, ambient, way)
    if way is Way.UNSIGNED and options.sign is None:
        until = "" if demands.announced_for is None else f" before {minute(demands.announced_for)}"
        context.console.say(f"Not signed: @{name.org} binds no identity for {name}{until}.")
    access = _access(asked)  # 2
    if way in (Way.BUILD, Way.PERSON) and check_history(package, connection.index()):  # 3
        return None
    bundle = _bundle(asked, access)  # 4
    begun = begin(access.api, package, bundle)  # 5
    if begun.already or begun.publish_id is None:
        return None
    context.console.say(f"Publishing {package.label} as {begun.publish_id}")
    upload(connection.transport, begun, package, bundle, connection.registry)
    return follow(access.api, begun.publish_id, watch)


def _demands(connection: Connection, package: Prepared, options: Options) -> Demands:
    """Returns what is demanded; who says not to sign is heard, and the registry has the last word."""
    if options.sign is False:
        return Demands(package.manifest.name, (), forbids_tokens=False)
    return demands_of(connection.api_with(""), package.manifest.name, int(time.time()))


def _access(asked: _Publish) -> Access:
    if asked.ambient is not None and asked.way is not Way.UNSIGNED:
        if not asked.demands.bindings:
            raise nothing_bound(asked.demands)
        return by_ticket(asked.connection, asked.ambient, asked.demands)
    if asked.way is Way.PERSON:
        return by_token(asked.connection, asked.demands)
    return Access(asked.connection.authenticated_api(), "")


def _bundle(asked: _Publish, access: Access) -> bytes:
    if asked.way is Way.UNSIGNED:
        return b""
    if asked.options.bundle is not None:
        return given_bundle(asked.options.bundle)
    target = _target(asked.connection)
    if asked.ambient is not None:
        return bundle_of_build(asked.context, asked.package, access, asked.demands, target, asked.ambient)
    return bundle_of_person(asked.context, asked.package, access, asked.demands, target, asked.options)


def _target(connection: Connection) -> SigstoreTarget:
    """Returns the Sigstore that the operator names now: its services change more often than its roots."""
    target = connection.metadata().refresh().sigstore
    if target is None:
        raise no_sigstore(connection.registry)
    return target
