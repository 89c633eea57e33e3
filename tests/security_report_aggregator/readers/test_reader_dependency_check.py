from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from tests.security_report_aggregator.readers.reports_at_hand import (
    finding_of,
    made,
    mutated,
    reads_or_refuses,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Category, Level, Location, Package
from security_report_aggregator.readers.dependency_check import READER

VULNERABILITY = {
    "source": "NVD",
    "name": "CVE-2020-7608",
    "severity": "HIGH",
    "cvssv3": {"baseScore": 7.5, "baseSeverity": "HIGH"},
    "cwes": ["CWE-1321"],
    "description": "yargs-parser could be tricked\ninto adding properties.",
    "references": [{"source": "X", "name": "none"}, {"source": "NVD", "url": " https://advisories.example/7608 "}],
}
DEPENDENCY = {
    "isVirtual": True,
    "fileName": "yargs-parser:5.0.0",
    "filePath": "/github/workspace/web/package-lock.json?yargs-parser",
    "relatedDependencies": [{"filePath": "/other", "packageIds": [{"id": "pkg:npm/other@1"}]}],
    "evidenceCollected": {"vendorEvidence": []},
    "packages": [{"id": "cpe:2.3:a:x"}, {"id": "pkg:npm/yargs-parser@5.0.0", "confidence": "HIGHEST"}],
    "vulnerabilities": [VULNERABILITY],
    "suppressedVulnerabilities": [VULNERABILITY, VULNERABILITY],
}


def report(*dependencies: object, **scan_info: object) -> dict[str, Any]:
    return {
        "reportSchema": "1.1",
        "scanInfo": {"engineVersion": "12.1.0", "dataSource": [], **scan_info},
        "projectInfo": {"name": "shop", "reportDate": "2026-03-01T10:00:00.123456789Z"},
        "dependencies": list(dependencies),
    }


XML = """<?xml version="1.0" encoding="UTF-8"?>
<analysis xmlns="https://jeremylong.github.io/DependencyCheck/dependency-check.4.0.xsd">
 <scanInfo><engineVersion>12.1.0</engineVersion>
  <dataSource><name>NVD</name><timestamp>2026</timestamp></dataSource>
  <analysisExceptions><analysisException><exception><message>no network</message>
   <innerException><message>inner</message></innerException></exception></analysisException></analysisExceptions>
 </scanInfo>
 <projectInfo><name>shop</name><reportDate>2026-03-01T10:00:00.123456789Z</reportDate></projectInfo>
 <dependencies><dependency isVirtual="true">
  <fileName>yargs-parser:5.0.0</fileName>
  <filePath>
    /github/workspace/web/package-lock.json?yargs-parser</filePath>
  <relatedDependencies><relatedDependency><fileName>other</fileName><filePath>/other</filePath>
   <identifiers><package><id>pkg:npm/other@1</id></package></identifiers></relatedDependency></relatedDependencies>
  <evidenceCollected><evidence type="vendor"><source>f</source><name>n</name><value>v</value></evidence>
  </evidenceCollected>
  <identifiers><package confidence="HIGHEST"><id>pkg:npm/yargs-parser@5.0.0</id><url>https://x</url></package>
   <vulnerabilityIds><id>cpe:2.3:a:x</id></vulnerabilityIds></identifiers>
  <vulnerabilities><vulnerability source="NVD">
    <name>CVE-2020-7608</name><severity>HIGH</severity>
    <cvssV2><score>5.0</score><severity>MEDIUM</severity></cvssV2>
    <cvssV3><baseScore>7.5</baseScore><baseSeverity>HIGH</baseSeverity></cvssV3>
    <cwes><cwe>CWE-1321</cwe></cwes>
    <knownExploitedVulnerability><description>exploited</description></knownExploitedVulnerability>
    <description>yargs-parser could be tricked
into adding properties.</description>
    <references><reference><source>X</source><name>none</name></reference>
     <reference><source>NVD</source><url> https://advisories.example/7608 </url><name>r</name></reference></references>
    <vulnerableSoftware><software>cpe:2.3:a:y</software></vulnerableSoftware></vulnerability>
   <suppressedVulnerability source="NVD"><name>CVE-1</name><severity>LOW</severity></suppressedVulnerability>
   <suppressedVulnerability source="NVD"><name>CVE-2</name></suppressedVulnerability></vulnerabilities>
 </dependency></dependencies>
</analysis>"""
BOTH = pytest.mark.parametrize("content", [report(DEPENDENCY), XML], ids=["json", "xml"])


@BOTH
def test_a_vulnerability_is_told_in_full(content: object) -> None:
    finding = finding_of(READER, content)
    assert (finding.category, finding.tool, finding.rule.id) == (
        Category.DEPENDENCY,
        "dependency-check",
        "CVE-2020-7608",
    )
    assert (finding.rated.level, finding.rated.said, finding.rated.score) == (Level.HIGH, "HIGH", 7.5)
    assert (finding.rule.cwes, finding.rule.tags, finding.aliases) == ((1321,), ("NVD",), ("CVE-2020-7608",))
    assert finding.package == Package("npm", "yargs-parser", "5.0.0")
    assert finding.location == Location("web/package-lock.json")
    assert finding.message == "yargs-parser could be tricked into adding properties."
    assert finding.url == "https://advisories.example/7608"


@BOTH
def test_suppressed_vulnerabilities_are_records_and_no_findings(content: object) -> None:
    scan = scan_of(READER, content)
    assert (len(scan.findings), scan.withheld, scan.records, scan.suppressed) == (1, 2, 3, 2)


@BOTH
def test_the_run_says_when_and_with_which_version(content: object) -> None:
    scan = scan_of(READER, content)
    assert (scan.version, scan.started) == ("12.1.0", datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "gaps"),
    [
        (XML, ("an analyzer failed: no network",)),
        (
            report(analysisExceptions=[{"exception": {"message": "no network"}}, {"message": "no index"}, {}]),
            ("an analyzer failed: no network", "an analyzer failed: no index", "an analyzer failed"),
        ),
        (report(DEPENDENCY), ()),
    ],
)
def test_an_analyzer_that_failed_is_a_gap(content: object, gaps: tuple[str, ...]) -> None:
    assert scan_of(READER, content).gaps == gaps


def test_nothing_to_check_is_said() -> None:
    assert scan_of(READER, report()).notes == ("no dependency was found that could be checked",)
    assert scan_of(READER, report(DEPENDENCY)).notes == ()


@pytest.mark.parametrize(
    ("fields", "level", "source"),
    [
        ({"severity": "MODERATE"}, Level.MEDIUM, "severity"),
        ({"severity": "moderate"}, Level.MEDIUM, "severity"),
        ({"severity": "8.1"}, Level.HIGH, "severity"),
        ({"severity": "Unknown", "cvssv3": {"baseScore": 9.8}}, Level.CRITICAL, "cvssv3 baseScore"),
        ({"cvssv2": {"score": "5.0"}}, Level.MEDIUM, "cvssv2 score"),
        ({"cvssv4": {"baseScore": 3.1}, "cvssv2": {"score": 9.0}}, Level.LOW, "cvssv4 baseScore"),
        ({"cvssScore": "7.5"}, Level.HIGH, "cvssScore"),
        ({"severity": "Unknown"}, Level.UNKNOWN, "severity"),
        ({}, Level.UNKNOWN, "the scanner gives no severity"),
    ],
)
def test_the_own_word_stands_before_a_score(fields: dict[str, object], level: Level, source: str) -> None:
    content = report({"fileName": "a", "vulnerabilities": [{"name": "CVE-2020-0001", **fields}]})
    rated = finding_of(READER, content).rated
    assert (rated.level, rated.source) == (level, source)


@pytest.mark.parametrize(
    ("packages", "package"),
    [
        ([{"id": "pkg:maven/org.dom4j/dom4j@2.1.1"}], Package("maven", "org.dom4j:dom4j", "2.1.1")),
        ([{"id": "pkg:javascript/jquery@1.12.0"}], Package("npm", "jquery", "1.12.0")),
        ([], Package("", "a.dll")),
        (None, Package("", "a.dll")),
    ],
)
def test_a_package_is_the_first_that_was_identified(packages: object, package: Package) -> None:
    content = report({"fileName": "a.dll", "packages": packages, "vulnerabilities": [VULNERABILITY]})
    finding = finding_of(READER, content)
    assert (finding.package, finding.location) == (package, None)


OLD_XML = """<odc:analysis xmlns:odc="https://www.owasp.org/index.php/OWASP_Dependency_Check#1.3"><odc:scanInfo/>
<odc:dependencies><odc:dependency><odc:fileName>serializer.jar</odc:fileName><odc:filePath>lib\\serializer.jar</odc:filePath>
<odc:identifiers><odc:identifier type="cpe"><odc:name>cpe:/a:apache:xalan</odc:name></odc:identifier>
<odc:identifier type="maven"><odc:name>(xalan:serializer:2.7.1)</odc:name></odc:identifier></odc:identifiers>
<odc:vulnerabilities><odc:vulnerability><odc:name>CVE-2014-0107</odc:name><odc:cvssScore>7.5</odc:cvssScore>
<odc:cwe>CWE-264 Permissions</odc:cwe></odc:vulnerability></odc:vulnerabilities></odc:dependency></odc:dependencies>
</odc:analysis>"""


def test_old_schemas_name_packages_by_coordinates_and_have_one_score() -> None:
    finding = finding_of(READER, OLD_XML)
    assert finding.package == Package("maven", "xalan:serializer", "2.7.1")
    assert finding.location == Location("lib/serializer.jar")
    assert (finding.rated.level, finding.rated.source, finding.rule.cwes) == (Level.HIGH, "cvssScore", (264,))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report() | {"dependencies": 3}, "`dependencies` is no list"),
        (report("a"), "`dependencies[0]` is no object"),
        (report({"fileName": "a", "vulnerabilities": {}}), "`vulnerabilities of a` is no list"),
        (report({"fileName": "a", "vulnerabilities": [{"severity": "LOW"}]}), "a vulnerability of `a` has no `name`"),
        (report({"fileName": "a", "suppressedVulnerabilities": 1}), "`suppressedVulnerabilities of a` is no list"),
        (report({"packages": 1}), "`packages` is no list"),
        ({"reportSchema": "1.1", "scanInfo": {}}, "has no `dependencies`"),
        (report(analysisExceptions=3), "`scanInfo.analysisExceptions` is no list"),
        (XML.replace("<name>CVE-2020-7608</name>", ""), "a vulnerability of `yargs-parser:5.0.0` has no `name`"),
        (XML[:2000], "ends before </analysis>"),
        ("<analysis><scanInfo/></analysis>", "has no <dependencies>"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [
        {"dependencies": [{"name": "a", "version": "1", "vulns": []}]},
        {"dependencies": []},
        "<analysis><other/></analysis>",
        "<report/>",
        [],
    ],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(mutated([report(DEPENDENCY), XML.encode(), OLD_XML.encode()]))
@settings(max_examples=50)
def test_damage_to_a_dependency_check_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
