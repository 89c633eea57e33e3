"""The errors an action may raise, each made to be shown to the person who can fix it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ActionkitError(Exception):
    """Base of every error whose text is written for the user; never shown with a traceback."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with an input, a config file, a credential or a permission.

    `message` says what was given and what is accepted, `fix` what to write instead. `path` and `line` (1-based)
    are set for config files. The value of a secret never stands in here.
    """

    message: str
    fix: str = ""
    path: str = ""
    line: int | None = None


class UsageError(ActionkitError):
    """Inputs or a config file cannot be used; carries every complaint at once. Verdict `error`, exit 2."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("; ".join(c.message for c in self.complaints))


class InputError(ActionkitError):
    """Raised by a converter: what was wrong with the text, what is accepted, and how to fix it.

    Converters raise it without naming the input; actionkit adds the name as it is spelled in YAML.
    """

    def __init__(self, wrong: str, accepted: str, fix: str = "") -> None:
        self.wrong, self.accepted, self.fix = wrong, accepted, fix
        super().__init__(f"{wrong}; accepted: {accepted}")


class Unreadable(ActionkitError):  # noqa: N818 - reads as the sentence it stands for: "this evidence is unreadable"
    """Evidence that cannot be read: names the file and the reason. Becomes `incomplete`, never a crash."""

    def __init__(self, name: str, reason: str, line: int | None = None) -> None:
        self.name, self.reason, self.line = name, reason, line
        where = f"{name}:{line}" if line is not None else name
        super().__init__(f"{where}: {reason}")


class PermissionNeeded(ActionkitError):  # noqa: N818
    """GitHub refused a call for want of a permission: names the permission; `fix` is the YAML that grants it."""

    def __init__(self, call: str, permission: str, fix: str = "") -> None:
        self.call, self.permission, self.fix = call, permission, fix
        super().__init__(f"GitHub refused {call}: the token lacks `{permission}`")


class Interrupted(BaseException):
    """SIGINT or SIGTERM arrived; `signal` is its number (exit code 128 + number).

    Like KeyboardInterrupt no Exception, so that nothing swallows it by accident.
    """

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(f"interrupted by signal {signal}")
