"""Missing, stale, foreign, packed and hostile reports: named with the reason, within memory, and never clean."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.actionkit.job import Job
from tests.contract.in_process import Folder
from tests.contract.measured import CART, outcome_of
from tests.contract.scanned import NAME, Advisory, Issue, bandit, gitleaks, result, sarif, scan, trivy

from actionkit.inputs import parse
from actionkit.outcome import Verdict
from sandbox.consumer import Consumer
from security_report_aggregator.action import run
from security_report_aggregator.inputs import Inputs

CLEAN = bandit()
MIB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder.within(tmp_path)


# What is missing


def test_no_report_at_all_is_incomplete(folder: Folder) -> None:
    ran = folder.run()
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    assert "no report of any scanner was found" in ran.outcome["headline"]
    assert not ran.outputs["sarif-file"]


def test_a_glob_that_matches_nothing_is_incomplete_although_others_match(folder: Folder) -> None:
    folder.write({"bandit.json": CLEAN})
    ran = folder.run(reports="bandit.json\nother/*.sarif")
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    assert any("other/*.sarif" in message for message in ran.messages)


def test_an_expected_scanner_that_did_not_report_is_named_with_the_nearest_that_did(folder: Folder) -> None:
    folder.write({"bandit.json": CLEAN})
    ran = folder.run(expected="bandit\ntrivy\nbandid")
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    assert any("trivy did not report" in message for message in ran.messages)
    assert any("`bandit` did; is it meant?" in message for message in ran.messages)
    assert [scan["tool"] for scan in ran.data["scans"]] == ["bandit", "trivy", "bandid"]
    folder.write({"trivy.json": trivy()})
    assert folder.run(expected="Aqua Security Trivy\nbandit").verdict == "pass"


def test_an_expected_scanner_whose_report_cannot_be_read_is_not_there(folder: Folder) -> None:
    folder.write({"bandit.json": CLEAN, "trivy.json": b'{"SchemaVersion": 2, "Resu'})
    ran = folder.run(expected="trivy")
    assert ran.verdict == "incomplete"
    assert [scan["complete"] for scan in ran.data["scans"]] == [True, False]


def test_a_report_that_leads_out_of_the_workspace_is_not_ignored(folder: Folder) -> None:
    (folder.path.parent / "elsewhere.json").write_bytes(CLEAN)
    folder.write({"bandit.json": CLEAN})
    (folder.path / "trivy.json").symlink_to(folder.path.parent / "elsewhere.json")
    ran = folder.run()
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    assert any("trivy.json" in message for message in ran.messages)


# Too old, of another commit


def started(when: datetime) -> bytes:
    stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return sarif("CodeQL", invocations=[{"executionSuccessful": True, "startTimeUtc": stamp}])


@pytest.mark.parametrize(
    ("ago", "verdict"),
    [(timedelta(hours=1), "pass"), (timedelta(days=3), "incomplete"), (-timedelta(days=2), "incomplete")],
)
def test_a_report_is_as_old_as_it_says(folder: Folder, ago: timedelta, verdict: str) -> None:
    folder.write({"codeql.sarif": started(datetime.now(UTC) - ago)})
    ran = folder.run(max_age="1d")
    assert ran.verdict == verdict
    assert folder.run().verdict == "pass"
    if verdict == "incomplete":
        assert "3 days old" in ran.scans[0]["reason"] or "its age cannot be judged" in ran.scans[0]["reason"]


def test_a_report_that_does_not_say_is_as_old_as_its_file(folder: Folder) -> None:
    folder.write({"trivy.json": trivy()})
    assert folder.run(max_age="1d").verdict == "pass"
    old = time.time() - 5 * 86_400
    os.utime(folder.path / "trivy.json", (old, old))
    ran = folder.run(max_age="1d")
    assert ran.verdict == "incomplete"
    assert "is 5 days old, and `max-age` is 1 day" in ran.scans[0]["reason"]


def test_the_file_of_a_committed_report_is_as_old_as_the_checkout_which_says_nothing(shop: Consumer) -> None:
    shop.checkout.commit("A report", {"trivy.json": trivy()})
    shown = scan(shop, shop.push(), max_age="1d")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "its age cannot be judged" in shown.log
    assert scan(shop, shop.push()).exit_code == 0


def test_a_report_of_another_commit_is_no_evidence_and_the_merges_and_the_heads_are(shop: Consumer) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# More\n"})

    def of(commit: str) -> bytes:
        return sarif(
            "CodeQL", versionControlProvenance=[{"repositoryUri": "https://example.com", "revisionId": commit}]
        )

    for commit in (event.sha, pull.head_sha, pull.head_sha[:12]):
        shop.checkout.write({"codeql.sarif": of(commit)})
        shown = scan(shop, event, comment="never")
        assert shown.exit_code == 0, shown.log
    main = shop.checkout.git("rev-parse", "main")
    shop.checkout.write({"codeql.sarif": of(main)})
    shown = scan(shop, event, comment="never")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert f"scanned commit {main[:12]}, not " in shown.log


# Packed


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_reports_in_gzip_and_zip_are_read_each_with_its_own_name(folder: Folder) -> None:
    folder.write(
        {
            "bandit.json.gz": gzip.compress(bandit(Issue())),
            "artifact.zip": zipped(
                {"trivy/trivy.json": trivy(Advisory()), "codeql.sarif": sarif("CodeQL", [result()])}
            ),
        }
    )
    ran = folder.run(reports="*.gz\n*.zip")
    assert {scan["path"]: scan["records"] for scan in ran.scans} == {
        "bandit.json.gz": 1,
        "artifact.zip!trivy/trivy.json": 1,
        "artifact.zip!codeql.sarif": 1,
    }
    assert ran.outputs["findings"] == "3"
    assert folder.run(reports="*.zip", max_age="1h", fail_on="none").verdict == "pass"


def test_members_that_lead_out_are_refused_by_name_and_nothing_is_unpacked(folder: Folder) -> None:
    folder.write(
        {"reports.zip": zipped({"../../evil.json": CLEAN, "/etc/evil.json": CLEAN, "bandit.json": CLEAN, "a/": ""})}
    )
    before = sorted(folder.path.parent.rglob("evil.json"))
    ran = folder.run(reports="reports.zip")
    assert (ran.exit_code, ran.verdict) == (3, "incomplete")
    reasons = {scan["path"]: scan["reason"] for scan in ran.scans}
    assert "leads out of the archive" in reasons["reports.zip!../../evil.json"]
    assert "leads out of the archive" in reasons["reports.zip!/etc/evil.json"]
    assert reasons["reports.zip!bandit.json"] == ""
    assert sorted(folder.path.parent.rglob("evil.json")) == before == []


def bomb_gzip() -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as file:
        for _ in range(600):
            file.write(b" " * MIB)
    return made.getvalue()


def bomb_zip() -> bytes:
    return zipped({"a.json": b" " * (300 * MIB)})


def many_members() -> bytes:
    return zipped({f"{number}.json": "{}" for number in range(3000)})


def entities() -> bytes:
    lines = [f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10)]
    return f'<!DOCTYPE z [<!ENTITY l0 "lol">{"".join(lines)}]><OWASPZAPReport>&l9;</OWASPZAPReport>'.encode()


def external() -> bytes:
    return b'<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><OWASPZAPReport>&x;</OWASPZAPReport>'


def brackets() -> bytes:
    return b"[" * (100 * MIB)


def one_key() -> bytes:
    return b'{"version": "2.1.0", "' + b"A" * (100 * MIB) + b'": 1, "runs": []}'


def one_text() -> bytes:
    return b'{"version": "2.1.0", "runs": [{"results": [{"message": {"text": "' + b"A" * (100 * MIB)


PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
sys.stdout.buffer.write(done.stdout)
print()
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def measured(folder: Folder, report: str) -> tuple[int, int, str]:
    """Exit code, peak memory in MiB and what was said by the installed console script over one report."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    # Between the two, since the memory of whoever starts a program counts as its own until it runs.
    argv = [sys.executable, "-S", "-c", PEAK, str(script), "--reports", report, "--baseline", "none"]
    done = subprocess.run(argv, cwd=folder.path, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    said, _, figures = done.stdout.decode("utf-8", "replace").rstrip().rpartition("\n")
    code, peak = figures.split()
    return int(code), int(peak), said


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (bomb_gzip, "a bomb, not a report"),
        (bomb_zip, "a bomb, not a report"),
        (many_members, "holds more than 1,000 files"),
        (entities, "declares an XML entity"),
        (external, "declares an XML entity"),
        (brackets, "is nested too deeply"),
        (one_key, "holds one value of more than 16 MiB"),
        (one_text, "holds one value of more than 16 MiB"),
    ],
)
def test_what_is_made_to_exhaust_is_refused_within_half_a_gibibyte(
    folder: Folder, make: Callable[[], bytes], reason: str
) -> None:
    folder.write({"report": make()})
    code, peak, said = measured(folder, "report")
    assert code == 3, said
    assert reason in said
    assert "Traceback" not in said
    assert "root:" not in said
    assert peak < 512


# Anything


def reports_cut() -> st.SearchStrategy[bytes]:
    """Real reports cut, doubled and with bytes changed."""
    whole = [
        bandit(Issue()),
        trivy(Advisory()),
        gitleaks("s" * 20),
        sarif("CodeQL", [result()]),
        external(),
        entities(),
    ]

    def spoil(report: bytes, at: int, put: bytes) -> bytes:
        place = at % (len(report) + 1)
        return report[:place] + put + report[place + len(put) :]

    damaged = st.builds(spoil, st.sampled_from(whole), st.integers(0, 5000), st.binary(min_size=1, max_size=4))
    cut = st.builds(lambda report, at: report[: at % len(report)], st.sampled_from(whole), st.integers(0, 5000))
    packed = st.builds(gzip.compress, st.binary(max_size=50)) | st.builds(
        lambda name, content: zipped({f"{name}.json": content}), st.text(max_size=8), st.binary(max_size=50)
    )
    return damaged | cut | packed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["runs", "results", "tool", "Results", "vulnerabilities", "x"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)
ANYTHING = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()) | reports_cut()


@pytest.fixture(scope="module")
def job() -> Iterator[Job]:
    with (
        TemporaryDirectory() as folder,
        Consumer.serve(Path(folder) / "shop", {CART: "a = 1\n"}) as shop,
        Job.of(shop) as made,
    ):
        yield made


@given(report=ANYTHING)
@settings(max_examples=100)
@example(b"")
@example(b"null")
@example(b"\xff\xfe\x00\x00")
@example(b'{"runs": [' + b"[" * 5000)
@example(b'{"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{"Severity": {}}]}]}')
def test_any_bytes_as_a_report_that_fails_on_anything_are_an_outcome_and_never_clean_without_a_scanner(
    job: Job, report: bytes
) -> None:
    (job.folder / "report").write_bytes(report)
    inputs = parse(Inputs, {"reports": "report", "fail-on": "any", "baseline": "none"})
    made = run(inputs, job.context(None), job.doors())
    if made.verdict is Verdict.PASS:
        # A report that a scanner really writes of nothing.
        (one,) = made.data["scans"]
        assert one["complete"]
        assert one["tool"]
        assert made.data["counts"]["records"] == made.data["counts"]["waived"] == 0
    else:
        assert made.verdict.exit_code in (1, 2, 3)
        assert made.headline


def test_the_same_through_the_program_ends_with_a_code_and_no_traceback(folder: Folder) -> None:
    spoilt = (
        b"",
        b"nil",
        b"\x00",
        b"[" * 10_000,
        b'{"runs": 1}',
        b'{"runs": [1]}',
        b'{"version": "2.1.0", "runs": {}}',
    )
    for report in spoilt:
        folder.write({"report": report})
        ran = folder.run(reports="report")
        assert ran.exit_code == 3, report
        assert "Traceback" not in ran.printed


def test_the_outcome_of_a_run_names_every_report_it_could_not_read(shop: Consumer) -> None:
    shop.checkout.write({f"broken-{number}.sarif": b"{" for number in range(60)})
    shown = scan(shop, shop.push(), reports="*.sarif")
    assert shown.exit_code == 3, shown.log
    assert len(outcome_of(shop, shown)["data"]["scans"]) == 60
    assert len(shown.errors) == 10
    assert not shown.dropped_annotations
