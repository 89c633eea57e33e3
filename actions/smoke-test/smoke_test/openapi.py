"""An OpenAPI document as a plan: every GET that needs no parameter must answer as it is described. Pure.

Rules: OpenAPI 3.0.4 and 3.1.1, sections "Paths Object", "Operation Object", "Responses Object", "Schema Object".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from actionkit import values, yamlcore
from actionkit.errors import Complaint, UsageError
from actionkit.outcome import Problem, Severity
from actionkit.web.statuses import Statuses, statuses
from smoke_test.model import Bodies, Place, Plan, Send, Step, Test
from smoke_test.openapi_schemas import DEEPEST, alone

DOCUMENT_LIMIT = 8 * 1024 * 1024
"""Bytes of a document. The largest public descriptions are of that size, and are cut into files by their owners."""

SECURED = (401, 403)
"""What an operation that wants credentials may answer instead, where its description says so."""

_VERSION = re.compile(r"3\.[01]\.\d+")
_STATUS = re.compile(r"[1-5](?:\d\d|xx)", re.ASCII)
_SERVER_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Described:
    """The plan, and the schemas its steps name as if they were files: `files` by path."""

    plan: Plan
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Body:
    """The bodies of some statuses: media type, path of the schema ("" for none) and the schema."""

    statuses: Statuses
    media: tuple[tuple[str, str, Any], ...]


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
            node = self.at(ref)
        return {}

    def at(self, ref: str) -> Any:
        """What a reference within this document names, None where it leads nowhere or out of it."""
        node: Any = self.root
        if not ref.startswith("#/"):
            return None
        for part in unquote(ref[2:]).split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list):
                node = node[int(key)] if key.isdecimal() and int(key) < len(node) else None
            else:
                node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def leads_out(self, node: Any) -> bool:
        """Whether a node is a `$ref` that nothing in this document answers."""
        return isinstance(node, Mapping) and "$ref" in node and not self.resolved(node)

    def line_of(self, *keys: str) -> int | None:
        found = self.lines.lines.get(keys) if self.lines else None
        return found.key if found else None


def read(data: bytes, path: str, base_url: str = "") -> Described:
    """The plan that a document means. `base_url` goes before the document's first server, and stands for it where that
    is absolute. Raises UsageError for a document that is no OpenAPI 3, or describes no GET that can be asked."""
    document = _opened(data, path)
    asked, notes, refusable = [], [], []
    for route, item in _mapping(document.root.get("paths")).items():
        name, place = f"GET {route}", Place(path, document.line_of("paths", route))
        operation = document.resolved(document.resolved(item).get("get"))
        if why := _left_out(document, route, item, operation):
            notes.append(_note(place, f"{name} was not asked: {why}"))
        if why or not operation:
            continue
        answers = _answers(document, operation)
        asked.append(_asked(document, name, place, answers))
        refusable += [name] * any(str(status) in answers for status in SECURED)
        if any(document.leads_out(one) for one in _mapping(operation.get("responses")).values()):
            notes.append(_note(place, f"{name}: an answer is described in another file, which is not read"))
    if not asked:
        first = f": {notes[0].message}" if notes else ""
        fix = "Describe a GET without required parameters, or write a plan."
        raise UsageError([Complaint(f"{path} describes no GET that needs no parameter{first}", fix, path)])
    if refusable:
        notes.append(_refused(path, refusable))
    tests = tuple(Test(name=step.name, steps=(step,)) for step, _ in asked)
    files = {file: schema for _, schemas in asked for file, schema in schemas.items()}
    url = _server(document, base_url)
    return Described(Plan(path=path, base_url=url, tests=tests, notes=tuple(notes)), files)


def _asked(
    document: _Document, name: str, place: Place, answers: Mapping[str, Mapping[str, Any]]
) -> tuple[Step, dict[str, bytes]]:
    """The step that asks, and the schemas that it names."""
    bodies = _bodies(answers, f"{document.path}#{name}")
    is_30 = str(document.root["openapi"]).startswith("3.0")
    step = Step(
        name=name,
        send=Send(method="GET", url=name.removeprefix("GET "), headers=(("Accept", _accept(answers)),)),
        place=place,
        status=statuses(" ".join(answers)),
        bodies=tuple(Bodies(body.statuses, tuple(one[:2] for one in body.media)) for body in bodies),
    )
    schemas = [one[1:] for body in bodies for one in body.media if one[1]]
    return step, {file: json.dumps(alone(schema, document.at, is_30=is_30)).encode() for file, schema in schemas}


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


def _left_out(document: _Document, route: str, item: Any, operation: Mapping[str, Any]) -> str:
    """Why the GET of a path is not asked, "" if it is, or if there is none."""
    if document.leads_out(item) or document.leads_out(document.resolved(item).get("get")):
        return "it is described in another file, which is not read; bundle them into one"
    if not operation:
        return ""
    if needs := _needs(document, route, item, operation):
        return f"it needs {needs}"
    if _list(operation.get("servers")) or _list(document.resolved(item).get("servers")):
        return "it names `servers` of its own"
    return "" if _answers(document, operation) else "no status of success is described for it"


def _needs(document: _Document, route: str, item: Any, operation: Mapping[str, Any]) -> str:
    """What a request would have to be given: the names of required parameters; "" where it needs none."""
    names = list(re.findall(r"\{([^{}]+)\}", route))
    known = {}
    for parameter in (*_list(document.resolved(item).get("parameters")), *_list(operation.get("parameters"))):
        described = document.resolved(parameter)
        known[str(described.get("name")), str(described.get("in"))] = (
            described  # the operation's own comes last, and wins
        )
    names += [name for (name, where), one in known.items() if one.get("required") is True and where != "path"]
    return ", ".join(values.quoted(name) for name in dict.fromkeys(names))


def _answers(document: _Document, operation: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What is described of success and redirection by status; where credentials are wanted also of their refusal.

    `default` stands for what no status is described for: for success only where none of it is.
    """
    described = {str(status).lower(): one for status, one in _mapping(operation.get("responses")).items()}
    good = {status: one for status, one in described.items() if _STATUS.fullmatch(status) and status[0] in "23"}
    if not good and "default" in described:
        return {"2xx": document.resolved(described["default"])}
    if good and _secured(document, operation):
        good |= {status: one for status, one in described.items() if status in map(str, SECURED)}
    return {status: document.resolved(one) for status, one in good.items()}


def _secured(document: _Document, operation: Mapping[str, Any]) -> bool:
    wanted = _list(operation.get("security", document.root.get("security")))
    return bool(wanted) and {} not in wanted


def _accept(answers: Mapping[str, Mapping[str, Any]]) -> str:
    types = [str(media) for response in answers.values() for media in _mapping(response.get("content"))]
    return ", ".join(dict.fromkeys([*types, "*/*"])) if all("\n" not in media for media in types) else "*/*"


def _bodies(answers: Mapping[str, Mapping[str, Any]], file: str) -> tuple[_Body, ...]:
    """The bodies that are described, of a single status before those of a class of them."""
    made = []
    for status, response in sorted(answers.items(), key=lambda one: "x" in one[0]):
        content = _mapping(response.get("content"))
        media = []
        for kind, described in content.items():
            schema = _mapping(described).get("schema")
            several = f" {kind}" if len(content) > 1 else ""
            media.append((str(kind), f"{file} {status}{several}" if schema is not None else "", schema))
        made.append(_Body(statuses(status), tuple(media)))
    return tuple(made)


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
