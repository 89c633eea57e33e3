"""A schema of an OpenAPI document as a JSON Schema of its own, with what it refers to and no more. Pure.

Documents have thousands of schemas: each is read once for every answer that needs it, and none for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DEEPEST = 100


def alone(schema: Any, at: Callable[[str], Any], *, is_30: bool) -> dict[str, Any]:
    """`schema` as JSON Schema 2020-12, what its `$ref`s name at the same pointers as in the document.

    `at` gives what stands at `#/…`, None for nothing. What is not there is left for the schema's reader to tell.
    """
    made: dict[str, Any] = {"$schema": DRAFT, "allOf": [_converted(schema, is_30)]}
    waiting = list(_refs(schema))
    seen: set[str] = set()
    while waiting:
        ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        found = at(ref)
        if isinstance(found, dict | bool):
            _put(made, unquote(ref[2:]).split("/"), _converted(found, is_30))
            waiting += _refs(found)
    return made


def _put(made: dict[str, Any], keys: list[str], node: Any) -> None:
    """Put `node` at its pointer, unless what stands there already, or holds it, is of the document too."""
    holder: Any = made
    for key in keys[:-1]:
        name = _unescaped(key)
        holder = holder.setdefault(name, {}) if isinstance(holder, dict) else _item(holder, name)
    last = _unescaped(keys[-1])
    if isinstance(holder, dict):
        # A part of it may have come first: the whole holds that too.
        holder[last] = node


def _item(holder: Any, name: str) -> Any:
    """The item of a list that is there already, with the whole around it."""
    return holder[int(name)] if isinstance(holder, list) and name.isdecimal() and int(name) < len(holder) else None


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")


def _refs(node: Any) -> Iterator[str]:
    """Every `$ref` into the same document below a node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            ref = one.get("$ref")
            if isinstance(ref, str) and ref.startswith("#/"):
                yield ref
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


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
    if isinstance(made.get("$ref"), str):
        return {"$ref": made["$ref"]}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    # A property may be called `nullable`: then it holds a schema.
    if isinstance(made.get("nullable"), bool) and made.pop("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    return made
