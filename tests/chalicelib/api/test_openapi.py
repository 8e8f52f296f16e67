from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from chalicelib.api.routes import ROUTES
from tests.support.api_client import ApiClient


def test_the_document_is_valid_openapi(api: ApiClient) -> None:
    served = api("GET", "/v1/openapi.json").json
    validate(served, cls=OpenAPIV31SpecValidator)
    assert served == api.description


def test_every_route_is_in_it_once(api: ApiClient) -> None:
    described = {
        (method.upper(), path, operation["operationId"])
        for path, methods in api.description["paths"].items()
        for method, operation in methods.items()
    }
    assert described == {(route.method, route.path, route.operation) for route in ROUTES}
    assert len({route.operation for route in ROUTES}) == len(ROUTES)


def test_every_route_of_the_application_is_described() -> None:
    from app import app

    served = {(m, path) for path, methods in app.routes.items() for m in methods if m != "HEAD"}
    assert served == {(route.method, route.path) for route in ROUTES}


def test_requests_forbid_unknown_keys(api: ApiClient) -> None:
    schemas = api.description["components"]["schemas"]
    requests = {route.request.__name__ for route in ROUTES if route.request}
    assert requests
    assert all(schemas[name]["additionalProperties"] is False for name in requests)


def test_a_route_that_needs_a_token_says_so(api: ApiClient) -> None:
    paths = api.description["paths"]
    assert paths["/v1/publishes"]["post"]["security"] == [{"token": []}]
    assert {} in paths["/v1/search"]["get"]["security"]
