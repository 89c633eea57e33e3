"""The names a plan is written with: of variables, of tags, and of the environment variables that hold secrets."""

from __future__ import annotations

import re

from actionkit import values
from actionkit.errors import InputError

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}", re.ASCII)
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}", re.ASCII)
_SHOWN = re.compile(r"[A-Z][A-Z0-9]{0,14}|(?=[A-Z0-9_]{1,64}\Z)[A-Z0-9]+(?:_[A-Z0-9]+)+", re.ASCII)
_TAG = re.compile(r"[^\s,!]\S*")


def variable(given: str) -> str:
    """The name of a variable, as it stands between `{{` and `}}`. Raises InputError."""
    if not _VARIABLE.fullmatch(given):
        wrong = f"{values.quoted(given)} is no name of a variable"
        raise InputError(wrong, "letters, digits, `_` and `-`, not a digit first", "Write a name such as `api_key`.")
    from actionkit.asserts.template import FUNCTIONS

    if given in FUNCTIONS:
        raise InputError(f"`{given}` is made anew at each place", "any other name", "Choose another name.")
    return given


def environment(given: str) -> str:
    """The name of an environment variable. Raises InputError, which never shows what was given: it may be a secret."""
    if not _ENVIRONMENT.fullmatch(given):
        raise InputError(
            "no name of an environment variable",
            "the name of an environment variable, not the secret itself",
            "Write a name such as `SMOKE_API_KEY`, and set it in the step's `env:`.",
        )
    return given


def shown_environment(name: str) -> str:
    """The name as a message may show it: what could be a secret put there by mistake is not shown."""
    return f"`{name}`" if _SHOWN.fullmatch(name) else "that is named there"


def tag(given: str) -> str:
    """A tag of a test. Raises InputError."""
    if not _TAG.fullmatch(given):
        fix = "Write each tag on a line, or in a list, of its own."
        raise InputError(f"{values.quoted(given)} is no tag", "a word without blanks, commas or `!` before it", fix)
    return given


def variable_lines(given: str) -> tuple[tuple[str, str], ...]:
    """Lines `name=value`; values are texts. Raises InputError, which never shows a value."""
    return _pairs(given, "value")


def secret_lines(given: str) -> tuple[tuple[str, str], ...]:
    """Lines `name=ENV_VAR`. Raises InputError, which never shows what stands after `=`: it may be a secret."""
    pairs = _pairs(given, "ENV_VAR")
    for name, value in pairs:
        try:
            environment(value)
        except InputError as error:
            raise InputError(f"`{name}` has {error.wrong}", error.accepted, error.fix) from None
    return pairs


def tag_lines(given: str) -> tuple[str, ...]:
    """Lines `tag`, or `!tag` for one whose tests are left out. Raises InputError."""
    lines = values.lines(given)
    for line in lines:
        tag(line.removeprefix("!"))
    return lines


def _pairs(given: str, what: str) -> tuple[tuple[str, str], ...]:
    made: dict[str, str] = {}
    for number, line in enumerate(given.split("\n"), start=1):
        if not line.strip():
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise InputError(f"line {number} has no `=`", f"lines `name={what}`", f"Write `name={what}`.")
        if variable(name) in made:
            raise InputError(f"`{name}` is given twice", f"lines `name={what}`", "Keep one of them.")
        made[name] = value
    return tuple(made.items())
