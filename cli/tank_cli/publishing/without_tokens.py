"""Who publishes for an organisation that forbids tokens: builds, each with a ticket, and nobody else.

Only an owner can judge whether that leaves a skill without anybody, so it is told
for all of them: the registry refuses only what would leave nobody at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from tank_core.wire.bindings import BindingList, OrgBindingDocument


def lines_of(listed: BindingList, now: int) -> Iterator[str]:
    """Yields for every skill with bindings of its own, and for the others, who can publish it.

    Args:
        listed: the organisation's bindings, announced ones too.
        now: seconds since the epoch.
    """
    in_force = [item for item in listed.items if _counts_at(item, now)]
    yield "Without tokens, these can publish:"
    for skill in (*sorted({item.skill for item in in_force} - {""}), ""):
        builds = [item.binding for item in in_force if item.skill == skill and not item.binding.subject]
        who = ", ".join(dict.fromkeys(f"{build.workflow} as {build.publisher}" for build in builds))
        yield f"  {skill or f'every other skill of @{listed.org}'}: {who or 'nobody'}"
    yield "People cannot, those who sign in the browser included: they upload with a token."


def _counts_at(item: OrgBindingDocument, now: int) -> bool:
    return item.effective_at <= now and (item.ends_at is None or now < item.ends_at)
