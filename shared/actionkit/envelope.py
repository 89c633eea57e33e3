"""`outcome.json`: the Outcome as JSON, its published schema, and the check of a file somebody else wrote."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from actionkit.errors import Unreadable
from actionkit.outcome import SCHEMA, Outcome

OUTCOME_LIMIT = 50 * 1024 * 1024
"""The largest outcome file read (an artifact of an untrusted run may be anything)."""

DEPTH = 32
"""Levels of lists and objects; ours have 7. Deeper ones only wear out the stack of whoever walks through them."""


def dump(outcome: Outcome) -> bytes:
    """The outcome as UTF-8 JSON, one line for every key of it and of its data, ending in a newline."""
    lines = [f' "schema": {SCHEMA}']
    for field in dataclasses.fields(outcome):
        value = getattr(outcome, field.name)
        lines.append(f' "{field.name}": {_data(value) if field.name == "data" else _ENCODER.encode(value)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "replace")


def _data(data: Mapping[str, Any]) -> str:
    lines = [f"  {_ENCODER.encode(str(key))}: {_ENCODER.encode(value)}" for key, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n }" if lines else "{}"


def _plain(value: Any) -> Any:
    """What json does not know, as what it knows."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return dict(value) if isinstance(value, Mapping) else list(value)


# Without indentation json encodes in C: a record of 20,000 files takes 10 ms, indented 200 ms.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def load(data: bytes, name: str) -> Outcome:
    """Read an outcome file that nobody vouches for.

    Raises Unreadable if it is not JSON, of another schema version, or has any field more, less or of another type.
    """
    if len(data) > OUTCOME_LIMIT:
        raise Unreadable(name, f"is larger than {OUTCOME_LIMIT // 2**20} MiB")
    try:
        document = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable(name, f"is not JSON ({error})") from error
    if _deeper_than(DEPTH, document):
        raise Unreadable(name, f"is nested more than {DEPTH} levels deep")
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise Unreadable(name, f"is not an outcome file of schema {SCHEMA}")
    from pydantic import ValidationError

    body = {key: value for key, value in document.items() if key != "schema"}
    try:
        outcome: Outcome = _adapter().validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unreadable(name, f"does not follow the outcome schema: `{where}`: {first['msg']}") from error
    return outcome


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `outcome.json`, published for those who read it."""
    described = _adapter().json_schema(mode="serialization")
    properties = {"schema": {"const": SCHEMA, "title": "Schema"}, **described["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **described,
        "title": "Outcome",
        "properties": properties,
        "required": ["schema", *(f.name for f in dataclasses.fields(Outcome))],
        "additionalProperties": False,
    }


def _no_number(word: str) -> float:
    """Python reads NaN and Infinity, which JSON (RFC 8259, section 6) does not have."""
    raise ValueError(f"{word} is no number in JSON")


def _deeper_than(levels: int, document: object) -> bool:
    level = [document]
    for _ in range(levels):
        containers = [value.values() if isinstance(value, dict) else value for value in level if _holds(value)]
        level = [inner for values in containers for inner in values]
    return any(_holds(value) for value in level)


def _holds(value: object) -> TypeGuard[dict[str, Any] | list[Any]]:
    return isinstance(value, dict | list)


def _adapter() -> Any:
    from pydantic import ConfigDict, TypeAdapter, with_config

    strict = with_config(ConfigDict(extra="forbid", strict=False))
    return TypeAdapter(strict(Outcome))
