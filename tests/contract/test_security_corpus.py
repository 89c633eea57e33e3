"""Real reports through the whole action: what each holds is counted, and what cannot be relied on is never clean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.contract.in_process import Folder, Ran

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "security"
NO_CORPUS = "the corpus is not here: ../shared/corpus/security"
SAMPLES = Path(__file__).resolve().parents[1] / "fixtures" / "security"

LEVELS = {
    **{word: word for word in ("critical", "high", "medium", "low", "unknown")},
    "error": "high",
    "warning": "medium",
    "note": "low",
    "info": "low",
    "moderate": "medium",
    "negligible": "low",
    "defcon1": "critical",
    "none": "unknown",
}
"""What scanners call a severity, in lower case -> our level."""

OWN_WORDS = {"zap": {"0": "low", "1": "low", "2": "medium", "3": "high"}}

WITHOUT_WORDS = {
    "osv-scanner": "rates by CVSS vectors, which are no words",
    "docker-bench": "counts passed checks beside its warnings",
    "sarif/codeQL-output.sarif": "the level stands on the rule",
    "sarif/codeql_invalid_uri.sarif": "the level stands on the rule",
}

GAPS = {
    "semgrep/sca-deployments-vulns.json": "`hasMore` says that there are more",
    "sarif/appendix_k.sarif": "reports an error: Exception evaluating rule",
    "pip-audit/many_vulns_new.json": "did not audit azure-devops",
}
"""Reports that hold all their records, and say themselves that they are not the whole truth."""


def entries(*outcomes: str) -> list[Any]:
    index = CORPUS / "INDEX.json"
    listed: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))["entries"] if index.exists() else []
    chosen = [pytest.param(entry, id=entry["file"]) for entry in listed if entry["outcome"] in outcomes]
    return chosen or [pytest.param({}, marks=pytest.mark.skip(reason=NO_CORPUS))]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder.within(tmp_path)


def run_of(folder: Folder, entry: Mapping[str, Any], **inputs: str) -> Ran:
    name = Path(entry["file"]).name
    folder.write({name: (CORPUS / entry["file"]).read_bytes()})
    ran = folder.run(**{"reports": name, "fail_on": "none", **inputs})
    assert "Traceback" not in ran.printed
    assert {scan["path"] for scan in ran.scans} == {name}
    return ran


def levels_of(entry: Mapping[str, Any]) -> dict[str, int] | None:
    """The records by our levels; None where the corpus does not say."""
    said = entry.get("raw_severities")
    if not said or entry["tool"] in WITHOUT_WORDS or entry["file"] in WITHOUT_WORDS:
        return None
    words = OWN_WORDS.get(entry["tool"], LEVELS)
    made: dict[str, int] = {}
    for word, number in said.items():
        level = words[word.lower()]
        made[level] = made.get(level, 0) + number
    return made


@pytest.mark.parametrize("entry", entries("ok", "warn"))
def test_every_record_is_counted_with_its_severity(folder: Folder, entry: dict[str, Any]) -> None:
    ran = run_of(folder, entry)
    if entry.get("raw_count") is not None:
        assert sum(scan["records"] for scan in ran.scans) == entry["raw_count"]
        assert ran.data["counts"]["records"] == entry["raw_count"]
    expected = levels_of(entry)
    if expected is not None:
        (scan,) = ran.scans
        assert {level: number for level, number in scan["by_severity"].items() if number} == expected
    complete = entry["outcome"] == "ok" and entry["file"] not in GAPS
    assert all(scan["complete"] for scan in ran.scans) is complete
    assert (ran.exit_code, ran.verdict) == ((0, "pass") if complete else (3, "incomplete"))
    assert GAPS.get(entry["file"], "") in ran.scans[0]["reason"]


@pytest.mark.parametrize("entry", entries("warn"))
def test_a_scan_in_doubt_that_fails_the_policy_fails_and_stays_in_doubt(folder: Folder, entry: dict[str, Any]) -> None:
    ran = run_of(folder, entry, fail_on="any")
    assert ran.verdict in ("fail", "incomplete")
    assert not all(scan["complete"] for scan in ran.scans)
    assert ran.outputs["score"] == ""


@pytest.mark.parametrize("entry", entries("error"))
def test_what_cannot_be_read_is_named_with_the_reason_and_never_clean(folder: Folder, entry: dict[str, Any]) -> None:
    ran = run_of(folder, entry)
    name = Path(entry["file"]).name
    (scan,) = ran.scans
    assert (ran.exit_code, ran.verdict, scan["complete"]) == (3, "incomplete", False)
    assert len(scan["reason"]) > 10
    assert any(name in message for message in ran.messages)
    assert scan["reason"][:60] in " ".join(ran.messages)
    assert not ran.outputs["sarif-file"]
    # Another scanner that is clean does not make up for it.
    folder.write({"clean.sarif": '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}, "results": []}]}'})
    ran = folder.run(reports=f"{name}\nclean.sarif", fail_on="none")
    assert (ran.exit_code, ran.verdict, ran.outputs["findings"]) == (3, "incomplete", "0")


@pytest.mark.parametrize("entry", [one for one in entries("error") if "openvex" in str(one.id)] or entries("error"))
def test_what_is_no_vex_is_named_where_it_should_waive(folder: Folder, entry: dict[str, Any]) -> None:
    folder.write({"vex.json": (CORPUS / entry["file"]).read_bytes(), "bandit.json": '{"errors": [], "results": []}'})
    ran = folder.run(reports="bandit.json", ignore_file="vex.json")
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    ((told,),) = [ran.data["unreadable_ignore_files"]]
    assert told["path"] == "vex.json"
    assert any("vex.json" in message for message in ran.messages)


NOT_READ = {
    "gosec/gosec.json": "run it with `-fmt sarif`",
    "gosec/gosec-absolute.json": "run it with `-fmt sarif`",
    "gosec/clean.json": "run it with `-fmt sarif`",
    "njsscan/njsscan.json": "run it with `--sarif`",
    "njsscan/clean.json": "run it with `--sarif`",
    "ruff/ruff.json": "run it with `--output-format sarif`",
    "pip-audit/cyclonedx.json": "no report format that is read here",
    "pip-licenses/summary.json": "without `--summary`",
    "trufflehog2/clean.ndjson": "is empty",
}
"""Reports in a form that is not read, with what is said of it."""


def real(kind: str) -> list[Any]:
    listed = json.loads((SAMPLES / "reports" / "INDEX.json").read_text(encoding="utf-8"))
    return [pytest.param(entry, id=entry["file"]) for entry in listed if entry["kind"] == kind]


def run_of_real(folder: Folder, *files: str, **inputs: str) -> Ran:
    folder.write({file: (SAMPLES / "reports" / file).read_bytes() for file in files})
    return folder.run(**{"reports": "\n".join(files), "fail_on": "none", **inputs})


@pytest.mark.parametrize("entry", [*real("crashed"), *real("partial"), *real("text")])
def test_a_real_scanner_that_crashed_or_stopped_half_way_is_never_clean(folder: Folder, entry: dict[str, Any]) -> None:
    ran = run_of_real(folder, entry["file"])
    (scan,) = ran.scans
    assert scan["path"] == entry["file"]
    if entry["file"] == "checkov/nothing.json":
        # The corpus counts the very same text as clean: Checkov writes it where there is nothing of the kind to check.
        assert scan["notes"]
        return
    assert (ran.exit_code, ran.verdict) == (3, "incomplete"), ran.printed
    assert scan["reason"]


@pytest.mark.parametrize("entry", real("clean"))
def test_a_real_scanner_that_found_nothing_is_clean(folder: Folder, entry: dict[str, Any]) -> None:
    ran = run_of_real(folder, entry["file"])
    why = NOT_READ.get(entry["file"], "")
    assert (ran.exit_code, ran.verdict) == ((3, "incomplete") if why else (0, "pass")), ran.printed
    assert why in ran.scans[0]["reason"]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All real reports of the sample together, beside the sample's own sources."""
    folder = Folder.within(tmp_path_factory.mktemp("everything"))
    sources = [path for path in (SAMPLES / "project").rglob("*") if path.is_file()]
    folder.write({str(path.relative_to(SAMPLES / "project")): path.read_bytes() for path in sources})
    files = [param.values[0] for param in real("findings")]
    return run_of_real(folder, *(entry["file"] for entry in files if entry["sample"] == "project"))


@pytest.mark.parametrize(
    ("path", "line", "tools"),
    [
        ("app.py", 21, {"bandit", "ruff", "semgrep"}),
        ("app.py", 26, {"bandit", "ruff", "semgrep"}),
        ("app.py", 33, {"bandit", "ruff", "semgrep"}),
        ("Dockerfile", 1, {"checkov", "hadolint"}),
        ("Dockerfile", 4, {"checkov", "hadolint"}),
        ("config/settings.ini", 3, {"detect-secrets", "gitleaks", "trufflehog"}),
        ("config/id_sample.pem", 1, {"detect-secrets", "gitleaks", "trufflehog"}),
    ],
)
def test_what_several_real_scanners_found_is_one_row(everything: Ran, path: str, line: int, tools: set[str]) -> None:
    here = [row for row in everything.data["findings"] if (row["path"], row["line"]) == (path, line)]
    assert any(tools <= set(row["tools"]) for row in here), [(row["rule"], row["tools"]) for row in here]


def test_every_advisory_that_real_scanners_share_is_one_row(everything: Ran) -> None:
    rows = [row for row in everything.data["findings"] if row["category"] == "dependency"]
    python = [row for row in rows if row["package"].startswith("pkg:pypi/")]
    assert python
    assert all({"pip-audit", "safety"} <= set(row["tools"]) for row in python), [
        (row["rule"], row["tools"]) for row in python
    ]
    assert {tuple(row["tools"]) for row in rows} > {("npm-audit",)}


def test_all_real_records_are_counted_though_they_are_fewer_rows(everything: Ran) -> None:
    by_path = {entry.values[0]["file"]: entry.values[0]["records"] for entry in real("findings")}
    for scan in everything.scans:
        why = NOT_READ.get(scan["path"], "")
        ignored = 2 if scan["path"] == "safety2/ignored.json" else 0  # Set aside by its user, beside the results.
        assert scan["records"] == (0 if why else by_path[scan["path"]] + ignored), scan
        assert why in scan["reason"]
    assert len(everything.data["findings"]) < everything.data["counts"]["records"]
    assert everything.outputs["sarif-file"]
