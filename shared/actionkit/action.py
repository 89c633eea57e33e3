"""What an action is: its name, typed inputs, outputs, permissions, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Generic

from actionkit.inputs import AnyInputs

if TYPE_CHECKING:
    from pydantic import BaseModel

    from actionkit.context import RunContext
    from actionkit.git import Git
    from actionkit.github.client import GitHub
    from actionkit.outcome import Outcome
    from actionkit.workspace import Workspace


def nothing(_: str) -> None:
    """Do nothing."""


def forgotten(_: Outcome) -> None:
    """Remember nothing."""


def ungrouped(_: str) -> AbstractContextManager[None]:
    """A group that nobody sees."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways to the outside, handed in so that a test can hand in others.

    `github` is None where no token was given. `now` is the time in UTC. `say` prints one line of progress, `group`
    lets lines be folded away. `environ` are the job's variables, for names that an input gives; `hide` keeps a secret
    that was found there, or in an answer, out of every output from then on. `keep` remembers what is known so far, for
    the case that the run is interrupted before it is over.
    """

    workspace: Workspace
    git: Git
    github: GitHub | None
    now: Callable[[], datetime]
    say: Callable[[str], None]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    hide: Callable[[str], None] = nothing
    group: Callable[[str], AbstractContextManager[None]] = ungrouped
    keep: Callable[[Outcome], None] = forgotten


class Page(StrEnum):
    """Where Markdown is going; each has its own size limit and tone."""

    SUMMARY = "summary"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Output:
    """One output: its meaning, and its text made from the outcome ("" where there is nothing to say).

    `kind` is its type in github-actions-typing: string, integer, float or enum (then `choices` are its values).
    """

    doc: str
    value: Callable[[Outcome], str]
    kind: str = "string"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """One step of a workflow that uses an action, as far as its file tells.

    `given` are the texts of `with:` by input name; one that holds an expression is known at run time only. `events`
    start the workflow.
    """

    given: Mapping[str, str]
    events: frozenset[str]

    def says(self, name: str, default: str = "") -> str:
        """The text of an input, `default` where it is not given, "" where only the run will know it."""
        text = self.given.get(name) or default
        return "" if "${{" in text else text


@dataclass(frozen=True, slots=True)
class Permission:
    """One key of a workflow's `permissions:`, the highest level needed, and what for.

    `needed_by` is the level that one use of the action needs for certain: `write`, `read`, or "" for none.
    """

    scope: str
    level: str
    reason: str
    needed_by: Callable[[Use], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Generic[AnyInputs]):
    """One action, whole. `run` raises UsageError for what the user must fix; the rest is in the Outcome.

    `render` makes Markdown from the outcome alone, so that a trusted job can render what an untrusted one measured.
    `config` gives the model of the file it reads, `config_path` is where that lies unless an input says otherwise ("":
    an input must), `config_schema` the name under which its JSON Schema is published.
    """

    name: str
    title: str
    description: str
    inputs: type[AnyInputs]
    run: Callable[[AnyInputs, RunContext, Doors], Outcome]
    render: Callable[[Outcome, Page], str]
    outputs: Mapping[str, Output]
    permissions: tuple[Permission, ...]
    hosts: tuple[str, ...]
    events: tuple[str, ...]
    icon: str
    color: str
    config: Callable[[], type[BaseModel]] | None = None
    config_path: str = ""
    config_schema: str = "config.schema.json"
