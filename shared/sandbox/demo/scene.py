"""One scene of the demo: a run of an action, and what it left on GitHub."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.runner import Shown


@dataclass(frozen=True, slots=True)
class Source:
    """Where a report comes from: its name in the workspace, the scanner and its version, and the command that wrote it.

    `is_fresh`: just now, in this demo; else it was recorded earlier. `then` is what the demo did to it, "" for nothing.
    """

    path: str
    tool: str
    command: str
    is_fresh: bool
    then: str = ""


@dataclass(frozen=True, slots=True)
class Analysed:
    """One run of the merged SARIF as code scanning has it. `open`, `added` and `fixed` count its alerts.

    `added` are the open ones that the default branch has not.
    """

    tool: str
    category: str
    results: int
    open: int
    added: int
    fixed: int


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a run: its path in the workspace, and what is in it."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One run: what happened, what the runner showed of it, and the comment that stood on the pull request after it.

    `sources` are the reports it judged, where some were written earlier; `ref` is what was uploaded to code scanning
    and `analysed` what that made of it, "" and () where nothing was. `attached` are files it went by, or left.
    """

    title: str
    story: str
    shown: Shown
    comment: str
    action: str
    sources: tuple[Source, ...] = ()
    ref: str = ""
    analysed: tuple[Analysed, ...] = ()
    attached: tuple[Attached, ...] = ()
