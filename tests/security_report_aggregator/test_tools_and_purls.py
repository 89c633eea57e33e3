"""Names of scanners and packages: one spelling for each."""

from __future__ import annotations

import pytest

from security_report_aggregator import purls, tools
from security_report_aggregator.model import Package


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("CodeQL command-line toolchain", "codeql"),
        ("Semgrep OSS", "semgrep"),
        ("OWASP Dependency-Check", "dependency-check"),
        ("Trivy", "trivy"),
        ("pip_audit", "pip-audit"),
        ("Snyk Open Source", "snyk"),
        ("SnykCode", "snyk-code"),
        ("My  Scanner", "my-scanner"),
    ],
)
def test_a_scanner_has_one_name_however_it_is_spelled(name: str, known: str) -> None:
    assert tools.normalised(name) == known
    assert tools.normalised(known) == known


@pytest.mark.parametrize(
    ("path", "tool"),
    [
        ("out/gitleaks/report.json", "gitleaks"),
        ("reports/pip_audit-2.json", "pip-audit"),
        ("trufflehog/th3_zero.json", "trufflehog"),
        ("SNYK-CODE.json", "snyk-code"),
        ("detect.secrets.json", "detect-secrets"),
        ("trivy-and-grype.json", ""),
        ("report.json", ""),
        ("mysnykish.json", ""),
    ],
)
def test_a_path_hints_at_the_one_scanner_it_names(path: str, tool: str) -> None:
    assert tools.hinted(path) == tool


@pytest.mark.parametrize(
    ("word", "type_"),
    [
        ("PyPI", "pypi"),
        ("Debian:11", "deb"),
        ("python-pkg", "pypi"),
        ("crates" + ".io", "cargo"),
        ("Plan 9", ""),
        (None, ""),
    ],
)
def test_an_ecosystem_has_one_purl_type(word: object, type_: str) -> None:
    assert purls.type_of(word) == type_


@pytest.mark.parametrize(
    ("purl", "package"),
    [
        ("pkg:pypi/django@3.2", Package("pypi", "django", "3.2")),
        ("pkg:npm/%40angular/core@16.0.0", Package("npm", "@angular/core", "16.0.0")),
        ("pkg:maven/org.apache/log4j@2.1", Package("maven", "org.apache:log4j", "2.1")),
        ("pkg:golang/github.com/x/y@v1.2.3", Package("golang", "github.com/x/y", "v1.2.3")),
        ("pkg:deb/debian/openssl@1.1?arch=amd64", Package("deb", "openssl", "1.1")),
    ],
)
def test_a_purl_is_read_and_written(purl: str, package: Package) -> None:
    assert purls.parse(purl) == package
    if package.type != "deb":
        assert purls.purl_of(package) == purl
    assert "@" not in purls.purl_of(package, version=False).replace("%40", "")


@pytest.mark.parametrize("purl", [None, "", "django", "pkg:", "pkg:pypi", "x" * 2001, 7])
def test_what_is_no_purl_is_no_package(purl: object) -> None:
    assert purls.parse(purl) is None


def test_a_package_whose_ecosystem_is_hidden_has_no_purl() -> None:
    assert purls.purl_of(Package("", "django")) == ""


@pytest.mark.parametrize(
    ("type_", "one", "other", "same"),
    [
        ("pypi", "Flask_SQLAlchemy", "flask-sqlalchemy", True),
        ("npm", "Lodash", "lodash", True),
        ("maven", "a:B", "a:b", False),
        ("", "Thing", "thing", True),
    ],
)
def test_names_are_equal_as_their_ecosystem_says(type_: str, one: str, other: str, same: bool) -> None:
    assert (purls.same_name(type_, one) == purls.same_name(type_, other)) is same
