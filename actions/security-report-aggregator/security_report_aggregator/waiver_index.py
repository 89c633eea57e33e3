"""Which waivers can cover a weakness: found by what they name and by their paths, not by a look at each. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from actionkit.globs import Segment
from actionkit.scope import Scope
from security_report_aggregator import package_names, tools
from security_report_aggregator.model import Category, Weakness
from security_report_aggregator.waiver import Waiver


class WaiverIndex:
    """Waivers by the narrowest thing they name and by their paths; both must fit."""

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self.waivers = tuple(waivers)
        self._named: dict[str, set[int]] = defaultdict(set)
        self._named_somewhere: dict[str, set[int]] = defaultdict(set)
        self._nameless: dict[Category, set[int]] = defaultdict(set)
        self._kinds: set[str] = set()
        self._places = _Places()
        for at, waiver in enumerate(self.waivers):
            self._add(at, waiver)

    def near(self, weakness: Weakness) -> list[int]:
        """The numbers of all waivers that cover the weakness, and of few others, in their order."""
        if not self.waivers:
            return []
        found: set[int] = set()
        here: set[int] = set()
        for path in paths_of(weakness) if self._places else ():
            here |= self._places.of(path)
        for key in self._keys(weakness):
            found |= self._named.get(key, frozenset())
            found |= here & self._named_somewhere.get(key, frozenset())
        found |= here & self._nameless[weakness.category]
        return sorted(found)

    def _keys(self, weakness: Weakness) -> Iterator[str]:
        if "id" in self._kinds:
            yield from (f"id {one}" for one in ids_of(weakness))
        if "rule" in self._kinds:
            yield from (f"rule {one}" for one in rules_of(weakness))
        if "package" in self._kinds:
            named = {finding.package.name for finding in weakness.findings if finding.package is not None}
            yield from (f"package {package_names.key(name)}" for name in named)

    def _add(self, at: int, waiver: Waiver) -> None:
        if waiver.ids:
            kind, names = "id", {one.casefold() for one in waiver.ids}
        elif waiver.rules:
            kind, names = "rule", set(rule_keys(waiver.rules))
        else:
            kind = "package"
            meant = (one for text in waiver.packages for one in package_names.meanings(text))
            names = {package_names.key(one.name) for one in meant}
        for name in names:
            self._kinds.add(kind)
            (self._named_somewhere if waiver.scope else self._named)[f"{kind} {name}"].add(at)
        if waiver.scope:
            self._places.add(at, waiver.scope)
            if not (waiver.ids or waiver.rules or waiver.packages):
                for category in waiver.categories or Category:
                    self._nameless[category].add(at)


class _Places:
    """Path globs by the folder or the file name that they fix; equal ones are matched once for all their waivers."""

    def __init__(self) -> None:
        self._scopes: dict[Scope, set[int]] = {}
        self._folders: dict[tuple[str, ...], set[Scope]] = defaultdict(set)
        self._names: dict[str, set[Scope]] = defaultdict(set)
        self._wild: dict[Segment, set[Scope]] = defaultdict(set)
        self._by_name: dict[str, frozenset[Scope]] = {}
        self._of: dict[str, frozenset[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._scopes)

    def add(self, at: int, scope: Scope) -> None:
        known = self._scopes.setdefault(scope, set())
        known.add(at)
        if len(known) > 1:
            return
        for pattern in scope.patterns:
            for segments in () if pattern.excludes else pattern.alternatives:
                fixed = tuple(
                    name for segment in takewhile(lambda one: one.name is not None, segments) if (name := segment.name)
                )
                if fixed:
                    self._folders[fixed].add(scope)
                elif segments[-1].name is not None:
                    self._names[segments[-1].name].add(scope)
                else:
                    self._wild[segments[-1]].add(scope)

    def of(self, path: str) -> frozenset[int]:
        """Those that take in the path."""
        if path not in self._of:
            parts = tuple(path.split("/"))
            found = set(self._named(parts[-1]))
            for end in range(1, len(parts) + 1):
                found.update(self._folders.get(parts[:end], ()))
            self._of[path] = frozenset(at for scope in found if path in scope for at in self._scopes[scope])
        return self._of[path]

    def _named(self, name: str) -> frozenset[Scope]:
        """Those whose last segment can be this name; most paths of a report share few names or few folders."""
        if name not in self._by_name:
            wild = (one for last, those in self._wild.items() if last.matches(name, hidden=True) for one in those)
            self._by_name[name] = frozenset((*wild, *self._names.get(name, ())))
        return self._by_name[name]


def ids_of(weakness: Weakness) -> set[str]:
    """All that a waiver may call it: its own id, its aliases, and its rules, which of dependencies are advisories."""
    found = {weakness.id, *weakness.aliases}
    for finding in weakness.findings:
        found.add(finding.rule.id)
        found.update(finding.aliases)
    return {one.casefold() for one in found}


def rules_of(weakness: Weakness) -> set[str]:
    found: set[str] = set()
    for finding in weakness.findings:
        rule = finding.rule.id.casefold()
        found.update((rule, f"{finding.tool}/{rule}"))
    return found


def rule_keys(texts: Iterable[str]) -> Iterator[str]:
    """A rule as it is written, and with its scanner's name as `tools` spells it (`OWASP ZAP/10021`)."""
    for text in texts:
        plain = text.strip().casefold()
        yield plain
        tool, slash, rule = plain.partition("/")
        if slash:
            yield f"{tools.normalised(tool)}/{rule}"


def paths_of(weakness: Weakness) -> set[str]:
    return {finding.location.path for finding in weakness.findings if finding.location is not None}
