"""An OpenAPI document as a plan: every GET that needs no parameter must answer as it is described. Pure.

Rules: OpenAPI 3.0.4 and 3.1.1, sections "Paths Object", "Operation Object", "Responses Object", "Schema Object".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from actionkit import values, yamlcore
from actionkit.errors import Complaint, UsageError
from actionkit.outcome import Problem, Severity
from actionkit.web.statuses import Statuses, statuses
from smoke_test.model import Place, Plan, Send, Step, Test

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENT_LIMIT = 8 * 1024 * 1024
"""Bytes of a document. The largest public descriptions are of that size, and are cut into files by their owners."""

DEEPEST = 100
SECURED = (401, 403)
"""What an operation that wants credentials may answer instead, where its description says so."""

_VERSION = re.compile(r"3\.[01]\.\d+")
_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_SERVER_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Described:
    """The plan, and the schemas its steps name as if they were files: `files` by path."""

    plan: Plan
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Document:
    path: str
    root: Mapping[str, Any]
    lines: yamlcore.Document | None

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """What a node is after its `$ref`s within this document; empty where they lead nowhere."""
        for _ in range(DEEPEST):
            if not isinstance(node, Mapping):
                return {}
            ref = node.get("$ref")
            if not isinstance(ref, str):
                return node
            node = self._at(ref)
        return {}

    def _at(self, ref: str) -> Any:
        node: Any = self.root
        if not ref.startswith("#/"):
            return None
        for part in ref[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def line_of(self, *keys: str) -> int | None:
        found = self.lines.lines.get(keys) if self.lines else None
        return found.key if found else None


def read(data: bytes, path: str, base_url: str = "") -> Described:
    """The plan that a document means. `base_url` goes before the document's first server, and stands for it where that
    is absolute. Raises UsageError for a document that is no OpenAPI 3, or describes no GET that can be asked."""
    document = _opened(data, path)
    steps, files, notes = [], {}, []
    refusable = []
    for route, item in _mapping(document.root.get("paths")).items():
        operation = document.resolved(document.resolved(item).get("get"))
        if not operation:
            continue
        name, place = f"GET {route}", Place(path, document.line_of("paths", route))
        needs = _needs(document, route, item, operation)
        if needs:
            notes.append(_note(place, f"{name} was not asked: it needs {needs}"))
            continue
        found = _expected(document, operation)
        if found is None:
            notes.append(_note(place, f"{name} was not asked: no status of success is described for it"))
            continue
        if any(status in found for status in SECURED):
            refusable.append(name)
        schema = _schema(document, operation, found)
        if schema is not None:
            files[f"{path}#{name}"] = json.dumps(schema[0]).encode()
        steps.append(
            Step(
                name=name,
                send=Send(method="GET", url=route, headers=(("Accept", _accept(document, operation, found)),)),
                place=place,
                status=found,
                json_schema=f"{path}#{name}" if schema is not None else "",
                schema_statuses=schema[1] if schema is not None else None,
            )
        )
    if not steps:
        fix = "Describe a GET without required parameters, or write a plan."
        raise UsageError([Complaint(f"{path} describes no GET that needs no parameter", fix, path)])
    if refusable:
        notes.append(_refused(path, refusable))
    tests = tuple(Test(name=step.name, steps=(step,)) for step in steps)
    url = _server(document, base_url)
    return Described(Plan(path=path, base_url=url, tests=tests, notes=tuple(notes)), files)


def _opened(data: bytes, path: str) -> _Document:
    if len(data) > DOCUMENT_LIMIT:
        raise UsageError([Complaint(f"{path} is larger than {DOCUMENT_LIMIT:,} bytes", "Name a smaller one.", path)])
    if data.lstrip().startswith(b"{"):
        lines, root = None, _json(data, path)
    else:
        lines = yamlcore.read(data)
        if lines.flaws:
            raise UsageError([Complaint(flaw.message, flaw.fix, path, flaw.line) for flaw in lines.flaws])
        root = lines.value
    version = root.get("openapi") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or not isinstance(version, str) or not _VERSION.fullmatch(version):
        given = f"says `openapi: {values.quoted(str(version))[1:-1]}`" if version else "does not say `openapi:`"
        if isinstance(root, Mapping) and "swagger" in root:
            given = f"is a Swagger {values.quoted(str(root['swagger']))[1:-1]} document"
        raise UsageError([Complaint(f"{path} {given}; accepted: OpenAPI 3.0 and 3.1", "Convert it first.", path)])
    return _Document(path, root, lines)


def _json(data: bytes, path: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError([Complaint(f"{path} is not JSON: {reason}", "Correct it.", path)]) from None


def _needs(document: _Document, route: str, item: Any, operation: Mapping[str, Any]) -> str:
    """What a request would have to be given: the names of required parameters; "" where it needs none."""
    names = list(re.findall(r"\{([^{}]+)\}", route))
    for parameter in (*_list(document.resolved(item).get("parameters")), *_list(operation.get("parameters"))):
        described = document.resolved(parameter)
        if described.get("required") is True and described.get("in") != "path":
            names.append(str(described.get("name")))
    return ", ".join(values.quoted(name) for name in dict.fromkeys(names))


def _expected(document: _Document, operation: Mapping[str, Any]) -> Statuses | None:
    """The statuses of success and redirection that are described; where credentials are wanted also their refusal."""
    described = [str(status).upper() for status in _mapping(operation.get("responses"))]
    good = [status for status in described if _STATUS.fullmatch(status) and status[0] in "23"]
    if good and _secured(document, operation):
        good += [status for status in described if status in map(str, SECURED)]
    return statuses(" ".join(good).lower()) if good else None


def _secured(document: _Document, operation: Mapping[str, Any]) -> bool:
    wanted = _list(operation.get("security", document.root.get("security")))
    return bool(wanted) and {} not in wanted


def _responses(
    document: _Document, operation: Mapping[str, Any], expected: Statuses
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for status, response in _mapping(operation.get("responses")).items():
        if str(status).lower() in expected.text.split():
            yield str(status), document.resolved(response)


def _accept(document: _Document, operation: Mapping[str, Any], expected: Statuses) -> str:
    types = [
        str(media)
        for _, response in _responses(document, operation, expected)
        for media in _mapping(response.get("content"))
    ]
    return ", ".join(dict.fromkeys([*types, "*/*"])) if all("\n" not in media for media in types) else "*/*"


def _schema(
    document: _Document, operation: Mapping[str, Any], expected: Statuses
) -> tuple[dict[str, Any], Statuses] | None:
    """One JSON Schema and the statuses whose bodies it describes: those that can be nothing but JSON. None: no such."""
    found = {}
    for status, response in _responses(document, operation, expected):
        content = _mapping(response.get("content"))
        media = [name for name in content if _is_json(str(name))]
        described = _mapping(content.get(media[0])) if len(media) == len(content) == 1 else {}
        if "schema" in described:
            found[status.lower()] = described["schema"]
    if not found:
        return None
    is_30 = str(document.root["openapi"]).startswith("3.0")
    parts = {"components": document.root.get("components", {}), "anyOf": list(found.values())}
    schema = {"$schema": DRAFT, **{key: _converted(part, is_30) for key, part in parts.items()}}
    return schema, statuses(" ".join(found))


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _converted(node: Any, is_30: bool, depth: int = 0) -> Any:
    """A schema as JSON Schema 2020-12 reads it: `nullable` and boolean bounds of OpenAPI 3.0 are written its way, and
    what is `writeOnly` is required of no answer."""
    if depth > DEEPEST:
        return True
    if isinstance(node, list):
        return [_converted(one, is_30, depth + 1) for one in node]
    if not isinstance(node, dict):
        return node
    made = {str(key): _converted(value, is_30, depth + 1) for key, value in node.items()}
    if isinstance(made.get("required"), list) and isinstance(made.get("properties"), dict):
        hidden = {
            name for name, one in made["properties"].items() if isinstance(one, dict) and one.get("writeOnly") is True
        }
        made["required"] = [name for name in made["required"] if name not in hidden]
    return _of_30(made) if is_30 else made


def _of_30(made: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in made:
        return {"$ref": made["$ref"]}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    return made


def _server(document: _Document, base_url: str) -> str:
    servers = _list(document.root.get("servers"))
    first = _mapping(servers[0]) if servers else {}
    known = _mapping(first.get("variables"))
    url = _SERVER_VARIABLE.sub(
        lambda name: str(_mapping(known.get(name[1])).get("default", "")), str(first.get("url", ""))
    )
    try:
        absolute = urlsplit(url).scheme in ("http", "https")
        below = urljoin(f"{base_url.rstrip('/')}/", url.strip("/"))
    except ValueError:
        return base_url
    if not base_url:
        return url if absolute else ""
    return base_url if absolute or not url.strip("/") else below


def _refused(path: str, names: Sequence[str]) -> Problem:
    """What passes although it was turned away has shown little, and whoever reads `pass` should know."""
    several = f"{names[0]} and {len(names) - 1} more want" if len(names) > 1 else f"{names[0]} wants"
    message = f"{several} credentials, and being refused as described counts as passed"
    fix = "Test it in a plan, with `auth` and `secrets`."
    return Problem(message, fix, path=path, severity=Severity.WARNING)


def _note(place: Place, message: str) -> Problem:
    return Problem(message, path=place.path, line=place.line, severity=Severity.NOTICE)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
