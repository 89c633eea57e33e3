"""A workflow that uses these actions wrongly is told before it runs: which line, what, and the right spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintain.lint_workflow import lint, main

GOOD = """\
name: coverage
on:
  pull_request:
  push:
    branches: [main]
permissions: {}
jobs:
  coverage:
    runs-on: ubuntu-latest
    permissions:
      contents: write
      pull-requests: write
    outputs:
      line: ${{ steps.gate.outputs.line-coverage }}
    steps:
      - uses: actions/checkout@v4
        id: checkout
      - id: gate
        uses: org/actions/coverage-gate@v1
        with:
          fail-under: 85
          annotations: true
          reports: ${{ inputs.reports }}
      - if: always() && steps.gate.outputs.verdict == 'fail'
        run: echo "${{ steps['gate'].outputs['headline'] }} at ${{ steps.checkout.outputs.ref }}"
"""


def told(*changes: tuple[str, str], text: str = GOOD) -> list[str]:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [str(remark).removeprefix("ci.yml:") for remark in lint("ci.yml", text)]


def test_a_workflow_in_order_has_no_remarks() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("wrong", "remark"),
    [
        (
            "fail_under",
            "21: `fail_under` is not an input of coverage-gate. Write `fail-under`.",
        ),
        (
            "failunder",
            "21: `failunder` is not an input of coverage-gate. Write `fail-under`.",
        ),
    ],
)
def test_a_wrong_input_is_told_with_the_nearest_spelling(wrong: str, remark: str) -> None:
    assert told(("fail-under", wrong)) == [remark]


def test_an_input_like_no_other_is_told_with_all_that_there_are() -> None:
    (remark,) = told(("annotations", "zzz"))
    assert remark.startswith("22: `zzz` is not an input of coverage-gate. Known: reports, format, fail-under,")


def test_the_case_of_an_input_does_not_count_for_the_runner_and_not_here() -> None:
    assert told(("fail-under", "Fail-Under")) == []


@pytest.mark.parametrize(
    ("value", "remark"),
    [
        (
            "eighty",
            "21: input `fail-under`: `eighty` is not a percentage; accepted: a number from 0 to 100, such as 80 or "
            "79.5. Write `80` for eighty percent.",
        ),
        ("101", "21: input `fail-under`: `101` is not a percentage"),
        ("yes", "21: input `fail-under`: `yes` is not a percentage"),
    ],
)
def test_a_value_the_action_would_refuse_is_told(value: str, remark: str) -> None:
    (found,) = told(("fail-under: 85", f"fail-under: {value}"))
    assert found.startswith(remark)


@pytest.mark.parametrize("value", ["79.5", '"85"', "", "${{ vars.LOWEST }}"])
def test_numbers_texts_nothing_and_expressions_are_fine(value: str) -> None:
    assert told(("fail-under: 85", f"fail-under: {value}")) == []


def test_a_boolean_is_the_one_of_yaml() -> None:
    (found,) = told(("annotations: true", "annotations: yes"))
    assert found.endswith("`yes` is not a boolean; accepted: true or false. Write `true`.")


def test_a_secret_in_the_open_is_told_and_not_repeated() -> None:
    (found,) = told(("annotations: true", "github-token: ghp_0123456789abcdef"))
    assert found == (
        "22: `github-token` is a secret, and stands in the workflow for everybody to read. "
        "Revoke it, and write `${{ secrets.NAME }}`."
    )


@pytest.mark.parametrize(
    ("uses", "remark"),
    [
        ("org/actions/coverage-gates@v1", "19: `coverage-gates` is no action of these. Write `coverage-gate`."),
        (
            "org/actions/deploy@v1",
            "19: `deploy` is no action of these. Known: coverage-gate, security-report-aggregator, health-wait, "
            "smoke-test.",
        ),
        ("ORG/actions/coverage-gate", "19: `ORG/actions/coverage-gate` names no version"),
    ],
)
def test_a_wrong_action_or_one_without_a_version_is_told(uses: str, remark: str) -> None:
    (found,) = told(("org/actions/coverage-gate@v1", uses))
    assert found.startswith(remark)


def test_the_same_holds_inside_this_repository_and_under_another_name() -> None:
    wrong = GOOD.replace("fail-under", "fail_under")
    local = wrong.replace("org/actions/coverage-gate@v1", "./actions/coverage-gate")
    assert len(lint("ci.yml", local)) == 1
    assert lint("ci.yml", wrong.replace("org/actions", "octo/tools")) == ()
    assert len(lint("ci.yml", wrong.replace("org/actions", "octo/tools"), repository="octo/tools")) == 1


def test_what_others_made_is_left_alone() -> None:
    assert told(("id: checkout", "with: {fail_under: 1}\n        id: checkout")) == []
    assert told(("org/actions/coverage-gate@v1", "./.github/actions/own")) == []


@pytest.mark.parametrize(
    ("old", "new", "remark"),
    [
        (
            "gate.outputs.line-coverage",
            "gate.outputs.line_coverage",
            "14: `line_coverage` is not an output of coverage-gate. Write `line-coverage`.",
        ),
        (
            "gate.outputs.verdict",
            "gate.outputs.result",
            "24: `result` is not an output of coverage-gate. Known: verdict,",
        ),
        ("['headline']", "['headlin']", "25: `headlin` is not an output of coverage-gate. Write `headline`."),
        (
            "steps.gate.outputs.verdict",
            "steps.gat.outputs.verdict",
            "24: no step of this job has the id `gat`. Write `gate`.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_output_is_told_wherever_it_is_read(old: str, new: str, remark: str) -> None:
    (found,) = told((old, new))
    assert found.startswith(remark)


def test_text_that_is_no_expression_mentions_nothing() -> None:
    assert told(('run: echo "', 'run: echo steps.other.outputs.x "')) == []


def test_a_step_that_forgot_its_id_is_told_where_it_is_missed() -> None:
    found = told(("id: gate\n        uses", "uses"))
    assert len(found) == 3
    assert found[0].endswith("no step of this job has the id `gate`. Known: checkout.")


# Permissions


@pytest.mark.parametrize(
    ("old", "new", "lacking"),
    [
        ("      contents: write\n", "", ["contents: write"]),
        ("contents: write", "contents: read", ["contents: write"]),
        ("pull-requests: write", "pull-requests: none", ["pull-requests: write"]),
        ("pull-requests: write", "pull-requests: admin", ["pull-requests: write"]),
        ("reports: ${{ inputs.reports }}", "baseline: artifact:coverage", ["actions: read"]),
        (
            "    permissions:\n      contents: write\n      pull-requests: write\n",
            "",
            ["contents: write", "pull-requests: write"],
        ),
        (
            "permissions:\n      contents: write\n      pull-requests: write\n",
            "permissions: read-all\n",
            ["contents: write", "pull-requests: write"],
        ),
    ],
)
def test_a_permission_that_the_job_lacks_is_told(old: str, new: str, lacking: list[str]) -> None:
    found = told((old, new))
    assert [remark.partition("`permissions: ")[2].partition("`")[0] for remark in found] == lacking
    assert all(remark.endswith("which coverage-gate needs. Add it to the job.") for remark in found)


@pytest.mark.parametrize(
    "changes",
    [
        (("permissions:\n      contents: write\n      pull-requests: write\n", "permissions: write-all\n"),),
        (("contents: write", "contents: read"), ("  push:\n    branches: [main]\n", "")),
        (("contents: write", "contents: read"), ("annotations: true", "baseline: none")),
        (("contents: write", "contents: read"), ("annotations: true", "replay: true")),
        (("pull-requests: write", "pull-requests: read"), ("annotations: true", "comment: never")),
        (("pull-requests: write", "pull-requests: read"), ("  pull_request:\n", "")),
        (("contents: write", "contents: none"), ("annotations: true", "github-token: ${{ secrets.BOT }}")),
    ],
    ids=["everything", "no push", "no baseline", "a replay", "no comment", "no pull request", "another token"],
)
def test_only_what_the_use_needs_is_asked_for(changes: tuple[tuple[str, str], ...]) -> None:
    assert told(*changes) == []


def test_the_jobs_own_token_is_held_to_the_jobs_permissions() -> None:
    for token in ("${{ github.token }}", "${{ secrets.GITHUB_TOKEN }}"):
        assert len(told(("contents: write", "contents: none"), ("annotations: true", f"github-token: {token}"))) == 1


def test_permissions_that_nobody_stated_are_asked_for() -> None:
    stated = "    permissions:\n      contents: write\n      pull-requests: write\n"
    found = told((stated, ""), ("permissions: {}\n", ""))
    assert found[0].endswith(
        "coverage-gate needs `permissions: contents: write`, and what the token may do is left to the settings of the "
        "repository. Write it in the job."
    )
    assert told((stated, ""), ("permissions: {}", "permissions: {contents: write, pull-requests: write}")) == []


RELAY = """\
on: {workflow_run: {workflows: [coverage], types: [completed]}}
jobs:
  comment:
    runs-on: ubuntu-latest
    permissions: {actions: read, pull-requests: write}
    steps:
      - uses: org/actions/coverage-gate@v1
        with: {from-outcome: outcome.json, mode: report}
"""


def test_a_relay_needs_its_event_and_the_right_to_comment_only() -> None:
    assert told(text=RELAY) == []
    (found,) = told(("{workflow_run: {workflows: [coverage], types: [completed]}}", "[pull_request]"), text=RELAY)
    assert found.startswith("8: `from-outcome` needs a `workflow_run` event, and this workflow has none.")


# Files


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jobs: {}",
        "jobs: [1]",
        "jobs: {a: 1}",
        "jobs: {a: {steps: 1}}",
        "jobs: {a: {steps: [1, {uses: 2}]}}",
        "on: 1",
    ],
)
def test_what_is_no_workflow_has_nothing_to_hold_against(text: str) -> None:
    assert lint("ci.yml", text) == ()


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    (found,) = told(("name: coverage", "name: [coverage"))
    assert "this is not YAML" in found
    assert told(("runs-on:", "runs-on: a\n    runs-on:"))[0].startswith("10: `runs-on` is given twice")


def test_the_command_names_file_and_line_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, wrong = tmp_path / "good.yml", tmp_path / "wrong.yml"
    good.write_text(GOOD)
    wrong.write_text(GOOD.replace("fail-under", "fail_under"))
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    assert main([str(good), str(wrong)]) == 1
    assert capsys.readouterr().out == (
        f"{wrong}:21: `fail_under` is not an input of coverage-gate. Write `fail-under`.\n"
    )


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    for name, why in (("missing.yml", "No such file or directory"), ("binary.yml", "it is not UTF-8 text")):
        with pytest.raises(SystemExit) as left:
            main([str(tmp_path / name)])
        assert left.value.code == 2
        assert f"{name} cannot be read: {why}" in capsys.readouterr().err
