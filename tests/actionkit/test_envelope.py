"""outcome.json survives the round trip, follows its schema, and a forged one is refused with the reason."""

from __future__ import annotations

import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit import envelope
from actionkit.errors import Unreadable
from actionkit.outcome import Fact, Link, Outcome, Problem, Run, Severity, Verdict

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
OUTCOMES = st.builds(
    Outcome,
    action=TEXT,
    verdict=st.sampled_from(Verdict),
    headline=TEXT,
    facts=st.lists(st.builds(Fact, TEXT, TEXT | st.integers() | st.none(), TEXT), max_size=3).map(tuple),
    problems=st.lists(
        st.builds(Problem, TEXT, TEXT, TEXT, st.integers(1, 9) | st.none(), st.sampled_from(Severity)), max_size=3
    ).map(tuple),
    links=st.lists(st.builds(Link, TEXT, TEXT), max_size=2).map(tuple),
    data=st.dictionaries(TEXT, st.recursive(TEXT | st.integers() | st.none(), st.lists, max_leaves=3), max_size=3),
    run=st.builds(Run, repository=TEXT, run_id=st.integers(0, 2**60)),
    started_at=TEXT,
    versions=st.dictionaries(TEXT, TEXT, max_size=2),
)


@given(OUTCOMES)
def test_what_is_written_is_read_back(outcome: Outcome) -> None:
    assert envelope.load(envelope.dump(outcome), "outcome.json") == outcome


@given(OUTCOMES)
def test_what_is_written_follows_the_published_schema(outcome: Outcome) -> None:
    jsonschema.Draft202012Validator(envelope.schema()).validate(json.loads(envelope.dump(outcome)))


def forged(**changes: object) -> bytes:
    document = json.loads(envelope.dump(Outcome("coverage-gate", Verdict.PASS, "fine")))
    return json.dumps({**document, **changes}).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"[]", "is not an outcome file"),
        (forged(schema=2), "is not an outcome file of schema 1"),
        (forged(data={"points": float("nan")}), "is not JSON (NaN is no number in JSON)"),
        (b'{"data": ' + b"[" * 40 + b"]" * 40 + b"}", "is nested more than 32 levels deep"),
        (forged(verdict="green"), "`verdict`"),
        (forged(pull_request=1), "`pull_request`"),
        (forged(facts=[{"name": 1}]), "facts.0"),
        (forged(run={"run_id": "seven"}), "run.run_id"),
    ],
)
def test_a_forged_file_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as error:
        envelope.load(data, "outcome.json")
    assert reason in error.value.reason


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Unreadable, match="larger than 50 MiB"):
        envelope.load(b" " * (envelope.OUTCOME_LIMIT + 1), "outcome.json")


def test_every_field_of_the_envelope_is_required_by_the_schema() -> None:
    assert set(envelope.schema()["required"]) == {"schema", *(f.name for f in dataclasses.fields(Outcome))}


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 1), ("error", 2), ("incomplete", 3)])
def test_each_verdict_has_its_exit_code(verdict: str, code: int) -> None:
    assert Verdict(verdict).exit_code == code
