"""Holds an answer against a JSON Schema in the workspace; nothing is ever fetched from a network.

Only `Schemas` reads files, through the door it is given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, unquote, urljoin

from actionkit.errors import Unreadable
from actionkit.redact import Redaction, beginning
from actionkit.untrusted import one_line, shortened
from smoke_test.schema_formats import checker
from smoke_test.schema_keywords import linear

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry, Resource

MOST_ERRORS = 5
"""How many places of a document are named; the rest is counted no further than `_MOST_LOOKED_AT`."""

DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""What a schema without `$schema` is read as."""

_MOST_LOOKED_AT = 200
_SHOWN = 60
_LONGEST = 240
_LONGEST_INTEGER = 1000
_ROOT = "file:///"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place of a document that breaks its schema: `path` as in `$.tags[0]`, `message` in one line, bounded."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass
class Schemas:
    """Schemas by path, each compiled once; safe to share between threads.

    `read_file` gives a file of the workspace or raises Unreadable.
    """

    read_file: Callable[[str], bytes]
    _compiled: dict[str, Validator | Unreadable] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def load(self, path: str) -> Validator:
        """Raises Unreadable for a schema that is missing, no JSON, no valid schema, or refers to what is not here."""
        with self._lock:
            if path not in self._compiled:
                try:
                    self._compiled[path] = _compile(path, self.read_file)
                except Unreadable as error:
                    self._compiled[path] = error
            found = self._compiled[path]
        if isinstance(found, Unreadable):
            raise found
        return found

    def mismatches(self, path: str, document: Any, redacted: Redaction = str) -> tuple[Mismatch, ...]:
        """Where `document` breaks the schema at `path`: at most MOST_ERRORS places, in its own order. `redacted` takes
        secrets out of what is quoted, before it is cut short. Raises Unreadable as `load` does."""
        validator = self.load(path)
        from jsonschema.exceptions import best_match
        from referencing.exceptions import Unresolvable

        try:
            errors = list(islice(validator.iter_errors(document), _MOST_LOOKED_AT))
            shown = [best_match(iter([error])) or error for error in errors[:MOST_ERRORS]]
            return tuple(_mismatch(error, redacted) for error in shown)
        except RecursionError:
            return (Mismatch("$", "is nested too deeply to be held against the schema"),)
        except ArithmeticError:
            return (Mismatch("$", "holds a number that is too large to be held against the schema"),)
        except Unresolvable as error:
            # A `$dynamicRef` is looked up where it is needed, not before.
            raise Unreadable(path, f"refers to nothing: {shortened(one_line(str(error)), _LONGEST)}") from None


def document(body: bytes) -> Any:
    """The JSON in a body, UTF-8 with or without a byte order mark. Raises ValueError with what is wrong with it."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_constant=_no_constant, parse_int=_integer, object_pairs_hook=_unique
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text from byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg}, line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Which of two values of one key counts is left open (RFC 8259, section 4), so neither is held up."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("is JSON in which a key stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"is JSON with a number of {len(digits):,} digits")
    return int(digits)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"is not JSON: {text} is no number of it")


def _compile(path: str, read_file: Callable[[str], bytes]) -> Validator:
    from jsonschema_specifications import REGISTRY
    from referencing import Registry

    schema = _read(path, read_file)
    draft = _draft(path, schema)
    _is_valid(path, schema, draft)
    files: dict[str, Resource[Any]] = {}

    def retrieve(uri: str) -> Resource[Any]:
        if uri not in files:
            file = _file_of(uri, path, schema)
            found = _read(file, read_file)
            names_its_own = isinstance(found, dict) and "$schema" in found
            _is_valid(file, found, _draft(file, found) if names_its_own else draft)
            files[uri] = _resource(found, draft)
        return files[uri]

    base = _uri(path)
    own: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]  # attrs' alias is unknown to mypy
    registry = REGISTRY.combine(own).with_resource(base, _resource(schema, draft))
    try:
        refused = tuple(dict.fromkeys(_refused(registry, base, draft)))
        whole = registry.with_resources(files.items()).crawl()
    except ValueError as error:  # urljoin's
        raise Unreadable(path, f"has an `$id` that is no URL: {one_line(str(error))}") from None
    if refused:
        more = f" and {len(refused) - MOST_ERRORS} more" if len(refused) > MOST_ERRORS else ""
        raise Unreadable(path, "; ".join(refused[:MOST_ERRORS]) + more)
    compiled: Validator = linear(draft)({"$ref": base}, registry=whole, format_checker=checker())
    return compiled


def _draft(path: str, schema: Any) -> Any:
    """The validator class of the draft that `$schema` names. Raises Unreadable for one that is not known."""
    from jsonschema.validators import Draft202012Validator, validator_for

    named = schema.get("$schema", DRAFT) if isinstance(schema, dict) else DRAFT
    draft: Any = validator_for({"$schema": named} if isinstance(named, str) else True, default=Draft202012Validator)
    if not isinstance(named, str) or named.rstrip("#") != str(draft.META_SCHEMA["$schema"]).rstrip("#"):
        known = "draft-03 to draft-07, 2019-09 and 2020-12"
        raise Unreadable(path, f"`$schema` names {_quoted(named)}, which is none of {known}")
    return draft


def _is_valid(path: str, schema: Any, draft: Any) -> None:
    """Raises Unreadable with the place where a schema breaks its draft."""
    if flaw := _flaw(schema, draft):
        raise Unreadable(path, flaw)


def _flaw(schema: Any, draft: Any) -> str:
    """What is wrong with a schema by its draft, "" for nothing."""
    from jsonschema.exceptions import best_match

    try:
        wrong = best_match(draft(draft.META_SCHEMA, format_checker=checker()).iter_errors(schema))
    except RecursionError:
        return "is nested too deeply"
    except ArithmeticError:
        return "holds a number that is too large"
    return "" if wrong is None else f"is no valid JSON Schema at {_mismatch(wrong)}"


def _read(path: str, read_file: Callable[[str], bytes]) -> Any:
    try:
        schema = document(read_file(path))
    except ValueError as error:
        raise Unreadable(path, one_line(str(error))) from None
    if not isinstance(schema, dict | bool):
        raise Unreadable(path, "is no JSON Schema: one is an object, or true or false")
    return schema


def _resource(schema: Any, draft: Any) -> Resource[Any]:
    from referencing.jsonschema import specification_with

    own = schema.get("$schema") if isinstance(schema, dict) else None
    usual = str(draft.META_SCHEMA["$schema"])
    if isinstance(own, str) and own.rstrip("#") == usual.rstrip("#"):
        # jsonschema goes on with its own keywords below a `$schema`.
        schema = {key: value for key, value in schema.items() if key != "$schema"}
    default = specification_with(usual)
    return specification_with(own if isinstance(own, str) else "", default=default).create_resource(schema)


def _uri(path: str) -> str:
    """What stands for a file; the route in the name of an OpenAPI document's schema is no folder."""
    document, mark, name = path.partition("#GET ")
    return _ROOT + quote(document) + quote(mark + name, safe="")


def _file_of(uri: str, path: str, schema: Any) -> str:
    """The file a URI stands for: below the workspace, or beside the schema where it is beside the schema's `$id`.

    Raises Unreadable for anything else.
    """
    own = schema.get("$id") if isinstance(schema, dict) else None
    if isinstance(own, str) and "://" in own and uri.startswith(folder := urljoin(own, ".")):
        uri = urljoin(_uri(path), uri[len(folder) :])
    if not uri.startswith(_ROOT):
        raise Unreadable(path, "nothing is fetched; save that schema in the workspace and refer to it by its path")
    return unquote(uri[len(_ROOT) :])


def _refused(registry: Registry[Any], base: str, draft: Any) -> Iterator[str]:
    """Every `$ref` that leads nowhere, of the schema and of all files it leads to."""
    from referencing.exceptions import Unresolvable

    start = registry.resolver().lookup(base)
    waiting, seen = [(_resource(start.contents, draft), start.resolver)], {id(start.contents)}
    while waiting:
        resource, above = waiting.pop()
        resolver = above.in_subresource(resource)
        waiting.extend((inner, resolver) for inner in resource.subresources())
        ref = resource.contents.get("$ref") if isinstance(resource.contents, dict) else None
        if not isinstance(ref, str):
            continue
        try:
            found = resolver.lookup(ref)
        except (Unresolvable, ValueError) as error:  # urljoin's, for what is no URL
            yield _why(ref, error)
            continue
        if id(found.contents) not in seen:
            seen.add(id(found.contents))
            # What stands beside the schema's own keywords no one has looked at.
            if flaw := _flaw(found.contents, draft):
                yield f"`$ref` {_quoted(ref)} leads to what {flaw}"
                continue
            waiting.append((_resource(found.contents, draft), found.resolver))


def _why(ref: str, error: BaseException) -> str:
    """The sentence about one reference, with what the file's reader said where it was a file."""
    reason: BaseException | None = error
    while reason is not None and not isinstance(reason, Unreadable):
        reason = reason.__cause__
    said = f": {shortened(str(reason), _LONGEST)}" if reason is not None else ""
    return f"`$ref` {_quoted(ref)} leads nowhere{said}"


def _mismatch(error: ValidationError, redacted: Redaction = str) -> Mismatch:
    """`error` in short. jsonschema starts its message with Python's repr of the value, however large that is."""
    message, shown = error.message, repr(error.instance)
    quoted = ""
    if message.startswith(shown):
        quoted, message = _quoted(error.instance, redacted), message[len(shown) :]
    told = one_line(quoted + beginning(message, redacted))
    return Mismatch(shortened(one_line(beginning(error.json_path, redacted)), _LONGEST), shortened(told, _LONGEST))


def _quoted(value: Any, redacted: Redaction = str) -> str:
    """A JSON value as JSON, short."""
    return shortened(one_line(beginning(json.dumps(value, ensure_ascii=False), redacted)), _SHOWN)
