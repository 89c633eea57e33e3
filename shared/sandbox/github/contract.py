"""GitHub's OpenAPI description as a judge of every request and every answer.

Fields and query parameters that the description does not know are violations. Where the description itself is known
to differ from the service, the difference is spelled out in `NOT_JSON` and `amendments`, each with its reason.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema.protocols import Validator
from jsonschema_path import SchemaPath
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import BasePathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .amendments import amend

DESCRIPTION = Path(__file__).parent.parent / "openapi" / "github.json"

NOT_JSON = frozenset({f"application/vnd.github.{flavour}" for flavour in ("diff", "raw", "sha")})
"""Media types of bytes and text, documented in prose ("Media types"); there is nothing in their bodies to check."""

_HOST = "http://sandbox"


@dataclass
class Asked:
    """A request as openapi-core's `Request` protocol wants it, already routed.

    `path_pattern` and `parameters.path` come from our router, because openapi-core cannot match a `{path}` or `{ref}`
    of several segments.
    """

    host_url: str
    path: str
    path_pattern: str
    method: str
    body: bytes | None
    content_type: str
    parameters: RequestParameters

    @classmethod
    def of(
        cls, method: str, template: str, *, path: Mapping[str, str], query: Mapping[str, str], body: bytes | None
    ) -> Asked:
        return cls(
            host_url=_HOST,
            path=template,
            path_pattern=template,
            method=method.lower(),
            body=body or None,
            content_type="application/json",
            parameters=RequestParameters(
                query=ImmutableMultiDict(query), header=Headers(), cookie=ImmutableMultiDict(), path=dict(path)
            ),
        )


@dataclass(frozen=True)
class Answered:
    """A response as openapi-core's `Response` protocol wants it."""

    status_code: int
    content_type: str
    headers: Headers
    data: bytes | None


class Contract:
    """The loaded description. Thread-safe; one is enough for a process (`contract()`)."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._paths: dict[str, dict[str, Any]] = description["paths"]
        self._parameters = _query_parameters(description)
        self._lock = threading.Lock()
        amended = amend(description)
        self._requests = OpenAPI.from_dict(amended, config=_config(OAS30WriteValidator))
        self._answers = OpenAPI.from_dict(amended, config=_config(OAS30ReadValidator))

    def serves(self, method: str, template: str) -> bool:
        return method.lower() in self._paths.get(template, {})

    def request_violation(self, asked: Asked) -> str | None:
        """What is wrong with a request, None when nothing is."""
        known = self._parameters[asked.method, asked.path_pattern]
        unknown = sorted(set(asked.parameters.query) - known)
        if unknown:
            return f"query parameters {unknown} are not among {sorted(known)}"
        with self._lock:
            try:
                self._requests.validate_request(asked)
            except OpenAPIError as error:
                return _explain(error)
        return None

    def response_violation(self, asked: Asked, answered: Answered) -> str | None:
        """What is wrong with an answer to that request, None when nothing is."""
        if answered.content_type in NOT_JSON:
            return None
        with self._lock:
            try:
                self._answers.validate_response(asked, answered)
            except OpenAPIError as error:
                return _explain(error)
        return None


@functools.cache
def contract() -> Contract:
    """The description that ships with the sandbox, loaded once."""
    return Contract(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


def _config(validator: type[Validator]) -> Config:
    return Config(
        spec_validator_cls=None,  # type: ignore[arg-type]  # documented value: GitHub's description is not judged
        additional_properties_default_policy="forbid",
        path_finder_cls=_RoutedPaths,
        extra_media_type_deserializers={"application/vnd.github.object": json.loads},
        schema_validators_factory=_RememberedValidators(validator),
    )


class _RememberedValidators(SchemaValidatorsFactory):
    """Builds the validator of a schema once: openapi-core makes one, and a class for it, at every check."""

    def __init__(self, validator: type[Validator]) -> None:
        super().__init__(validator)
        self._made: dict[SchemaPath, SchemaValidator] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *rest: Any, **options: Any) -> SchemaValidator:
        if schema not in self._made:
            self._made[schema] = super().create(spec, schema, *rest, **options)
        return self._made[schema]


class _RoutedPaths(BasePathFinder):
    """Finds an operation by its exact template: our router has matched the path already."""

    def find(self, method: str, name: str) -> PathOperationServer:
        template = name.removeprefix(_HOST)
        path, routed = self.spec / "paths" / template, TemplateResult(template, {})
        return PathOperationServer(path, path / method, self.spec / "servers" / 0, routed, routed)


def _query_parameters(description: dict[str, Any]) -> dict[tuple[str, str], frozenset[str]]:
    named = description["components"].get("parameters", {})
    known: dict[tuple[str, str], frozenset[str]] = {}
    for template, item in description["paths"].items():
        for method, operation in item.items():
            listed = operation["parameters"]
            parameters = [named[entry["$ref"].rsplit("/", 1)[1]] if "$ref" in entry else entry for entry in listed]
            known[method, template] = frozenset(p["name"] for p in parameters if p["in"] == "query")
    return known


def _explain(error: BaseException) -> str:
    """The innermost reasons, each with where in the body it is."""
    cause = error.__cause__
    found = getattr(cause if cause is not None else error, "schema_errors", None)
    if found:
        return "; ".join(f"{'/'.join(map(str, e.absolute_path)) or 'body'}: {e.message}"[:2000] for e in _leaves(found))
    return f"{error}: {cause}" if cause is not None else str(error)


def _leaves(errors: Any) -> list[Any]:
    leaves = []
    for error in errors:
        leaves.extend(_leaves(error.context) if error.context else [error])
    return leaves
