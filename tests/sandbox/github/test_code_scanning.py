"""Code scanning: who may upload, what is answered, and what is listed afterwards."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import get_args

import pytest
from tests.sandbox.github.sarif_made import body, flow, log, packed, post, processed, result, run
from tests.sandbox.github.shop import SHOP, Client

from sandbox.github import EmbeddedGitHub, Repository, Token
from sandbox.github.code_scanning import Refusal, SarifLimits

pytestmark = pytest.mark.usefixtures("lawful")

ClientOf = Callable[[Token | None], Client]


@pytest.fixture
def scanner(hub: EmbeddedGitHub, shop: Repository, client_of: ClientOf) -> Client:
    """A client with just the permission for uploads."""
    return client_of(hub.token(shop, permissions={"security-events": "write"}))


# Uploading and asking


def test_an_upload_is_processed_and_becomes_an_analysis_of_each_run(
    hub: EmbeddedGitHub, scanner: Client, shop: Repository
) -> None:
    document = log(run(result(), result("R2", 7)), run(tool="Trivy", id_="", rules=[]))
    status = post(scanner, shop, document, checkout_uri="file:///github/workspace/", tool_name="ours", validate=True)
    assert status["processing_status"] == "complete"
    listed = scanner.get(status["analyses_url"]).json()
    assert [(one["tool"]["name"], one["category"], one["results_count"], one["rules_count"]) for one in listed] == [
        ("Trivy", "", 0, 0), ("Bandit", "python", 2, 2),
    ]  # fmt: skip
    [upload] = shop.code_scanning.uploads.values()
    assert (upload.sarif, upload.tool_name) == (document, "ours")
    assert {(one.ref, one.commit_sha, one.sarif_id) for one in shop.code_scanning.analyses} == {
        ("refs/heads/main", shop.tip(), upload.id)
    }
    assert hub.permissions_used() == {"security-events": "write"}


def test_an_upload_stays_pending_for_as_many_looks_as_told_and_is_not_listed_before(
    hub: EmbeddedGitHub, scanner: Client, shop: Repository
) -> None:
    hub.behave.lag("sarifs", reads=2)
    url = scanner.post("/code-scanning/sarifs", body(shop, log(run(result())))).json()["url"]
    assert scanner.get(url).json() == {"processing_status": "pending"}
    assert scanner.get("/code-scanning/analyses").status_code == 404
    told = [scanner.get(url).json()["processing_status"] for _ in range(3)]
    assert told == ["pending", "complete", "complete"]
    assert len(scanner.get("/code-scanning/analyses").json()) == 1


def test_a_failure_waits_its_turn_too(hub: EmbeddedGitHub, scanner: Client, shop: Repository) -> None:
    hub.behave.lag("sarifs", reads=1)
    url = scanner.post("/code-scanning/sarifs", body(shop, log(run(result(message={}))))).json()["url"]
    told = [scanner.get(url).json() for _ in range(2)]
    assert told == [
        {"processing_status": "pending"},
        {"processing_status": "failed", "errors": ["expected a result message"]},
    ]


def test_an_unknown_upload_is_404(scanner: Client) -> None:
    assert scanner.get("/code-scanning/sarifs/6c81cd8e-b078-4ac3-a3be-1dad7dbd0b53").status_code == 404


def test_while_nothing_was_analysed_the_lists_are_404(scanner: Client) -> None:
    for path in ("/code-scanning/analyses", "/code-scanning/alerts"):
        answer = scanner.get(path)
        assert (answer.status_code, answer.json()["message"]) == (404, "no analysis found")


# Who may


@pytest.mark.parametrize("private", [True, False])
def test_an_upload_needs_write_and_a_look_needs_read_in_public_too(
    private: bool, hub: EmbeddedGitHub, url: str, client_of: ClientOf
) -> None:
    repository = hub.repository("org/vault", files=SHOP, private=private)
    where = f"{url}/repos/org/vault/code-scanning"
    for permissions, posted, listed in (
        ({"contents": "write", "actions": "write"}, 403, 403),
        ({"security-events": "read"}, 403, 404),
        ({"security-events": "write"}, 202, 200),
    ):
        client = client_of(hub.token(repository, permissions=permissions))  # type: ignore[arg-type]
        answer = client.post(f"{where}/sarifs", body(repository, log(run())))
        assert answer.status_code == posted
        if posted == 403:
            assert answer.json()["message"] == "Resource not accessible by integration"
            assert answer.headers["X-Accepted-GitHub-Permissions"] == "security_events=write"
        assert client.get(f"{where}/analyses").status_code == listed
    assert client_of(None).get(f"{where}/analyses").status_code == (404 if private else 401)


def test_the_token_of_a_forks_pull_request_may_look_and_not_upload(
    hub: EmbeddedGitHub, shop: Repository, scanner: Client, client_of: ClientOf
) -> None:
    post(scanner, shop, log(run(result())))
    fork = client_of(hub.fork_token(shop))
    answer = fork.post("/code-scanning/sarifs", body(shop, log(run())))
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert len(fork.get("/code-scanning/analyses").json()) == 1
    assert len(shop.code_scanning.uploads) == 1


@pytest.mark.parametrize("message", get_args(Refusal))
def test_where_code_scanning_is_off_everything_is_403_with_the_reason(
    message: Refusal, scanner: Client, shop: Repository
) -> None:
    shop.code_scanning.refusal = message
    posted = scanner.post("/code-scanning/sarifs", body(shop, log(run())))
    for answer in (posted, scanner.get("/code-scanning/analyses"), scanner.get("/code-scanning/sarifs/x")):
        assert (answer.status_code, answer.json()["message"]) == (403, message)
    assert shop.code_scanning.uploads == {}


# Commit and reference


def test_an_upload_names_a_commit_and_a_reference_that_exist(scanner: Client, shop: Repository) -> None:
    pull = shop.pull_request({"a": "1"})
    shop.refs.put("refs/tags/v1", shop.tip())
    for ref, sha, status, message in (
        ("refs/heads/main", "1" * 40, 404, "commit not found"),
        ("refs/heads/gone", shop.tip(), 404, "ref not found"),
        ("refs/pull/99/head", shop.tip(), 404, "ref not found"),
        ("refs/pull/1/base", shop.tip(), 422, "refs/pull/N/merge"),
        ("refs/pull/1/merge", pull.head_sha, 400, "commit_oid is not a merge commit"),
        ("refs/pull/1/merge", pull.merge_commit_sha, 202, ""),
        ("refs/pull/1/head", pull.head_sha, 202, ""),
        ("refs/heads/main", shop.tip().upper(), 202, ""),
        ("refs/tags/v1", shop.tip(), 202, ""),
    ):
        answer = scanner.post(
            "/code-scanning/sarifs", {"commit_sha": sha, "ref": ref, "sarif": packed(log(run(result())))}
        )
        assert (answer.status_code, message in answer.json().get("message", "")) == (status, True), ref
    assert {one.commit_sha for one in shop.code_scanning.analyses} <= {
        shop.tip(), pull.head_sha, pull.merge_commit_sha,
    }  # fmt: skip


def test_a_short_reference_is_loud(hub: EmbeddedGitHub, scanner: Client, shop: Repository) -> None:
    answer = scanner.post("/code-scanning/sarifs", body(shop, log(run()), ref="main"))
    assert answer.status_code == 500
    [violation] = hub.violations
    assert "'main' does not match" in violation
    hub.violations.clear()


# The packing


@pytest.mark.parametrize(
    "sarif",
    [
        "not base64!",
        base64.b64encode(b"{}").decode(),
        base64.b64encode(gzip.compress(b"{}" * 500)[:-9]).decode(),
        base64.b64encode(gzip.compress(b"{}")[:10] + b"\xff" * 20).decode(),
        "",
    ],
    ids=["no base64", "no gzip", "cut short", "garbage in gzip", "empty"],
)
def test_what_is_no_gzip_in_base64_is_400(sarif: str, scanner: Client, shop: Repository) -> None:
    answer = scanner.post("/code-scanning/sarifs", {**body(shop, {}), "sarif": sarif})
    assert (answer.status_code, "no gzip in Base64" in answer.json()["message"]) == (400, True)
    assert shop.code_scanning.uploads == {}


def test_only_the_compressed_size_is_limited(scanner: Client, shop: Repository) -> None:
    document = log(run(result(message={"text": "long " * 9_000})))
    size = len(base64.b64decode(packed(document)))
    assert size < len(json.dumps(document)) / 10
    shop.code_scanning.limits = SarifLimits(max_gzip_bytes=size)
    assert post(scanner, shop, document)["processing_status"] == "complete"
    shop.code_scanning.limits = SarifLimits(max_gzip_bytes=size - 1)
    answer = scanner.post("/code-scanning/sarifs", body(shop, document))
    assert (answer.status_code, answer.json()["message"]) == (413, "Payload Too Large")


# Limits that cut


def test_what_is_over_the_limits_of_what_is_kept_is_dropped_without_an_error(scanner: Client, shop: Repository) -> None:
    rules = [
        {"id": "low", "properties": {"security-severity": "2.0", "tags": [f"t{n}" for n in range(12)]}},
        {"id": "critical", "properties": {"security-severity": "9.8"}},
        {"id": "error", "defaultConfiguration": {"level": "error"}},
        {"id": "plain"},
    ]
    wide = result("low", 9, locations=result()["locations"] * 101, codeFlows=flow(1_001))
    found = [result("plain", 1, level="note"), result("plain", 2), result("error", 3), wide, result("critical", 4)]
    shop.code_scanning.limits = SarifLimits(kept_results=4)
    status = post(scanner, shop, log(run(*found, rules=rules)))
    assert status["processing_status"] == "complete"
    assert "errors" not in status
    [analysis] = shop.code_scanning.analyses
    assert [one.rule_id for one in analysis.findings] == ["critical", "low", "error", "plain"]
    low = analysis.findings[1]
    assert (low.locations, low.flow_locations, len(low.tags)) == (100, 1_000, 10)
    [shown] = scanner.get("/code-scanning/analyses").json()
    assert (shown["results_count"], shown["warning"]) == (4, "1 results were ignored")


# Lists


def numbers(scanner: Client, path: str) -> list[int]:
    return [one.get("number", one.get("results_count")) for one in scanner.get(f"/code-scanning/{path}").json()]


def test_analyses_are_newest_first_paged_and_filtered(scanner: Client, shop: Repository) -> None:
    shop.pull_request({"a": "1"})
    upload = post(scanner, shop, log(run(result())))
    guid = {**run(result(), result("R2"), tool="Trivy"), "automationDetails": {}}
    guid["tool"]["driver"]["guid"] = "1d3a7b30-0000-4000-8000-000000000000"
    post(scanner, shop, log(guid))
    post(scanner, shop, log(run()), ref="refs/pull/1/head")
    assert numbers(scanner, "analyses") == [0, 2, 1]
    assert numbers(scanner, "analyses?direction=asc&per_page=2") == [1, 2]
    assert 'rel="next"' in scanner.get("/code-scanning/analyses?per_page=2").headers["Link"]
    for query, wanted in {
        "ref=refs/heads/main": [2, 1],
        "ref=main": [2, 1],
        "pr=1": [0],
        "tool_name=Bandit": [0, 1],
        "tool_guid=1d3a7b30-0000-4000-8000-000000000000": [2],
        upload["analyses_url"].partition("?")[2]: [1],
        "ref=gone": [],
    }.items():
        assert numbers(scanner, f"analyses?{query}") == wanted, query


def test_only_the_newest_of_a_configuration_is_deletable(scanner: Client, shop: Repository) -> None:
    for _ in range(2):
        post(scanner, shop, log(run(result())))
    assert [one["deletable"] for one in scanner.get("/code-scanning/analyses").json()] == [True, False]
    assert len(shop.code_scanning.newest("refs/heads/main")) == 1


def test_an_alert_is_open_until_a_newer_run_of_its_tool_and_category_lacks_it(
    scanner: Client, shop: Repository
) -> None:
    rules = [{"id": "R1", "properties": {"security-severity": "7.5", "tags": ["security"]}}, {"id": "R2"}]
    both = run(result(), result("R2", 5), rules=rules)
    post(scanner, shop, log(both, run(result("R2", 5), id_="other/")))
    post(scanner, shop, log(run(result("R1", 1, message={"text": "moved"}))))
    post(scanner, shop, log(run(tool="Clean")))
    assert numbers(scanner, "alerts") == [2, 1]
    assert numbers(scanner, "alerts?state=open&direction=asc") == [1, 2]
    post(scanner, shop, log(run()))
    post(
        scanner,
        shop,
        log(
            run(result("R2", 5)),
        ),
        ref="refs/heads/main",
    )
    assert numbers(scanner, "alerts?state=open") == [2]
    [fixed] = scanner.get("/code-scanning/alerts?state=fixed").json()
    assert (fixed["rule"]["id"], fixed["rule"]["security_severity_level"]) == ("R1", None)
    assert fixed["fixed_at"] is not None
    assert fixed["most_recent_instance"]["message"]["text"] == "moved"
    assert numbers(scanner, "alerts?tool_name=Clean") == []


def test_an_alert_stays_open_while_one_of_its_categories_has_it(scanner: Client, shop: Repository) -> None:
    post(scanner, shop, log(run(result(), id_="api/"), run(result(), id_="web/")))
    post(scanner, shop, log(run(id_="web/")))
    assert numbers(scanner, "alerts?state=open") == [1]
    post(scanner, shop, log(run(id_="api/")))
    assert numbers(scanner, "alerts?state=fixed") == [1]


def test_alerts_are_those_of_the_reference_asked_for(scanner: Client, shop: Repository) -> None:
    shop.pull_request({"a": "1"}, branch="work")
    post(scanner, shop, log(run(result())))
    post(scanner, shop, log(run(result(), result("R2", 5))), ref="refs/heads/work")
    assert numbers(scanner, "alerts") == [1]
    assert numbers(scanner, "alerts?ref=work") == [2, 1]


@pytest.mark.parametrize(
    ("score", "band"), [("9.0", "critical"), ("8.9", "high"), ("4.0", "medium"), ("0.1", "low"), ("0", None)]
)
def test_an_alert_has_the_band_of_its_rules_severity(
    score: str, band: str | None, scanner: Client, shop: Repository
) -> None:
    post(scanner, shop, log(run(result(), rules=[{"id": "R1", "properties": {"security-severity": score}}])))
    [alert] = scanner.get("/code-scanning/alerts").json()
    assert alert["rule"]["security_severity_level"] == band
    assert alert["most_recent_instance"]["location"] == {"path": "src/cart.py", "start_line": 1, "end_line": 1}


def test_results_without_a_fingerprint_are_told_apart_by_line_and_message() -> None:
    scanning, _ = processed(log(run(*(result(line=line, partialFingerprints={}) for line in (1, 1, 2)))))
    assert [alert.finding.start_line for alert in scanning.alerts("refs/heads/main")] == [1, 2]
