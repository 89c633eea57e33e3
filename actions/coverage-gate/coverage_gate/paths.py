"""Report paths as git's paths: what a tool called a file, resolved against what is tracked. Pure.

Whatever the user declares comes first (`paths:` map, `source-root`), then what the report declares (`<source>` roots,
absolute paths of the checkout), then the one folder that explains most of the report's paths, then the longest suffix
that names exactly one tracked file. Two equally good answers are no answer.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from actionkit.globs import PATH_LIMIT
from coverage_gate.model import Report

CONTAINER_WORKSPACE = "/github/workspace"
"""Where the runner mounts the checkout in a Docker action."""

# Where runners keep the checkout, the repository's name twice: /home/runner/work/x/x, /Users/runner/work/x/x,
# D:\a\x\x, /__w/x/x (job containers), …/_work/x/x (self-hosted).
_RUNNER_WORKSPACE = re.compile(r".*?/(?:work|_work|__w|a)/([^/]+)/\1/(?=.)")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")

# Folders under which build tools put sources whose reported path starts at the package (JaCoCo: com/example/Cart.java).
_SOURCE_SETS = tuple(
    f"src/{where}/{language}"
    for where in ("main", "test", "commonMain", "jvmMain")
    for language in ("java", "kotlin", "scala", "groovy")
)

# What lies deeper than a package in one of these is that package's own file, whatever it is called.
_DEPENDENCIES = frozenset({"node_modules", "site-packages", "dist-packages", "vendor", ".cargo", ".m2", ".gradle"})


class Unmatched(NamedTuple):
    """A path in `report` that no tracked file answers to, and why, as the rest of a sentence."""

    report: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The reports with git's paths. Files under `unmatched` keep their path, tidied, and still count."""

    reports: tuple[Report, ...]
    unmatched: tuple[Unmatched, ...] = ()


def resolve(
    reports: Sequence[Report],
    tracked: Collection[str],
    *,
    mapping: Mapping[str, str] | None = None,
    source_root: str = "",
    workspace: str = CONTAINER_WORKSPACE,
) -> Resolved:
    """Give every file of every report the path git knows it by.

    `tracked` are git's paths (empty: no git, paths are only tidied). `mapping` replaces path prefixes, the longest
    first. `source_root` is the folder reported paths start at, `workspace` the checkout's absolute path. Two files of
    a report may end up with one path; they are for the merge.
    """
    prefixes = _Prefixes(mapping or {}, workspace)
    index = _Index(tracked)
    done: list[Report] = []
    unmatched: list[Unmatched] = []
    for report in reports:
        resolver = _Resolver(report, index, prefixes, posixpath.normpath(source_root) if source_root else "")
        files = []
        for file in report.files:
            path, reason = resolver.path_of(file.path)
            files.append(file if path == file.path else replace(file, path=path))
            if reason:
                unmatched.append(Unmatched(report.path, path, reason))
        done.append(replace(report, files=tuple(files)))
    return Resolved(tuple(done), tuple(unmatched))


class _Answer(NamedTuple):
    """`path` is git's path, or "" with the reason why there is none."""

    path: str
    reason: str = ""


class _Prefixes:
    """The prefixes that are cut off or replaced in every report: the user's map and the checkout's absolute path."""

    def __init__(self, mapping: Mapping[str, str], workspace: str) -> None:
        pairs = ((_tidy(prefix), _tidy(to)) for prefix, to in mapping.items())
        self._mapping = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._workspaces = sorted({_tidy(workspace), CONTAINER_WORKSPACE} - {""}, key=len, reverse=True)

    def mapped(self, path: str) -> str:
        for prefix, to in self._mapping:
            rest = _below(path, prefix)
            if rest is not None:
                return posixpath.join(to, rest)
        return path

    def local(self, path: str) -> str:
        """An absolute path inside the checkout as a relative one; any other as it is."""
        if not _is_absolute(path):
            return path
        for workspace in self._workspaces:
            rest = _below(path, workspace)
            if rest is not None:
                return rest
        runner = _RUNNER_WORKSPACE.match(path)
        return path[runner.end() :] if runner else path


class _Index:
    """Git's paths, to be looked up whole or by their end; `fold` ignores case."""

    def __init__(self, tracked: Iterable[str], *, fold: bool = False) -> None:
        self._fold = fold
        self._paths: dict[str, str] = {}
        for path in tracked:
            key = path.lower() if fold else path
            self._paths[key] = "" if key in self._paths else path
        self.longest = max(map(len, self._paths), default=0)
        self._reversed: list[tuple[str, str]] | None = None
        self._folders: set[str] | None = None
        self._folded: _Index | None = None

    def __bool__(self) -> bool:
        return bool(self._paths)

    def at(self, path: str) -> str:
        """The tracked file of that path; "" if there is none, or two that differ in case only."""
        return self._paths.get(path.lower() if self._fold else path, "")

    def ending(self, path: str) -> list[str]:
        """Up to two tracked files whose last folders and name are `path`."""
        if self._reversed is None:
            self._reversed = sorted((_backwards(key), path) for key, path in self._paths.items())
        wanted = _backwards(path.lower() if self._fold else path)
        at = bisect_left(self._reversed, (wanted, ""))
        return [path for key, path in self._reversed[at : at + 2] if key.startswith(wanted)]

    def has_folder(self, folder: str) -> bool:
        if self._folders is None:
            self._folders = set()
            for path in self._paths:
                for above in _ancestors(path):
                    if above in self._folders:
                        break
                    self._folders.add(above)
        return folder in self._folders

    def folded(self) -> _Index:
        if self._folded is None:
            self._folded = _Index(self._paths.values(), fold=True)
        return self._folded


class _Resolver:
    """Answers for the paths of one report, with the evidence of all of them."""

    def __init__(self, report: Report, index: _Index, prefixes: _Prefixes, source_root: str) -> None:
        self._index = index
        self._prefixes = prefixes
        self._source_root = source_root
        sources = (source for source in report.sources if len(source) <= PATH_LIMIT)
        self._sources = tuple(dict.fromkeys(prefixes.local(_tidy(source)) for source in sources))
        self._folder = posixpath.dirname(_tidy(report.path))
        self._tidied = {file.path: prefixes.local(prefixes.mapped(_tidy(file.path))) for file in report.files}
        self._bases = self._ranked_bases()
        self._usual_prefix: str | None = None

    def path_of(self, raw: str) -> _Answer:
        """Git's path for a reported one, or the tidied path with the reason why git knows none."""
        path = self._tidied[raw]
        if not self._index:
            below = not _is_absolute(path) and _below(path, self._source_root) is None
            return _Answer(posixpath.join(self._source_root, path) if below else path)
        if len(path) > PATH_LIMIT:
            return _Answer(path, "is longer than any path can be")
        answer = self._declared(path) or self._by_base(path) or self._by_suffix(self._index, path)
        if not answer.path and (_WINDOWS.match(raw) or "\\" in raw):
            folded = self._by_suffix(self._index.folded(), path)
            answer = folded if folded.path else answer
        return answer if answer.path else _Answer(path, answer.reason)

    def _declared(self, path: str) -> _Answer | None:
        """What the user's source root says, then the report's own."""
        if _is_absolute(path):
            return None
        if self._source_root:
            found = self._index.at(posixpath.normpath(posixpath.join(self._source_root, path)))
            if found:
                return _Answer(found)
        found_below = {found for source in self._sources if (found := self._below_source(source, path))}
        if len(found_below) > 1:
            return _Answer("", _either(found_below))
        return _Answer(found_below.pop()) if found_below else None

    def _below_source(self, source: str, path: str) -> str:
        """The tracked file that is `path` below `source`, of which git may know only the last folders."""
        joined = posixpath.normpath(posixpath.join(source, path))
        found = self._index.at(joined)
        while not found and len(joined) > len(path) and "/" in joined:
            joined = joined.partition("/")[2]
            found = self._index.at(joined) if len(joined) > len(path) else ""
        return found

    def _by_base(self, path: str) -> _Answer | None:
        if path.startswith("../"):
            found = self._index.at(posixpath.normpath(posixpath.join(self._folder, path)))
            return _Answer(found) if found else None
        best, answers = 0, {}
        for base, votes in self._bases:
            found = self._index.at(f"{base}{path}") if votes >= best else ""
            if found:
                best, answers[found] = votes, base
        if len(answers) > 1 and "" not in answers.values():
            return _Answer("", _either(answers))
        exact = self._index.at(path)
        return _Answer(exact if exact in answers else next(iter(answers))) if answers else None

    def _ranked_bases(self) -> list[tuple[str, int]]:
        """The folders this report's paths may start at with the number of paths that each explains, best first."""
        above = [folder for folder in _ancestors(f"{self._folder}/") if self._index.has_folder(folder)]
        sets = [posixpath.join(start, sources) for start in ("", *above) for sources in _SOURCE_SETS]
        bases = ["", *(f"{folder}/" for folder in (*above, *sets) if self._index.has_folder(folder))]
        if len(bases) == 1:
            return [("", 0)]
        paths = self._tidied.values()
        votes = [(base, sum(bool(self._index.at(f"{base}{path}")) for path in paths)) for base in bases]
        return sorted(votes, key=lambda vote: -vote[1])

    def _by_suffix(self, index: _Index, path: str) -> _Answer:
        candidates = [] if _is_absolute(path) else index.ending(path)
        if len(candidates) > 1:
            return _Answer("", _either(candidates))
        if candidates:
            return _Answer(candidates[0])
        dropped, found = _tracked_end(index, path)
        if not found:
            return _Answer("", "is the path of no tracked file")
        if not _DEPENDENCIES.isdisjoint(dropped.split("/")[:-1]):
            return _Answer("", "lies in a folder of dependencies")
        # A relative path says where it starts and a bare name says too little: the rest of the report must agree.
        if ("/" not in found or not _is_absolute(path)) and dropped != self._prefix_of_most():
            return _Answer("", f"ends like `{found}`, but most paths of the report do not start like it")
        return _Answer(found)

    def _prefix_of_most(self) -> str:
        """The leading folders that git does not know, as most paths of the report have them."""
        if self._usual_prefix is None:
            dropped: Counter[str] = Counter()
            for path in self._tidied.values():
                prefix, found = ("", path) if self._by_base(path) else _tracked_end(self._index, path)
                dropped[prefix] += bool(found)
            self._usual_prefix = dropped.most_common(1)[0][0]
        return self._usual_prefix


def _tidy(path: str) -> str:
    """With forward slashes, without `file://`, `.` and doubled slashes; "" for the top itself."""
    path = path.removeprefix("file://")
    if "\\" in path and (_WINDOWS.match(path) or "/" not in path):
        path = path.replace("\\", "/")
    path = posixpath.normpath(path)
    return "" if path == "." else path.replace("//", "/")


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:2] == ":"


def _below(path: str, folder: str) -> str | None:
    """`path` relative to `folder`, or None if it does not lie below."""
    if not folder:
        return path
    if path.startswith(folder) and (folder.endswith("/") or path[len(folder) : len(folder) + 1] == "/"):
        return path[len(folder) :].lstrip("/")
    return None


def _tracked_end(index: _Index, path: str) -> tuple[str, str]:
    """The longest end of `path` that is a tracked file, after what had to be dropped for it; two "" if none."""
    end = path.lstrip("/")
    if len(end) > index.longest:
        end = end[len(end) - index.longest - 1 :].partition("/")[2]
    while end:
        found = index.at(end)
        if found:
            return path[: len(path) - len(end)].rstrip("/"), found
        end = end.partition("/")[2]
    return "", ""


def _ancestors(path: str) -> Iterable[str]:
    """The folders above a path, the nearest first, without the top."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _backwards(path: str) -> str:
    return "/".join(reversed(path.split("/"))) + "/"


def _either(candidates: Iterable[str]) -> str:
    return "could be " + " or ".join(f"`{path}`" for path in sorted(candidates)[:2])
