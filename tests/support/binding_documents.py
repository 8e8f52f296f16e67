"""The answer of ``GET /v1/orgs/{org}/bindings``, made by the wire types themselves."""

from __future__ import annotations

from typing import Any

from tank_core.binding import Binding
from tank_core.trusted_publishing import OrgBinding
from tank_core.wire.bindings import BindingList, OrgBindingDocument, TokenRuleDocument


def org_binding(
    binding: Binding, *, skill: str = "", effective_at: int = 0, ends_at: int | None = None
) -> OrgBinding:
    """Returns a binding that counts now, unless the arguments say otherwise."""
    return OrgBinding("01J", binding, "ada", 0, effective_at, skill=skill, ends_at=ends_at)


def bindings_document(*bindings: OrgBinding, forbidden: bool = False) -> dict[str, Any]:
    """Returns the JSON document of @acme's bindings."""
    items = tuple(OrgBindingDocument.model_validate(binding) for binding in bindings)
    rule = TokenRuleDocument(forbidden=forbidden, until=None)
    return BindingList(org="acme", items=items, token_rule=rule).model_dump(mode="json")
