"""Where GitHub's description says less, or something else, than its documentation and its service do."""

from __future__ import annotations

from typing import Any


def amend(description: dict[str, Any]) -> dict[str, Any]:
    """The description, changed in place, so that it lets through what the service really answers and takes.

    - Any endpoint may answer 401, 403, 404, 422, 429 and 5xx ("Troubleshooting the REST API", "Rate limits").
    - Every error body carries `status`; the schemas of validation errors leave it out, and where an error has one of
      two schemas it may have both.
    - `nullable` beside `oneOf` or `enum` means that null is fine, though in OpenAPI 3.0 it then has no effect.
    - `allOf` of a schema and a few more fields means one object with all the fields; with unknown fields forbidden
      either half would forbid the other's.
    - `created` of workflow runs takes the search syntax (`>=2026-01-01`), not one date-time.
    """
    error = {"$ref": "#/components/schemas/basic-error"}
    schemas = description["components"]["schemas"]
    for item in description["paths"].values():
        for operation in item.values():
            _amend_errors(operation["responses"], error)
    schemas["validation-error"]["properties"]["status"] = {"type": "string"}
    _amend_schemas(description, schemas)
    for parameter in _parameters(description, "created"):
        parameter["schema"].pop("format", None)
    return description


def _amend_errors(responses: dict[str, Any], error: dict[str, str]) -> None:
    for status, response in responses.items():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if status.startswith("4") and "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    for status in ("4XX", "5XX"):
        responses[status] = {"description": "", "content": {"application/json": {"schema": error}}}


def _amend_schemas(node: Any, schemas: dict[str, Any]) -> None:
    if isinstance(node, list):
        for item in node:
            _amend_schemas(item, schemas)
    elif isinstance(node, dict):
        if node.get("nullable") is True:
            _let_null_through(node)
        if "allOf" in node:
            _join(node, schemas)
        for value in node.values():
            _amend_schemas(value, schemas)


def _let_null_through(schema: dict[str, Any]) -> None:
    if "oneOf" in schema:
        schema["oneOf"].append({"type": "object", "nullable": True, "enum": [None]})
    if None not in schema.get("enum", [None]):
        schema["enum"].append(None)


def _join(schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    parts = [schemas[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part for part in schema.pop("allOf")]
    schema["type"] = "object"
    schema["properties"] = {name: value for part in parts for name, value in part.get("properties", {}).items()}
    schema["required"] = sorted({name for part in parts for name in part.get("required", ())})


def _parameters(description: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in description["components"]["parameters"].values() if one["name"] == name]
