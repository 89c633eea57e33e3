"""httpbin/failing.yml against httpbin: each test goes wrong in one way, and is told in the words that say which."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from tests.smoke_test.httpbin_served import PASSWORD, Ran, needs_httpbin, served

from smoke_test.model import State, StepResult

pytestmark = needs_httpbin

OVERRUN = 0.1
LOADED = 0.5
"""Seconds beyond a deadline that are allowed, and that a busy machine may add."""

METADATA = "169.254.169.254 is a cloud's metadata service; refused unless `allow-hosts` names it"

# By test. `N` stands for any number, SITE for where httpbin listens.
TOLD: Mapping[str, str] = {
    "wrong password": "status is 401, expected 200",
    "wrong password, digest": "status is 401, expected 200",
    "secret in the answer": 'jsonpath "$.token" is "***" (string), expected == "another"',
    "slow drip": "SITE/drip: did not finish its answer within 0.7 s (N of 40 bytes of the body came)",
    "long silence": "SITE/delay/5: accepts connections but sent no byte of an answer within 0.5 s",
    "slower than asserted": "duration is N ms (duration), expected < 100ms",
    "too large, announced": "SITE/bytes/5000: sends a body of more than 1000 bytes (it announces 5000)",
    "too large, streamed": "SITE/stream-bytes/5000: sends a body of more than 1000 bytes",
    "no gzip": "SITE/response-headers: answers with a body that is no valid gzip data",
    "not asked for": "SITE/brotli: answers with a body that comes in a Content-Encoding other than gzip and deflate",
    "two lengths": "SITE/response-headers: answers with a body that comes with two values of Content-Length",
    "redirect not followed": "status is 302, expected 200",
    "too many redirects": "SITE/relative-redirect/3: redirects more than 2 times",
    "redirect to nowhere": "SITE/redirect-to: redirects to something that is no http:// or https:// URL",
    "redirect to the metadata service": f"http://169.254.169.254/latest/meta-data/: {METADATA}",
    "metadata service": f"http://169.254.169.254/latest/: {METADATA}",
    "nobody listens": "http://127.0.0.1:N/: refuses connections: nothing listens on 127.0.0.1 port N",
    "error page": "status is 503, and the step expects nothing; write `status: 503` if that is right",
    "wrong header": (
        "header `Content-Type` is `text/html; charset=utf-8`, expected `application/json`;"
        " there is no header `X-Frame-Options` in 200 with text/html and N bytes"
    ),
    "another document": "$: 'slideshow' is a required property (schemas/slideshow.json)",
    "page instead of JSON": (
        "the body is not JSON: Expecting value, line 1 column 1; it was 200 with text/html and N bytes;"
        ' jsonpath "$.slideshow" finds nothing because the body is no JSON (Expecting value in line 1, column 1),'
        " expected exists"
    ),
    "capture that finds nothing": (
        'the capture `token` finds nothing: `jsonpath "$.token" redact`; it was 200 with application/json and N bytes'
    ),
    "cookie that is not secure": 'cookie "theme[Secure]" finds nothing, expected exists',
    "never ready": 'jsonpath "$.url" is "SITE/anything/pending" (string), expected endsWith "/ready"',
    "failed for good": (
        "the terminal condition `status == 410` holds, so no further attempt is made; status is 410, expected 200"
    ),
    "no certificate": (
        'certificate "Expire-Date" daysAfterNow finds nothing because the answer came without TLS, expected > 21'
    ),
    "no TLS": (
        "https://127.0.0.1:N/get: answers the TLS handshake in something other than TLS"
        " (plain HTTP? then write http://)"
    ),
}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        closed = f"127.0.0.1:{once.getsockname()[1]}"
    with served(tmp_path_factory.mktemp("httpbin")) as host:
        yield Ran.of("failing.yml", host, closed=closed)


def firsts(ran: Ran) -> dict[str, StepResult]:
    """The first step of each test: the one that goes wrong."""
    found: dict[str, StepResult] = {}
    for result in ran.run.steps:
        found.setdefault(result.test, result)
    return found


def test_every_test_of_the_plan_is_looked_at(failing: Ran) -> None:
    assert [test.name for test in failing.loaded.plan.tests] == list(TOLD)


@pytest.mark.parametrize("test", TOLD)
def test_each_goes_wrong_for_its_own_reason(failing: Ran, test: str) -> None:
    result = firsts(failing)[test]
    pattern = re.sub(r"\bN\b", r"[\\d,]+", re.escape(TOLD[test]).replace("SITE", r"http://127\.0\.0\.1:N"))
    assert re.fullmatch(pattern, result.message), result.message
    assert result.state is (State.ERROR if test == "metadata service" else State.FAILED)
    assert result.place.line is not None


def test_no_request_outlasts_its_time(failing: Ran) -> None:
    results = firsts(failing)
    for test, granted in (("slow drip", 0.7), ("long silence", 0.5)):
        assert granted <= results[test].seconds < granted + OVERRUN + LOADED
        assert granted <= results[test].finished - results[test].started < granted + OVERRUN + LOADED


def test_only_what_may_still_become_right_is_tried_again(failing: Ran) -> None:
    attempts = {test: result.attempts for test, result in firsts(failing).items()}
    assert {test: tried for test, tried in attempts.items() if tried != 1} == {"never ready": 3}
    assert firsts(failing)["failed for good"].finished - firsts(failing)["failed for good"].started < 1


def test_a_step_that_needs_what_was_not_captured_is_not_sent(failing: Ran) -> None:
    (second,) = (one for one in failing.run.steps if one.test == "capture that finds nothing" and one.name != "first")
    assert (second.state, second.attempts) == (State.SKIPPED, 0)
    assert second.message == "the step `first` failed before it"


def test_no_failure_shows_a_secret(failing: Ran) -> None:
    assert PASSWORD not in repr(failing.run)
