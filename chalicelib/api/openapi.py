"""The OpenAPI 3.1 document, made from the route table and the wire models.

Nothing is described twice: a route that is not in the table does not exist, and a
field that is not in a model is not sent.

Source: OpenAPI Specification 3.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.api.route import Access, Answer, Call, Route
from tank_core.entities import JsonObject
from tank_core.wire.base import AnswerModel, RequestModel
from tank_core.wire.problem import CONTENT_TYPE, ProblemDocument

PATH = "/v1/openapi.json"
_JSON = "application/json"
_DESCRIPTION = (
    "Errors are application/problem+json with code, why and fix. "
    "Times are whole seconds since the Unix epoch, UTC."
)
_REFERENCE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")


def openapi_route(others: Iterable[Route]) -> Route:
    """Returns the route that describes the others and itself."""
    listed = list(others)

    def serve(call: Call) -> Answer:
        return Answer(document(listed, call.ports.settings.public_url))

    own = Route(
        "GET",
        PATH,
        "getOpenApi",
        "This document",
        serve,
        {200: dict},
        "service",
        Access.PUBLIC,
        is_shared=True,
    )
    listed.append(own)
    return own


def document(routes: Iterable[Route], base_url: str) -> JsonObject:
    """Returns the OpenAPI document of a route table.

    Args:
        routes: all routes.
        base_url: of the registry, without a trailing slash.
    """
    listed = sorted(routes, key=lambda route: (route.path, route.method))
    references, definitions = _schemas(listed)
    paths: JsonObject = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tank registry",
            "version": "1",
            "description": _DESCRIPTION,
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(routes: list[Route]) -> tuple[dict[type[BaseModel], JsonObject], JsonObject]:
    """Returns a reference per model, and the definitions that the references lead to."""
    models: dict[type[BaseModel], JsonSchemaMode] = {ProblemDocument: "serialization"}
    for route in routes:
        for answer in route.answers.values():
            if isinstance(answer, type) and issubclass(answer, AnswerModel):
                models[answer] = "serialization"
        if route.request is not None:
            models[route.request] = "validation"
    named = sorted(models, key=lambda model: model.__name__)
    made, generated = models_json_schema([(m, models[m]) for m in named], ref_template=_REFERENCE)
    return {model: dict(made[model, models[model]]) for model in named}, generated["$defs"]


def _operation(route: Route, references: dict[type[BaseModel], JsonObject]) -> JsonObject:
    operation: JsonObject = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.topic],
        "parameters": [*_path_parameters(route), *_query_parameters(route.query)],
        "responses": {
            **{str(status): _response(status, model, references) for status, model in route.answers.items()},
            "default": {
                "description": "A problem, with what to do about it",
                "content": {CONTENT_TYPE: {"schema": references[ProblemDocument]}},
            },
        },
        "security": [{"token": []}] if route.access is Access.TOKEN else [{}, {"token": []}],
    }
    if route.request is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": references[route.request]}},
        }
    return operation


def _response(
    status: int,
    model: type[AnswerModel] | type[JsonObject] | None,
    references: dict[type[BaseModel], JsonObject],
) -> JsonObject:
    response: JsonObject = {"description": HTTPStatus(status).phrase}
    if model is None:
        return response
    schema = references[model] if issubclass(model, AnswerModel) else {"type": "object"}
    return response | {"content": {_JSON: {"schema": schema}}}


def _path_parameters(route: Route) -> list[JsonObject]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(model: type[RequestModel] | None) -> list[JsonObject]:
    if model is None:
        return []
    properties = model.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in sorted(properties.items())
    ]
