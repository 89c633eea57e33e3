"""A run as JUnit XML: a test suite for each test, setup and finally, a test case for each step.

`file` and `line` are attributes of the case, where dorny/test-reporter and action-junit-report look for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import TYPE_CHECKING

from actionkit.redact import Redaction
from smoke_test.model import Run, State, StepResult

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# XML 1.0, section 2.2: everything but these characters. A reader gives up at the first one.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {State.FAILED: "failure", State.ERROR: "error", State.SKIPPED: "skipped"}


def junit(run: Run, started: datetime, clean: Redaction, name: str = "smoke-test") -> bytes:
    """The whole file, UTF-8. `started` is when the run began (aware); `clean` takes secrets out of every text."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    def text(value: str) -> str:
        return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", clean(value))

    root = Element("testsuites", {"name": text(name), **_counts(run.steps), "time": _seconds(run.seconds)})
    for test, group in groupby(run.steps, key=lambda step: step.test):
        steps = tuple(group)
        begun = started + timedelta(seconds=min((step.started for step in steps if step.attempts), default=0.0))
        suite = SubElement(
            root,
            "testsuite",
            {
                "name": text(test),
                **_counts(steps),
                "time": _seconds(sum(step.finished - step.started for step in steps)),
                "timestamp": begun.isoformat(timespec="seconds"),
            },
        )
        for step, unique in zip(steps, _unique(steps), strict=True):
            _case(SubElement(suite, "testcase"), step, text(unique), text)
    indent(root)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def _case(case: Element, step: StepResult, name: str, text: Redaction) -> None:
    from xml.etree.ElementTree import SubElement

    values = {"classname": text(step.test), "name": name, "time": _seconds(step.finished - step.started)}
    if step.place.path:
        values["file"] = text(step.place.path)
    if step.place.line is not None:
        values["line"] = str(step.place.line)
    case.attrib.update(values)
    if (tag := _ELEMENTS.get(step.state)) is None:
        return
    told = SubElement(case, tag, {"message": text(step.message)})
    if step.state is not State.SKIPPED:
        told.set("type", step.state.value)
        told.text = text("\n".join(_details(step)))


def _details(step: StepResult) -> Iterator[str]:
    """What was asked, and each failure on a line."""
    if step.url:
        tries = f" ({step.attempts} attempts)" if step.attempts > 1 else ""
        yield f"{step.method} {step.url}{tries}"
    yield from (failure.message for failure in step.failures)


def _unique(steps: Iterable[StepResult]) -> Iterator[str]:
    """Names of cases: readers take cases of one name for attempts at one test, and one that passed would hide one that
    failed."""
    taken: set[str] = set()
    used: dict[str, int] = {}
    for step in steps:
        for number in count(used.get(step.name, 0) + 1):
            name = step.name if number == 1 else f"{step.name} ({number})"
            if name not in taken:
                break
        taken.add(name)
        used[step.name] = number
        yield name


def _counts(steps: Iterable[StepResult]) -> dict[str, str]:
    states = Counter(step.state for step in steps)
    return {
        "tests": str(sum(states.values())),
        "failures": str(states[State.FAILED]),
        "errors": str(states[State.ERROR]),
        "skipped": str(states[State.SKIPPED]),
    }


def _seconds(value: float) -> str:
    return f"{value:.3f}"
