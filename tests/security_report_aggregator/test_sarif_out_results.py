"""The results of the merged SARIF: message, one place, fingerprint and flows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.inert import assert_inert
from tests.security_report_aggregator.sarif_at_hand import (
    accepted,
    dependency,
    finding,
    merged,
    place_of,
    result_of,
    runs_of,
    weakness,
)

from security_report_aggregator.line_hash import line_hashes
from security_report_aggregator.model import Category, Finding, Level, Location, Package

SOURCE = "import hashlib\n\n\ndef digest(data):\n    return hashlib.md5(data)\n"


def message_of(*findings: Finding) -> str:
    made = merged(weakness(*findings))
    text: str = runs_of(made)[0]["results"][0]["message"]["text"]
    return text


def hash_of(made: Any) -> str:
    found: str = result_of(made)["partialFingerprints"]["primaryLocationLineHash"]
    return found


def sha(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "cart.py").write_text(SOURCE)
    return tmp_path


# Messages


def test_a_message_says_what_it_is_and_who_says_so_too() -> None:
    assert message_of(finding()) == "MD5 is weak."
    both = (finding(), finding("semgrep", level=Level.LOW), finding("ruff"))
    assert message_of(*both) == "MD5 is weak. Also reported by Ruff and Semgrep (low)."


def test_a_message_of_a_dependency_names_package_version_advisory_and_fix() -> None:
    found = dependency(message="Runs code.", aliases=("CVE-2020-14343",), fixed_in=("5.4", "6.0", "6.1", "7.0"))
    assert message_of(found) == ("pyyaml 3.12 (PYSEC-2021-142 CVE-2020-14343): Runs code. Fixed in 5.4, 6.0, 6.1.")
    bare = dependency(rule="", message="", package=Package("", "left-pad"))
    assert message_of(bare) == "left-pad: dependency."


def test_another_scanner_that_gives_no_severity_does_not_disagree() -> None:
    assert message_of(finding(), finding("detect-secrets", level=Level.UNKNOWN)).endswith("by detect-secrets.")


def test_a_message_that_says_nothing_is_the_rules() -> None:
    assert message_of(finding(message=" \n")) == "B324."


def test_a_long_message_is_cut_before_our_own_words() -> None:
    text = message_of(finding(message="x" * 5000), finding("ruff"))
    assert text.endswith("… Also reported by Ruff.")
    assert len(text) < 1100


HOSTILE = [
    "[click](https://evil.example)",
    "![x](http://evil.example/y.png)",
    "[1](2)",
    "[a][b] [b]: http://evil.example",
    "<img src=x onerror=alert(1)>",
    "</details><script>alert(1)</script>",
    "<!-- coverage-gate: v1 -->",
    "@org/team and me@example.org",
    "www.evil.example mailto:me@example.org xmpp:a@b",
    "see #12 and GH-13",
    "http://evil.example",
    "\x1b[31mred\u202e\u2066\x00",
    "line\n\n# heading\n- [x] list",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_what_others_wrote_is_inert(said: str) -> None:
    package = Package("pypi", said, said)
    for found in (finding(message=said), dependency(said[:20], said, message=said, package=package, fixed_in=(said,))):
        text = message_of(found, finding("ruff"))
        assert_inert(f"It says: {text}")
        assert "](" not in text
        assert "\n" not in text
        assert not set(text) & set("\x00\x1b\u202e\u2066")


@given(st.text(st.characters(codec=None), max_size=60), st.text(max_size=20))
def test_any_text_gives_a_document_that_is_accepted(said: str, path: str) -> None:
    found = finding(said or "x", said, message=said, path=path, resource=said, fingerprint=said)
    (run,) = accepted(merged(weakness(found), category=said).data)
    (kept,) = run.findings
    assert "@" + "a" not in kept.message


# Places


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("src/cart.py", "src/cart.py"),
        ("./src//cart.py", "src/cart.py"),
        ("src\\cart.py", "src/cart.py"),
        ("a b/c%d.py", "a%20b/c%25d.py"),
        ("src/ä:b.py", "src/%C3%A4%3Ab.py"),
        ("http:x.py", "http%3Ax.py"),
        ("\ud800.py", "%3F.py"),
        ("a\nb.py", "a%0Ab.py"),
    ],
)
def test_paths_are_uris_relative_to_the_repository(path: str, uri: str) -> None:
    assert place_of(merged(weakness(finding(path=path)))) == (uri, {"startLine": 3})


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.py", "src/../../up.py", "C:\\cart.py", "", ".", "//host/x"])
def test_a_path_that_is_not_in_the_repository_is_not_named(path: str) -> None:
    made = merged(weakness(finding(path=path)))
    assert place_of(made) == ("reports/bandit.json", {"startLine": 1})
    (said,) = made.repairs
    assert said == (
        "results of bandit that name no file of the repository point at the report they are in (reports/bandit.json)"
    )


@pytest.mark.parametrize(
    ("location", "region"),
    [
        (Location("a.py"), {"startLine": 1}),
        (Location("a.py", 0, 4), {"startLine": 1}),
        (Location("a.py", 3, 0, 0, 0), {"startLine": 3}),
        (Location("a.py", 3, 5, 2, 9), {"startLine": 3, "startColumn": 5}),
        (Location("a.py", 3, 5, 3, 4), {"startLine": 3, "startColumn": 5, "endLine": 3}),
        (Location("a.py", 3, 5, 4, 1), {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 1}),
        (Location("a.py", 3, 5, None, 9), {"startLine": 3, "startColumn": 5, "endColumn": 9}),
        (
            Location("a.py", 2**40, 2**40, 2**40),
            {"startLine": 2**31 - 1, "startColumn": 2**31 - 1, "endLine": 2**31 - 1},
        ),
    ],
)
def test_lines_and_columns_are_in_order(location: Location, region: dict[str, int]) -> None:
    assert place_of(merged(weakness(finding(location=location))))[1] == region


def test_a_url_or_an_image_is_no_file() -> None:
    alert = finding("zap", "10020", category=Category.DAST, location=Location("https://shop.example/", is_file=False))
    assert place_of(merged(weakness(alert)))[0] == "reports/zap.json"


def test_a_dependency_points_at_the_line_that_brings_it_in() -> None:
    manifest: dict[str, tuple[str, int | None]] = {"pyyaml": ("requirements.txt", 7)}
    assert place_of(merged(weakness(dependency()), manifest=manifest)) == ("requirements.txt", {"startLine": 7})
    in_lock = dependency(location=Location("poetry.lock"))
    assert place_of(merged(weakness(in_lock), manifest=manifest))[0] == "requirements.txt"
    assert place_of(merged(weakness(in_lock)))[0] == "poetry.lock"
    exact = dependency(location=Location("go.mod", 5))
    assert place_of(merged(weakness(exact), manifest=manifest)) == ("go.mod", {"startLine": 5})
    unknown: dict[str, tuple[str, int | None]] = {"pyyaml": ("setup.py", None)}
    assert place_of(merged(weakness(dependency()), manifest=unknown)) == ("setup.py", {"startLine": 1})
    outside: dict[str, tuple[str, int | None]] = {"pyyaml": ("/usr/lib/x", 1)}
    assert place_of(merged(weakness(dependency()), manifest=outside))[0] == "reports/pip-audit.json"


# Fingerprints


def test_a_line_is_known_by_githubs_own_hash_of_it(root: Path) -> None:
    made = merged(weakness(finding(line=5)), root=root)
    assert hash_of(made) == line_hashes(SOURCE)[4]


def test_a_scanners_own_fingerprint_is_kept(root: Path) -> None:
    assert hash_of(merged(weakness(finding(fingerprint="39fa2ee980eb94b0:1")), root=root)) == "39fa2ee980eb94b0:1"


@pytest.mark.parametrize("own", ["", "ä", "x" * 201, "a\nb"])
def test_a_fingerprint_that_is_none_is_not(own: str, root: Path) -> None:
    assert hash_of(merged(weakness(finding(line=5, fingerprint=own)), root=root)) == line_hashes(SOURCE)[4]


def test_a_line_that_nobody_can_read_is_known_by_the_weakness(root: Path) -> None:
    for found in (finding(line=99), finding(path="gone.py"), finding(line=None)):
        path = found.location.path if found.location else ""
        assert hash_of(merged(weakness(found, known_as="w1"), root=root)) == sha("w1", path, "")
    alert = finding("zap", location=None, resource="query")
    assert hash_of(merged(weakness(alert, known_as="w1"), root=root)) == sha("w1", "reports/zap.json", "query")


def test_a_dependency_is_known_by_advisory_manifest_and_package_and_not_by_its_line() -> None:
    for line in (7, 8):
        manifest: dict[str, tuple[str, int | None]] = {"pyyaml": ("requirements.txt", line)}
        made = merged(weakness(dependency()), manifest=manifest)
        assert hash_of(made) == sha("PYSEC-2021-142", "requirements.txt", "pypi/pyyaml")


def test_two_advisories_of_one_rule_are_two_alerts() -> None:
    one, two = (dependency("owasp", "vulnerable", aliases=(alias,)) for alias in ("CVE-1", "CVE-2"))
    made = merged(weakness(one, known_as="1"), weakness(two, known_as="2"))
    (run,) = runs_of(made)
    prints = {result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]}
    assert prints == {sha(f"vulnerable:{alias}", "reports/owasp.json", "pypi/pyyaml") for alias in ("CVE-1", "CVE-2")}


def test_an_advisory_that_is_the_rule_is_not_named_twice() -> None:
    made = merged(weakness(dependency(aliases=("CVE-1", "PYSEC-2021-142"))))
    assert hash_of(made) == sha("PYSEC-2021-142", "reports/pip-audit.json", "pypi/pyyaml")


# Flows and secrets


def step(line: int, text: str = "flows") -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": {"uri": "src/cart.py"}, "region": {"startLine": line}},
        "message": {"text": text},
    }


def flow(*lines: int) -> dict[str, Any]:
    return {"threadFlows": [{"locations": [{"location": step(line)} for line in lines]}]}


def test_related_places_and_data_flows_are_kept_and_their_texts_are_inert() -> None:
    flows = {"relatedLocations": [step(1, HOSTILE[0]), step(1, HOSTILE[0]), step(2)], "codeFlows": [flow(1, 2)]}
    result = result_of(merged(weakness(finding(flows=flows))))
    first, second = result["relatedLocations"]
    assert_inert(first["message"]["text"])
    assert second == step(2)
    assert result["codeFlows"] == [flow(1, 2)]


def test_flows_are_cut_to_what_github_keeps() -> None:
    flows = {"relatedLocations": [step(line) for line in range(1, 200)], "codeFlows": [flow(*range(1, 900))] * 3}
    made = merged(weakness(finding(flows=flows)))
    assert len(result_of(made)["relatedLocations"]) == 100
    (run,) = accepted(made.data)
    assert run.findings[0].flow_locations == 1000
    assert len(result_of(made)["codeFlows"]) == 2


def test_flows_that_are_none_leave_nothing() -> None:
    nothing: tuple[dict[str, Any], ...] = (
        {},
        {"codeFlows": [], "relatedLocations": None},
        {"codeFlows": [{"threadFlows": [{"locations": []}]}]},
    )
    for flows in nothing:
        result = result_of(merged(weakness(finding(flows=flows))))
        assert not {"codeFlows", "relatedLocations"} & set(result)


def test_a_secret_comes_without_its_source_and_without_flows() -> None:
    leak = finding(
        "gitleaks",
        "aws-key",
        category=Category.SECRET,
        message="An AWS key",
        location=Location("config.ini", 3, snippet="key = AKIAIOSFODNN7EXAMPLE"),
        secret="0f" * 32,
        flows={"relatedLocations": [step(1, "AKIAIOSFODNN7EXAMPLE")]},
    )
    data = merged(weakness(leak)).data
    assert b"AKIA" not in data
    assert b"0f0f" not in data
    assert b"relatedLocations" not in data


def test_no_source_text_is_written_at_all() -> None:
    assert b"hashlib.md5" not in merged(weakness(finding(location=Location("a.py", 1, snippet="hashlib.md5(x)")))).data
