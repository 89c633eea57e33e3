"""GitHub misbehaves around the action: the verdict stands, or is `incomplete` with the reason where a gate needs it.

Never a traceback, never a second comment, never a half-written history.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.measured import CART, FULL, HISTORY, history, lcov, outcome_of, record_main

from sandbox.consumer import Consumer
from sandbox.github.behaviour import Rule
from sandbox.github.model import PullRequest
from sandbox.runner import Event, Shown

Misbehave = Callable[[Rule], None]

BEFORE: Misbehave = Rule.fails_before_the_effect
AFTER: Misbehave = Rule.fails_after_the_effect
RESET_BEFORE: Misbehave = Rule.resets_before_the_effect
RESET_AFTER: Misbehave = Rule.resets_after_the_effect


def LIMITED(rule: Rule) -> None:  # noqa: N802 - one of the faults above
    rule.answers_secondary_limit(429, retry_after=1)


def SLOW(rule: Rule) -> None:  # noqa: N802
    rule.is_slow(before=0.5, body=1)


def misbehaves(shop: Consumer, method: str, path: str, faults: Sequence[Misbehave]) -> None:
    """The first requests of this kind meet these faults, one each; then all is well."""
    for number, fault in enumerate(faults, start=1):
        fault(shop.hub.behave.on(method, path, nth=number))


@pytest.fixture
def pull(shop: Consumer) -> tuple[PullRequest, Event]:
    """A pull request whose base is recorded and whose report is there."""
    record_main(shop)
    opened = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    return opened


def judged(shop: Consumer, event: Event, **with_: str) -> Shown:
    shown = shop.run("coverage-gate", on=event, with_={name.replace("_", "-"): text for name, text in with_.items()})
    assert "Traceback" not in shown.log
    assert "has a bug" not in shown.log
    return shown


def one_comment(folder: Path, faults: Sequence[Misbehave]) -> None:
    with Consumer.serve(folder, {CART: "a = 1\n" * 12}) as shop:
        pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
        shop.checkout.write({"lcov.info": lcov(FULL)})
        shop.hub.behave.lag("comments", reads=int(SLOW in faults))
        misbehaves(shop, "POST", "*/issues/*/comments", faults)
        shown = judged(shop, event)
        assert shown.exit_code == 0, shown.log
        assert len(pull.comments) == 1
        assert shown.outputs["comment-url"].endswith(f"#issuecomment-{pull.comments[0].id}")
        pull.comments[0].hidden_for = 0
        misbehaves(shop, "PATCH", "*/issues/comments/*", faults)
        again = judged(shop, event, fail_under="90")
        assert again.exit_code == 0, again.log
        assert len(pull.comments) == 1
        assert "90" in pull.comments[0].body


def one_record(folder: Path, faults: Sequence[Misbehave]) -> None:
    with Consumer.serve(folder, {CART: "a = 1\n" * 12}) as shop:
        shop.hub.behave.lag("refs", reads=int(SLOW in faults))
        expected = set()
        # The first push creates the branch, the second moves it.
        for method, path in (("POST", "*/git/refs"), ("PATCH", "*/git/refs/*")):
            expected.add(shop.checkout.commit("A push", {"README.md": f"# {method}\n"}))
            misbehaves(shop, method, path, faults)
            shown = record_main(shop)
            assert "nothing was recorded" not in shown.log
        assert set(history(shop)) == expected
        tip = shop.repository.tip("actions-data")
        assert len(shop.repository.objects.history(tip)) == len(expected)


def test_one_comment_and_one_record_are_made_whatever_happens_to_the_requests(tmp_path: Path) -> None:
    # These runs mostly wait, each for its own GitHub: together they take as long as the slowest.
    with ThreadPoolExecutor(6) as pool:
        scenarios = [
            pool.submit(scenario, tmp_path / f"{scenario.__name__}{number}", faults)
            for scenario in (one_record, one_comment)
            for number, faults in enumerate([(BEFORE, AFTER), (RESET_BEFORE, RESET_AFTER), (LIMITED, SLOW)])
        ]
    for scenario in scenarios:
        scenario.result()


def test_the_baseline_is_read_through_faults(shop: Consumer, pull: tuple[PullRequest, Event]) -> None:
    misbehaves(shop, "GET", "*/contents/*", (BEFORE, RESET_BEFORE, SLOW, RESET_AFTER))
    shown = judged(shop, pull[1], max_drop="0")
    assert shown.exit_code == 0, shown.log
    assert shown.outputs["line-coverage-delta"] == "0.00"


def _down(rule: Rule) -> None:
    # A pause longer than any run waits, so that this test need not either.
    rule.answers(503, "Service Unavailable", headers={"Retry-After": "9999"})


def _forbidden(rule: Rule) -> None:
    rule.answers(403, "Resource not accessible by integration")


def _limited(rule: Rule) -> None:
    rule.answers_secondary_limit(403, retry_after=9999)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(_down, "GitHub answered 503"), (_forbidden, "the token lacks"), (_limited, "secondary rate limit is used up")],
    ids=["down", "forbidden", "limited"],
)
def test_where_github_does_not_answer_the_verdict_stands_unless_a_gate_needs_it(
    shop: Consumer, pull: tuple[PullRequest, Event], fault: Misbehave, reason: str
) -> None:
    fault(shop.hub.behave.on("*", "*"))
    began = time.monotonic()
    shown = judged(shop, pull[1], fail_under="80")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert any("no comment was posted" in warning and reason in warning for warning in shown.warnings)
    shown = judged(shop, pull[1], fail_under="80", max_drop="1")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert reason in shown.log
    assert time.monotonic() - began < 20
    assert not pull[0].comments


def test_a_push_that_cannot_be_recorded_says_so_and_keeps_its_verdict(shop: Consumer) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    _down(shop.hub.behave.on("*", "*"))
    shown = judged(shop, shop.push(), fail_under="80")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert any("nothing was recorded" in warning for warning in shown.warnings)
    assert HISTORY not in shop.repository.refs.names()


def test_a_used_up_quota_is_waited_for_if_it_ends_soon_and_named_if_not(
    shop: Consumer, pull: tuple[PullRequest, Event]
) -> None:
    token = shop.hub.token(shop.repository, permissions={"contents": "read", "pull-requests": "write"})
    token.quota.remaining = 0
    began = time.monotonic()
    shown = shop.run("coverage-gate", on=pull[1], with_={"max-drop": "0"}, token=token.secret)
    assert shown.exit_code == 3, shown.log
    assert "primary rate limit is used up until" in shown.log
    assert time.monotonic() - began < 20
    token.quota.resets_at = shop.hub.site.clock() + timedelta(seconds=3)
    shown = shop.run("coverage-gate", on=pull[1], with_={"max-drop": "0"}, token=token.secret)
    assert shown.exit_code == 0, shown.log
    assert len(pull[0].comments) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"schema": 1, "kind": "coverage-gate/index", "entr', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (json.dumps({"schema": 9, "kind": "coverage-gate/index", "entries": []}).encode(), "schema"),
    ],
    ids=["truncated", "bottomless", "of a newer version"],
)
def test_a_corrupt_index_is_named_and_the_next_push_begins_anew(
    shop: Consumer, pull: tuple[PullRequest, Event], content: bytes, reason: str
) -> None:
    shop.repository.commit({"coverage-gate/index.json": content}, branch="actions-data")
    shown = judged(shop, pull[1], max_drop="0")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert "the index of recorded baselines" in shown.log
    assert reason in shown.log
    shop.checkout.switch("main")
    healed = record_main(shop)
    assert any("the history was begun anew" in warning for warning in healed.warnings)
    assert set(history(shop)) == {shop.checkout.head}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x00\xff", "the recorded baseline"), (b"{}", "the recorded baseline"), (None, "is missing on branch")],
    ids=["binary", "empty", "missing"],
)
def test_a_corrupt_record_is_named_and_only_a_gate_that_needs_it_suffers(
    shop: Consumer, pull: tuple[PullRequest, Event], content: bytes | None, reason: str
) -> None:
    path = f"coverage-gate/commits/{shop.checkout.git('rev-parse', 'main')}.json"
    changes: Mapping[str, bytes | None] = {path: content}
    shop.repository.commit(changes, branch="actions-data")
    shown = judged(shop, pull[1], max_drop="0")
    assert (shown.exit_code, shown.outputs["verdict"]) == (3, "incomplete"), shown.log
    assert reason in shown.log
    shown = judged(shop, pull[1], fail_under="80")
    assert (shown.exit_code, shown.outputs["verdict"]) == (0, "pass"), shown.log
    assert outcome_of(shop, shown)["data"]["baseline"] is None
