"""Finds the source of each file that coverage.py measured, although it was measured somewhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath


def sources_of(measured: Iterable[str], folders: tuple[Path, ...]) -> Mapping[str, Path | None]:
    """Where each measured path lies under the first of these folders that has it; None where nowhere.

    A relative path is looked up as it is. An absolute one, from another machine or container, loses the prefix that
    most of the measured files lose to be found; what is left over must be found by at least a folder and a file name.
    """
    paths = {path: PurePosixPath(path.replace("\\", "/")) for path in sorted(measured)}
    is_here = {path: _is_inside(Path(path), folders) and Path(path).is_file() for path in paths}
    prefixes = Counter(_prefix(pure, folders) for path, pure in paths.items() if not is_here[path])
    del prefixes[()]
    best = prefixes.most_common(1)[0][0] if prefixes else ()
    return {
        path: Path(path) if is_here[path] else _find(pure, best, folders, any(is_here.values()))
        for path, pure in paths.items()
    }


def _is_inside(path: Path, folders: tuple[Path, ...]) -> bool:
    return path.is_absolute() and any(path.is_relative_to(folder) for folder in folders)


def _is_absolute(pure: PurePosixPath) -> bool:
    return pure.is_absolute() or (len(pure.parts) > 1 and pure.parts[0].endswith(":"))


def _prefix(pure: PurePosixPath, folders: tuple[Path, ...]) -> tuple[str, ...]:
    """The parts that an absolute path must lose to be found; none if it never is, or is relative."""
    if not _is_absolute(pure):
        return ()
    cuts = range(1, len(pure.parts) - 1)
    return next((pure.parts[:cut] for cut in cuts if _existing(pure.parts[cut:], folders)), ())


def _find(pure: PurePosixPath, best: tuple[str, ...], folders: tuple[Path, ...], is_this_machine: bool) -> Path | None:
    if not _is_absolute(pure):
        return _existing(pure.parts, folders)
    if is_this_machine:
        return Path(pure) if Path(pure).is_file() else None
    if best and pure.parts[: len(best)] == best and (found := _existing(pure.parts[len(best) :], folders)):
        return found
    prefix = _prefix(pure, folders)
    return _existing(pure.parts[len(prefix) :], folders) if prefix else None


def _existing(parts: tuple[str, ...], folders: tuple[Path, ...]) -> Path | None:
    if not parts or ".." in parts:
        return None
    for folder in folders:
        file = folder.joinpath(*parts)
        try:
            if file.is_file():
                return file
        except (OSError, ValueError):
            continue
    return None
