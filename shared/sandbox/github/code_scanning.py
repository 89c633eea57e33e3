"""Code scanning of one repository: uploads of SARIF, the analyses that came of them, and their alerts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from . import sarif
from .sarif import Finding
from .site import Site


@dataclass(frozen=True)
class SarifLimits:
    """GitHub's limits on one upload; tests lower them instead of making thousands of results.

    Above a `max_` the upload is refused; above a `kept_` it is accepted, and what is over is dropped without an error
    (seen in public: 5,001 results give `complete` and a count of 5,000).

    Sources: docs "SARIF results file is too large" for the bytes, which are compressed ones (seen: 11 MB that pack
    into 1.4 MB pass); they do not say which megabyte, so it is the smaller. REST reference "Upload an analysis as
    SARIF data" and docs "SARIF results exceed one or more limits" for all other numbers.
    """

    max_gzip_bytes: int = 10_000_000
    max_runs: int = 20
    max_results: int = 25_000
    max_rules: int = 25_000
    max_extensions: int = 100
    max_flow_locations: int = 10_000
    max_locations: int = 1_000
    max_tags: int = 20
    kept_results: int = 5_000
    kept_flow_locations: int = 1_000
    kept_locations: int = 100
    kept_tags: int = 10


Refusal = Literal[
    "Advanced Security must be enabled for this repository to use code scanning.",
    "Code Security must be enabled for this repository to use code scanning.",
    "Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.",
]
"""What 403 says where code scanning is off: no licence (by its name until 2025, and since), or not switched on."""

Status = Literal["pending", "complete", "failed"]


@dataclass(frozen=True)
class Tool:
    name: str
    version: str | None
    guid: str | None


@dataclass(frozen=True)
class Analysis:
    """One accepted run. `findings` are those kept, most severe first; `ignored` is how many were dropped."""

    id: int
    sarif_id: str
    ref: str
    commit_sha: str
    tool: Tool
    category: str
    rules_count: int
    findings: tuple[Finding, ...] = field(repr=False)
    ignored: int
    created_at: datetime

    @property
    def results_count(self) -> int:
        return len(self.findings)

    @property
    def configuration(self) -> tuple[str, str, str]:
        """A newer analysis with the same reference, tool and category takes this one's place."""
        return self.ref, self.tool.name, self.category


@dataclass
class Upload:
    """One accepted request. `sarif` is the parsed document, None when it was no JSON.

    It is processed at once; the outcome shows after `pending_for` more looks.
    """

    id: str
    ref: str
    commit_sha: str
    tool_name: str
    checkout_uri: str | None
    sarif: Any = field(repr=False)
    errors: tuple[str, ...]
    waiting: tuple[Analysis, ...] = field(repr=False)
    pending_for: int = 0

    @property
    def status(self) -> Status:
        if self.pending_for:
            return "pending"
        return "failed" if self.errors else "complete"


@dataclass(frozen=True)
class Alert:
    """One weakness on one reference: `rule_id` and fingerprint (and path) of a tool, whatever the commit."""

    number: int
    state: Literal["open", "fixed"]
    created_at: datetime
    fixed_at: datetime | None
    analysis: Analysis
    finding: Finding


@dataclass
class CodeScanning:
    """Read `analyses` and `uploads`; `refusal` switches it off, with the message that a caller then gets."""

    refusal: Refusal | None = None
    limits: SarifLimits = field(default_factory=SarifLimits)
    uploads: dict[str, Upload] = field(default_factory=dict)
    analyses: list[Analysis] = field(default_factory=list)
    _numbers: dict[tuple[str, ...], tuple[int, datetime]] = field(default_factory=dict)

    def receive(
        self,
        document: bytes,
        site: Site,
        *,
        ref: str,
        commit_sha: str,
        checkout_uri: str | None = None,
        tool_name: str = "API",
        pending_for: int = 0,
    ) -> Upload:
        """Process an unpacked SARIF document; its analyses are listed once it is no longer pending."""
        sarif_id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(site.next_id())))
        raw, runs, errors = sarif.process(document, checkout_uri, self.limits)
        made = tuple(
            Analysis(
                id=site.next_id(),
                sarif_id=sarif_id,
                ref=ref,
                commit_sha=commit_sha,
                tool=Tool(run.tool, run.version, run.guid),
                category=run.category,
                rules_count=run.rules_count,
                findings=run.findings,
                ignored=run.ignored,
                created_at=site.clock(),
            )
            for run in runs
        )
        upload = Upload(sarif_id, ref, commit_sha, tool_name, checkout_uri, raw, tuple(errors), made, pending_for)
        self.uploads[sarif_id] = upload
        self._settle(upload)
        return upload

    def look(self, upload: Upload) -> Status:
        """What a caller who asks now is told; counts as one look."""
        status = upload.status
        if status == "pending":
            upload.pending_for -= 1
            self._settle(upload)
        return status

    def _settle(self, upload: Upload) -> None:
        if upload.status != "complete":
            return
        made, upload.waiting = upload.waiting, ()
        self.analyses.extend(made)
        for analysis in made:
            for finding in analysis.findings:
                self._numbers.setdefault(_identity(analysis, finding), (len(self._numbers) + 1, analysis.created_at))

    def newest(self, ref: str) -> list[Analysis]:
        """The analysis in force of each tool and category on a reference (full name)."""
        return list({one.configuration: one for one in self.analyses if one.ref == ref}.values())

    def deletable(self, analysis: Analysis) -> bool:
        """Only the newest of its tool, category and reference can be deleted."""
        return analysis in self.newest(analysis.ref)

    def alerts(self, ref: str) -> list[Alert]:
        """What was ever found on a reference, by number: open while an analysis in force has it, else fixed."""
        in_force = {one.configuration: one for one in self.newest(ref)}
        seen: dict[tuple[str, ...], Alert] = {}
        for analysis, finding in self._found(ref):
            identity = _identity(analysis, finding)
            number, created = self._numbers[identity]
            latest = in_force[analysis.configuration]
            if latest is analysis:
                seen[identity] = Alert(number, "open", created, None, analysis, finding)
            elif identity not in seen or seen[identity].state == "fixed":
                seen[identity] = Alert(number, "fixed", created, latest.created_at, analysis, finding)
        return sorted(seen.values(), key=lambda alert: alert.number)

    def _found(self, ref: str) -> Iterator[tuple[Analysis, Finding]]:
        for analysis in self.analyses:
            if analysis.ref == ref:
                for finding in analysis.findings:
                    yield analysis, finding


def _identity(analysis: Analysis, finding: Finding) -> tuple[str, ...]:
    return analysis.tool.name, finding.rule_id, finding.path, finding.fingerprint
