"""The shop's description of itself, OpenAPI 3.0.3. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]


def document(version: str) -> Object:
    """The whole document of the release with this version."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": version},
        "paths": {path: dict(operations) for path, operations in _PATHS.items()},
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _object(properties: Mapping[str, Object], *, closed: bool = True) -> Object:
    return {
        "type": "object",
        "required": list(properties),
        "properties": dict(properties),
        "additionalProperties": not closed,
    }


_TEXT: Object = {"type": "string"}
_WHOLE: Object = {"type": "integer"}
_SCHEMAS: dict[str, Object] = {
    "Health": _object(
        {
            "version": _TEXT,
            "build": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
            "status": {"type": "string", "enum": ["ok"]},
        }
    ),
    "Item": _object(
        {
            "sku": {"type": "string", "pattern": "^[A-Z]-[0-9]{3}$"},
            "name": _TEXT,
            "price": {"type": "number", "minimum": 0},
            "tags": {"type": "array", "items": _TEXT, "minItems": 1},
            "stock": {"type": "integer", "minimum": 0},
            "last_backup": {"type": "string", "format": "date-time"},
        }
    ),
    "Items": _object({"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}),
    "Order": _object(
        {
            "id": _TEXT,
            "sku": _TEXT,
            "quantity": _WHOLE,
            "state": {"type": "string", "enum": ["pending", "ready", "failed"]},
        }
    ),
    "Token": _object({"token": _TEXT, "user": _TEXT}),
    "Cookies": _object({"cookies": {"type": "object", "additionalProperties": _TEXT}}),
    "Slept": _object({"slept_ms": _WHOLE}),
    "Build": _object({"build": _TEXT}, closed=False),
    "Problem": _object({"status": _WHOLE, "title": _TEXT, "detail": _TEXT}),
}


def _answer(description: str, media: str = "", schema: str = "") -> Object:
    if not media:
        return {"description": description}
    shape: Object = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "string"}
    return {"description": description, "content": {media: {"schema": shape}}}


def _json(schema: str) -> Object:
    return _answer(schema, "application/json", schema)


_REFUSED = _answer("Refused", "application/problem+json", "Problem")
_PAGE = {"200": _answer("A page", "text/html")}
_MOVED = _answer("Elsewhere, see Location")


def _takes(properties: Mapping[str, Object], required: list[str]) -> Object:
    schema = {"type": "object", "required": required, "properties": dict(properties)}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, place: str, schema: Object) -> Object:
    return {"name": name, "in": place, "required": True, "schema": schema}


_SECURE: Object = {"security": [{"token": []}]}
_PATHS: dict[str, dict[str, Object]] = {
    "/health": {"get": {"responses": {"200": _json("Health")}}},
    "/version": {"get": {"responses": {"200": _json("Health")}}},
    "/api/login": {
        "post": {
            "requestBody": _takes({"user": _TEXT, "password": _TEXT}, ["user", "password"]),
            "responses": {"200": _json("Token"), "401": _REFUSED, "422": _REFUSED},
        }
    },
    "/api/logout": {"post": {**_SECURE, "responses": {"204": _answer("Done"), "401": _REFUSED}}},
    "/api/items": {"get": {"responses": {"200": _json("Items")}}},
    "/api/items/{sku}": {
        "get": {
            **_SECURE,
            "parameters": [_parameter("sku", "path", _TEXT)],
            "responses": {"200": _json("Item"), "401": _REFUSED, "404": _REFUSED},
        }
    },
    "/api/orders": {
        "post": {
            **_SECURE,
            "requestBody": _takes({"sku": _TEXT, "quantity": _WHOLE}, ["sku"]),
            "responses": {"201": _json("Order"), "401": _REFUSED, "422": _REFUSED},
        }
    },
    "/api/orders/{id}": {
        "get": {
            "parameters": [_parameter("id", "path", _TEXT)],
            "responses": {"200": _json("Order"), "404": _REFUSED},
        }
    },
    "/api/order": {"get": {"responses": {"200": _json("Order"), "404": _REFUSED}}},
    "/slow": {
        "get": {
            "parameters": [_parameter("ms", "query", _WHOLE)],
            "responses": {"200": _json("Slept"), "422": _REFUSED},
        }
    },
    "/etag": {"get": {"responses": {"200": _json("Build"), "304": _answer("Unchanged")}}},
    "/gzip": {"get": {"responses": {"200": _json("Build")}}},
    "/cookie": {"get": {"responses": {"200": _json("Cookies")}}},
    "/metrics": {"get": {"responses": {"200": _answer("Counters", "text/plain")}}},
    "/old": {"get": {"responses": {"301": _MOVED}}},
    "/": {"get": {"responses": _PAGE}},
    "/home": {"get": {"responses": _PAGE}},
    "/login": {"get": {"responses": _PAGE}},
    "/private": {"get": {"responses": {**_PAGE, "302": _MOVED}}},
}
