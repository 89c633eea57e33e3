"""The slice of GitHub's description: what is kept, what is dropped, and that it says where it came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maintain.openapi_extract import OPERATIONS, extract, main, references, slim
from sandbox.github.contract import DESCRIPTION
from sandbox.github.routes import ROUTES


def description() -> dict[str, Any]:
    """A description with what matters: a response of its own, one by reference, a cycle, a field named `title`."""
    ref = "#/components/schemas/"
    node = {"type": "object", "description": "prose", "properties": {"title": {"type": "string", "title": "prose"}}}
    node["properties"]["next"] = {"$ref": f"{ref}node"}  # type: ignore[index]
    listed = {
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": f"{ref}node"}}}}}
    }
    listed["responses"]["404"] = {"$ref": "#/components/responses/not_found"}
    return {
        "openapi": "3.0.3",
        "info": {"version": "1.2.3", "title": "prose"},
        "paths": {
            "/used": {"get": {**listed, "x-github": {}}, "parameters": [{"$ref": "#/components/parameters/p"}]},
            "/unused": {"get": {"responses": {"200": {"content": {"x": {"schema": {"$ref": f"{ref}unused"}}}}}}},
        },
        "components": {
            "schemas": {"node": node, "unused": {}, "basic-error": {"type": "object"}, "validation-error": {}},
            "responses": {"not_found": {"description": "prose", "content": {}}},
            "parameters": {"p": {"name": "p", "in": "query", "example": 1, "schema": {"type": "string"}}},
        },
    }


def test_only_the_operations_asked_for_and_what_they_reach_are_kept() -> None:
    slice_: Any = extract(description(), {"/used": ("get",)})
    assert list(slice_["paths"]) == ["/used"]
    assert sorted(slice_["components"]["schemas"]) == ["basic-error", "node", "validation-error"]
    assert slice_["paths"]["/used"]["get"]["parameters"] == [{"$ref": "#/components/parameters/p"}]
    assert slice_["components"]["parameters"]["p"] == {"name": "p", "in": "query", "schema": {"type": "string"}}
    assert slice_["components"]["responses"]["not_found"] == {"description": "", "content": {}}
    assert slice_["info"]["version"] == "npm @octokit/openapi 1.2.3"


def test_prose_goes_but_a_property_of_that_name_stays() -> None:
    node: Any = slim(description()["components"]["schemas"]["node"])
    assert node == {
        "type": "object",
        "properties": {"title": {"type": "string"}, "next": {"$ref": "#/components/schemas/node"}},
    }


def test_references_are_found_in_lists_too() -> None:
    assert list(references([{"oneOf": [{"$ref": "#/components/schemas/a"}]}])) == [("schemas", "a")]


def test_the_same_description_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = description()
    whole["paths"] = {template: {m: {"responses": {}} for m in methods} for template, methods in OPERATIONS.items()}
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text(json.dumps(whole))
    other.write_text(json.dumps(dict(reversed(whole.items()))))
    assert main([str(one)]) == 0
    first = capsys.readouterr().out
    assert main([str(other)]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("content", ["not json", '{"info": {"version": "1"}, "paths": {}}', '{"paths": {"/meta": 7}}'])
def test_what_is_no_description_is_named(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "api.json"
    file.write_text(content)
    assert main([str(file)]) == 2
    assert "api.github.com.json" in capsys.readouterr().err


def test_a_wrong_call_says_how_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_slice_that_ships_has_every_operation_that_is_served_and_no_other() -> None:
    shipped = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    described = {(method.upper(), path) for path, item in shipped["paths"].items() for method in item}
    assert described == {(route.method, route.template) for route in ROUTES}
    assert described == {(method.upper(), path) for path, methods in OPERATIONS.items() for method in methods}
    assert shipped["info"]["version"].startswith("npm @octokit/openapi ")
