"""Our own ignore file has the waivers of the policy file, with the line in every complaint."""

from __future__ import annotations

from datetime import date

import pytest

from actionkit.errors import Unreadable
from security_report_aggregator import ignores
from security_report_aggregator.model import Category


def refused(text: str) -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as caught:
        ignores.read("security/waivers.yml", text.encode())
    return caught.value.reason, caught.value.line


def test_every_key_of_a_waiver_is_read() -> None:
    text = """\
# ours
waivers:
  - id: CVE-2021-44228
    ids: [GHSA-jfh8-c2jp-5v3q, CVE-2021-44228]
    until: 2027-01-31
    reason: " not reachable "
  - rule: bandit/B101
    rules: B102
    package: django
    packages: [pypi/flask]
    paths: ["tests/**", "!tests/live"]
    category: [code, dependency]
    until: 2027-01-31
    reason: tests
    approved_by: "@org/security"
"""
    first, second = ignores.read("security/waivers.yml", text.encode())
    assert (first.ids, first.until, first.reason) == (
        ("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q"),
        date(2027, 1, 31),
        "not reachable",
    )
    assert str(first.origin) == "`waivers[0]` in security/waivers.yml:3"
    assert (first.source, first.approved_by, first.categories, bool(first.scope)) == ("own", "", (), False)
    assert (second.rules, second.packages) == (("bandit/B101", "B102"), ("django", "pypi/flask"))
    assert second.categories == (Category.CODE, Category.DEPENDENCY)
    assert "tests/a.py" in second.scope
    assert "tests/live/a.py" not in second.scope
    assert (second.approved_by, second.origin.line) == ("@org/security", 7)


def test_the_same_in_json_is_yaml_too() -> None:
    text = '{"waivers": [{"id": "CVE-2021-1", "until": "2027-01-31", "reason": "r"}]}'
    (waiver,) = ignores.read("waivers.json", text.encode())
    assert (waiver.ids, waiver.source) == (("CVE-2021-1",), "own")
    assert ignores.read("waivers.json", b'{"waivers": []}') == ()


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("waivers:\n- id: a\n  reason: r\n", "`waivers[0]` has no `until`", 2),
        ("waivers:\n- id: a\n  until: 2027-01-31\n", "`waivers[0]` has no `reason`", 2),
        ("waivers:\n- until: 2027-01-31\n  reason: r\n", "`waivers[0]` does not say what it waives", 2),
        ("waivers:\n- category: code\n  until: 2027-01-31\n  reason: r\n", "`waivers[0]` does not say", 2),
        ("waivers:\n- paths: '!a'\n  until: 2027-01-31\n  reason: r\n", "`waivers[0]` has `paths` that only leave", 2),
        ("waivers:\n- id: a\n  untill: 2027-01-31\n  reason: r\n", "`waivers[0]` has no `until`", 2),
        ("waivers:\n- id: a\n  until: soon\n  reason: r\n", "`waivers[0].until` is the text `soon`", 3),
        ("fail_on: none\nwaivers: []\n", "`fail_on` is not a key", 1),
        ("waivers: nothing\n", "`waivers` is the text `nothing`", 1),
        ("waivers: &a\n- *a\n", "the file is nested deeper than 50 levels, aliases included", 1),
        ("waivers: " + "[" * 1500, "the file is nested too deeply", None),
        ("waivers: []\n# " + "x" * 300_000, "security/waivers.yml is larger than", None),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str, line: int | None) -> None:
    reason, at = refused(text)
    assert reason.startswith(said), reason
    assert at == line


def test_further_mistakes_are_counted() -> None:
    assert refused("waivers:\n- until: 2027-01-31\n  reason: r\n- until: 2027-01-31\n  reason: r\n")[0].endswith(
        "(and 1 more like it)"
    )
