"""What the values of a plan file may look like: texts, durations, statuses, users with passwords, asserts.

pydantic takes long to import: only `plan_file` imports this module.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, Field, PlainValidator

from actionkit import values
from actionkit.config import using
from actionkit.errors import InputError
from actionkit.nearest import nearest
from actionkit.web.statuses import Statuses, statuses
from smoke_test import names, thresholds_grammar, urls
from smoke_test.thresholds_grammar import Expression, Metric
from smoke_test.urls import METHODS

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SHARE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?) ?%", re.ASCII)
_POINTS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?) ?pp", re.ASCII)


def _refuse(error: InputError) -> NoReturn:
    def refusing(_: str) -> NoReturn:
        raise error

    using(refusing)("")
    raise AssertionError


def _text(value: object) -> str:
    """A text, or what YAML made of one that looks like a number or boolean and is spelled alike."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    fix = "Put it in quotes." if isinstance(value, float) else "Write one value, in quotes."
    _refuse(InputError("no text", "a text, in quotes if it looks like a number with a point", fix))


def _on_one_line(value: object) -> str:
    text = _text(value)
    if _CONTROL.search(text):
        _refuse(InputError("a text with control characters", "a text on one line", "Write it on one line."))
    return text


def _several_texts(value: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in value) if isinstance(value, list) else (_text(value),)


def token(given: str) -> str:
    """The name of a header or cookie (RFC 9110, section 5.6.2). Raises InputError."""
    if not _TOKEN.fullmatch(given):
        wrong = f"{values.quoted(given)} is no name of a header or cookie"
        raise InputError(wrong, "letters, digits and `-` without blanks or colon", "Write a name such as `X-Api-Key`.")
    return given


def method(given: str) -> str:
    """An HTTP method in upper case. Raises InputError for what is nearly one that everybody knows."""
    word = given.strip().upper()
    likely = nearest(word, METHODS)
    if word in METHODS or (_TOKEN.fullmatch(word) and word != "CONNECT" and likely is None):
        return word
    fix = f"Write `{likely}`." if likely and word != "CONNECT" else "Write `GET`."
    raise InputError(f"{values.quoted(given)} is no method", f"{', '.join(METHODS)}, or one of your own", fix)


def _seconds(given: str) -> float:
    return values.duration(given).total_seconds()


def _some_seconds(given: str) -> float:
    seconds = _seconds(given)
    if not seconds:
        raise InputError(f"{values.quoted(given)} is no time at all", "a duration over 0, such as 10s", "Write `10s`.")
    return seconds


def _rate(value: object) -> object:
    """What a broken number of iterations means is a whole one in a longer time; all else is pydantic's to refuse."""
    if not isinstance(value, float) or value.is_integer() or not math.isfinite(value):
        return value
    share = Fraction(repr(value)).limit_denominator(1000)
    fix = "Write `rate: 1` and a longer `time_unit`."
    if share > 0:
        fix = f"Write `rate: {share.numerator}` and a `time_unit` that is {share.denominator} times as long"
        fix += f", such as `time_unit: {share.denominator}s` in place of `1s`."
    _refuse(InputError("no whole number", "a whole number of iterations in each `time_unit`", fix))


def _some_bytes(given: str) -> int:
    size = values.size(given)
    if not size:
        raise InputError("a size of 0 lets no answer through", "a size over 0, such as 2MB", "Write `2MB`.")
    return size


def _statuses(value: object) -> Statuses:
    plain = [one for one in value if isinstance(one, int | str)] if isinstance(value, list) else []
    if plain and plain == value:
        value = " ".join(str(one) for one in plain)
    return using(statuses)(value)


def _user(value: object) -> tuple[str, str]:
    """`[user, password]` or `{user, password}`."""
    if isinstance(value, list) and len(value) == 2:
        return _text(value[0]), _text(value[1])
    if isinstance(value, dict) and set(value) == {"user", "password"}:
        return _text(value["user"]), _text(value["password"])
    fix = 'Write `[smoke, "{{password}}"]`.'
    _refuse(InputError("no user and password", "`[user, password]` or `{user: …, password: …}`", fix))


def line_of_grammar(value: object) -> str:
    """A line of the assert grammar; it is parsed by `plan_lines`, with its column."""
    if isinstance(value, str):
        return value
    fix = 'Write one such as `jsonpath "$.state" == "ready"`, and put it in quotes if it holds `: ` or ` #`.'
    if isinstance(value, dict):
        fix = "YAML reads `: ` as a key and its value: put the whole line in single quotes."
    _refuse(InputError("no text", "one line of the assert grammar, as a text", fix))


def _finite(value: Any) -> Any:
    """JSON has no infinity and no NaN, YAML has both."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, float) and not math.isfinite(one):
            _refuse(InputError("not JSON", "numbers JSON has", "Put `.inf` or `.nan` in quotes."))
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, str | bool | int | float):
        return _finite(value)
    _refuse(InputError("no single value", "a text, a number, true or false", "Write `name: value`."))


def _share(given: str) -> Fraction:
    if not (matched := _SHARE.fullmatch(given.strip())):
        raise InputError(
            f"{values.quoted(given)} is no share", "a percentage with its sign, such as 25%", "Write `25%`."
        )
    return Fraction(matched[1]) / 100


def _points(given: str) -> Fraction:
    if not (matched := _POINTS.fullmatch(given.strip())):
        wrong = f"{values.quoted(given)} is no number of percentage points"
        raise InputError(wrong, "percentage points, such as 0.5pp", "Write `0.5pp`.")
    return Fraction(matched[1]) / 100


def listed(value: object) -> object:
    """One value stands for a list of one. Behind a function pydantic is strict about tuples, which YAML has not."""
    return tuple(value) if isinstance(value, list) else (value,)


def _plain(convert: Callable[[str], Any], shown: Any = str) -> PlainValidator:
    return PlainValidator(using(convert), json_schema_input_type=shown)


_SECRET = Field(json_schema_extra={"writeOnly": True})

Text = Annotated[str, PlainValidator(_text, json_schema_input_type=str | int | bool)]
Texts = Annotated[
    tuple[str, ...],
    PlainValidator(_several_texts, json_schema_input_type=str | int | bool | list[str | int | bool]),
]
HeaderValue = Annotated[str, PlainValidator(_on_one_line, json_schema_input_type=str | int | bool), _SECRET]
Token = Annotated[str, _plain(token)]
Method = Annotated[str, _plain(method)]
Seconds = Annotated[float, _plain(_seconds)]
SomeSeconds = Annotated[float, _plain(_some_seconds)]
Rate = Annotated[int, BeforeValidator(_rate, json_schema_input_type=int)]
SomeBytes = Annotated[int, _plain(_some_bytes, str | int)]
StatusSet = Annotated[Statuses, PlainValidator(_statuses, json_schema_input_type=int | str | list[int | str])]
UserPassword = Annotated[
    tuple[str, str], PlainValidator(_user, json_schema_input_type=list[str] | dict[str, str]), _SECRET
]
Bearer = Annotated[str, PlainValidator(_on_one_line, json_schema_input_type=str), _SECRET]
Grammar = Annotated[str, PlainValidator(line_of_grammar, json_schema_input_type=str)]
JsonBody = Annotated[Any, PlainValidator(_finite, json_schema_input_type=Any)]
Scalar = Annotated[Any, PlainValidator(_scalar, json_schema_input_type=str | int | float | bool)]
VariableName = Annotated[str, _plain(names.variable)]
EnvironmentName = Annotated[str, _plain(names.environment), _SECRET]
Tags = Annotated[
    tuple[Annotated[str, _plain(names.tag)], ...],
    BeforeValidator(listed, json_schema_input_type=str | list[str]),
]
Path = Annotated[str, _plain(values.relative_path)]
# A URL may carry a secret in its query, so that it is not shown where it cannot be used.
BaseUrl = Annotated[str, _plain(urls.base), _SECRET]
StepUrl = Annotated[str, _plain(urls.of_step), _SECRET]
ThresholdText = Annotated[Expression, _plain(thresholds_grammar.expression)]
MetricName = Annotated[Metric, _plain(thresholds_grammar.metric)]
Share = Annotated[Fraction, _plain(_share)]
Points = Annotated[Fraction, _plain(_points)]
