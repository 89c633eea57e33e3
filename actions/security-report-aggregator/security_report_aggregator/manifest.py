"""Where a manifest or lock file names a package, and whether it holds a version. Pure.

The text is searched, not parsed: it may be another commit's, and a lock file that is cut or malformed still has lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from security_report_aggregator.model import Package
from security_report_aggregator.versions import order, release

_ANY_SEPARATOR = r"[-_.]+"


class Mention(NamedTuple):
    """A place that names the package: offset in the text, and the version or range it says, "" for none."""

    at: int
    said: str


def line_of(text: str, path: str, package: Package) -> int | None:
    """The line (from 1) that names the package, the one of its version where there are several; None for none.

    `path` says which format it is; a file of no known format gives None.
    """
    mentions = list(_mentions(text, path, package))
    if not mentions:
        return None
    best = next((found for found in mentions if _admits(package, found.said)), mentions[0])
    return text.count("\n", 0, best.at) + 1


def holds(text: str, path: str, package: Package) -> bool:
    """Whether the file pins the package to this version, or gives a range that admits it.

    False for a package without version: then nothing can be shown.
    """
    return bool(package.version) and any(_admits(package, found.said) for found in _mentions(text, path, package))


def _mentions(text: str, path: str, package: Package) -> Iterator[Mention]:
    folder, _, file = path.replace("\\", "/").rpartition("/")
    search = _search_of(file, folder.rpartition("/")[2])
    if search is None or not package.name.strip() or len(package.name) > 300:
        return
    yield from search(text, _pattern(package))


def _pattern(package: Package) -> str:
    """The name as a regular expression: PyPI takes `-`, `_` and `.` for one another, Maven has two parts."""
    name = package.name.strip()
    if package.type == "pypi":
        return _ANY_SEPARATOR.join(re.escape(part) for part in re.split(r"[-_.]+", name))
    return re.escape(name)


def _found(pattern: str, text: str, flags: re.RegexFlag = re.IGNORECASE | re.MULTILINE) -> Iterator[Mention]:
    """The matches of a pattern with a group `name` and perhaps a group `said`."""
    for match in re.finditer(pattern, text, flags):
        groups = match.groupdict()
        yield Mention(match.start("name"), (groups.get("said") or "").strip())


def _requirements(text: str, name: str) -> Iterator[Mention]:
    spec = r"[ \t]*(?:\[[^\]\n]*\])?[ \t]*\(?(?P<said>(?:[<>=!~][^;#\n\\)]*)?)"
    return _found(rf"^[ \t]*(?P<name>{name})(?![\w.-]){spec}", text)


def _python_project(text: str, name: str) -> Iterator[Mention]:
    spec = r"[ \t]*(?:\[[^\]\n]*\])?[ \t]*\(?(?P<said>(?:[<>=!~][^;\"'\n)]*)?)"
    listed = (
        rf"^(?!\s*(?:name|version|description|readme)\s*=)[^#\n]*?[\"'](?P<name>{name})(?![\w.-]){spec}[^\"'\n]*[\"']"
    )
    table = r"(?:\{[^}\n]*?version[ \t]*=[ \t]*)?"
    keyed = rf"^[ \t]*[\"']?(?P<name>{name})[\"']?[ \t]*=[ \t]*{table}[\"'](?P<said>[^\"'\n]*)"
    yield from sorted([*_found(listed, text), *_found(keyed, text)])


def _toml_lock(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"^name = \"(?P<name>{name})\"[ \t]*\r?\nversion = \"(?P<said>[^\"\n]*)\"", text)


def _json_entries(text: str, name: str) -> Iterator[Mention]:
    """`"name": {… "version": "…" …}` of Pipfile.lock and package-lock.json, where a key may end with the name."""
    body = r"\s*:\s*\{(?:[^{}]*?\"(?:version|resolved)\"\s*:\s*\"(?P<said>[^\"\n]*)\")?"
    lowered = _lowered(text)
    if _ANY_SEPARATOR in name or len(lowered) != len(text):
        yield from _found(rf"\"(?:[^\"\n]*node_modules/)?(?P<name>{name})\"{body}", text)
        return
    # npm's lock files have megabytes and thousands of keys: a search for the plain text is ten times as fast.
    entry = re.compile(rf"{name}\"{body}", re.IGNORECASE)
    wanted = re.sub(r"\\(.)", r"\1", name).lower() + '"'
    at = lowered.find(wanted)
    while at >= 0:
        is_key = lowered.startswith('"', at - 1) or lowered.endswith("node_modules/", 0, at)
        match = entry.match(text, at) if at and is_key else None
        if match:
            yield Mention(at, (match["said"] or "").strip())
        at = lowered.find(wanted, at + 1)


@lru_cache(maxsize=4)
def _lowered(text: str) -> str:
    return text.lower()


def _json_dependencies(text: str, name: str) -> Iterator[Mention]:
    section = (
        r"\"(?:(?:dev|peer|optional)?dependencies|require(?:-dev)?|overrides|resolutions)\"\s*:\s*\{(?P<name>[^{}]*)\}"
    )
    for match in re.finditer(section, text, re.IGNORECASE):
        inside = rf"\"(?P<name>{name})\"\s*:\s*\"(?P<said>[^\"\n]*)\""
        for found in _found(inside, match["name"]):
            yield Mention(match.start("name") + found.at, found.said)


def _composer_lock(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"\"name\"\s*:\s*\"(?P<name>{name})\"\s*,\s*\"version\"\s*:\s*\"(?P<said>[^\"\n]*)\"", text)


def _yarn(text: str, name: str) -> Iterator[Mention]:
    """Entries such as `lodash@^4.17.0, lodash@^4.17.1:` with `version "4.17.21"`, or `version: 4.17.21` in Yarn 2."""
    heading = rf"^(?=[\"\w@])(?:[^\n:]*?[,\"][ \t]*)?\"?(?P<name>{name})@[^\n]{{0,2000}}:[ \t]*\r?\n"
    return _found(rf"{heading}[ \t]+version:?[ \t]+\"?(?P<said>[^\"\s]*)", text)


def _pnpm(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"^[ \t]+['\"]?/?(?P<name>{name})[@/](?P<said>[0-9][^:'\"\s(_]*)", text)


def _go(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"^[ \t]*(?:require[ \t]+)?(?P<name>{name})[ \t]+v?(?P<said>[0-9][^\s/]*)", text)


def _pom(text: str, name: str) -> Iterator[Mention]:
    group, _, artifact = name.partition(":")
    if not artifact:
        group, artifact = r"[^<]*", name
    version = r"(?:\s*<version>\s*(?P<said>[^<]*?)\s*</version>)?"
    pattern = rf"<groupId>\s*{group}\s*</groupId>\s*<artifactId>\s*(?P<name>{artifact})\s*</artifactId>{version}"
    for found in _found(pattern, text):
        yield Mention(found.at, _property(text, found.said))


def _property(text: str, said: str) -> str:
    """The value of `${name}` where the same file gives it."""
    name = re.fullmatch(r"\$\{([\w.-]{1,100})\}", said)
    given = re.search(rf"<{re.escape(name[1])}>\s*([^<]*?)\s*</", text) if name else None
    return given[1] if given else said


def _gradle(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"(?<![\w.-])(?P<name>{name})(?::(?P<said>[^:@=\"'\s]+))?", text)


def _gemfile_lock(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"^ {{4}}(?P<name>{name}) \((?P<said>[^)\n]*)\)", text)


def _gemfile(text: str, name: str) -> Iterator[Mention]:
    return _found(rf"^[ \t]*gem[ \t(]+['\"](?P<name>{name})['\"](?:[ \t]*,[ \t]*['\"](?P<said>[^'\"\n]*)['\"])?", text)


def _cargo(text: str, name: str) -> Iterator[Mention]:
    table = r"(?:\{[^}\n]*?version[ \t]*=[ \t]*)?"
    return _found(rf"^[ \t]*\"?(?P<name>{name})\"?[ \t]*=[ \t]*{table}\"(?P<said>[^\"\n]*)\"", text)


def _csproj(text: str, name: str) -> Iterator[Mention]:
    version = r"(?:[^>]*?\bVersion=\"(?P<said>[^\"]*)\"|[^>/]*>\s*<Version>(?P<inner>[^<]*)</Version>)?"
    pattern = (
        rf"<(?:PackageReference|PackageVersion|package)\b[^>]*?\b(?:Include|Update|id)=\"(?P<name>{name})\"{version}"
    )
    for match in re.finditer(pattern, text, re.IGNORECASE):
        yield Mention(match.start("name"), (match["said"] or match["inner"] or "").strip())


_Search = Callable[[str, str], Iterator[Mention]]

FORMATS: dict[str, _Search] = {
    "pyproject.toml": _python_project,
    "Pipfile": _python_project,
    "Pipfile.lock": _json_entries,
    "poetry.lock": _toml_lock,
    "uv.lock": _toml_lock,
    "pdm.lock": _toml_lock,
    "Cargo.lock": _toml_lock,
    "Cargo.toml": _cargo,
    "package.json": _json_dependencies,
    "composer.json": _json_dependencies,
    "package-lock.json": _json_entries,
    "npm-shrinkwrap.json": _json_entries,
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
    "go.mod": _go,
    "go.sum": _go,
    "pom.xml": _pom,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "gradle.lockfile": _gradle,
    "Gemfile": _gemfile,
    "Gemfile.lock": _gemfile_lock,
    "composer.lock": _composer_lock,
    "packages.config": _csproj,
    "Directory.Packages.props": _csproj,
}


def _search_of(file: str, folder: str) -> _Search | None:
    known = FORMATS.get(file)
    if known:
        return known
    if file.endswith((".csproj", ".fsproj", ".vbproj")):
        return _csproj
    is_list = "require" in file or "constraint" in file or folder in ("requirements", "constraints")
    return _requirements if is_list and file.endswith((".txt", ".in")) else None


def _admits(package: Package, said: str) -> bool:
    """Whether a pin or a range admits the version: PEP 440 for PyPI, else `^`, `~` and comparisons that all hold."""
    version = package.version
    if not version or not said:
        return False
    if package.type == "pypi" and re.match(r"[<>=!]|~=", said):
        return _in_specifiers(version, said)
    parts = [part for part in re.split(r"[\s,]+", re.sub(r"([<>=~^]+)\s+", r"\1", said)) if part]
    return bool(parts) and all(_compares(package.type, version, part) for part in parts)


def _in_specifiers(version: str, said: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(said).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _compares(type_: str, version: str, part: str) -> bool:
    found = re.fullmatch(r"([<>=~^]*)[vV]?(.+)", part)
    if not found or not found[2][0].isdigit():
        return False
    operator, bound = found[1], found[2]
    have, want = order(type_, version), order(type_, bound)
    if operator in ("^", "~", "~>"):
        kept = _kept(operator, release(type_, bound))
        return have >= want and release(type_, version)[: len(kept)] == kept
    if operator in (">=", ">"):
        return have > want or (operator == ">=" and have == want)
    if operator in ("<=", "<"):
        return have < want or (operator == "<=" and have == want)
    return have == want


def _kept(operator: str, bound: tuple[int, ...]) -> tuple[int, ...]:
    """The leading numbers that a range may not change: all to the first that is not 0 for `^`, two for `~` (npm), all
    but the last for `~>` (RubyGems)."""
    if operator == "^":
        leading = next((at for at, number in enumerate(bound) if number), len(bound) - 1)
        return bound[: leading + 1]
    return bound[:2] if operator == "~" else bound[: max(len(bound) - 1, 1)]
