"""Annotations within what GitHub shows: ten of each level a step, 4096 characters each, on files of the repository."""

from __future__ import annotations

from collections.abc import Sequence

from actionkit.commands import Commands
from actionkit.globs import in_workspace
from actionkit.outcome import Problem, Severity
from actionkit.untrusted import shortened, visible

PER_LEVEL = 10
"""Of each level and step; the runner drops the rest without a word."""
MESSAGE_LIMIT = 4096
"""Characters; the runner cuts there."""
TITLE_LIMIT = 255
"""Characters; the limit of the checks API the runner hands annotations to."""


def annotate(commands: Commands, problems: Sequence[Problem], *, root: str = "", more: str = "see the summary") -> None:
    """Issue `problems`, most valuable first, as annotations; `root` is the workspace's absolute path, if known."""
    for problem in within_budget(problems, more=more):
        commands.annotation(
            problem.severity.value,
            message(problem),
            file=in_repository(problem.path, root),
            line=problem.line,
            end_line=problem.end_line,
            title=shortened(problem.title, TITLE_LIMIT),
        )


def within_budget(problems: Sequence[Problem], *, more: str = "see the summary") -> tuple[Problem, ...]:
    """The problems to show: of each level all if they fit, else the first nine and one that counts the rest."""
    shown: list[Problem] = []
    for level in Severity:
        those = [problem for problem in problems if problem.severity is level]
        if len(those) > PER_LEVEL:
            left = len(those) - PER_LEVEL + 1
            those[PER_LEVEL - 1 :] = [Problem(f"and {left} more; {more}", severity=level, title=f"{left} more")]
        shown.extend(those)
    return tuple(shown)


def message(problem: Problem) -> str:
    """Message and fix in at most `MESSAGE_LIMIT` characters; the fix is kept whole if that is possible."""
    fix = f"\n{visible(problem.fix)}" if problem.fix else ""
    text = visible(problem.message)
    if len(fix) > MESSAGE_LIMIT // 2:
        return shortened(text + fix, MESSAGE_LIMIT)
    return shortened(text, MESSAGE_LIMIT - len(fix)) + fix


def in_repository(path: str, root: str = "") -> str:
    """`path` relative to the workspace, as GitHub wants it; "" for a path outside it, which GitHub could not place."""
    inside = path.removeprefix(root.rstrip("/") + "/") if root else path
    inside = in_workspace(inside) or inside
    segments = [segment for segment in inside.split("/") if segment not in ("", ".")]
    return "" if inside.startswith("/") or ".." in segments else "/".join(segments)
