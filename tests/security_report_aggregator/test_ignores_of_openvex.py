"""OpenVEX: what waives, what does not, which statement is the newest, and what is refused."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from security_report_aggregator import ignores
from security_report_aggregator.ignores import vex
from security_report_aggregator.waiver import Waiver

LODASH = "pkg:npm/lodash@4.17.20"


def statement(status: str = "not_affected", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "vulnerability": {"name": "CVE-2021-23337"},
        "products": [{"@id": LODASH}],
        "status": status,
    }
    if status == "not_affected" and not {"justification", "impact_statement"} & more.keys():
        made["justification"] = "vulnerable_code_not_present"
    return {key: value for key, value in (made | more).items() if value is not ...}


def vex_file(*statements: Any, **more: Any) -> bytes:
    head = {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z", "version": 1}
    whole = {**head, **more, "statements": list(statements)}
    return json.dumps({key: value for key, value in whole.items() if value is not ...}, indent=1).encode()


def read(*statements: Any, **more: Any) -> tuple[Waiver, ...]:
    return ignores.read("vex.json", vex_file(*statements, **more))


def refused(*statements: Any, **more: Any) -> str:
    return refused_bytes(vex_file(*statements, **more))


def refused_bytes(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        ignores.read("vex.json", data)
    return str(caught.value)


def test_not_affected_and_fixed_waive_and_the_others_do_not() -> None:
    others = [statement(status, vulnerability="CVE-1-" + status) for status in ("affected", "under_investigation")]
    first, second = read(statement(), *others, statement("fixed", vulnerability={"name": "CVE-2020-8203"}))
    assert (first.ids, first.packages, first.status) == (("CVE-2021-23337",), (LODASH,), "not_affected")
    assert (first.justification, first.reason) == ("vulnerable_code_not_present", "vulnerable code not present")
    assert (first.source, first.until, first.approved_by) == ("openvex", None, "")
    assert (second.ids, second.status, second.origin.name) == (("CVE-2020-8203",), "fixed", "statements[3]")


def test_a_waiver_knows_the_line_its_statement_starts_on() -> None:
    data = vex_file(statement(), statement(vulnerability={"name": "CVE-2020-8203"}))
    waivers = ignores.read("vex.json", data)
    lines = data.decode().split("\n")
    for waiver, name in zip(waivers, ("CVE-2021-23337", "CVE-2020-8203"), strict=True):
        assert waiver.origin.line is not None
        assert name in "".join(lines[waiver.origin.line - 1 : waiver.origin.line + 3])


def test_the_reason_is_what_the_author_says_in_words() -> None:
    assert read(statement(impact_statement=" never\n called ", status_notes="n"))[0].reason == "never called"
    assert read(statement(status_notes="looked at it"))[0].reason == "looked at it"
    assert read(statement("fixed", action_statement="patched"))[0].reason == "patched"


def test_the_packages_are_the_subcomponents_where_there_are_some() -> None:
    product = {
        "@id": "pkg:oci/app@sha256:1",
        "subcomponents": [{"@id": LODASH}, {"identifiers": {"purl": "pkg:npm/x"}}],
    }
    other = {"@id": "https://example.org/app", "identifiers": {"purl": "pkg:npm/%40scope/y@1"}}
    assert read(statement(products=[product, other]))[0].packages == (LODASH, "pkg:npm/x", "pkg:npm/%40scope/y@1")


def test_the_first_versions_wrote_texts_for_vulnerabilities_and_products() -> None:
    old = statement(vulnerability="CVE-2021-23337", products=["pkg:oci/app"], subcomponents=[LODASH])
    assert read(old, **{"@context": "https://openvex.dev/ns", "version": "1"})[0].packages == (LODASH,)
    assert read(statement(vulnerability="CVE-2021-23337", products=[LODASH]))[0].ids == ("CVE-2021-23337",)


def test_aliases_name_the_same_weakness_but_a_bundle_does_not() -> None:
    aliases = ["GHSA-35jh-r3h4-6jhm", "CVE-2021-23337", "DSA-4686-1", "SNYK-JS-LODASH-1040724"]
    (waiver,) = read(statement(vulnerability={"name": "cve-2021-23337", "aliases": aliases}))
    assert waiver.ids == ("CVE-2021-23337", "GHSA-35jh-r3h4-6jhm", "SNYK-JS-LODASH-1040724")
    (waiver,) = read(statement(vulnerability={"name": "CVE-2021-1111", "aliases": ["DSA-1-1", "CVE-2021-2222"]}))
    assert waiver.ids == ("CVE-2021-1111",)


EARLY, LATE = "2025-01-01T00:00:00Z", "2025-06-01T00:00:00+02:00"


def test_the_newest_statement_on_a_package_counts_whatever_the_order() -> None:
    closed, opened = statement(timestamp=LATE), statement("affected", timestamp=EARLY)
    assert len(read(closed, opened)) == len(read(opened, closed)) == 1
    closed, opened = statement(timestamp=EARLY), statement("affected", timestamp=LATE)
    assert read(closed, opened) == read(opened, closed) == ()


def test_a_statement_without_a_time_has_the_documents() -> None:
    assert read(statement(), statement("affected", timestamp=LATE), timestamp="2025-07-01T00:00:00Z") != ()
    assert read(statement(), statement("affected", timestamp=LATE), timestamp=EARLY) == ()
    assert len(read(statement(timestamp=EARLY), timestamp=...)) == 1


def test_of_two_statements_of_one_time_the_stricter_counts() -> None:
    assert read(statement(), statement("under_investigation")) == ()


def test_of_two_that_waive_the_newest_stands() -> None:
    (waiver,) = read(statement(timestamp=LATE, status_notes="new"), statement(timestamp=EARLY, status_notes="old"))
    assert waiver.reason == "new"


@pytest.mark.parametrize(
    ("purl", "holds"),
    [
        ("pkg:npm/lodash", False),
        ("pkg:npm/Lodash@4.17.20?arch=x#sub", False),
        ("pkg:npm/lodash@4.17.21", True),
        ("pkg:npm/underscore@4.17.20", True),
        ("pkg:pypi/lodash@4.17.20", True),
    ],
)
def test_a_later_word_on_all_versions_is_one_on_each(purl: str, holds: bool) -> None:
    later = statement("affected", products=[{"@id": purl}], timestamp="2026-06-01T00:00:00Z")
    assert bool(read(statement(), later)) is holds


def test_a_waiver_for_all_versions_falls_with_a_later_word_on_one() -> None:
    for opened in ("pkg:npm/lodash@1", "pkg:npm/lodash"):
        later = statement("affected", products=[opened], timestamp="2026-06-01T00:00:00Z")
        assert read(statement(products=["pkg:npm/lodash"]), later) == ()


def test_only_the_packages_that_are_contradicted_are_taken_away() -> None:
    scoped = "pkg:npm/@scope/x@1"
    later = statement("affected", products=["pkg:npm/%40scope/x@1"], timestamp="2026-06-01T00:00:00Z")
    (waiver,) = read(statement(products=[LODASH, scoped, "pkg:deb/debian/curl@7"]), later)
    assert waiver.packages == (LODASH, "pkg:deb/debian/curl@7")


def test_a_word_on_an_alias_contradicts_too() -> None:
    named = {"name": "CVE-2021-23337", "aliases": ["GHSA-35jh-r3h4-6jhm"]}
    later = statement("affected", vulnerability="GHSA-35JH-R3H4-6JHM", timestamp="2026-06-01T00:00:00Z")
    assert read(statement(vulnerability=named), later) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "safe"}, "has the status 'safe'"),
        ({"status": ["fixed"]}, "has the status"),
        ({"justification": "trust me"}, "has the justification 'trust me'"),
        ({"justification": 7}, "has a `justification` that is no text"),
        ({"justification": ..., "impact_statement": " "}, "says `not_affected` without a `justification`"),
        ({"vulnerability": ...}, "names no vulnerability"),
        ({"vulnerability": {"name": 7}}, "names no vulnerability"),
        ({"vulnerability": {"name": "CVE-1", "aliases": "CVE-2"}}, "has aliases that are no list"),
        ({"products": ...}, "names no package by its package URL"),
        ({"products": []}, "names no package by its package URL"),
        ({"products": [{"@id": "https://example.org/app"}]}, "names no package by its package URL"),
        ({"products": [{"@id": LODASH, "subcomponents": [{"@id": "urn:x"}]}]}, "names no package by its package URL"),
        ({"products": LODASH}, "has `products` that are no list of components"),
        ({"products": [7]}, "has `products` that are no list of components"),
        ({"products": [{"identifiers": [7]}]}, "has `identifiers` that are no object"),
        ({"products": ["pkg:npm"]}, "names 'pkg:npm', which is no package URL"),
        ({"products": ["pkg:npm/" + "x" * 3000]}, "which is no package URL"),
        ({"timestamp": "yesterday"}, "has a time that is none: 'yesterday'"),
        ({"timestamp": 7}, "has a time that is none: '7'"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "has a time that is none"),
    ],
)
def test_a_statement_that_cannot_be_understood_is_refused_with_its_line(changes: dict[str, Any], said: str) -> None:
    error = refused(statement(), statement(**changes))
    assert error.startswith("vex.json:18: `statements[1]` ")
    assert said in error


def test_a_statement_that_is_no_object_is_refused() -> None:
    assert refused("CVE-1") == "vex.json:6: `statements[0]` is no object"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (vex_file(statement(), **{"@context": ["https://example.org"]}), "has no `@context` of OpenVEX"),
        (vex_file(statement(), **{"@context": ...}), "has no `@context` of OpenVEX"),
        (vex_file(statement(), timestamp=...), "has no `timestamp`"),
        (vex_file(statement(), timestamp="now"), "has a time that is none"),
        (b'{"@context": "https://openvex.dev/ns", "statements": {}}', "has no list `statements`"),
        (b'{"@context": "https://openvex.dev/ns", "statements": {"a": 1}}', "has `statements` that are no list"),
        (b'{"@context": "https://openvex.dev/ns", "statements": null}', "has no list `statements`"),
        (b'{"@context": "https://openvex.dev/ns"}', "has no list `statements`"),
        (vex_file(statement())[:-20], "truncated"),
        (vex_file() + b"{}", "more text after the end"),
        (b'{"@context": "openvex", "statements": [' + b'{"a":' * 100_000, "nested too deeply"),
        (b'{"@context": "openvex", "x": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"@context": "openvex", "statements": [], "statements": []}', "twice in one object"),
    ],
)
def test_a_document_that_is_none_is_refused(data: bytes, said: str) -> None:
    error = refused_bytes(data)
    assert error.startswith("vex.json")
    assert said in error


def test_several_contexts_may_be_named() -> None:
    assert len(read(statement(), **{"@context": ["https://openvex.dev/ns/v0.2.0", {"x": "y"}]})) == 1


def test_a_document_without_statements_waives_nothing() -> None:
    assert read() == ()


def test_a_hundred_thousand_statements_are_read_in_time_that_grows_with_them() -> None:
    statements = [
        statement("affected" if at % 2 else "fixed", products=[f"pkg:npm/p{at % 999}@{at}"]) for at in range(100_000)
    ]
    data = vex_file(*statements)
    started = time.process_time()
    assert len(ignores.read("vex.json", data)) == 50_000
    # Measured 2 s.
    assert time.process_time() - started < 30


def test_a_document_that_multiplies_ids_by_packages_is_refused() -> None:
    aliases = [f"OSV-{at}" for at in range(2001)]
    products = [f"pkg:npm/p{at}" for at in range(1000)]
    assert "pairs of weakness and package" in refused(
        statement(vulnerability={"name": "CVE-2021-1", "aliases": aliases}, products=products)
    )


def test_lines_of_what_is_no_json_are_those_before_the_damage() -> None:
    assert vex.element_lines(b'{"x": 1,\n"list": [1,\n2,\n?', "list") == (2, 3, 4)
    assert vex.element_lines(b'{"list": 1}', "list") == ()
    assert vex.element_lines(b"[1]", "list") == ()
    assert vex.element_lines(b'{"list"', "list") == ()


@given(st.lists(st.integers(0, 3), max_size=6), st.sampled_from(["", " ", "\n", " \n\n "]))
@settings(max_examples=50)
def test_every_element_has_the_line_it_starts_on(blanks: list[int], gap: str) -> None:
    text, wanted = '{"a": [[1], {"list": 2}], "list": [', []
    for at, lines in enumerate(blanks):
        text += "," * bool(at) + "\n" * lines
        wanted.append(text.count("\n") + 1)
        text += json.dumps({"x": ["\n", at]}) + gap
    assert vex.element_lines((text + "]}").encode(), "list") == tuple(wanted)


_TIMES = st.integers(1, 9).map(lambda day: f"2026-01-{day:02}T00:00:00Z")
_MADE = st.lists(
    st.builds(
        lambda status, cve, version, when: statement(
            status, vulnerability=f"CVE-2021-000{cve}", products=[f"pkg:npm/x{version}"], timestamp=when
        ),
        st.sampled_from(vex.STATUSES),
        st.integers(1, 2),
        st.sampled_from(["", "@1", "@2"]),
        _TIMES,
    ),
    max_size=8,
)


@given(_MADE, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_what_is_waived_is_what_the_newest_words_say_in_any_order(made: list[dict[str, Any]], random: Any) -> None:
    def waived(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
        return {(one.ids[0], purl) for one in read(*statements) for purl in one.packages}

    found = waived(made)
    shuffled = list(made)
    random.shuffle(shuffled)
    assert waived(shuffled) == found
    for cve in ("CVE-2021-0001", "CVE-2021-0002"):
        for purl in ("pkg:npm/x", "pkg:npm/x@1", "pkg:npm/x@2"):
            mine = [one for one in made if one["vulnerability"] == cve]
            overlapping = [
                one for one in mine if purl in (one["products"][0], "pkg:npm/x") or one["products"] == ["pkg:npm/x"]
            ]
            opened = [one["timestamp"] for one in overlapping if one["status"] not in vex.WAIVING]
            closed = [one["timestamp"] for one in mine if one["products"] == [purl] and one["status"] in vex.WAIVING]
            assert ((cve, purl) in found) is bool(closed and max(closed) > max(opened, default=""))
