"""What is read, what is left out, and why: reports, ignore files, the age and commit of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.actionkit.job import NOW
from tests.actionkit.stand_ins import BrokenGit
from tests.contract.scanned import DJANGO, Advisory, Issue, bandit, gitleaks, trivy
from tests.security_report_aggregator.job import Job

from actionkit.errors import InputError
from actionkit.workspace import Found, Workspace
from security_report_aggregator.gather import USUAL_FOLDERS, USUAL_NAMES, read_reports


def workspace(folder: Path, **files: bytes) -> Workspace:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_json", ".json").replace("_sarif", ".sarif")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Workspace(folder)


def test_the_usual_names_are_found_in_the_usual_folders(tmp_path: Path) -> None:
    names = {"reports__trivy_json": trivy(), "security__bandit_json": bandit(), "other__bandit_json": bandit()}
    scans, unreadable, _ = read_reports((), workspace(tmp_path, gitleaks_json=gitleaks("s" * 20), **names))
    assert {scan.path for scan in scans} == {"gitleaks.json", "reports/trivy.json", "security/bandit.json"}
    assert unreadable == ()
    assert "" in USUAL_FOLDERS
    assert "*.sarif" in USUAL_NAMES


def test_a_usual_name_that_leads_out_is_not_overlooked(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(bandit())
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "bandit.json").symlink_to(outside)
    scans, unreadable, _ = read_reports((), Workspace(tmp_path / "shop"))
    assert scans == ()
    assert [error.name for error in unreadable] == ["bandit.json"]


def test_each_file_is_read_once_and_goes_by_its_first_label(tmp_path: Path) -> None:
    here = workspace(tmp_path, a_json=bandit(Issue()), b_json=bandit())
    wanted = (("nightly", "a.json"), ("", "*.json"), ("nightly", "a.*"))
    scans, unreadable, labels = read_reports(wanted, here)
    assert [(scan.path, scan.label) for scan in scans] == [("a.json", "nightly"), ("b.json", "")]
    assert labels == {"a.json": "nightly", "b.json": ""}
    assert unreadable == ()


def test_what_matches_nothing_and_what_cannot_be_read_are_named_with_their_label(tmp_path: Path) -> None:
    here = workspace(tmp_path, bad_json=b"{", empty_json=b"", good_json=bandit())
    scans, unreadable, labels = read_reports((("", "*.json"), ("trivy", "gone/*.json")), here)
    assert [scan.path for scan in scans] == ["good.json"]
    assert [error.name for error in unreadable] == ["bad.json", "empty.json", "gone/*.json"]
    assert labels["gone/*.json"] == "trivy"


def test_a_report_that_is_known_and_cut_is_unreadable(tmp_path: Path) -> None:
    here = workspace(tmp_path, bandit_json=bandit(Issue())[:-40])
    scans, (error,), _ = read_reports((), here)
    assert (scans, error.name) == ((), "bandit.json")


def test_a_search_that_ended_early_is_told(tmp_path: Path) -> None:
    class Endless(Workspace):
        """A folder with more files than anybody looks at."""

        def find(self, patterns: Sequence[str], entries: int = 2) -> Found:
            return super().find(patterns, entries)

    for number in range(5):
        (tmp_path / f"{number}.txt").write_bytes(b"")
    _, unreadable, _ = read_reports((("", "**/*.json"),), Endless(tmp_path))
    assert "the search for reports" in [error.name for error in unreadable]


def test_a_malformed_glob_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_reports((("", "../*.json"),), workspace(tmp_path))


def test_one_secret_has_one_digest_in_a_run_and_another_in_the_next(tmp_path: Path) -> None:
    here = workspace(tmp_path, a_json=gitleaks("s" * 20), b_json=gitleaks("s" * 20, "other.py"))
    first, second = (read_reports((("", "*.json"),), here)[0] for _ in range(2))
    digests = [{finding.secret for scan in scans for finding in scan.findings} for scans in (first, second)]
    assert [len(found) for found in digests] == [1, 1]
    assert digests[0] != digests[1]


# How old


def aged(job: Job, name: str, **ago: float) -> None:
    when = (NOW - timedelta(**ago)).timestamp()
    os.utime(job.folder / name, (when, when))


def reason(job: Job, **inputs: str) -> str:
    made = job.run(None, baseline="none", max_age="1d", fail_on="none", **inputs)
    return " ".join(scan["reason"] for scan in made.data["scans"])


def test_the_file_tells_the_age_of_a_report_that_does_not(scanned: Job) -> None:
    scanned.shop.checkout.write({"trivy.json": trivy()})
    aged(scanned, "trivy.json", hours=2)
    assert reason(scanned) == ""
    aged(scanned, "trivy.json", days=2)
    assert "2 days old" in reason(scanned)


def test_a_member_of_an_archive_is_as_old_as_the_archive_and_a_mark_in_a_name_is_no_archive(scanned: Job) -> None:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("trivy.json", trivy())
    scanned.shop.checkout.write({"a.zip": made.getvalue()})
    aged(scanned, "a.zip", days=2)
    assert "2 days old" in reason(scanned, reports="a.zip")
    scanned.shop.checkout.write({"b!c.json": trivy()})
    aged(scanned, "b!c.json", days=3)
    assert "3 days old" in reason(scanned, reports="b!c.json")


def test_a_committed_report_and_one_where_git_fails_have_no_age(scanned: Job) -> None:
    scanned.shop.checkout.commit("A report", {"trivy.json": trivy()})
    assert "its age cannot be judged" in reason(scanned)
    scanned.shop.checkout.write({"other.json": trivy()})
    made = scanned.run(None, git=BrokenGit(), baseline="none", max_age="1d", reports="other.json")
    assert "its age cannot be judged" in made.data["scans"][0]["reason"]


# Waivers


def test_waivers_of_several_files_count_and_a_file_that_is_none_is_told(scanned: Job) -> None:
    ours = "waivers:\n- rule: B608\n  until: 2099-01-01\n  reason: a constant\n"
    scanned.shop.checkout.write(
        {
            "bandit.json": bandit(Issue()),
            "trivy.json": trivy(Advisory()),
            "ours.yml": ours,
            ".trivyignore": "CVE-2021-35042\n",
            "broken.json": "{",
        }
    )
    made = scanned.run(None, baseline="none", ignore_file="ours.yml\n.trivyignore\nbroken.json\ngone.yml")
    assert made.data["counts"]["waived"] == 2
    assert [one["path"] for one in made.data["unreadable_ignore_files"]] == ["gone.yml", "broken.json"]


def test_a_waiver_of_an_ignore_file_that_the_base_cannot_read_is_not_on_the_base(scanned: Job) -> None:
    asked = 'approval:\n  high:\n    team: "@org/security"\n'
    ours = 'waivers:\n- rule: B608\n  until: 2099-01-01\n  reason: a constant\n  approved_by: "@org/security"\n'
    scanned.shop.checkout.commit("A policy", {".github/security-policy.yml": asked, "ours.yml": "[broken"})
    _, event = scanned.shop.open_pull("mend", {"ours.yml": ours})
    scanned.shop.checkout.write({"bandit.json": bandit(Issue())})
    made = scanned.run(event, baseline="none", ignore_file="ours.yml")
    assert made.data["counts"]["waived"] == 0
    scanned.shop.checkout.switch("main")
    scanned.shop.checkout.commit("Mended", {"ours.yml": ours})
    _, event = scanned.shop.open_pull("next", {"README.md": "# Next\n"})
    scanned.shop.checkout.write({"bandit.json": bandit(Issue())})
    made = scanned.run(event, baseline="none", ignore_file="ours.yml")
    assert made.data["counts"]["waived"] == 1


# What was there


@pytest.mark.parametrize(
    ("manifest", "target", "new"),
    [
        (DJANGO, "requirements.txt", 0),
        ("django==3.1.0\n", "requirements.txt", 1),
        (DJANGO, "", 1),
        (DJANGO, "gone/requirements.txt", 1),
    ],
    ids=["there", "in another version", "nobody says where", "in a file that was not there"],
)
def test_a_later_advisory_is_new_unless_the_base_is_shown_to_hold_the_package(
    scanned: Job, manifest: str, target: str, new: int
) -> None:
    scanned.shop.checkout.commit("A dependency", {"requirements.txt": manifest})
    scanned.shop.checkout.write({"trivy.json": trivy()})
    scanned.record()
    _, event = scanned.shop.open_pull("bump", {"requirements.txt": f"# ours\n{DJANGO}"})
    later = Advisory("CVE-2099-1", target=target, published="2099-01-01T00:00:00Z")
    report = trivy(later)
    if not target:
        image = b'"Target": "shop:latest (debian 12)", "Class": "os-pkgs", "Type": "debian"'
        report = report.replace(b'"Target": "", "Class": "lang-pkgs", "Type": "pip"', image)
    scanned.shop.checkout.write({"trivy.json": report})
    made = scanned.run(event, github=scanned.github())
    assert (made.data["delta"]["new"], made.data["delta"]["published"]) == (new, 1 - new)


def test_a_later_finding_without_a_package_is_new(scanned: Job) -> None:
    scanned.shop.checkout.write({"trivy.json": trivy()})
    scanned.record()
    _, event = scanned.shop.open_pull("more", {"README.md": "# More\n"})
    scanned.shop.checkout.write({"bandit.json": bandit(Issue()), "trivy.json": trivy()})
    made = scanned.run(event, github=scanned.github())
    assert made.data["delta"]["new"] == 1
