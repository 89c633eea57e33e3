"""The typed envelope every action ends in; written to `outcome.json` with a published JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Verdict(StrEnum):
    """What an action says in one word; each has its exit code."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    ERROR = "error"
    INCOMPLETE = "incomplete"

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 2 error, 3 incomplete."""
        return {"pass": 0, "fail": 1, "error": 2, "incomplete": 3}[self.value]


class Severity(StrEnum):
    """How a problem is shown: GitHub's three annotation levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Fact:
    """One measured number or word: `value` in `unit`, held against `limit`; `ok` is None where nothing is asked."""

    name: str
    value: str | int | float | bool | None
    unit: str = ""
    limit: str | int | float | None = None
    ok: bool | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at; with `path` and `line` it becomes an annotation there."""

    message: str
    fix: str = ""
    path: str = ""
    line: int | None = None
    severity: Severity = Severity.ERROR
    end_line: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Run:
    """Where the outcome was made. Empty strings outside GitHub Actions."""

    repository: str = ""
    sha: str = ""
    ref: str = ""
    run_id: int = 0
    run_attempt: int = 0
    url: str = ""
    workflow: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Verdict, headline, facts, problems, links and data of one action's run.

    `data` holds the action's own keys (JSON types only). `started_at` is RFC 3339 UTC, `duration_seconds` a float.
    """

    action: str
    verdict: Verdict
    headline: str
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    links: tuple[Link, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    run: Run = field(default_factory=Run)
    started_at: str = ""
    duration_seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
