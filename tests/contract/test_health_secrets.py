"""Secrets of a wait are sent to its targets and told nowhere, whatever a server makes of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.contract.in_process import Folder, Ran
from tests.contract.waiting import wait, written
from tests.health_wait.raw_server import answering, serving

from health_wait.action import ACTION
from sandbox.consumer import Consumer, comment_of
from sandbox.service import Service

CANARIES = {
    "header": "canary-of-a-header-4711",
    "cookie": "sid=canary-of-a-cookie-4711",
    "password": "canary-of-a-password-4711",
    "key": "canary-of-a-query-4711",
    "proxy": "canary-of-a-proxy-4711",
    "database": "canary-of-a-database-4711",
}


def spellings(secret: str) -> Iterator[str]:
    """As it stands, percent-encoded, in JSON, and in base64 wherever it may begin in it."""
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    raw = secret.encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        yield encoded[4 if shift else 0 : -4]


def check_told_nowhere(secrets: dict[str, str], texts: dict[str, str]) -> None:
    for place, text in texts.items():
        for name, secret in secrets.items():
            for spelling in spellings(secret):
                assert spelling not in text, f"{name} in {place}"


@pytest.mark.parametrize("through_a_proxy", [False, True])
def test_no_secret_of_a_job_is_told(shop: Consumer, through_a_proxy: bool) -> None:
    pull, event = shop.open_pull("more", {"more.md": "# More\n"})
    with Service(1) as service:
        place = f"127.0.0.1:{service.port}"
        proxy: dict[str, Any] = {"proxy": f"http://smoke:{CANARIES['proxy']}@127.0.0.1:1"} if through_a_proxy else {}
        shown = wait(
            shop,
            event,
            targets=(
                f"http://smoke:{CANARIES['password']}@{place}/health?token={CANARIES['key']}\n"
                f"http://{place}/private?api_key={CANARIES['key']}\n"
                f"postgres://shop:{CANARIES['database']}@{place}/shop\n"
                f"redis://:{CANARIES['database']}@{place}"
            ),
            headers=f"X-Api-Key: {CANARIES['header']}\nCookie: {CANARIES['cookie']}",
            expect_body=f"nothing like {CANARIES['header']}",
            deadline="1s",
            timeout="500ms",
            **proxy,
        )
        sent = [seen for seen in service.requests if seen.path == "/health"]
    assert (shown.exit_code, shown.outputs["verdict"]) == (1, "fail"), shown.log
    if not through_a_proxy:
        assert any(seen.header("X-Api-Key") == CANARIES["header"] for seen in sent)
        assert any(CANARIES["key"] in seen.target for seen in sent)
        basic = base64.b64encode(f"smoke:{CANARIES['password']}".encode()).decode()
        assert any(seen.header("Authorization") == f"Basic {basic}" for seen in sent)
    # The runner shows its inputs before the action runs; of those it masks what is registered as a secret.
    after = shown.log.split("##[endgroup]", 1)[1]
    texts = {"log": after, "summary": shown.summary, "comment": comment_of(pull), **shown.outputs}
    texts |= {f"annotation {number}": note.message for number, note in enumerate(shown.annotations)}
    texts |= {f"file {number}": text for number, text in enumerate(written(shop.checkout.path / ".actions"))}
    check_told_nowhere(CANARIES, texts)
    assert f"http://{place}/health" in shown.outputs["failed-targets"].splitlines()


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=3, max_size=150).map("cAnArY{}".__add__)
PLACES = ("version", "location", "title", "reason", "type", "body")


def answer(secret: str, where: str, before: int) -> bytes:
    """An HTTP answer of a server that gives away what it was sent, behind so many other characters."""
    status = {"location": 302, "reason": 500}.get(where, 200)
    said = {place: "x" * before + secret if place == where else "x" for place in PLACES}
    html = f"<html><title>{said['title']}</title>{said['body']}</html>"
    body = html if where in ("title", "body") else json.dumps({"version": said["version"], "status": said["body"]})
    kind = "text/html" if where in ("title", "body") else f"application/json; charset={said['type']}"
    head = f"HTTP/1.1 {status} {said['reason']}\r\nLocation: /{said['location']}?q={said['location']}\r\n"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def told(ran: Ran) -> dict[str, str]:
    printed = re.sub(r"^::add-mask::.*$", "", ran.printed, flags=re.MULTILINE)
    return {"log": printed, "summary": ran.summary, "outcome": json.dumps(ran.outcome), **ran.outputs}


@given(
    secret=SECRETS,
    where=st.sampled_from(PLACES),
    before=st.integers(0, 120),
    expect=st.sampled_from(("version", "body", "assert")),
)
@example("cAnArY{}" + "0a" * 60, "title", 30, "body")  # messages are cut short, and no half of a secret is left
@example("cAnArY{}" + "0a" * 60, "version", 60, "version")
@example("cAnArY{}?`<" + "0a" * 60, "location", 60, "body")
@example("cAnArY{}" + "0a" * 60, "body", 100, "assert")
@settings(max_examples=25)
def test_a_server_that_gives_a_secret_away_does_not_make_us_tell_it(
    tmp_path_factory: pytest.TempPathFactory, secret: str, where: str, before: int, expect: str
) -> None:
    folder = Folder.within(tmp_path_factory.mktemp("echo"), ACTION)
    expected = {
        "version": {"expect_version": "1.5.0"},
        "body": {"expect_body": re.escape("never found " * 5 + secret)},
        "assert": {"expect": 'jsonpath "$.status" == "up"\nbody contains "never"'},
    }[expect]
    with serving(answering(answer(secret, where, before))) as port:
        ran = folder.run(
            env={"GITHUB_ACTIONS": "true"},
            targets=f"http://127.0.0.1:{port}/?key={quote(secret, safe='')}",
            headers=f"X-Api-Key: {secret}",
            expect_status="200",
            failure_threshold="1",
            period="50ms",
            deadline="10s",
            timeout="5s",
            **expected,
        )
    assert ran.verdict == "fail"
    check_told_nowhere({"the secret": secret, "a part of it": "cAnArY"}, told(ran))
