"""One list without duplicates: what makes two findings one weakness, and what keeps them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.security_report_aggregator.finding_made import (
    advisory,
    check,
    code,
    leak,
    merged,
    no_lines,
    scan,
    tools_of,
)

from security_report_aggregator.consensus import location_of
from security_report_aggregator.identity import ID_LENGTH, weaknesses
from security_report_aggregator.model import UNRATED, Category, Finding, Level, Location, Package, Rated


def test_the_cve_of_one_scanner_and_the_ghsa_of_another_are_one_row() -> None:
    rows = merged(
        advisory("trivy", "CVE-2021-1"),
        advisory("npm-audit", "GHSA-aaaa-bbbb-cccc"),
        advisory("osv-scanner", "cve-2021-1", "GHSA-AAAA-BBBB-CCCC", "PYSEC-2021-7"),
    )
    assert tools_of(rows) == [("npm-audit", "osv-scanner", "trivy")]
    assert rows[0].aliases == ("CVE-2021-1", "GHSA-aaaa-bbbb-cccc", "PYSEC-2021-7")


def test_an_advisory_for_two_packages_is_two_weaknesses() -> None:
    rows = merged(
        advisory("trivy", "CVE-2021-1", name="django"),
        advisory("grype", "CVE-2021-1", "CVE-2021-2", name="flask"),
        advisory("trivy", "CVE-2021-2", name="django"),
    )
    assert [row.findings[0].package.name for row in rows if row.findings[0].package].count("django") == 2
    assert len(rows) == 3


def test_names_are_compared_as_their_ecosystem_does() -> None:
    assert len(merged(advisory("a", "CVE-1-1", name="Foo_Bar"), advisory("b", "CVE-1-1", name="foo.bar"))) == 1
    assert (
        len(merged(advisory("a", "CVE-1-1", name="lodash", type_="npm"), advisory("b", "CVE-1-1", name="lodash"))) == 2
    )


def test_a_package_without_ecosystem_joins_the_only_one_of_that_name() -> None:
    rows = merged(advisory("safety", "CVE-2021-1", name="Django", type_=""), advisory("trivy", "CVE-2021-1"))
    assert tools_of(rows) == [("safety", "trivy")]
    rows = merged(
        advisory("safety", "CVE-2021-1", name="debug", type_=""),
        advisory("trivy", "CVE-2021-1", name="debug", type_="npm"),
        advisory("trivy", "CVE-2021-1", name="debug", type_="gem"),
    )
    assert len(rows) == 3


def test_a_record_that_hides_its_package_joins_the_only_one_with_that_advisory() -> None:
    hidden = replace(advisory("grype", "CVE-2021-1"), package=None)
    assert tools_of(merged(hidden, advisory("trivy", "CVE-2021-1"))) == [("grype", "trivy")]
    assert len(merged(hidden, advisory("trivy", "CVE-2021-1"), advisory("trivy", "CVE-2021-1", name="flask"))) == 3
    assert len(merged(hidden, replace(hidden, tool="snyk"))) == 1


def test_the_id_of_a_rule_counts_where_it_is_an_advisory_or_nothing_else_is_known() -> None:
    named = replace(advisory("grype", rule="CVE-2021-44228-log4j-core"), aliases=())
    assert tools_of(merged(named, advisory("trivy", "CVE-2021-44228"))) == [("grype", "trivy")]
    assert merged(replace(advisory("snyk", rule="npm:ms:20170412"), aliases=()))[0].aliases == ("NPM:MS:20170412",)


def test_another_manifest_is_another_weakness_and_none_joins_the_first() -> None:
    rows = merged(
        advisory("trivy", "CVE-2021-1", manifest="a/requirements.txt"),
        advisory("trivy", "CVE-2021-1", manifest="b/requirements.txt"),
        advisory("pip-audit", "CVE-2021-1", manifest=None),
    )
    assert {at.path: row.tools for row in rows if (at := location_of(row))} == {
        "a/requirements.txt": ("pip-audit", "trivy"),
        "b/requirements.txt": ("trivy",),
    }


def test_a_manifest_and_the_lock_file_beside_it_are_one() -> None:
    rows = merged(
        advisory("snyk", "CVE-2021-1", type_="npm", manifest="web/package.json"),
        advisory("trivy", "CVE-2021-1", type_="npm", manifest="web/package-lock.json"),
        advisory("trivy", "CVE-2021-1", type_="npm", manifest="package-lock.json"),
    )
    assert tools_of(rows) == [("snyk", "trivy"), ("trivy",)]


def test_what_trivy_calls_all_packages_of_an_image_is_no_place() -> None:
    whole = replace(advisory("trivy", "CVE-2021-1"), location=Location("Python", is_file=False))
    exact = replace(advisory("grype", "CVE-2021-1"), location=Location("/usr/lib/django/METADATA", is_file=False))
    bare = replace(advisory("syft", "CVE-2021-1"), location=Location("usr/lib/django/METADATA", is_file=False))
    assert len(merged(whole, exact, bare)) == 1


def test_a_distributions_advisory_does_not_make_its_members_one() -> None:
    def of(tool: str, *ids: str) -> Finding:
        return advisory(tool, *ids, name="openssl", type_="deb")

    rows = merged(
        of("osv-scanner", "DSA-5000-1", "CVE-2021-1", "CVE-2021-2"),
        of("trivy", "CVE-2021-1", "DSA-5000-1"),
        of("trivy", "CVE-2021-2"),
    )
    assert sorted(row.aliases for row in rows) == [("CVE-2021-1", "DSA-5000-1"), ("CVE-2021-2",), ("DSA-5000-1",)]


def test_a_record_of_many_cves_links_none_of_them() -> None:
    many = tuple(f"CVE-2021-{number}" for number in range(1000, 1030))
    rows = merged(advisory("osv-scanner", "BIG-1", *many), advisory("trivy", many[0]), advisory("trivy", many[1]))
    assert sorted(row.aliases for row in rows) == [("BIG-1",), (many[0],), (many[1],)]


def test_an_advisory_of_a_container_is_matched_as_one_and_its_setup_as_a_check() -> None:
    deb = advisory("trivy", "CVE-2021-1", type_="deb", category=Category.CONTAINER, manifest="app:1")
    host = replace(code("docker-bench", "1.1", "docker host", None), category=Category.CONTAINER)
    rows = merged(deb, replace(deb, tool="grype"), host)
    assert tools_of(rows) == [("docker-bench",), ("grype", "trivy")]
    assert all(row.category is Category.CONTAINER for row in rows)


def test_one_place_in_code_is_one_row_whichever_scanners_report_it() -> None:
    rows = merged(
        code("bandit", "B608", "app.py", 10),
        code("ruff", "S608", "app.py", 10),
        code("semgrep", "sqli", "app.py", 9, cwe=89, end=12),
        code("codeql", "py/sql-injection", "app.py", 11, cwe=89),
        code("semgrep", "xss", "app.py", 10, cwe=79),
    )
    assert tools_of(rows) == [("bandit", "codeql", "ruff", "semgrep"), ("semgrep",)]


def test_one_scanner_that_reports_two_lines_means_two() -> None:
    rows = merged(*(code("bandit", "B608", "app.py", line) for line in (10, 11, 12)))
    assert len(rows) == 3
    rows = merged(
        code("bandit", "B608", "app.py", 10),
        code("bandit", "B608", "app.py", 11),
        code("semgrep", "sqli", "app.py", 10, cwe=89),
        code("semgrep", "sqli", "app.py", 11, cwe=89),
    )
    assert tools_of(rows) == [("bandit", "semgrep"), ("bandit", "semgrep")]
    assert all(len({finding.location.line for finding in row.findings if finding.location}) == 1 for row in rows)


def test_a_long_range_is_one_with_the_nearest_line_in_it_only() -> None:
    rows = merged(
        code("semgrep", "sqli", "app.py", 10, cwe=89, end=40),
        code("bandit", "B608", "app.py", 14),
        code("bandit", "B608", "app.py", 30),
    )
    assert tools_of(rows) == [("bandit",), ("bandit", "semgrep")]


def test_places_two_lines_apart_or_in_other_files_are_apart() -> None:
    assert len(merged(code("a", "x", "app.py", 10, cwe=89), code("b", "y", "app.py", 12, cwe=89))) == 2
    assert len(merged(code("a", "x", "app.py", 10, cwe=89), code("b", "y", "lib.py", 10, cwe=89))) == 2


def test_the_same_report_twice_changes_nothing() -> None:
    findings = (code("bandit", "B608", "app.py", 10), advisory("trivy", "CVE-2021-1"), leak("gitleaks", "aws", "a", 1))
    once = weaknesses([scan(*findings)], no_lines)
    assert weaknesses([scan(*findings), scan(*findings)], no_lines) == once
    assert all(len(row.findings) == 1 for row in once)


def test_findings_without_line_are_told_apart_by_their_scanners_fingerprint() -> None:
    rows = merged(
        code("sonarqube", "s1", "app.py", None, fingerprint="a"),
        code("sonarqube", "s1", "app.py", None, fingerprint="b"),
        code("sonarqube", "s1", "app.py", None, fingerprint="b"),
    )
    assert len(rows) == 2
    assert len(merged(replace(code("x", "y", "", None), location=None))) == 1


def test_one_secret_in_one_file_is_one_leak_wherever_it_stands() -> None:
    rows = merged(
        leak("gitleaks", "aws-access-token", ".env", 3, "digest"),
        leak("trufflehog", "AWS", ".env", 40, "digest"),
        leak("detect-secrets", "AWS Access Key", ".env", 40),
        leak("gitleaks", "aws-access-token", "deploy.sh", 3, "digest"),
    )
    assert tools_of(rows) == [("detect-secrets", "gitleaks", "trufflehog"), ("gitleaks",)]
    assert len({finding.secret for row in rows for finding in row.findings if finding.secret}) == 1


def test_redacted_secrets_are_one_at_one_place_and_apart_elsewhere() -> None:
    rows = merged(
        leak("gitleaks", "generic-api-key", ".env", 3),
        leak("gitleaks", "aws-access-token", ".env", 3),
        leak("trufflehog", "AWS", ".env", 3),
        leak("gitleaks", "aws-access-token", ".env", 4),
        leak("trufflehog", "AWS", ".env", None),
    )
    assert tools_of(rows) == [("gitleaks",), ("gitleaks", "trufflehog"), ("trufflehog",)]


def test_a_redacted_secret_within_the_lines_of_a_key_is_that_key() -> None:
    rows = merged(
        leak("gitleaks", "private-key", "id_rsa", 2, "digest", end=27),
        leak("detect-secrets", "Private Key", "id_rsa", 3),
        leak("noseyparker", "PEM", "id_rsa", 40),
    )
    assert tools_of(rows) == [("detect-secrets", "gitleaks"), ("noseyparker",)]
    rows = merged(
        leak("gitleaks", "private-key", "id_rsa", 2, end=27), leak("detect-secrets", "Private Key", "id_rsa", 3)
    )
    assert len(rows) == 1


def test_scanners_that_capture_more_or_less_of_a_secret_mean_one() -> None:
    rows = merged(
        leak("gitleaks", "generic-api-key", ".env", 3, "value"),
        leak("trufflehog", "Generic API Key", ".env", 3, "name and value"),
        leak("trufflehog", "AWS", ".env", 3, "value in quotes"),
    )
    assert tools_of(rows) == [("gitleaks", "trufflehog")]


def test_two_kinds_of_secret_on_one_line_are_two() -> None:
    rows = merged(
        leak("gitleaks", "slack-token", ".env", 3, "one"),
        leak("gitleaks", "aws-access-token", ".env", 3, "two"),
        leak("detect-secrets", "Secret Keyword", ".env", 3, "three"),
    )
    assert tools_of(rows) == [("detect-secrets", "gitleaks"), ("gitleaks",)]


def test_a_key_of_several_lines_is_one_leak_though_each_line_looks_random() -> None:
    rows = merged(
        leak("gitleaks", "private-key", "id_rsa", 1, "whole", end=7),
        leak("gitleaks", "private-key", "id_rsa", 10, "second", end=17),
        leak("detect-secrets", "Private Key", "id_rsa", 1, "heading"),
        *(leak("trufflehog", "high-entropy", "id_rsa", line, f"line {line}") for line in (2, 3, 4, 5, 12)),
        leak("trufflehog", "AWS", "id_rsa", 5, "another kind"),
    )
    assert sorted(len(row.findings) for row in rows) == [1, 2, 6]


def test_one_record_in_two_reports_is_one_though_one_holds_more_of_the_secret() -> None:
    def at(column: int, secret: str) -> Finding:
        found = leak("gitleaks", "generic-api-key", ".env", 3, secret)
        return replace(found, location=Location(".env", 3, column))

    hidden = leak("trufflehog", "Generic", ".env", 3)
    assert len(merged(at(5, "value"), at(5, "name and value"))) == 1
    rows = merged(at(5, "one"), at(40, "two"), hidden)
    assert tools_of(rows) == [("gitleaks",), ("gitleaks", "trufflehog")]


def test_two_secrets_on_one_line_are_two() -> None:
    rows = merged(leak("gitleaks", "aws", ".env", 3, "one"), leak("gitleaks", "aws", ".env", 3, "two"))
    assert len({row.id for row in rows}) == 2


def test_a_check_of_one_resource_is_one_row_across_scanners() -> None:
    rows = merged(
        check("checkov", "CKV_AWS_19", "s3.tf", 1, "aws_s3_bucket.logs", end=9),
        check("trivy", "AVD-AWS-0088", "s3.tf", 4, "aws_s3_bucket.LOGS"),
        check("tfsec", "aws-s3-enable-bucket-encryption", "s3.tf", 5),
        check("checkov", "CKV_AWS_19", "s3.tf", 20, "aws_s3_bucket.data", end=29),
    )
    assert tools_of(rows) == [("checkov",), ("checkov", "tfsec", "trivy")]


def test_instances_of_a_resource_on_the_same_lines_are_apart() -> None:
    rows = merged(
        check("trivy", "AVD-AWS-0088", "s3.tf", 4, "aws_s3_bucket.b[0]"),
        check("trivy", "AVD-AWS-0088", "s3.tf", 4, "aws_s3_bucket.b[1]"),
        check("trivy", "AVD-AWS-0088", "s3.tf", 4),
    )
    assert sorted(len(row.findings) for row in rows) == [1, 2]


def test_a_dockerfile_without_user_is_one_row_though_each_scanner_points_elsewhere() -> None:
    rows = merged(
        check("checkov", "CKV_DOCKER_3", "api/Dockerfile", 1, "/api/Dockerfile.", end=9),
        check("trivy", "DS002", "api/Dockerfile"),
        check("hadolint", "DL3002", "api/Dockerfile", 7),
    )
    assert tools_of(rows) == [("checkov", "hadolint", "trivy")]


def test_two_runs_of_one_dockerfile_are_two_though_checkov_names_them_alike() -> None:
    rows = merged(
        check("checkov", "CKV2_DOCKER_1", "Dockerfile", 3, "/Dockerfile.RUN", end=3),
        check("checkov", "CKV2_DOCKER_1", "Dockerfile", 8, "/Dockerfile.RUN", end=8),
    )
    assert len(rows) == 2


def test_checks_without_line_of_two_resources_are_two() -> None:
    rows = merged(check("trivy", "KSV-0001", "c", None, "ns/Pod/a"), check("trivy", "KSV-0001", "c", None, "ns/Pod/b"))
    assert len(rows) == 2


def alert(tool: str, rule: str, url: str, parameter: str = "") -> Finding:
    return replace(code(tool, rule, url, None), category=Category.DAST, resource=parameter)


def test_an_alert_is_its_rule_url_path_and_parameter() -> None:
    rows = merged(
        alert("zap", "40012", "https://a.example/search?q=1", "q"),
        alert("zap", "40012", "https://A.example/search/?q=2#top", "q"),
        alert("zap", "40012", "https://a.example/search", "page"),
        alert("zap", "40012", "https://b.example/search", "q"),
        alert("zap", "10020", "https://a.example/search", "q"),
        alert("zap", "10020", "not a [url", "q"),
    )
    assert len(rows) == 5


def test_an_alert_keeps_its_id_when_the_preview_has_another_host() -> None:
    one, other = (merged(alert("zap", "40012", f"https://pr-{n}.example/x", "q"))[0].id for n in (7, 8))
    assert one == other


def test_a_licence_is_its_package_and_expression() -> None:
    found = replace(advisory("trivy", rule="GPL-3.0"), category=Category.LICENSE, aliases=(), license="GPL-3.0-only")
    other = replace(found, tool="ort", license="gpl-3.0-only ", package=Package("pypi", "Django", "4"), location=None)
    rows = merged(found, other, replace(found, license="MIT"), replace(found, package=None))
    assert tools_of(rows) == [("ort", "trivy"), ("trivy",), ("trivy",)]


def test_what_the_policy_makes_of_licences_is_listed_too() -> None:
    found = replace(advisory("policy"), category=Category.LICENSE, license="AGPL-3.0")
    assert len(weaknesses([replace(scan(), policy_findings=(found,))], no_lines)) == 1


def test_the_worst_severity_counts_and_each_scanners_is_kept() -> None:
    (row,) = merged(
        advisory("trivy", "CVE-2021-1", level=Level.MEDIUM),
        advisory("grype", "CVE-2021-1", level=Level.CRITICAL),
        replace(advisory("pip-audit", "CVE-2021-1"), rated=UNRATED),
        advisory("grype", "CVE-2021-1", level=Level.LOW, line=3),
    )
    assert row.rated.level is Level.CRITICAL
    assert row.ratings == {"grype": Level.CRITICAL, "pip-audit": Level.UNKNOWN, "trivy": Level.MEDIUM}
    assert row.first.rated.level is Level.LOW


def test_the_finding_that_says_most_comes_first() -> None:
    plain = advisory("a", "CVE-2021-1")
    fixed = advisory("b", "CVE-2021-1", fixed_in=("4.2",))
    linked = advisory("c", "CVE-2021-1", fixed_in=("4.2",), url="https://example.org")
    placed = advisory("d", "CVE-2021-1", line=4)
    unrated = replace(advisory("e", "CVE-2021-1", line=4, fixed_in=("4.2",)), rated=UNRATED)
    (row,) = merged(unrated, plain, linked, placed, fixed)
    assert [finding.tool for finding in row.findings] == ["d", "c", "b", "a", "e"]


def test_findings_that_differ_only_in_what_github_shows_keep_one_order() -> None:
    one, other = (code("codeql", "x", "a.py", 1, cwe=89, flows={"codeFlows": [n]}) for n in (1, 2))
    assert merged(one, other) == merged(other, one)
    assert len(merged(one, other)[0].findings) == 2


def test_a_suppressed_weakness_stays_in_the_list() -> None:
    assert len(merged(code("semgrep", "x", "a.py", 1, suppressed="nosem"))) == 1


def test_the_worst_come_first() -> None:
    rows = merged(*(code("x", f"r{n}", "a.py", n + 1, level=level) for n, level in enumerate(Level)))
    assert [row.rated.level for row in rows] == list(Level)


def test_what_two_categories_report_is_of_the_first() -> None:
    rows = merged(code("semgrep", "dockerfile", "Dockerfile", 1, cwe=250), replace(check("kics", "x", "Dockerfile", 1)))
    assert {row.category for row in rows} == {Category.CODE, Category.IAC}
    mixed = merged(advisory("grype", "CVE-2021-1", category=Category.CONTAINER), advisory("trivy", "CVE-2021-1"))
    assert [row.category for row in mixed] == [Category.DEPENDENCY]


SOURCE = ["import os", "", "os.system(cmd)", "os.system( cmd )"]


def from_source(path: str, line: int) -> str | None:
    return SOURCE[line - 1] if line <= len(SOURCE) else None


def test_an_id_survives_lines_that_move_and_blanks_that_change() -> None:
    before = weaknesses([scan(code("bandit", "B605", "a.py", 3))], from_source)
    moved = weaknesses([scan(code("bandit", "B605", "a.py", 40))], lambda path, line: "    os.system(cmd)   ")
    assert before[0].id == moved[0].id
    assert len(before[0].id) == ID_LENGTH


def test_equal_lines_of_one_file_get_an_ordinal() -> None:
    rows = weaknesses([scan(*(code("bandit", "B605", "a.py", line) for line in (3, 9, 20)))], lambda path, line: "x()")
    assert len({row.id for row in rows}) == 3


def test_without_the_source_the_snippet_then_the_fingerprint_then_the_line_name_the_place() -> None:
    def id_of(**said: Any) -> str:
        return merged(code("semgrep", "x", "a.py", 3, cwe=89, **said))[0].id

    by_source = weaknesses([scan(code("semgrep", "x", "a.py", 3, cwe=89))], from_source)[0].id
    assert by_source == id_of(snippet="\n  os.system(cmd)\nmore")
    ids = {id_of(snippet="x()"), id_of(fingerprint="f:1"), id_of(fingerprint="f:2"), id_of(), by_source}
    assert len(ids) == 5


def test_a_place_that_is_no_file_is_never_looked_up() -> None:
    def fail(path: str, line: int) -> str:
        raise AssertionError(path)

    at = Location("docker host", 3, is_file=False)
    assert weaknesses([scan(replace(code("x", "y", "", 3), location=at))], fail)


def test_the_id_of_a_secret_depends_on_neither_the_secret_nor_its_line() -> None:
    one = merged(leak("gitleaks", "aws-access-token", ".env", 3, "one"))[0].id
    other = merged(leak("trufflehog", "AWS", ".env", 99, "two"))[0].id
    assert one == other
    assert one != merged(leak("gitleaks", "slack-token", ".env", 3, "one"))[0].id


@pytest.mark.parametrize("lone", ["\ud800", "a\x00b", "9:x"])
def test_odd_text_in_a_report_makes_no_id_collide_or_fail(lone: str) -> None:
    rows = merged(
        code("x", "r", f"{lone}a", 1),
        code("x", f"r{lone}", "a", 1),
        advisory("y", "CVE-2021-1", name=lone),
        advisory("y", lone, name="z"),
        leak("z", lone, lone, 1),
        alert("w", lone, f"https://{lone}/x"),
    )
    assert len({row.id for row in rows}) == 6


def test_aliases_of_code_are_kept_in_one_spelling() -> None:
    assert merged(code("x", "r", "a", 1, aliases=("ghsa-AAAA-bbbb-cccc", "cve-2020-1")))[0].aliases == (
        "CVE-2020-1",
        "GHSA-aaaa-bbbb-cccc",
    )


def test_a_known_severity_beats_an_unknown_one_whoever_comes_first() -> None:
    unknown = replace(advisory("pip-audit", "CVE-2021-1"), rated=Rated(Level.UNKNOWN))
    assert merged(unknown, advisory("trivy", "CVE-2021-1", level=Level.LOW))[0].rated.level is Level.LOW


def test_group_and_artifact_are_one_package_with_a_colon_and_with_a_slash() -> None:
    one = advisory("trivy", "CVE-2021-44228", type_="maven", name="org.apache:log4j", manifest="pom.xml")
    other = advisory("osv-scanner", "CVE-2021-44228", type_="maven", name="org.apache/log4j", manifest="pom.xml")
    (row,) = merged(one, other)
    assert row.tools == ("osv-scanner", "trivy")
