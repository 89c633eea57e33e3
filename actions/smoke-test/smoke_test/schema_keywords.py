"""Keywords of JSON Schema in time linear in the answer: jsonschema's own look for patterns with backtracking, and for
equal items by comparing each with each, so that an answer could hold the run up. Pure.

A pattern that RE2 cannot read (lookahead, backreference) is left to Python's `re`, as jsonschema has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from actionkit.asserts.patterns import BadPattern, regex

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Keyword = Callable[[Any, Any, Any, Mapping[str, Any]], "Iterator[ValidationError]"]


def linear(draft: Any) -> Any:
    """The validator class of a draft with these keywords in place of its own."""
    from jsonschema.validators import extend

    known = {name: keyword for name, keyword in _KEYWORDS.items() if name in draft.VALIDATORS}
    return extend(draft, known)  # type: ignore[no-untyped-call]  # jsonschema's own


@lru_cache(maxsize=512)
def _search(pattern: str) -> Callable[[str], bool]:
    try:
        return regex(pattern).found
    except BadPattern:
        compiled = re.compile(pattern)
        return lambda text: compiled.search(text) is not None


def _pattern(validator: Any, pattern: Any, instance: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(instance, "string") and not _search(pattern)(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, given: Any, instance: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, schema in given.items():
        found = _search(pattern)
        for key, value in instance.items():
            if found(key):
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any, given: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if not validator.is_type(instance, "object"):
        return
    patterns = [_search(pattern) for pattern in schema.get("patternProperties", ())]
    named = schema.get("properties", {})
    extras = [key for key in instance if key not in named and not any(found(key) for found in patterns)]
    if validator.is_type(given, "object"):
        for key in extras:
            yield from validator.descend(instance[key], given, path=key)
    elif not given and extras:
        told = ", ".join(map(repr, sorted(extras)))
        verb = "was" if len(extras) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({told} {verb} unexpected)")


def _unique_items(validator: Any, wanted: Any, instance: Any, _: Mapping[str, Any]) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if wanted and validator.is_type(instance, "array") and len(set(map(_identity, instance))) != len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


def _identity(value: Any) -> Hashable:
    """Equal for values that JSON Schema calls equal (core, section 4.2.2): 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return dict, frozenset((key, _identity(one)) for key, one in value.items())
    if isinstance(value, list):
        return list, tuple(map(_identity, value))
    return isinstance(value, bool), value


_KEYWORDS: Mapping[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
