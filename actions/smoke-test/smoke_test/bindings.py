"""The plan's variables before the first request: templates among them filled, in whatever order they stand. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actionkit.asserts import Unset, template
from actionkit.errors import Complaint, UsageError
from actionkit.nearest import nearest
from smoke_test.model import Json


def bound(variables: Mapping[str, Json], secrets: Mapping[str, str], path: str) -> dict[str, Any]:
    """Every variable's value; one that is exactly `{{other}}` keeps the type of the other. Secrets win over variables
    of the same name, and are not templates.

    Raises UsageError with every variable that goes round in a circle or names one that is not set.
    """
    from graphlib import CycleError, TopologicalSorter

    own = {name: value for name, value in variables.items() if name not in secrets}
    needs = {name: template.names(value) & own.keys() if isinstance(value, str) else () for name, value in own.items()}
    try:
        order = tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        fix = "Let one of them hold a text without a template."
        raise UsageError([Complaint(f"variables that refer to one another in a circle: {circle}", fix, path)]) from None
    values: dict[str, Any] = dict(secrets)
    complaints = []
    for name in order:
        try:
            values[name] = template.fill_json(own[name], values)
        except Unset as error:
            # A dependent of an unset one would complain of the same thing again.
            values[name] = ""
            fix = "Variables may refer to variables and secrets, not to what a step captures."
            unset = Unset(error.name, nearest(error.name, [*variables, *secrets]) or "")
            complaints.append(Complaint(f"the variable `{name}` cannot be filled: {unset}", fix, path))
    if complaints:
        raise UsageError(complaints)
    return values
