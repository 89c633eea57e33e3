"""Counts tests in JUnit XML by looking at every test case; what a file declares about itself is not believed.

The one exception: a suite that lists no test case at all but declares some is counted as it declares, because there is
nothing else to count and its failures must not vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from actionkit.errors import Unreadable
from coverage_gate.evidence import Tests

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SKIPPED_STATUS = frozenset({"skipped", "disabled", "notrun", "ignored", "pending", "suppressed", "inconclusive"})
FAILED_STATUS = frozenset({"failed", "failure", "fail"})
ERROR_STATUS = frozenset({"error", "errored", "broken"})
"""Values of `status` and `result` that some writers use instead of an element inside the test case."""

_ROOTS = ("testsuites", "testsuite")
_DECLARED = re.compile(r"[0-9]{1,9}", re.ASCII)
# Characters XML 1.0 forbids (section 2.2), as bytes and as references: terminal colours in messages, mostly.
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bce-f]|1[0-9a-f]));", re.IGNORECASE
)


class Result(IntEnum):
    """What became of one attempt at a test, least severe first."""

    SKIPPED = 0
    PASSED = 1
    FAILED = 2
    ERROR = 3


class _Attempt(NamedTuple):
    result: Result
    flaky: bool


def count(files: Iterable[tuple[str, bytes]]) -> tuple[Tests, tuple[Unreadable, ...]]:
    """The sum over (name, content) of JUnit files, and those that cannot be read.

    The same test in two files (two legs of a matrix) counts twice; several attempts at it in one file count once.
    """
    totals = Tests()
    broken: list[Unreadable] = []
    for name, data in files:
        try:
            totals = _sum(totals, read(name, data))
        except Unreadable as error:
            broken.append(error)
    return totals, tuple(broken)


def read(name: str, data: bytes) -> Tests:
    """Count the tests of one file.

    Attempts at one test (same suite, class, name and file, at least one not passed) are one test: passed and flaky if
    any attempt passed, else the most severe result. Raises Unreadable for what is malformed, cut off, declares
    entities, or is no JUnit XML.
    """
    root = _root(name, data)
    totals = Tests()
    for element in root.iter():
        if element.tag in _ROOTS:
            totals = _sum(totals, _count_suite(element))
    return totals if totals.tests else _declared(root)


def _root(name: str, data: bytes) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if not data.strip():
        raise Unreadable(name, "is empty: the test run that should have written it did not finish")
    try:
        try:
            root = fromstring(data, forbid_dtd=False)
        except ParseError:
            # In UTF-16 every other byte is zero: there is nothing to mend.
            if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                raise
            root = fromstring(_FORBIDDEN.sub(b"?", data), forbid_dtd=False)
    except ParseError as error:
        raise Unreadable(name, f"is not well-formed XML, or cut off: {error.msg}", error.position[0]) from error
    except DefusedXmlException as error:
        raise Unreadable(name, "declares an XML entity; test results have none, so it is not read") from error
    except (LookupError, ValueError) as error:
        raise Unreadable(name, "is in an encoding that cannot be read; write it as UTF-8", 1) from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    if root.tag not in _ROOTS:
        raise Unreadable(name, f"is no JUnit XML: its root is <{root.tag[:40]}>, not <testsuites> or <testsuite>", 1)
    return root


def _count_suite(suite: Element) -> Tests:
    """The test cases right inside a suite; suites inside it are counted on their own."""
    attempts: dict[tuple[str, ...], list[_Attempt]] = {}
    for number, case in enumerate(suite.iterfind("testcase")):
        attempts.setdefault(_identity(case, number), []).append(_attempt(case))
    totals = Tests()
    for tries in attempts.values():
        totals = _sum(totals, _outcome(tries))
    # What broke outside any test, a set-up or a module that cannot be loaded, stands on the suite itself.
    for outside in ("error", "failure"):
        for _ in suite.iterfind(outside):
            totals = _sum(totals, _one(Result.ERROR))
    if totals.tests == 0 and suite.find("testsuite") is None:
        return _declared(suite)
    return totals


def _identity(case: Element, number: int) -> tuple[str, ...]:
    known = tuple(case.attrib.get(key, "") for key in ("classname", "name", "file"))
    return known if case.attrib.get("name") else (*known, str(number))


def _attempt(element: Element) -> _Attempt:
    from junitparser.xunit2 import TestCase

    case = TestCase.fromelem(element)  # type: ignore[no-untyped-call]
    if case.is_error:
        return _Attempt(Result.ERROR, flaky=False)
    if case.is_failure:
        return _Attempt(Result.FAILED, flaky=False)
    if case.is_skipped:
        return _Attempt(Result.SKIPPED, flaky=False)
    result = _by_status(element)
    return _Attempt(result, flaky=result is Result.PASSED and case.is_flaky)


def _by_status(case: Element) -> Result:
    said = {case.attrib.get(key, "").lower() for key in ("status", "result")}
    if said & ERROR_STATUS:
        return Result.ERROR
    if said & FAILED_STATUS:
        return Result.FAILED
    return Result.SKIPPED if said & SKIPPED_STATUS else Result.PASSED


def _outcome(tries: list[_Attempt]) -> Tests:
    """Attempts at one test as one test; as many tests as there are if none went wrong, for then nothing was retried."""
    results = [attempt.result for attempt in tries]
    worst, passed = max(results), Result.PASSED in results
    if worst <= Result.PASSED:
        totals = Tests()
        for attempt in tries:
            totals = _sum(totals, _one(attempt.result, flaky=attempt.flaky))
        return totals
    return _one(Result.PASSED, flaky=True) if passed else _one(worst)


def _one(result: Result, *, flaky: bool = False) -> Tests:
    return Tests(
        tests=1,
        passed=int(result is Result.PASSED),
        failed=int(result is Result.FAILED),
        errors=int(result is Result.ERROR),
        skipped=int(result is Result.SKIPPED),
        flaky=int(flaky),
    )


def _declared(element: Element) -> Tests:
    def number(*keys: str) -> int:
        texts = [element.attrib.get(key, "").strip() for key in keys]
        return sum(int(text) for text in texts if _DECLARED.fullmatch(text))

    tests, failed, errors, skipped = (
        number("tests"),
        number("failures"),
        number("errors"),
        number("skipped", "disabled"),
    )
    # Whatever the arithmetic of the writer, what went wrong is never lost.
    passed = max(0, tests - failed - errors - skipped)
    return Tests(max(tests, failed + errors + skipped), passed, failed, errors, skipped)


def _sum(one: Tests, other: Tests) -> Tests:
    return Tests(
        one.tests + other.tests,
        one.passed + other.passed,
        one.failed + other.failed,
        one.errors + other.errors,
        one.skipped + other.skipped,
        one.flaky + other.flaky,
    )
