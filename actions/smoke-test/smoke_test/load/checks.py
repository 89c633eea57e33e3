"""The names of what a step expects, as k6 names checks. The exported script uses the same."""

from __future__ import annotations

from collections.abc import Collection

from smoke_test.expectations import failure
from smoke_test.model import Step

Check = tuple[str, bool]


def named(step: Step) -> tuple[tuple[str, str], ...]:
    """(how a failure tells what was expected, name of the check) of every expectation, in their order."""
    made = [(str(step.status), f"status {step.status}")] if step.status is not None else []
    made += [(f"{name}: {value}", f"header {name}: {value}") for name, value in step.headers]
    made += [(step.json_schema, f"json_schema {step.json_schema}")] if step.json_schema else []
    made += [(schema, f"json_schema {schema}") for schema in step.described_schemas]
    made += [(line.text, line.text) for line in step.asserts]
    made += [(capture.text, f"capture {name}: {capture.text}") for name, capture in step.captures]
    return tuple((failure(step, "", expected).expected, name) for expected, name in made)


def held(names: tuple[tuple[str, str], ...], failed: Collection[str]) -> tuple[Check, ...]:
    """Which checks held, given how the failures tell what was expected."""
    return tuple((name, expected not in failed) for expected, name in names)
