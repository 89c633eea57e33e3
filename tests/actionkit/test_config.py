"""A config file is read as YAML 1.2, and everything wrong with it is said at once, with its line and fix."""

from __future__ import annotations

import datetime
import json
from fractions import Fraction
from typing import Annotated, Literal

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from actionkit import values, yamlcore
from actionkit.config import CONFIG_LIMIT, json_schema, load_config, using
from actionkit.errors import Complaint, UsageError

CORRECT = "Correct the value, or remove the key."
Percent = Annotated[Fraction, PlainValidator(using(values.percent), json_schema_input_type=float | str)]
Anything = Annotated[str, PlainValidator(using(values.text), json_schema_input_type=str)]


def even(number: int) -> int:
    if number % 2:
        raise ValueError("an even number")
    return number


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Suite(Strict):
    reports: tuple[str, ...] = ()
    fail_under: Percent | None = None


class Waiver(Strict):
    until: datetime.date
    paths: list[str]


class Policy(Strict):
    fail_under: Percent | None = None
    suites: dict[str, Suite] = {}
    waivers: list[Waiver] = []
    mode: Literal["enforce", "report"] = "enforce"
    annotate: bool = False
    port: int | float = 0
    owner: str = ""
    retries: Annotated[int, Field(ge=0), AfterValidator(even)] = 0
    other: Suite | int = 0
    password: Annotated[str, Field(max_length=3, json_schema_extra={"writeOnly": True})] = ""
    free: Anything = ""


class Named(Strict):
    name: str


def complaints(data: str | bytes, model: type[BaseModel] = Policy) -> list[Complaint]:
    with pytest.raises(UsageError) as refused:
        load_config("policy.yml", data, model)
    assert all(complaint.path == "policy.yml" for complaint in refused.value.complaints)
    assert all(complaint.fix for complaint in refused.value.complaints)
    return list(refused.value.complaints)


def test_a_file_becomes_the_model() -> None:
    policy = load_config(
        "policy.yml",
        b"""
fail_under: 79.996
suites:
  unit: {reports: ["a.xml", b.xml], fail_under: "80%"}
waivers:
  - until: 2026-11-30
    paths: [old]
mode: report
annotate: TRUE
port: 0x1F
""",
        Policy,
    )
    assert policy.fail_under == Fraction(79996, 1000)
    assert policy.suites == {"unit": Suite(reports=("a.xml", "b.xml"), fail_under=Fraction(80))}
    assert policy.waivers == [Waiver(until=datetime.date(2026, 11, 30), paths=["old"])]
    assert (policy.mode, policy.annotate, policy.port) == ("report", True, 31)


@pytest.mark.parametrize("data", ["", b"", "# only a comment\n", "---\n", "~", "{}", b"\xef\xbb\xbf"])
def test_an_empty_file_is_the_defaults(data: str | bytes) -> None:
    assert load_config("policy.yml", data, Policy) == Policy()


def test_everything_wrong_is_said_at_once_with_its_line() -> None:
    said = complaints(
        "fail_undr: 3\n"
        "mode: repotr\n"
        "annotate: yes\n"
        "suites:\n"
        "  unit:\n"
        "    fail_under:\n"
        "      eighty\n"
        "    report: [x]\n"
        "waivers:\n"
        "  - until: soon\n"
        "  - until: 2026-01-01\n"
        "    paths: x\n"
        "port: '1'\n"
        "other: [1]\n"
        "owner: 3\n"
        "retries: 3\n"
        "retries: 4\n"
    )
    keys = (
        "`fail_under`, `suites`, `waivers`, `mode`, `annotate`, `port`, `owner`, `retries`, `other`, `password`, `free`"
    )
    assert [(one.line, one.message, one.fix) for one in said] == [
        (1, f"`fail_undr` is not a key; accepted: {keys}", "Write `fail_under`."),
        (2, "`mode` is the text `repotr`; accepted: `enforce`, `report`", "Write `report`."),
        (3, "`annotate` is the text `yes`; accepted: `true` or `false`", "Write `true`."),
        (
            7,
            "`suites.unit.fail_under` is the text `eighty`; accepted: a number from 0 to 100, such as 80 or 79.5",
            "Write `80` for eighty percent.",
        ),
        (8, "`suites.unit.report` is not a key; accepted: `reports`, `fail_under`", "Write `reports`."),
        (10, "`waivers[0]` has no `paths`", "Add `paths: …`."),
        (10, "`waivers[0].until` is the text `soon`; accepted: a date", "Write it as `2026-11-30`."),
        (12, "`waivers[1].paths` is the text `x`; accepted: a list", CORRECT),
        (13, "`port` is the text `1`; accepted: a valid integer or a valid number", CORRECT),
        (14, "`other` is a list; accepted: a mapping or a valid integer", CORRECT),
        (15, "`owner` is `3`; accepted: a text", CORRECT),
        (16, "`retries` is `3`; accepted: an even number", CORRECT),
        (17, "`retries` is given twice, first on line 16", "Keep one of them."),
    ]  # fmt: skip


def test_a_key_with_nothing_below_it_is_said_to_be_empty() -> None:
    said = complaints("suites:\nfail_under: {a: 1}\nowner: ''\nmode: ''\nfree: true\n")
    assert [one.message for one in said] == [
        "`suites` is empty; accepted: a mapping",
        "`fail_under` is a mapping; accepted: a number from 0 to 100, such as 80 or 79.5",
        "`mode` is an empty text; accepted: `enforce`, `report`",
        "`free` is `true`; accepted: a text or a number",
    ]


def test_a_missing_key_at_the_top_is_named() -> None:
    assert complaints("", Named) == [Complaint("`name` is missing", "Add `name: …`.", "policy.yml", None)]
    assert [one.message for one in complaints("nmae: x", Named)] == [
        "`name` is missing",
        "`nmae` is not a key; accepted: `name`",
    ]


def test_a_quoted_boolean_is_a_text() -> None:
    assert complaints("annotate: 'true'")[0].fix == "Write `true` without quotes."


def test_a_secrets_value_is_not_shown() -> None:
    (said,) = complaints("password: hunter2hunter2")
    assert "hunter2" not in said.message + said.fix


def test_an_unlike_key_gets_the_list() -> None:
    assert complaints("zzz: 1")[0].fix == "Remove it, or write one of those."


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "1:30", "2026-01-01", "0b1", "1_000", "0777x", "Nan"])
def test_what_only_yaml_1_1_takes_for_something_else_is_a_text(word: str) -> None:
    assert load_config("policy.yml", f"owner: {word}", Policy).owner == word


@pytest.mark.parametrize(
    ("word", "value"),
    [("010", 10), ("0o10", 8), ("-1", -1), ("+1.5e3", 1500.0), (".5", 0.5), ("1.", 1.0), (".inf", float("inf"))],
)
def test_numbers_are_those_of_the_core_schema(word: str, value: float) -> None:
    assert load_config("policy.yml", f"port: {word}", Policy).port == value


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        ("a: [1\n", 2, "this is not YAML: expected ',' or ']'"),
        ("a: b: c\n", 1, "mapping values are not allowed here"),
        ("\tx: 3", 1, "found character '\\t'"),
        ("a: *nowhere\n", 1, "found undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, "there is more than one document in it"),
        ("- 1\n", 1, "does not hold a mapping"),
        ("text\n", 1, "does not hold a mapping"),
        ("a: &a [*a]\n", 1, "is nested deeper than 50 levels"),
        ("a: " + "[" * 60 + "]" * 60, 1, "is nested deeper than 50 levels"),
        ("[" * 5000, None, "is nested too deeply"),
        ("? [a]\n: 3\n", 1, "a list or mapping is used as a key"),
        ("x: &x {owner: a}\n<<: *x\n", 2, "`<<` merges nothing in YAML 1.2"),
        (
            "owner: !!python/object/apply:os.system [x]\n",
            1,
            "the tag `tag:yaml.org,2002:python/object/apply:os.system`",
        ),
        ("owner: !secret x\n", 1, "the tag `!secret` is not read here"),
        ("owner: !!map x\n", 1, "the tag `tag:yaml.org,2002:map` is not read here"),
        ("port: !!int x\n", 1, "`x` is not a value of type int"),
        ("port: " + "9" * 5000 + "\n", 1, "is not a value of type int"),
        ('owner: "\\ud800"\n', 1, "half of a character"),
        (b"owner: \xff\n", None, "this is not YAML: invalid start byte"),
        ("owner: \x07\n", None, "special characters are not allowed"),
        ("#" * (CONFIG_LIMIT + 1), None, "is larger than"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_the_line(data: str | bytes, line: int | None, message: str) -> None:
    said = complaints(data)
    assert any(message in one.message and one.line == line for one in said), said


def test_a_bomb_of_aliases_costs_nothing() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
    )
    (said,) = complaints(bomb)
    assert "more than 20,000 values" in said.message


def test_aliases_stand_for_what_they_name() -> None:
    policy = load_config("policy.yml", "suites: {a: &a {reports: [x]}, b: *a}", Policy)
    assert policy.suites["a"] == policy.suites["b"]


def test_the_schema_is_one_editors_can_use() -> None:
    schema = json_schema(Policy)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"fail_under": 80, "suites": {"unit": {"fail_under": "80%"}}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"fail_undr": 80}, schema)


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**12), 10**12)
        | st.floats(allow_nan=False, allow_infinity=False)
        | KEYS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(data=DATA)
@settings(max_examples=60)
def test_json_is_yaml_and_reads_as_json_does(data: dict[str, object]) -> None:
    document = yamlcore.read(json.dumps(data))
    merged = "<<" in json.dumps(data)
    assert document.value == data or merged
    assert bool(document.flaws) == merged or not document.flaws


@given(
    text=st.one_of(st.text(max_size=60), st.text("ab:[]{}-&*!|>'\"#%@,? \n\t0.~<", max_size=40), st.binary(max_size=30))
)
def test_no_file_makes_reading_crash(text: str | bytes) -> None:
    try:
        load_config("policy.yml", text, Policy)
    except UsageError as refused:
        said = refused.complaints
    else:
        said = ()
    document = yamlcore.read(text)
    assert bool(said) or document.usable
    assert {flaw.message for flaw in document.flaws} <= {one.message for one in said}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{url: /search?q=1&page=2, b: c}", {"url": "/search?q=1&page=2", "b": "c"}),
        ("a: [/ready?, why? because]", {"a": ["/ready?", "why? because"]}),
        ("{? a : b, c: d}", {"a": "b", "c": "d"}),
    ],
)
def test_a_text_in_brackets_may_hold_a_question_mark(text: str, value: object) -> None:
    assert yamlcore.read(text).value == value


def test_pyyaml_still_has_the_traps_this_guards_against() -> None:
    assert yaml.safe_load("on: 1:30") == {True: 90}
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load("{url: /search?q=1}")
