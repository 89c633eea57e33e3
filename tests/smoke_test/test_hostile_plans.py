"""Plans and inputs that would pass without having shown anything, or that would crash or tire the reader."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest
from tests.smoke_test.answering_site import Watched, step
from tests.smoke_test.plan_files import SHOP, load, one, told, wrong
from tests.smoke_test.smoke_made import evidence
from tests.smoke_test.smoke_made import step as result

from smoke_test.evidence import Comparison, Difference
from smoke_test.judgement import decide
from smoke_test.model import State


@pytest.mark.parametrize("url", [SHOP, f"{SHOP}/", "HTTPS://Shop.Example.com:443", "https://{{host}}"])
def test_a_deployment_is_not_compared_with_itself(tmp_path: Path, url: str) -> None:
    plan = one("{url: /ok}", "status: 200", head=f"base_url: {SHOP}\nvariables: {{host: shop.example.com}}")
    assert told(wrong(tmp_path, plan, compare_url=url))[-1:] == [
        "input `compare-url` is the base URL itself: every failure would be excused"
    ]


def test_another_deployment_is_compared_with(tmp_path: Path) -> None:
    load(tmp_path, one("{url: /ok}", "status: 200"), compare_url=f"{SHOP}/canary")


def test_a_run_without_one_passed_step_does_not_pass_because_all_failed_before_too() -> None:
    now = (result(State.FAILED), result(State.SKIPPED, name="next"))
    differences = (
        Difference("shop", "item", State.FAILED, State.FAILED),
        Difference("shop", "next", State.PASSED, State.SKIPPED),
    )
    assert decide(evidence(*now, comparison=Comparison(differences))).verdict.value == "incomplete"


def test_thousands_of_checks_of_one_url_are_read_in_time_linear_in_them(tmp_path: Path) -> None:
    began = monotonic()
    loaded = load(tmp_path, checks="GET /ok 200\n" * 8000, base_url=SHOP)
    assert monotonic() - began < 5
    steps = loaded.plan.tests[0].steps
    assert len({one.name for one in steps}) == 8000
    assert steps[-1].name == "GET /ok (8000)"


@pytest.mark.parametrize("url", ["//[", "http://[", "/[/api", "http://[::1"])
def test_an_openapi_server_that_is_no_url_is_no_crash(tmp_path: Path, url: str) -> None:
    document = (
        f'{{"openapi": "3.1.0", "servers": [{{"url": "{url}"}}], '
        '"paths": {"/a": {"get": {"responses": {"200": {}}}}}}'
    )
    loaded = load(tmp_path, files={"api.json": document}, openapi="api.json", base_url=SHOP)
    assert loaded.plan.base_url == SHOP


def test_a_path_with_a_lone_surrogate_is_told_as_missing(tmp_path: Path) -> None:
    assert wrong(tmp_path, one("{url: /ok}", r'json_schema: "a\uD800"'))


def test_a_secret_in_a_host_name_is_not_shown_in_small_letters() -> None:
    came = Watched().one("", step("http://{{tenant}}.invalid/"), {"tenant": "Qz7kWp3vXb"})
    shown = f"{came.message} {came.url}"
    assert "qz7kwp3vxb" not in shown.lower()
    assert "http://***.invalid/" in shown


@pytest.mark.parametrize(
    ("asserts", "warned"),
    [
        ("[duration < 800]", True),
        ("[duration < 800, 'certificate \"Expire-Date\" daysAfterNow > 21']", True),
        ('[duration < 800, body contains "ok"]', False),
        ("[duration < 800, status == 200]", False),
        ("[redirects count == 1]", False),
    ],
)
def test_a_step_that_an_error_page_passes_is_warned_of(tmp_path: Path, asserts: str, warned: bool) -> None:
    notes = load(tmp_path, one("{url: /ok}", f"asserts: {asserts}")).plan.notes
    assert any("an error page passes" in one.message for one in notes) == warned


def test_operations_that_pass_when_they_are_refused_are_told(tmp_path: Path) -> None:
    operation = '{"get": {"security": [{"key": []}], "responses": {"200": {}, "401": {}}}}'
    document = f'{{"openapi": "3.1.0", "paths": {{"/a": {operation}, "/b": {operation}}}}}'
    loaded = load(tmp_path, files={"api.json": document}, openapi="api.json", base_url=SHOP)
    assert [one.message for one in loaded.plan.notes] == [
        "GET /a and 1 more want credentials, and being refused as described counts as passed"
    ]
