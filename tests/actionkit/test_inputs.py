"""Inputs are read from `INPUT_*` as the runner sets them, or from flags, and all mistakes are told at once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from actionkit import inputs, values
from actionkit.errors import UsageError
from actionkit.inputs import GateInputs, an_input


@dataclass(frozen=True, kw_only=True)
class Sample(GateInputs):
    fail_under: Fraction | None = an_input(values.percent, doc="Lowest line coverage that passes.")
    reports: tuple[str, ...] = an_input(values.globs, missing=(), doc="Globs.")
    dry_run: bool = an_input(values.boolean, default="false", missing=False, doc="Say, do not do.")
    password: str = an_input(values.relative_path, missing="", secret=True, doc="A secret.")


def parsed(argv: list[str] | None = None, **environ: str) -> Sample:
    texts, complaints = inputs.given(Sample, "sample", argv or [], environ)
    return inputs.parse(Sample, texts, complaints)


def test_hyphens_stay_in_the_variable_names_the_runner_sets() -> None:
    assert parsed(**{"INPUT_FAIL-UNDER": " 79.996 "}).fail_under == Fraction("79.996")


def test_an_empty_input_is_a_missing_input() -> None:
    assert parsed(**{"INPUT_FAIL-UNDER": "", "INPUT_REPORTS": " \n "}) == Sample()


def test_a_flag_wins_over_the_variable_and_may_be_repeated() -> None:
    sample = parsed(["--reports", "a.xml", "--reports", "b.xml"], INPUT_REPORTS="c.xml")
    assert sample.reports == ("a.xml", "b.xml")


def test_a_boolean_flag_needs_no_value() -> None:
    assert parsed(["--dry-run"]).dry_run is True
    assert parsed(["--dry-run", "false"]).dry_run is False


def test_every_mistake_is_told_at_once_as_spelled_in_yaml() -> None:
    with pytest.raises(UsageError) as error:
        parsed(["--fail-undr", "3"], **{"INPUT_FAIL-UNDER": "eighty", "INPUT_MODE": "enforced", "INPUT_REPROTS": "x"})
    messages = [complaint.message for complaint in error.value.complaints]
    fixes = [complaint.fix for complaint in error.value.complaints]
    assert any("`--fail-undr`" in message for message in messages)
    assert any("`--fail-under`" in fix for fix in fixes)
    assert any("`reprots` is not an input" in message for message in messages)
    assert any("input `fail-under`" in message and "eighty" in message for message in messages)
    assert any("input `mode`" in message and "enforce" in message for message in messages)


def test_the_value_of_a_secret_never_stands_in_a_message() -> None:
    with pytest.raises(UsageError) as error:
        parsed(INPUT_PASSWORD="/etc/hunter2hunter2")
    assert "hunter2" not in str(error.value)
    assert "input `password`" in str(error.value)


def test_secrets_are_known_before_anything_is_converted_and_not_shown() -> None:
    texts, _ = inputs.given(Sample, "sample", [], {"INPUT_GITHUB-TOKEN": "ghs_abcdef", "INPUT_PASSWORD": "pw/x"})
    assert set(inputs.secrets(Sample, texts)) == {"ghs_abcdef", "pw/x"}
    assert "ghs_abcdef" not in repr(inputs.parse(Sample, texts))


def test_the_token_expression_is_the_runners_to_evaluate() -> None:
    assert parsed().github_token == ""
    assert inputs.declared(Sample)["github-token"][1].default == "${{ github.token }}"


def test_own_inputs_come_first_and_common_ones_last() -> None:
    names = list(inputs.declared(Sample))
    assert names[:4] == ["fail-under", "reports", "dry-run", "password"]
    assert names[-1] == "from-outcome"
    assert "github-token" in names[4:]


def test_help_says_what_every_flag_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parsed(["--help"])
    assert stop.value.code == 0
    assert "Lowest line coverage that passes." in capsys.readouterr().out


def test_a_stray_argument_is_a_complaint() -> None:
    with pytest.raises(UsageError, match=r"`coverage\.xml` is not an input"):
        parsed(["coverage.xml"])


def test_a_variable_of_the_job_that_is_no_misspelt_input_is_none_of_ours() -> None:
    assert parsed(INPUT_TERRAFORM_VERSION="1.2") == Sample()
