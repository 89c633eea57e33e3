"""The rules every GitHub request obeys: what is repeated, what is waited for, what is refused, what is never shown.

The answers are scripted: time and chance are doors, so nothing here sleeps.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import ActionkitError, PermissionNeeded, UsageError
from actionkit.github import (
    BadToken,
    Clock,
    Conflict,
    Forbidden,
    GitHub,
    GitHubError,
    Invalid,
    MaybeDone,
    NotFound,
    RateLimited,
    ServerError,
)
from actionkit.http import ConnectionLost, HttpError, Response, Timeout, TooLarge, Unreachable, Untrusted

TOKEN = "ghs_thisIsTheSecretToken000"
NOW = 1_800_000_000.0


@dataclass
class Sent:
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    follow: int
    max_bytes: int


@dataclass
class Scripted:
    """A transport that gives the next answer of its script, the last one for ever."""

    answers: list[Response | HttpError]
    sent: list[Sent] = field(default_factory=list)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 30.0,
        max_bytes: int = 0,
        follow: int = 0,
        called: str = "",
    ) -> Response:
        data = None if body is None else json.loads(body)
        self.sent.append(Sent(method, url, dict(headers or {}), data, follow, max_bytes))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, HttpError):
            raise answer
        return answer


@dataclass
class Time:
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: NOW + sum(self.slept), sleep=self.slept.append, chance=lambda: 0.5)


def answer(data: Any = None, status: int = 200, **headers: str) -> Response:
    body = b"" if data is None else json.dumps(data).encode()
    return Response(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, "https://api.github.com/x")


def says(status: int, message: str, **headers: str) -> Response:
    return answer({"message": message, "documentation_url": "https://docs.github.com"}, status, **headers)


def client(*answers: Response | HttpError, **options: Any) -> tuple[GitHub, Scripted, Time]:
    transport, time = Scripted(list(answers)), Time()
    return GitHub(TOKEN, transport, clock=time.clock(), **options), transport, time


WRITES: list[Callable[[GitHub], Any]] = [
    lambda github: github.post("/x", {"a": 1}),
    lambda github: github.patch("/x", {"a": 1}),
    lambda github: github.put("/x", {"a": 1}),
    lambda github: github.delete("/x"),
]
LOST = ConnectionLost("https://api.github.com/x", "the connection broke")


# Sending


def test_making_a_client_sends_and_imports_nothing() -> None:
    code = (
        "import sys; from actionkit.github import GitHub; from actionkit.http import Http; "
        "from actionkit.github import comments, history, artifacts, pulls; GitHub('t', Http()); "
        "sys.exit('github' in sys.modules or 'requests' in sys.modules)"
    )
    path = ":".join(entry for entry in sys.path if entry)
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=False).returncode == 0
    github, transport, _ = client(answer({}))
    assert transport.sent == []
    assert github.requests_made == 0


def test_a_request_carries_token_version_agent_and_sorted_parameters() -> None:
    github, transport, _ = client(answer({"ok": True}), user_agent="coverage-gate/1.2")
    assert github.get("/repos/o/r/pulls", {"state": "all", "page": 2, "draft": False}) == {"ok": True}
    [sent] = transport.sent
    assert (sent.method, sent.url) == ("GET", "https://api.github.com/repos/o/r/pulls?draft=false&page=2&state=all")
    assert sent.headers["Authorization"] == f"token {TOKEN}"
    assert sent.headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert sent.headers["User-Agent"] == "coverage-gate/1.2"
    assert github.requests_made == 1


def test_an_empty_token_reads_without_authorization() -> None:
    transport = Scripted([answer([])])
    GitHub("", transport).get("/x")
    assert "Authorization" not in transport.sent[0].headers


def test_an_enterprise_server_is_reached_under_its_own_path() -> None:
    github, transport, _ = client(
        answer({"id": 1}), answer({"data": {"viewer": {"login": "x"}}}), api_url="https://ghes.corp:8443/api/v3/"
    )
    github.post("/repos/o/r/issues", {"title": "t"})
    assert github.query("query { viewer { login } }") == {"viewer": {"login": "x"}}
    assert [sent.url for sent in transport.sent] == [
        "https://ghes.corp:8443/api/v3/repos/o/r/issues",
        "https://ghes.corp:8443/api/graphql",
    ]
    assert transport.sent[0].body == {"title": "t"}


@pytest.mark.parametrize("token", ["ghs_a b", "ghs_a\nb", "ghs_ä", "a\x00b"])
def test_a_token_that_is_no_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(UsageError, match="github-token holds") as caught:
        GitHub(token, Scripted([]))
    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["", "api.github.com", "ftp://x", "https://user:pw@ghes/api/v3"])
def test_an_api_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_API_URL is not the URL of an API"):
        GitHub("t", Scripted([]), api_url=url)


def test_an_answer_without_a_body_is_none() -> None:
    github, _, _ = client(answer(None, 204))
    assert github.put("/x", {}) is None
    assert github.delete("/x") is None


# Reading again


@pytest.mark.parametrize("failure", [says(502, "Bad gateway"), LOST, Timeout("x", 30, sent=True)])
def test_a_read_is_repeated_with_growing_pauses(failure: Response | HttpError) -> None:
    github, transport, time = client(failure, failure, failure, answer({"ok": 1}))
    assert github.get("/x") == {"ok": 1}
    assert len(transport.sent) == github.requests_made == 4
    assert time.slept == [0.75, 1.5, 3.0]


def test_a_read_is_given_up_after_five_attempts() -> None:
    github, transport, _ = client(says(503, "Unavailable"))
    with pytest.raises(ServerError, match="GitHub answered 503, 5 times"):
        github.get("/x")
    assert len(transport.sent) == 5
    github, transport, _ = client(LOST)
    with pytest.raises(ConnectionLost):
        github.get("/x")
    assert len(transport.sent) == 5


@pytest.mark.parametrize("error", [Untrusted("x", "bad certificate"), TooLarge("x", 10)])
def test_what_repeating_does_not_mend_is_not_repeated(error: HttpError) -> None:
    github, transport, _ = client(error)
    with pytest.raises(type(error)):
        github.get("/x")
    assert len(transport.sent) == 1


def test_a_503_that_names_a_time_is_obeyed_and_one_beyond_our_patience_ends_it() -> None:
    github, _, time = client(says(503, "wait", retry_after="7"), answer({}))
    github.get("/x")
    assert time.slept == [7.0]
    github, _, time = client(says(503, "wait", retry_after="9999"))
    with pytest.raises(ServerError):
        github.get("/x")
    assert time.slept == []


# Writing once


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("failure", [says(500, "oops"), says(502, "Bad gateway"), LOST, Timeout("x", 30, sent=True)])
def test_a_write_whose_answer_is_lost_is_never_sent_twice(
    write: Callable[[GitHub], Any], failure: Response | HttpError
) -> None:
    github, transport, time = client(failure)
    with pytest.raises(MaybeDone, match="the change may or may not have been made"):
        write(github)
    assert len(transport.sent) == 1
    assert time.slept == []


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "nothing_done",
    [
        Unreachable("x", "connection refused"),
        Timeout("x", 30, sent=False),
        says(403, "You have exceeded a secondary rate limit", retry_after="2"),
        says(429, "Too many requests", retry_after="2"),
    ],
)
def test_a_write_of_which_nothing_was_done_is_sent_again(
    write: Callable[[GitHub], Any], nothing_done: Response | HttpError
) -> None:
    github, transport, _ = client(nothing_done, answer(None, 204))
    write(github)
    assert len(transport.sent) == 2
    assert transport.sent[0] == transport.sent[1]


# Limits


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry_after": "30"}, 30),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after": "0"}, 1),
        ({"retry_after": "-5"}, 1),
        ({"retry_after": formatdate(NOW + 20, usegmt=True), "date": formatdate(NOW, usegmt=True)}, 20),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 90)}, 91),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) - 90)}, 1),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "soon"}, 60),
        ({}, 60),
        ({"retry_after": "tomorrow"}, 60),
    ],
)
def test_a_limit_is_waited_for_as_github_says(status: int, headers: dict[str, str], waited: float) -> None:
    github, _, time = client(says(status, "API rate limit exceeded for installation", **headers), answer({}))
    github.get("/x")
    assert time.slept == [pytest.approx(waited + 0.5)]


def test_the_answers_own_date_counts_when_our_clock_is_wrong() -> None:
    an_hour_ahead = {"date": formatdate(NOW - 3600, usegmt=True), "x_ratelimit_reset": str(int(NOW) - 3600 + 10)}
    github, _, time = client(says(403, "API rate limit exceeded", x_ratelimit_remaining="0", **an_hour_ahead), answer())
    github.get("/x")
    assert time.slept == [11.5]


def test_a_limit_without_a_time_doubles() -> None:
    limit = says(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
    github, _, time = client(limit, limit, answer({}), patience_seconds=500)
    github.get("/x")
    assert time.slept == [60.5, 120.5]


def test_a_limit_beyond_our_patience_says_when_it_ends_and_does_not_wait() -> None:
    reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 1800)}
    github, _, time = client(says(403, "API rate limit exceeded for installation ID 1.", **reset))
    with pytest.raises(RateLimited) as caught:
        github.post("/repos/o/r/issues", {})
    assert time.slept == []
    assert caught.value.resets_at == NOW + 1801
    assert caught.value.kind == "primary"
    assert str(caught.value) == (
        "POST /repos/o/r/issues: GitHub's primary rate limit is used up until 2027-01-15 08:30:01 UTC (in 30 min), "
        "longer than this run may wait"
    )


def test_a_garbled_reset_is_no_crash() -> None:
    github, _, _ = client(says(429, "slow down", retry_after="9" * 30))
    with pytest.raises(RateLimited, match="rate limit is used up until"):
        github.get("/x")


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_waiting_never_exceeds_the_patience_of_the_client(waits: list[float]) -> None:
    refusals = [says(429, "slow down", retry_after=str(wait)) for wait in waits]
    github, _, time = client(*refusals, answer({}), patience_seconds=240)
    try:
        github.get("/x")
    except RateLimited:
        assert sum(time.slept) <= 240
    else:
        assert len(time.slept) == len(waits)


@given(st.dictionaries(st.sampled_from(["retry-after", "date", "x-ratelimit-reset"]), st.text(max_size=20)))
def test_no_header_makes_a_limit_a_crash(headers: dict[str, str]) -> None:
    time = Time()
    transport = Scripted([Response(429, headers, b"", "x"), answer({})])
    try:
        GitHub("t", transport, clock=time.clock()).get("/x")
    except RateLimited:
        assert time.slept == []
    else:
        assert len(time.slept) == 1
        assert time.slept[0] >= 1


# Refusals


def test_a_missing_permission_is_named_with_the_yaml_to_paste() -> None:
    message = "Resource not accessible by integration"
    github, transport, _ = client(
        says(403, message, x_accepted_github_permissions="issues=write; pull_requests=write", x_ratelimit_remaining="0")
    )
    with pytest.raises(PermissionNeeded) as caught:
        github.post("/repos/o/r/issues/1/comments", {"body": "x"})
    assert caught.value.permission == "issues: write or pull-requests: write"
    assert "permissions:\n  pull-requests: write\n" in caught.value.fix
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/repos/o/r/issues/1/comments", "pull-requests: read"),
        ("/repos/o/r/issues/comments/7", "pull-requests: read"),
        ("/repos/o/r/issues", "issues: read"),
        ("/repos/o/r/pulls/1/files", "pull-requests: read"),
        ("/repos/o/r/actions/runs/1", "actions: read"),
        ("/repos/o/r/code-scanning/sarifs", "security-events: read"),
        ("/repos/o/r/git/ref/heads/x", "contents: read"),
    ],
)
def test_without_githubs_header_the_path_says_which_permission(path: str, permission: str) -> None:
    github, _, _ = client(says(403, "Resource not accessible by personal access token"))
    with pytest.raises(PermissionNeeded) as caught:
        github.get(path)
    assert caught.value.permission == permission


def test_permissions_that_belong_together_are_granted_together() -> None:
    github, _, _ = client(
        says(403, "Resource not accessible by integration", x_accepted_github_permissions="contents=read,actions=write")
    )
    with pytest.raises(PermissionNeeded) as caught:
        github.get("/x")
    assert "permissions:\n  contents: read\n  actions: write" in caught.value.fix


def test_a_permission_github_token_cannot_have_is_said_to_be_one() -> None:
    github, _, _ = client(
        says(403, "Resource not accessible by integration", x_accepted_github_permissions="administration=write")
    )
    with pytest.raises(PermissionNeeded, match="the token lacks `administration: write`") as caught:
        github.get("/x")
    assert caught.value.fix.startswith("GITHUB_TOKEN cannot have it")


@pytest.mark.parametrize(
    ("status", "kind", "shown"),
    [
        (401, BadToken, "GitHub does not accept the token"),
        (403, Forbidden, "GitHub answered 403: no"),
        (404, NotFound, "not found, or the token may not see it"),
        (409, Conflict, "GitHub answered 409: no"),
        (422, Invalid, "GitHub answered 422: no"),
        (410, GitHubError, "GitHub answered 410: no"),
        (418, GitHubError, "GitHub answered 418: no"),
    ],
)
def test_every_refusal_has_its_error_and_is_not_repeated(status: int, kind: type[GitHubError], shown: str) -> None:
    github, transport, _ = client(says(status, "no"))
    with pytest.raises(kind, match=shown) as caught:
        github.get("/repos/o/r", {"q": "hidden"})
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert str(caught.value).startswith("GET /repos/o/r: ")
    assert len(transport.sent) == 1


def test_absence_is_none_where_it_is_asked_for() -> None:
    github, _, _ = client(says(404, "Not Found"))
    assert github.get_or_none("/x") is None
    assert github.raw("/x") is None
    github, _, _ = client(answer({"a": 1}))
    assert github.get_or_none("/x") == {"a": 1}


def test_validation_errors_are_all_told_on_one_short_line() -> None:
    errors = [{"resource": "Label", "field": "name", "code": "invalid"}, {"message": "too\nlong"}, "plain"]
    github, _, _ = client(answer({"message": "Validation Failed", "errors": errors}, 422))
    with pytest.raises(Invalid) as caught:
        github.post("/x", {})
    assert caught.value.message == "GitHub answered 422: Validation Failed; name invalid; too long; plain"
    github, _, _ = client(answer({"message": "No", "errors": "because"}, 422))
    with pytest.raises(Invalid, match="No; because"):
        github.post("/x", {})
    github, _, _ = client(says(422, "x" * 5000))
    with pytest.raises(Invalid) as caught:
        github.post("/x", {})
    assert len(caught.value.message) < 350


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"[" * 100_000, b'"text"'])
def test_a_refusal_without_a_reason_is_still_an_error_of_ours(body: bytes) -> None:
    github, _, _ = client(Response(422, {}, body, "x"))
    with pytest.raises(Invalid, match="no reason given"):
        github.get("/x")


def test_a_graphql_answer_with_errors_is_an_error() -> None:
    for data in ({"data": None}, {"data": {"a": 1}, "errors": [{"message": "no"}]}, []):
        github, _, _ = client(answer(data))
        with pytest.raises(GitHubError, match="could not answer the query"):
            github.query("query { a }")


def test_a_graphql_query_is_repeated_like_a_read() -> None:
    github, transport, _ = client(says(502, "x"), answer({"data": {}}))
    assert github.query("query($a: Int) { a }", {"a": 1}) == {}
    assert transport.sent[1].body == {"query": "query($a: Int) { a }", "variables": {"a": 1}}


# Pages


def link(url: str) -> dict[str, str]:
    return {"link": f'<{url}>; rel="next", <https://api.github.com/x?page=9>; rel="last"'}


def test_all_pages_are_walked_lazily_a_hundred_at_a_time() -> None:
    github, transport, _ = client(
        answer({"artifacts": [{"id": 1}, {"id": 2}]}, **link("https://api.github.com/repositories/1/x?after=b%3D&per_page=100")),
        answer({"artifacts": [{"id": 3}]}),
    )  # fmt: skip
    pages = github.pages("/repos/o/r/x", {"name": "n"}, key="artifacts")
    assert next(pages) == {"id": 1}
    assert github.requests_made == 1
    assert [item["id"] for item in pages] == [2, 3]
    assert [sent.url for sent in transport.sent] == [
        "https://api.github.com/repos/o/r/x?name=n&per_page=100",
        "https://api.github.com/repositories/1/x?after=b%3D&per_page=100",
    ]


def test_a_next_page_elsewhere_never_gets_the_token() -> None:
    for elsewhere in ("https://evil.example/x", "http://api.github.com/x", "https://api.github.com:444/x"):
        github, transport, _ = client(answer([{"id": 1}], **link(elsewhere)))
        with pytest.raises(GitHubError, match="another host"):
            list(github.pages("/x"))
        assert len(transport.sent) == 1


def test_pages_that_do_not_end_are_noticed() -> None:
    github, transport, _ = client(answer([{"id": 1}], **link("https://api.github.com/x?page=2")))
    with pytest.raises(GitHubError, match="does not end"):
        list(github.pages("/x"))
    assert len(transport.sent) == 2


def test_endless_new_pages_end_too() -> None:
    class Endless:
        count = 0

        def request(self, method: str, url: str, **_: Any) -> Response:
            self.count += 1
            return answer([{"id": self.count}], **link(f"https://api.github.com/x?page={self.count + 1}"))

    endless = Endless()
    with pytest.raises(GitHubError, match="does not end"):
        list(GitHub("t", endless).pages("/x"))
    assert endless.count == 1001


@pytest.mark.parametrize("page", [{"message": "?"}, "text", [1, 2], None, {"artifacts": None}])
def test_a_page_that_is_no_list_of_objects_is_an_error(page: Any) -> None:
    github, _, _ = client(Response(200, {}, json.dumps(page).encode(), "x"))
    for key in (None, "artifacts"):
        with pytest.raises(GitHubError, match="not a list"):
            list(github.pages("/x", key=key))


# Redirects, raw bytes, conditional reads


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_for_reads_and_writes(status: int) -> None:
    moved = answer({}, status, location="https://api.github.com/repositories/7/issues?x=1")
    github, transport, _ = client(moved, answer({"id": 3}, 201))
    assert github.post("/repos/old/name/issues", {"title": "t"}) == {"id": 3}
    assert transport.sent[1].url == "https://api.github.com/repositories/7/issues?x=1"
    assert transport.sent[1].body == {"title": "t"}
    assert transport.sent[1].method == "POST"


def test_a_redirect_elsewhere_and_one_without_end_are_refused() -> None:
    github, transport, _ = client(answer({}, 302, location="https://evil.example/"))
    with pytest.raises(GitHubError, match="another host"):
        github.get("/x")
    assert len(transport.sent) == 1
    github, transport, _ = client(answer({}, 301, location="/x"))
    with pytest.raises(GitHubError, match="more than 3 redirects"):
        github.get("/x")
    assert len(transport.sent) == 4


def test_raw_bytes_come_under_a_cap() -> None:
    github, transport, _ = client(Response(200, {}, b"\x00\xff", "x"))
    assert github.raw("/zip", accept="application/zip", max_bytes=99) == b"\x00\xff"
    [sent] = transport.sent
    assert (sent.headers["Accept"], sent.max_bytes, sent.follow) == ("application/zip", 99, 0)


@pytest.mark.parametrize("where", ["https://storage.example/zip?sig=1", "https://api.github.com/_storage/zip?sig=1"])
def test_storage_is_asked_without_the_token_wherever_it_is(where: str) -> None:
    github, transport, _ = client(answer({}, 302, location=where), Response(200, {}, b"zip", "x"))
    assert github.raw("/zip", max_bytes=99) == b"zip"
    storage = transport.sent[1]
    assert (storage.url, storage.max_bytes) == (where, 99)
    assert TOKEN not in str(storage)
    assert github.requests_made == 1


def test_a_signed_link_that_failed_is_asked_for_anew() -> None:
    link = answer({}, 302, location="https://storage.example/zip")
    github, transport, _ = client(link, says(503, "busy"), link, Response(200, {}, b"zip", "x"))
    assert github.raw("/zip") == b"zip"
    assert [sent.url.rpartition("/")[0] for sent in transport.sent] == [
        "https://api.github.com",
        "https://storage.example",
    ] * 2


def test_storage_over_plain_http_is_refused() -> None:
    github, transport, _ = client(answer({}, 302, location="http://storage.example/zip?sig=secret"))
    with pytest.raises(GitHubError, match="not offered over https") as caught:
        github.raw("/zip")
    assert "secret" not in str(caught.value)
    assert len(transport.sent) == 1


def test_raw_bytes_of_a_renamed_repository_are_followed_with_the_token() -> None:
    moved = answer({}, 301, location="https://api.github.com/repositories/7/contents/a")
    github, transport, _ = client(moved, Response(200, {}, b"a", "x"))
    assert github.raw("/repos/old/name/contents/a") == b"a"
    assert TOKEN in transport.sent[1].headers["Authorization"]


def test_a_read_asked_twice_is_conditional_and_a_304_gives_what_was_known() -> None:
    github, transport, _ = client(
        answer({"sha": 1}, etag='W/"1"'), answer(None, 304), answer({"sha": 2}, etag='W/"2"'), answer({"other": 1})
    )
    assert github.get("/x", {"a": 1}) == {"sha": 1}
    assert github.get("/x", {"a": 1}) == {"sha": 1}
    assert github.get("/x", {"a": 1}) == {"sha": 2}
    assert github.get("/x", {"a": 2}) == {"other": 1}
    assert [sent.headers.get("If-None-Match") for sent in transport.sent] == [None, 'W/"1"', 'W/"1"', None]


def test_only_so_many_answers_are_remembered_and_no_large_ones() -> None:
    github, transport, _ = client(answer({"a": 1}, etag='"e"'))
    for number in [*range(65), 0, 64]:
        github.get(f"/{number}")
    assert "If-None-Match" not in transport.sent[65].headers
    assert "If-None-Match" in transport.sent[66].headers
    github, transport, _ = client(answer({"a": "x" * 300_000}, etag='"e"'))
    github.get("/large")
    github.get("/large")
    assert "If-None-Match" not in transport.sent[1].headers


# Secrets


@pytest.mark.parametrize(
    "bad",
    [
        LOST,
        says(401, "Bad credentials"),
        says(403, "Resource not accessible by integration"),
        says(403, "API rate limit exceeded", retry_after="99999"),
        says(404, "Not Found"),
        says(422, "Validation Failed"),
        says(500, "x"),
        Response(200, {}, b"not json", "https://api.github.com/x"),
        answer({}, 302, location="https://evil.example/"),
    ],
)
def test_the_token_is_in_no_error_no_repr_and_no_log(
    bad: Response | HttpError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("github").setLevel(logging.DEBUG)
    github, _, _ = client(bad)
    with pytest.raises(ActionkitError) as caught:
        github.post("/x", {})
    chain: BaseException | None = caught.value
    while chain is not None:
        assert TOKEN not in f"{chain} {chain!r} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    assert TOKEN not in repr(github)
    assert TOKEN not in caplog.text


def test_a_github_that_answers_nothing_uses_up_the_patience_once() -> None:
    time = Time()

    @dataclass
    class Hanging:
        requests: int = 0

        def request(self, method: str, url: str, **_: Any) -> Response:
            self.requests += 1
            time.slept.append(30)
            raise Timeout(url, 30, sent=True)

    transport = Hanging()
    github = GitHub(TOKEN, transport, clock=time.clock(), patience_seconds=100)
    with pytest.raises(Timeout):
        github.get("/x")
    assert transport.requests == 4
    with pytest.raises(Timeout):
        github.get("/y")
    assert transport.requests == 5
    assert sum(time.slept) < 100 + 2 * 30 + 10
