"""How code scanning reads SARIF: the part of the format that it uses, what it refuses and what it drops.

Sources: docs "SARIF support for code scanning" and "SARIF results exceed one or more limits". Where they leave a
question open the stricter reading is taken, so that what passes here passes there. Messages are the service's where
public logs show them (`SEEN`); the others say the same in its manner.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .sarif_format import Component, Location, Log, Result, Rule, Run, SarifFormatError, read

if TYPE_CHECKING:
    from .code_scanning import SarifLimits

SAME_CATEGORY = (
    "A delivery cannot contain multiple runs with the same category. Please upload a single run per category. For more "
    "information, see https://github.blog/changelog/2025-07-21-code-scanning-will-stop-combining-multiple-sarif-runs-"
    "uploaded-in-the-same-sarif-file/"
)
NO_LOCATION = "locationFromSarifResult: expected at least one location"
NO_PHYSICAL_LOCATION = "expected a physical location"
NO_ARTIFACT = "locationFromSarifResult: expected artifact location"
NO_MESSAGE = "expected a result message"
UNSUCCESSFUL = "unsuccessful execution"
BAD_SEVERITY = "could not convert rules: invalid security severity value, is not a number: "
BAD_URI = "an invalid URI was provided as a SARIF location: parse "

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_LEVELS = ("error", "warning", "note", "none")


class PackingError(ValueError):
    """The upload is no gzip in base64."""


class TooLargeError(ValueError):
    """The gzip is larger than allowed."""


@dataclass(frozen=True)
class Finding:
    """One result as it is kept. `path` is relative to the repository where the checkout's root was known.

    `severity` is the rule's `security-severity`, None where it has none (or one outside of 0 < n <= 10, as
    documented); `locations`, `flow_locations` and `tags` count what was kept.
    """

    rule_id: str
    level: str
    severity: float | None
    message: str
    path: str
    start_line: int
    end_line: int
    fingerprint: str
    locations: int
    flow_locations: int
    tags: tuple[str, ...]


@dataclass(frozen=True)
class AcceptedRun:
    """One run as it is kept. `ignored` counts the results over the limit."""

    tool: str
    version: str | None
    guid: str | None
    category: str
    rules_count: int
    findings: tuple[Finding, ...]
    ignored: int


def unpack(text: str, limits: SarifLimits) -> bytes:
    """The document inside of gzip inside of base64. Raises PackingError or TooLargeError (by its compressed size)."""
    try:
        packed = base64.b64decode(text, validate=True)
        if len(packed) > limits.max_gzip_bytes:
            raise TooLargeError(f"{len(packed)} bytes of gzip, {limits.max_gzip_bytes} are allowed")
        if not packed:  # which `gzip` takes for an archive without members
            raise PackingError("nothing was sent")
        return gzip.decompress(packed)
    except (binascii.Error, OSError, EOFError, zlib.error) as error:
        raise PackingError(str(error)) from error


def process(document: bytes, checkout_uri: str | None, limits: SarifLimits) -> tuple[Any, list[AcceptedRun], list[str]]:
    """(parsed document or None, runs as kept, errors); with errors no run is kept."""
    try:
        raw, log = read(document)
    except SarifFormatError as error:
        return error.raw, [], [str(error)]
    errors = list(_over_limits(log.runs, limits)) or list(_wrong(log, checkout_uri))
    runs = [] if errors else [_accepted(run, checkout_uri, limits) for run in log.runs]
    return raw, runs, errors


def category(run: Run) -> str:
    """All of `automationDetails.id` before its last slash; an id without a slash names a run and no category."""
    return (run.automation_details.id or "").rpartition("/")[0]


# Refusing


def _over_limits(runs: list[Run], limits: SarifLimits) -> Iterator[str]:
    results = [result for run in runs for result in run.results or ()]
    rules = [rule for run in runs for component in _components(run) for rule in component.rules]
    # SEEN for runs, results and threadflow steps; the others by the same pattern.
    for what, counts, limit in (
        ("runs", [len(runs)], limits.max_runs),
        ("results per run", [len(run.results or ()) for run in runs], limits.max_results),
        ("rules per run", [_rules_count(run) for run in runs], limits.max_rules),
        ("tool extensions per run", [len(run.tool.extensions) for run in runs], limits.max_extensions),
        ("threadflow steps per result", map(_flow_locations, results), limits.max_flow_locations),
        ("locations per result", [len(result.locations) for result in results], limits.max_locations),
        ("tags per rule", [len(rule.properties.tags) for rule in rules], limits.max_tags),
    ):
        worst = max(counts, default=0)
        if worst > limit:
            yield f"rejecting SARIF, as there are more {what} than allowed ({worst} > {limit})"


def _wrong(log: Log, checkout_uri: str | None) -> Iterator[str]:
    if log.version != "2.1.0":
        yield f"unsupported SARIF version {log.version!r}: only 2.1.0 is supported"
    if not log.runs:
        yield "expected at least one run"
    for run in log.runs:
        if not run.tool.driver.name:
            yield "expected a tool driver name"
        if run.results is None:
            yield "expected a results array in the run"
        if any(one.execution_successful is False for one in run.invocations):
            yield UNSUCCESSFUL  # SEEN for CodeQL; whether a third party's run passes is not documented
        for component in _components(run):
            yield from _wrong_rules(component.rules)
        rules, root = _Rules(run), _root(run, checkout_uri)
        for result in run.results or ():
            yield from _wrong_result(result, rules, root)
    kinds = Counter((run.tool.driver.name, category(run)) for run in log.runs)
    if any(count > 1 for count in kinds.values()):
        yield SAME_CATEGORY  # SEEN


def _wrong_rules(rules: list[Rule]) -> Iterator[str]:
    for rule in rules:
        if not rule.id:
            yield "could not convert rules: expected a rule id"
        severity = rule.properties.security_severity
        if severity is not None and not _NUMBER.fullmatch(severity):
            yield f"{BAD_SEVERITY}{severity}"  # SEEN


def _wrong_result(result: Result, rules: _Rules, root: str | None) -> Iterator[str]:
    if not rules.id_of(result):
        yield "expected a rule id in the result"
    if not result.message.text:
        yield NO_MESSAGE  # SEEN
    if not result.locations:
        yield NO_LOCATION  # SEEN
    for location in result.locations:
        yield from _wrong_location(location, root)


def _wrong_location(location: Location, root: str | None) -> Iterator[str]:
    physical = location.physical_location
    if physical is None:
        yield NO_PHYSICAL_LOCATION  # SEEN
        return
    uri = physical.artifact_location.uri
    if not uri:
        yield NO_ARTIFACT  # SEEN
        return
    reason = _bad_uri(uri)
    if reason:
        yield f'{BAD_URI}"{uri}": {reason}'  # SEEN
    else:
        scheme, wanted = _scheme(uri), _scheme(root or "") or "file"
        if scheme and scheme != wanted:
            yield f'SARIF URI scheme "{scheme}" did not match the checkout URI scheme "{wanted}"'  # SEEN
    for name, number in physical.region.numbers():
        if number is not None and number < 1:
            yield f"invalid region: {name} must be at least 1, not {number}"


def _bad_uri(uri: str) -> str | None:
    """Why Go's parser, which the service's messages show, takes this for no URI reference."""
    if re.search(r"[\x00-\x1f\x7f]", uri):
        return "net/url: invalid control character in URL"
    wrong = re.search(r"%(?![0-9A-Fa-f]{2}).{0,2}", uri)
    if wrong:
        return f'invalid URL escape "{wrong[0]}"'
    if not _scheme(uri) and ":" in uri.partition("/")[0]:
        return "first path segment in URL cannot contain colon"
    try:
        host = urlsplit(uri).netloc
    except ValueError as error:
        return str(error)
    return 'invalid character " " in host name' if " " in host else None


def _scheme(uri: str) -> str:
    found = _SCHEME.match(uri)
    return found[0].lower() if found else ""


# Keeping


def _accepted(run: Run, checkout_uri: str | None, limits: SarifLimits) -> AcceptedRun:
    driver, rules, root = run.tool.driver, _Rules(run), _root(run, checkout_uri)
    found = [_finding(result, rules, root, limits) for result in run.results or ()]
    # "Prioritized by severity": security severity, then level; the docs do not say which weighs more.
    found.sort(key=lambda one: (-(one.severity or 0), _LEVELS.index(one.level)))
    kept = tuple(found[: limits.kept_results])
    return AcceptedRun(
        tool=driver.name or "",
        version=driver.semantic_version or driver.version,
        guid=driver.guid,
        category=category(run),
        rules_count=_rules_count(run),
        findings=kept,
        ignored=len(found) - len(kept),
    )


def _finding(result: Result, rules: _Rules, root: str | None, limits: SarifLimits) -> Finding:
    rule = rules.of(result) or Rule()
    physical = result.locations[0].physical_location
    uri = (physical.artifact_location.uri or "") if physical else ""
    region = physical.region if physical else None
    start = (region.start_line if region else None) or 1
    path, message = _relative(uri, root), result.message.text or ""
    made_up = hashlib.sha256(f"{start}:{message}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Finding(
        rule_id=rules.id_of(result),
        level=result.level or rule.default_configuration.level or "warning",
        severity=_severity(rule),
        message=message,
        path=path,
        start_line=start,
        end_line=(region.end_line if region else None) or start,
        fingerprint=result.partial_fingerprints.get("primaryLocationLineHash") or made_up,
        locations=min(len(result.locations), limits.kept_locations),
        flow_locations=min(_flow_locations(result), limits.kept_flow_locations),
        tags=tuple(rule.properties.tags[: limits.kept_tags]),
    )


def _severity(rule: Rule) -> float | None:
    text = rule.properties.security_severity
    return float(text) if text is not None and 0 < float(text) <= 10 else None


def _relative(uri: str, root: str | None) -> str:
    """A file under the checkout's root by its path in the repository; any other URI as it stands."""
    base = f"{root.rstrip('/')}/" if root else ""
    return unquote(uri.removeprefix(base) if base else uri)


def _root(run: Run, checkout_uri: str | None) -> str | None:
    """`invocations[0].workingDirectory.uri` counts only where the request names no `checkout_uri`."""
    return checkout_uri or (run.invocations[0].working_directory.uri if run.invocations else None)


def _components(run: Run) -> Iterable[Component]:
    return (run.tool.driver, *run.tool.extensions)


def _rules_count(run: Run) -> int:
    return sum(len(component.rules) for component in _components(run))


def _flow_locations(result: Result) -> int:
    return sum(len(thread.locations) for flow in result.code_flows for thread in flow.thread_flows)


class _Rules:
    """The rules of one run, indexed once: a run may have 25,000 of them and as many results."""

    def __init__(self, run: Run) -> None:
        self._tool = run.tool
        self._named = {rule.id: rule for one in _components(run) for rule in one.rules}

    def of(self, result: Result) -> Rule | None:
        """By the index in its component, else by id; `a/b` is the rule `a` (SARIF 3.27.5)."""
        index = result.rule_index if result.rule_index is not None else result.rule.index
        home = self._home(result.rule.tool_component.index)
        if home is not None and index is not None and 0 <= index < len(home.rules):
            return home.rules[index]
        named = result.rule_id or result.rule.id or ""
        return self._named.get(named) or self._named.get(named.rpartition("/")[0])

    def _home(self, extension: int | None) -> Component | None:
        if extension is None:
            return self._tool.driver
        return self._tool.extensions[extension] if extension < len(self._tool.extensions) else None

    def id_of(self, result: Result) -> str:
        """Empty for a result that names no rule."""
        found = self.of(result)
        return result.rule_id or result.rule.id or (found.id if found else None) or ""
