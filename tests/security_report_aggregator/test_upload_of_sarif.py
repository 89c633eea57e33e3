"""Uploading the merged SARIF, against the embedded GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from tests.actionkit.job import CART, Job, grown, pushed

from actionkit.github.errors import BadToken, ServerError
from actionkit.outcome import Severity
from sandbox.consumer import Consumer
from sandbox.github.code_scanning import Refusal
from sandbox.github.tokens import Access
from security_report_aggregator.upload import ASKED_AFTER, ENABLE, GRANT, Uploaded, upload

UPLOADER: dict[str, Access] = {"contents": "read", "security-events": "write"}
CLEAN = {
    "version": "2.1.0",
    "runs": [
        {"tool": {"driver": {"name": "bandit", "rules": []}}, "results": [], "automationDetails": {"id": "all/bandit/"}}
    ],
}


@pytest.fixture
def uploader(tmp_path: Path) -> Iterator[Job]:
    with (
        Consumer.serve(tmp_path / "shop", {CART: "def total(prices):\n    return sum(prices)\n"}) as shop,
        Job.of(shop) as job,
    ):
        yield job


def sent(
    job: Job,
    document: object = CLEAN,
    slept: list[float] | None = None,
    granted: Mapping[str, Access] = UPLOADER,
) -> Uploaded:
    context = job.context(pushed(job.shop))
    github = job.github(granted)
    nights = [] if slept is None else slept
    return upload(json.dumps(document).encode(), context.sha, context, job.doors(github), sleep=nights.append)


def test_an_upload_is_followed_until_it_is_complete(uploader: Job) -> None:
    slept: list[float] = []
    done = sent(uploader, slept=slept)
    assert (done.status, done.problems, slept) == ("complete", (), [ASKED_AFTER[0]])
    kept = uploader.shop.repository.code_scanning.uploads[done.id]
    assert kept.ref == "refs/heads/main"
    assert kept.sarif == CLEAN
    assert not uploader.shop.hub.violations


def test_a_slow_analysis_is_asked_for_a_few_times_and_no_more(uploader: Job) -> None:
    uploader.shop.hub.behave.lag("sarifs", reads=3)
    slept: list[float] = []
    assert sent(uploader, slept=slept).status == "complete"
    uploader.shop.hub.behave.lag("sarifs", reads=99)
    before = len(uploader.shop.hub.requests)
    slow = sent(uploader)
    assert slow.status == "pending"
    assert "after 155 s GitHub was still working on it" in slow.problems[0].message
    assert len(uploader.shop.hub.requests) - before == 1 + len(ASKED_AFTER)


def test_what_github_refuses_is_told_in_its_words(uploader: Job) -> None:
    nameless = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": ""}}, "results": []}]}
    refused = sent(uploader, nameless)
    assert refused.status == "failed"
    assert refused.id
    assert "was refused by GitHub: " in refused.problems[0].message
    assert {problem.severity for problem in refused.problems} == {Severity.WARNING}


def test_a_token_that_may_not_is_told_what_to_grant(uploader: Job) -> None:
    refused = sent(uploader, granted={**UPLOADER, "security-events": "read"})
    assert (refused.id, refused.status) == ("", "")
    assert refused.problems[0].fix == GRANT


@pytest.mark.parametrize("refusal", get_args(Refusal))
def test_a_repository_without_code_scanning_is_told_how_to_enable_it(uploader: Job, refusal: Refusal) -> None:
    uploader.shop.repository.code_scanning.refusal = refusal
    refused = sent(uploader)
    assert refused.problems[0].fix == ENABLE


def test_a_pull_request_is_uploaded_for_its_merge_commit_and_a_checked_out_head_for_the_head(uploader: Job) -> None:
    pull, event = uploader.shop.open_pull("shipping", {CART: grown(uploader.shop)})
    context = uploader.context(event)
    doors = uploader.doors(uploader.github(UPLOADER))
    data = json.dumps(CLEAN).encode()
    merge = upload(data, context.sha, context, doors, sleep=lambda _: None)
    head = upload(data, pull.head_sha, context, doors, sleep=lambda _: None)
    uploads = uploader.shop.repository.code_scanning.uploads
    assert (merge.status, uploads[merge.id].ref) == ("complete", f"refs/pull/{pull.number}/merge")
    assert (head.status, uploads[head.id].ref) == ("complete", f"refs/pull/{pull.number}/head")


def test_a_fork_is_told_that_only_another_job_can_upload(uploader: Job) -> None:
    _, event = uploader.shop.open_pull("shipping", {CART: grown(uploader.shop)}, fork="stranger/shop")
    context = uploader.context(event)
    doors = uploader.doors(uploader.github({"contents": "read"}))
    refused = upload(b"{}", context.sha, context, doors, sleep=lambda _: None)
    assert "the token of a fork's pull request is read-only" in refused.problems[0].message


def test_a_lost_answer_is_never_answered_by_a_second_upload(uploader: Job) -> None:
    uploader.shop.hub.behave.on("POST", "*/code-scanning/sarifs").fails_after_the_effect()
    lost = sent(uploader)
    assert "may or may not have been made" in lost.problems[0].message
    assert len(uploader.shop.repository.code_scanning.uploads) == 1


def test_without_a_token_or_a_ref_nothing_is_uploaded(uploader: Job) -> None:
    laptop = uploader.context(None)
    assert "no `github-token`" in upload(b"{}", "", laptop, uploader.doors()).problems[0].message


def test_a_token_that_github_does_not_know_is_an_error_of_the_run(uploader: Job) -> None:
    context = uploader.context(pushed(uploader.shop))
    from actionkit.github.client import GitHub

    unknown = GitHub("ghs_unknown", uploader.http, api_url=uploader.shop.url)
    with pytest.raises(BadToken):
        upload(b"{}", context.sha, context, uploader.doors(unknown), sleep=lambda _: None)


def test_with_nothing_to_send_nothing_is_sent(uploader: Job) -> None:
    context = uploader.context(pushed(uploader.shop))
    nothing = upload(b"", context.sha, context, uploader.doors(uploader.github(UPLOADER)))
    assert "no scanner can be relied on" in nothing.problems[0].message
    assert not uploader.shop.repository.code_scanning.uploads


def test_a_run_that_names_no_ref_is_told(uploader: Job) -> None:
    context = replace(uploader.context(pushed(uploader.shop)), ref="")
    lost = upload(b"{}", context.sha, context, uploader.doors(uploader.github(UPLOADER)))
    assert "the run names no branch, tag or pull request" in lost.problems[0].message


class Odd:
    """A GitHub that takes an upload, and then this."""

    def __init__(self, taken: object, then: object = None) -> None:
        self.taken, self.then = taken, then

    def post(self, *_: object) -> object:
        return self.taken

    def get_or_none(self, _: str) -> object:
        if isinstance(self.then, Exception):
            raise self.then
        return self.then


def odd(uploader: Job, github: Odd) -> Uploaded:
    context = uploader.context(pushed(uploader.shop))
    return upload(b"{}", context.sha, context, uploader.doors(github), sleep=lambda _: None)


@pytest.mark.parametrize("taken", [None, {}, {"id": 7}, {"id": "../../x"}, []])
def test_an_answer_that_names_no_upload_is_told(uploader: Job, taken: object) -> None:
    made = odd(uploader, Odd(taken))
    assert (made.id, made.status) == ("", "")
    assert "GitHub's answer names no upload" in made.problems[0].message


def test_an_upload_that_nobody_can_ask_about_keeps_its_id(uploader: Job) -> None:
    made = odd(uploader, Odd({"id": "47177e22"}, ServerError("GET sarifs", 502, "GitHub answered 502")))
    assert (made.id, made.status) == ("47177e22", "pending")
    assert "GitHub does not say what became of it" in made.problems[0].message
    assert odd(uploader, Odd({"id": "47177e22"}, [])).status == "pending"
    with pytest.raises(BadToken):
        odd(uploader, Odd({"id": "47177e22"}, BadToken("GET sarifs", 401, "expired")))
