"""What the contract tests of smoke-test run: plans for the sample service, and runs of them as GitHub runs them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from tests.contract.measured import HISTORY

from sandbox.consumer import Consumer
from sandbox.runner import Event, Shown
from sandbox.service import USERS

NAME = "smoke-test"
PLAN = "smoke.yml"
RECORDS = f"{NAME}/history.json"
PASSWORD = USERS["smoke"]
SECRETS = {"SMOKE_PASSWORD": PASSWORD}

SHOP = """\
secrets: {password: SMOKE_PASSWORD}
setup:
  - name: login
    request: {method: POST, url: /api/login, json: {user: smoke, password: "{{password}}"}}
    status: 200
    captures: {token: jsonpath "$.token" redact}
tests:
  - name: api
    tags: [critical]
    steps:
      - name: item
        request: {url: /api/items/A-100, auth: {bearer: "{{token}}"}}
        status: 200
        headers: {Content-Type: application/json}
        asserts:
          - jsonpath "$.tags" count >= 1
          - jsonpath "$.last_backup" age < 25h
      - name: version
        request: {url: /version}
        asserts: [jsonpath "$.version" == "1.4.1"]
  - name: pages
    steps:
      - request: {url: /old}
        options: {location: true}
        asserts: [url endsWith "/home", redirects count == 1]
finally:
  - name: logout
    request: {method: POST, url: /api/logout, auth: {bearer: "{{token}}"}}
    status: 204
"""
"""A plan that passes: five steps, one of them before and one after the tests."""

ONE = "tests: [{name: shop, steps: [{name: health, request: {url: /health}, status: 200}]}]\n"


def smoke(shop: Consumer, on: Event, plan: str = "", **how: Any) -> Shown:
    """A run of the action; what is no argument of `Consumer.run` is an input, spelled with underscores.

    `plan` is written to the workspace first.
    """
    options = {name: how.pop(name) for name in ("token", "env", "workspace", "cancel") if name in how}
    if plan:
        shop.checkout.write({PLAN: plan})
        how.setdefault("plan", PLAN)
    inputs = {name.replace("_", "-"): text for name, text in how.items()}
    shown = shop.run(NAME, on=on, with_=inputs, **options)
    assert "Traceback" not in shown.log, shown.log
    assert "has a bug" not in shown.log, shown.log
    return shown


def states(outcome: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Test, name and state of every step of an outcome."""
    return [(step["test"], step["name"], step["state"]) for step in outcome["data"]["steps"]]


def cases(junit: bytes) -> dict[tuple[str, str], str]:
    """What a JUnit file says of each case: "passed", or the element that says otherwise."""
    found = ElementTree.fromstring(junit).iter("testcase")
    return {(case.attrib["classname"], case.attrib["name"]): next((e.tag for e in case), "passed") for case in found}


def records(shop: Consumer) -> list[dict[str, Any]]:
    """The recorded measurements, newest first; [] without a history."""
    if HISTORY not in shop.repository.refs.names():
        return []
    entries: list[dict[str, Any]] = json.loads(shop.repository.read(RECORDS, "actions-data"))["entries"]
    return entries
