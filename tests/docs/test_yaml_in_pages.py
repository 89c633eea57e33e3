"""Every piece of YAML that a reader may copy is a workflow that GitHub takes and our linter passes, or a policy.

Workflows are held against the schema of GitHub's workflow syntax, and against what the actions declare; policies are
loaded as the action loads them, and validated by the schema that editors use.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from tests.docs.pages import ACTION_PAGES, PAGES, ROOT, Block, blocks, every

from actionkit import yamlcore
from actionkit.action import Action
from actionkit.config import load_config
from actionkit.errors import UsageError
from actionkit.inputs import parse
from actionkit.outcome import Severity
from actionkit.workspace import Workspace
from coverage_gate.policy import Policy
from health_wait import combine as combine_targets
from health_wait import sources
from health_wait.inputs import Inputs as WaitInputs
from maintain.actions import ACTIONS
from maintain.lint_workflow import lint
from security_report_aggregator import combine
from security_report_aggregator.inputs import Inputs
from smoke_test import plans
from smoke_test.inputs import Inputs as SmokeInputs

WORKFLOWS = jsonschema.validators.validator_for(get_builtin_schema("vendor.github-workflows"))(
    get_builtin_schema("vendor.github-workflows")
)
EXAMPLES = sorted((ROOT / "examples").glob("*/.github/workflows/*.yml"))
AROUND_STEPS = """\
on: [push, pull_request]
jobs:
  job:
    runs-on: ubuntu-latest
    permissions: {contents: write, pull-requests: write, security-events: write, actions: read}
    steps:
"""


def asks_for_coverage(loaded: Any, _text: str) -> bool:
    suites = [(name, "x.xml") for name, suite in loaded.suites.items() if not suite.reports]
    return Policy.combine(config=loaded, config_path="policy.yml", reports=suites).asks_for_anything


def asks_for_security(loaded: Any, text: str) -> bool:
    file = combine.File(loaded, "policy.yml", yamlcore.read(text).line_of)
    return combine.combine(Inputs(), file).asks_for_anything


@dataclass(frozen=True)
class Configured:
    """An action with a policy file: whether a policy asks for anything, and policies that must be refused."""

    action: Action[Any]
    asks: Callable[[Any, str], bool]
    wrong: tuple[dict[str, Any], ...]

    @property
    def schema(self) -> Any:
        path = ROOT / "actions" / self.action.name / self.action.config_schema
        return json.loads(path.read_text(encoding="utf-8"))

    def load(self, text: str) -> Any:
        """Raises UsageError as the action does."""
        assert self.action.config is not None
        return load_config("policy.yml", text, self.action.config())


def asks_for_health(loaded: Any, text: str) -> bool:
    file = sources.File(loaded, "policy.yml", yamlcore.read(text).line_of)
    return bool(combine_targets.combine(WaitInputs(), file).targets)


def asks_for_a_test(loaded: Any, text: str) -> bool:
    """A plan is loaded whole, with what it names beside it, as a run loads it."""
    texts = {"plan": "plan.yml"} | ({} if loaded.base_url else {"base-url": "https://shop.example.com"})
    if not loaded.tests:
        texts |= {"load-report": "k6.json"}
    with TemporaryDirectory() as folder:
        (Path(folder) / "schemas").mkdir()
        (Path(folder) / "schemas" / "item.json").write_text("{}", encoding="utf-8")
        (Path(folder) / "plan.yml").write_text(text, encoding="utf-8")
        environ = dict.fromkeys(loaded.secrets.values(), "correct-horse")
        plan = plans.load(parse(SmokeInputs, texts), Workspace(Path(folder)), environ).plan
    assert not [note for note in plan.notes if note.severity is not Severity.NOTICE], plan.notes
    limits = plan.load.thresholds if plan.load else ()
    return any(step.expectations for test in plan.tests for step in test.steps) or bool(limits)


WRONG_WAIVERS: tuple[dict[str, Any], ...] = ({"waivers": [{}]}, {"waivers": [{"id": "CVE-2026-1", "reason": "no day"}]})
CONFIGURED = {
    "coverage-gate": Configured(
        ACTIONS[0],
        asks_for_coverage,
        ({"fail_undr": 80}, {"fail_under": []}, {"suites": {"unit": {"report": ["x"]}}}, {"waivers": [{}]}),
    ),
    "security-report-aggregator": Configured(
        ACTIONS[1],
        asks_for_security,
        ({"fail_onn": "high"}, {"fail_on": "hihg"}, {"limits": {"high": -1}}, {"min_score": 101}, *WRONG_WAIVERS),
    ),
    "health-wait": Configured(
        ACTIONS[2],
        asks_for_health,
        (
            {"target": "http://x"},
            {"targets": [{"name": "no url"}]},
            {"success_threshold": 0},
            {"method": "POST"},
            {"failure_limit": -1},
            {"targets": [{"url": "http://x", "deadline": "5m"}]},
        ),
    ),
    "smoke-test": Configured(
        ACTIONS[3],
        asks_for_a_test,
        (
            {"tets": []},
            {"tests": [{"steps": []}]},
            {"tests": [{"name": "a", "steps": [{"status": 200}]}]},
            {"options": {"retry": -2}},
            {"parallel": 0},
            {"load": {"executor": "ramping-vus"}},
            {"version": 2},
        ),
    ),
}


def kind(block: Block) -> str:
    """What a block of YAML is for: a workflow, some steps of one, or a policy."""
    read = yaml.safe_load(block.content)
    if isinstance(read, list):
        return "steps"
    return "workflow" if "jobs" in read else "policy"


def of_kind(wanted: str) -> list[Block]:
    return [block for block in every("yaml") if kind(block) == wanted]


def as_workflow(block: Block) -> str:
    """Steps put into a job that may do everything, so that only they are judged."""
    if kind(block) == "workflow":
        return block.content
    return AROUND_STEPS + "".join(f"      {line}" for line in block.content.splitlines(keepends=True))


def check_workflow(name: str, text: str) -> None:
    errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in WORKFLOWS.iter_errors(load(text))]
    assert not errors, "\n".join(errors)
    remarks = lint(name, text)
    assert not remarks, "\n".join(map(str, remarks))


def load(text: str) -> Any:
    """YAML as the schema means it: `on` is a text there, which PyYAML's own loader takes for a boolean."""
    document = yamlcore.read(text)
    assert not document.flaws
    return document.value


def test_there_is_something_to_check() -> None:
    assert len(of_kind("workflow")) >= 4
    assert len(of_kind("steps")) >= 8
    assert len(of_kind("policy")) >= 2
    assert len(PAGES) >= 5
    assert {block.language for page in PAGES for block in blocks(page)} <= {"yaml", "console", "python", "text"}


@pytest.mark.parametrize("block", [*of_kind("workflow"), *of_kind("steps")], ids=str)
def test_a_workflow_to_copy_is_valid_and_uses_the_actions_as_they_are(block: Block) -> None:
    check_workflow(str(block), as_workflow(block))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_workflows_of_the_examples_are_too(path: Path) -> None:
    check_workflow(str(path), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("block", of_kind("workflow"), ids=str)
def test_a_workflow_to_copy_gives_its_token_nothing_by_default_and_checks_out_without_it(block: Block) -> None:
    workflow = yaml.safe_load(block.content)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        for step in job["steps"]:
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_every_action_with_a_policy_file_is_held_to_it() -> None:
    assert {action.name for action in ACTIONS if action.config} == set(CONFIGURED)
    assert all(name == configured.action.name for name, configured in CONFIGURED.items())


@pytest.mark.parametrize("block", of_kind("policy"), ids=str)
def test_a_policy_to_copy_is_one_the_action_takes(block: Block) -> None:
    configured = CONFIGURED[block.page.parent.name]
    assert configured.asks(configured.load(block.content), block.content)
    jsonschema.Draft202012Validator(configured.schema).validate(json.loads(json.dumps(load(block.content))))


@pytest.mark.parametrize("name", CONFIGURED)
def test_the_schema_for_editors_is_one_and_refuses_what_the_action_refuses(name: str) -> None:
    configured = CONFIGURED[name]
    jsonschema.Draft202012Validator.check_schema(configured.schema)
    validator = jsonschema.Draft202012Validator(configured.schema)
    for wrong in configured.wrong:
        assert not validator.is_valid(wrong), wrong
        with pytest.raises(UsageError):
            configured.load(json.dumps(wrong))
    assert validator.is_valid({})
    configured.load("{}")


@pytest.mark.parametrize("page", ACTION_PAGES, ids=lambda page: page.parent.name)
def test_outputs_that_others_may_have_written_never_stand_in_a_script(page: Path) -> None:
    for block in blocks(page, "yaml"):
        for step in steps_of(yaml.safe_load(block.content)):
            assert "${{" not in str(step.get("run", "")), f"{block}: hand it over by env:"


def steps_of(read: Any) -> list[dict[str, Any]]:
    if isinstance(read, list):
        return read
    return [step for job in read.get("jobs", {}).values() for step in job["steps"]]


# What GitHub reads in .github


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("dependabot.yml", "vendor.dependabot"),
        ("ISSUE_TEMPLATE/config.yml", "vendor.github-issue-config"),
        ("ISSUE_TEMPLATE/bug.yml", "vendor.github-issue-forms"),
        ("ISSUE_TEMPLATE/format.yml", "vendor.github-issue-forms"),
    ],
)
def test_forms_and_dependabot_are_as_github_reads_them(name: str, schema: str) -> None:
    known = get_builtin_schema(schema)
    validator = jsonschema.validators.validator_for(known)(known)
    validator.validate(load((ROOT / ".github" / name).read_text(encoding="utf-8")))


def test_updates_wait_a_week_and_cover_everything_that_is_pinned() -> None:
    updates = load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions", "docker"}
    assert all(update["cooldown"] == {"default-days": 7} for update in updates)
