"""The merged SARIF 2.1.0: one run a scanner, one result for each weakness it reports, within GitHub's limits.

Written result by result into one buffer; the same evidence gives the same bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from security_report_aggregator.evidence import Entry
from security_report_aggregator.model import Finding, Weakness
from security_report_aggregator.sarif_driver import shown_name, slug, versions
from security_report_aggregator.sarif_limits import GITHUB, Limits
from security_report_aggregator.sarif_repairs import Repairs
from security_report_aggregator.sarif_results_out import Surroundings, has_flows, result
from security_report_aggregator.sarif_rules_out import ORDER, Rules
from security_report_aggregator.sarif_runs_out import Planned, planned
from security_report_aggregator.sarif_size import packed
from security_report_aggregator.sources import Sources

DEFAULT_CATEGORY = "verdict"
_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_HEAD = b'{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":['


@dataclass(frozen=True, slots=True)
class Merged:
    """The document, how many runs and results it has, and what was left out or changed to make GitHub take it.

    `data` is empty where no scanner can be relied on: there is nothing that could be uploaded.
    """

    data: bytes
    runs: int
    results: int
    repairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A document and its size as an upload; `results` are those written when it was done, or became too large."""

    data: bytes
    results: int
    packed: int
    repairs: Repairs


def merged(
    entries: Sequence[Entry],
    weaknesses: Sequence[Weakness],
    left_out: Collection[str],
    *,
    category: str,
    sources: Sources,
    manifest_line: Callable[[Finding], tuple[str, int | None] | None],
    limits: Limits = GITHUB,
) -> Merged:
    """The upload for what `entries` and `weaknesses` (the worst first) say, without those whose ids are `left_out`.

    `category` tells several uploads for one commit apart; each run's is `<category>/<tool>/`. `manifest_line` gives
    the file and line that bring in a finding's package, None where nobody knows.
    """
    repairs = Repairs()
    runs = planned(entries, weaknesses, left_out, repairs, limits)
    if not runs:
        return Merged(b"", 0, 0, repairs.texts())
    prefix = "/".join(slug(part) for part in category.split("/") if part.strip()) or DEFAULT_CATEGORY
    around = Surroundings(sources, manifest_line, _Reports(entries).of, shown_name)
    written = _Writer(prefix, around, limits).fitted(runs, repairs)
    for run in runs:
        if len(run.picks) > limits.kept_results:
            what = f"GitHub shows the {limits.kept_results:,} most severe of {len(run.picks):,} results of {run.name}"
            repairs.add(what)
    return Merged(written.data, len(runs), written.results, (*repairs.texts(), *written.repairs.texts()))


class _Writer:
    """Writes the runs; `fitted` until they are within the limits."""

    def __init__(self, prefix: str, around: Surroundings, limits: Limits) -> None:
        self._prefix, self._around, self._limits = prefix, around, limits

    def fitted(self, runs: list[Planned], repairs: Repairs) -> _Written:
        """The whole document if it fits, else without what can be done without; the least severe results go last."""
        limit = self._limits.gzip_bytes
        written = self._write(runs, with_flows=True, with_help=True)
        if written.packed <= limit:
            return written
        if any(has_flows(pick) for run in runs for pick in run.picks):
            repairs.add("data flows and related places are left out: the upload would be larger than GitHub takes")
            written = self._write(runs, with_flows=False, with_help=True)
        if written.packed > limit:
            repairs.add("the help of rules is left out: the upload would be larger than GitHub takes")
            written = self._write(runs, with_flows=False, with_help=False)
        total = sum(len(run.picks) for run in runs)
        while written.packed > limit and written.results:
            # 95 %: the rules do not shrink with the results.
            _keep(runs, int(written.results * limit / written.packed * 0.95))
            written = self._write(runs, with_flows=False, with_help=False)
        if written.results < total:
            what = "the least severe results are left out: the upload would be larger than GitHub takes"
            repairs.add(what, count=total - written.results)
        return written

    def _write(self, runs: Sequence[Planned], *, with_flows: bool, with_help: bool) -> _Written:
        buffer, repairs, count = io.BytesIO(), Repairs(), 0
        buffer.write(_HEAD)
        for at, run in enumerate(runs):
            rules = Rules(run.picks, named=run.is_shared)
            if rules.split:
                what = f"rules of {run.name} are split by severity, since GitHub takes one severity a rule"
                repairs.add(what, rules.split[0], len(rules.split))
            buffer.write((b"," if at else b"") + _opening(run, rules, self._prefix, with_help=with_help))
            for number, pick in enumerate(run.picks):
                made = result(pick, rules.of(pick), self._around, repairs, with_flows=with_flows)
                buffer.write(f"{',' if number else ''}{_ENCODE(made)}".encode())
                count += 1
                if buffer.tell() > self._limits.document:
                    return _Written(b"", count, self._limits.gzip_bytes + 1, repairs)
            buffer.write(b"]}")
        buffer.write(b"]}\n")
        data = buffer.getvalue()
        return _Written(data, count, packed(data, self._limits.gzip_bytes), repairs)


def _keep(runs: list[Planned], count: int) -> None:
    """Cut the runs to the `count` worst results of all of them together."""
    left = count
    kept = [0] * len(runs)
    for level in ORDER:
        for at, run in enumerate(runs):
            of_level = sum(pick.rated.level is level for pick in run.picks)
            taken = min(of_level, left)
            kept[at] += taken
            left -= taken
    for at, run in enumerate(runs):
        del run.picks[kept[at] :]


def _opening(run: Planned, rules: Rules, prefix: str, *, with_help: bool) -> bytes:
    """A run up to its results."""
    described = list(rules.encoded(with_help=with_help))
    driver: dict[str, object] = {"name": run.name, **versions(run.version), "rules": described}
    head = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{prefix}/{run.slug}/"},
        "invocations": [{"executionSuccessful": True}],
    }
    return f'{_ENCODE(head)[:-1]},"results":['.encode()


class _Reports:
    """Finds the report that a finding came in; only asked for those that name no file."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._paths: dict[int, str] | None = None

    def of(self, finding: Finding) -> str:
        """The path of the report; of a zip the archive's, since its members are no files of the repository."""
        if self._paths is None:
            self._paths = {
                id(one): entry.path
                for entry in self._entries
                if entry.scan is not None
                for one in entry.scan.findings
                if one.location is None or not one.location.is_file or one.package is not None
            }
        path = self._paths.get(id(finding)) or self._first(finding.tool)
        return path.split("!", 1)[0]

    def _first(self, tool: str) -> str:
        return next((entry.path for entry in self._entries if entry.tool == tool and entry.path), "")
