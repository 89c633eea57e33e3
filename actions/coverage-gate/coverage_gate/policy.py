"""What is asked of the coverage of a run: inputs and `.github/coverage-gate.yml` put together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from actionkit.codeowners import Codeowners
from actionkit.errors import Complaint, UsageError
from actionkit.nearest import nearest
from actionkit.origin import Origin
from actionkit.scope import Scope
from actionkit.yamlcore import Keys, dotted
from coverage_gate.limits import Threshold
from coverage_gate.waivers import Waiver

if TYPE_CHECKING:
    from coverage_gate.policy_file import ConfigFile, SuiteConfig


@dataclass(frozen=True, slots=True)
class SuitePolicy:
    """Thresholds of one suite."""

    name: str
    line: Threshold | None = None
    branch: Threshold | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """A named part of the code base, over all suites, with thresholds of its own."""

    name: str
    scope: Scope
    origin: Origin
    line: Threshold | None = None
    branch: Threshold | None = None
    patch: Threshold | None = None


@dataclass(frozen=True, slots=True)
class OwnerFloor:
    """What the files of one owner (as CODEOWNERS spells it) must reach; `ratchet` is set if they may not fall."""

    owner: str
    line: Threshold | None = None
    ratchet: Threshold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the gate and the gathering of evidence go by.

    `reports` are (suite, glob) pairs, the suite "" where none is named; empty means: look for the usual names.
    `on_no_lines` is what 0 of 0 means to a threshold: `pass`, `fail` or `incomplete`; "" where the user did not say
    (then it passes and is said, but reports without any line, and scopes without any file, are incomplete).
    """

    line: Threshold | None = None
    branch: Threshold | None = None
    patch: Threshold | None = None
    file: Threshold | None = None
    max_drop: Threshold | None = None
    new_files: Threshold | None = None
    reports: tuple[tuple[str, str], ...] = ()
    suites: tuple[SuitePolicy, ...] = ()
    components: tuple[Component, ...] = ()
    owners: tuple[OwnerFloor, ...] = ()
    codeowners: Codeowners = field(default_factory=Codeowners)
    ignore: Scope = field(default_factory=Scope)
    paths: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    on_no_lines: str = ""

    @property
    def suite_reports(self) -> dict[str, tuple[str, ...]]:
        """Suite -> globs of its reports, from input and config file together; "" is the suite without a name."""
        wanted: dict[str, tuple[str, ...]] = {}
        for suite, glob in self.reports:
            wanted[suite] = (*wanted.get(suite, ()), glob)
        return wanted

    @property
    def floors(self) -> tuple[Threshold, ...]:
        """Every threshold below which coverage may not be, without those of how far it may fall."""
        suites = (one for suite in self.suites for one in (suite.line, suite.branch))
        components = (one for part in self.components for one in (part.line, part.branch, part.patch))
        owners = (owner.line for owner in self.owners)
        everywhere = (self.line, self.branch, self.patch, self.file, self.new_files)
        return tuple(one for one in (*everywhere, *suites, *components, *owners) if one is not None)

    @property
    def asks_for_patch(self) -> bool:
        return self.patch is not None or any(component.patch for component in self.components)

    @property
    def asks_for_baseline(self) -> bool:
        return self.max_drop is not None or any(owner.ratchet for owner in self.owners)

    @property
    def asks_for_anything(self) -> bool:
        thresholds = [self.line, self.branch, self.patch, self.file, self.max_drop, self.new_files]
        thresholds += [threshold for suite in self.suites for threshold in (suite.line, suite.branch)]
        thresholds += [threshold for part in self.components for threshold in (part.line, part.branch, part.patch)]
        thresholds += [threshold for floor in self.owners for threshold in (floor.line, floor.ratchet)]
        return any(threshold is not None for threshold in thresholds)

    @classmethod
    def combine(
        cls,
        *,
        fail_under: Fraction | None = None,
        fail_under_branch: Fraction | None = None,
        fail_under_patch: Fraction | None = None,
        fail_under_file: Fraction | None = None,
        max_drop: Fraction | None = None,
        reports: Sequence[tuple[str, str]] = (),
        has_baseline: bool = True,
        config: ConfigFile | None = None,
        config_path: str = "",
        line_of: Callable[[Keys], int | None] = lambda _keys: None,
        codeowners: str | None = None,
    ) -> Policy:
        """Put inputs (plain values, None where not given) and the config file together; inputs win.

        `has_baseline` is False for `baseline: none`. `line_of` is `yamlcore.Document.line_of` of the config file.
        `codeowners` is the text of CODEOWNERS, None if there is none. Raises UsageError with every impossible
        combination at once.
        """
        book = _Book(config, config_path, line_of)
        policy = cls(
            line=book.threshold("fail-under", fail_under),
            branch=book.threshold("fail-under-branch", fail_under_branch),
            patch=book.threshold("fail-under-patch", fail_under_patch),
            file=book.threshold("fail-under-file", fail_under_file),
            max_drop=book.drop(max_drop),
            reports=tuple(reports),
            codeowners=Codeowners.parse(codeowners or ""),
        )
        if config is not None:
            policy = replace(
                policy,
                new_files=book.at(config.new_files.fail_under, "new_files", "fail_under") if config.new_files else None,
                reports=(*reports, *_config_reports(reports, config)),
                suites=tuple(book.suites(config)),
                components=tuple(book.components(config)),
                owners=tuple(book.owners(config)),
                ignore=book.scope(config.ignore, ("ignore",)),
                paths=dict(config.paths),
                waivers=tuple(book.waivers(config)),
                on_no_lines=config.on_no_lines or "",
            )
            book.complaints += _suite_complaints(reports, config, book)
        complaints = book.complaints
        complaints += _baseline_complaints(policy, has_baseline)
        complaints += _component_complaints(policy)
        complaints += _owner_complaints(policy, codeowners is not None)
        if complaints:
            raise UsageError(sorted(complaints, key=lambda one: one.line or 0))
        return policy


class _Book:
    """The config file with its path and lines, from which thresholds with their origin are made."""

    def __init__(self, config: ConfigFile | None, path: str, line_of: Callable[[Keys], int | None]) -> None:
        self._config, self._path, self._line_of = config, path, line_of
        self.complaints: list[Complaint] = []

    def origin(self, *keys: str | int) -> Origin:
        return Origin(dotted(keys), self._path, self._line_of(keys))

    def at(self, limit: Fraction | None, *keys: str | int) -> Threshold | None:
        return None if limit is None else Threshold(limit, self.origin(*keys))

    def threshold(self, name: str, given: Fraction | None) -> Threshold | None:
        """The input's limit, else the one of the key of the same name."""
        if given is not None:
            return Threshold(given, Origin(name))
        key = name.replace("-", "_")
        return self.at(getattr(self._config, key, None), key)

    def drop(self, given: Fraction | None) -> Threshold | None:
        stated = self.threshold("max-drop", given)
        if self._config is None or not self._config.ratchet:
            return stated
        ratchet = Threshold(Fraction(0), self.origin("ratchet"))
        if stated is not None and stated.limit:
            message = f"{ratchet.origin} allows no drop, but {stated.origin} allows {stated} percentage points"
            self.complain(message, "Keep one of the two.", ratchet.origin)
        return stated or ratchet

    def scope(self, texts: Sequence[str], keys: Keys) -> Scope:
        if texts and all(text.startswith("!") for text in texts):
            origin = self.origin(*keys)
            fix = "Put a glob such as `src/**` before the first `!`."
            self.complain(f"{origin} only leaves files out", fix, origin)
        return Scope.of(texts)

    def suites(self, config: ConfigFile) -> Iterator[SuitePolicy]:
        for name, suite in config.suites.items():
            yield SuitePolicy(
                name,
                self.at(suite.fail_under, "suites", name, "fail_under"),
                self.at(suite.fail_under_branch, "suites", name, "fail_under_branch"),
            )

    def components(self, config: ConfigFile) -> Iterator[Component]:
        for at, part in enumerate(config.components):
            if part.fail_under is None and part.fail_under_branch is None and part.fail_under_patch is None:
                origin = self.origin("components", at)
                self.complain(f"{origin} asks for nothing", "Add `fail_under: 80`.", origin)
            yield Component(
                part.name,
                self.scope(part.paths, ("components", at, "paths")),
                self.origin("components", at),
                self.at(part.fail_under, "components", at, "fail_under"),
                self.at(part.fail_under_branch, "components", at, "fail_under_branch"),
                self.at(part.fail_under_patch, "components", at, "fail_under_patch"),
            )

    def owners(self, config: ConfigFile) -> Iterator[OwnerFloor]:
        for name, floor in config.owners.items():
            ratchet = Threshold(Fraction(0), self.origin("owners", name, "ratchet")) if floor.ratchet else None
            if floor.fail_under is None and not floor.ratchet:
                origin = self.origin("owners", name)
                self.complain(f"{origin} asks for nothing", "Add `fail_under: 80` or `ratchet: true`.", origin)
            yield OwnerFloor(name, self.at(floor.fail_under, "owners", name, "fail_under"), ratchet)

    def waivers(self, config: ConfigFile) -> Iterator[Waiver]:
        for at, waiver in enumerate(config.waivers):
            scope = self.scope(waiver.paths, ("waivers", at, "paths"))
            yield Waiver(scope, waiver.until, waiver.reason, self.origin("waivers", at))

    def complain(self, message: str, fix: str, origin: Origin) -> None:
        self.complaints.append(_complaint(message, fix, origin))


def _config_reports(given: Sequence[tuple[str, str]], config: ConfigFile) -> Iterator[tuple[str, str]]:
    """The reports of the config file that the input does not name already."""
    for name, suite in config.suites.items():
        yield from ((name, glob) for glob in suite.reports or () if (name, glob) not in given)


def _suite_complaints(given: Sequence[tuple[str, str]], config: ConfigFile, book: _Book) -> Iterator[Complaint]:
    named = {suite for suite, _ in given}
    unnamed = [glob for suite, glob in given if not suite]
    for name, suite in config.suites.items():
        origin = book.origin("suites", name)
        if not suite.reports and name not in named:
            yield _suite_without_reports(name, origin, named, unnamed)
        elif suite.reports and name in named and not _same_globs(name, given, suite):
            yield _complaint(
                f"{origin} names reports, and input `reports` names others for suite `{name}`",
                f"Name them in one place: remove `reports` there, or the lines `{name}=…` of the input.",
                origin,
            )
        elif suite.reports and unnamed:
            yield _complaint(
                f"{origin} names its reports, but input `reports` has `{unnamed[0]}` without a suite",
                f"Write `{name}={unnamed[0]}`, or leave the input empty.",
                origin,
            )


def _suite_without_reports(name: str, origin: Origin, named: set[str], unnamed: Sequence[str]) -> Complaint:
    guess = nearest(name, named - {""})
    glob = unnamed[0] if unnamed else "coverage.xml"
    fix = f"Did you mean `{guess}`?" if guess else f"Write `{name}={glob}` in `reports`, or `reports: [{glob}]` there."
    return _complaint(f"no report belongs to suite `{name}` ({origin}), so it cannot be judged", fix, origin)


def _same_globs(name: str, given: Sequence[tuple[str, str]], suite: SuiteConfig) -> bool:
    return {glob for named, glob in given if named == name} == set(suite.reports or ())


def _baseline_complaints(policy: Policy, has_baseline: bool) -> Iterator[Complaint]:
    if has_baseline:
        return
    for threshold in (policy.max_drop, *(floor.ratchet for floor in policy.owners)):
        if threshold is not None:
            yield _complaint(
                f"{threshold.origin} compares with a baseline, but `baseline` is `none`",
                "Remove one of the two; `baseline: branch` is the default.",
                threshold.origin,
            )


def _component_complaints(policy: Policy) -> Iterator[Complaint]:
    seen: dict[str, Origin] = {}
    for component in policy.components:
        if component.name in seen:
            yield _complaint(
                f"{component.origin} has the name `{component.name}`, and so has {seen[component.name]}",
                "Give each component its own name, or put the paths together.",
                component.origin,
            )
        seen.setdefault(component.name, component.origin)


def _owner_complaints(policy: Policy, has_codeowners: bool) -> Iterator[Complaint]:
    everyone = policy.codeowners.everyone
    for floor in policy.owners:
        threshold = floor.line or floor.ratchet
        if threshold is None or floor.owner.lower() in everyone:
            continue
        if not has_codeowners:
            yield _complaint(
                f"{threshold.origin} needs CODEOWNERS, and there is none",
                "Add `.github/CODEOWNERS`, or use `components` with `paths`.",
                threshold.origin,
            )
            continue
        guess = nearest(floor.owner, everyone)
        yield _complaint(
            f"{threshold.origin}: no rule in CODEOWNERS names `{floor.owner}`",
            f"Did you mean `{guess}`?" if guess else "Write the owner as CODEOWNERS does, such as `@org/team`.",
            threshold.origin,
        )


def _complaint(message: str, fix: str, origin: Origin) -> Complaint:
    return Complaint(message, fix, origin.path, origin.line)
