"""Tests are counted case by case; what the file declares is believed only where there is nothing to count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from coverage_gate.evidence import Tests as Counted
from coverage_gate.junit import count, read

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not next to this checkout")


def suite(*cases: str, attributes: str = "") -> bytes:
    return f"<testsuites><testsuite {attributes}>{''.join(cases)}</testsuite></testsuites>".encode()


def case(name: str, inside: str = "", attributes: str = "") -> str:
    return f'<testcase classname="C" name="{name}" {attributes}>{inside}</testcase>'


def counted(*cases: str, attributes: str = "") -> Counted:
    return read("junit.xml", suite(*cases, attributes=attributes))


def test_declared_numbers_are_not_believed() -> None:
    assert counted(case("a"), attributes='tests="3" failures="2"') == Counted(tests=1, passed=1)


def test_each_case_has_its_most_severe_result() -> None:
    tests = counted(
        case("a"),
        case("b", "<skipped/>"),
        case("c", "<skipped/><failure/>"),
        case("d", "<skipped/><failure/><error/>"),
    )
    assert tests == Counted(tests=4, passed=1, failed=1, errors=1, skipped=1)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('status="disabled"', Counted(tests=1, skipped=1)),
        ('status="notrun"', Counted(tests=1, skipped=1)),
        ('status="run" result="suppressed"', Counted(tests=1, skipped=1)),
        ('status="Failure"', Counted(tests=1, failed=1)),
        ('status="errored"', Counted(tests=1, errors=1)),
        ('status="run" time="0,5"', Counted(tests=1, passed=1)),
        ('time="N/A"', Counted(tests=1, passed=1)),
    ],
)
def test_a_result_in_an_attribute_counts(attributes: str, expected: Counted) -> None:
    assert counted(case("a", attributes=attributes)) == expected


def test_attempts_at_one_test_are_one_test() -> None:
    tests = counted(
        case("a", "<failure/>"), case("a", "<error/>"), case("a"), case("b", "<failure/>"), case("b", "<error/>")
    )
    assert tests == Counted(tests=2, passed=1, errors=1, flaky=1)


def test_cases_of_one_name_that_all_pass_are_no_attempts() -> None:
    assert counted(case("a"), case("a"), case("b", "<skipped/>"), case("b")) == Counted(tests=4, passed=3, skipped=1)


def test_cases_without_a_name_are_never_taken_for_one() -> None:
    assert counted("<testcase/>", "<testcase><failure/></testcase>") == Counted(tests=2, passed=1, failed=1)


def test_surefires_flaky_and_rerun_elements() -> None:
    tests = counted(case("a", "<flakyFailure/>"), case("b", "<failure/><rerunFailure/><rerunFailure/>"))
    assert tests == Counted(tests=2, passed=1, failed=1, flaky=1)


def test_an_error_outside_any_test_does_not_vanish() -> None:
    assert counted(case("a"), "<error/>") == Counted(tests=2, passed=1, errors=1)
    assert counted("<failure/>", attributes='tests="0"') == Counted(tests=1, errors=1)


def test_a_suite_that_only_declares_is_counted_as_it_declares() -> None:
    tests = counted(attributes='tests="6" failures="1" skipped="2"')
    assert tests == Counted(tests=6, passed=3, failed=1, skipped=2)


def test_declared_failures_are_never_lost_to_arithmetic() -> None:
    tests = counted(attributes='tests="1" failures="3" errors="x" disabled="1"')
    assert tests == Counted(tests=4, failed=3, skipped=1)


def test_a_root_that_only_declares_counts_once() -> None:
    assert read("j", b'<testsuites tests="2" failures="1"/>') == Counted(tests=2, passed=1, failed=1)
    assert read("j", b'<testsuites tests="2"><testsuite/></testsuites>') == Counted(tests=2, passed=2)
    assert read("j", b'<testsuite tests="2"/>') == Counted(tests=2, passed=2)


def test_nested_suites_namespaces_and_cases_without_a_suite() -> None:
    inner = '<testsuite tests="9"><testsuite><testcase name="t"/></testsuite></testsuite>'
    data = f'<testsuites xmlns="urn:x"><testcase name="t"/>{inner}</testsuites>'.encode()
    assert read("j", data) == Counted(tests=2, passed=2)


def test_the_suite_is_part_of_a_tests_name() -> None:
    other = '<testsuite><testcase name="t"><failure/></testcase></testsuite>'
    data = f'<testsuites><testsuite><testcase name="t"/></testsuite>{other}</testsuites>'.encode()
    assert read("j", data) == Counted(tests=2, passed=1, failed=1)


@pytest.mark.parametrize("junk", ["\x1b[31m", "&#27;[31m", "&#x1B;[31m", "&#0;", "\x00", "&#xB;"])
def test_terminal_colours_in_messages_do_not_make_a_file_unreadable(junk: str) -> None:
    assert counted(case("a", f"<failure>{junk}no</failure>")) == Counted(tests=1, failed=1)


@pytest.mark.parametrize("entity", ["&#9;", "&#10;", "&#13;", "&#x20;", "&#32;", "&#310;"])
def test_allowed_characters_stay(entity: str) -> None:
    assert counted(case(f"a{entity}"), case("a&#1;", "<failure/>")).tests == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<testsuites><testsuite>", "cut off"),
        (b"<testsuites", "cut off"),
        (b'<testsuites><testcase time="<<computed>>"/></testsuites>', "not well-formed"),
        ("<testsuites>\x01".encode("utf-16"), "not well-formed"),
        (b"<html/>", "no JUnit XML: its root is <html>"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><testsuites><testsuite name="&x;"/></testsuites>', "declares an XML entity"),
        (b'<?xml version="1.0" encoding="klingon"?><testsuites/>', "encoding"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_name(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read("junit.xml", data)
    assert raised.value.name == "junit.xml"
    assert reason in raised.value.reason


def test_a_document_type_without_entities_is_fine() -> None:
    assert (
        read("j", b"<!DOCTYPE testsuites><testsuites><testsuite><testcase name='a'/></testsuite></testsuites>").tests
        == 1
    )


def test_utf_16_is_read() -> None:
    data = '<?xml version="1.0" encoding="utf-16"?><testsuite><testcase name="ü"/></testsuite>'.encode("utf-16")
    assert read("j", data) == Counted(tests=1, passed=1)


def test_files_add_up_and_broken_ones_are_handed_back() -> None:
    good = suite(case("a"))
    tests, broken = count([("a.xml", good), ("b.xml", b"<testsuites>"), ("c.xml", good)])
    assert tests == Counted(tests=2, passed=2)
    assert [error.name for error in broken] == ["b.xml"]
    assert count([]) == (Counted(), ())


def test_depth_is_no_danger() -> None:
    deep = 20_000
    data = b"<testsuites>" + b"<testsuite>" * deep + b"<testcase name='a'/>" + b"</testsuite>" * deep + b"</testsuites>"
    assert read("j", data).tests == 1


results = st.sampled_from(["", "<failure/>", "<error/>", "<skipped/>", "<flakyFailure/>"])


@given(st.lists(st.tuples(st.sampled_from("abc"), results), max_size=12))
def test_every_test_has_exactly_one_result(cases: list[tuple[str, str]]) -> None:
    tests = counted(*(case(name, inside) for name, inside in cases))
    assert tests.passed + tests.failed + tests.errors + tests.skipped == tests.tests <= len(cases)
    assert tests.flaky <= tests.passed


@given(st.integers(0, 400))
@settings(max_examples=50)
def test_a_file_cut_anywhere_is_never_counted(at: int) -> None:
    whole = suite(case("a"), case("b", "<failure>x</failure>"), attributes='tests="2"')
    with pytest.raises(Unreadable):
        read("j", whole[: min(at, len(whole) - 1)])


@needs_corpus
@pytest.mark.parametrize("name", ["junit.fail.xml", "minimal-attributes.xml", "no-cases-but-tests.xml"])
def test_real_files_beside_coverage_count_as_their_sources_say(name: str) -> None:
    index = json.loads((CORPUS / "coverage" / "INDEX.json").read_text())
    (expected,) = (entry["expected"] for entry in index["entries"] if entry["file"] == f"junit/{name}")
    assert read(name, (CORPUS / "coverage" / "junit" / name).read_bytes()) == Counted(**expected)


@needs_corpus
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bazel-suite-logs.xml", Counted(1, 0, 0, 1, 0)),
        ("go-junit-report-subtests.xml", Counted(4, 2, 2, 0, 0)),
        ("jest-suite-failed-to-run.xml", Counted(2, 0, 0, 2, 0)),
        ("multiresult.xml", Counted(4, 1, 1, 1, 1)),
        ("no-attributes.xml", Counted(4, 1, 1, 1, 1)),
        ("nunit3-converted.xml", Counted(28, 18, 1, 1, 8)),
        ("pytest-fail.xml", Counted(5, 3, 1, 0, 1)),
        ("rerun-duplicate-testcases.xml", Counted(3, 3, 0, 0, 0, 1)),
        ("surefire-flaky-declared-2-failures.xml", Counted(1, 1, 0, 0, 0, 1)),
        ("surefire-rerun-always-fail.xml", Counted(1, 0, 1, 0, 0)),
        ("tst-disabled.xml", Counted(31, 6, 19, 1, 5)),
    ],
)
def test_real_dialects_count_as_their_sources_say(name: str, expected: Counted) -> None:
    assert read(name, (CORPUS / "junit" / name).read_bytes()) == expected


@needs_corpus
@pytest.mark.parametrize(
    "name", ["pytest-corrupt-truncated.xml", "surefire-corrupt.xml", "web-test-runner-retries.xml"]
)
def test_real_broken_files_are_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        read(name, (CORPUS / "junit" / name).read_bytes())
