from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actionkit.asserts.answers import an_answer

from actionkit.errors import UsageError
from smoke_test import openapi
from smoke_test.described import expected_body
from smoke_test.model import Step
from smoke_test.openapi import Described
from smoke_test.schema_check import Schemas

SHOP = """\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
servers:
  - url: https://{host}/v1
    variables: {host: {default: shop.example.com}}
paths:
  /version:
    get:
      responses:
        200:
          description: The version
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Version'}
  /items/{sku}:
    get:
      parameters: [{name: sku, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
  /search:
    get:
      parameters:
        - {name: q, in: query, required: true, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      responses: {'200': {description: ok}}
  /items:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {'2XX': {description: ok}, '500': {description: broken}}
  /me:
    get:
      security: [{token: []}]
      responses: {'200': {description: ok}, '401': {description: who}, '404': {description: gone}}
  /any:
    get:
      responses: {default: {description: anything}}
  /broken:
    get:
      responses: {'500': {description: broken}}
  /elsewhere: {$ref: 'paths/elsewhere.yaml'}
  /cdn:
    servers: [{url: 'https://cdn.example.com'}]
    get:
      responses: {'200': {description: ok}}
  /orders:
    post:
      responses: {'201': {description: made}}
components:
  schemas:
    Version:
      type: object
      required: [version, secret]
      properties:
        version: {type: string}
        previous: {type: string, nullable: true, enum: [a]}
        secret: {type: string, writeOnly: true}
        share: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: false}
"""


def described(text: str = SHOP, base_url: str = "") -> Described:
    return openapi.read(text.encode(), "api/openapi.yaml", base_url)


def steps(found: Described) -> dict[str, Step]:
    return {step.name: step for test in found.plan.tests for step in test.steps}


def schema_for(step: Step, status: int, media: str) -> str:
    """The schema that an answer is held against; "none" where its media type is not described."""
    headers = (("Content-Type", media),) if media else ()
    said = an_answer(status=status, headers=headers)
    expected = expected_body(step, said)
    return "none" if expected.others else expected.schema


def test_every_get_without_required_parameters_is_a_test_that_expects_what_is_described() -> None:
    found = described()
    assert {name: str(step.status) for name, step in steps(found).items()} == {
        "GET /version": "200",
        "GET /items": "2xx",
        "GET /me": "200 401",
        "GET /any": "2xx",
    }
    assert steps(found)["GET /version"].place.line == 7
    assert steps(found)["GET /version"].send.headers == (("Accept", "application/json, */*"),)
    assert found.plan.base_url == "https://shop.example.com/v1"


def test_what_is_not_asked_is_said_with_its_reason() -> None:
    assert [note.message for note in described().plan.notes] == [
        "GET /items/{sku} was not asked: it needs `sku`",
        "GET /search was not asked: it needs `q`",
        "GET /broken was not asked: no status of success is described for it",
        "GET /elsewhere was not asked: it is described in another file, which is not read; bundle them into one",
        "GET /cdn was not asked: it names `servers` of its own",
        "GET /me wants credentials, and being refused as described counts as passed",
    ]


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"version": "1"}, ""),
        ({"version": "1", "previous": None, "share": 0.5}, ""),
        ({"version": "1", "previous": "b"}, "$.previous"),
        ({"version": "1", "share": 0}, "$.share"),
        ({"version": "1", "share": 1}, ""),
        ({"version": 1}, "$.version"),
        ({}, "version"),
        ([], "$"),
    ],
)
def test_bodies_are_held_against_the_schema_as_openapi_3_0_means_it(answer: Any, wrong: str) -> None:
    found = described()
    schemas = Schemas(lambda path: found.files[path])
    mismatches = schemas.mismatches(schema_for(steps(found)["GET /version"], 200, "application/json"), answer)
    assert [wrong in str(one) for one in mismatches] == [True] * bool(wrong)


def test_schemas_of_3_1_are_json_schema_already() -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/x": {
                "$ref": "#/components/pathItems/x",
            }
        },
        "components": {
            "pathItems": {"x": {"get": {"responses": {"200": {"$ref": "#/components/responses/x"}}}}},
            "responses": {"x": {"content": {"application/problem+json": {"schema": {"type": ["string", "null"]}}}}},
        },
    }
    found = described(json.dumps(document))
    schemas = Schemas(lambda path: found.files[path])
    (step,) = steps(found).values()
    schema = schema_for(step, 200, "application/problem+json")
    assert schemas.mismatches(schema, None) == ()
    assert schemas.mismatches(schema, 1) != ()
    assert found.plan.base_url == ""
    assert step.place.line is None


JSON: Any = {"application/json": {"schema": {"type": "object"}}}


def asked(responses: Any, **more: Any) -> Step:
    get = {"responses": responses, **more}
    (step,) = steps(described(json.dumps({"openapi": "3.0.0", "paths": {"/x": {"get": get}}}))).values()
    return step


def test_each_status_has_the_body_that_is_described_for_it_and_no_other() -> None:
    no = {"content": {"application/json": {"schema": {"type": "string"}}}}
    responses = {"2XX": {"content": JSON}, "204": {"content": JSON}, "202": {}, "401": no}
    step = asked(responses, security=[{"token": []}])
    assert str(step.status) == "2xx 204 202 401"
    found = {status: schema_for(step, status, "application/json") for status in (200, 202, 204, 401)}
    assert found == {
        200: "api/openapi.yaml#GET /x 2xx",
        202: "",
        204: "",
        401: "api/openapi.yaml#GET /x 401",
    }


@pytest.mark.parametrize(
    ("content", "media", "held"),
    [
        ({}, "text/html", ""),
        (JSON, "Application/JSON; charset=utf-8", " 200"),
        (JSON, "application/hal+json", " 200"),
        (JSON, "", " 200"),
        (JSON, "text/html", "none"),
        ({"application/json": {}}, "text/html", "none"),
        ({"text/html": {}, **JSON}, "text/html", ""),
        ({"text/html": {}, **JSON}, "application/json", " 200 application/json"),
        ({"text/html": {"schema": {"type": "string"}}}, "text/html", ""),
        ({"*/*": {"schema": {"type": "object"}}}, "application/json", " 200"),
        ({"*/*": {"schema": {"type": "object"}}}, "text/html", ""),
        ({"image/*": {}}, "image/png", ""),
        ({"image/*": {}}, "text/html", "none"),
    ],
)
def test_the_media_type_of_an_answer_chooses_its_schema(content: Any, media: str, held: str) -> None:
    schema = schema_for(asked({"200": {"content": content}}), 200, media)
    assert schema.removeprefix("api/openapi.yaml#GET /x") == held


def test_a_schema_may_refer_to_any_place_of_the_document() -> None:
    first = {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "integer"}}}}}}}
    ref = "#/paths/~1a%20b/get/responses/200/content/application~1json/schema"
    second = {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": ref}}}}}}}
    found = described(json.dumps({"openapi": "3.1.0", "paths": {"/a b": first, "/c": second}}))
    schemas = Schemas(lambda path: found.files[path])
    schema = schema_for(steps(found)["GET /c"], 200, "application/json")
    assert [len(schemas.mismatches(schema, answer)) for answer in (1, "1")] == [0, 1]


@pytest.mark.parametrize(
    ("server", "given", "used"),
    [
        ("https://shop.example.com/v1", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("/v1/", "http://127.0.0.1:8080/app", "http://127.0.0.1:8080/app/v1"),
        ("/", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("/v1", "", ""),
        ("http://[broken", "", ""),
    ],
)
def test_the_base_url_stands_for_an_absolute_server_and_goes_before_a_relative_one(
    server: str, given: str, used: str
) -> None:
    text = SHOP.replace("https://{host}/v1", server)
    assert described(text, given).plan.base_url == used


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("swagger: '2.0'", "is a Swagger 2.0 document; accepted: OpenAPI 3.0 and 3.1"),
        ("openapi: 4.0.0\npaths: {}", "says `openapi: 4.0.0`"),
        ("info: {}", "does not say `openapi:`"),
        ("openapi: 3.0.0\npaths: {}", "describes no GET that needs no parameter"),
        ("{", "api/openapi.yaml is not JSON"),
        ("[" * 3, "cannot be read|not hold|YAML"),
        ('{"a":' * 5000, "nested too deeply|is not JSON"),
        (
            "openapi: 3.0.0\npaths: {/x: {get: {responses: {'200': {$ref: 'other.yaml#/x'}}}}}\nx: &a [*a]",
            "alias|itself|anchor|loop",
        ),
    ],
)
def test_anything_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        described(text)


def test_a_huge_document_is_refused_before_it_is_read() -> None:
    with pytest.raises(UsageError, match="larger than"):
        openapi.read(b"#" * (openapi.DOCUMENT_LIMIT + 1), "openapi.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "get",
                        "responses",
                        "200",
                        "content",
                        "application/json",
                        "schema",
                        "$ref",
                        "parameters",
                        "required",
                        "type",
                        "servers",
                        "url",
                        "security",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_document_is_a_plan_or_refused(paths: Any) -> None:
    document = {"openapi": "3.0.0", "paths": {"/x": paths}, "servers": paths, "components": paths}
    try:
        found = described(json.dumps(document))
    except UsageError:
        return
    assert steps(found)
