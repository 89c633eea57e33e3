"""Config files: YAML 1.2 read into a pydantic model, every mistake reported at once with its line and fix."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from actionkit import values, yamlcore
from actionkit.errors import Complaint, InputError, UsageError
from actionkit.nearest import nearest
from actionkit.yamlcore import Document, Keys, dotted

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")

CONFIG_LIMIT = 256 * 1024
"""Bytes. Larger files are not written by people."""

_Schema = Mapping[str, Any]

# pydantic's words for JSON in the words of YAML.
_WORDS = {"an object": "a mapping", "a valid array": "a list", "a valid string": "a text", "a valid tuple": "a list"}


def load_config(name: str, data: bytes | str, model: type[Model]) -> Model:
    """`data` as a `model`; an empty file is the model's defaults. `name` is the file's path, as messages show it.

    Values are taken as YAML 1.2 spells them and not converted: `on` is a text, `"80"` is no number. Dates, enums and
    sets are read from texts and lists. Raises UsageError with all complaints, each with `path` and `line`.
    """
    from pydantic import ValidationError

    if len(data) > CONFIG_LIMIT:
        fix = "Move generated parts to a file of their own."
        raise UsageError([Complaint(f"{name} is larger than {CONFIG_LIMIT:,} bytes", fix, path=name)])
    document = yamlcore.read(data)
    complaints = [Complaint(flaw.message, flaw.fix, name, flaw.line) for flaw in document.flaws]
    if document.usable:
        try:
            loaded = model.model_validate_json(json.dumps(document.value), strict=True)
        except ValidationError as error:
            mistakes = [_mistake(dict(one), document) for one in error.errors(include_url=False)]
            complaints += _complaints(mistakes, json_schema(model), document, name)
        else:
            if not complaints:
                return loaded
    raise UsageError(sorted(complaints, key=lambda one: one.line or 0))


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of the config file, for editors to complete and check while typing."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}


def using(convert: Callable[[str], T]) -> Callable[[object], T]:
    """A function for pydantic's `PlainValidator` that reads a text or number as the input of the same name does.

    A value of a type YAML does not have (a Fraction, say) is converted already and stays. Give the validator a
    `json_schema_input_type` too: `PlainValidator(using(percent), json_schema_input_type=float | str)`.
    """

    def validate(value: object) -> T:
        if not isinstance(value, str | int | float | list | dict | None):
            return cast(T, value)
        try:
            return convert(_spelled(value, convert))
        except InputError as error:
            raise _UnconvertibleError(error) from None

    return validate


class _UnconvertibleError(ValueError):
    """Carries an InputError through pydantic, which lets only ValueError and AssertionError through."""

    def __init__(self, error: InputError) -> None:
        self.error = error
        super().__init__(str(error))


def _spelled(value: object, convert: Callable[[str], object]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        try:
            convert("")
        except InputError as error:
            raise InputError("not a single value", error.accepted, error.fix) from None
        raise InputError("not a single value", "a text or a number")
    from decimal import Decimal

    return format(Decimal(repr(value)), "f")


class _Mistake(NamedTuple):
    """One error of pydantic's: its place in the document, its type, and the rest of what it says."""

    keys: Keys
    type: str
    error: Mapping[str, Any]


def _mistake(error: Mapping[str, Any], document: Document) -> _Mistake:
    """pydantic's locations also name union members and validators: only what leads on in the document is a key."""
    keys: Keys = ()
    for part in error["loc"]:
        if (*keys, part) in document.lines:
            keys = (*keys, part)
    return _Mistake(keys, error["type"], error)


def _complaints(mistakes: Sequence[_Mistake], schema: _Schema, document: Document, name: str) -> list[Complaint]:
    made: list[Complaint] = []
    unfit: dict[Keys, list[_Mistake]] = {}
    for mistake in mistakes:
        if mistake.type == "extra_forbidden":
            made.append(_unknown_key(mistake.keys, schema, document, name))
        elif mistake.type == "missing":
            made.append(_missing_key(mistake, document, name))
        else:
            unfit.setdefault(mistake.keys, []).append(mistake)
    made += [_unfit_value(keys, several, schema, document, name) for keys, several in unfit.items()]
    return list(dict.fromkeys(made))


def _unknown_key(keys: Keys, schema: _Schema, document: Document, name: str) -> Complaint:
    known = [key for node in _nodes_at(schema, keys[:-1]) for key in node.get("properties", ())]
    guess = nearest(str(keys[-1]), known)
    fix = f"Write `{guess}`." if guess else "Remove it, or write one of those."
    accepted = ", ".join(f"`{key}`" for key in dict.fromkeys(known))
    return Complaint(f"`{dotted(keys)}` is not a key; accepted: {accepted}", fix, name, document.lines[keys].key)


def _missing_key(mistake: _Mistake, document: Document, name: str) -> Complaint:
    key = str(mistake.error["loc"][-1])
    message = f"`{dotted(mistake.keys)}` has no `{key}`" if mistake.keys else f"`{key}` is missing"
    return Complaint(message, f"Add `{key}: …`.", name, document.line_of(mistake.keys))


def _unfit_value(keys: Keys, mistakes: Sequence[_Mistake], schema: _Schema, document: Document, name: str) -> Complaint:
    secret = any(node.get("writeOnly") for node in _nodes_at(schema, keys))
    given = "not as it must be" if secret else _shown(mistakes[0].error["input"])
    said = [_accepted(mistake.error) for mistake in mistakes]
    accepted = " or ".join(dict.fromkeys(words for words, _ in said))
    fix = next((fix for _, fix in said if fix), "Correct the value, or remove the key.")
    what = f"`{dotted(keys)}`" if keys else "the file"
    return Complaint(f"{what} is {given}; accepted: {accepted}", fix, name, document.line_of(keys))


def _accepted(error: Mapping[str, Any]) -> tuple[str, str]:
    """What would be accepted instead, and how to write it."""
    context = error.get("ctx", {})
    if error["type"].startswith("date_"):
        return "a date", "Write it as `2026-11-30`."
    carried = context.get("error")
    if isinstance(carried, _UnconvertibleError):
        return carried.error.accepted, carried.error.fix
    if carried is not None:
        return str(carried), ""
    if error["type"] == "bool_type":
        return "`true` or `false`", _boolean_fix(error["input"])
    if "expected" in context:
        choices = re.findall(r"'([^']*)'", str(context["expected"]))
        guess = nearest(str(error["input"]), choices)
        return ", ".join(f"`{choice}`" for choice in choices) or str(
            context["expected"]
        ), f"Write `{guess}`." if guess else ""
    words = str(error["msg"]).removeprefix("Input should be ")
    return _WORDS.get(words, words), ""


def _boolean_fix(given: object) -> str:
    try:
        values.boolean(str(given))
    except InputError as error:
        return error.fix
    return f"Write `{str(given).lower()}` without quotes."


def _shown(given: object) -> str:
    if given is None:
        return "empty"
    if isinstance(given, str):
        return f"the text {values.quoted(given)}" if given.strip() else "an empty text"
    if isinstance(given, dict | list):
        return "a mapping" if isinstance(given, dict) else "a list"
    return f"`{json.dumps(given)}`"


def _nodes_at(schema: _Schema, keys: Keys) -> list[_Schema]:
    """The parts of a JSON Schema that speak of the value at `keys`."""
    nodes = list(_alternatives(schema, schema))
    for key in keys:
        below = [part for node in nodes for part in _below(node, key)]
        nodes = [node for part in below for node in _alternatives(part, schema)]
    return nodes


def _alternatives(node: _Schema, schema: _Schema) -> Iterator[_Schema]:
    if "$ref" in node:
        target = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        yield from _alternatives({**target, **{key: node[key] for key in node if key != "$ref"}}, schema)
        return
    yield node
    for word in ("anyOf", "oneOf", "allOf"):
        for part in node.get(word, ()):
            yield from _alternatives(part, schema)


def _below(node: _Schema, key: str | int) -> Iterator[_Schema]:
    if isinstance(key, str) and key in node.get("properties", {}):
        yield node["properties"][key]
        return
    rest = node.get("items") if isinstance(key, int) else node.get("additionalProperties")
    if isinstance(rest, Mapping):
        yield rest
