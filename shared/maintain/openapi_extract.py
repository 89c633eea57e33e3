"""Cut GitHub's OpenAPI description down to the operations that the embedded GitHub serves.

    python -m maintain.openapi_extract node_modules/@octokit/openapi/generated/api.github.com.json \
        > shared/sandbox/openapi/github.json

The full description is 13 MB; it comes with the npm package `@octokit/openapi` (MIT), whose version is written into
`info.version`. Kept: the operations below, and every component they reach. Dropped: prose, examples, `x-` keys and
discriminators, which say nothing that a validator must know. The same input always gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Object = dict[str, Json]

_REPO = "/repos/{owner}/{repo}"

OPERATIONS: dict[str, tuple[str, ...]] = {
    "/meta": ("get",),
    "/rate_limit": ("get",),
    "/user": ("get",),
    _REPO: ("get",),
    f"{_REPO}/actions/artifacts": ("get",),
    f"{_REPO}/actions/artifacts/{{artifact_id}}": ("get", "delete"),
    f"{_REPO}/actions/artifacts/{{artifact_id}}/{{archive_format}}": ("get",),
    f"{_REPO}/actions/runs": ("get",),
    f"{_REPO}/actions/runs/{{run_id}}": ("get",),
    f"{_REPO}/actions/runs/{{run_id}}/artifacts": ("get",),
    f"{_REPO}/actions/runs/{{run_id}}/jobs": ("get",),
    f"{_REPO}/actions/workflows": ("get",),
    f"{_REPO}/actions/workflows/{{workflow_id}}": ("get",),
    f"{_REPO}/actions/workflows/{{workflow_id}}/runs": ("get",),
    f"{_REPO}/branches": ("get",),
    f"{_REPO}/branches/{{branch}}": ("get",),
    f"{_REPO}/code-scanning/alerts": ("get",),
    f"{_REPO}/code-scanning/analyses": ("get",),
    f"{_REPO}/code-scanning/sarifs": ("post",),
    f"{_REPO}/code-scanning/sarifs/{{sarif_id}}": ("get",),
    f"{_REPO}/commits": ("get",),
    f"{_REPO}/commits/{{commit_sha}}/pulls": ("get",),
    f"{_REPO}/commits/{{ref}}": ("get",),
    f"{_REPO}/compare/{{basehead}}": ("get",),
    f"{_REPO}/contents/{{path}}": ("get",),
    f"{_REPO}/git/blobs": ("post",),
    f"{_REPO}/git/blobs/{{file_sha}}": ("get",),
    f"{_REPO}/git/commits": ("post",),
    f"{_REPO}/git/commits/{{commit_sha}}": ("get",),
    f"{_REPO}/git/matching-refs/{{ref}}": ("get",),
    f"{_REPO}/git/ref/{{ref}}": ("get",),
    f"{_REPO}/git/refs": ("post",),
    f"{_REPO}/git/refs/{{ref}}": ("patch", "delete"),
    f"{_REPO}/git/trees": ("post",),
    f"{_REPO}/git/trees/{{tree_sha}}": ("get",),
    f"{_REPO}/issues": ("get", "post"),
    f"{_REPO}/issues/comments": ("get",),
    f"{_REPO}/issues/comments/{{comment_id}}": ("get", "patch", "delete"),
    f"{_REPO}/issues/{{issue_number}}": ("get", "patch"),
    f"{_REPO}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{_REPO}/pulls": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/commits": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/files": ("get",),
}
"""Path templates and their methods, as the description spells them. Serving one more begins with a line here."""

_DROPPED = frozenset(
    {
        *("description", "summary", "title", "example", "examples", "externalDocs", "tags"),
        "discriminator",  # a hint beside `oneOf`; GitHub's for contents tells an array by a property, which cannot work
    }
)


def slim(node: Json) -> Json:
    """The node without prose, examples and vendor keys. A property or component *named* `title` stays."""
    if isinstance(node, list):
        return [slim(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: slim(named) for name, named in value.items()}
        if key == "properties" and isinstance(value, dict)
        else slim(value)
        for key, value in node.items()
        if key not in _DROPPED and not key.startswith("x-")
    }


def references(node: Json) -> Iterator[tuple[str, str]]:
    """Every `#/components/<kind>/<name>` under the node, as (kind, name)."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                kind, name = value.removeprefix("#/components/").split("/", 1)
                yield kind, name
            else:
                yield from references(value)


def extract(description: Object, operations: dict[str, tuple[str, ...]]) -> Object:
    """The part of an OpenAPI 3.0 description that `operations` needs.

    Raises KeyError, naming it, for an operation that the description does not have.
    """
    paths: Object = {}
    for template in sorted(operations):
        item = _at(description, "paths", template)
        paths[template] = {method: _operation(item, method) for method in sorted(operations[template])}
    components: dict[str, Object] = {}
    waiting = sorted(set(references(paths)) | {("schemas", "basic-error"), ("schemas", "validation-error")})
    while waiting:
        kind, name = waiting.pop()
        if name in components.setdefault(kind, {}):
            continue
        component = slim(_at(description, "components", kind, name))
        if kind == "responses" and isinstance(component, dict):
            component["description"] = ""
        components[kind][name] = component
        waiting.extend(references(component))
    info = _at(description, "info")
    return {
        "openapi": description["openapi"],
        "info": {
            "title": "Slice of GitHub's OpenAPI description, cut by maintain.openapi_extract",
            "version": f"npm @octokit/openapi {info['version']}",
            "license": {"name": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {kind: dict(sorted(named.items())) for kind, named in sorted(components.items())},
    }


def _operation(item: Object, method: str) -> Json:
    """One operation with the parameters of its path, and the empty `description` that OpenAPI wants in a response."""
    whole = _at(item, method)
    shared, own = item.get("parameters", []), whole.get("parameters", [])
    if isinstance(shared, list) and isinstance(own, list):
        whole = {**whole, "parameters": [*shared, *own]}
    operation = slim(whole)
    for response in _at(operation, "responses").values():
        if isinstance(response, dict) and "$ref" not in response:
            response["description"] = ""
    return operation


def _at(node: Json, *keys: str) -> Object:
    for key in keys:
        if not isinstance(node, dict) or key not in node:
            raise KeyError(f"the description has no {' > '.join(keys)}")
        node = node[key]
    if not isinstance(node, dict):
        raise KeyError(f"{' > '.join(keys)} is not an object in the description")
    return node


def main(arguments: Sequence[str]) -> int:
    """Write the slice to standard output; 2 with a message for a wrong call or a description that lacks something."""
    if len(arguments) != 1:
        print("usage: python -m maintain.openapi_extract PATH_TO_api.github.com.json > OUT", file=sys.stderr)
        return 2
    try:
        description = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        slice_ = extract(description, OPERATIONS)
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments[0]}: {error}. Pass generated/api.github.com.json of npm @octokit/openapi.", file=sys.stderr)
        return 2
    print(json.dumps(slice_, separators=(",", ":"), sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
