"""What kind of weakness a SARIF result is, the package behind it, and the secret that is never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.security_report_aggregator.readers.reports_at_hand import FIXTURES, made, opened
from tests.security_report_aggregator.readers.sarif_logs import at, finding, log, result, run, scan, scans

from security_report_aggregator.model import UNRATED, Category, Level, Location, Package
from security_report_aggregator.readers import gitleaks
from security_report_aggregator.readers.sarif import READER
from security_report_aggregator.readers.sarif_advice import Advice, Spoken, advice_in, package_at, spoken_of


@pytest.mark.parametrize(
    ("tool", "rule", "category"),
    [
        ("CodeQL", {"id": "py/sql-injection"}, Category.CODE),
        ("Nobody's Scanner", {"id": "X1"}, Category.CODE),
        ("Nobody's Scanner", {"id": "CVE-2021-44228"}, Category.DEPENDENCY),
        ("Checkov", {"id": "CKV_AWS_1"}, Category.IAC),
        ("Checkov", {"id": "CKV_SECRET_6"}, Category.SECRET),
        ("checkov", {"id": "CVE-2020-1234"}, Category.DEPENDENCY),
        ("Hadolint", {"id": "DL3006"}, Category.IAC),
        ("KICS", {"id": "a-b"}, Category.IAC),
        ("gitleaks", {"id": "aws-access-token"}, Category.SECRET),
        ("ZAP", {"id": "10038"}, Category.DAST),
        ("OWASP ZAP", {"id": "10038"}, Category.DAST),
        ("Grype", {"id": "GHSA-aaaa-bbbb-cccc-lodash"}, Category.DEPENDENCY),
        ("osv-scanner", {"id": "PYSEC-2021-1"}, Category.DEPENDENCY),
        ("Snyk Open Source", {"id": "SNYK-JS-LODASH-1"}, Category.DEPENDENCY),
        ("Snyk Container", {"id": "SNYK-DEBIAN11-GLIBC-1"}, Category.CONTAINER),
        ("Snyk Container", {"id": "custom"}, Category.CONTAINER),
        ("Snyk Open Source", {"id": "snyk:lic:npm:left-pad:GPL-3.0"}, Category.LICENSE),
        ("SnykCode", {"id": "javascript/Sqli"}, Category.CODE),
        ("Trivy", {"id": "CVE-2022-1", "name": "OsPackageVulnerability"}, Category.CONTAINER),
        ("Trivy", {"id": "CVE-2022-1", "name": "LanguageSpecificPackageVulnerability"}, Category.DEPENDENCY),
        ("Trivy", {"id": "AVD-AWS-0086", "name": "Misconfiguration"}, Category.IAC),
        ("Trivy", {"id": "aws-access-key-id", "name": "Secret"}, Category.SECRET),
        ("Trivy", {"id": "left-pad:GPL-3.0", "name": "License"}, Category.LICENSE),
        ("Trivy", {"id": "x", "properties": {"tags": ["secret", "HIGH"]}}, Category.SECRET),
        ("Trivy", {"id": "DS002"}, Category.IAC),
        ("Trivy", {"id": "KSV001"}, Category.IAC),
        ("Trivy", {"id": "AVD-KSV-0001"}, Category.IAC),
        ("Trivy", {"id": "CVE-2022-1234"}, Category.DEPENDENCY),
        ("Trivy", {"id": "other"}, Category.CODE),
    ],
)
def test_the_scanner_and_the_rule_tell_the_category(tool: str, rule: dict[str, Any], category: Category) -> None:
    assert finding(result(ruleId=rule["id"]), name=tool, rules=[rule]).category is category


def trivy(name: str = "LanguageSpecificPackageVulnerability", score: str = "9.8") -> dict[str, Any]:
    tags = ["vulnerability", "security", "CRITICAL"]
    return {"id": "CVE-2021-44906", "name": name, "properties": {"tags": tags, "security-severity": score}}


TRIVY_SAYS = {
    "text": "Package: minimist\nInstalled Version: 1.2.5\nVulnerability CVE-2021-44906\nSeverity: CRITICAL\n"
    "Fixed Version: 1.2.6, 0.2.4\nLink: [CVE-2021-44906](https://avd.aquasec.com/nvd/cve-2021-44906)"
}


def test_trivys_message_names_the_package_and_its_fixes() -> None:
    one = result(ruleId="CVE-2021-44906", message=TRIVY_SAYS, **at("web/package-lock.json", startLine=5))
    found = finding(one, name="Trivy", rules=[trivy()])
    assert found.package == Package("npm", "minimist", "1.2.5")
    assert (found.aliases, found.fixed_in) == (("CVE-2021-44906",), ("1.2.6", "0.2.4"))
    assert found.url == "https://avd.aquasec.com/nvd/cve-2021-44906"
    assert found.location == Location("web/package-lock.json", 5)
    assert (found.rated.level, found.rated.score) == (Level.CRITICAL, 9.8)


@pytest.mark.parametrize("score", ["0.0", "0"])
def test_a_score_of_zero_is_how_trivy_and_grype_write_unknown(score: str) -> None:
    found = finding(result(ruleId="CVE-2021-44906", level="note"), name="Trivy", rules=[trivy(score=score)])
    assert (found.rated.level, found.rated.said) == (Level.UNKNOWN, "0")


@pytest.mark.parametrize("order", [1, -1])
def test_what_lies_in_an_image_is_no_file_of_the_repository(order: int) -> None:
    one = result(ruleId="CVE-2021-44906", message=TRIVY_SAYS, **at("app/package-lock.json", startLine=1))
    members = run(one, name="Trivy", rules=[trivy()], properties={"imageName": "shop:1"})
    (found,) = scans(log(dict(list(members.items())[::order])))
    assert found.findings[0].category is Category.CONTAINER
    assert found.findings[0].location == Location("app/package-lock.json", is_file=False)


def test_a_system_package_lies_in_an_image() -> None:
    one = result(ruleId="CVE-2021-44906", message=TRIVY_SAYS, **at("library/nginx", startLine=1))
    found = finding(one, name="Trivy", rules=[trivy("OsPackageVulnerability")])
    assert (found.category, found.location) == (Category.CONTAINER, Location("library/nginx", is_file=False))
    assert found.package == Package("", "minimist", "1.2.5")


def grype(**properties: object) -> dict[str, Any]:
    helps = (
        "Vulnerability GHSA-aaaa-bbbb-cccc\nSeverity: high\nPackage: lodash\nVersion: 4.17.15\nFix Version: 4.17.21\n"
        "Type: npm\nLocation: /package-lock.json\nLink: [GHSA-aaaa-bbbb-cccc](https://github.com/advisories/x)"
    )
    return {"id": "GHSA-aaaa-bbbb-cccc-lodash", "help": {"text": helps}, "properties": properties}


def grype_result(kind: str = "npm", where: str = "at: /package-lock.json") -> dict[str, Any]:
    said = f"A high vulnerability in {kind} package: lodash, version 4.17.20 was found {where}"
    return result(ruleId="GHSA-aaaa-bbbb-cccc-lodash", message={"text": said})


def test_grypes_rule_and_message_together_name_the_package() -> None:
    found = finding(grype_result(), name="grype", rules=[grype(purls=["pkg:npm/lodash@4.17.15"])])
    assert found.package == Package("npm", "lodash", "4.17.20")
    assert (found.aliases, found.fixed_in) == (("GHSA-aaaa-bbbb-cccc",), ("4.17.21",))
    assert found.url == "https://github.com/advisories/x"
    assert finding(grype_result(), name="grype", rules=[grype()]).package == Package("npm", "lodash", "4.17.20")


def test_grype_tells_an_image_by_its_layers_or_by_the_kind_of_package() -> None:
    assert finding(grype_result("deb"), name="grype", rules=[grype()]).category is Category.CONTAINER
    layer = [{"logicalLocations": [{"fullyQualifiedName": "shop:1@sha256:abc:/package-lock.json"}]}]
    one = {**grype_result(), "locations": layer}
    found = finding(one, name="grype", rules=[grype()])
    assert (found.category, found.location) == (Category.CONTAINER, None)
    assert finding(grype_result(), name="grype", rules=[grype()]).category is Category.DEPENDENCY


OSV_HELP = """### Affected Packages

| Source | Package Name | Package Version |
| --- | --- | --- |
| lockfile:/go.mod | stdlib | 1.20 |

### Fixed Versions

| Vulnerability ID | Package Name | Fixed Version |
| --- | --- | --- |
| GO-2023-1234 | stdlib | 1.19.8, 1.20.3 |
| GO-2023-1234 | other | 9.9 |
"""


def test_osv_scanners_message_and_help_name_the_package() -> None:
    said = "Package 'stdlib@1.20' is vulnerable to 'GO-2023-1234' (also known as 'CVE-2023-24534')."
    rule = {"id": "GO-2023-1234", "deprecatedIds": ["GO-2023-1234", "CVE-2023-24534"], "help": {"text": OSV_HELP}}
    found = finding(
        result(ruleId="GO-2023-1234", message={"text": said}, **at("go.mod")), name="osv-scanner", rules=[rule]
    )
    assert found.package == Package("golang", "stdlib", "1.20")
    assert found.aliases == ("GO-2023-1234", "CVE-2023-24534")
    assert found.fixed_in == ("1.19.8", "1.20.3")


def snyk(**members: object) -> dict[str, Any]:
    tags = ["security", "CWE-400", "npm"]
    return {"id": "SNYK-JS-LODASH-1018905", "properties": {"tags": tags}, **members}


def snyk_result(*fixes: str) -> dict[str, Any]:
    said = "This file introduces a vulnerable lodash package with a high severity vulnerability."
    where = at("package.json", startLine=1)["locations"][0]
    where["logicalLocations"] = [{"fullyQualifiedName": "lodash@4.17.15"}]
    told = [{"description": {"text": fix}} for fix in fixes]
    return result(ruleId="SNYK-JS-LODASH-1018905", message={"text": said}, locations=[where], fixes=told)


def test_snyks_logical_location_names_the_package() -> None:
    rule = snyk(fullDescription={"text": "(CVE-2020-28500) lodash@4.17.15, as CVE-1999-0001 was"})
    one = snyk_result("Upgrade to express@5.0.0", "Upgrade to lodash@4.17.21")
    found = finding(one, name="Snyk Open Source", rules=[rule])
    assert found.package == Package("npm", "lodash", "4.17.15")
    assert found.aliases == ("SNYK-JS-LODASH-1018905", "CVE-2020-28500")
    assert found.fixed_in == ("4.17.21",)
    assert found.rule.cwes == (400,)


def test_an_id_that_stands_for_several_weaknesses_is_no_alias_of_them() -> None:
    rule = snyk(fullDescription={"text": "(CVE-2020-28500,CVE-2020-28501) lodash@4.17.15"})
    assert finding(snyk_result(), name="Snyk", rules=[rule]).aliases == ("SNYK-JS-LODASH-1018905",)


@pytest.mark.parametrize("fixes", ["odd", [None], [{"description": "x"}], [{"description": {"text": "Upgrade"}}]])
def test_fixes_that_name_no_version_fix_nothing(fixes: object) -> None:
    assert finding({**snyk_result(), "fixes": fixes}, name="Snyk", rules=[snyk()]).fixed_in == ()


def test_a_purl_anywhere_names_the_package() -> None:
    log4j = Package("maven", "org.apache:log4j", "2.14")
    purl = "pkg:maven/org.apache/log4j@2.14"
    resource = [{"logicalLocations": [{"fullyQualifiedName": purl}]}]
    assert finding(result(ruleId="CVE-2021-44228", locations=resource)).package == log4j
    assert finding(result(ruleId="CVE-2021-44228", properties={"purl": purl})).package == log4j
    assert finding(result(ruleId="CVE-2021-44228", properties={"purl": "pkg:odd"})).package is None


@pytest.mark.parametrize(
    ("tool", "one", "rule", "expected"),
    [
        (
            "Trivy",
            {"message": {"text": "Artifact: a\nLicense GPL-3.0\nPkgName: left-pad\n Classification: x\n Path: y"}},
            {"id": "left-pad:GPL-3.0", "name": "License"},
            ("GPL-3.0", Package("", "left-pad")),
        ),
        (
            "Snyk Open Source",
            {"locations": [{"logicalLocations": [{"fullyQualifiedName": "@a/left-pad@1.0"}]}]},
            {"id": "snyk:lic:npm:left-pad:GPL-3.0", "properties": {"tags": ["npm"]}},
            ("GPL-3.0", Package("npm", "@a/left-pad", "1.0")),
        ),
    ],
)
def test_a_licence_finding_names_licence_and_package(
    tool: str, one: dict[str, Any], rule: dict[str, Any], expected: tuple[str, Package]
) -> None:
    found = finding(result(ruleId=rule["id"], **one), name=tool, rules=[rule])
    assert (found.category, found.license, found.package) == (Category.LICENSE, *expected)


def test_the_address_of_an_advisory_is_the_message_s_or_the_rule_s_or_the_result_s() -> None:
    rule = {"id": "CVE-2020-1", "helpUri": "https://example.com/rule"}
    one = result(ruleId="CVE-2020-12345", hostedViewerUri="https://example.com/result")
    assert finding(one, name="grype").url == "https://example.com/result"
    assert finding(result(ruleId="CVE-2020-1"), name="grype", rules=[rule]).url == "https://example.com/rule"
    assert finding(result(), rules=[{**rule, "id": "R1"}]).url == ""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Package 'odd' is vulnerable to 'X'", Spoken(Package("", "odd"))),
        ("introduces a vulnerable lodash package", Spoken(Package("", "lodash"))),
        ("Package: \nInstalled Version: 1", Spoken()),
        ("PkgName: a", Spoken(Package("", "a"))),
        ("nothing of the kind: 1", Spoken()),
        ("", Spoken()),
    ],
)
def test_a_message_may_name_a_package(said: str, found: Spoken) -> None:
    assert spoken_of(said) == found


def test_help_without_advice_gives_none() -> None:
    assert advice_in(None) is None
    assert advice_in("") is None
    assert advice_in("Do better.") is None
    assert advice_in("Fixed Version: 1.0,\n") == Advice((("", "1.0"),))
    assert package_at("no version") is None
    assert package_at("x@" + "1" * 600) is None


SECRET = "s3cr3t-not-a-real-value"


def leak(message: str = "A leak.", rule: str = "aws-access-token", shown: str = SECRET) -> dict[str, Any]:
    where = at("a.env", startLine=3, snippet={"text": shown})
    related = [{**where["locations"][0], "message": {"text": SECRET}}]
    return result(ruleId=rule, message={"text": message}, relatedLocations=related, **where)


@pytest.mark.parametrize(
    ("tool", "rule"),
    [
        ("gitleaks", {"id": "aws-access-token"}),
        ("trufflehog", {"id": "AWS"}),
        ("Trivy", {"id": "aws", "name": "Secret", "fullDescription": {"text": SECRET}}),
        ("Bandit", {"id": "B105"}),
        ("Semgrep", {"id": "hardcoded-token"}),
        ("ESLint", {"id": "no-secrets/no-secrets"}),
        ("CodeQL", {"id": "py/x", "properties": {"tags": ["external/cwe/cwe-798"]}}),
    ],
)
def test_no_secret_is_kept(tool: str, rule: dict[str, Any]) -> None:
    said = f"Found '{SECRET}', that is {SECRET}\nMatch: pass {SECRET[:4]}\nend"
    found = finding(leak(said, rule["id"]), name=tool, rules=[rule])
    assert SECRET not in repr(found)
    assert SECRET[:4] not in found.message.split("\n")[-1]
    assert found.location == Location("a.env", 3)
    assert found.flows is None


@pytest.mark.parametrize("said", ["Type: \nMatch: a ******** of x", "it is s3cr\\u0065t in other words", ""])
def test_a_secret_is_told_in_the_words_of_its_rule_whatever_the_scanner_says(said: str) -> None:
    rule = {"id": "aws", "name": "Secret", "shortDescription": {"text": "AWS key"}}
    found = finding(leak(said, "aws"), name="Trivy", rules=[rule])
    assert (found.message, found.rule.description) == ("AWS key", "AWS key")


def test_a_leak_of_gitleaks_is_known_again_by_its_digest() -> None:
    document = made(log(run(leak(), name="gitleaks")))
    (found,) = READER.read(document)
    assert found.findings[0].secret == document.digest(SECRET)
    assert found.findings[0].rated == UNRATED


@pytest.mark.parametrize("shown", ["REDACTED", "s3cr...", "*****", ""])
def test_a_leak_whose_secret_is_hidden_has_no_digest(shown: str) -> None:
    assert finding(leak(shown=shown), name="gitleaks").secret == ""


def test_only_where_the_snippet_is_the_secret_is_it_a_digest() -> None:
    assert finding(leak(), name="trufflehog").secret == ""
    assert finding(leak(rule="B105"), name="Bandit").secret == ""


def test_gitleaks_tells_the_same_in_sarif_and_in_its_own_format() -> None:
    in_sarif, own = opened(FIXTURES / "gitleaks/gitleaks.sarif"), opened(FIXTURES / "gitleaks/gitleaks.json")
    ((of_sarif,), (of_json,)) = READER.read(in_sarif), gitleaks.READER.read(own)
    assert {one.secret for one in of_sarif.findings} == {one.secret for one in of_json.findings}
    secrets = [one["Secret"] for one in json.loads(own.data)]
    assert secrets
    assert not any(secret in repr(of_sarif) for secret in secrets)


@pytest.mark.parametrize(("tool", "rule"), [("ruff", "invalid-syntax"), ("Hadolint", "DL1000")])
def test_a_file_that_does_not_parse_was_not_checked(tool: str, rule: str) -> None:
    found = scan(result(ruleId=rule, **at("a.py", startLine=1)), result(ruleId=rule), name=tool)
    assert found.records == 2
    assert found.gaps == ("results that say that a file does not parse, so that it was not checked: 2 (first: a.py)",)
