"""Small SARIF documents and what can go wrong with them: parts dropped, replaced, doubled and swapped."""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import Any

from hypothesis import strategies as st
from tests.security_report_aggregator.sarif_at_hand import REPORTS

LOCATION = {
    "physicalLocation": {
        "artifactLocation": {"uri": "src/cart.py", "uriBaseId": "SRCROOT", "index": 0},
        "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 9, "snippet": {"text": "x"}},
    },
    "id": 1,
    "message": {"text": "here"},
}

EVERYTHING: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Scanner",
                    "version": "1.2",
                    "semanticVersion": "1.2.0",
                    "guid": "0d1f2e3c-1111-4222-8333-444455556666",
                    "globalMessageStrings": {"hello": {"text": "Hello {0}"}},
                    "rules": [
                        {
                            "id": "R1",
                            "name": "RuleOne",
                            "shortDescription": {"text": "short"},
                            "fullDescription": {"text": "full", "markdown": "*full*"},
                            "help": {"text": "help", "markdown": "*help*"},
                            "helpUri": "https://scanner.example/R1",
                            "defaultConfiguration": {"level": "error"},
                            "messageStrings": {"default": {"text": "R1 at {0}"}},
                            "properties": {
                                "tags": ["security", "external/cwe/cwe-079"],
                                "precision": "high",
                                "problem.severity": "error",
                                "security-severity": "7.5",
                            },
                        },
                        {"id": "R2"},
                    ],
                },
                "extensions": [{"name": "pack", "rules": [{"id": "X1", "properties": {"security-severity": "9.1"}}]}],
            },
            "automationDetails": {"id": "all/scanner/"},
            "invocations": [{"executionSuccessful": True, "workingDirectory": {"uri": "file:///home/me/shop/"}}],
            "originalUriBaseIds": {"SRCROOT": {"uri": "file:///home/me/shop/"}},
            "artifacts": [{"location": {"uri": "src/cart.py", "uriBaseId": "SRCROOT"}}],
            "results": [
                {
                    "ruleId": "R1",
                    "ruleIndex": 0,
                    "level": "warning",
                    "kind": "fail",
                    "message": {"text": "wrong"},
                    "locations": [LOCATION],
                    "relatedLocations": [LOCATION],
                    "codeFlows": [{"threadFlows": [{"locations": [{"location": LOCATION}]}]}],
                    "partialFingerprints": {"primaryLocationLineHash": "abc:1"},
                    "suppressions": [{"kind": "external", "status": "rejected"}],
                    "baselineState": "new",
                },
                {
                    "rule": {"id": "X1", "index": 0, "toolComponent": {"index": 0}},
                    "message": {"id": "hello", "arguments": ["you"]},
                    "locations": [LOCATION],
                },
                {"ruleId": "R2", "ruleIndex": 1, "message": {"text": "two"}, "locations": [LOCATION]},
            ],
        },
        {"tool": {"driver": {"name": "Other"}}, "results": [], "automationDetails": {"id": "all/other/"}},
    ],
}

VALUES = [
    *(None, True, False, 0, -1, 1, 1.0, 2.5, 1e308, 10**30, "", " ", "0", "7", "high", "error", "absent", "false"),
    *([], {}, [None], [[]], [{}], {"text": None}, {"": ""}, {"text": "x"}, {"id": "R1"}, {"index": 0}),
    *("\ud800", "a\x00b", "http://[", "%zz", "C:\\x", "../../x", "file:///etc/passwd", "x" * 3000, "]]>", "@me"),
    *("2.1.0-rtm.5", "2.0.0", "R1", "R1/2", "https://shop.example/a b", "//host/path", "a:b", ".", "/", "pass"),
]


@cache
def seeds() -> tuple[Any, ...]:
    """The document above and those of real scanners, cut to two rules and two results a run: enough to go wrong."""
    found = []
    for path in sorted(REPORTS.glob("*/*.sarif")):
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        for run in document["runs"]:
            driver = run["tool"]["driver"]
            driver["rules"] = driver.get("rules", [])[:2]
            run["results"] = (run.get("results") or [])[:2]
            for result in run["results"]:
                result.pop("codeFlows", None)
        found.append(document)
    return (EVERYTHING, *found)


def _homes(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) of a document."""
    homes: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        keys: Any = one if isinstance(one, dict) else range(len(one))
        homes += [(one, key) for key in keys]
        waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
    return homes


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A SARIF document with one to four of its nodes dropped, replaced, doubled, renamed or swapped."""
    # Every node alike: drawn one by one, the first and the last would be taken most.
    pick = random.Random(draw(st.integers(0, 2**64)))
    # Half of them are the document that has everything.
    document = {"": copy.deepcopy(pick.choice((EVERYTHING, pick.choice(seeds()))))}
    for _ in range(pick.randint(1, 4)):
        homes = _homes(document)
        home, key = pick.choice(homes)
        kind = pick.choice(("drop", "replace", "replace", "double", "swap", "rename"))
        if kind == "replace":
            home[key] = copy.deepcopy(pick.choice(VALUES))
        elif kind == "swap":
            other, there = pick.choice(homes)
            home[key], other[there] = copy.deepcopy(other[there]), copy.deepcopy(home[key])
        elif kind == "double" and isinstance(home, list):
            home.insert(key, copy.deepcopy(home[key]))
        elif kind == "double":
            home[key] = [copy.deepcopy(home[key]), home[key]]
        elif home is not document:
            found = home.pop(key)
            if kind == "rename" and isinstance(home, dict):
                home[f"{key}2"] = found
    data = json.dumps(document[""]).encode()
    # Now and then the bytes end early.
    return data[: pick.randrange(len(data))] if pick.random() < 0.02 else data
