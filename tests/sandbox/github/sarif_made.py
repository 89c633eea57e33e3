"""SARIF for the tests of code scanning, and what becomes of it with and without a server."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from tests.sandbox.github.shop import Client

from sandbox.github import Repository
from sandbox.github.code_scanning import CodeScanning, SarifLimits, Upload
from sandbox.github.site import Site


def result(rule_id: str = "R1", line: int = 1, *, uri: str = "src/cart.py", **more: Any) -> dict[str, Any]:
    physical = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {
        "ruleId": rule_id,
        "message": {"text": f"{rule_id} in line {line}"},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"primaryLocationLineHash": f"{rule_id}-{line}:1"},
        **more,
    }


def run(*results: Any, tool: str = "Bandit", id_: str = "python/", rules: Any = None, **more: Any) -> dict[str, Any]:
    listed = [{"id": "R1"}, {"id": "R2"}] if rules is None else rules
    driver = {"name": tool, "version": "1.8.0", "rules": listed}
    return {"tool": {"driver": driver}, "automationDetails": {"id": id_}, "results": list(results), **more}


def log(*runs: Any, **more: Any) -> dict[str, Any]:
    return {"version": "2.1.0", "runs": list(runs), **more}


def packed(document: Any) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.b64encode(gzip.compress(data)).decode()


def body(shop: Repository, document: Any, **more: Any) -> dict[str, Any]:
    return {"commit_sha": shop.tip(), "ref": "refs/heads/main", "sarif": packed(document), **more}


def processed(document: Any, limits: SarifLimits | None = None, **more: Any) -> tuple[CodeScanning, Upload]:
    """The outcome without a server in between."""
    scanning = CodeScanning(limits=limits or SarifLimits())
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return scanning, scanning.receive(data, Site(), ref="refs/heads/main", commit_sha="0" * 40, **more)


def errors(document: Any, limits: SarifLimits | None = None, **more: Any) -> list[str]:
    scanning, upload = processed(document, limits, **more)
    assert (upload.status == "failed") == bool(upload.errors) == (not scanning.analyses)
    return list(upload.errors)


def flow(count: int) -> list[Any]:
    """Steps of one result, over two threads."""
    return [{"threadFlows": [{"locations": [{}] * (count - 1)}, {"locations": [{}]}]}]


def extended(*components: Any) -> dict[str, Any]:
    return {**run(), "tool": {"driver": {"name": "Bandit"}, "extensions": list(components)}}


def post(scanner: Client, shop: Repository, document: Any, **more: Any) -> dict[str, Any]:
    """Upload, and the status that follows."""
    answer = scanner.post("/code-scanning/sarifs", body(shop, document, **more))
    assert answer.status_code == 202, answer.text
    found = scanner.get(answer.json()["url"]).json()
    assert isinstance(found, dict)
    return found
