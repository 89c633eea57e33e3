"""The inputs `baseline` and `baseline-branch`: what earlier runs left, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actionkit import values
from actionkit.errors import InputError
from actionkit.inputs import an_input


@dataclass(frozen=True, slots=True)
class BaselineSource:
    """`kind` is branch, artifact, file or none; `name` the artifact's name or the file's path."""

    kind: str
    name: str = ""


def baseline(text: str) -> BaselineSource:
    """`branch`, `artifact:<name>`, `none`, or the path of an outcome.json. Raises InputError."""
    if text in ("branch", "none"):
        return BaselineSource(text)
    if text.startswith("artifact:"):
        name = text.removeprefix("artifact:").strip()
        if not name:
            raise InputError("`artifact:` names no artifact", "`artifact:<name>`", "Write `artifact:outcome`.")
        return BaselineSource("artifact", name)
    if "/" not in text and "." not in text:
        raise InputError(
            f"`{text}` is no baseline",
            "`branch`, `artifact:<name>`, the path of an outcome.json, or `none`",
            f"For a file in the workspace write `./{text}`; for an artifact `artifact:{text}`.",
        )
    return BaselineSource("file", values.relative_path(text))


def baseline_input(where: str) -> Any:
    """The field `baseline` of an action. `where` begins what is said of it: "Where the findings come from"."""
    return an_input(
        baseline,
        default="branch",
        missing=BaselineSource("branch"),
        doc=f"""{where}: `branch` (the history branch), `artifact:<name>` of the latest good run on the base branch, the
        path of an `outcome.json`, or `none`.""",
    )


def baseline_branch_input() -> Any:
    """The field `baseline_branch` of an action."""
    return an_input(
        values.text,
        default="actions-data",
        missing="actions-data",
        doc="Orphan branch of the history; only pushes, schedules and manual runs on the default branch write it.",
    )
