"""The README of coverage-gate: its lists and numbers are those of the code."""

from __future__ import annotations

from tests.docs.pages import ROOT, codes, section, table

from actionkit import envelope, search
from actionkit.annotations import PER_LEVEL
from actionkit.base import ANCESTORS
from actionkit.commit_index import KEPT
from actionkit.config import CONFIG_LIMIT
from actionkit.github.comments import BODY_LIMIT
from coverage_gate import changes, readers
from coverage_gate.gather import USUAL_NAMES
from coverage_gate.inputs import FORMATS
from coverage_gate.model import LINE_LIMIT
from coverage_gate.readers.source import SIZE_LIMIT

GATE = ROOT / "actions" / "coverage-gate" / "README.md"
MIB = 1024 * 1024


def test_the_formats_are_those_that_are_read() -> None:
    listed = [codes(row[0])[0] for row in table(GATE, "## Formats")]
    assert sorted(listed) == sorted(set(FORMATS) - {"auto"}) == sorted(reader.name for reader in readers.READERS)


def test_the_limits_are_those_of_the_code() -> None:
    limits = " ".join(section(GATE, "## Limits").split())
    for said in (
        f"up to {SIZE_LIMIT // MIB} MiB each",
        f"line numbers up to {LINE_LIMIT:,}",
        f"policy files up to {CONFIG_LIMIT // 1024} KiB",
        f"outcome files up to {envelope.OUTCOME_LIMIT // MIB} MiB",
        f"looks at {search.ENTRIES:,} files and folders",
        f"the last {ANCESTORS} commits before the base",
        f"the last {KEPT:,} records",
        f"up to {changes.MOST_FILES:,} files of a pull request",
        f"{PER_LEVEL} annotations per level and step",
        f"cut at {BODY_LIMIT:,} characters",
    ):
        assert said in limits, said


def test_the_reports_of_the_recipes_are_found_by_name_or_named() -> None:
    """Where a recipe's tool writes its usual file, leaving `reports` out would find it too."""
    text = GATE.read_text(encoding="utf-8")
    for name in ("coverage-final.json", "cover.out", "jacoco.xml", "jacocoTestReport.xml", ".resultset.json",
                 "coverage.cobertura.xml", "coverage.json", "lcov.info", "clover.xml"):  # fmt: skip
        assert name in text
        assert name in USUAL_NAMES
