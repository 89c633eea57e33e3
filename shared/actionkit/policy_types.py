"""What the policy files of several actions are made of: globs, days, reasons, and parts that know all their keys.

pydantic takes long to import: only the modules of policy files import this one, and those are imported when needed.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from actionkit import globs, values
from actionkit.config import using
from actionkit.errors import InputError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _glob(text: str) -> str:
    globs.parse(text)
    return text


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InputError(f"{values.quoted(text)} is no day", "a day as year-month-day", "Write a day such as `2027-03-31`.")


def _reason(text: str) -> str:
    if not text.strip():
        raise InputError("an empty reason", "a sentence", "Say why, for whoever reads it later.")
    return text.strip()


def _several(value: object) -> object:
    """One glob stands for a list of one. Behind a function pydantic is strict about tuples, which YAML has not."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Glob = Annotated[str, PlainValidator(using(_glob), json_schema_input_type=str)]
Globs = Annotated[
    tuple[Glob, ...],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]),
]
Day = Annotated[date, PlainValidator(using(_day), json_schema_input_type=date)]
Reason = Annotated[str, PlainValidator(using(_reason), json_schema_input_type=str)]


class Part(BaseModel):
    """A mapping of a policy file: immutable, an unknown key is an error, and no value is bent to fit its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
