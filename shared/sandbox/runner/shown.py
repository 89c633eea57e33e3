"""What GitHub would show of a step once it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Conclusion(StrEnum):
    """How the step ended. A step can fail with exit code 0: by a malformed file command, for instance."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One `error`, `warning` or `notice`. `path` is relative to the workspace where the file is inside it.

    Lines and columns are 1-based, None where not given. `message` is masked and cut at 4,096 characters.
    """

    level: str
    message: str
    path: str = ""
    line: int | None = None
    end_line: int | None = None
    title: str = ""
    column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finished step.

    `exit_code` is None where the program could not be started. `annotations` are those GitHub keeps (10 of each level),
    `dropped_annotations` the rest; the runner's own warnings count among them. `summary` is "" where there is none and
    where GitHub drops it whole. `outputs` are the step's; `job_outputs` those that survive as outputs of the job, where
    everything with a secret in it is dropped. `environment`, `paths` and `state` are what the step left for later
    ones. `log` is masked.
    """

    exit_code: int | None
    conclusion: Conclusion
    log: str
    duration_seconds: float
    outputs: Mapping[str, str] = field(default_factory=dict)
    job_outputs: Mapping[str, str] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    dropped_annotations: tuple[Annotation, ...] = ()
    summary: str = ""
    summary_dropped: bool = False
    groups: tuple[str, ...] = ()
    state: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()

    def of_level(self, level: str) -> tuple[Annotation, ...]:
        """The kept annotations of one level."""
        return tuple(annotation for annotation in self.annotations if annotation.level == level)

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(annotation.message for annotation in self.of_level("error"))

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(annotation.message for annotation in self.of_level("warning"))
