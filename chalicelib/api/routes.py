"""The table of all routes: what the application serves and the OpenAPI document describes."""

from __future__ import annotations

from chalicelib.api import accounts, appeals, bindings, management, publishes, service, skills, tickets
from chalicelib.api.openapi import openapi_route
from chalicelib.api.route import Route

_TOPICS: tuple[Route, ...] = (
    *service.ROUTES,
    *accounts.ROUTES,
    *bindings.ROUTES,
    *tickets.ROUTES,
    *publishes.ROUTES,
    *skills.ROUTES,
    *management.ROUTES,
    *appeals.ROUTES,
)

ROUTES: tuple[Route, ...] = (*_TOPICS, openapi_route(_TOPICS))
