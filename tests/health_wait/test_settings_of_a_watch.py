"""What inputs and the config file become together, and every combination that cannot hold."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit import inputs
from actionkit.action import Use
from actionkit.errors import Complaint, UsageError
from actionkit.redact import Redactor
from actionkit.workspace import Workspace
from health_wait import policies
from health_wait.combine import Settings
from health_wait.inputs import Inputs
from health_wait.model import Policy
from health_wait.permissions import PERMISSIONS

WEB = "https://shop.example.com/health"
CANARY = "c4nary-7f3b9d"
KEYS = ("url", "name", "timeout", "expect", "headers", "expect_status", "census", "X-Key")


def load(folder: Path, written: str = "", **given: str) -> Settings:
    path = folder / ".github/health-wait.yml"
    if written:
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, "utf-8")
    texts = {name.replace("_", "-"): text for name, text in given.items()}
    return policies.load(inputs.parse(Inputs, texts), Workspace(folder))


def refused(folder: Path, written: str = "", **given: str) -> tuple[Complaint, ...]:
    with pytest.raises(UsageError) as error:
        load(folder, written, **given)
    return error.value.complaints


def test_one_url_is_enough(tmp_path: Path) -> None:
    found = load(tmp_path, targets=WEB)
    (target,) = found.targets
    assert (target.name, target.method, target.period, target.timeout, target.success_threshold) == (
        WEB,
        "GET",
        2.0,
        5.0,
        2,
    )
    assert target.expectation is not None
    assert target.expectation.status.text == "200-399"
    assert (302 in target.expectation.status, 401 in target.expectation.status) == (True, False)
    assert target.expectation.version_from is None
    assert found.policy == Policy(300.0, 0.0, 0, None)
    assert found.secrets == ()


def test_what_is_said_nearest_to_the_target_wins(tmp_path: Path) -> None:
    config = f"""
period: 3s
timeout: 4s
success_threshold: 3
insecure: true
targets:
  - tcp://db:5432
  - url: {WEB}
    name: shop
    timeout: 1s
    expect_version: 110
"""
    found = load(tmp_path, config, targets="redis://cache", period="500ms")
    cache, database, shop = found.targets
    assert [target.name for target in found.targets] == ["redis://cache", "tcp://db:5432", "shop"]
    assert (cache.period, cache.timeout, cache.success_threshold, cache.insecure) == (0.5, 4.0, 3, True)
    assert (database.period, database.timeout) == (0.5, 4.0)
    assert (shop.period, shop.timeout) == (0.5, 1.0)
    assert shop.expectation is not None
    assert shop.expectation.version == "110"
    assert shop.expectation.version_from is not None
    assert shop.expectation.version_from.text == 'jsonpath "$.version"'
    assert database.expectation is None


def test_everything_can_be_said_in_the_file(tmp_path: Path) -> None:
    config = """
deadline: 10m
bake_time: 1m
failure_limit: 2
consecutive_failure_limit: 1
proxy: http://proxy.example:3128
ca_bundle: ca.pem
allow_hosts: [169.254.1.1]
headers: {Accept: application/json, X-Env: production}
expect: jsonpath "$.status" == "up"
targets:
  - url: http://169.254.1.1/health
    method: HEAD
    expect: ['header "X-Up" exists']
    headers: {x-env: staging-2}
    expect_status: 2xx
    initial_delay: 1s
    failure_threshold: 9
"""
    found = load(tmp_path, config)
    (target,) = found.targets
    assert found.policy == Policy(600.0, 60.0, 2, 1)
    assert (found.proxy, found.ca_bundle, found.allow_hosts) == (
        "http://proxy.example:3128",
        "ca.pem",
        ("169.254.1.1",),
    )
    assert target.headers == (("Accept", "application/json"), ("x-env", "staging-2"))
    assert (target.method, target.initial_delay, target.failure_threshold) == ("HEAD", 1.0, 9)
    assert target.expectation is not None
    assert [one.text for one in target.expectation.asserts] == ['header "X-Up" exists']
    assert found.secrets == ("staging-2",)


@pytest.mark.parametrize(
    ("given", "proofs"),
    [
        ({}, 10),
        ({"deadline": "3s", "period": "1s", "timeout": "1s"}, 4),
        ({"deadline": "1500ms", "period": "200ms", "timeout": "1s", "success_threshold": "3"}, 3),
        ({"deadline": "10s", "period": "1s", "timeout": "1s", "success_threshold": "7"}, 10),
    ],
)
def test_a_version_needs_ten_proofs_or_as_many_as_a_short_deadline_has_room_for(
    tmp_path: Path, given: dict[str, str], proofs: int
) -> None:
    (target,) = load(tmp_path, targets=WEB, expect_version="1.5.0", **given).targets
    assert target.proofs == proofs


def test_a_limit_for_failures_in_a_row_takes_the_place_of_the_one_for_all(tmp_path: Path) -> None:
    found = load(tmp_path, targets=WEB, bake_time="1m", consecutive_failure_limit="3")
    assert found.policy == Policy(300.0, 60.0, None, 3)


def test_targets_that_differ_in_what_is_not_shown_are_numbered(tmp_path: Path) -> None:
    found = load(tmp_path, targets=f"{WEB}?check=db\n{WEB}?check=cache")
    assert [target.name for target in found.targets] == [WEB, f"{WEB} #2"]


def test_secrets_are_hidden_as_soon_as_they_are_known_and_shown_by_nothing(tmp_path: Path) -> None:
    hidden: list[str] = []
    texts = {
        "targets": f"https://smoke:{CANARY}-1@shop.example.com/\npostgres://app:{CANARY}-2@db/shop",
        "headers": f"Authorization: Bearer {CANARY}-3\nAccept: text/plain",
    }
    found = policies.load(inputs.parse(Inputs, texts), Workspace(tmp_path), hidden.append)
    assert set(hidden) == {f"{CANARY}-1", f"{CANARY}-2", f"{CANARY}-3", f"Bearer {CANARY}-3"}
    assert CANARY not in repr(found)
    web, database = found.targets
    assert dict(web.headers)["Authorization"] == f"Bearer {CANARY}-3"
    assert (web.url, database.headers) == ("https://shop.example.com/", ())


def test_a_basic_login_in_the_url_is_hidden_as_it_is_sent_too(tmp_path: Path) -> None:
    found = load(tmp_path, targets=f"https://smoke:{CANARY}@shop.example.com/")
    assert any(secret.startswith("Basic ") for secret in found.secrets)


def test_the_password_of_a_basic_header_and_the_key_in_a_cookie_are_hidden_by_themselves_too(tmp_path: Path) -> None:
    login = b64encode(f"smoke:{CANARY}".encode()).decode()
    found = load(
        tmp_path, targets=WEB, headers=f"Authorization: basic {login}\nCookie: theme=darkest; session=abc{CANARY}"
    )
    assert {CANARY, f"abc{CANARY}", login} <= set(found.secrets)
    assert "darkest" not in found.secrets
    for opaque in (
        "Basic notbase64!",
        f"Basic {b64encode(b'a:b').decode()}AAAA",
        f"Basic {b64encode(b'admin:no').decode()}",
    ):
        whole, behind = load(tmp_path, targets=WEB, headers=f"Authorization: {opaque}").secrets
        assert (whole, behind) == (opaque, opaque.removeprefix("Basic "))


@pytest.mark.parametrize(
    ("given", "message", "fix"),
    [
        (
            {"targets": WEB, "headers": "Authorization: Bearer "},
            "input `headers`: the header `Authorization` names a scheme, and no credential behind it",
            "Check the secret: an empty one means that it is not set",
        ),
        (
            {"targets": WEB, "headers": "Authorization: Bearer abc12"},
            "input `headers`: the value of the header `Authorization` has fewer than 6 characters",
            "Use a value of 6 characters or more",
        ),
        ({}, "no target to wait for", "Give the input `targets` a line"),
        (
            {"targets": WEB, "deadline": "4s"},
            "input `deadline`: 4s is shorter than one probe: 5s of timeout",
            "Write `5s` or more, or a shorter `timeout`.",
        ),
        (
            {"targets": WEB, "deadline": "1m", "initial-delay": "1m"},
            "input `deadline`: 1m is shorter than one probe: 1m of initial delay and 5s of timeout",
            "Write `65s` or more",
        ),
        (
            {"targets": WEB, "deadline": "20s", "success-threshold": "11"},
            "input `deadline`: 20s is too short for 11 good probes in a row, 2s apart",
            "Write `25s` or more, or a shorter `period`.",
        ),
        (
            {"targets": WEB, "bake-time": "20s", "failure-limit": "11"},
            "input `failure-limit`: 11 failed probes are never exceeded: 20s of bake time hold at most 11",
            "Write `10` or less, or a longer `bake-time`.",
        ),
        (
            {"targets": WEB, "bake-time": "1500ms", "consecutive-failure-limit": "5"},
            "input `consecutive-failure-limit`: 5 failed probes are never exceeded: 1500ms of bake time hold at most 5",
            "Write `4` or less",
        ),
        ({"targets": WEB, "failure-limit": "1"}, "there is no `bake-time`", "Add `bake-time: 5m`"),
        ({"targets": f"{WEB}\n{WEB}#x"}, f"{WEB} is named twice", "Remove one of the two."),
        (
            {"targets": "tcp://db:1\ndns://db", "expect-version": "1.2"},
            "input `expect-version`: no target answers in HTTP, so nothing is ever compared with it",
            "Add an `https://` target",
        ),
        ({"targets": "redis://db", "headers": "X-Key: abcdefg"}, "input `headers`: no target answers", "remove this"),
        (
            {"targets": WEB, "version-from": 'header "X-Version"'},
            "input `version-from`: this is where an answer states its version, but no version is expected",
            "Add `expect-version: ${{ github.sha }}`; if it is there, its expression is empty.",
        ),
        (
            {"targets": WEB, "headers": "X-Key: abc"},
            "the value of the header `X-Key` has fewer than 6 characters: it cannot be kept out of the log",
            "Use a value of 6 characters or more",
        ),
        (
            {"targets": WEB, "method": "HEAD", "expect-body": "up"},
            "input `expect-body`: the answer to `HEAD` has no body to find this in",
            "Write `method: GET`",
        ),
        (
            {"targets": WEB, "method": "HEAD", "expect": 'jsonpath "$.a" exists'},
            "input `expect`: the answer to `HEAD` has no body",
            "or ask for a header.",
        ),
        (
            {"targets": WEB, "method": "HEAD", "expect-version": "1"},
            "input `expect-version`: the answer to `HEAD` has no body",
            "or ask for a header.",
        ),
        (
            {"targets": "http://169.254.169.254/latest"},
            "input `targets`: http://169.254.169.254/latest may not be probed: 169.254.169.254 is a cloud's metadata",
            "add `169.254.169.254` to `allow-hosts`",
        ),
        ({"targets": "tcp://[fe80::1]:80"}, "is a link-local address", "add `fe80::1` to `allow-hosts`"),
        ({"targets": "dns://169.254.169.253/a.example"}, "is a link-local address", "add `169.254.169.253`"),
        ({"targets": "http://metadata.google.internal/"}, "is a cloud's metadata service", "`allow-hosts`"),
        (
            {"targets": WEB, "census": "true", "proxy": "http://proxy.example:3128"},
            "input `proxy`: with a proxy it is the proxy that chooses the replica",
            "Remove one of the two.",
        ),
        (
            {"targets": "tcp://db"},
            "input `targets`: `tcp://db` has no port; accepted: `tcp://host:port`",
            "tcp://db:5432",
        ),
    ],
)
def test_what_can_never_hold_is_told_before_the_watch(
    tmp_path: Path, given: dict[str, str], message: str, fix: str
) -> None:
    (complaint,) = refused(tmp_path, **given)
    assert message in complaint.message
    assert fix in complaint.fix


@pytest.mark.parametrize(
    "given",
    [
        {"targets": "https://10.0.0.1/", "census": "true"},
        {"targets": f"{WEB}\ndns://shop.example.com", "census": "true"},
        {
            "targets": f"{WEB}\ntcp://db:1",
            "expect-version": "1",
            "version-from": 'header "X-Version"',
            "method": "HEAD",
        },
        {"targets": WEB, "bake-time": "20s", "failure-limit": "10"},
        {"targets": WEB, "bake-time": "0", "failure-limit": "3"},
        {"targets": WEB, "deadline": "5s", "period": "1s", "headers": "Accept: x"},
        {"targets": f"{WEB}?a\n{WEB}?b"},
        {"targets": "http://169.254.169.254/", "allow-hosts": "169.254.169.254"},
        {"targets": "tcp://db:1", "census": "true", "proxy": "http://user:password@proxy.example:3128"},
    ],
)
def test_what_may_look_wrong_and_is_not(tmp_path: Path, given: dict[str, str]) -> None:
    assert load(tmp_path, **given).targets


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"period": "0"}, "input `period`: `0` is no time; accepted: a duration of at least 10ms"),
        ({"timeout": "0s"}, "input `timeout`: `0s` is no time"),
        ({"deadline": "8d"}, "input `deadline`: `8d` is longer than a job may live; accepted: at most 7d"),
        ({"success-threshold": "0"}, "input `success-threshold`: 0 is no threshold"),
        ({"expect-status": "20"}, "input `expect-status`: `20` names no HTTP statuses"),
        ({"expect-body": "(?=x)"}, "input `expect-body`: `(?=x)` is no regular expression; accepted: a regular"),
        ({"expect-body": "a("}, "input `expect-body`: `a(` is no regular expression"),
        ({"expect": "status == 200\n\nstatus is 200"}, "input `expect`: line 3, `status is 200`: column 8"),
        ({"expect": "status == {{code}}"}, "uses the variable `code`"),
        ({"version-from": "jsonpath $.version"}, "input `version-from`: `jsonpath $.version`: column 10"),
        ({"headers": f"X-Key {CANARY}"}, "input `headers`: the value given cannot be used; accepted: lines of"),
        ({"headers": "X-Key:"}, "accepted: a value of printable characters"),
        ({"headers": f"Content-Length: {CANARY}"}, "accepted: headers that do not frame a message"),
        ({"headers": f"X Key: {CANARY}"}, "accepted: letters, digits and `-`"),
        ({"proxy": f"https://u:{CANARY}@proxy:1"}, "input `proxy`: the value given cannot be used"),
        ({"proxy": "http://proxy:x"}, "accepted: `http://host:port`"),
        ({"allow-hosts": f"https://u:{CANARY}@a.example/"}, "input `allow-hosts`: line 1, `…` is no host"),
        ({"method": "POST"}, "input `method`: `POST` is not one of the choices; accepted: GET, HEAD, OPTIONS"),
    ],
)
def test_an_input_that_cannot_be_used_is_told_without_its_secret(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        inputs.parse(Inputs, {"targets": WEB, **given})
    (complaint,) = error.value.complaints
    assert message in complaint.message
    assert complaint.fix
    assert CANARY not in f"{complaint}"


def test_of_several_headers_that_cannot_be_sent_each_is_named_and_nothing_that_is_taken_for_a_secret() -> None:
    headers = f"X-Api-Key {CANARY}\nTransfer-Encoding: chunked\nX-Api-Key:\nmy key: {CANARY}"
    with pytest.raises(UsageError) as error:
        inputs.parse(Inputs, {"headers": headers})
    (complaint,) = error.value.complaints
    assert complaint.fix == (
        "Write a colon behind the name of each header. Header `Transfer-Encoding`: Leave it out. Header `X-Api-Key`: "
        "Check the secret: an empty one means that it is not set for this repository or event. Write letters, digits "
        "and `-` for the name of a header."
    )
    assert Redactor([headers]).message(complaint.fix) == complaint.fix


def test_several_lines_that_do_not_parse_are_told_at_once() -> None:
    with pytest.raises(UsageError) as error:
        inputs.parse(Inputs, {"expect": "status is 1\nstatus == 200\nstats == 1"})
    (complaint,) = error.value.complaints
    assert "line 1, `status is 1`" in complaint.message
    assert "line 3, `stats == 1`" in complaint.message
    assert "Write `status`." in complaint.fix


def test_every_mistake_in_the_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    config = f"""deadline: 1x
perod: 2s
targets:
  - 7
  - {{url: {WEB}, expect: [status is 200], timeout: 0s}}
  - {{url: {WEB}/b, headers: {{Content-Length: {CANARY}}}}}
  - {{name: shop}}
proxy: http://u:{CANARY}@proxy:1
expect: []
"""
    complaints = refused(tmp_path, config, targets=WEB)
    assert [(one.path, one.line) for one in complaints] == [
        (".github/health-wait.yml", n) for n in (1, 2, 4, 5, 5, 6, 7, 8, 9)
    ]
    said = [one.message for one in complaints]
    assert "`deadline` is the text `1x`; accepted: such as 500ms" in said[0]
    assert "`perod` is not a key" in said[1]
    assert complaints[1].fix == "Write `period`."
    assert "`targets[0]` is `7`; accepted: a mapping" in said[2]
    assert "at column 8" in said[3] + said[4]
    assert "`targets[3]` has no `url`" in said[6]
    (unnamed,) = refused(tmp_path, f"targets: [{{url: {WEB}, name: ' '}}]")
    assert "`targets[0].name` is an empty text" in unnamed.message
    assert CANARY not in repr(complaints)


def test_what_can_never_hold_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    config = f"""failure_limit: 2
targets:
  - tpc://db:1
  - url: dns://db
    census: true
    expect_body: up
  - {{url: {WEB}, timeout: 10s, headers: {{X-Key: abc}}}}
"""
    complaints = refused(tmp_path, config, deadline="5s")
    assert [(one.line, one.message.split(":")[0]) for one in complaints] == [
        (None, "input `deadline`"),
        (1, "`failure_limit`"),
        (3, "`targets[0]`"),
        (5, "`targets[1].census`"),
        (6, "`targets[1].expect_body`"),
        (7, "`targets[2].headers`"),
    ]
    assert f"one probe of {WEB}: 10s of timeout" in complaints[0].message


@pytest.mark.parametrize("version", ["1.10", "12e4567"])
def test_a_version_that_yaml_takes_for_a_number_with_a_point_must_be_quoted(tmp_path: Path, version: str) -> None:
    config = "targets: [{{url: https://shop.example.com, expect_version: {}}}]"
    with pytest.raises(UsageError) as error:
        load(tmp_path, config.format(version))
    assert "Put it in quotes" in error.value.complaints[0].fix
    (target,) = load(tmp_path, config.format(f"'{version}'")).targets
    assert target.expectation is not None
    assert target.expectation.version == version


def test_an_assert_that_yaml_takes_for_a_key_and_its_value_must_be_quoted(tmp_path: Path) -> None:
    config = f'targets:\n- url: {WEB}\n  expect:\n  - header "Vary": x\n'
    (complaint,) = refused(tmp_path, config)
    assert (complaint.line, complaint.fix.partition(": put ")[2]) == (4, "the whole line in single quotes.")


def test_the_same_url_with_other_headers_is_another_target(tmp_path: Path) -> None:
    config = (
        f"targets: [{{url: '{WEB}', headers: {{Host: a.example}}}}, {{url: '{WEB}', headers: {{Host: b.example}}}}]"
    )
    assert [target.name for target in load(tmp_path, config).targets] == [WEB, f"{WEB} #2"]


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    (complaint,) = refused(tmp_path, targets=WEB, config="waiting.yml")
    assert (complaint.path, "config" in complaint.message) == ("waiting.yml", True)


def test_a_ca_bundle_must_hold_certificates(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "no.pem").write_text("no certificate", "utf-8")
    workspace = Workspace(tmp_path)
    way = policies.way(load(tmp_path, targets=WEB, ca_bundle="ca.pem", allow_hosts="[fe80::1]\nDB"), workspace)
    assert (way.ca_bundle, way.allow_hosts) == (str(workspace.root / "ca.pem"), ("fe80::1", "db"))
    assert policies.way(load(tmp_path, targets=WEB), workspace).ca_bundle == ""
    for bundle in ("no.pem", "missing.pem"):
        with pytest.raises(UsageError, match="input `ca-bundle`"):
            policies.way(load(tmp_path, targets=WEB, ca_bundle=bundle), workspace)


@pytest.mark.parametrize(
    ("given", "events", "needed"),
    [
        ({}, {"pull_request"}, "write"),
        ({}, {"push"}, ""),
        ({"comment": "never"}, {"pull_request"}, ""),
        ({"comment": "always"}, {"push"}, "write"),
    ],
)
def test_only_comments_need_a_permission(given: dict[str, str], events: set[str], needed: str) -> None:
    (permission,) = PERMISSIONS
    assert (permission.scope, permission.needed_by(Use(given, frozenset(events)))) == ("pull-requests", needed)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.sampled_from((WEB, "0s", "5m", "tcp://a:1")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
        max_leaves=8,
    )
)
@settings(max_examples=30)
def test_any_file_gives_settings_or_complaints_with_a_line(tree: object) -> None:
    with TemporaryDirectory() as folder, suppress(UsageError):
        assert load(Path(folder), yaml.safe_dump({"targets": [WEB], "expect": tree, "headers": tree}), period="1s")
    with TemporaryDirectory() as folder, suppress(UsageError):
        assert load(Path(folder), yaml.safe_dump({"targets": [tree]}), targets=WEB).targets
