"""What people write instead of the grammar, and what to write. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actionkit.nearest import nearest
from actionkit.untrusted import one_line, shortened

_INSTEAD = {
    # Hurl's words of old.
    "equals": "==",
    "notEquals": "!=",
    "greaterThan": ">",
    "greaterThanOrEquals": ">=",
    "lessThan": "<",
    "lessThanOrEquals": "<=",
    "includes": "contains",
    "countEquals": "count ==",
    # Those of other tools and languages.
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "=~": "matches",
    "~": "matches",
    "!~": "not matches",
    "!": "not",
    "is": "==",
    "eq": "==",
    "equal": "==",
    "ne": "!=",
    "neq": "!=",
    "gt": ">",
    "gte": ">=",
    "ge": ">=",
    "lt": "<",
    "lte": "<=",
    "le": "<=",
    "isNull": "== null",
    "isNotEmpty": "not isEmpty",
    "notEmpty": "not isEmpty",
    "notContains": "not contains",
    "doesNotContain": "not contains",
    "notExists": "not exists",
    "doesNotExist": "not exists",
    "notMatches": "not matches",
    "isArray": "isList",
    "isNumeric": "isNumber",
    "length": "count",
    "size": "count",
    "toInteger": "toInt",
    "toNumber": "toFloat",
    "toDateTime": "toDate",
}
_BY_CASE = {word.casefold(): instead for word, instead in _INSTEAD.items()}
_QUERIES = {"json": "jsonpath", "code": "status", "headers": "header", "cookies": "cookie", "text": "body"}
_WORDS = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null", "NULL": "null"}
XPATH = "XPath is not supported; use `jsonpath`, `regex` or `body contains`"
JOINED = frozenset({"and", "or", "&&", "||", "&", "|"})


def instead_of_query(word: str, known: Iterable[str]) -> str:
    """The query that was meant by `word`, "" if none is alike."""
    return _QUERIES.get(word.lower(), "") or nearest(word, known) or ""


def instead_of_predicate(word: str, known: Iterable[str]) -> str:
    """The filter or predicate that was meant by `word`, "" if none is alike."""
    return _BY_CASE.get(word.casefold(), "") or nearest(word, known) or ""


def quoted(written: str) -> str:
    """`written` as a string of the grammar, without the quotes of other kinds that stand around it."""
    bare = written.strip("'\u2018\u2019\u201c\u201d")
    escaped = one_line(bare).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shortened(escaped, 60)}"'


def single_quoted(text: str, start: int) -> str | None:
    """The whole text in other quotes that starts at `start`, None if none starts there."""
    found = re.compile("'[^']*'|[\u2018\u201c][^\u2019\u201d]*[\u2019\u201d]").match(text, start)
    return found[0] if found else None


def value(written: str) -> str:
    """The fix for a value that is no value."""
    if written[:1] in ("{", "[", "<") or written.startswith("```"):
        return "a JSON or XML body as a value is not supported; check single values with `jsonpath`"
    word = _WORDS.get(written) or (written.lower() if written.lower() in ("true", "false", "null") else "")
    return f"write `{word}`" if word else f"write {quoted(written)} for a text"


def needs_number(written: str) -> str:
    """The fix for a number that is none, such as `25hours` or `80%`."""
    digits = re.match(r"-?[0-9]+(?:\.[0-9]+)?", written)
    if digits is None or digits[0] == written:
        return f"write {quoted(written)} for a text"
    return f"write `{digits[0]}`, a duration such as `{digits[0]}ms` or `{digits[0]}h`, or {quoted(written)} for a text"
