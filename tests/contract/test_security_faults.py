"""GitHub misbehaves around security-report-aggregator: the verdict stands, nothing is uploaded or recorded twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from tests.contract.measured import CART
from tests.contract.scanned import NAME, UPLOADER, Issue, bandit, history, recorded_main, scan

from sandbox.consumer import Consumer
from sandbox.github.behaviour import Rule
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown

Misbehave = Callable[[Rule], None]
CLEAN = {"bandit.json": bandit()}
UPLOAD = "*/code-scanning/sarifs"


def down(rule: Rule) -> None:
    # A pause longer than any run waits, so that this test need not either.
    rule.answers(503, "Service Unavailable", headers={"Retry-After": "9999"})


def forbidden(rule: Rule) -> None:
    rule.answers(403, "Resource not accessible by integration")


def limited(rule: Rule) -> None:
    rule.answers_secondary_limit(403, retry_after=9999)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, PullRequest, Event]]:
    """A pull request whose base is recorded."""
    with Consumer.serve(tmp_path_factory.mktemp("faults") / "shop", {CART: "a = 1\n" * 12}) as shop:
        recorded_main(shop, CLEAN)
        yield shop, *shop.open_pull("docs", {"README.md": "# The shop\n"})
        assert shop.hub.violations == []


@pytest.fixture
def stage(served: tuple[Consumer, PullRequest, Event]) -> Iterator[tuple[Consumer, PullRequest, Event]]:
    """The same with a clean report, and all well again afterwards."""
    shop, pull, event = served
    history_before = shop.repository.tip("actions-data")
    pull.comments.clear()
    shop.repository.code_scanning.uploads.clear()
    shop.checkout.git("switch", "--quiet", "--detach", event.sha)
    shop.checkout.write(CLEAN)
    yield shop, pull, event
    shop.hub.behave.calm()
    shop.repository.code_scanning.refusal = None
    shop.repository.move("refs/heads/actions-data", history_before)


def upload(shop: Consumer, event: Event) -> Shown:
    """A run that uploads, and stands by its verdict whatever becomes of it."""
    shown = scan(shop, event, token=shop.token(UPLOADER), upload_sarif="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    return shown


@pytest.mark.parametrize("fault", [Rule.fails_after_the_effect, Rule.resets_after_the_effect], ids=["502", "reset"])
def test_an_upload_whose_answer_is_lost_is_not_sent_again(
    stage: tuple[Consumer, PullRequest, Event], fault: Misbehave
) -> None:
    shop, _, event = stage
    fault(shop.hub.behave.on("POST", UPLOAD))
    before = len(shop.hub.requests)
    shown = upload(shop, event)
    assert len([one for one in shop.hub.requests[before:] if one.path.endswith("/code-scanning/sarifs")]) == 1
    assert len(shop.repository.code_scanning.uploads) == 1
    assert any("may or may not have been made" in warning for warning in shown.warnings)
    assert shown.outputs["sarif-id"] == ""


@pytest.mark.parametrize(
    ("fault", "said"),
    [(down, "GitHub answered 503"), (forbidden, "security-events: write"), (limited, "rate limit is used up")],
    ids=["down", "forbidden", "limited"],
)
def test_an_upload_that_github_does_not_take_changes_no_verdict(
    stage: tuple[Consumer, PullRequest, Event], fault: Misbehave, said: str
) -> None:
    shop, pull, event = stage
    fault(shop.hub.behave.on("POST", UPLOAD))
    shown = upload(shop, event)
    assert any("the upload of the merged SARIF" in warning and said in warning for warning in shown.warnings)
    assert len(pull.comments) == 1
    assert not shop.repository.code_scanning.uploads


def test_a_token_without_the_permission_is_told_the_yaml_to_add(stage: tuple[Consumer, PullRequest, Event]) -> None:
    shop, _, event = stage
    shown = scan(shop, event, upload_sarif="true")
    assert shown.exit_code == 0, shown.log
    (warning,) = [warning for warning in shown.warnings if "the upload of the merged SARIF" in warning]
    assert "permissions:\n  security-events: write" in warning


def test_where_code_scanning_is_off_the_warning_says_where_to_turn_it_on(
    stage: tuple[Consumer, PullRequest, Event],
) -> None:
    shop, _, event = stage
    shop.repository.code_scanning.refusal = "Code Security must be enabled for this repository to use code scanning."
    shown = upload(shop, event)
    assert any("Enable code scanning in the repository's settings" in warning for warning in shown.warnings)


def test_where_only_the_answer_about_the_upload_fails_it_is_still_named(
    stage: tuple[Consumer, PullRequest, Event],
) -> None:
    shop, _, event = stage
    limited(shop.hub.behave.on("GET", f"{UPLOAD}/*"))
    shown = upload(shop, event)
    (made,) = shop.repository.code_scanning.uploads
    assert shown.outputs["sarif-id"] == made
    assert any("GitHub does not say what became of it" in warning for warning in shown.warnings)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(down, "GitHub answered 503"), (forbidden, "the token lacks"), (limited, "secondary rate limit is used up")],
    ids=["down", "forbidden", "limited"],
)
def test_where_github_does_not_answer_the_verdict_stands_unless_a_rule_needs_it(
    stage: tuple[Consumer, PullRequest, Event], fault: Misbehave, reason: str
) -> None:
    shop, pull, event = stage
    fault(shop.hub.behave.on("*", "*"))
    began = time.monotonic()
    shown = scan(shop, event, upload_sarif="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert any("no comment was posted" in warning and reason in warning for warning in shown.warnings)
    assert any("the upload of the merged SARIF did not happen" in warning for warning in shown.warnings)
    shop.checkout.write({"bandit.json": bandit(Issue())})
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert reason in shown.log
    assert time.monotonic() - began < 25
    assert not pull.comments


def test_a_push_that_cannot_be_recorded_says_so_and_keeps_its_verdict(shop: Consumer) -> None:
    shop.checkout.write(CLEAN)
    down(shop.hub.behave.on("*", "*"))
    shown = scan(shop, shop.push())
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert any("nothing was recorded" in warning for warning in shown.warnings)
    assert history(shop) == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"schema": 1, "kind": "security-report-aggregator/index", "entr', "is not JSON"),
        (json.dumps({"schema": 9, "kind": f"{NAME}/index", "entries": []}).encode(), "schema"),
    ],
    ids=["truncated", "of a newer version"],
)
def test_a_corrupt_history_is_named_and_the_next_push_begins_anew(
    stage: tuple[Consumer, PullRequest, Event], content: bytes, reason: str
) -> None:
    shop, _, event = stage
    shop.repository.commit({f"{NAME}/index.json": content}, branch="actions-data")
    shop.checkout.write({"bandit.json": bandit(Issue())})
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "the index of recorded baselines" in shown.log
    assert reason in shown.log
    shop.checkout.switch("main")
    shop.checkout.write(CLEAN)
    healed = scan(shop, shop.push())
    assert any("the history was begun anew" in warning for warning in healed.warnings)
    assert set(history(shop)) == {shop.checkout.head}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x00\xff", "the recorded baseline"), (None, "is missing on branch")],
    ids=["binary", "missing"],
)
def test_a_corrupt_record_is_named_and_only_a_rule_that_needs_it_suffers(
    stage: tuple[Consumer, PullRequest, Event], content: bytes | None, reason: str
) -> None:
    shop, _, event = stage
    sha = shop.checkout.git("rev-parse", "main")
    shop.repository.commit({f"{NAME}/commits/{sha}.json": content}, branch="actions-data")
    assert scan(shop, event).exit_code == 0
    shop.checkout.write({"bandit.json": bandit(Issue())})
    shown = scan(shop, event, only_new="true")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert reason in shown.log
