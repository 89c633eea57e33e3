"""What a line of `targets` names, and what is said of one that names nothing."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import InputError
from health_wait.model import Kind
from health_wait.targets import Question, encrypted, is_address, place, question, shown, ssl_mode

SECRET = "s3cr3t-Canary"


@pytest.mark.parametrize(
    ("line", "kind", "name", "host", "port"),
    [
        ("https://shop.example.com/health?deep=1#top", Kind.HTTP, "https://shop.example.com/health", "", 443),
        ("http://shop.example.com", Kind.HTTP, "http://shop.example.com", "", 80),
        ("https://shop.example.com/go?to=a,https://b", Kind.HTTP, "https://shop.example.com/go", "", 443),
        ("HTTPS://shop.example.com:8443/a/@b", Kind.HTTP, "https://shop.example.com:8443/a/@b", "", 8443),
        ("http://[::1]:8080/x", Kind.HTTP, "http://[::1]:8080/x", "::1", 8080),
        ("http://bücher.example/", Kind.HTTP, "http://bücher.example/", "xn--bcher-kva.example", 80),
        ("tcp://straße.example:1", Kind.TCP, "tcp://straße.example:1", "xn--strae-oqa.example", 1),
        ("tcp://db:5432", Kind.TCP, "tcp://db:5432", "db", 5432),
        ("tcp://127.0.0.1:1", Kind.TCP, "tcp://127.0.0.1:1", "127.0.0.1", 1),
        ("dns://shop.example.com", Kind.DNS, "dns://shop.example.com", "", 53),
        ("dns://ns1.example.com/_x.example.com?type=txt", Kind.DNS, "", "_x.example.com", 53),
        ("postgres://db", Kind.POSTGRES, "postgres://db", "db", 5432),
        (f"postgresql://user:{SECRET}@db:6000/shop?sslmode=require", Kind.POSTGRES, "", "db", 6000),
        (f"redis://:{SECRET}@cache/0", Kind.REDIS, "redis://cache/0", "cache", 6379),
        (f"rediss://user:{SECRET}@cache:6380", Kind.REDIS, "rediss://cache:6380", "cache", 6380),
    ],
)
def test_a_line_names_a_place(line: str, kind: Kind, name: str, host: str, port: int) -> None:
    found = place(line)
    assert (found.kind, found.port) == (kind, port)
    assert found.host == (host or "shop.example.com")
    assert found.name == name or not name
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("line", "wrong", "fix"),
    [
        ("shop.example.com", "has no scheme", "Write `https://shop.example.com`."),
        ("db:5432", "has no scheme", "Write `tcp://db:5432`."),
        ("http:/shop.example:8080", "has no scheme", "Write `http://shop.example:8080`."),
        ("redis//cache", "has no scheme", "Write `redis://cache`."),
        ("htps://shop.example.com", "has the unknown scheme `htps`", "Write `https://…`."),
        ("mysql://db:3306/shop", "has the unknown scheme `mysql`", "Write `tcp://host:3306`, which asks no more"),
        ("gopher://old", "has the unknown scheme `gopher`", "Write `tcp://host:port`, which asks no more"),
        ("tcp://db", "has no port", "Write `tcp://db:5432`."),
        ("tcp://db:", "has no port", "Write `tcp://db:5432`."),
        ("tcp://db:0", "has no port from 1 to 65535", "Write a port such as `:8080`"),
        ("tcp://db:65536", "has no port from 1 to 65535", "Write a port such as `:8080`"),
        ("tcp://db:http", "has no port from 1 to 65535", "Write a port such as `:8080`"),
        ("tcp://db:1/x", "has more than a host and a port", "Write `tcp://db:1`."),
        ("https://", "names no host", "Write the host after `://`, or set the secret"),
        ("https://:8080/", "names no host", "Write the host after `://`, or set the secret"),
        ("https://a b/", "holds a blank", "Write `%20` for a blank."),
        ("http://a/ready,http://b/ready", "holds more than one URL", "Write each target on a line of its own."),
        ("http://a/ready | tcp://b:1", "holds more than one URL", "Write each target on a line of its own."),
        (f"http://u:{SECRET}@a/?x HTTP://b", "holds more than one URL", "Write each target on a line of its own."),
        (f"# http://u:{SECRET}@a/ready", "is behind a `#`", "Leave the line out: an input is no YAML"),
        ("- http://a/ready", "begins with a dash or a quote", "an input is no YAML list"),
        ('"http://a/ready"', "begins with a dash or a quote", "Leave the `- ` and the quotes out"),
        ("https://shop.example/ # the shop", "holds a blank", "Leave the comment out."),
        ("https://a\x07b/", "holds a blank", "Write `%20` for a blank."),
        ("https://[::1/", "is no URL", "Check the brackets around an IPv6 address."),
        ("https://-shop.example.com", "has the host `-shop.example.com`, which no name can be", "Check the host."),
        ("https://a..b/", "has the host `a..b`, which no name can be", "Check the host."),
        (f"https://{'a' * 64}.example", "which no name can be", "Check the host."),
        (f"https://{'ü' * 64}.example", "which no name can be", "Check the host."),
        ("dns:///a:b", "names no host", "Write `http://[::1]:8080/`."),
        ("dns://10.0.0.1", "asks for an address, not for a name", "Write `dns://10.0.0.1/shop.example.com`."),
        ("dns://", "names no host", "Write the host after `://`, or set the secret"),
        ("dns://a.example?type=TEXT", "asks for an unknown record type", "Write `type=TXT`."),
        ("dns://a.example?typ=TXT", "asks for more than a name", "Write `dns://a.example?type=TXT&expect=…`."),
        (
            f"dns://a.example?type=TXT&expect={SECRET}#{SECRET}",
            "holds a `#`",
            "Write `%23` where it is meant as itself",
        ),
        ("tcp://db:1#primary", "holds a `#`", "or leave it out with what follows."),
        (f"redis://:1234#{SECRET}@cache", "holds a `#`", "Write `%23` where it is meant as itself"),
        ("dns://a.example:53", "asks for more than a name", "Write `dns://a.example?type=TXT&expect=…`."),
        ("postgres://db?sslmode=requires", "has an unknown `sslmode`", "Write `sslmode=require`."),
        ("redis://user@cache", "names a user without a password", "Write `redis://:password@host`"),
        ("redis://:abc@cache", "has a password of fewer than 6 characters", "Use a longer one."),
        ("postgres://u:abc@db", "has a password of fewer than 6 characters", "or none: the ping needs no password."),
        ("https://u:abc@shop.example", "has a password of fewer than 6 characters", "Use a longer one."),
        ("https://abc@shop.example", "has a password of fewer than 6 characters", "Use a longer one."),
        ("postgres://u:%00@db", "holds a zero byte", "Leave `%00` out."),
        (f"postgres://u:12/{SECRET}@db", "has an `@` after the host", "Percent-encode"),
        (f"postgres://u:{SECRET}/x@db", "has no port from 1 to 65535", "percent-encode `/`"),
        (f"postgres://u:{SECRET}#x@db", "has no port from 1 to 65535", "percent-encode `/`"),
        (f"postgres://u:{SECRET} x@db", "holds a blank", "Write `%20` for a blank."),
        (f"u:{SECRET}@db", "has no scheme", "Write `https://***@db`."),
    ],
)
def test_a_line_that_names_nothing_is_told_with_its_fix_and_without_its_password(
    line: str, wrong: str, fix: str
) -> None:
    with pytest.raises(InputError) as told:
        place(line)
    assert wrong in told.value.wrong
    assert fix in told.value.fix
    assert told.value.accepted
    assert SECRET not in f"{told.value} {told.value.fix}"


def test_the_user_and_password_of_a_web_address_become_a_header_and_secrets() -> None:
    found = place(f"https://smoke:{SECRET}%21@shop.example.com/x?token={SECRET}-2&page=1234567")
    assert found.url == f"https://shop.example.com/x?token={SECRET}-2&page=1234567"
    assert found.headers == (("Authorization", "Basic " + base64.b64encode(f"smoke:{SECRET}!".encode()).decode()),)
    assert set(found.secrets) == {f"{SECRET}%21", f"{SECRET}!", f"{SECRET}-2"}


def test_a_token_that_stands_as_the_user_is_a_secret_too() -> None:
    assert place(f"https://{SECRET}@shop.example.com/").secrets == (SECRET,)


def test_a_long_value_in_a_query_is_taken_for_a_key_whatever_its_name() -> None:
    assert place("https://shop.example/?x=0123456789abcdef").secrets == ("0123456789abcdef",)
    assert place("https://shop.example/?0123456789abcdef&readiness").secrets == ("0123456789abcdef",)
    assert place("https://shop.example/?x=0123456789&page=readiness").secrets == ()


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("dns://a.example", Question("a.example")),
        ("dns://a.example?type=mx", Question("a.example", "MX")),
        ("dns://10.0.0.1:5353/a.example?type=TXT&expect=v%3D1", Question("a.example", "TXT", "v=1", "10.0.0.1", 5353)),
        ("dns:///a.example", Question("a.example")),
    ],
)
def test_a_dns_target_asks_a_question(line: str, asked: Question) -> None:
    assert question(line) == asked


def test_only_where_tls_is_spoken_a_certificate_can_go_unverified() -> None:
    spoken = ("HTTPS://x", "rediss://x", "postgres://x?sslmode=require", "postgresql://x?sslmode=verify-full")
    assert all(map(encrypted, spoken))
    plain = ("http://x", "tcp://x:1", "dns://x", "redis://x", "postgres://x", "postgres://x?sslmode=disable")
    assert not any(map(encrypted, plain))


def test_the_ssl_mode_is_libpq_s() -> None:
    assert (ssl_mode("postgres://db"), ssl_mode("postgres://db?sslmode=verify-full")) == ("prefer", "verify-full")


def test_addresses_are_told_from_names() -> None:
    assert [is_address(host) for host in ("::1", "10.0.0.1", "db", "fe80::1%eth0")] == [True, True, False, True]


@given(st.text(max_size=60) | st.from_regex(r"\A(https?|tcp|dns|postgres|redis)://[ -~]{0,40}\Z"))
@settings(max_examples=200)
def test_any_line_is_a_place_or_a_complaint(line: str) -> None:
    with suppress(InputError):
        found = place(line)
        assert found.host
        assert 1 <= found.port <= 65535


@given(st.from_regex(r"\A[a-z]{0,8}[:/]{0,3}[a-z0-9:/?#@ ]{0,12}:s3cr3t-Canary[a-z0-9:/?# ]{0,12}@[a-z0-9:/@]{1,8}\Z"))
def test_what_stands_before_an_at_sign_is_never_shown(line: str) -> None:
    assert SECRET not in shown(line)
