"""Damaged answers: every assert that can fail does on one of them, and one that cannot holds on all."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from tests.actionkit.asserts.answers import CERTIFICATE, ITEM, NOW, an_answer

from actionkit.asserts import Subject, parse_assert
from actionkit.asserts.mutants import MOST_LEAVES, json_mutants, mutants
from actionkit.web.model import Answer

VARIABLES = {"host": "shop.example.com", "teapot": 418, "three": 3}


def never_fails(text: str, answer: Answer | None = None) -> bool:
    real = answer or an_answer()
    claim = parse_assert(text)
    assert claim.check(Subject(real, NOW), VARIABLES).ok
    return all(claim.check(Subject(mutant.answer, NOW), VARIABLES).ok for mutant in mutants(real, [claim], VARIABLES))


@pytest.mark.parametrize(
    "text",
    [
        "status == 200",
        "status < 300",
        "status != 500",
        'version == "1.1"',
        'url endsWith "/item?q=1"',
        'url not contains "login"',
        'ip == "192.0.2.7"',
        'ip startsWith "192.0.2.7"',
        'header "Content-Type" contains "json"',
        'header "Vary" count == 2',
        'header "X-Powered-By" not exists',
        'header "Cache-Control" not contains "no-cache"',
        r'header "Date" not matches /2029\\/',
        'cookie "session[Secure]" exists',
        'cookie "session[Domain]" not exists',
        'cookie "tracker" not exists',
        'cookie "theme" == "light"',
        'body contains "Dune"',
        'body not contains "Traceback"',
        "body not isEmpty",
        "bytes count > 100",
        "bytes startsWith hex,7b;",
        'jsonpath "$.state" == "ready"',
        'jsonpath "$.state" != "failed"',
        'jsonpath "$.error" not exists',
        'jsonpath "$.tags" count >= 1',
        'jsonpath "$.owner.mail" isString',
        'jsonpath "$.sold" == false',
        'jsonpath "$.note" == null',
        'jsonpath "$.parts[*].id" contains "a"',
        'jsonpath "$.backup" age < 25h',
        'regex /"(Dune)"/ exists',
        "duration < 900",
        "duration > 100ms",
        "redirects count == 1",
        "redirects count < 2",
        'certificate "Expire-Date" daysAfterNow > 21',
        'certificate "Start-Date" daysBeforeNow >= 1',
        'certificate "Issuer" == "CN=Example CA"',
        'certificate "Subject-Alt-Name" contains "www.shop.example.com"',
        'certificate "Serial-Number" exists',
        "status != 503",
        "status <= 500",
        "status != {{teapot}}",
        'version != "1.0"',
        'url startsWith "https://"',
        'url != "https://{{host}}/login"',
        'ip != "10.0.0.1"',
        "ip isIpv4",
        'header "X-{{host}}" not exists',
        'cookie "{{host}}" not exists',
        'body != "down"',
        'body not startsWith "<"',
        'body not contains "{{host}}"',
        'body split "," count < 90',
        "bytes count < 100000",
        "bytes not contains hex,00;",
        "bytes not startsWith hex,cafe;",
        "redirects count <= 1",
        "redirects count < 5",
        "redirects count != 3",
        "redirects count != {{three}}",
    ],
)
def test_an_assert_that_can_fail_fails_on_a_mutant(text: str) -> None:
    assert not never_fails(text)


@pytest.mark.parametrize(
    "text",
    [
        "status > 0",
        "status >= 200",
        "status < 600",
        "status exists",
        "body exists",
        "duration >= 0",
        "duration < 10000000",
        "bytes isCollection",
        "redirects isList",
        "redirects count >= 0",
        "redirects count < 1000",
    ],
)
def test_an_assert_that_cannot_fail_holds_on_all(text: str) -> None:
    assert never_fails(text)


@pytest.mark.parametrize(
    "text",
    [
        'variable "x" not exists',
        'header "{{x}}" not contains "{{y}}"',
        "status != {{x}}",
        "version exists",
        "ip exists",
        "url exists",
    ],
)
def test_asserts_with_nothing_to_aim_at_are_no_trouble(text: str) -> None:
    claim = parse_assert(text)
    assert all(mutant.name for mutant in mutants(an_answer(), [claim]))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r'header "Date" not matches /a\.b/', "header Date set"),
        ('cookie "c[Secure]" not exists', "cookie c set"),
        ("body not matches /Traceback/", "body with the text that is mentioned"),
        ('url not contains "login"', "url with the text that is mentioned"),
    ],
)
def test_what_must_not_be_there_is_put_there(text: str, name: str) -> None:
    claim = parse_assert(text)
    aimed = next(mutant for mutant in mutants(an_answer(), [claim]) if mutant.name == name)
    assert claim.check(Subject(an_answer(), NOW)).ok
    assert not claim.check(Subject(aimed.answer, NOW)).ok


def test_every_mutant_is_another_answer_with_a_name_of_its_own() -> None:
    answer = an_answer()
    made = [*mutants(answer), *json_mutants(answer)]
    assert all(mutant.answer != answer for mutant in made)
    names = [mutant.name for mutant in made]
    repeated = {name for name in names if names.count(name) > 1}
    assert repeated <= {f"header {name} {how}" for name in ("Vary", "Set-Cookie") for how in ("dropped", "changed")}
    assert {
        "$.owner.name removed",
        "$.tags emptied",
        "$.id changed",
        "$.price of another type",
        "$.sold changed",
    } <= set(names)


def test_json_mutants_differ_in_one_place() -> None:
    by_name = {mutant.name: mutant.answer.body for mutant in json_mutants(an_answer())}
    assert json.loads(by_name["$.owner.name removed"]) == ITEM | {"owner": {"mail": "ann@example.com"}}
    assert json.loads(by_name["$.tags[0] removed"]) == ITEM | {"tags": ["book"]}
    assert json.loads(by_name["$.tags[1] changed"]) == ITEM | {"tags": ["new", "mutated"]}
    assert json.loads(by_name["$.id of another type"]) == ITEM | {"id": "7"}
    assert json.loads(by_name["$.note of another type"]) == ITEM | {"note": "mutated"}


def test_an_answer_without_tls_redirects_headers_and_body_has_mutants_too() -> None:
    bare = Answer(204, "", "HTTP/1.1", (), b"", "http://x/", "127.0.0.1", 0.1, an_answer().timings)
    names = {mutant.name for mutant in mutants(bare)}
    assert "redirected once more" in names
    assert not names & {"redirects dropped", "TLS dropped", "body emptied"}


def test_a_large_body_has_a_bounded_number_of_mutants() -> None:
    many = an_answer({f"k{number}": number for number in range(1000)})
    assert sum(1 for _ in json_mutants(many)) == MOST_LEAVES * 3
    huge = an_answer(["x" * 1000] * 20_000)
    assert sum(1 for _ in islice(json_mutants(huge), 100)) == 3


def test_a_body_nested_deeply_has_no_json_mutants_and_does_not_crash() -> None:
    for depth in (100, 900, 100_000):
        nested = an_answer("[" * depth + "]" * depth)
        assert list(mutants(nested))
        assert all(mutant.is_json for mutant in json_mutants(nested))


def test_the_certificate_of_a_mutant_is_nearer_to_its_end() -> None:
    made = {mutant.name: mutant.answer.tls for mutant in mutants(an_answer())}
    expired = made["certificate expired"]
    assert expired is not None
    assert expired.certificate.expires < CERTIFICATE.starts
