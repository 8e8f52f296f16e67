"""Announced changes of who may sign for a skill: what an owner, or a user, should see in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from tank_cli.render import minute

if TYPE_CHECKING:
    from tank_cli.client.api import Api
    from tank_core.wire.bindings import BindingList, OrgBindingDocument


def announced_changes(api: Api, name: str, *, now: int) -> list[str]:
    """Returns what will change for a skill, one line each, soonest first.

    Args:
        api: of the registry.
        name: ``@org/name``.
        now: seconds since the Unix epoch.

    Raises:
        TankError: the registry does not tell.
    """
    from tank_core.wire.bindings import BindingList

    org = name.removeprefix("@").partition("/")[0]
    listed = api.get(f"/orgs/{quote(org, safe='')}/bindings", BindingList)
    return [line for _, line in sorted(_changes(listed, name, now))]


def _changes(listed: BindingList, name: str, now: int) -> Iterator[tuple[int, str]]:
    for item in listed.items:
        if item.skill not in ("", name):
            continue
        if item.effective_at > now:
            yield item.effective_at, f"from {minute(item.effective_at)}: {_who(item)} may sign"
        if item.ends_at is not None and item.ends_at > now:
            yield item.ends_at, f"from {minute(item.ends_at)}: {_who(item)} may sign no more"
    until = listed.token_rule.until
    if listed.token_rule.forbidden and until is not None and until > now:
        yield until, f"from {minute(until)}: tokens may publish again"


def _who(item: OrgBindingDocument) -> str:
    bound = item.binding
    who = bound.subject or f"{bound.workflow} (repository {bound.repository_id}, owner {bound.owner_id})"
    return f"{who}, as {bound.publisher}"
