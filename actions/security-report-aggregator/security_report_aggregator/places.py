"""Where a dependency comes in: the line of the manifest or lock file that names it, for annotations and SARIF."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from actionkit.workspace import Workspace
from security_report_aggregator import manifest
from security_report_aggregator.consensus import location_of, package_of
from security_report_aggregator.model import Category, Finding, Location, Package, Weakness
from security_report_aggregator.sources import Sources

MANIFESTS = {
    "pypi": (
        *("requirements*.txt", "requirements/*.txt", "requirements/*.in", "pyproject.toml", "Pipfile.lock"),
        *("poetry.lock", "uv.lock"),
    ),
    "npm": ("package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"),
    "golang": ("go.mod",),
    "maven": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "gem": ("Gemfile", "Gemfile.lock"),
    "cargo": ("Cargo.toml", "Cargo.lock"),
    "composer": ("composer.json", "composer.lock"),
    "nuget": ("*.csproj",),
}
"""Looked for at the top of the repository, what people write before what tools write, by purl type."""

LOOKED_UP = 2_000
"""Packages that are looked up in one run: each costs a search of every manifest of its kind."""

Place = tuple[str, int | None]


class Places:
    """Answers for one workspace; the files are read once (`Sources`). Nothing raises."""

    def __init__(self, workspace: Workspace, sources: Sources) -> None:
        self._workspace, self._sources = workspace, sources
        self._found: dict[tuple[str, Package], Place | None] = {}

    @cached_property
    def _manifests(self) -> dict[str, tuple[str, ...]]:
        listed: dict[str, tuple[str, ...]] = {}
        for type_, globs in MANIFESTS.items():
            paths = [path for glob in globs for path in self._workspace.find([glob]).paths]
            listed[type_] = tuple(dict.fromkeys(paths))
        return listed

    def of(self, finding: Finding) -> Place | None:
        """File and line that name the finding's package; the file its report names before any other, None for none."""
        if finding.package is None:
            return None
        place = finding.location
        return self.at(finding.package, place.path if place is not None and place.is_file else "")

    def placed(self, weakness: Weakness) -> Weakness:
        """The weakness on the line that brings its package in, where its reports name none; else as it is."""
        place, package = location_of(weakness), package_of(weakness)
        if package is None or weakness.category is not Category.DEPENDENCY or (place is not None and place.line):
            return weakness
        if place is not None and not place.is_file:
            return weakness
        found = self.at(package, place.path if place is not None else "")
        if found is None or found[1] is None:
            return weakness
        first, *others = weakness.findings
        located = replace(first, location=Location(found[0], found[1]))
        return replace(weakness, findings=(located, *others))

    def at(self, package: Package, named: str = "") -> Place | None:
        """The same for a package that `named`, a path or "", is said to bring in."""
        key = (named, package)
        if key not in self._found:
            if len(self._found) >= LOOKED_UP:
                return (named, None) if named else None
            self._found[key] = self._look_up(named, package)
        return self._found[key]

    def _look_up(self, named: str, package: Package) -> Place | None:
        for path in (named,) if named else self._manifests.get(package.type, ()):
            text = self._sources.text(path)
            line = manifest.line_of(text, path, package) if text is not None else None
            if line is not None:
                return path, line
        return (named, None) if named else None
