"""The inputs of smoke-test: what they become, what is said of the unusable, which permissions they ask for."""

from __future__ import annotations

import pytest

from actionkit import inputs
from actionkit.action import Use
from actionkit.baseline_source import BaselineSource
from actionkit.errors import InputError, UsageError
from smoke_test import names, urls
from smoke_test.inputs import Inputs
from smoke_test.permissions import PERMISSIONS


def test_nothing_given_is_the_defaults() -> None:
    given = inputs.parse(Inputs, {})
    assert given == Inputs()
    assert (given.load, given.parallel, given.fail_fast, given.insecure) == (None, None, False, False)
    assert given.baseline == BaselineSource("branch")
    assert given.junit_file == ".actions/smoke-test/junit.xml"
    assert given.export_file == ".actions/smoke-test/smoke-test.k6.js"


def test_every_default_is_a_value_its_own_input_accepts() -> None:
    for name, (field, known) in inputs.declared(Inputs).items():
        if known.default and known.default != inputs.GITHUB_TOKEN:
            assert known.convert(known.default) == getattr(Inputs(), field), name


def test_lines_become_pairs_and_values_may_hold_anything() -> None:
    given = inputs.parse(
        Inputs,
        {
            "variables": "sha = a=b\n\nempty=",
            "secrets": "key=SMOKE_KEY",
            "tags": "critical\n!slow",
            "allow-hosts": "169.254.169.254\nfd00:ec2::254",
        },
    )
    assert given.variables == (("sha", "a=b"), ("empty", ""))
    assert given.secrets == (("key", "SMOKE_KEY"),)
    assert given.tags == ("critical", "!slow")
    assert given.allow_hosts == ("169.254.169.254", "fd00:ec2::254")


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("parallel", "0", "`0` tests at once; accepted: 1 to 64"),
        ("parallel", "many", "is not a whole number"),
        ("load", "maybe", "is not a boolean"),
        ("base-url", "shop.example.com", "`shop.example.com` is no URL"),
        ("base-url", "https://u:canary@h", "a URL with a user name"),
        ("compare-url", "https://h?canary=1", "a base URL with a query or fragment"),
        ("base-url", "https://h:99999", "a URL whose host or port cannot be read"),
        ("base-url", "https://", "names no host"),
        ("base-url", "https://a b", "holds blanks"),
        ("proxy", "canary:8080", "the value given cannot be used"),
        ("variables", "canary", "line 1 has no `=`"),
        ("variables", "a=1\na=canary", "`a` is given twice"),
        ("variables", "1=canary", "`1` is no name of a variable"),
        ("secrets", "key=canary value", "`key` has no name of an environment variable"),
        ("tags", "a, b", "`a, b` is no tag"),
        ("export", "k7", "is not one of the choices"),
        ("allow-hosts", "http://169.254.169.254/", "is no host"),
        ("allow-hosts", "metadata:80", "is no host"),
    ],
)
def test_what_cannot_be_used_is_told_without_what_may_be_secret(name: str, text: str, part: str) -> None:
    with pytest.raises(UsageError) as wrong:
        inputs.parse(Inputs, {name: text})
    (complaint,) = wrong.value.complaints
    assert complaint.message.startswith(f"input `{name}`: ")
    assert part in complaint.message
    assert complaint.fix
    assert "canary" not in complaint.message + complaint.fix


@pytest.mark.parametrize("url", ["http://proxy:3128", "http://u:pw@proxy.example.com:8080"])
def test_a_proxy_may_want_a_user_name_and_is_never_shown(url: str) -> None:
    given = inputs.parse(Inputs, {"proxy": url})
    assert given.proxy == url
    assert url not in repr(given)
    assert inputs.secrets(Inputs, {"proxy": url}) == (url,)


@pytest.mark.parametrize(
    "url", ["ftp://proxy", "https://proxy:3128", "http://", "http://[x", "http://a b:3128", "http://proxy:0"]
)
def test_no_other_url_is_a_proxy(url: str) -> None:
    with pytest.raises(InputError):
        urls.proxy(url)


@pytest.mark.parametrize(
    "url", ["https://{{host}}/v1/", "http://h:{{port}}", "{{base}}/app", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_a_base_url_may_be_made_of_variables(url: str) -> None:
    assert urls.base(url) == url.rstrip("/")


@pytest.mark.parametrize("url", ["//h/x", "x/y", "a:b", "{{a b}} c", "/a\tb"])
def test_what_neither_is_absolute_nor_starts_with_a_slash_is_no_url_of_a_step(url: str) -> None:
    with pytest.raises(InputError):
        urls.of_step(url)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("SMOKE_API_KEY", "`SMOKE_API_KEY`"),
        ("TOKEN", "`TOKEN`"),
        ("AKIAIOSFODNN7EXAMPLE", "that is named there"),
        ("hunter2", "that is named there"),
    ],
)
def test_only_what_looks_like_a_variable_of_the_environment_is_shown_as_one(name: str, shown: str) -> None:
    assert names.shown_environment(name) == shown


PUSH, PULL = frozenset({"push"}), frozenset({"pull_request"})


@pytest.mark.parametrize(
    ("given", "events", "needed"),
    [
        ({"checks": "GET /"}, PUSH, {}),
        ({"checks": "GET /"}, PULL, {"pull-requests": "write"}),
        ({"plan": "p.yml"}, PUSH, {"contents": "read"}),
        ({"plan": "p.yml"}, frozenset({"deployment_status"}), {"contents": "read"}),
        ({"plan": "p.yml", "baseline": "none"}, PUSH, {"contents": "read"}),
        ({"plan": "p.yml", "baseline": "${{ inputs.b }}"}, PUSH, {"contents": "read"}),
        ({"openapi": "api.yml"}, PUSH, {"contents": "read"}),
        ({"plan": "p.yml", "baseline": "artifact:x"}, PUSH, {"contents": "read", "actions": "read"}),
        ({"plan": "p.yml", "comment": "never"}, PULL, {"contents": "read"}),
        ({"from-outcome": "o.json", "plan": "p.yml"}, frozenset({"workflow_run"}), {"pull-requests": "write"}),
        ({"checks": "GET /", "comment": "always"}, PUSH, {"pull-requests": "write"}),
    ],
)
def test_a_use_asks_for_no_more_permissions_than_it_needs(
    given: dict[str, str], events: frozenset[str], needed: dict[str, str]
) -> None:
    use = Use(given, events)
    assert {one.scope: level for one in PERMISSIONS if (level := one.needed_by(use))} == needed
