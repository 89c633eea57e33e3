"""The runner's side of a step's output: lines in; log, annotations, groups and masks out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock

from sandbox.runner import commands
from sandbox.runner.commands import Command
from sandbox.runner.shown import Annotation

ANNOTATIONS_PER_LEVEL = 10
MESSAGE_LIMIT = 4096
_DISABLED = "The `{}` command is disabled. Please upgrade to using Environment Files."


class Console:
    """Interprets what a step prints, on stdout and stderr alike, from any thread.

    `locate` turns a file named in a command into a path relative to the workspace where it lies inside.
    """

    def __init__(self, masks: Iterable[str] = (), locate: Callable[[str], str] = str, *, debug: bool = False) -> None:
        self._lock = Lock()
        self._locate = locate
        self._debug = debug
        self._masks: set[str] = set()
        self._registered = set(commands.REGISTERED)
        self._stop_token: str | None = None
        self._lines: list[str] = []
        self._counts: Counter[str] = Counter()
        self.kept: list[Annotation] = []
        self.dropped: list[Annotation] = []
        self.groups: list[str] = []
        self.outputs: dict[str, str] = {}
        self.state: dict[str, str] = {}
        self.failed = False
        for value in masks:
            self._add_mask(value)

    @property
    def log(self) -> str:
        return "".join(f"{line}\n" for line in self._lines)

    def feed(self, line: str) -> None:
        """One line of the step's output, without its line end."""
        with self._lock:
            command = commands.parse(line, self._registered)
            if command is None or (self._stop_token is not None and command.name != self._stop_token):
                self._write(line)
            elif command.name == self._stop_token:
                self._write(line)
                self._registered.discard(command.name)
                self._stop_token = None
            else:
                self._obey(command, line)

    def say(self, line: str) -> None:
        """A line of the runner's own: never a command."""
        with self._lock:
            self._write(line)

    def warn(self, message: str) -> None:
        """A warning of the runner's own; it takes one of the step's ten."""
        with self._lock:
            self._annotate(Annotation("warning", message))

    def fail(self, message: str) -> None:
        """An error of the runner's own; the step has failed, whatever its exit code."""
        with self._lock:
            self._reject(message)

    def complain(self, message: str) -> None:
        """An error of the runner's own that does not fail the step."""
        with self._lock:
            self._annotate(Annotation("error", message))

    def mask(self, text: str) -> str:
        """`text` with every secret known by now replaced by `***`."""
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _obey(self, command: Command, line: str) -> None:
        match command.name:
            case "error" | "warning" | "notice":
                self._annotate(_annotation(command, self._locate))
            case "group" | "endgroup" | "debug":
                self._structure(command)
            case "add-mask":
                self._add_mask_command(command.data)
            case "stop-commands":
                self._stop(command.data, line)
            case "set-output":
                self._keep(self.outputs, command, line)
            case "save-state":
                self._keep(self.state, command, line)
            case "set-env" | "add-path":
                # Off since CVE-2020-15228; GITHUB_ENV and GITHUB_PATH took their place.
                self._reject(f"Unable to process command '{line}' successfully.", _DISABLED.format(command.name))
            case _:
                return  # echo and problem matchers: the runner shows nothing of the commands themselves

    def _structure(self, command: Command) -> None:
        if command.name == "debug":
            if self._debug:
                self._write(f"##[debug]{command.data}")
        elif command.name == "group":
            self.groups.append(self.mask(command.data))
            self._write(f"##[group]{command.data}")
        else:
            self._write("##[endgroup]")

    def _stop(self, token: str, line: str) -> None:
        if not token or token.lower() in (*self._registered, "pause-logging"):
            self._reject(f"Unable to process command '{line}' successfully.", f"Invalid stop-commands token '{token}'")
            return
        self._write(line)
        self._stop_token = token.lower()
        self._registered.add(self._stop_token)

    def _keep(self, into: dict[str, str], command: Command, line: str) -> None:
        name = command.properties.get("name")
        if not name:
            self._reject(f"Unable to process command '{line}' successfully.", "Required field 'name' is missing")
            return
        into[name] = command.data
        self._annotate(Annotation("warning", f"The `{command.name}` command is deprecated and will be disabled soon."))

    def _add_mask_command(self, value: str) -> None:
        if value.strip():
            self._add_mask(value)
        else:
            self._annotate(Annotation("warning", "Can't add secret mask for empty string in ##[add-mask] command."))

    def _add_mask(self, value: str) -> None:
        # A secret of several lines is masked whole and line by line: the log is masked by the line.
        self._masks.update(part for part in (value, *value.splitlines()) if part.strip())

    def _reject(self, *messages: str) -> None:
        self.failed = True
        for message in messages:
            self._annotate(Annotation("error", message))

    def _annotate(self, annotation: Annotation) -> None:
        self._write(f"##[{annotation.level}]{annotation.message}")
        annotation = _masked(annotation, self.mask)
        self._counts[annotation.level] += 1
        within = self._counts[annotation.level] <= ANNOTATIONS_PER_LEVEL
        (self.kept if within else self.dropped).append(annotation)

    def _write(self, line: str) -> None:
        self._lines.append(self.mask(line))


def _masked(annotation: Annotation, mask: Callable[[str], str]) -> Annotation:
    return Annotation(
        annotation.level,
        mask(annotation.message)[:MESSAGE_LIMIT],
        mask(annotation.path),
        annotation.line,
        annotation.end_line,
        mask(annotation.title),
        annotation.column,
        annotation.end_column,
    )


def _annotation(command: Command, locate: Callable[[str], str]) -> Annotation:
    """The annotation a command asks for, its lines and columns put right or left out as the runner does."""
    line, end_line = _number(command, "line"), _number(command, "endline")
    column, end_column = _number(command, "col"), _number(command, "endcolumn")
    line = end_line if line is None else line
    column = end_column if column is None else column
    if line is None or (end_line is not None and end_line != line):
        column = end_column = None
    if end_line is not None and line is not None and end_line < line:
        line = end_line = None
    if end_column is not None and column is not None and end_column < column:
        column = end_column = None
    path = command.properties.get("file", "")
    return Annotation(
        command.name,
        command.data,
        locate(path) if path else "",
        line,
        end_line,
        command.properties.get("title", ""),
        column,
        end_column,
    )


def _number(command: Command, name: str) -> int | None:
    text = command.properties.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() else None
