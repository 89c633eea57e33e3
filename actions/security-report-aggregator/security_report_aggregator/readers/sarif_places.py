"""Where a SARIF result lies: URIs as paths, regions as lines (SARIF 2.1.0, 3.4, 3.14.14, 3.30)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from security_report_aggregator.model import Location
from security_report_aggregator.readers.fields import Object, line, obj, text

# A checkout of a runner lies in `<work>/<repository>/<repository>/`; of a container action in `/github/workspace/`.
_CHECKOUT = re.compile(r"(?:/github/workspace|(?:/.*?/_?work|/_work|/__w|[A-Za-z]:/a|[A-Za-z]:/.*?/_work)/([^/]+)/\1)/")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"/?([A-Za-z]:[\\/].*)", re.DOTALL)
# What needs no work: a relative path of plain characters, none of whose parts begins with a dot.
_SIMPLE = re.compile(r"(?:[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*/)*[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_CHAIN = 8
REGION = ("startLine", "startColumn", "endLine", "endColumn")


class Wrong(Enum):
    """What is the matter with a location."""

    NOTHING = ""
    NO_FILE = "names no file"
    OUTSIDE = "lies outside of the repository as far as the report tells"


class Place(NamedTuple):
    """A path relative to the repository, or a resource that is no file of it."""

    path: str
    is_file: bool = True
    wrong: Wrong = Wrong.NOTHING


class Places:
    """Finds the places that the artifact locations of one run name; each is worked out once.

    `artifacts` are `run.artifacts[].location`, `bases` is `originalUriBaseIds`, `root` is the location that the
    repository's root is mapped to (`versionControlProvenance[0].mappedTo`), `working` are working directories.
    """

    def __init__(
        self,
        artifacts: list[Object],
        bases: Mapping[str, object],
        root: Object,
        working: Iterable[Object] = (),
    ) -> None:
        self._artifacts, self._bases = artifacts, bases
        self._known: dict[tuple[str | None, str | None, int | None], Place | None] = {}
        self._prefixes: dict[str, str] = {}
        # While it is not known which base is the root, every chain of bases is followed to its end.
        self._root_id = ""
        self._roots = [found for found in [self._absolute(root)] if found]
        self._root_id = text(root.get("uriBaseId"))
        own = {found for base in bases.values() if (found := self._absolute({"uri": obj(base).get("uri")}))}
        others = (found for one in working if (found := self._absolute(one)))
        # The shortest base is the one that holds the others.
        self._homes = [one for one in (*sorted(own, key=len), *others) if one.count("/") > 1]

    def of(self, location: Object) -> Place | None:
        """The place of an artifactLocation, None for one that says nothing."""
        uri, base, index = location.get("uri"), location.get("uriBaseId"), None
        if not isinstance(uri, str) or not uri:
            uri, index = None, location.get("index")
        # Only texts and numbers: whatever else stands there may not be hashable.
        key = (uri, base if isinstance(base, str) else None, index if isinstance(index, int) else None)
        if key not in self._known:
            self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, uri: str | None, base: str | None, index: int | None) -> Place | None:
        if uri is None and index is not None and 0 <= index < len(self._artifacts):
            named = self._artifacts[index]
            uri, base = text(named.get("uri")), text(named.get("uriBaseId"))
        uri, prefix = text(uri).strip(), self._prefix(base) if base else ""
        if not uri:
            return None
        if not prefix and _SIMPLE.fullmatch(uri):
            return Place(uri)
        if _names_nothing(uri):
            return Place(uri, is_file=False, wrong=Wrong.NO_FILE)
        path = _local(uri)
        if path is None:
            return Place(uri, is_file=False)
        if not _is_absolute(path):
            return _within(prefix + path)
        inside = self._inside(path)
        return Place(path, is_file=False, wrong=Wrong.OUTSIDE) if inside is None else _within(inside)

    def _inside(self, path: str) -> str | None:
        """An absolute path relative to the repository; None if nothing tells where that is."""
        for root in self._roots:
            if path.startswith(root):
                return path[len(root) :]
        checkout = _CHECKOUT.match(path)
        if checkout:
            return path[checkout.end() :]
        return next((path[len(home) :] for home in self._homes if path.startswith(home)), None)

    def _prefix(self, base: str) -> str:
        """What stands before the URIs of a base: "" for the repository's root and for a base nobody describes."""
        if base not in self._prefixes:
            parts, absolute = self._chain(base)
            inside = self._inside(absolute) if absolute else None
            self._prefixes[base] = (inside or "") + parts
        return self._prefixes[base]

    def _chain(self, base: str) -> tuple[str, str]:
        """The relative URIs that lead to a base, joined, and the absolute path they start from ("" if none)."""
        parts = ""
        for _ in range(_LONGEST_CHAIN):
            location = obj(self._bases.get(base))
            uri = text(location.get("uri")).strip()
            path = _local(uri) if uri else ""
            if path and _is_absolute(path):
                return parts, _folder(path)
            if base == self._root_id:
                break
            parts = _folder(path) + parts if path else parts
            base = text(location.get("uriBaseId"))
            if not base:
                break
        return parts, ""

    def _absolute(self, location: Object) -> str:
        """The absolute path of a folder that an artifactLocation names, "" if it has none."""
        uri = text(location.get("uri")).strip()
        path = _local(uri) if uri else ""
        if path and _is_absolute(path):
            return _folder(path)
        parts, absolute = self._chain(text(location.get("uriBaseId")))
        return absolute + parts + (_folder(path) if path else "") if absolute else ""


def located(physical: Object, place: Place, *, has_secret: bool) -> Location:
    """A physicalLocation as a location. Regions that count characters or bytes only have no line."""
    if not place.is_file:
        return Location(place.path, is_file=False)
    region = obj(physical.get("region"))
    start, column, end, end_column = [line(region.get(key)) for key in REGION]
    if start is None:
        return Location(place.path)
    if end is not None and end < start:
        end = end_column = None
    if end_column is not None and end in (None, start) and end_column < (column or 1):
        end_column = None
    snippet = "" if has_secret else _snippet(region, physical, start)
    return Location(place.path, start, column, end, end_column, snippet)


def _snippet(region: Object, physical: Object, start: int) -> str:
    """The source text of the region, else its first line out of the context that the report gives."""
    snippet = region.get("snippet")
    if isinstance(snippet, dict):
        return text(snippet.get("text"))
    context = physical.get("contextRegion")
    if not isinstance(context, dict):
        return ""
    first = line(context.get("startLine"))
    lines = text(obj(context.get("snippet")).get("text")).split("\n")
    return lines[start - first] if first is not None and 0 <= start - first < len(lines) else ""


def _names_nothing(uri: str) -> bool:
    """Whether a text is no URI and no file's name either: blanks are no part of URIs, but tools write paths with them.

    Such a path still has a folder or a suffix; a sentence in its place (`not a valid URI`) has neither.
    """
    return bool(_CONTROL.search(uri)) or (" " in uri and not any(mark in uri for mark in "/\\."))


def _local(uri: str) -> str | None:
    """The path of a file URI or of a relative one, with forward slashes; None for any other scheme."""
    drive = _DRIVE.fullmatch(uri)
    if drive:
        return _plain(drive[1])
    if uri[:5].lower() == "file:":
        rest = uri[5:]
        if rest.startswith("//"):
            host, slash, path = rest[2:].partition("/")
            rest = {"": "", "localhost": "", ".": ".", "..": ".."}.get(host.lower(), f"//{host}") + slash + path
        rest = _plain(rest)
        windows = _DRIVE.fullmatch(rest)
        return windows[1] if windows else rest
    return None if _SCHEME.match(uri) else _plain(uri)


def _plain(uri: str) -> str:
    return (unquote(uri) if "%" in uri else uri).replace("\\", "/")


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] == ":/"


def _folder(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"


def _within(path: str) -> Place:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return Place(path, is_file=False, wrong=Wrong.OUTSIDE)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return Place("/".join(parts)) if parts else Place(".", is_file=False)
