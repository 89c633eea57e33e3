"""Docker Bench for Security, the `.log.json` it writes: checks of a host and its containers against the CIS benchmark.

A check that fails has the result WARN (or FAIL in forks); INFO and NOTE are for a person to look at, PASS is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from actionkit.jsonstream import CLOSED
from security_report_aggregator import severity
from security_report_aggregator.document import Document, Kind, Reader
from security_report_aggregator.model import Category, Finding, Level, Location, Rule, Scan
from security_report_aggregator.readers.fields import Object, moment, obj, objects, text, texts
from security_report_aggregator.readers.streamed import LIST, pieces

TOOL = "docker-bench"
FAILED = {"warn": Level.MEDIUM, "fail": Level.HIGH}
"""Docker Bench gives results, no severities."""
NOT_FAILED = frozenset({"pass", "info", "note", "manual", "skip"})
"""All other results are findings, of an unknown level where the word is."""


def recognises(document: Document) -> bool:
    return document.kind is Kind.OBJECT and document.has("dockerbenchsecurity") and document.has("tests")


def read(document: Document) -> tuple[Scan, ...]:
    """The scan: tests that warn or fail are findings. Raises Unreadable."""
    said: dict[str, object] = {}
    findings: list[Finding] = []
    checked = False
    for piece in pieces(document, ("tests", LIST)):
        if piece.shape == ("tests", LIST):
            checked = True
            findings += _failed(document, obj(piece.value))
        elif piece.path:
            said[str(piece.path[0])] = piece.value
    if said.get("tests") is not CLOSED:
        raise document.unreadable("has no list of `tests`")
    return (
        Scan(
            document.name,
            TOOL,
            text(said.get("dockerbenchsecurity")),
            "docker-bench",
            tuple(findings),
            gaps=() if checked else ("ran no check",),
            started=moment(said.get("start")),
        ),
    )


def _failed(document: Document, test: Object) -> Iterator[Finding]:
    where = f"results of test {text(test.get('id'))[:20]}".rstrip()
    if "results" not in test:
        raise document.unreadable(f"has no {where}")
    for result in objects(document, test["results"], where):
        word = result.get("result")
        if not isinstance(word, str) or not result.get("id"):
            raise document.unreadable("has a check without `id` or `result`")
        if word.strip().lower() not in NOT_FAILED:
            yield _finding(result, word)


def _finding(result: Object, word: str) -> Finding:
    name = text(result.get("desc"))
    seen = text(result.get("details"))
    items = texts(result.get("items"))
    return Finding(
        category=Category.CONTAINER,
        tool=TOOL,
        rule=Rule(text(result.get("id")), name, text(result.get("remediation"))),
        rated=severity.by_word(word, "result", words=FAILED),
        message=f"{name}: {seen}" if seen else name,
        location=Location("docker host", is_file=False),
        resource=", ".join(items)[:200],
    )


READER = Reader("docker-bench", recognises, read)
