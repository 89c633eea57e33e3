"""What is written as OpenVEX is valid, honest, the same every time, and read again to the same meaning."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.origin import Origin
from actionkit.scope import Scope
from security_report_aggregator import ignores, openvex_out
from security_report_aggregator.document import Document
from security_report_aggregator.ignores.openvex import JUSTIFICATIONS, statements
from security_report_aggregator.model import UNRATED, Category, Finding, Package, Rule, Weakness
from security_report_aggregator.waiver import Waiver

NOW = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=timezone(timedelta(hours=2)))
LODASH = Package("npm", "lodash", "4.17.20")
PRODUCT = "pkg:github/org/app@1.0"


def weakness(
    *packages: Package | None,
    aliases: tuple[str, ...] = ("CVE-2021-23337",),
    rule: str = "CVE-2021-23337",
    category: Category = Category.DEPENDENCY,
) -> Weakness:
    findings = tuple(Finding(category, "trivy", Rule(rule), UNRATED, "m", package=one) for one in packages or (LODASH,))
    return Weakness("w", category, findings, UNRATED, ("trivy",), aliases=aliases)


def waiver(reason: str = "never called", **more: Any) -> Waiver:
    return replace(Waiver(Origin("waivers[0]", "policy.yml", 3), reason), **more)


NOT_AFFECTED = waiver(status="not_affected", justification="vulnerable_code_not_in_execute_path")


def written(*waived: tuple[Weakness, Waiver], product: str = "") -> dict[str, Any]:
    made = openvex_out.document(waived, author="Org <sec@example.org>", id="urn:x:1", now=NOW, product=product)
    loaded: dict[str, Any] = json.loads(made)
    return loaded


def one(*waived: tuple[Weakness, Waiver], product: str = "") -> dict[str, Any]:
    (found,) = written(*waived, product=product)["statements"]
    return dict(found)


def test_the_head_says_who_wrote_it_and_when() -> None:
    head = written((weakness(), NOT_AFFECTED))
    assert {key: value for key, value in head.items() if key != "statements"} == {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "urn:x:1",
        "author": "Org <sec@example.org>",
        "timestamp": "2026-03-04T03:06:07Z",
        "version": 1,
    }


def test_a_vex_waiver_says_that_the_package_is_not_affected() -> None:
    assert one((weakness(aliases=("GHSA-35jh-r3h4-6jhm", "CVE-2021-23337")), NOT_AFFECTED)) == {
        "vulnerability": {"name": "CVE-2021-23337", "aliases": ["GHSA-35jh-r3h4-6jhm"]},
        "products": [{"@id": "pkg:npm/lodash@4.17.20"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "status_notes": "never called",
    }


def test_accepting_a_risk_is_not_being_safe_from_it() -> None:
    accepted = one((weakness(), waiver("we take it", until=date(2027, 1, 31), approved_by="@org/sec")))
    assert accepted["status"] == "affected"
    assert accepted["action_statement"] == "The risk is accepted until 2027-01-31, approved by @org/sec: we take it"
    assert not {"justification", "impact_statement"} & accepted.keys()
    assert one((weakness(), waiver("")))["action_statement"] == "The risk is accepted: no reason is given"


def test_a_waiver_for_some_paths_is_no_statement_about_the_package_everywhere() -> None:
    for status in ("not_affected", "fixed"):
        found = one((weakness(), replace(NOT_AFFECTED, status=status, scope=Scope.of(["tests/**"]))))
        assert found["status"] == "affected"
        assert found["action_statement"] == "The risk is accepted, for `tests/**` only: never called"


def test_words_that_openvex_does_not_know_become_an_impact_statement() -> None:
    cyclonedx = replace(NOT_AFFECTED, justification="protected_at_perimeter")
    assert one((weakness(), cyclonedx))["impact_statement"] == "never called"
    assert one((weakness(), replace(cyclonedx, reason="")))["impact_statement"] == "protected at perimeter"
    assert one((weakness(), replace(cyclonedx, justification="code_not_reachable"))) == one((weakness(), NOT_AFFECTED))
    nothing = replace(NOT_AFFECTED, reason="", justification="")
    assert one((weakness(), nothing))["status"] == "affected"


def test_a_fix_is_a_fix_with_or_without_words() -> None:
    fixed = one((weakness(), waiver("patched", status="fixed")))
    assert (fixed["status"], fixed["status_notes"]) == ("fixed", "patched")
    assert "status_notes" not in one((weakness(), waiver("", status="fixed")))


def test_a_day_is_said_in_words() -> None:
    found = one((weakness(), replace(NOT_AFFECTED, until=date(2027, 1, 31))))
    assert found["status_notes"] == "never called This is to be looked at again after 2027-01-31."


def test_packages_are_subcomponents_of_the_product_where_there_is_one() -> None:
    curl = Package("deb", "curl", "7.88")
    found = one((weakness(curl, LODASH, None, Package("", "hidden")), NOT_AFFECTED), product=PRODUCT)
    parts = [{"@id": "pkg:deb/curl@7.88"}, {"@id": "pkg:npm/lodash@4.17.20"}]
    assert found["products"] == [{"@id": PRODUCT, "subcomponents": parts}]


def test_what_vex_cannot_speak_of_is_left_out() -> None:
    code = weakness(category=Category.CODE)
    hidden = weakness(Package("", "x"))
    nameless = weakness(aliases=(), rule="")
    for left_out in (code, hidden, nameless):
        assert openvex_out.document([(left_out, NOT_AFFECTED)], author="a", id="urn:x", now=NOW, product=PRODUCT) == b""
    assert len(written((code, NOT_AFFECTED), (weakness(category=Category.CONTAINER), NOT_AFFECTED))["statements"]) == 1


def test_a_weakness_without_an_advisory_goes_by_the_scanners_id() -> None:
    assert one((weakness(aliases=(), rule="51457"), NOT_AFFECTED))["vulnerability"] == {"name": "51457"}


def test_a_bundle_is_no_alias() -> None:
    found = one((weakness(aliases=("CVE-2021-1111", "DSA-1-1")), NOT_AFFECTED))
    assert found["vulnerability"] == {"name": "CVE-2021-1111"}


def test_accepting_the_risk_outweighs_a_claim_that_there_is_none() -> None:
    both = [(weakness(), NOT_AFFECTED), (weakness(), waiver("we take it"))]
    assert one(*both) == one(*reversed(both))
    assert one(*both)["status"] == "affected"


def test_the_same_words_on_several_packages_are_one_statement() -> None:
    other = Package("npm", "lodash", "4.17.19")
    found = one((weakness(LODASH), NOT_AFFECTED), (weakness(other), NOT_AFFECTED))
    assert [product["@id"] for product in found["products"]] == ["pkg:npm/lodash@4.17.19", "pkg:npm/lodash@4.17.20"]


def test_a_hostile_text_stays_text() -> None:
    made = openvex_out.document([(weakness(), waiver("a\n\ud800\u202e"))], author="a", id="urn:x", now=NOW)
    assert json.loads(made)["statements"][0]["action_statement"].endswith(": a \ufffd\ufffd")


_IDS = ["CVE-2021-0001", "CVE-2021-0002", "GHSA-aaaa-bbbb-cccc", "PYSEC-2021-1"]
_PACKAGES = st.builds(
    Package,
    st.sampled_from(["npm", "pypi", "maven", "golang", "deb", ""]),
    st.sampled_from(["lodash", "@scope/x", "org.x:y", "github.com/a/b", "Ä b"]),
    st.sampled_from(["", "1.0", "1:2+b~3"]),
)
_WEAKNESSES = st.builds(
    lambda packages, aliases, category: weakness(*packages, aliases=tuple(aliases), rule="R1", category=category),
    st.lists(_PACKAGES, min_size=1, max_size=2),
    st.lists(st.sampled_from(_IDS), unique=True, max_size=2),
    st.sampled_from([Category.DEPENDENCY, Category.CONTAINER, Category.CODE]),
)
_WAIVERS = st.builds(
    lambda reason, status, justification, until, paths: waiver(
        reason, status=status, justification=justification, until=until, scope=Scope.of(paths)
    ),
    st.text(max_size=8),
    st.sampled_from(["", "not_affected", "fixed"]),
    st.sampled_from(["", *JUSTIFICATIONS[:2], "code_not_present", "requires_environment"]),
    st.none() | st.just(date(2027, 1, 31)),
    st.sampled_from([(), (), ("a/**",)]),
)
_WAIVED = st.lists(st.tuples(_WEAKNESSES, _WAIVERS), max_size=5)


@given(_WAIVED, st.sampled_from(["", PRODUCT]), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_what_is_written_is_read_again_to_the_same_meaning(
    waived: list[tuple[Weakness, Waiver]], product: str, random: Any
) -> None:
    made = openvex_out.document(waived, author="a", id="urn:x", now=NOW, product=product)
    shuffled = list(waived)
    random.shuffle(shuffled)
    assert openvex_out.document(shuffled, author="a", id="urn:x", now=NOW, product=product) == made
    if not made:
        return
    _check_the_schema(json.loads(made))
    read = statements(Document("vex.json", made))
    for statement, raw in zip(read, json.loads(made)["statements"], strict=True):
        assert statement.status == raw["status"]
        assert statement.ids[0] == raw["vulnerability"]["name"]
        assert set(statement.ids) == {statement.ids[0], *raw["vulnerability"].get("aliases", ())}
        assert statement.justification == raw.get("justification", "")
        parts = raw["products"][0]["subcomponents"] if product else raw["products"]
        assert statement.purls == tuple(part["@id"] for part in parts)
        assert statement.when == NOW.replace(microsecond=0)
    _check_the_waivers(ignores.read("vex.json", made), waived)


def _check_the_schema(document: dict[str, Any]) -> None:
    """The conditions of OpenVEX 0.2.0's JSON Schema beyond the types."""
    assert document["statements"]
    assert len({json.dumps(one) for one in document["statements"]}) == len(document["statements"])
    for raw in document["statements"]:
        if raw["status"] == "not_affected":
            assert ("justification" in raw) != ("impact_statement" in raw)
        if raw["status"] == "affected":
            assert raw["action_statement"]
        assert all(product["@id"].startswith("pkg:") for product in raw["products"])


def _check_the_waivers(read: tuple[Waiver, ...], waived: list[tuple[Weakness, Waiver]]) -> None:
    """What comes back as a waiver was claimed to be no risk by every waiver of that weakness in that package."""
    for back in read:
        assert back.status in ("not_affected", "fixed")
        for purl in back.packages:
            same = [
                given
                for weak, given in waived
                if weak.category in openvex_out.CATEGORIES
                and purl in openvex_out._purls(weak)
                and openvex_out._ids(weak)[:1] == back.ids[:1]
            ]
            assert same
            assert all(given.status and not given.scope for given in same)


def test_times_are_utc_whatever_zone_is_given() -> None:
    stamp = {
        json.loads(openvex_out.document([(weakness(), waiver())], author="a", id="urn:x", now=now))["timestamp"]
        for now in (NOW, NOW.astimezone(UTC))
    }
    assert stamp == {"2026-03-04T03:06:07Z"}


@pytest.mark.parametrize("status", ["not_affected", "fixed"])
def test_a_claim_comes_back_as_the_same_waiver(status: str) -> None:
    given = replace(NOT_AFFECTED, status=status, justification=NOT_AFFECTED.justification * (status != "fixed"))
    made = openvex_out.document([(weakness(), given)], author="a", id="urn:x", now=NOW, product=PRODUCT)
    (back,) = ignores.read("vex.json", made)
    assert (back.ids, back.packages) == (("CVE-2021-23337",), ("pkg:npm/lodash@4.17.20",))
    assert (back.status, back.justification, back.reason) == (status, given.justification, given.reason)
