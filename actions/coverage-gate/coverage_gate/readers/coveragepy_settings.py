"""The report settings a project gives coverage.py, read without running anything the project names.

A coverage.py configuration may load plugins, which is code from the workspace. Only the settings that decide what is
counted are taken: exclusions, partial branches, include and omit patterns, contexts.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actionkit.errors import Unreadable

if TYPE_CHECKING:
    from coverage import Coverage

_CANDIDATES = ((".coveragerc", ""), (".coveragerc.toml", ""), ("setup.cfg", "[coverage:"), ("tox.ini", "[coverage:"))
_TOML = ("pyproject.toml", "[tool.coverage")
_COUNTING = ("exclude_lines", "partial_branches", "partial_branches_always")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is counted. `options` go into a Coverage object; patterns are coverage.py's globs over paths."""

    options: tuple[tuple[str, tuple[str, ...]], ...] = ()
    include: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()

    def apply(self, coverage: Coverage) -> None:
        """Set the options; the plugins stay empty whatever the environment says."""
        coverage.set_option("run:plugins", [])
        for name, values in self.options:
            coverage.set_option(name, list(values))


def settings_in(name: str, folders: Iterable[Path]) -> Settings:
    """The settings in the first of these folders that has a coverage.py configuration; the defaults if none has.

    Raises Unreadable, on behalf of the data file `name`, for a configuration that coverage.py cannot read.
    """
    for folder in folders:
        file = _configuration(folder)
        if file is not None:
            return _read(name, file)
    return Settings()


def _configuration(folder: Path) -> Path | None:
    """The configuration file in a folder, in the order in which coverage.py looks for it."""
    for file_name, section in (*_CANDIDATES, _TOML):
        file = folder / file_name
        try:
            if file.is_file() and section in file.read_text(encoding="utf-8", errors="replace"):
                return file
        except OSError:
            continue
    return None


def _read(name: str, file: Path) -> Settings:
    from coverage import Coverage
    from coverage.exceptions import CoverageException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = Coverage(data_file=None, config_file=str(file))
    except CoverageException as error:
        raise Unreadable(
            name, f"needs the coverage.py settings in {file.name}, which cannot be read: {error}"
        ) from error

    def strings(option: str) -> tuple[str, ...]:
        value = parsed.get_option(f"report:{option}")
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    return Settings(
        options=tuple((f"report:{option}", strings(option)) for option in _COUNTING),
        include=_patterns(strings("include"), file.parent),
        omit=_patterns(strings("omit"), file.parent),
        contexts=strings("contexts"),
    )


def _patterns(patterns: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """As coverage.py has it: each pattern, and if it begins with a name also below the folder coverage.py runs in."""
    below = (
        f"{folder.resolve().as_posix()}/{pattern.removeprefix('./')}"
        for pattern in patterns
        if pattern[:1] not in "*?/"
    )
    return (*patterns, *below)
