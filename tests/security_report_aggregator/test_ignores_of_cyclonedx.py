"""CycloneDX VEX: states, references to components, versions, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actionkit.errors import Unreadable
from security_report_aggregator import ignores
from security_report_aggregator.waiver import Waiver

LODASH = "pkg:npm/lodash@4.17.20"
SERIAL = "f08a6ccd-4dce-4759-bd84-c626675d60a7"


def vulnerability(state: str = "not_affected", ref: str = LODASH, **more: Any) -> dict[str, Any]:
    made = {"id": "CVE-2021-23337", "analysis": {"state": state}, "affects": [{"ref": ref}]}
    return {key: value for key, value in (made | more).items() if value is not ...}


def bill(*vulnerabilities: Any, **more: Any) -> bytes:
    whole = {"bomFormat": "CycloneDX", "specVersion": "1.5", **more, "vulnerabilities": list(vulnerabilities)}
    return json.dumps({key: value for key, value in whole.items() if value is not ...}, indent=1).encode()


def read(*vulnerabilities: Any, **more: Any) -> tuple[Waiver, ...]:
    return ignores.read("vex.cdx.json", bill(*vulnerabilities, **more))


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        ignores.read("vex.cdx.json", data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("not_affected", "not_affected"),
        ("false_positive", "not_affected"),
        ("resolved", "fixed"),
        ("resolved_with_pedigree", "fixed"),
        ("exploitable", None),
        ("in_triage", None),
    ],
)
def test_states_waive_or_do_not(state: str, status: str | None) -> None:
    assert [one.status for one in read(vulnerability(state))] == ([status] if status else [])


def test_an_analysis_is_a_waiver_with_its_words() -> None:
    analysis = {"state": "not_affected", "justification": "code_not_reachable", "detail": "never\ncalled"}
    (waiver,) = read(vulnerability(analysis=analysis, references=[{"id": "GHSA-35jh-r3h4-6jhm"}, {"id": "USN-1-1"}]))
    assert (waiver.ids, waiver.packages) == (("CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"), (LODASH,))
    assert (waiver.justification, waiver.reason) == ("code_not_reachable", "never called")
    assert (waiver.source, str(waiver.origin)) == ("cyclonedx", "`vulnerabilities[0]` in vex.cdx.json:5")


def test_without_a_detail_the_justification_or_the_state_is_the_reason() -> None:
    assert read(vulnerability("false_positive"))[0].reason == "false positive"
    analysis = {"state": "resolved", "justification": "code_not_present"}
    assert read(vulnerability(analysis=analysis))[0].reason == "code not present"


def test_what_nobody_has_analysed_waives_nothing() -> None:
    assert read(vulnerability(analysis=...), vulnerability(analysis={"detail": "?"})) == ()
    assert read() == ()


COMPONENTS = [
    {"bom-ref": "a", "purl": LODASH, "components": [{"bom-ref": "b/1", "purl": "pkg:npm/nested@1"}, "odd"]},
    {"bom-ref": "nameless", "components": {}},
    {"bom-ref": 7, "purl": LODASH},
    "odd",
]


@pytest.mark.parametrize(
    ("ref", "packages"),
    [
        ("a", (LODASH,)),
        ("b/1", ("pkg:npm/nested@1",)),
        ("root", ("pkg:npm/app@1",)),
        (f"urn:cdx:{SERIAL}/1#a", (LODASH,)),
        (f"urn:cdx:{SERIAL}/1#b%2F1", ("pkg:npm/nested@1",)),
        ("urn:cdx:00000000-0000-0000-0000-000000000000/1#pkg:npm/other@1", ("pkg:npm/other@1",)),
    ],
)
@pytest.mark.parametrize("components_first", [True, False])
def test_a_reference_leads_to_the_package_of_its_component(
    ref: str, packages: tuple[str, ...], components_first: bool
) -> None:
    whole = {
        "bomFormat": "CycloneDX",
        "serialNumber": f"urn:uuid:{SERIAL.upper()}",
        "metadata": {"component": {"bom-ref": "root", "purl": "pkg:npm/app@1"}},
    }
    lists = {"components": COMPONENTS, "vulnerabilities": [vulnerability(ref=ref)]}
    ordered = lists if components_first else dict(reversed(lists.items()))
    (waiver,) = ignores.read("bom.json", json.dumps(whole | ordered).encode())
    assert waiver.packages == packages


@pytest.mark.parametrize("ref", ["nameless", "missing", "urn:cdx:00000000-0000-0000-0000-000000000000/1#a", "urn:cdx:"])
def test_a_reference_that_leads_to_no_package_is_refused_where_it_would_waive(ref: str) -> None:
    data = bill(vulnerability(ref=ref), serialNumber=f"urn:uuid:{SERIAL}", components=COMPONENTS)
    assert "`vulnerabilities[0]` leads to no component with a package URL" in refused(data)
    assert read(vulnerability("exploitable", ref=ref), components=COMPONENTS) == ()


def test_versions_narrow_a_package_that_names_none() -> None:
    versions = [{"version": "1"}, {"version": "2", "status": "affected"}]
    (waiver,) = read(vulnerability(affects=[{"ref": "pkg:npm/x?a=b", "versions": versions}]))
    assert waiver.packages == ("pkg:npm/x@1?a=b", "pkg:npm/x@2?a=b")
    (waiver,) = read(vulnerability(affects=[{"ref": LODASH, "versions": versions}]))
    assert waiver.packages == (LODASH,)
    data = bill(vulnerability(affects=[{"ref": "pkg:npm/x", "versions": [{"range": "vers:npm/<3"}]}]))
    assert "gives a range of versions" in refused(data)


def test_the_newest_analysis_counts() -> None:
    old = vulnerability(analysis={"state": "not_affected", "firstIssued": "2025-01-01T00:00:00Z"})
    new = vulnerability(analysis={"state": "exploitable", "lastUpdated": "2025-02-01T00:00:00Z"})
    assert read(old, new) == read(new, old) == ()
    newer = vulnerability(analysis={"state": "resolved", "lastUpdated": "2025-03-01T00:00:00Z"})
    assert [one.status for one in read(newer, old, new)] == ["fixed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": ...}, "names no vulnerability"),
        ({"analysis": "safe"}, "holds something else where an object must be"),
        ({"analysis": {"state": "safe"}}, "has the state 'safe'"),
        ({"analysis": {"state": ["resolved"]}}, "has the state"),
        ({"analysis": {"state": "resolved", "justification": "luck"}}, "has the justification 'luck'"),
        ({"analysis": {"state": "resolved", "detail": 7}}, "has a `detail` that is no text"),
        ({"analysis": {"state": "resolved", "lastUpdated": 7}}, "has a time that is none"),
        ({"references": {"id": "x"}}, "has `references` that are no list"),
        ({"references": [{"id": 7}]}, "has aliases that are no list of texts"),
        ({"affects": ...}, "leads to no component"),
        ({"affects": {"ref": "x"}}, "has `affects` that are no list"),
        ({"affects": [{"ref": 7}]}, "leads to no component"),
        ({"affects": ["x"]}, "holds something else where an object must be"),
        ({"affects": [{"ref": "pkg:npm/x", "versions": {"a": 1}}]}, "has `versions` that are no list"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_refused_with_its_line(changes: dict[str, Any], said: str) -> None:
    error = refused(bill(vulnerability(), vulnerability(**changes)))
    assert error.startswith("vex.cdx.json:16: `vulnerabilities[1]` ")
    assert said in error


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bill(bomFormat="SPDX"), "has a `bomFormat` that is not `CycloneDX`"),
        (b'{"bomFormat": "CycloneDX", "components": []}', "is a bill of materials without VEX"),
        (b'{"bomFormat": "CycloneDX", "vulnerabilities": {}}', "is a bill of materials without VEX"),
        (b'{"bomFormat": "CycloneDX", "vulnerabilities": {"a": {}}}', "has `vulnerabilities` that are no list"),
        (b'{"bomFormat": "CycloneDX", "components": {"a": {}}}', "has `components` that are no list"),
        (b'{"bomFormat": "CycloneDX", "vulnerabilities": ["CVE-1"]}', "holds something else"),
        (bill(vulnerability())[:-9], "truncated"),
        (b'{"bomFormat": "CycloneDX", "components": [' + b'{"components": [' * 50_000, "nested too deeply"),
    ],
)
def test_a_document_that_is_none_is_refused(data: bytes, said: str) -> None:
    assert said in refused(data)
