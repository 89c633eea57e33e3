"""security-report-aggregator in a workspace that somebody else wrote: nothing in it runs, leaks or turns red green.

The reports themselves are foreign too: archives, links and names made to mislead. The traps are those of
test_hostile_workspace.py, which springs each of them once.
"""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.container import traps
from tests.container.traps import INSIDE, owned
from tests.contract import scanned
from tests.contract.inert import PARSER

from sandbox.runner import Container, Shown
from sandbox.shop import CART, Shop

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "tests" / "fixtures" / "security" / "reports"
WITH = {"reports": "reports/*", "baseline": "none"}
# The last day there is: the waiver never expires under the tests.
POLICY = """\
approval:
  high: { team: "@octo-org/security" }
waivers:
  - rule: B608
    until: 9999-12-31
    reason: the table's name is ours
    approved_by: "@octo-org/security"
"""
WEAK = scanned.bandit(scanned.Issue(path=CART))
SOUND = scanned.bandit()

OFFLINE = {**WITH, "github-token": "", "comment": "never"}

Scan = Callable[..., Shown]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.serve(tmp_path / "shop" / "shop", {".github/security-policy.yml": POLICY}) as shop:
        yield shop


def scan_on(shop: Shop, container: Container | None) -> Scan:
    """Run security-report-aggregator on the pull request."""

    def run(**settings: Any) -> Shown:
        return shop.consumer.run(scanned.NAME, **{"on": shop.event, "with_": WITH, "container": container, **settings})

    return run


@pytest.fixture
def scan(request: pytest.FixtureRequest, where: str, shop: Shop) -> Scan:
    inside = where == INSIDE
    return scan_on(shop, Container(image=request.getfixturevalue("image"), network="host") if inside else None)


@pytest.fixture
def scan_in_image(shop: Shop, image: str) -> Scan:
    return scan_on(shop, Container(image=image, network="host"))


def verdict_of(shown: Shown) -> str:
    assert "Traceback" not in shown.log, shown.log
    assert "has a bug" not in shown.log, shown.log
    return shown.outputs.get("verdict", f"none; the log is\n{shown.log}")


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def outcome_of(shop: Shop, shown: Shown) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((shop.workspace / shown.outputs["outcome"]).read_bytes())
    return read


class TestModulesInTheWorkspace:
    NAMES = (
        "requests.py",
        "json.py",
        "yaml.py",
        "cvss.py",
        "packageurl.py",
        "license_expression.py",
        "boolean.py",
        "pydantic.py",
        "defusedxml.py",
        "security_report_aggregator.py",
        "encodings/__init__.py",
    )
    EVERY_LIBRARY = (
        "pip-licenses/system.json",
        "pip-audit/cyclonedx.json",
        "safety2/safety.json",
        "gitleaks/gitleaks.sarif",
    )

    def test_none_is_imported(self, shop: Shop, scan: Scan, where: str) -> None:
        environment = traps.modules(shop, where, self.NAMES)
        shop.consumer.checkout.write(
            {f"reports/{name.replace('/', '-')}": (REPORTS / name).read_bytes() for name in self.EVERY_LIBRARY}
        )
        shown = scan(env=environment, with_={**WITH, "licenses": "deny: GPL-3.0-only"})
        assert verdict_of(shown) == "fail"
        assert int(shown.outputs["findings"]) > 10
        assert not owned(shop).exists()


class TestGitInTheWorkspace:
    """Without a token only git can say what stands on the base branch, and so whether the waiver counts."""

    @pytest.fixture
    def armed(self, shop: Shop, where: str) -> None:
        shop.consumer.checkout.write({"reports/bandit.json": WEAK})
        traps.git_settings(shop, where)

    @pytest.mark.usefixtures("armed")
    def test_no_program_that_it_names_is_run_and_the_base_is_still_read(self, shop: Shop, scan: Scan) -> None:
        self.waived(shop, scan(with_=OFFLINE))

    @pytest.mark.usefixtures("armed")
    def test_the_jobs_variables_do_not_lead_git_astray(self, shop: Shop, scan: Scan, where: str) -> None:
        self.waived(shop, scan(with_=OFFLINE, env=traps.git_variables(where)))

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_a_checkout_that_belongs_to_someone_else_is_read(self, shop: Shop, scan: Scan) -> None:
        shop.consumer.checkout.write({"reports/bandit.json": WEAK})
        for path in (shop.workspace, *shop.workspace.rglob("*")):
            os.chown(path, 4242, 4242, follow_symlinks=False)
        self.waived(shop, scan(with_=OFFLINE))

    def waived(self, shop: Shop, shown: Shown) -> None:
        assert verdict_of(shown) == "pass"
        assert shown.outputs["waived"] == "1"
        assert not owned(shop).exists()


class TestLinksOutOfTheWorkspace:
    SECRET = "s3cret-of-the-runner"

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        folder = tmp_path / "outside"
        folder.mkdir()
        (folder / "bandit.json").write_bytes(scanned.bandit(scanned.Issue(text=self.SECRET)))
        (folder / "ignore.yml").write_text(f"waivers: [{{rule: B608, until: 9999-12-31, reason: {self.SECRET}}}]\n")
        return folder

    @pytest.mark.parametrize("target", ["bandit.json", "/etc/passwd", "/proc/self/environ", "/dev/zero"])
    def test_a_report_that_is_a_link_out_is_no_evidence(
        self, shop: Shop, scan: Scan, outside: Path, target: str
    ) -> None:
        shop.consumer.checkout.write({"reports/sound.json": SOUND})
        (shop.workspace / "reports" / "bandit.json").symlink_to(outside / target)
        shown = scan()
        assert verdict_of(shown) == "incomplete"
        self.nothing_leaks(shop, shown)

    def test_waivers_behind_a_link_out_do_not_count(self, shop: Shop, scan: Scan, outside: Path) -> None:
        shop.consumer.checkout.write({"reports/bandit.json": scanned.bandit(scanned.Issue("B602", CART))})
        (shop.workspace / "ignore.yml").symlink_to(outside / "ignore.yml")
        shown = scan(with_={**WITH, "ignore-file": "ignore.yml"})
        assert verdict_of(shown) == "fail"
        assert shown.outputs["waived"] == "0"
        self.nothing_leaks(shop, shown)

    def test_neither_sarif_nor_outcome_is_written_through_a_link_out(
        self, shop: Shop, scan: Scan, outside: Path
    ) -> None:
        shop.consumer.checkout.write({"reports/bandit.json": SOUND})
        (shop.workspace / ".actions").symlink_to(outside, target_is_directory=True)
        shown = scan()
        assert verdict_of(shown) == "pass"
        assert (shown.outputs["outcome"], shown.outputs["sarif-file"]) == ("", "")
        assert "lies in a folder outside the workspace" in " ".join(shown.warnings)
        assert sorted(path.name for path in outside.iterdir()) == ["bandit.json", "ignore.yml"]

    def nothing_leaks(self, shop: Shop, shown: Shown) -> None:
        for text in (shown.log, shown.summary, *shown.outputs.values(), *shop.comments()):
            assert self.SECRET not in text
            assert "root:x:0" not in text


class TestArchivesAndSizes:
    def test_a_report_in_a_zip_is_read(self, shop: Shop, scan: Scan) -> None:
        weak = scanned.bandit(scanned.Issue("B602", CART))
        shop.consumer.checkout.write({"reports/bandit.zip": zipped("bandit.json", weak)})
        shown = scan()
        assert verdict_of(shown) == "fail"
        assert shown.outputs["high"] == "1"

    @pytest.mark.parametrize(
        ("name", "size"), [("../../../OWNED", 100), ("/tmp/OWNED", 100), ("bandit.json", 600 * 1024**2)]
    )
    def test_an_archive_that_leads_out_or_bursts_is_refused_by_name(
        self, shop: Shop, scan: Scan, tmp_path: Path, name: str, size: int
    ) -> None:
        packed = tmp_path / "bomb.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            member = archive.open(name, "w", force_zip64=True)
            for _ in range(max(1, size // 2**26)):
                member.write(bytes(min(size, 2**26)))
            member.close()
        (shop.workspace / "reports").mkdir()
        packed.rename(shop.workspace / "reports" / "bomb.zip")
        started = time.monotonic()
        shown = scan()
        assert verdict_of(shown) == "incomplete"
        assert "reports/bomb.zip" in shown.log
        assert time.monotonic() - started < 20
        assert not list(tmp_path.rglob("OWNED"))

    @pytest.mark.parametrize("size", [0, 2 * 1024**3])
    def test_a_report_that_is_empty_or_enormous_is_no_evidence(self, shop: Shop, scan: Scan, size: int) -> None:
        shop.consumer.checkout.write({"reports/sound.json": SOUND})
        with (shop.workspace / "reports" / "bandit.json").open("wb") as file:
            file.truncate(size)
        started = time.monotonic()
        shown = scan()
        assert (verdict_of(shown), shown.exit_code) == ("incomplete", 3)
        assert time.monotonic() - started < 20


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "src/a\n::error::pwned\n.py",
            "src/a\r::error::pwned\r.py",
            "src/%0A::error::pwned.py",
            "src/`|</details><h1>pwned</h1>@octocat.py",
            "src/\u202epwned.py",
        ],
    )
    def test_a_file_name_is_text_wherever_it_is_shown(self, shop: Shop, scan: Scan, name: str) -> None:
        shop.consumer.checkout.write(
            {name: "a = 1\n", "reports/bandit.json": scanned.bandit(scanned.Issue("B602", name, 1))}
        )
        shown = scan()
        assert verdict_of(shown) == "fail"
        assert not [annotation for annotation in shown.annotations if annotation.message.startswith("pwned")]
        for page in (shown.summary, *shop.comments()):
            assert "<h1>" not in PARSER.render(page)
            assert "\u202e" not in page

    def test_a_report_with_a_strange_name_is_only_named(self, shop: Shop, scan: Scan) -> None:
        shop.write({"reports/a\n::error::pwned\n.json": "{}"})
        shown = scan()
        assert verdict_of(shown) == "incomplete"
        assert not [annotation for annotation in shown.annotations if annotation.message.startswith("pwned")]


class TestVerdicts:
    def test_the_findings_decide_and_the_inputs_with_dashes_arrive(self, shop: Shop, scan: Scan) -> None:
        issue = scanned.Issue("B602", CART, severity="MEDIUM")
        shop.consumer.checkout.write({"reports/bandit.json": scanned.bandit(issue)})
        green = scan(with_={**WITH, "sarif-file": "merged/all.sarif", "sarif-category": "nightly"})
        red = scan(with_={**WITH, "fail-on": "medium"})
        assert (verdict_of(green), green.exit_code) == ("pass", 0)
        assert (verdict_of(red), red.exit_code) == ("fail", 1)
        assert [(note.path, note.line) for note in red.annotations if note.path == CART] == [(CART, 5)]
        merged = json.loads((shop.workspace / green.outputs["sarif-file"]).read_bytes())
        assert green.outputs["sarif-file"] == "merged/all.sarif"
        assert [run["automationDetails"]["id"] for run in merged["runs"]] == ["nightly/bandit/"]
        assert len(shop.comments()) == 1
        assert not shop.consumer.hub.violations

    @pytest.mark.container
    def test_the_image_reads_real_reports_as_this_python_does(self, shop: Shop, scan_in_image: Scan) -> None:
        index = json.loads((REPORTS / "INDEX.json").read_bytes())
        chosen = [entry["file"] for entry in index if entry["sample"] == "project" and entry["kind"] != "text"]
        shop.consumer.checkout.write(
            {f"reports/{name.replace('/', '-')}": (REPORTS / name).read_bytes() for name in chosen}
        )
        seen = [outcome_of(shop, run())["data"] for run in (scan_on(shop, None), scan_in_image)]
        here, inside = ({key: data[key] for key in ("scans", "findings", "counts", "upgrades")} for data in seen)
        assert here == inside
        assert len(here["scans"]) == len(chosen)


@pytest.mark.container
def test_a_workspace_that_is_read_only_is_said_plainly(shop: Shop, image: str) -> None:
    shop.consumer.checkout.write({"reports/bandit.json": SOUND})
    shown = scan_on(shop, Container(image=image, network="host", read_only_workspace=True))()
    assert verdict_of(shown) == "pass"
    assert (shown.outputs["outcome"], shown.outputs["sarif-file"]) == ("", "")
    for name in ("outcome.json", "merged.sarif"):
        assert any(name in warning and "read-only" in warning.lower() for warning in shown.warnings)
