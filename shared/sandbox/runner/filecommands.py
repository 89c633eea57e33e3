"""The files behind GITHUB_OUTPUT, _ENV, _STATE, _PATH and _STEP_SUMMARY, read as the runner reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

SUMMARY_LIMIT = 1024 * 1024
"""Bytes; a larger summary is dropped whole."""

_PREFIXES = {
    "GITHUB_PATH": "add_path_",
    "GITHUB_ENV": "set_env_",
    "GITHUB_STEP_SUMMARY": "step_summary_",
    "GITHUB_STATE": "save_state_",
    "GITHUB_OUTPUT": "set_output_",
}


class MalformedFileCommand(Exception):  # noqa: N818 - it is shown as the runner shows it, not handled as a program's error
    """A line that is neither `NAME=value` nor a complete heredoc: the runner fails the step."""


@dataclass(frozen=True, slots=True)
class FileCommands:
    """One step's set of files; `paths` maps each variable to its file on the host."""

    paths: dict[str, Path]

    @classmethod
    def create(cls, folder: Path) -> FileCommands:
        """Empty files in `folder` under names that no step can guess."""
        folder.mkdir(parents=True, exist_ok=True)
        suffix = str(uuid4())
        paths = {variable: folder / f"{prefix}{suffix}" for variable, prefix in _PREFIXES.items()}
        for path in paths.values():
            path.touch()
        return cls(paths)

    def pairs(self, variable: str) -> dict[str, str]:
        """The names and values in the file of `variable`, the last one winning; nothing where the file is gone.

        Raises MalformedFileCommand.
        """
        return dict(_pairs(self._text(variable)))

    def added_paths(self) -> tuple[str, ...]:
        return tuple(line for line in self._text("GITHUB_PATH").splitlines() if line)

    def summary(self) -> str | None:
        """The summary's Markdown, or None where it is over the limit."""
        path = self.paths["GITHUB_STEP_SUMMARY"]
        if path.is_file() and path.stat().st_size > SUMMARY_LIMIT:
            return None
        return self._text("GITHUB_STEP_SUMMARY")

    def _text(self, variable: str) -> str:
        path = self.paths[variable]
        return path.read_bytes().decode("utf-8-sig", errors="replace") if path.is_file() else ""


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = iter(text.removesuffix("\n").split("\n"))
    pairs = []
    for line in lines:
        if not line:
            continue
        name, equals, value = line.partition("=")
        key, heredoc, delimiter = line.partition("<<")
        if equals and len(name) < len(key):
            if not name:
                raise MalformedFileCommand(f"Invalid format '{line}'. Name must not be empty")
            pairs.append((name, value))
        elif heredoc:
            if not (key and delimiter):
                raise MalformedFileCommand(
                    f"Invalid format '{line}'. Name must not be empty and delimiter must not be empty"
                )
            pairs.append((key, _heredoc(lines, delimiter)))
        else:
            raise MalformedFileCommand(f"Invalid format '{line}'")
    return pairs


def _heredoc(lines: Iterator[str], delimiter: str) -> str:
    value: list[str] = []
    for line in lines:
        if line == delimiter:
            return "\n".join(value)
        value.append(line)
    raise MalformedFileCommand(f"Invalid value. Matching delimiter not found '{delimiter}'")
