"""The input `baseline`: what it becomes, and what is said of a text that is none."""

from __future__ import annotations

import pytest

from actionkit.baseline_source import BaselineSource, baseline
from actionkit.errors import InputError


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("branch", BaselineSource("branch")),
        ("none", BaselineSource("none")),
        ("artifact: coverage-outcome", BaselineSource("artifact", "coverage-outcome")),
        ("./before/outcome.json", BaselineSource("file", "before/outcome.json")),
        ("before.json", BaselineSource("file", "before.json")),
    ],
)
def test_a_baseline_is_the_branch_an_artifact_a_file_or_none(text: str, source: BaselineSource) -> None:
    assert baseline(text) == source


@pytest.mark.parametrize(
    ("text", "wrong", "fix"),
    [
        (
            "main",
            "`main` is no baseline",
            "For a file in the workspace write `./main`; for an artifact `artifact:main`.",
        ),
        ("artifact:", "`artifact:` names no artifact", "Write `artifact:outcome`."),
        ("../x.json", "`../x.json` is not inside the workspace", "Write a path relative to the workspace"),
    ],
)
def test_what_is_no_baseline_is_told_with_its_fix(text: str, wrong: str, fix: str) -> None:
    with pytest.raises(InputError) as error:
        baseline(text)
    assert error.value.wrong == wrong
    assert error.value.fix.startswith(fix)
