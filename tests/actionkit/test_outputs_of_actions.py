"""Every action gives the same three outputs and its own."""

from __future__ import annotations

from dataclasses import replace

from tests.actionkit.sample import MEASURED, sample

from actionkit import outputs
from actionkit.outcome import Verdict


def test_the_common_outputs_come_first_and_say_verdict_headline_and_path() -> None:
    texts = outputs.texts(sample(), replace(MEASURED, data={"level": 3}), "out/outcome.json")
    assert list(texts.items()) == [
        ("verdict", "pass"),
        ("headline", "all is well"),
        ("outcome", "out/outcome.json"),
        ("level", "3"),
    ]


def test_the_verdict_is_an_enumeration_of_all_four() -> None:
    verdict = outputs.common("")["verdict"]
    assert (verdict.kind, verdict.choices) == ("enum", tuple(one.value for one in Verdict))


def test_what_was_not_measured_is_an_empty_text() -> None:
    assert outputs.texts(sample(), MEASURED, "")["level"] == ""
