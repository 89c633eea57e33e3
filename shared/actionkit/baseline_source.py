"""The input `baseline`: where the figures of the base come from."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit import values
from actionkit.errors import InputError


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
