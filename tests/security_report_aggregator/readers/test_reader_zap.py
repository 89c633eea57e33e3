from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.reports_at_hand import (
    finding_of,
    made,
    mutated,
    reads_or_refuses,
    refusal_of,
    scan_of,
)

from security_report_aggregator.model import Category, Level, Location
from security_report_aggregator.readers.zap import READER

ALERT = {
    "pluginid": "40012",
    "alertRef": "40012-1",
    "alert": "Cross Site Scripting (Reflected)",
    "name": "Cross Site Scripting (Reflected)",
    "riskcode": "3",
    "confidence": "2",
    "riskdesc": "High (Medium)",
    "desc": "<p>XSS involves &lt;script&gt; &amp; more.</p><p>Second.</p>",
    "instances": [
        {"uri": "https://me:pw@shop.example/search?q=%3Cscript%3E&token=t0ken#top", "method": "GET", "param": "q"},
        {"uri": "https://shop.example/other", "method": "GET", "param": "x"},
    ],
    "count": "2",
    "reference": "<p>https://owasp.example/xss</p><p>https://other.example</p>",
    "cweid": "79",
}


def site(*alerts: object) -> dict[str, Any]:
    return {"@name": "https://shop.example", "@host": "shop.example", "@port": "443", "alerts": list(alerts)}


def report(*sites: object, **others: object) -> dict[str, Any]:
    frame = {"@programName": "ZAP", "@version": "2.16.1", "@generated": "Fri, 4 Feb 2022 13:04:51"}
    return {**frame, "site": list(sites), **others}


XML = """<?xml version="1.0"?><OWASPZAPReport programName="ZAP" version="2.16.1" generated="Fri, 4 Feb 2022 13:04:51">
<insights><insight><site>https://shop.example</site><description>d</description></insight></insights>
<site name="https://shop.example" host="shop.example" port="443" ssl="true"><alerts><alertitem>
<pluginid>40012</pluginid><alertRef>40012-1</alertRef><alert>Cross Site Scripting (Reflected)</alert>
<name>Cross Site Scripting (Reflected)</name><riskcode>3</riskcode><confidence>2</confidence>
<riskdesc>High (Medium)</riskdesc>
<desc>&lt;p&gt;XSS involves &amp;lt;script&amp;gt; &amp;amp; more.&lt;/p&gt;&lt;p&gt;Second.&lt;/p&gt;</desc>
<instances><instance><uri>https://me:pw@shop.example/search?q=%3Cscript%3E&amp;token=t0ken#top</uri><method>GET</method>
<param>q</param></instance><instance><uri>https://shop.example/other</uri><param>x</param></instance></instances>
<count>2</count><reference>&lt;p&gt;https://owasp.example/xss&lt;/p&gt;&lt;p&gt;https://other.example&lt;/p&gt;</reference>
<cweid>79</cweid></alertitem></alerts></site></OWASPZAPReport>"""
BOTH = pytest.mark.parametrize("content", [report(site(ALERT)), XML], ids=["json", "xml"])


@BOTH
def test_an_alert_is_told_in_full(content: object) -> None:
    finding = finding_of(READER, content)
    assert (finding.category, finding.tool, finding.rule.id) == (Category.DAST, "zap", "40012-1")
    assert finding.message == finding.rule.name == "Cross Site Scripting (Reflected)"
    assert finding.rule.description == "XSS involves <script> & more. Second."
    assert (finding.rule.help_uri, finding.rule.cwes) == ("https://owasp.example/xss", (79,))
    assert (finding.rated.level, finding.rated.said) == (Level.HIGH, "High")
    assert (finding.confidence, finding.suppressed) == ("medium", "")


@BOTH
def test_the_first_request_is_the_place_and_all_are_counted(content: object) -> None:
    finding = finding_of(READER, content)
    assert finding.location == Location("https://shop.example/search", is_file=False)
    assert (finding.resource, finding.instances) == ("q", 2)


@BOTH
def test_no_value_of_a_request_is_kept(content: object) -> None:
    told = repr(scan_of(READER, content))
    assert "t0ken" not in told
    assert "me:pw" not in told


@BOTH
def test_the_run_says_when_and_with_which_version(content: object) -> None:
    scan = scan_of(READER, content)
    assert (scan.version, scan.complete) == ("2.16.1", True)
    assert scan.started == datetime(2022, 2, 4, 13, 4, 51, tzinfo=UTC)


@pytest.mark.parametrize(
    ("generated", "started"),
    [
        ("Tue, 12 May 2020 20:57:30", datetime(2020, 5, 12, 20, 57, 30, tzinfo=UTC)),
        ("Tue, 12 May 2020 20:57:30 +0200", datetime(2020, 5, 12, 18, 57, 30, tzinfo=UTC)),
        ("2025-12-05T22:10:29", datetime(2025, 12, 5, 22, 10, 29, tzinfo=UTC)),
        ("ven., 4 févr. 2022 13:04:51", None),
        ("", None),
        (5, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_the_forms_zap_writes(generated: object, started: datetime | None) -> None:
    assert scan_of(READER, report(site()) | {"@generated": generated}).started == started


def test_the_date_without_doubt_wins() -> None:
    scan = scan_of(READER, report(site(), created="2022-02-04T12:04:51.236211400Z"))
    assert scan.started == datetime(2022, 2, 4, 12, 4, 51, 236211, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "level", "said"),
    [
        ("3", Level.HIGH, "High"),
        ("2", Level.MEDIUM, "Medium"),
        ("1", Level.LOW, "Low"),
        (0, Level.LOW, "Informational"),
    ],
)
def test_risk_is_a_code(code: object, level: Level, said: str) -> None:
    rated = finding_of(READER, report(site(ALERT | {"riskcode": code}))).rated
    assert (rated.level, rated.said) == (level, said)


@pytest.mark.parametrize(("described", "level"), [("Medium (High)", Level.MEDIUM), ("", Level.UNKNOWN)])
def test_risk_without_a_code_is_described(described: str, level: Level) -> None:
    alert = ALERT | {"riskcode": "9", "riskdesc": described}
    assert finding_of(READER, report(site(alert))).rated.level is level


def test_a_false_positive_is_suppressed() -> None:
    finding = finding_of(READER, report(site(ALERT | {"confidence": "0"})))
    assert (finding.suppressed, finding.confidence) == ("marked as a false positive in ZAP", "false positive")


@pytest.mark.parametrize("cwe", ["-1", "0", "", None])
def test_no_weakness_class_is_none(cwe: object) -> None:
    assert finding_of(READER, report(site(ALERT | {"cweid": cwe}))).rule.cwes == ()


def test_one_site_may_stand_outside_a_list() -> None:
    assert scan_of(READER, report() | {"site": site(ALERT, ALERT)}).records == 2


def test_alerts_of_all_sites_are_counted_and_not_their_requests() -> None:
    scan = scan_of(READER, report(site(ALERT), site(ALERT, ALERT | {"pluginid": "2", "alertRef": ""})))
    assert [finding.rule.id for finding in scan.findings] == ["40012-1", "40012-1", "2"]
    assert sum(finding.instances for finding in scan.findings) == 6


def test_an_old_alert_has_its_request_in_itself() -> None:
    alert = {"pluginid": "1", "alert": "A", "riskcode": "1", "uri": "http://a.example/x", "param": "p", "count": "3"}
    finding = finding_of(READER, report(site(alert)))
    assert finding.location == Location("http://a.example/x", is_file=False)
    assert (finding.resource, finding.instances) == ("p", 3)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/relative?x=1", "/relative"),
        ("http://[::1/broken", None),
        ("", None),
        ("http://a.example", "http://a.example"),
    ],
)
def test_an_address_is_cut_where_values_start(address: str, path: str | None) -> None:
    finding = finding_of(READER, report(site(ALERT | {"instances": [{"uri": address}]})))
    assert (finding.location.path if finding.location else None) == path


@pytest.mark.parametrize(
    "content", [report(), report() | {"site": None}, '<OWASPZAPReport version="2.9.0"></OWASPZAPReport>']
)
def test_no_site_is_a_gap(content: object) -> None:
    scan = scan_of(READER, content)
    assert (scan.records, scan.gaps) == (0, ("no site was scanned",))


def test_a_plan_that_failed_and_a_scan_that_stopped_are_gaps() -> None:
    scan = scan_of(
        READER,
        report(site(), afPlanErrors=["Job spider\nfailed"], stoppingInsight={"description": "too many errors"}),
    )
    assert scan.gaps == ("the automation plan failed: Job spider failed", "ZAP stopped early: too many errors")


def test_elements_out_of_place_are_passed_over() -> None:
    odd = "<instance><uri>u</uri></instance><name>n</name><alertitem><alertitem><pluginid>1</pluginid></alertitem>"
    scan = scan_of(READER, f'<OWASPZAPReport><site name="a">{odd}</alertitem></site></OWASPZAPReport>')
    assert [finding.rule.id for finding in scan.findings] == ["1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (report() | {"site": "https://shop.example"}, "`site` is no list"),
        (report("a"), "`site[0]` is no object"),
        (report({"alerts": {"a": {}}}), "`site[0].alerts` is no list"),
        (report(site("a")), "`site[0].alerts[0]` is no object"),
        (report(site(ALERT | {"instances": "many"})), "`site[0].alerts[0].instances` is no list"),
        (report(site({"name": "<p>A</p>"})), "the alert `A` has no `pluginid`"),
        (XML.replace("pluginid>", "x>").replace("alertRef>", "x>"), "has no `pluginid`"),
        (XML[:600], "ends before </OWASPZAPReport>"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(content: object, reason: str) -> None:
    assert reason in refusal_of(READER, content)


@pytest.mark.parametrize(
    "other",
    [
        {"site": []},
        {"@version": "1"},
        {"@programName": "ZAP", "@version": "2", "site": "a", "summaryItems": []},
        "<a/>",
        [],
    ],
)
def test_other_reports_are_left_to_others(other: object) -> None:
    assert not READER.recognises(made(other))


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_whatever_an_address_is_its_query_is_not_kept(query: str) -> None:
    alert = ALERT | {"instances": [{"uri": f"https://shop.example/a?secret={query}"}]}
    assert finding_of(READER, report(site(alert))).location == Location("https://shop.example/a", is_file=False)


@given(mutated([report(site(ALERT)), report() | {"site": site(ALERT)}, XML.encode()]))
@settings(max_examples=50)
def test_damage_to_a_zap_report_is_read_or_refused(data: bytes) -> None:
    reads_or_refuses([READER], data)
